"""The queue: who has what, claims, notes, who is looking, and the books."""

from __future__ import annotations

from app.core.parts import Parts


class Desk(Parts):
    """Synchronous, any thread but a window's."""
