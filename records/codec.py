"""Domain values to JSON text and back, by the types they are declared with.

Unions are told apart by the `kind` that each member carries (`Evidence`, `Outcome`). What does
not survive the way there and back is refused when it is written, not when it is read.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, overload

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from readingroom.domain.errors import Conflict

T = TypeVar("T")


def encode(value: Any) -> str:
    """Write a domain dataclass or a JSON value as JSON text.

    Raises:
        TypeError: it holds something without a JSON form (an array, a numpy scalar, a file).
    """
    try:
        # NaN and infinity as JavaScript constants: the reader below understands them, and a
        # null in their place would change a draft's hash.
        return to_json(value, inf_nan_mode="constants").decode()
    except PydanticSerializationError as error:
        raise TypeError(f"{type(value).__name__} cannot be stored: {error}") from error


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@overload
def decode(text: str, kind: type[T]) -> T: ...
@overload
def decode(text: str, kind: Any) -> Any: ...
def decode(text: str, kind: Any) -> Any:
    """Read what `encode` wrote.

    Args:
        text: JSON text.
        kind: the declared type: a dataclass, a union, `tuple[Prior, ...]`, `Outcome[StudyRef]`.

    Raises:
        Conflict: what is stored is of another type or was written by an incompatible version.
    """
    try:
        return _adapter(kind).validate_json(text)
    except ValidationError as error:
        # The message names fields only; the values may be a patient's.
        where = ", ".join(".".join(map(str, item["loc"])) for item in error.errors()[:3])
        name = getattr(kind, "__name__", str(kind))
        raise Conflict(
            f"a stored value is not a {name} (at {where or 'the top'})",
            hint="was it written by another version? read the case again",
        ) from None
