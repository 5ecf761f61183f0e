"""A scorer of two dozen words, for benchmarks and tests. It judges next to nothing, and says so by name.

Pure; any thread. It exists so that the pipeline can be measured without an engine's own cost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.analysis.scorer import judgement
from app.analysis.text import judged
from app.domain.sentiment import Evidence, Score

_BAD = [
    "差",
    "坏",
    "烂",
    "垃圾",
    "失望",
    "骗",
    "假货",
    "投诉",
    "退货",
    "退款",
    "发热",
    "发烫",
    "起火",
    "爆炸",
    "难用",
    "难吃",
    "翻车",
    "坑",
    "维权",
    "后悔",
    "糟糕",
]
_GOOD = ["好", "喜欢", "满意", "推荐", "优秀", "漂亮", "不错", "惊喜", "流畅", "值得", "完美", "感谢"]
_WORDS = re.compile("|".join(f"({'|'.join(words)})" for words in (_BAD, _GOOD)))


class TrivialScorer:
    """Counts good and bad words."""

    engine = "trivial"
    version = "1"

    def score(self, texts: Sequence[str]) -> list[Score]:
        """One score a text, in order."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Score:
        part = judged(text)
        evidence = []
        balance = 0
        for word in _WORDS.finditer(part.text):
            weight = -1 if word.group(1) else 1
            balance += weight
            start, end = part.original(*word.span())
            evidence.append(Evidence(text[start:end], start, end, float(weight)))
        positive = 0.5 + 0.5 * balance / (abs(balance) + 0.25)
        return judgement(positive, self.engine, self.version, tuple(evidence))
