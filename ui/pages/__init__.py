"""One file a page. A page asks, shows, and emits what a person chose; the window decides. GUI thread."""
