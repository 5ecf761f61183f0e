"""The watch query language: from what a person typed to a tree. docs/query-language.md describes it.

    query    = any { OR any }              loosest
    any      = one { [AND] one }
    one      = NOT one | near
    near     = primary [ NEAR/n primary ]
    primary  = word | "phrase" | field | ( query )

Pure; any thread. Whatever is typed, `parse` answers a tree or QueryError: lengths, nesting and the
number of words are bounded, so there is no RecursionError either.
"""

from __future__ import annotations

from app.errors import QueryError
from app.i18n import _
from app.matching.tokens import MAX_LENGTH, MAX_NEAR, MAX_TERMS, Token, tokens
from app.matching.tree import And, Field, Near, Not, Or, Phrase, Term, Tree, Word, loose

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_NEAR",
    "MAX_TERMS",
    "And",
    "Field",
    "Near",
    "Not",
    "Or",
    "Phrase",
    "Tree",
    "Word",
    "check",
    "parse",
]

MAX_DEPTH = 50


def parse(query: str, *, stored: bool = False) -> Tree:
    """The tree of `query`, or QueryError. `stored` allows the fields that only stored posts have."""
    return _Parser(query, tokens(query, stored=stored)).parse()


def check(query: str, stored: bool = False) -> None:
    """Raise QueryError if `query` cannot be read."""
    parse(query, stored=stored)


class _Parser:
    def __init__(self, query: str, found: list[Token]) -> None:
        self._query = query
        self._tokens = found
        self._next = 0
        self._depth = 0
        self._nots: dict[int, Token] = {}

    def parse(self) -> Tree:
        if len(self._tokens) == 1:
            raise QueryError(_("Type what to look for."), at=0, length=len(self._query))
        tree = self._any_of()
        if self._here.kind == ")":
            raise _error(_("This parenthesis was never opened."), self._here)
        culprit = loose(tree)
        if culprit is not None:
            told = _("This leaves posts out, but nothing here says which posts to look for.")
            raise _error(told, self._nots[id(culprit)])
        return tree

    @property
    def _here(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._here
        self._next += 1
        return token

    def _any_of(self) -> Tree:
        parts = [self._all_of()]
        while self._here.kind == "or":
            self._take()
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else Or(_flat(Or, parts))

    def _all_of(self) -> Tree:
        parts = [self._one()]
        while self._here.kind in {"and", "not", "term", "("}:
            if self._here.kind == "and":
                self._take()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else And(_flat(And, parts))

    def _one(self) -> Tree:
        if self._here.kind != "not":
            return self._near()
        sign = self._take()
        self._deeper(sign)
        left_out = Not(self._one())
        self._depth -= 1
        self._nots[id(left_out)] = sign
        return left_out

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            told = _("This query is nested too deeply: {n} levels are allowed.")
            raise _error(told.format(n=MAX_DEPTH), token)

    def _near(self) -> Tree:
        first = self._here
        left = self._primary()
        if self._here.kind != "near":
            return left
        near = self._take()
        near_left = self._near_term(left, first)
        second = self._here
        if second.kind == "not":
            raise _error(_("NEAR cannot stand before something left out."), second)
        right = self._near_term(self._primary(), second)
        if self._here.kind == "near":
            raise _error(_("NEAR joins two terms. Write a NEAR/5 b AND b NEAR/5 c."), self._here)
        return Near(near_left, right, near.n)

    def _near_term(self, tree: Tree, first: Token) -> Term:
        if isinstance(tree, Word | Phrase) or (isinstance(tree, Or) and _only_words(tree)):
            return tree
        last = self._tokens[self._next - 1]
        if last.kind == "near":
            last = self._tokens[self._next - 2]
        told = _("NEAR needs a word, a phrase or a group such as (a OR b) on both sides.")
        raise QueryError(told, at=first.at, length=last.end - first.at)

    def _primary(self) -> Tree:
        token = self._take()
        if token.term is not None:
            return token.term
        if token.kind == "(":
            return self._group(token)
        raise self._missing(token)

    def _group(self, opening: Token) -> Tree:
        self._deeper(opening)
        if self._here.kind == ")":
            raise _error(_("There is nothing between these parentheses."), opening, self._here)
        if self._here.kind == "end":
            raise _error(_("This parenthesis is never closed."), opening)
        inside = self._any_of()
        if self._take().kind != ")":
            raise _error(_("This parenthesis is never closed."), opening)
        self._depth -= 1
        return inside

    def _missing(self, token: Token) -> QueryError:
        """`token` stands where a word should."""
        before = self._tokens[self._next - 2] if self._next > 1 else None
        if before is not None and before.kind in {"and", "or", "not", "near"}:
            return _error(_("“{sign}” needs something after it.").format(sign=self._typed(before)), before)
        if token.kind == ")":
            return _error(_("This parenthesis was never opened."), token)
        return _error(_("“{sign}” needs something before it.").format(sign=self._typed(token)), token)

    def _typed(self, token: Token) -> str:
        return self._query[token.at : token.end]


def _error(text: str, token: Token, last: Token | None = None) -> QueryError:
    return QueryError(text, at=token.at, length=max(1, (last or token).end - token.at))


def _flat(kind: type[And] | type[Or], parts: list[Tree]) -> tuple[Tree, ...]:
    """(a OR b) OR c is a OR b OR c."""
    return tuple(inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,)))


def _only_words(tree: Or) -> bool:
    return all(isinstance(part, Word | Phrase) for part in tree.parts)
