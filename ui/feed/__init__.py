"""The live feed: the list of mentions, the pane beside it, the composer and the toasts."""
