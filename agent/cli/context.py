"""What every command shares: home, settings, screen, renderer, session."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readingroom.agent.cli.failures import LOG_NAME, Log
from readingroom.agent.cli.terminal import Terminal, look_at_terminal

if TYPE_CHECKING:
    import click

    from readingroom.agent.config import Settings


class Shared(dict[str, Any]):
    """The command line's `ctx.obj`: options as given; the rest is made when first asked for.

    Keys: "home_option", "config_option", "core", "plain", "images" as given;
    "settings", "home" and "terminal" on demand.
    """

    def __missing__(self, key: str) -> Any:
        makers = {"settings": self._settings, "home": self._home, "terminal": self._terminal}
        if key not in makers:
            raise KeyError(key)
        value = makers[key]()
        self[key] = value
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """Like `[]`, so that "home" is found whichever way it is asked for."""
        try:
            return self[key]
        except KeyError:
            return default

    def log(self) -> Log:
        """Where tracebacks go, as far as it is known without failing again."""
        settings: Settings | None = dict.get(self, "settings")
        if settings is None:
            home = dict.get(self, "home_option")
            return Log(home / LOG_NAME if home else None)
        path = settings.log.file or Path(settings.home) / LOG_NAME
        return Log(path, with_messages=settings.log.level == "debug")

    def _settings(self) -> Settings:
        from readingroom.agent.config import load_settings

        return load_settings(
            self["config_option"],
            {"render.images": self["images"]},
            home=self["home_option"],
            core=self["core"],
        )

    def _home(self) -> Path:
        home: Path = self["home_option"] or Path(self["settings"].home)
        # Whoever asks first makes it: no part may create it readable by others.
        with suppress(OSError):  # said by whatever writes there first
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return home

    def _terminal(self) -> Terminal:
        return look_at_terminal(plain=bool(self["plain"]))


def shared(ctx: click.Context) -> Shared:
    """The shared object of this run."""
    found = ctx.find_object(Shared)
    assert found is not None, "main sets it"
    return found
