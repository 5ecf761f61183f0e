"""The index of stories: posts come in, each goes to a story at once, or begins one.

In this order: an id seen before stays where it is; a post goes where its parent or root is; to an equal
text; to the nearest of the texts that share its smallest n-gram hashes (bottom-k MinHash) and, compared
letter by letter (`compare`), tell the same. What a person merged or split holds from then on, because later
posts are compared with posts, and those have been moved.

Pure and deterministic; the clock is the posts' own. One thread at a time. Everything lives in arrays, some
400 bytes for a post with a text of its own, 90 for a copy.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.stories import dumping
from app.stories.campaign import reasons
from app.stories.columns import Posts, Variants
from app.stories.compact import RARE, Shelf, Table
from app.stories.compare import NOTHING, Likeness, compared, compared_long, grams, lead_only, shared, unlike
from app.stories.key import LEAD, SKETCH, TELLING, Key, hash_of, hashes, read, unpacked
from app.stories.shapes import Copy, First, Hop, Placed, Post, Reason, Story

NONE = 0xFFFFFFFF
UNKNOWN = 0xFFFFFFFF
LOOKED_AT = 6
"""Candidates compared letter by letter."""
CHANCE = 3
"""What shares one hash only counts as so many of them."""
KEPT = 8
"""Hashes of the sketch under which a text is kept: the smallest of those that are not common."""
WIDEST = 8
"""Texts remembered under one n-gram hash."""
DEEPEST = 3
"""Copies of copies further from the first than this are found by equal text only: no story drifts."""
KEPT_APART = 0.97
"""What is nearer to a known text than this need not be found by itself."""
_WAYS = ("", "link", "same", "near")
LINK, SAME, NEAR = 1, 2, 3
BY_HAND = 1 << 31
"""Numbers of stories from here on are never given out by the index."""
NEAR_ENOUGH = 0.98
"""No better candidate is looked for."""
_HOUR = 3600.0
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC).timestamp()
_LATEST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


@dataclass(slots=True)
class _Reading:
    """A post's text while it is placed; what costs time is made once, when needed."""

    key: Key
    at: float
    generic: bool
    _hash: int | None = None
    _smallest: list[int] | None = None
    common: frozenset[int] | set[int] = frozenset()
    """Hashes that many texts have, as far as looked for."""

    @property
    def hash(self) -> int:
        if self._hash is None:
            self._hash = self.key.hash
        return self._hash

    @property
    def smallest(self) -> list[int]:
        if self._smallest is None:
            self._smallest = hashes(self.key)
        return self._smallest


@dataclass(slots=True)
class _Found:
    """Where a post belongs: 0 for no story; `of` the post it follows, `variant` its text if known."""

    story: int = 0
    of: int = NONE
    similarity: float = 0.0
    way: int = 0
    variant: int = NONE


