"""Judging and explaining, with the shipped model and with one made by hand."""

from __future__ import annotations

import math
import random
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.ngram import Model, NgramScorer
from app.analysis.ngram.cues import of_kinds
from app.analysis.ngram.model import CUES, INPUTS, read
from app.analysis.scorer import Scorer
from app.domain.sentiment import Score, Tone

BAD = "新买的手机才三天就死机，客服还不理人，太差了"
GOOD = "这款耳机音质真好，戴着舒服，非常喜欢"
NEWS = "公司将于下周三在上海举行新品发布会"

HOSTILE = [
    "",
    "好",
    "差",
    " ",
    "\x00",
    "\ud800",
    "\udfff好\ud83d",
    "\u202e坏了\u202c",
    "a" * 5000,
    "0123456789" * 50,
    "😡" * 300,
    "[怒]" * 300,
    "😀👨‍👩‍👧‍👦🏳️‍🌈",
    "<script>alert('坏')</script>",
    "=cmd|' /C calc'!A0",
    "def f(x):\n    return x ** 2",
    "これはとてもいい製品です",
    "Это плохо",
    "هذا سيئ",
    "//@a://@b:",
    "//@" * 500,
    "@" * 1000,
    "http://" * 300,
    "回复@" * 400,
    "\x01\x02\x03\x04好",
    "e" + "\u0301" * 500,
    "﷽" * 50,
    "\n".join(["差评"] * 200),
]


def check(text: str, score: Score) -> None:
    chances = (score.negative, score.neutral, score.positive)
    assert all(0 <= each <= 1 for each in chances)
    assert math.isclose(sum(chances), 1, abs_tol=1e-9)
    assert math.isclose(score.value, (1 + score.positive - score.negative) / 2)
    likeliest = max(zip(chances, (Tone.NEGATIVE, Tone.NEUTRAL, Tone.POSITIVE), strict=True))
    assert score.tone is likeliest[1]
    for one in score.evidence:
        assert one.span == text[one.start : one.end] != ""
    assert [one.start for one in score.evidence] == sorted(one.start for one in score.evidence)


def test_it_is_a_scorer(scorer: NgramScorer) -> None:
    judge: Scorer = scorer
    assert judge.engine == "ngram"
    assert judge.version.startswith("3.")


def test_plain_cases_in_order(scorer: NgramScorer) -> None:
    bad, good, news = scorer.score([BAD, GOOD, NEWS])
    assert (bad.tone, good.tone, news.tone) == (Tone.NEGATIVE, Tone.POSITIVE, Tone.NEUTRAL)
    assert bad.value < 0.2
    assert good.value > 0.8
    assert 0.3 < news.value < 0.7


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_an_answer_for_anything(scorer: NgramScorer, text: str) -> None:
    (score,) = scorer.score([text])
    check(text, score)
    assert scorer.score([text, BAD])[1] == scorer.score([BAD])[0]


@settings(deadline=None, max_examples=100)
@given(st.text(st.one_of(st.sampled_from(BAD + GOOD + NEWS + "//@:[]😡 0a"), st.characters()), max_size=60))
def test_evidence_adds_up_to_the_odds(scorer: NgramScorer, text: str) -> None:
    (score,) = scorer.score([text])
    check(text, score)
    why = scorer.explain(text)
    assert math.isclose(why.odds, why.bias + sum(span.weight for span in why.spans), abs_tol=1e-9)
    if score.negative > 1e-12 and score.positive > 1e-12:
        assert math.isclose(why.odds, math.log(score.positive / score.negative), abs_tol=1e-6)
    assert set(score.evidence) <= set(why.spans)
    assert len(score.evidence) == min(8, len(why.spans))
    least = min((abs(span.weight) for span in score.evidence), default=0.0)
    assert all(abs(span.weight) <= least for span in set(why.spans) - set(score.evidence))
    assert all(span.span == text[span.start : span.end] for span in why.spans)


def test_the_bias_does_not_depend_on_where_words_stand(small: NgramScorer) -> None:
    """By hand: 好 has weight 3 in the positive head, and the length of the one known n-gram is 1."""
    why = small.explain("好")
    assert math.isclose(why.odds, 3.0)
    assert math.isclose(why.bias, 0.0)
    assert [(span.span, span.weight) for span in why.spans] == [("好", 3.0)]


