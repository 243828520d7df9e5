"""A draft from facts: claims first, prose second."""

from __future__ import annotations

from dataclasses import replace

from readingroom.domain.claim import Claim, Draft, SectionName
from readingroom.domain.evidence import (
    Evidence,
    HeaderEvidence,
    ModelEvidence,
    OrderEvidence,
    PriorEvidence,
    SearchEvidence,
)
from readingroom.domain.finding import VOCABULARY, Presence
from readingroom.domain.outcome import Completeness, Failed, Found
from readingroom.domain.study import Prior
from readingroom.domain.text import clean_text
from readingroom.tools.reporting.facts import CaseFacts, RetrievedPrior
from readingroom.tools.reporting.findings import finding_claims
from readingroom.tools.reporting.impression import film_limits, impression_claims
from readingroom.tools.reporting.phrases import DEFAULT_TEMPLATE, Phrases, load_phrases

MAX_INDICATION = 400
"""Characters of an order's text that a report repeats."""


def compose(facts: CaseFacts, *, language: str = "en", template: str = DEFAULT_TEMPLATE) -> Draft:
    """Draft version 1 from what is known of a case.

    Every item of the vocabulary ends as present, uncertain, absent or "not assessed"; nothing
    that was not judged is written as normal, and a failed search never reads as "none".

    Raises:
        ConfigError: no such template in this language.
    """
    phrases = load_phrases(language, template)
    findings = numbered(finding_claims(facts, phrases), 1)
    before = numbered(
        [*_indication(facts, phrases), *_technique(facts, phrases)], len(findings) + 1
    )
    comparison = numbered(comparison_claims(facts, phrases), len(findings) + len(before) + 1)
    impression = impression_claims(tuple(findings), facts, phrases)
    rest = [*impression, *_communication(findings, phrases), *_limitations(facts, phrases)]
    done = len(findings) + len(before) + len(comparison)
    claims = (*before, *comparison, *findings, *numbered(rest, done + 1))
    return Draft(facts.case_id, 1, _title(facts, phrases), claims, language, template)


def numbered(claims: list[Claim], first: int) -> list[Claim]:
    """The claims with ids from `first` on."""
    return [replace(claim, claim_id=f"c{n}") for n, claim in enumerate(claims, first)]


def _claim(section: SectionName, sentence: str, *evidence: Evidence) -> Claim:
    return Claim(claim_id="", section=section, sentence=sentence, evidence=evidence)


def _title(facts: CaseFacts, phrases: Phrases) -> str:
    view = clean_text(facts.film.view) if facts.film else ""
    title = phrases.words("title", view=view)
    parts = (title, phrases.day(facts.study_date), clean_text(facts.study.accession))
    return ", ".join(part for part in parts if part)


def _indication(facts: CaseFacts, phrases: Phrases) -> list[Claim]:
    text = clean_text(facts.order.indication)[:MAX_INDICATION]
    evidence = OrderEvidence(clean_text(facts.order.accession), text)
    if not text and facts.order_failed:
        reason = clean_text(facts.order_failed).rstrip(".")
        return [
            _claim(
                SectionName.INDICATION, phrases.words("indication_failed", reason=reason), evidence
            )
        ]
    if not text:
        return [_claim(SectionName.INDICATION, phrases.words("indication_none"), evidence)]
    ended = text if text[-1] in ".!?" else text + "."
    return [_claim(SectionName.INDICATION, ended, evidence)]


def _technique(facts: CaseFacts, phrases: Phrases) -> list[Claim]:
    film, section = facts.film, SectionName.TECHNIQUE
    if film is None:
        return []
    view = clean_text(film.view)
    header = HeaderEvidence(
        film.sop_uid,
        (("ViewPosition", view), ("Rows", str(film.rows)), ("Columns", str(film.columns))),
    )
    if view:
        portable = phrases.words("portable") if film.portable else ""
        claims = [_claim(section, phrases.words("technique", view=view, portable=portable), header)]
    else:
        claims = [_claim(section, phrases.words("view_unknown"), header)]
    if view.upper() == "AP":
        claims.append(_claim(section, phrases.words("ap_note"), header))
    if film.spacing_yx_mm is None:
        pitch = HeaderEvidence(film.sop_uid, (("PixelSpacing", ""), ("ImagerPixelSpacing", "")))
        claims.append(_claim(section, phrases.words("spacing_none"), pitch))
    limits = film_limits(facts, phrases)
    if limits and facts.reading is not None:
        quality = facts.reading.quality
        says = f"probability of a poor film {quality.probability_poor:.2f}"
        evidence = ModelEvidence(says, facts.reading.model)
        claims.append(_claim(section, phrases.words("film_limited", limits=limits), evidence))
    return claims


