"""Lessons of a team become a layer: what it changes, what it may not, and when it is not used."""

from __future__ import annotations

import functools
import itertools
import math
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.learning import build, calibration, learn, measure, recalibrate
from app.analysis.learning.examples import (
    ALONE,
    MOST_CORRECTED,
    MOST_SEEN,
    Example,
    fold_of,
    softmax,
    studied,
    weights,
)
from app.analysis.ngram import Layer, Model, NgramScorer, shipped
from app.analysis.ngram.features import read
from app.analysis.ngram.layer import TEXT_LIMIT, WEIGHT_LIMIT
from app.domain.learning import CORRECTED, SEEN, Figures, Lesson, Measured, Word
from app.domain.sentiment import Tone

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHALLENGE = Path(__file__).parent / "challenge"
TONES = {"neg": Tone.NEGATIVE, "neu": Tone.NEUTRAL, "pos": Tone.POSITIVE}

HOT = ("新系统直接把我手机变暖手宝", "这手机暖手宝实锤", "充电像个暖手宝")
"""The model takes the hand warmer for something nice."""
ALSO_HOT = ("冬天不用买暖手宝了", "刷会儿视频就成了暖手宝", "果然是暖手宝")


@functools.cache
def model() -> Model:
    return shipped()


def judge(layer: Layer | None = None, names: tuple[str, ...] = ()) -> NgramScorer:
    return NgramScorer(model(), layer=layer, names=names)


@pytest.fixture(scope="module")
def scorer() -> NgramScorer:
    return judge()


def corrected(text: str, tone: Tone = Tone.NEGATIVE, **more: object) -> Lesson:
    return Lesson(text=text, tone=tone, weight=CORRECTED, **more)  # type: ignore[arg-type]


def seen(scorer: NgramScorer, text: str, **more: object) -> Lesson:
    tone = scorer.score([text])[0].tone
    return Lesson(text=text, tone=tone, weight=SEEN, **more)  # type: ignore[arg-type]


def challenge(*files: str) -> list[tuple[str, Tone]]:
    """Our own labelled posts."""
    found = []
    for path in sorted(CHALLENGE.glob("*.tsv")):
        if not files or path.stem in files:
            rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
            found += [(row[2], TONES[row[0]]) for row in rows]
    return found


def reviewed(scorer: NgramScorer, posts: list[tuple[str, Tone]]) -> list[Lesson]:
    """What a careful person leaves and corrects."""
    scores = scorer.score([text for text, _tone in posts])
    return [
        Lesson(text=text, tone=tone, weight=SEEN if score.tone == tone else CORRECTED)
        for (text, tone), score in zip(posts, scores, strict=True)
    ]


def tones(scorer: NgramScorer, texts: tuple[str, ...] | list[str]) -> list[Tone]:
    return [score.tone for score in scorer.score(list(texts))]


def test_three_corrections_turn_posts_like_them(scorer: NgramScorer) -> None:
    assert set(tones(scorer, HOT + ALSO_HOT)) == {Tone.POSITIVE}
    taught = judge(build(scorer, map(corrected, HOT), name="brand-1"))
    assert set(tones(taught, HOT)) == {Tone.NEGATIVE}
    assert tones(taught, ALSO_HOT).count(Tone.NEGATIVE) > len(ALSO_HOT) / 2
    pairs = zip(scorer.probabilities(ALSO_HOT), taught.probabilities(ALSO_HOT), strict=True)
    assert all(after[0] > before[0] + 0.25 for before, after in pairs)
    others = ["这手机拍照不错", "充电挺快的", "新系统很流畅", "下个月发布新手机", "客服态度极差"]
    assert tones(taught, others) == tones(scorer, others)


def test_one_correction_turns_its_own_post(scorer: NgramScorer) -> None:
    wrong = [(text, tone) for text, tone in challenge() if tones(scorer, [text]) != [tone]][::5]
    layers = [build(scorer, [corrected(text, tone)], name="b") for text, tone in wrong]
    turned = [tones(judge(layer), [text]) for layer, (text, _) in zip(layers, wrong, strict=True)]
    agree = sum(found == [tone] for found, (_, tone) in zip(turned, wrong, strict=True))
    assert agree >= 0.9 * len(wrong) > 10


def test_taken_back_leaves_the_model_bit_for_bit(scorer: NgramScorer) -> None:
    assert build(scorer, [], name="brand-1") is None
    nothing = learn(scorer, [], name="brand-1")
    assert (nothing.layer, nothing.measured) == (None, None)
    assert "Nothing" in nothing.said
    texts = [text for text, _tone in challenge()]
    assert judge(None).score(texts) == scorer.score(texts)


