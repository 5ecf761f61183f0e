"""The catalogue's tool: `make strings` extracts, merges and compiles; tests check that nothing is missing.

python tests/rules/strings.py             say what is missing or stale; exit 1 if anything is
python tests/rules/strings.py --update    merge new strings into app.po and compile app.mo
"""

from __future__ import annotations

import io
import string
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
PO = ROOT / "resources" / "locale" / "zh_CN" / "LC_MESSAGES" / "app.po"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}


def extracted() -> Catalog:
    """Every marked string of the program, in the order of the files."""
    found = Catalog(project="tingfeng", charset="utf-8")
    for package in ("app", "monitors", "ui"):
        messages = extract_from_dir(ROOT / package, method_map=[("**.py", "python")], keywords=KEYWORDS)
        for _file, _line, message, _comments, _context in messages:
            if message and (not isinstance(message, tuple) or message[0]):
                found.add(message)
    return found


def catalogue() -> Catalog:
    if not PO.exists():
        return Catalog(locale="zh_CN", project="tingfeng", charset="utf-8")
    with PO.open("rb") as source:
        return read_po(source, locale="zh_CN")


def compiled(of: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, of)
    return out.getvalue()


def _all(message: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else tuple(message)


def fields(text: str) -> set[str]:
    """The placeholders of a format string."""
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


def problems() -> list[str]:
    """Missing, stale and ill-fitting translations, one line each."""
    wanted, have = extracted(), catalogue()
    told = []
    for message in wanted:
        if not message.id:
            continue
        kept = have.get(_all(message.id)[0])
        if kept is None or not all(_all(kept.string)) or not _all(kept.string):
            told.append(f"not translated: {message.id!r}")
        elif kept.fuzzy:
            told.append(f"fuzzy: {message.id!r}")
        else:
            told += _misfits(message.id, kept.string)
    told += [f"stale: {kept.id!r}" for kept in have if kept.id and wanted.get(_all(kept.id)[0]) is None]
    return told


def _misfits(
    source: str | tuple[str, ...] | list[str], made: str | tuple[str, ...] | list[str]
) -> list[str]:
    try:
        wanted = set.union(*(fields(one) for one in _all(source)))
        return [
            f"placeholders differ: {source!r} -> {one!r}"
            for one in _all(made)
            if not fields(one) <= wanted or (len(_all(source)) == 1 and fields(one) != wanted)
        ]
    except ValueError:
        return []  # braces that are not placeholders, such as a query example


def update() -> None:
    have = catalogue()
    have.update(extracted(), no_fuzzy_matching=True)
    have.obsolete.clear()
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as out:
        write_po(
            out,
            have,
            no_location=True,
            omit_header=False,
            sort_output=True,
            width=108,
            include_previous=False,
        )
    PO.with_suffix(".mo").write_bytes(compiled(catalogue()))


def main() -> int:
    if "--update" in sys.argv:
        update()
    found = problems()
    print("\n".join(found) or "complete")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
