"""Configuration: a TOML file, then the environment, then flags. Nothing else reads either.

Light to import: pydantic and platformdirs are loaded by `load_settings`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readingroom.domain.errors import ConfigError, SafetyStop

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    from readingroom.agent.settings import Settings as Settings

FILE_NAME = "readingroom.toml"
PREFIX = "READINGROOM_"
_TRACING = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2")
_TRACING_OLD = ("LANGCHAIN_TRACING", "LANGCHAIN_HANDLER")


@dataclass(frozen=True)
class SettingRow:
    """One line of `config show`; `value` is redacted where it is secret."""

    key: str
    value: str
    origin: str


def __getattr__(name: str) -> Any:
    if name == "Settings":
        from readingroom.agent.settings import Settings

        return Settings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_settings(
    config_path: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    home: Path | None = None,
    core: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Read the configuration.

    Args:
        config_path: a TOML file in place of `readingroom.toml` in the home folder.
        overrides: flags, by dotted key ("pacs.port"); None values are not set.
        home: the flag --home.
        core: the flag --core; empty is not set.
        environ: in place of the process's own, for tests.

    Raises:
        ConfigError: a file that is missing or no TOML, an unknown key, a wrong value; it names
            the key and where it stands.
    """
    from readingroom.agent.settings import Settings

    flags = {"home": home, "core.name": core or None, **(overrides or {})}
    from_flags = {key: value for key, value in flags.items() if value is not None}
    from_environ = dict(_read_environ(os.environ if environ is None else environ))
    layers = [(f"flag --{key.split('.')[0]}", {key: value}) for key, value in from_flags.items()]
    layers = [(PREFIX + _as_variable(k), {k: v}) for k, v in from_environ.items()] + layers
    path = config_path or _home_of(layers) / FILE_NAME
    if config_path is not None or path.is_file():
        layers.insert(0, (str(path), dict(_flatten(_read_toml(path)))))

    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, layer in layers:
        for key, value in layer.items():
            key = "core.name" if key == "core" else key
            _check_known(key, origin, Settings)
            values[key] = value
            origins[key] = origin
    if "home" not in values:
        values["home"] = _default_home()
    return _build(values, origins)


def describe(settings: Settings) -> tuple[SettingRow, ...]:
    """Every setting with its value, redacted, and its origin: `readingroom config show`."""
    return tuple(
        SettingRow(key, _shown(value), settings.origins.get(key, "default"))
        for key, value in _walk(settings)
    )


def assert_no_tracing(
    environ: MutableMapping[str, str] | None = None, *, allow: bool = False
) -> None:
    """Refuse to run while LangSmith tracing is on, and switch it off for what we import.

    Args:
        environ: in place of the process's own, for tests; changed in place.
        allow: `privacy.allow_tracing`.

    Raises:
        SafetyStop: tracing would send prompts and reports to another company's server.
    """
    environ = os.environ if environ is None else environ
    if allow:
        return
    for name in (*_TRACING, *_TRACING_OLD):
        if environ.get(name, "").strip().lower() not in ("", "0", "false", "no", "off"):
            raise SafetyStop(
                f"{name} is set: traces would leave this machine with report text",
                hint=f"unset {name}, or set privacy.allow_tracing = true if no patient is real",
            )
    for name in _TRACING:
        environ[name] = "false"


def _home_of(layers: list[tuple[str, dict[str, Any]]]) -> Path:
    named = [layer["home"] for _, layer in layers if "home" in layer]
    return Path(named[-1]).expanduser() if named else _default_home()


def _default_home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("readingroom", appauthor=False)


def _read_environ(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in sorted(environ):
        if name.upper().startswith(PREFIX) and environ[name] != "":
            yield name[len(PREFIX) :].lower().replace("__", "."), environ[name]


def _as_variable(key: str) -> str:
    return key.upper().replace(".", "__")


def _read_toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"cannot read the configuration {path}: {error.strerror}", hint="check --config"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and hasattr(inner, "model_fields"):
            yield from _keys(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def _check_known(key: str, origin: str, model: type[Settings]) -> None:
    known = list(_keys(model))
    if key in known:
        return
    from difflib import get_close_matches

    # The last word alone finds a key that stands in the wrong section.
    last = {each.split(".")[-1]: each for each in known}
    near = get_close_matches(key, known, n=1) or [
        last[word] for word in get_close_matches(key.split(".")[-1], last, n=1)
    ]
    name = key
    if origin.startswith(PREFIX):
        name, near = PREFIX + _as_variable(key), [PREFIX + _as_variable(each) for each in near]
        origin = "the environment"
    hint = f"did you mean {near[0]}?" if near else "readingroom config show lists all settings"
    raise ConfigError(f"unknown setting {name} in {origin}", hint=hint)


def _build(values: Mapping[str, Any], origins: dict[str, str]) -> Settings:
    from pydantic import ValidationError

    from readingroom.agent.settings import Settings

    nested: dict[str, Any] = {}
    for key, value in values.items():
        section, _, name = key.rpartition(".")
        (nested.setdefault(section, {}) if section else nested)[name] = value
    try:
        return Settings.model_validate(nested).with_origins(origins)
    except ValidationError as error:
        raise _as_config_error(error, origins) from None


def _as_config_error(error: ValidationError, origins: Mapping[str, str]) -> ConfigError:
    # Pydantic's own text repeats the value, which may be a secret.
    first = error.errors(include_input=False, include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"] if isinstance(part, str))
    origin = origins.get(key) or next(
        (value for name, value in origins.items() if name.startswith(f"{key}.")), ""
    )
    message = str(first["msg"]).removeprefix("Value error, ")
    where = f" (from {origin})" if origin else ""
    return ConfigError(f"setting {key}{where}: {message}", hint="readingroom config show")


def _walk(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if hasattr(value, "model_fields_set"):
            yield from _walk(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _shown(value: Any) -> str:
    if hasattr(value, "get_secret_value"):
        return "(set)" if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else _without_userinfo(str(value))


def _without_userinfo(text: str) -> str:
    scheme, mark, rest = text.partition("://")
    if not mark:
        return text
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path.partition('?')[0]}"
