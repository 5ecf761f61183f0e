"""The drill: a made-up crisis played to the real program. Here only its bounds, light to import."""

FASTEST = 3600.0
"""An hour a second; the machine may not keep up, and then the drill takes longer."""
FASTEST_WINDOW = 60.0
DEFAULT = "overheating"
