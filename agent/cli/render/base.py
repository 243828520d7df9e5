"""The order in which a person sees a turn, whatever draws it.

Three things are held back for a moment: a current film waits for its prior, so that both stand
side by side; a draft waits for the critique, so that a superseded version is not printed in
full; an approval does not repeat a text that stands right above it.
"""

from __future__ import annotations

import abc

from readingroom.domain.events import (
    ApprovalNeeded,
    CaseOpened,
    CritiqueShown,
    Delivered,
    DraftShown,
    Event,
    Failure,
    ImageShown,
    Planned,
    Said,
    StepFinished,
    StepProgress,
    StepStarted,
    TableShown,
)

_PROGRESS = (StepStarted, StepProgress, StepFinished, Planned)


class TurnRenderer(abc.ABC):
    """Draws events in the order a person wants them. Not thread-safe: one thread draws."""

    def __init__(self) -> None:
        self._images: list[ImageShown] = []
        self._draft: DraftShown | None = None
        self._drawn_draft = ""
        self._labels: dict[str, str] = {}
        self.failure: Failure | None = None
        """The failure drawn in this turn, so that its exception is not told again."""

    def draw(self, event: Event) -> None:
        """Draw one event, or hold it back for the next."""
        if isinstance(event, ImageShown):
            self._hold_image(event)
            return
        if not isinstance(event, StepProgress):
            self._flush_images()
        if isinstance(event, DraftShown):
            self._draft = event
            return
        if not isinstance(event, (*_PROGRESS, CritiqueShown)):
            self._flush_draft()
        self._dispatch(event)

    def tick(self) -> None:
        """Called about ten times a second while a step runs."""
        return None

    def finish(self) -> None:
        """The turn is over: draw what was held back."""
        self._flush_images()
        self._flush_draft()
        self._drawn_draft = ""

    def start_turn(self) -> None:
        """A new turn begins."""
        self.failure = None

    def label(self, step: str) -> str:
        """What a person reads for a step."""
        return self._labels.get(step, step.replace("_", " "))

    def _hold_image(self, event: ImageShown) -> None:
        waiting = self._images
        is_pair = (
            len(waiting) == 1
            and waiting[0].role == "current"
            and event.role == "prior"
            and waiting[0].crop is None
        )
        if waiting and not is_pair:
            self._flush_images()
        self._images.append(event)
        if len(self._images) == 2:
            self._flush_images()

    def _flush_images(self) -> None:
        if self._images:
            images, self._images = self._images, []
            self.images(images)

    def _flush_draft(self) -> None:
        if self._draft is not None:
            draft, self._draft = self._draft, None
            self.draft(draft)
            self._drawn_draft = draft.content_sha256

    def _dispatch(self, event: Event) -> None:
        if isinstance(event, (StepStarted, StepProgress, StepFinished)):
            self._dispatch_step(event)
            return
        match event:
            case CaseOpened():
                self.case_opened(event)
            case CritiqueShown():
                self.critique(event)
            case ApprovalNeeded():
                self.approval(event, text_is_above=event.content_sha256 == self._drawn_draft)
            case Delivered():
                self.delivered(event)
            case Said():
                self.said(event)
            case TableShown():
                self.table(event)
            case Failure():
                self.failure = event
                self.failed(event)
            case _:
                pass  # Planned is in the JSON lines; a kind of a later minor version is not ours.

    def _dispatch_step(self, event: StepStarted | StepProgress | StepFinished) -> None:
        match event:
            case StepStarted():
                self._labels[event.step] = event.label
                self.step_started(event)
            case StepProgress():
                self.step_progress(event)
            case StepFinished():
                self.step_finished(event)

    @abc.abstractmethod
    def case_opened(self, event: CaseOpened) -> None:
        """Head a case."""

    @abc.abstractmethod
    def step_started(self, event: StepStarted) -> None:
        """Say that a step runs."""

    @abc.abstractmethod
    def step_progress(self, event: StepProgress) -> None:
        """Say how far it is."""

    @abc.abstractmethod
    def step_finished(self, event: StepFinished) -> None:
        """Say how it ended."""

    @abc.abstractmethod
    def images(self, events: list[ImageShown]) -> None:
        """Draw one picture, or the current one beside its prior."""

    @abc.abstractmethod
    def draft(self, event: DraftShown) -> None:
        """Print a draft with its evidence."""

    @abc.abstractmethod
    def critique(self, event: CritiqueShown) -> None:
        """Print what the critique changed."""

    @abc.abstractmethod
    def approval(self, event: ApprovalNeeded, *, text_is_above: bool) -> None:
        """Say what waits for a person."""

    @abc.abstractmethod
    def delivered(self, event: Delivered) -> None:
        """Say what arrived where."""

    @abc.abstractmethod
    def said(self, event: Said) -> None:
        """Print words."""

    @abc.abstractmethod
    def table(self, event: TableShown) -> None:
        """Print rows."""

    @abc.abstractmethod
    def failed(self, event: Failure) -> None:
        """Say why the run stopped."""
