"""The figures against slow, plain definitions, and against worked examples."""

from __future__ import annotations

import json
import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.measures import (
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    Case,
    auc,
    calibration_error,
    cases,
    confusion,
    figures,
    macro_f1,
    parsed_figures,
    polar_auc,
    precision_recall,
    public_figures,
    recall_at,
    wilson,
)
from app.errors import Broken

# a few repeated values, so that ties are the rule
_CHANCE = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0])
_JUDGED = st.lists(st.tuples(st.booleans(), _CHANCE), max_size=40)


@st.composite
def probabilities(draw: st.DrawFn) -> tuple[float, float, float]:
    raw = [draw(st.integers(0, 6)) for _ in range(3)]
    total = sum(raw)
    return (0.0, 1.0, 0.0) if not total else (raw[0] / total, raw[1] / total, raw[2] / total)


_ROWS = st.lists(st.tuples(st.sampled_from([0, 1, 2]), probabilities()), min_size=1, max_size=40)


def split(judged: list[tuple[bool, float]]) -> tuple[list[bool], list[float]]:
    return [one for one, _ in judged], [score for _, score in judged]


@given(_JUDGED)
def test_auc_is_the_share_of_pairs_in_the_right_order(judged: list[tuple[bool, float]]) -> None:
    yes, scores = split(judged)
    high = [score for one, score in judged if one]
    low = [score for one, score in judged if not one]
    if not high or not low:
        assert math.isnan(auc(yes, scores))
        return
    won = sum((a > b) + (a == b) / 2 for a, b in product(high, low))
    assert auc(yes, scores) == pytest.approx(won / (len(high) * len(low)))


@given(_JUDGED, st.booleans(), st.sampled_from([0.5, 0.8, 0.9, 1.0]))
def test_recall_at_a_precision_is_the_best_of_all_thresholds(
    judged: list[tuple[bool, float]], balanced: bool, precision: float
) -> None:
    yes, scores = split(judged)
    many, few = sum(yes), len(yes) - sum(yes)
    if not many:
        assert math.isnan(recall_at(yes, scores, balanced=balanced, precision=precision))
        return
    best = 0.0
    for threshold in scores:
        found = sum(one and score >= threshold for one, score in judged)
        wrong = sum(not one and score >= threshold for one, score in judged)
        if balanced and few:  # each class weighs one half
            right = (found / many) / (found / many + wrong / few) if found else 0.0
        else:
            right = found / (found + wrong)
        if right >= precision - 1e-12:
            best = max(best, found / many)
    assert recall_at(yes, scores, balanced=balanced, precision=precision) == pytest.approx(best)


@given(_JUDGED)
def test_calibration_error_is_the_gap_in_each_tenth(judged: list[tuple[bool, float]]) -> None:
    yes, scores = split(judged)
    if not judged:
        assert math.isnan(calibration_error(yes, scores))
        return
    total = 0.0
    for low in range(10):
        inside = [(one, s) for one, s in judged if low / 10 <= s < (low + 1) / 10 or (low == 9 and s == 1)]
        if inside:
            stated = sum(s for _, s in inside) / len(inside)
            true = sum(one for one, _ in inside) / len(inside)
            total += len(inside) / len(judged) * abs(stated - true)
    assert calibration_error(yes, scores) == pytest.approx(total)


@given(_ROWS)
def test_accuracy_and_macro_f1_come_from_the_confusion(rows: list[tuple[int, tuple[float, ...]]]) -> None:
    labels, given_ = [label for label, _ in rows], [each for _, each in rows]
    found = cases(labels, given_)  # type: ignore[arg-type]
    one = figures(found)
    assert sum(map(sum, one.confusion)) == one.n == len(rows)
    assert one.right == sum(each.right for each in found)
    assert one.accuracy == one.right / one.n
    assert one.classes == (3 if NEUTRAL in labels else 2)
    if one.classes == 2:
        assert all(row[NEUTRAL] == 0 for row in one.confusion)
    f1 = []
    for tone in range(3):
        hit = sum(each.label == tone == each.said for each in found)
        said = sum(each.said == tone for each in found)
        labelled = sum(each.label == tone for each in found)
        if said or labelled:
            precision, recall = hit / said if said else 0, hit / labelled if labelled else 0
            f1.append(2 * precision * recall / (precision + recall) if hit else 0.0)
    assert one.macro_f1 == pytest.approx(sum(f1) / len(f1))
    low, high = one.interval
    assert 0 <= low <= one.accuracy <= high <= 1


@given(_ROWS, st.randoms())
def test_the_order_of_the_texts_is_no_matter(
    rows: list[tuple[int, tuple[float, float, float]]], chance: object
) -> None:
    mixed = rows[:]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = (
        figures(cases([label for label, _ in some], [each for _, each in some])) for some in (rows, mixed)
    )
    assert one.confusion == other.confusion
    for name in ("auc", "recall_balanced", "recall_raw", "calibration"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), nan_ok=True)


@given(_ROWS)
def test_the_tone_that_is_said_is_a_likeliest_one(
    rows: list[tuple[int, tuple[float, float, float]]],
) -> None:
    for case in cases([label for label, _ in rows], [each for _, each in rows]):
        among = (NEGATIVE, POSITIVE) if case.sided else (NEGATIVE, NEUTRAL, POSITIVE)
        assert case.given[case.said] == max(case.given[tone] for tone in among)
        assert case.said in among
        assert 0 <= case.negative <= 1
        assert 0 <= case.rank <= 1


