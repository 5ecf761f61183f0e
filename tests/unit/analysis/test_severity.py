"""Severity cues: found where they are meant, not in idioms and denials."""

from __future__ import annotations

import time
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.severity import load_cues
from app.domain.cues import SEVERITY, severity_label
from app.domain.sentiment import Cue
from app.errors import ConfigError
from app.matching.fold import folded

CUES = load_cues()
ALONE = {"蛆"}
"""Single characters that say enough."""
POSTS = Path(__file__).parent / "severity"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("云雀X1充电时突然起火了", ("fire",)),
        ("雲雀充電時爆炸，手被燙傷", ("fire", "injury")),
        ("手机Ｘ１冒\u200b烟了", ("fire",)),
        ("客服没有回复，手机冒烟了", ("fire",)),
        ("差点没烫伤我", ("injury",)),
        ("是不是爆炸了？", ("fire",)),
        ("孩子吃了上吐下泻，食物中毒", ("poison",)),
        ("我的个人信息泄露了，天天骚扰电话", ("leak",)),
        ("员工从公司跳楼了", ("suicide",)),
        ("已经打了12315，准备找律师", ("regulator", "lawyer")),
        ("记者已经介入，要求召回", ("media", "recall")),
        ("纯纯诈骗，抵制到底", ("fraud", "boycott")),
        ("这广告涉嫌辱华", ("offence",)),
        ("黑猫投诉了三次", ("regulator",)),
        ("充电时冒烟", ("fire",)),
        ("孩子吃了上吐下泻", ("poison",)),
        ("要从楼上跳下去", ("suicide",)),
        ("已打12315", ("regulator",)),
        ("被315点名", ("media", "regulator")),
        ("记者来了", ("media",)),
        ("插线板冒出一团火", ("fire",)),
        ("电池突然就炸了", ("fire",)),
        ("不得不报警", ("regulator",)),
        ("为什么不召回", ("recall",)),
        ("起火，谣言是谁造的", ("fire",)),
    ],
)
def test_cues_are_found(text: str, keys: tuple[str, ...]) -> None:
    assert CUES.keys(text) == keys


@pytest.mark.parametrize(
    "text",
    [
        "气炸了，什么破手机",
        "这家火锅火爆全网",
        "笑死我了",
        "帅炸了",
        "跳楼价甩卖",
        "骨折价入手",
        "这视频爆火",
        "新机配置曝光",
        "手动曝光参数",
        "曝光过度",
        "没有起火，大家放心",
        "这次事故未造成人员受伤",
        "从来没有发生过爆炸",
        "不会起火",
        "防止漏电",
        "绝不会泄露隐私",
        "我们一起火锅走起",
        "接着火车晚点",
        "吐血推荐",
        "单曲循环，这歌有毒",
        "监听耳机推荐",
        "黑客松比赛",
        "流媒体播放",
        "社交媒体运营",
        "爆款单品",
        "电话13150",
        "炸鸡好吃",
        "宇宙大爆炸",
        "颜值爆炸",
        "防火墙",
        "消防演练",
        "抵制不了诱惑",
        "美到窒息",
        "令人窒息的操作",
        "零甲醛环保",
        "老玩家召回活动",
        "想死你了",
        "续航给力，满意",
        "价格炸了",
        "爆炸好吃",
        "杀疯了",
        "律师函警告",
        "这条视频起火了",
        "不起火不爆炸",
        "起火是谣言",
        "断轴？不存在的",
        "会不会自燃",
        "没有一起爆炸事故",
        "还没有起火",
        "手机一次也没有爆炸过",
        "这电池会不会爆炸啊",
        "如果电池起火",
        "手机着火怎么办",
        "轮胎有个鼓包",
        "嗓子都冒烟了",
        "我是律师",
        "记者节快乐",
        "媒体评测",
        "家里的黑猫",
        "据香港媒体报道",
        "跳楼机太刺激",
        "今天不想活动",
        "一打着火就响",
        "没有呼吸灯",
        "",
        "https://example.com/a",
    ],
)
def test_idioms_denials_and_harmless_words_are_not_cues(text: str) -> None:
    assert CUES.find(text) == ()


def test_spans_are_of_the_original_text() -> None:
    text = "  Ｘ１ 充電時起\u200b火了！"
    [(key, start, end)] = CUES.find(text)
    assert key == "fire"
    assert folded(text[start:end]) == "起火"


def test_a_cue_carries_its_words_and_their_place() -> None:
    text = "客服不理，我打了１２３１５"
    [cue] = CUES.cues(text)
    assert cue == Cue("regulator", "打了１２３１５", 6, 13)
    assert text[cue.start : cue.end] == cue.span


pieces = st.sampled_from(
    [
        "起火",
        "没有",
        "不",
        "是谣言",
        "手机",
        "炸了",
        "轮",
        "鼓包",
        "气炸了",
        "烫伤",
        "，",
        "12315",
        "a",
        "\u200b",
        "發熱",
        "\ud800",
        "😀",
        "记者",
    ]
)


