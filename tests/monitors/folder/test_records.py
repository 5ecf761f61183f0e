"""Bytes to records: the same answer as the csv and json modules, with offsets that hold."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.files import records
from monitors.files.records import csv_records, cut, lines, objects, readable

cells = st.text(st.sampled_from(list('ab,;|\t"\r\n 微博é\U0001f600\0')), max_size=8)
tables = st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=8)


@settings(max_examples=100, deadline=None)
@given(tables, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n", "\r"]),
       st.sampled_from(["", "utf-16-le", "utf-16-be"]))  # fmt: skip
def test_records_are_those_of_the_csv_module(
    table: list[list[str]], delimiter: str, end: str, wide: str
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(table)
    raw = out.getvalue().encode(wide or "utf-8")
    got = cut(io.BytesIO(raw), 0, csv_records(delimiter), wide=wide, rows=10_000, final=True)
    told = [next(csv.reader([readable(one, wide)[0]], delimiter=delimiter), []) for one in got.records]
    assert told == list(csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=delimiter))
    assert got.at == len(raw)
    ends = [*got.starts[1:], got.at]
    for piece, begin, stop in zip(got.records, got.starts, ends, strict=True):
        assert raw[begin:stop] == piece.encode(wide or "latin-1")


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from(list('ab,"\r\n')), max_size=40))
def test_any_text_splits_like_the_csv_module_or_costs_a_counted_line(text: str) -> None:
    got = cut(io.BytesIO(text.encode()), 0, csv_records(","), wide="", rows=10_000, final=True)
    assert got.at == len(text)
    if not got.skipped:
        told = [next(csv.reader([one]), []) for one in got.records]
        assert told == list(csv.reader(io.StringIO(text, newline="")))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=10), max_size=3), max_size=6),
       st.sampled_from([None, 2]))  # fmt: skip
def test_objects_of_an_array(rows: list[dict[str, str]], indent: int | None) -> None:
    raw = json.dumps(rows, indent=indent).encode()
    got = cut(io.BytesIO(raw), 0, objects, wide="", rows=10_000, final=True)
    told = [json.loads(one[one.index("{") :]) for one in got.records if "{" in one]
    assert told == rows


def test_an_overlong_line_is_passed_over_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LONGEST", 1_000)
    monkeypatch.setattr(records, "CHUNK", 64)
    monkeypatch.setattr(records, "PAGE_BYTES", 3_000)
    raw = b"one\n" + b"x" * 20_000 + b"\ntwo\nthree\n"
    found, skipped, at, inside, calls = [], 0, 0, False, 0
    more = True
    while more:
        got = cut(io.BytesIO(raw), at, lines, wide="", rows=10, final=False, inside=inside)
        found += got.records
        skipped += got.skipped
        at, inside, more, calls = got.at, got.inside, got.more, calls + 1
    assert found == ["one\n", "two\n", "three\n"]
    assert skipped == 1
    assert calls > 3


def test_a_quote_never_closed_costs_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = b'a,b\n1,"oops\n' + b"".join(b"%d,fine\n" % n for n in range(50))
    got = cut(io.BytesIO(raw), 0, csv_records(","), wide="", rows=100, final=True)
    assert len(got.records) == 51
    assert got.skipped == 1


def test_each_record_is_decoded_for_itself() -> None:
    assert readable("退货".encode().decode("latin-1"), "") == ("退货", False)
    assert readable("退货".encode("gb18030").decode("latin-1"), "") == ("退货", False)
    text, damaged = readable(b"ok \xff\xff".decode("latin-1"), "")
    assert text.startswith("ok ")
    assert damaged
