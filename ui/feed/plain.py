"""Words for the feed: hostile text made safe to show, and figures as people write them. Pure; no Qt.

A post's text may hold anything. What is shown keeps one character for each character, so that the
spans of brand words stay where they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo
from urllib.parse import urlsplit

from app.domain.cues import short_label
from app.domain.mention import Counts, Status, Stored
from app.domain.platforms import platform_name
from app.errors import AppError
from app.i18n import N_, _, language, listed, ngettext

Spans = tuple[tuple[int, int], ...]

_REPLACED = "\ufffd"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_HOSTILE = re.compile(f"[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f{_BIDI}\ud800-\udfff\ufff9-\ufffb\ufffe\uffff]")
_LINES = str.maketrans(
    {"\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"}
)
_ONE_LINE = str.maketrans({"\n": " ", "\t": " "})
_WIDE = re.compile("[\u1100-\uffff\U0001f000-\U0001ffff]")
_MARKS_IN_A_ROW = 4

_STATUSES = {
    Status.NEW: N_("New"),
    Status.CLAIMED: N_("Claimed"),
    Status.ESCALATED: N_("Escalated"),
    Status.ANSWERED: N_("Answered"),
    Status.IGNORED: N_("Ignored"),
}


def visible(text: str) -> str:
    """As long as `text`, character for character; what could hide or reorder words shows as �."""
    shown = _HOSTILE.sub(_REPLACED, text.replace("\r\n", " \n").translate(_LINES))
    return shown if shown.isascii() else _without_towers(shown)


def one_line(text: str, limit: int = 400) -> str:
    """The beginning, safe and without line breaks, character for character."""
    return visible(text[:limit]).translate(_ONE_LINE)


def squeezed(text: str, limit: int = 200) -> str:
    """An excerpt: safe, white space folded, cut with an ellipsis."""
    folded = " ".join(visible(text[: limit * 4]).split())
    cut = len(folded) > limit or len(text) > limit * 4
    return folded[:limit].rstrip() + "…" if cut else folded


def _without_towers(text: str) -> str:
    # Dozens of combining marks on one letter paint over the neighbours.
    if not any(unicodedata.combining(char) for char in text):
        return text
    out: list[str] = []
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        out.append(_REPLACED if run > _MARKS_IN_A_ROW else char)
    return "".join(out)


def clipped(spans: Iterable[tuple[int, int]], length: int) -> Spans:
    """Ordered, merged, within 0..length."""
    made: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        start, end = max(0, start), min(length, end)  # noqa: PLW2901  # the same span, cut
        if start >= end:
            continue
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return tuple(made)


def utf16(text: str, spans: Spans) -> Spans:
    """The same spans in UTF-16 units, as Qt counts."""
    if text.isascii() or not text or max(text) <= "\uffff":
        return spans
    ends = sorted({place for span in spans for place in span})
    moved: dict[int, int] = {}
    units = at = 0
    for place in ends:
        units += sum(2 if char > "\uffff" else 1 for char in text[at:place])
        at = place
        moved[place] = units
    return tuple((moved[start], moved[end]) for start, end in spans)


def at_least_wide(text: str) -> float:
    """A lower bound of the text's width in ems."""
    wide = len(_WIDE.findall(text))
    return wide * 0.9 + (len(text) - wide) * 0.22


def figure(n: int) -> str:
    """12345 → 12.3k, in Chinese 1.2万."""
    chinese = language() == "zh_CN"
    many, lot = (10_000, 100_000_000) if chinese else (1_000, 1_000_000)
    if n < many:
        return str(n)
    # Translators: {n} counts ten thousands in Chinese ({n}万), thousands elsewhere.
    small = _("{n}k")
    # Translators: {n} counts hundred millions in Chinese ({n}亿), millions elsewhere.
    large = _("{n}M")
    unit, told = (many, small) if round(n / many, 1) < lot / many else (lot, large)
    short = f"{n / unit:.1f}" if n < unit * 100 else f"{n / unit:.0f}"
    return told.format(n=short.removesuffix(".0"))


