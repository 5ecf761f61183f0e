"""Take in a file or folder of posts: what column means what, a look at the rows, then in. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.domain.mention import Mention
from app.i18n import N_, _, ngettext, sentences
from ui import theme, told
from ui.context import Context
from ui.dialogs.sheet import AskingSheet
from ui.feed import plain
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.notice import Notice
from ui.widgets.parts import button, card, clear, icon_button, label, row, scrolled
from ui.widgets.table import Column, Table

if TYPE_CHECKING:
    from app.core import ImportPreview, ImportResult

FIELDS = (
    ("text", N_("Text")),
    ("title", N_("Title")),
    ("url", N_("Link")),
    ("author", N_("Author")),
    ("published_at", N_("Published")),
    ("likes", N_("Likes")),
    ("comments", N_("Comments")),
    ("shares", N_("Shares")),
    ("views", N_("Views")),
    ("favorites", N_("Favourites")),
    ("followers", N_("Followers")),
    ("platform", N_("Platform")),
    ("rating", N_("Rating")),
    ("region", N_("Region")),
    ("keyword", N_("Search word")),
    ("author_id", N_("Author's id")),
    ("author_url", N_("Author's page")),
    ("id", N_("Id")),
    ("lang", N_("Language")),
)


class ImportFile(AskingSheet):
    """`imported` carries an ImportResult."""

    imported = Signal(object)
    _counted = Signal(int)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        about = _(
            "Crawl output (JSONL, CSV, SQLite) or any sheet (CSV, XLSX, JSONL). Nothing comes in twice."
        )
        super().__init__(context, _("Import"), parent, about=about)
        self.resize(880, 640)
        self.path = QLineEdit()
        self.path.setPlaceholderText(_("A file or folder"))
        self.path.setAccessibleName(_("A file or folder"))
        self.mapping = MappingPane()
        self.saved = QComboBox()
        self.mapping_name = QLineEdit()
        self.sample = Table(_columns(), _("First rows"), id)
        self.format = label("", "small", wrap=True)
        self.doubt = Notice()
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.hide()
        self.counted = label("", "small")
        empty = EmptyState(
            "import",
            _("Choose a file or a folder"),
            _("You see how it would be read before anything is stored."),
        )
        self.states = StateStack(self._full(), empty, loading_after_ms=300)
        self.states.show_empty()
        self._lay()
        self.chief = self.buttons(_("Import"), self.run, cancel=_("Close"))
        self.chief.setEnabled(False)
        self._connect()
        self.ask(context.core.mappings, self.show_mappings)

    def open_path(self, path: str) -> None:
        """Look at a file or folder."""
        self.path.setText(path)
        self.look()

    def look(self) -> None:
        """How it would be read, with the columns' meaning as guessed."""
        self._look(None)

    def show_preview(self, preview: ImportPreview) -> None:
        self.format.setText(_("Read as: {format}").format(format=preview.format or "?"))
        self.mapping.show_columns(preview.columns, preview.mapping)
        self.sample.show_rows(preview.sample[:20])
        if preview.problem:
            self.doubt.say(plain.visible(preview.problem), "warning")
        else:
            self.doubt.quiet()
        self.chief.setEnabled(not preview.problem)
        if preview.problem and not preview.columns and not preview.sample:
            self.states.show_failed(plain.visible(preview.problem))
        else:
            self.states.show_full()

    def preview_failed(self, error: BaseException) -> None:
        self.chief.setEnabled(False)
        self.states.show_failed(told.explain(error))

    def show_mappings(self, mappings: Mapping[str, Mapping[str, str]]) -> None:
        self.saved.clear()
        self.saved.addItem(_("As guessed"), None)
        for name, mapping in mappings.items():
            self.saved.addItem(name, dict(mapping))
        self.saved.setVisible(bool(mappings))

    def save_mapping(self) -> None:
        name = self.mapping_name.text().strip()
        if not name:
            self.mapping_name.setFocus()
            return
        work = partial(_save_mapping, self.context, name, self.mapping.mapping())
        self.ask(work, self.show_mappings)
        self.problem.say(_("The mapping is kept as “{name}”.").format(name=name), "positive")

    def run(self) -> None:
        """Take it in; the window stays alive meanwhile."""
        self.chief.setEnabled(False)
        self.progress.show()
        self.problem.quiet()
        mapping = self.mapping.mapping() or None
        progress = _safely(self._counted.emit)
        work = partial(self.context.core.import_path, Path(self.path.text().strip()), mapping, progress)
        self.ask(work, self.was_imported, self.not_imported, slow=True)

    def was_imported(self, result: ImportResult) -> None:
        self.progress.hide()
        self.counted.setText("")
        self.problem.say(in_words(result), "positive")
        self.chief.setEnabled(True)
        self.imported.emit(result)

    def not_imported(self, error: BaseException) -> None:
        self.progress.hide()
        self.chief.setEnabled(True)
        self.complain(error)

    def _look(self, mapping: Mapping[str, str] | None) -> None:
        path = self.path.text().strip()
        if not path:
            self.states.show_empty()
            return
        self.problem.quiet()
        self.states.show_loading()
        work = partial(self.context.core.preview_import, Path(path), mapping)
        self.ask(work, self.show_preview, self.preview_failed, slow=True)

    def _remap(self) -> None:
        self._look(self.mapping.mapping())

    def _use_saved(self, _number: int) -> None:
        self._look(self.saved.currentData())

    def _show_count(self, n: int) -> None:
        self.counted.setText(ngettext("{n} row so far", "{n} rows so far", n).format(n=f"{n:,}"))

    def _choose_file(self) -> None:
        chosen, _kind = QFileDialog.getOpenFileName(self, _("Choose a file"), self.path.text())
        if chosen:
            self.open_path(chosen)

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, _("Choose a folder"), self.path.text())
        if chosen:
            self.open_path(chosen)

    def _connect(self) -> None:
        # Queued: the count is told from the thread that imports.
        self._counted.connect(self._show_count, Qt.ConnectionType.QueuedConnection)
        self.path.editingFinished.connect(self._path_entered)
        self.mapping.changed.connect(self._remap)
        self.saved.activated.connect(self._use_saved)
        self.states.retry.connect(self.look)

    def _path_entered(self) -> None:
        if self.path.isModified():
            self.path.setModified(False)
            self.look()

    def _lay(self) -> None:
        file = icon_button("file", _("Choose a file"), self._choose_file)
        folder = icon_button("folder", _("Choose a folder"), self._choose_folder)
        self.body.addLayout(row(self.path, file, folder))
        self.body.addWidget(self.states, 1)
        self.body.addLayout(row(self.progress, self.counted))

    def _full(self) -> QWidget:
        self.mapping_name.setPlaceholderText(_("Name of the mapping"))
        self.mapping_name.setMaximumWidth(180)
        keep = button(_("Keep this mapping"), self.save_mapping, icon="save")
        full = QWidget()
        both = QHBoxLayout(full)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(theme.L)
        left = QVBoxLayout()
        left.addLayout(row(label(_("Columns"), "strong"), None, self.saved))
        left.addWidget(card(scrolled(self.mapping), margin=theme.S), 1)
        left.addLayout(row(self.mapping_name, keep))
        right = QVBoxLayout()
        right.addLayout(row(label(_("First rows"), "strong"), None, self.format))
        right.addWidget(self.doubt)
        right.addWidget(card(self.sample, margin=1), 1)
        both.addLayout(left, 4)
        both.addLayout(right, 6)
        return full


