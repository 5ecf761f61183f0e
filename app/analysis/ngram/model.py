"""The trained model: a table of n-grams with small whole numbers, and how it is kept in a file.

    tingfeng-ngram 1\\n     what this is, and of which format
    {...}\\n                one line of JSON: scales, calibration, sources, the payload's digest
    payload                zlib: the n-grams, one a line, then one byte an n-gram for each lane

The lanes of an n-gram are read into ONE Python integer, 32 bits a lane. Adding such integers adds
all lanes at once, exactly, so that `sum()` over the n-grams of a text does the whole judgement in a
handful of steps. A lane holds its byte, signed ones shifted by 128; the first lane is 1 and counts.

Nothing here is executable: a hostile file can give wrong numbers, never run code. Pure; any thread.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from app.analysis.ngram.features import READING
from app.errors import Broken, ConfigError
from app.i18n import _

MAGIC = b"tingfeng-ngram 1\n"
NAME = "ngram.model"

HEADS = ("negative", "neutral", "positive")
LANES = (
    "count",
    *("style", "style_size", "plain", "plain_size", "clause", "clause_size", "yue", "yue_size"),
    *("negative", "negative_turn", "negative_size"),
    *("neutral", "neutral_turn", "neutral_size"),
    *("positive", "positive_turn", "positive_size"),
)
"""In the order of the file; "count" is not in it. `*_size` lanes are unsigned."""
SIGNED = tuple(not lane.endswith("_size") and lane != "count" for lane in LANES)
INPUTS = 16
"""What calibration looks at: three decisions, the same times style and times plain, the four gates,
two lengths, and 1; see app.analysis.ngram.judge."""
GATES = ("style", "plain", "clause", "yue")

_WIDTH = 32
_STRUCT = struct.Struct(f"<{len(LANES)}I")
_MOST_GRAMS = 2_000_000
_LARGEST_FILE = 16_000_000
_LARGEST_PAYLOAD = 64_000_000

Totals = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """`table` has one integer an n-gram; `scales` and `biases` go with `LANES` and the heads."""

    table: Mapping[str, int]
    scales: Mapping[str, float]
    biases: Mapping[str, float]
    calibration: tuple[tuple[float, ...], ...]
    version: str
    about: Mapping[str, Any]


def totals(packed: int) -> Totals:
    """The lanes of a sum of n-grams, the shift of the signed ones taken back."""
    lanes = _STRUCT.unpack(packed.to_bytes(_STRUCT.size, "little"))
    shift = 128 * lanes[0]
    return tuple(lane - shift if signed else lane for lane, signed in zip(lanes, SIGNED, strict=True))


def shipped() -> Model:
    """The model that comes with the program."""
    return read(files("resources").joinpath("models", NAME).read_bytes(), NAME)


def load(path: Path) -> Model:
    """A model from a file; ConfigError when it is none of ours, Broken when it is damaged."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise _foreign(path.name)
        data = path.read_bytes()
    except OSError as error:
        said = _("The judgement model {file} cannot be read. Choose another file.")
        raise ConfigError(said.format(file=path.name), details=str(error)) from error
    return read(data, path.name)


def read(data: bytes, name: str) -> Model:
    """A model from the bytes of its file; `name` is for the sentence when something is wrong."""
    if not data.startswith(MAGIC):
        raise _foreign(name)
    line, _newline, payload = data[len(MAGIC) :].partition(b"\n")
    try:
        about = json.loads(line)
        if about["reading"] != READING or about["lanes"] != list(LANES):
            said = _("The judgement model {file} was made for another version of Tingfeng.")
            raise ConfigError(said.format(file=name), details=f"reading {about['reading']}")
        digest = hashlib.sha256(payload).hexdigest()
        if about["digest"] != digest:
            raise _damaged(name, "digest")
        return _model(about, payload, digest)
    except (ValueError, KeyError, TypeError, IndexError, zlib.error, AttributeError) as error:
        raise _damaged(name, repr(error)) from error


def _model(about: Mapping[str, Any], payload: bytes, digest: str) -> Model:
    known, columns = _unpacked(payload)
    return Model(
        table=dict(zip(known, _packed(columns, len(known)), strict=True)),
        scales={lane: float(about["scales"][lane]) for lane in LANES[1:]},
        biases={key: float(about["biases"][key]) for key in _BIASES},
        calibration=_matrix(about["calibration"]),
        version=f"{about['model']}.{digest[:8]}",
        about=about,
    )


_BIASES = (*GATES, *HEADS, *(f"{head}_turn" for head in HEADS))


def _matrix(rows: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    matrix = tuple(tuple(float(each) for each in row) for row in rows)
    if len(matrix) != len(HEADS) or any(len(row) != INPUTS for row in matrix):
        raise ValueError("calibration")
    return matrix


def _unpacked(payload: bytes) -> tuple[list[str], list[bytes]]:
    reader = zlib.decompressobj()
    raw = reader.decompress(payload, _LARGEST_PAYLOAD)
    if reader.unconsumed_tail or not reader.eof:
        raise ValueError("payload")
    count, size = struct.unpack_from("<II", raw)
    body = raw[8 + size :]
    known = raw[8 : 8 + size].decode("utf-8").split("\n")
    if len(known) != count or count > _MOST_GRAMS or len(body) != count * (len(LANES) - 1):
        raise ValueError("sizes")
    return known, [body[at : at + count] for at in range(0, len(body), count)]


def _packed(columns: Sequence[bytes], count: int) -> list[int]:
    step = _STRUCT.size
    lanes = bytearray(count * step)
    lanes[0::step] = b"\x01" * count
    for number, column in enumerate(columns, start=1):
        lanes[number * _WIDTH // 8 :: step] = column
    whole = bytes(lanes)
    return [int.from_bytes(whole[at : at + step], "little") for at in range(0, len(whole), step)]


def written(known: Sequence[str], columns: Sequence[bytes], about: Mapping[str, Any]) -> bytes:
    """The bytes of a model file; `columns` as in the file, signed lanes already shifted by 128."""
    joined = "\n".join(known).encode("utf-8")
    raw = struct.pack("<II", len(known), len(joined)) + joined + b"".join(columns)
    payload = zlib.compress(raw, 9)
    head = {
        **about,
        "reading": READING,
        "lanes": list(LANES),
        "digest": hashlib.sha256(payload).hexdigest(),
    }
    line = json.dumps(head, ensure_ascii=False, sort_keys=True).encode("utf-8")
    return MAGIC + line + b"\n" + payload


def _foreign(name: str) -> ConfigError:
    return ConfigError(_("The file {file} is not a judgement model of Tingfeng.").format(file=name))


def _damaged(name: str, details: str) -> Broken:
    said = _("The judgement model {file} is damaged. Install Tingfeng again, or choose another file.")
    return Broken(said.format(file=name), details=details)
