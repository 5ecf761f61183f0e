"""Bringing a database to this version's schema, or refusing to touch it.

Runs once, in the thread that opens the storage, before anybody reads. All steps and the search
index are one transaction: a step that fails leaves the file as it was. An existing file is copied
into the backups folder first, and the three newest copies are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import peewee

from app.errors import Broken, TooNew, Unavailable
from app.i18n import _
from app.storage import search
from app.storage.connection import Connection
from app.storage.edge import micros
from app.storage.engines import Engine, SQLite
from app.storage.migrations import STEPS, Step
from app.storage.models import SettingRow, StepRow

_KEPT = 3
_HOUR = 3600
_INDEX_KEY = "search.index"
_LOCK = 7_305_844_521


def prepare(engine: Engine, now: datetime, steps: Sequence[Step] = STEPS) -> None:
    """After this the schema is this version's, or an AppError says why not."""
    if isinstance(engine, SQLite):
        _look_first(engine, now, steps)
    with engine.errors():
        connection = engine.connection()
        try:
            with engine.transaction(connection):
                _migrate(connection, now, steps)
        finally:
            connection.close()


def head(steps: Sequence[Step] = STEPS) -> int:
    return steps[-1].number


def version(connection: Connection) -> int:
    """0 for an empty database; Broken for somebody else's."""
    tables = connection.tables()
    if "schema_step" not in tables:
        if tables & {"mention", "source", "brand"} or (tables and connection.sqlite):
            raise Broken(_("This is not a database of this program. Choose another file or database."))
        return 0
    return int(connection.execute(StepRow.select(peewee.fn.MAX(StepRow.number))).fetchone()[0] or 0)


def _look_first(engine: SQLite, now: datetime, steps: Sequence[Step]) -> None:
    """Without changing a byte: is it ours, is it not too new, has it to be copied first?"""
    path = engine.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.stat().st_size == 0:
            return
    except OSError as error:
        told = _("The folder “{folder}” cannot be used. Check that it exists and may be written.")
        raise Unavailable(told.format(folder=path.parent), details=str(error)) from error
    with engine.errors():
        connection = engine.peek()
        try:
            found = version(connection)
            _refuse_newer(found, steps)
            if 0 < found < head(steps):
                _back_up(connection, engine, found, now)
        finally:
            connection.close()


def _refuse_newer(found: int, steps: Sequence[Step]) -> None:
    if found > head(steps):
        told = _(
            "This database was written by a newer version (schema {found}; this program knows {known})."
            " Install the newer version; nothing was changed."
        )
        raise TooNew(told.format(found=found, known=head(steps)))


def _migrate(connection: Connection, now: datetime, steps: Sequence[Step]) -> None:
    if not connection.sqlite:
        connection.execute_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    found = version(connection)
    _refuse_newer(found, steps)
    for step in steps:
        if step.number > found:
            step.up(connection.database)
            connection.execute(StepRow.insert(number=step.number, name=step.name, at=micros(now)))
    # A file that cannot be written shows itself here, not at the first page of mentions.
    connection.execute(SettingRow.delete().where(SettingRow.key == ""))
    _index(connection)


def _index(connection: Connection) -> None:
    """The search index is made anew whenever this version would write it otherwise."""
    row = connection.execute(
        SettingRow.select(SettingRow.value).where(SettingRow.key == _INDEX_KEY)
    ).fetchone()
    said = f'"{search.INDEX_VERSION}"'
    if row is not None and row[0] == said:
        return
    search.rebuild(connection)
    connection.execute(
        SettingRow.insert(key=_INDEX_KEY, value=said).on_conflict(
            conflict_target=[SettingRow.key], preserve=[SettingRow.value]
        )
    )


def _back_up(connection: Connection, engine: SQLite, found: int, now: datetime) -> Path:
    folder, stem = engine.backups, engine.path.stem
    copy = folder / f"{stem}-v{found}-{now:%Y%m%d-%H%M%S-%f}.sqlite"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Under another name until it is whole: a copy cut short must not pass for a backup.
        part = copy.with_suffix(".part")
        connection.execute_sql("VACUUM INTO ?", (str(part),))
        part.replace(copy)
        for torn in folder.glob(f"{stem}-v*.part"):
            if copy.stat().st_mtime - torn.stat().st_mtime > _HOUR:  # nobody is writing it any more
                torn.unlink()
        for old in sorted(folder.glob(f"{stem}-v*.sqlite"), key=lambda one: one.name[-29:])[:-_KEPT]:
            old.unlink()
    except OSError as error:
        told = _("No backup could be written to “{folder}”, so the database was not upgraded.")
        raise Unavailable(told.format(folder=folder), details=str(error)) from error
    return copy
