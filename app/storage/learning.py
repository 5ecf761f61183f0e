"""What people teach: corrections, posts seen and left, words with a weight, and the layers made of them.

Any thread may call; writes happen on the writer thread. No brand (None) stands for all brands; its
words and layers are stored under brand 0.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import peewee

from app.domain.sentiment import Tone
from app.errors import Conflict, NotFound
from app.i18n import _
from app.matching.fold import folded
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, finite, micros, moment
from app.storage.filters import names_one_of
from app.storage.gone import REMEMBERED
from app.storage.models import CorrectionRow, LayerRow, MentionRow, SeenRow, WordRow
from app.storage.rows import own_first, rivalry
from app.storage.scores import judged
from app.storage.values import LayerState, Lesson, LessonCounts, TaughtLayer, TaughtWord

_C, _L, _M, _S, _W = CorrectionRow, LayerRow, MentionRow, SeenRow, WordRow
_ALL_BRANDS = 0
_KEPT = 10
"""Layers kept of one brand."""
_LAYER = (
    _L.id, _L.brand_id, _L.name, _L.model, _L.body, _L.lessons, _L.words, _L.made_at, _L.made_by,
    _L.state, _L.before, _L.after,
)  # fmt: skip


class Learning:
    """`storage.learning`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ── lessons ──────────────────────────────────────────────────────────────────────────────

    def saw(self, mention_id: int, tone: Tone, by: str, at: datetime) -> bool:
        """A person opened it and left its tone as it was; False where that is known, or means nothing.

        The first time stays. It means nothing for a mention that is corrected: the tone it shows is a
        person's already. A later correction counts before it; a later edit drops it.
        """
        left = _S.insert(mention_id=mention_id, tone=str(tone), by=clean(by), at=micros(at))

        def act(connection: Connection) -> bool:
            found = connection.execute(_M.select(_M.corrected).where(_M.id == mention_id)).fetchone()
            if found is None or found[0]:
                return False
            put = left.on_conflict_ignore().returning(_S.mention_id)
            return bool(connection.execute(put).fetchall())

        return self._database.write(act)

    def lessons(self, brand_id: int | None = None) -> tuple[Lesson, ...]:
        """All corrections, and the posts seen and left that nobody corrected, by mention.

        With a brand only the mentions that name it; their texts are as they stand now.
        """
        with self._database.read() as connection:
            rivals = rivalry(connection)
            made = [
                Lesson(
                    mention_id=id_,
                    text=judged(title, text),
                    tone=Tone(tone),
                    corrected=table is _C,
                    by=by,
                    at=moment(at),
                    brands=own_first(brands, rivals) if brands else (),
                )
                for table in (_C, _S)
                for id_, title, text, brands, tone, by, at in _told(connection, table, brand_id)
            ]
        return tuple(sorted(made, key=lambda lesson: lesson.mention_id))

    def lesson_counts(self, brand_id: int | None = None) -> LessonCounts:
        with self._database.read() as connection:
            corrected, seen = (
                connection.execute(_joined(table, brand_id, peewee.fn.COUNT(1))).fetchone()[0]
                for table in (_C, _S)
            )
        return LessonCounts(int(corrected), int(seen))

    # ── words ────────────────────────────────────────────────────────────────────────────────

    def words(self, brand_id: int | None = None) -> tuple[TaughtWord, ...]:
        """Those of this brand alone (None: those for all brands), by phrase."""
        wanted = _W.select(_W.id, _W.phrase, _W.weight, _W.by, _W.at).where(_W.brand_id == _key(brand_id))
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(_W.folded)).fetchall()
        return tuple(
            TaughtWord(id_, brand_id, phrase, weight, by, moment(at))
            for id_, phrase, weight, by, at in rows
        )

    def put_word(
        self, brand_id: int | None, phrase: str, weight: float, by: str, at: datetime
    ) -> TaughtWord:
        """A phrase that is known (width, case and script do not matter) takes the new weight.

        Raises ValueError for a phrase of nothing and a weight that is no number.
        """
        said = clean(phrase).strip()
        if not said or finite(weight) is None:
            raise ValueError("a word needs a phrase and a finite weight")
        columns = {"phrase": said, "weight": float(weight), "by": clean(by), "at": micros(at)}
        put = (
            _W.insert(brand_id=_key(brand_id), folded=folded(said), **columns)
            .on_conflict(
                conflict_target=[_W.brand_id, _W.folded], preserve=[_W.phrase, _W.weight, _W.by, _W.at]
            )
            .returning(_W.id)
        )

        def act(connection: Connection) -> int:
            return int(connection.execute(put).fetchone()[0])

        return TaughtWord(self._database.write(act), brand_id, said, float(weight), clean(by), at)

    def remove_word(self, id: int) -> None:
        self._database.write(lambda connection: connection.execute(_W.delete().where(_W.id == id)))

    # ── layers ───────────────────────────────────────────────────────────────────────────────

    def active_layer(self, brand_id: int | None = None) -> TaughtLayer | None:
        """The brand's own; None where it has none (the one for all brands may still apply)."""
        found = self._layers((_L.brand_id == _key(brand_id)) & _active())
        return found[0] if found else None

    def active_layers(self) -> dict[int | None, TaughtLayer]:
        """Every one in force, by brand."""
        return {layer.brand_id: layer for layer in self._layers(_active())}

    def layers(self, brand_id: int | None = None) -> tuple[TaughtLayer, ...]:
        """The newest ten of the brand, the newest first."""
        return self._layers(_L.brand_id == _key(brand_id))

    def layer(self, id: int) -> TaughtLayer:
        found = self._layers(_L.id == id)
        if not found:
            raise _gone()
        return found[0]

    def save_layer(self, layer: TaughtLayer, *, instead_of: int | None) -> TaughtLayer:
        """A new one; an active one takes the place of `instead_of`, which becomes old.

        `instead_of` is the active layer its maker knew of (None: none). Conflict when another has
        become active meanwhile: what was learned since would be lost. Of a brand's layers the newest
        ten are kept.
        """

        def act(connection: Connection) -> int:
            if layer.state is LayerState.ACTIVE:
                _retire(connection, _key(layer.brand_id), instead_of)
            put = _L.insert(_columns(layer)).on_conflict_ignore().returning(_L.id)
            made = connection.execute(put).fetchall()
            if not made:
                # Another program's transaction was faster with the brand's first layer.
                raise _taken()
            _forget(connection, _key(layer.brand_id))
            return int(made[0][0])

        return self.layer(self._database.write(act))

    def set_layer_state(self, id: int, state: LayerState) -> TaughtLayer:
        """Back to an older one, or off. One that becomes active takes the place of the active one."""

        def act(connection: Connection) -> None:
            found = connection.execute(_L.select(_L.brand_id).where(_L.id == id)).fetchone()
            if found is None:
                raise _gone()
            if state is LayerState.ACTIVE:
                others = (_L.brand_id == found[0]) & _active() & (_L.id != id)
                connection.execute(_L.update(state=str(LayerState.OLD)).where(others))
            connection.execute(_L.update(state=str(state)).where(_L.id == id))

        self._database.write(act)
        return self.layer(id)

    def _layers(self, where: Any) -> tuple[TaughtLayer, ...]:
        with self._database.read() as connection:
            rows = connection.execute(_L.select(*_LAYER).where(where).order_by(_L.id.desc())).fetchall()
        return tuple(_layer(row) for row in rows)


