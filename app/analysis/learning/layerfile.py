"""What was taught for a brand as text: the file a person exports, and the layer as the judges are told it.

Both are JSON with a checksum. A file is refused with a sentence when it is none of ours, damaged, from
a newer version, or holds anything out of bounds; nothing in it is ever executed. By default it names
lessons by mention and tone only. With their texts it can be learnt from again, elsewhere, with any
model; without, its n-grams serve only the model they were learnt on. N-grams are up to three characters
long: of few lessons, a patient reader could put a text together again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import isfinite
from typing import Any, NoReturn

from app.analysis.learning.words import phrases
from app.analysis.ngram.layer import Layer
from app.analysis.ngram.scorer import NgramScorer
from app.domain.learning import CORRECTED, LayerFile, Lesson, Row, Three, Word
from app.domain.sentiment import Tone
from app.errors import ConfigError
from app.i18n import _

FORMAT = "tingfeng-learning"
VERSION = 1
LARGEST_FILE = 64_000_000
"""Characters."""
MOST_LESSONS = 200_000
MOST_WORDS = 20_000
_LONGEST_TEXT = 200_000
_LONGEST_NAME = 200
_LARGEST_ID = 2**63 - 1

_LAYER = "tingfeng-layer"
_LONE = re.compile("[\ud800-\udfff]")


def exported(file: LayerFile, *, texts: bool = False) -> str:
    """The file's text. `texts`: with the texts of the lessons and who taught them."""
    lessons = [_lesson_fields(lesson, texts=texts) for lesson in file.lessons]
    body = {
        "brand": file.brand,
        "model": file.model,
        "name": file.name,
        "lessons": lessons,
        "words": [_word_fields(word) for word in file.words],
        "shifts": {gram: list(three) for gram, three in sorted(file.shifts.items())},
        "calibration": None if file.calibration is None else [list(row) for row in file.calibration],
    }
    return _sealed(FORMAT, body)


def imported(text: str) -> LayerFile:
    """A file's text back; ConfigError with a sentence when it cannot be used."""
    if len(text) > LARGEST_FILE:
        raise _foreign("too large")
    body = _opened(FORMAT, text)
    try:
        file = LayerFile(
            brand=_words(body["brand"], _LONGEST_NAME),
            model=_words(body["model"], _LONGEST_NAME),
            name=_words(body["name"], _LONGEST_NAME),
            lessons=tuple(_lesson(each) for each in _list(body["lessons"], MOST_LESSONS)),
            words=tuple(_word(each) for each in _list(body["words"], MOST_WORDS)),
            shifts=_weights(body["shifts"]),
            calibration=_calibration(body["calibration"]),
        )
        Layer(file.shifts, file.calibration, file.name)  # refuses what is out of bounds
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, ConfigError) as error:
        raise _damaged(repr(error)) from error
    return file


def file_of(
    scorer: NgramScorer,
    layer: Layer | None,
    lessons: Sequence[Lesson],
    words: Sequence[Word],
    *,
    brand: str,
) -> LayerFile:
    """What to export for a brand."""
    used = layer if layer is not None else Layer()
    return LayerFile(
        brand=brand,
        model=model_of(scorer),
        name=used.name,
        lessons=tuple(lessons),
        words=tuple(words),
        shifts=used.shifts,
        calibration=used.calibration,
    )


def layer_of(scorer: NgramScorer, file: LayerFile) -> Layer | None:
    """The layer of an imported file as it stands; of a file for another model, its word list alone.

    Whoever has lessons with texts, of the file or of their own, lets them be learnt again instead.
    """
    by_hand = phrases(scorer, file.words)
    same = file.model == model_of(scorer)
    shifts, rows = (file.shifts, file.calibration) if same else ({}, None)
    if not (shifts or by_hand or rows):
        return None
    return Layer(shifts, rows, file.name, by_hand)


def model_of(scorer: NgramScorer) -> str:
    """The version of the model itself."""
    return scorer.version.partition("+")[0]


def packed(layer: Layer | None, model: str) -> str:
    """A layer as the judges are told it (`app.domain.judging.Voice`); "" for none."""
    if layer is None:
        return ""
    body = {
        "model": model,
        "name": layer.name,
        "shifts": {gram: list(three) for gram, three in layer.shifts.items()},
        "phrases": {phrase: list(three) for phrase, three in layer.phrases.items()},
        "calibration": None if layer.calibration is None else [list(row) for row in layer.calibration],
    }
    return _sealed(_LAYER, body)


