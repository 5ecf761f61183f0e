"""How well a source is seen, in words: shared by the window, the command line and the sheets. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from app.domain.seeing import GapLine, Life, Outcome
from app.i18n import _, clauses, ngettext


def length_words(seconds: float) -> str:
    """Seconds, minutes, hours or days, whichever a person would say."""
    if seconds < 90:
        return _("{n} s").format(n=max(0, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 120:
        return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    if minutes < 48 * 60:
        return _("{n} h").format(n=f"{minutes / 60:.1f}".removesuffix(".0"))
    days = round(minutes / 1440)
    return ngettext("{n} day", "{n} days", days).format(n=days)


def age_words(age: float | None) -> str:
    """Of the last good answer."""
    return _("never") if age is None else _("{length} ago").format(length=length_words(age))


def volume_words(came: int, expected: float | None) -> str:
    if expected is None:
        return ngettext("{n} mention", "{n} mentions", came).format(n=f"{came:,}")
    told = f"{expected:,.0f}" if expected >= 10 else f"{expected:.1f}"
    return _("{came} came, {expected} expected").format(came=f"{came:,}", expected=told)


def life_words(life: Life, now: datetime) -> str:
    """Without its name."""
    said = []
    if life.until is not None:
        left = (life.until - now).total_seconds()
        said.append(_("{length} left").format(length=length_words(left)) if left > 0 else _("expired"))
    if life.left is not None and life.limit is not None:
        said.append(_("{left} of {limit} left").format(left=f"{life.left:,}", limit=f"{life.limit:,}"))
    elif life.left is not None:
        said.append(_("{left} left").format(left=f"{life.left:,}"))
    return clauses(said) if said else _("not known yet")


def gap_span(gap: GapLine, tz: tzinfo) -> str:
    """From and to, to the minute."""
    end = f"{gap.until.astimezone(tz):%m-%d %H:%M}" if gap.until else _("still unreadable")
    return f"{gap.since.astimezone(tz):%m-%d %H:%M} – {end}"


def gap_length(gap: GapLine, now: datetime | None = None) -> str:
    until = gap.until or now or datetime.now(UTC)
    return length_words((until - gap.since).total_seconds())


def fate_words(gap: GapLine, tz: tzinfo) -> str:
    """What was read later of what a source brought while nobody saw it."""
    came = ngettext("{n} mention came later", "{n} mentions came later", gap.found).format(n=gap.found)
    if gap.outcome is Outcome.FILLED:
        return (
            _("all of it was read later; {came}").format(came=came)
            if gap.found
            else _("nothing was missed")
        )
    if gap.outcome is Outcome.PARTLY and gap.unseen_until is not None:
        told = _("unseen until {when}; {came}")
        return told.format(when=f"{gap.unseen_until.astimezone(tz):%Y-%m-%d %H:%M}", came=came)
    return _("unseen") if gap.outcome is Outcome.UNSEEN else _("not known yet")
