"""`tingfeng alert` and `tingfeng rule`: who answers for an alert, and what raises one."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from app.cli.output import alert_json, alert_words, complain, emit, one_line, say
from app.cli.session import Session
from app.core import Core
from app.domain.alert import Alert, AlertState
from app.domain.rule import KINDS, AlertRule, Replayed, RuleCase
from app.i18n import _, ngettext


def list_(session: Session, options: argparse.Namespace) -> int:
    """The newest first; those that are done only when asked for."""
    states = (
        () if options.all else (AlertState.OPEN,) if options.open else (AlertState.OPEN, AlertState.SEEN)
    )
    with session.core() as core:
        found = core.alerts(options.limit, states)
    for one in found:
        if session.json:
            emit(alert_json(one))
        else:
            say(f"#{one.id}  {_clock(one.created_at)}  {alert_words(one, session.colour)}")
            if told := _receipt(one):
                say(f"    {told}")
    if not found and not session.json:
        say(_("No alert."))
    return 0


def ack(session: Session, options: argparse.Namespace) -> int:
    """Somebody sees to these. Exit 0 also where that was said before: it is as it should be."""
    with session.core() as core:
        done = core.acknowledge(options.ids, options.as_ or "")
        now = [core.alert(id_) for id_ in options.ids]
    for one in now:
        if session.json:
            emit(alert_json(one))
        elif one.id in done:
            said = _("Alert {id} is acknowledged by {name}.")
            say(said.format(id=one.id, name=one_line(one.acked_by, 40)))
        else:
            said = _("Alert {id} was acknowledged by {name} before.")
            complain(said.format(id=one.id, name=one_line(one.acked_by, 40)))
    return 0


def rules(session: Session, _options: argparse.Namespace) -> int:
    with session.core() as core:
        found = [(one, core.rule_sentence(one)) for one in core.rules()]
    for rule, sentence in found:
        if session.json:
            emit({**rule_json(rule), "sentence": sentence})
        else:
            off = "" if rule.active else "  " + _("(off)")
            say(f"#{rule.id}  {_name(rule)}{off}\n    {one_line(sentence, 600)}")
    if not found and not session.json:
        say(_("There are no rules: nothing raises an alert."))
    return 0


def test(session: Session, options: argparse.Namespace) -> int:
    """What one rule, or each active one, would have raised; changes nothing."""
    with session.core() as core:
        wanted = (
            [core.rule(options.id)]
            if options.id is not None
            else [one for one in core.rules() if one.active]
        )
        for rule in wanted:
            _say_replayed(session, rule, core.preview(rule, options.days))
    return 0


def switch(session: Session, options: argparse.Namespace) -> int:
    """On or off."""
    with session.core() as core:
        rule = _switched(core, options.id, on=options.on)
    if session.json:
        emit(rule_json(rule))
    else:
        say((_("“{rule}” is on.") if rule.active else _("“{rule}” is off.")).format(rule=_name(rule)))
    return 0


def _switched(core: Core, id_: int, *, on: bool) -> AlertRule:
    return core.save_rule(replace(core.rule(id_), active=on))


def rule_json(rule: AlertRule) -> dict[str, Any]:
    """`query` holds only what differs from "any"."""
    said = asdict(rule)
    plain = asdict(AlertRule().query)
    said["query"] = {name: value for name, value in said["query"].items() if value != plain[name]}
    return {"type": "rule", **said}


def _say_replayed(session: Session, rule: AlertRule, found: Replayed) -> None:
    for case in found.cases:
        if session.json:
            emit({"type": "case", "rule_id": rule.id, **asdict(case)})
        else:
            say(_case_words(case))
    if session.json:
        emit(
            {
                "type": "replay",
                "rule_id": rule.id,
                "rule": _name(rule),
                "days": found.days,
                "known": found.known,
                "fired": len(found.cases),
                "shown": found.shown,
                "looked_at": found.looked_at,
                "cut": found.cut,
            }
        )
        return
    n = found.shown
    told = ngettext(
        "{rule}: over the last {days} days this would have disturbed {n} time; {listed} more only listed.",
        "{rule}: over the last {days} days this would have disturbed {n} times; {listed} more only listed.",
        n,
    )
    say(told.format(rule=_name(rule), days=found.days, n=n, listed=len(found.cases) - n))
    if found.known < found.days - 1:
        complain(_("Only {days} of these days have mentions to judge by.").format(days=found.known))
    if found.cut:
        said = _("There is more than is looked at here: only the newest {n} posts were tried.")
        complain(said.format(n=found.looked_at))


def _case_words(case: RuleCase) -> str:
    copies = _(" ×{n}").format(n=case.copies) if case.copies > 1 else ""
    refs = " ".join(f"#{id_}" for id_ in case.mention_ids[:5])
    if case.incident_id is not None:
        refs = _("incident {id}").format(id=case.incident_id)
    held = "  " + _("Only listed: {reason}").format(reason=one_line(case.held, 60)) if case.held else ""
    title = one_line(case.title.removeprefix(case.severity).lstrip(), 100)
    return f"  {_clock(case.at)}  {case.severity}  {title}{copies}  {refs}{held}"


def _receipt(alert: Alert) -> str:
    if alert.acked_at is not None:
        said = _("Acknowledged by {name}, {when}")
        return said.format(name=one_line(alert.acked_by, 40), when=_clock(alert.acked_at))
    if alert.climbs_at is not None:
        return _("Nobody has acknowledged it yet; it climbs at {when}").format(when=_clock(alert.climbs_at))
    return ""


def _name(rule: AlertRule) -> str:
    return one_line(rule.name, 60) or _(KINDS[rule.kind])


def _clock(at: datetime) -> str:
    return f"{at.astimezone():%m-%d %H:%M}"
