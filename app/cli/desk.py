"""`tingfeng desk …` and `tingfeng audit`: what waits, whose it is, and who did what."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.output import complain, emit, one_line, say
from app.cli.session import Session, brand_named
from app.core.mentions import here
from app.domain.alert import Severity
from app.domain.deeds import deed
from app.domain.desk import STAGES, Stage
from app.domain.platforms import platform_name
from app.domain.queue import ALL_TEAMS, Act, BookLine, BookQuery, Entry, Pile, QueueQuery, holder
from app.domain.telling import length_words
from app.i18n import _
from app.reports import ranges
from app.reports.book import as_json

if TYPE_CHECKING:
    from app.core import Core


def list_(session: Session, options: argparse.Namespace) -> int:
    """One list of the queue, by time left."""
    with session.core() as core:
        entries = _entries(core, options)
        now = core.clock.now()
    for entry in entries:
        if session.json:
            emit(entry_json(entry, now))
        else:
            say(_words(entry, now))
    if not entries and not session.json:
        say(_("Nothing stands in this list."))
    return 0


def _entries(core: Core, options: argparse.Namespace) -> list[Entry]:
    query = QueueQuery(
        pile=Pile(options.pile),
        who=(options.as_ or "").strip(),
        brands=tuple(brand_named(core, name).id for name in options.brand),
        severities=tuple(Severity(one) for one in options.severity),
        team_id=ALL_TEAMS if options.all_teams else None,
    )
    found: list[Entry] = []
    after = None
    while len(found) < options.limit:
        page = core.queue(query, after, min(200, options.limit - len(found)))
        found += page.rows
        after = page.next
        if after is None:
            break
    return found


def claim(session: Session, options: argparse.Namespace) -> int:
    """Exit 1 and the owner's name where another holds it."""
    return _one(session, Act.CLAIM, options)


def release(session: Session, options: argparse.Namespace) -> int:
    """Only by who has it, or gave it."""
    return _one(session, Act.RELEASE, options)


def assign(session: Session, options: argparse.Namespace) -> int:
    """To a colleague, with a note if there is one."""
    return _one(session, Act.ASSIGN, options, to=options.to, text=options.note or "")


def pause(session: Session, options: argparse.Namespace) -> int:
    """It waits for somebody else."""
    return _one(session, Act.PAUSE, options, text=options.why or "")


def resume(session: Session, options: argparse.Namespace) -> int:
    """It waits no longer."""
    return _one(session, Act.RESUME, options)


def done(session: Session, options: argparse.Namespace) -> int:
    """Answered, elsewhere or by hand."""
    return _one(session, Act.DONE, options)


def ignore(session: Session, options: argparse.Namespace) -> int:
    """In no need of an answer."""
    return _one(session, Act.IGNORE, options)


def reopen(session: Session, options: argparse.Namespace) -> int:
    """Done too soon."""
    return _one(session, Act.REOPEN, options)


def take_over(session: Session, options: argparse.Namespace) -> int:
    """Openly, with the reason that the colleague reads."""
    with session.core() as core:
        former = core.take_over(options.id, options.why, _as(options))
        return _standing(session, core, options.id, former=former)


def note(session: Session, options: argparse.Namespace) -> int:
    """For colleagues; @NAME is shown it."""
    with session.core() as core:
        made = core.note(options.id, options.text, _as(options))
    if session.json:
        emit(
            {
                "note": made.id,
                "mention_id": made.mention_id,
                "by": made.by,
                "to": list(made.to),
                "at": made.at,
            }
        )
    else:
        say(_("Noted.") if not made.to else _("Noted for {names}.").format(names=", ".join(made.to)))
    return 0


def _one(session: Session, act: Act, options: argparse.Namespace, *, to: str = "", text: str = "") -> int:
    with session.core() as core:
        outcome = core.desk_act(act, (options.id,), to=to, text=text, by=_as(options))
        if not outcome.refused:
            return _standing(session, core, options.id)
        owner = _owner(core, options.id)
    if session.json:
        emit({"mention_id": options.id, "done": False, "owner": owner, "reason": outcome.refused[0].reason})
    complain(outcome.refused[0].reason)
    return 1


def _as(options: argparse.Namespace) -> str:
    return str(options.as_ or "").strip()


def _owner(core: Core, mention_id: int) -> str:
    entry = core.queue_entry(mention_id)
    return "" if entry is None else holder(entry.item, core.clock.now())


