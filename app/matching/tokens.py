"""A query cut into tokens. Full-width signs count as the plain ones: a Chinese keyboard types those.

Pure; any thread. Whatever is typed, only QueryError is raised, pointing into the query as typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.errors import QueryError
from app.i18n import _
from app.matching import fields
from app.matching.fold import folded
from app.matching.tree import Field, Phrase, Word

MAX_LENGTH = 4000
MAX_TERMS = 500
MAX_NEAR = 1000

# One for one, so that a place in the plain query is the place in the typed one.
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord("≧"): ord("≥"),
    ord("≦"): ord("≤"),
    ord("−"): ord("-"),
    ord("﹣"): ord("-"),
}
_CLOSING = {'"': '"', "“": "”“", "”": "”“", "「": "」", "『": "』"}
_BREAKS = frozenset('()|"“”「『')
_FIELD = re.compile(r"([^\W\d_]+)(?:\s*:?\s*(>=|<=|[<>=≥≤])|(:))[^\S\n]*")
_OPERATORS = {"≥": ">=", "≤": "<=", None: ":"}
_KEYWORDS = {"AND": "and", "OR": "or", "NOT": "not"}
_NEAR = re.compile(r"NEAR(?:/([0-9]{0,9}))?")


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: term | and | or | not | near | ( | ) | end."""

    kind: str
    at: int
    end: int
    term: Word | Phrase | Field | None = None
    n: int = 0


def tokens(query: str, *, stored: bool) -> list[Token]:
    """The query's tokens, ending with one of kind `end`."""
    if len(query) > MAX_LENGTH:
        told = _("This query is too long: {n} characters are allowed.")
        raise QueryError(told.format(n=MAX_LENGTH), at=MAX_LENGTH, length=len(query) - MAX_LENGTH)
    return _Cutter(query, stored=stored).cut()


class _Cutter:
    def __init__(self, query: str, *, stored: bool) -> None:
        self._query = query
        self._plain = query.translate(_PLAIN)
        # What folds to nothing (a zero-width space) parts no words.
        self._blank = [folded(char) == " " for char in query]
        self._stored = stored
        self._at = 0
        self._found: list[Token] = []
        self._terms = 0

    def cut(self) -> list[Token]:
        while self._at < len(self._plain):
            if self._blank[self._at]:
                self._at += 1
            else:
                self._next(self._plain[self._at])
        self._add("end", self._at)
        return self._found

    def _next(self, char: str) -> None:
        if char in "()":
            self._add(char, self._at + 1)
        elif char == "|":
            self._add("or", self._at + (2 if self._plain.startswith("||", self._at) else 1))
        elif char in _CLOSING:
            self._phrase()
        elif char == "-":
            self._minus()
        elif match := _FIELD.match(self._plain, self._at):
            self._field(match)
        else:
            self._word()

    def _add(self, kind: str, end: int, term: Word | Phrase | Field | None = None, n: int = 0) -> None:
        if term is not None:
            self._terms += 1
        if self._terms > MAX_TERMS:
            told = _("This query has too many words: {n} are allowed.")
            raise self._error(told.format(n=MAX_TERMS), self._at, end)
        self._found.append(Token(kind, self._at, end, term, n))
        self._at = end

    def _error(self, text: str, start: int, end: int) -> QueryError:
        return QueryError(text, at=start, length=max(1, end - start))

    def _minus(self) -> None:
        after = self._at + 1
        if after == len(self._plain) or self._blank[after]:
            told = _(
                "“-” must stand right before what is left out. To look for it, put it in quotation marks."
            )
            raise self._error(told, self._at, after)
        self._add("not", after)

    def _quoted(self, start: int) -> tuple[str, int]:
        """What stands between the quotation marks, and where it all ends."""
        closing = _CLOSING[self._plain[start]]
        for end in range(start + 1, len(self._plain)):
            if self._plain[end] in closing:
                return self._query[start + 1 : end], end + 1
        raise self._error(_("This quotation mark is never closed."), start, start + 1)

    def _phrase(self) -> None:
        inside, end = self._quoted(self._at)
        text = folded(inside)
        if not text.strip():
            raise self._error(_("There is nothing between these quotation marks."), self._at, end)
        self._add("term", end, Phrase(text))

    def _run(self, start: int) -> int:
        """Where the characters that belong together end."""
        end = start
        while end < len(self._plain) and not self._blank[end] and self._plain[end] not in _BREAKS:
            end += 1
        return end

    def _word(self) -> None:
        end = self._run(self._at)
        if (
            self._plain[end - 1] == "-"
            and end < len(self._plain)
            and self._plain[end] in _BREAKS - {")", "|"}
        ):
            end -= 1  # 小米-"小米粥": the minus belongs to what follows
        typed = self._plain[self._at : end]
        key = typed if typed.isascii() else "".join(char for char in typed if folded(char))
        if key in _KEYWORDS:
            self._add(_KEYWORDS[key], end)
        elif key == "NEAR" or key.startswith("NEAR/"):
            self._near(key, end)
        else:
            self._term(end)

    def _near(self, key: str, end: int) -> None:
        match = _NEAR.fullmatch(key)
        if match is None or not match[1] or int(match[1]) > MAX_NEAR:
            told = _("Write NEAR with a distance of 0 to {n} characters, such as NEAR/10.")
            raise self._error(told.format(n=MAX_NEAR), self._at, end)
        self._add("near", end, n=int(match[1]))

    def _term(self, end: int) -> None:
        typed = self._plain[self._at : end]
        star = typed.find("*")
        if star >= 0 and (star < len(typed) - 1 or star == 0):
            told = _("“*” can only end a word. To look for it, put the word in quotation marks.")
            raise self._error(told, self._at + star, self._at + star + 1)
        text = folded(self._query[self._at : end - (star > 0)]).strip()
        if not text:  # nothing but invisible characters, pasted along
            self._at = end
            return
        self._add("term", end, Word(text, prefix=star > 0))

    def _field(self, match: re.Match[str]) -> None:
        op = _OPERATORS.get(match[2], match[2])
        start = match.end()
        if start < len(self._plain) and self._plain[start] in _CLOSING:
            value, end = self._quoted(start)
        else:
            end = self._run(start)
            value = self._query[start:end]
        try:
            field = fields.read(folded(match[1]), op, value, stored=self._stored)
        except fields.FieldError as error:
            low, high = (start, end) if error.in_value else match.span()
            raise self._error(error.text, low, high) from None
        self._add("term", end, field)
