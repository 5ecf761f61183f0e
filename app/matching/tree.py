"""What a query means, as a tree of values, and what can be concluded from the tree alone.

Texts in the tree are folded. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """Unquoted: a Latin letter (digit) at its edge may not touch another letter (digit).

    With `prefix` (vivo*) the rule holds at the front only.
    """

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Quoted: exactly these characters, wherever they stand."""

    text: str


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Tree


@dataclass(frozen=True, slots=True)
class Near:
    """At most `n` characters of folded text between the two, in either order."""

    left: Term
    right: Term
    n: int


@dataclass(frozen=True, slots=True)
class Field:
    """`op` is one of : = > >= < <= ; numbers have been read, words are folded."""

    name: str
    op: str
    value: str | float


Term = Word | Phrase | Or
Tree = Word | Phrase | And | Or | Not | Near | Field


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of these must be in the text."""

    parts: tuple[Needed, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these must be in the text."""

    parts: tuple[Needed, ...]


Needed = str | AllOf | AnyOf


def plain(tree: Tree, *, negated: bool = False) -> Tree:
    """The same query with NOT only directly before a word, phrase, NEAR or field."""
    match tree:
        case Not(part):
            return plain(part, negated=not negated)
        case And(parts) | Or(parts):
            inner = tuple(plain(part, negated=negated) for part in parts)
            return And(inner) if isinstance(tree, And) != negated else Or(inner)
        case _:
            return Not(tree) if negated else tree


def loose(tree: Tree, *, negated: bool = False) -> Tree | None:
    """The part through which posts would match for what they do NOT say; None if there is none."""
    match tree:
        case Not(part):
            culprit = loose(part, negated=not negated)
            return tree if culprit is not None and not negated else culprit
        case And(parts) | Or(parts):
            found = [loose(part, negated=negated) for part in parts]
            if isinstance(tree, And) != negated and None in found:
                return None
            return next((one for one in found if one is not None), None)
        case _:
            return tree if negated else None


def words(tree: Tree) -> Iterator[Word | Phrase]:
    """The words and phrases looked for; those behind a NOT are not among them. Takes a plain tree."""
    match tree:
        case Word() | Phrase():
            yield tree
        case And(parts) | Or(parts):
            for part in parts:
                yield from words(part)
        case Near(left, right):
            yield from words(left)
            yield from words(right)
        case _:
            pass


def cover(tree: Tree) -> tuple[Word | Phrase, ...] | None:
    """Words one of which every matching post holds; None where a post can match without any.

    Of things that must all be there the first will do: people write the brand first. Takes a plain tree.
    """
    match tree:
        case Word() | Phrase():
            return (tree,)
        case Near(left):
            return cover(left)
        case And(parts):
            return next((found for found in map(cover, parts) if found is not None), None)
        case Or(parts):
            covers = [found for found in map(cover, parts) if found is not None]
            return tuple(one for found in covers for one in found) if len(covers) == len(parts) else None
        case _:
            return None


def required_terms(tree: Tree) -> Needed | None:
    """Folded substrings that title and text together must hold for the query to be true of them.

    More posts may hold them than match (NOT and fields are dropped, NEAR is AND, edges of Latin
    words are not looked at), never fewer. None: the words exclude nothing.
    """
    return _needed(plain(tree))


def _needed(tree: Tree) -> Needed | None:
    match tree:
        case Word(text) | Phrase(text):
            return text
        case And(parts):
            return _all_of([_needed(part) for part in parts])
        case Near(left, right):
            return _all_of([_needed(left), _needed(right)])
        case Or(parts):
            found = [one for one in map(_needed, parts) if one is not None]
            return AnyOf(tuple(found)) if len(found) == len(parts) else None
        case _:
            return None


def _all_of(parts: list[Needed | None]) -> Needed | None:
    found = tuple(part for part in parts if part is not None)
    if len(found) > 1:
        return AllOf(found)
    return found[0] if found else None
