"""A file is either whole or not there: written beside its place, then renamed onto it.

Any thread but a window's. Maps what the disk says to words a person can act on.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import ExportFailed
from app.i18n import _


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """A temporary path in the folder of `out`; it becomes `out` when the block ends well."""
    temporary = _beside(out)
    try:
        yield temporary
        os.replace(temporary, out)
    except OSError as error:
        raise _failed(out, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _beside(out: Path) -> Path:
    try:
        if out.is_dir():
            raise ExportFailed(_("“{path}” is a folder; give the file a name.").format(path=out))
        handle, name = tempfile.mkstemp(prefix=".tingfeng-", suffix=out.suffix, dir=out.parent)
        os.close(handle)
        _usual_mode(Path(name))
    except OSError as error:
        raise _failed(out, error) from error
    return Path(name)


def _usual_mode(path: Path) -> None:
    """mkstemp's file is for its owner alone; a report is handed on like any other file."""
    if os.name == "posix":
        mask = os.umask(0)
        os.umask(mask)
        path.chmod(0o666 & ~mask)


def failed(out: Path, error: OSError) -> ExportFailed:
    """The error in words, for writers that wrap OSError in a class of their own."""
    return _failed(out, error)


def _failed(out: Path, error: OSError) -> ExportFailed:
    return ExportFailed(_reason(error).format(path=out), details=repr(error))


def _reason(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _("“{path}” cannot be written: the disk is full.")
    if isinstance(error, PermissionError) and os.name == "nt":
        return _("“{path}” cannot be written. If it is open in Excel, close it there and try again.")
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return _("“{path}” cannot be written: this folder is not yours to write in. Choose another.")
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return _("“{path}” cannot be written: there is no such folder.")
    if error.errno == errno.ENAMETOOLONG:
        return _("“{path}” cannot be written: the name is too long.")
    return _("“{path}” cannot be written.")
