"""This machine's settings, the word lists, and what this program is made of."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import __version__
from app.change import Change
from app.errors import AppError, ConfigError
from app.i18n import N_, _
from app.settings.local import Local
from app.settings.schema import read, specs
from ui import icons, theme, told
from ui.context import Context
from ui.feed import plain
from ui.forms import Form
from ui.pages.model_settings import ModelSettings
from ui.pages.page import Page, heading, sheet
from ui.widgets.notice import Notice
from ui.widgets.parts import boxed, button, card, clear, label, row, scrolled

if TYPE_CHECKING:
    from app.core import Check

LICENCES = (
    ("Tingfeng", "MIT"),
    ("Qt / PySide6", "LGPL-3.0"),
    ("pyqtgraph", "MIT"),
    ("httpx, feedparser, selectolax", "BSD / MIT"),
    ("peewee", "MIT"),
    ("pyahocorasick, OpenCC", "BSD / Apache-2.0"),
    ("XlsxWriter, python-calamine", "BSD / MIT"),
    ("snownlp", "MIT"),
    ("plyer, keyring, platformdirs, filelock", "MIT"),
)
_GROUPS = (
    (N_("You and this window"), ("agent", "language", "theme", "tray")),
    (N_("Replies"), ("service_channel", "knowledge_link", "undo_seconds")),
    (N_("Data and network"), ("database", "proxy", "raw_days")),
)


class SettingsPage(Page):
    cares = Change.SETTINGS
    people_wanted = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.forms: list[Form] = []
        self.notice = Notice()
        self._forms = QVBoxLayout()
        self._forms.setSpacing(theme.L)
        self._checks = QVBoxLayout()
        self._checks.setSpacing(theme.S)
        self.chief = button(_("Save"), self.save, kind="primary")
        layout = sheet(self)
        layout.addLayout(
            heading(_("Settings"), _("Of this computer. Nothing here is sent anywhere."), self.chief)
        )
        layout.addWidget(self.notice)
        layout.addWidget(scrolled(self._inner()), 1)
        self._build()

    def refresh(self) -> None:
        for form in self.forms:
            for name, field in form.fields.items():
                field.show_value(getattr(self.context.core.local, name))

    def local(self) -> Local:
        """As it stands in the fields; ConfigError names the field."""
        values = {name: value for form in self.forms for name, value in form.values().items()}
        return read(Local, values)

    def save(self) -> None:
        for form in self.forms:
            form.clear_problems()
        try:
            local = self.local()
        except ConfigError as error:
            self.not_saved(error)
            return
        self.ask(partial(self.context.core.save_local, local), self.saved, self.not_saved)

    def saved(self, _nothing: None) -> None:
        told_ = _("Saved. Language, team database and proxy take effect at the next start.")
        self.notice.say(told_, "positive")

    def not_saved(self, error: BaseException) -> None:
        self.notice.say(told.explain(error), "negative")
        if isinstance(error, ConfigError):
            for form in self.forms:
                form.show_problem(error.field, error.text)

    def open_words(self) -> None:
        """The team's own word lists; the folder is made when it is first wanted."""
        self.ask(partial(_made_folder, self.context), self.open_folder)

    def open_folder(self, folder: str) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(folder))

    def diagnose(self) -> None:
        self.ask(self.context.core.doctor, self.show_checks, slow=True)

    def show_checks(self, checks: tuple[Check, ...]) -> None:
        clear(self._checks)
        for check in checks:
            name = "health-ok" if check.ok else "health-trouble"
            picture = icons.picture(name, 16, "positive" if check.ok else "warning")
            picture.setAccessibleName(_("Fine") if check.ok else _("Look at this"))
            words = label(plain.visible(check.detail), "muted", wrap=True, selectable=True)
            title = label(plain.visible(check.name), "strong")
            title.setFixedWidth(200)
            title.setWordWrap(True)
            line = row(picture, title, words)
            line.setStretch(2, 1)
            self._checks.addLayout(line)

    def _build(self) -> None:
        all_specs = dict(specs(Local))
        named = {name for _words, names in _GROUPS for name in names}
        left = tuple(name for name in all_specs if name not in named)
        groups = (*_GROUPS, (N_("More"), left)) if left else _GROUPS
        for words, names in groups:
            form = Form((name, all_specs[name]) for name in names if name in all_specs)
            form.edited.connect(self.notice.quiet)
            self.forms.append(form)
            self._forms.addWidget(_section(_(words), form))

    def _inner(self) -> QWidget:
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(0, 0, theme.M, 0)
        box.setSpacing(theme.L)
        people = _("Who works when, how to reach them, and how long an answer may take.")
        go = boxed(row(button(_("Teams and shifts"), self.people_wanted, icon="users"), None))
        box.addWidget(_section(_("Teams and deadlines"), label(people, "muted", wrap=True), go))
        box.addLayout(self._forms)
        self.model = ModelSettings(self.context)
        box.addWidget(_section(_("How answers are written and approved"), self.model))
        lists = _(
            "Severity cues and complaint kinds ship with the program. "
            "A list of the same name in this folder takes a shipped one's place."
        )
        words = boxed(row(button(_("Open the folder"), self.open_words, icon="folder"), None))
        box.addWidget(_section(_("Word lists"), label(lists, "muted", wrap=True), words))
        look = boxed(row(button(_("Look"), self.diagnose, icon="search"), None))
        box.addWidget(_section(_("Is everything well?"), look, boxed(self._checks)))
        box.addWidget(self._about())
        box.addStretch(1)
        return inner

    def _about(self) -> QWidget:
        head = row(
            icons.picture("tingfeng", 40, "accent"), label(f"Tingfeng 听风 {__version__}", "heading"), None
        )
        parts = "\n".join(f"{name}  ·  {licence}" for name, licence in LICENCES)
        return _section(_("About"), boxed(head), label(parts, "small"))


def _section(title: str, *parts: QWidget) -> QWidget:
    made = card(label(title, "heading"), *parts, spacing=theme.M, margin=theme.XL)
    made.setMaximumWidth(760)
    return made


def _made_folder(context: Context) -> str:
    folder = context.core.home.words
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        said = _("The folder {folder} cannot be made: {reason}")
        raise AppError(said.format(folder=folder, reason=error.strerror or error)) from error
    return str(folder)
