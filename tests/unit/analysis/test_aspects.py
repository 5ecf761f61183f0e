"""What a post speaks about, and in what tone it speaks of each."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.aspects import Chances, load_aspects
from app.analysis.ngram import NgramScorer
from app.domain.aspects import ASPECTS, GROUPS, OTHER, Group, aspect_label, group_label, group_of
from app.domain.sentiment import AspectTone, Tone
from app.matching.fold import folded

ASPECT_WORDS = load_aspects()
SCORER = NgramScorer()
POSTS = Path(__file__).parent / "aspects"
TONES = {"neg": Tone.NEGATIVE, "neu": Tone.NEUTRAL, "pos": Tone.POSITIVE}


def keys(text: str) -> set[str]:
    return {key for key, _start, _end in ASPECT_WORDS.find(text)}


def tones(text: str) -> dict[str, str]:
    return {each.aspect: str(each.tone) for each in ASPECT_WORDS.read(text, SCORER.probabilities)}


# the map ------------------------------------------------------------------------------------------


def test_every_aspect_has_a_list_a_group_and_a_short_label() -> None:
    folder = files("resources") / "words" / "aspects"
    shipped = {entry.name[:-4] for entry in folder.iterdir()}
    assert shipped == set(ASPECTS) - {OTHER}
    assert set(GROUPS) == set(ASPECTS)
    assert all(len(label) <= 14 for label in ASPECTS.values())
    assert group_of("price") is Group.PRODUCT
    assert group_of("delivery") is Group.SERVICE
    assert group_label(group_of("a team's own")) == ""
    assert group_label(Group.SERVICE) == "Service"


def test_a_key_of_a_team_is_shown_as_it_is() -> None:
    assert aspect_label("after_sales") == "after-sales"
    assert aspect_label("stores") == "stores"


# what is found ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("颜值满分，续航零分", {"quality", "function"}),
        ("味道不错，就是太贵了", {"quality", "price"}),
        ("快递三天没动，客服一句话都没有", {"delivery", "attitude"}),
        ("退货被驳回，运费还要我出", {"after_sales", "price"}),
        ("充电时冒烟了", {"function", "safety"}),
        ("吃完上吐下泻", {"safety"}),
        ("直播间虚假宣传", {"marketing"}),
        ("三个人吃了八百块", {"price"}),
        ("收了我三百块安装费", {"price", "after_sales"}),
        ("今天天气真好", set()),
        ("", set()),
    ],
)
def test_aspects_are_named(text: str, expected: set[str]) -> None:
    assert keys(text) == expected


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("服务器又崩了", "attitude"),
        ("去了一趟贵州", "price"),
        ("尊贵的体验", "price"),
        ("火花塞该换了", "safety"),
        ("新鲜感没了", "quality"),
        ("扫地机器人很聪明", "attitude"),
        ("小红书上看到的", "function"),
        ("朝鲜风味冷面", "quality"),
    ],
)
def test_longer_words_with_another_meaning_do_not_count(text: str, aspect: str) -> None:
    assert aspect not in keys(text)


def test_traditional_script_width_and_invisible_characters_make_no_difference() -> None:
    text = "  Ｘ１ 價\u200b格真的太貴，客服態度惡劣"
    found = ASPECT_WORDS.find(text)
    assert [(key, folded(text[start:end])) for key, start, end in found] == [
        ("price", "价格"),
        ("price", "贵"),
        ("attitude", "客服"),
        ("attitude", "态度"),
    ]


def test_of_a_repost_only_the_authors_own_part_counts() -> None:
    text = "物流真快//@甲:价格太贵//@乙:客服不理人"
    assert [(key, text[start:end]) for key, start, end in ASPECT_WORDS.find(text)] == [("delivery", "物流")]
    assert keys("转发微博//@甲:价格太贵") == {"price"}


# in what tone -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("颜值满分，续航零分", {"quality": "positive", "function": "negative"}),
        ("味道很好吃，价格太贵了", {"quality": "positive", "price": "negative"}),
        ("物流很快。客服态度太差，打了三次都不接", {"delivery": "positive", "attitude": "negative"}),
        ("外觀很漂亮但是客服態度太差了", {"quality": "positive", "attitude": "negative"}),
        ("服务热情 质量太差", {"attitude": "positive", "quality": "negative"}),
        ("烂透了，垃圾", {OTHER: "negative"}),
        ("爱了爱了", {OTHER: "positive"}),
        ("https://example.com", {}),
        ("", {}),
    ],
)
def test_each_aspect_has_the_tone_of_its_own_clauses(text: str, expected: dict[str, str]) -> None:
    assert tones(text) == expected


class _Asked:
    """Answers like a scorer that finds blame in 差 and praise in 好, and notes what it was asked."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> list[Chances]:
        self.calls.append([*texts])
        return [self._one(text) for text in texts]

    @staticmethod
    def _one(text: str) -> Chances:
        if ("差" in text) == ("好" in text):
            return 0.2, 0.6, 0.2
        return (0.9, 0.05, 0.05) if "差" in text else (0.05, 0.05, 0.9)


def test_the_scorer_is_asked_once_and_of_the_whole_text_first() -> None:
    asked = _Asked()
    text = "唉。质量好，我妈也说好。客服差，真是，无语；价格一样"
    ASPECT_WORDS.read(text, asked)
    assert asked.calls == [[text, "质量好，我妈也说好", "客服差，真是，无语", "价格一样"]]


def test_a_text_about_one_thing_is_judged_as_a_whole() -> None:
    asked = _Asked()
    [found] = ASPECT_WORDS.read("唉，续航。差", asked)
    assert asked.calls == [["唉，续航。差"]]
    assert found == AspectTone("function", Tone.NEGATIVE, 0.9, 0.05, 0.05, ((2, 4),))


