"""All detectors of one brand together: slots and stories in, incidents out. Pure; any thread.

The engine feeds it with what is stored, slot by slot; a rehearsal feeds another one with the same rows.
Nothing here is counted twice when it is said twice: stories are given as totals, slots come once each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from app.analysis.bursts.calendar import WEEKENDS, Calendar, Moment
from app.analysis.bursts.counts import Counts, Reading, Usual
from app.analysis.bursts.growth import SMALL, Pace, Story
from app.analysis.bursts.incident import Event, Incidents, Signal
from app.analysis.bursts.loud import Loud
from app.analysis.bursts.novel import SPAN as NEW_SPAN
from app.analysis.bursts.novel import Novelty, Word
from app.analysis.bursts.sensitivity import BALANCED, Thresholds
from app.analysis.bursts.share import SPAN, Share, Tone
from app.analysis.bursts.telling import told, told_reach, told_share, told_story, told_words
from app.domain.aspects import aspect_label
from app.i18n import _

SLOT = 300.0
"""Seconds of a slot; slots are numbered from 1970 on."""

TOPIC = 0.75
"""A topic must be a third stronger than the whole brand to be told: there are many of them."""

KEPT = 2 * 86400.0
"""Seconds after which a story that nobody touched is let go; if it comes back it is read again."""

ZEROS = 48.0
"""Hours of silence that a topic which is new is given as its past."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A judged mention of the brand in a slot. `negative` is P; `bad`: that is its tone; `reach` people."""

    mention_id: int
    negative: float
    bad: bool
    reach: float = 0.0
    topics: tuple[str, ...] = ()
    """Aspects it is negative about."""
    story: int | None = None
    words: tuple[str, ...] = ()


class Tally(NamedTuple):
    """A story so far, of posts that were news when they came: its first second, posts, bad ones."""

    born: float
    copies: float
    heat: float


@dataclass(frozen=True, slots=True)
class Ground:
    """What a signal rests on: the posts of the last `since` seconds, of a story, a topic, with a word."""

    since: float
    story: int | None = None
    topic: str = ""
    words: tuple[Word, ...] = ()


Mark = tuple[str, str]
"""Channel and mark of a signal."""


@dataclass(frozen=True, slots=True)
class Said:
    """What changed, on what its signals rest, and the slot's course."""

    events: tuple[Event, ...] = ()
    grounds: Mapping[Mark, Ground] = field(default_factory=dict)
    signals: Mapping[Mark, Signal] = field(default_factory=dict)
    """Those above their threshold, also where they change nothing."""
    came: float = 0.0
    expected: float = 0.0
    """By what was usual before the open incident."""


