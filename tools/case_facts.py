"""From the open case to what drafting and critique may know: gathering, no judgement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from readingroom.domain.errors import BadInput, NotFound, ToolFailed
from readingroom.domain.finding import FilmReading, Observation
from readingroom.domain.outcome import Completeness, Failed, Found, Outcome, Retrieval
from readingroom.domain.study import Prior

if TYPE_CHECKING:
    from readingroom.tools.case import OpenCase
    from readingroom.tools.reporting.facts import CaseFacts, FilmFacts, RetrievedPrior

TARGETS = ("cardiothoracic_ratio", "nodule_diameter", "effusion_depth")


def gather_facts(case: OpenCase) -> CaseFacts:
    """Collect what the case holds. A search that never ran counts as failed, not as none."""
    from readingroom.tools.reporting.facts import CaseFacts

    measured = (case.measurement(target) for target in TARGETS)
    labels = tuple(prior.label for prior in case.priors())
    return CaseFacts(
        case_id=case.case_id,
        study=case.study,
        order=case.order,
        film=_film_facts(case, "current"),
        priors=_search(case),
        retrieved=tuple(
            _retrieved(case, prior, retrieval)
            for prior in case.priors()
            if (retrieval := case.retrieval(prior.label)) is not None
        ),
        reading=case.reading(),
        reading_failed="" if case.reading() else "the film was not looked at",
        prior_readings=_prior_readings(case, labels),
        comparisons={
            label: rows for label in labels if (rows := case.comparisons(label)) is not None
        },
        looks=case.looks(),
        measurements=tuple(each for each in measured if each is not None),
        limitations=(*_retrieval_limits(case), *case.words("limitations")),
        critical=tuple(Observation(word) for word in case.words("critical")),
        order_failed=case.get("order_failed", str) or "",
    )


def _retrieval_limits(case: OpenCase) -> tuple[str, ...]:
    """What the newest retrieval of the current study left out; an older one counts no more."""
    got = case.retrieval()
    if got is None or got.completeness is Completeness.COMPLETE:
        return ()
    if got.completeness is Completeness.PARTIAL:
        total = len(got.received) + len(got.missing)
        return (f"{len(got.missing)} of {total} images not retrieved",)
    why = f" ({got.reason})" if got.reason else ""
    return (f"not known whether all images were retrieved{why}",)


def _search(case: OpenCase) -> Outcome[Prior]:
    """The search for priors, with the reports that have come with the images since."""
    search = case.search() or Failed("priors were not asked for")
    if not isinstance(search, Found):
        return search
    items = (replace(p, report=case.report(p.label) or p.report) for p in search.items)
    return replace(search, items=tuple(items))


def _prior_readings(case: OpenCase, labels: tuple[str, ...]) -> dict[str, FilmReading]:
    return {label: reading for label in labels if (reading := case.reading(label)) is not None}


def _film_facts(case: OpenCase, label: str) -> FilmFacts | None:
    try:
        return case.film_facts(label)
    except (BadInput, NotFound, ToolFailed):
        return None


def _retrieved(case: OpenCase, prior: Prior, retrieval: Retrieval) -> RetrievedPrior:
    from readingroom.tools.reporting.facts import RetrievedPrior

    has_film = bool(case.film_instances(prior.label))
    film = _film_facts(case, prior.label) if has_film else None
    return RetrievedPrior(
        label=prior.label,
        study=prior.study,
        completeness=retrieval.completeness,
        film=film,
        kind=prior.kind,
        received=len(retrieval.received),
        expected=len(retrieval.received) + len(retrieval.missing),
        reason=retrieval.reason,
        unreadable=has_film and film is None,
    )
