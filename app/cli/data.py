"""`tingfeng import`, `search`, `export`, `doctor`."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.output import complain, emit, mention_json, mention_words, one_line, say
from app.cli.seeing import freshness_json, freshness_words
from app.cli.session import Session, brand_named
from app.core import Core, ImportResult
from app.domain.mention import Status
from app.domain.query import MentionQuery
from app.domain.sentiment import Tone
from app.errors import ConfigError, ImportFailed
from app.i18n import _
from app.reports import ranges


def import_(session: Session, options: argparse.Namespace) -> int:
    """Stores first, judges after; a second import of the same file adds nothing."""
    if not options.path.strip():
        raise ImportFailed(_("Say which file or folder to import."))
    with session.core(polls=True, start=True) as core:
        brand = brand_named(core, options.brand).id if options.brand else None
        done = core.import_path(
            Path(options.path).expanduser(),
            _mapping(core, options.map),
            platform=options.platform or "",
            brand_id=brand,
        )
        if not options.no_score:
            _judge(core)
    for note in done.notes:
        complain(note)
    _told(session, done)
    return 0


def _judge(core: Core) -> None:
    """A window that is open judges by itself."""
    if core.polling:
        core.engine.drain().result()


def _mapping(core: Core, given: str | None) -> dict[str, str] | None:
    """A saved mapping's name, or field=column pairs with commas between them."""
    if not given:
        return None
    if "=" not in given:
        saved = core.mappings().get(given)
        if saved is None:
            raise ConfigError(
                _("There is no saved mapping named “{name}”.").format(name=given), field="map"
            )
        return saved
    return dict(part.partition("=")[::2] for part in given.split(","))


def _told(session: Session, done: ImportResult) -> None:
    if session.json:
        emit(
            {
                "type": "import",
                "new": done.new,
                "seen": done.seen,
                "edited": done.edited,
                "skipped": done.skipped,
                "notes": list(done.notes),
            }
        )
        return
    told = _("{new} new mentions, {seen} known already, {edited} edited; {skipped} rows not read.")
    say(told.format(new=done.new, seen=done.seen, edited=done.edited, skipped=done.skipped))


def search(session: Session, options: argparse.Namespace) -> int:
    """Everything stored, brand or not, newest first."""
    query = MentionQuery(text=options.query)
    with session.core() as core:
        error = core.check_text_query(options.query)
        if error is not None:
            raise error
        left, after = options.limit, None
        while left > 0:
            listing = core.mentions(query, after, min(left, 500))
            for stored in listing.rows:
                if session.json:
                    emit({"type": "mention", **mention_json(stored)})
                else:
                    say(mention_words(stored, session.colour))
            left, after = left - len(listing.rows), listing.next
            if after is None:
                break
    return 0


def export(session: Session, options: argparse.Namespace) -> int:
    """XLSX or CSV by the file's ending."""
    with session.core() as core:
        done = core.export(Path(options.out).expanduser(), _query(core, options))
    if session.json:
        emit({"type": "export", "path": str(done.path), "rows": done.rows, "negative": done.negative})
    else:
        say(_("{rows} mentions written to {path}.").format(rows=done.rows, path=done.path))
    return 0


def _query(core: Core, options: argparse.Namespace) -> MentionQuery:
    since, until = ranges.span(options.since, options.until)
    text = options.query or ""
    error = core.check_text_query(text)
    if error is not None:
        raise error
    brands = tuple(brand_named(core, name).id for name in options.brand)
    return MentionQuery(
        brands=brands,
        since=since,
        until=until,
        text=text,
        tones=tuple(Tone(name) for name in options.tone),
        statuses=tuple(Status(name) for name in options.status),
        platforms=tuple(options.platform),
        author=options.author or "",
        sources=tuple(options.source),
        matched=None if options.all or not core.brands() else True,
    )


def doctor(session: Session, options: argparse.Namespace) -> int:  # noqa: ARG001
    """What works here and what does not."""
    with session.core(polls=True) as core:
        checks, told = core.doctor(), core.freshness()
    for one in checks:
        if session.json:
            emit({"name": one.name, "ok": one.ok, "detail": one.detail})
        else:
            say(f"{'✓' if one.ok else '✗'} {one.name}: {one_line(one.detail, 400)}")
    for seen in told:
        if session.json:
            emit(freshness_json(seen))
        else:
            say(f"  {one_line(seen.source, 60)}: {one_line(freshness_words(seen), 400)}")
    return 0
