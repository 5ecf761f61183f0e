"""Rules that raise alerts, the ladder they climb, receipts and acknowledgements."""

from __future__ import annotations

from app.core.parts import Parts


class Rules(Parts):
    """Synchronous, any thread but a window's."""
