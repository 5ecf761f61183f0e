"""`tingfeng drill`: the whole product live, with no credentials, and figures of how well it does."""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from app.cli.output import complain, emit, one_line, say
from app.cli.session import Session, brand_named
from app.cli.watch import Feed, stopping
from app.drill import DEFAULT, FASTEST, FASTEST_WINDOW, playing
from app.drill.figures import Alarm, Blindness, Figures, as_json, figures
from app.drill.loading import find, load, shipped
from app.drill.recording import RECORD_BEFORE, record
from app.drill.scenario import Scenario
from app.drill.session import BEFORE, DrillSession
from app.errors import ConfigError, ExportFailed
from app.i18n import N_, _, ngettext
from app.reports import ranges

SLICE = 0.5
"""Seconds after which a resting drill looks whether it should end."""


def drill(session: Session, options: argparse.Namespace) -> int:
    if options.list:
        return _list(session)
    fastest = FASTEST_WINDOW if options.window else FASTEST
    if not 1 <= options.speed <= fastest:
        raise ConfigError(_("The speed lies between 1 and {n}.").format(n=int(fastest)), field="speed")
    if options.minutes is not None and not options.minutes > 0:
        raise ConfigError(_("The minutes must be more than 0."), field="minutes")
    scenario = find(options.scenario)
    if options.window:
        return session.show(session, options.scenario)
    return play(session, scenario, speed=options.speed, minutes=options.minutes, live=not session.json)


def _list(session: Session) -> int:
    for name in shipped():
        scenario = load(name)
        if session.json:
            emit(
                {
                    "name": name,
                    "title": scenario.title,
                    "about": scenario.about,
                    "minutes": scenario.length,
                    "posts": len(scenario.events),
                }
            )
        else:
            hours = _("{n:g} h").format(n=round(scenario.length / 60, 1))
            say(f"{name:<16}{hours:>6}  {scenario.title}")
    return 0


def play(session: Session, scenario: Scenario, *, speed: float, minutes: float | None, live: bool) -> int:
    """In the terminal, until the story ends or a person ends it; then the figures."""
    stop = stopping()
    told = _(
        "A made-up story, “{title}”, {speed:g} times as fast. First {hours:.0f} hours of ordinary talk."
    )
    hours = min(BEFORE, -scenario.begin) / 60
    complain(told.format(title=one_line(scenario.title, 60), speed=speed, hours=hours))
    until = scenario.length if minutes is None else min(minutes, scenario.length)
    running = DrillSession.in_story_time(session.home, scenario)
    try:
        feed = Feed(running.core, session) if live else None
        playing.play(running, speed=speed, until=until, wait=_waiting(feed, stop))
        if feed is not None:
            feed.close()
        _show(session, figures(running))
    finally:
        running.close()
    return 0


def play_first(session: Session, name: str = DEFAULT) -> int:
    """What somebody sees who has set up nothing yet, or has no window for the drill of that name."""
    return play(session, find(name), speed=60.0, minutes=None, live=True)


def _waiting(feed: Feed | None, stop: threading.Event) -> Callable[[float], bool]:
    """Rests in slices; True when a person ended it, or nobody reads what is printed."""

    def wait(seconds: float) -> bool:
        end = time.monotonic() + seconds
        while True:
            rest = min(SLICE, max(0.0, end - time.monotonic()))
            if feed.wait(stop, rest) if feed is not None else stop.wait(rest):
                return True
            if time.monotonic() >= end:
                return False

    return wait


def _show(session: Session, told: Figures) -> None:
    if session.json:
        emit(as_json(told))
    else:
        for line in words(told):
            say(one_line(line, 300))


# ── in words ─────────────────────────────────────────────────────────────────────────────────────

_KINDS = {
    "mention": N_("a post"),
    "incident": N_("an incident"),
    "blind": N_("a source that cannot be read"),
}


