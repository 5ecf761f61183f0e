"""Teams, colleagues and deadlines."""
