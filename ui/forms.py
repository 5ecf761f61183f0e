"""A form made from a settings declaration: specs in, widgets out, values back. GUI thread.

Secrets never come back from the store: a kept one shows as “kept”, and stays unless a new one is typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.i18n import N_, _
from app.settings.schema import Spec
from ui import theme
from ui.widgets.parts import icon_button, label, roomy, row

CHOICES = {
    "": N_("As this computer"),
    "zh_CN": "简体中文",
    "en": "English",
    "system": N_("As this computer"),
    "light": N_("Light"),
    "dark": N_("Dark"),
    "default": N_("As the model does"),
    "off": N_("Off"),
}
"""Words for choices; a choice that is not here reads as it is written."""


class Form(QWidget):
    """`edited` is emitted with every change a person makes."""

    edited = Signal()

    def __init__(
        self,
        specs: Iterable[tuple[str, Spec]],
        values: Mapping[str, Any] | None = None,
        *,
        kept: Iterable[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        """`kept` names the secrets that are already in the store."""
        super().__init__(parent)
        self.fields: dict[str, Field] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.M)
        given = values or {}
        for name, spec in specs:
            made = field(name, spec, kept=name in set(kept))
            if name in given:
                made.show_value(given[name])
            made.edited.connect(self.edited)
            self.fields[name] = made
            layout.addWidget(made)

    def values(self) -> dict[str, Any]:
        """What a person gave, secrets excepted."""
        return {name: one.value() for name, one in self.fields.items() if one.spec.kind != "secret"}

    def secrets(self) -> dict[str, str]:
        """Secrets that were typed; one left empty is not among them."""
        typed = {name: one.value() for name, one in self.fields.items() if one.spec.kind == "secret"}
        return {name: value for name, value in typed.items() if value}

    def show_problem(self, name: str, text: str) -> bool:
        """At the field; False when there is no such field."""
        if name not in self.fields:
            return False
        self.fields[name].complain(text)
        self.fields[name].input.setFocus()
        return True

    def clear_problems(self) -> None:
        for one in self.fields.values():
            one.complain("")


class Field(QWidget):
    """A label, an input, its help, and what is wrong with it."""

    edited = Signal()

    def __init__(self, name: str, spec: Spec, box: QWidget, *, titled: bool = True) -> None:
        super().__init__()
        self.name, self.spec, self.input = name, spec, box
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.XS)
        title = _(spec.label)
        if titled:
            layout.addLayout(_title_row(title, spec.required, box))
        layout.addLayout(self.lay_input(box))
        self.help = label(_(spec.help), "small", wrap=True)
        self.help.setVisible(bool(spec.help))
        self.error = label("", "error", wrap=True)
        self.error.hide()
        layout.addWidget(self.help)
        layout.addWidget(self.error)
        box.setAccessibleName(title)
        box.setAccessibleDescription(_(spec.help))

    def lay_input(self, box: QWidget) -> QHBoxLayout:
        """Where the input stands, with what belongs beside it."""
        return row(box)

    def value(self) -> Any:
        """What a person gave."""
        return None

    def show_value(self, value: Any) -> None:
        """Put a stored value into the input."""

    def complain(self, text: str) -> None:
        """An empty text takes the complaint back."""
        self.error.setText(text)
        self.error.setVisible(bool(text))
        self.input.setProperty("bad", bool(text))
        theme.restyle(self.input)

    def changed(self) -> None:
        if self.error.isVisible():
            self.complain("")
        self.edited.emit()


class TextField(Field):
    def __init__(self, name: str, spec: Spec) -> None:
        self.line = QLineEdit()
        self.line.setPlaceholderText(_(spec.placeholder))
        super().__init__(name, spec, self.line)
        self.line.textEdited.connect(self.changed)

    def value(self) -> str:
        return self.line.text().strip()

    def show_value(self, value: Any) -> None:
        self.line.setText(str(value))
        self.line.setCursorPosition(0)


class SecretField(TextField):
    def __init__(self, name: str, spec: Spec, *, kept: bool) -> None:
        self.shown = icon_button("eye", _("Show what is typed"))
        self.shown.setCheckable(True)
        super().__init__(name, spec)
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        if kept:
            self.line.setPlaceholderText(_("Kept. Type to replace it."))
        self.shown.toggled.connect(self._show)

    def lay_input(self, box: QWidget) -> QHBoxLayout:
        return row(box, self.shown, spacing=theme.XS)

    def value(self) -> str:
        return self.line.text()

    def _show(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.line.setEchoMode(mode)


class PathField(TextField):
    """A file or folder: typed, or chosen."""

    def __init__(self, name: str, spec: Spec) -> None:
        self.file = icon_button("file", _("Choose a file"))
        self.folder = icon_button("folder", _("Choose a folder"))
        super().__init__(name, spec)
        self.file.clicked.connect(self._choose_file)
        self.folder.clicked.connect(self._choose_folder)

    def lay_input(self, box: QWidget) -> QHBoxLayout:
        return row(box, self.file, self.folder, spacing=theme.XS)

    def _choose_file(self) -> None:
        chosen, _kind = QFileDialog.getOpenFileName(self, _(self.spec.label), self.value())
        self._take(chosen)

    def _choose_folder(self) -> None:
        self._take(QFileDialog.getExistingDirectory(self, _(self.spec.label), self.value()))

    def _take(self, chosen: str) -> None:
        if chosen:
            self.line.setText(chosen)
            self.changed()


class IntegerField(Field):
    def __init__(self, name: str, spec: Spec) -> None:
        self.number = QSpinBox()
        self.number.setRange(
            spec.low if spec.low is not None else 0, min(spec.high or 2**31 - 1, 2**31 - 1)
        )
        self.number.setMaximumWidth(160)
        roomy(self.number)
        self.number.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        super().__init__(name, spec, self.number)
        self.number.valueChanged.connect(self.changed)

    def lay_input(self, box: QWidget) -> QHBoxLayout:
        return row(box, None)

    def value(self) -> int:
        return self.number.value()

    def show_value(self, value: Any) -> None:
        self.number.setValue(int(value))


class ChoiceField(Field):
    def __init__(self, name: str, spec: Spec) -> None:
        self.box = QComboBox()
        for choice in spec.choices:
            self.box.addItem(_(CHOICES[choice]) if choice in CHOICES else choice, choice)
        self.box.setMaximumWidth(280)
        self.box.setMinimumWidth(180)
        super().__init__(name, spec, self.box)
        self.box.activated.connect(self._activated)

    def lay_input(self, box: QWidget) -> QHBoxLayout:
        return row(box, None)

    def value(self) -> str:
        return str(self.box.currentData())

    def show_value(self, value: Any) -> None:
        self.box.setCurrentIndex(max(0, self.box.findData(value)))

    def _activated(self, _number: int) -> None:
        self.changed()


class FlagField(Field):
    def __init__(self, name: str, spec: Spec) -> None:
        self.tick = QCheckBox(_(spec.label))
        super().__init__(name, spec, self.tick, titled=False)
        self.tick.clicked.connect(self._clicked)

    def value(self) -> bool:
        return self.tick.isChecked()

    def show_value(self, value: Any) -> None:
        self.tick.setChecked(bool(value))

    def _clicked(self, _on: bool) -> None:
        self.changed()


class LinesField(Field):
    """One a line; commas part as well."""

    def __init__(self, name: str, spec: Spec) -> None:
        self.text = QPlainTextEdit()
        self.text.setPlaceholderText(_(spec.placeholder) or _("One a line"))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(72)
        super().__init__(name, spec, self.text)
        self.text.textChanged.connect(self.changed)

    def value(self) -> tuple[str, ...]:
        return split_lines(self.text.toPlainText())

    def show_value(self, value: Any) -> None:
        self.text.setPlainText(value if isinstance(value, str) else "\n".join(map(str, value)))


def split_lines(text: str) -> tuple[str, ...]:
    """Several short texts, written with commas or line breaks between them."""
    parts = text.replace("\n", ",").replace("，", ",").replace("、", ",").split(",")
    return tuple(part.strip() for part in parts if part.strip())


def field(name: str, spec: Spec, *, kept: bool = False) -> Field:
    """The input that fits a spec, showing nothing yet."""
    match spec.kind:
        case "secret":
            return SecretField(name, spec, kept=kept)
        case "integer":
            return IntegerField(name, spec)
        case "choice":
            return ChoiceField(name, spec)
        case "flag":
            return FlagField(name, spec)
        case "lines":
            return LinesField(name, spec)
        case "path":
            return PathField(name, spec)
        case _:
            return TextField(name, spec)


def _title_row(title: str, required: bool, box: QWidget) -> QHBoxLayout:
    words: QLabel = label(title, "strong")
    words.setBuddy(box)
    needed = label(_("required"), "faint")
    needed.setVisible(required)
    return row(words, needed, None)


def defaults(cls: type[Any]) -> dict[str, Any]:
    """A settings class's values before anyone changed them."""
    made: Any = cls()
    return {name: getattr(made, name) for name in cls.__dataclass_fields__}
