"""What people do to mentions: correct a tone, claim, escalate, answer.

Any thread may call; each act is one transaction on the writer thread and leaves a line in the
append-only `event` table, so that nobody's work disappears.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.domain.mention import Status
from app.domain.sentiment import Tone
from app.errors import ConfigError, Conflict, NotFound
from app.i18n import _
from app.storage import arriving, notes, queue, tones
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, micros, moment, pieces
from app.storage.models import AnswerRow, CorrectionRow, EventRow, MentionRow, ScoreRow
from app.storage.models_desk import DeskRow
from app.storage.scores import judged
from app.storage.values import Event

_M = MentionRow


class Desk:
    """Part of `storage.mentions`."""

    _database: Database

    def correct(self, id: int, tone: Tone | None, by: str, at: datetime) -> None:
        """A person's word on the tone; None takes it back and the scorer's counts again."""

        def act(connection: Connection) -> None:
            _must_exist(connection, id)
            connection.execute(CorrectionRow.delete().where(CorrectionRow.mention_id == id))
            if tone is not None:
                connection.execute(
                    CorrectionRow.insert(mention_id=id, tone=str(tone), by=clean(by), at=micros(at))
                )
            shown = str(tone) if tone is not None else _scored_tone(id)
            connection.execute(_M.update(tone=shown, corrected=tone is not None).where(_M.id == id))
            tones.refresh(connection, [id])
            arriving.arrive(connection, [id], at, late=True)
            note(connection, [id], Event(at, by, "tone", str(tone or "")))

        self._database.write(act)

    def corrections(self) -> tuple[tuple[int, str, Tone, str, datetime], ...]:
        """(mention id, text as judged, tone, by, at), oldest first."""
        wanted = (
            CorrectionRow.select(
                CorrectionRow.mention_id,
                _M.title,
                _M.text,
                CorrectionRow.tone,
                CorrectionRow.by,
                CorrectionRow.at,
            )
            .join(_M, on=(_M.id == CorrectionRow.mention_id))
            .order_by(CorrectionRow.at, CorrectionRow.mention_id)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).fetchall()
        return tuple(
            (id_, judged(title, text), Tone(tone), by, moment(at))
            for id_, title, text, tone, by, at in rows
        )

    def set_status(self, ids: Sequence[int], status: Status, by: str, at: datetime) -> int:
        """How many changed; those that stood so already, or that a colleague has, are left alone."""

        def act(connection: Connection) -> int:
            changed: list[int] = []
            for part in pieces(sorted(set(ids)), 500):
                meant = _M.id.in_(part) & (_M.status != str(status))
                changed += put_status(connection, meant & _unlocked(by, at), status, by, at)
            note(connection, changed, Event(at, by, "status", str(status)))
            return len(changed)

        return self._database.write(act)

    def escalate_new(self, ids: Sequence[int], by: str, at: datetime) -> int:
        """Passed on, as far as nobody has touched them; how many."""

        def act(connection: Connection) -> int:
            changed: list[int] = []
            for part in pieces(list(dict.fromkeys(ids)), 500):
                untouched = _M.id.in_(part) & (_M.status == str(Status.NEW))
                changed += put_status(connection, untouched, Status.ESCALATED, by, at)
            note(connection, changed, Event(at, by, "status", str(Status.ESCALATED)))
            return len(changed)

        return self._database.write(act)

    def claim(self, id: int, by: str, at: datetime) -> None:
        """Take it on; Conflict names the colleague who has it already."""
        self._database.write(lambda connection: claim(connection, id, by, at))

    def release(self, id: int, by: str, at: datetime) -> None:
        """Give it back to the list; only who has claimed (or assigned) it may."""
        self._database.write(lambda connection: release(connection, id, by, at))

    def take_over(self, id: int, by: str, reason: str, at: datetime) -> str:
        """From a colleague who has it, openly; whose it was, empty where it was nobody's."""
        return self._database.write(lambda connection: take_over(connection, id, by, reason, at))

    def assign(self, id: int, to: str, by: str, at: datetime, text: str = "") -> None:
        """Somebody else's from now on; `text` is a note to them. Conflict where a colleague has it."""
        self._database.write(lambda connection: assign(connection, id, to, by, at, text))

    def answer(self, id: int, text: str, by: str, at: datetime) -> None:
        """A reply was posted by hand: kept, marked answered, noted."""

        self._database.write(lambda connection: answered(connection, id, text, by, at))

    def noted(self, id: int, event: Event) -> None:
        """Something that was done to it elsewhere, for its history."""
        self._database.write(lambda connection: note(connection, [id], event))

    def history(self, id: int) -> tuple[Event, ...]:
        """Everything done to it, oldest first."""
        wanted = EventRow.select(EventRow.at, EventRow.by, EventRow.what, EventRow.detail)
        with self._database.read() as connection:
            rows = connection.execute(
                wanted.where(EventRow.mention_id == id).order_by(EventRow.id)
            ).fetchall()
        return tuple(Event(moment(at), by, what, detail) for at, by, what, detail in rows)


def claim(connection: Connection, id_: int, by: str, at: datetime) -> None:
    """Compare and set: nobody else's claim lives while it is written."""
    held = queue.hold(connection, id_)
    owner, before = held.holder(at), held.claimed_by()
    if owner not in ("", clean(by)):
        raise Conflict(_("{owner} is working on this already.").format(owner=owner))
    if before not in ("", clean(by)):
        note(connection, [id_], Event(at, by, "lapse", before))
    put_status(connection, _M.id == id_, Status.CLAIMED, by, at)
    note(connection, [id_], Event(at, by, "claim", ""))


