"""Does a story look like a campaign of copies? Signs, never a verdict; each can be read and checked.

Reposts that the platform itself links are everyday and left out. Pure.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from app.i18n import N_, _
from app.stories.key import shape_of
from app.stories.shapes import Copy, Reason

FEWEST = 5
"""Copies by as many accounts; fewer are no campaign."""
SAME, ALIKE, YOUNG = 0.6, 0.6, 0.5
YOUNG_DAYS, FEW_FOLLOWERS = 90, 20
STEADY = 0.35
"""Of a steady hand: gaps between posts differ by less than this share of their mean (people: over 1)."""
AT_ONCE = 0.5
"""Of a machine: such a share of the posts within the same second as another, by different accounts."""

_WORDS = {
    "same_text": N_("{share} of the copies are the same text, written anew and not reposted"),
    "names": N_("{share} of the accounts have names of one pattern"),
    "accounts": N_("{share} of the accounts are young or hardly followed"),
    "rhythm": N_("the copies come in a machine's rhythm ({share} of the gaps)"),
}


def reasons(copies: Sequence[Copy], texts: Sequence[int], ages: Sequence[float]) -> tuple[Reason, ...]:
    """The signs, if the texts are the same and something about the accounts or the rhythm joins it.

    `copies` by time and without linked reposts; `texts` the number of each one's text; `ages` of the
    accounts in days when they posted, as far as known.
    """
    people = {one.author_id for one in copies if one.author_id}
    if len(copies) < FEWEST or len(people) < FEWEST:
        return ()
    same = Counter(texts).most_common(1)[0][1] / len(texts)
    if same < SAME:
        return ()
    found = [
        Reason(kind, round(share, 2))
        for kind, share, least in (
            ("names", _alike(copies), ALIKE),
            ("accounts", _fresh(copies, ages), YOUNG),
            ("rhythm", _mechanical(copies), AT_ONCE),
        )
        if share >= least
    ]
    return (Reason("same_text", round(same, 2)), *found) if found else ()


def explained(reason: Reason) -> str:
    """The reason as words for a person."""
    return _(_WORDS[reason.kind]).format(share=f"{reason.share:.0%}")


def _alike(copies: Sequence[Copy]) -> float:
    """The share of accounts with names of the commonest pattern (with a number in it) or beginning."""
    names = {one.author_id: one.author for one in copies if one.author_id and one.author}
    if len(names) < FEWEST:
        return 0.0
    shapes = Counter(shape for shape in map(shape_of, names.values()) if "0" in shape)
    starts = Counter(name[:2] for name in names.values() if len(name) > 3)
    most = max((count for _one, count in (*shapes.most_common(1), *starts.most_common(1))), default=0)
    return most / len(names)


def _fresh(copies: Sequence[Copy], ages: Sequence[float]) -> float:
    followers = {one.author_id: one.followers for one in copies if one.followers is not None}
    unknown = sum(count < FEW_FOLLOWERS for count in followers.values())
    young = sum(0 <= age < YOUNG_DAYS for age in ages)
    return max(
        unknown / len(followers) if len(followers) >= FEWEST else 0.0,
        young / len(ages) if len(ages) >= FEWEST else 0.0,
    )


def _mechanical(copies: Sequence[Copy]) -> float:
    """How much of the rhythm is a machine's: even gaps, or many posts in one second; 0..1."""
    times = sorted(one.at.timestamp() for one in copies)
    gaps = [b - a for a, b in pairwise(times)]
    if len(gaps) < FEWEST:
        return 0.0
    at_once = sum(gap < 1 for gap in gaps) / len(gaps)
    middle = statistics.median(gaps)
    if middle < 1:
        return at_once
    even = sum(abs(gap - middle) <= STEADY * middle * 0.5 for gap in gaps) / len(gaps)
    spread = statistics.pstdev(gaps) / statistics.fmean(gaps)
    return max(at_once, even if spread < STEADY or even > 0.7 else 0.0)
