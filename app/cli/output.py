"""What the command line prints: one JSON object a line, or words for a person.

Hostile text is made harmless on the way out.
"""

from __future__ import annotations

import json
import os
import re
import select
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TextIO

from app.domain.alert import Alert
from app.domain.mention import Status, Stored
from app.domain.platforms import platform_name
from app.domain.sentiment import Score, Tone
from app.domain.watch import SourceState, Watch
from app.i18n import N_, _, ngettext

_TONES = {
    Tone.NEGATIVE: N_("negative"),
    Tone.NEUTRAL: N_("neutral"),
    Tone.POSITIVE: N_("positive"),
    None: N_("unscored"),
}
_SIGNS = {Tone.NEGATIVE: "▼", Tone.NEUTRAL: "●", Tone.POSITIVE: "▲", None: "·"}
_COLOURS = {Tone.NEGATIVE: "31", Tone.NEUTRAL: "37", Tone.POSITIVE: "32", None: "90"}
STATUSES = {
    Status.NEW: N_("new"),
    Status.CLAIMED: N_("claimed"),
    Status.ESCALATED: N_("escalated"),
    Status.ANSWERED: N_("answered"),
    Status.IGNORED: N_("ignored"),
}

NAMED = 5
"""Sources named in one sentence; the others are counted."""

# Control characters move a terminal's cursor; bidi characters reorder what a person reads.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+"
)


