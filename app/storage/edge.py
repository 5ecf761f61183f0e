"""The edge of storage: what a text, a number or a moment becomes before it is a column.

Both engines get the same values: texts without NUL and lone surrogates (SQLite cannot encode the
one, PostgreSQL refuses the other), whole numbers that fit 64 bits, moments as microseconds since
1970 in UTC (they compare and index alike everywhere). Pure; any thread.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_LARGEST = 2**63 - 1


def clean(text: str) -> str:
    """Drop NUL, put U+FFFD for lone surrogates."""
    if _UNFIT.search(text) is None:
        return text
    return _UNFIT.sub(lambda found: "" if found.group() == "\x00" else "\ufffd", text)


def micros(moment: datetime) -> int:
    """An aware moment as microseconds since 1970, UTC."""
    past = moment - _EPOCH
    return (past.days * 86_400 + past.seconds) * _SECOND + past.microseconds


def moment(stamp: int) -> datetime:
    """The aware UTC moment of a stored stamp."""
    return _EPOCH + timedelta(microseconds=stamp)


def maybe_micros(given: datetime | None) -> int | None:
    return None if given is None else micros(given)


def maybe_moment(stamp: int | None) -> datetime | None:
    return None if stamp is None else moment(stamp)


def whole(number: int | None) -> int | None:
    """A count that fits a 64-bit column."""
    return None if number is None else max(-_LARGEST, min(_LARGEST, int(number)))


def finite(number: float | None) -> float | None:
    """None for NaN and infinity, which the engines store differently."""
    return number if number is not None and math.isfinite(number) else None


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def dump(value: Any) -> str:
    """JSON as it is stored, readable in a database browser."""
    return clean(_ENCODER.encode(value))


def load(stored: str) -> Any:
    return json.loads(stored) if stored else None


def pieces(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """For statements that must stay below the engines' limit of parameters."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
