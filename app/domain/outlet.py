"""A configured way out of the program: a channel for alerts, or a bug tracker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """And how it fares. `settings` never hold a secret. `error`: why the last attempt failed; "" since one
    went well. `waiting`: alerts on their way, or issues that are open; `failed`: alerts lost in a day, or
    issues of which it is unclear whether they were made."""

    id: int = 0
    kind: str
    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    paused: bool = False
    error: str = ""
    good_at: datetime | None = None
    waiting: int = 0
    failed: int = 0
