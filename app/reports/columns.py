"""What stands in the columns of an export, the same in XLSX and CSV.

Pure; any thread. Headers and words follow the program's language; values are str, int, float or None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from app.domain.aspects import aspect_label
from app.domain.cues import short_label
from app.domain.mention import Status, Stored
from app.domain.platforms import platform_name
from app.domain.sentiment import Tone
from app.i18n import N_, _

Value = str | int | float | None

TONES = {Tone.NEGATIVE: N_("Negative"), Tone.NEUTRAL: N_("Neutral"), Tone.POSITIVE: N_("Positive")}
UNSCORED = N_("Not judged yet")
STATUSES = {
    Status.NEW: N_("New"),
    Status.CLAIMED: N_("Claimed"),
    Status.ESCALATED: N_("Escalated"),
    Status.ANSWERED: N_("Answered"),
    Status.IGNORED: N_("Ignored"),
}


def tone_word(tone: Tone | None) -> str:
    return _(TONES[tone]) if tone is not None else _(UNSCORED)


def local(moment: datetime | None, tz: tzinfo) -> str:
    """YYYY-MM-DD HH:MM:SS in the person's time zone."""
    return moment.astimezone(tz).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _text(row: Stored) -> str:
    return _("(deleted by its author)") if row.forgotten else row.mention.text


@dataclass(frozen=True, slots=True)
class Column:
    """`wide` in characters; `link` and `tone` are drawn in their own way in a workbook."""

    key: str
    head: str
    wide: int
    value: Callable[[Stored, tzinfo], Value]
    wrap: bool = False


def _yes(said: bool | None) -> str:
    return "" if said is None else _("yes") if said else _("no")


def _list(words: list[str]) -> str:
    return _(", ").join(words)


def _aspects(row: Stored) -> list[str]:
    """Each aspect with its tone: price (negative)."""
    found = row.score.aspects if row.score is not None else ()
    told = _("{aspect} ({tone})")
    return [told.format(aspect=aspect_label(one.aspect), tone=tone_word(one.tone)) for one in found]


COLUMNS: tuple[Column, ...] = (
    Column("time", N_("Time"), 19, lambda row, tz: local(row.published_at, tz)),
    Column("platform", N_("Platform"), 11, lambda row, _tz: platform_name(row.mention.platform)),
    Column("source", N_("Source"), 14, lambda row, _tz: row.source),
    Column("author", N_("Author"), 16, lambda row, _tz: row.mention.author.name),
    Column("followers", N_("Followers"), 11, lambda row, _tz: row.mention.author.followers),
    Column("verified", N_("Verified"), 8, lambda row, _tz: _yes(row.mention.author.verified)),
    Column("tone", N_("Tone"), 10, lambda row, _tz: tone_word(row.tone)),
    Column("score", N_("Score"), 7, lambda row, _tz: round(row.score.value, 3) if row.score else None),
    Column("corrected", N_("Corrected"), 9, lambda row, _tz: _("yes") if row.corrected else ""),
    Column(
        "severity", N_("Severity cues"), 14, lambda row, _tz: _list([short_label(c) for c in row.severity])
    ),
    Column("aspects", N_("About"), 18, lambda row, _tz: _list(_aspects(row))),
    Column(
        "brands", N_("Brands"), 12, lambda row, _tz: _list(list(dict.fromkeys(h.brand for h in row.hits)))
    ),
    Column("title", N_("Title"), 26, lambda row, _tz: row.mention.title, wrap=True),
    Column("text", N_("Text"), 64, lambda row, _tz: _text(row), wrap=True),
    Column("likes", N_("Likes"), 8, lambda row, _tz: row.mention.counts.likes),
    Column("comments", N_("Comments"), 9, lambda row, _tz: row.mention.counts.comments),
    Column("shares", N_("Shares"), 8, lambda row, _tz: row.mention.counts.shares),
    Column("views", N_("Views"), 9, lambda row, _tz: row.mention.counts.views),
    Column("rating", N_("Rating"), 7, lambda row, _tz: row.mention.rating),
    Column("status", N_("Status"), 10, lambda row, _tz: _(STATUSES[row.status])),
    Column("by", N_("By whom"), 12, lambda row, _tz: row.status_by),
    Column("answer", N_("Answer"), 36, lambda row, _tz: row.answer, wrap=True),
    Column("link", N_("Link"), 34, lambda row, _tz: row.mention.url),
    Column("id", N_("ID"), 9, lambda row, _tz: row.id),
)


def headers() -> list[str]:
    """In the program's language."""
    return [_(column.head) for column in COLUMNS]