def forget_brand(connection: Connection, brand_id: int) -> None:
    """Its words and layers, when a brand is removed: inside that transaction."""
    connection.execute(_W.delete().where(_W.brand_id == brand_id))
    connection.execute(_L.delete().where(_L.brand_id == brand_id))


def _key(brand_id: int | None) -> int:
    return _ALL_BRANDS if brand_id is None else brand_id


def _joined(table: Any, brand_id: int | None, *columns: Any) -> Any:
    """Corrections, or posts seen and left that are not corrected."""
    wanted = table.select(*columns).join(_M, on=(_M.id == table.mention_id)).where(REMEMBERED)
    if brand_id is not None:
        wanted = wanted.where(names_one_of([brand_id]))
    if table is _S:
        wanted = wanted.where(_M.corrected == False)  # noqa: E712  # a column, not a truth
    return wanted


def _told(connection: Connection, table: Any, brand_id: int | None) -> list[Any]:
    columns = (table.mention_id, _M.title, _M.text, _M.brands, table.tone, table.by, table.at)
    rows: list[Any] = connection.execute(_joined(table, brand_id, *columns)).fetchall()
    return rows


def _active() -> Any:
    return _L.state == str(LayerState.ACTIVE)


def _retire(connection: Connection, key: int, instead_of: int | None) -> None:
    """The active layer becomes old, if it is the one that is meant."""
    standing = (_L.brand_id == key) & _active()
    found = connection.execute(_L.select(_L.id).where(standing)).fetchone()
    if (found[0] if found else None) != instead_of:
        raise _taken()
    if found is not None:
        put = _L.update(state=str(LayerState.OLD)).where(standing & (_L.id == instead_of))
        if not connection.execute(put).rowcount:
            raise _taken()


def _forget(connection: Connection, key: int) -> None:
    kept = _L.select(_L.id).where(_L.brand_id == key).order_by(_L.id.desc())
    ids = [id_ for (id_,) in connection.execute(kept).fetchall()]
    if ids[_KEPT:]:
        stale = _L.id.in_(ids[_KEPT:]) & (_L.state != str(LayerState.ACTIVE))
        connection.execute(_L.delete().where(stale))


def _columns(layer: TaughtLayer) -> dict[str, Any]:
    return {
        "brand_id": _key(layer.brand_id),
        "name": clean(layer.name),
        "model": clean(layer.model),
        "body": clean(layer.body),
        "lessons": layer.lessons,
        "words": layer.words,
        "made_at": micros(layer.made_at),
        "made_by": clean(layer.made_by),
        "state": str(layer.state),
        "before": finite(layer.before),
        "after": finite(layer.after),
    }


def _layer(row: Any) -> TaughtLayer:
    (id_, key, name, model, body, lessons, words, made_at, made_by, state, before, after) = row
    return TaughtLayer(
        id=id_,
        brand_id=None if key == _ALL_BRANDS else key,
        name=name,
        model=model,
        body=body,
        lessons=lessons,
        words=words,
        made_at=moment(made_at),
        made_by=made_by,
        state=LayerState(state),
        before=before,
        after=after,
    )


def _gone() -> NotFound:
    return NotFound(_("There is no such layer (any more)."))


def _taken() -> Conflict:
    return Conflict(_("Somebody else has taught this brand meanwhile. Learn again from what is there now."))
