"""Every monitor there is, as a constant: no scanning, no registration."""