def ago(then: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """3 minutes ago; beyond a week the date."""
    seconds = int((now - then).total_seconds())
    local = then.astimezone(zone)
    if seconds < -60:
        return clock_time(then, zone)
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        n = seconds // 60
        return ngettext("{n} minute ago", "{n} minutes ago", n).format(n=n)
    if seconds < 24 * 3600:
        n = seconds // 3600
        return ngettext("{n} hour ago", "{n} hours ago", n).format(n=n)
    if seconds < 7 * 24 * 3600:
        n = seconds // (24 * 3600)
        return ngettext("{n} day ago", "{n} days ago", n).format(n=n)
    same_year = local.year == now.astimezone(zone).year
    return f"{local:%m-%d}" if same_year else f"{local:%Y-%m-%d}"


def clock_time(then: datetime, zone: tzinfo | None = None) -> str:
    """The moment in the person's own time zone."""
    return f"{then.astimezone(zone):%Y-%m-%d %H:%M}"


def published(stored: Stored) -> str:
    """The moment in full, and whether it is the platform's or ours."""
    if stored.dated:
        return clock_time(stored.published_at)
    return _("found {when} (the source gives no date)").format(when=clock_time(stored.published_at))


def origin(stored: Stored) -> str:
    """Where the post stands: platform, publication, and the source that brought it."""
    mention = stored.mention
    gone = _("deleted by its author") if stored.gone_at is not None else ""
    parts = [gone, platform_name(mention.platform), one_line(mention.site, 40), one_line(stored.source, 40)]
    return " · ".join(dict.fromkeys(part for part in parts if part))


def status_name(status: Status) -> str:
    return _(_STATUSES[status])


def status_line(stored: Stored) -> str:
    """The pill's words: where it stands and whose it is."""
    name = status_name(stored.status)
    by = one_line(stored.status_by, 24)
    if stored.status is Status.NEW or not by:
        return name
    return _("{status}: {name}").format(status=name, name=by)


def words(stored: Stored) -> str:
    """The text, or what stands in its place once a deleted post has been forgotten."""
    if stored.forgotten:
        return _("Deleted by its author. Only the time, the brand and the tone are kept.")
    return stored.text


def author_name(stored: Stored) -> str:
    return one_line(stored.mention.author.name, 60).strip() or _("Unknown author")


def followers(stored: Stored) -> str:
    """Empty where the source does not say."""
    n = stored.mention.author.followers
    return "" if n is None else _("{n} followers").format(n=figure(n))


def stars(rating: float) -> str:
    """★★★★☆"""
    full = max(0, min(5, round(rating)))
    return "★" * full + "☆" * (5 - full)


def engagement(counts: Counts) -> tuple[tuple[str, str, str], ...]:
    """(icon, figure, words) for what the source says."""
    told = (
        ("like", counts.likes, N_("{n} likes")),
        ("comment", counts.comments, N_("{n} comments")),
        ("share", counts.shares, N_("{n} shares")),
    )
    return tuple((name, figure(n), _(words).format(n=f"{n:,}")) for name, n, words in told if n)


def openable(url: str) -> bool:
    """Only web addresses are ever handed to the desktop."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.netloc) and not _HOSTILE.search(url)


def host(url: str) -> str:
    """For showing where a link leads."""
    try:
        return one_line(urlsplit(url.strip()).netloc, 60)
    except ValueError:
        return ""


def day_start(now: datetime, days_back: int = 0) -> datetime:
    """Local midnight so many days ago, as UTC."""
    day = (now.astimezone() - timedelta(days=days_back)).date()
    # A time without a zone is the person's own local time here.
    return datetime.combine(day, time()).astimezone().astimezone(UTC)


def spoken(stored: Stored, tone: str, now: datetime) -> str:
    """The card in a sentence, for screen readers."""
    parts = [tone, author_name(stored), origin(stored), ago(stored.published_at, now)]
    if stored.severity:
        parts.append(listed(short_label(key) for key in stored.severity))
    return "; ".join([*parts, squeezed(stored.mention.title or words(stored), 160)])


def problem(error: BaseException) -> str:
    """What a person reads of a failure."""
    if isinstance(error, AppError):
        return visible(error.text)
    return _("Something unexpected went wrong ({kind}). The log has the details.").format(
        kind=type(error).__name__
    )
