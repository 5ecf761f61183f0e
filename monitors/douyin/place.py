"""Where reading stands: the cursor of a Douyin source, a list of what is to be asked next. Pure.

A round lists our newest videos; of those whose count of comments changed, comments are read from the newest
on until the change is explained, then the answers under them. One question a poll: each job asks one page,
and puts what follows from it before the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.domain.mention import Mention
from monitors.cursors import dump, number, text
from monitors.douyin.items import Comment, Where

HOUR = 3600
DAY = 86400
FORGOTTEN = 60 * DAY
"""Seconds after its last reading that a video is known no more: it is followed no more."""
OVERLAP = DAY
"""Seconds before a video's mark in which ids count, not times: comments may be held back for review."""
JOBS = 500
"""Waiting at the most; what is beyond is found again in the next round."""
REMEMBERED = 2000
"""Comments whose count of answers is remembered."""
VIDEOS, COMMENTS, ANSWERS, SEARCH = "videos", "comments", "answers", "search"
_KINDS = (VIDEOS, COMMENTS, ANSWERS, SEARCH)


NOWHERE = Where("")


@dataclass(frozen=True, slots=True)
class Job:
    """One page to ask. `cursor`: of the page; `pages`: read of this list so far; `found`: how many new
    comments it brought; `total`: what it must explain; `newest`: the latest second seen in it;
    `shown`: comments that it showed, known or not, with the answers they tell of."""

    what: str
    where: Where = NOWHERE
    cursor: int = 0
    pages: int = 0
    found: int = 0
    total: int = 0
    newest: int = 0
    shown: int = 0

    @classmethod
    def read(cls, told: Any) -> Job | None:
        if not isinstance(told, list) or len(told) != 11 or told[0] not in _KINDS:
            return None
        where = Where(*(text(one) for one in told[1:5]))
        return cls(told[0], where, *(number(one) for one in told[5:]))

    def members(self) -> list[Any]:
        where = self.where
        named = [self.what, where.video, where.url, where.above, where.word]
        counted = [self.cursor, self.pages, self.found, self.total, self.newest, self.shown]
        return [*named, *counted]

    def page(self, cursor: int, found: int) -> Job:
        return replace(self, cursor=cursor, pages=self.pages + 1, found=found)


class Ids:
    """What was handed over, by id; of too many, the newest by their own time are remembered. Nothing can be
    edited on Douyin, so that an id is enough."""

    def __init__(self, told: Any = None, most: int = 6000) -> None:
        """`told`: what `marks` gave, as it came back from the cursor."""
        self._seconds = _numbers(told)
        self._most = most

    def fresh(self, one: Mention) -> bool:
        """Remembers it, too."""
        if one.native_id in self._seconds:
            return False
        self._seconds[one.native_id] = second_of(one)
        return True

    def knows(self, id: str) -> bool:
        return id in self._seconds

    @property
    def full(self) -> bool:
        """May some have been forgotten?"""
        return len(self._seconds) >= self._most

    def marks(self) -> dict[str, int]:
        """For the cursor."""
        if len(self._seconds) <= self._most:
            return self._seconds
        newest = sorted(self._seconds.items(), key=lambda one: one[1])[-self._most :]
        return dict(newest)


def second_of(one: Mention) -> int:
    """When it was written; 0 where that is not known."""
    return int(one.published_at.timestamp()) if one.published_at else 0


@dataclass(frozen=True, slots=True)
class Known:
    """A video: the comments it was `told` to have, those we `have`, and `at` which second it was read.
    `since`: all up to this second was read; `tries`: how often in a row the count stayed unexplained."""

    told: int = 0
    have: int = 0
    at: int = 0
    since: int = 0
    tries: int = 0

    def wants(self, comments: int | None, now: float) -> bool:
        """Shall its comments be read? Unexplained counts are looked into after an hour, then less and less;
        each video is read once a day."""
        age = now - self.at
        if comments is None:
            return age >= HOUR
        patience = HOUR * 4 ** max(0, self.tries - 2)
        return comments != self.told or (self.have != self.told and age >= patience) or age >= DAY

    def is_old(self, one: Mention) -> bool:
        """Read before, as its time says; asked where ids may have been forgotten."""
        return 0 < second_of(one) < self.since - OVERLAP

    def walked(self, total: int, have: int, now: float, newest: int) -> Known:
        """After its comments were read. What is explained so far as can be seen moves the mark."""
        explained = have >= total
        tries = self.tries + 1 if not explained and total == self.told else 0
        since = max(self.since, newest) if explained else self.since
        return Known(total, min(have, total), int(now), since, tries)

    def members(self) -> list[int]:
        return [self.told, self.have, self.at, self.since, self.tries]

    def plus(self, comments: int) -> Known:
        return replace(self, have=min(self.told, self.have + comments))