class Index:
    """Stories of the last `window`. Ids of stories rise from `first`: after a lost state, begin higher."""

    def __init__(self, window: timedelta = timedelta(days=14), first: int = 1) -> None:
        self.window = window.total_seconds()
        self.clock = float("-inf")
        """Seconds since 1970 of the newest posts; one post with a wild date does not move it."""
        self.next_story = first
        self._recent: deque[float] = deque(maxlen=5)
        self._posts = Posts()
        self._names = Shelf()
        self._texts = Shelf()
        self._variants = Variants()
        self._sketches = array("I")
        self._signatures: dict[int, bytes] = {}
        self._platforms: list[str] = []
        self._members: dict[int, array[int]] = {}
        self._gone: dict[int, tuple[int, str, float, str, str]] = {}
        self._merged: dict[int, int] = {}
        self._moved: dict[int, int] = {}
        self._awaited: dict[int, int] = {}
        self._starts = array("I")
        self._starts_base = first
        self._ids = Table(4)
        self._equal = Table(8)
        self._near = Table(WIDEST)

    # ── placing ────────────────────────────────────────────────────────────────────────────────────

    def place(self, posts: Sequence[Post]) -> list[Placed]:
        """One answer for each, in order; earlier posts of the batch count for later ones."""
        return [self._place(post) for post in posts]

    def _place(self, post: Post) -> Placed:
        at = post.at.timestamp()
        self._tick(at)
        identity = hash_of(post.platform, post.id)
        known = self._by_id(identity, post.platform, post.id)
        if known is not None:
            story = self._posts.story[known - self._posts.base]
            return Placed(story or None, False, 1.0 if story else 0.0, "", "known")
        key = read(post.text)
        reading = _Reading(key, at, key.generic)
        found = self._found(post, reading, identity)
        story, new = found.story, False
        if not story and not reading.generic:
            story, new = self._begin(), True
        number = self._keep(post, at, story, found)
        if new:
            self._starts.append(number)
        elif story:
            self._join(story, number)
        if not reading.generic:
            self._posts.variant[-1] = self._remember(reading, found, story, number)
        self._register(identity, number)
        self._expect(post, number)
        source = self._id_of(found.of)
        platform = self._platforms[self._posts.platform[found.of - self._posts.base]] if source else ""
        return Placed(story or None, new, found.similarity, source, _WAYS[found.way], platform)

    def put(
        self,
        post: Post,
        story: int | None,
        *,
        of: tuple[str, str] = ("", ""),
        similarity: float = 0.0,
        by: str = "",
    ) -> None:
        """A post whose story is known already, kept as if it had been placed there.

        So an index is made again from what is stored: put in the order of placing. `of` is (platform, id)
        of the post it follows. An id that was placed before stays where it is.
        """
        at = post.at.timestamp()
        self._tick(at)
        identity = hash_of(post.platform, post.id)
        if self._by_id(identity, post.platform, post.id) is not None:
            return
        key = read(post.text)
        reading = _Reading(key, at, key.generic)
        source = self._by_id(hash_of(*of), *of) if of[1] else None
        way = _WAYS.index(by) if by in _WAYS else LINK
        if source is None and way == NEAR:
            way = LINK  # what it was like is forgotten
        variant = NONE
        if not reading.generic:
            variant = self._same(reading)
            if variant == NONE and key.size >= TELLING:
                _votes, reading.common = self._near.votes(reading.smallest[:SKETCH])
        found = _Found(story or 0, NONE if source is None else source, similarity, way, variant)
        number = self._keep(post, at, found.story, found)
        if story:
            self._take(story, number)
            if not reading.generic:
                self._posts.variant[-1] = self._remember(reading, found, story, number)
        self._register(identity, number)
        self._expect(post, number)

    def _take(self, story: int, number: int) -> None:
        """Into a story with a number given elsewhere; numbers of this index go on behind it."""
        if not self.next_story <= story < BY_HAND:
            self._join(story, number)
            return
        self._starts.extend([number] * (story + 1 - self.next_story))
        self.next_story = story + 1

    def _tick(self, at: float) -> None:
        self._recent.append(at)
        ordered = sorted(self._recent)
        now = ordered[(len(ordered) - 1) // 2]
        if now > self.clock:
            self.clock = now
            born = self._posts.clock
            if born and born[0] < now - self.window * 15 / 14:
                self._forget(now - self.window)

    def _found(self, post: Post, reading: _Reading, identity: int) -> _Found:
        variant = NONE if reading.generic else self._same(reading)
        linked = self._linked(post) if post.parent_id or post.root_id else None
        if linked is not None:
            return _Found(self._story_of(linked), linked, 1.0, LINK, variant)
        waiting = self._awaited.get(identity) if identity else None
        if waiting is not None:
            return _Found(self._story_of(waiting), NONE, 1.0, LINK, variant)
        if reading.generic:
            return _Found()
        if variant != NONE:
            row = variant - self._texts.base
            return _Found(self._variants.story[row], self._variants.first[row], 1.0, SAME, variant)
        return self._nearest(reading)

    def _linked(self, post: Post) -> int | None:
        for name in (post.parent_id, post.root_id):
            if name and name != post.id:
                hash_ = hash_of(post.platform, name)
                number = self._by_id(hash_, post.platform, name)
                if number is None:
                    number = self._awaited.get(hash_)
                if number is not None and number >= self._posts.base and self._story_of(number):
                    return number
        return None

    def _same(self, reading: _Reading) -> int:
        """The variant with this very text, if it is in reach."""
        found = NONE
        for variant in self._equal.find(reading.hash & 0xFFFFFFFF):
            row = variant - self._texts.base
            if (
                self._variants.hash[row] == reading.hash
                and self._reachable(row, reading.at)
                and self._fits(variant, reading.key)
            ):
                found = variant if found == NONE else max(found, variant)
        return found

    def _fits(self, variant: int, key: Key) -> bool:
        """Equal texts under hashtags that have nothing in common are not one."""
        return not key.tags or compared(key, self._key(variant)).same

    def _reachable(self, row: int, at: float) -> bool:
        seen, alive = self._variants.seen[row], self._variants.alive[row]
        return alive >= self.clock - self.window and abs(at - seen) <= self.window

    def _nearest(self, reading: _Reading) -> _Found:
        key = reading.key
        if key.size < TELLING:
            return _Found()
        votes, reading.common = self._near.votes(reading.smallest[:SKETCH])
        ours = grams(key.text) if votes else set[str]()
        best, nearest, looked = NONE, 0.0, 0
        # The most hashes in common first, of equals the newest.
        likely = [count << 32 | variant for variant, count in votes.items() if count > 1]
        for vote in sorted(likely, reverse=True):
            variant = vote & NONE
            row = variant - self._texts.base
            size = self._variants.size[row]
            if size * 4 < key.size or key.size * 4 < size or not self._reachable(row, reading.at):
                continue
            likeness = self._likeness(key, ours, reading.smallest, variant)
            if likeness.same and likeness.similarity > nearest:
                best, nearest = variant, likeness.similarity
            looked += CHANCE if vote >> 32 <= RARE else 1
            if looked >= LOOKED_AT or nearest > NEAR_ENOUGH:
                break
        if best == NONE:
            return _Found()
        row = best - self._texts.base
        return _Found(self._variants.story[row], self._variants.first[row], nearest, NEAR)

    def _likeness(self, key: Key, ours: set[str], smallest: list[int], variant: int) -> Likeness:
        kept = self._texts.get(variant).decode("gb18030")
        if unlike(kept[: kept.index("\n")], ours):
            return NOTHING
        other = unpacked(kept, self._variants.size[variant - self._texts.base])
        if lead_only(key, other):
            return compared_long(key, other, shared(smallest, array("I", self._signatures[variant])))
        return compared(key, other, ours)

    def _key(self, variant: int) -> Key:
        size = self._variants.size[variant - self._texts.base]
        return unpacked(self._texts.get(variant).decode("gb18030"), size)

    # ── keeping ────────────────────────────────────────────────────────────────────────────────────

    def _begin(self) -> int:
        story = self.next_story
        self.next_story += 1
        return story

    def _keep(self, post: Post, at: float, story: int, found: _Found) -> int:
        posts, since = self._posts, post.author_since
        posts.at.append(at)
        posts.clock.append(self.clock)
        posts.story.append(story)
        posts.of.append(found.of)
        posts.variant.append(NONE)
        posts.followers.append(_held(post.followers))
        posts.since.append(UNKNOWN if since is None else max(0, int(since.timestamp() // 86400)))
        posts.platform.append(self._platform(post.platform))
        posts.similarity.append(round(found.similarity * 10000))
        posts.way.append(found.way)
        names = (post.id, post.author, post.author_id if post.author_id != post.author else "")
        self._names.add("\x1f".join(names).encode("utf-8", "surrogatepass"))
        return posts.base + len(posts) - 1

    def _platform(self, name: str) -> int:
        name = name[:100]
        if name in self._platforms:
            return self._platforms.index(name)
        if len(self._platforms) >= 60_000:
            return self._platform(self._platforms[0])
        self._platforms.append(name)
        return len(self._platforms) - 1

    def _join(self, story: int, number: int) -> None:
        members = self._members.get(story)
        if members is None:
            members = self._members[story] = array("I", self._alone(story))
        members.append(number)

    def _alone(self, story: int) -> list[int]:
        """The one post of a story without copies."""
        row = story - self._starts_base
        if not 0 <= row < len(self._starts):
            return []
        number = self._starts[row]
        place = number - self._posts.base
        held = 0 <= place < len(self._posts) and self._posts.story[place] == story
        return [number] if held else []

    def _remember(self, reading: _Reading, found: _Found, story: int, number: int) -> int:
        """The number of its text, which is kept unless it is known."""
        key, variant = reading.key, found.variant
        if variant != NONE:
            row = variant - self._texts.base
            self._variants.alive[row] = self.clock
            self._variants.seen[row] = max(self._variants.seen[row], reading.at)
            self._variants.latest[row] = number
            return variant
        depth = self._depth(found.of) + 1 if found.way == NEAR else 0
        findable = key.size >= TELLING and depth < DEEPEST and found.similarity < KEPT_APART
        findable = findable or (found.way == LINK and key.size >= TELLING)
        long = key.size > LEAD
        return self._shelve(
            key.packed().encode("gb18030", "replace"),
            _kept(reading) if findable else (),
            array("I", reading.smallest).tobytes() if long else b"",
            reading.hash,
            story=story,
            first=number,
            latest=number,
            born=self.clock,
            alive=self.clock,
            seen=reading.at,
            size=key.size,
            depth=depth,
            findable=findable,
        )

    def _depth(self, post: int) -> int:
        variant = self._now_at(self._posts.variant[post - self._posts.base])
        return 0 if variant == NONE else self._variants.depth[variant - self._texts.base]

    def _shelve(
        self, text: bytes, sketch: Sequence[int], signature: bytes, hash_: int, **row: float
    ) -> int:
        variants = self._variants
        number = variants.base + len(variants)
        variants.hash.append(hash_)
        for name, value in row.items():
            getattr(variants, name).append(value)
        self._texts.add(text)
        if signature:
            self._signatures[number] = signature
        self._equal.add(hash_ & 0xFFFFFFFF, number)
        self._keep_under(number, sketch)
        return number

    def _keep_under(self, number: int, hashes_: Sequence[int]) -> None:
        at = (number - self._texts.base) * KEPT
        self._sketches[at : at + KEPT] = array("I", [*hashes_, *[0] * (KEPT - len(hashes_))])
        self._near.add_all(hashes_, number)

    def _register(self, identity: int, number: int) -> None:
        if identity:
            self._ids.add(identity & 0xFFFFFFFF, number)
            self._awaited.pop(identity, None)

    def _expect(self, post: Post, number: int) -> None:
        """A parent that is not here yet: until it comes, this post stands for it."""
        for name in (post.parent_id, post.root_id):
            hash_ = hash_of(post.platform, name) if name and name != post.id else 0
            if hash_ and self._story_of(number) and self._by_id(hash_, post.platform, name) is None:
                self._awaited.setdefault(hash_, number)

    def _by_id(self, identity: int, platform: str, name: str) -> int | None:
        if not identity:
            return None
        for number in self._ids.find(identity & 0xFFFFFFFF):
            row = number - self._posts.base
            if self._id_of(number) == name and self._platforms[self._posts.platform[row]] == platform[:100]:
                return number
        return None

    def _id_of(self, number: int) -> str:
        if number == NONE or number < self._posts.base:
            return ""
        return self._names.get(number).decode("utf-8", "surrogatepass").split("\x1f")[0]

    def _story_of(self, number: int) -> int:
        return self._posts.story[number - self._posts.base]

    def _now_at(self, variant: int) -> int:
        """The number a text has now; long-lived ones move."""
        while variant in self._moved:
            variant = self._moved[variant]
        return variant if variant != NONE and variant >= self._texts.base else NONE

    # ── forgetting ─────────────────────────────────────────────────────────────────────────────────

    def _forget(self, horizon: float) -> None:
        count = bisect_left(self._posts.clock, horizon)
        self._forget_posts(count)
        self._forget_texts(horizon)

    def _forget_posts(self, count: int) -> None:
        base = self._posts.base + count
        for story, members in list(self._members.items()):
            gone = [number for number in members if number < base]
            if not gone:
                continue
            if len(gone) == len(members):
                del self._members[story]
                self._gone.pop(story, None)
                continue
            first = self._first(story, members)
            held = self._gone.get(story, (0, "", 0.0, "", ""))[0]
            self._gone[story] = (held + len(gone), *first)
            self._members[story] = array("I", [number for number in members if number >= base])
        self._posts.drop(count)
        self._names.drop(count)
        self._ids.floor = base
        self._awaited = {hash_: number for hash_, number in self._awaited.items() if number >= base}
        dead = bisect_left(self._starts, base)
        del self._starts[:dead]
        self._starts_base += dead
        self._merged = {old: new for old, new in self._merged.items() if self._alive(new)}

    def _alive(self, story: int) -> bool:
        return story in self._members or bool(self._alone(story))

    def _forget_texts(self, horizon: float) -> None:
        count = bisect_left(self._variants.born, horizon)
        living: list[int] = []
        for row in range(count):
            if self._variants.alive[row] >= horizon:
                living.append(row + self._texts.base)
        for variant in living:
            self._move(variant)
        for variant in range(self._texts.base, self._texts.base + count):
            self._signatures.pop(variant, None)
        self._variants.drop(count)
        del self._sketches[: count * KEPT]
        self._texts.drop(count)
        self._equal.floor = self._near.floor = self._texts.base
        self._moved = {old: new for old, new in self._moved.items() if self._now_at(new) != NONE}

    def _move(self, variant: int) -> None:
        """To the end, since copies keep it alive."""
        at = variant - self._texts.base
        row = {name: column[at] for name, column in self._variants.arrays() if name != "hash"}
        row["first"], row["born"] = row["latest"], self.clock
        signature = self._signatures.get(variant, b"")
        sketch = self._sketch(variant)
        text, hash_ = self._texts.get(variant), self._variants.hash[at]
        self._moved[variant] = self._shelve(text, sketch, signature, hash_, **row)

    def _sketch(self, variant: int) -> Sequence[int]:
        """The hashes under which a text is kept."""
        at = (variant - self._texts.base) * KEPT
        return [one for one in self._sketches[at : at + KEPT] if one]

    # ── by hand ────────────────────────────────────────────────────────────────────────────────────

    def resolve(self, story: int) -> int:
        """The story into which this one was merged, or itself."""
        while story in self._merged:
            story = self._merged[story]
        return story

    def merge(self, a: int, b: int) -> int:
        """`b` becomes part of `a`, with all that follows it later. KeyError: there is no such story."""
        a, b = self.resolve(a), self.resolve(b)
        theirs = self._posts_of(b)
        ours = self._posts_of(a)
        if a == b:
            return a
        self._relabel(theirs, a)
        self._members[a] = array("I", sorted([*ours, *theirs]))
        self._members.pop(b, None)
        self._carry(a, b)
        self._merged[b] = a
        for row, story in enumerate(self._variants.story):
            if story == b:
                self._variants.story[row] = a
        return a

    def _carry(self, a: int, b: int) -> None:
        """What was forgotten of both."""
        one, other = self._gone.get(a), self._gone.pop(b, None)
        if other is not None:
            first = min((each for each in (one, other) if each), key=lambda each: each[2])
            self._gone[a] = ((one[0] if one else 0) + other[0], *first[1:])

    def split(self, story: int, ids: Iterable[str | tuple[str, str]], made: int = 0) -> int:
        """A story of its own from these posts, with all that follows them later.

        `ids`: ids of posts, or (platform, id) where two platforms use the same. `made`: its number, from
        BY_HAND on, where somebody else gives numbers to what people split.
        KeyError: there is no such story, or it has none of these posts, or none others.
        """
        story = self.resolve(story)
        wanted = set(ids)
        members = self._posts_of(story)
        out = [number for number in members if not wanted.isdisjoint(self._called(number))]
        moved = set(out)
        rest = [number for number in members if number not in moved]
        if not out or not rest:
            raise KeyError(story)
        if not made:
            made = self._begin()
            self._starts.append(self._posts.base + len(self._posts))
        self._relabel(out, made)
        self._members[made], self._members[story] = array("I", out), array("I", rest)
        staying = {self._variant_of(number) for number in rest}
        for number in out:
            variant = self._variant_of(number)
            if variant != NONE and variant not in staying:
                row = variant - self._texts.base
                self._variants.story[row], self._variants.first[row] = made, number
        for hash_, number in self._awaited.items():
            if number in moved:
                self._awaited[hash_] = rest[0]
        self._make_findable(out, staying)
        return made

    def _called(self, number: int) -> tuple[str, tuple[str, str]]:
        name = self._id_of(number)
        return name, (self._platforms[self._posts.platform[number - self._posts.base]], name)

    def _make_findable(self, numbers: Sequence[int], staying: set[int]) -> None:
        """What was kept as a mere copy must now be found by itself."""
        for number in numbers:
            variant = self._variant_of(number)
            if variant == NONE or variant in staying:
                continue
            row = variant - self._texts.base
            key = self._key(variant)
            self._variants.depth[row] = 0
            if self._variants.findable[row] or key.size < TELLING:
                continue
            self._variants.findable[row] = 1
            signature = self._signatures.get(variant)
            self._keep_under(variant, (array("I", signature) if signature else hashes(key))[:KEPT])

    def _relabel(self, numbers: Iterable[int], story: int) -> None:
        for number in numbers:
            self._posts.story[number - self._posts.base] = story

    def _variant_of(self, number: int) -> int:
        return self._now_at(self._posts.variant[number - self._posts.base])

    def _posts_of(self, story: int) -> list[int]:
        members = self._members.get(story)
        found = list(members) if members is not None else self._alone(story)
        if not found:
            raise KeyError(story)
        return found

    # ── heat ───────────────────────────────────────────────────────────────────────────────────────

    def stories(self, at_least: int = 2) -> Iterator[int]:
        """Ids of the stories that have so many posts inside the window, in order."""
        if at_least > 1:
            yield from sorted(s for s, members in self._members.items() if len(members) >= at_least)
            return
        numbers = range(self._starts_base, self._starts_base + len(self._starts))
        yield from (story for story in numbers if self._alive(story))

    def copies(self, story: int) -> list[Copy]:
        """The posts of a story inside the window, by time. KeyError: there is no such story."""
        found = [self._copy(number) for number in self._posts_of(self.resolve(story))]
        return sorted(found, key=lambda one: one.at)

    def _copy(self, number: int) -> Copy:
        row = number - self._posts.base
        posts = self._posts
        name, author, author_id = self._names.get(number).decode("utf-8", "surrogatepass").split("\x1f")[:3]
        of = posts.of[row]
        known = of != NONE and of >= posts.base
        return Copy(
            id=name,
            at=_when(posts.at[row]),
            platform=self._platforms[posts.platform[row]],
            author=author,
            author_id=author_id or author,
            followers=None if posts.followers[row] == UNKNOWN else posts.followers[row],
            of=self._id_of(of) if known else "",
            of_platform=self._platforms[posts.platform[of - posts.base]] if known else "",
            similarity=posts.similarity[row] / 10000,
            by=_WAYS[posts.way[row]],
        )

    def story(self, story: int, now: datetime | None = None) -> Story:
        """A story and its heat; `now` (aware) is by default the index's own clock. KeyError: none such."""
        story = self.resolve(story)
        members = self._posts_of(story)
        copies = self.copies(story)
        times = [one.at.timestamp() for one in copies]
        until = self.clock if now is None else now.timestamp()
        reach: dict[object, int] = {}
        for at, one in enumerate(copies):
            reach[(one.platform, one.author_id) if one.author_id else at] = one.followers or 0
        held = self._gone.get(story)
        first = self._first(story, array("I", members))
        return Story(
            id=story,
            copies=len(copies) + (held[0] if held else 0),
            first=First(first[0], _when(first[1]), first[2], first[3]),
            last_at=copies[-1].at,
            velocity=float(sum(until - _HOUR < one <= until for one in times)),
            peak=float(busiest(times)),
            authors=len(reach),
            followers=sum(reach.values()),
            platforms=dict(Counter(one.platform for one in copies).most_common()),
            path=_hops(copies),
            campaign=self._campaign(members, copies),
        )

    def _first(self, story: int, members: array[int]) -> tuple[str, float, str, str]:
        held = self._gone.get(story)
        if held is not None:
            return held[1:]
        number = min(members, key=lambda one: (self._posts.at[one - self._posts.base], one))
        one = self._copy(number)
        return one.id, one.at.timestamp(), one.platform, one.author

    def _campaign(self, members: Sequence[int], copies: Sequence[Copy]) -> tuple[Reason, ...]:
        rows = [
            number - self._posts.base
            for number in members
            if self._posts.way[number - self._posts.base] != LINK
        ]
        rows.sort(key=lambda row: self._posts.at[row])
        texts = [self._posts.variant[row] for row in rows]
        since = [
            (self._posts.at[row] / 86400 - self._posts.since[row])
            for row in rows
            if self._posts.since[row] != UNKNOWN
        ]
        return reasons([one for one in copies if one.by != "link"], texts, since)

    # ── state ──────────────────────────────────────────────────────────────────────────────────────

    def __len__(self) -> int:
        """Posts inside the window."""
        return len(self._posts)

    def dump(self) -> bytes:
        """All of it, compressed; `load` gives an index that answers alike."""
        return dumping.dumped(self)

    @classmethod
    def load(cls, state: bytes) -> Index:
        """ValueError: this is no state of an index, or one of another version."""
        index = cls()
        dumping.loaded(index, state)
        return index


def _kept(reading: _Reading) -> list[int]:
    sketch = reading.smallest[:SKETCH]
    rare = [one for one in sketch if one not in reading.common]
    return (rare if len(rare) >= KEPT else _filled(rare, sketch))[:KEPT]


def _filled(rare: list[int], sketch: list[int]) -> list[int]:
    """With some of the common ones, if there are too few others."""
    return [*rare, *(one for one in sketch if one not in rare)]


def _held(followers: int | None) -> int:
    return UNKNOWN if followers is None else max(0, min(followers, UNKNOWN - 1))


def _when(seconds: float) -> datetime:
    return datetime.fromtimestamp(min(max(seconds, _EARLIEST), _LATEST), UTC)


def busiest(times: Sequence[float]) -> int:
    """The most of these seconds, given in order, that lie within one hour."""
    most, start = 0, 0
    for end, at in enumerate(times):
        while at - times[start] >= _HOUR:
            start += 1
        most = max(most, end - start + 1)
    return most


def _hops(copies: Sequence[Copy]) -> tuple[Hop, ...]:
    found: dict[tuple[str, str], list[datetime]] = {}
    for one in copies:
        if one.of:
            found.setdefault((one.of_platform, one.platform), []).append(one.at)
    return tuple(
        Hop(source, target, len(times), min(times))
        for (source, target), times in sorted(found.items(), key=lambda each: (min(each[1]), each[0]))
    )
