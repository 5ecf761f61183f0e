"""Work time and deadlines: pure functions of values."""
