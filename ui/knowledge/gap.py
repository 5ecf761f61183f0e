"""What was asked and has no entry: the question, who asks, and the way to an entry. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.knowledge import Gap
from app.i18n import _, ngettext
from ui import theme
from ui.feed import plain
from ui.widgets.parts import button, card, label, row


class GapView(QWidget):
    """`posts_wanted` and `entry_wanted` by their buttons."""

    posts_wanted = Signal()
    entry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gap = Gap("", ())
        self.count = label("", "heading")
        self.words = label("", wrap=True, selectable=True)
        self.words.setFont(theme.font(theme.READING))
        write = button(_("Write the entry"), self.entry_wanted, kind="primary", icon="edit")
        posts = button(_("See the posts"), self.posts_wanted, icon="feed")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.XL, theme.L, theme.XL, theme.L)
        layout.setSpacing(theme.M)
        layout.addWidget(self.count)
        layout.addWidget(label(_("Such as this post:"), "muted"))
        layout.addWidget(card(self.words))
        layout.addLayout(row(write, posts, None))
        about = _(
            "Posts are taken together by their story and by the words they share; look at them first."
        )
        layout.addWidget(label(about, "small", wrap=True))
        layout.addStretch(1)

    def show_gap(self, gap: Gap) -> None:
        self.gap = gap
        told = ngettext("asked {n} time, no entry", "asked {n} times, no entry", gap.asked)
        self.count.setText(told.format(n=plain.figure(gap.asked)))
        self.words.setText(plain.squeezed(gap.text, 400))
