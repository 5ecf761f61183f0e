"""Scenario files → values: the shipped ones by name, a team's own by path. Reads files, nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.abc import Traversable
from importlib.resources import files
from pathlib import Path

from app.domain.sentiment import Tone
from app.domain.watch import Watch
from app.drill.fields import MOST_ITEMS, Fields, from_json
from app.drill.making import Copies, Written, make_copies, make_crowd
from app.drill.reading import read_copies, read_crowd
from app.drill.scenario import (
    ABOUT,
    CHANNELS,
    EARLIEST,
    LATEST,
    PHASES,
    App,
    Event,
    Growth,
    Outage,
    Scenario,
    Voice,
)
from app.errors import ConfigError, QueryError
from app.i18n import _
from app.matching.matcher import compile_text

BIGGEST = 20_000_000
"""Bytes of one file."""
FORMATS = (1, 2)

_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_NAME = re.compile(r"[a-z0-9-]{1,40}")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def shipped() -> tuple[str, ...]:
    """The names of the scenarios that come with the program."""
    return _names(files("resources") / "drill")


def _sets() -> tuple[str, ...]:
    return _names(files("resources") / "drill" / "common")


def _names(folder: Traversable) -> tuple[str, ...]:
    found = (one.name for one in folder.iterdir() if one.is_file())
    return tuple(sorted(name.removesuffix(".json") for name in found if name.endswith(".json")))


def find(given: str) -> Scenario:
    """By the name of a shipped one, or by the path of a file (it has a slash, or ends in .json)."""
    if not given.endswith(".json") and "/" not in given and "\\" not in given:
        return load(given)
    path = Path(given).expanduser()
    return _loaded(path.name, path.parent)


def load(name: str = "overheating", where: Traversable | None = None) -> Scenario:
    """The scenario `name` from `where` (the shipped ones if not given). ConfigError in words."""
    if not _NAME.fullmatch(name) or (where is None and name not in shipped()):
        told = _("There is no drill named “{name}”. There are: {names}.")
        raise ConfigError(told.format(name=name, names=", ".join(shipped())), field="scenario")
    return _loaded(f"{name}.json", where if where is not None else files("resources") / "drill")


def _loaded(name: str, folder: Traversable) -> Scenario:
    head = Fields(_read(folder, name), name)
    head.whole("format", FORMATS[0], FORMATS[-1], FORMATS[0])
    scenario = Scenario(
        name=_identifier(head, "name", _NAME),
        title=head.text("title"),
        about=head.text("about", ""),
        length=head.number("length", 1.0, LATEST),
        starts=_starts(head),
        brands=_brands(head),
        app=_app(head.table("app")),
        events=_events(head, folder),
        outages=tuple(_outage(one) for one in head.tables("outages")),
        own_sources=head.flag("own_sources", False),
        channels=_channels(head.table("channels")),
        service_channel=head.text("service_channel", ""),
    )
    head.done()
    return scenario


def _read(folder: Traversable, path: str) -> object:
    file = folder
    for part in path.split("/"):
        if part in {"", ".", ".."}:
            raise ConfigError(_("“{path}” is not a file of a drill.").format(path=path), field="parts")
        file = file / part
    try:
        with file.open("rb") as stream:
            body = stream.read(BIGGEST + 1)
    except FileNotFoundError as error:
        raise ConfigError(_("The drill file {path} is missing.").format(path=path)) from error
    except (OSError, ValueError) as error:
        text = _("The drill file {path} cannot be read.").format(path=path)
        raise ConfigError(text, details=repr(error)) from error
    if len(body) > BIGGEST:
        raise ConfigError(_("The drill file {path} is too large.").format(path=path))
    try:
        return from_json(body.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        raise ConfigError(_("The drill file {path} is not UTF-8 text.").format(path=path)) from error


# ── the head ─────────────────────────────────────────────────────────────────────────────────────


def _identifier(head: Fields, name: str, pattern: re.Pattern[str]) -> str:
    value = head.text(name)
    if not pattern.fullmatch(value):
        head.fail(name, _("may have letters, digits and hyphens only, 40 at the most"))
    return value


def _starts(head: Fields) -> float:
    found = _TIME.fullmatch(head.text("starts", "10:00"))
    if not found:
        head.fail("starts", _("must be a time such as 09:30"))
    return float(found[1]) * 60 + float(found[2])


def _brands(head: Fields) -> tuple[Watch, ...]:
    made = tuple(_brand(one) for one in head.tables("brands", least=1))
    if all(one.competitor for one in made):
        head.fail("brands", _("must have one that is no competitor"))
    return made


def _brand(item: Fields) -> Watch:
    made = Watch(
        name=item.text("name"),
        query=item.text("query"),
        competitor=item.flag("competitor", False),
        aliases=item.texts("aliases"),
        exclusions=item.texts("exclusions"),
    )
    item.done()
    try:
        compile_text(made.query)
    except QueryError as error:
        item.fail("query", _("cannot be read: {reason}").format(reason=error.text.rstrip(".。")))
    return made


def _app(item: Fields) -> App:
    made = App(
        id=item.text("id"),
        name=item.text("name"),
        bundle=item.text("bundle"),
        version=item.text("version"),
        country=item.text("country", "cn"),
    )
    item.done()
    if not re.fullmatch(r"[0-9]{5,20}", made.id):
        item.fail("id", _("must be a number of 5 to 20 digits"))
    if not re.fullmatch(r"[a-z]{2}", made.country):
        item.fail("country", _("must be two small letters such as cn"))
    return made


def _channels(item: Fields) -> dict[str, str]:
    made = {name: item.text(name, "") for name in CHANNELS}
    item.done()
    return made


def _outage(item: Fields) -> Outage:
    begin, end = item.number("from", EARLIEST, LATEST), item.number("to", EARLIEST, LATEST)
    if end <= begin:
        item.fail("to", _("must be later than “{field}”").format(field="from"))
    how = item.value("how") if "how" in item else 503
    if how not in ("html", "empty"):
        how = item.whole("how", 400, 599, 503)
    made = Outage(channel=item.choice("channel", CHANNELS), begin=begin, end=end, how=how)
    item.done()
    return made


# ── the posts ────────────────────────────────────────────────────────────────────────────────────


def _events(head: Fields, folder: Traversable) -> tuple[Event, ...]:
    """Written posts, crowds and copies, in order of time."""
    seed = head.whole("seed", 0, 2**31, 0)
    shared = [_shared(name) for name in head.texts("include")]
    own = _words(head.table("words"))
    words = {name: list_ for one in shared for name, list_ in _words(one.table("words")).items()} | own
    events = [*_written(head, folder)]
    crowds = [read_crowd(item, words) for one in (*shared, head) for item in one.tables("crowds")]
    for one in shared:
        one.done()
    hour = _starts(head) / 60.0
    written = Written()
    for crowd in crowds:
        events += make_crowd(crowd, seed, hour, written)
        _few_enough(head, events)
    events.sort(key=lambda event: event.at)
    for copies in [read_copies(one, words) for one in head.tables("copies")]:
        events += _copied(copies, events, seed)
        _few_enough(head, events)
    events.sort(key=lambda event: event.at)
    _check_all(head, events)
    return tuple(events)


def _few_enough(head: Fields, events: list[Event]) -> None:
    if len(events) > MOST_ITEMS:
        head.fail("crowds", _("make more than {n} posts").format(n=MOST_ITEMS))


def _written(head: Fields, folder: Traversable) -> Iterator[Event]:
    for path in head.texts("parts"):
        listed = _read(folder, path)
        if not isinstance(listed, list):
            raise ConfigError(_("{path} is not a list of posts.").format(path=path), field="parts")
        for n, item in enumerate(listed, 1):
            yield _event(Fields(item, _("{path}, post {n}").format(path=path, n=n)))
    for one in head.tables("posts"):
        yield _event(one)


def _words(item: Fields) -> dict[str, tuple[str, ...]]:
    made = {name: item.texts(name, least=1) for name in item.names()}
    for name in made:
        if not re.fullmatch(r"[a-z_]{2,20}", name):
            item.fail(name, _("must be named with small letters, 2 to 20 of them"))
    return made


def _shared(name: str) -> Fields:
    """A shipped set of crowds and words; where both have words of one name, the scenario's are taken."""
    if not _NAME.fullmatch(name) or name not in _sets():
        told = _("There is no shipped crowd named “{name}”. There are: {names}.")
        raise ConfigError(told.format(name=name, names=", ".join(_sets())), field="include")
    path = f"common/{name}.json"
    made = Fields(_read(files("resources") / "drill", path), path)
    made.text("about", "")
    return made


