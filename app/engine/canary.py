"""A post that must be findable: is it? Engine's loop.

It is looked for as a newcomer would: in what the source lists from the beginning, and, where the platform
can show one post, at its own place. One that was never found raises no alarm; one that was found before and
is missed at two looks does.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app import log
from app.domain.mention import Mention
from app.domain.watch import Source, Watch
from app.engine.sight import Sight
from app.errors import AppError
from app.storage.store import Storage
from monitors.base import CanThread, Monitor

_log = log.topic("canary")

EVERY = timedelta(hours=6)
COUNTED_EVERY = timedelta(hours=24)
"""Where the platform counts requests."""
AGAIN = timedelta(minutes=10)
"""After a miss."""
PAGES = 3


def is_due(source: Source, sight: Sight, now: datetime, per_day: int) -> bool:
    if not source.canary.strip():
        return False
    if sight.canary_at is None:
        return True
    wait = COUNTED_EVERY if per_day else EVERY
    return now - sight.canary_at >= (AGAIN if sight.canary_missed == 1 else wait)


def looked(sight: Sight, now: datetime, *, found: bool) -> Sight:
    """What a look teaches; a canary that was never seen cannot be missed."""
    if found:
        return replace(sight, canary_at=now, canary_seen_at=now, canary_missed=0)
    missed = sight.canary_missed + 1 if sight.canary_seen_at is not None else 0
    return replace(sight, canary_at=now, canary_missed=missed)


def is_it(one: Mention, canary: str) -> bool:
    """By its number, its address, or words of it."""
    wanted = canary.strip()
    if one.native_id == wanted or (one.url and one.url == wanted):
        return True
    return len(wanted) >= 6 and (wanted in one.text or wanted in one.title)


async def find(
    monitor: Monitor[Any], canary: str, watches: tuple[Watch, ...], storage: Storage
) -> bool | None:
    """None where it could not be looked for: that is the poll's affair."""
    try:
        if await _listed(monitor, canary, watches):
            return True
        known = await asyncio.to_thread(storage.mentions.by_name, canary.strip())
        if known is None or not isinstance(monitor, CanThread):
            return False
        return not (await monitor.thread(known.mention, None)).gone
    except AppError as error:
        _log.info("the canary was not looked for: %s", error.details or error)
        return None


async def _listed(monitor: Monitor[Any], canary: str, watches: tuple[Watch, ...]) -> bool:
    cursor = None
    for _page in range(PAGES):
        page = await monitor.poll(watches, cursor)
        if any(is_it(one, canary) for one in page.mentions):
            return True
        if not page.more:
            return False
        cursor = page.cursor
    return False