@dataclass(frozen=True, slots=True)
class Place:
    """`answers`: comment → answers read under it; `searched`: word → when; `logids`: list → its last
    answer's number, and `again` how often that came again; `rest`: no search before."""

    jobs: tuple[Job, ...] = ()
    videos: Mapping[str, Known] = field(default_factory=dict)
    answers: Mapping[str, int] = field(default_factory=dict)
    searched: Mapping[str, int] = field(default_factory=dict)
    logids: Mapping[str, str] = field(default_factory=dict)
    again: int = 0
    rest: int = 0

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Place:
        jobs, videos, logids = told.get("jobs"), told.get("videos"), told.get("logids")
        read = [Job.read(one) for one in jobs] if isinstance(jobs, list) else []
        return cls(
            tuple(one for one in read if one is not None),
            {str(id_): _known(one) for id_, one in videos.items()} if isinstance(videos, dict) else {},
            _numbers(told.get("answers")),
            _numbers(told.get("searched")),
            {str(name): text(id_) for name, id_ in logids.items()} if isinstance(logids, dict) else {},
            number(told.get("again")),
            number(told.get("rest")),
        )

    def dump(self, seen: Ids) -> str:
        return dump(
            jobs=[one.members() for one in self.jobs[:JOBS]],
            videos={id_: one.members() for id_, one in self.videos.items()},
            answers=dict(list(self.answers.items())[-REMEMBERED:]),
            searched=dict(self.searched),
            logids=dict(self.logids),
            again=self.again,
            rest=self.rest,
            seen=seen.marks(),
        )

    def begun(self, words: Sequence[str], now: float) -> Place:
        """A new round, where nothing is left of the last one."""
        if self.jobs:
            return self
        due = [word for word in words if now - self.searched.get(word, 0) >= HOUR and now >= self.rest]
        searches = tuple(Job(SEARCH, Where("", word=word)) for word in due)
        return replace(
            self,
            jobs=(Job(VIDEOS), *searches),
            searched={word: at for word, at in self.searched.items() if word in words},
            videos={id_: one for id_, one in self.videos.items() if now - one.at < FORGOTTEN},
        )

    def then(self, *jobs: Job, later: Sequence[Job] = ()) -> Place:
        """The first job is done; these follow from it, and those `later` after all others."""
        return replace(self, jobs=(*jobs, *self.jobs[1:], *later))

    def know(self, id: str, known: Known) -> Place:
        return replace(self, videos={**self.videos, id: known})

    def grown(self, one: Comment) -> int:
        """Answers under a comment that were not read yet."""
        return one.answers - self.answers.get(one.mention.native_id, 0)

    def pending(self, video: str) -> dict[str, int]:
        """Comments whose answers wait to be read: how many each."""
        waiting = [one for one in self.jobs if one.what == ANSWERS and one.where.video == video]
        return {one.where.above: one.total - self.answers.get(one.where.above, 0) for one in waiting}

    def came(self, video: str, comments: int) -> Place:
        """So many answers, new ones, came under a video: they explain its count."""
        reading = [one for one in self.jobs if one.what == COMMENTS and one.where.video == video]
        if not reading:
            return self.know(video, self.videos.get(video, Known()).plus(comments))
        jobs = [replace(one, found=one.found + comments) if one in reading else one for one in self.jobs]
        return replace(self, jobs=tuple(jobs))

    def heard(self, name: str, logid: str) -> Place:
        return replace(self, logids={**self.logids, name: logid}, again=0)

    def without_search(self, until: float) -> Place:
        jobs = tuple(one for one in self.jobs if not one.where.word)
        return replace(self, jobs=jobs, rest=int(until))


def _known(told: Any) -> Known:
    kept = told if isinstance(told, list) and len(told) == 5 else [0] * 5
    return Known(*(number(one) for one in kept))


def _numbers(told: Any) -> dict[str, int]:
    kept = told if isinstance(told, dict) else {}
    return {str(name): number(value) for name, value in kept.items()}
