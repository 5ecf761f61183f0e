"""What is done to items of the queue, one or many in one transaction, and why some are left alone.

Any thread may call; writes happen on the writer thread. Ids are taken in their order, so that two programs
that act on the same ones wait for each other and never in a ring.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from app.domain.desk import Stage
from app.domain.mention import Status
from app.domain.queue import Act, Outcome, Refusal
from app.errors import Conflict, NotFound
from app.i18n import _
from app.storage import clocks, desk, queue
from app.storage.clocks import Row, Terms
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean
from app.storage.models import MentionRow
from app.storage.values import Event

_One = Callable[[Connection, int], None]
_SETTLED = (str(Status.ANSWERED), str(Status.IGNORED))


class Acts:
    """`storage.acts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def do(
        self, act: Act, ids: Sequence[int], by: str, at: datetime, *, to: str = "", text: str = ""
    ) -> Outcome:
        """`to`: for ASSIGN, else ConfigError. `text`: a note for ASSIGN, the reason for PAUSE."""
        one = _acts(by, at, to, text)[act]

        def each(connection: Connection) -> Outcome:
            done, refused = [], []
            for id_ in sorted(set(ids)):
                try:
                    one(connection, id_)
                except (Conflict, NotFound) as error:  # raised before anything was written of this one
                    refused.append(Refusal(id_, error.text))
                else:
                    done.append(id_)
            return Outcome(tuple(done), tuple(refused))

        return self._database.write(each)


def _acts(by: str, at: datetime, to: str, text: str) -> dict[Act, _One]:
    return {
        Act.CLAIM: lambda connection, id_: desk.claim(connection, id_, by, at),
        Act.RELEASE: lambda connection, id_: desk.release(connection, id_, by, at),
        Act.ASSIGN: lambda connection, id_: desk.assign(connection, id_, to, by, at, text),
        Act.PAUSE: lambda connection, id_: pause(connection, id_, text, by, at),
        Act.RESUME: lambda connection, id_: resume(connection, id_, by, at),
        Act.DONE: lambda connection, id_: settle(connection, id_, Status.ANSWERED, by, at),
        Act.IGNORE: lambda connection, id_: settle(connection, id_, Status.IGNORED, by, at),
        Act.REOPEN: lambda connection, id_: reopen(connection, id_, by, at),
    }


def pause(connection: Connection, id_: int, why: str, by: str, at: datetime) -> None:
    """It waits for somebody else; its holder stays its holder."""
    held = _free(connection, id_, by, at)
    if held.status in _SETTLED:
        raise Conflict(_("This is done already."))
    queue.ensure_row(connection, id_, at)
    clocks.pause(connection, Terms.read(connection), _row(connection, id_), why.strip(), at)
    queue.renew(connection, id_, by, at)
    desk.note(connection, [id_], Event(at, by, "pause", clean(why.strip())))


def resume(connection: Connection, id_: int, by: str, at: datetime) -> None:
    """It waits no longer."""
    held = _free(connection, id_, by, at)
    if held.stage != str(Stage.WAITING):
        raise Conflict(_("This does not wait for anything."))
    clocks.resume(connection, Terms.read(connection), _row(connection, id_), at)
    queue.renew(connection, id_, by, at)
    desk.note(connection, [id_], Event(at, by, "resume", ""))


def settle(connection: Connection, id_: int, status: Status, by: str, at: datetime) -> None:
    """Answered (elsewhere, by hand), or off the desk, in no need of an answer."""
    held = _free(connection, id_, by, at)
    if held.status in _SETTLED:
        raise Conflict(_("This is done already."))
    if status is Status.ANSWERED:
        queue.ensure_row(connection, id_, at)
    desk.put_status(connection, MentionRow.id == id_, status, by, at)
    desk.note(connection, [id_], Event(at, by, "status", str(status)))


def reopen(connection: Connection, id_: int, by: str, at: datetime) -> None:
    """Done too soon: it waits for an answer again, and is nobody's."""
    if queue.hold(connection, id_).status not in _SETTLED:
        raise Conflict(_("This is open already."))
    queue.ensure_row(connection, id_, at)
    desk.put_status(connection, MentionRow.id == id_, Status.NEW, by, at)
    desk.note(connection, [id_], Event(at, by, "reopen", ""))


def _row(connection: Connection, id_: int) -> Row:
    """Of what is on the desk."""
    return clocks.rows_of(connection, [id_])[0]


def _free(connection: Connection, id_: int, by: str, at: datetime) -> queue.Standing:
    """Nobody else's; Conflict names the colleague who has it."""
    held = queue.hold(connection, id_)
    owner = held.holder(at)
    if owner not in ("", clean(by)):
        raise Conflict(_("{owner} is working on this.").format(owner=owner))
    return held
