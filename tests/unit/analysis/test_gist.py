"""Key words and telling sentences: nothing made up, whatever the texts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.gist import LENGTH, LONGEST, POSTS, gist, keywords, summary
from app.domain.gist import Gist

ROOT = Path(__file__).resolve().parents[3]
POST = (
    "云雀手机昨晚充电时突然起火，幸好人没事。客服让我自己寄回检测，态度非常敷衍！我已经报警，消防也来了。"
    "希望厂家给个说法，别再推诿。今天又打了三次电话，客服还是说要等。云雀手机的质量真的让人失望。"
)
STORY = [
    "云雀手机充电起火，客服只说等消息。",
    "又一台云雀手机起火了！充电的时候没人看着多危险。[怒]",
    "转发微博 //@路人:云雀手机充电起火，客服只说等消息。",
    "今天天气不错",
    "云雀的客服回应起火：已经成立小组检测电池。",
    "云雀手机充电起火，客服只说等消息。",
]


def stands(texts: list[str], found: Gist) -> None:
    for line in found.lines:
        assert texts[line.index][line.start : line.end] == line.text
        assert line.text.strip() == line.text != ""
        assert len(line.text) <= LONGEST
    assert len(set(found.keywords)) == len(found.keywords)
    for word in found.keywords:
        assert any(word in text for text in texts)


def test_a_post_in_a_few_words() -> None:
    found = gist([POST])
    stands([POST], found)
    assert {"云雀", "手机", "客服"} <= set(found.keywords)
    assert len(found.lines) == 3
    assert all(line.text[-1] in "。！" for line in found.lines)


def test_a_story_of_many_posts() -> None:
    found = gist(STORY)
    stands(STORY, found)
    assert {"起火", "云雀", "客服"} <= set(found.keywords)
    assert "今天天气不错" not in [line.text for line in found.lines[:2]]
    assert len({line.text for line in found.lines}) == len(found.lines), "a repeated sentence counts once"
    assert not any("路人" in line.text for line in found.lines), "what is only repeated is not read"


def test_limits_are_kept() -> None:
    assert keywords([POST], 2) == keywords([POST])[:2]
    assert summary([POST], 1) == summary([POST])[:1]
    assert keywords([POST], 0) == ()
    assert summary([POST], 0) == ()


def test_emoticons_stop_words_and_empty_words_are_no_key_words() -> None:
    words = keywords(["[怒][怒] 我们今天真的觉得这个手机的电池没感觉", "手机和电池[怒]，因为真的但是我们"])
    assert set(words) == {"手机", "电池"}


def test_a_word_is_written_as_a_post_writes_it() -> None:
    found = keywords(["我的iPhone電池壞了，iPhone客服不理。", "iphone电池太差"])
    assert "iPhone" in found
    assert "電池" in found


def test_the_longest_sentence_is_cut_at_its_commas() -> None:
    text = "这部手机的屏幕很清楚，" * 40
    [line] = summary([text], 1)
    assert len(line.text) <= LONGEST
    assert line.text.endswith("，")


def test_two_lines_do_not_say_the_same() -> None:
    texts = [
        "手机充电起火客服不理",
        "手机充电起火客服不理啊",
        "手机充电起火客服不理！！",
        "门店说可以退款换新机",
    ]
    lines = [line.text for line in summary(texts, 3)]
    assert sum("起火" in line for line in lines) == 1
    assert "门店说可以退款换新机" in lines


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [""],
        ["\n\n"],
        ["。。。！！"],
        ["\ud800\udfff"],
        ["\x00" * 100],
        ["😀😀😀"],
        ["a" * 100_000],
        ["差" * 100_000] * 300,
        ["好。" * 50_000] * 300,
        ["//@a:" * 20_000],
        ["1，2，3。" * 1000],
        ["\u202e手机起火\u202c。客服不理。"],
        ["手机"],
        ["手机。", "电池。", "客服。"],
        ["[怒]" * 1000],
        ["#" * 1000 + "手机#起火#"],
        ["好 " * 5000],
    ],
    ids=range(18),
)
def test_whatever_the_texts(texts: list[str]) -> None:
    stands(texts, gist(texts))


@given(
    st.lists(st.text(alphabet="手机起火客服不理电池充坏了，。！？#[]怒a b1\n/@:.", max_size=80), max_size=8)
)
def test_every_line_stands_in_its_post(texts: list[str]) -> None:
    found = gist(texts)
    stands(texts, found)
    assert found == Gist(keywords(texts), summary(texts))


def test_of_many_long_posts_only_so_much_is_read() -> None:
    texts = [f"第{number}个人说手机起火了，客服不理。" * 500 for number in range(3 * POSTS)]
    found = gist(texts)
    stands(texts, found)
    assert all(line.end <= LENGTH for line in found.lines)
    assert {line.index % 3 for line in found.lines} == {0}, "evenly picked"


def test_the_same_texts_give_the_same_gist_in_every_process() -> None:
    code = f"from app.analysis.gist import gist\nprint(ascii(gist({[POST, *STORY]!r})))"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1
