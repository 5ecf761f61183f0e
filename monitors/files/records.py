"""Bytes to records with exact byte offsets: the ground under JSONL, JSON and CSV.

Runs in a worker thread. Memory stays bounded whatever the file: no record longer than `LONGEST` is
ever held, no call takes more than `PAGE_BYTES` off the disk. An 8-bit file is searched as Latin-1,
where one character is one byte, and each record is decoded for itself: files that change their
encoding half-way exist.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

LONGEST = 8 * 1024 * 1024
"""Bytes of a record; a longer one is passed over and counted."""
PAGE_BYTES = 16 * 1024 * 1024
"""About how much one call reads."""
CHUNK = 256 * 1024

Boundary = Callable[[str, int, bool], int]
"""(text, start, final) → where the record that begins at `start` ends, its line break included;
-1 when its end is not in `text`. `final`: nothing will follow the text."""


@dataclass(slots=True)
class Slice:
    """Some records and where to go on. `rest` is what follows them without an end yet."""

    records: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    at: int = 0
    inside: bool = False
    """`at` stands inside an overlong line, the rest of which is to be passed over too."""
    skipped: int = 0
    more: bool = False
    rest: str = ""


def marked(head: bytes) -> tuple[str, int]:
    """The wide encoding a byte order mark announces ("" for 8-bit ones), and the mark's length."""
    if head.startswith(codecs.BOM_UTF8):
        return "", 3
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le", 2
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be", 2
    return "", 0


class _Window:
    """A sliding piece of the file, with the byte offset of the place in hand."""

    def __init__(self, file: BinaryIO, at: int, wide: str) -> None:
        file.seek(at)
        self._file = file
        self._wide = wide
        self._decoder = codecs.getincrementaldecoder(wide or "latin-1")(
            "surrogatepass" if wide else "strict"
        )
        self.text = ""
        self.pos = 0
        self.at = at
        self.read = 0
        self.done = False

    def fill(self) -> bool:
        """Read on; False at the end of the file. Doubling keeps searching again linear."""
        got = self._file.read(max(CHUNK, len(self.text) - self.pos))
        self.done = not got
        self.read += len(got)
        self.text = self.text[self.pos :] + self._decoder.decode(got)
        self.pos = 0
        return bool(got)

    def take(self, end: int) -> str:
        piece = self.text[self.pos : end]
        self.pos = end
        self.at += len(piece.encode(self._wide, "surrogatepass")) if self._wide else len(piece)
        return piece

    def rest(self) -> str:
        return self.text[self.pos :]

    def left(self) -> int:
        return len(self.text) - self.pos

    def skip_line(self) -> bool:
        """Past the next line break, or past everything read (False)."""
        found = _BREAK.search(self.text, self.pos)
        self.take(found.end() if found else len(self.text))
        return bool(found)


_BREAK = re.compile("\n|\r(?!\n)")


def cut(
    file: BinaryIO, at: int, boundary: Boundary, *, wide: str, rows: int, final: bool, inside: bool = False
) -> Slice:
    """Up to `rows` records from byte `at`. Without `final`, what has no end yet waits in `rest`."""
    window = _Window(file, at, wide)
    made = Slice(inside=inside)
    while len(made.records) < rows and window.read <= PAGE_BYTES:
        if not _step(window, boundary, made, final):
            break
    else:
        made.more = True
    made.at, made.rest = window.at, "" if made.more else window.rest()
    return made


def _step(window: _Window, boundary: Boundary, made: Slice, final: bool) -> bool:
    """One record, one overlong line or one more piece of the file; False when there is no more."""
    if made.inside:
        made.inside = not window.skip_line()
        return not made.inside or window.fill()
    end = boundary(window.text, window.pos, final and window.done) if window.left() else -1
    if 0 <= end <= window.pos + LONGEST:
        made.starts.append(window.at)
        made.records.append(window.take(end))
    elif window.left() > LONGEST:
        made.skipped += 1
        made.inside = not window.skip_line()
    elif not window.done:
        window.fill()
    elif final and window.left():
        # Still open although nothing follows (a quote never closed): that costs its first line
        # only, the lines behind it are records again.
        made.skipped += 1
        window.skip_line()
    else:
        return False
    return True


def lines(text: str, start: int, final: bool) -> int:
    """One record a line."""
    end = text.find("\n", start) + 1
    return end or (len(text) if final and len(text) > start else -1)


_JSON = re.compile(r'"(?:[^"\\]++|\\.)*+"|["{}]', re.DOTALL)


def objects(text: str, start: int, final: bool) -> int:
    """One record a JSON object, whatever stands between them (commas, brackets, line breaks)."""
    depth = 0
    for token in _JSON.finditer(text, start):
        match token[0]:
            case '"':
                break
            case "{":
                depth += 1
            case "}":
                depth -= 1
                if depth <= 0:
                    return token.end()
    return len(text) if final and "{" not in text[start:] else -1


def csv_records(delimiter: str) -> Boundary:
    """One record as the csv module sees it: quotes open at the start of a field only."""
    jump = re.compile(rf'[\r\n]|{re.escape(delimiter)}(?=")')
    close = re.compile(r'[^"]*+(?:""[^"]*+)*+"')

    def end(text: str, start: int, final: bool) -> int:
        at = start
        while True:
            if text.startswith('"', at):
                closed = close.match(text, at + 1)
                if not closed:
                    return -1
                at = closed.end()
            found = jump.search(text, at)
            if not found:
                return len(text) if final and len(text) > start else -1
            at = found.end()
            if found[0] == "\r" and at == len(text) and not final:
                return -1  # the other half of the line break may follow
            if found[0] in "\r\n":
                return at + (found[0] == "\r" and text.startswith("\n", at))

    return end


def readable(piece: str, wide: str) -> tuple[str, bool]:
    """A record as text, and whether something in it could not be read (U+FFFD stands there)."""
    if wide:
        fit = piece.encode("utf-16", "replace").decode("utf-16", "replace")
        return fit.removeprefix("\ufeff"), fit != piece
    raw = piece.encode("latin-1")
    for name in ("utf-8", "gb18030"):
        try:
            return raw.decode(name).removeprefix("\ufeff"), False
        except UnicodeDecodeError:
            continue
    tries = (raw.decode(name, "replace") for name in ("utf-8", "gb18030"))
    return min(tries, key=lambda text: text.count("\ufffd")).removeprefix("\ufeff"), True
