"""`tingfeng reply`, `send` and `outbox`: an answer goes out only with `--approve` and a name."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.cli.output import block, complain, emit, one_line, say
from app.cli.session import Session
from app.domain.outbox import POSTINGS, Outgoing, Posting, Proposal
from app.errors import AppError, NotFound
from app.i18n import _

if TYPE_CHECKING:
    from app.core import Core

OPEN = (Posting.WRITTEN, Posting.APPROVED, Posting.SENDING, Posting.UNSURE, Posting.COPIED)
"""What a person must still see to."""


def reply(session: Session, options: argparse.Namespace) -> int:
    """Without --approve: what would be sent, and exit 2. Exit 0 only when it was sent."""
    text = sys.stdin.read() if options.text == "-" else options.text
    name = (options.as_ or "").strip()
    with session.core(start=True) as core:
        if not options.approve or not name:
            return _shown(session, core.propose_reply(options.id, text, name), approve=options.approve)
        if options.seen:
            _saw(core, options.id, text, name)
        try:
            row = core.send_reply(
                options.id,
                text,
                approved_by=name,
                force=options.force,
                again=options.again,
                moved=options.moved,
            )
        except AppError as error:
            return _refused(session, error)
    return _told(session, row)


def _shown(session: Session, proposal: Proposal, *, approve: bool) -> int:
    if session.json:
        emit({"sent": False, **asdict(proposal)})
    else:
        where = _("Would be sent to {platform} through “{source}”, as {account}, in answer to {to}:")
        say(
            where.format(
                platform=proposal.platform,
                source=one_line(proposal.source, 60),
                account=one_line(proposal.account, 60) or _("the account of that source"),
                to=one_line(proposal.to, 60) or _("anonymous"),
            )
        )
        say(block(proposal.text))
        if proposal.url:
            say(f"    {one_line(proposal.url, 300)}")
        limit = _("{n} of {limit} characters") if proposal.limit else _("{n} characters")
        say(limit.format(n=len(proposal.text), limit=proposal.limit))
    if proposal.problem:
        complain(_("It cannot be sent: {problem}").format(problem=proposal.problem))
    elif approve:
        complain(_("Nothing was sent. Say who approves it: --as NAME"))
    else:
        complain(_("Nothing was sent. To send exactly this: --approve --as NAME"))
    return 2


def _refused(session: Session, error: AppError) -> int:
    if session.json:
        emit({"sent": False, "problem": error.text})
    complain(error.text)
    return 1


def _told(session: Session, row: Outgoing) -> int:
    if session.json:
        emit(outgoing_json(row))
    elif row.state is Posting.SENT:
        say(_("Sent. Mention {id} is answered.").format(id=row.mention_id))
    if row.waits_for_second:
        told = _(
            "Nothing was sent: somebody else must approve it, too: tingfeng send {id} --approve --as NAME"
        )
        complain(told.format(id=row.id))
    elif row.state is Posting.WRITTEN:
        complain(_("Taken back: nothing was sent."))
    elif row.state is Posting.UNSURE:
        told = _("{problem} Then: tingfeng outbox settle {id} sent, or unsent.")
        complain(told.format(problem=row.error, id=row.id))
    elif row.state is not Posting.SENT:
        complain(row.error)
    return 0 if row.state is Posting.SENT else 1


def send(session: Session, options: argparse.Namespace) -> int:
    """An answer of the outbox that was approved and never left; a written one with --approve."""
    name = (options.as_ or "").strip()
    with session.core(start=True) as core:
        row = _meant(core, options.id)
        if not options.approve or not name:
            shown = core.propose_reply(row.mention_id, row.text, name, row.basis)
            return _shown(session, shown, approve=options.approve)
        if options.seen:
            _saw(core, row.mention_id, row.text, name)
        try:
            if row.state is Posting.WRITTEN:
                row = core.approve_reply(row.id, name)
            if row.waits_for_second:
                return _told(session, row)
            if not _waited(core, row, options.after, name):
                return _told(session, core.outgoing(row.id))
            done = core.send_approved(row.id, force=options.force, again=options.again, moved=options.moved)
        except AppError as error:
            return _refused(session, error)
    return _told(session, done)


def _saw(core: Core, mention_id: int, text: str, name: str) -> None:
    """The person has looked at what a model's draft could not rest on anything."""
    core.see_sentences(mention_id, tuple(one.sentence for one in core.unseen_in(mention_id, text)), name)


def _meant(core: Core, name: str) -> Outgoing:
    """By its number, or by `m` and the mention's number: the newest that may still be sent."""
    if name.isdecimal():
        return core.outgoing(int(name))
    mention = name.removeprefix("m").removeprefix("#")
    if mention.isdecimal():
        for row in core.outbox(int(mention), (Posting.WRITTEN, Posting.APPROVED)):
            return row
        raise NotFound(_("No answer to mention {id} waits to be sent.").format(id=mention))
    raise NotFound(_("There is no such answer in the outbox."))


