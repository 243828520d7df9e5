"""A prior is found by what people say of it, in the words of the line that the planner reads."""

from __future__ import annotations

import pytest

from readingroom.inference.planner.layout import priors_in_words
from readingroom.inference.planner.priors import by_words

TOLD = " ; ".join(
    priors_in_words(
        [
            "P1 XR 2026-09-03 chest PA",
            "P2 CT 2026-05-12 chest with contrast",
            "P3 XR 2026-05-02 chest portable",
            "P4 CT 2024-11-30 abdomen",
            "today 2026-11-22",
        ]
    )
)


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("get the CT from May", "P2"),
        ("compare with the portable", "P3"),
        ("the abdomen one", "P4"),
        ("pull the x-ray of september", "P1"),
        ("the 2024 scan please", "P4"),
        ("holst du mir die Röntgenaufnahme vom September", "P1"),
        ("el TAC de mayo", "P2"),
        ("the very first one", "P4"),
    ],
)
def test_what_is_said_of_a_prior_finds_it(said: str, label: str) -> None:
    fit = by_words(said, TOLD)
    assert max(fit, key=lambda each: fit[each]) == label
    assert all(value < fit[label] for each, value in fit.items() if each != label)


def test_words_that_all_priors_share_say_nothing() -> None:
    told = " ; ".join(priors_in_words(["P1 XR 2026-09-03 chest", "P2 XR 2026-09-01 chest"]))
    assert set(by_words("the chest film of september", told).values()) == {0.0}


def test_nothing_said_and_no_priors() -> None:
    assert set(by_words("compare", TOLD).values()) == {0.0}
    assert by_words("the CT", "") == {}
