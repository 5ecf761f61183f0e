"""From a row to a value and back. Pure; any thread.

Rows are plain tuples in the order of `COLUMNS`, because building a model object for each would cost
more than reading it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.mention import Author, Counts, Hit, Kind, Mention, Status, Stored
from app.storage.connection import Connection
from app.storage.edge import clean, dump, finite, load, maybe_micros, maybe_moment, micros, moment, whole
from app.storage.models import BrandRow, MentionRow, SourceRow
from app.storage.values import Found
from app.storage.written import SCORE_COLUMNS, TONES, read_score

_M = MentionRow

COLUMNS: tuple[Any, ...] = (
    _M.id, _M.source_id, _M.platform, _M.kind, _M.native_id, _M.fingerprint, _M.url, _M.title, _M.text,
    _M.author_name, _M.author_id, _M.author_url, _M.followers, _M.verified, _M.published_at, _M.dated,
    _M.fetched_at, _M.edited_at, _M.likes, _M.comments, _M.shares, _M.views, _M.favorites, _M.rating,
    _M.media, _M.lang, _M.region, _M.parent_id, _M.root_id, _M.keyword, _M.site, _M.hits, _M.severity,
    _M.edits, _M.tone, _M.corrected, _M.status, _M.status_by, _M.status_at, _M.answer,
    _M.gone_at, *SCORE_COLUMNS,
)  # fmt: skip

_STATUSES = {status.value: status for status in Status}
_KINDS = {kind.value: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Names:
    """What ids in a row stand for at the moment of reading."""

    sources: Mapping[int, str]
    brands: Mapping[int, tuple[str, bool]]
    """id → (name, competitor)."""

    @classmethod
    def read(cls, connection: Connection) -> Names:
        sources = connection.execute(SourceRow.select(SourceRow.id, SourceRow.name)).fetchall()
        brands = connection.execute(
            BrandRow.select(BrandRow.id, BrandRow.name, BrandRow.competitor)
        ).fetchall()
        return cls(dict(sources), {id_: (name, bool(rival)) for id_, name, rival in brands})

    def rivals(self) -> tuple[int, ...]:
        return tuple(id_ for id_, (_, rival) in self.brands.items() if rival)

    def own(self) -> tuple[int, ...]:
        return tuple(id_ for id_, (_, rival) in self.brands.items() if not rival)


def stored(row: Sequence[Any], names: Names) -> Stored:
    """The value of one row selected as `COLUMNS`."""
    (id_, source_id, platform, kind, native_id, fingerprint, url, title, text,
     author_name, author_id, author_url, followers, verified, published_at, dated,
     fetched_at, edited_at, likes, comments, shares, views, favorites, rating,
     media, lang, region, parent_id, root_id, keyword, site, hits, severity,
     edits, tone, corrected, status, status_by, status_at, answer,
     gone_at) = row[:41]  # fmt: skip
    return Stored(
        id=id_,
        mention=Mention(
            platform=platform,
            native_id=native_id,
            url=url,
            text=text,
            kind=_KINDS.get(kind, Kind.POST),
            title=title,
            author=Author(
                name=author_name,
                native_id=author_id,
                url=author_url,
                followers=followers,
                verified=None if verified is None else bool(verified),
            ),
            published_at=moment(published_at) if dated else None,
            edited_at=maybe_moment(edited_at),
            counts=Counts(likes=likes, comments=comments, shares=shares, views=views, favorites=favorites),
            rating=rating,
            media=tuple(load(media) or ()) if media else (),
            lang=lang,
            region=region,
            parent_id=parent_id,
            root_id=root_id,
            keyword=keyword,
            site=site,
            fingerprint=fingerprint or "",
        ),
        source_id=source_id,
        source=names.sources.get(source_id, ""),
        published_at=moment(published_at),
        dated=bool(dated),
        fetched_at=moment(fetched_at),
        hits=_read_hits(hits, names) if hits else (),
        score=read_score(row[41:53]) if row[41] is not None else None,
        tone=TONES[tone] if tone else None,
        corrected=bool(corrected),
        severity=tuple(severity.split()) if severity else (),
        status=_STATUSES.get(status, Status.NEW),
        status_by=status_by,
        status_at=maybe_moment(status_at),
        answer=answer,
        edited=edits,
        gone_at=maybe_moment(gone_at),
    )


def _read_hits(written: str, names: Names) -> tuple[Hit, ...]:
    """A brand that was removed meanwhile is no hit any more."""
    found = []
    for brand_id, spans in json.loads(written):
        if brand_id in names.brands:
            name, rival = names.brands[brand_id]
            found.append(Hit(brand_id, name, rival, tuple((start, end) for start, end in spans)))
    return tuple(found)


def write_hits(hits: Iterable[Hit]) -> dict[str, Any]:
    """The two columns that say which brands are named; the last hit of a brand counts."""
    spans = {hit.brand_id: hit.spans for hit in hits}
    if not spans:
        return {"hits": "", "brands": ""}
    ids = ",".join(str(id_) for id_ in sorted(spans))
    return {"hits": dump([[id_, spans[id_]] for id_ in sorted(spans)]), "brands": f",{ids},"}


def rivalry(connection: Connection) -> dict[int, bool]:
    """Every watched brand: is it a competitor?"""
    rows = connection.execute(BrandRow.select(BrandRow.id, BrandRow.competitor)).fetchall()
    return {id_: bool(rival) for id_, rival in rows}


def own_first(brands: str, rivals: Mapping[int, bool]) -> tuple[int, ...]:
    """The watched ones of a mention's brands (",3,17,"): our own, then competitors, each by id."""
    named = [int(id_) for id_ in brands.strip(",").split(",") if id_]
    return tuple(sorted((id_ for id_ in named if id_ in rivals), key=lambda id_: (rivals[id_], id_)))


