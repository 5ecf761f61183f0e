"""An answer to this mention that stands in the outbox: leaving, waiting for a yes, copied, or written only.

GUI thread. `Question` is a sentence with up to two buttons; `Standing` asks what such an answer needs and
counts the seconds in which it can be taken back. What is pressed goes to the core through the asker; the
bars below the feed say how many there are of each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from app.change import Change
from app.domain.outbox import Outgoing, Posting, same_person
from app.i18n import _, ngettext
from ui import theme
from ui.context import Context
from ui.feed import plain
from ui.widgets.parts import button, label, set_tone

if TYPE_CHECKING:
    from app.core import Core

OPEN = (Posting.APPROVED, Posting.WRITTEN, Posting.COPIED)
"""States in which an answer stands and waits for something."""
SHOWN = 200
"""Characters of its text in the sentence."""


class Question(QFrame):
    """A sentence with up to two buttons, inside the window."""

    agreed = Signal()
    declined = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._words = label("", wrap=True)
        self._yes = button("", self._agree)
        self._no = button("", self._decline, kind="quiet")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._no)
        layout.addWidget(self._yes)
        self.hide()

    @property
    def text(self) -> str:
        return self._words.text() if not self.isHidden() else ""

    @property
    def yes(self) -> QPushButton:
        return self._yes

    @property
    def no(self) -> QPushButton:
        return self._no

    def put(self, words: str, *, yes: str = "", no: str = "", tone: str = "warning") -> None:
        self.say(words)
        for one, text in ((self._yes, yes), (self._no, no)):
            one.setText(text)
            one.setVisible(bool(text))
        set_tone(self, tone)
        self.show()

    def say(self, words: str) -> None:
        """Other words, the same buttons."""
        self._words.setText(words)

    def _agree(self) -> None:
        self.hide()
        self.agreed.emit()

    def _decline(self) -> None:
        self.hide()
        self.declined.emit()


class Asked(NamedTuple):
    """What is said of a row, and on its two buttons."""

    words: str
    yes: str
    no: str


class Standing(Question):
    """One row at a time."""

    became = Signal(object)
    """Outgoing: what the row is after a button."""
    reused = Signal(str)
    """A written text is to be edited."""
    failed = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.row: Outgoing | None = None
        self.before: Posting | None = None
        """What the row was before a button was pressed."""
        self._me = ""
        self._text = ""
        self._ends = 0.0
        self._tick = QTimer(self, interval=200)
        self._tick.timeout.connect(self._count)
        self.agreed.connect(self._agreed)
        self.declined.connect(self._declined)

    @property
    def blocks(self) -> bool:
        """Must this be settled before another answer is sent?"""
        row = self.row
        if row is None or row.stranded:
            return False
        return row.state is not Posting.WRITTEN or row.waits_for_second

    def show_row(self, row: Outgoing | None, me: str) -> None:
        """None, or one that needs nothing any more: hidden."""
        self._me = me
        self._tick.stop()
        self.row = row if row is not None and (row.state in OPEN or row.stranded) else None
        if self.row is None:
            self.hide()
            return
        self._ends = time.monotonic() + _left(self.row)
        asked = _asked(self.row, me)
        tone = "accent" if self.row.state is Posting.APPROVED else "warning"
        self.put(asked.words, yes=asked.yes, no=asked.no, tone=tone)
        if self.row.state is Posting.APPROVED and _left(self.row) > 0:
            self._tick.start()
            self._count()

    def keep(self, text: str) -> None:
        """What stands in the editor: the words in which a copied answer was posted."""
        self._text = text

    def _count(self) -> None:
        row, seconds = self.row, self._ends - time.monotonic()
        if row is None or row.due_at is None:
            return
        if seconds <= 0:
            self._tick.stop()
            self.say(_("Sending…"))
            return
        told = ngettext(
            "Leaves in {n} second: “{text}”", "Leaves in {n} seconds: “{text}”", int(seconds) + 1
        )
        self.say(told.format(n=int(seconds) + 1, text=plain.squeezed(row.text, SHOWN)))

    def _agreed(self) -> None:
        row = self.row
        if row is None:
            return
        if row.state is Posting.COPIED:
            self._do(partial(_posted, id_=row.id, text=self._text))
        elif row.state is Posting.APPROVED:
            self._do(partial(_send, id_=row.id))
        elif row.waits_for_second:
            self._do(partial(_approve, id_=row.id))
        else:
            self.reused.emit(row.text)

    def _declined(self) -> None:
        row = self.row
        if row is not None:
            stands = row.state is Posting.APPROVED or row.waits_for_second
            self._do(partial(_take_back if stands else _drop, id_=row.id))
            self.before = None  # what is dropped has not failed

    def _do(self, act: Callable[[Core], Outgoing]) -> None:
        self._tick.stop()
        self.before = self.row.state if self.row is not None else None
        self._context.asker.ask(
            self, partial(act, self._context.core), self._done, self._not_done, slow=True
        )

    def _done(self, row: Outgoing) -> None:
        self.show_row(row, self._me)
        self.became.emit(row)

    def _not_done(self, error: BaseException) -> None:
        self.failed.emit(plain.problem(error))


def standing(rows: Sequence[Outgoing]) -> Outgoing | None:
    """The one to ask about: what is under way before what is written only; the newest of its kind."""
    for state in OPEN:
        for row in rows:
            if row.state is state:
                return row
    return next((row for row in rows if row.stranded), None)


def _asked(row: Outgoing, me: str) -> Asked:
    text = plain.squeezed(row.text, SHOWN)
    who = plain.one_line(row.approved_by or row.by, 40) or _("Somebody")
    when = plain.clock_time(row.changed_at)
    if row.state is Posting.COPIED:
        told = _("Copied by {name}, {when}, to be confirmed: does it stand under the post?")
        return Asked(told.format(name=who, when=when), _("Posted"), _("Not posted"))
    if row.state is Posting.APPROVED:
        told = _("Approved by {name}, {when}, and not sent yet: “{text}”")
        return Asked(told.format(name=who, when=when, text=text), _("Send now"), _("Take back"))
    if row.stranded:
        told = _("The answer approved by {name} could not leave: {reason} “{text}”")
        words = told.format(name=who, reason=plain.visible(row.error), text=text)
        return Asked(words, _("Go on with it"), _("Drop it"))
    if not row.waits_for_second:
        told = _("Written by {name}, {when}, and not sent: “{text}”")
        return Asked(told.format(name=who, when=when, text=text), _("Go on with it"), _("Drop it"))
    if same_person(row.by, me):
        told = _("Waits for the yes of {name}: “{text}”")
        asked = plain.one_line(row.reviewer, 40) or _("somebody else")
        return Asked(told.format(name=asked, text=text), "", _("Take back"))
    told = _("{name} asks for your yes to this answer: “{text}”")
    words = told.format(name=plain.one_line(row.by, 40), text=plain.visible(row.text))
    return Asked(words, _("Approve"), _("Send back"))


def _left(row: Outgoing) -> float:
    """Seconds until it leaves; 0 where it does not by itself, or should have."""
    return max(0.0, (row.due_at - datetime.now(UTC)).total_seconds()) if row.due_at is not None else 0.0


def _posted(core: Core, *, id_: int, text: str) -> Outgoing:
    return core.posted(id_, text)


def _send(core: Core, *, id_: int) -> Outgoing:
    return core.send_approved(id_)


def _take_back(core: Core, *, id_: int) -> Outgoing:
    return core.take_back(id_)


def _drop(core: Core, *, id_: int) -> Outgoing:
    return core.drop_reply(id_)


def _approve(core: Core, *, id_: int) -> Outgoing:
    seconds = core.local.undo_seconds
    row = core.approve_reply(id_, core.me, seconds=seconds or None)
    return row if seconds or row.waits_for_second else core.send_approved(id_)


class RowsBar(Question):
    """Over the feed: how many answers of a kind stand there, until each is settled."""

    opened = Signal(int)
    """The mention to look at."""

    def __init__(
        self,
        context: Context,
        find: Callable[[Core], tuple[Outgoing, ...]],
        words: Callable[[int], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._find = find
        self._told = words
        self._rows: tuple[Outgoing, ...] = ()
        self.agreed.connect(self._open)
        context.bridge.changed.connect(self._on_change)
        self._read()

    def _on_change(self, change: Change) -> None:
        if change & Change.OUTBOX:
            self._read()

    def _read(self) -> None:
        work = partial(self._find, self._context.core)
        self._context.asker.ask(self, work, self._show, self._not_read)

    def _show(self, rows: tuple[Outgoing, ...]) -> None:
        self._rows = rows
        if not rows:
            self.hide()
            return
        self.put(self._told(len(rows)), yes=_("Look"))

    def _not_read(self, _error: BaseException) -> None:
        self.hide()

    def _open(self) -> None:
        if self._rows:
            self._show(self._rows)
            self.opened.emit(self._rows[-1].mention_id)


def unsure_bar(context: Context) -> RowsBar:
    """Answers that were perhaps sent."""
    return RowsBar(context, _unsure, _unsure_words)


def review_bar(context: Context) -> RowsBar:
    """Answers that wait for this person: for a yes, to be confirmed as posted, or to be sent otherwise."""
    return RowsBar(context, _waiting, _waiting_words)


def _unsure(core: Core) -> tuple[Outgoing, ...]:
    return core.outbox(states=(Posting.UNSURE,))


def _unsure_words(n: int) -> str:
    return ngettext(
        "{n} answer was perhaps sent: look whether it is there.",
        "{n} answers were perhaps sent: look whether they are there.",
        n,
    ).format(n=n)


def _waiting(core: Core) -> tuple[Outgoing, ...]:
    return core.for_me()


def _waiting_words(n: int) -> str:
    return ngettext("{n} answer waits for you.", "{n} answers wait for you.", n).format(n=n)
