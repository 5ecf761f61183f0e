"""JSON: one object a line, or an array of objects that may be cut off in the middle.

Runs in a worker thread; reads, never writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from monitors.files.batch import Batch, Row, State
from monitors.files.records import Slice, cut, lines, marked, objects, readable


def read(path: Path, state: State | None, rows: int, final: bool, *, array: bool = False) -> Batch:
    """The next rows. A last line without a line break counts when it is a whole object."""
    with path.open("rb") as file:
        wide, mark = marked(file.read(4))
        at, inside = (state["at"], bool(state.get("in"))) if state else (mark, False)
        boundary = objects if array else lines
        got = cut(file, at, boundary, wide=wide, rows=rows, final=final, inside=inside)
    batch = Batch({}, more=got.more, skipped=got.skipped)
    for piece in got.records:
        _take(piece, wide, batch)
    if not array:
        _last_line(got, wide, batch)
    batch.state = {"at": got.at, "in": 1} if got.inside else {"at": got.at}
    batch.rest = bool(got.rest.strip(" \t\r\n,]")) and not got.inside
    return batch


def _last_line(got: Slice, wide: str, batch: Batch) -> None:
    """No beginning of an object is an object, so a whole one needs no line break behind it."""
    if not got.rest.rstrip().endswith("}") or _parsed(readable(got.rest, wide)[0]) is None:
        return
    _take(got.rest, wide, batch)
    got.at += len(got.rest.encode(wide, "surrogatepass")) if wide else len(got.rest)
    got.rest = ""


def _take(piece: str, wide: str, batch: Batch) -> None:
    text, damaged = readable(piece, wide)
    begins = text.find("{")
    if begins < 0 and not text.strip(" \t\r\n,[]\0"):
        return
    value = _parsed(text[begins:] if begins >= 0 else text)
    if not isinstance(value, dict):
        batch.skipped += 1
        return
    batch.damaged += damaged
    batch.rows.extend(Row(flat(one)) for one in _unwrapped(value))


def _parsed(text: str) -> object:
    try:
        return json.loads(text.strip().rstrip(",").rstrip("\0"))
    except (ValueError, RecursionError):
        return None


def _unwrapped(value: dict[str, object]) -> Iterator[dict[str, object]]:
    """{"code": 0, "data": [ … ]} stands for what is in its only list of objects."""
    held = [one for one in value.values() if isinstance(one, list) and one and isinstance(one[0], dict)]
    scalars = sum(isinstance(one, str) and len(one) > 20 for one in value.values())
    if len(held) == 1 and not scalars and len(value) <= 6:
        yield from (one for one in held[0] if isinstance(one, dict))
    else:
        yield value


def flat(value: dict[str, object]) -> dict[str, object]:
    """{"user": {"name": "阿树"}} becomes {"user.name": "阿树"}; deeper things stay as they are."""
    made: dict[str, object] = {}
    for name, one in value.items():
        if isinstance(one, dict):
            made.update({f"{name}.{inner}": held for inner, held in one.items()})
        else:
            made[name] = one
    return made
