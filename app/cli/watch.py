"""`tingfeng watch`: the live feed in a terminal."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Callable
from types import FrameType

from app.cli.output import (
    alert_json,
    alert_words,
    complain,
    emit,
    mention_json,
    mention_words,
    reader_gone,
    say,
    several,
    silence,
)
from app.cli.session import Session
from app.core import Core
from app.domain.alert import Alert
from app.domain.mention import Stored
from app.errors import ConfigError, Conflict
from app.i18n import _, ngettext


class Feed:
    """Prints what the core tells, from whatever thread it tells it."""

    def __init__(self, core: Core, session: Session) -> None:
        self._core = core
        self._session = session
        self._printing = threading.Lock()
        self._brands = bool(core.brands())
        self.shown = 0
        self.unmatched = 0
        self.alerts = 0
        self.lost: OSError | None = None
        """Why nothing can be printed any more."""
        self.ends: list[Callable[[], None]] = [
            core.subscribe_scored(self.scored),
            core.subscribe_raised(self.alerted),
        ]

    def scored(self, ids: tuple[int, ...]) -> None:
        rows = sorted(self._core.storage.mentions.many(ids), key=_when)
        with self._printing:
            for stored in rows:
                if self._brands and not stored.hits:
                    self.unmatched += 1
                else:
                    self._print(stored)

    def _print(self, stored: Stored) -> None:
        self.shown += 1
        if self._session.json:
            self._out(lambda: emit({"type": "mention", **mention_json(stored)}))
        else:
            self._out(lambda: say(mention_words(stored, self._session.colour)))

    def alerted(self, alert: Alert) -> None:
        with self._printing:
            self.alerts += alert.copies == 1
            if self._session.json:
                self._out(lambda: emit(alert_json(alert)))
            else:
                self._out(lambda: say(alert_words(alert, self._session.colour)))

    def _out(self, put: Callable[[], None]) -> None:
        """Judging, which calls, must not end because nobody reads any more."""
        try:
            put()
        except OSError as error:
            self.lost = error
            silence()

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """True when it is time to end: somebody said so, or nobody reads what is printed."""
        return stop.wait(seconds) or self.lost is not None or reader_gone()

    def close(self) -> None:
        """Raises what kept it from printing, so that the command ends as others do."""
        for end in self.ends:
            end()
        if self.lost is not None:
            raise self.lost


def _when(stored: Stored) -> tuple[object, int]:
    return stored.published_at, stored.id


def watch(session: Session, options: argparse.Namespace) -> int:
    """Poll every source once and exit, or keep going until interrupted."""
    core = Core.open(session.home, database=session.database, desktop=not options.once)
    try:
        if not core.polling:
            told = _("Another Tingfeng polls for this folder already; close it first, or use its window.")
            raise Conflict(told)
        if not any(not state.source.paused for state in core.sources()):
            if options.once:
                raise ConfigError(
                    _("There is no source to read yet. Add one with: tingfeng source add feed --url URL")
                )
            unconfigured = True
        else:
            unconfigured = False
        if not unconfigured:
            return _once(core, session) if options.once else _on(core, session)
    finally:
        core.close()
    complain(
        _("Nothing is set up yet, so this is a drill: a made-up brand in a made-up crisis. Ctrl+C ends it.")
    )
    from app.cli.drill import play_first  # noqa: PLC0415  # the demo platform is only needed here

    return play_first(session)


def _once(core: Core, session: Session) -> int:
    feed = Feed(core, session)
    core.start(poll=False)
    outcomes = core.engine.poll_once().result()
    feed.close()
    names = {state.source.id: state.source.name for state in core.sources()}
    failed = [
        (names[id_], outcome.error.text) for id_, outcome in outcomes.items() if outcome.error is not None
    ]
    if not session.json:
        say(_summary(feed))
    if failed:
        complain(several(failed))
        return 1
    if session.json and feed.unmatched:
        complain(_unmatched(feed.unmatched))
    return 0


def _unmatched(n: int) -> str:
    told = ngettext(
        "{n} post names no brand; it is stored.", "{n} posts name no brand; they are stored.", n
    )
    return told.format(n=n)


def _summary(feed: Feed) -> str:
    told = ngettext("{n} new mention", "{n} new mentions", feed.shown).format(n=feed.shown)
    alerts = ngettext("{n} alert", "{n} alerts", feed.alerts).format(n=feed.alerts)
    return _("{mentions}, {alerts}.").format(mentions=told, alerts=alerts) + (
        " " + _unmatched(feed.unmatched) if feed.unmatched else ""
    )


def _on(core: Core, session: Session) -> int:
    feed = Feed(core, session)
    stop = stopping()
    n = core.status().sources
    told = ngettext("Watching {n} source. Ctrl+C ends it.", "Watching {n} sources. Ctrl+C ends it.", n)
    complain(told.format(n=n))
    core.start()
    while not feed.wait(stop, 1.0):
        pass
    feed.close()
    return 0


def stopping() -> threading.Event:
    """Set by Ctrl+C or a polite kill."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    return stop