def _standing(session: Session, core: Core, mention_id: int, **more: Any) -> int:
    """What it is now."""
    entry = core.queue_entry(mention_id)
    owner = _owner(core, mention_id)
    if session.json:
        until = entry.item.lease_until if entry is not None else None
        stage = entry.item.stage.value if entry is not None else ""
        emit(
            {
                "mention_id": mention_id,
                "done": True,
                "owner": owner,
                "lease_until": until,
                "stage": stage,
                **more,
            }
        )
    elif owner:
        say(_("Mention {id} is with {owner}.").format(id=mention_id, owner=one_line(owner, 60)))
    elif entry is not None and entry.item.stage is not Stage.OPEN:
        said = _("Mention {id} waits.") if entry.item.stage is Stage.WAITING else _("Mention {id} is done.")
        say(said.format(id=mention_id))
    else:
        say(_("Mention {id} is nobody's.").format(id=mention_id))
    return 0


def entry_json(entry: Entry, now: datetime) -> dict[str, Any]:
    """The shape documented in docs/command-line.md."""
    item, one = entry.item, entry.stored.mention
    last = entry.last_note
    return {
        "mention_id": item.mention_id,
        "severity": item.severity.value,
        "stage": item.stage.value,
        "why": item.why,
        "owner": item.owner,
        "owned_at": item.owned_at,
        "lease_until": item.lease_until,
        "holder": holder(item, now),
        "due_at": item.due_at,
        "seconds_left": None if item.due_at is None else round((item.due_at - now).total_seconds()),
        "published_at": item.published_at,
        "seen_at": item.seen_at,
        "pause": item.pause,
        "brand_id": item.brand_id,
        "team_id": item.team_id,
        "viewers": list(entry.viewers),
        "notes": entry.notes,
        "last_note": None if last is None else {"at": last.at, "by": last.by, "text": last.text},
        "platform": one.platform,
        "author": one.author.name,
        "title": one.title,
        "text": one.text,
        "url": one.url,
        "status": entry.stored.status.value,
        "status_by": entry.stored.status_by,
    }


def _words(entry: Entry, now: datetime) -> str:
    """Two lines for a terminal."""
    item, one = entry.item, entry.stored.mention
    owner = holder(item, now)
    if item.owner and not owner:
        owner = _("{name} (ran out)").format(name=item.owner)
    head = [
        f"#{item.mention_id}",
        item.severity.value,
        _left(entry, now),
        one_line(owner, 40) or _("nobody's"),
        one_line(f"{platform_name(one.platform)} · {one.author.name or _('anonymous')}", 60),
    ]
    if entry.viewers:
        head.append(_("{names} looking").format(names=one_line(", ".join(entry.viewers), 60)))
    text = one_line(f"{one.title}  {one.text}" if one.title else one.text, 160)
    return "  ".join(head) + f"\n    {text or _('(deleted by its author)')}"


def _left(entry: Entry, now: datetime) -> str:
    item = entry.item
    if item.stage is not Stage.OPEN or item.due_at is None:
        return _(STAGES[item.stage]) + (f" ({one_line(item.pause, 40)})" if item.pause else "")
    seconds = (item.due_at - now).total_seconds()
    if seconds < 0:
        return _("{length} late").format(length=length_words(-seconds))
    return _("{length} left").format(length=length_words(seconds))


def audit(session: Session, options: argparse.Namespace) -> int:
    """The books: on the screen the newest first, in a file all of it, the oldest first."""
    since, until = ranges.span(options.since, options.until)
    query = BookQuery(
        since=since,
        until=until,
        by=options.by or "",
        what=tuple(options.what),
        mention_id=options.mention or 0,
    )
    with session.core() as core:
        if options.out:
            return _export(session, core, Path(options.out).expanduser(), query)
        lines = core.audit(query, limit=options.limit).rows
    for line in lines:
        if session.json:
            emit(as_json(line))
        else:
            say(_line_words(line))
    if not lines and not session.json:
        say(_("The books hold nothing of that."))
    return 0


def _export(session: Session, core: Core, out: Path, query: BookQuery) -> int:
    done = core.export_audit(out, query)
    if session.json:
        emit({"type": "audit", "path": str(done.path), "rows": done.rows})
    else:
        say(_("{rows} lines written to {path}.").format(rows=done.rows, path=done.path))
    return 0


def _line_words(line: BookLine) -> str:
    what = f"#{line.mention_id}" if line.mention_id is not None else line.subject
    when = line.at.astimezone(here()).strftime("%Y-%m-%d %H:%M:%S")
    who = one_line(line.by, 40) or "—"
    detail = "" if line.what == "status" else one_line(line.detail, 120)
    return "  ".join(
        part for part in (when, who, one_line(deed(line), 40), one_line(what, 40), detail) if part
    )