class Watcher:
    """One brand."""

    def __init__(
        self,
        thresholds: Thresholds = BALANCED,
        calendar: Calendar = WEEKENDS,
        incidents: Incidents | None = None,
    ) -> None:
        self.incidents = incidents or Incidents()
        self.counts = Counts(thresholds)
        self._thresholds, self._calendar = thresholds, calendar
        self._topics: dict[str, Counts] = {}
        self._share, self._novelty, self._pace = Share(thresholds), Novelty(thresholds), Pace()
        self._loud = Loud()
        self._stories: dict[int, tuple[Story, float]] = {}
        self._pulse = 0.0
        self._before: Usual | None = None
        """What was usual when the open incident opened: a crisis must not come to be what is expected."""

    def close(
        self,
        moment: Moment,
        posts: Sequence[Heard],
        stories: Mapping[int, Tally],
        *,
        live: bool = True,
        tracked: bool = True,
    ) -> Said:
        """The slot that begins at `moment` is over: its posts, and the stories that they touched.

        `live` False: it teaches only. `tracked` False: the incidents have seen this slot already.
        """
        self._keep_usual(moment)
        negative = math.fsum(one.negative for one in posts)
        reading = self.counts.update(moment, negative, SLOT, live=live)
        readings = self._of_topics(moment, posts, live=live)
        reach = sum(one.reach for one in posts if one.bad)
        self._loud.add(
            moment.second, float(len(posts)), negative, math.fsum(one.negative for one in posts if one.bad)
        )
        tone = self._share.update(moment.second, min(negative, len(posts)), float(len(posts)), reach)
        words = self._of_words(moment, posts)
        second = moment.second + SLOT
        found = self._weighed(second, moment, stories)
        self._pulse = negative * 3600.0 / SLOT
        expected = self._before.expected(moment, SLOT) if self._before else reading.expected
        if not live or not tracked:
            return Said(came=negative, expected=expected)
        talk = self._loud.only(moment.second, max(SLOT, reading.span), tone.usual)
        found |= _surges(moment, reading, readings, talk=talk)
        found |= _tones(tone)
        if words:
            mark = words[0].marks[0][0] if words[0].marks else ""
            said = Signal("words", words[0].strength, told_words(words), words[0].word)
            story = int(mark) if mark else None
            found["words", words[0].word] = (said, Ground(NEW_SPAN, story, "", words))
        return self._tracked(second, found, negative, expected)

    def weigh(self, moment: Moment, stories: Mapping[int, Tally]) -> Said:
        """In the middle of a slot: these stories have grown. `moment` is now."""
        found = self._weighed(moment.second, moment, stories)
        return self._tracked(moment.second, found, 0.0, 0.0) if found else Said()

    def band(self, expected: float) -> tuple[float, float]:
        """Of nine of ten ordinary slots; while an incident is open, of those before it."""
        return (self._before or self.counts).band(expected)

    def _keep_usual(self, moment: Moment) -> None:
        """Before the slot at `moment` is learnt. The first that ends after the incident opened decides,
        however late it is fed: a program that was killed keeps the same."""
        since = self.incidents.since
        if since is None:
            self._before = None
        elif self._before is None and since < moment.second + SLOT:
            self._before = self.counts.usual()

    def late(self, moment: Moment, posts: float) -> None:
        """Negative posts of a slot long past, found only now: they teach."""
        self.counts.late(moment, posts)

    def _tracked(
        self, second: float, found: Mapping[Mark, tuple[Signal, Ground]], came: float, expected: float
    ) -> Said:
        signals = {mark: signal for mark, (signal, _ground) in found.items()}
        events = self.incidents.update(second, signals.values(), self._pulse)
        grounds = {mark: ground for mark, (_signal, ground) in found.items()}
        return Said(events, grounds, signals, came, expected)

    def _of_topics(self, moment: Moment, posts: Iterable[Heard], *, live: bool) -> dict[str, Reading]:
        sums = dict.fromkeys(self._topics, 0.0)
        for one in posts:
            for topic in one.topics:
                sums[topic] = sums.get(topic, 0.0) + one.negative
        for topic in sums:
            if topic not in self._topics:
                self._topics[topic] = self._silent(moment)
        return {
            topic: self._topics[topic].update(moment, came, SLOT, live=live) for topic, came in sums.items()
        }

    def _silent(self, moment: Moment) -> Counts:
        """A topic nobody spoke of as long as the brand is known."""
        made = Counts(self._thresholds)
        for back in range(round(min(ZEROS, self.counts.baseline.known) * 3600.0 / SLOT), 0, -1):
            past = timedelta(seconds=back * SLOT)
            then = Moment.of(moment.second - back * SLOT, moment.wall - past, self._calendar)
            made.update(then, 0.0, SLOT, live=False)
        return made

    def _of_words(self, moment: Moment, posts: Iterable[Heard]) -> tuple[Word, ...]:
        bad = [one for one in posts if one.bad and one.words]
        for one in bad:
            self._novelty.add(moment.second, one.words, str(one.story) if one.story else "")
        return self._novelty.risen(moment.second) if bad else ()

    def _weighed(
        self, second: float, moment: Moment, stories: Mapping[int, Tally]
    ) -> dict[Mark, tuple[Signal, Ground]]:
        found: dict[Mark, tuple[Signal, Ground]] = {}
        for id_, tally in stories.items():
            if tally.heat < SMALL:
                continue
            story = self._stories.get(id_, (Story(tally.born, self._thresholds), second))[0]
            story.born, story.copies = tally.born, tally.copies
            story.heat = min(tally.heat, tally.copies)
            self._stories[id_] = (story, second)
            strength = story.strength(second, self._pace)
            if strength >= 1.0:
                began = moment.wall - timedelta(seconds=max(0.0, moment.second - tally.born))
                signal = Signal("story", strength, told_story(story, second, began), str(id_), tally.heat)
                found["story", str(id_)] = (signal, Ground(second - tally.born, id_))
        if len(self._stories) > 200:
            self._stories = {key: one for key, one in self._stories.items() if one[1] > second - KEPT}
        return found

    def dump(self) -> dict[str, Any]:
        """All but the incidents, as JSON; `load` gives back one that goes on exactly so."""
        return {
            "v": 1,
            "counts": self.counts.dump(),
            "topics": {topic: counts.dump() for topic, counts in self._topics.items()},
            "share": self._share.dump(),
            "loud": self._loud.dump(),
            "novelty": self._novelty.dump(),
            "pace": self._pace.dump(),
            "stories": [[id_, story.dump(), at] for id_, (story, at) in self._stories.items()],
            "pulse": self._pulse,
            "before": self._before.dump() if self._before else None,
        }

    @classmethod
    def load(
        cls,
        state: dict[str, Any],
        thresholds: Thresholds = BALANCED,
        calendar: Calendar = WEEKENDS,
        incidents: Incidents | None = None,
    ) -> Watcher:
        """Thresholds are not part of the state. KeyError, TypeError, ValueError: this is no such state."""
        if state["v"] != 1:
            raise ValueError(f"a state of version {state['v']}")
        made = cls(thresholds, calendar, incidents)
        made.counts = Counts.load(state["counts"], thresholds)
        made._topics = {topic: Counts.load(one, thresholds) for topic, one in state["topics"].items()}
        made._share = Share.load(state["share"], thresholds)
        made._loud = Loud.load(state["loud"])
        made._novelty = Novelty.load(state["novelty"], thresholds)
        made._pace = Pace.load(state["pace"])
        made._stories = {id_: (Story.load(one, thresholds), at) for id_, one, at in state["stories"]}
        made._pulse = state["pulse"]
        made._before = Usual.load(state["before"]) if state["before"] else None
        return made


