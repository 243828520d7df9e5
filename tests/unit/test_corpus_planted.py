"""What is planted into the sandbox's reports and headers is really wrong, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest
from pydicom.datadict import dictionary_VR

from readingroom.domain.region import Laterality, Zone
from readingroom.sandbox_pacs.patients.corpus import CorpusError, Facts, LesionFacts, fill_line
from readingroom.sandbox_pacs.patients.corpus.planted import (
    CONTRADICTORY,
    FOLLOW_UP,
    HOSTILE_TAGS,
    HOSTILE_TEXTS,
    OTHER_PATIENT,
    UNSUPPORTED_COMPARISON,
    HostileTag,
)
from readingroom.sandbox_pacs.patients.corpus.written import Language
from readingroom.sandbox_pacs.patients.corpus.wrong_side import on_the_wrong_side, swap_sides
from readingroom.sandbox_pacs.patients.disease import SIZE_RANGE_MM, Disease

_LENGTH = {"LO": 64, "LT": 10240}


def test_there_is_enough_to_plant_and_nothing_twice() -> None:
    assert len(set(UNSUPPORTED_COMPARISON)) == len(UNSUPPORTED_COMPARISON) >= 12
    assert len({each.text for each in OTHER_PATIENT}) == len(OTHER_PATIENT) >= 10
    assert set(CONTRADICTORY) == set(Disease)
    assert sum(map(len, CONTRADICTORY.values())) >= 12
    assert len({each.text for each in FOLLOW_UP}) == len(FOLLOW_UP) >= 10
    assert len(set(HOSTILE_TAGS)) == len(HOSTILE_TAGS) >= 10
    assert len(set(HOSTILE_TEXTS)) == len(HOSTILE_TEXTS) >= 10


@pytest.mark.parametrize("tag", HOSTILE_TAGS, ids=range(len(HOSTILE_TAGS)))
def test_a_hostile_tag_is_still_legal_dicom(tag: HostileTag) -> None:
    vr = dictionary_VR(tag.keyword)
    assert len(tag.value) <= _LENGTH[vr]
    assert not (vr == "LO" and "\\" in tag.value)
    assert not {char for char in tag.value if char < " "} - {"\x1b"}


@pytest.mark.parametrize("disease", Disease)
def test_contradictions_fill_from_the_truth(disease: Disease) -> None:
    mm = 31.0 if disease in SIZE_RANGE_MM else None
    facts = Facts({disease: LesionFacts(Laterality.LEFT, Zone.LOWER, 0.5, mm)})
    for pair in CONTRADICTORY[disease]:
        told = fill_line(pair.finding, facts), fill_line(pair.impression, facts)
        assert not any("{" in text for text in told)


@pytest.mark.parametrize(
    ("language", "text", "swapped"),
    [
        ("en", "Left fluid; RIGHT lung, left heart ok.", "Right fluid; LEFT lung, left heart ok."),
        ("de", "Erguss rechts, linker Vorhof groß.", "Erguss links, linker Vorhof groß."),
        ("es", "Derrame derecho, a la izquierda nada.", "Derrame izquierdo, a la derecha nada."),
        ("fr", "Poumon gauche. À gauche, rien.", "Poumon droit. À droite, rien."),
        ("pt", "Derrame à direita; pulmão esquerdo.", "Derrame à esquerda; pulmão direito."),
    ],
)
def test_sides_are_swapped_in_five_languages(language: Language, text: str, swapped: str) -> None:
    assert swap_sides(text, language) == swapped


def test_a_swap_that_changes_nothing_is_an_error() -> None:
    with pytest.raises(CorpusError, match="no side"):
        swap_sides("The heart is enlarged.", "en")


def test_the_wrong_side_in_the_facts_is_one_lesion_s_only() -> None:
    left = LesionFacts(Laterality.LEFT, Zone.LOWER, 0.5, 20.0)
    facts = Facts({Disease.NODULE: left, Disease.RIB_FRACTURE: left}, date(2026, 1, 1))
    wrong = on_the_wrong_side(facts, Disease.NODULE)
    assert wrong.lesions[Disease.NODULE].laterality is Laterality.RIGHT
    assert wrong.lesions[Disease.RIB_FRACTURE] == left
    with pytest.raises(CorpusError, match="cardiomegaly has no side"):
        on_the_wrong_side(facts, Disease.CARDIOMEGALY)
