"""Bug trackers: a mention becomes an issue there, once, and its state comes back."""

from __future__ import annotations

from app.core.parts import Parts


class Trackers(Parts):
    """Synchronous, any thread but a window's."""
