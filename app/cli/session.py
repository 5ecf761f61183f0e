"""What each command stands on: the home, the core, and whether to answer in JSON."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import NotFound
from app.home import Home
from app.i18n import _

if TYPE_CHECKING:
    from app.core import Core
    from app.domain.watch import Watch


@dataclass(frozen=True, slots=True)
class Session:
    """The global options, and how to open the core with them."""

    home: Home
    database: str | None
    json: bool
    show: Callable[[Session, str], int]
    """Opens the window: on the drill that is named, or on the person's own data where none is. Where
    there is no window, the terminal feed."""

    @contextmanager
    def core(self, *, polls: bool = False, start: bool = False, desktop: bool = False) -> Iterator[Core]:
        """Opened and closed around a command; `start` runs the engine without polling."""
        from app.core import Core  # noqa: PLC0415  # half a second, and `score` needs none

        core = Core.open(self.home, database=self.database, polls=polls, desktop=desktop)
        try:
            if start:
                core.start(poll=False)
            yield core
        finally:
            core.close()

    @property
    def colour(self) -> bool:
        return sys.stdout.isatty() and not self.json


Command = Callable[[Session, argparse.Namespace], int]


def home_of(given: str | None) -> Home:
    return Home(Path(given).expanduser()) if given else Home.default()


def brand_named(core: Core, name: str) -> Watch:
    """By name (any case) or id; NotFound lists what there is."""
    brands = core.brands()
    for one in brands:
        if one.name.casefold() == name.casefold() or str(one.id) == name:
            return one
    known = ", ".join(one.name for one in brands) or _("none yet")
    raise NotFound(_("There is no brand named “{name}”. Brands: {known}.").format(name=name, known=known))
