"""Rows that do not have as many values as the header has names.

Pure. A crawler that was upgraded goes on writing its new columns under the old header; a known
generation of that many columns then says what the values are.
"""

from __future__ import annotations

from functools import lru_cache

from monitors.files import mediacrawler, weibosearch
from monitors.files.columns import automatic


def fitted(header: tuple[str, ...], cells: list[str], delimiter: str) -> dict[str, object] | None:
    """The row by column names; None if its values cannot be told apart. What is missing is None."""
    if len(cells) == len(header):
        return dict(zip(header, cells, strict=True))
    one, weibo, text_last = _shape(header)
    if one is not None:
        return mediacrawler.dressed(one, cells) or _padded_if_plausible(one, header, cells)
    if weibo and (order := next((o for o in weibosearch.ORDERS if len(o) == len(cells)), None)):
        return dict(zip(order, cells, strict=True))
    if text_last and len(cells) > len(header):
        cells = [*cells[: len(header) - 1], delimiter.join(cells[len(header) - 1 :])]
    return _padded(header, cells)


@lru_cache(maxsize=64)
def _shape(header: tuple[str, ...]) -> tuple[mediacrawler.Layout | None, bool, bool]:
    last = bool(header) and automatic(header).get("text") == header[-1]
    return mediacrawler.layout(header), weibosearch.fits(header), last


def _padded(header: tuple[str, ...], cells: list[str]) -> dict[str, object]:
    return {name: cells[place] if place < len(cells) else None for place, name in enumerate(header)}


def _padded_if_plausible(
    one: mediacrawler.Layout, header: tuple[str, ...], cells: list[str]
) -> dict[str, object] | None:
    values = _padded(header, cells)
    return values if mediacrawler.plausible(one, values) else None
