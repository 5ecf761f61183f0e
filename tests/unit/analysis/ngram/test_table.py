"""The table of a model: what it finds, and the lanes added up, made at once or when met."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.analysis.ngram import Model, table
from app.analysis.ngram.features import edged, read
from app.analysis.ngram.model import LANES, totals
from app.analysis.ngram.model import read as read_model

Make = Callable[..., bytes]
WEIGHTS = {"好": {"positive": 3}, "坏": {"negative": 7}, "一般": {"neutral": 9, "neutral_size": 200}}


def test_what_is_made_when_met_adds_up_alike(model_bytes: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = read_model(model_bytes(WEIGHTS), "m")
    monkeypatch.setattr(table, "AT_ONCE", 1)
    when_met = read_model(model_bytes(WEIGHTS), "m")
    sums = dict(zip(LANES, totals(when_met.table.total({0, 1, 2})), strict=True))
    assert (sums["count"], sums["positive"], sums["negative"], sums["neutral"]) == (3, 3, 7, 9)
    for numbers in ({0}, {1}, {2}, {0, 2}, {0, 1, 2}, set[int]()):
        assert when_met.table.total(numbers) == at_once.table.total(numbers)


def test_the_rarest_of_the_shipped_one_are_counted_too(model: Model) -> None:
    last = len(model.grams) - 1
    assert last > table.AT_ONCE
    sums = dict(zip(LANES, totals(model.table.total({0, last})), strict=True))
    assert sums["count"] == 2
    assert sums["negative"] == sum(model.columns["negative"][at] - 128 for at in (0, last))


def test_it_finds_every_ngram_that_stands_there(model: Model) -> None:
    text = edged(read("这手机用了三天就发热，客服还不理人"))
    found = {number for _end, number in model.table.find(text)}
    there = {at for at, gram in enumerate([*model.grams, *model.phrases]) if gram in text}
    assert found == there
    assert all(text[: end + 1].endswith(_words(model, number)) for end, number in model.table.find(text))


def _words(model: Model, number: int) -> str:
    return [*model.grams, *model.phrases][number]
