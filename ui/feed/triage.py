"""A person's decisions on mentions, one after the other, and the way back. GUI thread; the core is
asked through the asker.

Keys come faster than a database answers: decisions wait in line, so that "claim, undo" never runs as
"undo, claim".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from app.domain.mention import Status, Stored
from app.domain.sentiment import Tone
from app.errors import NotFound
from app.i18n import _, ngettext
from ui import theme
from ui.context import Context
from ui.feed import plain
from ui.feed.list_model import read_many

if TYPE_CHECKING:
    from app.core import Core


class Before(NamedTuple):
    """What a mention was, to make it so again."""

    id: int
    status: Status
    corrected: Tone | None


class Done(NamedTuple):
    """What came of a decision: the rows as they now are, and what to tell."""

    said: str
    rows: tuple[Stored, ...]
    undo: tuple[Before, ...]
    tones: bool = False


def _before(core: Core, ids: Sequence[int]) -> tuple[Before, ...]:
    # Read when its turn has come: an earlier decision in line may have changed what is on screen.
    rows = read_many(core, ids)
    return tuple(Before(row.id, row.status, row.tone if row.corrected else None) for row in rows)


def _claim(core: Core, ids: tuple[int, ...]) -> Done:
    before = _before(core, ids)
    taken = core.claim(ids)
    rows = read_many(core, ids)
    changed = tuple(
        one
        for one in before
        if one.status is not Status.CLAIMED and _status(rows, one.id) is Status.CLAIMED
    )
    said = ngettext("Claimed {n} mention.", "Claimed {n} mentions.", taken).format(n=taken)
    return Done(said, rows, changed)


def _status(rows: Sequence[Stored], id: int) -> Status | None:
    return next((row.status for row in rows if row.id == id), None)


def _set_status(core: Core, ids: tuple[int, ...], status: Status) -> Done:
    before = _before(core, ids)
    n = core.set_status(ids, status)
    if status is Status.IGNORED:
        said = ngettext("Ignored {n} mention.", "Ignored {n} mentions.", n)
    else:
        said = ngettext("Escalated {n} mention.", "Escalated {n} mentions.", n)
    return Done(said.format(n=n), read_many(core, ids), before)


def _correct(core: Core, ids: tuple[int, ...], tone: Tone | None) -> Done:
    before = _before(core, ids)
    rows: list[Stored] = []
    for one in before:
        try:
            rows.append(core.correct(one.id, tone))
        except NotFound:
            continue
    n = len(rows)
    if tone is None:
        said = ngettext("Took back {n} correction.", "Took back {n} corrections.", n).format(n=n)
    else:
        told = ngettext("Marked {n} mention as {tone}.", "Marked {n} mentions as {tone}.", n)
        said = told.format(n=n, tone=theme.tone_word(tone))
    return Done(said, tuple(rows), before, tones=True)


def _undo(core: Core, done: Done) -> Done:
    if done.tones:
        for one in done.undo:
            core.correct(one.id, one.corrected)
    else:
        for status in dict.fromkeys(one.status for one in done.undo):
            ids = [one.id for one in done.undo if one.status is status]
            core.set_status(ids, status)
    rows = read_many(core, [one.id for one in done.undo])
    n = len(rows)
    return Done(ngettext("Undone for {n} mention.", "Undone for {n} mentions.", n).format(n=n), rows, ())


class Triage(QObject):
    """`decided` carries Done, also after an undo; `refused` a sentence."""

    decided = Signal(object)
    refused = Signal(str)

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._line: deque[Callable[[], Done] | None] = deque()
        # None: take back whatever stands last when its turn comes.
        self._busy = False
        self._past: list[Done] = []

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def busy(self) -> bool:
        return self._busy

    def claim(self, ids: Sequence[int]) -> None:
        self._add(ids, partial(_claim, self._context.core, tuple(ids)))

    def set_status(self, ids: Sequence[int], status: Status) -> None:
        self._add(ids, partial(_set_status, self._context.core, tuple(ids), status))

    def correct(self, ids: Sequence[int], tone: Tone | None) -> None:
        self._add(ids, partial(_correct, self._context.core, tuple(ids), tone))

    def undo(self) -> None:
        """The last decision that stands; more presses go further back."""
        self._line.append(None)
        self._go_on()

    def _add(self, ids: Sequence[int], work: Callable[[], Done]) -> None:
        if ids:
            self._line.append(work)
            self._go_on()

    def _go_on(self) -> None:
        if self._busy or not self._line:
            return
        work = self._line.popleft()
        if work is None:
            if not self._past:
                self.refused.emit(_("There is nothing to undo."))
                self._go_on()
                return
            work = partial(_undo, self._context.core, self._past.pop())
        self._busy = True
        self._context.asker.ask(self, work, self._done, self._failed)

    def _done(self, done: Done) -> None:
        self._busy = False
        if done.undo:
            self._past.append(done)
            del self._past[:-50]
        self.decided.emit(done)
        self._go_on()

    def _failed(self, error: BaseException) -> None:
        self._busy = False
        self.refused.emit(plain.problem(error))
        self._go_on()
