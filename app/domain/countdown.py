"""How an item's clock stands, in words: shared by the window, the command line and the sheets. Pure.

The moment at which the time is over (`due_at`) is all that is needed. While more time lies before it than
is left to work, the team is at home in between, and that moment is said instead of a number of minutes.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from app.domain.desk import WARNINGS, Item, Stage
from app.domain.telling import length_words
from app.i18n import _

_NOON = 12
_MINUTE = timedelta(minutes=1)


def level(item: Item, now: datetime) -> int:
    """How far the time has run, as one of 0, 50, 80 and 100 per cent."""
    if item.stage is not Stage.OPEN or item.due_at is None:
        return 0
    left = (item.due_at - now).total_seconds()
    if left <= 0:
        return WARNINGS[-1]
    # No more work time is left than wall time; what the timer has told may be further.
    surely = [mark for mark in WARNINGS if left <= item.allowed * (100 - mark) / 100]
    return max([item.warned, *surely])


def words(item: Item, now: datetime, zone: tzinfo | None = None) -> str:
    """“12 minutes left”, “over by 5 minutes”, “paused”, “due tomorrow morning at 9:15”, …

    `zone`: in which a moment is said; None for this machine's.
    """
    if item.stage is Stage.DONE:
        return _answered(item)
    if item.stage is Stage.WAITING:
        return _("paused")
    if item.due_at is None:
        return _("no deadline")
    left = item.due_at - now
    if left <= timedelta(0):
        return _("over by {length}").format(length=length_words(-left.total_seconds()))
    if left <= timedelta(seconds=max(0, item.allowed - item.used)) + _MINUTE:
        return _("{length} left").format(length=length_words(left.total_seconds()))
    return _due(item.due_at.astimezone(zone), now.astimezone(zone))


def lag(item: Item) -> timedelta:
    """How long after its publication it was first seen here."""
    return max(timedelta(0), item.seen_at - item.published_at)


def explained(item: Item, zone: tzinfo | None = None) -> str:
    """Two or three sentences for a tool tip: until when, of how much, and how late it was seen."""
    said = [_("Time to answer: {length}.").format(length=length_words(item.allowed))]
    if item.stage is Stage.OPEN and item.due_at is not None:
        due = item.due_at.astimezone(zone)
        said.append(_("Due on {date} at {time}.").format(date=f"{due:%m-%d}", time=f"{due:%H:%M}"))
    if item.stage is Stage.WAITING and item.pause:
        said.append(_("Waiting: {reason}").format(reason=item.pause))
    if lag(item) >= _MINUTE:
        told = _("Seen {length} after it was published.")
        said.append(told.format(length=length_words(lag(item).total_seconds())))
    return " ".join(said)


def _answered(item: Item) -> str:
    if item.first_response is None:
        return _("done")
    return _("answered in {length}").format(length=length_words(item.first_response))


def _due(due: datetime, now: datetime) -> str:
    time = f"{due.hour}:{due:%M}"
    days = (due.date() - now.date()).days
    if days == 0:
        return _("due at {time}").format(time=time)
    if days == 1:
        told = _("due tomorrow morning at {time}") if due.hour < _NOON else _("due tomorrow at {time}")
        return told.format(time=time)
    return _("due on {date} at {time}").format(date=f"{due:%m-%d}", time=time)
