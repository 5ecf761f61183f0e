"""What people taught the judge for a brand, whether it helped, and where it is still wrong. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QVBoxLayout, QWidget

from app.core import wilson
from app.domain.watch import Watch
from app.i18n import _, clauses, ngettext, sentences
from ui import theme, told
from ui.context import Context
from ui.feed import plain
from ui.judging.parts import BrandChoice, Cell, Line, SideBySide, percent
from ui.judging.saving import SaveLessons
from ui.pages.panel import Panel
from ui.widgets.notice import Notice
from ui.widgets.parts import boxed, button, card, label, row
from ui.widgets.table import Column, Table

if TYPE_CHECKING:
    from app.core import Core, EngineFigures, EngineInfo, Learning, Miss

ENOUGH = 20
"""With fewer labels a share says nothing."""


class Seen(NamedTuple):
    brands: tuple[Watch, ...]
    learning: Learning


class Measured(NamedTuple):
    """Of a brand (None: all): the engine in use first."""

    brand_id: int | None
    engines: tuple[EngineInfo, ...]
    figures: tuple[EngineFigures, ...]


class LessonsPanel(Panel):
    mention_opened = Signal(int)
    measured = Signal()
    """There is something new to see further down."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._file = Path()
        self._shown: int | None = None
        """The brand whose state is shown."""
        self.brand = BrandChoice()
        self.brand.setMaximumWidth(320)
        self.counts = label("", "heading", wrap=True)
        self.layer = label("", "", wrap=True)
        self.gain = label("", "muted", wrap=True)
        self.learn = button(_("Learn now"), self.relearn, kind="primary", icon="refresh")
        self.on = QCheckBox(_("What was learnt is in force"))
        self.export = button(_("Save to a file…"), self.save_file, icon="export")
        self.take = button(_("Take from a file…"), self.take_file, icon="folder")
        for one in (self.learn, self.on, self.export, self.take):
            one.setEnabled(False)
        self.measure = button(_("Measure"), self.evaluate, icon="search")
        self.measure.setEnabled(False)
        self.measure.setAccessibleName(_("Measure the engines on our own labels"))
        self.told = Notice()
        self.table = SideBySide(_("Engines on our own labels"))
        self.verdict = label("", "muted", wrap=True)
        self.misses_head = label("", "strong", wrap=True)
        self.misses = Table(_miss_columns(), _("Where it is wrong"), _miss_key)
        self.figures_box = self._build_figures()
        self._build()
        self.brand.brand_chosen.connect(self.refresh)
        self.on.clicked.connect(self.switch)
        self.misses.activated_row.connect(self._open)

    def _build(self) -> None:
        about = _(
            "Every tone you correct, and every mention you read and leave as it is (at half the weight), "
            "becomes a lesson. The model itself stays as it is; what is learnt lies over it, and can be "
            "taken off."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.L)
        layout.addWidget(boxed(row(label(_("For"), "muted"), self.brand, None)))
        layout.addWidget(self.notice)
        layout.addWidget(
            card(
                self.counts,
                label(about, "muted", wrap=True),
                self.layer,
                self.gain,
                row(self.learn, theme.S, self.on, None),
                row(self.export, self.take, None),
                spacing=theme.M,
                margin=theme.L,
            )
        )
        own = _(
            "Every engine, as shipped, on all that your people corrected or left. A mention that was left "
            "speaks for the engine that had judged it."
        )
        layout.addWidget(
            card(
                label(_("How right on our own labels?"), "heading"),
                label(own, "muted", wrap=True),
                row(self.measure, None),
                self.told,
                self.figures_box,
                spacing=theme.M,
                margin=theme.L,
            )
        )

    def _build_figures(self) -> QWidget:
        self.misses.setFixedHeight(240)
        self._misses_hint = label(_("Enter or a double click opens the mention."), "small")
        box = QWidget()
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, theme.S, 0, 0)
        layout.setSpacing(theme.M)
        for one in (self.table, self.verdict, self.misses_head, self._misses_hint, self.misses):
            layout.addWidget(one)
        box.hide()
        return box

    def refresh(self) -> None:
        self.ask(partial(_seen, self.context.core, self.brand.brand_id), self.show_seen)

    def show_seen(self, seen: Seen) -> None:
        self.brand.show_brands(seen.brands)
        self.show_learning(seen.learning)

    def show_learning(self, state: Learning) -> None:
        """Not if another brand was chosen while it was read."""
        if state.brand_id != self.brand.brand_id:
            return
        if state.brand_id != self._shown:
            self._shown = state.brand_id
            self.figures_box.hide()
            self.told.quiet()
        counted = [
            ngettext("{n} correction", "{n} corrections", state.corrections).format(n=state.corrections),
            ngettext("{n} mention read and left", "{n} mentions read and left", state.seen).format(
                n=state.seen
            ),
            ngettext("{n} word", "{n} words", state.words).format(n=state.words),
        ]
        self.counts.setText(clauses(counted))
        taught = bool(state.corrections or state.words)
        self.learn.setEnabled(taught or state.waiting > 0)
        self.export.setEnabled(taught or state.seen > 0 or state.layer is not None)
        self.take.setEnabled(True)
        self.measure.setEnabled(bool(state.corrections + state.seen))
        layer = state.layer
        self.on.setEnabled(layer is not None)
        self.on.setChecked(layer is not None and layer.active)
        self.layer.setText(_layer_words(state))
        self.gain.setText(plain.one_line(state.note, 300) or _gain_words(state))
        self.gain.setVisible(bool(self.gain.text()))

    def relearn(self) -> None:
        self.learn.setEnabled(False)
        self.notice.say(_("Learning…"))
        work = partial(self.context.core.learn, self.brand.brand_id)
        self.ask(work, self.learnt, self.not_learnt, slow=True)

    def learnt(self, state: Learning) -> None:
        self.learn.setEnabled(True)
        if state.layer is not None and state.layer.active:
            self.notice.say(_("Learnt. What is stored is judged again by and by."), "positive")
        else:
            self.notice.say(_("Nothing was changed."))
        self.show_learning(state)

    def not_learnt(self, error: BaseException) -> None:
        self.learn.setEnabled(True)
        self.complain(error)

    def switch(self, on: bool) -> None:
        self.on.setEnabled(False)
        work = partial(self.context.core.set_layer, self.brand.brand_id, on)
        self.ask(work, self.switched, self.not_switched, slow=True)

    def switched(self, state: Learning) -> None:
        on = state.layer is not None and state.layer.active
        said = _("It is in force again.") if on else _("It is set aside; the lessons are kept.")
        self.notice.say(said, "positive")
        self.show_learning(state)

    def not_switched(self, error: BaseException) -> None:
        self.complain(error)
        self.refresh()

    def save_file(self) -> None:
        asked = SaveLessons(self)
        asked.decided.connect(self._save_so)
        asked.open()

    def _save_so(self, texts: bool) -> None:
        chosen, _kind = QFileDialog.getSaveFileName(self, _("Where to"), "tingfeng-lessons.json")
        if chosen:
            self.export_to(Path(chosen), texts=texts)

    def export_to(self, path: Path, *, texts: bool) -> None:
        self.notice.say(_("Writing…"))
        work = partial(self.context.core.export_learning, path, self.brand.brand_id, texts)
        self.ask(work, self.exported, slow=True)

    def exported(self, path: Path) -> None:
        self.notice.say(_("Written to {path}.").format(path=plain.one_line(str(path), 200)), "positive")

    def take_file(self) -> None:
        chosen, _kind = QFileDialog.getOpenFileName(self, _("Choose a file"))
        if chosen:
            self.import_from(Path(chosen))

    def import_from(self, path: Path) -> None:
        self.notice.say(_("Learning…"))
        work = partial(self.context.core.import_learning, path, self.brand.brand_id)
        self.ask(work, self.learnt, slow=True)

    def evaluate(self) -> None:
        self.measure.setEnabled(False)
        self.told.say(_("Measuring… SnowNLP as shipped takes a second for 200 texts."))
        work = partial(_evaluate, self.context.core, self.brand.brand_id)
        self.ask(work, self.show_figures, self.not_measured, slow=True)

    def show_figures(self, found: Measured) -> None:
        self.measure.setEnabled(True)
        if found.brand_id != self.brand.brand_id:
            return
        figures = found.figures
        if not figures:
            self.told.say(_("There is no label yet to measure on."))
            return
        n = min(one.n for one in figures)
        if n < ENOUGH:
            said = ngettext(
                "There is only {n} label: too few for shares. Correct some more.",
                "There are only {n} labels: too few for shares. Correct some more.",
                n,
            )
            self.told.say(said.format(n=n), "warning")
        else:
            self.told.quiet()
        names = {one.id: plain.one_line(one.name, 40) for one in found.engines}
        heads = [names.get(one.engine, plain.one_line(one.engine, 40)) for one in figures]
        self.table.show_lines(heads, _lines(figures))
        self.verdict.setText(_verdict(figures) if n >= ENOUGH else "")
        self.verdict.setVisible(bool(self.verdict.text()))
        self._show_misses(heads[0], figures[0].misses)
        self.figures_box.show()
        self.measured.emit()

    def _show_misses(self, name: str, misses: tuple[Miss, ...]) -> None:
        head = ngettext(
            "{n} text that {engine} judges otherwise than a person",
            "{n} texts that {engine} judges otherwise than a person, the surest first",
            len(misses),
        )
        self.misses_head.setText(head.format(n=len(misses), engine=name))
        self.misses.show_rows(misses)
        for one in (self._misses_hint, self.misses):
            one.setVisible(bool(misses))

    def not_measured(self, error: BaseException) -> None:
        self.measure.setEnabled(True)
        self.told.say(told.explain(error), "negative")

    def _open(self, miss: Miss) -> None:
        self.mention_opened.emit(miss.mention_id)


