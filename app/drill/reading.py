"""Crowds and copies out of a scenario file's tables. Pure; mistakes are ConfigErrors with their place."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.domain.sentiment import Tone
from app.drill.fields import Fields
from app.drill.making import HOW, SHAPES, Copies, Crowd, Heard, People
from app.drill.scenario import ABOUT, CHANNELS, EARLIEST, LATEST, PHASES
from app.i18n import _

MOST_MADE = 5000
"""Posts of one crowd, or copies of one post."""
BUSIEST = 2000.0
"""Posts an hour."""
LARGEST = 10**9

Words = Mapping[str, tuple[str, ...]]


def read_crowd(item: Fields, words: Words) -> Crowd:
    """`words` are the scenario's; the crowd's own go before them."""
    channel = item.choice("channel", CHANNELS)
    begin, end = _stretch(item)
    per_hour = item.numbers("per_hour", 0, BUSIEST, 24) if "per_hour" in item else ()
    n = 0 if per_hour else item.whole("n", 1, MOST_MADE)
    made = Crowd(
        place=item.place,
        id=_id(item),
        phase=item.choice("phase", PHASES),
        label=Tone(item.choice("label", tuple(Tone))),
        about=item.choice("about", ABOUT, "own"),
        channel=channel,
        site=item.text("site", ""),
        begin=begin,
        end=end,
        n=n,
        shape=item.choice("shape", SHAPES, "even"),
        per_hour=per_hour,
        texts=item.texts("texts", least=1),
        titles=item.texts("titles", least=1) if channel in ("forum", "news") else item.texts("titles"),
        ratings=_ratings(item, channel),
        people=_people(item.table("people")),
        heard=_heard(item.table("counts")) if "counts" in item else None,
        words={**words, **_own_words(item.table("words"))},
    )
    item.done()
    return made


def read_copies(item: Fields, words: Words) -> Copies:
    begin, end = _stretch(item)
    how, channels = item.texts("how", least=1), item.texts("channels") or ("weibo",)
    for name, given, allowed in (("how", how, HOW), ("channels", channels, CHANNELS[:-1])):
        if not set(given) <= set(allowed):
            item.fail(name, _("may only have these: {names}").format(names=", ".join(allowed)))
    made = Copies(
        place=item.place,
        id=_id(item),
        of=item.text("of"),
        n=item.whole("n", 1, MOST_MADE),
        begin=begin,
        end=end,
        shape=item.choice("shape", SHAPES, "burst"),
        how=how,
        most=item.whole("most", 1, len(HOW), 2),
        channels=channels,
        site=item.text("site", ""),
        people=_people(item.table("people")),
        heard=_heard(item.table("counts")) if "counts" in item else None,
        words={**words, **_own_words(item.table("words"))},
    )
    item.done()
    return made


def _id(item: Fields) -> str:
    """A number follows it in the ids of its posts."""
    value = item.text("id")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,30}", value):
        item.fail("id", _("may have letters, digits and hyphens only, 30 at the most"))
    return value


def _stretch(item: Fields) -> tuple[float, float]:
    begin, end = item.number("from", EARLIEST, LATEST), item.number("to", EARLIEST, LATEST)
    if end <= begin:
        item.fail("to", _("must be later than “{field}”").format(field="from"))
    return begin, end


def _ratings(item: Fields, channel: str) -> tuple[int, int] | None:
    if channel != "appstore":
        if "ratings" in item:
            item.fail("ratings", _("belongs to the app store, and to each of its posts"))
        return None
    low, high = item.span("ratings", 5)
    if low < 1:
        item.fail("ratings", _("must be two numbers from 1 to 5"))
    return low, high


def _people(item: Fields) -> People:
    made = People(
        names=item.texts("names", least=1),
        followers=item.span("followers", LARGEST) if "followers" in item else None,
        verified=item.flag("verified") if "verified" in item else None,
    )
    item.done()
    return made


def _heard(item: Fields) -> Heard:
    none = (0, 0)
    made = Heard(
        likes=item.span("likes", LARGEST, none),
        comments=item.span("comments", LARGEST, none),
        shares=item.span("shares", LARGEST, none),
        half=item.number("half", 0.1, 10_000.0, 30.0),
    )
    item.done()
    return made


def _own_words(item: Fields) -> dict[str, tuple[str, ...]]:
    return {name: item.texts(name, least=1) for name in item.names()}
