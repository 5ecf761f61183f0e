"""An incident on one page, as Markdown and as HTML. Pure. Post text is hostile in both.

Every line about what was said ends with the posts it rests on, as links where they have an address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import quote, urlsplit

from app.domain.mention import Stored
from app.domain.plain import one_line
from app.domain.platforms import platform_name
from app.domain.warning import Brief, IncidentCard, StoryHeat
from app.i18n import N_, _, clauses, ngettext

STEPS = {
    "opened": N_("opened"),
    "growing": N_("growing"),
    "peaked": N_("past its peak"),
    "ebbing": N_("ebbing"),
    "closed": N_("over"),
    "muted": N_("muted"),
    "unmuted": N_("may disturb again"),
    "closer": N_("watched closer"),
    "escalated": N_("passed on"),
    "briefed": N_("summed up"),
}
"""Phases and what people do, as a person reads them."""

SHOWN = 5
"""Stories, accounts, posts a brief names of each."""
LINKS = 5
_QUOTE = 140
_MARKS = re.compile(r"([\\`*_\[\]<>|~&@$^]|(?<=www)\.|:(?=//)|^[#+=-]|(?<=^\d)[.)])")
"""What Markdown and its dialects would read as more than a letter, also by making links themselves."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence and the posts it rests on; `quoted` stands in quotation marks before them."""

    told: str
    rests: tuple[int, ...] = ()
    quoted: str = ""


_Section = tuple[str, list[_Line]]


def brief_of(card: IncidentCard, mentions: Mapping[int, Stored]) -> Brief:
    """`mentions`: those the card names, as far as they are stored."""
    incident = card.incident
    title = one_line(_("Incident {n}: {title}").format(n=incident.id, title=incident.title), 160)
    sections = [
        (_("What happened"), _happened(card)),
        (_("Why it matters"), [_Line(told, ids) for told, ids in card.reasons]),
        (_("What alarmed"), [_Line(f"{_clock(one.at)} {one.told}", one.mention_ids) for one in card.signs]),
        (_("Stories"), [_story(one) for one in card.stories[:SHOWN]]),
        (_("New words"), [_word(one.word, one.came, one.usual, one.mention_ids) for one in card.words]),
        (_("Who carried it"), _carriers(card)),
        (_("What was done"), [_Line(_done(one.at, one.what, one.by, one.detail)) for one in card.steps]),
    ]
    kept: list[_Section] = [(head, lines) for head, lines in sections if lines]
    used = dict.fromkeys(id_ for _head, lines in kept for line in lines for id_ in line.rests[:LINKS])
    return Brief(title, _markdown(title, kept, mentions), _html(title, kept, mentions), tuple(used))


def needed(card: IncidentCard) -> tuple[int, ...]:
    """Ids of the mentions that a brief may link."""
    ids: list[int] = [card.first.id] if card.first else []
    for _told, rests in card.reasons:
        ids += rests[:LINKS]
    for sign in card.signs:
        ids += sign.mention_ids[:LINKS]
    for word in card.words:
        ids += word.mention_ids[:LINKS]
    ids += [one.first.id for one in card.stories if one.first]
    ids += [one.mention_id for one in card.carriers]
    return tuple(dict.fromkeys(ids))


def _happened(card: IncidentCard) -> list[_Line]:
    incident = card.incident
    n = incident.mentions
    lines = [
        _Line(
            _("{severity}, {phase}; since {since}").format(
                severity=incident.severity,
                phase=step_label(incident.phase),
                since=_clock(incident.opened_at),
            ),
            tuple(one.id for one in card.copies[:1]),
        ),
        _Line(incident.reason, card.signs[0].mention_ids if card.signs else ()),
    ]
    spread = clauses(f"{platform_name(name)} {count}" for name, count in card.platforms[:SHOWN])
    counted = ngettext("It rests on {n} negative mention", "It rests on {n} negative mentions", n).format(
        n=n
    )
    lines.append(_Line(clauses([counted, spread]) if spread else counted, _ids(card.copies)))
    if card.first is not None:
        told = _("The first: {who}, {when}").format(
            who=one_line(card.first.mention.author.name, 40) or _("unknown"),
            when=_clock(card.first.published_at),
        )
        lines.append(_Line(told, (card.first.id,), one_line(card.first.text, _QUOTE)))
    return lines


