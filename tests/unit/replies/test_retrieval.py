"""The right entry for a post, measured on made-up posts that were written before the search was tuned."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.knowledge import Entry
from app.replies.retrieval import Index, asks, fitting, names_of, terms

DATA: dict[str, Any] = json.loads((Path(__file__).parent / "knowledge.json").read_text("utf-8"))


def entries() -> list[Entry]:
    fields = ("id", "product", "title", "answer")
    return [
        Entry(**{name: one[name] for name in fields}, patterns=tuple(one["patterns"]))
        for one in DATA["entries"]
    ]


class Figures(NamedTuple):
    first: float
    in_three: float
    told: float
    """The right entry is first and said to fit."""
    wrong: float
    """A wrong entry is said to fit."""
    refused: float
    """Of posts that no entry answers: said so."""


def measured(half: str | None = None, index: Index | None = None) -> Figures:
    index = index or Index(entries())
    first = three = told = wrong = refused = 0
    asked = [one for one in DATA["questions"] if half in (None, one["half"])]
    for one in asked:
        found = index.best(one["text"])
        ids = [fit.entry.id for fit in found]
        fits = fitting(found) is not None
        first += ids[:1] == [one["entry"]]
        three += one["entry"] in ids
        told += fits and ids[0] == one["entry"]
        wrong += fits and ids[0] != one["entry"]
    others = [one for one in DATA["none"] if half in (None, one["half"])]
    refused = sum(fitting(index.best(one["text"])) is None for one in others)
    n = len(asked)
    return Figures(first / n, three / n, told / n, wrong / n, refused / len(others))


# What was measured, a little less: `python tests/bench/knowledge.py` prints the figures themselves.
FLOORS = {
    "tune": Figures(first=0.84, in_three=0.96, told=0.76, wrong=0.12, refused=0.65),
    "held": Figures(first=0.78, in_three=0.92, told=0.70, wrong=0.15, refused=0.65),
    None: Figures(first=0.81, in_three=0.94, told=0.74, wrong=0.13, refused=0.70),
}


def test_the_set_is_what_it_says() -> None:
    assert len(DATA["entries"]) == 60
    assert len({one["text"] for one in DATA["questions"]}) == 200
    assert {one["entry"] for one in DATA["questions"]} == {one["id"] for one in DATA["entries"]}
    known = {words for one in DATA["entries"] for words in (one["title"], *one["patterns"])}
    assert not known & {one["text"] for one in DATA["questions"]}, "a question must not repeat a pattern"


@pytest.mark.parametrize("half", FLOORS)
def test_the_right_entry_is_found(half: str | None) -> None:
    found, floor = measured(half), FLOORS[half]
    assert found.first >= floor.first, found
    assert found.in_three >= floor.in_three, found
    assert found.told >= floor.told, found
    assert found.wrong <= floor.wrong, found
    assert found.refused >= floor.refused, found


def test_order_and_time_of_entries_do_not_matter() -> None:
    backwards = Index(reversed(entries()))
    forwards = Index(entries())
    for one in DATA["questions"][::10]:
        assert [fit.entry.id for fit in backwards.best(one["text"])][:1] == [
            fit.entry.id for fit in forwards.best(one["text"])
        ][:1]


def test_traditional_and_full_width_are_the_same() -> None:
    index = Index(entries())
    assert index.best("手机充电的时候发烫") == index.best("手機充電的時候發燙")
    assert terms("ＡＢＣ手机") == terms("abc手機")


def test_a_brand_sees_its_own_entries_and_those_of_all() -> None:
    one, other, common = entries()[:3]
    index = Index([replace(one, brand_id=1), replace(other, brand_id=2), common])
    found = {fit.entry.id for fit in index.best("手机充电发烫，掉电快，充不进电", brands=[2])}
    assert found == {other.id, common.id}


def test_what_is_out_of_use_answers_nothing() -> None:
    first = entries()[0]
    text = first.patterns[0]
    assert fitting(Index([first]).best(text)) is not None
    assert Index([replace(first, active=False)]).best(text) == ()


def test_the_brands_name_is_no_agreement() -> None:
    entry = Entry(id=1, title="星澜手机怎么换电池", patterns=("星澜电池更换",))
    assert Index([entry], names=["星澜"]).best("星澜今天发布会真热闹") == ()


def test_a_latin_name_is_left_out_only_where_it_stands_alone() -> None:
    names = names_of(["MI", "米"])
    assert "mini" in terms("mini 3", names)
    assert "mi" not in terms("MI 手机", names)
    assert "米饭" in terms("米饭", names)


def test_nothing_fits_in_an_empty_base() -> None:
    assert fitting(Index([]).best("充电发烫")) is None


@given(st.text(max_size=300))
def test_any_text_is_borne(text: str) -> None:
    index = Index([Entry(id=1, title=text, patterns=(text,), answer=text, product=text)])
    for fit in index.best(text):
        assert 0 <= fit.score < 1


@pytest.mark.parametrize("text", ["这个怎么退", "能退嗎？", "多久到账", "请问客服在哪"])
def test_questions_are_told_by_their_words(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize("text", ["今天收到了，很好看", "垃圾品牌，再也不买", ""])
def test_others_are_not(text: str) -> None:
    assert not asks(text)
