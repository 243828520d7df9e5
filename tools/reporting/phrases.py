"""Words of a report as data: one TOML file per template and language."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Any

from readingroom.domain.errors import ConfigError
from readingroom.domain.finding import VOCABULARY, Observation
from readingroom.domain.region import Laterality, Zone

DEFAULT_TEMPLATE = "chest_xr"


@dataclass(frozen=True)
class Phrases:
    """One template in one language. Values come out ready to stand in a sentence."""

    language: str
    template: str
    _data: dict[str, Any]

    def words(self, key: str, **values: str) -> str:
        """A sentence of the `[words]` table with its placeholders filled."""
        return _fill(self._data["words"][key], values)

    def sentence(self, observation: Observation, form: str, **values: str) -> str:
        """A sentence about an observation: in one of the forms of the template."""
        values.setdefault("label", self.label(observation))
        return _fill(self.form(observation, form), values)

    def form(self, observation: Observation, form: str) -> str:
        """The pattern of a form, the observation's own or the default."""
        return str(self._data.get(observation.value, {}).get(form, self._data["default"][form]))

    def label(self, observation: Observation) -> str:
        """The term of an observation."""
        table = self._data.get(observation.value, {})
        return str(table.get("label", VOCABULARY[observation].label))

    def side(self, side: Laterality) -> str:
        """The word for a side, empty for none."""
        return str(self._data["sides"].get(side.value, ""))

    def place(self, side: Laterality, zone: Zone) -> str:
        """Where something is, with its leading space; empty when nothing is known."""
        places = self._data["places"]
        if side in (Laterality.BILATERAL, Laterality.MIDLINE):
            return str(places[side.value])
        pattern = places.get(zone.value) or (places["side"] if self.side(side) else "")
        return re.sub(r" {2,}", " ", str(pattern).format(side=self.side(side)))

    def change(self, change: str, day: str) -> str:
        """The words for a course against a prior, with their leading comma; empty for none."""
        return str(self._data["change"].get(change, "")).format(date=day)

    def organ(self, organ: str) -> str:
        """The heading of an organ."""
        return str(self._data["organs"].get(organ, organ))

    def listed(self, observations: tuple[Observation, ...]) -> str:
        """Labels, separated by commas."""
        return ", ".join(self.label(each) for each in observations)

    def asked_about(self, text: str) -> tuple[Observation, ...]:
        """The observations that an order's words ask about."""
        folded = text.casefold()
        return tuple(
            each
            for each in VOCABULARY
            if any(
                re.search(rf"\b{re.escape(word)}", folded)
                for word in self._data.get(each.value, {}).get("asked", ())
            )
        )

    def day(self, when: date | None) -> str:
        """A date as it is printed (ISO 8601: no reader mistakes day for month)."""
        return when.isoformat() if when else str(self._data["words"]["undated"])


def _fill(pattern: str, values: dict[str, str]) -> str:
    text = pattern.format_map(_Blank(values))
    text = re.sub(r" {2,}", " ", text).replace(" ,", ",").strip()
    return text[:1].upper() + text[1:]


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


@lru_cache
def load_phrases(language: str = "en", template: str = DEFAULT_TEMPLATE) -> Phrases:
    """Load the words of a template.

    Raises:
        ConfigError: there is no such template in this language.
    """
    name = f"{template}.{language}.toml"
    known = sorted(
        each.name
        for each in resources.files(__package__).joinpath("templates").iterdir()
        if each.name.endswith(".toml")
    )
    if name not in known:
        raise ConfigError(f"no report template {name!r}", hint="there are " + ", ".join(known))
    text = resources.files(__package__).joinpath("templates", name).read_text(encoding="utf-8")
    return Phrases(language, template, tomllib.loads(text))
