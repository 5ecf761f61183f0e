"""The knowledge base as a CSV sheet or a Markdown text; what comes in again is what went out.

Names of fields are written in the person's language and read in any. A sheet's cells cannot be formulas.
In Markdown each entry is a heading of the second level, lines `- Field: value`, a blank line, the answer;
a line of the answer that would read as a heading has a backslash before it.

Any thread but a window's. What is read is hostile: sizes are bounded, and every complaint names its line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from app.domain.knowledge import Entry
from app.errors import ImportFailed
from app.i18n import N_, _
from app.reports.cells import clean, inert
from app.reports.saving import replacing

FORMATS = (".csv", ".md")
LARGEST = 20_000_000
"""Bytes of a file that is read."""

TITLE, ANSWER, PATTERNS, BRAND = "title", "answer", "patterns", "brand"
_FIELDS: dict[str, str] = {
    TITLE: N_("Question"),
    PATTERNS: N_("Asked as"),
    ANSWER: N_("The answer"),
    "link": N_("Link"),
    "product": N_("Product"),
    BRAND: N_("Brand"),
    "owner": N_("Owner"),
    "review_on": N_("Review on"),
    "tags": N_("Tags"),
    "public": N_("Public"),
    "active": N_("In use"),
}
_CHINESE = {
    TITLE: ("问题", "标题"),
    PATTERNS: ("问法", "常见问法"),
    ANSWER: ("答案", "回答", "答复", "回复内容"),
    "link": ("链接", "帮助链接"),
    "product": ("产品",),
    BRAND: ("品牌",),
    "owner": ("负责人",),
    "review_on": ("复核日期", "审核日期"),
    "tags": ("标签",),
    "public": ("公开",),
    "active": ("启用", "使用中"),
}
"""Read whatever the program's language is."""
_YES = frozenset({"yes", "y", "true", "1", "是", "√", "对"})
_NO = frozenset({"no", "n", "false", "0", "否", "", "×"})
_TAGS = re.compile(r"[、,，;；]")
_ESCAPED = re.compile(r"^(\\*)#", re.MULTILINE)
_LINE = re.compile(r"-\s+([^:：]{1,30})[:：]\s*(.*)")


class Written(NamedTuple):
    """An entry as a file has it, from its `line` on; its brand by name."""

    line: int
    entry: Entry
    brand: str


# ── out ──────────────────────────────────────────────────────────────────────────────────────────


def write(out: Path, entries: Sequence[Entry], brands: Mapping[int, str]) -> int:
    """How many were written; the suffix chooses. Raises ExportFailed; a half-written file is never left."""
    text = as_csv(entries, brands) if out.suffix.lower() == ".csv" else as_markdown(entries, brands)
    encoding = "utf-8-sig" if out.suffix.lower() == ".csv" else "utf-8"
    with replacing(out) as path:
        path.write_text(text, encoding=encoding, newline="")
    return len(entries)


