"""Key words and telling sentences of a post that a person opens, or of a story of many posts.

snownlp's TextRank ranks: words by what stands near them (`KeywordTextRank`), sentences by the words
they share (`TextRank`). Nothing is made up: each line is a sentence of one of the texts, with its place,
and each key word is written as one of them writes it. Only the authors' own words are read (not what
they repeat), and a sentence that many posts repeat counts once.

Runs in the scoring process. Bounded whatever the texts: at most `POSTS` of them evenly picked, the first
`LENGTH` characters of each, `SENTENCES` different sentences in all; a second at the very worst. The words
are rjieba's, so that snownlp's own segmenter (2 s, 420 MB) is not loaded; see `app.analysis.snow.part`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice, zip_longest

from app.analysis import snow
from app.analysis.ngram.features import Traced, trace
from app.domain.gist import Gist, Line
from app.domain.plain import own_part

KEYWORDS = 8
LINES = 3
POSTS = 200
LENGTH = 2000
SENTENCES = 120
LOOKED = 1000
"""Sentences looked at, those that repeat others among them."""
LONGEST = 120
"""Characters of a line; a longer sentence is cut at its commas."""

_END = re.compile(r"[。！？!?；;…\n\r\u2028\u2029]+[”’」』）)】]*|(?<=[^0-9])\.(?=\s|$)")
_PAUSE = re.compile(r"[，,、：:\s]+")
_SPOKEN = re.compile("[\u3400-\u4dbf\u4e00-\u9fffa-z]")
_EMOTICON = re.compile(r"\[[^\[\]\s]{1,8}\]")
_TOPIC = re.compile(r"#[^#\n]{1,40}#")
_WORD = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]{2,}|[a-z][a-z0-9+\\-]+")
_EMPTY = frozenset(
    "一个 一下 一些 一直 一样 一点 一次 真的 觉得 感觉 还是 就是 可以 知道 现在 今天 昨天 明天 时候 这个 "  # noqa: SIM905
    "那个 这种 这样 那样 这么 那么 不是 不会 不能 没有 自己 大家 东西 事情 哈哈 哈哈哈 转发 微博 视频 全文 "
    "展开 网页 链接 图片 http https www com cn".split()
)
"""Words that no post is about, and that snownlp's list does not have."""
_LEAST = 4
"""Letters or Chinese characters that a sentence must have."""
_ALIKE = 0.6
"""A line that shares so much of its words with one already chosen says nothing new."""

Words = tuple[tuple[str, int, int], ...]
"""A word as it is compared, and its place in the sentence's text."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    line: Line
    words: Words
    plain: tuple[str, ...]
    """Its words without those of #topics#, which hundreds of posts share word for word."""


def gist(texts: Sequence[str], keywords: int = KEYWORDS, lines: int = LINES) -> Gist:
    """Both at once; the sentences are cut and read only once."""
    read = _sentences(texts)
    return Gist(_keywords(read, keywords), _lines(read, lines))


def terms(text: str) -> tuple[str, ...]:
    """The words of one post that may tell what it is about, folded, as often as they stand in it."""
    return tuple(word for word, _start, _end in _words(trace(text[:LENGTH], whole=True)))


def keywords(texts: Sequence[str], limit: int = KEYWORDS) -> tuple[str, ...]:
    """The words most connected to others, most connected first, as a text writes them."""
    return _keywords(_sentences(texts), limit)


def summary(texts: Sequence[str], limit: int = LINES) -> tuple[Line, ...]:
    """The sentences most like the others, most telling first; no two that say the same.

    Where there are no more than `limit` sentences, all of them: nothing is to be shortened.
    """
    return _lines(_sentences(texts), limit)


def _keywords(sentences: Sequence[_Sentence], limit: int) -> tuple[str, ...]:
    docs = [[word for word, _, _ in each.words] for each in sentences]
    if not any(docs) or limit < 1:
        return ()
    rank = snow.part("summary.textrank").KeywordTextRank(docs)
    rank.solve()
    weights = {word: round(rank.vertex.get(word, 0.0), 6) for word in chain.from_iterable(docs)}
    best = sorted(weights, key=lambda word: -weights[word])  # of equal ones, the first to be said
    written = _written(sentences)
    return tuple(written[word] for word in best[:limit])


