"""From a MentionQuery to SQL conditions. Pure; any thread.

Every condition but the author's and the text's names columns of the index `mention_filter` only, so
that any combination is answered by one pass over that index. The text is `search.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

import peewee

from app.domain.query import Key, MentionQuery
from app.domain.sentiment import Tone
from app.storage.edge import clean, micros
from app.storage.models import MentionRow
from app.storage.rows import Names, author_key
from app.storage.written import SIGNS

_M = MentionRow


def conditions(query: MentionQuery, names: Names) -> list[Any]:
    """To be AND-ed; the text is not among them."""
    made = _on_tone(query)
    if query.sources:
        made.append(_M.source_id.in_(query.sources))
    if query.platforms:
        made.append(_M.platform.in_([clean(one) for one in query.platforms]))
    if query.statuses:
        made.append(_M.status.in_([str(one) for one in query.statuses]))
    if query.since is not None:
        made.append(_M.published_at >= micros(query.since))
    if query.until is not None:
        made.append(_M.published_at < micros(query.until))
    if query.severe:
        made.append(_M.severe == True)  # noqa: E712  # a column, not a truth
    if query.aspects:
        made.append(reduce(or_, [_speaks_of(one) for one in query.aspects]))
    return made + _on_brand(query, names) + _on_author(query)


def _on_tone(query: MentionQuery) -> list[Any]:
    if query.tones and query.unscored:
        return [_M.tone.in_([str(one) for one in query.tones]) | _M.tone.is_null()]
    if query.tones:
        return [_M.tone.in_([str(one) for one in query.tones])]
    return [_M.tone.is_null()] if query.unscored else []


def _on_brand(query: MentionQuery, names: Names) -> list[Any]:
    made = []
    if query.brands:
        made.append(names_one_of(query.brands))
    if query.competitor is not None:
        made.append(names_one_of(names.rivals() if query.competitor else names.own()))
    if query.matched is not None:
        made.append(_M.brands != "" if query.matched else _M.brands == "")
    return made


def names_one_of(ids: Iterable[int]) -> Any:
    """Mentions whose hits hold at least one of the brands; none if there is no brand to name."""
    wanted = [_M.brands ** f"%,{int(id_)},%" for id_ in ids]
    return reduce(or_, wanted) if wanted else peewee.SQL("1 = 0")


def _speaks_of(wanted: str) -> Any:
    """ "price", in any tone, or "price:negative"; the column holds ",delivery:+,price:-,"."""
    aspect, _colon, tone = wanted.partition(":")
    sign = f"{SIGNS[Tone(tone)]}," if tone in set(Tone) else ""
    return contains(_M.aspects, f",{clean(aspect)}:{sign}")


def _on_author(query: MentionQuery) -> list[Any]:
    """A part of the name, in any case, or the whole native id."""
    wanted = author_key(query.author)
    if not wanted:
        return []
    by_name = _M.select(_M.id).where(contains(_M.author_key, wanted))
    by_id = _M.select(_M.id).where(_M.author_id == clean(query.author).strip())
    return [_M.id.in_(by_name) | _M.id.in_(by_id)]


def contains(field: Any, part: str) -> Any:
    """`part` stands in the column, its own % and _ taken literally."""
    pattern = peewee.NodeList((peewee.Value(f"%{escape(part)}%"), peewee.SQL("ESCAPE '!'")))
    return peewee.Expression(field, peewee.OP.ILIKE, pattern)


def escape(part: str) -> str:
    return part.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def beyond(key: Key | None, *, oldest_first: bool) -> list[Any]:
    """What comes after `key` in the list; the first comparison is the one an index can seek to."""
    if key is None:
        return []
    at = micros(key.published_at)
    if oldest_first:
        return [_M.published_at >= at, (_M.published_at > at) | (_M.id > key.id)]
    return [_M.published_at <= at, (_M.published_at < at) | (_M.id < key.id)]


def order(*, oldest_first: bool) -> tuple[Any, Any]:
    if oldest_first:
        return _M.published_at.asc(), _M.id.asc()
    return _M.published_at.desc(), _M.id.desc()
