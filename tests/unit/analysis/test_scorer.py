"""The neutral band, and the trivial scorer of benchmarks."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.scorer import BAND, banded, judgement
from app.analysis.trivial import TrivialScorer
from app.domain.sentiment import Tone

calm = settings(deadline=None, max_examples=100)
LOW, HIGH = BAND


@calm
@given(st.floats(0, 1))
def test_three_chances_sum_to_one_and_agree_with_the_band(positive: float) -> None:
    score = judgement(positive, "e", "1")
    assert score.negative + score.neutral + score.positive == pytest.approx(1)
    assert min(score.negative, score.neutral, score.positive) >= 0
    assert score.value == pytest.approx((1 + score.positive - score.negative) / 2)
    if abs(positive - LOW) > 1e-9 and abs(positive - HIGH) > 1e-9:
        tone = Tone.NEGATIVE if positive < LOW else Tone.POSITIVE if positive > HIGH else Tone.NEUTRAL
        assert score.tone is tone


@calm
@given(st.floats(0, 1), st.floats(0, 1))
def test_a_better_text_never_has_a_lower_value(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert judgement(low, "e", "1").value <= judgement(high, "e", "1").value + 1e-12


def test_certainty_and_the_middle() -> None:
    assert banded(0) == (1, 0, 0)
    assert banded(1) == (0, 0, 1)
    assert banded((LOW + HIGH) / 2)[1] == 1


def test_the_trivial_scorer_counts_words() -> None:
    bad, good, none = TrivialScorer().score(["太差了，退货", "很满意，推荐 //@某某:垃圾", "\ud800"])
    assert (bad.tone, good.tone, none.tone) == (Tone.NEGATIVE, Tone.POSITIVE, Tone.NEUTRAL)
    assert [evidence.span for evidence in bad.evidence] == ["差", "退货"]
    assert [evidence.weight for evidence in good.evidence] == [1.0, 1.0]
    assert bad.engine == "trivial"


def test_importing_the_seam_loads_no_engine() -> None:
    program = (
        "import sys, app.analysis.scoring;"
        "print([m for m in ('snownlp', 'PySide6', 'peewee') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
