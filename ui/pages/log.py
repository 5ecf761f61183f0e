"""The log's newest lines, for whoever asks what the program has been doing."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QGuiApplication, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPlainTextEdit, QWidget

from app.change import Change
from app.i18n import _, ngettext
from ui import theme, told
from ui.context import Context
from ui.feed import plain
from ui.pages.page import Page, heading, sheet
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import button, card, icon_button, label, row


class LogPage(Page):
    # Whatever happens leaves a line.
    cares = Change.HEALTH | Change.SOURCES | Change.ALERTS | Change.SETTINGS | Change.MENTIONS

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._lines: tuple[str, ...] = ()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(_("Only lines with…"))
        self.filter.setAccessibleName(_("Only lines with"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedWidth(260)
        self.troubles = QCheckBox(_("Only warnings and errors"))
        self.count = label("", "small")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(theme.mono())
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(_("Log"))
        self.text.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.text.setStyleSheet("QPlainTextEdit { border: none; }")  # the card around it has one
        self._colors = _Colors(self.text.document())
        self.states = StateStack(
            card(self.text, margin=theme.XS),
            EmptyState(
                "log", _("Nothing was logged yet"), _("What the program does is written down here.")
            ),
        )
        layout = sheet(self)
        copy = button(_("Copy"), self.copy, icon="copy")
        about = _("Keys and passwords never appear here.")
        again = icon_button("refresh", _("Read again"), self.refresh)
        layout.addLayout(heading(_("Log"), about, again, copy))
        layout.addLayout(row(self.filter, self.troubles, None, self.count))
        layout.addWidget(self.states, 1)
        self._soon = QTimer(self, singleShot=True, interval=1000)
        self._soon.timeout.connect(self._read)
        self.filter.textChanged.connect(self._show)
        self.troubles.toggled.connect(self._show)
        self.states.retry.connect(self.refresh)
        theme.notifier().changed.connect(self._colors.rehighlight)

    def refresh(self) -> None:
        """At most once a second, however much happens."""
        if not self._lines:
            self._read()
        elif not self._soon.isActive():
            self._soon.start()

    def show_lines(self, lines: tuple[str, ...]) -> None:
        if lines != self._lines:
            self._lines = lines
            self._show()
        if lines:
            self.states.show_full()
        else:
            self.states.show_empty()

    def failed(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def copy(self) -> None:
        """What is shown."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.say(_("Copied."))

    def _read(self) -> None:
        self.states.show_loading()
        self.ask(self.context.core.log_lines, self.show_lines, self.failed)

    def _show(self) -> None:
        wanted = self.filter.text().strip().casefold()
        shown = [
            plain.one_line(one, 2000)
            for one in self._lines
            if wanted in one.casefold() and (not self.troubles.isChecked() or is_trouble(one))
        ]
        bar = self.text.verticalScrollBar()
        at_end, stood = bar.value() >= bar.maximum() - 4, bar.value()
        self.text.setPlainText("\n".join(shown))
        bar.setValue(bar.maximum() if at_end else stood)
        self.count.setText(ngettext("{n} line", "{n} lines", len(shown)).format(n=len(shown)))


def is_trouble(line: str) -> bool:
    """Does a line tell of something that went wrong?"""
    return any(f" {level} " in line[:60] for level in ("WARNING", "ERROR", "CRITICAL"))


class _Colors(QSyntaxHighlighter):
    """Warnings and errors in their colour; the word stands beside it."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)

    def highlightBlock(self, text: str) -> None:
        if is_trouble(text):
            now = theme.colors()
            look = QTextCharFormat()
            look.setForeground(QColor(now.warning if " WARNING " in text[:60] else now.negative))
            self.setFormat(0, len(text), look)