def _seen(core: Core, brand_id: int | None) -> Seen:
    return Seen(core.brands(), core.learning(brand_id))


def _evaluate(core: Core, brand_id: int | None) -> Measured:
    engines = sorted((one for one in core.engines() if not one.missing), key=lambda one: not one.chosen)
    figures = core.evaluate(brand_id, [one.id for one in engines])
    return Measured(brand_id, tuple(engines), figures)


def _lines(figures: tuple[EngineFigures, ...]) -> list[Line]:
    """A line a figure; shares of too few labels are not told."""

    def line(name: str, about: str, read: Callable[[EngineFigures], float | None]) -> Line:
        return Line(name, about, tuple(_share(one, read(one)) for one in figures))

    return [
        Line(_("Judged right"), _("19 times out of 20 between"), tuple(_right(one) for one in figures)),
        line(_("“Negative” is right"), _("of what it calls negative"), lambda one: one.negative_precision),
        line(_("Negatives found"), _("of what people call negative"), lambda one: one.negative_recall),
        line(_("Macro-F1"), _("all tones counting alike"), lambda one: one.macro_f1),
        line(
            _("Calibration error"),
            _("how far its “so sure” is off; less is better"),
            lambda one: one.calibration,
        ),
        Line(_("Texts a second"), "", tuple(Cell(f"{one.per_second:,.0f}") for one in figures)),
    ]


