"""The books: who did what, when; by person, and as a file. GUI thread."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QAbstractItemView, QFileDialog, QLineEdit, QWidget

from app.core.values import BookResult
from app.domain.deeds import deed
from app.domain.queue import BookLine, BookPage, BookQuery
from app.i18n import _, ngettext
from ui import theme
from ui.context import Context
from ui.dialogs.sheet import AskingSheet
from ui.feed import plain
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import button, label, row
from ui.widgets.table import Column, Table

SHOWN = 500


class BooksSheet(AskingSheet):
    """`opened` carries the mention of the line a person wants to see."""

    opened = Signal(int)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        about = _("Append-only: nothing that was written here can be changed, by nobody.")
        super().__init__(context, _("Who did what"), parent, about=about)
        self.resize(900, 600)
        self.by = QLineEdit()
        self.by.setPlaceholderText(_("Only by this person"))
        self.by.setAccessibleName(_("Only by this person"))
        self.by.setMaxLength(80)
        self.by.returnPressed.connect(self.read)
        self.table = Table(_columns(), _("Who did what"), _key)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.states = StateStack(self.table, EmptyState("log", _("The books hold nothing of that."), ""))
        self.states.retry.connect(self.read)
        self.note = label("", "small")
        self.body.addLayout(row(self.by, button(_("Find"), self.read, icon="search"), None))
        self.body.addWidget(self.states, 1)
        self.body.addWidget(self.note)
        save = button(_("Save as a file…"), self.choose_place, icon="save")
        self.chief = self.buttons(_("See the item"), self.see, save, cancel=_("Close"))
        self.chief.setDefault(False)
        self.read()

    @property
    def query(self) -> BookQuery:
        return BookQuery(by=self.by.text().strip())

    def read(self) -> None:
        self.states.show_loading()
        self.ask(partial(self.context.core.audit, self.query, None, SHOWN), self.show_page, self.not_read)

    def show_page(self, page: BookPage) -> None:
        self.table.show_rows(page.rows)
        n = len(page.rows)
        said = ngettext("{n} line, the newest first", "{n} lines, the newest first", n).format(n=n)
        more = _("The newest {n} lines; a file holds all.").format(n=n)
        self.note.setText(more if page.next is not None else said)
        if page.rows:
            self.states.show_full()
        else:
            self.states.show_empty()

    def not_read(self, error: BaseException) -> None:
        self.states.show_failed(plain.problem(error))

    def see(self) -> None:
        line = self.table.current
        if isinstance(line, BookLine) and line.mention_id is not None:
            self.opened.emit(line.mention_id)
            self.accept()

    def choose_place(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        start = str(Path(folder or Path.home()) / "tingfeng-audit.xlsx")
        kinds = f"{_('Workbook')} (*.xlsx);;CSV (*.csv);;JSON (*.jsonl)"
        chosen, kind = QFileDialog.getSaveFileName(self, _("Where to"), start, kinds)
        if chosen:
            path = Path(chosen)
            if path.suffix.lower() not in (".xlsx", ".csv", ".jsonl"):
                ending = ".csv" if "csv" in kind else ".jsonl" if "jsonl" in kind else ".xlsx"
                path = path.with_name(path.name + ending)
            self.save_to(path)

    def save_to(self, path: Path) -> None:
        self.ask(partial(self.context.core.export_audit, path, self.query), self.saved, slow=True)

    def saved(self, done: BookResult) -> None:
        n = done.rows
        told = ngettext("{n} line saved as {name}.", "{n} lines saved as {name}.", n)
        self.problem.say(told.format(n=f"{n:,}", name=done.path.name), "positive")


def _columns() -> list[Column[BookLine]]:
    return [
        Column(_("When"), lambda line: f"{line.at.astimezone():%Y-%m-%d %H:%M:%S}", 150),
        Column(_("Who"), lambda line: plain.one_line(line.by, 40), 110, color=_muted),
        Column(_("Deed"), lambda line: plain.one_line(deed(line), 40), 130, bold=True),
        Column(_("Concerns"), _about, 90, color=_muted),
        Column(_("Detail"), _detail, tip=_detail),
    ]


def _muted(_line: BookLine) -> str:
    return theme.colors().muted


def _about(line: BookLine) -> str:
    return f"#{line.mention_id}" if line.mention_id is not None else plain.one_line(line.subject, 30)


def _detail(line: BookLine) -> str:
    return "" if line.what == "status" else plain.squeezed(line.detail, 200)


def _key(line: BookLine) -> object:
    return (line.at, line.by, line.what, line.mention_id, line.subject)
