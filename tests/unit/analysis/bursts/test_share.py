"""The tone turns, or is heard far."""

from __future__ import annotations

import json
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.bursts.share import Share, heard
from app.analysis.bursts.telling import told_reach, told_share
from tests.unit.analysis.bursts.made import SLOT, poisson

SLOTS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30), st.floats(0.0, 1e8)), min_size=1, max_size=50
)


def usual(share: Share, days: int, per_slot: float = 2.0, angry: float = 0.1, seed: int = 1) -> float:
    """Feeds so many usual days; the strongest that any slot after the first day was."""
    chance = random.Random(seed)
    most = 0.0
    for i in range(days * 288):
        total = poisson(chance, per_slot)
        negative = float(sum(chance.random() < angry for _ in range(int(total))))
        reach = sum(heard(10 ** chance.gauss(2.3, 0.7), False) for _ in range(int(negative)))
        tone = share.update(i * SLOT, negative, total, reach)
        if i > 288:
            most = max(most, tone.share, tone.reach)
    return most


def test_usual_days_are_quiet() -> None:
    assert usual(Share(), 14) < 1.0


def test_praise_that_turns_to_blame_is_seen_though_the_volume_stays() -> None:
    share = Share()
    usual(share, 7)
    tones = [share.update((7 * 288 + i) * SLOT, 1.4, 2.0) for i in range(18)]
    assert max(tone.share for tone in tones) >= 1.0
    assert told_share(tones[-1]) == ("Of 55 mentions within 2 hours, 51% are negative; 11% were expected.")


def test_one_post_of_a_verified_account_with_a_million_followers_is_seen_at_once() -> None:
    share = Share()
    usual(share, 7)
    tone = share.update(7 * 288 * SLOT, 1.0, 2.0, heard(1_000_000, verified=True))
    assert tone.reach >= 1.0
    assert tone.share < 1.0
    assert "may reach 3,0" in told_reach(tone)


def test_a_small_account_is_not() -> None:
    share = Share()
    usual(share, 7)
    assert share.update(7 * 288 * SLOT, 1.0, 2.0, heard(900, verified=True)).reach < 1.0


def test_who_is_always_heard_far_is_used_to_it() -> None:
    share = Share()
    for i in range(60 * 24):
        tone = share.update(i * 3600.0, 1.0, 4.0, 2_000_000.0)
    assert tone.reach < 1.0


@settings(deadline=None)
@given(SLOTS, SLOTS)
def test_saved_and_loaded_it_goes_on_exactly_so(
    first: list[tuple[int, int, float]], then: list[tuple[int, int, float]]
) -> None:
    share = Share()
    for i, (bad, more, reach) in enumerate(first):
        share.update(i * 1800.0, bad, bad + more, reach)
    again = Share.load(json.loads(json.dumps(share.dump())))
    for i, (bad, more, reach) in enumerate(then, len(first)):
        tone = share.update(i * 1800.0, bad, bad + more, reach)
        assert again.update(i * 1800.0, bad, bad + more, reach) == tone
        assert math.isfinite(tone.share + tone.reach)
    assert again.dump() == share.dump()


@pytest.mark.parametrize(
    "slot", [(-1.0, 1.0, 0.0), (2.0, 1.0, 0.0), (math.nan, 1.0, 0.0), (0.0, 1.0, -1.0)]
)
def test_what_cannot_be_is_refused(slot: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="negative posts"):
        Share().update(0.0, *slot)
