"""Bug trackers: an issue opened for a mention, found again, and read back."""
