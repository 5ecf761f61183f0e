"""The model file: what is refused, and with which sentence."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.ngram.model import LANES, MAGIC, NAME, load, read, shipped, totals
from app.errors import AppError, Broken, ConfigError

Make = Callable[..., bytes]
WEIGHTS = {"好": {"positive": 3, "style": -2}, "坏": {"negative": 100, "negative_size": 255}}


def test_there_and_back(model_bytes: Make) -> None:
    model = read(model_bytes(WEIGHTS), "m")
    assert list(model.grams) == ["坏", "好"] or list(model.grams) == ["好", "坏"]
    sums = dict(zip(LANES, totals(model.table.total({0, 1})), strict=True))
    assert sums["count"] == 2
    assert sums["positive"] == 3
    assert sums["style"] == -2
    assert sums["negative"] == 100
    assert sums["negative_size"] == 256


def test_the_same_model_has_the_same_version(model_bytes: Make) -> None:
    one, other = (read(model_bytes(weights), "m") for weights in (WEIGHTS, {"好": {"positive": 4}}))
    assert one.version != read(model_bytes(WEIGHTS, clear=0.9), "m").version
    assert one.version == read(model_bytes(WEIGHTS), "elsewhere").version
    assert one.version != other.version


@pytest.mark.parametrize("data", [b"", b"hello", b"\x80\x04\x95", b"PK\x03\x04", MAGIC[:-1]])
def test_a_foreign_file(data: bytes) -> None:
    with pytest.raises(ConfigError, match=r"The file m\.bin is not a judgement model"):
        read(data, "m.bin")


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_changed_byte_of_the_payload_is_noticed(data: st.DataObject) -> None:
    whole = files("resources").joinpath("models", NAME).read_bytes()
    start = whole.index(b"\n", len(MAGIC)) + 1
    at = data.draw(st.integers(start, len(whole) - 1))
    changed = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    with pytest.raises(Broken, match="is damaged"):
        read(changed, "m")


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200))
def test_whatever_follows_the_first_line_is_refused_with_a_sentence(rest: bytes) -> None:
    with pytest.raises(AppError, match="judgement model"):
        read(MAGIC + rest, "m")


def test_a_cut_file(model_bytes: Make) -> None:
    with pytest.raises(Broken, match="is damaged"):
        read(model_bytes(WEIGHTS)[:-3], "m")


def test_another_reading(model_bytes: Make) -> None:
    whole = model_bytes(WEIGHTS)
    line, _newline, payload = whole[len(MAGIC) :].partition(b"\n")
    about = json.loads(line) | {"reading": 999}
    with pytest.raises(ConfigError, match="another version of Tingfeng"):
        read(MAGIC + json.dumps(about).encode() + b"\n" + payload, "m")


@pytest.mark.parametrize(
    "change",
    [
        {"calibration": [[1.0]]},
        {"scales": {}},
        {"biases": {"style": "x"}},
        {"cues": {"a": 1}},
        {"clear": "x"},
    ],
)
def test_a_line_that_makes_no_sense(model_bytes: Make, change: dict[str, object]) -> None:
    with pytest.raises(Broken, match="is damaged"):
        read(model_bytes(WEIGHTS, **change), "m")


def test_a_payload_that_would_fill_the_memory(model_bytes: Make) -> None:
    import hashlib

    bomb = zlib.compress(b"\0" * 80_000_000, 9)
    line = model_bytes(WEIGHTS)[len(MAGIC) :].partition(b"\n")[0]
    about = json.loads(line) | {"digest": hashlib.sha256(bomb).hexdigest()}
    with pytest.raises(Broken, match="is damaged"):
        read(MAGIC + json.dumps(about).encode() + b"\n" + bomb, "m")


def test_from_a_file(tmp_path: Path, model_bytes: Make) -> None:
    path = tmp_path / "own.model"
    path.write_bytes(model_bytes(WEIGHTS))
    own, same = load(path), read(model_bytes(WEIGHTS), "m")
    assert own.columns == same.columns
    assert own.table.total({0, 1}) == same.table.total({0, 1})


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.model cannot be read"):
        load(tmp_path / "none.model")


def test_a_file_too_large_to_be_ours(tmp_path: Path) -> None:
    path = tmp_path / "large.model"
    with path.open("wb") as file:
        file.truncate(20_000_000)
    with pytest.raises(ConfigError, match=r"large\.model is not a judgement model"):
        load(path)


def test_the_shipped_model_is_small() -> None:
    assert len(files("resources").joinpath("models", NAME).read_bytes()) < 3_000_000
    model = shipped()
    assert len(model.grams) > 50_000
    assert 0.5 < model.clear < 1
    assert "osm2022" not in model.about["sets"]


def test_everything_known_is_found_at_its_end(model_bytes: Make) -> None:
    model = read(model_bytes(WEIGHTS, cues={"fault": ["坏", "漏油了吧"]}), "m")
    names = [*model.grams, *model.phrases]
    assert [(end, names[number]) for end, number in model.table.find("坏漏油了吧")] == [
        (0, "坏"),
        (4, "漏油了吧"),
    ]
    assert {names[number]: kind for number, kind in model.cues.items()} == {
        "坏": "fault",
        "漏油了吧": "fault",
    }


def test_an_ngram_too_long_is_refused(model_bytes: Make) -> None:
    with pytest.raises(Broken, match="is damaged"):
        read(model_bytes({"五个字的词": {}}), "m")


@pytest.mark.parametrize("sureness", [[1.0], [99.0] * 6, ["sure"] * 6, [float("nan")] * 6, 3])
def test_sureness_that_cannot_be(model_bytes: Make, sureness: object) -> None:
    with pytest.raises(Broken, match="is damaged"):
        read(model_bytes(WEIGHTS, sureness=sureness), "m")


def test_a_model_from_before_sureness_is_as_sure_as_it_was(model_bytes: Make) -> None:
    assert set(read(model_bytes(WEIGHTS), "m").sureness) == {0.0}
