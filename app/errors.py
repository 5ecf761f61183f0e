"""Every failure a person may meet, named for what happens next.

AppError                        `text` for people, `details` for the log
├─ ConfigError                  a person must change a setting      → the form, at `field`
│  └─ QueryError                a query cannot be read              → the character `at`
├─ MonitorError                 a source could not be read
│  ├─ Transient                 network, timeout, 5xx               → later, and later still
│  ├─ RateLimited(retry_after)  429, or the platform's own words    → when told
│  ├─ AuthFailed                401/403, expired token              → stop; "sign in again"
│  ├─ Refused                   captcha, blocked                    → stop; a long rest; said plainly
│  ├─ BadResponse               the shape changed, or is hostile    → keep going, count, degrade
│  └─ Unsure                    sent perhaps, no answer came        → looked up or asked; never sent again
├─ ReplyRejected                the platform said no to this text   → back to the draft
├─ StorageError
│  ├─ Unavailable               disk full, locked, read-only, gone  → banner; tried again
│  ├─ TooNew                    written by a newer version          → refused, saying which
│  └─ Broken                    damaged file, or our own bug        → report, restore a backup
├─ ScoringError                 the scoring process died            → restarted; mentions wait unscored
├─ ImportFailed                 a file cannot be read as mentions   → the file and the reason
├─ ExportFailed                 a report cannot be written          → the path and the reason
├─ Conflict                     somebody else was first             → shown, nothing changed
└─ NotFound                     no such mention, brand, source …    → said, nothing changed

`text` is an English source string already passed through `app.i18n._` by whoever raises; it is
one sentence a person can act on. `details` goes to the log and never carries a secret.
"""

from __future__ import annotations


class AppError(Exception):
    """The root. `str(error)` is what a person reads."""

    def __init__(self, text: str, *, details: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.details = details


class ConfigError(AppError):
    """A person must change a setting; `field` names which, if one field is at fault."""

    def __init__(self, text: str, *, field: str = "", details: str = "") -> None:
        super().__init__(text, details=details)
        self.field = field


class QueryError(ConfigError):
    """A watch query cannot be read. `at` is the 0-based character, `length` how many are at fault."""

    def __init__(self, text: str, *, at: int, length: int = 1) -> None:
        super().__init__(text, field="query")
        self.at = at
        self.length = length


class MonitorError(AppError):
    """A source could not be read this time."""


class Transient(MonitorError):
    """Network, timeout, 5xx: try again, later and later. `retry_after` (seconds) if the server said."""

    def __init__(self, text: str, *, retry_after: float | None = None, details: str = "") -> None:
        super().__init__(text, details=details)
        self.retry_after = retry_after


class RateLimited(MonitorError):
    """Asked too often; `retry_after` is in seconds."""

    def __init__(self, text: str, *, retry_after: float, details: str = "") -> None:
        super().__init__(text, details=details)
        self.retry_after = retry_after


class AuthFailed(MonitorError):
    """A key or token is wrong or has expired; nothing is tried again until a person acts."""


class Refused(MonitorError):
    """The platform shows a captcha or blocks us. We never step past it."""


class BadResponse(MonitorError):
    """What came back is not what this platform says it sends."""


class Unsure(MonitorError):
    """An answer was perhaps posted: the line broke between sending and hearing back."""


class ReplyRejected(AppError):
    """The platform said no to this text, or to answering this post at all; nothing was posted."""


class StorageError(AppError):
    """The database could not do its part."""


class Unavailable(StorageError):
    """Disk full, locked, read-only, server gone: may work later."""


class TooNew(StorageError):
    """Written by a newer version; this one must not touch it."""


class Broken(StorageError):
    """A damaged file, or our own mistake."""


class ScoringError(AppError):
    """The scoring process failed; mentions stay, unscored, and are scored later."""


class ImportFailed(AppError):
    """A file cannot be read as mentions."""


class ExportFailed(AppError):
    """A sheet cannot be written."""


class Conflict(AppError):
    """Somebody else was first."""


class NotFound(AppError):
    """There is no such thing (any more)."""
