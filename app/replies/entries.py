"""What makes an entry of the knowledge base sound, and how an answered mention becomes one.

Pure; any thread.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from app.domain.knowledge import Entry
from app.domain.plain import one_line, own_part
from app.errors import ConfigError
from app.i18n import _
from app.matching.fold import folded
from app.replies.personal import masked

TITLE, ANSWER, PATTERN, PATTERNS, OTHER = 200, 10_000, 300, 100, 100
"""Characters of a field, and how many wordings."""
LINK = 2_000
REVIEW_DAYS = 180
"""An answer that was kept in passing is looked at again after half a year."""

_CUT = 60
_SENTENCE = re.compile(r"[^。！？!?…\n~～]+[。！？!?…~～]*")
_NOISE = re.compile(r"https?://\S+|@[\w\-·]{1,40}|#([^#\s]{1,30})#|\[[\u4e00-\u9fff]{1,4}\]")
_ASKS = re.compile(r"[?？]|吗|怎么|如何|为什么|为啥|咋|多久|多少|哪里|能不能|是不是")


def tidy(entry: Entry) -> Entry:
    """Without blanks around, empty wordings, and wordings that are there twice."""
    wordings = {folded(one).strip(): " ".join(one.split()) for one in reversed(entry.patterns)}
    wordings.pop(folded(entry.title).strip(), None)
    wordings.pop("", None)
    return replace(
        entry,
        title=" ".join(entry.title.split()),
        patterns=tuple(reversed(wordings.values())),
        answer=entry.answer.replace("\r\n", "\n").replace("\r", "\n").strip(),
        link=entry.link.strip(),
        product=" ".join(entry.product.split()),
        owner=" ".join(entry.owner.split()),
        tags=tuple(dict.fromkeys(" ".join(one.split()) for one in entry.tags if one.strip())),
    )


def check(entry: Entry) -> None:
    """ConfigError names the field that is at fault."""
    if not entry.title:
        raise ConfigError(_("Write the question."), field="title")
    if not folded(entry.title).strip():
        raise ConfigError(_("The question has no character that can be read."), field="title")
    if not entry.answer:
        raise ConfigError(_("Write the answer."), field="answer")
    lengths = (
        ("title", entry.title, TITLE),
        ("answer", entry.answer, ANSWER),
        ("link", entry.link, LINK),
        ("product", entry.product, OTHER),
        ("owner", entry.owner, OTHER),
        *(("patterns", one, PATTERN) for one in entry.patterns),
        *(("tags", one, OTHER) for one in entry.tags),
    )
    for field, said, most in lengths:
        if len(said) > most:
            told = _("“{said}” is longer than {n} characters.")
            raise ConfigError(told.format(said=one_line(said, 40), n=most), field=field)
    if len(entry.patterns) > PATTERNS:
        raise ConfigError(_("At most {n} wordings of a question.").format(n=PATTERNS), field="patterns")
    if entry.link and not re.fullmatch(r"https?://[^\s<>\"']+", entry.link, re.IGNORECASE):
        raise ConfigError(_("A link begins with http:// or https://."), field="link")


def from_answer(text: str, answer: str, by: str, today: date) -> Entry:
    """The question in the words of a post, without personal data; the answer as it was given."""
    start, end = own_part(text)
    words = masked(_NOISE.sub(r"\1 ", text[start:end]))
    flat = " ".join(words.split())
    return Entry(
        title=_question(words) or one_line(answer, _CUT),
        patterns=(one_line(flat, PATTERN),) if len(flat) > _CUT else (),
        answer=masked(answer).strip(),
        owner=by,
        review_on=today + timedelta(days=REVIEW_DAYS),
    )


def _question(words: str) -> str:
    """The first sentence that asks; where none does, the first that says something."""
    sentences = [one.strip(" ，,、\t") for one in _SENTENCE.findall(words)]
    telling = [one for one in sentences if len(one) >= 4]
    asking = [one for one in telling if _ASKS.search(one)]
    return one_line((asking or telling or sentences or [""])[0], _CUT)
