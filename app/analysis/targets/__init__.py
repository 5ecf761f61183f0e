"""The tone towards one brand of a text that names several, or that compares.

`Targets` finds which words of a text are about a watched brand and which are about another one,
reads comparisons (A 比 B 好, 不如, 吊打, 从 A 换到 B), and judges only what is about the brand, with
whatever scorer it is given. docs/adr/0017-tone-towards-a-brand.md says why and how well.
"""

from app.analysis.targets.parts import Parts, Verdict
from app.analysis.targets.targets import Targets, load_targets
from app.analysis.targets.words import Words, load_words

__all__ = ["Parts", "Targets", "Verdict", "Words", "load_targets", "load_words"]