def write_severity(cues: Iterable[str]) -> dict[str, Any]:
    severity = " ".join(clean(cue) for cue in cues)
    return {"severity": severity, "severe": bool(severity)}


def write_counts(mention: Mention) -> dict[str, Any]:
    """What changes from poll to poll without the text being another."""
    counts = mention.counts
    return {
        "likes": whole(counts.likes),
        "comments": whole(counts.comments),
        "shares": whole(counts.shares),
        "views": whole(counts.views),
        "favorites": whole(counts.favorites),
        "rating": finite(mention.rating),
        "followers": whole(mention.author.followers),
        "verified": mention.author.verified,
    }


def write_mention(found: Found, source_id: int, now: datetime) -> dict[str, Any]:
    """All columns of a new row."""
    mention = found.mention
    return {
        "source_id": source_id,
        "platform": clean(mention.platform),
        "kind": str(mention.kind),
        "native_id": clean(mention.native_id),
        "fingerprint": clean(mention.fingerprint) or None,
        "url": clean(mention.url),
        "title": clean(mention.title),
        "text": clean(mention.text),
        "author_name": clean(mention.author.name),
        "author_id": clean(mention.author.native_id),
        "author_url": clean(mention.author.url),
        "author_key": author_key(mention.author.name),
        "published_at": micros(found.published_at),
        "dated": found.dated,
        "fetched_at": micros(now),
        "edited_at": maybe_micros(mention.edited_at),
        "media": dump(mention.media) if mention.media else "",
        "lang": clean(mention.lang),
        "region": clean(mention.region),
        "parent_id": clean(mention.parent_id),
        "root_id": clean(mention.root_id),
        "keyword": clean(mention.keyword),
        "site": clean(mention.site),
        **write_counts(mention),
        **write_hits(found.hits),
        **write_severity(found.severity),
    }


def author_key(name: str) -> str:
    """Under which an author's name is looked up: case does not matter."""
    return clean(name).strip().casefold()
