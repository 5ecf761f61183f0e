"""What the team knows: questions, answers, and what to answer a mention with."""

from __future__ import annotations

from app.core.parts import Parts


class Knowledge(Parts):
    """Synchronous, any thread but a window's."""
