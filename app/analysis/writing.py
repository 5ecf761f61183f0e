"""Which language a post is written in, where its source does not say: a guess from its script alone.

Pure; any thread. It serves the `lang:` filter of queries, so it would rather say nothing than be wrong.
"""

from __future__ import annotations

import re

_HEAD = 2_000
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U000323af]")
_KANA = re.compile("[\u3041-\u30ff\u31f0-\u31ff]")
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7a3]")
_FOREIGN = re.compile("[^\x00-\x7f\u2010-\u2027\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]")
"""Beyond ASCII, typographic signs and emoji: what English is not written with."""

_ENGLISH = re.compile(
    r"\b(?:the|is|are|was|and|of|to|in|it|not|for|my|this|that|i|you|with|on|have|but|so|very|they|we)\b",
    re.IGNORECASE,
)


def language_of(text: str) -> str:
    """zh, ja, ko, en, or "" where the script does not tell."""
    head = text[:_HEAD]
    han, kana, hangul = (len(script.findall(head)) for script in (_HAN, _KANA, _HANGUL))
    if hangul > han + kana:
        return "ko"
    # Chinese posts borrow a の here and there; a Japanese sentence is full of kana.
    if kana * 5 > han:
        return "ja"
    if han:
        return "zh"
    return "en" if _ENGLISH.search(head) and not _FOREIGN.search(head) else ""
