"""The open case: what tools may read and write of it. Nothing else reaches them.

Everything that is learnt goes to `records` as a fact under a key, so that a run that was killed
finds it again; pixels stay in the artifact store and are decoded at most once per process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from readingroom.domain.errors import BadInput, NotFound, ToolFailed
from readingroom.domain.evidence import MeasurementEvidence
from readingroom.domain.film import Film
from readingroom.domain.finding import FilmReading, Observation
from readingroom.domain.ids import CaseID, StudyUID
from readingroom.domain.outcome import (
    Completeness,
    Failed,
    Found,
    Nothing,
    Outcome,
    ReceivedInstance,
    Retrieval,
)
from readingroom.domain.ports import FilmReader, RegionReader
from readingroom.domain.study import Order, Prior, PriorReport, StudyRef

if TYPE_CHECKING:
    from readingroom.records import Records
    from readingroom.tools.imaging import DecodeLimits, Header
    from readingroom.tools.pacs import PacsLink
    from readingroom.tools.reporting.facts import CaseFacts, Comparison, FilmFacts, RegionLook

T = TypeVar("T")

CURRENT = "current"
PROJECTION_MODALITIES = frozenset({"CR", "DX", "DR"})


class Cores(FilmReader, RegionReader, Protocol):
    """The models a tool may ask, handed in by the graph's context."""


