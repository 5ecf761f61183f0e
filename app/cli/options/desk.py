"""Options of the commands about the queue, the books, people and deadlines."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from app.cli.commands import desk, people
from app.cli.options.common import Commands, command, day, positive
from app.cli.session import Command
from app.i18n import _


def add_desk(to: Commands[argparse.ArgumentParser]) -> None:
    group = to.add_parser("desk", help=_("what waits for an answer, and whose it is")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    made = command(group, "list", desk.list_, _("list what waits, by time left"))
    piles = made.add_mutually_exclusive_group()
    for name in ("mine", "unclaimed", "team", "waiting", "done"):
        piles.add_argument(f"--{name}", dest="pile", action="store_const", const=name, help=_PILES[name]())
    made.set_defaults(pile="team")
    made.add_argument("--as", dest="as_", metavar="NAME", help=_("whose list (default: yours)"))
    made.add_argument("--brand", action="append", default=[], metavar="NAME")
    made.add_argument("--severity", action="append", default=[], choices=("P1", "P2", "P3"))
    made.add_argument("--all-teams", action="store_true", help=_("not only of your own team"))
    made.add_argument("--limit", type=positive, default=200, metavar="N")
    _add_desk_act(group, "claim", desk.claim, _("take a mention on"))
    _add_desk_act(group, "release", desk.release, _("give a mention back"))
    made = _add_desk_act(
        group, "take-over", desk.take_over, _("take a mention over from a colleague, openly")
    )
    made.add_argument("--why", required=True, metavar="T", help=_("your colleague reads it"))
    made = _add_desk_act(group, "assign", desk.assign, _("give a mention to a colleague"))
    made.add_argument("--to", required=True, metavar="NAME")
    made.add_argument("--note", metavar="T", help=_("a note to your colleague"))
    made = _add_desk_act(group, "note", desk.note, _("say something to colleagues; @NAME is shown it"))
    made.add_argument("--text", required=True, metavar="T")
    made = _add_desk_act(group, "pause", desk.pause, _("it waits for somebody else"))
    made.add_argument("--why", metavar="T", help=_("what it waits for"))
    _add_desk_act(group, "resume", desk.resume, _("it waits no longer"))
    _add_desk_act(group, "done", desk.done, _("it is answered, elsewhere or by hand"))
    _add_desk_act(group, "ignore", desk.ignore, _("it needs no answer"))
    _add_desk_act(group, "reopen", desk.reopen, _("it was done too soon"))
    _add_audit(to)


_PILES: dict[str, Callable[[], str]] = {
    "mine": lambda: _("what you have claimed"),
    "unclaimed": lambda: _("what nobody has, or whose claim ran out"),
    "team": lambda: _("all that is open (the default)"),
    "waiting": lambda: _("what waits for somebody else"),
    "done": lambda: _("what is answered"),
}


def _add_desk_act(
    to: Commands[argparse.ArgumentParser], name: str, run_: Command, about: str
) -> argparse.ArgumentParser:
    made = command(to, name, run_, about)
    made.add_argument("id", type=int, metavar="MENTION")
    made.add_argument("--as", dest="as_", metavar="NAME", help=_("who does it (default: you)"))
    return made


def _add_audit(to: Commands[argparse.ArgumentParser]) -> None:
    made = command(to, "audit", desk.audit, _("who saw, claimed, wrote, approved, sent what and when"))
    made.add_argument("--from", dest="since", metavar="WHEN", help=_("2026-11-01, 7d, today, yesterday"))
    made.add_argument("--to", dest="until", metavar="WHEN", help=_("the end; a day counts whole"))
    made.add_argument("--by", metavar="NAME", help=_("only what this person did"))
    made.add_argument(
        "--what",
        action="append",
        default=[],
        metavar="DEED",
        help=_("claim, answer, note … (may be repeated)"),
    )
    made.add_argument("--mention", type=int, metavar="ID")
    made.add_argument("--limit", type=positive, default=200, metavar="N")
    made.add_argument("--out", metavar="FILE", help=_("all of it, as .csv, .xlsx or .jsonl"))


def add_people(to: Commands[argparse.ArgumentParser]) -> None:
    group = to.add_parser("team", help=_("teams and when they work")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    command(group, "list", people.team_list, _("list the teams and who is on duty"))
    made = command(group, "add", people.team_add, _("add a team"))
    made.add_argument("name", metavar="NAME")
    _add_calendar(made)
    made = command(group, "calendar", people.team_calendar, _("show or change when a team works"))
    made.add_argument("name", metavar="NAME")
    _add_calendar(made)
    made.add_argument("--day", type=day, metavar="DATE", help=_("show the week in which this day lies"))
    made = command(group, "remove", people.team_remove, _("remove a team"))
    made.add_argument("name", metavar="NAME")
    group = to.add_parser("person", help=_("colleagues, and how to reach them")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    made = command(group, "list", people.person_list, _("list the colleagues"))
    made.add_argument("--on-duty", action="store_true", help=_("only those who are there now"))
    for name, act, about in (
        ("add", people.person_add, _("add a colleague")),
        ("change", people.person_change, _("change what is known of a colleague")),
    ):
        _add_person(command(group, name, act, about))
    made = command(group, "remove", people.person_remove, _("strike a colleague off"))
    made.add_argument("name", metavar="NAME")
    _add_deadlines(command(to, "deadlines", people.deadlines, _("how long an answer may take")))


def _add_calendar(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--shift",
        action="append",
        default=[],
        metavar="SHIFT",
        help=_("“1-5 09:00-12:00”, Monday is 1; “holidays” after it: also then (may be repeated)"),
    )
    to.add_argument("--always", action="store_true", help=_("day and night, every day"))
    to.add_argument("--zone", metavar="ZONE", help=_("the time zone, like Asia/Shanghai"))
    to.add_argument(
        "--china",
        action=argparse.BooleanOptionalAction,
        default=None,
        help=_("China's public holidays are free and make-up days are worked"),
    )
    for option, about in (
        ("--off", _("a day off of this team's own (may be repeated)")),
        ("--on", _("a day that this team works (may be repeated)")),
        ("--usual", _("take such a day back (may be repeated)")),
    ):
        to.add_argument(option, action="append", default=[], type=day, metavar="DATE", help=about)


def _add_person(to: argparse.ArgumentParser) -> None:
    to.add_argument("name", metavar="NAME")
    to.add_argument("--team", metavar="NAME", help=_("whose team; empty for none"))
    to.add_argument(
        "--lead", action=argparse.BooleanOptionalAction, default=None, help=_("alerts climb to a lead")
    )
    to.add_argument(
        "--contact",
        action="append",
        default=[],
        metavar="KIND=ADDRESS",
        help=_("how to reach them: dingtalk=13800000000, email=… (may be repeated)"),
    )
    to.add_argument(
        "--away", action=argparse.BooleanOptionalAction, default=None, help=_("not there for now")
    )
    to.add_argument(
        "--budget", type=int, metavar="N", help=_("so many alerts an hour may disturb them; 0: no limit")
    )


def _add_deadlines(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--where", metavar="WHERE", help=_("all, forums, a platform (weibo …) or source:3; default: all")
    )
    for name in ("p1", "p2", "p3"):
        to.add_argument(
            f"--{name}", type=int, metavar="MINUTES", help=_("minutes to the first answer; 0: no deadline")
        )
    to.add_argument("--forget", action="store_true", help=_("remove the line for --where"))
    to.add_argument(
        "--start", choices=("seen", "published"), help=_("the clock begins when we see it, or with it")
    )
    to.add_argument(
        "--max-age",
        type=int,
        metavar="HOURS",
        help=_("what is older does not come to the desk by itself"),
    )
    to.add_argument("--team", metavar="NAME", help=_("whose it is; empty for nobody's"))
    to.add_argument(
        "--brand-team", action="append", default=[], metavar="BRAND=TEAM", help=_("the team of a brand")
    )
    to.add_argument(
        "--source-team", action="append", default=[], metavar="ID=TEAM", help=_("the team of a source")
    )