def ready(stream: TextIO) -> None:
    """UTF-8 on every platform; a lone surrogate becomes an escape that JSON reads back."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")


def one_line(text: str, limit: int = 200) -> str:
    """Fit for a terminal."""
    flat = _UNSAFE.sub(" ", text).strip()
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def block(text: str, limit: int = 20_000) -> str:
    """A text of several lines, indented, fit for a terminal."""
    return "\n".join(f"    {_UNSAFE.sub(' ', line)}" for line in text[:limit].split("\n"))


def silence() -> None:
    """Nothing more is printed, and the end of the program finds nothing left to fail on."""
    if sys.stdout is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def reader_gone() -> bool:
    """Has whoever read our output through a pipe gone away? (A file or a terminal never does.)"""
    if sys.stdout is None or not hasattr(select, "poll"):
        return False
    looking = select.poll()
    looking.register(sys.stdout.fileno(), 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _fd, event in looking.poll(0))


def several(failed: Sequence[tuple[str, str]]) -> str:
    """What went wrong with which source, in one sentence however many there are."""
    told = [_("{source}: {problem}").format(source=name, problem=problem) for name, problem in failed]
    if len(told) == 1:
        return told[0]
    head = ngettext("{n} source cannot be read", "{n} sources cannot be read", len(told)).format(
        n=len(told)
    )
    rest = ngettext("and {n} more", "and {n} more", len(told) - NAMED).format(n=len(told) - NAMED)
    return " · ".join([head, *told[:NAMED], *([rest] if len(told) > NAMED else [])])


def emit(document: Mapping[str, Any]) -> None:
    print(json.dumps(document, ensure_ascii=False, default=_plain), flush=True)


def say(text: str) -> None:
    print(text, flush=True)


def complain(text: str) -> None:
    """One sentence on standard error."""
    print(one_line(text, 1000), file=sys.stderr, flush=True)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def score_fields(score: Score | None) -> dict[str, Any]:
    """`score` 0..1 (0.5 neutral), `p`, the evidence, the aspects; nulls while unscored."""
    if score is None:
        return {"score": None, "p": None, "engine": None, "version": None, "evidence": [], "aspects": []}
    return {
        "score": round(score.value, 6),
        "p": {
            "neg": round(score.negative, 6),
            "neu": round(score.neutral, 6),
            "pos": round(score.positive, 6),
        },
        "engine": score.engine,
        "version": score.version,
        "evidence": [asdict(one) for one in score.evidence],
        "aspects": [{"aspect": one.aspect, "tone": one.tone.value} for one in score.aspects],
    }


def mention_json(stored: Stored) -> dict[str, Any]:
    """The shape documented in docs/command-line.md."""
    one = stored.mention
    return {
        "id": stored.id,
        "source": one.platform,
        "source_id": stored.source_id,
        "source_name": stored.source,
        "kind": one.kind.value,
        "native_id": one.native_id,
        "url": one.url,
        "title": one.title,
        "text": one.text,
        "author": one.author.name,
        "author_id": one.author.native_id,
        "author_url": one.author.url,
        "followers": one.author.followers,
        "verified": one.author.verified,
        "published_at": stored.published_at,
        "dated": stored.dated,
        "fetched_at": stored.fetched_at,
        "edited_at": one.edited_at,
        "edits": stored.edited,
        "gone_at": stored.gone_at,
        "site": one.site,
        "region": one.region,
        "rating": one.rating,
        "counts": asdict(one.counts),
        "media": list(one.media),
        "keyword": one.keyword,
        "brands": [hit.brand for hit in stored.hits],
        "own_brands": [hit.brand for hit in stored.hits if not hit.competitor],
        "matches": [[*span] for hit in stored.hits for span in hit.spans],
        "tone": stored.tone.value if stored.tone else None,
        "corrected": stored.corrected,
        **score_fields(stored.score),
        "severity": list(stored.severity),
        "status": stored.status.value,
        "status_by": stored.status_by,
        "status_at": stored.status_at,
        "answer": stored.answer,
    }


def alert_json(alert: Alert) -> dict[str, Any]:
    return {
        "type": "alert",
        "id": alert.id,
        "kind": alert.kind,
        "severity": alert.severity.value,
        "title": alert.title,
        "body": alert.body,
        "reason": alert.reason,
        "mention_id": alert.mention_id,
        "source_id": alert.source_id,
        "brand_id": alert.brand_id,
        "incident_id": alert.incident_id,
        "created_at": alert.created_at,
        "state": alert.state.value,
        "copies": alert.copies,
        "toasted": alert.toasted,
        "delivered": alert.delivered,
        "rule_id": alert.rule_id,
        "rung": alert.rung,
        "climbs_at": alert.climbs_at,
        "shown_at": alert.shown_at,
        "seen_at": alert.seen_at,
        "seen_by": alert.seen_by,
        "acked_at": alert.acked_at,
        "acked_by": alert.acked_by,
        "whom": alert.whom,
    }


def brand_json(watch: Watch) -> dict[str, Any]:
    return {
        "id": watch.id,
        "name": watch.name,
        "query": watch.query,
        "competitor": watch.competitor,
        "aliases": list(watch.aliases),
        "exclusions": list(watch.exclusions),
    }


def source_json(state: SourceState) -> dict[str, Any]:
    source = state.source
    return {
        "id": source.id,
        "kind": source.kind,
        "name": source.name,
        "settings": dict(source.settings),
        "brand_id": source.brand_id,
        "paused": source.paused,
        "health": state.health.value,
        "error": state.error,
        "failures": state.failures,
        "mentions": state.mentions,
        "today": state.today,
        "skipped": state.skipped,
        "last_poll_at": state.last_poll_at,
        "last_good_at": state.last_good_at,
        "next_poll_at": state.next_poll_at,
    }


def mention_words(stored: Stored, colour: bool) -> str:
    """Two lines for a terminal."""
    one = stored.mention
    followers = _(" ({n} followers)").format(n=one.author.followers) if one.author.followers else ""
    value = f" {stored.score.value:.2f}" if stored.score else ""
    tone = f"{_SIGNS[stored.tone]} {_(_TONES[stored.tone])}{value}"
    if colour:
        tone = f"\x1b[{_COLOURS[stored.tone]}m{tone}\x1b[0m"
    head = [
        stored.published_at.astimezone().strftime("%m-%d %H:%M"),
        tone,
        "/".join(hit.brand for hit in stored.hits) or "—",
        one_line(f"{platform_name(one.platform)} · {one.author.name or _('anonymous')}{followers}", 60),
        f"#{stored.id}",
    ]
    said = _("(deleted by its author)") if stored.forgotten else one.text
    text = one_line(f"{one.title}  {said}" if one.title else said, 160)
    return "  ".join(head) + f"\n    {text}" + (f"\n    {one_line(one.url, 300)}" if one.url else "")


def alert_words(alert: Alert, colour: bool) -> str:
    copies = _(" ×{n}").format(n=alert.copies) if alert.copies > 1 else ""
    head = _("!! ALERT  {title}{copies}").format(title=one_line(alert.title, 100), copies=copies)
    head = f"\x1b[1;31m{head}\x1b[0m" if colour else head
    return f"{head}\n    {one_line(alert.body, 160)}\n    {one_line(alert.reason, 160)}"
