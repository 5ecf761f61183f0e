"""The trained model: a table of n-grams with small whole numbers, and how it is kept in a file.

    tingfeng-ngram 1\\n     what this is, and of which format
    {...}\\n                one line of JSON: scales, calibration, cues, sources, the payload's digest
    payload                zlib: the n-grams, one a line, then one byte an n-gram for each lane

How they are laid out for judging, says `app.analysis.ngram.table`. A lane holds its byte, signed ones
shifted by 128; the first lane is 1 and counts.

Nothing here is executable: a hostile file can give wrong numbers, never run code. Pure; any thread.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import get_data
from typing import Any

import ahocorasick

from app.analysis.ngram.features import LONGEST, READING
from app.analysis.ngram.table import Table
from app.errors import Broken, ConfigError
from app.i18n import _

MAGIC = b"tingfeng-ngram 1\n"
NAME = "ngram.model"

HEADS = ("negative", "neutral", "positive")
CROSSED = ("style", "plain", "clause", "yue", "forum")
"""The gates that multiply the decisions."""
GATES = (*CROSSED, "mixed")
"""What manner of text it is; see app.analysis.ngram.judge."""
LANES = (
    "count",
    *GATES,
    *("negative", "negative_turn", "negative_size"),
    *("neutral", "neutral_turn", "neutral_size"),
    *("positive", "positive_turn", "positive_size"),
)
"""In the order of the file; "count" is not in it. `*_size` lanes are unsigned."""
SIGNED = tuple(not lane.endswith("_size") and lane != "count" for lane in LANES)
DRAWN = ("plain", "forum")
"""The gates that cues of a complaint draw towards -1."""
CUES = 3 * (1 + len(CROSSED)) + len(GATES) + 2
"""Where the number of cues stands among the inputs."""
INPUTS = 3 * (1 + len(CROSSED)) + len(GATES) + 4
"""What calibration looks at: three decisions, the same times each crossed gate, the gates, two lengths,
the cues beyond two, and 1; see app.analysis.ngram.judge."""

SURENESS = ("constant", "style", "three", "four", "five", "six")
"""How sure a judgement is, in the order of the file: the logarithm of the factor of all decisions, what the
style adds to it, and what so many cues add; see app.analysis.ngram.judge."""

SHIFT = 128
"""Added to every byte of a signed lane."""

_STRUCT = struct.Struct(f"<{len(LANES)}I")
_MOST_GRAMS = 2_000_000
_MOST_CUES = 5_000
_MOST_SURE = 20.0
_LARGEST_FILE = 16_000_000
_LARGEST_PAYLOAD = 64_000_000

Totals = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """Number i of `grams` has a byte in each of `columns`, as in the file.

    `scales` and `biases` go with `LANES` and the heads. `cues` maps the numbers of the cues to their
    kind; those that are no n-grams, `phrases`, are numbered after the n-grams and have no weight.
    `sizes` has a byte for each n-gram and phrase: how many characters it has.
    """

    grams: Sequence[str]
    phrases: Sequence[str]
    sizes: bytes
    columns: Mapping[str, bytes]
    cues: Mapping[int, str]
    cue_numbers: frozenset[int]
    table: Table
    scales: Mapping[str, float]
    biases: Mapping[str, float]
    calibration: tuple[tuple[float, ...], ...]
    sureness: tuple[float, ...]
    clear: float
    """From this P(negative) on a post may be called clearly negative."""
    version: str
    about: Mapping[str, Any]


def unpacked(packed: int) -> Totals:
    """The lanes of a sum of n-grams; each signed one is too large by SHIFT times the first, the count."""
    return _STRUCT.unpack(packed.to_bytes(_STRUCT.size, "little"))


def totals(packed: int) -> Totals:
    """The lanes of a sum of n-grams, the shift of the signed ones taken back."""
    lanes = unpacked(packed)
    shift = SHIFT * lanes[0]
    return tuple(lane - shift if signed else lane for lane, signed in zip(lanes, SIGNED, strict=True))


def shipped() -> Model:
    """The model that comes with the program."""
    # importlib.resources would load tempfile and the compressors, which the first judgement waits for
    return read(get_data("resources", f"models/{NAME}") or b"", NAME)


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
        # the line holds the calibration and the digest of the weights: both belong to the version
        return _model(about, payload, hashlib.sha256(line).hexdigest()[:8])
    except (ValueError, KeyError, TypeError, IndexError, zlib.error, AttributeError) as error:
        raise _damaged(name, repr(error)) from error


def _model(about: Mapping[str, Any], payload: bytes, mark: str) -> Model:
    known, sizes, columns = _unpacked(payload)
    finder = ahocorasick.Automaton(ahocorasick.STORE_INTS)
    if sum(map(finder.add_word, known, range(len(known)))) != len(known):
        raise ValueError("an n-gram twice")
    cues, phrases = _cues(about["cues"], finder)
    finder.make_automaton()
    return Model(
        grams=known,
        phrases=phrases,
        sizes=sizes + bytes(map(len, phrases)),
        columns=dict(zip(LANES[1:], columns, strict=True)),
        cues=cues,
        cue_numbers=frozenset(cues),
        table=Table(finder, columns, len(phrases)),
        scales={lane: float(about["scales"][lane]) for lane in LANES[1:]},
        biases={key: float(about["biases"][key]) for key in _BIASES},
        calibration=_matrix(about["calibration"]),
        sureness=_sureness(about.get("sureness", [0.0] * len(SURENESS))),
        clear=float(about["clear"]),
        version=f"{about['model']}.{mark}",
        about=about,
    )


_BIASES = (*GATES, *HEADS, *(f"{head}_turn" for head in HEADS))


def _cues(
    kinds: Mapping[str, Sequence[str]], finder: ahocorasick.Automaton
) -> tuple[dict[int, str], list[str]]:
    """The numbers of all cues, and those that are no n-gram, which are added to what is found."""
    if sum(map(len, kinds.values())) > _MOST_CUES:
        raise ValueError("cues")
    cues: dict[int, str] = {}
    phrases: list[str] = []
    for kind, each in kinds.items():
        for phrase in each:
            number = finder.get(phrase, -1)
            if number < 0:
                number = len(finder)
                finder.add_word(phrase, number)
                phrases.append(phrase)
            cues[number] = kind
    return cues, phrases


def _matrix(rows: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    matrix = tuple(tuple(float(each) for each in row) for row in rows)
    if len(matrix) != len(HEADS) or any(len(row) != INPUTS for row in matrix):
        raise ValueError("calibration")
    return matrix


def _sureness(numbers: Sequence[float]) -> tuple[float, ...]:
    found = tuple(float(each) for each in numbers)
    if len(found) != len(SURENESS) or not all(abs(each) <= _MOST_SURE for each in found):
        raise ValueError("sureness")
    return found


def _unpacked(payload: bytes) -> tuple[list[str], bytes, list[bytes]]:
    """The n-grams, how many characters each has, and the lanes."""
    reader = zlib.decompressobj()
    raw = reader.decompress(payload, _LARGEST_PAYLOAD)
    if reader.unconsumed_tail or not reader.eof:
        raise ValueError("payload")
    count, size = struct.unpack_from("<II", raw)
    body = raw[8 + size :]
    known = raw[8 : 8 + size].decode("utf-8").split("\n")
    if len(known) != count or count > _MOST_GRAMS or len(body) != count * (len(LANES) - 1):
        raise ValueError("sizes")
    sizes = bytes(map(len, known))
    if min(sizes) < 1 or max(sizes) > LONGEST:
        raise ValueError("n-grams")
    return known, sizes, [body[at : at + count] for at in range(0, len(body), count)]


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
