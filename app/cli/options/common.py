"""What options of all commands are made of."""

from __future__ import annotations

import argparse
from datetime import date

from app.cli.session import Command
from app.i18n import _
from app.settings.schema import Spec

Commands = argparse._SubParsersAction  # argparse names its only type for this so


def command(
    to: Commands[argparse.ArgumentParser], name: str, run_: Command, about: str
) -> argparse.ArgumentParser:
    made = to.add_parser(name, help=about, description=about)
    made.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help=_("one JSON object a line")
    )
    made.set_defaults(command=run_)
    return made


def add_field(to: argparse.ArgumentParser, name: str, spec: Spec) -> None:
    option, dest, about = f"--{name.replace('_', '-')}", f"field_{name}", _(spec.help) or _(spec.label)
    about = about.replace("%", "%%")
    if spec.kind == "flag":
        to.add_argument(option, dest=dest, action=argparse.BooleanOptionalAction, default=None, help=about)
    elif spec.kind == "secret":
        to.add_argument(
            f"{option}-stdin",
            dest=dest,
            action="store_true",
            help=_("{about} (one line of standard input)").format(about=about),
        )
    elif spec.kind == "choice":
        to.add_argument(option, dest=dest, choices=spec.choices, help=about)
    elif spec.kind == "lines":
        to.add_argument(option, dest=dest, help=_("{about} (commas between them)").format(about=about))
    else:
        to.add_argument(option, dest=dest, help=about)


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(_("it must be a date like 2026-10-01")) from None


def positive(text: str) -> int:
    if not text.isdecimal() or int(text[:12]) < 1:
        raise argparse.ArgumentTypeError(_("it must be a whole number from 1 on"))
    return int(text[:12])
