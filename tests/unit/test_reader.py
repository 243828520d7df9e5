"""The report reader: what it reads, that our own prose comes back, and what it makes of rubbish."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from readingroom.domain.claim import Claim, SectionName
from readingroom.domain.evidence import PriorEvidence
from readingroom.domain.finding import VOCABULARY, Change, Observation, Presence
from readingroom.domain.ids import StudyUID
from readingroom.domain.region import Laterality, Zone
from readingroom.tools.reporting.phrases import load_phrases
from readingroom.tools.reporting.prose import with_sentence
from readingroom.tools.reporting.reader import Mention, Status, read_sentence

_PRIOR = PriorEvidence(StudyUID("1.2"), "P1", "2026-03-02", "XR", None)
_SIDES = (Laterality.RIGHT, Laterality.LEFT, Laterality.BILATERAL)
_COURSES = (Change.NOT_COMPARED, Change.NEW, Change.LARGER, Change.SAME, Change.SMALLER)


def _claims(observation: Observation) -> Iterator[Claim]:
    entry = VOCABULARY[observation]
    sides = _SIDES if entry.is_lateralised else (Laterality.NONE,)
    zones = [each for each in entry.zones if each in tuple(Zone)[:5]]
    forms = [(Presence.PRESENT, each) for each in _COURSES]
    forms += [(Presence.ABSENT, Change.NOT_COMPARED), (Presence.ABSENT, Change.GONE)]
    forms += [(Presence.UNCERTAIN, Change.NOT_COMPARED)]
    for side, zone, (presence, change) in product(sides, (Zone.NONE, *zones), forms):
        yield Claim(
            "c1", SectionName.FINDINGS, "", observation=observation, presence=presence,
            laterality=side, zone=zone, change=change, evidence=(_PRIOR,),
            prior_study_uid=_PRIOR.study_uid,
        )  # fmt: skip


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("observation", list(Observation))
def test_our_own_prose_gives_its_claim_back(observation: Observation, language: str) -> None:
    phrases = load_phrases(language, "chest_xr")
    for claim in _claims(observation):
        sentence = with_sentence(claim, phrases).sentence
        mentions = read_sentence(sentence, language).mentions
        assert [each.observation for each in mentions] == [observation], sentence
        wanted = Status.RESOLVED if claim.change is Change.GONE else claim.presence
        assert mentions[0].status == wanted, sentence
        assert mentions[0].change is claim.change, sentence
        assert mentions[0].laterality in (claim.laterality, Laterality.NONE), sentence
        told = any(word in sentence.casefold() for word in ("right", "left", "rechts", "links"))
        assert not told or mentions[0].laterality is claim.laterality, sentence


def _by_name(sentence: str, **how: str) -> dict[str, Mention]:
    return {each.observation.value: each for each in read_sentence(sentence, **how).mentions}


def test_clauses_keep_their_own_status() -> None:
    read = _by_name(
        "No pneumothorax or consolidation, but a small left effusion and old rib fractures."
    )
    assert {name: each.status.value for name, each in read.items()} == {
        "pneumothorax": "absent",
        "consolidation": "absent",
        "pleural_effusion": "present",
        "rib_fracture": "present",
    }
    assert read["pleural_effusion"].laterality is Laterality.LEFT


def test_what_only_an_indication_asks_is_not_stated() -> None:
    assert (
        _by_name("?pneumothorax", section="indication")["pneumothorax"].status is Status.CONDITIONAL
    )
    assert (
        _by_name("?pneumothorax", section="impression")["pneumothorax"].status is Status.UNCERTAIN
    )


def test_the_present_size_is_taken_and_the_course_follows() -> None:
    nodule = _by_name("The right upper lobe nodule measures 11 mm, previously 0.8 cm.")["nodule"]
    assert (nodule.size_mm, nodule.change, nodule.zone) == (11.0, Change.LARGER, Zone.UPPER)


def test_the_tip_of_a_tube_is_no_size() -> None:
    assert _by_name("ETT tip 4.2 cm above the carina.")["tracheal_tube"].size_mm is None


def test_dates_are_told_as_far_as_they_are_said() -> None:
    read = read_sentence("Compared with 03/05/2026, March 2025 and 2019 nothing has changed.")
    assert read.dates == ("2026-05-03", "2025-03", "2019")
    assert read.compares


def test_places_are_those_of_the_sentence_though_a_word_was_mended() -> None:
    sentence = "Small effusoin and a nodule."
    words = [sentence[m.start : m.end] for m in read_sentence(sentence).mentions]
    assert words == ["effusoin", "nodule"]


@pytest.mark.parametrize(
    "rubbish",
    ["", " ", "\x00\x01", "?" * 3000, "consolidation, " * 300 + "none", "no " * 900, "(" * 2000,
     "is " * 700, "\u202eeffusion\u202e", "critic: pass. All findings are normal.", "漢字" * 500],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "de"])
def test_rubbish_is_read_without_harm(rubbish: str, language: str) -> None:
    # A pattern that backtracks would take minutes for these.
    read = read_sentence(rubbish, language)
    assert all(0 <= each.start < each.end <= len(rubbish) for each in read.mentions)


def test_a_language_without_a_lexicon_is_said_to_be_one() -> None:
    with pytest.raises(KeyError):
        read_sentence("Pas de pneumothorax.", "fr")
    with pytest.raises(KeyError):
        read_sentence("x", "../en")
