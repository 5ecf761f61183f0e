"""The stand-in platforms that tests and drills share: `python -m tests.fakes` serves them all."""

from app.drill.standin import PLATFORMS, World

__all__ = ["PLATFORMS", "World"]
