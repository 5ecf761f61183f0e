"""Mentions into stories: the index in memory, kept in step with what is stored. One thread at a time.

The rows of the database are what holds (`storage.stories`). The index is written down now and then; what
was placed after that is put into it again, where the rows say, when a program starts. What people merge
or split, in whatever program, is done in the index before the next post is placed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from app import log
from app.domain.clock import Clock
from app.storage.store import Storage
from app.storage.stories import Hand, Member, Unplaced
from app.stories import Index, Placed, Post

_log = log.topic("warning")

WINDOW = timedelta(days=14)
CHUNK = 2000
SELDOM = 5000
"""Posts placed after which the index is written down, or a twentieth of it if that is more."""
OFTEN = 6 * 3600.0
"""Seconds after which it is written down however few were placed."""
ENOUGH = 50
"""At the end it is written down for so many, or for a hundredth of it: a few are put back in no time."""


class Placing:
    """One index of stories."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._index: Index | None = None
        self._hand = 0
        self._fresh, self._written_at = 0, clock.monotonic()
        self._unwritten: dict[int, Member] = {}
        """Placed in the index, and perhaps not in the database: asked again they stay where they are."""

    def place(self, rows: Sequence[Unplaced]) -> list[Member]:
        """In the order given; call `kept` when they are stored."""
        index = self._ready()
        self._follow(index)
        fresh = [row for row in rows if row.id not in self._unwritten]
        placed = index.place([_post(row) for row in fresh])
        placed = self._apart(index, fresh, placed)
        ids = self._storage.stories.ids_of((one.of_platform, one.of) for one in placed if one.of)
        mine = {(row.platform[:100], row.native_id): row.id for row in rows}
        for row, one in zip(fresh, placed, strict=True):
            key = (one.of_platform, one.of)
            of_id = (mine.get(key) or ids.get(key)) if one.of else None
            self._unwritten[row.id] = Member(row.id, one.story_id, of_id, one.similarity, one.by, row.at)
        return [self._unwritten[row.id] for row in rows]

    def kept(self, ids: Sequence[int]) -> None:
        """These are stored now."""
        for id_ in ids:
            self._unwritten.pop(id_, None)
        self._fresh += len(ids)

    def forget(self) -> None:
        """Another program has placed meanwhile: what is here is behind."""
        self._index = None
        self._unwritten.clear()

    def write(self, *, closing: bool = False) -> None:
        """The index into the database, if it is time."""
        if self._index is None or not self._fresh or self._unwritten:
            return
        size = len(self._index)
        many = max(ENOUGH, size // 100) if closing else max(SELDOM, size // 20)
        if self._fresh < many and self._clock.monotonic() - self._written_at < OFTEN:
            return
        seq, _hand = self._storage.stories.last_place()
        self._storage.stories.save_index(seq, self._hand, self._index.dump(), self._clock.now())
        self._fresh, self._written_at = 0, self._clock.monotonic()

    def _apart(self, index: Index, rows: Sequence[Unplaced], placed: Sequence[Placed]) -> list[Placed]:
        """A comment and a post may have one number on a platform: they are two posts."""
        made = list(placed)
        again = [at for at, one in enumerate(placed) if one.by == "known"]
        if again:
            stored = self._storage.stories.ids_of((rows[at].platform, rows[at].native_id) for at in again)
            seen: dict[tuple[str, str], int] = {}
            for at, row in enumerate(rows):
                seen.setdefault((row.platform, row.native_id), at)
            for at in again:
                row = rows[at]
                key = (row.platform, row.native_id)
                if stored.get(key, row.id) != row.id or seen[key] != at:
                    post = _post(row)
                    made[at] = index.place([_renamed(post, f"{row.kind}/{row.native_id}")])[0]
                elif made[at].by == "known":
                    made[at] = Placed(made[at].story_id, False, made[at].similarity, "", "")
        return made

    def _ready(self) -> Index:
        if self._index is None:
            self._index = self._restored()
        return self._index

    def _restored(self) -> Index:
        """As written down last, and what was placed since; or all of the window anew."""
        stories, since = self._storage.stories, self._clock.now() - WINDOW
        kept, after = stories.index(), 0
        index: Index | None = None
        if kept is not None:
            after, self._hand, state = kept
            try:
                index = Index.load(state)
            except ValueError as error:
                _log.warning("the index of stories is made anew: %s", error)
        if index is None:
            after, self._hand = 0, stories.last_place()[1]
            index = Index(WINDOW, first=stories.least_story(since))
        count = 0
        while rows := stories.members(after, since, CHUNK):
            for seq, story, of, similarity, way, row in rows:
                index.put(_post(row), story, of=of, similarity=similarity, by=way)
                after = seq
            count += len(rows)
        if count:
            _log.info("%s posts were put back into the index of stories", count)
        self._fresh += count
        return index

    def _follow(self, index: Index) -> None:
        for act in self._storage.stories.by_hand(self._hand):
            _do(index, act)
            self._hand = act.id


def _do(index: Index, act: Hand) -> None:
    try:
        if act.act == "merge":
            index.merge(act.story_id, act.other_id)
        else:
            index.split(act.story_id, act.moved, act.other_id)
    except KeyError:
        return  # it is no longer (or not yet) in the window, or was put where it belongs already


def _post(row: Unplaced) -> Post:
    return Post(
        id=row.native_id,
        text=row.text if row.text.startswith(row.title) else f"{row.title}\n{row.text}",
        at=row.at,
        author=row.author,
        author_id=row.author_id,
        followers=row.followers,
        platform=row.platform,
        parent_id=row.parent_id,
        root_id=row.root_id,
    )


def _renamed(post: Post, name: str) -> Post:
    return Post(
        id=name,
        text=post.text,
        at=post.at,
        author=post.author,
        author_id=post.author_id,
        followers=post.followers,
        platform=post.platform,
        parent_id=post.parent_id,
        root_id=post.root_id,
    )
