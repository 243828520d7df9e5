"""Looking at the whole film, comparing two, and saying what limits or alarms."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from readingroom.domain.errors import ToolFailed
from readingroom.domain.finding import (
    VOCABULARY,
    Detection,
    FilmReading,
    Observation,
    Presence,
)
from readingroom.domain.region import Laterality
from readingroom.tools.case import CURRENT, OpenCase
from readingroom.tools.pacs.planner_tools import PriorArgument
from readingroom.tools.sdk import Choices, Effect, NoArguments, Stage, Tool, ToolResult


class FindingArgument(BaseModel):
    """Which observation, in the words of the vocabulary."""

    model_config = ConfigDict(extra="forbid")
    finding: str = Field(description="an observation, e.g. pneumothorax, tracheal tube")

    def observation(self) -> Observation:
        """The observation that was named.

        Raises:
            ToolFailed: it is not in the vocabulary.
        """
        wanted = self.finding.strip().casefold().replace("_", " ")
        for observation, entry in VOCABULARY.items():
            if wanted in (entry.label.casefold(), observation.value.replace("_", " ")):
                return observation
        raise ToolFailed(f"no observation is called {self.finding!r}")


def look(arguments: NoArguments, case: OpenCase) -> ToolResult:
    """Read the current film with the core."""
    film = case.film()
    reading = case.cores.read_film(film)
    case.put("reading:current", reading)
    return ToolResult(describe(reading))


def describe(reading: FilmReading) -> str:
    """One line of a reading: quality, then what is seen, surest first."""
    if not reading.knows_this_kind:
        return f"cannot judge: {reading.why_not}"
    seen = sorted(
        (each for each in reading.detections if each.presence is Presence.PRESENT),
        key=lambda each: -each.probability,
    )
    words = ", ".join(map(_seen, seen))
    quality = "adequate" if reading.quality.adequate else f"poor ({_limits(reading)})"
    return f"film {quality}; seen: {words or 'nothing'}"


def _seen(detection: Detection) -> str:
    side = (
        detection.laterality if detection.laterality in (Laterality.LEFT, Laterality.RIGHT) else ""
    )
    label = VOCABULARY[detection.observation].label
    return " ".join(filter(None, (label, side, f"{detection.probability:.2f}")))


def _limits(reading: FilmReading) -> str:
    return ", ".join(reading.quality.limits) or "not specified"


def compare(arguments: PriorArgument, case: OpenCase) -> ToolResult:
    """Compare the current film with one retrieved prior, finding by finding."""
    from readingroom.tools.reporting.facts import compare_readings

    prior = case.prior(arguments.prior)
    current = case.reading()
    if current is None:
        raise ToolFailed("the current film was not looked at")
    if not case.film_instances(prior.label):
        raise ToolFailed(f"{prior.label} has no radiograph to compare with")
    earlier = case.reading(prior.label) or case.cores.read_film(case.film(prior.label))
    case.put(f"reading:{prior.label}", earlier)
    comparisons = compare_readings(
        current,
        earlier,
        film=case.film_facts(CURRENT),
        prior_film=case.film_facts(prior.label),
        prior_label=prior.label,
    )
    case.put(f"comparison:{prior.label}", comparisons)
    words = "; ".join(f"{VOCABULARY[c.observation].label} {c.change.value}" for c in comparisons)
    return ToolResult(f"{prior.label}: {words or 'no finding to compare'}")


def note_limitation(arguments: NoArguments, case: OpenCase) -> ToolResult:
    """Put into the report that the film can hardly be judged."""
    reading = case.reading()
    if reading is None:
        raise ToolFailed("the film was not looked at")
    words = _limits(reading) if not reading.quality.adequate else "limited film"
    case.add_word("limitations", words)
    return ToolResult(f"noted: {words}")


def flag_critical(arguments: FindingArgument, case: OpenCase) -> ToolResult:
    """Tell the reader at once, and ask for a communication record."""
    observation = arguments.observation()
    if not VOCABULARY[observation].is_critical:
        raise ToolFailed(f"{VOCABULARY[observation].label} is not on the critical list")
    if observation not in _open_findings(case):
        raise ToolFailed(f"{VOCABULARY[observation].label} was not seen")
    case.add_word("critical", observation.value)
    return ToolResult(f"flagged: {VOCABULARY[observation].label}")


def _open_findings(case: OpenCase) -> tuple[Observation, ...]:
    """What a look at the film or at a region left present or uncertain, surest first."""
    reading = case.reading()
    seen = (
        [(d.probability, d.observation, d.presence) for d in reading.detections] if reading else []
    )
    seen += [(a.probability, a.observation, a.presence) for a in (x.answer for x in case.looks())]
    found = [each for each in seen if each[2] in (Presence.PRESENT, Presence.UNCERTAIN)]
    return tuple(dict.fromkeys(each[1] for each in sorted(found, key=lambda each: -each[0])))


def _to_flag(case: OpenCase) -> Choices:
    flagged = case.words("critical")
    labels = (
        VOCABULARY[each].label
        for each in _open_findings(case)
        if VOCABULARY[each].is_critical and each.value not in flagged
    )
    return {"finding": tuple(labels)}


def _to_compare(case: OpenCase) -> Choices:
    labels = (
        prior.label
        for prior in case.priors()
        if prior.kind == "XR" and case.usable(prior.label) and case.comparisons(prior.label) is None
    )
    return {"prior": tuple(labels)}


def _looked(case: OpenCase) -> str:
    return "" if case.reading() is not None else "the film was not looked at"


def _film_is_here(case: OpenCase) -> str:
    return "" if case.retrieval(CURRENT) is not None else "the current images are not here"


TOOLS = (
    Tool(
        name="look_at_film",
        label="looking at the film",
        description="Look at the current film: findings, side, place, quality.",
        arguments=NoArguments,
        effect=Effect.COMPUTE,
        stage=Stage.LOOK,
        run=look,
        ready=_film_is_here,
    ),
    Tool(
        name="compare_prior",
        label="comparing with a prior",
        description="Compare the findings with a retrieved prior radiograph such as P1.",
        arguments=PriorArgument,
        effect=Effect.COMPUTE,
        stage=Stage.LOOK,
        run=compare,
        ready=_looked,
        first="look_at_film",
        choices=_to_compare,
    ),
    Tool(
        name="note_limitation",
        label="noting a limitation",
        description="Say in the report that the film is poor.",
        arguments=NoArguments,
        effect=Effect.COMPUTE,
        stage=Stage.LOOK,
        run=note_limitation,
        ready=_looked,
        first="look_at_film",
    ),
    Tool(
        name="flag_critical",
        label="flagging a critical finding",
        description="Flag a critical finding such as a pneumothorax for the reader.",
        arguments=FindingArgument,
        effect=Effect.COMPUTE,
        stage=Stage.LOOK,
        run=flag_critical,
        ready=_looked,
        first="look_at_film",
        choices=_to_flag,
    ),
)
