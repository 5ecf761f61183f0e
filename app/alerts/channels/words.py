"""A message's words, made harmless for every channel, and cut so that they fit. Pure; any thread.

Post text is hostile: it must not point at everybody, begin markup or become a link. Backslashes are no
common ground between the robots' dialects of Markdown, so that whatever could begin something is replaced
by a character that looks like it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain.delivery import Notice
from app.domain.people import Person
from app.domain.plain import one_line
from app.domain.web import host_of, link_of
from app.i18n import _, listed, ngettext

SHOWN = 10
"""Alerts written out in one message; further ones are counted."""
TITLE, REASON, NAME = 90, 120, 40
DETAILS = (220, 80, 0)
"""Characters of a body: shorter ones are tried before fewer alerts."""

_MARKUP = str.maketrans(
    {
        "*": "＊", "_": "＿", "`": "｀", "~": "～", "#": "＃", "|": "｜", "[": "［", "]": "］", "<": "＜",
        ">": "＞", "&": "＆", "\\": "＼", "$": "＄", "{": "｛", "}": "｝", "!": "！",
    }
)  # fmt: skip
_DOMAIN = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_]{2,})")
_LIST = re.compile(r"^(?:([-+=])|(\d{1,9})([.)]))")


def inert(text: str, limit: int) -> str:
    """One line in which nothing is markup, a link, or a way to point at somebody."""
    line = one_line(text, limit).translate(_MARKUP).replace("@", "＠")
    line = _DOMAIN.sub("．", line.replace("://", "：//"))
    return _LIST.sub(_no_list, line)


def _no_list(found: re.Match[str]) -> str:
    if found[1]:
        return {"-": "－", "+": "＋", "=": "＝"}[found[1]]
    return found[2] + {".": "．", ")": "）"}[found[3]]


_EVERYBODY = frozenset(("all", "everyone", "here", "channel"))


@dataclass(frozen=True, slots=True)
class Parts:
    """A notice, each part harmless in any dialect. `link` is "" where the post has no fit address."""

    head: str
    body: str
    reason: str
    facts: str
    link: str
    label: str


def parts(notice: Notice, detail: int) -> Parts:
    """`detail`: characters of the body."""
    copies = _(" ×{n}").format(n=notice.copies) if notice.copies > 1 else ""
    title = inert(notice.title, TITLE)
    grave = str(notice.severity)
    head = title if title.startswith(grave) else f"{grave} {title}"
    again = _("(perhaps for the second time)") if notice.again else ""
    when = notice.at.astimezone().strftime("%m-%d %H:%M")
    facts = " · ".join(filter(None, (inert(notice.brand, NAME), when)))
    link = link_of(notice.url)
    label = _("Open the post ({host})").format(host=inert(host_of(link), 60)) if link else ""
    return Parts(
        head=" ".join(filter(None, (head + copies, again))),
        body=inert(notice.body, detail) if detail else "",
        reason=inert(notice.reason, REASON),
        facts=facts,
        link=link,
        label=label,
    )


def ordered(notices: Sequence[Notice]) -> list[Notice]:
    """The gravest first, then the oldest."""
    return sorted(notices, key=lambda one: (str(one.severity), one.at))


def pack(
    notices: Sequence[Notice],
    write: Callable[[Parts], str],
    *,
    fits: Callable[[str], bool],
    gap: str = "\n\n",
    lead: str = "",
) -> str:
    """The message: as many alerts as fit, and how many more there are. `lead` (who is pointed at) stands
    before them and is never cut."""
    first = ordered(notices)
    for count in range(min(len(first), SHOWN), 0, -1):
        for detail in DETAILS:
            blocks = [write(parts(one, detail)) for one in first[:count]]
            told = gap.join(filter(None, (lead, *blocks, more(len(first) - count))))
            if fits(told):
                return told
    return gap.join(filter(None, (lead, more(len(first)))))


def more(n: int) -> str:
    """Empty for none."""
    told = ngettext("and {n} more alert; see Tingfeng", "and {n} more alerts; see Tingfeng", n)
    return told.format(n=n) if n > 0 else ""


def summary(notices: Sequence[Notice], limit: int) -> str:
    """For a title or a preview: the gravest one, and how many more."""
    first = parts(ordered(notices)[0], 0).head
    others = len(notices) - 1
    told = ngettext(" and {n} more", " and {n} more", others).format(n=others) if others > 0 else ""
    return one_line(first, max(1, limit - len(told))) + told


def people(notices: Sequence[Notice]) -> tuple[Person, ...]:
    """Each once."""
    return tuple({one.name: one for notice in notices for one in notice.people}.values())


def contacts(
    notices: Sequence[Notice], kind: str, fit: re.Pattern[str]
) -> tuple[list[tuple[str, str]], str]:
    """(name, address) of whom to point at, and a remark naming those who have none that would do."""
    found, without = [], []
    for one in people(notices):
        address = one.contacts.get(kind, "").strip()
        if fit.fullmatch(address) and address.lower().lstrip("@") not in _EVERYBODY:
            found.append((inert(one.name, NAME), address))
        else:
            without.append(inert(one.name, NAME))
    told = _("{names} could not be pointed at: no address of this kind is kept.")
    return found, told.format(names=listed(without)) if without else ""


def duty(notices: Sequence[Notice], pointed: Sequence[tuple[str, str]]) -> str:
    """Those on duty who cannot be pointed at, by name."""
    known = {name for name, _address in pointed}
    names = [name for one in people(notices) if (name := inert(one.name, NAME)) not in known]
    return _("For {names}").format(names=listed(names)) if names else ""


def size(text: str) -> int:
    """Bytes of UTF-8."""
    return len(text.encode("utf-8", "replace"))
