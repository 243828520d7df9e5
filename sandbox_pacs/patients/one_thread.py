"""Sums in one order: BLAS shares a product out among threads, and rounds as it was shared out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

_T = TypeVar("_T")


@contextmanager
def one_thread() -> Iterator[None]:
    """Let BLAS use one thread: the same bytes on one core as on sixteen.

    It is faster too where several processes draw: two of them with two threads each, on two busy
    cores, took six times as long as with one each.
    """
    with _controller().limit(limits=1, user_api="blas"):
        yield


def in_one_thread(items: Iterator[_T]) -> Iterator[_T]:
    """What an iterator gives, each item made under `one_thread`; not what its user does."""
    while True:
        with one_thread():
            try:
                item = next(items)
            except StopIteration:
                return
        yield item


@cache
def _controller() -> Any:
    # A library that is not loaded yet is not found.
    import numpy  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
