"""One turn, whoever typed it: a person at the prompt, `-p`, or a line of a pipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from readingroom.agent.cli.chat.signing import Asks, ToSign, signer_name, typed_word
from readingroom.agent.cli.chat.slash import HELP, Call, Seen, call_for
from readingroom.agent.cli.chat.worker import Draws, SessionWorker, Stopped
from readingroom.domain.errors import ExitCode, NotFound, ReadingRoomError, SafetyStop
from readingroom.domain.events import (
    ApprovalNeeded,
    Delivered,
    Event,
    Failure,
    Said,
    TableShown,
)

NO_TERMINAL_HINT = "readingroom approvals show ID, then approvals resolve ID --as NAME --hash SHA"


class Turns:
    """Runs turns on a session and draws what comes back.

    Args:
        worker: owns the session.
        renderer: draws events.
        asks: asks a person; None where there is nobody, and then nothing can be signed.
        signer: name given on the command line.
        show_text: prints the exact text to sign, the crops and the destination.
    """

    def __init__(
        self,
        worker: SessionWorker,
        renderer: Draws,
        *,
        asks: Asks | None = None,
        signer: str = "",
        show_text: Callable[[ToSign, Seen], None] | None = None,
    ) -> None:
        self.seen = Seen()
        self._worker = worker
        self._renderer = _Noting(renderer, self.seen)
        self._asks = asks
        self._signer = signer
        self._show_text = show_text

    def take(self, line: str) -> int:
        """Run one line and return the exit code it would end with. Errors are drawn, not raised.

        Raises:
            EOFError: the line asks to leave.
            KeyboardInterrupt: Ctrl-C twice.
        """
        line = line.strip()
        if not line:
            return int(ExitCode.OK)
        self._renderer.start_turn()
        try:
            return self._run(line)
        except Stopped as error:
            if not self._renderer.said:
                self._renderer.draw(Said(text=error.message))
            return int(error.exit_code)
        except ReadingRoomError as error:
            return self._fail(error)
        finally:
            self._renderer.finish()

    def _run(self, line: str) -> int:
        if line in ("/quit", "/exit"):
            raise EOFError
        if line == "/help":
            self._say_help()
            return int(ExitCode.OK)
        if line == "/critique":
            return self._critique()
        if line in ("/sign", "sign"):
            return self._sign()
        return self._call(call_for(line, self.seen))

    def _call(self, call: Call) -> int:
        result = self._worker.run(call, self._renderer)
        if isinstance(result, Event):
            self._renderer.draw(result)
        if self._renderer.failure is not None:
            return self._renderer.failure.exit_code
        code = getattr(result, "exit_code", None)
        if code is not None:
            return int(code)
        return int(ExitCode.APPROVAL_PENDING if self._renderer.approval else ExitCode.OK)

    def _fail(self, error: ReadingRoomError) -> int:
        told = self._renderer.failure
        if told is None or told.message != error.message:
            self._renderer.draw(
                Failure(message=error.message, hint=error.hint, exit_code=int(error.exit_code))
            )
        return int(error.exit_code)

    def _say_help(self) -> None:
        rows = (*HELP, ("anything else", "is asked of the core, with the same tools"))
        self._renderer.draw(TableShown(title="Commands", columns=("command", "does"), rows=rows))

    def _critique(self) -> int:
        if not self.seen.critiques:
            raise NotFound("no critique in this chat yet", hint="It runs with a draft: /read.")
        for event in tuple(self.seen.critiques):
            # Drawn, not noted again.
            self._renderer.inner.draw(event)
        return int(ExitCode.OK)

    def _sign(self) -> int:
        if self._asks is None or self._show_text is None:
            raise SafetyStop("signing needs a person at a terminal", hint=NO_TERMINAL_HINT)

        def pending(session: Any) -> Mapping[str, Any]:
            approval_id = session.pending_approval_id
            if not approval_id:
                raise NotFound("nothing waits to be signed", hint="/read or ask for a draft first.")
            row: Mapping[str, Any] = session.show_approval(approval_id)
            return row

        to_sign = ToSign.of(self._worker.run(pending, self._renderer))
        self._show_text(to_sign, self.seen)
        signer = signer_name(self._asks, self._signer)
        if not signer or not typed_word(self._asks):
            self._renderer.draw(
                Said(text="not signed; nothing was sent. The approval stays pending: /sign")
            )
            return int(ExitCode.APPROVAL_PENDING)
        self._signer = signer
        return self._resolve(to_sign, signer)

    def _resolve(self, to_sign: ToSign, signer: str) -> int:
        result = self._worker.run(
            lambda session: session.resolve(
                to_sign.approval_id, signer=signer, sha256=to_sign.sha256, method="typed-word"
            ),
            self._renderer,
        )
        if self._renderer.failure is not None:
            return self._renderer.failure.exit_code
        if not self._renderer.delivered:
            self._renderer.draw(delivery_event(result, to_sign.destination))
        return int(result.get("exit_code", ExitCode.OK))


def delivery_event(result: Mapping[str, Any], destination: str) -> Delivered | Failure:
    """How a delivery ended, where the session told it only by its result."""
    if result.get("delivered", True):
        return Delivered(
            destination=str(result.get("destination") or destination),
            sop_uid=str(result.get("sop_uid", "")),
            detail=str(result.get("detail") or "signed and stored"),
        )
    error = result.get("error") or {}
    return Failure(
        message=str(error.get("message") or "signed, but not delivered"),
        hint=str(error.get("hint") or "The signature is kept: readingroom read ACC --resume."),
        exit_code=int(result.get("exit_code") or ExitCode.NETWORK),
    )


class _Noting:
    """Passes events on, and remembers what later lines refer to."""

    def __init__(self, inner: Draws, seen: Seen) -> None:
        self.inner = inner
        self._seen = seen
        self.approval = False
        self.delivered = False
        self.said = False

    @property
    def failure(self) -> Failure | None:
        return self.inner.failure

    @failure.setter
    def failure(self, value: Failure | None) -> None:
        self.inner.failure = value

    def draw(self, event: Event) -> None:
        self._seen.note(event)
        self.approval = self.approval or isinstance(event, ApprovalNeeded)
        self.delivered = self.delivered or isinstance(event, Delivered)
        self.said = self.said or isinstance(event, Said)
        self.inner.draw(event)

    def tick(self) -> None:
        self.inner.tick()

    def finish(self) -> None:
        self.inner.finish()

    def start_turn(self) -> None:
        self.approval = self.delivered = self.said = False
        self.inner.start_turn()
