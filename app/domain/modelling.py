"""A draft by a language model: what it may rest on, what it said, and which of its sentences a person must
look at before they can be approved."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from app.domain.draft import Draft, Manner
from app.domain.outbox import UNKNOWN, Basis
from app.i18n import N_


class Ground(StrEnum):
    """What a source is; its letter begins the source's id ("K3")."""

    KNOWLEDGE = "K"
    MENTION = "M"
    ANSWER = "A"
    """What we answered earlier in the thread."""
    TEMPLATE = "T"

    @property
    def ours(self) -> bool:
        """Did we write it? What only a post says is no ground for a promise or a figure."""
        return self is not Ground.MENTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something a sentence may rest on. `ref` is the entry's or mention's id; `id` is what the model writes
    ("K3", "M12")."""

    ground: Ground
    ref: int
    title: str
    text: str
    author: str = ""
    """Who wrote it, where it is a post: masked before it leaves."""
    main: bool = False
    """The post that is to be answered."""

    @property
    def id(self) -> str:
        return f"{self.ground}{self.ref}"


class Doubt(StrEnum):
    """Why a sentence is marked."""

    UNSOURCED = "unsourced"
    INVENTED = "invented"
    FIGURE = "figure"
    POST_FIGURE = "post_figure"
    PROMISE = "promise"
    UNLIKE = "unlike"
    MARKUP = "markup"
    LEAK = "leak"
    BLANK = "blank"


DOUBTS = {
    Doubt.UNSOURCED: N_("rests on no source"),
    Doubt.INVENTED: N_("names a source that does not exist"),
    Doubt.FIGURE: N_("has a figure, date, number or link that stands in none of its sources"),
    Doubt.POST_FIGURE: N_("has a figure or link that only the post has"),
    Doubt.PROMISE: N_("promises something, and only the post says so"),
    Doubt.UNLIKE: N_("has little in common with its source"),
    Doubt.MARKUP: N_("has markup, a command or an @"),
    Doubt.LEAK: N_("repeats the instructions to the model"),
    Doubt.BLANK: N_("has a blank that nothing could fill"),
}
"""For people."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """`sources` are ids that exist. `ok`: it rests on them as far as can be checked; else `doubts` says why
    not. `ends_line`: a line break follows."""

    text: str
    sources: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    ends_line: bool = False

    @property
    def ok(self) -> bool:
        return not self.doubts


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything about one request before it is made. `body` is what leaves, byte for byte."""

    mention_id: int
    manner: Manner
    url: str
    host: str
    model: str
    body: str
    system: str
    sources: tuple[Source, ...]
    masked: tuple[tuple[str, str], ...]
    """(placeholder, what it stands for): stays on this machine."""
    basis: Basis = UNKNOWN

    @property
    def readable(self) -> str:
        """The same for a person: every text whole, with line breaks instead of JSON's signs for them."""
        told = json.loads(self.body)
        messages = told.pop("messages")
        head = f"POST {self.url}\n{json.dumps(told, ensure_ascii=False)}"
        return "\n\n".join((head, *(f"[{one['role']}]\n{one['content']}" for one in messages)))


@dataclass(frozen=True, slots=True)
class Progress:
    """What has been streamed so far, names and numbers put back; the last sentence may be half."""

    text: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDraft:
    """A draft that came to its end. `note`: a sentence about it, "" for none."""

    mention_id: int
    model: str
    host: str
    sentences: tuple[Sentence, ...]
    sources: tuple[Source, ...]
    basis: Basis = UNKNOWN
    note: str = ""

    @property
    def text(self) -> str:
        """As it would be sent: without the marks."""
        return joined(self.sentences)

    @property
    def marked(self) -> tuple[Sentence, ...]:
        """What a person must look at."""
        return tuple(one for one in self.sentences if not one.ok)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What asking the model came to: its draft, or the template's and why."""

    draft: ModelDraft | None = None
    fallback: Draft | None = None
    why: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked sentence that was drafted for a mention; `seen_by` is who has looked at it."""

    id: int
    mention_id: int
    sentence: str
    doubts: tuple[Doubt, ...]
    seen_by: str = ""


def joined(sentences: tuple[Sentence, ...]) -> str:
    """The sentences as one text."""
    out = ""
    for one in sentences:
        gap = " " if out and not out.endswith("\n") and out[-1].isascii() and one.text[:1].isascii() else ""
        out += gap + one.text + ("\n" if one.ends_line else "")
    return out.strip()
