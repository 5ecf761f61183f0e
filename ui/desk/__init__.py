"""The desk: what waits for an answer, whose it is, and what colleagues say about it."""
