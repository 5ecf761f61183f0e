"""Ways out for alerts: robots, mail, webhooks."""

from __future__ import annotations

from app.core.parts import Parts


class Channels(Parts):
    """Synchronous, any thread but a window's."""
