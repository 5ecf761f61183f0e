"""The brands watched. Any thread may call; writes happen on the writer thread."""

from __future__ import annotations

import json
from typing import Any

from app.domain.watch import Watch
from app.errors import Conflict, NotFound
from app.i18n import _
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, dump
from app.storage.filters import names_one_of
from app.storage.models import BrandRow, MentionRow

_B = BrandRow
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
                return int(connection.execute(_B.insert(_columns(watch)).returning(_B.id)).fetchone()[0])
            if not connection.execute(_B.update(_columns(watch)).where(_B.id == watch.id)).rowcount:
                raise NotFound(_("There is no such brand (any more)."))
            return watch.id

        return self.get(self._database.write(act))

    def remove(self, id: int) -> None:
        """Its mentions stay, and name it no longer."""

        def act(connection: Connection) -> None:
            connection.execute(_B.delete().where(_B.id == id))
            rows = connection.execute(
                MentionRow.select(MentionRow.id, MentionRow.hits).where(names_one_of([id]))
            ).fetchall()
            for mention_id, hits in rows:
                put = MentionRow.update(_without(hits, id)).where(MentionRow.id == mention_id)
                connection.execute(put)

        self._database.write(act)

    def _one(self, where: Any) -> Watch | None:
        with self._database.read() as connection:
            row = connection.execute(_B.select(*_COLUMNS).where(where)).fetchone()
        return None if row is None else _watch(row)


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
