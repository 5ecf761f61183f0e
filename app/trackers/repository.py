"""What trackers have in common whose issues belong to a repository named owner/name."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from app.domain.ticket import mark_of
from app.domain.web import Answer, base_of
from app.errors import ConfigError
from app.i18n import N_, _
from app.settings.schema import lines, secret, text
from app.trackers.base import read, text_of

PAGES, ROWS = 3, 100
"""The newest issues that are looked through for a key."""
_REPO = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)


@dataclass(frozen=True, repr=False)
class Repository:
    repository: str = text(N_("Repository"), required=True, placeholder="owner/name")
    token: str = secret(
        N_("Access token"), help=N_("May read and write issues of this repository."), required=True
    )
    labels: tuple[str, ...] = lines(N_("Labels"), help=N_("Put on every issue; they should exist."))


def vetted(settings: Any) -> None:
    """ConfigError, at the field, for what can be no repository or server."""
    if not _REPO.fullmatch(settings.repository):
        raise ConfigError(_("A repository is named owner/name."), field="repository")
    base_of(settings.server)


async def newest_with(
    key: str, ask: Callable[[dict[str, str | int]], Awaitable[Answer]]
) -> tuple[dict[str, Any] | None, bool]:
    """The newest issue whose text carries the key; and were these all issues there are? The list knows a
    fresh issue at once, a search only after a while."""
    for page in range(1, PAGES + 1):
        told = read(
            await ask(
                {"state": "all", "sort": "created", "direction": "desc", "per_page": ROWS, "page": page}
            )
        )
        rows = rows_of(told)
        found = next((one for one in rows if mark_of(key) in text_of(one.get("body"))), None)
        if found is not None or len(rows) < ROWS:
            return found, True
    return None, False


def rows_of(told: Any) -> list[dict[str, Any]]:
    """The objects of a list; pull requests, which GitHub lists among issues, count for its length only."""
    rows = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    return [one if "pull_request" not in one else {} for one in rows]