def test_one_taken_back_leaves_the_others(scorer: NgramScorer) -> None:
    two = [corrected(text) for text in HOT[:2]]
    before = build(scorer, two, name="b")
    with_more = build(scorer, [*two, corrected(HOT[2])], name="b")
    assert before != with_more
    assert build(scorer, two, name="b") == before


LESSONS = [
    corrected(HOT[0], at=NOON, mention_id=1),
    corrected(HOT[0], Tone.NEUTRAL, at=NOON, mention_id=2, who="b"),
    corrected(HOT[1], at=NOON + timedelta(hours=1), mention_id=1),
    corrected(HOT[2], at=NOON),
    corrected(HOT[2], Tone.NEUTRAL, at=NOON),
    Lesson(text="下个月发布新手机", tone=Tone.NEUTRAL, weight=SEEN, mention_id=3),
    Lesson(text="下个月发布新手机，等等看", tone=Tone.NEUTRAL, weight=SEEN),
    Lesson(text="充电挺快的", tone=Tone.POSITIVE, weight=SEEN, mention_id=4),
]


@settings(deadline=None, max_examples=25)
@given(st.permutations(LESSONS))
def test_the_order_of_lessons_does_not_matter(lessons: list[Lesson]) -> None:
    scorer = judge()
    assert build(scorer, lessons, name="b") == build(scorer, LESSONS, name="b")
    assert build(scorer, lessons + LESSONS[:3], name="b") == build(scorer, LESSONS, name="b")


ELSEWHERE = """
from app.analysis.learning import build
from app.analysis.ngram import NgramScorer
from app.domain.learning import Lesson
from app.domain.sentiment import Tone
texts = [f"{a}变{b}，{c}" for a in ("新固件", "耳机") for b in ("暖手宝", "绿线", "吃灰") for c in "甲乙丙"]
lessons = [Lesson(text=text, tone=Tone.NEGATIVE) for text in texts]
print(build(NgramScorer(), lessons, name="b").name)
"""


def test_another_process_learns_the_same_bits() -> None:
    names = set()
    for seed in ("1", "2"):
        here = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, env=here, check=True
        )
        names.add(done.stdout)
    assert len(names) == 1


def test_the_name_says_what_is_in_it(scorer: NgramScorer) -> None:
    one, two = (build(scorer, map(corrected, HOT[:count]), name="brand-1") for count in (1, 2))
    assert one is not None
    assert two is not None
    assert one.name != two.name
    assert one.name.startswith("brand-1.")
    assert judge(one).version == f"{scorer.version}+{one.name}"
    long = build(scorer, [corrected(HOT[0])], name="x" * 60)
    assert long is not None
    assert len(long.name) == 40


def thousand() -> list[str]:
    """Posts that have much in common, as in a storm."""
    subjects = (
        "新固件",
        "这次升级",
        "刚买的那台",
        "老婆的手机",
        "公司配的",
        "第二批货",
        "旗舰款",
        "青春版",
        "平板",
        "耳机",
    )
    events = ("变暖手宝", "绿线", "掉帧", "吃灰", "当砖头", "缩缸", "锁频", "漏光", "断触", "偷跑电")
    tails = (
        "了",
        "，没想到",
        "，第三天",
        "，群里都在说",
        "，等回复",
        "，拍了视频",
        "，有没有一样的",
        "，记录一下",
        "。",
        "，唉",
    )
    return ["".join(parts) for parts in itertools.product(subjects, events, tails)]


def against(scorer: NgramScorer) -> list[str]:
    """Those that the model does not call negative."""
    found = zip(thousand(), tones(scorer, thousand()), strict=True)
    return [text for text, tone in found if tone != Tone.NEGATIVE]


@pytest.mark.parametrize("tone", [Tone.NEGATIVE, Tone.POSITIVE])
def test_a_thousand_corrections_of_one_tone_do_not_drag_the_rest(scorer: NgramScorer, tone: Tone) -> None:
    taught = judge(build(scorer, [corrected(text, tone) for text in thousand()], name="b"))
    others = [text for text, _tone in challenge("neutral", "life", "mixed", "traditional")]
    before, after = scorer.probabilities(others), taught.probabilities(others)
    drift = [abs(a[0] - b[0]) for a, b in zip(before, after, strict=True)]
    assert sum(drift) / len(drift) < 0.06
    turned = sum(a != b for a, b in zip(tones(scorer, others), tones(taught, others), strict=True))
    assert turned <= 0.08 * len(others)
    own = tones(taught, thousand())
    assert own.count(tone) >= 0.95 * len(own)


