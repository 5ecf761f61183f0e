"""What a person does about an incident, as dialogs: mute, pass on, and the one-page brief. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPlainTextEdit, QPushButton, QTextBrowser, QWidget

from app.domain.warning import Brief, Incident
from app.errors import ExportFailed
from app.i18n import _
from ui import theme
from ui.context import Context
from ui.dialogs.sheet import AskingSheet
from ui.feed import plain
from ui.feed.detail import open_link
from ui.incidents import words
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import button, column, label


class ActSheet(AskingSheet):
    """About one incident; nothing is done before the field that must be filled in is."""

    chief: QPushButton

    def __init__(
        self, context: Context, incident: Incident, title: str, about: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(context, title, parent, about=about)
        self.setMinimumWidth(460)
        self._id = incident.id
        self.body.addWidget(label(words.title(incident), "strong", wrap=True))

    def field(self, name: str, box: QWidget) -> None:
        """A name over what is filled in."""
        box.setAccessibleName(name)
        self.body.addLayout(column(label(name, "strong"), box, spacing=theme.XS))

    def end(self, act: str, pressed: Callable[[], None], needed: QLineEdit) -> None:
        """The buttons; the keyboard goes to the field that is needed."""
        self.chief = self.buttons(act, pressed)
        needed.textChanged.connect(self._typed)
        self._typed(needed.text())
        needed.setFocus()

    def was_done(self, _nothing: object) -> None:
        self.accept()

    def refused(self, error: BaseException) -> None:
        self.chief.setEnabled(True)
        self.complain(error)

    def _typed(self, text: str) -> None:
        self.chief.setEnabled(bool(text.strip()))


class MuteSheet(ActSheet):
    """A reason is asked for: whoever comes later must see why nothing alarms any more."""

    def __init__(self, context: Context, incident: Incident, parent: QWidget | None = None) -> None:
        about = _(
            "It stays in the list and is still followed, but disturbs nobody until it is let alarm again."
        )
        super().__init__(context, incident, _("Mute this incident"), about, parent)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(_("Such as: our own lottery, planned until Friday"))
        self.reason.setMaxLength(400)
        self.field(_("Reason"), self.reason)
        self.end(_("Mute"), self.mute, self.reason)

    def mute(self) -> None:
        reason = self.reason.text().strip()
        if reason:
            self.chief.setEnabled(False)
            self.ask(
                partial(self.context.core.mute_incident, self._id, reason), self.was_done, self.refused
            )


class EscalateSheet(ActSheet):
    """To whom, and what they should know."""

    def __init__(self, context: Context, incident: Incident, parent: QWidget | None = None) -> None:
        about = _(
            "It is written down, and its posts that nobody has touched count as escalated. "
            "Telling them is still yours to do: the brief helps."
        )
        super().__init__(context, incident, _("Escalate this incident"), about, parent)
        self.to = QLineEdit(plain.one_line(incident.escalated_to, 80))
        self.to.setPlaceholderText(_("A person or a team, such as PR on duty"))
        self.to.setMaxLength(80)
        self.note = QPlainTextEdit()
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(90)
        self.field(_("To whom"), self.to)
        self.field(_("Note"), self.note)
        self.end(_("Escalate"), self.escalate, self.to)

    def escalate(self) -> None:
        to, note = self.to.text().strip(), self.note.toPlainText().strip()[:2000]
        if to:
            self.chief.setEnabled(False)
            work = partial(self.context.core.escalate_incident, self._id, to, note)
            self.ask(work, self.was_done, self.refused)


class Paper(QTextBrowser):
    """The page. It loads nothing from anywhere, and opens web addresses only."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setAccessibleName(_("Briefing"))
        self.anchorClicked.connect(self._follow)

    def loadResource(self, _type: int, _name: QUrl | str) -> object:
        return None

    def _follow(self, url: QUrl) -> None:
        open_link(url.toString())


class BriefSheet(AskingSheet):
    """One page with links, to copy or to save."""

    def __init__(self, context: Context, incident: Incident, parent: QWidget | None = None) -> None:
        super().__init__(context, _("Briefing"), parent)
        self.resize(760, 640)
        self._id = incident.id
        self.brief: Brief | None = None
        self.page = Paper()
        empty = EmptyState("file", "", "")
        self.states = StateStack(self.page, empty)
        self.states.retry.connect(self.read)
        self.body.addWidget(self.states, 1)
        self.copy_button = button(_("Copy as text"), self.copy, icon="copy")
        self.chief = self.buttons(_("Save…"), self.choose_place, self.copy_button, cancel=_("Close"))
        self._enable()
        self.read()

    def read(self) -> None:
        self.states.show_loading()
        self.ask(
            partial(self.context.core.incident_brief, self._id), self.show_brief, self.not_read, slow=True
        )

    def show_brief(self, brief: Brief) -> None:
        self.brief = brief
        self.page.setHtml(brief.html)
        self.states.show_full()
        self._enable()

    def not_read(self, error: BaseException) -> None:
        self.states.show_failed(plain.problem(error))

    def copy(self) -> None:
        if self.brief is not None:
            QGuiApplication.clipboard().setText(self.brief.markdown)
            self.problem.say(_("Copied. It can be pasted into a chat or a mail."), "positive")

    def choose_place(self) -> None:
        kinds = f"{_('Web page')} (*.html);;Markdown (*.md)"
        chosen, kind = QFileDialog.getSaveFileName(self, _("Where to"), str(_suggested(self._id)), kinds)
        if chosen:
            path = Path(chosen)
            if path.suffix.lower() not in (".html", ".htm", ".md"):
                path = path.with_name(path.name + (".md" if "md" in kind else ".html"))
            self.save_to(path)

    def save_to(self, path: Path) -> None:
        """Markdown where the name says so, else a page that a browser shows."""
        if self.brief is not None:
            text = self.brief.markdown if path.suffix.lower() == ".md" else self.brief.html
            self.ask(partial(_write, path, text), self.saved, slow=True)

    def saved(self, path: Path) -> None:
        self.problem.say(_("Saved as {name}.").format(name=path.name), "positive")

    def _enable(self) -> None:
        for one in (self.copy_button, self.chief):
            one.setEnabled(self.brief is not None)


def _write(path: Path, text: str) -> Path:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        told = _("The brief could not be written to {name}: {reason}")
        raise ExportFailed(told.format(name=path.name, reason=error.strerror or error)) from error
    return path


def _suggested(id: int) -> Path:
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    home = Path(folder) if folder and Path(folder).is_dir() else Path.home()
    return home / f"tingfeng-incident-{id}.html"