def test_longer_ngrams_share_their_weight(small: NgramScorer) -> None:
    """不好: 好 +3 and the pair -9, three over the root of two sizes: the pair's half falls on 好."""
    why = small.explain("不好")
    root = math.sqrt(2)
    assert math.isclose(why.odds, (3 - 9) / root)
    assert math.isclose(sum(span.weight for span in why.spans), (3 - 9) / root)
    (span,) = why.spans
    assert span.span == "不好"


def test_evidence_points_at_the_words(scorer: NgramScorer) -> None:
    (score,) = scorer.score(["外观漂亮，可惜天天死机"])
    worst = min(score.evidence, key=lambda each: each.weight)
    assert "死机" in worst.span or "可惜" in worst.span
    assert any(each.weight > 0 and "漂亮" in each.span for each in score.evidence)


def test_evidence_stands_in_the_original(scorer: NgramScorer) -> None:
    text = "@官方 這台手機２天就壞了 https://t.cn/abc 氣死"
    (score,) = scorer.score([text])
    check(text, score)
    assert not any("t.cn" in each.span for each in score.evidence)


def test_the_own_words_are_judged(scorer: NgramScorer) -> None:
    alone, chain = scorer.score(["太难用了", f"太难用了//@路人甲:{GOOD}"])
    assert (alone.negative, alone.positive) == (chain.negative, chain.positive)


@pytest.mark.parametrize(("one", "other"), [("這機太爛了", "这机太烂了"), ("ＡＰＰ好用", "app好用")])
def test_script_and_width_change_nothing(scorer: NgramScorer, one: str, other: str) -> None:
    assert scorer.probabilities([one]) == scorer.probabilities([other])


def test_names_carry_no_tone(model: Model, scorer: NgramScorer) -> None:
    names = ["蒙牛", "垃圾牌", "超赞手机"]
    judge = NgramScorer(model, names=names)
    assert judge.probabilities(["蒙牛出新品了"]) == judge.probabilities(["垃圾牌出新品了"])
    assert judge.probabilities(["超赞手机好用吗"]) == judge.probabilities(["垃圾牌好用吗"])
    assert scorer.probabilities(["蒙牛出新品了"]) != scorer.probabilities(["垃圾牌出新品了"])
    assert not any("垃圾" in each.span for each in judge.explain("垃圾牌出新品了").spans)


@pytest.mark.parametrize("text", ["", "hello, world", "123456", "Это плохо", "\ud800", "!!!", "wtf"])
def test_what_is_not_chinese_is_not_judged(scorer: NgramScorer, text: str) -> None:
    (score,) = scorer.score([text])
    assert (score.neutral, score.value, score.evidence) == (1.0, 0.5, ())
    assert not scorer.chinese(text)
    assert scorer.explain(text).spans == ()


@pytest.mark.parametrize(("text", "tone"), [("😡😡", Tone.NEGATIVE), ("😍😍😍", Tone.POSITIVE)])
def test_emoji_alone_are_judged(scorer: NgramScorer, text: str, tone: Tone) -> None:
    assert scorer.chinese(text)
    assert scorer.score([text])[0].tone is tone


def test_the_same_whatever_came_before(scorer: NgramScorer) -> None:
    texts = [BAD, GOOD, NEWS, *HOSTILE]
    mixed = texts.copy()
    random.Random(3).shuffle(mixed)
    alone = {text: scorer.score([text])[0] for text in texts}
    assert scorer.score(mixed) == [alone[text] for text in mixed]
    assert NgramScorer().score(texts) == scorer.score(texts)


def test_the_quick_way_says_the_same(scorer: NgramScorer) -> None:
    texts = [BAD, GOOD, NEWS, *HOSTILE]
    slow = [(each.negative, each.neutral, each.positive) for each in scorer.score(texts)]
    assert scorer.probabilities(texts) == slow


def test_the_same_in_another_process_with_another_hash_seed(scorer: NgramScorer) -> None:
    code = f"from app.analysis.ngram import NgramScorer; print(repr(NgramScorer().score([{BAD!r}])[0]))"
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
            capture_output=True,
            check=True,
            text=True,
            encoding="utf-8",
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert said == {repr(scorer.score([BAD])[0])}


