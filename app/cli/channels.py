"""`tingfeng channel …`, `tingfeng tracker …` and `tingfeng escalate`"""

from __future__ import annotations

import argparse
from typing import Any

from app.cli.output import emit, one_line, say
from app.cli.session import Session
from app.cli.source import given
from app.core import Core
from app.domain.outlet import Outlet
from app.domain.ticket import TICKETS, Ticket
from app.errors import NotFound
from app.i18n import _


def add(session: Session, options: argparse.Namespace) -> int:
    """Settings are checked for shape; `test` or `check` asks the network."""
    with session.core() as core:
        kinds = core.channel_kinds() if options.what == "channel" else core.tracker_kinds()
        kind = next(one for one in kinds if one.id == options.kind)
        settings, secrets = given(options, kind.specs)
        made = Outlet(kind=kind.id, name=options.name or "", settings=settings)
        if options.what == "channel":
            saved = core.save_channel(made, secrets)
        else:
            saved = core.save_tracker(made, secrets)
    if session.json:
        emit(outlet_json(saved))
    else:
        say(_("Added “{name}” (number {id}).").format(name=one_line(saved.name), id=saved.id))
    return 0


def list_(session: Session, options: argparse.Namespace) -> int:
    with session.core() as core:
        found = core.channels() if options.what == "channel" else core.trackers()
    for one in found:
        if session.json:
            emit(outlet_json(one))
        else:
            say(_words(one))
    if not found and not session.json:
        empty = _("No channel yet. Add one with: tingfeng channel add KIND")
        if options.what == "tracker":
            empty = _("No tracker yet. Add one with: tingfeng tracker add KIND")
        say(empty)
    return 0


def outlet_json(one: Outlet) -> dict[str, Any]:
    """The shape documented in docs/command-line.md; never a secret."""
    return {
        "id": one.id,
        "kind": one.kind,
        "name": one.name,
        "settings": dict(one.settings),
        "paused": one.paused,
        "error": one.error,
        "good_at": one.good_at,
        "waiting": one.waiting,
        "failed": one.failed,
    }


def _words(one: Outlet) -> str:
    mark = "‖" if one.paused else "✗" if one.error else "✓"
    line = f"{one.id:>3}  {mark} {one.kind:<10} {one_line(one.name, 60)}"
    told = [_("{n} waiting").format(n=one.waiting)] if one.waiting else []
    told += [_("{n} failed").format(n=one.failed)] if one.failed else []
    line = "  ".join([line, *told])
    return f"{line}\n     {one_line(one.error)}" if one.error else line


def test(session: Session, options: argparse.Namespace) -> int:
    """One test message over a channel; for a tracker, a look whether it is there."""
    with session.core(start=True) as core:
        asked = core.test_channel if options.what == "channel" else core.check_tracker
        told = asked(options.id)
    if session.json:
        emit({"id": options.id, "ok": True, "detail": told})
    else:
        say(one_line(told, 400))
    return 0


def remove(session: Session, options: argparse.Namespace) -> int:
    with session.core() as core:
        gone = _of(core, options.what, options.id)
        if options.what == "channel":
            core.remove_channel(options.id)
        else:
            core.remove_tracker(options.id)
    if session.json:
        emit({"removed": options.id, "name": gone.name})
    else:
        say(_("“{name}” was removed.").format(name=one_line(gone.name)))
    return 0


def pause(session: Session, options: argparse.Namespace) -> int:
    with session.core() as core:
        if options.what == "channel":
            core.pause_channel(options.id, not options.off)
        else:
            core.pause_tracker(options.id, not options.off)
        one = _of(core, options.what, options.id)
    if session.json:
        emit(outlet_json(one))
    else:
        told = _("“{name}” is paused.") if one.paused else _("“{name}” is in use again.")
        say(told.format(name=one_line(one.name)))
    return 0


def _of(core: Core, what: str, id_: int) -> Outlet:
    found = core.channels() if what == "channel" else core.trackers()
    one = next((one for one in found if one.id == id_), None)
    if one is None:
        told = _("There is no number {id} here. See: tingfeng {what} list")
        raise NotFound(told.format(id=id_, what=what))
    return one


def escalate(session: Session, options: argparse.Namespace) -> int:
    """Asks the tracker; the issue that there is already is shown, never made twice."""
    with session.core(start=True) as core:
        before = core.tickets_of([options.id]).get(options.id, ())
        tracker = _tracker(core, options.to) if options.to else 0
        ticket = core.escalate(options.id, tracker, options.note or "")
    made = not any(one.id == ticket.id and one.ref for one in before)
    if session.json:
        emit({**ticket_json(ticket), "made": made and ticket.mentions == 1})
    else:
        say(_ticket_words(ticket))
    return 0


def _tracker(core: Core, said: str) -> int:
    """By number, or by name in any case."""
    for one in core.trackers():
        if said == str(one.id) or said.casefold() == one.name.casefold():
            return one.id
    known = ", ".join(one.name for one in core.trackers()) or _("none yet")
    told = _("There is no tracker named “{name}”. Trackers: {known}.")
    raise NotFound(told.format(name=said, known=known))


def issues(session: Session, options: argparse.Namespace) -> int:
    with session.core() as core:
        found = core.tickets(options.limit)
    for one in found:
        if session.json:
            emit(ticket_json(one))
        else:
            say(_ticket_words(one))
    return 0


def ticket_json(one: Ticket) -> dict[str, Any]:
    """The shape documented in docs/command-line.md."""
    return {
        "id": one.id,
        "tracker_id": one.tracker_id,
        "tracker": one.tracker,
        "key": one.key,
        "mention_id": one.mention_id,
        "mentions": one.mentions,
        "state": one.state.value,
        "word": one.word,
        "ref": one.ref,
        "url": one.url,
        "title": one.title,
        "by": one.by,
        "created_at": one.created_at,
        "checked_at": one.checked_at,
        "error": one.error,
    }


def _ticket_words(one: Ticket) -> str:
    head = f"{one_line(one.tracker, 40)} {one_line(one.ref, 40) or '—'}  {_(TICKETS[one.state])}"
    told = [head, one_line(one.title, 80), one_line(one.url, 300), one_line(one.error)]
    return "\n     ".join(filter(None, told))
