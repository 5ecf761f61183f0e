"""The first page of a new installation: three steps, or a drill to see it all at once."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.change import Change
from app.i18n import _
from ui import icons, theme
from ui.context import Context
from ui.dialogs.add_source import AddSource
from ui.dialogs.brand_editor import BrandEditor
from ui.pages.page import Page
from ui.widgets.parts import button, card, label, row, scrolled


class WelcomePage(Page):
    """`finished` when a brand and a source are there and a person goes on."""

    cares = Change.WATCHES | Change.SOURCES
    finished = Signal()
    drill_requested = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.brand = Step(
            1, "brand", _("Name a brand"), _("What people call it. You see at once what it finds.")
        )
        self.source = Step(
            2, "source", _("Add a source"), _("A feed, an app's reviews or a folder of crawl files.")
        )
        self.live = Step(
            3, "feed", _("See it live"), _("Angry posts reach you; a reply is one click away.")
        )
        self.brand.act(_("Add a brand"), self.add_brand)
        self.source.act(_("Add a source"), self.add_source)
        self.live.act(_("Open the live feed"), self.finished)
        self.drill = button(_("See a drill"), self.drill_requested, kind="big", icon="drill")
        self._lay()

    def refresh(self) -> None:
        self.ask(partial(_counts, self.context), self.show_progress)

    def show_progress(self, counts: tuple[int, int]) -> None:
        brands, sources = counts
        self.brand.show_done(brands > 0)
        self.source.show_done(sources > 0)
        self.brand.show_next(not brands)
        self.source.show_next(bool(brands) and not sources)
        self.live.show_next(bool(brands and sources))
        self.live.button.setEnabled(bool(brands and sources))

    def add_brand(self) -> None:
        BrandEditor(self.context, None, self).open()

    def add_source(self) -> None:
        AddSource(self.context, None, self).open()

    def _lay(self) -> None:
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(theme.XL, theme.XL, theme.XL, theme.XL)
        box.setSpacing(theme.M)
        title = label(_("Hear what is said about your brand"), "huge", wrap=True)
        listens = _(
            "Tingfeng listens where you tell it to, judges each post, and tells you of the angry ones."
        )
        about = label(listens, "muted", wrap=True)
        column = QVBoxLayout()
        column.setSpacing(theme.M)
        column.addLayout(row(icons.picture("tingfeng", 40, "accent"), None))
        for one in (title, about):
            column.addWidget(one)
        column.addSpacing(theme.S)
        for step in (self.brand, self.source, self.live):
            column.addWidget(step)
        column.addSpacing(theme.S)
        column.addWidget(self._drill_card())
        holder = QWidget()
        holder.setLayout(column)
        holder.setMaximumWidth(680)
        holder.setMinimumWidth(420)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(holder, 20)
        centred.addStretch(1)
        box.addStretch(1)
        box.addLayout(centred)
        box.addStretch(2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))

    def _drill_card(self) -> QFrame:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(_("Or see it all first"), "strong"))
        drill = _(
            "A made-up brand and a made-up crisis, played on this computer at sixty times speed. "
            "Your own data stays apart."
        )
        words.addWidget(label(drill, "muted", wrap=True))
        line = row(words, self.drill, spacing=theme.L)
        line.setStretch(0, 1)
        return card(line)


class Step(QFrame):
    """A number, what to do, and the button for it; a tick when it is done."""

    def __init__(self, number: int, icon: str, title: str, text: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.number = label(str(number), "heading")
        self.number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.number.setFixedWidth(24)
        self.tick: QLabel = icons.picture("health-ok", 24, "positive")
        self.tick.setAccessibleName(_("Done"))
        self.tick.hide()
        self.button: QPushButton = button("")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(title, "strong"))
        words.addWidget(label(text, "muted", wrap=True))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        layout.setSpacing(theme.M)
        layout.addWidget(self.number)
        layout.addWidget(self.tick)
        layout.addWidget(icons.picture(icon, 24, "accent"))
        layout.addLayout(words, 1)
        layout.addWidget(self.button)

    def act(self, words: str, pressed: object) -> None:
        self.button.setText(words)
        self.button.clicked.connect(pressed)

    def show_done(self, done: bool) -> None:
        self.tick.setVisible(done)
        self.number.setVisible(not done)

    def show_next(self, is_next: bool) -> None:
        """The step to take now has the chief button."""
        self.button.setProperty("kind", "primary" if is_next else "")
        theme.restyle(self.button)
        self.setProperty("active", is_next)
        theme.restyle(self)


def _counts(context: Context) -> tuple[int, int]:
    return len(context.core.brands()), len(context.core.sources())
