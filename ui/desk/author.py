"""Who wrote it: every figure is a press away from the mentions that it rests on. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QVBoxLayout

from app.domain.platforms import platform_name
from app.domain.queue import AuthorCard, EarlierAnswer, Figure
from app.i18n import _, ngettext
from ui import theme
from ui.desk import words
from ui.dialogs.posts import Behind
from ui.feed import plain
from ui.feed.card_delegate import Pill
from ui.feed.post import PillRow
from ui.widgets.flow import Flow
from ui.widgets.parts import boxed, clear, column, label

ANSWERS = 3


class AuthorBox(QFrame):
    """`wanted` carries a Behind, `opened` the id of a mention."""

    wanted = Signal(object)
    opened = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._card: AuthorCard | None = None
        self._behind: dict[str, tuple[str, Figure]] = {}
        self.name = label("", "strong", selectable=True)
        self.about = label("", "small", wrap=True)
        self.pills = PillRow()
        self.figures = Flow(theme.XS)
        self.answers = column(spacing=2)
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.M, theme.M, theme.M, theme.S)
        box.setSpacing(theme.XS)
        for one in (self.name, self.about, self.pills, boxed(self.figures), boxed(self.answers)):
            box.addWidget(one)
        theme.notifier().changed.connect(self._redo)

    def show_card(self, card: AuthorCard) -> None:
        """Only where it says something else than before."""
        if card == self._card:
            return
        self._card = card
        name = plain.one_line(card.name, 60).strip() or _("Unknown author")
        self.name.setText(f"{name} · {platform_name(card.platform)}")
        self.about.setText(words.card_words(card))
        self._redo()
        self._show_figures(card)
        clear(self.answers)
        for answer in card.answers[:ANSWERS]:
            self.answers.addWidget(self._entry(_answer_words(answer), f"answer:{answer.mention_id}"))

    def _redo(self) -> None:
        """In the colours of now."""
        card = self._card
        if card is None:
            return
        now = theme.colors()
        pills = []
        if card.repeat:
            told = _("Complains again and again")
            pills.append(Pill(told, now.negative, now.negative_soft, "warning"))
        if card.loyal:
            pills.append(Pill(_("Loyal user"), now.positive, now.positive_soft, "like"))
        if card.verified:
            pills.append(Pill(_("Verified"), now.accent, now.accent_soft, "verified"))
        self.pills.show_pills(pills)
        self.pills.setVisible(bool(pills))

    def _show_figures(self, card: AuthorCard) -> None:
        share = card.negative_share
        bad = _("{n} negative").format(n=f"{card.negative.count:,}")
        if share is not None and card.negative.count:
            bad += f" ({share:.0%})"
        n = card.mentions.count
        told = (
            ("mentions", ngettext("{n} mention", "{n} mentions", n).format(n=f"{n:,}"), card.mentions),
            ("negative", bad, card.negative),
            ("positive", _("{n} positive").format(n=f"{card.positive.count:,}"), card.positive),
            (
                "complaints",
                _("{n} complaints in 90 days").format(n=f"{card.complaints.count:,}"),
                card.complaints,
            ),
            ("answered", _("{n} answered by us").format(n=f"{card.answered.count:,}"), card.answered),
        )
        clear(self.figures)
        self._behind = {key: (said, figure) for key, said, figure in told}
        for key, said, figure in told:
            if figure.count:
                self.figures.addWidget(self._entry(said, key))

    def _entry(self, said: str, key: str) -> QPushButton:
        made = QPushButton(said.replace("&", "&&"))
        made.setProperty("kind", "entry")
        made.setObjectName(key)
        made.setAutoDefault(False)
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        if key.startswith("answer:"):
            made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            made.setToolTip(said.replace("<", "‹"))
        made.clicked.connect(self._pressed)
        return made

    def _pressed(self) -> None:
        key = self.sender().objectName()
        if key.startswith("answer:"):
            self.opened.emit(int(key.removeprefix("answer:")))
        elif self._card is not None and key in self._behind:
            said, figure = self._behind[key]
            title = f"{plain.one_line(self._card.name, 60)}: {said}"
            self.wanted.emit(Behind(title=title, ids=figure.ids))


def _answer_words(answer: EarlierAnswer) -> str:
    told = _("{when} {name} answered: {text}")
    return told.format(
        when=f"{answer.at.astimezone():%m-%d}",
        name=words.name(answer.by),
        text=plain.squeezed(answer.text, 80),
    )
