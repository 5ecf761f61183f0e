"""Settings as values: declared once; the form, the checks, the command line and the docs read that."""
