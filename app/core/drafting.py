"""Drafts by a language model, resting on what the team knows; optional, off by default."""

from __future__ import annotations

from app.core.parts import Parts


class Drafting(Parts):
    """Synchronous, any thread but a window's."""
