"""Pairs of posts that are one text, or are not: how many are folded rightly?"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.stories import Index, Post

PAIRS = Path(__file__).parent / "pairs"
AT = datetime(2026, 11, 1, tzinfo=UTC)
Pair = tuple[str, str, str, str]


def pairs(*names: str) -> list[Pair]:
    lines = [line for name in names for line in (PAIRS / name).read_text("utf-8").split("\n") if line]
    found = [tuple(line.split("\t")) for line in lines]
    return [(label, rule, a, b) for label, rule, a, b in found]


def together(a: str, b: str) -> bool:
    one, other = Index().place([Post(id="a", text=a, at=AT), Post(id="b", text=b, at=AT)])
    return one.story_id is not None and one.story_id == other.story_id


@pytest.mark.parametrize("part", ["tune", "held"])
def test_pairs(part: str) -> None:
    """F1 of the class `same`; `held` was looked at only after everything was set."""
    hits: Counter[tuple[bool, bool]] = Counter()
    for label, _rule, a, b in pairs(f"{part}.tsv", f"hand_{part}.tsv"):
        hits[label == "same", together(a, b)] += 1
    right, wrong, missed = hits[True, True], hits[False, True], hits[True, False]
    assert hits.total() > 1100
    assert 2 * right / (2 * right + wrong + missed) >= 0.985
    assert wrong <= 2


def test_the_order_does_not_matter() -> None:
    odd = [
        (a, b)
        for _label, _rule, a, b in pairs("hand_tune.tsv", "hand_held.tsv")
        if together(a, b) != together(b, a)
    ]
    assert odd == []


def test_the_two_parts_share_nothing() -> None:
    tune = {text for _label, _rule, *texts in pairs("tune.tsv", "hand_tune.tsv") for text in texts}
    held = {text for _label, _rule, *texts in pairs("held.tsv", "hand_held.tsv") for text in texts}
    assert tune.isdisjoint(held)
