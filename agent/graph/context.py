"""Dependencies of the graph's nodes. Handed in, never checkpointed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from readingroom.domain.errors import ReadingRoomError, SafetyStop
from readingroom.domain.events import EventSink, StepFinished, StepProgress, StepStarted
from readingroom.domain.ids import CaseID
from readingroom.domain.study import PriorReport, StudyRef
from readingroom.records import Records, StepRecord
from readingroom.tools.case import Cores, OpenCase
from readingroom.tools.registry import Registry

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from readingroom.tools.imaging import DecodeLimits
    from readingroom.tools.pacs import PacsLink


StepOutcome = Literal["ok", "none", "partial", "failed", "refused"]


class Cancelled(KeyboardInterrupt):
    """The user stopped the step; the case is kept and can be resumed."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one read."""

    critique_rounds: int = 3
    turns: int = 16
    refusals: int = 3


@dataclass
class ReadContext:
    """What nodes work with.

    Attributes:
        weights: file and revision of the models that look and plan, for the provenance.
        destination: where a signed report goes, in words; part of what is approved.
        cancelled: asked between steps and inside long ones.
    """

    records: Records
    pacs: Callable[[], PacsLink]
    cores: Cores
    core: BaseChatModel
    core_name: str
    registry: Registry
    report_lookup: Callable[[StudyRef], PriorReport | None]
    emit: EventSink
    cancelled: Callable[[], bool]
    destination: str
    weights: Mapping[str, str]
    decode_limits: Callable[[], DecodeLimits]
    limits: Limits = field(default_factory=Limits)
    _cases: dict[str, OpenCase] = field(default_factory=dict)

    def case(self, case_id: str) -> OpenCase:
        """The open case; the same object within a session, so that films decode once."""
        if case_id not in self._cases:
            study = self.records.cases.fact(CaseID(case_id), "study", StudyRef)
            if study is None:
                raise ReadingRoomError(f"case {case_id} has no study", hint="read it again")
            self._cases[case_id] = OpenCase(
                case_id=CaseID(case_id),
                study=study,
                records=self.records,
                pacs=self.pacs,
                cores=self.cores,
                report_lookup=self.report_lookup,
                progress=self._progress,
                decode_limits=self.decode_limits,
            )
        return self._cases[case_id]

    def check(self) -> None:
        """Stop here if the user asked for it.

        Raises:
            Cancelled: they did.
        """
        if self.cancelled():
            raise Cancelled

    def _progress(self, done: int, total: int, detail: str) -> None:
        self.check()
        self.emit(StepProgress(step="", done=done, total=total, detail=detail))

    @contextmanager
    def step(self, case: OpenCase, name: str, label: str) -> Iterator[StepNote]:
        """Tell the front end that a step runs, and how it ended, also when it raises."""
        self.check()
        started = time.time()
        note = StepNote()
        self.emit(StepStarted(case_id=case.case_id, step=name, label=label))
        try:
            yield note
        except ReadingRoomError as error:
            note.outcome = "refused" if isinstance(error, SafetyStop) else "failed"
            note.summary = error.message
            raise
        except KeyboardInterrupt:
            note.outcome, note.summary = "failed", "stopped by the user"
            raise
        finally:
            self.emit(
                StepFinished(
                    case_id=case.case_id,
                    step=name,
                    outcome=note.outcome,
                    summary=note.summary,
                    seconds=time.time() - started,
                )
            )

    def record(self, case: OpenCase, name: str, note: StepNote, started: float) -> None:
        """Append a step of the frame itself to the trace."""
        self.records.cases.add_step(
            case.case_id,
            StepRecord(
                step=name,
                arguments={},
                outcome=note.outcome,
                result=note.summary,
                started=started,
                seconds=time.time() - started,
                chosen_by="frame",
            ),
        )


@dataclass
class StepNote:
    """How a step ended, filled in by who runs it."""

    outcome: StepOutcome = "failed"
    summary: str = ""