def test_two_classes_where_no_label_is_neutral() -> None:
    sided = cases([NEGATIVE, POSITIVE], [(0.3, 0.6, 0.1), (0.2, 0.7, 0.1)])
    assert [each.said for each in sided] == [NEGATIVE, NEGATIVE]
    assert [each.negative for each in sided] == [pytest.approx(0.75), pytest.approx(2 / 3)]
    three = cases([NEGATIVE, NEUTRAL], [(0.3, 0.6, 0.1), (0.2, 0.7, 0.1)])
    assert [each.said for each in three] == [NEUTRAL, NEUTRAL]
    assert three[0].negative == 0.3
    assert [each.rank for each in sided] == [pytest.approx(0.6), pytest.approx(0.55)]
    assert [each.rank for each in three] == [0.3, 0.2]


def test_the_worst_miss_is_the_surest() -> None:
    found = cases(
        [POSITIVE] * 3 + [NEUTRAL], [(0.5, 0.5, 0.0), (1.0, 0.0, 0.0), (0.9, 0.0, 0.1), (0, 1, 0)]
    )
    assert sorted(range(3), key=lambda at: found[at].surprise) == [2, 0, 1]


def test_what_was_not_judged_is_negative_of_two_and_neutral_of_three() -> None:
    silent = (0.0, 1.0, 0.0)
    assert Case(POSITIVE, silent, sided=True).said == NEGATIVE
    assert Case(POSITIVE, silent, sided=True).negative == 0.5
    assert Case(POSITIVE, silent).said == NEUTRAL


def test_a_worked_example() -> None:
    labels = [NEGATIVE, NEGATIVE, NEGATIVE, NEUTRAL, POSITIVE, POSITIVE]
    given_ = [
        (0.9, 0.1, 0.0),
        (0.6, 0.3, 0.1),
        (0.2, 0.5, 0.3),
        (0.7, 0.2, 0.1),
        (0.1, 0.2, 0.7),
        (0.1, 0.1, 0.8),
    ]
    found = cases(labels, given_)
    assert confusion(found) == ((2, 1, 0), (1, 0, 0), (0, 0, 2))
    one = figures(found)
    assert one.accuracy == pytest.approx(4 / 6)
    assert one.macro_f1 == pytest.approx((2 * 2 / (3 + 3) + 0 + 1) / 3)
    assert polar_auc(found) == 1.0
    # 0.9 alone is pure; the neutral 0.7 comes before the second negative
    assert one.recall_raw == pytest.approx(1 / 3)
    assert precision_recall(
        [each.label == NEGATIVE for each in found], [c.negative for c in found], 0.6
    ) == (
        pytest.approx(2 / 3),
        pytest.approx(2 / 3),
        3,
    )


def test_sets_of_both_kinds_together_keep_their_own_rule() -> None:
    two = cases([NEGATIVE, POSITIVE], [(0.2, 0.7, 0.1), (0.1, 0.1, 0.8)])
    three = cases([NEUTRAL, POSITIVE], [(0.2, 0.7, 0.1), (0.1, 0.1, 0.8)])
    one = figures(two + three)
    assert (one.classes, one.right, one.n) == (0, 4, 4)


def test_nothing_measured_is_not_a_number() -> None:
    one = figures([])
    assert math.isnan(one.accuracy)
    assert math.isnan(one.macro_f1)
    assert math.isnan(one.auc)
    assert one.interval == (0.0, 1.0)
    assert math.isnan(macro_f1(one.confusion))
    precision, recall, n = precision_recall([], [], 0.5)
    assert (math.isnan(precision), math.isnan(recall), n) == (True, True, 0)


def test_wilson_as_in_the_textbooks() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 20)[0] == 0.0
    assert wilson(20, 20)[1] == 1.0


def test_a_large_set_is_measured_in_one_pass_of_sorting() -> None:
    labels = [0, 2, 1, 2] * 25_000
    given_ = [(0.5, 0.2, 0.3), (0.1, 0.2, 0.7), (0.2, 0.6, 0.2), (0.4, 0.35, 0.25)] * 25_000
    one = figures(cases(labels, given_))
    assert one.n == 100_000
    assert one.accuracy == 0.75
    assert one.auc == 1.0


# the figures that come with the program


def test_the_public_figures_name_the_engines_side_by_side() -> None:
    rows = public_figures()
    assert {row.engine for row in rows} == {"ngram", "snownlp", "snownlp-retrained"}
    for row in rows:
        assert row.sets > 0
        assert row.n >= 50 * row.sets
        assert row.classes == (3 if row.group == "three classes" else 2)
        assert row.version
        assert len(row.date) == 10
    by = {(row.engine, row.group): row.accuracy for row in rows}
    for group in ("social", "shops", "cars and tech"):
        assert by["ngram", group] > by["snownlp-retrained", group] > by["snownlp", group]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"figures": [{}]}',
        '{"figures": 3}',
        "[" * 100_000,
        '{"figures": [{"group": "social", "classes": true}]}',
    ],
)
def test_damaged_public_figures_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Broken, match="damaged"):
        parsed_figures(text)


@pytest.mark.parametrize(
    ("name", "value"), [("accuracy", 1.5), ("accuracy", None), ("n", 2.5), ("n", True)]
)
def test_a_figure_of_the_wrong_kind_is_refused(name: str, value: object) -> None:
    row = {
        "group": "social",
        "classes": 2,
        "engine": "ngram",
        "version": "1",
        "date": "2026-11-22",
        "sets": 1,
        "n": 60,
        "accuracy": 0.8,
        "macro_f1": 0.8,
        "auc": 0.9,
        "recall_balanced": 0.5,
        "calibration": 0.1,
    }
    assert parsed_figures(json.dumps({"figures": [row]}))[0].accuracy == 0.8
    with pytest.raises(Broken):
        parsed_figures(json.dumps({"figures": [{**row, name: value}]}))
