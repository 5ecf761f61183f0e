"""Ways out for alerts besides this desktop."""