def _right(one: EngineFigures) -> Cell:
    if one.accuracy is None:
        return Cell("—")
    right = round(one.accuracy * one.n)
    of_all = _("{right} of {n}").format(right=f"{right:,}", n=f"{one.n:,}")
    if one.n < ENOUGH:
        return Cell(of_all, _("too few"))
    low, high = wilson(right, one.n)
    return Cell(percent(one.accuracy), f"{low * 100:.0f}–{high * 100:.0f}\u00a0% · {of_all}")


def _share(one: EngineFigures, value: float | None) -> Cell:
    if one.n < ENOUGH:
        return Cell("—", _("too few"))
    return Cell("—" if value is None else percent(value))


def _verdict(figures: tuple[EngineFigures, ...]) -> str:
    """Is the best really better, or is that chance?"""
    known = sorted((one for one in figures if one.accuracy is not None), key=_accuracy, reverse=True)
    if len(known) < 2:
        return ""
    best, second = known[0], known[1]
    low, _high = wilson(round(_accuracy(best) * best.n), best.n)
    if low > _accuracy(second):
        return _("The best is ahead by more than chance would have it.")
    return _("The two best cannot be told apart on so few labels.")


def _accuracy(one: EngineFigures) -> float:
    return one.accuracy or 0.0


def _layer_words(state: Learning) -> str:
    layer = state.layer
    if layer is None:
        return _("Nothing has been learnt yet. Correct the tone of a mention in the feed to begin.")
    told = _("Learnt on {when} by {who} from {lessons} lessons and {words} words.")
    said = told.format(
        when=plain.clock_time(layer.made_at),
        who=plain.one_line(layer.made_by, 30) or "—",
        lessons=layer.lessons,
        words=layer.words,
    )
    if state.waiting:
        more = ngettext("{n} lesson has come since.", "{n} lessons have come since.", state.waiting)
        said = sentences((said, more.format(n=state.waiting)))
    return said


def _gain_words(state: Learning) -> str:
    layer = state.layer
    if layer is None or layer.before is None or layer.after is None:
        return ""
    told = _("Right on labels held back: {before} before, {after} after.")
    return told.format(before=percent(layer.before), after=percent(layer.after))


def _miss_columns() -> list[Column[Miss]]:
    return [
        Column(_("Person"), lambda one: theme.tone_word(one.said), 110, icon=_said),
        Column(
            _("Judge"),
            lambda one: f"{theme.tone_word(one.judged)} {one.sure * 100:.0f}\u00a0%",
            130,
            icon=_judged,
        ),
        Column(
            _("Text"),
            lambda one: plain.one_line(one.text, 200),
            tip=lambda one: plain.squeezed(one.text, 600),
        ),
    ]


def _said(one: Miss) -> tuple[str, str]:
    return theme.tone_icon(one.said), one.said.value


def _judged(one: Miss) -> tuple[str, str]:
    return theme.tone_icon(one.judged), one.judged.value


def _miss_key(one: Miss) -> int:
    return one.mention_id
