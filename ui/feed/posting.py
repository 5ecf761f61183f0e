"""Sending an answer through the platform's own interface, from the composer; and what is unclear of it.

GUI thread; the core is asked through the asker. The text is frozen while the question stands, so that what
is said yes to is what goes out. Nothing here sends twice: what was perhaps sent is for a person to settle.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QVBoxLayout, QWidget

from app.change import Change
from app.domain.outbox import UNKNOWN, Allow, Basis, Outgoing, Posting, Proposal, fit
from app.i18n import _, ngettext
from ui import theme
from ui.context import Context
from ui.feed import plain
from ui.feed.standing import Question, Standing, standing
from ui.widgets.parts import button

if TYPE_CHECKING:
    from app.core import Core


class Asked(NamedTuple):
    """What goes with the text that a person says yes to."""

    basis: Basis
    allowed: frozenset[Allow]
    reviewer: str
    instead: int


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
        self._basis = UNKNOWN
        self._instead = 0
        self._going = 0
        self._over = False
        self._held = False
        self.send = button(_("Send…"), self.ask, kind="primary", icon="send")
        self.send.hide()
        self.confirm = Question()
        self.confirm.agreed.connect(self._send)
        self.confirm.declined.connect(self._thaw)
        self.trouble = Question()
        self.doubt = Question()
        self.doubt.agreed.connect(self._was_sent)
        self.doubt.declined.connect(self._was_not_sent)
        self.standing = Standing(context)
        self.standing.became.connect(self._became)
        self.standing.reused.connect(self._reuse)
        self.standing.failed.connect(self._not_done)
        self.reviewer = QComboBox()
        self.reviewer.setAccessibleName(_("Who is asked for the second yes"))
        self.reviewer.hide()
        context.bridge.changed.connect(self._on_change)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.S)
        layout.addWidget(self.doubt)
        layout.addWidget(self.standing)
        layout.addWidget(self.trouble)
        layout.addWidget(self.reviewer)
        layout.addWidget(self.confirm)
        self.hide()

    @property
    def possible(self) -> bool:
        """Does the mention's source take answers from here?"""
        return self._proposal is not None and self._proposal.possible

    @property
    def limit(self) -> int:
        return self._proposal.limit if self._proposal is not None else 0

    def open(self, proposal: Proposal, rows: Sequence[Outgoing], me: str, basis: Basis = UNKNOWN) -> None:
        """What the composer found when it opened; `basis`: what was known then."""
        self._proposal, self._me, self._basis = proposal, me, basis
        self.send.setVisible(proposal.possible)
        self._show_rows(tuple(rows))
        if proposal.second:
            self._context.asker.ask(
                self, self._context.core.reviewers, self._fill_reviewers, self._no_reviewers
            )

    def copied(self, row: Outgoing) -> None:
        """A person has the text in hand to post it."""
        self.standing.keep(row.text)
        self._put(row)

    def keep(self, text: str) -> None:
        """Copied once more, in other words."""
        self.standing.keep(text)

    @property
    def by_hand(self) -> bool:
        """Was it copied, and nobody has said yet whether it was posted?"""
        row = self.standing.row
        return row is not None and row.state is Posting.COPIED

    def _fill_reviewers(self, names: tuple[str, ...]) -> None:
        self.reviewer.clear()
        self.reviewer.addItem(_("Anybody else may approve"), "")
        for name in names:
            self.reviewer.addItem(
                _("{name} is asked to approve").format(name=plain.one_line(name, 40)), name
            )

    def _no_reviewers(self, _error: BaseException) -> None:
        self._fill_reviewers(())

    def _on_change(self, change: Change) -> None:
        if change & Change.OUTBOX and self._proposal is not None:
            work = partial(self._context.core.outbox, self._id)
            self._context.asker.ask(self, work, self._show_rows, self._not_read)

    def _show_rows(self, rows: tuple[Outgoing, ...]) -> None:
        """What stands in the outbox, and what became of the answer that was leaving."""
        gone = next((row for row in rows if row.id == self._going), None)
        if gone is not None and gone.state in (Posting.SENT, Posting.FAILED, Posting.UNSURE):
            self._going = 0
            self.standing.show_row(None, self._me)
            self._ended(gone)
            if gone.stranded:  # its text stands here; what is sent next takes its place
                self._instead = gone.id
        unsure = next((row for row in rows if row.state is Posting.UNSURE), None)
        if unsure is not None and self._unsure is None:
            self._put_doubt(unsure)
        if self.confirm.isHidden():
            self._put(standing([row for row in rows if row.id != self._instead]))
        self.allow()

    def _put(self, row: Outgoing | None) -> None:
        self.standing.show_row(row, self._me)
        if row is not None and row.state is Posting.APPROVED and row.due_at is not None:
            self._going = row.id
        self.show()
        self.allow()

    def _not_read(self, error: BaseException) -> None:
        self.trouble.put(plain.problem(error), tone="negative")

    def _became(self, row: Outgoing) -> None:
        """What a button of the standing answer made of it."""
        if row.state is Posting.SENT and not self._over:
            self._going = 0
            self._over = True
            self.posted.emit(row)
        elif row.state is Posting.WRITTEN and row.id == self._going:
            self._going, self._instead = 0, row.id
            self.standing.show_row(None, self._me)
            self._edit.setFocus()
        elif row.state is Posting.FAILED and self.standing.before in (Posting.APPROVED, Posting.WRITTEN):
            self._fail(row.error)
        elif row.state is Posting.UNSURE:
            self._put_doubt(row)
        self.allow()

    def _reuse(self, text: str) -> None:
        """Go on with what was written: it takes the editor's place, and the new answer the old one's."""
        self._instead = self.standing.row.id if self.standing.row is not None else 0
        self.standing.show_row(None, self._me)
        self._edit.setPlainText(plain.visible(text))
        self._edit.setFocus()

    def _not_done(self, words: str) -> None:
        self.trouble.put(words, tone="negative")
        self._on_change(Change.OUTBOX)

    def based_on(self, basis: Basis) -> None:
        """The text was made of what was known then."""
        self._basis = basis

    def hold(self, *, on: bool) -> None:
        """Something in the text must be looked at first."""
        self._held = on

    def allow(self) -> None:
        """After every change of the text."""
        text = fit(self._edit.toPlainText())
        fits = bool(text) and (not self.limit or len(text) <= self.limit)
        free = self._unsure is None and not self._over and self.confirm.isHidden()
        free = free and not self.standing.blocks and not self._held
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
        text = self._edit.toPlainText()
        work = partial(self._context.core.propose_reply, self._id, text, "", self._basis)
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
        if proposal.second:
            words += " " + _("It leaves when somebody else has approved it, too.")
        self.reviewer.setVisible(proposal.second)
        if proposal.problem:
            words = f"{plain.visible(proposal.problem)} {words}"
        self.confirm.put(words, yes=_("Send now"), no=_("Do not send yet"))
        self.confirm.no.setFocus()

    def _send(self) -> None:
        proposal = self._proposal
        if proposal is None:
            return
        self.confirm.put(_("Sending…"), tone="accent")
        self.reviewer.hide()
        asked = Asked(self._basis, proposal.needs, self._asked_for(), self._instead)
        seconds = self._context.core.local.undo_seconds
        work = partial(
            _go, self._context.core, id_=self._id, text=proposal.text, seconds=seconds, asked=asked
        )
        self._context.asker.ask(self, work, self._ended, self._refused, slow=True)

    def _asked_for(self) -> str:
        proposal = self._proposal
        chosen = proposal is not None and proposal.second
        return str(self.reviewer.currentData() or "") if chosen else ""

    def _ended(self, row: Outgoing) -> None:
        self.confirm.hide()
        self._instead = 0
        if row.state is Posting.SENT:
            self._over = True
            self.allow()
            self.posted.emit(row)
        elif row.state in (Posting.APPROVED, Posting.WRITTEN):
            self._thaw()
            self._put(row)
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
        self.reviewer.hide()
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


def _go(core: Core, *, id_: int, text: str, seconds: float, asked: Asked) -> Outgoing:
    """Write and approve; it leaves by itself after `seconds`, or now where there are none."""
    row = core.send_later(
        id_,
        text,
        approved_by=core.me,
        seconds=seconds or None,
        basis=asked.basis,
        allowed=asked.allowed,
        reviewer=asked.reviewer,
        instead=asked.instead,
    )
    return row if seconds or row.waits_for_second else core.send_approved(row.id)
