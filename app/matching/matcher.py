"""Which brands a mention names, and where; and the search box, which speaks the same language.

All watches together are one automaton: a text is folded once and read once, whatever their number.
Only watches of which some word was found are then evaluated. Matchers never change once made; they
are made and used in any thread. Pure: nothing is stored, read or sent here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.domain.mention import Hit, Mention, Stored
from app.domain.watch import Source, Watch
from app.errors import QueryError
from app.matching.fields import Facts, asks
from app.matching.fold import Folded, fold, folded
from app.matching.language import MAX_NEAR, check, parse
from app.matching.scan import Found, Masks, Span, Terms, merged, near
from app.matching.tree import (
    AllOf,
    And,
    AnyOf,
    Field,
    Near,
    Needed,
    Not,
    Or,
    Phrase,
    Tree,
    Word,
    cover,
    plain,
    required_terms,
    words,
)

__all__ = [
    "AllOf",
    "AnyOf",
    "Matcher",
    "Needed",
    "TextQuery",
    "check",
    "compile_text",
    "compile_watches",
    "positive_words",
    "required_terms",
]

# The title stands before the text at negative offsets, too far away for any NEAR.
_APART = MAX_NEAR + 1


@dataclass(frozen=True, slots=True)
class _Scene:
    """One mention as the watches see it. `masks`: None where nothing is masked."""

    found: Found
    facts: Facts
    masks: Masks | None = None


_Look = Callable[[_Scene], list[Span] | None]
"""None: not so. Else the spans that made it so (none for a field). Nobody changes the list."""


def _term(number: int) -> _Look:
    def look(scene: _Scene) -> list[Span] | None:
        spans = scene.found.get(number)
        if spans is None or scene.masks is None:
            return spans
        return scene.masks.open(spans) or None

    return look


def _without(look: _Look) -> _Look:
    """A word that must not be there must not be there under a mask either."""

    def absent(scene: _Scene) -> list[Span] | None:
        bare = _Scene(scene.found, scene.facts) if scene.masks else scene
        return [] if look(bare) is None else None

    return absent


def _every(looks: Sequence[_Look]) -> _Look:
    def look(scene: _Scene) -> list[Span] | None:
        out: list[Span] = []
        for one in looks:
            spans = one(scene)
            if spans is None:
                return None
            out += spans
        return out

    return look


def _some(looks: Sequence[_Look]) -> _Look:
    def look(scene: _Scene) -> list[Span] | None:
        got = [spans for spans in (one(scene) for one in looks) if spans is not None]
        return [span for spans in got for span in spans] if got else None

    return look


def _close_by(left: _Look, right: _Look, n: int) -> _Look:
    def look(scene: _Scene) -> list[Span] | None:
        ours, theirs = left(scene), right(scene)
        return (near(ours, theirs, n) or None) if ours and theirs else None

    return look


def _asking(field: Field) -> _Look:
    test = asks(field)
    return lambda scene: [] if test(scene.facts) else None


def _looking(tree: Tree, terms: Terms) -> _Look:
    """The test for a plain tree; its words get their numbers."""
    match tree:
        case Word() | Phrase():
            return _term(terms.number(tree))
        case And(parts):
            return _every([_looking(part, terms) for part in parts])
        case Or(parts):
            return _some([_looking(part, terms) for part in parts])
        case Not(part):
            return _without(_looking(part, terms))
        case Near(left, right, n):
            return _close_by(_looking(left, terms), _looking(right, terms), n)
        case Field():
            return _asking(tree)


def _shown(tree: Tree, terms: Terms) -> Iterable[_Look]:
    """What to highlight for a plain tree: each word by itself, NEAR only where it holds."""
    match tree:
        case Word() | Phrase() | Near():
            yield _looking(tree, terms)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _shown(part, terms)
        case _:
            pass


def _names(given: Iterable[str]) -> tuple[str, ...]:
    """Folded, without the blank ones."""
    texts = (folded(one).strip() for one in given)
    return tuple(dict.fromkeys(text for text in texts if text))


def _watch_tree(watch: Watch) -> Tree:
    """Query and aliases as one plain tree."""
    query = plain(parse(watch.query))
    aliases = tuple(Word(text) for text in _names(watch.aliases))
    return Or((query, *aliases)) if aliases else query


@dataclass(frozen=True, slots=True)
class _Compiled:
    watch: Watch
    look: _Look
    exclusions: tuple[int, ...]

    def hit(self, scene: _Scene, text: Folded) -> Hit | None:
        spans = self.look(self._masked(scene))
        if spans is None:
            return None
        where = merged(text.original(start, end) for start, end in spans if start >= 0)
        return Hit(self.watch.id, self.watch.name, self.watch.competitor, where)

    def _masked(self, scene: _Scene) -> _Scene:
        masks = [span for number in self.exclusions for span in scene.found.get(number, ())]
        return _Scene(scene.found, scene.facts, Masks(masks)) if masks else scene


def _found_in(scan: Callable[[str, Found, int], None], title: str, text: str) -> Found:
    found: Found = {}
    if title:
        head = folded(title)
        scan(head, found, -len(head) - _APART)
    scan(text, found, 0)
    return found


class Matcher:
    """All watches, compiled. `broken` holds the watches left out, by id, and what is wrong with them."""

    def __init__(self, watches: Sequence[Watch], *, skip_broken: bool = False) -> None:
        self.broken: dict[int, QueryError] = {}
        self._compiled: list[_Compiled] = []
        self._always: list[int] = []
        self._by_term: dict[int, list[int]] = {}
        terms = Terms()
        for watch in watches:
            try:
                self._add(watch, _watch_tree(watch), terms)
            except QueryError as error:
                if not skip_broken:
                    raise
                self.broken[watch.id] = error
        self._scan = terms.scanner().scan

    def _add(self, watch: Watch, tree: Tree, terms: Terms) -> None:
        place = len(self._compiled)
        excluded = tuple(terms.number(Phrase(text)) for text in _names(watch.exclusions))
        self._compiled.append(_Compiled(watch, _looking(tree, terms), excluded))
        wakes = cover(tree)
        if wakes is None:
            self._always.append(place)
            return
        for number in {terms.number(term) for term in wakes}:
            self._by_term.setdefault(number, []).append(place)

    def hits(self, mention: Mention, *, source: Source | None = None) -> tuple[Hit, ...]:
        """The brands `mention` names, in the order of the watches.

        Title and text are both searched; spans are of the text. `source.brand_id` is not looked at.
        """
        text = fold(mention.text)
        found = _found_in(self._scan, mention.title, text.text)
        places = self._woken(found)
        if not places:
            return ()
        facts = Facts(mention, source.id, source.name) if source is not None else Facts(mention)
        scene = _Scene(found, facts)
        hits = (self._compiled[place].hit(scene, text) for place in places)
        return tuple(hit for hit in hits if hit is not None)

    def _woken(self, found: Found) -> list[int]:
        """The watches that may match."""
        if not found:
            return self._always
        places = set(self._always)
        for number in found:
            places.update(self._by_term.get(number, ()))
        return sorted(places)


def compile_watches(watches: Sequence[Watch], *, skip_broken: bool = False) -> Matcher:
    """QueryError at the first watch that cannot be read, unless broken ones are to be left out."""
    return Matcher(watches, skip_broken=skip_broken)


class TextQuery:
    """The search box's query. `tree` is as it was written."""

    def __init__(self, query: str, *, stored: bool = False) -> None:
        self.tree = parse(query, stored=stored)
        terms = Terms()
        simple = plain(self.tree)
        self._look = _looking(simple, terms)
        self._shown = tuple(_shown(simple, terms))
        self._scan = terms.scanner().scan

    def matches(self, stored: Stored) -> bool:
        """Is the query true of this mention?"""
        mention = stored.mention
        found = _found_in(self._scan, mention.title, folded(mention.text))
        facts = Facts(mention, stored.source_id, stored.source, stored.tone, stored.status)
        return self._look(_Scene(found, facts)) is not None

    def spans(self, text: str) -> tuple[Span, ...]:
        """What to highlight in `text`, which by itself need not match (its title may say the rest)."""
        way = fold(text)
        scene = _Scene(_found_in(self._scan, "", way.text), _NO_FACTS)
        got = (spans for spans in (look(scene) for look in self._shown) if spans)
        return merged(way.original(start, end) for spans in got for start, end in spans)


_NO_FACTS = Facts(Mention(platform="", native_id="", url="", text=""))


def compile_text(query: str, *, stored: bool = False) -> TextQuery:
    """A query for stored mentions, or QueryError."""
    return TextQuery(query, stored=stored)


def positive_words(watch: Watch) -> tuple[str, ...]:
    """What to type into a platform's search so that nothing the watch looks for is missed.

    Words of the query (folded), of which every match holds one: for 小米 (发热 OR 退货) that is 小米.
    Where a post could match by a field alone, all words. Then the aliases, as they were given.
    """
    query = plain(parse(watch.query))
    wanted = cover(query) or tuple(words(query))
    given = (*(term.text for term in wanted), *watch.aliases)
    by_fold: dict[str, str] = {}
    for text in given:
        by_fold.setdefault(folded(text).strip(), text.strip())
    return tuple(text for key, text in by_fold.items() if key)
