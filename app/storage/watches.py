"""The brands watched. Any thread may call; writes happen on the writer thread."""

from __future__ import annotations

import json
from typing import Any

import peewee

from app.domain.watch import Watch
from app.errors import Conflict, NotFound
from app.i18n import _
from app.storage import tones
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, dump
from app.storage.filters import names_one_of
from app.storage.learning import forget_brand
from app.storage.models import BrandRow, BrandToneRow, CorrectionRow, MentionRow, SettingRow

_B = BrandRow
_LAST = "brand.last"
"""The greatest id a removed brand had."""
_COLUMNS = (_B.id, _B.name, _B.query, _B.competitor, _B.aliases, _B.exclusions)


class Brands:
    """`storage.brands`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Watch, ...]:
        """Our own first, then competitors, each in the order they were made."""
        with self._database.read() as connection:
            rows = connection.execute(_B.select(*_COLUMNS).order_by(_B.competitor, _B.id)).fetchall()
        return tuple(_watch(row) for row in rows)

    def get(self, id: int) -> Watch:
        found = self._one(_B.id == id)
        if found is None:
            raise NotFound(_("There is no such brand (any more)."))
        return found

    def by_name(self, name: str) -> Watch | None:
        return self._one(_B.name_key == _key(name))

    def save(self, watch: Watch) -> Watch:
        """Id 0 makes a new one. A name may be taken once, whatever its case."""

        def act(connection: Connection) -> int:
            taken = connection.execute(_B.select(_B.id).where(_B.name_key == _key(watch.name))).fetchone()
            if taken is not None and taken[0] != watch.id:
                raise Conflict(_("There is already a brand named “{name}”.").format(name=watch.name))
            if not watch.id:
                put = _B.insert(_columns(watch), **_fresh_id(connection)).returning(_B.id)
                return int(connection.execute(put).fetchone()[0])
            before = connection.execute(_B.select(_B.competitor).where(_B.id == watch.id)).fetchone()
            if before is None:
                raise NotFound(_("There is no such brand (any more)."))
            connection.execute(_B.update(_columns(watch)).where(_B.id == watch.id))
            if bool(before[0]) != watch.competitor:
                # A correction goes for our own brands: which these are has changed.
                tones.refresh(connection, _corrected(connection, watch.id))
            return watch.id

        return self.get(self._database.write(act))

    def remove(self, id: int) -> None:
        """Its mentions stay, and name it no longer. What was taught about it goes."""

        def act(connection: Connection) -> None:
            corrected = _corrected(connection, id)
            _remember_id(connection, id)
            connection.execute(_B.delete().where(_B.id == id))
            rows = connection.execute(
                MentionRow.select(MentionRow.id, MentionRow.hits).where(names_one_of([id]))
            ).fetchall()
            for mention_id, hits in rows:
                put = MentionRow.update(_without(hits, id)).where(MentionRow.id == mention_id)
                connection.execute(put)
            connection.execute(BrandToneRow.delete().where(BrandToneRow.brand_id == id))
            tones.refresh(connection, corrected)
            forget_brand(connection, id)

        self._database.write(act)

    def _one(self, where: Any) -> Watch | None:
        with self._database.read() as connection:
            row = connection.execute(_B.select(*_COLUMNS).where(where)).fetchone()
        return None if row is None else _watch(row)


def _corrected(connection: Connection, id_: int) -> list[int]:
    """The mentions a person has corrected that name the brand."""
    wanted = CorrectionRow.select(CorrectionRow.mention_id)
    wanted = wanted.join(MentionRow, on=(MentionRow.id == CorrectionRow.mention_id))
    return [found for (found,) in connection.execute(wanted.where(names_one_of([id_]))).fetchall()]


def _fresh_id(connection: Connection) -> dict[str, int]:
    """SQLite would give the newest brand's id again once it is removed, and its old judgements with it."""
    last = _last_removed(connection) if connection.sqlite else 0
    if not last:
        return {}
    newest = connection.execute(_B.select(peewee.fn.MAX(_B.id))).fetchone()[0] or 0
    return {"id": max(last, newest) + 1}


def _remember_id(connection: Connection, id_: int) -> None:
    if id_ > _last_removed(connection):
        put = SettingRow.insert(key=_LAST, value=str(id_)).on_conflict(
            conflict_target=[SettingRow.key], preserve=[SettingRow.value]
        )
        connection.execute(put)


def _last_removed(connection: Connection) -> int:
    row = connection.execute(SettingRow.select(SettingRow.value).where(SettingRow.key == _LAST)).fetchone()
    return int(row[0]) if row else 0


def _key(name: str) -> str:
    return clean(name).strip().casefold()


def _watch(row: Any) -> Watch:
    id_, name, query, competitor, aliases, exclusions = row
    return Watch(
        id=id_,
        name=name,
        query=query,
        competitor=bool(competitor),
        aliases=tuple(json.loads(aliases)),
        exclusions=tuple(json.loads(exclusions)),
    )


def _columns(watch: Watch) -> dict[str, Any]:
    return {
        "name": clean(watch.name).strip(),
        "name_key": _key(watch.name),
        "query": clean(watch.query),
        "competitor": watch.competitor,
        "aliases": dump(watch.aliases),
        "exclusions": dump(watch.exclusions),
    }


def _without(hits: str, id_: int) -> dict[str, str]:
    left = [one for one in json.loads(hits) if one[0] != id_]
    named = ",".join(str(one[0]) for one in left)
    return {"hits": dump(left) if left else "", "brands": f",{named}," if left else ""}
