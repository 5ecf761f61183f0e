"""What a reply should not say unseen: absolute claims, promises, personal data.

Nothing is changed or held back here: each finding says where it stands, why it is one and what would do
instead, and a person decides. The words are in `resources/words/forbidden/`, with the phrases in which they
do not count (第一时间, 保证金); a team's folder may hold lists of the same names, or of its own.

Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.domain.knowledge import Finding
from app.i18n import N_, _
from app.replies import personal

Find = Callable[[str], Iterable[tuple[str, int, int]]]
"""The phrases in a text: the name of their list, and where they stand."""

CLAIM, PROMISE, PERSONAL, WORD = "claim", "promise", "personal", "word"

_LISTS: dict[str, tuple[str, str, str]] = {
    "claims": (
        CLAIM,
        N_("An absolute claim, which the Advertising Law (article 9) forbids."),
        N_("Say what can be shown, without “best”, “first” or “100%”."),
    ),
    "state": (
        CLAIM,
        N_("Calls on the state or an authority, which the Advertising Law (article 9) forbids."),
        N_("Leave it out, or name the certificate."),
    ),
    "medical": (
        CLAIM,
        N_("Claims the effect of a medicine, which the Advertising Law (article 17) forbids."),
        N_("Leave it out; for health, point to a doctor."),
    ),
    "promises": (
        PROMISE,
        N_("A promise that binds the company."),
        N_("Say what you will do next and by when, not how it will end."),
    ),
}


def check(text: str, find: Find, ours: Iterable[str] = ()) -> tuple[Finding, ...]:
    """In order of place. `ours`: our own hotline, pages and the like, in which nothing is personal."""
    found = [*_words(text, find), *personal_data(text, ours)]
    return tuple(sorted(found, key=lambda one: (one.start, one.end)))


def _words(text: str, find: Find) -> Iterable[Finding]:
    taken: list[tuple[int, int]] = []
    # The longer of two that overlap says it: 绝对不会 is a promise, and 绝对 in it no claim besides.
    for name, start, end in sorted(find(text), key=lambda one: (one[1] - one[2], one[1], one[0])):
        if any(start < kept_end and kept_start < end for kept_start, kept_end in taken):
            continue
        taken.append((start, end))
        kind, reason, suggestion = _LISTS.get(name, (WORD, "", ""))
        told = _(reason) if reason else _("It stands in your team's list “{name}”.").format(name=name)
        yield Finding(start, end, kind, text[start:end], told, _(suggestion) if suggestion else "")


def personal_data(text: str, ours: Iterable[str] = ()) -> tuple[Finding, ...]:
    """In order of place, but for what stands in `ours`."""
    return tuple(_personal(text, ours))


def _personal(text: str, ours: Iterable[str]) -> Iterable[Finding]:
    own = [one for piece in ours if piece.strip() for one in _spans(text, piece.strip())]
    for start, end, sort in personal.find(text):
        if any(first <= start and end <= last for first, last in own):
            continue
        told = _("Looks like a customer's personal data: {what}.").format(what=_(personal.SORTS[sort]))
        instead = _("Leave it out; ask for it, or name it, in a private message.")
        yield Finding(start, end, PERSONAL, text[start:end], told, instead)


def _spans(text: str, piece: str) -> Iterable[tuple[int, int]]:
    at = text.find(piece)
    while at >= 0:
        yield at, at + len(piece)
        at = text.find(piece, at + len(piece))
