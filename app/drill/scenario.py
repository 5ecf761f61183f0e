"""A scripted crisis as plain values: who says what, when, and how it grows.

Pure data read from `resources/drill/`; any thread. It knows neither the clock nor the network: the
demo platform asks it what is due. The file format is described in docs/drill.md.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.abc import Traversable
from importlib.resources import files
from typing import Any

from app.domain.sentiment import Tone
from app.domain.watch import Watch
from app.errors import ConfigError
from app.i18n import _

CHANNELS = ("weibo", "forum", "news", "appstore")
PHASES = ("chatter", "outbreak", "spread", "statement", "ebb")
ABOUT = ("own", "competitor", "other")
EARLIEST = -1440.0
"""Ordinary chatter reaches back one day."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_NAME = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """The author of an event; `followers` and `verified` None where the channel shows none."""

    name: str
    id: str
    followers: int | None = None
    verified: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Final counts; half of what is missing arrives every `half` minutes."""

    likes: int = 0
    comments: int = 0
    shares: int = 0
    half: float = 15.0

    def after(self, minutes: float) -> tuple[int, int, int]:
        """Likes, comments and shares this long after publication; never falling."""
        share = 1.0 - math.pow(2.0, -max(0.0, minutes) / self.half)
        likes, comments, shares = (round(n * share) for n in (self.likes, self.comments, self.shares))
        return likes, comments, shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One post. `at` is in minutes from the first post of the crisis; chatter lies before 0."""

    id: str
    at: float
    channel: str
    phase: str
    author: Voice
    text: str
    label: Tone
    """Our own annotation of the text's tone."""
    about: str = "own"
    title: str = ""
    site: str = ""
    counts: Growth | None = None
    rating: int | None = None
    copy_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The companion app whose reviews are read."""

    id: str
    name: str
    bundle: str
    version: str
    country: str = "cn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`brands` are the watches to set up, `events` are in order of time."""

    name: str
    title: str
    length: float
    """Minutes from the first post until the drill is over."""
    brands: tuple[Watch, ...]
    app: App
    events: tuple[Event, ...]
    channels: Mapping[str, str] = field(default_factory=dict)
    """What each channel's made-up site calls itself."""
    service_channel: str = ""
    """Where the made-up brand asks its customers to turn to, for reply templates."""
    _times: tuple[float, ...] = field(default=(), repr=False, compare=False)

    def due(self, elapsed: float) -> tuple[Event, ...]:
        """Everything published by `elapsed` minutes, oldest first."""
        return self.events[: bisect_right(self._times, elapsed)]

    def event(self, id: str) -> Event | None:
        return next((event for event in self.events if event.id == id), None)


