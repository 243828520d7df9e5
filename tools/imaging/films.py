"""Films and slices: decoded in a child process, under limits that are checked before."""

from __future__ import annotations

import hashlib
import io
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from readingroom.domain.errors import BadInput, ToolFailed
from readingroom.domain.film import Film
from readingroom.tools.imaging.header import Header, read_header

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WindowName = Literal["lung", "mediastinum", "bone"]
CT_WINDOWS: dict[str, tuple[float, float]] = {
    "lung": (-600.0, 1500.0),
    "mediastinum": (40.0, 400.0),
    "bone": (400.0, 1800.0),
}
"""(center, width) in Hounsfield units. Source: common presets, e.g. Radiopaedia rID 52108."""

_NATIVE = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"})


@dataclass(frozen=True)
class DecodeLimits:
    """What one decoding may take; from the configuration's `limits`.

    Attributes:
        pixels: rows × columns × frames × samples at most.
        memory_bytes: address space of the child; about 0.35 GB are its libraries.
        timeout_s: wall time of the child.
    """

    pixels: int = 256_000_000
    memory_bytes: int = 2 << 30
    timeout_s: float = 20.0


DEFAULT_LIMITS = DecodeLimits()


def load_film(
    path: Path,
    sha256: str = "",
    *,
    frame: int = 1,
    window: tuple[float, float] | None = None,
    limits: DecodeLimits = DEFAULT_LIMITS,
) -> Film:
    """Decode one grey frame, ready for display and for a model.

    Args:
        path: a DICOM file.
        sha256: of the stored object; computed when empty.
        frame: counted from 1.
        window: (center, width) in place of the object's own.
        limits: what the decoding may take.

    Raises:
        BadInput: not DICOM, no image, colour, or the pixels are broken or missing.
        ToolFailed: the decoding took more memory or time than allowed.
    """
    header = read_header(path)
    _check(header, path.name, frame, limits)
    request = {
        "picture": False,
        "frame": frame,
        "window": window,
        "rows": header.rows,
        "columns": header.columns,
        "transfer_syntax": header.transfer_syntax,
    }
    grey, answer = decode_in_child(path, request, limits)
    if grey.shape != (header.rows, header.columns) or grey.dtype.name != "float32":
        raise ToolFailed(f"{path.name} was decoded to another size than its header states")
    return Film(
        sop_uid=header.sop_uid,
        sha256=sha256 or _sha256(path),
        grey_yx=grey,
        spacing_yx_mm=header.spacing_yx_mm,
        view=header.view_position,
        window=(float(answer["window"][0]), float(answer["window"][1])),
    )


def load_slice(
    path: Path,
    window: WindowName | tuple[float, float] | None = None,
    *,
    frame: int = 1,
    sha256: str = "",
    limits: DecodeLimits = DEFAULT_LIMITS,
) -> Film:
    """Decode one slice of a CT under a window: a preset's name, (center, width), or its own.

    Raises:
        BadInput, ToolFailed: as `load_film`.
    """
    chosen = CT_WINDOWS[window] if isinstance(window, str) else window
    return load_film(path, sha256, frame=frame, window=chosen, limits=limits)


def load_picture(path: Path, limits: DecodeLimits = DEFAULT_LIMITS) -> NDArray[np.float32]:
    """A grey PNG or JPEG as float32 (rows, columns), 0 to 1, bright as it is stored.

    Raises:
        BadInput, ToolFailed: as `load_film`.
    """
    import numpy as np

    pixels, _ = decode_in_child(path, {"picture": True}, limits)
    return (pixels / np.iinfo(pixels.dtype).max).astype(np.float32)


def decode_in_child(
    path: Path, request: dict[str, Any], limits: DecodeLimits
) -> tuple[NDArray[Any], dict[str, Any]]:
    """Run one request in a child of its own.

    Raises:
        BadInput: the file is at fault.
        ToolFailed: a limit was reached, or the child died.
    """
    full = {
        "path": str(path.absolute()),
        "budget": limits.pixels,
        "memory_bytes": limits.memory_bytes,
        "cpu_s": int(limits.timeout_s) + 1,
        **request,
    }
    command = [sys.executable, "-m", "readingroom.tools.imaging.decoder"]
    # stderr goes nowhere: libraries print what they find in a file, and that may be a name.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        try:
            out, _ = child.communicate(json.dumps(full).encode() + b"\n", limits.timeout_s)
        except subprocess.TimeoutExpired:
            child.kill()
            raise ToolFailed(
                f"{path.name} was not decoded within {limits.timeout_s:.0f} s",
                hint="raise limits.decode_timeout_s if the file is a real film",
            ) from None
        except BaseException:
            child.kill()
            raise
    return _answer(path.name, out, child.returncode)


def _answer(name: str, out: bytes, code: int) -> tuple[NDArray[Any], dict[str, Any]]:
    line, _, rest = out.partition(b"\n")
    if code != 0 or not line:
        raise ToolFailed(
            f"{name} was not decoded: the decoder {_death(code)}",
            hint="raise limits.decode_memory_mb if the file is a real film",
        )
    answer: dict[str, Any] = json.loads(line)
    if answer["outcome"] == "limit":
        raise ToolFailed(
            f"{name} was not decoded: {answer['reason']}",
            hint="raise limits.decode_memory_mb if the file is a real film",
        )
    if answer["outcome"] != "ok":
        raise BadInput(f"{name} cannot be read: {answer['reason']}")
    import numpy as np

    return np.load(io.BytesIO(rest), allow_pickle=False), answer


def _death(code: int) -> str:
    if code >= 0:
        return f"ended with {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def _check(header: Header, name: str, frame: int, limits: DecodeLimits) -> None:
    """All that can be refused by the header alone, before a byte of pixels is read."""
    if not header.has_pixels or header.rows * header.columns == 0:
        kind = f" ({header.modality})" if header.modality else ""
        raise BadInput(f"{name} holds no image{kind}", hint="name an image object")
    if header.samples > 1 or not header.photometric.startswith("MONOCHROME"):
        kind = header.photometric or "photometric interpretation not stated"
        raise BadInput(
            f"{name} is not a grey image ({kind})", hint="films for reading are MONOCHROME1 or 2"
        )
    pixels = header.rows * header.columns * header.frames * max(header.samples, 1)
    if pixels > limits.pixels:
        raise BadInput(
            f"{name} states {header.rows} x {header.columns} x {header.frames} frames, "
            f"more than {limits.pixels // 1_000_000} million pixels",
            hint="raise limits.decode_megapixels if the file is a real film",
        )
    if not 1 <= frame <= header.frames:
        raise BadInput(f"{name} has {header.frames} frames; there is no frame {frame}")
    needed = (pixels * header.bits_allocated + 7) // 8
    if header.transfer_syntax in _NATIVE and (header.pixel_bytes or 0) < needed:
        raise BadInput(
            f"{name} is cut short: {header.pixel_bytes or 0} of {needed} bytes of pixel data",
            hint="retrieve or export it again",
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
