"""Where mentions rest: SQLite in a file, or PostgreSQL for a team. Values in, values out."""

from app.storage.store import Finding, Storage
from app.storage.values import Event, Found, Saved

__all__ = ["Event", "Finding", "Found", "Saved", "Storage"]
