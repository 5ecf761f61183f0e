"""How much time is left to answer, for a painter: words and a pill's tone. Pure."""

from __future__ import annotations

from datetime import datetime

from app.domain.desk import STAGES, Item, Stage
from app.domain.telling import length_words
from app.i18n import _


def words(item: Item, now: datetime) -> str:
    """“12 minutes left”, “5 minutes late”, “waiting”."""
    if item.stage is not Stage.OPEN or item.due_at is None:
        return _(STAGES[item.stage])
    seconds = (item.due_at - now).total_seconds()
    if seconds < 0:
        return _("{length} late").format(length=length_words(-seconds))
    return _("{length} left").format(length=length_words(seconds))


def tone(item: Item, now: datetime) -> str:
    """Nothing, accent from half of the time on, warning from 80 %, negative when it is over."""
    if item.stage is not Stage.OPEN or item.due_at is None:
        return ""
    left = (item.due_at - now).total_seconds() / max(item.allowed, 1)
    return "negative" if left < 0 else "warning" if left <= 0.2 else "accent" if left <= 0.5 else ""