@dataclass
class OpenCase:
    """A case that tools work on.

    Attributes:
        progress: (done, total, detail); raises when the user cancelled.
        decode_limits: what decoding one object may take.
        report_lookup: text of a prior's report that exists only in the RIS.
    """

    case_id: CaseID
    study: StudyRef
    records: Records
    pacs: Callable[[], PacsLink]
    cores: Cores
    report_lookup: Callable[[StudyRef], PriorReport | None]
    progress: Callable[[int, int, str], None]
    decode_limits: Callable[[], DecodeLimits]
    _films: dict[str, Film] = field(default_factory=dict)

    # -- facts ---------------------------------------------------------------------------------
    def put(self, key: str, value: object) -> None:
        """Keep a fact of this case."""
        self.records.cases.put_fact(self.case_id, key, value)

    def get(self, key: str, kind: type[T]) -> T | None:
        """A fact of this case, None when nothing is known yet."""
        return self.records.cases.fact(self.case_id, key, kind)

    @property
    def order(self) -> Order:
        """What was asked for; bare when no order was found."""
        return self.get("order", Order) or Order(accession=self.study.accession)

    def search(self) -> Outcome[Prior] | None:
        """How the search for priors ended; None when it has not run."""
        search: Outcome[Prior] | None = self.records.cases.fact(
            self.case_id, "priors", Found[Prior] | Nothing | Failed
        )
        return search

    def keep_search(self, search: Outcome[Prior]) -> Outcome[Prior]:
        """Keep how a search for priors ended.

        A study keeps the label it first had in this case, and no other study ever gets that
        label: facts, the trace and drafts know priors by their labels.

        Returns:
            The search, with the labels that its studies have here.
        """
        if isinstance(search, Found):
            labels = self.get("labels", dict[str, str]) or {
                each.study.study_uid: each.label for each in self.priors()
            }
            for each in search.items:
                labels.setdefault(each.study.study_uid, f"P{len(labels) + 1}")
            self.put("labels", labels)
            items = (replace(each, label=labels[each.study.study_uid]) for each in search.items)
            search = replace(search, items=tuple(items))
        self.put("priors", search)
        return search

    def priors(self) -> tuple[Prior, ...]:
        """The priors that were found, newest first."""
        search = self.search()
        return search.items if isinstance(search, Found) else ()

    def prior(self, label: str) -> Prior:
        """The prior called `label`.

        Raises:
            ToolFailed: no such prior in this case.
        """
        for prior in self.priors():
            if prior.label.casefold() == label.strip().casefold():
                return prior
        known = ", ".join(each.label for each in self.priors()) or "none"
        raise ToolFailed(f"no prior {label!r} in this case (known: {known})")

    def retrieval(self, label: str = CURRENT) -> Retrieval | None:
        """What was fetched of the current study or of a prior."""
        return self.get(f"retrieval:{label}", Retrieval)

    def note_try(self, label: str) -> None:
        """Keep that a prior was asked for, whatever comes of it."""
        self.put(f"tried:{label}", True)

    def tried(self, label: str) -> bool:
        """Whether a prior was asked for, even if the PACS did not answer."""
        return self.get(f"tried:{label}", bool) is not None or self.retrieval(label) is not None

    def usable(self, label: str) -> bool:
        """Whether a prior was retrieved, at least in part."""
        fetched = self.retrieval(label)
        return (
            fetched is not None
            and fetched.completeness is not Completeness.UNKNOWN
            and bool(fetched.received)
        )

    def reading(self, label: str = CURRENT) -> FilmReading | None:
        """What the core said of a film."""
        return self.get(f"reading:{label}", FilmReading)

    def report(self, label: str) -> PriorReport | None:
        """The report of a prior that came with its images, or from the RIS when it was fetched."""
        return self.get(f"report:{label}", PriorReport)

    # -- objects -------------------------------------------------------------------------------
    def fetch(self, study_uid: StudyUID, label: str) -> Retrieval:
        """Retrieve a study, reconcile it, and keep what came."""
        result = self.pacs().retrieve(
            study_uid, progress=lambda done, total: self.progress(done, total, "images")
        )
        self.put(f"retrieval:{label}", result)
        return result

    def film_instances(self, label: str = CURRENT) -> tuple[ReceivedInstance, ...]:
        """Projection images that are on disk, frontal views first, unreadable ones last."""
        fetched = self.retrieval(label)
        films = [
            each
            for each in (fetched.received if fetched else ())
            if each.modality in PROJECTION_MODALITIES
        ]
        return tuple(sorted(films, key=self._rank))

    def _rank(self, instance: ReceivedInstance) -> int:
        try:
            return _view_rank(self.header(instance).view_position)
        except (BadInput, NotFound):
            return _UNREADABLE_RANK

    def header(self, instance: ReceivedInstance) -> Header:
        """Header of an instance on disk."""
        from readingroom.tools.imaging import read_header

        return read_header(self.records.artifacts.path(instance.artifact))

    def film(self, label: str = CURRENT) -> Film:
        """The frontal film of the current study or of a prior, decoded once.

        Raises:
            ToolFailed: there is none on disk, or a prior's cannot be read.
            BadInput: the current one cannot be read.
            NotFound: its file is gone.
        """
        if label not in self._films:
            from readingroom.tools.imaging import load_film

            instances = self.film_instances(label)
            if not instances:
                raise ToolFailed(f"no radiograph of {label} is on disk")
            artifact = instances[0].artifact
            try:
                path = self.records.artifacts.path(artifact)
                self._films[label] = load_film(path, artifact.sha256, limits=self.decode_limits())
            except (BadInput, NotFound) as error:
                if label == CURRENT:
                    raise
                # A broken prior must not end the read of the current film.
                raise ToolFailed(error.message) from error
        return self._films[label]

    def pin_sources(self) -> None:
        """Keep which films a draft is made from: a later look or fetch does not change them."""
        compared = (p.label for p in self.priors() if self.comparisons(p.label) is not None)
        films = (self.film_instances(label)[:1] for label in compared)
        self.put("sources:current", self.film_instances()[:1])
        self.put("sources:priors", tuple(film for each in films for film in each))

    def sources(self) -> tuple[Path, ...]:
        """Files of the current film, whose headers the signed report refers to."""
        return self._pinned("sources:current")

    def prior_sources(self) -> tuple[Path, ...]:
        """Files of the prior films that the current one was compared with."""
        return self._pinned("sources:priors")

    def _pinned(self, key: str) -> tuple[Path, ...]:
        films = self.get(key, tuple[ReceivedInstance, ...])
        if films is None:
            self.pin_sources()
            films = self.get(key, tuple[ReceivedInstance, ...]) or ()
        return tuple(self.records.artifacts.path(film.artifact) for film in films)

    def film_facts(self, label: str = CURRENT) -> FilmFacts:
        """Header facts of the frontal film of the current study or of a prior.

        Raises:
            ToolFailed: there is none on disk.
        """
        from readingroom.tools.reporting.facts import FilmFacts

        film, instances = self.film(label), self.film_instances(label)
        if not instances:
            raise ToolFailed(f"no radiograph of {label} is on disk any more")
        header = self.header(instances[0])
        return FilmFacts.of(
            film, laterality=header.laterality, portable=_is_portable(header.study_description)
        )

    # -- what drafting and critique know -------------------------------------------------------
    def comparisons(self, label: str) -> tuple[Comparison, ...] | None:
        """Course of each finding against one prior; None when it was not compared."""
        from readingroom.tools.reporting.facts import Comparison

        return self.get(f"comparison:{label}", tuple[Comparison, ...])

    def looks(self) -> tuple[RegionLook, ...]:
        """Questions about regions that the planner asked, and their answers."""
        from readingroom.tools.reporting.facts import RegionLook

        asked = (self.get(f"look:{each.value}", RegionLook) for each in Observation)
        return tuple(each for each in asked if each is not None)

    def measurement(self, target: str) -> MeasurementEvidence | None:
        """A measurement that was taken."""
        return self.get(f"measure:{target}", MeasurementEvidence)

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words kept under a key: limitations, critical."""
        return self.get(key, tuple[str, ...]) or ()

    def add_word(self, key: str, word: str) -> None:
        """Add to such a list, once."""
        words = self.words(key)
        if word not in words:
            self.put(key, (*words, word))

    def facts(self) -> CaseFacts:
        """All that drafting and critique may know."""
        from readingroom.tools.case_facts import gather_facts

        return gather_facts(self)


_UNREADABLE_RANK = 4
"""After every view: a film whose header cannot be read."""


def _view_rank(view: str) -> int:
    """Frontal views before laterals: the core reads frontal films."""
    return {"PA": 0, "AP": 1, "": 2}.get(view.upper(), 3)


def _is_portable(description: str) -> bool:
    """Whether a site's wording says that the film was taken at the bedside."""
    words = description.casefold().replace("/", " ").split()
    return any(word.startswith(("port", "ptbl", "bedside", "mobile", "lit")) for word in words)