def _written(sentences: Sequence[_Sentence]) -> dict[str, str]:
    """Each word as the first text that has it writes it."""
    found: dict[str, str] = {}
    for each in sentences:
        for word, start, end in each.words:
            found.setdefault(word, each.line.text[start:end])
    return found


def _lines(sentences: Sequence[_Sentence], limit: int) -> tuple[Line, ...]:
    chosen: list[_Sentence] = []
    for each in _ranked(sentences):
        if len(chosen) >= limit:
            break
        if not any(_alike(each, other) for other in chosen):
            chosen.append(each)
    return tuple(each.line for each in chosen)


def _ranked(sentences: Sequence[_Sentence]) -> list[_Sentence]:
    docs = [[*each.plain] for each in sentences]
    if not any(docs):
        return [*sentences]
    rank = snow.part("summary.textrank").TextRank(docs)
    rank.solve()
    weights = [round(each, 6) if math.isfinite(each) else 0.0 for each in rank.vertex]
    return [sentences[at] for at in sorted(range(len(sentences)), key=lambda at: -weights[at])]


def _alike(one: _Sentence, other: _Sentence) -> bool:
    mine, theirs = set(one.plain), set(other.plain)
    return len(mine & theirs) > _ALIKE * max(1, min(len(mine), len(theirs)))


# cutting ------------------------------------------------------------------------------------------


def _sentences(texts: Sequence[str]) -> list[_Sentence]:
    """At most SENTENCES, a round through the posts at a time, so that no long post crowds out the rest."""
    step = max(1, -(-len(texts) // POSTS))
    posts = [_of_post(index, texts[index]) for index in range(0, len(texts), step)]
    found: dict[str, _Sentence] = {}
    for line in islice(_in_turn(posts), LOOKED):
        flat = trace(line.text, whole=True)
        if flat.text not in found and len(_SPOKEN.findall(flat.text)) >= _LEAST:
            found[flat.text] = _sentence(line, flat)
            if len(found) == SENTENCES:
                break
    return sorted(found.values(), key=lambda each: (each.line.index, each.line.start))


def _in_turn(posts: list[Iterator[Line]]) -> Iterator[Line]:
    """The first of each, then the second of each, and so on."""
    return (line for round_ in zip_longest(*posts) for line in round_ if line is not None)


def _of_post(index: int, text: str) -> Iterator[Line]:
    first, last = own_part(text[:LENGTH])
    for start, end in _cut(text, first, last):
        yield Line(text[start:end], index, start, end)


def _cut(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Spans of sentences without the blanks around them; what is longer than LONGEST in several."""
    for low, high in _between(_END, text, first, last):
        start = low
        while high - start > LONGEST:
            pauses = [each.end() for each in _PAUSE.finditer(text, start + 1, start + LONGEST)]
            stop = pauses[-1] if pauses else start + LONGEST
            yield from _trimmed(text, start, stop)
            start = stop
        yield from _trimmed(text, start, high)


def _between(end: re.Pattern[str], text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    at = first
    for mark in end.finditer(text, first, last):
        yield at, mark.end()
        at = mark.end()
    yield at, last


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _sentence(line: Line, flat: Traced) -> _Sentence:
    words = _words(flat)
    topics = [each.span() for each in _TOPIC.finditer(line.text)]
    plain = tuple(word for word, start, _ in words if not _inside(start, topics))
    return _Sentence(line, words, plain)


def _words(flat: Traced) -> Words:
    """What may be a key word: two Chinese characters or a Latin word, no stop word, no emoticon."""
    import rjieba  # noqa: PLC0415  # 35 MB: only where a gist is made

    emoticons = [each.span() for each in _EMOTICON.finditer(flat.text)]
    return tuple(
        (word, flat.starts[start], flat.ends[end - 1])
        for word, start, end in rjieba.tokenize(flat.text)
        if _WORD.fullmatch(word) and word not in _stop_words() and not _inside(start, emoticons)
    )


def _inside(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(low <= place < high for low, high in spans)


@cache
def _stop_words() -> frozenset[str]:
    return snow.stop_words() | _EMPTY