class MappingPane(QWidget):
    """For each column of the file, what it means."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: dict[str, QComboBox] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.M)
        self._grid.setVerticalSpacing(theme.S)
        self._grid.setColumnStretch(0, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.S, theme.S, theme.S, theme.S)
        outer.addLayout(self._grid)
        outer.addStretch(1)

    def show_columns(self, columns: tuple[str, ...], mapping: Mapping[str, str]) -> None:
        if tuple(self.boxes) != columns:
            self._make(columns)
        fields = {column: field for field, column in mapping.items()}
        for column, box in self.boxes.items():
            box.setCurrentIndex(max(0, box.findData(fields.get(column, ""))))

    def mapping(self) -> dict[str, str]:
        """Field of a mention → column of the file."""
        return {box.currentData(): column for column, box in self.boxes.items() if box.currentData()}

    def _make(self, columns: tuple[str, ...]) -> None:
        clear(self._grid)
        self.boxes = {}
        for number, column in enumerate(columns[:200]):
            box = QComboBox()
            box.addItem(_("Not used"), "")
            for field, words in FIELDS:
                box.addItem(_(words), field)
            shown = plain.squeezed(column, 40)
            box.setAccessibleName(_("Column {name} means").format(name=shown))
            box.activated.connect(self._activated)
            self.boxes[column] = box
            self._grid.addWidget(label(shown), number, 0)
            self._grid.addWidget(box, number, 1)

    def _activated(self, _number: int) -> None:
        chosen = self.sender()
        for box in self.boxes.values():
            # A field has one column: the one chosen last.
            if (
                box is not chosen
                and isinstance(chosen, QComboBox)
                and box.currentData() == chosen.currentData()
            ):
                box.setCurrentIndex(0)
        self.changed.emit()


def in_words(result: ImportResult) -> str:
    """What an import came to, in one sentence."""
    told_ = [ngettext("{n} new mention.", "{n} new mentions.", result.new).format(n=f"{result.new:,}")]
    if result.seen:
        told_.append(_("{n} were known already.").format(n=f"{result.seen:,}"))
    if result.edited:
        told_.append(_("{n} had changed.").format(n=f"{result.edited:,}"))
    if result.skipped:
        told_.append(_("{n} rows could not be read and were left out.").format(n=f"{result.skipped:,}"))
    return sentences([*told_, *(plain.squeezed(note, 200) for note in result.notes[:3])])


def _columns() -> list[Column[Mention]]:
    return [
        Column(_("Text"), lambda one: plain.squeezed(one.title or one.text, 160)),
        Column(_("Author"), lambda one: plain.one_line(one.author.name, 40), 110),
        Column(_("Published"), _when, 130),
    ]


def _when(mention: Mention) -> str:
    return plain.clock_time(mention.published_at) if mention.published_at else _("no date")


def _save_mapping(context: Context, name: str, mapping: Mapping[str, str]) -> dict[str, dict[str, str]]:
    context.core.save_mapping(name, mapping)
    return context.core.mappings()


def _safely(emit: Callable[[int], None]) -> Callable[[int], None]:
    """The import goes on when the dialog that asked for it is gone."""

    def tell(n: int) -> None:
        try:
            emit(n)
        except RuntimeError:
            return

    return tell
