"""Small parts pages are built of. GUI thread."""
