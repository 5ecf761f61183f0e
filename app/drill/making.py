"""Posts made by rule: crowds that chatter or complain, and near copies of one post.

Pure and deterministic: the same description and seed give the same posts, on every machine. The rules
are told in docs/drill.md; keep both in step.
"""

from __future__ import annotations

import math
import random
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations

import opencc

from app.domain.sentiment import Tone
from app.drill.scenario import Event, Growth, Voice
from app.errors import ConfigError
from app.i18n import _

CLAUSE = 5
"""Letters from which on a filled-in word counts as a clause that two posts should not share twice."""
TRIES = 60
DEEPEST = 8
"""Slots within slots."""

SHAPES = ("even", "rise", "burst", "machine")
HOW = ("same", "emoji", "at", "edits", "traditional", "order", "cut", "call", "repost")

SLOT = re.compile(r"\{([a-z_]{2,20}|d[1-9])\}")
_SENTENCES = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")
_EMOJI = ("😡", "🤮", "😤", "💔", "😭", "⚠️", "🙏", "👎", "😱", "🔥", "❗", "🤬")
_CALLS = ("求扩散！", "大家注意了！", "扩散一下：", "帮转！", "都来看看：", "姐妹们注意：")
_AFTER = ("求扩散", "帮忙转一下", "都别买了", "有同款的吱一声", "真的气")
_FRIENDS = (
    "小柚子",
    "阿康同学",
    "隔壁老徐",
    "一只团子",
    "北北",
    "晴天娃娃",
    "南风",
    "大橘",
    "木木",
    "七七",
)
_OWN_WORDS = ("这也太离谱了", "我家也是这样", "坐等官方回应", "转给家里人看看", "不敢用了", "有没有人管管")
_SWAPS = (
    ("真的", "确实"), ("但是", "可是"), ("因为", "由于"), ("现在", "眼下"), ("马上", "立刻"),
    ("没有", "没"), ("大家", "各位"), ("自己", "自个儿"), ("非常", "特别"), ("知道", "晓得"),
    ("已经", "都已经"), ("昨天", "昨晚"), ("今天", "今儿"), ("然后", "接着"), ("还是", "仍是"),
    ("怎么", "咋"), ("孩子", "小孩"), ("结果", "没想到"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who writes: name patterns, and the span of their followers (None: the channel shows none)."""

    names: tuple[str, ...]
    followers: tuple[int, int] | None = None
    verified: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Spans of the final counts."""

    likes: tuple[int, int] = (0, 0)
    comments: tuple[int, int] = (0, 0)
    shares: tuple[int, int] = (0, 0)
    half: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Posts of one tone on one channel, from minute `begin` up to `end`.

    Either `n` posts in a `shape`, or `per_hour`: how many to expect in each hour of the day.
    """

    place: str
    id: str
    phase: str
    label: Tone
    about: str
    channel: str
    site: str
    begin: float
    end: float
    n: int = 0
    shape: str = "even"
    per_hour: tuple[float, ...] = ()
    texts: tuple[str, ...]
    titles: tuple[str, ...] = ()
    ratings: tuple[int, int] | None = None
    people: People
    heard: Heard | None = None
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """`n` near copies of the post `of`, from minute `begin` up to `end`, changed in 1 to `most` ways."""

    place: str
    id: str
    of: str
    n: int
    begin: float
    end: float
    shape: str
    how: tuple[str, ...]
    most: int
    channels: tuple[str, ...]
    site: str
    people: People
    heard: Heard | None = None
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


# ── times ────────────────────────────────────────────────────────────────────────────────────────


def _rng(seed: int, name: str) -> random.Random:
    """Each part of a scenario has luck of its own, so that a change in one leaves the others alone."""
    return random.Random(f"{seed}:{name}")  # noqa: S311  # invention, not secrecy


def times(shape: str, n: int, begin: float, end: float, rng: random.Random) -> list[float]:
    """`n` minutes in order. even: at random; rise: more and more; burst: most at once, then fewer;
    machine: the same distance, give or take a second."""
    width = end - begin
    if shape == "machine":
        return [begin + width * (k + 0.5) / n + rng.uniform(-1, 1) / 60.0 for k in range(n)]
    bend: dict[str, Callable[[float], float]] = {
        "even": lambda share: share,
        "rise": lambda share: math.pow(share, 0.45),
        "burst": lambda share: math.pow(share, 2.0),
    }
    return sorted(begin + width * bend[shape](rng.random()) for _k in range(n))


def daily(
    per_hour: Sequence[float], begin: float, end: float, hour: float, rng: random.Random
) -> list[float]:
    """Minutes at the pace of each hour of the day; `hour` is what the clock shows at minute 0."""
    made = []
    at, most = begin, max(per_hour)
    while most > 0:
        at += rng.expovariate(most) * 60.0
        if at >= end:
            break
        now = int((hour + at / 60.0) % 24)
        if rng.random() * most < per_hour[now]:
            made.append(at)
    return made


# ── crowds ───────────────────────────────────────────────────────────────────────────────────────


def make_crowd(crowd: Crowd, seed: int, hour: float, written: Written) -> list[Event]:
    """Its posts, in order of time; ConfigError where its words do not allow so many different ones.

    `written` is what other crowds have written, and learns of this one.
    """
    rng = _rng(seed, crowd.id)
    if crowd.per_hour:
        when = daily(crowd.per_hour, crowd.begin, crowd.end, hour, rng)
    else:
        when = times(crowd.shape, crowd.n, crowd.begin, crowd.end, rng)
    writer = _Writer(crowd.words, crowd.place, written)
    return [
        Event(
            id=f"{crowd.id}-{n}",
            at=round(at, 2),
            channel=crowd.channel,
            phase=crowd.phase,
            label=crowd.label,
            about=crowd.about,
            site=crowd.site,
            author=_voice(crowd.people, writer, rng),
            title=writer.filled(rng.choice(crowd.titles), rng) if crowd.titles else "",
            text=writer.fresh(crowd.texts, rng),
            counts=_growth(crowd.heard, rng),
            rating=rng.randint(*crowd.ratings) if crowd.ratings else None,
        )
        for n, at in enumerate(when, 1)
    ]


@dataclass(slots=True)
class Written:
    """The texts of a scenario's crowds so far, and which clauses have met in one of them."""

    texts: set[str] = field(default_factory=set)
    pairs: set[tuple[str, str]] = field(default_factory=set)


class _Writer:
    """Fills slots, and sees to it that no two posts are near twins."""

    def __init__(self, words: Mapping[str, tuple[str, ...]], place: str, written: Written) -> None:
        self._words = words
        self._place = place
        self._written = written

    def filled(self, pattern: str, rng: random.Random, used: list[str] | None = None) -> str:
        def word(match: re.Match[str]) -> str:
            name = match[1]
            if re.fullmatch("d[1-9]", name):
                return "".join(rng.choice("0123456789") for _k in range(int(name[1])))
            if name not in self._words:
                told = _("{place}: there are no words named “{name}”.")
                raise ConfigError(told.format(place=self._place, name=name), field="words")
            chosen = rng.choice(self._words[name])
            if used is not None and len(chosen) >= CLAUSE:
                used.append(chosen)
            return chosen

        text = pattern
        for _depth in range(DEEPEST):
            if not SLOT.search(text):
                return text
            text = SLOT.sub(word, text)[:4000]
        told = _("{place}: the words of “{text}” stand inside themselves.")
        raise ConfigError(told.format(place=self._place, text=pattern[:30]), field="words")

    def fresh(self, patterns: Sequence[str], rng: random.Random) -> str:
        """A text that is new, and shares no two clauses with another as long as the lists allow it."""
        best: tuple[int, str, set[tuple[str, str]]] | None = None
        for _try in range(TRIES):
            used: list[str] = []
            text = self.filled(rng.choice(patterns), rng, used)
            pairs = set(combinations(sorted(set(used)), 2))
            shared = len(pairs & self._written.pairs)
            if text not in self._written.texts and (best is None or shared < best[0]):
                best = (shared, text, pairs)
                if not shared:
                    break
        if best is None:
            told = _("{place}: its words do not make so many different texts.")
            raise ConfigError(told.format(place=self._place), field="texts")
        self._written.texts.add(best[1])
        self._written.pairs |= best[2]
        return best[1]


def _voice(people: People, writer: _Writer, rng: random.Random) -> Voice:
    """The same name is the same account."""
    name = writer.filled(rng.choice(people.names), rng)
    followers = None if people.followers is None else _drawn(people.followers, rng)
    return Voice(
        name=name, id=str(10**9 + zlib.crc32(name.encode())), followers=followers, verified=people.verified
    )


def _growth(heard: Heard | None, rng: random.Random) -> Growth | None:
    if heard is None:
        return None
    likes, comments, shares = (_drawn(span, rng) for span in (heard.likes, heard.comments, heard.shares))
    return Growth(likes=likes, comments=comments, shares=shares, half=heard.half)


def _drawn(span: tuple[int, int], rng: random.Random) -> int:
    """Small numbers are common, large ones rare: even on a logarithmic scale."""
    low, high = span
    return min(
        high, round(math.exp(rng.uniform(math.log(low + 1), math.log(high + 1)))) - 1 if high > low else low
    )


# ── copies ───────────────────────────────────────────────────────────────────────────────────────


def make_copies(copies: Copies, first: Event, seed: int) -> list[Event]:
    """Near copies of `first`, in order of time, none of them at its own minute or before."""
    rng = _rng(seed, copies.id)
    writer = _Writer(copies.words, copies.place, Written())
    when = times(copies.shape, copies.n, copies.begin, copies.end, rng)
    made = []
    for n, at in enumerate(when, 1):
        channel = rng.choice(copies.channels)
        ways = rng.sample(copies.how, rng.randint(1, min(copies.most, len(copies.how))))
        text = changed(first.text, ways, first.author.name, rng)
        made.append(
            Event(
                id=f"{copies.id}-{n}",
                at=max(round(at, 2), first.at + 0.02),
                channel=channel,
                phase=first.phase,
                label=first.label,
                about=first.about,
                site=copies.site,
                author=_voice(copies.people, writer, rng),
                title=first.title or first.text[:18] if channel in ("forum", "news") else "",
                text=text,
                counts=_growth(copies.heard, rng),
                copy_of=first.id,
            )
        )
    return made


def changed(text: str, ways: Sequence[str], author: str, rng: random.Random) -> str:
    """`text` changed in each of the `ways` (of HOW), always in the order of HOW."""
    for way in HOW:
        if way in ways:
            text = _WAYS[way](text, author, rng)
    return text


def _same(text: str, _author: str, _rng: random.Random) -> str:
    return text


def _emoji(text: str, _author: str, rng: random.Random) -> str:
    """One to three, after sentences."""
    parts = _SENTENCES.findall(text) or [text]
    for _k in range(rng.randint(1, 3)):
        at = rng.randrange(len(parts))
        parts[at] += rng.choice(_EMOJI)
    return "".join(parts)


def _at(text: str, _author: str, rng: random.Random) -> str:
    """One to three friends are called."""
    return text + "".join(f" @{name}" for name in rng.sample(_FRIENDS, rng.randint(1, 3)))


def _edits(text: str, _author: str, rng: random.Random) -> str:
    """One or two words put in other words, or a mark left out where no such word stands."""
    there = [pair for pair in _SWAPS if pair[0] in text]
    for old, new in rng.sample(there, min(len(there), rng.randint(1, 2))):
        text = text.replace(old, new, 1)
    return text if there else text.replace("，", " ", 1)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def _traditional(text: str, _author: str, _rng: random.Random) -> str:
    return str(_converter().convert(text))


def _order(text: str, _author: str, rng: random.Random) -> str:
    """The first sentence goes to the end, or another one does."""
    parts = _SENTENCES.findall(text)
    if len(parts) > 1:
        parts.append(parts.pop(rng.randrange(len(parts) - 1)))
    return "".join(parts)


def _cut(text: str, _author: str, rng: random.Random) -> str:
    """What a list shows of a long post: at least seven tenths of it."""
    return text[: max(12, round(len(text) * rng.uniform(0.7, 0.9)))] + "…全文" if len(text) > 40 else text


def _call(text: str, _author: str, rng: random.Random) -> str:
    return rng.choice(_CALLS) + text if rng.random() < 0.5 else f"{text} {rng.choice(_AFTER)}"


def _repost(text: str, author: str, rng: random.Random) -> str:
    """Passed on, with or without a word of one's own."""
    return f"{rng.choice((*_OWN_WORDS, '转发微博', '转发微博'))}//@{author}:{text}"


_WAYS: Mapping[str, Callable[[str, str, random.Random], str]] = {
    "same": _same,
    "emoji": _emoji,
    "at": _at,
    "edits": _edits,
    "traditional": _traditional,
    "order": _order,
    "cut": _cut,
    "call": _call,
    "repost": _repost,
}