@settings(deadline=None, max_examples=100)
@given(st.lists(pieces, max_size=30).map("".join) | st.text(max_size=200))
def test_any_text_gives_ordered_spans_inside_it(text: str) -> None:
    found = CUES.find(text)
    assert [start for _, start, _ in found] == sorted(start for _, start, _ in found)
    for key, start, end in found:
        assert 0 <= start < end <= len(text)
        assert key in SEVERITY
    cues = CUES.cues(text)
    assert [(cue.key, cue.start, cue.end) for cue in cues] == [*found]
    assert all(cue.span == text[cue.start : cue.end] for cue in cues)
    for key in SEVERITY:
        own = [(start, end) for each, start, end in found if each == key]
        assert all(before[1] <= after[0] for before, after in pairwise(own))


@pytest.mark.parametrize(
    "piece", ["一起火", "没有", "起火", "没有发生过", "差", "a", "手机", "手机炸了", "轮鼓包", "冒出"]
)
def test_no_text_takes_long(piece: str) -> None:
    began = time.thread_time()
    CUES.find(piece * 50_000)
    assert time.thread_time() - began < 2


def test_every_list_has_a_name_and_enough_phrases() -> None:
    folder = files("resources") / "words" / "severity"
    shipped = {entry.name[:-4]: entry.read_text("utf-8").splitlines() for entry in folder.iterdir()}
    assert set(shipped) == set(SEVERITY)
    for key, lines in shipped.items():
        phrases = [folded(line) for line in lines if line and not line.startswith("#")]
        assert len(phrases) >= 30, key
        assert len(phrases) == len(set(phrases)), key
        assert all(2 <= len(phrase) <= 15 or phrase in ALONE for phrase in phrases), key
    assert severity_label("fire") == "fire or explosion"
    assert severity_label("a team's own") == "a team's own"


# a team's own lists ------------------------------------------------------------------------------


def _list(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_a_team_replaces_a_list_and_adds_one(tmp_path: Path) -> None:
    _list(tmp_path, "severity/fire.txt", "# 我们的\n冒热气 # 不是火\n\n".encode("utf-8-sig"))
    _list(tmp_path, "severity/battery.txt", "电池膨大".encode("gb18030"))
    _list(tmp_path, "severity/notes.md", "起雾".encode())
    cues = load_cues(tmp_path)
    assert cues.keys("冒热气了，起火，电池膨大，起雾，住院") == ("fire", "battery", "injury")


def test_a_team_replaces_the_guards(tmp_path: Path) -> None:
    _list(tmp_path, "guards/negations.txt", b"")
    _list(tmp_path, "guards/exceptions.txt", "演习起火".encode())
    cues = load_cues(tmp_path)
    assert cues.keys("没有起火") == ("fire",)
    assert cues.keys("演习起火") == ()


def test_an_empty_list_silences_a_cue(tmp_path: Path) -> None:
    _list(tmp_path, "severity/fire.txt", b"# none\n")
    assert load_cues(tmp_path).keys("起火") == ()
    assert load_cues(tmp_path / "missing").keys("起火") == ("fire",)


def test_an_unreadable_or_endless_list_is_said(tmp_path: Path) -> None:
    (tmp_path / "severity" / "fire.txt").mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"fire\.txt cannot be read"):
        load_cues(tmp_path)
    (tmp_path / "severity" / "fire.txt").rmdir()
    _list(tmp_path, "severity/fire.txt", b"x" * 1_000_001)
    with pytest.raises(ConfigError, match="too large"):
        load_cues(tmp_path)


def test_a_list_may_ask_for_two_words_and_name_its_own_exceptions(tmp_path: Path) -> None:
    _list(tmp_path, "severity/fire.txt", "热水器…裂 # 几个字之内\n起雾\n-清晨起雾\n-热水器…裂缝\n".encode())
    cues = load_cues(tmp_path)
    assert cues.keys("热水器内胆裂了") == ("fire",)
    assert cues.keys("热水器，裂了") == ()
    assert cues.keys("热水器用了一年零三个月以后裂了") == ()
    assert cues.keys("热水器只是有条裂缝") == ()
    assert cues.keys("起雾了，清晨起雾") == ("fire",)
    assert [(cue.start, cue.end) for cue in cues.cues("清晨起雾。起雾")] == [(5, 7)]


def test_a_line_that_is_only_a_sign_means_itself(tmp_path: Path) -> None:
    _list(tmp_path, "severity/fire.txt", "-\n…\n".encode())
    assert load_cues(tmp_path).keys("一般的话") == ()


# our own posts ------------------------------------------------------------------------------------


def posts() -> list[tuple[set[str], str]]:
    texts = [path.read_text("utf-8") for path in sorted(POSTS.glob("*.tsv"))]
    rows = [line.split("\t") for text in texts for line in text.splitlines()]
    return [(set(marks.split()) - {"none"}, text) for marks, text in rows]


def test_our_posts_are_well_labelled() -> None:
    labelled = posts()
    assert len(labelled) >= 250
    assert len({text for _marks, text in labelled}) == len(labelled)
    assert all(marks <= set(SEVERITY) for marks, _text in labelled)
    assert sum(not marks for marks, _text in labelled) >= 120


def test_our_posts_raise_what_they_should() -> None:
    pairs = [(marks, set(CUES.keys(text))) for marks, text in posts()]
    right = sum(len(marks & found) for marks, found in pairs)
    assert right / sum(len(found) for _marks, found in pairs) >= 0.92
    assert right / sum(len(marks) for marks, _found in pairs) >= 0.95
    quiet = [found for marks, found in pairs if not marks]
    assert sum(map(bool, quiet)) / len(quiet) <= 0.03
