"""What the parser must say of a drill before any command is imported. Values only."""

FASTEST = 3600.0
"""An hour a second; the machine may not keep up, and then the drill takes longer."""
FASTEST_WINDOW = 60.0
DEFAULT = "overheating"
