"""What is written into an issue, from hostile text: fenced, escaped, and without anybody pinged. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.domain.plain import one_line
from app.domain.ticket import MARK, Issue, mark_of
from app.domain.web import link_of
from app.i18n import _, ngettext

TITLE, TEXT = 120, 8000
"""Characters."""
_TICKS = re.compile(r"`+")
_PINGS = str.maketrans(
    {"@": "＠", "#": "＃", "!": "！", "`": "｀", "<": "＜", ">": "＞", "[": "［", "]": "］"}
)
_MARKS = str.maketrans({"*": "＊", "_": "＿", "~": "～", "|": "｜", "\\": "＼", "{": "｛", "}": "｝"})
_URL = re.compile(r"://")
_FORGED = re.compile(MARK, re.IGNORECASE)


def title_of(issue: Issue, limit: int = TITLE) -> str:
    """One line that nobody is pinged by: [P2] brand: what it says."""
    head = f"[{issue.severity}] "
    said = one_line(issue.title, limit * 2)
    brand = one_line(issue.brand, 40)
    said = f"{brand}: {said}" if brand and not said.startswith(brand) else said
    return one_line(head + said, limit).translate(_PINGS).replace("［P", "[P", 1).replace("］", "]", 1)


def lines_of(text: str, limit: int = TEXT) -> str:
    """Several lines, each harmless in itself: no control, bidi or zero-width characters."""
    kept = [one_line(line, 2000) for line in text[: limit * 2].splitlines()]
    told = _FORGED.sub(_unlike, "\n".join(kept).strip())
    return told if len(told) <= limit else told[: limit - 1] + "…"


def _unlike(found: re.Match[str]) -> str:
    """A post that carries our mark would be taken for another one's issue."""
    return found[0].replace("-", "－")


def fact(text: str, limit: int = 120) -> str:
    """A short text in the middle of ours, without any markup's signs."""
    told = _FORGED.sub(_unlike, one_line(text, limit))
    return _URL.sub("：//", told.translate(_PINGS).translate(_MARKS))


def facts_of(issue: Issue) -> list[tuple[str, str]]:
    """(label, value), each harmless; addresses are links that may stand as they are."""
    when = issue.published_at.astimezone().strftime("%Y-%m-%d %H:%M %z")
    told = [
        (_("Brand"), fact(issue.brand)),
        (_("Platform"), fact(issue.platform)),
        (_("Author"), fact(issue.author)),
        (_("Published"), when),
        (_("Severity"), str(issue.severity)),
        (_("Post"), link_of(issue.url)),
        (_("Escalated by"), fact(issue.by)),
        (_("Note"), fact(issue.note, 1000)),
    ]
    return [(label, value) for label, value in told if value]


def copies_of(issue: Issue) -> tuple[str, list[str]]:
    """A sentence, and the addresses of those that are shown."""
    links = [link for one in issue.copies if (link := link_of(one))]
    if issue.count <= 1:
        return "", []
    told = ngettext("{n} post says the same.", "{n} posts say the same.", issue.count)
    return told.format(n=issue.count), links


def markdown(issue: Issue) -> str:
    """For GitHub, GitLab and Gitee. The post stands in a fence longer than any in it, where nothing is
    markup, nobody is pinged and no quick action is read."""
    said = lines_of(issue.text)
    fence = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(said)), default=0))
    told, links = copies_of(issue)
    parts = [
        "\n".join(f"- **{label}**: {_linked(value)}" for label, value in facts_of(issue)),
        f"{fence}text\n{said}\n{fence}",
        "\n".join(filter(None, (told, *(f"- <{link}>" for link in links)))),
        f"`{mark_of(issue.key)}`",
    ]
    return "\n\n".join(filter(None, parts))


def _linked(value: str) -> str:
    return f"<{value}>" if value.startswith(("http://", "https://")) else value


def plain(issue: Issue, box: Callable[[str], str], link: Callable[[str], str] = str) -> str:
    """For formats of other kinds: `box` sets the post's text apart, `link` writes an address."""
    told, links = copies_of(issue)
    parts = [
        "\n".join(
            f"{label}: {link(value) if '://' in value else value}" for label, value in facts_of(issue)
        ),
        box(lines_of(issue.text)),
        "\n".join(filter(None, (told, *map(link, links)))),
        mark_of(issue.key),
    ]
    return "\n\n".join(filter(None, parts))
