"""The one document of `read --json`: what was found, what each sentence rests on, and how."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from readingroom.agent.graph.context import ReadContext
from readingroom.domain.claim import Claim
from readingroom.domain.errors import ExitCode, ReadingRoomError, SafetyStop
from readingroom.domain.outcome import Failed, Found
from readingroom.prompts import load_prompt
from readingroom.records import Approval, encode
from readingroom.tools.case import OpenCase

DOCUMENT_VERSION = 1


@dataclass(frozen=True)
class ReadResult:
    """How a read ended.

    Attributes:
        exit_code: 0 delivered, 4 an approval is pending, 8 refused, others as ExitCode.
        document: JSON-ready; `schema_version` first.
    """

    exit_code: int
    document: dict[str, Any] = field(default_factory=dict)


def plain(value: Any) -> Any:
    """A domain value as JSON-ready Python."""
    return json.loads(encode(value))


def build_document(
    context: ReadContext,
    case: OpenCase,
    *,
    exit_code: ExitCode,
    approval: Approval | None,
    error: ReadingRoomError | None = None,
) -> dict[str, Any]:
    """The document of a case as it stands in records."""
    draft = context.records.drafts.latest(case.case_id)
    steps = context.records.cases.steps(case.case_id)
    return {
        "schema_version": DOCUMENT_VERSION,
        "readingroom": version("readingroom"),
        "research_use_only": True,
        "exit_code": int(exit_code),
        "status": context.records.cases.get(case.case_id).status,
        "error": _error(error),
        "case_id": case.case_id,
        "accession": case.study.accession,
        "study_uid": case.study.study_uid,
        "order": plain(case.order),
        "priors": _priors(case),
        "reading": plain(case.reading()),
        "draft": None
        if draft is None
        else {
            "version": draft.version,
            "content_sha256": draft.sha256(),
            "text": draft.text(),
            "claims": [_claim(each) for each in draft.claims],
        },
        "critique_rounds": plain(context.records.drafts.rounds(case.case_id)),
        "critical": list(case.words("critical")),
        "approval": None if approval is None else _approval(approval),
        "steps": plain(steps),
        "timings": {
            "total_s": round(sum(step.seconds for step in steps), 3),
            "steps_s": [[step.step, round(step.seconds, 3)] for step in steps],
        },
        "provenance": _provenance(context, case),
    }


def _error(error: ReadingRoomError | None) -> dict[str, str] | None:
    if error is None:
        return None
    return {"kind": type(error).__name__, "message": error.message, "hint": error.hint}


def _claim(claim: Claim) -> dict[str, Any]:
    return dict(plain(claim))


def _priors(case: OpenCase) -> dict[str, Any]:
    search = case.search()
    if search is None:
        return {"outcome": "not_asked", "used": []}
    if isinstance(search, Failed):
        return {"outcome": "failed", "reason": search.reason, "used": []}
    if not isinstance(search, Found):
        return {"outcome": "none", "used": []}
    return {
        "outcome": "found",
        "cut_short": search.cut_short,
        "used": [_prior(case, prior.label) for prior in search.items],
    }


def _prior(case: OpenCase, label: str) -> dict[str, Any]:
    prior = case.prior(label)
    retrieval = case.retrieval(label)
    comparisons = case.comparisons(label)
    return {
        "label": label,
        "study_uid": prior.study.study_uid,
        "accession": prior.study.accession,
        "study_date": plain(prior.study.study_date),
        "kind": prior.kind,
        "why": prior.reason,
        "retrieval": None if retrieval is None else retrieval.completeness.value,
        "received": [] if retrieval is None else [each.sop_uid for each in retrieval.received],
        "missing": [] if retrieval is None else list(retrieval.missing),
        "compared": plain(comparisons) if comparisons else [],
    }


def _approval(approval: Approval) -> dict[str, Any]:
    return {
        "approval_id": approval.approval_id,
        "content_sha256": approval.content_sha256,
        "destination": approval.destination,
        "status": approval.status,
        "decided_by": approval.decided_by,
    }


def _provenance(context: ReadContext, case: OpenCase) -> dict[str, Any]:
    prompt = load_prompt("plan")
    reading = case.reading()
    return {
        "core": context.core_name,
        "prompts": [{"name": prompt.name, "sha256": prompt.sha256}],
        "weights": dict(context.weights),
        "models": [] if reading is None else [plain(reading.model)],
        "tools": sorted(context.registry.tools),
    }


def refused_document(accession: str, stop: SafetyStop) -> dict[str, Any]:
    """The document of a study that was refused before a case was opened."""
    return {
        "schema_version": DOCUMENT_VERSION,
        "readingroom": version("readingroom"),
        "research_use_only": True,
        "exit_code": int(stop.exit_code),
        "status": "refused",
        "error": _error(stop),
        "case_id": "",
        "accession": accession,
        "draft": None,
        "critique_rounds": [],
        "approval": None,
        "steps": [],
    }