def test_corrections_alone_weigh_little_together(scorer: NgramScorer) -> None:
    """Where nothing says what the model had right, many corrections share a small weight."""
    many = against(scorer)[:300]
    alone = studied(scorer, map(corrected, many))
    assert len(alone) == 300
    assert sum(weights(alone)) == pytest.approx(ALONE)
    left = [f"第{number}天，下个月发布新手机" for number in ("一", "二", "三", "四")]
    both = studied(scorer, [*map(corrected, many), *(seen(scorer, text) for text in left)])
    assert sum(weights(both)) == pytest.approx(ALONE + 2 * len(left) * SEEN)
    assert weights(studied(scorer, map(corrected, HOT))) == [CORRECTED] * 3


def test_no_weight_and_no_text_goes_over_the_limits(scorer: NgramScorer) -> None:
    posts = challenge()
    upside_down = {Tone.NEGATIVE: Tone.POSITIVE, Tone.POSITIVE: Tone.NEGATIVE, Tone.NEUTRAL: Tone.NEGATIVE}
    layer = build(scorer, [corrected(text, upside_down[tone]) for text, tone in posts], name="b")
    assert layer is not None
    assert max(abs(each) for three in layer.shifts.values() for each in three) <= WEIGHT_LIMIT
    taught = judge(layer)
    for text, _tone in posts:
        before, after = scorer.probabilities([text])[0], taught.probabilities([text])[0]
        for a, b in itertools.combinations(range(3), 2):
            moved = math.log(after[a] / after[b]) - math.log(before[a] / before[b])
            assert abs(moved) <= 2 * TEXT_LIMIT + 1e-9


def test_of_one_text_the_last_word_counts(scorer: NgramScorer) -> None:
    late = corrected(HOT[0], Tone.NEUTRAL, at=NOON + timedelta(minutes=1), who="b")
    early = corrected(HOT[0], Tone.NEGATIVE, at=NOON, who="a")
    assert build(scorer, [early, late], name="b") == build(scorer, [late], name="b")
    looked = Lesson(text=HOT[0], tone=Tone.POSITIVE, weight=SEEN, at=NOON + timedelta(days=1))
    assert build(scorer, [looked, early], name="b") == build(scorer, [early], name="b")


def test_of_one_mention_the_last_word_counts(scorer: NgramScorer) -> None:
    """An edited post: what was said of its earlier text is no longer there."""
    first = corrected(HOT[0], at=NOON, mention_id=7)
    edited = corrected(HOT[1], at=NOON + timedelta(hours=1), mention_id=7)
    assert build(scorer, [first, edited], name="b") == build(scorer, [edited], name="b")


def test_a_wave_of_reposts_teaches_once(scorer: NgramScorer) -> None:
    wave = [corrected(f"{HOT[0]} https://t.cn/{number}", mention_id=number) for number in range(1, 200)]
    assert len(studied(scorer, wave)) == 1
    layer = build(scorer, wave, name="b")
    assert layer is not None
    assert layer.shifts == getattr(build(scorer, wave[:1], name="b"), "shifts", None)


REPOSTS = [
    "转发微博//@小王:这手机暖手宝实锤",
    "//@小王:这手机暖手宝实锤//@小李: 又来 http://t.cn/ab",
    "哦// @a回复@b:就这？//@官方:新款下月发布",
    "太差了，再也不买//@官方:新款下月发布",
]


def test_the_model_is_asked_as_the_scorer_asks_it(scorer: NgramScorer) -> None:
    """Reposts too: the author's own words, or the whole chain where they leave it unsure."""
    texts = REPOSTS + [text for text, _tone in challenge()]
    lessons = [corrected(text) for text in texts]
    asked = {each.flat: softmax(each.decisions) for each in studied(scorer, lessons)}
    for text in texts:
        expected = scorer.probabilities([text])[0]
        if scorer.chinese(text):
            assert any(chances == pytest.approx(expected) for chances in asked.values()), text
    layered = judge(build(scorer, [corrected(REPOSTS[0])], name="b"))
    assert layered.probabilities(REPOSTS[:1])[0][0] > scorer.probabilities(REPOSTS[:1])[0][0] + 0.2


