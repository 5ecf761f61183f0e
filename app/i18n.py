"""One translation system for the window, the command line, alerts and reports: gettext.

Source strings are English; 简体中文 is complete and the first language. Placeholders are named:
`_("{n} new mentions").format(n=3)`. `N_` marks a string that is translated where it is shown.
"""

from __future__ import annotations

import gettext as _gettext
import locale
import os
from collections.abc import Iterable

LANGUAGES = ("zh_CN", "en")

_current: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"


def set_language(language: str) -> None:
    """Choose for the whole program; unknown languages fall back to English source strings."""
    from importlib.resources import as_file, files  # noqa: PLC0415  # a tenth of the judge's imports

    global _current, _language  # noqa: PLW0603  # one program speaks one language at a time
    _language = language if language in LANGUAGES else "en"
    with as_file(files("resources") / "locale") as where:
        _current = _gettext.translation("app", where, [_language], fallback=True)


def language() -> str:
    """The language in force: zh_CN or en."""
    return _language


def _(message: str) -> str:
    return _current.gettext(message) if message else ""


def ngettext(one: str, many: str, n: int) -> str:
    """The plural form for `n`; format it with `.format(n=n)`."""
    return _current.ngettext(one, many, n)


def N_(message: str) -> str:  # noqa: N802  # gettext's customary name
    """Mark for extraction only."""
    return message


def listed(words: Iterable[str]) -> str:
    """Short things one after the other: 甲、乙 or a, b."""
    return ("、" if _language == "zh_CN" else ", ").join(words)


def clauses(parts: Iterable[str]) -> str:
    """Parts of one sentence: 甲；乙 or a; b."""
    return ("；" if _language == "zh_CN" else "; ").join(parts)


def sentences(told: Iterable[str]) -> str:
    """Whole sentences, each with its own full stop."""
    return ("" if _language == "zh_CN" else " ").join(told)


def preferred() -> str:
    """简体中文 unless the machine clearly speaks something else."""
    said = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if not said:
        said = locale.getlocale()[0] or ""
    return "en" if said.lower().startswith("en") else "zh_CN"
