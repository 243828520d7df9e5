"""Films as pictures: whole or cropped, as 8-bit grey PNG. Marks are drawn elsewhere."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from typing import TYPE_CHECKING

from readingroom.domain.errors import BadInput
from readingroom.domain.film import Film
from readingroom.domain.region import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def render_png(film: Film, max_side: int | None = None, crop: Box | None = None) -> bytes:
    """An 8-bit grey PNG of a film, or of a box on it.

    Args:
        film: bright is dense; shown as it is.
        max_side: longest side in pixels; larger is scaled down, nothing is scaled up.
        crop: in pixels of the stored image, clipped to it.

    Raises:
        BadInput: the box lies outside the film.
    """
    import numpy as np
    from PIL import Image

    grey = film.grey_yx if crop is None else crop_film(film, crop).grey_yx
    grey = _shrink(grey, max_side)
    pixels = np.clip(np.rint(grey * 255), 0, 255).astype(np.uint8)
    out = io.BytesIO()
    # Level 1: half the time of the default for a tenth more bytes, on films.
    Image.fromarray(pixels).save(out, "PNG", compress_level=1)
    return out.getvalue()


def crop_film(film: Film, box: Box, margin: float = 0.0) -> Film:
    """Cut out a box with a margin around it.

    Args:
        film: the whole film.
        box: in pixels of the stored image.
        margin: share of the box's longer side that is added on each side, e.g. 0.25.

    Returns:
        A film of the clipped box. Its hash differs from the whole film's, since models cache
        by it; the same box of the same film hashes alike.

    Raises:
        BadInput: the box lies outside the film.
    """
    x0, y0, x1, y1 = pixel_bounds(film, box, margin)
    digest = hashlib.sha256(f"{film.sha256}:{x0},{y0},{x1},{y1}".encode()).hexdigest()
    return replace(film, grey_yx=film.grey_yx[y0:y1, x0:x1].copy(), sha256=digest)


def pixel_bounds(film: Film, box: Box, margin: float = 0.0) -> tuple[int, int, int, int]:
    """Whole pixels x0, y0, x1, y1 (end exclusive) that cover a box, clipped to the film.

    Raises:
        BadInput: nothing of it lies on the film.
    """
    extra = margin * max(box.x1 - box.x0, box.y1 - box.y0)
    x0, y0 = max(0, int(box.x0 - extra)), max(0, int(box.y0 - extra))
    # Ceiling, so that the last pixel a box touches is inside.
    x1 = min(film.columns, -int(-(box.x1 + extra) // 1))
    y1 = min(film.rows, -int(-(box.y1 + extra) // 1))
    if x0 >= x1 or y0 >= y1:
        raise BadInput("the box lies outside the film")
    return x0, y0, x1, y1


def _shrink(grey: NDArray[np.float32], max_side: int | None) -> NDArray[np.float32]:
    """Scale down in float: an 8-bit film loses steps that a window would have shown."""
    rows, columns = grey.shape
    if max_side is None or max(rows, columns) <= max_side:
        return grey
    import numpy as np
    from PIL import Image

    scale = max_side / max(rows, columns)
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    image = Image.fromarray(np.ascontiguousarray(grey, dtype=np.float32))
    return np.asarray(image.resize(size, Image.Resampling.BOX), dtype=np.float32)
