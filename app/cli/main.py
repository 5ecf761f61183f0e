"""The command line: one parser, one table of commands, one place where errors become exit codes.

0 fine · 1 refused or failed, one sentence on standard error · 2 usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from app import __version__, log
from app.analysis.scoring import ENGINES
from app.cli.later import Later
from app.cli.output import complain, ready, silence
from app.cli.session import Command, Session, home_of
from app.domain.draft import Manner
from app.domain.mention import Status
from app.domain.sentiment import Tone
from app.drill import DEFAULT, FASTEST
from app.errors import AppError, QueryError
from app.i18n import N_, _, preferred, set_language
from app.settings import file
from app.settings.model import PRESETS
from app.settings.schema import Spec, specs

if TYPE_CHECKING:
    from app.cli import (
        alerting,
        brand,
        bursts,
        channels,
        data,
        desk,
        drill,
        evaluating,
        judging,
        knowledge,
        learning,
        modelling,
        people,
        replying,
        seeing,
        source,
        stories,
        warning,
        watch,
    )
    from monitors.base import Monitor
else:  # `tingfeng score` answers its first line before the core could have been imported
    alerting = Later("app.cli.alerting")
    brand = Later("app.cli.brand")
    bursts = Later("app.cli.bursts")
    channels = Later("app.cli.channels")
    data = Later("app.cli.data")
    desk = Later("app.cli.desk")
    drill = Later("app.cli.drill")
    evaluating = Later("app.cli.evaluating")
    judging = Later("app.cli.judging")
    knowledge = Later("app.cli.knowledge")
    learning = Later("app.cli.learning")
    people = Later("app.cli.people")
    modelling = Later("app.cli.modelling")
    replying = Later("app.cli.replying")
    seeing = Later("app.cli.seeing")
    source = Later("app.cli.source")
    stories = Later("app.cli.stories")
    warning = Later("app.cli.warning")
    watch = Later("app.cli.watch")

MODELS = tuple(one.key for one in PRESETS)

OpenWindow = Callable[[Session, str], int]


def run(arguments: Sequence[str], open_window: OpenWindow) -> int:
    """`open_window` is called for a bare `tingfeng`; it falls back to the terminal by itself."""
    ready(sys.stdout)
    ready(sys.stderr)
    _choose_language(arguments)
    outlets = bool({"channel", "tracker"} & set(arguments))
    options = _parser(sources="source" in arguments, outlets=outlets).parse_args(arguments)
    session = Session(home_of(options.home), options.db, getattr(options, "json", False), open_window)
    command: Command | None = getattr(options, "command", None)
    try:
        return open_window(session, "") if command is None else command(session, options)
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
    _add_watch(commands)
    _add_brand(commands)
    _add_source(commands, kinds=sources)
    _add_data(commands)
    _add_replying(commands)
    _add_people(commands)
    _add_knowledge(commands)
    _add_modelling(commands)
    _add_judging(commands)
    _add_learning(commands)
    _add_bursts(commands)
    _add_stories(commands)
    _add_warning(commands)
    _add_outlets(commands, kinds=outlets)
    _add_alerting(commands)
    _add_drill(commands)
    _add_desk(commands)
    gone = _command(commands, "gaps", seeing.gaps, _("when sources were not read, and what became of it"))
    gone.add_argument("--from", dest="since", metavar="WHEN", help=_("2026-11-01, 7d, today, yesterday"))
    gone.add_argument("--to", dest="until", metavar="WHEN", help=_("the end; a day counts whole"))
    gone.add_argument("--source", type=int, metavar="ID")
    doctor = _command(commands, "doctor", data.doctor, _("what works here and what does not"))
    doctor.set_defaults(command=data.doctor)
    return top


Commands = argparse._SubParsersAction  # argparse names its only type for this so


def _command(
    to: Commands[argparse.ArgumentParser], name: str, run_: Command, about: str
) -> argparse.ArgumentParser:
    made = to.add_parser(name, help=about, description=about)
    made.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help=_("one JSON object a line")
    )
    made.set_defaults(command=run_)
    return made


def _add_watch(to: Commands[argparse.ArgumentParser]) -> None:
    made = _command(to, "watch", watch.watch, _("poll the sources and print mentions and alerts"))
    made.add_argument("--once", action="store_true", help=_("poll every source once and exit"))


def _add_brand(to: Commands[argparse.ArgumentParser]) -> None:
    group = to.add_parser("brand", help=_("brands to watch")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    add = _command(group, "add", brand.add, _("watch a brand"))
    add.add_argument("name", metavar="NAME")
    add.add_argument("--query", metavar="Q", help=_("the query that finds it (default: its name)"))
    add.add_argument(
        "--competitor", action="store_true", help=_("a competitor's brand: counted, never alerted")
    )
    add.add_argument(
        "--alias", action="append", default=[], metavar="NAME", help=_("a further name (may be repeated)")
    )
    add.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="PHRASE",
        help=_("a phrase inside which the brand's word does not count (may be repeated)"),
    )
    _command(group, "list", brand.list_, _("list the brands"))
    remove = _command(group, "remove", brand.remove, _("stop watching a brand"))
    remove.add_argument("name", metavar="NAME")


def _add_source(to: Commands[argparse.ArgumentParser], *, kinds: bool) -> None:
    group = to.add_parser("source", help=_("where to look")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    adding = group.add_parser("add", help=_("read a source")).add_subparsers(required=True, metavar="KIND")
    for monitor in _monitors() if kinds else ():
        made = _command(adding, monitor.info.id, source.add, _(monitor.info.about))
        made.set_defaults(kind=monitor.info.id)
        made.add_argument("--name", help=_("how you call this source"))
        made.add_argument("--brand", metavar="NAME", help=_("everything from here is about this brand"))
        made.add_argument("--every", type=int, metavar="SECONDS", help=_("seconds between polls"))
        made.add_argument(
            "--canary", metavar="POST", help=_("a post that must be findable: its number, address or words")
        )
        for name, spec in specs(monitor.Settings):
            if spec.asked:
                _add_field(made, name, spec)
        if monitor.info.id == "feed":
            _add_preset(made)
    _command(group, "kinds", source.kinds, _("what kinds of sources there are"))
    _command(group, "presets", source.presets, _("ready routes of an RSSHub server"))
    _command(group, "list", source.list_, _("list the sources and their health"))
    shown = _command(group, "show", seeing.show, _("all that is known of how well a source is seen"))
    shown.add_argument("id", type=int, metavar="ID")
    check = _command(group, "check", source.check, _("ask the sources now whether they can be read"))
    check.add_argument("id", type=int, nargs="?", metavar="ID")
    enter = _command(group, "sign-in", source.sign_in, _("sign in to a source's platform in the browser"))
    enter.add_argument("id", type=int, metavar="ID")
    enter.add_argument(
        "--code-stdin",
        action="store_true",
        help=_("read the code, or the address the browser came back to (one line of standard input)"),
    )
    enter.add_argument("--no-browser", action="store_true", help=_("only print the address to open"))
    remove = _command(group, "remove", source.remove, _("stop reading a source"))
    remove.add_argument("id", type=int, metavar="ID")


def _monitors() -> Sequence[type[Monitor[Any]]]:
    from monitors import ALL  # noqa: PLC0415  # httpx and all, for one command

    return ALL


def _add_field(to: argparse.ArgumentParser, name: str, spec: Spec) -> None:
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


def _add_outlets(to: Commands[argparse.ArgumentParser], *, kinds: bool) -> None:
    group = to.add_parser("channel", help=_("ways out for alerts: robots, e-mail, webhooks"))
    acts = group.add_subparsers(required=True, metavar=_("ACTION"))
    _add_outlet(acts, "channel", _kinds_of("channel") if kinds else ())
    _numbered(acts, "test", channels.test, "channel", _("send one test message"))
    group = to.add_parser("tracker", help=_("bug trackers into which mentions are escalated"))
    acts = group.add_subparsers(required=True, metavar=_("ACTION"))
    _add_outlet(acts, "tracker", _kinds_of("tracker") if kinds else ())
    _numbered(acts, "check", channels.test, "tracker", _("ask whether it is there; makes nothing"))
    made = _command(acts, "issues", channels.issues, _("list the issues that were made, newest first"))
    made.add_argument("--limit", type=_positive, default=50, metavar="N")
    made = _command(
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
        made = _command(adding, kind.info.id, channels.add, _(kind.info.about))
        made.set_defaults(kind=kind.info.id, what=what)
        made.add_argument("--name", help=_("how you call it"))
        for name, spec in specs(kind.Settings):
            if spec.asked:
                _add_field(made, name, spec)
    listed = _command(acts, "list", channels.list_, _("list them, and how each fares"))
    listed.set_defaults(what=what)
    held = _numbered(acts, "pause", channels.pause, what, _("leave one alone for now"))
    held.add_argument("--off", action="store_true", help=_("use it again"))
    _numbered(acts, "remove", channels.remove, what, _("use it no longer"))


def _numbered(
    acts: Commands[argparse.ArgumentParser], name: str, run_: Command, what: str, about: str
) -> argparse.ArgumentParser:
    made = _command(acts, name, run_, about)
    made.set_defaults(what=what)
    made.add_argument("id", type=int, metavar="ID")
    return made


def _add_preset(to: argparse.ArgumentParser) -> None:
    to.add_argument("--preset", metavar="KEY", help=_("a route of an RSSHub server; see: source presets"))
    to.add_argument("--base", metavar="URL", help=_("the address of your RSSHub server"))
    to.add_argument(
        "--value", action="append", default=[], metavar="FIELD=TEXT", help=_("fills a field of the route")
    )


def _add_data(to: Commands[argparse.ArgumentParser]) -> None:
    take = _command(
        to, "import", data.import_, _("take in crawl files or sheets: JSONL, CSV, XLSX, SQLite, folders")
    )
    take.add_argument("path", metavar="PATH")
    take.add_argument(
        "--map", metavar="MAPPING", help=_("a saved mapping's name, or text=COLUMN,url=COLUMN …")
    )
    take.add_argument("--platform", help=_("where the posts are from, if the file does not say"))
    take.add_argument("--brand", metavar="NAME", help=_("everything in it is about this brand"))
    take.add_argument("--no-score", action="store_true", help=_("leave the judgement for later"))
    find = _command(to, "search", data.search, _("search all that is stored"))
    find.add_argument("query", metavar="QUERY")
    find.add_argument("--limit", type=_positive, default=50, metavar="N")
    out = _command(to, "export", data.export, _("write mentions to a sheet"))
    out.add_argument(
        "--out", required=True, metavar="FILE", help=_(".xlsx (summary, charts, rows) or .csv")
    )
    out.add_argument(
        "--from", dest="since", metavar="WHEN", help=_("2026-11-01, 2026-11-01T09:00, 7d, today, yesterday")
    )
    out.add_argument("--to", dest="until", metavar="WHEN", help=_("the end; a day counts whole"))
    out.add_argument("--brand", action="append", default=[], metavar="NAME")
    out.add_argument("--tone", action="append", default=[], choices=[tone.value for tone in Tone])
    out.add_argument("--status", action="append", default=[], choices=[status.value for status in Status])
    out.add_argument("--platform", action="append", default=[], metavar="NAME")
    out.add_argument("--source", action="append", default=[], type=int, metavar="ID")
    out.add_argument("--author", metavar="NAME")
    out.add_argument("--query", metavar="Q", help=_("a search text"))
    out.add_argument("--all", action="store_true", help=_("also posts that name no brand"))


def _add_replying(to: Commands[argparse.ArgumentParser]) -> None:
    made = _command(to, "reply", replying.reply, _("answer a mention through the platform's interface"))
    made.add_argument("id", type=int, metavar="MENTION")
    made.add_argument(
        "--text", required=True, metavar="T", help=_("the answer; - reads it from standard input")
    )
    _add_approval(made)
    made = _command(to, "mark", replying.mark, _("feature a comment under your own post"))
    made.add_argument("id", type=int, metavar="MENTION")
    made.add_argument("--off", action="store_true", help=_("take it back"))
    _add_yes(made)
    made = _command(to, "send", replying.send, _("send an answer that waits in the outbox"))
    made.add_argument("id", metavar="ID", help=_("its number in the outbox, or mN: the one to mention N"))
    _add_approval(made)
    made.add_argument(
        "--after",
        type=_seconds,
        metavar="SECONDS",
        default=0.0,
        help=_("wait, so that Ctrl+C takes it back"),
    )
    group = to.add_parser("outbox", help=_("answers on their way, and what became of them")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    made = _command(group, "list", replying.list_, _("list the answers, the newest first"))
    made.add_argument("--open", action="store_true", help=_("only those that a person must see to"))
    made = _command(
        group, "settle", replying.settle, _("say of an answer that was perhaps sent whether it was")
    )
    made.add_argument("id", type=int, metavar="ID")
    made.add_argument("what", choices=("sent", "unsent"))
    made = _command(group, "write", replying.write, _("write an answer that somebody else approves"))
    made.add_argument("id", type=int, metavar="MENTION")
    made.add_argument(
        "--text", required=True, metavar="T", help=_("the answer; - reads it from standard input")
    )
    made.add_argument("--as", dest="as_", metavar="NAME", help=_("who writes it"))
    made.add_argument("--review", metavar="NAME", default="", help=_("who is asked to approve it"))
    made = _command(
        group, "approve", replying.approve, _("say yes to a written answer; this sends nothing")
    )
    made.add_argument("id", type=int, metavar="ID")
    made.add_argument("--as", dest="as_", metavar="NAME", required=True, help=_("who approves it"))
    for name, act, told in (
        ("back", replying.back, _("take an approved answer back before it leaves")),
        ("drop", replying.drop, _("drop a written or copied answer")),
        ("posted", replying.posted, _("say that a copied answer was posted by hand")),
    ):
        made = _command(group, name, act, told)
        made.add_argument("id", type=int, metavar="ID")
        made.add_argument("--as", dest="as_", metavar="NAME", help=_("who says so"))
        if name == "posted":
            made.add_argument("--text", default="", metavar="T", help=_("what was posted, if other words"))
    made = _command(group, "rule", replying.rule, _("show or set whether two people must approve"))
    made.add_argument("--second", choices=("on", "off"), help=_("the yes of somebody else than the writer"))


def _add_modelling(to: Commands[argparse.ArgumentParser]) -> None:
    group = to.add_parser("model", help=_("a language model that drafts answers (off by default)"))
    acts = group.add_subparsers(required=True, metavar=_("ACTION"))
    _command(acts, "show", modelling.show, _("which model, and whether it is on"))
    _command(acts, "check", modelling.check, _("ask the model whether it answers; no post is sent"))
    made = _command(acts, "draft", modelling.draft, _("draft an answer; nothing is posted"))
    made.add_argument("id", type=int, metavar="MENTION")
    made.add_argument("--manner", choices=("formal", "warm", "brief"))
    made.add_argument("--show", action="store_true", help=_("only show exactly what would leave"))
    made = _command(acts, "set", modelling.set_, _("choose the model, switch it on or off"))
    made.add_argument("--preset", metavar="NAME", help=", ".join(MODELS))
    made.add_argument("--base", metavar="URL", help=_("the address, without /chat/completions"))
    made.add_argument("--model", metavar="NAME")
    made.add_argument("--temperature", choices=("0", "0.2", "0.5", "0.8", "1"))
    made.add_argument("--max-tokens", type=int, metavar="N")
    made.add_argument("--first-seconds", type=int, metavar="N", help=_("wait so long for the first word"))
    made.add_argument("--thinking", choices=("default", "off"))
    for name, told in (("--mask", _("mask names and numbers")), ("--stream", _("stream the text"))):
        made.add_argument(name, choices=("on", "off"), help=told)
    made.add_argument("--key-stdin", action="store_true", help=_("read the key from standard input"))
    made.add_argument("--forget-key", action="store_true")
    made.add_argument("--on", action="store_true", help=_("switch it on; says what leaves and to whom"))
    made.add_argument("--agree", action="store_true", help=_("with --on: I have read that"))
    made.add_argument("--off", action="store_true")


def _seconds(given: str) -> float:
    """0 to ten minutes."""
    try:
        seconds = float(given)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 600:
        raise argparse.ArgumentTypeError(_("must be a number of seconds from 0 to 600"))
    return seconds


def _add_desk(to: Commands[argparse.ArgumentParser]) -> None:
    group = to.add_parser("desk", help=_("what waits for an answer, and whose it is")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    made = _command(group, "list", desk.list_, _("list what waits, by time left"))
    piles = made.add_mutually_exclusive_group()
    for name in ("mine", "unclaimed", "team", "waiting", "done"):
        piles.add_argument(f"--{name}", dest="pile", action="store_const", const=name, help=_PILES[name]())
    made.set_defaults(pile="team")
    made.add_argument("--as", dest="as_", metavar="NAME", help=_("whose list (default: yours)"))
    made.add_argument("--brand", action="append", default=[], metavar="NAME")
    made.add_argument("--severity", action="append", default=[], choices=("P1", "P2", "P3"))
    made.add_argument("--all-teams", action="store_true", help=_("not only of your own team"))
    made.add_argument("--limit", type=_positive, default=200, metavar="N")
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
    made = _command(to, name, run_, about)
    made.add_argument("id", type=int, metavar="MENTION")
    made.add_argument("--as", dest="as_", metavar="NAME", help=_("who does it (default: you)"))
    return made


def _add_audit(to: Commands[argparse.ArgumentParser]) -> None:
    made = _command(to, "audit", desk.audit, _("who saw, claimed, wrote, approved, sent what and when"))
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
    made.add_argument("--limit", type=_positive, default=200, metavar="N")
    made.add_argument("--out", metavar="FILE", help=_("all of it, as .csv, .xlsx or .jsonl"))


def _add_people(to: Commands[argparse.ArgumentParser]) -> None:
    group = to.add_parser("team", help=_("teams and when they work")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    _command(group, "list", people.team_list, _("list the teams and who is on duty"))
    made = _command(group, "add", people.team_add, _("add a team"))
    made.add_argument("name", metavar="NAME")
    _add_calendar(made)
    made = _command(group, "calendar", people.team_calendar, _("show or change when a team works"))
    made.add_argument("name", metavar="NAME")
    _add_calendar(made)
    made.add_argument("--day", type=_day, metavar="DATE", help=_("show the week in which this day lies"))
    made = _command(group, "remove", people.team_remove, _("remove a team"))
    made.add_argument("name", metavar="NAME")
    group = to.add_parser("person", help=_("colleagues, and how to reach them")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    made = _command(group, "list", people.person_list, _("list the colleagues"))
    made.add_argument("--on-duty", action="store_true", help=_("only those who are there now"))
    for name, act, about in (
        ("add", people.person_add, _("add a colleague")),
        ("change", people.person_change, _("change what is known of a colleague")),
    ):
        _add_person(_command(group, name, act, about))
    made = _command(group, "remove", people.person_remove, _("strike a colleague off"))
    made.add_argument("name", metavar="NAME")
    _add_deadlines(_command(to, "deadlines", people.deadlines, _("how long an answer may take")))


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
        to.add_argument(option, action="append", default=[], type=_day, metavar="DATE", help=about)


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


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(_("it must be a date like 2026-10-01")) from None


def _add_knowledge(to: Commands[argparse.ArgumentParser]) -> None:
    made = _command(to, "draft", knowledge.draft, _("draft a reply to a mention"))
    made.add_argument("id", type=int, metavar="MENTION")
    made.add_argument(
        "--tone", default=Manner.WARM.value, choices=[one.value for one in Manner], help=_("how it sounds")
    )
    made.add_argument(
        "--entry",
        type=int,
        metavar="ID",
        help=_("from this entry of the knowledge base; 0: a template alone"),
    )
    group = to.add_parser("kb", help=_("the knowledge base: questions and answers")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    made = _command(group, "add", knowledge.add, _("keep a question and its answer"))
    made.add_argument("--question", required=True, metavar="Q")
    made.add_argument(
        "--answer", required=True, metavar="T", help=_("the answer; - reads it from standard input")
    )
    made.add_argument(
        "--ask",
        action="append",
        default=[],
        metavar="WORDS",
        help=_("another way people put the question (may be repeated)"),
    )
    made.add_argument("--link", metavar="URL", help=_("a page anybody may read"))
    made.add_argument("--product", metavar="NAME")
    made.add_argument("--brand", metavar="NAME", help=_("only for this brand"))
    made.add_argument("--owner", metavar="NAME", help=_("who looks at it again (default: you)"))
    made.add_argument("--review", metavar="DAY", help=_("by when, such as 2026-12-31"))
    made.add_argument("--tag", action="append", default=[], metavar="WORD")
    made.add_argument("--public", action="store_true", help=_("goes onto the help page"))
    made = _command(group, "list", knowledge.list_, _("list the entries"))
    made.add_argument("--heat", action="store_true", help=_("with how often each was asked for lately"))
    made.add_argument("--due", action="store_true", help=_("only those that wait for a review"))
    made.add_argument("--archived", action="store_true", help=_("also those out of use"))
    made.add_argument("--days", type=_positive, default=7, metavar="N", help=_("how many days back"))
    made = _command(group, "search", knowledge.search, _("find the entry that answers a text"))
    made.add_argument("text", metavar="TEXT")
    made.add_argument("--limit", type=_positive, default=3, metavar="N")
    made = _command(group, "gaps", knowledge.gaps, _("what was asked and found no entry"))
    made.add_argument("--days", type=_positive, default=7, metavar="N", help=_("how many days back"))
    made = _command(group, "archive", knowledge.archive, _("put an entry out of use; nothing is deleted"))
    made.add_argument("id", type=int, metavar="ID")
    made.add_argument("--back", action="store_true", help=_("use it again"))
    made = _command(
        group, "import", knowledge.import_, _("take in a .md or .csv file, all of it or nothing")
    )
    made.add_argument("path", metavar="FILE")
    made = _command(group, "export", knowledge.export, _("write all entries to a .md or .csv file"))
    made.add_argument("--out", required=True, metavar="FILE")
    made = _command(group, "page", knowledge.page, _("write the public entries as a help page"))
    made.add_argument("--out", required=True, metavar="DIR")
    made.add_argument("--title", metavar="WORDS")


def _add_yes(to: argparse.ArgumentParser) -> None:
    to.add_argument("--approve", action="store_true", help=_("really do it; without it, nothing is sent"))
    to.add_argument("--as", dest="as_", metavar="NAME", help=_("who approves it"))


def _add_approval(to: argparse.ArgumentParser) -> None:
    _add_yes(to)
    to.add_argument("--force", action="store_true", help=_("also if a colleague has claimed the mention"))
    to.add_argument("--again", action="store_true", help=_("also if the mention has an answer"))
    to.add_argument("--seen", action="store_true", help=_("I have looked at the model's marked sentences"))
    to.add_argument(
        "--moved", action="store_true", help=_("also if somebody wrote since the text was made")
    )


def _add_judging(to: Commands[argparse.ArgumentParser]) -> None:
    judge = _command(
        to, "score", judging.score, _("judge the tone of texts, a line each, from standard input")
    )
    judge.add_argument("--engine", default="ngram", metavar="NAME", choices=ENGINES)
    judge.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="BRAND",
        help=_("judge the tone towards this brand (repeat it for the brand's further names)"),
    )
    judge.add_argument(
        "--rival", action="append", default=[], metavar="NAME", help=_("another brand (may be repeated)")
    )
    judge.add_argument(
        "--no-evidence", action="store_true", help=_("only tone and probabilities: three times as fast")
    )
    measure = _command(
        to, "eval", evaluating.eval_, _("how right the engines are on labelled texts of your own")
    )
    measure.add_argument(
        "files", nargs="+", metavar="TSV", help=_("a label (neg, neu, pos), a tab and a text a line")
    )
    measure.add_argument(
        "--engine",
        action="append",
        default=[],
        choices=ENGINES,
        metavar="NAME",
        help=_("an engine (repeat it to see several side by side)"),
    )
    measure.add_argument(
        "--against", choices=ENGINES, metavar="NAME", help=_("the engine whose speed is compared with")
    )
    measure.add_argument(
        "--sample", type=_positive, metavar="N", help=_("of each file only so many texts, always the same")
    )
    measure.add_argument(
        "--misses",
        type=_positive,
        default=0,
        metavar="N",
        help=_("print the surest of the wrong judgements"),
    )
    measure.add_argument("--no-speed", action="store_true", help=_("do not measure the speed"))


def _add_bursts(to: Commands[argparse.ArgumentParser]) -> None:
    made = _command(
        to, "bursts", bursts.bursts, _("judge a series of counts: scores and alarms, row by row")
    )
    made.add_argument(
        "path", metavar="FILE", help=_("a CSV with the columns timestamp and value; - for standard input")
    )
    made.add_argument(
        "--sensitivity",
        default="balanced",
        choices=("sensitive", "balanced", "quiet"),
        help=_("how easily to alarm"),
    )
    made.add_argument(
        "--holidays",
        metavar="FILE",
        help=_("days off, a date a line; with “work” after it, a weekend day that is worked"),
    )


def _add_stories(to: Commands[argparse.ArgumentParser]) -> None:
    made = _command(
        to,
        "stories",
        stories.stories,
        _("fold posts into stories: JSON lines on standard input, the story of each on standard output"),
    )
    made.add_argument("--summary", action="store_true", help=_("the stories and their heat at the end"))
    made.add_argument(
        "--window",
        type=float,
        default=14.0,
        metavar="DAYS",
        help=_("forget what is older than so many days (default: 14)"),
    )


def _add_warning(to: Commands[argparse.ArgumentParser]) -> None:
    listed = _command(to, "incidents", warning.incidents, _("list the incidents, newest first"))
    listed.add_argument("--open", action="store_true", help=_("only those that are not over"))
    listed.add_argument("--limit", type=_positive, default=50, metavar="N")
    one = _command(to, "incident", warning.incident, _("show an incident, or do something about it"))
    one.add_argument("id", type=int, metavar="ID")
    quiet = one.add_mutually_exclusive_group()
    quiet.add_argument("--mute", metavar="REASON", help=_("it stays listed and disturbs nobody"))
    quiet.add_argument("--unmute", action="store_true", help=_("it may disturb again"))
    one.add_argument(
        "--closer", type=float, metavar="HOURS", help=_("read its sources more often for so long")
    )
    one.add_argument(
        "--escalate", metavar="TO", help=_("pass it on: it is written down, with its mentions")
    )
    one.add_argument("--note", metavar="TEXT", help=_("with --escalate: what you want them to know"))
    one.add_argument("--brief", action="store_true", help=_("a one-page summary, as Markdown"))
    how = _command(to, "sensitivity", warning.sensitivity, _("how easily a brand's detectors alarm"))
    how.add_argument("brand", metavar="BRAND")
    how.add_argument(
        "word", nargs="?", choices=("sensitive", "balanced", "quiet"), metavar="sensitive|balanced|quiet"
    )
    how.add_argument(
        "--rehearse", action="store_true", help=_("how often it would have alarmed; changes nothing")
    )
    how.add_argument("--days", type=_positive, default=30, metavar="N", help=_("so far back"))


def _add_alerting(to: Commands[argparse.ArgumentParser]) -> None:
    group = to.add_parser("alert", help=_("alerts, and who answers for them")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    made = _command(group, "list", alerting.list_, _("list the alerts, newest first (default: not done)"))
    which = made.add_mutually_exclusive_group()
    which.add_argument("--open", action="store_true", help=_("only those that nobody has seen to"))
    which.add_argument("--all", action="store_true", help=_("also those that are done"))
    made.add_argument("--limit", type=_positive, default=50, metavar="N")
    made = _command(
        group, "ack", alerting.ack, _("say that somebody sees to alerts: they climb no further")
    )
    made.add_argument("ids", nargs="+", type=int, metavar="ID")
    made.add_argument("--as", dest="as_", metavar="NAME", help=_("who (default: your name)"))
    group = to.add_parser("rule", help=_("rules that raise alerts")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    _command(group, "list", alerting.rules, _("list the rules as sentences"))
    made = _command(group, "test", alerting.test, _("how often a rule would have alerted; changes nothing"))
    made.add_argument("id", nargs="?", type=int, metavar="ID", help=_("default: every rule that is on"))
    made.add_argument("--days", type=_positive, default=30, metavar="N", help=_("so far back"))
    for name, on, about in (
        ("on", True, _("switch a rule on")),
        ("off", False, _("switch a rule off")),
    ):
        made = _command(group, name, alerting.switch, about)
        made.add_argument("id", type=int, metavar="ID")
        made.set_defaults(on=on)


def _add_learning(to: Commands[argparse.ArgumentParser]) -> None:
    tones = [tone.value for tone in Tone]
    fix = _command(to, "correct", learning.correct, _("say what the tone of a mention really is"))
    fix.add_argument("id", type=int, metavar="ID")
    fix.add_argument("tone", nargs="?", choices=tones, metavar="TONE")
    fix.add_argument("--undo", action="store_true", help=_("take the correction back"))
    made = _command(
        to, "learn", learning.learn, _("learn from what people corrected, or see what was learnt")
    )
    made.add_argument("--brand", metavar="NAME", help=_("for this brand (default: for all)"))
    how = made.add_mutually_exclusive_group()
    how.add_argument("--show", action="store_true", help=_("only say what was learnt"))
    how.add_argument("--off", action="store_true", help=_("set what was learnt aside"))
    how.add_argument("--on", action="store_true", help=_("put it in force again"))
    how.add_argument("--export", metavar="FILE", help=_("write what was taught to a file"))
    how.add_argument("--import", dest="take", metavar="FILE", help=_("take over what such a file teaches"))
    made.add_argument("--texts", action="store_true", help=_("with --export: with the texts of the posts"))
    words = to.add_parser("word", help=_("words with a weight set by hand")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    add = _command(words, "add", learning.put_word, _("give a word a weight"))
    add.add_argument("phrase", metavar="WORD")
    add.add_argument(
        "weight", type=int, metavar="-3…3", help=_("-3 very negative, 0 matter of fact, 3 very positive")
    )
    add.add_argument("--brand", metavar="NAME", help=_("for this brand (default: for all)"))
    shown = _command(words, "list", learning.words, _("list the words"))
    shown.add_argument("--brand", metavar="NAME", help=_("for this brand (default: for all)"))
    gone = _command(words, "remove", learning.remove_word, _("take a word's weight away"))
    gone.add_argument("id", type=int, metavar="ID")
    office = _command(to, "engine", learning.engine, _("which engine judges; name one to put it in office"))
    office.add_argument("name", nargs="?", metavar="NAME")
    _command(to, "rescore", learning.rescore, _("judge again, now, what carries an older judgement"))


def _add_drill(to: Commands[argparse.ArgumentParser]) -> None:
    made = _command(
        to, "drill", drill.drill, _("play a made-up crisis of a made-up brand through the whole program")
    )
    made.add_argument(
        "--scenario",
        default=DEFAULT,
        metavar="NAME",
        help=_("a shipped one (see --list), or the path of a file of your own"),
    )
    made.add_argument("--list", action="store_true", help=_("name the scenarios that are shipped"))
    made.add_argument(
        "--speed",
        type=float,
        default=60.0,
        metavar="X",
        help=_("1 to {n} times as fast as it happened (60 in the window)").format(n=int(FASTEST)),
    )
    made.add_argument(
        "--minutes", type=float, metavar="N", help=_("stop after so many minutes of the story")
    )
    made.add_argument("--window", action="store_true", help=_("show it in the window"))
    more = made.add_subparsers(metavar=_("ACTION"))
    out = _command(more, "record", drill.record_, _("make a scenario of your own stored history"))
    out.add_argument("file", metavar="FILE.json")
    out.add_argument("--brand", required=True, metavar="NAME")
    out.add_argument("--from", dest="since", required=True, metavar="WHEN", help=_("minute 0 of the drill"))
    out.add_argument(
        "--to", dest="until", required=True, metavar="WHEN", help=_("the end; a day counts whole")
    )
    out.add_argument(
        "--before",
        type=float,
        default=24.0,
        metavar="HOURS",
        help=_("so many hours before it, to learn what is usual (24)"),
    )
    out.add_argument(
        "--keep-names",
        action="store_true",
        help=_("leave names, numbers and addresses of people as they are"),
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text[:12]) < 1:
        raise argparse.ArgumentTypeError(_("it must be a whole number from 1 on"))
    return int(text[:12])
