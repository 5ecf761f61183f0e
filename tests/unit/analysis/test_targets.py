"""The tone towards one brand: what of a text is about it, what comparisons say, exact offsets."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.ngram import NgramScorer
from app.analysis.targets import Targets, load_targets
from app.analysis.targets.parts import Parts, cut
from app.analysis.trivial import TrivialScorer
from app.domain.sentiment import Score, Tone
from app.errors import ConfigError

POSTS = Path(__file__).parent / "targets"
FILES = sorted(POSTS.glob("*.tsv"))
TONES = {"neg": "negative", "neu": "neutral", "pos": "positive"}
US, THEM = 1, 2
WATCHED = {US: ["云雀", "云雀X1"], THEM: ["星岚"]}
TARGETS = Targets(WATCHED)


@cache
def scorer() -> NgramScorer:
    return NgramScorer()


def tone(text: str, brand_id: int = US) -> str:
    return TARGETS.toward(scorer(), text, brand_id).tone.value


def text_for(text: str, brand_id: int = US) -> str | None:
    parts = TARGETS.parts(text, brand_id)
    return parts.text if parts is not None else None


# our posts ---------------------------------------------------------------------------------------

Row = tuple[set[str], list[str], str]


def rows(path: Path) -> list[Row]:
    lines = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return [
        ({TONES[each] for each in tones.split("/")}, names.split("="), text)
        for tones, names, _, text in lines
    ]


def towards(row: Row) -> tuple[Score, Score]:
    """Towards the brand, and of the whole text; our two made-up brands are always watched."""
    _right, names, text = row
    whole = scorer().score([text])[0]
    return watching(tuple(names)).toward(scorer(), text, 9, whole), whole


@cache
def watching(names: tuple[str, ...]) -> Targets:
    return Targets({9: names} | {key: given for key, given in WATCHED.items() if given[0] not in names})


@cache
def judged() -> dict[str, list[tuple[set[str], Score, Score]]]:
    return {path.stem: [(row[0], *towards(row)) for row in rows(path)] for path in FILES}


def test_the_posts_are_whole() -> None:
    everything = [
        (path.stem, line.split("\t")) for path in FILES for line in path.read_text("utf-8").splitlines()
    ]
    assert all(len(line) == 4 and line[2] == stem for stem, line in everything)
    assert len({line[3] for _stem, line in everything}) >= 250
    assert len({(line[1], line[3]) for _stem, line in everything}) == len(everything)


def test_most_are_judged_right_and_far_more_than_as_whole_texts() -> None:
    everything = [each for rows_ in judged().values() for each in rows_]
    ours = sum(score.tone.value in right for right, score, _whole in everything)
    whole = sum(score.tone.value in right for right, _score, score in everything)
    assert ours / len(everything) >= 0.82
    assert ours - whole >= 0.25 * len(everything)


WEAK = {"quoted": 0.4, "aliases": 0.5}


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_no_phenomenon_is_lost(name: str) -> None:
    here = judged()[name]
    assert sum(score.tone.value in right for right, score, _whole in here) / len(here) >= WEAK.get(
        name, 0.65
    )


def test_praise_by_cursing_a_rival_is_no_alert() -> None:
    """Of posts that are not against us hardly one may disturb anybody; as whole texts many would."""
    harmless = [each for rows_ in judged().values() for each in rows_ if "negative" not in each[0]]
    ours = sum(score.negative >= 0.7 for _right, score, _whole in harmless)
    whole = sum(score.negative >= 0.7 for _right, _score, score in harmless)
    assert ours <= 0.05 * len(harmless)
    assert ours * 4 < whole


# comparisons -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "us", "them"),
    [
        ("云雀比星岚好多了", "positive", "negative"),
        ("星岚比云雀好多了", "negative", "positive"),
        ("云雀比星岚差远了", "negative", "positive"),
        ("云雀的油耗比星岚高多了", "negative", "positive"),
        ("云雀的噪音比星岚小多了", "positive", "negative"),
        ("云雀不如星岚", "negative", "positive"),
        ("云雀没有星岚好用", "negative", "positive"),
        ("云雀被星岚吊打", "negative", "positive"),
        ("云雀甩星岚几条街", "positive", "negative"),
        ("退了星岚换成云雀，终于安静多了", "positive", "negative"),
        ("星岚永远是云雀的爸爸", "negative", "positive"),
        ("云雀跟星岚没法比", "negative", "positive"),
        ("宁可买星岚也不买云雀", "negative", "positive"),
        ("难道云雀不比星岚强吗", "positive", "negative"),
        ("雲雀比星嵐好多了", "positive", "negative"),
        ("云\u200b雀比星岚好多了", "positive", "negative"),
    ],
)
def test_a_comparison_has_two_sides(text: str, us: str, them: str) -> None:
    assert (tone(text), tone(text, THEM)) == (us, them)


@pytest.mark.parametrize(
    "text",
    [
        "云雀和星岚哪个好",
        "云雀比星岚好吗？",
        "云雀比星岚长20mm",
        "前星岚员工在云雀门口等人",
    ],
)
def test_a_question_or_a_size_takes_no_side(text: str) -> None:
    score = TARGETS.toward(scorer(), text, THEM)
    assert score.negative < 0.5


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("云雀续航不错，但是星岚信号太差", "云雀续航不错，"),
        ("星岚信号太差，云雀续航不错，拍照也好", "云雀续航不错，拍照也好"),
        ("云雀好看星岚难看", "云雀好看"),
        ("喜欢云雀讨厌星岚", "喜欢云雀"),
        ("云雀、星岚都不行", "云雀、星岚都不行"),
        ("在京东买的云雀，第三天就坏了", None),
        ("友商都是骗子，云雀当天上门", "云雀当天上门"),
        ("云雀比星岚好多了", ""),
    ],
)
def test_what_is_about_us(text: str, ours: str | None) -> None:
    assert text_for(text) == ours


@pytest.mark.parametrize(
    "text",
    [
        "云雀真垃圾",
        "性价比很高的云雀",
        "云雀今天发布新品",
        "今天天气真好",
        "",
        "云雀粥比较好",
        "\ud800云雀",
    ],
)
def test_with_one_brand_and_no_comparison_the_whole_text_is_judged(text: str) -> None:
    assert TARGETS.parts(text, US) is None
    assert TARGETS.toward(scorer(), text, US) == scorer().score([text])[0]


def test_a_score_that_is_there_is_not_asked_for_again() -> None:
    whole = scorer().score(["云雀真垃圾"])[0]
    assert TARGETS.toward(_Refusing(), "云雀真垃圾", US, whole) is whole


class _Refusing:
    """An engine that must not be asked."""

    engine = "refusing"
    version = "1"

    def score(self, texts: Sequence[str]) -> list[Score]:
        raise AssertionError(texts)


def test_a_brand_the_text_does_not_name_is_what_nameless_clauses_are_about() -> None:
    """A title or a query named it."""
    assert text_for("用了三天就坏，星岚就好好的") == "用了三天就坏，"


def test_names_in_the_list_of_brands_are_one_brand() -> None:
    targets = Targets({US: ["特斯拉"]})
    parts = targets.parts("毛豆3降价了，比亚迪没降", US)
    assert parts is not None
    assert parts.text == "毛豆3降价了，"


def test_any_engine_will_do() -> None:
    score = TARGETS.toward(TrivialScorer(), "星岚真垃圾，云雀好", US)
    assert score.engine == "trivial"
    assert score.tone is not Tone.NEGATIVE


# a team's own lists ------------------------------------------------------------------------------


def test_a_team_replaces_the_brands(tmp_path: Path) -> None:
    folder = tmp_path / "targets"
    folder.mkdir()
    (folder / "brands.txt").write_text("飞鸟 = FN # ours\n", "utf-8")
    own, shipped = load_targets({US: ["云雀"]}, tmp_path), load_targets({US: ["云雀"]})
    assert own.parts("飞鸟太差，云雀好", US) is not None
    assert own.parts("fn太差，云雀好", US) is not None
    assert own.parts("小米太差，云雀好", US) is None
    assert shipped.parts("飞鸟太差，云雀好", US) is None
    assert shipped.parts("小米太差，云雀好", US) is not None


def test_an_endless_list_is_said(tmp_path: Path) -> None:
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "brands.txt").write_bytes(b"x" * 1_000_001)
    with pytest.raises(ConfigError, match="too large"):
        load_targets({US: ["云雀"]}, tmp_path)


def test_the_shipped_brands_are_told_apart() -> None:
    lines = (
        (Path(__file__).parents[3] / "resources/words/targets/brands.txt").read_text("utf-8").splitlines()
    )
    brands = [line.split(" = ") for line in lines if line and not line.startswith("#")]
    names = [name for line in brands for name in line]
    assert len(brands) >= 500
    assert len(set(names)) == len(names)
    assert all(2 <= len(name) <= 20 and name == name.strip() for name in names)


# offsets -----------------------------------------------------------------------------------------

pieces = st.sampled_from(
    [
        *("云雀", "雲雀", "云\u200b雀", "星岚", "星嵐", "小米", "ＢＹＤ", "友商", "它", "#云雀#", "@星岚 "),
        *(
            "比",
            "不如",
            "没有",
            "被",
            "吊打",
            "甩",
            "从",
            "换到",
            "除了",
            "除外",
            "早知道",
            "还是",
            "的爸爸",
            "跟",
            "㎏",
        ),
        *(
            "好多了",
            "真差",
            "垃圾",
            "好用",
            "信号",
            "油耗高",
            "，",
            "。",
            "？",
            " ",
            "、",
            "//@甲:",
            "“",
            "”",
            "\ud800",
        ),
        *(
            "😀",
            "é",
            "e\u0301",
            "\n",
            "x" * 30,
            "太慢",
            "都",
            "https://a.example/b",
            "&lt;",
            "\x01",
            "\x02",
            "\x03",
        ),
    ]
)
texts = st.lists(pieces, max_size=40).map("".join) | st.text(max_size=120)


def check(text: str, brand_id: int) -> None:
    parts = TARGETS.parts(text, brand_id)
    score = TARGETS.toward(scorer(), text, brand_id)
    assert score.negative + score.neutral + score.positive == pytest.approx(1)
    assert score.value == pytest.approx((1 + score.positive - score.negative) / 2)
    for found in score.evidence:
        assert 0 <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == found.span
    if parts is None:
        return
    for start, origin, length in parts.places:
        assert parts.text[start : start + length] == text[origin : origin + length]
    for verdict in parts.verdicts:
        assert 0 <= verdict.start < verdict.end <= len(text)
    assert [*parts.spans] == sorted(parts.spans)
    for start, end in [*parts.spans, *((each.start, each.end) for each in parts.verdicts)]:
        assert any(low <= start and end <= high for low, high in parts.read_from)
    if parts.text:
        low, high = parts.original(0, len(parts.text))
        assert (low, high) == (parts.spans[0][0], parts.spans[-1][1])


@settings(deadline=None, max_examples=150)
@given(texts, st.sampled_from((US, THEM, 77)))
def test_offsets_are_of_the_original_whatever_the_text(text: str, brand_id: int) -> None:
    check(text, brand_id)


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6))
def test_cut_pieces_lead_back(text: str, spans: list[tuple[int, int]]) -> None:
    given_spans = [(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in spans]
    joined, places = cut(text, given_spans)
    parts = Parts(joined, places)
    covered = {at for start, end in given_spans for at in range(start, end)}
    assert {at for start, end in parts.spans for at in range(start, end)} == covered
    for at in range(len(joined)):
        for start, end in parts.pieces(at, at + 1):
            assert text[start:end] == joined[at]


# bounds ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "比云雀",
            "云雀比",
            "没有云雀",
            "云雀、星岚",
            "云雀，",
            "不如",
            "除了云雀",
            "从云雀",
            "早知道",
            "它",
            "比较",
        ),
        *(
            "云雀的",
            "星岚被云雀",
            "说“云雀",
            "//@a:云雀",
            "#云雀",
            "a",
            " ",
            "，",
            "\x01",
            "云",
            "小米粥",
            "宁可",
            "还是云雀和",
        ),
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    text = "星岚" + piece * (100_000 // len(piece))
    began = time.process_time()
    TARGETS.parts(text, US)
    assert time.process_time() - began < 5


def test_a_long_text_is_read_to_its_end() -> None:
    text = "云雀很好，星岚太差。" + "用了很久。" * 10_000
    parts = TARGETS.parts(text, THEM)
    assert parts is not None
    assert parts.spans[-1][1] == len(text)
