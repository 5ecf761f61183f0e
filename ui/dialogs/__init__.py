"""Windows over the window: one thing to fill in, then gone. GUI thread."""
