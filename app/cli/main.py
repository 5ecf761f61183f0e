"""The command line: one parser, one table of commands, one place where errors become exit codes.

0 fine · 1 refused or failed, one sentence on standard error · 2 usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from app import __version__, log
from app.cli.commands import data, seeing
from app.cli.options import alerting, answering, desk, judging, reading
from app.cli.options.common import command
from app.cli.output import complain, ready, silence
from app.cli.session import Command, Session, home_of
from app.errors import AppError, QueryError
from app.i18n import N_, _, preferred, set_language
from app.settings import file

OpenWindow = Callable[[Session, str], int]


def run(arguments: Sequence[str], open_window: OpenWindow) -> int:
    """`open_window` is called for a bare `tingfeng`; it falls back to the terminal by itself."""
    ready(sys.stdout)
    ready(sys.stderr)
    _choose_language(arguments)
    outlets = bool({"channel", "tracker"} & set(arguments))
    options = _parser(sources="source" in arguments, outlets=outlets).parse_args(arguments)
    session = Session(home_of(options.home), options.db, getattr(options, "json", False), open_window)
    wanted: Command | None = getattr(options, "command", None)
    try:
        return open_window(session, "") if wanted is None else wanted(session, options)
    except QueryError as error:
        complain(_("{problem} (character {at})").format(problem=error.text, at=error.at + 1))
        return 1
    except AppError as error:
        complain(error.text)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        silence()  # whoever read our output has seen enough; nothing is wrong
        return 0
    except OSError as error:
        return _cannot_go_on(session, error, _("The system refused: {reason}"))
    except Exception as error:  # noqa: BLE001  # the last door: a person gets a sentence, the log the rest
        return _cannot_go_on(
            session, error, _("Something unexpected went wrong ({reason}); the log says more.")
        )


def _cannot_go_on(session: Session, error: Exception, told: str) -> int:
    """Standard output may be the very thing that failed (a full disk), so nothing more goes there."""
    log.start(session.home.logs)
    log.topic("cli").error("the command failed", exc_info=error)
    log.stop()
    silence()
    reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    complain(told.format(reason=reason))
    return 1


# argparse speaks through these two names of its own module; its words, for extraction.
_ARGPARSE = (
    N_("usage: "),
    N_("options"),
    N_("positional arguments"),
    N_("show this help message and exit"),
    N_("show program's version number and exit"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("expected one argument"),
    N_("invalid %(type)s value: %(value)r"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
)


def _choose_language(arguments: Sequence[str]) -> None:
    """Before the parser is built, since its help is translated too."""
    early = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    early.add_argument("--home")
    early.add_argument("--lang")
    try:
        given, _rest = early.parse_known_args(list(arguments))
    except (argparse.ArgumentError, SystemExit):
        set_language(preferred())
        return
    try:
        said = file.load(home_of(given.home).settings).language
    except AppError:
        said = ""
    set_language(given.lang or said or preferred())
    setattr(argparse, "_", _)  # noqa: B010  # its only door for translations


def _parser(*, sources: bool, outlets: bool) -> argparse.ArgumentParser:
    """`sources`: with the kinds of sources, for which all monitors are imported; `outlets`: with those of
    channels and trackers."""
    top = argparse.ArgumentParser(
        prog="tingfeng",
        description=_("A desktop social-listening monitor for Chinese brands."),
        epilog=_("Without a command the window opens."),
    )
    top.add_argument("--version", action="version", version=f"tingfeng {__version__}")
    top.add_argument("--home", metavar="DIR", help=_("keep everything in this folder"))
    top.add_argument(
        "--db", metavar="URL", help=_("a database other than the home's own: a path or postgresql://…")
    )
    top.add_argument("--lang", choices=("zh_CN", "en"), help=_("language"))
    top.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    commands = top.add_subparsers(metavar=_("COMMAND"))
    reading.add_watch(commands)
    reading.add_brand(commands)
    reading.add_source(commands, kinds=sources)
    reading.add_data(commands)
    answering.add_replying(commands)
    desk.add_people(commands)
    answering.add_knowledge(commands)
    answering.add_modelling(commands)
    judging.add_judging(commands)
    judging.add_learning(commands)
    judging.add_bursts(commands)
    judging.add_stories(commands)
    judging.add_warning(commands)
    alerting.add_outlets(commands, kinds=outlets)
    alerting.add_alerting(commands)
    judging.add_drill(commands)
    desk.add_desk(commands)
    gone = command(commands, "gaps", seeing.gaps, _("when sources were not read, and what became of it"))
    gone.add_argument("--from", dest="since", metavar="WHEN", help=_("2026-11-01, 7d, today, yesterday"))
    gone.add_argument("--to", dest="until", metavar="WHEN", help=_("the end; a day counts whole"))
    gone.add_argument("--source", type=int, metavar="ID")
    doctor = command(commands, "doctor", data.doctor, _("what works here and what does not"))
    doctor.set_defaults(command=data.doctor)
    return top
