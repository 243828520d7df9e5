"""Do what the objections ask. Pure: a draft in, a draft out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace

from readingroom.domain.claim import UNVERIFIED, Claim, Draft, SectionName, Standing
from readingroom.domain.critique import Objection, Remedy
from readingroom.tools.reporting.impression import RESTS_ON_UNVERIFIED, severity
from readingroom.tools.reporting.prose import next_id

_STRENGTH = {Remedy.MARK: 0, Remedy.REPLACE: 1, Remedy.REMOVE: 2}


def revise(draft: Draft, objections: Iterable[Objection]) -> Draft:
    """Apply the remedies: the next version, or the same draft when nothing changes.

    Of several objections to one claim the strongest is applied (remove, replace, mark); what
    is left is objected to again in the next round.
    """
    return _next_version(draft, _applied(draft, tuple(objections), soft=False))


def mark_unresolved(draft: Draft, objections: Iterable[Objection]) -> Draft:
    """The last round: mark what was objected to instead of rewriting it once more.

    Removals and additions still happen: a sentence that must not be there, such as a
    comparison without a prior, does not stay because the rounds are used up.
    """
    return _next_version(draft, _applied(draft, tuple(objections), soft=True))


def _next_version(draft: Draft, claims: tuple[Claim, ...]) -> Draft:
    if claims == draft.claims:
        return draft
    return replace(draft, version=draft.version + 1, claims=claims)


def _applied(draft: Draft, objections: tuple[Objection, ...], *, soft: bool) -> tuple[Claim, ...]:
    by_claim: dict[str, Objection] = {}
    for each in objections:
        if each.remedy is Remedy.ADD:
            continue
        known = by_claim.get(each.claim_id)
        if known is None or _STRENGTH[each.remedy] > _STRENGTH[known.remedy]:
            by_claim[each.claim_id] = each
    claims = [
        changed
        for claim in draft.claims
        if (changed := _remedied(claim, by_claim.get(claim.claim_id), soft)) is not None
    ]
    added = [each.replacement for each in objections if each.remedy is Remedy.ADD]
    number = next_id(draft.claims)
    for claim in filter(None, added):
        if not any(_same(claim, each) for each in claims):
            _insert(claims, replace(claim, claim_id=f"c{number}"))
            number += 1
    return _marked_through(claims)


def _remedied(claim: Claim, objection: Objection | None, soft: bool) -> Claim | None:
    if objection is None:
        return claim
    if objection.remedy is Remedy.REMOVE:
        return None
    if objection.remedy is Remedy.REPLACE and objection.replacement is not None:
        # A replacement that is marked takes away what may not be pointed at: never softened.
        if not soft or objection.replacement.standing is Standing.MARKED:
            return objection.replacement
    return _marked(claim, objection.why)


def _marked(claim: Claim, why: str) -> Claim:
    if claim.standing is Standing.MARKED:
        return claim
    return replace(claim, standing=Standing.MARKED, note=why)


def _same(claim: Claim, other: Claim) -> bool:
    return replace(claim, claim_id="") == replace(other, claim_id="")


def _insert(claims: list[Claim], claim: Claim) -> None:
    """Put a claim into its section: impression lines by severity, all others at the end."""
    sections = list(SectionName)
    place = 0
    for index, other in enumerate(claims):
        if sections.index(other.section) <= sections.index(claim.section):
            place = index + 1
    if claim.section is SectionName.IMPRESSION:
        rank = severity(claim)
        later = [
            index
            for index, other in enumerate(claims)
            if other.section is SectionName.IMPRESSION and severity(other) > rank
        ]
        place = min(later, default=place)
    claims.insert(place, claim)


def _marked_through(claims: list[Claim]) -> tuple[Claim, ...]:
    """Lines that sum up a marked claim are marked with it."""
    marked = {claim.claim_id for claim in claims if claim.standing is Standing.MARKED}
    return tuple(
        _marked(claim, RESTS_ON_UNVERIFIED) if marked & set(claim.rests_on) else claim
        for claim in claims
    )


def diff_lines(before: Draft, after: Draft) -> tuple[str, ...]:
    """What changed, sentence by sentence: lines that start with "- ", "+ " or "  ".

    Only changed sentences and their section are shown; an impression counts by its words, not
    by its numbers.
    """
    lines: list[str] = []
    for name in SectionName:
        old, new = _sentences(before, name), _sentences(after, name)
        changes = [line for line in difflib.ndiff(old, new) if line.startswith(("- ", "+ "))]
        if changes:
            lines += [f"  {name.upper()}", *changes]
    return tuple(lines)


def _sentences(draft: Draft, name: SectionName) -> list[str]:
    return [
        f"{claim.sentence} {UNVERIFIED}" if claim.standing is Standing.MARKED else claim.sentence
        for claim in draft.section(name)
    ]
