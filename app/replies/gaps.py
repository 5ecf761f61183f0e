"""Posts that ask the same and find no answer: what the knowledge base lacks.

Posts of one story are together already; others come together by the terms they share, the rare ones more
than the common. Greedy: the largest groups lead, and each post joins the leader it is nearest to, so that
the work grows with the posts, not with their square.

Pure; any thread.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.domain.knowledge import Gap
from app.domain.plain import one_line, own_part
from app.replies.retrieval import names_of, terms

_NEAR = 0.4
"""So alike, as a cosine, must a post be to a leader to ask the same."""
_RAREST = 20
"""Terms of a post that are compared."""
_LEADERS = 400
"""Leaders a term is looked up among: one that so many share tells none from the other."""
_SHOWN = 120


class Asking(NamedTuple):
    """A post that asks; `story` 0: of no story."""

    id: int
    text: str
    story: int = 0


@dataclass(slots=True)
class _Group:
    posts: list[Asking]
    vector: dict[str, float]
    joined: list[_Group] = field(default_factory=list)

    def all(self) -> list[Asking]:
        return [*self.posts, *(post for group in self.joined for post in group.posts)]


def gaps(asking: Sequence[Asking], brands: Iterable[str] = (), least: int = 2) -> tuple[Gap, ...]:
    """Most asked first; each gap's mentions in the order they were given. `brands`: names that tell
    nothing, since every post has one."""
    groups = _stories(asking)
    names = names_of(brands)
    raw = [terms(group[0].text, names) for group in groups]
    count = Counter(term for one in raw for term in one)
    made = [
        _Group(posts, _vector(found, count, len(groups))) for posts, found in zip(groups, raw, strict=True)
    ]
    leaders = _led(sorted(made, key=lambda group: -len(group.posts)))
    place = {post.id: number for number, post in enumerate(asking)}
    found = [_gap(leader, place) for leader in leaders]
    return tuple(sorted((gap for gap in found if gap.asked >= least), key=lambda gap: -gap.asked))


def _stories(asking: Sequence[Asking]) -> list[list[Asking]]:
    together: dict[object, list[Asking]] = defaultdict(list)
    for post in asking:
        together[post.story or ("alone", post.id)].append(post)
    return list(together.values())


def _vector(found: dict[str, float], count: Counter[str], size: int) -> dict[str, float]:
    """The rarest terms a post has in common with any other, weighed and of length one."""
    weighed = {
        term: min(weight, 2.0) * math.log(1 + (size + 1) / (count[term] + 0.5))
        for term, weight in found.items()
        if count[term] > 1 and len(term) > 1  # a single character says little by itself
    }
    kept = dict(sorted(weighed.items(), key=lambda one: (-one[1], one[0]))[:_RAREST])
    length = math.sqrt(sum(weight * weight for weight in kept.values())) or 1.0
    return {term: weight / length for term, weight in kept.items()}


def _led(groups: Sequence[_Group]) -> list[_Group]:
    leaders: list[_Group] = []
    where: dict[str, list[int]] = defaultdict(list)
    for group in groups:
        alike: dict[int, float] = defaultdict(float)
        for term, weight in group.vector.items():
            for number in where[term][:_LEADERS]:
                alike[number] += weight * leaders[number].vector[term]
        nearest = max(alike, key=lambda number: (alike[number], -number), default=-1)
        if nearest >= 0 and alike[nearest] >= _NEAR:
            leaders[nearest].joined.append(group)
            continue
        for term in group.vector:
            where[term].append(len(leaders))
        leaders.append(group)
    return leaders


def _gap(leader: _Group, place: dict[int, int]) -> Gap:
    """Named by the post that shares most with the others."""
    members = [leader, *leader.joined]
    middle: dict[str, float] = defaultdict(float)
    for group in members:
        for term, weight in group.vector.items():
            middle[term] += weight * len(group.posts)
    typical = max(
        members, key=lambda group: sum(middle[term] * weight for term, weight in group.vector.items())
    )
    ids = sorted((post.id for post in leader.all()), key=place.__getitem__)
    start, end = own_part(typical.posts[0].text)
    return Gap(one_line(typical.posts[0].text[start:end], _SHOWN), tuple(ids))