def test_contradictions_end_in_between(scorer: NgramScorer) -> None:
    bad = [corrected(f"暖手宝，{tail}", Tone.NEGATIVE) for tail in ("甲", "乙", "丙", "丁")]
    good = [corrected(f"暖手宝，{tail}", Tone.POSITIVE) for tail in ("戊", "己", "庚", "辛")]
    text = "暖手宝，壬"

    def odds(lessons: list[Lesson]) -> float:
        low, _middle, high = judge(build(scorer, lessons, name="b")).probabilities([text])[0]
        return math.log(high / low)

    assert odds(bad) + 1 < odds(bad + good) < odds(good) - 1


def test_watched_names_are_not_taught() -> None:
    masked = judge(names=("某牌",))
    layer = build(masked, [corrected("某牌暖手宝"), corrected("暖手宝某牌", Tone.NEUTRAL)], name="b")
    assert layer is not None
    assert not any("某" in gram or "\x04" in gram for gram in layer.shifts)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.builds(
            Lesson,
            text=st.text(st.sampled_from("暖手宝，好坏\ud83d😡\x00\x02\x04@:/ aA0。"), max_size=12),
            tone=st.sampled_from(Tone),
            weight=st.sampled_from([CORRECTED, SEEN, 0.0]),
            at=st.datetimes(timezones=st.just(UTC)),
            mention_id=st.integers(0, 3),
        ),
        max_size=8,
    )
)
def test_any_text_may_be_taught(lessons: list[Lesson]) -> None:
    scorer = judge()
    layer = build(scorer, lessons, name="b")
    assert layer is None or judge(layer).probabilities(["暖手宝"])[0][0] > 0
    assert learn(scorer, lessons, name="b").layer == layer


def test_what_is_not_judged_teaches_nothing(scorer: NgramScorer) -> None:
    assert build(scorer, [corrected("no tone at all"), corrected(""), corrected("12345")], name="b") is None


def test_of_too_many_lessons_the_latest_of_each_kind_stay(scorer: NgramScorer) -> None:
    texts = [f"{text}，{tail}" for text in thousand() for tail in "甲乙丙丁戊己庚"]
    old = [
        Lesson(
            text=text,
            tone=Tone.NEUTRAL,
            weight=SEEN if number % 2 else CORRECTED,
            at=NOON + timedelta(seconds=number),
            mention_id=number,
        )
        for number, text in enumerate(texts, start=1)
    ]
    seen_too = [replace(lesson, weight=SEEN) for lesson in old[: -2 * MOST_CORRECTED]]
    examples = studied(scorer, [*seen_too, *old[-2 * MOST_CORRECTED :]])
    kept = {example.flat for example in examples}
    assert len(examples) == MOST_CORRECTED + MOST_SEEN
    assert {read(text) for text in texts[-2 * MOST_CORRECTED :]} <= kept
    assert read(texts[0]) not in kept


def test_near_copies_share_a_fold() -> None:
    long = "这款手机用了三个月之后电池明显不行了而且售后一直推来推去没有人愿意负责真的很失望再也不会买了"
    assert {fold_of(long + tail, 5) for tail in ("", "！", "，转发", "😡")} == {fold_of(long, 5)}
    assert {fold_of(text, 5) for text in thousand()[:100]} == {0, 1, 2, 3, 4}


# how well it works, and whether it is used


def test_too_few_labels_measure_nothing(scorer: NgramScorer) -> None:
    lessons = reviewed(scorer, challenge("neutral"))[:19]
    assert measure(scorer, lessons) is None
    assert measure(scorer, map(corrected, against(scorer)[:200])) is None
    learnt = learn(scorer, map(corrected, HOT), name="b")
    assert learnt.adopted
    assert learnt.layer == build(scorer, map(corrected, HOT), name="b")
    assert "3" in learnt.said


def test_the_measure_counts_what_it_says(scorer: NgramScorer) -> None:
    posts = challenge()
    lessons = reviewed(scorer, posts)
    measured = measure(scorer, lessons)
    assert measured is not None
    wrong = sum(lesson.corrected for lesson in lessons)
    assert 100 < wrong < len(lessons) / 2
    assert measured.labels == len(studied(scorer, lessons)) > 0.95 * len(posts)
    whole = sum(lesson.weight for lesson in lessons)
    assert measured.before.right == pytest.approx(1 - wrong / whole, abs=0.02)
    assert measured.gain == pytest.approx(measured.won * CORRECTED - measured.lost * SEEN)
    assert measured.after.right - measured.before.right == pytest.approx(measured.gain / whole, abs=0.01)
    assert measure(scorer, lessons) == measured


