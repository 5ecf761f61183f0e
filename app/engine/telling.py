"""What the detectors said of a brand, as incidents are written down: titles, severity, what they rest on.

Worker threads only; it reads, `warning.py` writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.alerts.rules import FAR
from app.analysis.bursts.incident import Event, Phase, Signal
from app.analysis.bursts.watcher import SLOT, Ground, Said, Watcher
from app.analysis.gist import terms
from app.domain.alert import Severity
from app.domain.aspects import aspect_label
from app.domain.cues import URGENT, severity_label
from app.domain.plain import one_line, own_part
from app.domain.rule import AlertRule
from app.domain.warning import IncidentPhase
from app.domain.watch import Watch
from app.i18n import N_, _, listed
from app.storage.store import Storage
from app.storage.warning import Found, Turn, slot_of

GRAVE = 3.0
"""So many times its threshold is a matter for everybody."""
HEARD = FAR * AlertRule().followers
"""Followers from which a post is heard far (a verified account's count thrice)."""
VERIFIED = 3
SHARP = frozenset(("surge", "story"))
"""Channels that know when it began; the others look back over a fixed span."""
MOST = 500
"""Mentions of one sign that are written down."""
FLOOD = 20_000
"""Mentions of one slot that an incident rests on."""
SHOWN = 40
_TITLE, _QUOTE = 90, 40

CHANNELS = {
    "surge": N_("a surge of complaints"),
    "unsettled": N_("an unusual day"),
    "story": N_("one story spreads"),
    "share": N_("the tone turns"),
    "reach": N_("heard far"),
    "words": N_("a new kind of complaint"),
}


Drawn = tuple[int, float, float, float, float]
"""(slot, came, expected, low, high)."""


class Teller:
    """One for all brands."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def turns(
        self,
        watch: Watch,
        watcher: Watcher,
        said: Said,
        now: datetime,
        *,
        before: Sequence[str],
        slot: int,
        over: bool,
    ) -> list[Turn]:
        """`before`: the channels that had a part until now. `slot`: the last that is over; `over`: just
        now, and `said` is of it."""
        number = watcher.incidents.dump()["number"]
        made = [self._turn(watch, event, said, now) for event in said.events]
        opened = any(event.phase is Phase.OPENED for event in said.events)
        joined = [channel for channel in watcher.incidents.channels if channel not in before and not opened]
        rests = self._going_on(watch, watcher, said, slot) if over else ()
        course = _course_before(watcher, slot) if opened else ()
        if over and not opened:
            course = _course_now(watcher, said, slot)
        if joined or rests or course:
            signs = () if not joined else self._joined(watch, said, joined, now)
            made.append(
                Turn(
                    brand_id=watch.id,
                    number=number,
                    at=now,
                    channels=tuple(joined),
                    signs=signs,
                    rests_on=(*rests, *(id_ for sign in signs for id_ in sign.mention_ids)),
                    course=course,
                )
            )
        return made

    def _turn(self, watch: Watch, event: Event, said: Said, now: datetime) -> Turn:
        phase = IncidentPhase(event.phase.value)
        if not event.alarm:
            return Turn(
                brand_id=watch.id, number=event.number, at=now, phase=phase, strength=event.strength
            )
        floor = self._floor(watch, event.signals, said, now)
        signs = tuple(self._sign(watch, signal, said.grounds, now, floor) for signal in event.signals)
        rests = tuple(dict.fromkeys(id_ for sign in signs for id_ in sign.mention_ids))
        since = min((_since(one, said.grounds, now) for one in event.signals), default=now)
        return Turn(
            brand_id=watch.id,
            number=event.number,
            at=now,
            phase=phase,
            alarm=True,
            severity=self._severity(event, rests),
            began_at=since if floor is None else floor,
            title=self._title(watch, event, signs),
            reason=one_line(event.signals[0].told, 400),
            strength=event.strength,
            channels=tuple(dict.fromkeys(signal.channel for signal in event.signals)),
            signs=signs,
            rests_on=rests,
        )

    def _joined(
        self, watch: Watch, said: Said, channels: Sequence[str], now: datetime
    ) -> tuple[Found, ...]:
        """Nobody is told anew; what the other detector said is kept."""
        found = {}
        floor = self._floor(watch, tuple(said.signals.values()), said, now)
        for (channel, mark), signal in said.signals.items():
            if channel in channels:
                found[channel, mark] = self._sign(watch, signal, said.grounds, now, floor)
        return tuple(found.values())

    def _floor(self, watch: Watch, signals: Sequence[Signal], said: Said, now: datetime) -> datetime | None:
        """Since when it goes on, where a surge or a story says so: what came before is everyday."""
        known = [_since(one, said.grounds, now) for one in signals if one.channel in SHARP]
        open_ones = self._storage.warning.incidents(open_only=True, brand_id=watch.id, limit=1)
        if open_ones and SHARP.intersection(open_ones[0].channels):
            known.append(self._storage.warning.began_at(open_ones[0].id))
        return min(known, default=None)

    def _sign(
        self,
        watch: Watch,
        signal: Signal,
        grounds: Mapping[tuple[str, str], Ground],
        now: datetime,
        floor: datetime | None,
    ) -> Found:
        ground = _ground(signal, grounds)
        begin = _since(signal, grounds, now)
        since = slot_of(begin if floor is None or signal.channel in SHARP else max(begin, floor))
        ids = self._storage.warning.bad_mentions(
            watch.id,
            since,
            story=ground.story if signal.channel == "story" else None,
            topic=ground.topic,
            limit=MOST,
        )
        if ground.words:
            texts = self._storage.warning.texts(ids)
            wanted = {one.word for one in ground.words}
            ids = tuple(id_ for id_ in ids if wanted.intersection(terms(texts.get(id_, ""))))
        words = tuple((one.word, one.came, one.usual) for one in ground.words)
        return Found(signal.channel, signal.told, signal.strength, ground.story, words, ids)

    def _going_on(self, watch: Watch, watcher: Watcher, said: Said, slot: int) -> tuple[int, ...]:
        """Negative mentions of the slot that is over; of stories alone where only they alarmed."""
        channels = watcher.incidents.channels
        if not channels:
            return ()
        ids = self._storage.warning.bad_mentions(watch.id, slot, limit=FLOOD)
        if channels != ("story",):
            return ids
        open_ones = self._storage.warning.incidents(open_only=True, brand_id=watch.id, limit=1)
        stories = set(open_ones[0].stories) if open_ones else set()
        stories |= {ground.story for ground in said.grounds.values() if ground.story}
        of = self._storage.stories.of_mentions(ids)
        return tuple(id_ for id_ in ids if of.get(id_) in stories)

    def _severity(self, event: Event, rests: Sequence[int]) -> Severity:
        gravity = self._storage.warning.gravity(rests)
        grave = any(URGENT.intersection(cues) for _id, cues, _followers, _verified in gravity)
        heard = any(
            followers * (VERIFIED if verified else 1) >= HEARD
            for _id, _cues, followers, verified in gravity
        )
        reached = any(signal.channel == "reach" for signal in event.signals)
        return Severity.P1 if grave or heard or reached or event.strength >= GRAVE else Severity.P2

    def _title(self, watch: Watch, event: Event, signs: Sequence[Found]) -> str:
        """The brand, what kind of sign it is, what stands in it, and the words of the story."""
        first = event.signals[0]
        quote = self._quote(signs)
        what = _(CHANNELS.get(first.channel, "")) or first.channel
        if first.channel == "surge" and first.mark:
            what = _("complaints about {topic}").format(topic=aspect_label(first.mark))
        cues = self._cues(signs)
        if cues:
            what = _("{what}, {cues}").format(what=what, cues=cues)
        told = _("{brand}: {what}").format(brand=one_line(watch.name, 30), what=what)
        if quote:
            told = _("{title}: “{quote}”").format(title=told, quote=quote)
        return one_line(told, _TITLE)

    def _cues(self, signs: Sequence[Found]) -> str:
        ids = [id_ for sign in signs for id_ in sign.mention_ids][:MOST]
        counts: dict[str, int] = {}
        for _id, cues, _followers, _verified in self._storage.warning.gravity(ids):
            for cue in cues:
                counts[cue] = counts.get(cue, 0) + 1
        most = sorted(counts, key=lambda cue: (cue not in URGENT, -counts[cue], cue))[:2]
        return listed(severity_label(cue) for cue in most)

    def _quote(self, signs: Sequence[Found]) -> str:
        for sign in signs:
            if sign.channel == "story" and sign.story_id:
                first = self._storage.stories.mentions_of(sign.story_id, 1)
                text = self._storage.warning.texts(first).get(first[0], "") if first else ""
                start, end = own_part(text)
                return one_line(text[start:end], _QUOTE)
        return ""


def _since(signal: Signal, grounds: Mapping[tuple[str, str], Ground], now: datetime) -> datetime:
    """From where on a signal looks; a slot is told when it is over."""
    return now - timedelta(seconds=_ground(signal, grounds).since + SLOT)


def _ground(signal: Signal, grounds: Mapping[tuple[str, str], Ground]) -> Ground:
    return grounds.get((signal.channel, signal.mark), Ground(SLOT))


def _course_before(watcher: Watcher, slot: int) -> tuple[Drawn, ...]:
    """Up to `slot` when an incident has just opened: the hours before it, as they were expected then."""
    return tuple(
        (slot - back, came, expected, *watcher.band(expected))
        for back, came, expected in watcher.counts.course()[-SHOWN * 2 :]
    )


def _course_now(watcher: Watcher, said: Said, slot: int) -> tuple[Drawn, ...]:
    if watcher.incidents.phase is None and not said.events:
        return ()
    return ((slot, said.came, said.expected, *watcher.band(said.expected)),)