def test_clauses_outweigh_the_whole_and_the_chances_sum_to_one() -> None:
    quality, attitude = ASPECT_WORDS.read("质量好，客服差", _Asked())
    assert (quality.tone, attitude.tone) == (Tone.POSITIVE, Tone.NEGATIVE)
    for each in (quality, attitude):
        assert each.negative + each.neutral + each.positive == pytest.approx(1)
    assert quality.positive < 0.9  # the whole, which is neutral, has its say


def test_what_is_as_likely_as_another_is_neutral() -> None:
    [found] = ASPECT_WORDS.read("价格", lambda texts: [(0.4, 0.2, 0.4)] * len(texts))
    assert found.tone is Tone.NEUTRAL


def test_no_more_than_a_dozen_places_of_one_aspect_are_handed_on() -> None:
    [found] = ASPECT_WORDS.read("价格，" * 50, _Asked())
    assert len(found.spans) == 12


# any text -----------------------------------------------------------------------------------------

_pieces = st.sampled_from(
    [
        *"，。！ \n\u200b\ud800😀a9贵",
        "续航",
        "但是",
        "客服",
        "價格",
        "//@甲:",
        "收了",
        "块",
        "没有",
        "冒烟",
        "服务器",
    ]
)


@settings(deadline=None, max_examples=150)
@given(st.lists(_pieces, max_size=40).map("".join) | st.text(max_size=200))
def test_any_text_gives_ordered_spans_inside_it(text: str) -> None:
    found = ASPECT_WORDS.find(text)
    assert [start for _key, start, _end in found] == sorted(start for _key, start, _end in found)
    assert all(0 <= start < end <= len(text) and key in ASPECTS for key, start, end in found)
    for key in ASPECTS:
        own = [(start, end) for each, start, end in found if each == key]
        assert all(before[1] <= after[0] for before, after in pairwise(own))


@settings(deadline=None, max_examples=100)
@given(st.lists(_pieces, max_size=40).map("".join) | st.text(max_size=200))
def test_any_text_is_read_into_what_was_found(text: str) -> None:
    asked = _Asked()
    read = ASPECT_WORDS.read(text, asked)
    assert len(asked.calls) == 1
    assert asked.calls[0][0] == text
    named = [*dict.fromkeys(key for key, _start, _end in ASPECT_WORDS.find(text))]
    assert [each.aspect for each in read] == (
        named or [each.aspect for each in read if each.aspect == OTHER]
    )
    for each in read:
        assert each.negative + each.neutral + each.positive == pytest.approx(1)
        assert bool(each.spans) == (each.aspect != OTHER)


@pytest.mark.parametrize(
    "piece", ["续航差，价格好。", "收了", "贵", "没有", "但", "//@甲:价格", "\ud800", "a", "\n"]
)
def test_a_text_of_a_hundred_thousand_characters_is_answered(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    for each in ASPECT_WORDS.read(text, _Asked()):
        assert all(end <= 100_000 for _start, end in each.spans)


# a team's own lists -------------------------------------------------------------------------------


def test_a_team_replaces_a_list_and_adds_one(tmp_path: Path) -> None:
    (tmp_path / "aspects").mkdir()
    lines = "# 我们的\n价签\n电池…涨价 # 两个词之间有别的\n-价签贴纸\n"
    (tmp_path / "aspects" / "price.txt").write_text(lines, "utf-8-sig")
    (tmp_path / "aspects" / "stores.txt").write_bytes("旗舰门店".encode("gb18030"))
    own = load_aspects(tmp_path)

    def found(text: str) -> set[str]:
        return {key for key, _start, _end in own.find(text)}

    assert found("旗舰门店的价签，续航") == {"stores", "price", "function"}
    assert found("价格") == set()
    assert found("价签贴纸") == set()
    assert "price" in found("电池又偷偷涨价")
    assert "price" not in found("电池不错，别家涨价")


# our own posts ------------------------------------------------------------------------------------


def posts() -> list[tuple[dict[str, Tone], str]]:
    texts = [path.read_text("utf-8") for path in sorted(POSTS.glob("*.tsv"))]
    rows = [line.split("\t") for text in texts for line in text.splitlines()]
    pairs = [([mark.split("=") for mark in marks.split()], text) for marks, text in rows]
    return [({key: TONES[tone] for key, tone in marks}, text) for marks, text in pairs]


def test_our_posts_are_well_labelled() -> None:
    labelled = posts()
    assert len(labelled) >= 300
    assert len({text for _marks, text in labelled}) == len(labelled)
    assert all(marks and set(marks) <= set(ASPECTS) for marks, _text in labelled)
    assert sum(len(marks) > 1 for marks, _text in labelled) >= 100


def test_our_posts_are_read_as_people_read_them() -> None:
    right = said = known = 0
    toned: list[bool] = []
    divided: list[bool] = []
    for marks, text in posts():
        read = {each.aspect: each.tone for each in ASPECT_WORDS.read(text, SCORER.probabilities)}
        named = set(read) - {OTHER}
        meant = set(marks) - {OTHER}
        right, said, known = right + len(named & meant), said + len(named), known + len(meant)
        hits = [read[key] == marks[key] for key in read.keys() & marks.keys()]
        toned += hits
        if len({*marks.values()} - {Tone.NEUTRAL}) > 1:
            divided += hits
    assert 2 * right / (said + known) >= 0.82
    assert sum(toned) / len(toned) >= 0.75
    assert sum(divided) / len(divided) >= 0.7
