"""The state of an index as bytes and back: a JSON head and the arrays, compressed.

The tables of hashes are not written but made anew; what they hold does not depend on the order of adding.
"""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from typing import TYPE_CHECKING, Any

from app.stories.columns import Columns
from app.stories.compact import Shelf
from app.stories.key import hash_of

if TYPE_CHECKING:
    from app.stories.index import Index

VERSION = 1
MAGIC = b"tingfeng stories\n"


def dumped(index: Index) -> bytes:
    head: dict[str, Any] = {
        "version": VERSION,
        "window": index.window,
        "clock": index.clock if index._recent else None,
        "recent": list(index._recent),
        "next": index.next_story,
        "platforms": index._platforms,
        "members": [[story, members.tolist()] for story, members in index._members.items()],
        "gone": [[story, *held] for story, held in index._gone.items()],
        "merged": list(index._merged.items()),
        "moved": list(index._moved.items()),
        "awaited": list(index._awaited.items()),
        "signatures": [[number, value.hex()] for number, value in index._signatures.items()],
        "starts_base": index._starts_base,
    }
    parts: list[bytes] = []
    head["posts"] = _columns(index._posts, parts)
    head["variants"] = _columns(index._variants, parts)
    head["names"] = _shelf(index._names, parts)
    head["texts"] = _shelf(index._texts, parts)
    parts.extend((_little(index._starts), _little(index._sketches)))
    head["sizes"] = [len(part) for part in parts]
    raw = json.dumps(head).encode()
    return MAGIC + zlib.compress(b"".join((len(raw).to_bytes(8, "little"), raw, *parts)), 3)


def loaded(index: Index, state: bytes) -> None:
    """ValueError: not such a state."""
    if not state.startswith(MAGIC):
        raise ValueError("not the state of an index of stories")
    try:
        _fill(index, zlib.decompress(state[len(MAGIC) :]))
    except (zlib.error, KeyError, IndexError, TypeError, UnicodeError) as error:
        raise ValueError("the state of the index of stories is damaged") from error


def _fill(index: Index, raw: bytes) -> None:
    start = 8 + int.from_bytes(raw[:8], "little")
    head = json.loads(raw[8:start])
    if head["version"] != VERSION:
        raise ValueError(f"a state of version {head['version']}")
    parts: list[bytes] = []
    for size in head["sizes"]:
        parts.append(raw[start : start + size])
        start += size
    parts.reverse()
    index.window = head["window"]
    index._recent.extend(head["recent"])
    index.clock = float("-inf") if head["clock"] is None else head["clock"]
    index.next_story = head["next"]
    index._platforms.extend(head["platforms"])
    index._members.update({story: array("I", members) for story, members in head["members"]})
    index._gone.update({one[0]: tuple(one[1:]) for one in head["gone"]})
    index._merged.update(map(tuple, head["merged"]))
    index._moved.update(map(tuple, head["moved"]))
    index._awaited.update(map(tuple, head["awaited"]))
    index._signatures.update({number: bytes.fromhex(value) for number, value in head["signatures"]})
    index._starts_base = head["starts_base"]
    _restore(index._posts, head["posts"], parts)
    _restore(index._variants, head["variants"], parts)
    _reshelve(index._names, head["names"], parts)
    _reshelve(index._texts, head["texts"], parts)
    _read(index._starts, parts)
    _read(index._sketches, parts)
    _tables(index)


def _tables(index: Index) -> None:
    posts, variants = index._posts, index._variants
    index._ids.floor = posts.base
    index._equal.floor = index._near.floor = variants.base
    for number in range(posts.base, posts.base + len(posts)):
        identity = hash_of(index._platforms[posts.platform[number - posts.base]], index._id_of(number))
        if identity:
            index._ids.add(identity & 0xFFFFFFFF, number)
    for number in range(variants.base, variants.base + len(variants)):
        row = number - variants.base
        index._equal.add(variants.hash[row] & 0xFFFFFFFF, number)
        index._near.add_all(index._sketch(number), number)


def _little(values: array[Any]) -> bytes:
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values.tobytes()


def _read(into: array[Any], parts: list[bytes]) -> None:
    into.frombytes(parts.pop())
    if sys.byteorder == "big":
        into.byteswap()


def _columns(columns: Columns, parts: list[bytes]) -> int:
    parts.extend(_little(column) for _name, column in columns.arrays())
    return columns.base


def _restore(columns: Columns, base: int, parts: list[bytes]) -> None:
    columns.base = base
    for _name, column in columns.arrays():
        _read(column, parts)


def _shelf(shelf: Shelf, parts: list[bytes]) -> list[int]:
    parts.extend((bytes(shelf.data), _little(shelf.ends)))
    return [shelf.base, shelf.begin]


def _reshelve(shelf: Shelf, head: list[int], parts: list[bytes]) -> None:
    shelf.base, shelf.begin = head
    shelf.data = bytearray(parts.pop())
    _read(shelf.ends, parts)
