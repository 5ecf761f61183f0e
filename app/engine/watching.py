"""The detectors of our brands: loaded, taught, fed slot by slot, written down. Worker threads.

A brand's state is written down now and then, with its slot. Whatever came after that slot is in `heard`,
so that a program that was killed feeds it again and is where it was. A brand without a state is taught
from what is stored of the last TAUGHT days; so is one for which a longer past was imported.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from app import log
from app.analysis.bursts.calendar import Calendar, Moment
from app.analysis.bursts.incident import Incidents
from app.analysis.bursts.sensitivity import THRESHOLDS, Sensitivity, Thresholds
from app.analysis.bursts.watcher import Heard, Said, Tally, Watcher
from app.analysis.gist import terms
from app.storage.store import Storage
from app.storage.stories import ASIDE, LATE, LIVE, HeardOf
from app.storage.warning import slot_begins, slot_of

_log = log.topic("warning")

TAUGHT = timedelta(days=14)
READ = 2000
"""Negative posts of the past whose words are read."""
OLDER = 20
"""So many posts from before a brand was known: it is taught anew."""
SETTING = "sensitivity"
EVERY = 12
"""Slots after which each brand's state is written down."""

Words = Callable[[str], tuple[str, ...]]


class Brand:
    """One brand's detectors, and the first slot they know of."""

    def __init__(self, watcher: Watcher, since: int, word: Sensitivity, tracked: int) -> None:
        self.watcher = watcher
        self.since = since
        self.word = word
        self.tracked = tracked
        """The slot after which the state of its incidents is in the database."""


