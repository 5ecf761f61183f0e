"""Options of the commands about alerts, rules, channels and trackers."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from app.cli.commands import alerting, channels
from app.cli.options.common import Commands, add_field, command, positive
from app.cli.session import Command
from app.i18n import _
from app.settings.schema import specs


def add_outlets(to: Commands[argparse.ArgumentParser], *, kinds: bool) -> None:
    group = to.add_parser("channel", help=_("ways out for alerts: robots, e-mail, webhooks"))
    acts = group.add_subparsers(required=True, metavar=_("ACTION"))
    _add_outlet(acts, "channel", _kinds_of("channel") if kinds else ())
    _numbered(acts, "test", channels.test, "channel", _("send one test message"))
    group = to.add_parser("tracker", help=_("bug trackers into which mentions are escalated"))
    acts = group.add_subparsers(required=True, metavar=_("ACTION"))
    _add_outlet(acts, "tracker", _kinds_of("tracker") if kinds else ())
    _numbered(acts, "check", channels.test, "tracker", _("ask whether it is there; makes nothing"))
    made = command(acts, "issues", channels.issues, _("list the issues that were made, newest first"))
    made.add_argument("--limit", type=positive, default=50, metavar="N")
    made = command(
        to, "escalate", channels.escalate, _("make an issue of a mention in a bug tracker, once")
    )
    made.add_argument("id", type=int, metavar="MENTION")
    made.add_argument(
        "--to", metavar="TRACKER", help=_("its name or number; needed where there are several")
    )
    made.add_argument("--note", metavar="TEXT", help=_("what you want them to know"))


def _kinds_of(what: str) -> Sequence[type[Any]]:
    """Imported only where they are wanted."""
    if what == "channel":
        from app.alerts.channels import ALL  # noqa: PLC0415

        return ALL
    from app.trackers import ALL as TRACKERS  # noqa: PLC0415

    return TRACKERS


def _add_outlet(acts: Commands[argparse.ArgumentParser], what: str, kinds: Sequence[type[Any]]) -> None:
    adding = acts.add_parser("add", help=_("set one up")).add_subparsers(required=True, metavar="KIND")
    for kind in kinds:
        made = command(adding, kind.info.id, channels.add, _(kind.info.about))
        made.set_defaults(kind=kind.info.id, what=what)
        made.add_argument("--name", help=_("how you call it"))
        for name, spec in specs(kind.Settings):
            if spec.asked:
                add_field(made, name, spec)
    listed = command(acts, "list", channels.list_, _("list them, and how each fares"))
    listed.set_defaults(what=what)
    held = _numbered(acts, "pause", channels.pause, what, _("leave one alone for now"))
    held.add_argument("--off", action="store_true", help=_("use it again"))
    _numbered(acts, "remove", channels.remove, what, _("use it no longer"))


def _numbered(
    acts: Commands[argparse.ArgumentParser], name: str, run_: Command, what: str, about: str
) -> argparse.ArgumentParser:
    made = command(acts, name, run_, about)
    made.set_defaults(what=what)
    made.add_argument("id", type=int, metavar="ID")
    return made


def add_alerting(to: Commands[argparse.ArgumentParser]) -> None:
    group = to.add_parser("alert", help=_("alerts, and who answers for them")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    made = command(group, "list", alerting.list_, _("list the alerts, newest first (default: not done)"))
    which = made.add_mutually_exclusive_group()
    which.add_argument("--open", action="store_true", help=_("only those that nobody has seen to"))
    which.add_argument("--all", action="store_true", help=_("also those that are done"))
    made.add_argument("--limit", type=positive, default=50, metavar="N")
    made = command(group, "ack", alerting.ack, _("say that somebody sees to alerts: they climb no further"))
    made.add_argument("ids", nargs="+", type=int, metavar="ID")
    made.add_argument("--as", dest="as_", metavar="NAME", help=_("who (default: your name)"))
    group = to.add_parser("rule", help=_("rules that raise alerts")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    command(group, "list", alerting.rules, _("list the rules as sentences"))
    made = command(group, "test", alerting.test, _("how often a rule would have alerted; changes nothing"))
    made.add_argument("id", nargs="?", type=int, metavar="ID", help=_("default: every rule that is on"))
    made.add_argument("--days", type=positive, default=30, metavar="N", help=_("so far back"))
    for name, on, about in (
        ("on", True, _("switch a rule on")),
        ("off", False, _("switch a rule off")),
    ):
        made = command(group, name, alerting.switch, about)
        made.add_argument("id", type=int, metavar="ID")
        made.set_defaults(on=on)
