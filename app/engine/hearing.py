"""What counts of a mention for the detectors: news, old news, or a word aside. Worker threads only.

News (live) counts in the slot in which it is judged, which is minutes after it was said at the most.
Old news (late) teaches and never alarms: what an import or a new source brings, what was said while the
source was blind, and what waited long for its judgement. A post that names no brand, but answers or
repeats one that does, counts in the brand's story and nowhere else (aside).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from app.analysis.bursts.share import heard
from app.domain.sentiment import Tone
from app.storage.store import Storage
from app.storage.stories import ASIDE, LATE, LIVE, HeardOf, Member, Unplaced

NEWS = timedelta(hours=2)
"""Published longer ago than this, a post is old news."""

WAITED = timedelta(minutes=15)
"""Fetched longer ago than this (the scorer was gone), a post is old news too."""

BLIND = 1800.0
"""Seconds a source must have been blind for what was said meanwhile to be a back-fill."""


class Hearing:
    """Knows the sources."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._first: dict[int, datetime | None] = {}

    def heard(
        self, rows: Sequence[Unplaced], members: Sequence[Member], slot: int, now: datetime
    ) -> list[HeardOf]:
        """For each of our brands that a mention names, or whose story it belongs to."""
        gaps = self._storage.stories.gaps(BLIND, now - NEWS)
        folders = self._storage.stories.folders() if any(not row.dated for row in rows) else frozenset()
        found: list[HeardOf] = []
        nameless = {member.story_id for row, member in zip(rows, members, strict=True) if not row.brands}
        named: dict[int, set[int]] = defaultdict(set)
        for known, brands in self._storage.stories.brands_of(nameless).items():
            named[known] = set(brands)
        # Row by row, so that it does not matter how the batches are cut.
        for row, member in zip(rows, members, strict=True):
            story = member.story_id
            sort = LIVE if self._is_news(row, now, gaps, folders) else LATE
            for brand_id, negative, bad in row.brands:
                towards = _Towards(brand_id, min(1.0, negative), bad)
                found.append(_heard(row, story, slot, sort, towards))
                if story:
                    named[story].add(brand_id)
            if not row.brands and story and sort == LIVE:
                bad = row.tone == Tone.NEGATIVE
                for brand_id in sorted(named[story]):
                    found.append(_heard(row, story, slot, ASIDE, _Towards(brand_id, float(bad), bad)))
        return found

    def _is_news(
        self,
        row: Unplaced,
        now: datetime,
        gaps: dict[int, list[tuple[datetime, datetime | None]]],
        folders: frozenset[int],
    ) -> bool:
        if now - row.at > NEWS or now - row.fetched_at > WAITED:
            return False
        if not row.dated and (row.source_id in folders or self._is_first(row)):
            return False
        # A first page holds hours of talk; counted in one slot it would be a surge.
        if now - row.at > WAITED and self._is_first(row):
            return False
        return not any(
            begin <= row.at and (end is None or row.at < end) for begin, end in gaps.get(row.source_id, ())
        )

    def _is_first(self, row: Unplaced) -> bool:
        """Did this come with the first page of its source? That has no end on the old side."""
        if self._first.get(row.source_id) is None:
            self._first[row.source_id] = self._storage.stories.first_read(row.source_id)
        return self._first[row.source_id] == row.fetched_at


class _Towards(NamedTuple):
    """How a mention speaks of one of our brands."""

    brand_id: int
    negative: float
    bad: bool


def _heard(row: Unplaced, story: int | None, slot: int, sort: str, towards: _Towards) -> HeardOf:
    brand_id, negative, bad = towards
    topics = tuple(one.removesuffix(":-") for one in row.aspects.split(",") if one.endswith(":-"))
    return HeardOf(
        brand_id=brand_id,
        slot=slot,
        mention_id=row.id,
        sort=sort,
        at=row.at,
        negative=negative,
        bad=bad,
        reach=heard(float(row.followers or 0), row.verified) if bad else 0.0,
        topics=topics if sort != ASIDE else (),
        story_id=story,
    )
