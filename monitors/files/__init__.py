"""Readers of files that other programs wrote: bytes to rows, and rows to mentions.

They run in whatever thread calls them and may block on the disk; they know nothing of monitors,
cursors of other files, or the network. Every file is taken to be hostile.
"""