def _surges(
    moment: Moment, reading: Reading, topics: Mapping[str, Reading], *, talk: bool
) -> dict[Mark, tuple[Signal, Ground]]:
    """`talk`: what exceeds the usual is no complaint; what falls short of it is told all the same."""
    found: dict[Mark, tuple[Signal, Ground]] = {}
    if (reading.surge >= 1.0 or reading.unsettled >= 1.0) and not (talk and reading.came > reading.usual):
        said = told(reading, moment.wall, SLOT)
        channel = reading.kind or ("surge" if reading.surge >= 1.0 else "unsettled")
        strength, size = (
            (reading.surge, reading.size) if channel == "surge" else (reading.unsettled, math.inf)
        )
        found[channel, ""] = (Signal(channel, strength, said, "", size), Ground(max(reading.since, SLOT)))
    for topic, one in topics.items():
        strength = TOPIC * one.surge
        if strength >= 1.0 and one.kind == "surge":
            sentence = _("{topic}: {sentence}").format(
                topic=aspect_label(topic), sentence=told(one, moment.wall, SLOT)
            )
            signal = Signal("surge", strength, sentence, topic, one.size)
            found["surge", topic] = (signal, Ground(max(one.since, SLOT), None, topic))
    return found


def _tones(tone: Tone) -> dict[Mark, tuple[Signal, Ground]]:
    found: dict[Mark, tuple[Signal, Ground]] = {}
    if tone.share >= 1.0:
        found["share", ""] = (Signal("share", tone.share, told_share(tone)), Ground(SPAN))
    if tone.reach >= 1.0:
        found["reach", ""] = (Signal("reach", tone.reach, told_reach(tone)), Ground(SPAN))
    return found