class Watching:
    """`ready` brands are fed; others are loaded or taught one at a time."""

    def __init__(self, storage: Storage, calendar: Calendar, words: Words = terms) -> None:
        self._storage = storage
        self._calendar = calendar
        self._words = words
        self.brands: dict[int, Brand] = {}

    def moment(self, slot: int) -> Moment:
        """Where a slot begins, here."""
        return moment_at(slot_begins(slot), self._calendar)

    def now(self, at: datetime) -> Moment:
        return moment_at(at, self._calendar)

    def ready(self, brand_id: int, closed: int) -> Brand:
        """Loaded, or taught, up to and with slot `closed`."""
        brand = self.brands.get(brand_id)
        if brand is None:
            brand = self._loaded(brand_id, closed)
            if brand is None:
                brand = self._taught(brand_id, closed)
                self._storage.warning.save_detectors([(brand_id, closed, _packed(brand))])
            brand.tracked = min(brand.tracked, closed)
            self.brands[brand_id] = brand
        return brand

    def forget(self, brand_id: int) -> None:
        self.brands.pop(brand_id, None)

    def _incidents(self, brand_id: int) -> tuple[int, Incidents]:
        kept = self._storage.warning.tracker(brand_id)
        return (kept[0], Incidents.load(kept[1])) if kept else (-1, Incidents())

    def _loaded(self, brand_id: int, closed: int) -> Brand | None:
        kept = self._storage.warning.detector(brand_id)
        if kept is None:
            return None
        slot, body = kept
        word = sensitivities(self._storage).get(brand_id, Sensitivity.BALANCED)
        tracked, incidents = self._incidents(brand_id)
        try:
            state = json.loads(zlib.decompress(body))
            watcher = Watcher.load(state["watcher"], THRESHOLDS[word], self._calendar, incidents)
            brand = Brand(watcher, int(state["since"]), word, tracked)
        except (zlib.error, ValueError, KeyError, TypeError, IndexError) as error:
            _log.warning("the detectors of brand %s are taught anew: %r", brand_id, error)
            return None
        heard = _by_slot(self._storage.warning.heard([brand_id], slot + 1, closed).get(brand_id, []))
        for again in range(slot + 1, closed + 1):
            self.close(brand_id, brand, again, heard.get(again, ()), tracked=False)
        return brand

    def _taught(self, brand_id: int, closed: int) -> Brand:
        word = sensitivities(self._storage).get(brand_id, Sensitivity.BALANCED)
        tracked, incidents = self._incidents(brand_id)
        watcher = Watcher(THRESHOLDS[word], self._calendar, incidents)
        end = slot_begins(closed + 1)
        past = self._storage.warning.past(brand_id, end - TAUGHT, end)
        if past.first is None:
            return Brand(watcher, closed + 1, word, tracked)
        since = max(past.first, slot_of(end - TAUGHT))
        self.teach(watcher, past.slots, since, closed)
        _log.info("brand %s was taught %s slots", brand_id, closed + 1 - since)
        return Brand(watcher, since, word, tracked)

    def teach(
        self, watcher: Watcher, slots: Mapping[int, Sequence[HeardOf]], first: int, last: int
    ) -> None:
        """All of it is the past; of the newest negative posts the words too."""
        bad = [one.mention_id for slot in sorted(slots) for one in slots[slot] if one.bad][-READ:]
        words = self.words(bad)
        for slot in range(first, last + 1):
            posts = [_post(one, words) for one in slots.get(slot, ()) if one.sort != ASIDE]
            watcher.close(self.moment(slot), posts, {}, live=False)

    def words(self, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Of these mentions; figures are no words, and all read alike."""
        if not ids:
            return {}
        return {
            id_: tuple(word for word in self._words(text) if "0" not in word)
            for id_, text in self._storage.warning.texts(ids).items()
        }

    def close(
        self, brand_id: int, brand: Brand, slot: int, heard: Sequence[HeardOf], *, tracked: bool = True
    ) -> Said:
        """One slot is over."""
        words = self.words([one.mention_id for one in heard if one.bad and one.sort == LIVE])
        posts = self.posts(heard, words)
        touched = {one.story_id for one in heard if one.story_id and one.sort != LATE}
        said = brand.watcher.close(
            self.moment(slot), posts, self.tallies(brand_id, touched), tracked=tracked
        )
        self._learn_late(brand_id, brand, slot, [one for one in heard if one.sort == LATE])
        return said

    def posts(self, heard: Sequence[HeardOf], words: Mapping[int, tuple[str, ...]]) -> list[Heard]:
        """Those that count in the slot."""
        return [_post(one, words) for one in heard if one.sort == LIVE]

    def tallies(self, brand_id: int, stories: Iterable[int]) -> dict[int, Tally]:
        """As they stand in the database."""
        wanted = set(stories)
        if not wanted:
            return {}
        return {
            story: Tally(one.born.timestamp(), float(one.copies), float(one.bad))
            for story, one in self._storage.stories.sums(brand_id, wanted).items()
        }

    def _learn_late(self, brand_id: int, brand: Brand, slot: int, late: Sequence[HeardOf]) -> None:
        sums: dict[int, float] = defaultdict(float)
        earlier = 0
        for one in late:
            then = slot_of(one.at)
            sums[then] += one.negative
            earlier += slot_of(slot_begins(slot) - TAUGHT) <= then < brand.since
        for then, negative in sums.items():
            if brand.since <= then <= slot:
                brand.watcher.late(self.moment(then), negative)
        if earlier >= OLDER:
            self._storage.warning.forget_detector(brand_id)
            self.forget(brand_id)

    def follow_sensitivities(self) -> None:
        """Another word, wherever it was chosen, counts from the next slot on, with the same memory."""
        chosen = sensitivities(self._storage)
        for brand_id, brand in self.brands.items():
            word = chosen.get(brand_id, Sensitivity.BALANCED)
            if word is not brand.word:
                old = brand.watcher
                brand.word = word
                brand.watcher = Watcher.load(old.dump(), THRESHOLDS[word], self._calendar, old.incidents)

    def write(self, closed: int, *, all_: bool = False) -> None:
        """The states that are due after slot `closed`, or all."""
        self._storage.warning.save_detectors(
            [
                (brand_id, closed, _packed(brand))
                for brand_id, brand in self.brands.items()
                if all_ or brand_id % EVERY == closed % EVERY
            ]
        )


def moment_at(at: datetime, calendar: Calendar) -> Moment:
    """On this machine's wall."""
    return Moment.of(at.timestamp(), at.astimezone().replace(tzinfo=None), calendar)


def sensitivities(storage: Storage) -> dict[int, Sensitivity]:
    """Chosen by people; what is not among them is balanced."""
    kept = storage.settings.get(SETTING)
    if not isinstance(kept, dict):
        return {}
    words = {one.value: one for one in Sensitivity}
    return {int(id_): words[word] for id_, word in kept.items() if id_.isdigit() and word in words}


def thresholds_of(word: str) -> Thresholds:
    return THRESHOLDS[Sensitivity(word)]


def _packed(brand: Brand) -> bytes:
    state = {"since": brand.since, "watcher": brand.watcher.dump()}
    return zlib.compress(json.dumps(state, separators=(",", ":")).encode("utf-8", "surrogatepass"), 3)


def _post(one: HeardOf, words: Mapping[int, tuple[str, ...]]) -> Heard:
    return Heard(
        one.mention_id,
        one.negative,
        one.bad,
        one.reach,
        one.topics,
        one.story_id,
        words.get(one.mention_id, ()),
    )


def _by_slot(heard: Iterable[HeardOf]) -> dict[int, list[HeardOf]]:
    found: dict[int, list[HeardOf]] = defaultdict(list)
    for one in heard:
        found[one.slot].append(one)
    return found
