"""Which image of the current study is compared with which of a prior."""

from __future__ import annotations

from collections.abc import Sequence

from readingroom.tools.imaging.header import Header

_FRONTAL = ("PA", "AP")


def pair_views(
    current: Sequence[Header], prior: Sequence[Header]
) -> tuple[tuple[Header, Header], ...]:
    """Pair images by view: the same view first, then PA with AP; each image at most once.

    An image whose view is not stated is paired only with another of that kind, or with a frontal
    one when the study has a single image.
    """
    left = list(prior)
    pairs: list[tuple[Header, Header]] = []
    rules = [_same_view, _both_frontal]
    if len(current) == len(prior) == 1:
        rules.append(_single)
    for same in rules:
        for image in current:
            if any(image is taken for taken, _ in pairs):
                continue
            match = next((other for other in left if same(image, other)), None)
            if match is not None:
                pairs.append((image, match))
                left.remove(match)
    return tuple(pairs)


def _same_view(one: Header, other: Header) -> bool:
    return one.view_position == other.view_position


def _both_frontal(one: Header, other: Header) -> bool:
    return one.view_position in _FRONTAL and other.view_position in _FRONTAL


def _single(one: Header, other: Header) -> bool:
    """One image on each side: a view that is not stated is taken for frontal."""
    return all(view in _FRONTAL for view in (one.view_position, other.view_position) if view)