def load(name: str = "overheating", where: Traversable | None = None) -> Scenario:
    """The scenario `name` from `where` (the shipped ones if not given)."""
    if not _NAME.fullmatch(name):
        raise ConfigError(_("There is no drill named “{name}”.").format(name=name), field="name")
    folder = where if where is not None else files("resources") / "drill"
    head = _mapping(_read(folder, f"{name}.json"), f"{name}.json")
    try:
        return _scenario(head, folder)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        text = _("The drill “{name}” cannot be read: {reason}.")
        raise ConfigError(text.format(name=name, reason=_reason(error)), details=repr(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return _("“{field}” is missing").format(field=error.args[0])
    return str(error)


def _read(folder: Traversable, path: str) -> object:
    file = folder
    for part in path.split("/"):
        if part in {"", ".", ".."}:
            raise ConfigError(_("“{path}” is not a file of a drill.").format(path=path), field="parts")
        file = file / part
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(_("The drill file {path} is missing.").format(path=path)) from error
    except (OSError, ValueError) as error:
        text = _("The drill file {path} cannot be read.").format(path=path)
        raise ConfigError(text, details=repr(error)) from error


def _scenario(head: Mapping[str, Any], folder: Traversable) -> Scenario:
    events = [event for part in head["parts"] for event in _part(folder, str(part))]
    events.sort(key=lambda event: event.at)
    _check_all(events)
    return Scenario(
        name=_text(head, "name"),
        title=_text(head, "title"),
        length=_number(head, "length", 1.0, 10_000.0),
        brands=tuple(_brand(item) for item in head["brands"]),
        app=App(**{key: _text(head["app"], key) for key in ("id", "name", "bundle", "version", "country")}),
        events=tuple(events),
        channels={
            name: str(_mapping(head.get("channels", {}), "channels").get(name, "")) for name in CHANNELS
        },
        service_channel=str(head.get("service_channel", "")),
        _times=tuple(event.at for event in events),
    )


def _check_all(events: list[Event]) -> None:
    if not events:
        raise ValueError(_("it has no posts"))
    first: dict[str, float] = {}
    for event in events:
        if event.id in first:
            raise ValueError(_("the id {id} is used twice").format(id=event.id))
        if event.copy_of and event.copy_of not in first:
            raise ValueError(_("{id} is a copy of no earlier post").format(id=event.id))
        first[event.id] = event.at


def _part(folder: Traversable, path: str) -> list[Event]:
    listed = _read(folder, path)
    if not isinstance(listed, list):
        raise TypeError(_("{path} is not a list of posts").format(path=path))
    return [_placed(item, path, n) for n, item in enumerate(listed, 1)]


def _placed(item: object, path: str, n: int) -> Event:
    """Every mistake names its file and place, so that it can be mended."""
    try:
        return _event(_mapping(item, path))
    except (KeyError, TypeError, ValueError) as error:
        text = _("{path}, post {n}: {reason}").format(path=path, n=n, reason=_reason(error))
        raise ValueError(text) from error


def _event(item: Mapping[str, Any]) -> Event:
    event = Event(
        id=_text(item, "id"),
        at=_number(item, "at", EARLIEST, 10_000.0),
        channel=_one_of(item, "channel", CHANNELS),
        phase=_one_of(item, "phase", PHASES),
        author=_voice(_mapping(item["author"], "author")),
        text=_text(item, "text"),
        label=Tone(item["label"]),
        about=_one_of({"about": "own"} | dict(item), "about", ABOUT),
        title=str(item.get("title", "")),
        site=str(item.get("site", "")),
        counts=_growth(_mapping(item["counts"], "counts")) if "counts" in item else None,
        rating=int(_number(item, "rating", 1, 5)) if "rating" in item else None,
        copy_of=str(item.get("copy_of", "")),
    )
    if not _ID.fullmatch(event.id):
        raise ValueError(_("“{field}” has an unusable value").format(field="id"))
    if (event.rating is not None) != (event.channel == "appstore"):
        raise ValueError(_("“{field}” has an unusable value").format(field="rating"))
    return event


def _voice(item: Mapping[str, Any]) -> Voice:
    followers, verified = item.get("followers"), item.get("verified")
    return Voice(
        name=_text(item, "name"),
        id=_text(item, "id"),
        followers=None if followers is None else int(_number(item, "followers", 0, 10**10)),
        verified=None if verified is None else bool(verified),
    )


def _growth(item: Mapping[str, Any]) -> Growth:
    likes, comments, shares = (
        int(_number(item, key, 0, 10**10)) if key in item else 0 for key in ("likes", "comments", "shares")
    )
    return Growth(likes=likes, comments=comments, shares=shares, half=_number(item, "half", 0.1, 10_000.0))


def _brand(item: Mapping[str, Any]) -> Watch:
    return Watch(
        name=_text(item, "name"),
        query=_text(item, "query"),
        competitor=bool(item["competitor"]),
        aliases=tuple(str(name) for name in item.get("aliases", ())),
        exclusions=tuple(str(name) for name in item.get("exclusions", ())),
    )


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(_("{what} in the drill is not a table of fields.").format(what=what))
    return value


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item[key]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(_("“{field}” is empty or no text").format(field=key))
    return value


def _number(item: Mapping[str, Any], key: str, low: float, high: float) -> float:
    value = item[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(_("“{field}” has an unusable value").format(field=key))
    return float(value)


def _one_of(item: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    value = item[key]
    if value not in allowed:
        raise ValueError(_("“{field}” has an unusable value").format(field=key))
    return str(value)
