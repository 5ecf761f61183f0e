"""Reply templates: a text a complaint kind and manner, with variables that fill themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.change import Change
from app.domain.draft import Manner, Template
from app.i18n import N_, _
from ui import theme, told
from ui.context import Context
from ui.dialogs.sheet import Confirm
from ui.feed import plain
from ui.pages.page import Page, heading, sheet
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.flow import Flow
from ui.widgets.notice import Notice
from ui.widgets.parts import button, card, column, label, row, scrolled

VARIABLES = (
    ("author", N_("Author")),
    ("brand", N_("Brand")),
    ("product", N_("Product")),
    ("issue", N_("Issue")),
    ("channel", N_("Service channel")),
    ("link", N_("Help page")),
    ("agent", N_("Your name")),
)
EXAMPLE = {
    "author": "小林同学",
    "brand": "星尘",
    "product": "星尘 X2",
    "issue": "充电时发热",
    "channel": "400-000-0000",
    "link": "https://help.example.com",
    "agent": "小周",
}
"""Made up, for the preview."""

_VARIABLE = re.compile(r"\{(\w+)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*\{[^\[\]]*)\]")


class TemplatesPage(Page):
    cares = Change.TEMPLATES

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._templates: tuple[Template, ...] = ()
        self._kinds: dict[str, str] = {}
        self._wanted: tuple[int, str] | None = None
        self.list = QListWidget()
        self.list.setAccessibleName(_("Templates"))
        self.list.setFixedWidth(230)
        self.editor = TemplateEditor()
        self.save_button = button(_("Save"), self.save, kind="primary")
        self.remove_button = button(_("Remove"), self.remove, kind="danger", icon="trash")
        empty = EmptyState("template", _("No templates"), _("Write the first one."), _("New template"))
        self.states = StateStack(self._full(), empty)
        layout = sheet(self)
        add = button(_("New template"), self.add, icon="plus")
        about = _(
            "“Draft a reply” takes the template that fits the complaint. Nothing is ever sent by itself."
        )
        layout.addLayout(heading(_("Reply templates"), about, add))
        layout.addWidget(self.states, 1)
        self.list.currentItemChanged.connect(self._chosen)
        self.states.acted.connect(self.add)
        self.states.retry.connect(self.refresh)

    def refresh(self) -> None:
        self.states.show_loading()
        self.ask(partial(_read, self.context), self.show_templates, self.failed)

    def show_templates(self, read: tuple[tuple[Template, ...], tuple[tuple[str, str], ...]]) -> None:
        templates, kinds = read
        self._kinds = dict(kinds)
        order = {key: n for n, (key, _words) in enumerate(kinds)}
        self._templates = tuple(sorted(templates, key=lambda one: (order.get(one.complaint, 99), one.name)))
        self.editor.show_kinds(kinds)
        self._fill_list()
        if self._templates:
            self.states.show_full()
        else:
            self.states.show_empty()

    def failed(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def add(self) -> None:
        """A new one, of the kind last looked at."""
        self.states.show_full()
        self.list.setCurrentRow(-1)
        complaint = self.editor.template.complaint or next(iter(self._kinds), "general")
        self._show(Template(name="", complaint=complaint))
        self.editor.name.setFocus()

    def save(self) -> None:
        work = partial(self.context.core.save_template, self.editor.made())
        self.ask(work, self.saved, self.not_saved)

    def saved(self, template: Template) -> None:
        self._wanted = (template.id, template.complaint)
        self.editor.notice.say(_("Saved."), "positive")
        self.refresh()

    def not_saved(self, error: BaseException) -> None:
        self.editor.notice.say(told.explain(error), "negative")

    def remove(self) -> None:
        """A changed shipped template comes back as it was shipped."""
        template = self.editor.template
        if template.builtin:
            asked = Confirm(
                self,
                _("Reset this template?"),
                _("Your changes go; the text comes back as shipped."),
                _("Reset"),
            )
        else:
            asked = Confirm(
                self, _("Remove this template?"),
                _("“{name}” goes. Drafts take another one.").format(name=plain.squeezed(template.name, 60)),
                _("Remove"),
            )  # fmt: skip
        asked.accepted.connect(self._really_remove)
        asked.open()

    def removed(self, _nothing: None) -> None:
        self.editor.notice.quiet()
        self.refresh()

    def _really_remove(self) -> None:
        template = self.editor.template
        self._wanted = (0, template.complaint)
        self.ask(partial(self.context.core.remove_template, template.id), self.removed)

    def _fill_list(self) -> None:
        wanted = self._wanted or (self.editor.template.id, self.editor.template.complaint)
        self._wanted = None
        self.list.blockSignals(True)
        self.list.clear()
        chosen, group = -1, ""
        several = len(self._templates) > len({one.complaint for one in self._templates})
        for template in self._templates:
            if several and template.complaint != group:
                group = template.complaint
                # A heading only where kinds hold more than their one template of the same name.
                self.list.addItem(_group(self._kinds.get(group, group)))
            item = QListWidgetItem(plain.one_line(template.name, 60) or _("Without a name"))
            item.setData(Qt.ItemDataRole.UserRole, template)
            self.list.addItem(item)
            exact = (template.id, template.complaint) == wanted
            if chosen < 0 or exact:
                chosen = self.list.count() - 1
        self.list.blockSignals(False)
        self.list.setCurrentRow(chosen)

    def _chosen(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        template = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if isinstance(template, Template):
            self._show(template)

    def _show(self, template: Template) -> None:
        self.editor.show_template(template)
        shipped_as_is = template.builtin and not template.id > 0
        self.remove_button.setText(_("Reset to shipped") if template.builtin else _("Remove"))
        self.remove_button.setVisible(template.id > 0 and not shipped_as_is)

    def _full(self) -> QWidget:
        full = QWidget()
        box = QHBoxLayout(full)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.L)
        box.addWidget(card(self.list, margin=theme.XS))
        right = card(scrolled(self.editor), row(self.remove_button, None, self.save_button))
        box.addWidget(right, 1)
        return full


class TemplateEditor(QWidget):
    """One template; the preview fills its variables with a made-up example."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.template = Template(name="", complaint="")
        self.name = QLineEdit()
        self.complaint = QComboBox()
        self.tabs = QTabWidget()
        self.texts = {manner: _text_box() for manner in Manner}
        self.preview = label("", "", wrap=True, selectable=True)
        self.notice = Notice()
        self._lay()

    def show_kinds(self, kinds: tuple[tuple[str, str], ...]) -> None:
        if self.complaint.count() == len(kinds):
            return
        self.complaint.clear()
        for key, words in kinds:
            self.complaint.addItem(words, key)

    def show_template(self, template: Template) -> None:
        if template != self.template:
            self.notice.quiet()
        self.template = template
        self.name.setText(template.name)
        self.complaint.setCurrentIndex(max(0, self.complaint.findData(template.complaint)))
        for manner, box in self.texts.items():
            box.setPlainText(template.bodies.get(manner, ""))
        self._fill_preview()

    def made(self) -> Template:
        """As it stands in the fields."""
        bodies = {manner: box.toPlainText().strip() for manner, box in self.texts.items()}
        return replace(
            self.template,
            name=self.name.text().strip() or self.complaint.currentText(),
            complaint=str(self.complaint.currentData() or self.template.complaint),
            bodies={manner: text for manner, text in bodies.items() if text},
        )

    def insert(self) -> None:
        """The variable whose chip was pressed, where the cursor is."""
        box: Any = self.tabs.currentWidget()
        box.insertPlainText("{" + self.sender().objectName() + "}")
        box.setFocus()

    def _fill_preview(self) -> None:
        box: Any = self.tabs.currentWidget()
        text = filled(box.toPlainText(), EXAMPLE)
        self.preview.setText(plain.visible(text) or _("Nothing written in this manner yet."))

    def _lay(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.M)
        for words, box in ((_("Name"), self.name), (_("For complaints about"), self.complaint)):
            box.setAccessibleName(words)
        head = row(
            column(label(_("Name"), "strong"), self.name, spacing=theme.XS),
            column(label(_("For complaints about"), "strong"), self.complaint, spacing=theme.XS),
            spacing=theme.L,
        )
        head.setStretch(0, 3)
        head.setStretch(1, 2)
        outer.addLayout(head)
        for manner, text_box in self.texts.items():
            self.tabs.addTab(text_box, manner_word(manner))
            text_box.setAccessibleName(manner_word(manner))
            text_box.textChanged.connect(self._fill_preview)
        self.tabs.currentChanged.connect(self._turned)
        outer.addWidget(self.tabs, 3)
        outer.addLayout(self._chips())
        brackets = _("A piece in [square brackets] is left out where its variable is not known.")
        outer.addWidget(label(brackets, "small", wrap=True))
        outer.addWidget(label(_("With an example"), "column"))
        outer.addWidget(card(self.preview, margin=theme.M), 1)
        outer.addWidget(self.notice)

    def _chips(self) -> Flow:
        line = Flow(theme.XS)
        line.addWidget(label(_("Insert"), "small"))
        for name, words in VARIABLES:
            chip = button(_(words), self.insert, kind="chip", tip="{" + name + "}")
            chip.setObjectName(name)
            line.addWidget(chip)
        return line

    def _turned(self, _number: int) -> None:
        self._fill_preview()


def manner_word(manner: Manner) -> str:
    """For people."""
    return {Manner.FORMAL: _("Formal"), Manner.WARM: _("Warm"), Manner.BRIEF: _("Brief")}[manner]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Variables that are known replaced; the others stay as they are written, and so do their pieces."""

    def piece(found: re.Match[str]) -> str:
        return found[1] if all(name in values for name in _VARIABLE.findall(found[1])) else found[0]

    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), _OPTIONAL.sub(piece, text))


def _text_box() -> QPlainTextEdit:
    made = QPlainTextEdit()
    made.setTabChangesFocus(True)
    made.setMinimumHeight(120)
    made.setFont(theme.font(theme.READING))
    return made


def _group(words: str) -> QListWidgetItem:
    made = QListWidgetItem(words[:1].upper() + words[1:])
    made.setFlags(Qt.ItemFlag.NoItemFlags)
    made.setFont(theme.font(theme.SMALL, bold=True))
    return made


def _read(context: Context) -> tuple[tuple[Template, ...], tuple[tuple[str, str], ...]]:
    return context.core.templates(), context.core.complaint_kinds()
