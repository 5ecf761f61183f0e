"""Fields of a scenario file: read strictly, each mistake named with its place and its field.

Pure; any thread. Everything that is wrong is a ConfigError in one sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from app.errors import ConfigError
from app.i18n import _, listed

LONGEST_TEXT = 10_000
MOST_ITEMS = 20_000

# What XML 1.0 cannot carry, so that one post cannot make a whole feed unreadable.
NO_TEXT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no post of a scenario may have."""


def from_json(text: str, path: str) -> object:
    """What the file says; ConfigError with line and column where it is not JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        told = _("{path}, line {line}, column {column}: this is not JSON ({reason}).")
        raise ConfigError(
            told.format(path=path, line=error.lineno, column=error.colno, reason=error.msg)
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(_("{path} is not JSON that can be read.").format(path=path)) from error


class Fields:
    """One table of the file. `place` says where it stands; `done` refuses what was never asked for."""

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, dict):
            raise ConfigError(_("{place} is not a table of fields.").format(place=place))
        self.place = place
        self._all: Mapping[str, Any] = value
        self._asked: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return self._all.get(name) is not None

    def fail(self, name: str, reason: str) -> NoReturn:
        told = _("{place}: “{field}” {reason}.").format(place=self.place, field=name, reason=reason)
        raise ConfigError(told, field=name)

    def value(self, name: str) -> Any:
        self._asked.add(name)
        if name not in self:
            self.fail(name, _("is missing"))
        return self._all[name]

    def text(self, name: str, default: str | None = None) -> str:
        """Not empty, unless `default` is given and the field is left out or empty."""
        self._asked.add(name)
        if default is not None and self._all.get(name) in (None, ""):
            return default
        return self._text(name, self.value(name))

    def _text(self, name: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            self.fail(name, _("must be a text"))
        if len(value) > LONGEST_TEXT:
            self.fail(name, _("is longer than {n} characters").format(n=LONGEST_TEXT))
        if NO_TEXT.search(value):
            self.fail(name, _("holds characters that no feed can carry"))
        return value

    def texts(self, name: str, *, least: int = 0) -> tuple[str, ...]:
        """A list of texts; empty where it is left out and `least` is 0."""
        made = tuple(self._text(name, one) for one in self._list(name, least))
        if len(made) < least:
            self.fail(name, _("must not be empty"))
        return made

    def _list(self, name: str, least: int = 0) -> list[Any]:
        self._asked.add(name)
        if name not in self and not least:
            return []
        value = self.value(name)
        if not isinstance(value, list):
            self.fail(name, _("must be a list"))
        if len(value) > MOST_ITEMS:
            self.fail(name, _("has more than {n} items").format(n=MOST_ITEMS))
        return value

    def number(self, name: str, low: float, high: float, default: float | None = None) -> float:
        self._asked.add(name)
        if default is not None and name not in self:
            return default
        return self._number(name, self.value(name), low, high)

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        number = self.number(name, low, high, default)
        if number != int(number):
            self.fail(name, _("must be a whole number"))
        return int(number)

    def _number(self, name: str, value: object, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.fail(name, _("must be a number from {low:g} to {high:g}").format(low=low, high=high))
        return float(value)

    def numbers(self, name: str, low: float, high: float, size: int) -> tuple[float, ...]:
        made = tuple(self._number(name, one, low, high) for one in self._list(name, 1))
        if len(made) != size:
            self.fail(name, _("must have {n} numbers").format(n=size))
        return made

    def span(self, name: str, most: float, default: tuple[int, int] | None = None) -> tuple[int, int]:
        """[low, high], whole numbers from 0 on."""
        self._asked.add(name)
        if default is not None and name not in self:
            return default
        low, high = self.numbers(name, 0, most, 2)
        if low > high:
            self.fail(name, _("must begin with the smaller number"))
        return int(low), int(high)

    def choice(self, name: str, allowed: Sequence[str], default: str | None = None) -> str:
        self._asked.add(name)
        if default is not None and name not in self:
            return default
        value = self.value(name)
        if value not in allowed:
            self.fail(name, _("must be one of these: {names}").format(names=listed(allowed)))
        return str(value)

    def flag(self, name: str, default: bool | None = None) -> bool:
        self._asked.add(name)
        if default is not None and name not in self:
            return default
        value = self.value(name)
        if not isinstance(value, bool):
            self.fail(name, _("must be true or false"))
        return value

    def table(self, name: str) -> Fields:
        """Empty where it is left out."""
        self._asked.add(name)
        return Fields(self.value(name) if name in self else {}, _inside(self.place, name))

    def tables(self, name: str, *, least: int = 0) -> Iterator[Fields]:
        listed_ = self._list(name, least)
        if len(listed_) < least:
            self.fail(name, _("must not be empty"))
        for n, one in enumerate(listed_, 1):
            yield Fields(one, _("{place}, item {n}").format(place=_inside(self.place, name), n=n))

    def names(self) -> tuple[str, ...]:
        return tuple(self._all)

    def done(self) -> None:
        """A field that nobody knows is a slip of the pen, and would be missed silently."""
        for name in self._all:
            if name not in self._asked:
                self.fail(
                    name, _("is not known here; known: {names}").format(names=listed(sorted(self._asked)))
                )


def _inside(place: str, name: str) -> str:
    return _("{place}, “{name}”").format(place=place, name=name)
