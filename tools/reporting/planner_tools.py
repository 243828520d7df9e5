"""Drafting, as the planner asks for it: once the film was looked at and priors were asked for."""

from __future__ import annotations

from readingroom.domain.finding import Observation, Presence
from readingroom.tools.case import OpenCase
from readingroom.tools.reporting.compose import compose
from readingroom.tools.sdk import Effect, NoArguments, Stage, Tool, ToolResult


def draft(arguments: NoArguments, case: OpenCase) -> ToolResult:
    """Compose a draft, claims first, and keep it as the next version."""
    from dataclasses import replace

    latest = case.records.drafts.latest(case.case_id)
    composed = compose(case.facts())
    # A run that was killed right after saving left this very draft: it is no new version.
    known = latest is not None and replace(composed, version=latest.version) == latest
    version = latest.version + (not known) if latest else 1
    composed = replace(composed, version=version)
    case.pin_sources()
    case.records.drafts.save(composed, made_by="core")
    return ToolResult(f"draft {version}: {len(composed.claims)} claims")


def _ready(case: OpenCase) -> str:
    reading = case.reading()
    if reading is None:
        return "the film was not looked at"
    if case.search() is None:
        return "priors were not asked for"
    seen = {d.observation for d in reading.detections if d.presence is Presence.PRESENT}
    scans = [prior.label for prior in case.priors() if prior.kind == "CT"]
    if seen & _SETTLED_BY_CT and scans and not any(map(case.tried, scans)):
        return f"{scans[0]}, a CT that may settle it, was not asked for"
    return ""


_SETTLED_BY_CT = {Observation.WIDE_MEDIASTINUM, Observation.NODULE, Observation.MASS}
"""What is seen on a film and explained by a CT: nobody writes about it with one unread."""


TOOLS = (
    Tool(
        name="draft_report",
        label="drafting",
        description="Write the draft report from what was found.",
        arguments=NoArguments,
        effect=Effect.COMPUTE,
        stage=Stage.DRAFT,
        run=draft,
        ready=_ready,
    ),
)
