"""UIDs that are the same on every machine: derived from what they name."""

from __future__ import annotations

import uuid

_NAMESPACE = uuid.UUID("5d1f6a52-7a0e-5c43-9b6e-1f6d0c5b2a77")


def uid(*parts: str | int) -> str:
    """A UID for what the parts name; the same parts give the same UID.

    Source: DICOM PS3.5 annex B.2, a UUID under the root 2.25.
    """
    return f"2.25.{uuid.uuid5(_NAMESPACE, '/'.join(map(str, parts))).int}"
