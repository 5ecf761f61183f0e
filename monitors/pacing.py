"""Limits that a platform announces before it says no: X-RateLimit-Remaining and its kin.

Pure; runs wherever its caller runs. Time that is left is counted from the answer's own Date, since clocks
differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.errors import BadResponse, RateLimited
from app.i18n import _
from monitors.cursors import number
from monitors.fetching import Fetched, retry_after
from monitors.values import when

RESERVE = 10
"""Requests left to the person's answers when reading pauses."""
LONGEST = 3600.0
ORDINARY = 60.0


def rest(headers: Mapping[str, str], now: datetime, prefix: str) -> int:
    """Epoch second (of our clock) until which to pause; 0 while there is room. `prefix`: "x-ratelimit-"."""
    left = headers.get(f"{prefix}remaining", "").strip()
    if not left.isdigit() or not left.isascii() or int(left[:9]) > RESERVE:
        return 0
    wait = _reset(headers, now, prefix)
    return int(now.timestamp() + wait) if wait else 0


def _reset(headers: Mapping[str, str], now: datetime, prefix: str) -> float:
    """Seconds until the platform counts anew; 0 where it does not say."""
    try:
        ends = when(headers.get(f"{prefix}reset", ""))
        there = when(headers["date"]) if headers.get("date") else now
    except BadResponse:
        return 0.0
    return min(max(0.0, (ends - there).total_seconds()), LONGEST)


def rested(told: Any, now: datetime) -> None:
    """`told`: what `rest` gave, from the cursor. RateLimited while the pause lasts."""
    left = number(told) - now.timestamp()
    if 0 < left <= LONGEST:
        raise RateLimited(_("The platform's limit is nearly used up; reading pauses."), retry_after=left)


def limited(got: Fetched, now: datetime, prefix: str) -> RateLimited:
    """For a 429."""
    wait = retry_after(got.headers) or _reset(got.headers, now, prefix) or ORDINARY
    return RateLimited(_("The platform asks us to come less often."), retry_after=wait, details="HTTP 429")