def test_what_helps_is_used(scorer: NgramScorer) -> None:
    """A kind of post that the model gets wrong throughout, and one that it gets right."""
    hot = [
        (text, Tone.NEGATIVE) for text in thousand() if "暖手宝" in text or "砖头" in text or "吃灰" in text
    ]
    lessons = reviewed(scorer, hot[::3] + challenge("neutral", "slang_positive"))
    learnt = learn(scorer, lessons, name="b")
    assert learnt.measured is not None
    assert learnt.measured.after.right > learnt.measured.before.right + 0.05
    assert learnt.adopted
    assert learnt.layer is not None
    assert learnt.layer.shifts
    after = round(100 * learnt.measured.after.right)
    assert f"{after} % with" in learnt.said


def test_what_harms_is_not_used(scorer: NgramScorer) -> None:
    """Of two posts nearly the same one was corrected by mistake, so each misleads about the other."""
    texts = [text for text, _tone in challenge("slang_positive", "slang_negative", "complaint", "neutral")]
    lessons = [seen(scorer, f"刷到：{text}") for text in texts]
    for text in texts[::2]:
        shown = seen(scorer, text).tone
        lessons.append(corrected(text, Tone.POSITIVE if shown == Tone.NEGATIVE else Tone.NEGATIVE))
    words = [Word(phrase="暖手宝", weight=-3)]
    learnt = learn(scorer, lessons, words, name="b")
    assert learnt.measured is not None
    assert learnt.measured.worse
    assert not learnt.adopted
    assert "not used" in learnt.said
    assert learnt.layer is not None
    assert not learnt.layer.shifts
    assert list(learnt.layer.phrases) == ["暖手宝"]
    assert learn(scorer, lessons, name="b").layer is None


def test_worse_means_more_than_chance() -> None:
    def with_gain(gain: float) -> Measured:
        figures = Figures(0.8, 0.5)
        return Measured(100, figures, figures, won=8, lost=8, gain=gain, chance=2.0)

    assert not with_gain(1.0).worse
    assert not with_gain(-3.2).worse
    assert with_gain(-3.4).worse


# calibration


def test_no_calibration_under_two_hundred_labels(scorer: NgramScorer) -> None:
    lessons = reviewed(scorer, challenge())
    assert recalibrate(scorer, lessons[:199]) is None
    layer = build(scorer, lessons[:199], name="b", calibrated=True)
    assert layer is not None
    assert layer.calibration is None


def test_a_calibration_mends_the_shares(scorer: NgramScorer) -> None:
    lessons = [lesson for lesson in reviewed(scorer, challenge()) if lesson.tone != Tone.NEUTRAL]
    examples = studied(scorer, lessons)
    assert calibration.enough(examples)
    chosen = calibration.settings(examples)
    factor, negative, positive = chosen
    assert calibration.SOFTEST <= factor <= calibration.SHARPEST
    assert min(negative, positive) > 0.2  # nothing here is neutral
    layered = judge(Layer({}, calibration.table(chosen), "c"))

    def loss(judge: NgramScorer) -> float:
        chances = judge.probabilities([lesson.text for lesson in lessons])
        which = {Tone.NEGATIVE: 0, Tone.NEUTRAL: 1, Tone.POSITIVE: 2}
        return -sum(math.log(p[which[one.tone]]) for p, one in zip(chances, lessons, strict=True))

    assert loss(layered) < 0.9 * loss(scorer)
    assert recalibrate(scorer, lessons) == calibration.table(chosen)


def test_posts_left_because_nobody_looked_do_not_make_it_sure_of_itself(scorer: NgramScorer) -> None:
    """Whatever was shown was left, but for a few: the model seems to be never wrong."""
    posts = [text for text, _tone in challenge()]
    lessons = [seen(scorer, text) for text in posts]
    lessons[::15] = [corrected(lesson.text, Tone.NEGATIVE) for lesson in lessons[::15]]
    examples = studied(scorer, lessons)
    assert calibration.enough(examples)
    assert calibration.settings(examples)[0] == calibration.SHARPEST
    few = studied(scorer, lessons[:60])
    assert not calibration.enough(few)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(*[st.floats(-9, 9)] * 3, st.integers(0, 2)), min_size=1, max_size=40))
def test_any_decisions_give_a_calibration_within_bounds(
    rows: list[tuple[float, float, float, int]],
) -> None:
    examples = [Example("x", frozenset("x"), (a, b, c), tone, 1.0) for a, b, c, tone in rows]
    factor, *constants = calibration.settings(examples)
    assert calibration.SOFTEST <= factor <= calibration.SHARPEST
    assert max(map(abs, constants)) <= calibration.FURTHEST
    Layer({}, calibration.table((factor, constants[0], constants[1])), "c")
