"""A decoded film as models see it. numpy only for the type checker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from readingroom.domain.ids import SOPInstanceUID

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Film:
    """One projection image, ready for display and for a model.

    Attributes:
        grey_yx: float32 (rows, columns), 0 to 1, after modality and VOI LUT; bright is dense
            (MONOCHROME2 sense) whatever was stored.
        sha256: digest of the stored object; models cache by it.
        spacing_yx_mm: pixel pitch (row, column) in mm and None when the header has none: never
            a default.
        view: ViewPosition as stored ("PA", "AP", "LL", "").
        window: (center, width) in stored units that `grey_yx` shows, for the caption.
    """

    sop_uid: SOPInstanceUID
    sha256: str
    grey_yx: NDArray[np.float32]
    spacing_yx_mm: tuple[float, float] | None
    view: str
    window: tuple[float, float]

    @property
    def rows(self) -> int:
        """Rows of the stored image."""
        return int(self.grey_yx.shape[0])

    @property
    def columns(self) -> int:
        """Columns of the stored image."""
        return int(self.grey_yx.shape[1])
