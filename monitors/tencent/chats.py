"""Which messages of a customer wait for an answer, so that one by the staff marks them answered. Pure."""

from __future__ import annotations

from typing import Any

MOST = 300
"""Conversations remembered, the most recently used ones; a few messages of each."""
EACH = 8


class Open:
    """Conversation → ids of the customer's messages since the staff last wrote; for a cursor."""

    def __init__(self, told: Any = None) -> None:
        kept = told if isinstance(told, dict) else {}
        self._ids: dict[str, list[str]] = {
            str(who): [str(one) for one in ids][-EACH:]
            for who, ids in kept.items()
            if isinstance(ids, list)
        }

    def wrote(self, who: str, id: str) -> None:
        ids = self._ids.pop(who, [])
        self._ids[who] = [*(one for one in ids if one != id), id][-EACH:]

    def answered(self, who: str) -> list[str]:
        return self._ids.pop(who, [])

    def members(self) -> dict[str, list[str]]:
        return dict(list(self._ids.items())[-MOST:])
