"""Whose rows these are: a known crawler's, a table whose names speak for themselves, or nobody's.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Protocol

from app.domain.mention import Mention
from monitors.files import mediacrawler, weibosearch
from monitors.files.batch import Row
from monitors.files.columns import Generic, completed
from monitors.files.mediacrawler import Links, MediaCrawler


class Reader(Protocol):
    """Makes mentions of the rows of one shape; None for a row without words."""

    @property
    def format(self) -> str: ...

    @property
    def mapping(self) -> dict[str, str]: ...

    @property
    def ignored(self) -> bool:
        """Rows in which nobody says anything (profiles): passed over without a word."""
        ...

    def read(self, row: Row) -> Mention | None: ...


@dataclass(frozen=True, slots=True)
class Ignored:
    format: str = "MediaCrawler creators"
    mapping: dict[str, str] = field(default_factory=dict)
    ignored: bool = True

    def read(self, row: Row) -> Mention | None:  # noqa: ARG002  # the shape of every reader
        return None


@dataclass(slots=True)
class Understanding:
    """One file's readers, one for each set of columns met."""

    name: str
    """The file's path, for what columns leave open."""
    base: datetime
    """When the file was written."""
    mapping: Mapping[str, str]
    platform: str
    links: Links
    by_url: bool = True
    readers: dict[tuple[str, tuple[str, ...]], Reader | None] = field(default_factory=dict)

    def reader(self, row: Row) -> Reader | None:
        key = (row.group, tuple(row.values))
        if key not in self.readers:
            if len(self.readers) >= 256:
                self.readers.clear()  # every line another shape: keep memory bounded
            self.readers[key] = self._chosen(tuple(row.values), row.group)
        return self.readers[key]

    def _chosen(self, columns: Sequence[str], group: str) -> Reader | None:
        given = self.mapping.get("text") in columns or self.mapping.get("title") in columns
        if not given:
            layout = mediacrawler.layout(columns, f"{self.name} {group}", group)
            if layout is not None:
                return MediaCrawler(layout, self.base, self.links)
            if mediacrawler.people(columns):
                return Ignored()
            if weibosearch.fits(columns):
                return weibosearch.WeiboSearch(self.base, PurePosixPath(self.name).stem)
        made = completed(self.mapping, columns)
        if "text" not in made and "title" not in made:
            return None
        return Generic(made, self.platform, self.base, self.by_url)

    def look(self, rows: Sequence[Row]) -> None:
        """Before reading: does one address stand under different texts? Then it is no identity."""
        if not self.by_url:
            return
        for row in rows:
            one = self.reader(row)
            if isinstance(one, Generic) and one.shared(row):
                self.by_url = False
                break
        if not self.by_url:
            for made in self.readers.values():
                if isinstance(made, Generic):
                    made.by_url = False