def _copied(copies: Copies, events: list[Event], seed: int) -> list[Event]:
    first = next((event for event in events if event.id == copies.of), None)
    if first is None:
        told = _("{place}: “{field}” {reason}.")
        reason = _("names no post of this drill")
        raise ConfigError(told.format(place=copies.place, field="of", reason=reason), field="of")
    if copies.begin < first.at:
        told = _("{place}: “{field}” {reason}.")
        reason = _("must not be earlier than what is copied")
        raise ConfigError(told.format(place=copies.place, field="from", reason=reason), field="from")
    return make_copies(copies, first, seed)


def _check_all(head: Fields, events: list[Event]) -> None:
    if not events:
        head.fail("posts", _("must not be empty"))
    first: set[str] = set()
    for event in events:
        if event.id in first:
            head.fail("id", _("is used twice: {id}").format(id=event.id))
        if event.copy_of and event.copy_of not in first:
            head.fail("copy_of", _("of {id} names no earlier post").format(id=event.id))
        first.add(event.id)


def _event(item: Fields) -> Event:
    event = Event(
        id=_identifier(item, "id", _ID),
        at=item.number("at", EARLIEST, LATEST),
        channel=item.choice("channel", CHANNELS),
        phase=item.choice("phase", PHASES),
        author=_voice(item.table("author")),
        text=item.text("text"),
        label=Tone(item.choice("label", tuple(Tone))),
        about=item.choice("about", ABOUT, "own"),
        title=item.text("title", ""),
        site=item.text("site", ""),
        platform=item.text("platform", ""),
        counts=_growth(item.table("counts")) if "counts" in item else None,
        rating=item.whole("rating", 1, 5) if "rating" in item else None,
        copy_of=item.text("copy_of", ""),
    )
    item.done()
    if event.platform and not re.fullmatch(r"[a-z0-9_-]{1,20}", event.platform):
        item.fail("platform", _("must be small letters and digits, such as xhs"))
    if (event.rating is not None) != (event.channel == "appstore"):
        item.fail("rating", _("belongs to the app store, and to each of its posts"))
    return event


def _voice(item: Fields) -> Voice:
    made = Voice(
        name=item.text("name"),
        id=item.text("id"),
        followers=item.whole("followers", 0, 10**10) if "followers" in item else None,
        verified=item.flag("verified") if "verified" in item else None,
    )
    item.done()
    return made


def _growth(item: Fields) -> Growth:
    likes, comments, shares = (item.whole(key, 0, 10**10, 0) for key in ("likes", "comments", "shares"))
    made = Growth(
        likes=likes, comments=comments, shares=shares, half=item.number("half", 0.1, 10_000.0, 15.0)
    )
    item.done()
    return made
