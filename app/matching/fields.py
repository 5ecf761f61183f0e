"""The fields of the query language: what may be asked of a post besides its words.

`read` makes a Field from what a person typed and says what is wrong with it; `asks` makes the test.
Pure; any thread.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.domain.mention import Kind, Mention, Status
from app.domain.sentiment import Tone
from app.i18n import _
from app.matching.fold import folded
from app.matching.tree import Field


@dataclass(frozen=True, slots=True)
class Facts:
    """What a field may look at; `tone` and `status` are known of stored mentions only."""

    mention: Mention
    source_id: int | None = None
    source: str = ""
    tone: Tone | None = None
    status: Status | None = None


Test = Callable[[Facts], bool]

_NUMBERS: Mapping[str, Callable[[Mention], float | None]] = {
    "followers": lambda mention: mention.author.followers,
    "likes": lambda mention: mention.counts.likes,
    "comments": lambda mention: mention.counts.comments,
    "shares": lambda mention: mention.counts.shares,
    "rating": lambda mention: mention.rating,
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "has": ("image", "video", "link"),
    "is": (*(kind.value for kind in Kind), "verified"),
    "tone": tuple(tone.value for tone in Tone),
    "status": tuple(status.value for status in Status),
}
_TEXTS = ("source", "author", "lang")
_STORED_ONLY = ("tone", "status")
_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}
_UNITS = {"": 1, "k": 1e3, "千": 1e3, "w": 1e4, "万": 1e4, "m": 1e6, "百万": 1e6, "千万": 1e7, "亿": 1e8}
_NUMBER = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?) ?([^0-9.]*)")
_VIDEO = re.compile(r"\.(?:mp4|m3u8|mov|webm|flv|mkv|avi|m4v)(?:[?#]|$)", re.IGNORECASE)
_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


class FieldError(Exception):
    """One sentence, and whether the value (not the name) is at fault."""

    def __init__(self, text: str, *, in_value: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.in_value = in_value


def read(name: str, op: str, value: str, *, stored: bool) -> Field:
    """The field, or FieldError. `name` is in lower case; `value` is as it was typed."""
    text = folded(value).strip()
    if name in _STORED_ONLY and not stored:
        raise FieldError(
            _("“{name}:” can be asked of stored posts only, not in a watch.").format(name=name)
        )
    if name in _NUMBERS:
        return Field(name, "=" if op == ":" else op, _number(name, text))
    if name not in _CHOICES and name not in _TEXTS:
        told = _(
            "There is no field named “{name}”. To look for these characters, put them in quotation marks."
        )
        raise FieldError(told.format(name=name))
    if op not in ":=":
        raise FieldError(_("“{name}” takes a colon: {name}:…").format(name=name))
    if name in _CHOICES and text not in _CHOICES[name]:
        told = _("“{name}:” takes one of: {choices}.")
        raise FieldError(told.format(name=name, choices=", ".join(_CHOICES[name])), in_value=bool(text))
    if not text:
        raise FieldError(_("“{name}:” needs a value right after it.").format(name=name))
    return Field(name, ":", text)


def _number(name: str, text: str) -> float:
    """10000, 10,000, 1万, 1.2万, 10k."""
    if not text:
        raise FieldError(_("“{name}” needs a number right after it.").format(name=name))
    found = _NUMBER.fullmatch(text.replace(",", ""))
    if found is None or found[2] not in _UNITS:
        told = _("“{value}” is not a number. Write 10000, 1万 or 10k.")
        raise FieldError(told.format(value=text), in_value=True)
    # Rounded, because 1.2 * 10000 has a tail of its own in binary.
    return round(float(found[1]) * _UNITS[found[2]], 6)


def asks(field: Field) -> Test:
    """The test that a field stands for."""
    if isinstance(field.value, float):
        return _compares(_NUMBERS[field.name], _COMPARED[field.op], field.value)
    value = field.value
    match field.name:
        case "source":
            return lambda facts: _from(facts, value)
        case "author":
            return lambda facts: _by(facts.mention, value)
        case "lang":
            return lambda facts: _written_in(facts.mention.lang, value)
        case "has":
            return _HAS[value]
        case "is" if value == "verified":
            return lambda facts: facts.mention.author.verified is True
        case "is":
            return lambda facts: facts.mention.kind == value
        case "tone":
            return lambda facts: facts.tone == value
        case _:
            return lambda facts: facts.status == value


def _compares(
    of: Callable[[Mention], float | None], compare: Callable[[float, float], bool], bound: float
) -> Test:
    def test(facts: Facts) -> bool:
        number = of(facts.mention)
        return number is not None and compare(number, bound)

    return test


def _from(facts: Facts, value: str) -> bool:
    if value in (folded(facts.mention.platform), folded(facts.source).strip()):
        return True
    return facts.source_id is not None and value == str(facts.source_id)


def _by(mention: Mention, value: str) -> bool:
    return value in folded(mention.author.name) or value == folded(mention.author.native_id)


def _written_in(lang: str, value: str) -> bool:
    """zh is zh-CN too."""
    said, asked = (folded(one).replace("_", "-") for one in (lang, value))
    return said == asked or said.startswith(asked + "-")


def _has_video(facts: Facts) -> bool:
    return facts.mention.kind is Kind.VIDEO or any(map(_VIDEO.search, facts.mention.media))


_HAS: Mapping[str, Test] = {
    "image": lambda facts: not all(map(_VIDEO.search, facts.mention.media)),
    "video": _has_video,
    "link": lambda facts: _LINK.search(facts.mention.text) is not None,
}
