"""The child process that decodes pixels: `python -m readingroom.tools.imaging.decoder`.

One request as JSON on stdin; on stdout one line of JSON, then, when all went well, the array as
raw bytes in the form of a .npy file. No pickle either way. Codecs are the part of this program
that hostile files reach deepest, so they run here, under limits, and may die alone.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


_TOO_MUCH = "it needs more memory than a film may"


class Refused(Exception):
    """The file's own fault. The message is one clause."""


class _MemoryWatch(logging.Handler):
    """pydicom turns a decoder's MemoryError into a RuntimeError, but logs it first."""

    ran_out = False

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.ran_out = self.ran_out or _is_memory(error)


def _is_memory(error: BaseException | None) -> bool:
    # Codecs in C++ say "std::bad_alloc" or "failed to allocate" in words.
    return isinstance(error, MemoryError) or "alloc" in str(error)


def main() -> int:
    """Answer one request and end."""
    request = json.loads(sys.stdin.buffer.readline())
    _limit(int(request["memory_bytes"]), int(request["cpu_s"]))
    watch = _MemoryWatch()
    logging.getLogger("pydicom").addHandler(watch)
    answer: dict[str, Any]
    array = None
    try:
        array, answer = _picture(request) if request["picture"] else _film(request)
    except Refused as error:
        answer = {"outcome": "refused", "reason": str(error)}
    except MemoryError:
        answer = {"outcome": "limit", "reason": _TOO_MUCH}
    # The edge of this worker: codecs raise whatever they like, and all of it means that this
    # file does not decode. The type alone goes back; messages may quote the file.
    except Exception as error:
        answer = {"outcome": "refused", "reason": f"its pixels do not decode ({_kind(error)})"}
        if watch.ran_out or _is_memory(error):
            answer = {"outcome": "limit", "reason": _TOO_MUCH}
    _reply(answer, array)
    return 0


def _reply(answer: dict[str, Any], array: NDArray[Any] | None) -> None:
    out = sys.stdout.buffer
    out.write(json.dumps(answer).encode() + b"\n")
    if array is not None:
        import numpy as np

        np.save(out, array, allow_pickle=False)
    out.flush()


def _kind(error: BaseException) -> str:
    return type(error).__name__


def _limit(memory_bytes: int, cpu_s: int) -> None:
    # One thread: each thread of a numeric library reserves address space of its own.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    try:
        import resource
    except ImportError:  # not on Windows: the pixel budget and the timeout still hold
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _film(request: dict[str, Any]) -> tuple[NDArray[Any], dict[str, Any]]:
    import warnings

    warnings.simplefilter("ignore")
    import numpy as np
    import pydicom
    from pydicom.pixels import pixel_array

    from readingroom.tools.imaging.display import display

    dataset = pydicom.dcmread(Path(request["path"]), force=True)
    if "PixelData" not in dataset:
        raise Refused("it holds no pixel data that can be shown")
    if "TransferSyntaxUID" not in getattr(dataset, "file_meta", {}):
        dataset.file_meta = pydicom.dataset.FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = pydicom.uid.UID(request["transfer_syntax"])
    stored = pixel_array(dataset, index=int(request["frame"]) - 1)
    if stored.ndim != 2:
        raise Refused("it is a colour image")
    if stored.shape != (request["rows"], request["columns"]):
        raise Refused("its pixels are not of the size that its header states")
    window = tuple(request["window"]) if request["window"] else None
    grey, shown = display(stored, dataset, window)
    if not np.isfinite(grey).all():
        raise Refused("its pixels hold values that are no numbers")
    return grey, {"outcome": "ok", "window": shown}


def _picture(request: dict[str, Any]) -> tuple[NDArray[Any], dict[str, Any]]:
    """A grey PNG or JPEG as uint8 or uint16 (rows, columns)."""
    import numpy as np
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # our own budget is checked below, before anything is decoded
    try:
        image = Image.open(request["path"], formats=("PNG", "JPEG"))
    except UnidentifiedImageError:
        raise Refused("it is neither PNG nor JPEG") from None
    width, height = image.size
    if width * height > request["budget"]:
        raise Refused(f"{width} x {height} pixels are more than a film may have")
    pixels = np.asarray(ImageOps.exif_transpose(_grey_mode(image)))
    if pixels.ndim == 3:
        if np.ptp(pixels.astype(np.int16), axis=2).max() > _GREY_TOLERANCE:
            raise Refused("it is a colour picture, not a radiograph")
        pixels = pixels[..., 0]
    if pixels.dtype not in (np.uint8, np.uint16):
        pixels = np.clip(pixels, 0, 65535).astype(np.uint16)
    return np.ascontiguousarray(pixels), {"outcome": "ok", "window": None}


_GREY_TOLERANCE = 8
"""Largest difference between channels of a grey JPEG: chroma subsampling rounds."""


def _grey_mode(image: Any) -> Any:
    if image.mode in ("L", "I;16", "I;16B", "I"):
        return image
    if image.mode == "1":
        return image.convert("L")
    return image.convert("RGB")


if __name__ == "__main__":
    sys.exit(main())