def _waited(core: Core, row: Outgoing, seconds: float, name: str) -> bool:
    """False: Ctrl+C took it back."""
    if seconds <= 0:
        return True
    complain(_("It leaves in {n} s; Ctrl+C takes it back.").format(n=f"{seconds:g}"))
    try:
        _sleep(seconds)
    except KeyboardInterrupt:
        core.take_back(row.id, name)
        return False
    return True


_sleep = time.sleep


def write(session: Session, options: argparse.Namespace) -> int:
    """Kept, for somebody else to approve; nothing is sent."""
    text = sys.stdin.read() if options.text == "-" else options.text
    with session.core() as core:
        row = core.write_reply(options.id, text, by=options.as_ or "", reviewer=options.review)
        if core.second_pair and row.text:
            row = core.approve_reply(row.id, row.by)
    return _stands(session, row)


def approve(session: Session, options: argparse.Namespace) -> int:
    """A yes; sending is for `send`."""
    with session.core() as core:
        try:
            row = core.approve_reply(options.id, options.as_)
        except AppError as error:
            return _refused(session, error)
    return _stands(session, row)


def back(session: Session, options: argparse.Namespace) -> int:
    with session.core() as core:
        row = core.take_back(options.id, options.as_ or "")
    return _stands(session, row)


def drop(session: Session, options: argparse.Namespace) -> int:
    with session.core() as core:
        row = core.drop_reply(options.id, options.as_ or "")
    return _stands(session, row)


def posted(session: Session, options: argparse.Namespace) -> int:
    with session.core() as core:
        row = core.posted(options.id, options.text, options.as_ or "")
    return _stands(session, row)


def rule(session: Session, options: argparse.Namespace) -> int:
    """Whether the team wants two people's yes."""
    with session.core() as core:
        if options.second is not None:
            core.set_second_pair(options.second == "on")
        on = core.second_pair
    if session.json:
        emit({"second_pair": on})
    else:
        say(
            _("An answer needs the yes of somebody else than its writer.")
            if on
            else _("One yes is enough.")
        )
    return 0


def _stands(session: Session, row: Outgoing) -> int:
    if session.json:
        emit(outgoing_json(row))
    else:
        say(_words(row))
    return 0


def mark(session: Session, options: argparse.Namespace) -> int:
    """Feature a comment, or take that back."""
    name = (options.as_ or "").strip()
    if not options.approve or not name:
        complain(_("Nothing was changed. To do it: --approve --as NAME"))
        return 2
    with session.core(start=True) as core:
        core.mark(options.id, not options.off, approved_by=name)
    if session.json:
        emit({"mention_id": options.id, "marked": not options.off})
    else:
        told = (
            _("Mention {id} is not featured any more.") if options.off else _("Mention {id} is featured.")
        )
        say(told.format(id=options.id))
    return 0


def list_(session: Session, options: argparse.Namespace) -> int:
    """Newest first; --open: only what a person must still see to."""
    states = OPEN if options.open else ()
    with session.core() as core:
        rows = core.outbox(states=states)
    for row in rows:
        if session.json:
            emit(outgoing_json(row))
        else:
            say(_words(row))
    if not rows and not session.json:
        say(_("The outbox is empty."))
    return 0


def _words(row: Outgoing) -> str:
    who = one_line(row.approved_by or row.by, 40)
    state = _(POSTINGS[row.state])
    if row.waits_for_second:
        who = one_line(row.by, 40)
        state = _("waits for the yes of {name}").format(
            name=one_line(row.reviewer, 40) or _("somebody else")
        )
    when = row.changed_at.astimezone().strftime("%m-%d %H:%M")
    lines = [f"{row.id:>4}  {when}  {state}  #{row.mention_id}  {who}  {one_line(row.text, 100)}"]
    if row.error:
        lines.append(f"      {one_line(row.error, 300)}")
    if row.state is Posting.UNSURE:
        lines.append(
            "      " + _("Look there, then: tingfeng outbox settle {id} sent, or unsent").format(id=row.id)
        )
    return "\n".join(lines)


def settle(session: Session, options: argparse.Namespace) -> int:
    """What a person who looked there says of an answer that was perhaps sent."""
    with session.core() as core:
        core.sending.recover()
        row = core.settle_unsure(options.id, options.what == "sent")
    if session.json:
        emit(outgoing_json(row))
    elif row.state is Posting.SENT:
        say(_("Sent. Mention {id} is answered.").format(id=row.mention_id))
    else:
        say(_("Not sent. Mention {id} waits for an answer.").format(id=row.mention_id))
    return 0


def outgoing_json(row: Outgoing) -> dict[str, Any]:
    """The shape documented in docs/command-line.md."""
    told = asdict(row)
    basis = told.pop("basis")
    del told["sender"]  # this machine's own affair
    return {
        **told,
        "state": row.state.value,
        "way": row.way.value,
        "allowed": sorted(one.value for one in row.allowed),
        "based_at": basis["at"],
        "waits_for_second": row.waits_for_second,
        "sent": row.state is Posting.SENT,
    }
