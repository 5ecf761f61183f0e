"""The knowledge base: what is asked and how often, the answers, and what has none."""
