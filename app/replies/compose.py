"""Template and mention make the text a person starts from; nothing here is ever sent by itself.

Pure functions of values; any thread. A value is put in once and never read as a template again,
so an author called `{agent}` stays just that. Nothing is invented: a piece or a sentence whose
variable nothing can fill is left out, and `missing` says which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.cues import URGENT
from app.domain.draft import Draft, Manner, Rest, Template
from app.domain.knowledge import Entry
from app.domain.mention import Stored
from app.domain.plain import one_line
from app.domain.sentiment import Tone
from app.errors import NotFound
from app.i18n import _
from app.replies.templates import VARIABLE, frames, variables

GENERAL = "general"

_OPTIONAL = re.compile(r"\[([^\[\]]*\{[^\[\]]*)\]")
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]*")
_LIMITS = {"author": 30, "brand": 40, "product": 40, "issue": 40, "agent": 40}


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known besides the mention: found in its text, or set by the team."""

    complaint: str = GENERAL
    issue: str = ""
    product: str = ""
    brand: str = ""
    """Empty: the first own brand the mention names."""
    channel: str = ""
    link: str = ""
    agent: str = ""


def pick(templates: Sequence[Template], complaint: str) -> Template:
    """The team's own for this kind, else the shipped one, else a general one, else the first."""
    if not templates:
        raise NotFound(_("There is no reply template."))
    return min(templates, key=lambda each: (_distance(each, complaint), each.builtin))


def _distance(template: Template, complaint: str) -> int:
    return (
        (complaint, GENERAL).index(template.complaint) if template.complaint in (complaint, GENERAL) else 2
    )


def fill(template: Template, manner: Manner, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The text, and the variables of its body that nothing could fill."""
    body = template.bodies.get(manner) or next(
        (text for text in template.bodies.values() if text.strip()), ""
    )
    clean = {name: _value(name, str(values.get(name, ""))) for name in variables(body)}
    missing = tuple(name for name, value in clean.items() if not value)
    settled = _OPTIONAL.sub(lambda piece: piece[1] if _whole(piece[1], clean) else "", body)
    kept = [sentence for sentence in _SENTENCE.findall(settled) if _whole(sentence, clean)]
    return _tidy("".join(_put(sentence, clean) for sentence in kept)), missing


def _whole(piece: str, values: Mapping[str, str]) -> bool:
    return all(values.get(name) for name in variables(piece))


def _put(sentence: str, values: Mapping[str, str]) -> str:
    return VARIABLE.sub(lambda name: values[name[1]], sentence)


def _value(name: str, value: str) -> str:
    if name == "answer":
        return value.strip()  # our own words, and their lines
    flat = one_line(value, _LIMITS.get(name, 300))
    return flat.lstrip("@＠ ") if name == "author" else flat


def _tidy(text: str) -> str:
    """No blank lines or spaces that a left-out piece leaves behind."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def draft(stored: Stored, templates: Sequence[Template], manner: Manner, context: Context) -> Draft:
    """What the composer opens with; give one template to use just that."""
    template = pick(templates, context.complaint)
    text, missing = fill(template, manner, _values(stored, context))
    return Draft(
        mention_id=stored.id,
        template_id=template.id,
        template=template.name,
        complaint=context.complaint,
        manner=manner,
        text=text,
        missing=missing,
        rests=(Rest("mention", stored.id, one_line(stored.mention.author.name, 30)),),
    )


def from_entry(stored: Stored, entry: Entry, manner: Manner, context: Context) -> Draft:
    """An entry's answer, in the frame that fits the occasion and the tone."""
    frame = Template(
        name=entry.title, complaint=context.complaint, bodies=frames()[_occasion(stored, context)]
    )
    values = _values(stored, context) | {"answer": entry.answer}
    if entry.link:
        values["link"] = "" if entry.link in entry.answer else entry.link
    text, missing = fill(frame, manner, values)
    return Draft(
        mention_id=stored.id,
        template_id=0,
        template="",
        complaint=context.complaint,
        manner=manner,
        text=text,
        missing=tuple(name for name in missing if name != "link"),
        rests=(
            Rest("entry", entry.id, entry.title),
            Rest("mention", stored.id, one_line(stored.mention.author.name, 30)),
        ),
        entry_id=entry.id,
    )


def _occasion(stored: Stored, context: Context) -> str:
    """Whoever may be hurt is told first what to do; whoever complains hears that we are sorry."""
    if context.complaint == "safety" or URGENT.intersection(stored.severity):
        return "safety"
    negative = stored.tone is Tone.NEGATIVE or (context.complaint != GENERAL and stored.tone is None)
    return "complaint" if negative else "question"


def _values(stored: Stored, context: Context) -> dict[str, str]:
    return {
        "author": stored.mention.author.name,
        "brand": context.brand or _first(hit.brand for hit in stored.hits if not hit.competitor),
        "product": context.product,
        "issue": context.issue,
        "channel": context.channel,
        "link": context.link,
        "agent": context.agent,
    }


def _first(names: Iterable[str]) -> str:
    return next(iter(names), "")
