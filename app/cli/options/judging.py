"""Options of the commands about judgement, early warning and the drill."""

from __future__ import annotations

import argparse

from app.analysis.scoring import ENGINES
from app.cli.commands import bursts, drill, evaluating, judging, learning, stories, warning
from app.cli.options.common import Commands, command, positive
from app.domain.sentiment import Tone
from app.drill import DEFAULT, FASTEST
from app.i18n import _


def add_judging(to: Commands[argparse.ArgumentParser]) -> None:
    judge = command(
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
    measure = command(
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
        "--sample", type=positive, metavar="N", help=_("of each file only so many texts, always the same")
    )
    measure.add_argument(
        "--misses",
        type=positive,
        default=0,
        metavar="N",
        help=_("print the surest of the wrong judgements"),
    )
    measure.add_argument("--no-speed", action="store_true", help=_("do not measure the speed"))


def add_bursts(to: Commands[argparse.ArgumentParser]) -> None:
    made = command(
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


def add_stories(to: Commands[argparse.ArgumentParser]) -> None:
    made = command(
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


def add_warning(to: Commands[argparse.ArgumentParser]) -> None:
    listed = command(to, "incidents", warning.incidents, _("list the incidents, newest first"))
    listed.add_argument("--open", action="store_true", help=_("only those that are not over"))
    listed.add_argument("--limit", type=positive, default=50, metavar="N")
    one = command(to, "incident", warning.incident, _("show an incident, or do something about it"))
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
    how = command(to, "sensitivity", warning.sensitivity, _("how easily a brand's detectors alarm"))
    how.add_argument("brand", metavar="BRAND")
    how.add_argument(
        "word", nargs="?", choices=("sensitive", "balanced", "quiet"), metavar="sensitive|balanced|quiet"
    )
    how.add_argument(
        "--rehearse", action="store_true", help=_("how often it would have alarmed; changes nothing")
    )
    how.add_argument("--days", type=positive, default=30, metavar="N", help=_("so far back"))


def add_learning(to: Commands[argparse.ArgumentParser]) -> None:
    tones = [tone.value for tone in Tone]
    fix = command(to, "correct", learning.correct, _("say what the tone of a mention really is"))
    fix.add_argument("id", type=int, metavar="ID")
    fix.add_argument("tone", nargs="?", choices=tones, metavar="TONE")
    fix.add_argument("--undo", action="store_true", help=_("take the correction back"))
    made = command(
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
    add = command(words, "add", learning.put_word, _("give a word a weight"))
    add.add_argument("phrase", metavar="WORD")
    add.add_argument(
        "weight", type=int, metavar="-3…3", help=_("-3 very negative, 0 matter of fact, 3 very positive")
    )
    add.add_argument("--brand", metavar="NAME", help=_("for this brand (default: for all)"))
    shown = command(words, "list", learning.words, _("list the words"))
    shown.add_argument("--brand", metavar="NAME", help=_("for this brand (default: for all)"))
    gone = command(words, "remove", learning.remove_word, _("take a word's weight away"))
    gone.add_argument("id", type=int, metavar="ID")
    office = command(to, "engine", learning.engine, _("which engine judges; name one to put it in office"))
    office.add_argument("name", nargs="?", metavar="NAME")
    command(to, "rescore", learning.rescore, _("judge again, now, what carries an older judgement"))


def add_drill(to: Commands[argparse.ArgumentParser]) -> None:
    made = command(
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
    out = command(more, "record", drill.record_, _("make a scenario of your own stored history"))
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
