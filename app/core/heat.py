"""The heat of a story, from its posts as they are stored. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from app.domain.mention import Stored
from app.domain.sentiment import Tone
from app.domain.warning import CampaignSign, StoryHeat, StoryHop
from app.storage.stories import Part
from app.stories import Copy, busiest, explained, read, reasons

HOUR = 3600.0
COMPARED = 300
"""Posts whose texts are compared for signs of a campaign."""


def heat_of(
    story: int,
    parts: Sequence[Part],
    *,
    copies: int,
    texts: Mapping[int, str],
    first: Stored | None,
    now: datetime,
) -> StoryHeat:
    """`parts` in order of time, at least one; `copies` counts also those that are not among them."""
    times = [one.at.timestamp() for one in parts]
    until = now.timestamp()
    reach: dict[tuple[str, str], int] = {}
    for one in parts:
        who = one.author_id or one.author or f"#{one.mention_id}"
        reach[one.platform, who] = max(reach.get((one.platform, who), 0), one.followers or 0)
    platforms = Counter(one.platform for one in parts)
    return StoryHeat(
        id=story,
        first=first,
        first_at=parts[0].at,
        last_at=parts[-1].at,
        copies=copies,
        negative=sum(one.tone == Tone.NEGATIVE for one in parts),
        velocity=float(sum(until - HOUR < at <= until for at in times)),
        peak=float(busiest(times)),
        authors=len(reach),
        followers=sum(reach.values()),
        platforms=tuple(sorted(platforms.items(), key=lambda one: (-one[1], one[0]))),
        path=_hops(parts),
        campaign=_campaign(parts, texts),
    )


def _hops(parts: Sequence[Part]) -> tuple[StoryHop, ...]:
    where = {one.mention_id: one.platform for one in parts}
    found: dict[tuple[str, str], list[datetime]] = {}
    for one in parts:
        if one.of_id in where:
            found.setdefault((where[one.of_id], one.platform), []).append(one.at)
    hops = [StoryHop(source, target, len(times), min(times)) for (source, target), times in found.items()]
    return tuple(sorted(hops, key=lambda hop: (hop.at, hop.source, hop.target)))


def _campaign(parts: Sequence[Part], texts: Mapping[int, str]) -> tuple[CampaignSign, ...]:
    written = [one for one in parts if one.way != "link" and one.mention_id in texts][:COMPARED]
    copies = [
        Copy(
            id=str(one.mention_id),
            at=one.at.astimezone(UTC),
            platform=one.platform,
            author=one.author,
            author_id=one.author_id or one.author,
            followers=one.followers,
            of="",
            of_platform="",
            similarity=1.0,
            by=one.way,
        )
        for one in written
    ]
    keys = [read(texts[one.mention_id]).hash for one in written]
    return tuple(CampaignSign(one.kind, explained(one), one.share) for one in reasons(copies, keys, []))
