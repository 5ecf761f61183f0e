"""Post text on its way into a spreadsheet: made harmless, never made other than it reads.

Pure functions; any thread. Everything that comes from outside passes through here.
"""

from __future__ import annotations

import re

from app.i18n import _

LONGEST = 32_767
"""Characters (UTF-16 units) Excel holds in one cell."""
LONGEST_LINK = 2_079
LINKS_A_SHEET = 65_530

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Override characters can make a cell read backwards; plain right-to-left text needs none of them."""
_FORMULA = re.compile(
    "^[\\s\u3000\ufeff\u200b-\u200f\u00a0]*[=+\\-@＝＋－＠\u2212\ufe62\ufe63\ufe66\ufe6b\t\r]"
)


def clean(text: str) -> str:
    """No character that XML forbids, no lone surrogate, one kind of line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _BIDI.sub("", _ILLEGAL.sub("", _SURROGATE.sub("\ufffd", text)))


def cut(text: str, longest: int = LONGEST) -> str:
    """What fits into a cell, saying so when something is missing."""
    if _units(text) <= longest:
        return text
    note = _("… [cut: {n} characters]").format(n=len(text))
    room = longest - _units(note)
    return text.encode("utf-16-le")[: room * 2].decode("utf-16-le", "ignore") + note


def _units(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text) if not text.isascii() else len(text)


def safe(text: str) -> str:
    """For a cell of a workbook, where a string stays a string."""
    return cut(clean(text))


def inert(text: str) -> str:
    """For CSV, where a spreadsheet would guess: what looks like a formula gets a leading quote."""
    guarded = _FORMULA.match(text) is not None or text.startswith(("\t", "\r", "\n"))
    made = safe(text)
    if guarded or _FORMULA.match(made):
        return "'" + cut(made, LONGEST - 1)
    return made


def is_link(url: str) -> bool:
    """May it be a live link? Only the web, and no longer than Excel takes."""
    return (
        url.lower().startswith(("http://", "https://"))
        and _units(url) <= LONGEST_LINK
        and url.isprintable()
    )
