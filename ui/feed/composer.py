"""The reply: drafted, edited by a person; copied by a person, or sent by `posting` after their yes.

GUI thread. The draft is asked for through the asker; the post's address goes to the desktop only if it
is a web address. Questions are put inside the window, so that no second event loop runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.change import Change
from app.domain.draft import Draft, Manner, Rest, Template
from app.domain.mention import Status, Stored
from app.domain.modelling import Ground, ModelDraft
from app.domain.outbox import Basis, Outgoing, Proposal, Way
from app.errors import Conflict
from app.i18n import N_, _, listed
from ui import icons, theme
from ui.context import Context
from ui.feed import plain
from ui.feed.detail import open_link
from ui.feed.entry_choice import EntryChoice
from ui.feed.findings import Findings
from ui.feed.keeping import Keeping
from ui.feed.model_draft import ModelDrafter
from ui.feed.posting import Poster
from ui.feed.rests import Rests
from ui.feed.standing import Question
from ui.widgets.parts import button, label, line, row

if TYPE_CHECKING:
    from app.core import Core

MANNERS = {
    Manner.FORMAL: N_("Formal"),
    Manner.WARM: N_("Warm"),
    Manner.BRIEF: N_("Brief"),
}
QUOTED = 280


class Opening(NamedTuple):
    stored: Stored
    draft: Draft
    templates: tuple[Template, ...]
    me: str
    proposal: Proposal
    rows: tuple[Outgoing, ...]
    basis: Basis


def _open(core: Core, id: int, manner: Manner) -> Opening:
    basis = core.basis()
    draft = core.draft(id, manner)
    core.check_reply(draft.text)  # so that the word lists are read before a person types
    proposal, rows = core.propose_reply(id, draft.text), core.outbox(id)
    return Opening(core.mention(id), draft, core.templates(), core.me, proposal, rows, basis)


class Wanted(NamedTuple):
    """What a draft is to be made of: a template, or else an entry (0: the fitting template)."""

    manner: Manner
    template: Template | None
    entry: int


def _draft(core: Core, id: int, wanted: Wanted) -> Draft:
    if wanted.template is None:
        return core.draft(id, wanted.manner, entry_id=wanted.entry)
    return core.draft(id, wanted.manner, wanted.template.id, wanted.template.complaint)


class Composer(QDialog):
    """`answered` carries the mention's id once it is marked answered.

    Whoever else can write a text (a model) puts a widget into `extras`, between the text and what is said
    of it, and hands its text to `take_text`.
    """

    answered = Signal(int)
    rest_wanted = Signal(object)
    """Rest: a person wants to see what the text rests on."""

    def __init__(self, context: Context, mention_id: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.mention_id = mention_id
        self._stored: Stored | None = None
        self._templates: tuple[Template, ...] = ()
        self._template: Template | None = None
        self._manner = Manner.WARM
        self._entry = 0
        self._wanted = Wanted(Manner.WARM, None, 0)
        self._drafted = ""
        self._offered: tuple[str, tuple[Rest, ...]] = ("", ())
        self._unknown: tuple[str, ...] = ()
        self._me = ""
        self._warned = False
        self._used = False
        self._asking = ""
        self._again = QTimer(self, singleShot=True, interval=100)
        self._again.timeout.connect(self._reread)
        self._build()
        context.bridge.changed.connect(self._on_change)
        work = partial(_open, context.core, mention_id, self._manner)
        context.asker.ask(self, work, self._opened, self._open_failed)

    # building

    def _build(self) -> None:
        self.setWindowTitle(_("Draft a reply"))
        self.setModal(False)
        self.resize(680, 720)
        self._build_post()
        self._build_text()
        self._build_choices()
        self._build_buttons()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.XL, theme.L, theme.XL, theme.L)
        layout.setSpacing(theme.M)
        layout.addWidget(self._post)
        layout.addWidget(self.entries)
        layout.addLayout(self._choices)
        layout.addWidget(self.edit, 1)
        below = row(self._missing, self._count)
        below.setStretchFactor(self._missing, 1)
        layout.addLayout(below)
        layout.addWidget(self.model)
        layout.addWidget(self.findings)
        layout.addWidget(self.rests)
        layout.addLayout(self.extras)
        layout.addWidget(self.news)
        layout.addWidget(self.question)
        layout.addWidget(self.poster)
        layout.addWidget(self.keeping)
        layout.addWidget(line())
        layout.addLayout(self._buttons)

    def _build_post(self) -> None:
        self._post = QFrame()
        self._post.setProperty("role", "card")
        self._who = label(_("Reading…"), "small")
        self._tone = label("", "pill")
        self._tone.hide()
        self._quote = QLabel()
        self._quote.setTextFormat(Qt.TextFormat.PlainText)
        self._quote.setWordWrap(True)
        self._quote.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._quote.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._link = label("", "faint")
        layout = QVBoxLayout(self._post)
        layout.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        layout.setSpacing(theme.XS)
        layout.addLayout(row(self._who, None, self._tone))
        layout.addWidget(self._quote)
        layout.addWidget(self._link)

    def _build_choices(self) -> None:
        self.entries = EntryChoice()
        self.entries.chosen.connect(self._on_entry)
        self.picker = QComboBox()
        self.picker.setPlaceholderText(_("None: from an entry"))
        self.picker.setAccessibleName(_("Template"))
        self.picker.setMinimumWidth(180)
        self.picker.activated.connect(self._on_template)
        frame = QFrame()
        frame.setProperty("role", "segments")
        inner = QHBoxLayout(frame)
        inner.setContentsMargins(3, 3, 3, 3)
        inner.setSpacing(2)
        self._manners = QButtonGroup(self)
        self.manner_buttons: dict[Manner, QPushButton] = {}
        for number, (manner, name) in enumerate(MANNERS.items()):
            one = QPushButton(_(name))
            one.setProperty("kind", "segment")
            one.setCheckable(True)
            one.setAutoDefault(False)
            self._manners.addButton(one, number)
            inner.addWidget(one)
            self.manner_buttons[manner] = one
        self._manners.idClicked.connect(self._on_manner)
        self._choices = row(label(_("Template"), "muted"), self.picker, None, frame, self.model.draft)

    def _build_text(self) -> None:
        self.edit = QPlainTextEdit()
        self.edit.setAccessibleName(_("The reply"))
        self.edit.setPlaceholderText(_("Write the reply here."))
        self.edit.setFont(theme.font(theme.READING + 1))
        self.edit.setTabChangesFocus(True)
        self.edit.setEnabled(False)
        self.edit.textChanged.connect(self._on_text)
        self._missing = label("", "small", wrap=True)
        self._count = label("", "small")
        self.poster = Poster(self._context, self.mention_id, self.edit)
        self.poster.posted.connect(self._posted)
        self.poster.send.clicked.disconnect(self.poster.ask)
        self.poster.send.clicked.connect(self._on_send)
        self.poster.working.connect(self._on_working)
        self.findings = Findings(self.edit, self._context.core.check_reply)
        self.keeping = Keeping(self._context, self.mention_id, self.edit)
        self.keeping.opened.connect(self.rest_wanted)
        self.answered.connect(self.keeping.offer)
        self.rests = Rests()
        self.rests.opened.connect(self.rest_wanted)
        self.extras = QVBoxLayout()
        self.extras.setSpacing(theme.S)
        self.model = ModelDrafter(self._context, self.mention_id, self.edit, lambda: self._manner)
        self.model.working.connect(self._on_working)
        self.model.drafted.connect(self._modelled)
        self.model.fell_back.connect(self._fell_back)
        self.model.changed.connect(self._allow)
        self.news = Question()
        self.question = Question()
        self.question.agreed.connect(self._agreed)
        self.question.declined.connect(self._declined)

    def _build_buttons(self) -> None:
        self.copy_and_open = button(
            _("Copy and open the post"), self._on_copy_and_open, kind="primary", icon="copy"
        )
        self.copy_only = button(_("Copy only"), self._on_copy_only)
        self.cancel = button(_("Cancel"), self._on_cancel, kind="quiet")
        self._told = label("", "small", wrap=True)
        self._buttons = row(
            self._told, None, self.cancel, self.copy_only, self.copy_and_open, self.poster.send
        )
        self._buttons.setStretchFactor(self._told, 1)
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self._on_go)
        self._allow()

    # opening

    def _opened(self, opening: Opening) -> None:
        self._me = opening.me
        self._templates = opening.templates
        self._fill_picker()
        self._show_stored(opening.stored)
        if opening.proposal.possible:
            self.copy_and_open.setProperty("kind", "")
            icons.dress(self.copy_and_open, "copy", "muted")
            theme.restyle(self.copy_and_open)
        self.edit.setEnabled(True)
        self._take_draft(opening.draft)
        self.poster.open(opening.proposal, opening.rows, opening.me, opening.basis)
        self._on_text()
        self.edit.setFocus()

    def _open_failed(self, error: BaseException) -> None:
        self._who.setText(_("This mention could not be read."))
        self.news.put(plain.problem(error), tone="negative")

    def _show_stored(self, stored: Stored) -> None:
        self._stored = stored
        when = plain.published(stored)
        self._who.setText(" · ".join((plain.author_name(stored), plain.origin(stored), when)))
        self._tone.setText(theme.tone_word(stored.tone))
        self._tone.setProperty(
            "tone", {"negative": "negative", "positive": "positive"}.get(str(stored.tone), "")
        )
        theme.restyle(self._tone)
        self._tone.show()
        words = stored.mention.title + "\n" + stored.text if stored.mention.title else stored.text
        self._quote.setText(plain.squeezed(words, QUOTED))
        if plain.openable(stored.mention.url):
            self._link.setText(plain.squeezed(stored.mention.url, 90))
        else:
            self._link.setText(
                _("This source gives no link: after copying, find the post on the platform yourself.")
            )
            self.copy_and_open.setText(_("Copy"))
        self._tell_status(stored)
        self._allow()

    def _tell_status(self, stored: Stored) -> None:
        by = plain.one_line(stored.status_by, 40) or _("Somebody")
        when = plain.clock_time(stored.status_at) if stored.status_at else ""
        if stored.status is Status.ANSWERED and not self._used:
            told = _("Already answered by {name}, {when}.").format(name=by, when=when)
            self.news.put(told)
        elif stored.status is Status.CLAIMED and stored.status_by and stored.status_by != self._me:
            told = _("{name} claimed this mention, {when}, and may be answering it.").format(
                name=by, when=when
            )
            self.news.put(told)
        elif not self._used:
            self.news.hide()

    def _fill_picker(self) -> None:
        self.picker.clear()
        for template in self._templates:
            self.picker.addItem(plain.one_line(template.name, 60))

    # drafts

    @property
    def edited(self) -> bool:
        """Has a person changed what was drafted?"""
        return self.edit.toPlainText() != self._drafted

    def take_text(self, text: str, sources: Sequence[Rest] = ()) -> None:
        """A text made elsewhere takes the place of what stands here; of a person's own words, only if
        the person says so. `sources` is what it rests on."""
        self._offered = (text, tuple(sources))
        if self.edited and self.edit.toPlainText().strip():
            self._ask(
                "take",
                _("You have changed the text. Replace it with a new draft?"),
                _("Replace"),
                _("Keep mine"),
            )
        else:
            self._take_offered()

    def _take_offered(self) -> None:
        text, sources = self._offered
        self._unknown = ()
        self.edit.setPlainText(plain.visible(text))
        self._drafted = self.edit.toPlainText()
        self.rests.show_rests(sources)
        self._show_missing()

    def _take_draft(self, draft: Draft) -> None:
        self._manner = draft.manner
        self._entry = self.keeping.entry_id = draft.entry_id
        self.entries.show_draft(draft)
        self.manner_buttons[draft.manner].setChecked(True)
        number = _place_of(self._templates, draft)
        self._template = self._templates[number] if number >= 0 else None
        self.picker.setCurrentIndex(number)
        self.edit.setPlainText(plain.visible(draft.text))
        self._drafted = self.edit.toPlainText()
        self._unknown = draft.missing
        self.rests.show_rests(draft.rests)
        self._show_missing()

    def _show_missing(self) -> None:
        """What nothing could fill: still in the text, or left out of it."""
        text = self.edit.toPlainText()
        there = [one for one in self._unknown if f"{{{one}}}" in text]
        names = listed(_missing_name(one) for one in there or self._unknown)
        told = _("Fill in by hand: {names}") if there else _("Left out, as it is not known: {names}")
        self._missing.setText(told.format(names=names))
        self._missing.setVisible(bool(self._unknown))
        role = "error" if there else "small"
        if self._missing.property("role") != role:
            self._missing.setProperty("role", role)
            theme.restyle(self._missing)

    def _modelled(self, draft: ModelDraft) -> None:
        """A model's draft stands in the editor; it is as old as what the model was shown."""
        self._unknown = ()
        self._show_missing()
        self.rests.show_rests(_rests_of(draft))
        self.poster.based_on(draft.basis)

    def _fell_back(self, draft: Draft) -> None:
        if not self.edited:
            self._take_draft(draft)

    def _on_manner(self, number: int) -> None:
        self._switch(Wanted(list(MANNERS)[number], self._template, self._entry))

    def _on_template(self, number: int) -> None:
        self._switch(Wanted(self._manner, self._templates[number], 0))

    def _on_entry(self, id: int) -> None:
        self._switch(Wanted(self._manner, None, id))

    def _switch(self, wanted: Wanted) -> None:
        self._wanted = wanted
        if self.edited and self.edit.toPlainText().strip():
            self._ask(
                "switch",
                _("You have changed the text. Replace it with a new draft?"),
                _("Replace"),
                _("Keep mine"),
            )
        else:
            self._redraft()

    def _redraft(self) -> None:
        work = partial(_draft, self._context.core, self.mention_id, self._wanted)
        self._context.asker.ask(self, work, self._take_draft, self._draft_failed)

    def _draft_failed(self, error: BaseException) -> None:
        self.news.put(plain.problem(error), tone="negative")
        self._keep_choice()

    def _keep_choice(self) -> None:
        self.manner_buttons[self._manner].setChecked(True)
        self.picker.setCurrentIndex(
            self._templates.index(self._template) if self._template in self._templates else -1
        )

    def _on_text(self) -> None:
        told, over = self.poster.count()
        self._count.setText(told)
        role = "error" if over else "small"
        if self._count.property("role") != role:
            self._count.setProperty("role", role)
            theme.restyle(self._count)
        self._show_missing()
        self._allow()

    # what happened meanwhile

    def _on_change(self, change: Change) -> None:
        if change & Change.STATUS and not self._used:
            self._again.start()

    def _reread(self) -> None:
        work = partial(self._context.core.mention, self.mention_id)
        self._context.asker.ask(self, work, self._reread_done, self._reread_failed)

    def _reread_done(self, stored: Stored) -> None:
        if self._stored is not None and not self._used:
            self._stored = stored
            self._tell_status(stored)

    def _reread_failed(self, error: BaseException) -> None:
        self.news.put(plain.problem(error), tone="negative")

    # questions

    def _ask(self, what: str, words: str, yes: str, no: str) -> None:
        self._asking = what
        self.question.put(words, yes=yes, no=no)
        self.question.yes.setFocus()

    def _agreed(self) -> None:
        match self._asking:
            case "switch":
                self._redraft()
            case "take":
                self._take_offered()
            case "again":
                self._warned = True
                self._on_copy_and_open()
            case "send" | "copy" | "open":
                self.findings.agree()
                {"send": self._on_send, "copy": self._on_copy_only, "open": self._on_copy_and_open}[
                    self._asking
                ]()
            case "leave":
                self._drafted = self.edit.toPlainText()
                self.reject()
            case "mark":
                self._mark()

    def _declined(self) -> None:
        if self._asking == "switch":
            self._keep_choice()
        self.edit.setFocus()

    # copying

    def _allow(self) -> None:
        unseen = self.model.blocked()
        self.poster.hold(on=bool(unseen))
        ready = self._stored is not None and bool(self.edit.toPlainText().strip()) and not unseen
        self.copy_only.setEnabled(ready)
        self.copy_and_open.setEnabled(ready and not self._used and not self.edit.isReadOnly())
        self.poster.allow()

    def _on_go(self) -> None:
        """What Ctrl+Return means here: send where that is possible, else copy and open."""
        if self.poster.possible:
            self._on_send()
        else:
            self._on_copy_and_open()

    def _held(self, what: str) -> bool:
        """Does the text say what a person must agree to first? Asks, and goes on by itself after a yes."""
        told, yes = self.findings.question()
        if told:
            self._ask(what, told, yes, _("Go on writing"))
        return bool(told)

    def _on_send(self) -> None:
        if self.poster.send.isEnabled() and not self._held("send"):
            self.poster.ask()

    def _on_working(self, working: bool) -> None:  # a signal's argument
        if working:
            self.news.hide()
        for one in (self.entries, self.picker, *self.manner_buttons.values()):
            one.setEnabled(not working)
        self._allow()

    def _posted(self, row: Outgoing) -> None:
        """It stands on the platform; the core has marked the mention."""
        self._used = True
        self._allow()
        by = plain.one_line(row.approved_by, 40)
        told = (
            _("Posted by hand. Answered by {name}, {when}.")
            if row.way is Way.HAND
            else _("Sent. Answered by {name}, {when}.")
        )
        self.news.put(told.format(name=by, when=plain.clock_time(row.changed_at)), tone="positive")
        if row.way is Way.HAND:
            self.copy_and_open.setText(_("Answered"))
            icons.dress(self.copy_and_open, "check", "faint")
        self._told.setText("")
        self.cancel.setText(_("Close"))
        self._drafted = self.edit.toPlainText()
        self.cancel.setFocus()
        self.answered.emit(self.mention_id)

    def _copy(self) -> str:
        text = self.edit.toPlainText()
        QGuiApplication.clipboard().setText(text)
        return text

    def _on_copy_only(self) -> None:
        if self._held("copy"):
            return
        self._copy()
        self._told.setText(_("Copied. The mention's status is unchanged."))

    def _on_copy_and_open(self) -> None:
        stored = self._stored
        if stored is None or not self.copy_and_open.isEnabled() or self._held("open"):
            return
        if stored.status is Status.ANSWERED and not self._warned:
            by = plain.one_line(stored.status_by, 40) or _("Somebody")
            told = _("{name} has already answered this. Answer once more?").format(name=by)
            self._ask("again", told, _("Answer again"), _("Leave it"))
            return
        self._copy()
        if not plain.openable(stored.mention.url) or open_link(stored.mention.url):
            self._mark()
        else:
            told = _("Copied, but the browser could not be opened. The post is at {url}")
            told = told.format(url=plain.one_line(stored.mention.url, 200))
            self._ask("mark", told, _("I have opened it"), _("Not yet"))

    def _mark(self) -> None:
        """Copied; whether it was posted, the person says."""
        self._drafted = text = self.edit.toPlainText()
        if self.poster.by_hand:
            self.poster.keep(text)
            return
        self.copy_and_open.setEnabled(False)
        work = partial(self._context.core.copied, self.mention_id, text)
        self._context.asker.ask(self, work, self._copied, self._not_copied)

    def _copied(self, row: Outgoing) -> None:
        self._allow()
        self.poster.copied(row)
        stored = self._stored
        told = (
            ""
            if stored is None or plain.openable(stored.mention.url)
            else _("There is no link to open: paste the reply under the post yourself.")
        )
        self._told.setText(told)

    def _not_copied(self, error: BaseException) -> None:
        told = _("The text is copied, but that is not noted: {reason}").format(reason=plain.problem(error))
        self.news.put(told, tone="warning" if isinstance(error, Conflict) else "negative")
        self._allow()

    # leaving

    def _on_cancel(self) -> None:
        self.reject()

    def reject(self) -> None:
        if self._may_leave():
            super().reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Return must never press a button from inside the text.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            return
        super().keyPressEvent(event)

    def _may_leave(self) -> bool:
        if self._used or not self.edited or not self.edit.toPlainText().strip():
            return True
        self._ask(
            "leave", _("Your changes to the text would be lost."), _("Discard them"), _("Go on writing")
        )
        return False


def _rests_of(draft: ModelDraft) -> tuple[Rest, ...]:
    """What its sentences name, each once, as far as it can be opened."""
    named = {id_ for sentence in draft.sentences for id_ in sentence.sources}
    kinds = {Ground.KNOWLEDGE: "entry", Ground.MENTION: "mention", Ground.ANSWER: "mention"}
    return tuple(
        Rest(kinds[one.ground], one.ref, one.title)
        for one in draft.sources
        if one.id in named and one.ground in kinds
    )


def _place_of(templates: Sequence[Template], draft: Draft) -> int:
    if draft.entry_id:
        return -1
    for number, one in enumerate(templates):
        if (one.id, one.name) == (draft.template_id, draft.template):
            return number
    return next((number for number, one in enumerate(templates) if one.id == draft.template_id), -1)


_MISSING = {
    "author": N_("the author's name"),
    "brand": N_("the brand"),
    "product": N_("the product"),
    "issue": N_("the issue"),
    "channel": N_("the service channel"),
    "link": N_("the help page"),
    "agent": N_("your name"),
}


def _missing_name(variable: str) -> str:
    return _(_MISSING[variable]) if variable in _MISSING else f"{{{plain.one_line(variable, 30)}}}"