def release(connection: Connection, id_: int, by: str, at: datetime) -> None:
    """What nobody has claimed is left as it is."""
    owner = queue.hold(connection, id_).claimed_by()
    if not owner:
        return
    if owner != clean(by) and _assigner(connection, id_, owner) != clean(by):
        raise Conflict(_("{owner} is working on this.").format(owner=owner))
    put_status(connection, _M.id == id_, Status.NEW, by, at)
    note(connection, [id_], Event(at, by, "release", "" if owner == clean(by) else owner))


def take_over(connection: Connection, id_: int, by: str, reason: str, at: datetime) -> str:
    """The former holder is told by a note; nothing is told where the claim had run out."""
    if not reason.strip():
        raise ConfigError(_("Say why you take it over: your colleague reads it."), field="reason")
    owner = queue.hold(connection, id_).holder(at)
    if owner in ("", clean(by)):
        claim(connection, id_, by, at)
        return ""
    put_status(connection, _M.id == id_, Status.CLAIMED, by, at)
    note(connection, [id_], Event(at, by, "take_over", f"{owner}: {reason.strip()}"))
    told = _("@{owner} I have taken this over: {reason}").format(owner=owner, reason=reason.strip())
    notes.put(connection, id_, told, (owner,), by, at)
    return owner


def assign(connection: Connection, id_: int, to: str, by: str, at: datetime, text: str = "") -> None:
    """`to` has a whole lease to begin."""
    if not to.strip():
        raise ConfigError(_("Say whom to give it to."), field="to")
    owner = queue.hold(connection, id_).holder(at)
    if owner not in ("", clean(by), clean(to)):
        raise Conflict(_("{owner} is working on this.").format(owner=owner))
    put_status(connection, _M.id == id_, Status.CLAIMED, to.strip(), at)
    mine = owner == clean(by) and owner != clean(to)
    note(connection, [id_], Event(at, by, "hand_over" if mine else "assign", clean(to.strip())))
    if text.strip():
        notes.put(connection, id_, text, (to.strip(),), by, at)


def _assigner(connection: Connection, id_: int, owner: str) -> str:
    """Who gave it to `owner`, where somebody did."""
    given = EventRow.select(EventRow.by, EventRow.detail).where(
        EventRow.mention_id == id_, EventRow.what.in_(("claim", "take_over", "assign", "hand_over"))
    )
    row = connection.execute(given.order_by(EventRow.id.desc()).limit(1)).fetchone()
    return str(row[0]) if row is not None and row[1] == owner else ""


def answered(connection: Connection, id_: int, text: str, by: str, at: datetime) -> None:
    """The answer kept, the mention marked, and noted: inside the caller's transaction."""
    _must_exist(connection, id_)
    said = clean(text)
    connection.execute(AnswerRow.insert(mention_id=id_, text=said, by=clean(by), at=micros(at)))
    put_status(connection, _M.id == id_, Status.ANSWERED, by, at, answer=said)
    note(connection, [id_], Event(at, by, "answer", said))


def unanswered(connection: Connection, id_: int, text: str, by: str, at: datetime) -> None:
    """That answer never arrived: taken back, and the mention open again where it was the latest."""
    said = clean(text)
    connection.execute(AnswerRow.delete().where(AnswerRow.mention_id == id_, AnswerRow.text == said))
    latest = (_M.id == id_) & (_M.status == str(Status.ANSWERED)) & (_M.answer == said)
    put_status(connection, latest, Status.NEW, by, at, answer="")


def _unlocked(by: str, at: datetime) -> Any:
    """Mentions that nobody else's living claim holds."""
    over = DeskRow.select(DeskRow.mention_id).where(DeskRow.lease_until <= micros(at))
    return (_M.status != str(Status.CLAIMED)) | (_M.status_by == clean(by)) | _M.id.in_(over)


def _must_exist(connection: Connection, id_: int) -> str:
    """Who stands behind its present status."""
    row = connection.execute(_M.select(_M.status_by).where(_M.id == id_)).fetchone()
    if row is None:
        raise NotFound(_("This mention is not in the database (any more)."))
    return str(row[0])


def _scored_tone(id_: int) -> Any:
    """As a subquery: the tone of the score in force, NULL while there is none."""
    return ScoreRow.select(ScoreRow.tone).where(ScoreRow.id == _M.score_id, _M.id == id_)


def put_status(
    connection: Connection, where: Any, status: Status, by: str, at: datetime, **more: str
) -> list[int]:
    """The ids that changed; the queue's rows follow."""
    put = _M.update(status=str(status), status_by=clean(by), status_at=micros(at), **more)
    changed = [id_ for (id_,) in connection.execute(put.where(where).returning(_M.id)).fetchall()]
    arriving.moved(connection, changed, status, at)
    queue.follow(connection, changed, status, by, at)
    return changed


def note(connection: Connection, ids: Sequence[int], event: Event) -> None:
    line = {"at": micros(event.at), "by": clean(event.by), "what": event.what, "detail": event.detail}
    for part in pieces(ids, 500):
        connection.execute(EventRow.insert_many([{"mention_id": id_, **line} for id_ in part]))
