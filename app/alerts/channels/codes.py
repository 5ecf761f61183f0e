"""What a robot's error code means for the person: one row a code. Pure; any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.plain import one_line
from app.errors import AppError, ConfigError, RateLimited, Refused, Transient
from app.i18n import _


@dataclass(frozen=True, slots=True)
class Row:
    """`told` is marked with N_. `wait`: seconds, for RateLimited."""

    kind: type[AppError]
    told: str
    wait: float = 0.0


def error_of(row: Row, code: object, **named: str) -> AppError:
    told = _(row.told).format(**named)
    details = one_line(f"code {code}", 60)
    if row.kind is RateLimited:
        return RateLimited(told, retry_after=row.wait or 60.0, details=details)
    if row.kind is Transient:
        return Transient(told, retry_after=row.wait or None, details=details)
    if row.kind is ConfigError:
        return ConfigError(told, field="url", details=details)
    return row.kind(told, details=details)


def by_code(table: Mapping[int, Row], code: int, said: str) -> AppError:
    """Codes that nobody has written down are refusals, in the robot's own words."""
    if code in table:
        return error_of(table[code], code)
    told = _("The robot refused the message: {said} (code {code}).")
    return Refused(told.format(said=one_line(said, 200) or "?", code=code), details=f"code {code}")


def number(value: Any) -> int | None:
    """A code, whether it came as a number or as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.lstrip("-").isdigit() and value.isascii() and len(value) < 12:
        return int(value)
    return None
