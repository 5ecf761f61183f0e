"""`tingfeng drill`: the whole product live, with no credentials."""

from __future__ import annotations

import argparse
import time

from app.cli.output import complain, emit, say
from app.cli.session import Session
from app.cli.watch import Feed, stopping
from app.domain.alert import Alert
from app.domain.query import MentionQuery
from app.drill.session import DrillSession
from app.errors import ConfigError
from app.i18n import _

FASTEST = 60.0


def drill(session: Session, options: argparse.Namespace) -> int:
    if not 1 <= options.speed <= FASTEST:
        raise ConfigError(_("The speed lies between 1 and {n}.").format(n=int(FASTEST)), field="speed")
    if options.minutes is not None and not options.minutes > 0:
        raise ConfigError(_("The minutes must be more than 0."), field="minutes")
    if options.window:
        return session.show(session, True)
    return play(session, speed=options.speed, minutes=options.minutes)


def play(session: Session, *, speed: float, minutes: float | None) -> int:
    """In the terminal, until the story ends or a person ends it; then the figures."""
    stop = stopping()
    complain(_("A made-up crisis of a made-up brand, {speed:g} times as fast.").format(speed=speed))
    running = DrillSession.start(session.home, speed=speed, desktop=False, poll=False)
    began = time.monotonic()
    try:
        feed = Feed(running.core, session)
        clock = _FirstAlert(began)
        running.core.subscribe_raised(clock.alerted)
        running.core.engine.begin_polling()
        while not feed.wait(stop, 0.5):
            if running.platform.finished or (minutes is not None and running.platform.elapsed >= minutes):
                break
        if not stop.is_set():
            running.core.engine.poll_once().result()
        feed.close()
        _summary(session, running, feed, clock)
    finally:
        running.close()
    return 0


class _FirstAlert:
    def __init__(self, began: float) -> None:
        self._began = began
        self.seconds: float | None = None

    def alerted(self, alert: Alert) -> None:
        if self.seconds is None and alert.kind == "mention":
            self.seconds = time.monotonic() - self._began


def _summary(session: Session, running: DrillSession, feed: Feed, first: _FirstAlert) -> None:
    tally = running.core.tally(MentionQuery(matched=True))
    alerts = running.core.alerts(1000)
    copies = sum(alert.copies - 1 for alert in alerts)
    if session.json:
        emit(
            {
                "type": "drill",
                "mentions": tally.total,
                "negative": tally.negative,
                "unmatched": feed.unmatched,
                "alerts": len(alerts),
                "copies_folded": copies,
                "first_alert_seconds": None if first.seconds is None else round(first.seconds, 2),
            }
        )
        return
    told = _(
        "The drill is over: {n} mentions, {negative} negative; {alerts} alerts, {copies} copies folded."
    )
    say(told.format(n=tally.total, negative=tally.negative, alerts=len(alerts), copies=copies))
    if first.seconds is not None:
        say(_("First alert after {n:.0f} seconds.").format(n=first.seconds))
