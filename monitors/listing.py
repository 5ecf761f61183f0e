"""What nearly every monitor does: checks the address of its server, and reads a list item by item. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from app.domain.mention import Mention
from app.domain.watch import Page
from app.errors import BadResponse, ConfigError
from app.i18n import _
from monitors.markup import safe_url

T = TypeVar("T")


def server_of(address: str, field: str = "server") -> str:
    """The server without a slash at its end; ConfigError at `field` where it is no web address."""
    server = safe_url(address).rstrip("/")
    if not server:
        raise ConfigError(_("The server's address must begin with http:// or https://."), field=field)
    return server


def read_all(items: Sequence[Any], read: Callable[[Any], T]) -> tuple[list[T], int]:
    """What `read` makes of each item, and how many it could not read (BadResponse): one bad item is
    counted, nothing but bad ones is BadResponse."""
    made, bad = [], 0
    for item in items:
        try:
            made.append(read(item))
        except BadResponse:
            bad += 1
    if bad and not made:
        raise BadResponse(_("None of the {n} items shown could be read.").format(n=bad))
    return made, bad


def page_of(items: Any, read: Callable[[Any], Mention], unlike: str) -> Page:
    """A page of a list of the newest, or the best. `unlike`: what to say where there is no list at all."""
    if not isinstance(items, list):
        raise BadResponse(unlike)
    made, bad = read_all(items, read)
    return Page(tuple(made), skipped=bad, listed=len(items))
