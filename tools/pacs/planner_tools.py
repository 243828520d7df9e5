"""Priors as the planner asks for them: search, then fetch one."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from readingroom.domain.outcome import Completeness, Failed, Found, Retrieval
from readingroom.domain.study import Prior
from readingroom.tools.case import OpenCase
from readingroom.tools.sdk import Choices, Effect, NoArguments, Stage, Tool, ToolResult


class PriorArgument(BaseModel):
    """Which prior, by its label."""

    model_config = ConfigDict(extra="forbid")
    prior: str = Field(pattern=r"^[Pp][0-9]{1,3}$", description="label of a prior, e.g. P1")


def find(arguments: NoArguments, case: OpenCase) -> ToolResult:
    """Search the PACS for priors of the open study."""
    from readingroom.tools.pacs import find_priors

    outcome = case.keep_search(find_priors(case.pacs(), case.study, case.report_lookup))
    if isinstance(outcome, Failed):
        return ToolResult(f"failed: {outcome.reason}", "failed")
    if isinstance(outcome, Found):
        listed = ", ".join(_line(prior) for prior in outcome.items)
        note = " (list cut short by the PACS)" if outcome.cut_short else ""
        return ToolResult(f"found {len(outcome.items)}: {listed}{note}")
    return ToolResult("none", "none")


def retrieve(arguments: PriorArgument, case: OpenCase) -> ToolResult:
    """Fetch one prior's images and reports."""
    prior = case.prior(arguments.prior)
    case.note_try(prior.label)
    result = case.fetch(prior.study.study_uid, prior.label)
    _read_report(case, prior, result)
    if result.completeness is Completeness.COMPLETE:
        return ToolResult(f"{prior.label} complete: {_counts(result)}")
    if result.completeness is Completeness.PARTIAL:
        total = len(result.received) + len(result.missing)
        return ToolResult(f"{prior.label} partial: {len(result.received)} of {total}", "partial")
    return ToolResult(f"{prior.label} unknown: {result.reason}", "failed")


def _read_report(case: OpenCase, prior: Prior, result: Retrieval) -> None:
    """Keep the text of a report that came as DICOM SR beside the prior."""
    from readingroom.domain.study import PriorReport, ReportSource
    from readingroom.tools.reporting.sr_text import report_text_of_sr

    for instance in result.received:
        if instance.modality == "SR":
            text = report_text_of_sr(case.records.artifacts.path(instance.artifact))
            if text:
                report = PriorReport(text, ReportSource.SR, sop_uid=instance.sop_uid)
                case.put(f"report:{prior.label}", report)
                return
    if prior.report is not None:
        case.put(f"report:{prior.label}", prior.report)


def _line(prior: Prior) -> str:
    day = prior.study.study_date.isoformat() if prior.study.study_date else "undated"
    return f"{prior.label} {prior.kind} {day}"


def _counts(result: Retrieval) -> str:
    reports = sum(each.modality == "SR" for each in result.received)
    images = len(result.received) - reports
    return f"{images} image{'s'[: images != 1]}, {reports} report{'s'[: reports != 1]}"


def _searched(case: OpenCase) -> str:
    return "" if case.priors() else "no priors are known"


def _not_fetched(case: OpenCase) -> Choices:
    labels = (prior.label for prior in case.priors() if case.retrieval(prior.label) is None)
    return {"prior": tuple(labels)}


TOOLS = (
    Tool(
        name="find_priors",
        label="asking for priors",
        description="Search the PACS for earlier studies of the open patient.",
        arguments=NoArguments,
        effect=Effect.READ,
        stage=Stage.PRIORS,
        run=find,
    ),
    Tool(
        name="retrieve_prior",
        label="fetching a prior",
        description="Fetch one prior study, with its report, by its label such as P1.",
        arguments=PriorArgument,
        effect=Effect.READ,
        stage=Stage.PRIORS,
        run=retrieve,
        ready=_searched,
        first="find_priors",
        choices=_not_fetched,
    ),
)
