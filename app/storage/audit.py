"""What people did, for those who ask later. Append-only: the database itself refuses anything else."""

from __future__ import annotations

from datetime import datetime

from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, micros
from app.storage.models_desk import AuditRow


class Audit:
    """`storage.audit`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, at: datetime, by: str, what: str, subject: str, detail: str = "") -> None:
        """`subject`: a kind and a number, "rule:3". What concerns one mention goes into its history."""
        self._database.write(lambda connection: book(connection, at, by, what, subject, detail))


def book(connection: Connection, at: datetime, by: str, what: str, subject: str, detail: str = "") -> None:
    """Inside the caller's transaction."""
    connection.execute(
        AuditRow.insert(
            at=micros(at), by=clean(by), what=clean(what), subject=clean(subject), detail=clean(detail)
        )
    )