def words(told: Figures) -> list[str]:
    """The figures for a person, a line each."""
    lines = [
        _("The drill is over: {n} mentions, {negative} negative; {alerts} alerts.").format(
            n=told.mentions, negative=told.negative, alerts=told.alerts
        ),
        *_alarm_lines(told),
    ]
    if told.copies:
        line = _("Copies: {n} of {all} folded into the story they copy, {wrong} posts folded wrongly.")
        lines.append(line.format(n=told.folded, all=told.copies, wrong=told.wrongly_folded))
    if told.campaign:
        lines.append(_("The copies carry the hint of a campaign."))
    lines += [_blind_line(one) for one in told.blind]
    if told.to_first_claim is not None:
        lines.append(_("First claim after {n:.1f} minutes.").format(n=told.to_first_claim))
    if told.to_first_reply is not None:
        lines.append(_("First reply after {n:.1f} minutes.").format(n=told.to_first_reply))
    line = _("Posts read: {read}; lost: {lost}; stored twice: {twice}.")
    lines.append(line.format(read=told.read, lost=told.lost, twice=told.twice))
    return lines


def _alarm_lines(told: Figures) -> list[str]:
    lines = []
    if told.to_first_alarm is not None and told.first_alarm is not None:
        line = _("First alarm {n:.1f} minutes after the first post: {title}")
        lines.append(line.format(n=told.to_first_alarm, title=told.first_alarm.title))
    if told.to_first_incident is not None and told.first_incident is not None:
        line = _("First incident {n:.1f} minutes after the first post: {title}")
        lines.append(line.format(n=told.to_first_incident, title=told.first_incident.title))
    lines.append(
        ngettext("{n} false alarm.", "{n} false alarms.", len(told.false_alarms)).format(
            n=len(told.false_alarms)
        )
    )
    lines += [f"  {_false(one)}" for one in told.false_alarms]
    return lines


def _false(alarm: Alarm) -> str:
    kind = _(_KINDS.get(alarm.kind, alarm.kind))
    told = _("minute {n:.0f}, {kind}: {title}")
    return told.format(n=alarm.minute, kind=kind, title=alarm.title)


def _blind_line(one: Blindness) -> str:
    if one.noticed is None:
        told = _("{channel} was out from minute {begin:.0f} to {end:.0f}, which was not noticed.")
        return told.format(channel=one.channel, begin=one.begin, end=one.end)
    told = _(
        "{channel} was out from minute {begin:.0f} to {end:.0f}: noticed after {after:.1f} minutes,"
        " {n} of {all} posts read afterwards."
    )
    return told.format(
        channel=one.channel,
        begin=one.begin,
        end=one.end,
        after=one.noticed - one.begin,
        n=one.backfilled,
        all=one.missed,
    )


# ── recording ────────────────────────────────────────────────────────────────────────────────────


def record_(session: Session, options: argparse.Namespace) -> int:
    """A scenario file out of the team's own history."""
    since, until = _range(options)
    with session.core() as core:
        brand = brand_named(core, options.brand)
        made = record(
            core, brand, since, until, before=timedelta(hours=options.before), keep=options.keep_names
        )
    _write(options.file, made.text)
    if session.json:
        emit({"type": "recording", "file": options.file, "posts": made.posts, "crisis": made.crisis})
        return 0
    told = _("{n} posts written to {file}, {crisis} of them as the crisis. Read it before you pass it on.")
    say(one_line(told.format(n=made.posts, file=options.file, crisis=made.crisis), 300))
    return 0


def _range(options: argparse.Namespace) -> tuple[datetime, datetime]:
    since, until = ranges.span(options.since, options.until)
    if since is None or until is None:
        raise ConfigError(_("Say from when to when, with --from and --to."), field="from")
    if until <= since:
        raise ConfigError(_("The end must come after the beginning."), field="to")
    if not 0 <= options.before <= RECORD_BEFORE:
        told = _("The hours before must lie between 0 and {n}.")
        raise ConfigError(told.format(n=RECORD_BEFORE), field="before")
    return since, until


def _write(path: str, text: str) -> None:
    try:
        Path(path).expanduser().write_text(text, encoding="utf-8")
    except OSError as error:
        told = _("{path} cannot be written: {reason}")
        raise ExportFailed(told.format(path=path, reason=error.strerror or error)) from error
