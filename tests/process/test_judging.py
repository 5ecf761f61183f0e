"""The scoring process with a real engine: what it is told of the brands, and all that it answers."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator

import pytest

from app.analysis.scoring import Chosen, InProcess, ScoringProcess, scoring
from app.domain.judging import Ask, Panel, Voice
from app.domain.sentiment import NOT_CHINESE, Tone
from app.errors import ConfigError

PANEL = Panel((Voice(1, ("云雀",)), Voice(2, ("星尘", "星尘手机"), competitor=True)))
CURSES_THE_RIVAL = "云雀比星尘手机好用太多了，星尘真是垃圾，再也不买了"


@pytest.fixture(scope="module")
def process() -> Iterator[ScoringProcess]:
    made = ScoringProcess("ngram")
    made.configure(PANEL)
    yield made
    made.close()


def test_praise_by_cursing_a_rival_is_no_complaint_about_us(process: ScoringProcess) -> None:
    towards_us, towards_them, plain = process.submit(
        [Ask(CURSES_THE_RIVAL, (1, 2)), Ask(CURSES_THE_RIVAL, (2,)), CURSES_THE_RIVAL]
    ).result(30)
    assert towards_us.tone is not Tone.NEGATIVE
    assert towards_them.tone is Tone.NEGATIVE
    assert [one.brand_id for one in towards_us.towards] == [1, 2]
    assert towards_us.towards[1].tone is Tone.NEGATIVE
    assert plain.towards == ()


def test_a_brand_nobody_told_of_is_passed_over(process: ScoringProcess) -> None:
    [score] = process.submit([Ask("云雀手机很好用", (77,))]).result(30)
    assert score.towards == ()
    assert score.tone is Tone.POSITIVE


def test_aspects_and_grave_words_come_with_their_places(process: ScoringProcess) -> None:
    text = "云雀手机颜值满分，可是充电时起火了，客服还不理人"
    [score] = process.submit([Ask(text, (1,))]).result(30)
    named = {one.aspect for one in score.aspects}
    assert {"attitude"} <= named
    assert {text[cue.start : cue.end] for cue in score.severity} == {cue.span for cue in score.severity}
    assert "fire" in {cue.key for cue in score.severity}


def test_what_is_not_chinese_is_said_to_be_so(process: ScoringProcess) -> None:
    foreign, digits, nothing, chinese = process.submit(
        ["The battery died after two days.", "12345", "", "电池两天就坏了"]
    ).result(30)
    assert {foreign.note, digits.note, nothing.note} == {NOT_CHINESE}
    assert foreign.tone is Tone.NEUTRAL
    assert chinese.note == ""


@pytest.mark.skipif(sys.platform == "win32", reason="kills by POSIX signals")
def test_a_child_started_anew_is_told_again(process: ScoringProcess) -> None:
    process.submit(["好"]).result(30)
    os.kill(process.pid or 0, signal.SIGKILL)
    end = time.monotonic() + 10
    while process.state != "ready" and time.monotonic() < end:
        time.sleep(0.02)
    [score] = process.submit([Ask(CURSES_THE_RIVAL, (1, 2))]).result(30)
    assert [one.brand_id for one in score.towards] == [1, 2]


def test_a_new_panel_counts_from_the_next_text_on() -> None:
    here = scoring("ngram", here=True)
    assert isinstance(here, InProcess)
    assert here.submit([Ask("云雀很好", (1,))]).result(0)[0].towards == ()
    here.configure(PANEL)
    assert here.submit([Ask("云雀很好", (1,))]).result(0)[0].towards[0].brand_id == 1
    assert set(here.versions().result(0)) == {None}


def test_the_gist_of_a_post_stands_in_the_post(process: ScoringProcess) -> None:
    text = "云雀手机用了三天就黑屏。客服说要寄回检测。检测费还要自己出，太离谱了。"
    gist = process.gist([text]).result(60)
    assert gist.keywords
    assert gist.lines
    assert all(text[line.start : line.end] == line.text for line in gist.lines)


def test_another_engine_takes_office_and_hears_of_the_brands() -> None:
    office = Chosen("trivial")
    office.configure(PANEL)
    assert office.submit(["太差了"]).result(0)[0].engine == "trivial"
    office.change("ngram")
    try:
        [score] = office.submit([Ask("云雀太差了", (1,))]).result(60)
        assert score.engine == "ngram"
        assert score.towards[0].brand_id == 1
        with pytest.raises(ConfigError):
            office.change("oracle")
        assert office.engine == "ngram"
    finally:
        office.close()


HOSTILE = [
    "",
    "云",
    "😡😡😡",
    "8" * 3000,
    "\ud800云雀\udfff",
    "\x00\x1b[31m云雀\x07",
    "\u202e云雀不如星尘\u202c",
    "La batterie est morte.",
    "<script>alert('云雀')</script><b>太差了</b>",
    "def f(x): return {'云雀': x}  # 起火",
    "云雀比星尘" * 20_000,
    "云雀，星尘；" * 16_000,
    "起火" * 50_000,
    "//@" * 30_000,
    "不" * 100_000,
    "＝cmd|' /C calc'!A0 云雀太差",
]


@pytest.mark.parametrize("brands", [(), (1,), (1, 2), (2,)])
def test_every_text_has_a_whole_answer_in_order(brands: tuple[int, ...]) -> None:
    here = scoring("ngram", here=True)
    here.configure(PANEL)
    scores = here.submit([Ask(text, brands) for text in HOSTILE]).result(0)
    assert len(scores) == len(HOSTILE)
    for text, score in zip(HOSTILE, scores, strict=True):
        assert abs(score.negative + score.neutral + score.positive - 1) < 1e-9, text[:20]
        assert abs(score.value - (1 + score.positive - score.negative) / 2) < 1e-9
        assert [one.brand_id for one in score.towards] == list(brands)
        for one in (*score.evidence, *score.severity):
            assert text[one.start : one.end] == one.span
        for start, end in (span for part in (*score.aspects, *score.towards) for span in part.spans):
            assert 0 <= start < end <= len(text)
