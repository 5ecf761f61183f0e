"""Early warning: surges, stories, tone and new words, judged online from what came before.

Pure: counts and times in, readings out; state is small JSON (`dump`, `load`). Figures and how they were
chosen: docs/adr/0019, for people: docs/early-warning.md.
"""