def test_a_long_text_takes_time_in_proportion(scorer: NgramScorer) -> None:
    def seconds(work: Callable[[list[str]], object], length: int) -> float:
        chance = random.Random(5)
        text = "".join(chance.choice(BAD + GOOD + NEWS + "//@:http") for _ in range(length))
        best = math.inf
        for _again in range(3):
            start = time.process_time()
            work([text])
            best = min(best, time.process_time() - start)
        return best

    for work in (scorer.score, scorer.probabilities):
        assert seconds(work, 100_000) < 40 * max(seconds(work, 10_000), 1e-3)


def test_too_many_ngrams_for_a_lane_would_need_millions() -> None:
    """A lane has 32 bits; the largest byte times all n-grams of the table stays far below."""
    assert 255 * 2_000_000 < 2**32


def test_a_model_without_the_text_says_its_bias(model_bytes: Callable[..., bytes]) -> None:
    judge = NgramScorer(read(model_bytes({"好": {"positive": 3}}), "m"))
    (score,) = judge.score(["坏"])
    assert math.isclose(score.negative, 1 / 3)
    assert score.evidence == ()


def test_cues_draw_plain_talk_away_and_are_explained(model_bytes: Callable[..., bytes]) -> None:
    """By hand: three cues count, for of a kind two do at most; each after the second adds 3 to negative."""
    kinds = {"fault": ["漏油", "异响", "抖动"], "answer": ["推诿"]}
    calibration = [[0.0] * INPUTS for _head in range(3)]
    calibration[0][CUES] = 3.0
    model = read(model_bytes({"好": {"positive": 3}}, cues=kinds, calibration=calibration), "m")
    judge = NgramScorer(model)
    why = judge.explain("车漏油，抖动，有异响，店家推诿")
    assert math.isclose(why.odds, -3.0)
    assert math.isclose(why.bias, 0.0, abs_tol=1e-12)
    assert [span.span for span in why.spans] == ["漏油", "抖动", "异响", "推诿"]
    assert [span.weight for span in why.spans] == pytest.approx([-2 / 3, -2 / 3, -2 / 3, -1.0])
    assert judge.explain("今天天气").odds == 0.0


@pytest.mark.parametrize(
    ("found", "count"),
    [
        ("", 0),
        ("fault", 1),
        ("fault fault fault", 2),
        ("fault answer place", 3),
        ("fault answer place sober", 1),
        ("fault sober sober sober", 0),
    ],
)
def test_how_many_cues_count(found: str, count: int) -> None:
    assert of_kinds(found.split()) == count


def test_clear_comes_from_the_model(model_bytes: Callable[..., bytes], scorer: NgramScorer) -> None:
    assert NgramScorer(read(model_bytes({"好": {}}, clear=0.77), "m")).clear == 0.77
    assert 0.5 < scorer.clear < 1


def test_dressed_it_judges_with_the_same_model(small: NgramScorer) -> None:
    named = small.dressed(["某物"], None)
    assert named.version == small.version
    assert named.probabilities(["好"]) == small.probabilities(["好"])
    both = small.dressed(["坏坏"], None).probabilities(["坏坏好"])
    assert both == small.dressed([], None).probabilities(["\x04好"])
    assert both != small.probabilities(["坏坏好"])


def test_less_sure_it_says_the_same_tone(model_bytes: Callable[..., bytes]) -> None:
    weights = {"好": {"positive": 3}, "坏": {"negative": 3}}
    sure, unsure = (
        NgramScorer(read(model_bytes(weights, sureness=[constant, 0, 0, 0, 0, 0]), "m"))
        for constant in (0.0, -math.log(2))
    )
    for text in ("好", "坏坏好", "坏"):
        before, after = sure.score([text])[0], unsure.score([text])[0]
        assert after.tone is before.tone
        assert sure.explain(text).odds == pytest.approx(2 * unsure.explain(text).odds)
        told = unsure.explain(text)
        assert told.bias + sum(span.weight for span in told.spans) == pytest.approx(told.odds)
        assert told.odds == pytest.approx(math.log(after.positive / after.negative))
