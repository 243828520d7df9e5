"""Pixels: headers, decoding in a child process, windows, rendering and import.

Names are resolved on first use: importing this package costs neither numpy nor pydicom.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readingroom.tools.imaging.films import (
        CT_WINDOWS,
        DecodeLimits,
        load_film,
        load_picture,
        load_slice,
    )
    from readingroom.tools.imaging.gate import Verdict, is_chest_film
    from readingroom.tools.imaging.header import Header, read_header, require_identity
    from readingroom.tools.imaging.importing import ImportItem, ImportPlan, import_files
    from readingroom.tools.imaging.pairs import pair_views
    from readingroom.tools.imaging.render import crop_film, pixel_bounds, render_png

_HOME = {
    "CT_WINDOWS": "films",
    "DecodeLimits": "films",
    "Header": "header",
    "ImportItem": "importing",
    "ImportPlan": "importing",
    "Verdict": "gate",
    "crop_film": "render",
    "import_files": "importing",
    "is_chest_film": "gate",
    "load_film": "films",
    "load_picture": "films",
    "load_slice": "films",
    "pair_views": "pairs",
    "pixel_bounds": "render",
    "read_header": "header",
    "render_png": "render",
    "require_identity": "header",
}

__all__ = [
    "CT_WINDOWS",
    "DecodeLimits",
    "Header",
    "ImportItem",
    "ImportPlan",
    "Verdict",
    "crop_film",
    "import_files",
    "is_chest_film",
    "load_film",
    "load_picture",
    "load_slice",
    "pair_views",
    "pixel_bounds",
    "read_header",
    "render_png",
    "require_identity",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
