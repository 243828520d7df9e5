"""The one configuration model. Import it through `readingroom.agent.config`, which is light."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    field_validator,
    model_validator,
)


def _split(value: Any) -> Any:
    # The environment has no lists: "a, b" stands for one.
    if isinstance(value, str):
        return tuple(item for item in (each.strip() for each in value.split(",")) if item)
    return value


Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
# Source: DICOM PS3.5 table 6.2-1, VR AE: at most 16 characters, no backslash, no control.
AeTitle = Annotated[str, Field(pattern=r"^ *[!-\[\]-~][ -\[\]-~]*$", max_length=16)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CoreSettings(_Section):
    """Which reasoning core, named `provider:model`.

    Attributes:
        base_url: of an OpenAI-compatible endpoint.
        allowed_hosts: hosts beyond this machine that a core may be reached at.
    """

    name: str = Field(default="embedded", min_length=1)
    base_url: str = ""
    api_key: SecretStr = SecretStr("")
    allowed_hosts: Words = ()


class PacsSettings(_Section):
    """The PACS link; field names and defaults as in `tools.pacs.PacsPeer`.

    With no host the sandbox that runs here is used.
    """

    host: str | None = None
    port: Port | None = None
    called_ae: AeTitle | None = None
    calling_ae: AeTitle | None = None
    listen_host: str | None = None
    listen_port: Port | None = None
    move_sources: Words = ()
    move_source_aes: Words = ()
    connect_timeout_s: Seconds = 3.0
    acse_timeout_s: Seconds = 5.0
    dimse_timeout_s: Seconds = 5.0
    move_stall_s: Seconds = 20.0

    @property
    def configured(self) -> bool:
        """Whether a PACS is named here; otherwise the running sandbox is used."""
        return self.host is not None

    @model_validator(mode="after")
    def _all_or_none(self) -> PacsSettings:
        needed = {"host": self.host, "port": self.port, "called_ae": self.called_ae}
        needed["calling_ae"] = self.calling_ae
        missing = [name for name, value in needed.items() if value is None]
        if missing and len(missing) < len(needed):
            raise ValueError(f"a PACS needs {', '.join(needed)}; missing: {', '.join(missing)}")
        return self


class RisSettings(_Section):
    """The RIS.

    Attributes:
        oru_folder: HL7 ORU messages of earlier reports, one or more per file.
    """

    oru_folder: Path | None = None


class RenderSettings(_Section):
    """How images are drawn in the terminal."""

    images: Literal["auto", "kitty", "sixel", "blocks", "text", "none"] = "auto"


class LimitSettings(_Section):
    """Where a run ends.

    Attributes:
        critique_rounds: rounds of critique and revision at most.
        max_steps: tool calls of one read at most.
        decode_memory_mb: address space of the child that decodes pixels.
        decode_timeout_s: wall time of one decoding.
        decode_megapixels: rows × columns × frames × samples of one object at most.
    """

    critique_rounds: Annotated[int, Field(ge=0, le=10)] = 3
    max_steps: Annotated[int, Field(ge=1, le=100)] = 16
    decode_memory_mb: Annotated[int, Field(ge=256, le=65536)] = 2048
    decode_timeout_s: Seconds = 20.0
    decode_megapixels: Annotated[int, Field(ge=1, le=4096)] = 256


class PrivacySettings(_Section):
    """What may leave this machine.

    Attributes:
        allow_tracing: run although LangSmith tracing is switched on in the environment.
    """

    allow_tracing: bool = False


class LogSettings(_Section):
    """The program's own log; never a patient's name in it."""

    level: Literal["debug", "info", "warning", "error"] = "warning"
    file: Path | None = None


class Settings(_Section):
    """All settings. `home` holds records, artifacts and checkpoints."""

    home: Path
    core: CoreSettings = CoreSettings()
    pacs: PacsSettings = PacsSettings()
    ris: RisSettings = RisSettings()
    render: RenderSettings = RenderSettings()
    limits: LimitSettings = LimitSettings()
    privacy: PrivacySettings = PrivacySettings()
    log: LogSettings = LogSettings()

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @field_validator("core", mode="before")
    @classmethod
    def _core_by_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def origins(self) -> dict[str, str]:
        """Dotted key → where its value came from; what is not in here is a default."""
        return dict(self._origins)

    def with_origins(self, origins: dict[str, str]) -> Settings:
        """The same settings, with their origins."""
        copy = self.model_copy()
        copy._origins = dict(origins)
        return copy
