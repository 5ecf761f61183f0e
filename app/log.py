"""Topic loggers, one rotating file, a ring for the log page; secrets and control characters never pass.

Any thread. `log.topic("poll").info("…")`. A secret that was read from the keyring is registered with
`hide()` and is replaced by dots wherever it would appear, tracebacks included.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from logging.handlers import RotatingFileHandler
from pathlib import Path

_ROOT = "tingfeng"
_hidden: set[str] = set()
_ring: deque[str] = deque(maxlen=2000)

# Everything that could start a new line, move the cursor or reorder what a person reads.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_QUERY_SECRET = re.compile(r"(?i)\b(key|code|token|access_token|password|secret)=[^&\s'\"]+")


def topic(name: str) -> logging.Logger:
    """Topics: engine, poll, store, score, alert, core, window, cli."""
    return logging.getLogger(f"{_ROOT}.{name}")


def hide(secret: str) -> None:
    """Never let this value out; very short ones would only blank ordinary text."""
    if len(secret) >= 4:
        _hidden.add(secret)


def clean(text: str) -> str:
    """One entry stays one entry, whatever a post or a server put into it."""
    for secret in _hidden:
        text = text.replace(secret, "•••")
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", _QUERY_SECRET.sub(r"\1=•••", text))


class _Format(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s  %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        lines = super().format(record).splitlines() or [""]
        head, rest = clean(lines[0]), [f"    {clean(line)}" for line in lines[1:]]
        return "\n".join([head, *rest])


class _Ring(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _ring.extend(self.format(record).splitlines())


def start(folder: Path | None) -> None:
    """Begin to keep entries; a folder that cannot be written leaves the ring alone."""
    stop()
    root = logging.getLogger(_ROOT)
    root.setLevel(logging.INFO)
    root.propagate = False
    for handler in _handlers(folder):
        handler.setFormatter(_Format())
        root.addHandler(handler)


def _handlers(folder: Path | None) -> list[logging.Handler]:
    made: list[logging.Handler] = [_Ring()]
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / "tingfeng.log"
            made.append(
                RotatingFileHandler(file, maxBytes=2_000_000, backupCount=3, encoding="utf-8", delay=True)
            )
        except OSError:
            _ring.append("the log folder cannot be written; entries are kept in memory only")
    return made


def stop() -> None:
    """Close the files (a test's temporary folder goes away)."""
    root = logging.getLogger(_ROOT)
    for handler in tuple(root.handlers):
        root.removeHandler(handler)
        handler.close()
    root.propagate = True


def recent(limit: int = 500) -> tuple[str, ...]:
    """The newest lines, oldest first."""
    lines = tuple(_ring)
    return lines[-limit:]
