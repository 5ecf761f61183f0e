"""Colleagues, teams, work calendars, and the clocks of what waits for an answer."""

from __future__ import annotations

from app.core.parts import Parts


class People(Parts):
    """Synchronous, any thread but a window's."""
