"""`tingfeng stories`: posts in, a JSON object a line; out, at once and in order, the story of each."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from app.cli.output import complain, emit
from app.cli.session import Session
from app.errors import ConfigError, ImportFailed
from app.i18n import _, ngettext
from app.stories import Index, Post, Story, explained

MILLISECONDS = 1e11
"""A number from here on counts milliseconds."""


def stories(session: Session, options: argparse.Namespace) -> int:  # noqa: ARG001  # needs no home
    """A line that cannot be read is named on standard error, and the others go on."""
    if not 0 < options.window <= 3650:
        raise ConfigError(_("The window must be between 0 and 3650 days."), field="window")
    index = Index(timedelta(days=options.window))
    bad = _placed(index, sys.stdin.buffer if sys.stdin else ())
    if options.summary:
        for story in index.stories():
            emit(_summary(index.story(story)))
    if bad:
        told = ngettext("{n} line could not be read.", "{n} lines could not be read.", bad)
        complain(told.format(n=bad))
    return 0


def _placed(index: Index, lines: Iterable[bytes]) -> int:
    """How many lines were bad."""
    bad, latest = 0, datetime.fromtimestamp(0, UTC)
    for number, line in enumerate(lines, 1):
        try:
            given = _given(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
            if given is None:
                continue
            post = _post(given, latest)
        except ImportFailed as error:
            complain(_("Line {n}: {problem}").format(n=number, problem=error.text))
            bad += 1
            continue
        latest = max(latest, post.at)
        [one] = index.place([post])
        emit(
            {
                "id": given["id"],
                "story": one.story_id,
                "new": one.new,
                "similarity": one.similarity,
                "of": _same_kind(one.of, given["id"]),
                "by": one.by or None,
            }
        )
    return bad


def _given(line: bytes) -> dict[str, Any] | None:
    """None for an empty line."""
    if not line.strip():
        return None
    try:
        given = json.loads(line)
    except UnicodeDecodeError:
        raise ImportFailed(_("this is not UTF-8 text.")) from None
    except (ValueError, RecursionError):
        raise ImportFailed(_("this is not a JSON object.")) from None
    if not isinstance(given, dict):
        raise ImportFailed(_("this is not a JSON object."))
    return given


def _post(given: dict[str, Any], latest: datetime) -> Post:
    """`latest` is taken for the time where none is given. ImportFailed: what is missing or wrong."""
    name, text = given.get("id"), given.get("text")
    if isinstance(name, bool) or not isinstance(name, str | int) or name == "":
        raise ImportFailed(_("there is no id."))
    if not isinstance(text, str):
        raise ImportFailed(_("there is no text."))
    return Post(
        id=str(name),
        text=text,
        at=_when(given.get("at"), latest),
        author=_word(given, "author"),
        author_id=_word(given, "author_id"),
        followers=_followers(given.get("followers")),
        platform=_word(given, "platform"),
        parent_id=_word(given, "parent_id"),
        root_id=_word(given, "root_id"),
    )


def _word(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _followers(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return max(0, int(value))


def _when(value: object, latest: datetime) -> datetime:
    """ISO 8601 (UTC unless it says otherwise), or seconds or milliseconds since 1970."""
    if value is None or value == "":
        return latest
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdecimal():
            at = datetime.fromisoformat(value.strip())
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            seconds = float(value)
            return datetime.fromtimestamp(seconds / 1000 if abs(seconds) >= MILLISECONDS else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise ImportFailed(_("“{text}” is not a time.").format(text=str(value)[:40]))


def _same_kind(of: str, name: object) -> str | int | None:
    """Ids that came as numbers go back as numbers."""
    if not of:
        return None
    return int(of) if isinstance(name, int) and of.removeprefix("-").isdecimal() else of


def _summary(story: Story) -> dict[str, Any]:
    return {
        "type": "story",
        "story": story.id,
        "copies": story.copies,
        "first": {"id": story.first.id, "at": story.first.at, "platform": story.first.platform,
                  "author": story.first.author},
        "last_at": story.last_at,
        "velocity": story.velocity,
        "peak": story.peak,
        "authors": story.authors,
        "followers": story.followers,
        "platforms": dict(story.platforms),
        "path": [
            {"from": hop.source, "to": hop.target, "copies": hop.copies, "at": hop.at} for hop in story.path
        ],
        "campaign": [
            {"kind": one.kind, "share": one.share, "words": explained(one)} for one in story.campaign
        ],
    }  # fmt: skip
