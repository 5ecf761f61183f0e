"""Which posts are about what: folding, the query language, and all watches in one pass. Pure."""
