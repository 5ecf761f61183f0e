"""Options of the commands that watch, read, search and export."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.cli.commands import brand, data, seeing, source, watch
from app.cli.options.common import Commands, add_field, command, positive
from app.domain.mention import Status
from app.domain.sentiment import Tone
from app.i18n import _
from app.settings.schema import specs

if TYPE_CHECKING:
    from monitors.base import Monitor


def add_watch(to: Commands[argparse.ArgumentParser]) -> None:
    made = command(to, "watch", watch.watch, _("poll the sources and print mentions and alerts"))
    made.add_argument("--once", action="store_true", help=_("poll every source once and exit"))


def add_brand(to: Commands[argparse.ArgumentParser]) -> None:
    group = to.add_parser("brand", help=_("brands to watch")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    add = command(group, "add", brand.add, _("watch a brand"))
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
    command(group, "list", brand.list_, _("list the brands"))
    remove = command(group, "remove", brand.remove, _("stop watching a brand"))
    remove.add_argument("name", metavar="NAME")


def add_source(to: Commands[argparse.ArgumentParser], *, kinds: bool) -> None:
    group = to.add_parser("source", help=_("where to look")).add_subparsers(
        required=True, metavar=_("ACTION")
    )
    adding = group.add_parser("add", help=_("read a source")).add_subparsers(required=True, metavar="KIND")
    for monitor in _monitors() if kinds else ():
        made = command(adding, monitor.info.id, source.add, _(monitor.info.about))
        made.set_defaults(kind=monitor.info.id)
        made.add_argument("--name", help=_("how you call this source"))
        made.add_argument("--brand", metavar="NAME", help=_("everything from here is about this brand"))
        made.add_argument("--every", type=int, metavar="SECONDS", help=_("seconds between polls"))
        made.add_argument(
            "--canary", metavar="POST", help=_("a post that must be findable: its number, address or words")
        )
        for name, spec in specs(monitor.Settings):
            if spec.asked:
                add_field(made, name, spec)
        if monitor.info.id == "feed":
            _add_preset(made)
    command(group, "kinds", source.kinds, _("what kinds of sources there are"))
    command(group, "presets", source.presets, _("ready routes of an RSSHub server"))
    command(group, "list", source.list_, _("list the sources and their health"))
    shown = command(group, "show", seeing.show, _("all that is known of how well a source is seen"))
    shown.add_argument("id", type=int, metavar="ID")
    check = command(group, "check", source.check, _("ask the sources now whether they can be read"))
    check.add_argument("id", type=int, nargs="?", metavar="ID")
    enter = command(group, "sign-in", source.sign_in, _("sign in to a source's platform in the browser"))
    enter.add_argument("id", type=int, metavar="ID")
    enter.add_argument(
        "--code-stdin",
        action="store_true",
        help=_("read the code, or the address the browser came back to (one line of standard input)"),
    )
    enter.add_argument("--no-browser", action="store_true", help=_("only print the address to open"))
    remove = command(group, "remove", source.remove, _("stop reading a source"))
    remove.add_argument("id", type=int, metavar="ID")


def _monitors() -> Sequence[type[Monitor[Any]]]:
    from monitors import ALL  # noqa: PLC0415  # httpx and all, for one command

    return ALL


def _add_preset(to: argparse.ArgumentParser) -> None:
    to.add_argument("--preset", metavar="KEY", help=_("a route of an RSSHub server; see: source presets"))
    to.add_argument("--base", metavar="URL", help=_("the address of your RSSHub server"))
    to.add_argument(
        "--value", action="append", default=[], metavar="FIELD=TEXT", help=_("fills a field of the route")
    )


def add_data(to: Commands[argparse.ArgumentParser]) -> None:
    take = command(
        to, "import", data.import_, _("take in crawl files or sheets: JSONL, CSV, XLSX, SQLite, folders")
    )
    take.add_argument("path", metavar="PATH")
    take.add_argument(
        "--map", metavar="MAPPING", help=_("a saved mapping's name, or text=COLUMN,url=COLUMN …")
    )
    take.add_argument("--platform", help=_("where the posts are from, if the file does not say"))
    take.add_argument("--brand", metavar="NAME", help=_("everything in it is about this brand"))
    take.add_argument("--no-score", action="store_true", help=_("leave the judgement for later"))
    find = command(to, "search", data.search, _("search all that is stored"))
    find.add_argument("query", metavar="QUERY")
    find.add_argument("--limit", type=positive, default=50, metavar="N")
    out = command(to, "export", data.export, _("write mentions to a sheet"))
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
