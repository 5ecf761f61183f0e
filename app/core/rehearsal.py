"""How often would a sensitivity have alarmed? What is stored, through the very same detectors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from app.analysis.bursts.china import china
from app.analysis.bursts.incident import Event
from app.analysis.bursts.watcher import Said, Tally, Watcher
from app.domain.warning import Case, Rehearsal
from app.engine.watching import Watching, thresholds_of
from app.storage.store import Storage
from app.storage.stories import LATE, LIVE, HeardOf
from app.storage.warning import slot_begins, slot_of

TAUGHT = timedelta(days=14)
"""The past before the days asked for, which teaches and does not alarm."""
SHOWN = 50
"""Mentions that a case names."""


def rehearsed(storage: Storage, brand_id: int, word: str, days: int, now: datetime) -> Rehearsal:
    """Takes up to seconds. Each alarm of the program is one case."""
    watching = Watching(storage, china())
    watcher = Watcher(thresholds_of(word), china())
    begin, last = now - timedelta(days=days), slot_of(now) - 1
    past = storage.warning.past(brand_id, begin - TAUGHT, now)
    if past.first is None:
        return Rehearsal(word, days, 0.0, ())
    first, start = past.first, max(past.first, slot_of(begin))
    watching.teach(watcher, past.slots, first, start - 1)
    cases: list[Case] = []
    tallies: dict[int, Tally] = {}
    heard: dict[int, list[HeardOf]] = defaultdict(list)
    for slot in range(start, last + 1):
        posts = past.slots.get(slot, ())
        if any(one.sort == LATE for one in posts):
            posts = tuple(one for one in posts if one.sort != LATE)
        if posts:
            heard[slot].extend(posts)
        touched = _counted(tallies, posts)
        words = watching.words([one.mention_id for one in posts if one.bad and one.sort == LIVE])
        said = watcher.close(watching.moment(slot), watching.posts(posts, words), touched)
        for event in said.events:
            if event.alarm:
                cases.append(_case(slot, event, said, heard))
    known = min(float(days), (now - slot_begins(first)) / timedelta(days=1))
    return Rehearsal(word, days, round(known, 2), tuple(reversed(cases)))


def _counted(tallies: dict[int, Tally], posts: Sequence[HeardOf]) -> dict[int, Tally]:
    """The stories that these touch, as they are then."""
    touched = {}
    for one in posts:
        if one.story_id:
            at = one.at.timestamp()
            old = tallies.get(one.story_id, Tally(at, 0.0, 0.0))
            new = Tally(min(old.born, at), old.copies + 1.0, old.heat + one.bad)
            tallies[one.story_id] = touched[one.story_id] = new
    return touched


def _case(slot: int, event: Event, said: Said, heard: dict[int, list[HeardOf]]) -> Case:
    strongest = event.signals[0]
    ground = said.grounds[strongest.channel, strongest.mark]
    since = slot - int(ground.since // 300)
    of_story = ground.story if strongest.channel == "story" else None
    ids = [
        one.mention_id
        for at in range(max(since, slot - 1000), slot + 1)
        for one in heard.get(at, ())
        if one.bad
        and (of_story is None or one.story_id == of_story)
        and (not ground.topic or ground.topic in one.topics)
    ]
    return Case(slot_begins(slot + 1), strongest.told, tuple(ids[-SHOWN:]))
