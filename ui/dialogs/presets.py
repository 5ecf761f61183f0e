"""Ready routes of an RSSHub server: choose one, fill it in, get a feed address. GUI thread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from app.errors import ConfigError
from app.i18n import _
from ui import theme, told
from ui.context import Context
from ui.widgets.parts import boxed, card, clear, column, label, row
from ui.widgets.segments import Segments

if TYPE_CHECKING:
    from app.core import Preset

BASE = "http://localhost:1200"


class PresetPane(QWidget):
    """`made` carries a feed's address and a name for it, with every change."""

    made = Signal(str, str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._presets: tuple[Preset, ...] = ()
        self.how = Segments([("address", _("A feed's address")), ("rsshub", _("From an RSSHub server"))])
        self.which = QComboBox()
        self.base = QLineEdit(BASE)
        self.note = label("", "small", wrap=True)
        self.result = label("", "small", wrap=True, selectable=True)
        self.inputs: dict[str, QLineEdit] = {}
        self._fields = QVBoxLayout()
        self._fields.setSpacing(theme.S)
        self._pane = boxed(column(self._form()))
        self._pane.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.M)
        outer.addLayout(row(self.how, None))
        outer.addWidget(self._pane)
        self._connect()

    def show_presets(self, presets: tuple[Preset, ...]) -> None:
        self._presets = presets
        self.which.clear()
        for preset in presets:
            self.which.addItem(preset.name, preset.key)
        self._chosen(0)

    def build(self) -> None:
        """Ask for the address of what is filled in."""
        preset = self._preset()
        if preset is None:
            return
        values = {name: box.text().strip() for name, box in self.inputs.items()}
        work = partial(self.context.core.preset_url, preset.key, self.base.text().strip(), values)
        self.context.asker.ask(self, work, self.built, self.not_built)

    def built(self, address: str) -> None:
        preset = self._preset()
        self._say(_("Address: {address}").format(address=address))
        if preset is not None and self.how.current == "rsshub":
            self.made.emit(address, preset.name)

    def not_built(self, error: BaseException) -> None:
        missing = isinstance(error, ConfigError) and not any(box.text() for box in self.inputs.values())
        self._say("" if missing else told.explain(error))

    def _say(self, text: str) -> None:
        self.result.setText(text)
        self.result.setVisible(bool(text))

    def _switch(self, how: str) -> None:
        self._pane.setVisible(how == "rsshub")
        if how == "rsshub" and not self._presets:
            self.context.asker.ask(self, self.context.core.presets, self.show_presets, self.not_built)

    def _chosen(self, _number: int) -> None:
        preset = self._preset()
        clear(self._fields)
        self.inputs = {}
        if preset is None:
            return
        for name, words, hint in preset.fields:
            box = QLineEdit()
            box.setPlaceholderText(hint)
            box.setAccessibleName(words)
            box.textEdited.connect(self._edited)
            self.inputs[name] = box
            self._fields.addLayout(column(label(words, "strong"), box, spacing=theme.XS))
        self.note.setText(preset.note)
        self.note.setVisible(bool(preset.note))
        self.build()

    def _edited(self, _text: str) -> None:
        self.build()

    def _preset(self) -> Preset | None:
        number = self.which.currentIndex()
        return self._presets[number] if 0 <= number < len(self._presets) else None

    def _connect(self) -> None:
        self.how.chosen.connect(self._switch)
        self.which.activated.connect(self._chosen)
        self.base.textEdited.connect(self._edited)
        self.which.setAccessibleName(_("Route"))
        self.base.setAccessibleName(_("RSSHub server"))

    def _form(self) -> QWidget:
        about = _(
            "RSSHub is free software that turns sites into feeds. Run your own; public ones are often full."
        )
        return card(
            label(about, "small", wrap=True),
            column(label(_("RSSHub server"), "strong"), self.base, spacing=theme.XS),
            column(label(_("Route"), "strong"), self.which, spacing=theme.XS),
            self._fields,
            self.note,
            self.result,
        )
