"""How the team's answers go out, and the language model that may draft them. GUI thread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from app.change import Change
from app.errors import ConfigError
from app.i18n import _
from app.settings.model import FORM, Model, Preset, applied
from app.settings.schema import read, specs
from ui import told
from ui.context import Context
from ui.feed.standing import Question
from ui.forms import Form
from ui.widgets.notice import Notice
from ui.widgets.parts import button, label, pill, row, set_tone

if TYPE_CHECKING:
    from app.core import Core


class _State(NamedTuple):
    model: Model
    has_key: bool
    presets: tuple[Preset, ...]
    second: bool


def _state(core: Core) -> _State:
    return _State(core.model(), core.model_has_key, core.model_presets(), core.second_pair)


def _save(core: Core, *, model: Model, key: str | None) -> Model:
    return core.save_model(model, key)


def _saved_and_told(core: Core, *, model: Model, key: str | None) -> tuple[Model, str]:
    made = core.save_model(model, key)
    return made, core.model_told(made)


class ModelSettings(QWidget):
    """Saved by its own buttons: switching on is a decision, not a field."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._state: _State | None = None
        self._host = ""
        self.form: Form | None = None
        self.second = QCheckBox(_("An answer needs the yes of somebody else than its writer (whole team)"))
        self.second.clicked.connect(self._set_second)
        self.state = pill(_("Off"))
        self.preset = QComboBox()
        self.preset.setAccessibleName(_("Provider"))
        self.preset.activated.connect(self._choose)
        self.about = label("", "small", wrap=True)
        self.about.hide()
        self.save = button(_("Save"), self._save)
        self.check = button(_("Check"), self._check, icon="search")
        self.switch = button(_("Switch on…"), self._switch, kind="primary")
        self.notice = Notice()
        self.consent = Question()
        self.consent.agreed.connect(self._agree)
        self._fields = QVBoxLayout()
        self._fields.setContentsMargins(0, 0, 0, 0)
        words = _(
            "Off by default. A model writes a draft from the post, its thread and your own texts; every"
            " sentence names what it rests on, and nothing is sent without a person."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.second)
        layout.addSpacing(8)
        layout.addLayout(row(label(_("Drafts by a language model"), "strong"), self.state, None))
        layout.addWidget(label(words, "muted", wrap=True))
        layout.addLayout(row(label(_("Provider"), "muted"), self.preset, None))
        layout.addWidget(self.about)
        layout.addLayout(self._fields)
        layout.addWidget(self.notice)
        layout.addWidget(self.consent)
        layout.addLayout(row(self.switch, self.save, self.check, None))
        context.bridge.changed.connect(self._on_change)
        self._read()

    def _on_change(self, change: Change) -> None:
        if change & Change.SETTINGS:
            self._read()

    def _read(self) -> None:
        work = partial(_state, self._context.core)
        self._context.asker.ask(self, work, self._show, self._failed)

    def _show(self, state: _State) -> None:
        self._state = state
        if self.form is None:
            self._build_form(state)
        self.second.setChecked(state.second)
        on = state.model.on
        self.state.setText(_("On: {host}").format(host=state.model.host) if on else _("Off"))
        set_tone(self.state, "positive" if on else "")
        self.switch.setText(_("Switch off") if on else _("Switch on…"))

    def _build_form(self, state: _State) -> None:
        named = dict(specs(Model))
        values = {name: getattr(state.model, name) for name in FORM if name != "key"}
        kept = ("key",) if state.has_key else ()
        self.form = Form(((name, named[name]) for name in FORM), values, kept=kept)
        self.form.edited.connect(self.notice.quiet)
        self._fields.addWidget(self.form)
        self.preset.addItem(_("Of your own"), None)
        for one in state.presets:
            self.preset.addItem(one.name, one)
        bases = [one.base for one in state.presets]
        if state.model.base in bases:
            self.preset.setCurrentIndex(1 + bases.index(state.model.base))

    def _choose(self, _number: int) -> None:
        chosen = self.preset.currentData()
        if self.form is None or not isinstance(chosen, Preset):
            return
        model = applied(self._typed() or Model(), chosen)
        for name in ("base", "model", "thinking"):
            self.form.fields[name].show_value(getattr(model, name))
        self.about.setText(chosen.note)
        self.about.setVisible(bool(chosen.note))
        self.notice.quiet()

    def _typed(self) -> Model | None:
        """As it stands in the form; None, and said at the field, where it cannot be."""
        if self.form is None or self._state is None:
            return None
        self.form.clear_problems()
        try:
            return read(Model, {**self.form.values(), "agreed": self._state.model.agreed})
        except ConfigError as error:
            self._failed(error)
            return None

    def _key(self) -> str | None:
        return self.form.secrets().get("key") if self.form is not None else None

    def _save(self) -> None:
        model = self._typed()
        if model is not None:
            work = partial(_save, self._context.core, model=model, key=self._key())
            self._context.asker.ask(self, work, self._saved, self._failed)

    def _saved(self, model: Model) -> None:
        words = _("Saved.") if model.on else _("Saved. The model is off: nothing leaves this machine.")
        self.notice.say(words, "positive")

    def _check(self) -> None:
        model = self._typed()
        if model is not None:
            self.notice.say(_("Asking {host}…").format(host=model.host or "?"), "accent")
            work = partial(self._context.core.check_model, model, self._key())
            self._context.asker.ask(self, work, self._checked, self._failed, slow=True)

    def _checked(self, words: str) -> None:
        self.notice.say(words, "positive")

    def _switch(self) -> None:
        if self._state is not None and self._state.model.on:
            self._context.asker.ask(self, self._context.core.model_off, self._saved, self._failed)
            return
        model = self._typed()
        if model is not None:
            work = partial(_saved_and_told, self._context.core, model=model, key=self._key())
            self._context.asker.ask(self, work, self._told, self._failed)

    def _told(self, answer: tuple[Model, str]) -> None:
        """What agreeing means; nothing is on yet."""
        model, words = answer
        self._host = model.host
        self.notice.quiet()
        if not model.host or not model.model:
            self.notice.say(_("Enter an address and a model first."), "warning")
            return
        self.consent.put(words, yes=_("I agree, switch on"), no=_("Leave it off"))

    def _agree(self) -> None:
        work = partial(self._context.core.agree_to_model, self._host)
        self._context.asker.ask(self, work, self._saved, self._failed)

    def _set_second(self, on: bool) -> None:
        work = partial(self._context.core.set_second_pair, on)
        self._context.asker.ask(self, work, self._second_set, self._failed)

    def _second_set(self, _nothing: None) -> None:
        self.notice.say(_("Saved."), "positive")

    def _failed(self, error: BaseException) -> None:
        self.notice.say(told.explain(error), "negative")
        if isinstance(error, ConfigError) and self.form is not None:
            self.form.show_problem(error.field, error.text)
