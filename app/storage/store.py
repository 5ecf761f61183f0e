"""The storage as a whole: what everybody else opens, asks and closes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import peewee

from app.domain.clock import Clock, SystemClock
from app.i18n import _
from app.storage import search, upgrade
from app.storage.acts import Acts
from app.storage.alerts import Alerts
from app.storage.audit import Audit
from app.storage.authors import Authors
from app.storage.channels import Channels
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.deadlines import Deadlines
from app.storage.deliveries import Deliveries
from app.storage.engines import engine_for
from app.storage.knowledge import Knowledge
from app.storage.learning import Learning
from app.storage.marks import Marks
from app.storage.mentions import Mentions
from app.storage.models import AlertRow, BrandRow, MentionRow, SourceRow
from app.storage.notes import Notes
from app.storage.outbox import Outbox
from app.storage.people import People
from app.storage.queue import Queue
from app.storage.replies import Answers, Templates
from app.storage.responses import Responses
from app.storage.rules import Rules
from app.storage.seeing import Seeing
from app.storage.sources import Sources
from app.storage.stories import Stories
from app.storage.tickets import Tickets
from app.storage.trackers import Trackers
from app.storage.views import Settings, Views
from app.storage.warning import Warning_
from app.storage.watches import Brands


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check-up: (name, ok, detail)."""

    name: str
    ok: bool
    detail: str


class Storage:
    """Synchronous and thread-safe. Reads run in the caller's thread, writes on the one writer."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self.mentions = Mentions(database)
        self.brands = Brands(database)
        self.sources = Sources(database, clock)
        self.seeing = Seeing(database)
        self.alerts = Alerts(database)
        self.learning = Learning(database)
        self.stories = Stories(database)
        self.warning = Warning_(database)
        self.templates = Templates(database)
        self.answers = Answers(database)
        self.knowledge = Knowledge(database)
        self.outbox = Outbox(database)
        self.marks = Marks(database)
        self.people = People(database)
        self.responses = Responses(database)
        self.deadlines = Deadlines(database)
        self.channels = Channels(database)
        self.deliveries = Deliveries(database)
        self.trackers = Trackers(database)
        self.tickets = Tickets(database)
        self.audit = Audit(database)
        self.queue = Queue(database)
        self.acts = Acts(database)
        self.notes = Notes(database)
        self.authors = Authors(database)
        self.rules = Rules(database)
        self.views = Views(database)
        self.settings = Settings(database)

    @classmethod
    def open(
        cls,
        url: str | Path,
        *,
        backups: Path | None = None,
        clock: Clock | None = None,
        patience: float = 5.0,
    ) -> Storage:
        """A path, sqlite:///path or postgresql://…; made or upgraded where needed.

        `patience` is how many seconds to wait for whoever holds the database. Raises TooNew, Broken
        or Unavailable.
        """
        clock = clock or SystemClock()
        engine = engine_for(str(url), backups=backups, patience=patience)
        upgrade.prepare(engine, clock.now())
        return cls(Database(engine), clock)

    def close(self) -> None:
        """What has been asked for is finished first."""
        self._database.close()

    def __enter__(self) -> Storage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def data_version(self) -> int:
        """Another number than last time: somebody else has written meanwhile."""
        return self._database.on_writer(self._database.engine.data_version)

    def stats(self) -> dict[str, int]:
        with self._database.read() as connection:
            unscored = MentionRow.score_id.is_null()
            return {
                "mentions": _count(connection, MentionRow),
                "unscored": _count(connection, MentionRow, unscored),
                "sources": _count(connection, SourceRow, SourceRow.removed == False),  # noqa: E712  # a column
                "brands": _count(connection, BrandRow),
                "alerts": _count(connection, AlertRow),
            }

    def check(self) -> tuple[Finding, ...]:
        """For the doctor: is the file sound, does search find what is there, how big has it grown?"""
        with self._database.read() as connection:
            said = _quick_check(connection)
            step = search.in_step(connection)
            size = self._database.engine.size(connection)
            found, known = upgrade.version(connection), upgrade.head()
        return (
            Finding(_("Database"), said == "ok", _("sound") if said == "ok" else said),
            Finding(_("Search index"), step, _("in step") if step else _("not in step")),
            Finding(_("Database size"), True, f"{size / 1e6:.1f} MB"),
            Finding(_("Schema"), found == known, str(found)),
        )


def _count(connection: Connection, table: type[peewee.Model], where: Any = None) -> int:
    counted = table.select(peewee.fn.COUNT(1))
    return int(connection.execute(counted if where is None else counted.where(where)).fetchone()[0])


def _quick_check(connection: Connection) -> str:
    if not connection.sqlite:
        return "ok"
    lines = [line for (line,) in connection.execute_sql("PRAGMA quick_check(3)").fetchall()]
    return "; ".join(lines)
