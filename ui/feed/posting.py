"""Sending an answer through the platform's own interface, from the composer; and what is unclear of it.

GUI thread; the core is asked through the asker. The text is frozen while the question stands, so that what
is said yes to is what goes out. Nothing here sends twice: what was perhaps sent is for a person to settle.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.change import Change
from app.domain.outbox import Outgoing, Posting, Proposal, fit
from app.i18n import _, ngettext
from ui import theme
from ui.context import Context
from ui.feed import plain
from ui.widgets.parts import button, label, set_tone

if TYPE_CHECKING:
    from app.core import Core


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
        self._words.setText(words)
        for one, text in ((self._yes, yes), (self._no, no)):
            one.setText(text)
            one.setVisible(bool(text))
        set_tone(self, tone)
        self.show()

    def _agree(self) -> None:
        self.hide()
        self.agreed.emit()

    def _decline(self) -> None:
        self.hide()
        self.declined.emit()


class Poster(QWidget):
    """The question before sending, and the one about an answer that was perhaps sent. `send` is the button
    for the composer's row; `edit` holds the text."""

    posted = Signal(object)
    """Outgoing: it is there."""
    working = Signal(bool)
    """Asked or sending: the composer's other buttons wait."""

    def __init__(self, context: Context, mention_id: int, edit: QPlainTextEdit) -> None:
        super().__init__()
        self._context = context
        self._id = mention_id
        self._edit = edit
        self._me = ""
        self._proposal: Proposal | None = None
        self._unsure: Outgoing | None = None
        self._over = False
        self.send = button(_("Send…"), self.ask, kind="primary", icon="send")
        self.send.hide()
        self.confirm = Question()
        self.confirm.agreed.connect(self._send)
        self.confirm.declined.connect(self._thaw)
        self.trouble = Question()
        self.doubt = Question()
        self.doubt.agreed.connect(self._was_sent)
        self.doubt.declined.connect(self._was_not_sent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.S)
        layout.addWidget(self.doubt)
        layout.addWidget(self.trouble)
        layout.addWidget(self.confirm)
        self.hide()

    @property
    def possible(self) -> bool:
        """Does the mention's source take answers from here?"""
        return self._proposal is not None and self._proposal.possible

    @property
    def limit(self) -> int:
        return self._proposal.limit if self._proposal is not None else 0

    def open(self, proposal: Proposal, rows: Sequence[Outgoing], me: str) -> None:
        """What the composer found when it opened."""
        self._proposal, self._me = proposal, me
        self.send.setVisible(proposal.possible)
        self.setVisible(proposal.possible)
        unsure = [row for row in rows if row.state is Posting.UNSURE]
        if unsure:
            self._put_doubt(unsure[0])
        self.allow()

    def allow(self) -> None:
        """After every change of the text."""
        text = fit(self._edit.toPlainText())
        fits = bool(text) and (not self.limit or len(text) <= self.limit)
        free = self._unsure is None and not self._over and self.confirm.isHidden()
        self.send.setEnabled(self.possible and fits and free and not self._edit.isReadOnly())

    def count(self) -> tuple[str, bool]:
        """How long the text is, in words; whether it is too long."""
        n = len(fit(self._edit.toPlainText())) if self.limit else len(self._edit.toPlainText())
        if self.limit:
            return _("{n} of {limit} characters").format(n=n, limit=self.limit), n > self.limit
        return ngettext("{n} character", "{n} characters", n).format(n=n), False

    # the yes

    def ask(self) -> None:
        """Freeze the text and find out what exactly would happen."""
        if not self.send.isEnabled():
            return
        self.trouble.hide()
        self._edit.setReadOnly(True)
        self.working.emit(True)
        self.allow()
        work = partial(self._context.core.propose_reply, self._id, self._edit.toPlainText())
        self._context.asker.ask(self, work, self._proposed, self._refused)

    def _proposed(self, proposal: Proposal) -> None:
        self._proposal = proposal
        if proposal.problem and not proposal.surmountable:
            self._fail(proposal.problem)
            return
        self._edit.setPlainText(proposal.text)
        told = _("Exactly the text above goes to {platform}, as {account} (“{source}”), in answer to {to}.")
        words = told.format(
            platform=proposal.platform,
            account=plain.one_line(proposal.account, 60) or _("the account of that source"),
            source=plain.one_line(proposal.source, 60),
            to=plain.one_line(proposal.to, 60) or _("anonymous"),
        )
        words += " " + _("It is noted that {name} approved it.").format(name=plain.one_line(self._me, 40))
        if proposal.problem:
            words = f"{plain.visible(proposal.problem)} {words}"
        self.confirm.put(words, yes=_("Send now"), no=_("Do not send yet"))
        self.confirm.no.setFocus()

    def _send(self) -> None:
        proposal = self._proposal
        if proposal is None:
            return
        self.confirm.put(_("Sending…"), tone="accent")
        again = bool(proposal.problem)
        work = partial(
            self._context.core.send_reply,
            self._id,
            proposal.text,
            approved_by=self._me,
            force=again,
            again=again,
        )
        self._context.asker.ask(self, work, self._ended, self._refused, slow=True)

    def _ended(self, row: Outgoing) -> None:
        self.confirm.hide()
        if row.state is Posting.SENT:
            self._over = True
            self.allow()
            self.posted.emit(row)
        elif row.state is Posting.UNSURE:
            self._thaw()
            self._put_doubt(row)
        else:
            self._fail(row.error)

    def _refused(self, error: BaseException) -> None:
        self._fail(plain.problem(error))

    def _fail(self, words: str) -> None:
        self._thaw()
        self.trouble.put(
            _("Nothing was sent: {reason}").format(reason=plain.visible(words)), tone="negative"
        )

    def _thaw(self) -> None:
        self.confirm.hide()
        self._edit.setReadOnly(False)
        self.working.emit(False)
        self.allow()
        self._edit.setFocus()

    # what is unclear

    def _put_doubt(self, row: Outgoing) -> None:
        self._unsure = row
        told = _("An answer by {name} was perhaps sent, {when}: “{text}” {why}")
        words = told.format(
            name=plain.one_line(row.approved_by, 40) or _("Somebody"),
            when=plain.clock_time(row.changed_at),
            text=plain.squeezed(row.text, 200),
            why=plain.visible(row.error),
        )
        self.doubt.put(words, yes=_("It was sent"), no=_("It was not sent"))
        self.show()
        self.allow()

    def _was_sent(self) -> None:
        self._settle(sent=True)

    def _was_not_sent(self) -> None:
        self._settle(sent=False)

    def _settle(self, *, sent: bool) -> None:
        if self._unsure is not None:
            work = partial(self._context.core.settle_unsure, self._unsure.id, sent)
            self._context.asker.ask(self, work, self._settled, self._not_settled)

    def _settled(self, row: Outgoing) -> None:
        self._unsure = None
        if row.state is Posting.SENT:
            self._over = True
            self.posted.emit(row)
        self.allow()

    def _not_settled(self, error: BaseException) -> None:
        if self._unsure is not None:
            self._put_doubt(self._unsure)
        self.trouble.put(plain.problem(error), tone="negative")


class UnsureBar(Question):
    """Over the feed: answers that were perhaps sent, until each is settled."""

    opened = Signal(int)
    """The mention to look at."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._rows: tuple[Outgoing, ...] = ()
        self.agreed.connect(self._open)
        context.bridge.changed.connect(self._on_change)
        self._read()

    def _on_change(self, change: Change) -> None:
        if change & Change.OUTBOX:
            self._read()

    def _read(self) -> None:
        self._context.asker.ask(self, partial(_unsure, self._context.core), self._show, self._not_read)

    def _show(self, rows: tuple[Outgoing, ...]) -> None:
        self._rows = rows
        if not rows:
            self.hide()
            return
        told = ngettext(
            "{n} answer was perhaps sent: look whether it is there.",
            "{n} answers were perhaps sent: look whether they are there.",
            len(rows),
        )
        self.put(told.format(n=len(rows)), yes=_("Look"))

    def _not_read(self, _error: BaseException) -> None:
        self.hide()

    def _open(self) -> None:
        if self._rows:
            self._show(self._rows)
            self.opened.emit(self._rows[-1].mention_id)


def _unsure(core: Core) -> tuple[Outgoing, ...]:
    return core.outbox(states=(Posting.UNSURE,))