def unpacked(text: str, model: str) -> Layer | None:
    """`packed` back; ConfigError when it is damaged or was learnt on another model than `model`."""
    if not text:
        return None
    body = _opened(_LAYER, text)
    try:
        if body["model"] != model:
            said = _("What was learnt belongs to another version of the judge. Let it be learnt again.")
            raise ConfigError(said, details=f"{body['model']!r:.80} is not {model}")
        return Layer(
            _weights(body["shifts"]),
            _calibration(body["calibration"]),
            _words(body["name"], _LONGEST_NAME),
            _weights(body["phrases"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise _damaged(repr(error)) from error


def _sealed(form: str, body: Mapping[str, Any]) -> str:
    whole = {"format": form, "version": VERSION, "checksum": _checksum(body), **body}
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _LONE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)  # so that it can be written as UTF-8


def _checksum(body: Mapping[str, Any]) -> str:
    plain = json.dumps(body, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(plain.encode("ascii")).hexdigest()


def _opened(form: str, text: str) -> dict[str, Any]:
    try:
        whole = json.loads(text.removeprefix("\ufeff"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _foreign(repr(error)) from error
    if not isinstance(whole, dict) or whole.get("format") != form:
        raise _foreign(f"not {form}")
    version = whole.get("version")
    if version != VERSION or isinstance(version, bool):
        said = _("This file was written by another version of Tingfeng, which this one cannot read.")
        raise ConfigError(said, details=f"version {version!r:.40}")
    body = {key: value for key, value in whole.items() if key not in ("format", "version", "checksum")}
    try:
        checksum = _checksum(body)
    except (ValueError, RecursionError) as error:
        raise _damaged(repr(error)) from error
    if whole.get("checksum") != checksum:
        raise _damaged("checksum")
    return body


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _lesson_fields(lesson: Lesson, *, texts: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "mention": lesson.mention_id,
        "tone": lesson.tone.value,
        "weight": lesson.weight,
        "at": _moment(lesson.at),
    }
    return {**fields, "text": lesson.text, "who": lesson.who} if texts else fields


def _lesson(fields: Any) -> Lesson:
    weight = _number(fields["weight"])
    if not 0 <= weight <= CORRECTED:
        raise ValueError("weight")
    return Lesson(
        text=_words(fields.get("text", ""), _LONGEST_TEXT),
        tone=Tone(fields["tone"]),
        weight=weight,
        who=_words(fields.get("who", ""), _LONGEST_NAME),
        at=_time(fields["at"]),
        mention_id=_id(fields["mention"]),
    )


def _word_fields(word: Word) -> dict[str, Any]:
    return {"phrase": word.phrase, "weight": word.weight, "by": word.by, "at": _moment(word.at)}


def _word(fields: Any) -> Word:
    return Word(
        phrase=_words(fields["phrase"], _LONGEST_NAME),
        weight=_id(fields["weight"], low=-_LARGEST_ID),
        by=_words(fields.get("by", ""), _LONGEST_NAME),
        at=_time(fields["at"]),
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _time(value: Any) -> datetime:
    at = datetime.fromisoformat(_words(value, 64))
    if at.tzinfo is None:
        raise ValueError("time without a zone")
    return at.astimezone(UTC)


def _words(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise TypeError("text")
    return value


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise TypeError("list")
    return value


def _id(value: Any, *, low: int = 0) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= _LARGEST_ID:
        raise TypeError("whole number")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        raise TypeError("number")
    return float(value)


def _weights(value: Any) -> dict[str, Three]:
    if not isinstance(value, dict):
        raise TypeError("weights")
    return {key: _three(three) for key, three in value.items()}


def _three(value: Any) -> Three:
    low, middle, high = (_number(each) for each in _list(value, 3))
    return low, middle, high


def _calibration(value: Any) -> tuple[Row, Row, Row] | None:
    if value is None:
        return None
    one, two, three = (_row(row) for row in _list(value, 3))
    return one, two, three


def _row(value: Any) -> Row:
    a, b, c, d = (_number(each) for each in _list(value, 4))
    return a, b, c, d


def _foreign(details: str) -> ConfigError:
    said = _("This is not a file of what Tingfeng has learnt. Choose one that was exported here.")
    return ConfigError(said, details=details[:200])


def _damaged(details: str) -> ConfigError:
    return ConfigError(
        _("This file of what was learnt is damaged. Export it again, or take another copy."),
        details=details[:200],
    )


def without_texts(file: LayerFile) -> LayerFile:
    """As `exported` leaves it by default."""
    return replace(file, lessons=tuple(replace(each, text="", who="") for each in file.lessons))
