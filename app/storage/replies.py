"""Reply patterns, and the replies people have posted. Any thread; writes on the writer thread."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from app.domain.draft import Answer, Manner, Template
from app.errors import NotFound
from app.i18n import _
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, dump, micros, moment
from app.storage.models import AnswerRow, MentionRow, TemplateRow

_T, _A = TemplateRow, AnswerRow
_COLUMNS = (_T.id, _T.name, _T.complaint, _T.bodies, _T.builtin)


class Templates:
    """`storage.templates`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Template, ...]:
        return self._read(_T.id > 0)

    def get(self, id: int) -> Template:
        found = self._read(_T.id == id)
        if not found:
            raise _gone()
        return found[0]

    def save(self, template: Template) -> Template:
        """Id 0 makes a new one."""

        def act(connection: Connection) -> int:
            columns = _columns(template)
            if not template.id:
                return int(connection.execute(_T.insert(columns).returning(_T.id)).fetchone()[0])
            if not connection.execute(_T.update(columns).where(_T.id == template.id)).rowcount:
                raise _gone()
            return template.id

        return self.get(self._database.write(act))

    def remove(self, id: int) -> None:
        self._database.write(lambda connection: connection.execute(_T.delete().where(_T.id == id)))

    def _read(self, where: Any) -> tuple[Template, ...]:
        with self._database.read() as connection:
            rows = connection.execute(_T.select(*_COLUMNS).where(where).order_by(_T.id)).fetchall()
        return tuple(_template(row) for row in rows)


class Answers:
    """`storage.answers`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recent(self, limit: int = 200) -> tuple[Answer, ...]:
        """The newest first."""
        wanted = _A.select(_A.mention_id, _A.text, _A.by, _A.at).order_by(_A.at.desc(), _A.id.desc())
        with self._database.read() as connection:
            rows = connection.execute(wanted.limit(limit)).fetchall()
        return tuple(_answer(row) for row in rows)

    def between(self, since: datetime, until: datetime) -> tuple[tuple[Answer, datetime], ...]:
        """Replies posted in the range, oldest first, each with when its mention was published."""
        wanted = (
            _A.select(_A.mention_id, _A.text, _A.by, _A.at, MentionRow.published_at)
            .join(MentionRow, on=(MentionRow.id == _A.mention_id))
            .where(_A.at >= micros(since), _A.at < micros(until))
            .order_by(_A.at, _A.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).fetchall()
        return tuple((_answer(row[:4]), moment(row[4])) for row in rows)


def _gone() -> NotFound:
    return NotFound(_("There is no such reply template (any more)."))


def _columns(template: Template) -> dict[str, Any]:
    return {
        "name": clean(template.name),
        "complaint": clean(template.complaint),
        "bodies": dump({str(manner): body for manner, body in template.bodies.items()}),
        "builtin": template.builtin,
    }


def _template(row: Any) -> Template:
    id_, name, complaint, bodies, builtin = row
    return Template(
        id=id_,
        name=name,
        complaint=complaint,
        bodies={Manner(manner): body for manner, body in json.loads(bodies).items()},
        builtin=bool(builtin),
    )


def _answer(row: Any) -> Answer:
    mention_id, text, by, at = row
    return Answer(mention_id=mention_id, text=text, by=by, at=moment(at))
