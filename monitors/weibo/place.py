"""Where reading stands: the cursor of a Weibo source, and how a list is walked back. Pure.

A list is asked from its newest row; a full page is followed by the one below, until what was read before is
reached. Only then `since` moves up, so that a walk may be broken off anywhere and lose nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from monitors.cursors import Seen, dump, number, text
from monitors.weibo.budget import SHARES, Budget, midnight

SIZE = 200
"""Rows a call, the most Weibo gives: a call costs the same however much it brings."""
FULL = SIZE // 2
"""Rows from which on there may be more below: Weibo leaves out what we may not see."""
FIRST_PAGES = 3
EMPTY = 1
"""Mark of a list that was read and held nothing; whatever comes is newer."""
STUCK = 3
"""Times the same page may come instead of the one below."""
ACCOUNT = ("by_me", "own", "thread")
"""Lists that make sense only where we know which account is ours."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One list: read up to `since`; under way from `top` down to `below` (0: not begun)."""

    since: int = 0
    top: int = 0
    below: int = 0
    pages: int = 0
    stuck: int = 0

    @classmethod
    def read(cls, told: Any) -> Walk:
        kept = told if isinstance(told, list) and len(told) == 5 else [0] * 5
        return cls(*(number(one) for one in kept))

    def members(self) -> list[int]:
        return [getattr(self, name) for name in self.__slots__]

    def query(self) -> dict[str, int]:
        """`max_id` is inclusive, and the row at the boundary is ours already: so one below it is asked."""
        told = {"count": SIZE, "since_id": self.since, "max_id": self.below}
        return {name: value for name, value in told.items() if value}

    def after(self, ids: Sequence[int], *, old: bool) -> Walk:
        """`ids` of the page that came; `old`: it reaches back as far as a first round goes."""
        top = max(self.top, self.since, EMPTY, *ids)
        below = min(ids) - 1 if ids else 0
        whole = len(ids) >= FULL and below > self.since
        first = not self.since and self.pages + 1 >= FIRST_PAGES
        if first or (old and self.since <= EMPTY):
            whole = False
        if not whole:
            return Walk(since=top)
        if self.below and below >= self.below:
            again = replace(self, top=top, stuck=self.stuck + 1)
            return again if again.stuck < STUCK else Walk(since=top)
        return Walk(self.since, top, below, self.pages + 1)


@dataclass(frozen=True, slots=True)
class Place:
    """`posts`: our own newest posts → comments under them when last read; `queue`: of them, those that
    grew, with their counts now. `rest`: list → until when Weibo does not give it."""

    budget: Budget
    walks: Mapping[str, Walk] = field(default_factory=dict)
    posts: Mapping[str, int] = field(default_factory=dict)
    queue: tuple[tuple[str, int], ...] = ()
    rest: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, told: Mapping[str, Any], now: float) -> Place:
        walks, rest = told.get("walks"), told.get("rest")
        queue = told.get("queue")
        return cls(
            Budget.read(told.get("budget"), now),
            {str(name): Walk.read(one) for name, one in walks.items()} if isinstance(walks, dict) else {},
            _counts(told.get("posts")),
            tuple(_counts(_pairs(queue)).items()),
            {name: at for name, at in _counts(rest).items() if at > now},
        )

    def dump(self, seen: Seen) -> str:
        return dump(
            budget=self.budget.members(),
            walks={name: walk.members() for name, walk in self.walks.items()},
            posts=dict(self.posts),
            queue=[list(one) for one in self.queue],
            rest=dict(self.rest),
            seen=seen.marks(),
        )

    def key(self, name: str) -> str:
        """Of the list's walk: each post's comments are one of their own."""
        return f"thread/{self.queue[0][0]}" if name == "thread" else name

    def walk(self, name: str) -> Walk:
        return self.walks.get(self.key(name), Walk())

    def next(self, now: float, free: int, *, account: bool) -> str:
        """The list to ask now: whose time has come, then those in the middle of a walk. "" for none."""
        open_ = [name for name in SHARES if self._open(name, account=account)]
        walking = [name for name in open_ if self.walk(name).below]
        due = self.budget.due(now, free, [name for name in open_ if name not in walking])
        return due or (walking[0] if walking and free > 0 else "")

    def _open(self, name: str, *, account: bool) -> bool:
        if name in self.rest or (name in ACCOUNT and not account):
            return False
        return name != "thread" or bool(self.queue)

    def spent(self, name: str, now: float) -> Place:
        return replace(self, budget=self.budget.spent(name, now))

    def walked(self, name: str, walk: Walk) -> Place:
        made = replace(self, walks={**self.walks, self.key(name): walk})
        return made.without_thread() if name == "thread" and not walk.below else made

    def without_thread(self) -> Place:
        """The first of the queue is read."""
        (post, comments), *rest = self.queue
        return replace(self, queue=tuple(rest), posts={**self.posts, post: comments})

    def with_posts(self, told: Mapping[str, int]) -> Place:
        """`told`: our newest posts and their comments now. Older ones are forgotten, walks and all."""
        grown = {post: n for post, n in told.items() if n > self.posts.get(post, 0)}
        waiting = {**grown, **{post: grown.get(post, n) for post, n in self.queue}}
        kept = {*told, *waiting}
        return replace(
            self,
            posts={post: n for post, n in self.posts.items() if post in kept},
            queue=tuple(waiting.items()),
            walks={
                name: walk
                for name, walk in self.walks.items()
                if not name.startswith("thread/") or name.removeprefix("thread/") in kept
            },
        )

    def resting(self, name: str, now: float) -> Place:
        return replace(self, rest={**self.rest, name: int(midnight(now))})


def _counts(told: Any) -> dict[str, int]:
    kept = told if isinstance(told, dict) else {}
    return {text(name): number(value) for name, value in kept.items() if text(name)}


def _pairs(told: Any) -> dict[str, Any]:
    rows = told if isinstance(told, list) else []
    return {str(one[0]): one[1] for one in rows if isinstance(one, list) and len(one) == 2}
