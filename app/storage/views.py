"""Saved filters and the team's settings. Any thread may call; writes happen on the writer thread."""

from __future__ import annotations

import json
from typing import Any

from app.domain.mention import Status
from app.domain.query import MentionQuery, View
from app.domain.sentiment import Tone
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, dump, load, maybe_micros, maybe_moment
from app.storage.models import SettingRow, ViewRow

_V, _S = ViewRow, SettingRow


class Views:
    """`storage.views`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[View, ...]:
        """By name."""
        with self._database.read() as connection:
            rows = connection.execute(_V.select(_V.id, _V.name, _V.query).order_by(_V.name)).fetchall()
        return tuple(View(id_, name, read_query(query)) for id_, name, query in rows)

    def save(self, name: str, query: MentionQuery) -> View:
        """Under a name that is taken, the new filter takes the old one's place."""
        put = _V.insert(name=clean(name).strip(), query=write_query(query)).on_conflict(
            conflict_target=[_V.name], preserve=[_V.query]
        )

        def act(connection: Connection) -> int:
            return int(connection.execute(put.returning(_V.id)).fetchone()[0])

        return View(self._database.write(act), clean(name).strip(), query)

    def remove(self, id: int) -> None:
        self._database.write(lambda connection: connection.execute(_V.delete().where(_V.id == id)))


class Settings:
    """`storage.settings`: what the team shares, as JSON under a key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str) -> Any | None:
        with self._database.read() as connection:
            row = connection.execute(_S.select(_S.value).where(_S.key == clean(key))).fetchone()
        return None if row is None else json.loads(row[0])

    def set(self, key: str, value: Any) -> None:
        put = _S.insert(key=clean(key), value=dump(value)).on_conflict(
            conflict_target=[_S.key], preserve=[_S.value]
        )
        self._database.write(lambda connection: connection.execute(put))

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """The keys that begin so, in order: "mapping:" lists the column mappings."""
        with self._database.read() as connection:
            rows = connection.execute(_S.select(_S.key).order_by(_S.key)).fetchall()
        return tuple(key for (key,) in rows if key.startswith(prefix))

    def remove(self, key: str) -> None:
        self._database.write(lambda connection: connection.execute(_S.delete().where(_S.key == clean(key))))


def write_query(query: MentionQuery) -> str:
    """Only what differs from "any", so that old filters stay readable when fields are added."""
    plain = MentionQuery()
    said = {name: getattr(query, name) for name in query.__slots__}
    said |= {"since": maybe_micros(query.since), "until": maybe_micros(query.until)}
    return dump({name: value for name, value in said.items() if value != getattr(plain, name)})


def read_query(written: str) -> MentionQuery:
    """Fields of a later version are passed over."""
    said = load(written)
    made: dict[str, Any] = {name: value for name, value in said.items() if name in MentionQuery.__slots__}
    for name in ("brands", "aspects", "sources", "platforms"):
        made[name] = tuple(said.get(name, ()))
    made["tones"] = tuple(Tone(one) for one in said.get("tones", ()))
    made["statuses"] = tuple(Status(one) for one in said.get("statuses", ()))
    made["since"] = maybe_moment(said.get("since"))
    made["until"] = maybe_moment(said.get("until"))
    return MentionQuery(**made)
