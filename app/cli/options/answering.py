"""Options of the commands that draft, answer and tend what the team knows."""

from __future__ import annotations

import argparse

from app.cli.commands import knowledge, modelling, replying
from app.cli.options.common import Commands, command, positive
from app.domain.draft import Manner
from app.i18n import _
from app.settings.model import PRESETS

MODELS = tuple(one.key for one in PRESETS)


def add_replying(to: Commands[argparse.ArgumentParser]) -> None:
    made = command(to, "reply", replying.reply, _("answer a mention through the platform's interface"))
    made.add_argument("id", type=int, metavar="MENTION")
    made.add_argument(
        "--text", required=True, metavar="T", help=_("the answer; - reads it from standard input")
    )
    _add_approval(made)
    made = command(to, "mark", replying.mark, _("feature a comment under your own post"))
    made.add_argument("id", type=int, metavar="MENTION")
    made.add_argument("--off", action="store_true", help=_("take it back"))
    _add_yes(made)
    made = command(to, "send", replying.send, _("send an answer that waits in the outbox"))
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
    made = command(group, "list", replying.list_, _("list the answers, the newest first"))
    made.add_argument("--open", action="store_true", help=_("only those that a person must see to"))
    made = command(
        group, "settle", replying.settle, _("say of an answer that was perhaps sent whether it was")
    )
    made.add_argument("id", type=int, metavar="ID")
    made.add_argument("what", choices=("sent", "unsent"))
    made = command(group, "write", replying.write, _("write an answer that somebody else approves"))
    made.add_argument("id", type=int, metavar="MENTION")
    made.add_argument(
        "--text", required=True, metavar="T", help=_("the answer; - reads it from standard input")
    )
    made.add_argument("--as", dest="as_", metavar="NAME", help=_("who writes it"))
    made.add_argument("--review", metavar="NAME", default="", help=_("who is asked to approve it"))
    made = command(group, "approve", replying.approve, _("say yes to a written answer; this sends nothing"))
    made.add_argument("id", type=int, metavar="ID")
    made.add_argument("--as", dest="as_", metavar="NAME", required=True, help=_("who approves it"))
    for name, act, told in (
        ("back", replying.back, _("take an approved answer back before it leaves")),
        ("drop", replying.drop, _("drop a written or copied answer")),
        ("posted", replying.posted, _("say that a copied answer was posted by hand")),
    ):
        made = command(group, name, act, told)
        made.add_argument("id", type=int, metavar="ID")
        made.add_argument("--as", dest="as_", metavar="NAME", help=_("who says so"))
        if name == "posted":
            made.add_argument("--text", default="", metavar="T", help=_("what was posted, if other words"))
    made = command(group, "rule", replying.rule, _("show or set whether two people must approve"))
    made.add_argument("--second", choices=("on", "off"), help=_("the yes of somebody else than the writer"))


def add_modelling(to: Commands[argparse.ArgumentParser]) -> None:
    group = to.add_parser("model", help=_("a language model that drafts answers (off by default)"))
    acts = group.add_subparsers(required=True, metavar=_("ACTION"))
    command(acts, "show", modelling.show, _("which model, and whether it is on"))
    command(acts, "check", modelling.check, _("ask the model whether it answers; no post is sent"))
    made = command(acts, "draft", modelling.draft, _("draft an answer; nothing is posted"))
    made.add_argument("id", type=int, metavar="MENTION")
    made.add_argument("--manner", choices=("formal", "warm", "brief"))
    made.add_argument("--show", action="store_true", help=_("only show exactly what would leave"))
    made = command(acts, "set", modelling.set_, _("choose the model, switch it on or off"))
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


def add_knowledge(to: Commands[argparse.ArgumentParser]) -> None:
    made = command(to, "draft", knowledge.draft, _("draft a reply to a mention"))
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
    made.add_argument(
        "--model",
        action="store_true",
        help=_("by the language model, if it is switched on; nothing is posted"),
    )
    made.add_argument(
        "--show", action="store_true", help=_("with --model: only show exactly what would leave")
    )
    group = to.add_parser("kb", help=_("the knowledge base: questions and answers")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    made = command(group, "add", knowledge.add, _("keep a question and its answer"))
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
    made = command(group, "list", knowledge.list_, _("list the entries"))
    made.add_argument("--heat", action="store_true", help=_("with how often each was asked for lately"))
    made.add_argument("--due", action="store_true", help=_("only those that wait for a review"))
    made.add_argument("--archived", action="store_true", help=_("also those out of use"))
    made.add_argument("--days", type=positive, default=7, metavar="N", help=_("how many days back"))
    made = command(group, "search", knowledge.search, _("find the entry that answers a text"))
    made.add_argument("text", metavar="TEXT")
    made.add_argument("--limit", type=positive, default=3, metavar="N")
    made = command(group, "gaps", knowledge.gaps, _("what was asked and found no entry"))
    made.add_argument("--days", type=positive, default=7, metavar="N", help=_("how many days back"))
    made = command(group, "archive", knowledge.archive, _("put an entry out of use; nothing is deleted"))
    made.add_argument("id", type=int, metavar="ID")
    made.add_argument("--back", action="store_true", help=_("use it again"))
    made = command(
        group, "import", knowledge.import_, _("take in a .md or .csv file, all of it or nothing")
    )
    made.add_argument("path", metavar="FILE")
    made = command(group, "export", knowledge.export, _("write all entries to a .md or .csv file"))
    made.add_argument("--out", required=True, metavar="FILE")
    made = command(group, "page", knowledge.page, _("write the public entries as a help page"))
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
