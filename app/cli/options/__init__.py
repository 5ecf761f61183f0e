"""What each command can be asked, one file a field of work; what it does is beside, in `app.cli`."""