def as_csv(entries: Iterable[Entry], brands: Mapping[int, str]) -> str:
    """One row an entry; the wordings stand in one cell, a line each."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow([inert(_(words)) for words in _FIELDS.values()])
    for entry in entries:
        cells = _cells(entry, brands) | {PATTERNS: "\n".join(entry.patterns)}
        writer.writerow([_guarded(cells[field]) for field in _FIELDS])
    return made.getvalue()


def as_markdown(entries: Iterable[Entry], brands: Mapping[int, str]) -> str:
    title = _("Knowledge base")
    parts = [f"# {title}\n"]
    for entry in entries:
        cells = _cells(entry, brands)
        lines = [f"## {cells.pop(TITLE)}"]
        answer = cells.pop(ANSWER)
        lines += [f"- {_(_FIELDS[PATTERNS])}: {wording}" for wording in entry.patterns]
        lines += [f"- {_(_FIELDS[field])}: {value}" for field, value in cells.items() if value]
        parts.append("\n".join(lines) + "\n\n" + _ESCAPED.sub(r"\1\\#", answer) + "\n")
    return "\n".join(parts)


def _cells(entry: Entry, brands: Mapping[int, str]) -> dict[str, str]:
    return {
        TITLE: clean(entry.title),
        ANSWER: clean(entry.answer),
        "link": clean(entry.link),
        "product": clean(entry.product),
        BRAND: clean(brands.get(entry.brand_id, "")) if entry.brand_id else "",
        "owner": clean(entry.owner),
        "review_on": entry.review_on.isoformat() if entry.review_on else "",
        "tags": "、".join(clean(one) for one in entry.tags),
        "public": _("yes") if entry.public else "",
        "active": "" if entry.active else _("no"),
    }


def _guarded(text: str) -> str:
    """A cell that no sheet takes for a formula, and from which `_freed` gets the text back."""
    bare = text.lstrip("'")
    if bare != text and inert(bare) != bare:
        return "'" + text
    return inert(text)


def _freed(cell: str) -> str:
    if cell.startswith("'") and (bare := cell.lstrip("'")) and inert(bare) != bare:
        return cell[1:]
    return cell


# ── in ───────────────────────────────────────────────────────────────────────────────────────────


def read(path: Path) -> tuple[Written, ...]:
    """Every entry of the file. Raises ImportFailed, with the line that is at fault."""
    if path.suffix.lower() not in FORMATS:
        raise ImportFailed(_("“{name}” must end in .csv or .md.").format(name=path.name))
    text = _text(path)
    found = from_csv(text) if path.suffix.lower() == ".csv" else from_markdown(text)
    if not found:
        raise ImportFailed(_("There is no entry in “{name}”.").format(name=path.name))
    return found


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise ImportFailed(_("“{name}” is too large.").format(name=path.name))
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        told = _("“{name}” cannot be read: {reason}").format(name=path.name, reason=reason)
        raise ImportFailed(told) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("gb18030")  # what Excel writes in China
    except UnicodeDecodeError as error:
        raise ImportFailed(_("“{name}” is no text.").format(name=path.name)) from error


def from_csv(text: str) -> tuple[Written, ...]:
    """The first row names the fields; a column nobody knows is passed over."""
    head = text.split("\n", 1)[0]
    comma = max(",;\t", key=head.count)
    rows = _rows(text, comma)
    _first, names = next(rows, (1, []))
    fields = [_field(name) for name in names]
    if TITLE not in fields or ANSWER not in fields:
        raise _wrong(1, _("the first row must name the columns; “{a}” and “{b}” are needed").format(
            a=_(_FIELDS[TITLE]), b=_(_FIELDS[ANSWER])
        ))  # fmt: skip
    return tuple(
        _written(line, {field: _freed(cell) for field, cell in zip(fields, cells, strict=False) if field})
        for line, cells in rows
        if any(cell.strip() for cell in cells)
    )


def _rows(text: str, comma: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=comma, strict=True)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise _wrong(line, _("this is not a row of a CSV file ({reason})").format(reason=error)) from error


def from_markdown(text: str) -> tuple[Written, ...]:
    found: list[Written] = []
    begun, block = 0, list[str]()
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if re.match(r"##[ \t]", line):
            if begun:
                found.append(_block(begun, block))
            begun, block = number, []
        if begun:
            block.append(line)
        elif line.strip() and not line.startswith("#"):
            raise _wrong(number, _("text before the first question; a question begins with “## ”"))
    if begun:
        found.append(_block(begun, block))
    return tuple(found)


def _block(line: int, block: Sequence[str]) -> Written:
    said: dict[str, str] = {TITLE: block[0][2:].strip(" \t")}
    wordings: list[str] = []
    at = 1
    while at < len(block) and (match := _LINE.fullmatch(block[at])):
        field, value = _field(match[1]), match[2].strip(" \t")
        if not field:
            raise _wrong(line + at, _("there is no field “{name}”").format(name=match[1].strip()[:40]))
        if field == PATTERNS:
            wordings.append(value)
        else:
            said[field] = value
        at += 1
    answer = re.sub(r"^(\\*)\\#", r"\1#", "\n".join(block[at:]), flags=re.MULTILINE)
    return _written(line, said | {ANSWER: answer, PATTERNS: "\n".join(wordings)})


def _field(name: str) -> str:
    flat = name.strip().casefold()
    for field, words in _FIELDS.items():
        if flat in {field, words.casefold(), _(words).casefold(), *_CHINESE[field]}:
            return field
    return ""


def _written(line: int, said: Mapping[str, str]) -> Written:
    def of(field: str) -> str:
        return clean(said.get(field, "")).strip()

    entry = Entry(
        title=of(TITLE),
        patterns=tuple(one.strip() for one in of(PATTERNS).split("\n") if one.strip()),
        answer=of(ANSWER),
        link=of("link"),
        product=of("product"),
        owner=of("owner"),
        review_on=_day(line, of("review_on")),
        tags=tuple(one.strip() for one in _TAGS.split(of("tags")) if one.strip()),
        public=_yes(line, of("public")),
    )
    active = of("active")
    return Written(line, replace(entry, active=_yes(line, active)) if active else entry, of(BRAND))


def _day(line: int, said: str) -> date | None:
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", said)
    try:
        if match:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        match = None
    if said:
        raise _wrong(line, _("“{said}” is no day; write it like 2026-12-31").format(said=said[:40]))
    return None


def _yes(line: int, said: str) -> bool:
    flat = said.casefold()
    if flat in _YES or flat == _("yes").casefold():
        return True
    if flat in _NO or flat == _("no").casefold():
        return False
    raise _wrong(line, _("“{said}” is neither yes nor no").format(said=said[:40]))


def _wrong(line: int, reason: str) -> ImportFailed:
    return ImportFailed(_("Line {line}: {reason}. Nothing was taken in.").format(line=line, reason=reason))


def wrong(written: Written, reason: str) -> ImportFailed:
    """What is wrong with an entry that could be read, and where."""
    return _wrong(written.line, reason.rstrip("。."))
