"""Add or edit a source: what kind, where, whose; checked before it is saved. GUI thread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.domain.watch import Source, Watch
from app.errors import ConfigError
from app.i18n import _
from ui import theme
from ui.context import Context
from ui.dialogs.kinds import Choice, KindPicker
from ui.dialogs.presets import PresetPane
from ui.dialogs.sheet import AskingSheet
from ui.dialogs.sign_in import SignInSheet
from ui.feed import plain
from ui.forms import Form
from ui.widgets.parts import button, clear, column, label, scrolled

if TYPE_CHECKING:
    from app.core import MonitorKind, SignedIn

ICONS = {
    "appstore": "star",
    "appstoreconnect": "star",
    "bluesky": "users",
    "discourse": "comment",
    "discuz": "comment",
    "douyin": "play",
    "feed": "source",
    "folder": "folder",
    "hackernews": "link",
    "mastodon": "users",
    "reddit": "comment",
    "v2ex": "comment",
    "wechat": "comment",
    "wecom": "phone",
    "weibo": "share",
    "youtube": "play",
    "zhihu": "help",
}
FIRST = ("feed", "weibo", "wechat", "wecom", "douyin", "zhihu", "appstore", "appstoreconnect", "folder")
"""What most brands want, in this order; all others behind them, as they are listed."""
EVERY = (0, 60, 300, 900, 3600, 6 * 3600)


class AddSource(AskingSheet):
    """`saved` carries the Source as it was stored. With `source`, that one is edited."""

    saved = Signal(object)

    def __init__(
        self, context: Context, source: Source | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(context, _("Edit source") if source else _("New source"), parent)
        self.resize(780, 640)
        self.source = source
        self.kind: MonitorKind | None = None
        self._kinds: tuple[MonitorKind, ...] = ()
        self._brands: tuple[Watch, ...] = ()
        self.pick = KindPicker(_("What do you want to read?"))
        self.name = QLineEdit()
        self.brand = QComboBox()
        self.every = QComboBox()
        self.canary = QLineEdit()
        self.presets = PresetPane(context)
        self.form = Form(())
        self.steps = QStackedWidget()
        self._holder = QVBoxLayout()
        self._lay()
        self.back = button(_("Back"), self.choose_kind, icon="chevron-left")
        self.check_button = button(_("Check"), self.check, icon="health-ok")
        self.enter = button(_("Sign in"), self.sign_in, icon="key")
        self._gained: dict[str, str] = {}
        self.chief = self.buttons(_("Save"), self.save, self.back, self.check_button, self.enter)
        self._on_first_step(True)
        self.ask(partial(_read, context), self.show_choices)

    def show_choices(self, read: tuple[tuple[MonitorKind, ...], tuple[Watch, ...]]) -> None:
        self._kinds, self._brands = read
        self.pick.show_choices([_choice(kind) for kind in sorted(self._kinds, key=_place)])
        self.brand.clear()
        self.brand.addItem(_("Nothing in particular"), None)
        for watch in self._brands:
            self.brand.addItem(plain.one_line(watch.name, 60), watch.id)
        if self.source is not None:
            for kind in self._kinds:
                if kind.info.id == self.source.kind:
                    self._picked(kind)

    def choose_kind(self) -> None:
        self._on_first_step(True)

    def check(self) -> None:
        """Ask the source itself, without saving anything."""
        if self.kind is None:
            return
        self.form.clear_problems()
        self.problem.say(_("Asking the source…"))
        self.check_button.setEnabled(False)
        self.ask(self._check_work(), self.checked, self.not_checked, slow=True)

    def checked(self, sentence: str) -> None:
        self.check_button.setEnabled(True)
        self.problem.say(plain.visible(sentence), "positive")

    def not_checked(self, error: BaseException) -> None:
        self.check_button.setEnabled(True)
        self._complain_at_field(error)

    def save(self) -> None:
        if self.kind is None:
            return
        self.form.clear_problems()
        self.problem.quiet()
        self.chief.setEnabled(False)
        work = partial(self.context.core.save_source, self.made(), self._secrets())
        self.ask(work, self.was_saved, self.not_saved)

    def sign_in(self) -> None:
        """With the settings as they stand in the fields, saved or not."""
        if self.kind is None:
            return
        self.form.clear_problems()
        self.problem.quiet()
        made = self.made()
        begin = partial(
            self.context.core.begin_sign_in,
            made.id,
            kind=made.kind,
            settings=made.settings,
            secrets=self.form.secrets(),
        )
        sheet = SignInSheet(self.context, self.kind.info.name, begin, self)
        sheet.signed_in.connect(self.was_signed_in)
        sheet.open()

    def was_signed_in(self, gained: SignedIn) -> None:
        """Kept with the source; one that is not saved yet takes it along when it is."""
        self._gained = {} if gained.source_id else dict(gained.secrets)
        self.problem.say(_("Signed in. Save, and the source is read."), "positive")

    def _secrets(self) -> dict[str, str]:
        return {**self._gained, **self.form.secrets()}

    def was_saved(self, source: Source) -> None:
        self.saved.emit(source)
        self.accept()

    def not_saved(self, error: BaseException) -> None:
        self.chief.setEnabled(True)
        self._complain_at_field(error)

    def made(self) -> Source:
        """As it stands in the fields."""
        assert self.kind is not None  # noqa: S101  # the second step has one
        old = self.source
        return Source(
            id=old.id if old else 0,
            kind=self.kind.info.id,
            name=self.name.text().strip() or self.kind.info.name,
            settings=self.form.values(),
            brand_id=self.brand.currentData(),
            every=int(self.every.currentData()),
            paused=old.paused if old else False,
            canary=self.canary.text().strip(),
        )

    def _check_work(self) -> Any:
        made, secrets, core = self.made(), self._secrets(), self.context.core
        if self.source is not None and not secrets and made.settings == dict(self.source.settings):
            return partial(core.check_saved, self.source.id)
        return partial(core.check_source, made.kind, made.settings, secrets)

    def _complain_at_field(self, error: BaseException) -> None:
        self.complain(error)
        if isinstance(error, ConfigError) and self.form.show_problem(error.field, error.text):
            self.problem.quiet()

    def _picked(self, kind: MonitorKind) -> None:
        self.kind = kind
        self._gained = {}
        clear(self._holder)
        self.presets = PresetPane(self.context)
        old = self.source
        kept = [name for name, spec in kind.specs if spec.kind == "secret"] if old else []
        start = {**_defaults(kind), **(dict(old.settings) if old else {})}
        known = {name for name, _spec in kind.specs}
        self.form = Form(
            kind.specs, {name: value for name, value in start.items() if name in known}, kept=kept
        )
        if kind.info.id == "feed" and old is None:
            self._holder.addWidget(self.presets)
            self.presets.made.connect(self._use_address)
        self._holder.addWidget(self.form)
        self.name.setPlaceholderText(kind.info.name)
        self.name.setText(old.name if old else "")
        self.brand.setCurrentIndex(max(0, self.brand.findData(old.brand_id if old else None)))
        self.every.setCurrentIndex(max(0, self.every.findData(old.every if old else 0)))
        self.canary.setText(old.canary if old else "")
        self.about.setText(f"{kind.info.name}: {kind.info.about}")
        self.check_button.setVisible(kind.can_check)
        self._on_first_step(False)

    def _use_address(self, address: str, name: str) -> None:
        if "url" in self.form.fields:
            self.form.fields["url"].show_value(address)
        if not self.name.text().strip():
            self.name.setPlaceholderText(name)

    def _on_first_step(self, first: bool) -> None:
        self.steps.setCurrentIndex(0 if first else 1)
        self.back.setVisible(not first and self.source is None)
        self.chief.setEnabled(not first)
        self.check_button.setVisible(not first and bool(self.kind and self.kind.can_check))
        self.enter.setVisible(not first and bool(self.kind and self.kind.can_sign_in))
        self.problem.quiet()

    def _lay(self) -> None:
        for seconds in EVERY:
            self.every.addItem(_every_words(seconds), seconds)
        self.about = label("", "muted", wrap=True)
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(0, 0, theme.M, 0)
        box.setSpacing(theme.M)
        box.addWidget(self.about)
        self._holder.setSpacing(theme.M)
        box.addLayout(self._holder)
        box.addLayout(_titled(_("Name"), self.name))
        told = _("Choose a brand if everything from here is about it, such as reviews of its own app.")
        box.addLayout(_titled(_("About the brand"), self.brand, told))
        box.addLayout(_titled(_("Read"), self.every))
        told = _(
            "Number, address or words of a post that always stands there, best a pinned one."
            " You are told when it is not found any more."
        )
        box.addLayout(_titled(_("Post that must be findable"), self.canary, told))
        box.addStretch(1)
        self.steps.addWidget(self.pick)
        self.steps.addWidget(scrolled(inner))
        self.pick.picked.connect(self._picked)
        self.body.addWidget(self.steps)


def _place(kind: MonitorKind) -> int:
    return FIRST.index(kind.info.id) if kind.info.id in FIRST else len(FIRST)


def _choice(kind: MonitorKind) -> Choice:
    info = kind.info
    return Choice(kind, info.name, info.about, ICONS.get(info.id, "globe"), info.basis)


def _titled(title: str, box: QWidget, help: str = "") -> QVBoxLayout:
    words = label(title, "strong")
    words.setBuddy(box)
    box.setAccessibleName(title)
    made = column(words, box, spacing=theme.XS)
    if help:
        made.addWidget(label(help, "small", wrap=True))
    return made


def _every_words(seconds: int) -> str:
    if not seconds:
        return _("As often as this kind of source allows")
    if seconds < 3600:
        return _("Every {n} min").format(n=seconds // 60)
    return _("Every {n} h").format(n=seconds // 3600)


def _defaults(kind: MonitorKind) -> dict[str, Any]:
    fields: dict[str, Any] = kind.settings.__dataclass_fields__  # type: ignore[attr-defined]  # settings are dataclasses
    return {name: one.default for name, one in fields.items()}


def _read(context: Context) -> tuple[tuple[MonitorKind, ...], tuple[Watch, ...]]:
    return context.core.kinds(), context.core.brands()
