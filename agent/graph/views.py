"""What a person asks to see of the open case: a film, a sentence's evidence, the priors."""

from __future__ import annotations

from readingroom.agent.graph.context import ReadContext
from readingroom.agent.graph.nodes.act import run_step
from readingroom.agent.graph.show import evidence_line, show_film, show_region
from readingroom.domain.errors import ToolFailed
from readingroom.domain.events import TableShown
from readingroom.domain.evidence import RegionEvidence
from readingroom.domain.outcome import Failed, Found
from readingroom.domain.study import Prior
from readingroom.tools.case import CURRENT, OpenCase


def show_view(context: ReadContext, case: OpenCase, view: str) -> None:
    """Show `current`, `prior`, `P1`, or zoom to a finding's letter.

    Raises:
        ToolFailed: there is no such view.
    """
    wanted = view.strip() or CURRENT
    if wanted.casefold() == CURRENT:
        show_film(context, case)
    elif wanted.casefold() == "prior":
        films = [p.label for p in case.priors() if case.film_instances(p.label)]
        if not films:
            raise ToolFailed("no prior film was retrieved")
        show_film(context, case, films[0])
    elif len(wanted) == 1:
        show_film(context, case, letter=wanted)
    else:
        show_film(context, case, case.prior(wanted).label)


LAST = -1
"""The last sentence of a draft, whatever its number."""


def show_evidence(context: ReadContext, case: OpenCase, n: int) -> None:
    """Show what sentence `n` of the latest draft (from 1, or LAST) rests on, and where.

    Raises:
        ToolFailed: no draft, or no such sentence.
    """
    draft = context.records.drafts.latest(case.case_id)
    if draft is None:
        raise ToolFailed("there is no draft yet")
    n = len(draft.claims) if n == LAST else n
    if not 1 <= n <= len(draft.claims):
        raise ToolFailed(f"the draft has sentences 1 to {len(draft.claims)}")
    claim = draft.claims[n - 1]
    context.emit(
        TableShown(
            title=f"Sentence {n}: {claim.sentence}",
            columns=("standing", "rests on", "note"),
            rows=((claim.standing.value, evidence_line(case, claim), claim.note),),
        )
    )
    seen = [each for each in claim.evidence if isinstance(each, RegionEvidence)]
    if seen:
        show_region(context, case, seen[0].region)


def show_priors(context: ReadContext, case: OpenCase) -> None:
    """Show the priors and why each was picked; asks the PACS if nobody has yet.

    Raises:
        ToolFailed: the search failed, which is not "no priors".
    """
    if case.search() is None:
        run_step(context, case, "find_priors", {})
    search = case.search()
    if isinstance(search, Failed):
        raise ToolFailed(f"the search for priors failed: {search.reason}")
    rows = tuple(_row(case, each) for each in search.items) if isinstance(search, Found) else ()
    columns = ("", "KIND", "DATE", "EXAM", "WHY", "RETRIEVED")
    context.emit(TableShown(title="Priors" if rows else "No priors", columns=columns, rows=rows))


def _row(case: OpenCase, prior: Prior) -> tuple[str, ...]:
    retrieval = case.retrieval(prior.label)
    return (
        prior.label,
        prior.kind,
        prior.study.study_date.isoformat() if prior.study.study_date else "undated",
        prior.study.description,
        prior.reason,
        retrieval.completeness.value if retrieval else "–",
    )
