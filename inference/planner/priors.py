"""Which prior somebody means by what they say of it: month, year, modality, oldest or newest."""

from __future__ import annotations

import re
from collections import Counter

_MONTHS = (
    "january jan januar januari janvier enero gennaio janeiro",
    "february feb februar februari février febrero febbraio fevereiro",
    "march mar märz maart mars marzo março",
    "april apr avril abril aprile",
    "may mai mei mayo maggio maio",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet julio luglio julho",
    "august aug augustus août agosto",
    "september sep sept septembre septiembre settembre setembro",
    "october oct oktober okt octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre diciembre dicembre dezembro",
)
_SAME = (
    *_MONTHS,
    "ct scan scanner tac tc tdm computertomographie",
    "xr film films xray x-ray radiograph radiographs cxr röntgen röntgenbild rx cliché placa "
    "lastra foto bild",
    "mr mri mrt irm rm",
    "pet petct",
    "us ultrasound sonography echo",
    "oldest earliest first original älteste premier primero primo primeiro oudste",
    "newest latest last recent previous neueste letzte dernier último ultimo vorige",
)
"""Words that mean the same; the first of each is what `layout.priors_in_words` writes."""

_MEANING = {word: line.split()[0] for line in _SAME for word in line.split()}
_WORD = re.compile(r"[^\W\d_](?:[\w-]*\w)?|\b(?:19|20)\d\d\b")
_RANK = re.compile(r"\b(newest|oldest) (ct|xr|mr|pet|us)\b", re.IGNORECASE)
_SMALL = frozenset(
    "a an and at before by for from her his in it of on one or she that the to with without".split()
)


def _words(text: str) -> set[str]:
    words = {_MEANING.get(word, word) for word in _WORD.findall(text.casefold())}
    return words - _SMALL


def _told(text: str) -> set[str]:
    """The words of a prior; the newest of its kind is not the newest of all."""
    ranks = {f"{rank} {kind}".casefold() for rank, kind in _RANK.findall(text)}
    return ranks | _words(_RANK.sub(" ", text))


def _said(text: str) -> set[str]:
    words = _words(text)
    ranks = {f"{rank} {kind}" for rank in words & {"newest", "oldest"} for kind in words}
    return words | ranks


def by_words(request: str, told: str) -> dict[str, float]:
    """How well each prior's words fit a request, 0 to 1; 0 where no word tells one from another.

    Args:
        request: what was said.
        told: the priors as `layout.priors_in_words` joins them with " ; ", each after its label.
    """
    words = {
        label: _told(rest)
        for each in told.split(" ; ")
        if (parts := each.split(maxsplit=1)) and len(parts) == 2
        for label, rest in [parts]
    }
    said, common = _said(request), Counter(word for own in words.values() for word in own)
    fit = {
        label: sum(1 / common[word] for word in own & said if common[word] < len(words))
        for label, own in words.items()
    }
    most = max(fit.values(), default=0.0)
    return {label: value / max(most, 1.0) for label, value in fit.items()}