def comparison_claims(facts: CaseFacts, phrases: Phrases) -> list[Claim]:
    """How the search for priors ended: each prior that was found, none, or failed."""
    section, search = SectionName.COMPARISON, facts.priors
    if isinstance(search, Failed):
        reason = clean_text(search.reason).rstrip(".")
        evidence = SearchEvidence("failed", reason)
        return [_claim(section, phrases.words("comparison_failed", reason=reason), evidence)]
    if not isinstance(search, Found):
        evidence = SearchEvidence("none", "the archive answered, and knows no relevant prior")
        return [_claim(section, phrases.words("comparison_none"), evidence)]
    fetched = {prior.label: prior for prior in facts.retrieved}
    claims = []
    for prior in search.items:
        got = fetched.get(prior.label)
        # What came can belong to someone else than what the query said.
        mix_up = facts.mix_up(prior.study) or (facts.mix_up(got.study) if got else "")
        compared = prior.label in facts.comparisons
        claims.append(_of_prior(prior, got, mix_up, compared, phrases))
    if search.cut_short:
        evidence = SearchEvidence("found", "the archive stopped before the end of its list")
        claims.append(_claim(section, phrases.words("comparison_cut_short"), evidence))
    return claims


def _of_prior(
    prior: Prior, fetched: RetrievedPrior | None, mix_up: str, compared: bool, phrases: Phrases
) -> Claim:
    section, day = SectionName.COMPARISON, phrases.day(prior.study.study_date)
    words = {"kind": clean_text(prior.kind), "date": day, "label": prior.label}
    found = SearchEvidence("found", f"{prior.label}: {clean_text(prior.reason)}")
    if mix_up:
        sentence = phrases.words("comparison_rejected", reason=mix_up, **words)
        return _claim(section, sentence, found)
    if fetched is None:
        return _claim(section, phrases.words("comparison_not_tried", **words), found)
    words["reason"] = clean_text(fetched.reason) or fetched.completeness.value
    if fetched.received == 0:
        return _claim(section, phrases.words("comparison_not_retrieved", **words), found)
    form = "comparison_used" if fetched.usable else "comparison_no_film"
    if fetched.unreadable or (fetched.usable and not compared):
        form = "comparison_not_compared"
    if fetched.completeness is not Completeness.COMPLETE:
        form = form.replace("comparison_", "comparison_partial_")
        if fetched.expected is not None:
            words["reason"] = f"{fetched.received}/{fetched.expected}"
    evidence = PriorEvidence(prior.study.study_uid, prior.label, day, prior.kind)
    claim = _claim(section, phrases.words(form, **words), evidence, found)
    return replace(claim, prior_study_uid=prior.study.study_uid)


def _communication(findings: list[Claim], phrases: Phrases) -> list[Claim]:
    return [communication_claim(claim, phrases) for claim in findings if needs_communication(claim)]


def needs_communication(claim: Claim) -> bool:
    """Whether a person must be told of a finding at once."""
    return (
        claim.observation is not None
        and VOCABULARY[claim.observation].is_critical
        and claim.presence in (Presence.PRESENT, Presence.UNCERTAIN)
    )


def communication_claim(finding: Claim, phrases: Phrases) -> Claim:
    """The line that asks for a communication record, without id."""
    assert finding.observation is not None
    sentence = phrases.words(
        "critical",
        label=phrases.label(finding.observation),
        place=phrases.place(finding.laterality, finding.zone),
    )
    return replace(
        finding,
        claim_id="",
        section=SectionName.COMMUNICATION,
        topic="",
        sentence=sentence,
        rests_on=(finding.claim_id,),
    )


def _limitations(facts: CaseFacts, phrases: Phrases) -> list[Claim]:
    section, reading = SectionName.LIMITATIONS, facts.reading
    claims: list[Claim] = []
    if reading is None:
        why = clean_text(facts.reading_failed) or phrases.words("not_specified")
        claims.append(_claim(section, phrases.words("no_model", why=why), ModelEvidence(why)))
    else:
        model = reading.model
        name = f"{model.name} {model.revision}".strip()
        trained = phrases.words("trained_on", model=name, trained_on=model.trained_on.rstrip("."))
        claims.append(_claim(section, trained, ModelEvidence(model.trained_on, model)))
        if not reading.knows_this_kind:
            why = clean_text(reading.why_not).rstrip(".")
            sentence = phrases.words("nothing_judged", why=why)
            claims.append(_claim(section, sentence, ModelEvidence(why, model)))
        else:
            judged = {detection.observation for detection in reading.detections}
            unknown = tuple(each for each in VOCABULARY if each not in judged)
            if unknown:
                sentence = phrases.words("cannot_judge", items=phrases.listed(unknown))
                claims.append(_claim(section, sentence, ModelEvidence("its model card", model)))
    for text in dict.fromkeys(clean_text(each) for each in facts.limitations):
        sentence = phrases.words("limitation_noted", limitation=text.rstrip("."))
        evidence = ModelEvidence(text, reading.model if reading else None)
        claims.append(_claim(section, sentence, evidence))
    return claims