def _story(story: StoryHeat) -> _Line:
    told = _("{copies} posts by {authors} authors with {followers} followers, {velocity} in the last hour")
    text = told.format(
        copies=story.copies,
        authors=story.authors,
        followers=f"{story.followers:,}",
        velocity=round(story.velocity),
    )
    if story.campaign:
        text = clauses([text, *(one.told for one in story.campaign)])
    first = (story.first.id,) if story.first else ()
    return _Line(text, first, one_line(story.first.text, _QUOTE) if story.first else "")


def _word(word: str, came: int, usual: float, ids: tuple[int, ...]) -> _Line:
    told = _("{word}: in {came} posts where {usual} were expected")
    return _Line(told.format(word=one_line(word, 30), came=came, usual=round(usual, 1)), ids)


def _carriers(card: IncidentCard) -> list[_Line]:
    lines = []
    for one in card.carriers[:SHOWN]:
        n = one.posts
        told = ngettext("{who} ({platform}): {n} post", "{who} ({platform}): {n} posts", n).format(
            who=one_line(one.name, 40) or _("unknown"), platform=platform_name(one.platform), n=n
        )
        if one.followers is not None:
            told = clauses([told, _("{n} followers").format(n=f"{one.followers:,}")])
        lines.append(_Line(told, (one.mention_id,)))
    return lines


def _done(at: datetime, what: str, by: str, detail: str) -> str:
    told = f"{_clock(at)} {step_label(what)}" + (f" ({one_line(by, 30)})" if by else "")
    return one_line(f"{told}: {detail}" if detail else told, 200)


def step_label(what: str) -> str:
    """What a phase or a person's act is called."""
    return _(STEPS[what]) if what in STEPS else what


def _clock(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def _ids(rows: Sequence[Stored]) -> tuple[int, ...]:
    return tuple(one.id for one in rows)


# ── the two formats ──────────────────────────────────────────────────────────────────────────────


def _markdown(title: str, sections: Iterable[_Section], mentions: Mapping[int, Stored]) -> str:
    out = [f"# {_plain(title)}", ""]
    for head, lines in sections:
        out += [f"## {_plain(head)}", ""]
        for line in lines:
            text = _plain(line.told) + (f" “{_plain(line.quoted)}”" if line.quoted else "")
            out.append(f"- {text}{_links(line, mentions, _markdown_link)}")
        out.append("")
    return "\n".join(out).rstrip() + "\n"


def _html(title: str, sections: Iterable[_Section], mentions: Mapping[int, Stored]) -> str:
    out = [f"<h1>{_safe(title)}</h1>"]
    for head, lines in sections:
        out.append(f"<h2>{_safe(head)}</h2>\n<ul>")
        for line in lines:
            text = _safe(line.told) + (f" <q>{_safe(line.quoted)}</q>" if line.quoted else "")
            out.append(f"<li>{text}{_links(line, mentions, _html_link)}</li>")
        out.append("</ul>")
    return "\n".join(out) + "\n"


def _links(line: _Line, mentions: Mapping[int, Stored], link: Callable[[int, str], str]) -> str:
    shown = [
        link(id_, _address(mentions[id_].mention.url) if id_ in mentions else "")
        for id_ in line.rests[:LINKS]
    ]
    more = "…" if len(line.rests) > LINKS else ""
    return " " + " ".join(shown) + more if shown else ""


def _markdown_link(id_: int, url: str) -> str:
    return f"[\\#{id_}]({url})" if url else f"\\#{id_}"


def _html_link(id_: int, url: str) -> str:
    return f'<a href="{_safe(url)}">#{id_}</a>' if url else f"#{id_}"


def _address(url: str) -> str:
    """Only the web's, and nothing in it that could end a link."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        return ""
    return quote(one_line(url, 2000), safe=":/?#@!$&*+,;=%~-._")


def _plain(text: str) -> str:
    return _MARKS.sub(r"\\\1", one_line(text, 1000))


def _safe(text: str) -> str:
    return escape(one_line(text, 2000), quote=True)
