"""What people teach the judge: lessons, words, the layers made of them, and how well they do."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app import log
from app.analysis import learning
from app.analysis.measures import NEGATIVE, TONES, Figures, cases, figures
from app.analysis.ngram import NgramScorer
from app.analysis.scoring import scoring
from app.change import Change
from app.core.parts import Parts
from app.core.values import EngineFigures, LayerInfo, Learning, Miss
from app.domain.judging import Ask
from app.domain.learning import CORRECTED, SEEN, STRONGEST, Lesson, Word
from app.domain.mention import Stored
from app.domain.sentiment import Score, Tone
from app.engine.panel import panel_of
from app.engine.rescoring import forget_passes
from app.errors import AppError, ConfigError, ImportFailed
from app.i18n import _
from app.reports.saving import replacing
from app.storage.values import LayerState, TaughtLayer, TaughtWord
from app.storage.values import Lesson as StoredLesson

_log = log.topic("learn")

LEARN_AFTER = 120.0
"""Seconds from a correction to learning from it: a person corrects several in a row."""
LEARN_EVERY = 600.0
"""And not more often than this by itself: every layer means judging much again."""
MISSES = 200
MOST_MEASURED = 5_000
"""A team's labels an engine is run over; snownlp does 200 a second."""

WORDS_ONLY = "w"
"""Begins the name of a layer in which the lessons, measured, did not help and are left out."""

_FETCHED = "lessons/{brand}"
"""The setting that holds lessons taken from a file."""


class Teaching(Parts):
    """Synchronous, any thread but a window's. No brand (None) stands for all brands."""

    def __init__(self) -> None:
        super().__init__()
        self._to_learn: set[int | None] = set()
        self._learn_timer: threading.Timer | None = None
        self._learnt_at = -LEARN_EVERY
        self._learning = threading.Lock()

    # ── lessons ───────────────────────────────────────────────────────────────────────────────

    def correct(self, id: int, tone: Tone | None) -> Stored:
        """A person's word on the tone, in force at once; None takes it back. Learnt from a while later."""
        self.storage.mentions.correct(id, tone, self.me, self.clock.now())
        self.tell(Change.SCORES | Change.STATUS)
        stored = self.storage.mentions.get(id)
        self.learn_soon([hit.brand_id for hit in stored.hits if not hit.competitor])
        return stored

    def saw(self, id: int) -> None:
        """A person read it and left the tone as it is: half a lesson."""
        stored = self.storage.mentions.get(id)
        if stored.tone is not None:
            self.storage.learning.saw(id, stored.tone, self.me, self.clock.now())

    def learning(self, brand_id: int | None) -> Learning:
        """How much was taught, and what is in force."""
        counts = self.storage.learning.lesson_counts(brand_id)
        layers = self.storage.learning.layers(brand_id)
        layer = next((one for one in layers if one.state is LayerState.ACTIVE), None)
        layer = layer or next((one for one in layers if one.state is LayerState.OFF), None)
        known = counts.corrected + counts.seen + len(self._fetched(brand_id))
        return Learning(
            brand_id,
            counts.corrected,
            counts.seen,
            len(self.storage.learning.words(brand_id)),
            _told(layer) if layer is not None else None,
            max(0, known - layer.lessons) if layer is not None else known,
            _unused(layer) if layer is not None else "",
        )

    def learn(self, brand_id: int | None) -> Learning:
        """Build the layer anew from everything; used only if it judges no worse. Takes seconds."""
        with self._learning:
            said = self._learn(brand_id)
        self._use_layers()
        return replace(self.learning(brand_id), note=said)

    def _learn(self, brand_id: int | None) -> str:
        scorer = self._model()
        lessons, words = self._lessons(brand_id), self._words(brand_id)
        known = self.storage.learning.active_layer(brand_id)
        learnt = learning.learn(scorer, lessons, words, name=f"b{brand_id or 0}")
        if learnt.layer is None:
            if known is not None:
                self.storage.learning.set_layer_state(known.id, LayerState.OLD)
            return learnt.said
        measured = learnt.measured
        name = learnt.layer.name if learnt.adopted else WORDS_ONLY + learnt.layer.name[1:]
        layer = replace(learnt.layer, name=name)
        made = TaughtLayer(
            brand_id=brand_id,
            name=name,
            model=learning.model_of(scorer),
            body=learning.packed(layer, learning.model_of(scorer)),
            lessons=len(lessons),
            words=len(words),
            made_at=self.clock.now(),
            made_by=self.me,
            before=measured.before.right if measured else None,
            after=measured.after.right if measured else None,
        )
        if known is None or (known.model, known.body) != (made.model, made.body):
            self.storage.learning.save_layer(made, instead_of=known.id if known else None)
        return learnt.said

    def set_layer(self, brand_id: int | None, on: bool) -> Learning:
        """Put what was learnt in force, or set it aside; the lessons stay."""
        layers = self.storage.learning.layers(brand_id)
        usable = (LayerState.ACTIVE, LayerState.OFF)
        newest = next((one for one in layers if one.state in usable), None)
        if newest is None:
            raise ConfigError(_("Nothing has been learnt yet. Correct the tone of a post to begin."))
        self.storage.learning.set_layer_state(newest.id, LayerState.ACTIVE if on else LayerState.OFF)
        self._use_layers()
        return self.learning(brand_id)

    def _use_layers(self) -> None:
        """Back to what was in force before is a change too: passes made then do not count."""
        forget_passes(self.storage)
        self.engine.reconfigure()
        self.tell(Change.LEARNING | Change.SCORES)

    def _lessons(self, brand_id: int | None) -> list[Lesson]:
        kept = self.storage.learning.lessons(brand_id)
        return [*(_lesson(one) for one in kept), *self._fetched(brand_id)]

    def _fetched(self, brand_id: int | None) -> tuple[Lesson, ...]:
        """Lessons with their texts that came from a file."""
        found = self.storage.settings.get(_FETCHED.format(brand=brand_id or 0))
        return learning.imported(found).lessons if isinstance(found, str) else ()

    def _words(self, brand_id: int | None) -> list[Word]:
        """Those for all brands count for each, unless it has a word of its own."""
        kept = [*self.storage.learning.words(None)] if brand_id is not None else []
        own = self.storage.learning.words(brand_id)
        chosen = {one.phrase: one for one in (*kept, *own)}
        return [_word(one) for one in chosen.values()]

    def _model(self) -> NgramScorer:
        panel = panel_of(self.storage)
        return NgramScorer(names=[name for voice in panel.voices for name in voice.names])

    # ── by itself, a while after corrections ──────────────────────────────────────────────────

    def learn_soon(self, brands: Sequence[int]) -> None:
        """Corrections came for these brands."""
        self._to_learn.update(brands or (None,))
        if self._learn_timer is None:
            wait = max(LEARN_AFTER, self._learnt_at + LEARN_EVERY - time.monotonic())
            self._learn_timer = threading.Timer(wait, self._learn_now)
            self._learn_timer.daemon = True
            self._learn_timer.start()

    def stop_learning(self) -> None:
        """What was not learnt yet is learnt after the next start: the lessons are stored."""
        if self._learn_timer is not None:
            self._learn_timer.cancel()

    def _learn_now(self) -> None:
        self._learn_timer = None
        self._learnt_at = time.monotonic()
        try:
            self.background.submit(self._learn_quietly)
        except RuntimeError:
            return  # closed meanwhile

    def _learn_quietly(self) -> None:
        while self._to_learn:
            brand_id = self._to_learn.pop()
            try:
                self.learn(brand_id)
            except AppError as error:
                _log.warning("nothing was learnt for brand %s: %s %s", brand_id, error, error.details)

    def learn_again(self) -> None:
        """After an upgrade: what was learnt on another model is learnt anew, from the same lessons."""
        try:
            layers = self.storage.learning.active_layers()
            if layers:
                model = learning.model_of(self._model())
                self._to_learn.update(id_ for id_, layer in layers.items() if layer.model != model)
        except AppError as error:
            _log.warning("what was learnt cannot be looked at: %s", error)
            return
        self._learn_quietly()

    # ── words ─────────────────────────────────────────────────────────────────────────────────

    def taught_words(self, brand_id: int | None) -> tuple[TaughtWord, ...]:
        return self.storage.learning.words(brand_id)

    def put_word(self, brand_id: int | None, phrase: str, weight: int) -> TaughtWord:
        """In force at once. ConfigError at the field; a phrase that is known takes the new weight."""
        word = Word(phrase=phrase.strip(), weight=weight)
        learning.checked(self._model(), word.phrase)
        now = self.clock.now()
        put = self.storage.learning.put_word(brand_id, word.phrase, float(word.weight), self.me, now)
        self._learn_words(brand_id)
        return put

    def remove_word(self, id: int) -> None:
        brands = [None, *(brand.id for brand in self.storage.brands.all())]
        whose = [each for each in brands if any(one.id == id for one in self.storage.learning.words(each))]
        self.storage.learning.remove_word(id)
        for brand_id in whose:
            self._learn_words(brand_id)

    def _learn_words(self, brand_id: int | None) -> None:
        """A word for all brands is part of every brand's layer."""
        own = [each for each in self.storage.learning.active_layers() if each is not None]
        for each in dict.fromkeys((brand_id, *(own if brand_id is None else ()))):
            with self._learning:
                self._learn(each)
        self._use_layers()

    # ── files ─────────────────────────────────────────────────────────────────────────────────

    def export_learning(self, path: Path, brand_id: int | None, texts: bool) -> Path:
        """`texts`: with the posts' texts, so that it can be learnt from elsewhere; else n-grams only."""
        scorer = self._model()
        active = self.storage.learning.active_layer(brand_id)
        layer = learning.unpacked(active.body, active.model) if active is not None else None
        brand = next((one.name for one in self.storage.brands.all() if one.id == brand_id), "")
        file = learning.file_of(scorer, layer, self._lessons(brand_id), self._words(brand_id), brand=brand)
        with replacing(path) as temporary:
            temporary.write_text(learning.exported(file, texts=texts), "utf-8")
        return path

    def import_learning(self, path: Path, brand_id: int | None) -> Learning:
        """Words are taken over; lessons with texts are learnt from, a bare layer is used as it stands."""
        try:
            text = path.read_text("utf-8", "replace")
        except OSError as error:
            said = _("“{path}” cannot be read: {reason}")
            raise ImportFailed(said.format(path=path, reason=error.strerror or error)) from error
        file = learning.imported(text)
        now = self.clock.now()
        for word in file.words:
            self.storage.learning.put_word(brand_id, word.phrase, float(word.weight), self.me, now)
        # another desk's numbers of mentions mean others here
        lessons = tuple(replace(one, mention_id=0) for one in file.lessons if one.text)
        if lessons:
            kept = replace(file, lessons=(*self._fetched(brand_id), *lessons), shifts={}, calibration=None)
            self.storage.settings.set(
                _FETCHED.format(brand=brand_id or 0), learning.exported(kept, texts=True)
            )
            return self.learn(brand_id)
        layer = learning.layer_of(self._model(), file)
        if layer is None:
            return self.learn(brand_id)
        known = self.storage.learning.active_layer(brand_id)
        model = learning.model_of(self._model())
        self.storage.learning.save_layer(
            TaughtLayer(
                brand_id=brand_id,
                name=layer.name,
                model=model,
                body=learning.packed(layer, model),
                lessons=len(file.lessons),
                words=len(file.words),
                made_at=now,
                made_by=self.me,
            ),
            instead_of=known.id if known else None,
        )
        self._use_layers()
        note = _("The file holds no texts: what it brings is in force until something is learnt here.")
        return replace(self.learning(brand_id), note=note)

    # ── how well the engines do on what people said ───────────────────────────────────────────

    def evaluate(self, brand_id: int | None, engines: Sequence[str]) -> tuple[EngineFigures, ...]:
        """Each engine, as shipped, on every text whose tone a person gave or accepted. Takes seconds."""
        lessons = self.storage.learning.lessons(brand_id)[-MOST_MEASURED:]
        return tuple(self._evaluated(engine, lessons) for engine in engines) if lessons else ()

    def _evaluated(self, engine: str, lessons: Sequence[StoredLesson]) -> EngineFigures:
        judges = scoring(engine, here=True, words=self.home.words)
        panel = panel_of(self.storage)
        judges.configure(replace(panel, voices=tuple(replace(voice, layer="") for voice in panel.voices)))
        try:
            judges.submit(["好"]).result()  # loading is not judging
            began = time.perf_counter()
            scores = judges.submit([Ask(one.text, one.brands) for one in lessons]).result()
            took = time.perf_counter() - began
        finally:
            judges.close()
        said = [TONES.index(one.tone) for one in lessons]
        given = [(one.negative, one.neutral, one.positive) for one in scores]
        found = figures(cases(said, given))
        return _figures(engine, found, scores, lessons, took)


def _figures(
    engine: str, found: Figures, scores: Sequence[Score], lessons: Sequence[StoredLesson], took: float
) -> EngineFigures:
    called = sum(row[NEGATIVE] for row in found.confusion)
    meant = sum(found.confusion[NEGATIVE])
    hits = found.confusion[NEGATIVE][NEGATIVE]
    return EngineFigures(
        engine=engine,
        version=scores[0].version if scores else "",
        n=found.n,
        accuracy=_known(found.accuracy),
        macro_f1=_known(found.macro_f1),
        negative_precision=hits / called if called else None,
        negative_recall=hits / meant if meant else None,
        calibration=_known(found.calibration),
        per_second=len(scores) / took if took else 0.0,
        called=called,
        meant=meant,
        misses=_misses(scores, lessons),
    )


def _misses(scores: Sequence[Score], lessons: Sequence[StoredLesson]) -> tuple[Miss, ...]:
    missed = [
        Miss(lesson.mention_id, lesson.text, lesson.tone, score.tone, _sure(score))
        for score, lesson in zip(scores, lessons, strict=True)
        if score.tone is not lesson.tone
    ]
    return tuple(sorted(missed, key=lambda one: -one.sure)[:MISSES])


def _sure(score: Score) -> float:
    return max(score.negative, score.neutral, score.positive)


def _known(figure: float) -> float | None:
    return None if math.isnan(figure) else figure


def _lesson(one: StoredLesson) -> Lesson:
    return Lesson(
        text=one.text,
        tone=Tone(one.tone),
        weight=CORRECTED if one.corrected else SEEN,
        who=one.by,
        at=one.at,
        mention_id=one.mention_id,
    )


def _word(one: TaughtWord) -> Word:
    weight = max(-STRONGEST, min(STRONGEST, round(one.weight)))
    return Word(phrase=one.phrase, weight=weight, by=one.by, at=one.at)


def _unused(layer: TaughtLayer) -> str:
    """Why only the word list counts, where that is so."""
    if not layer.name.startswith(WORDS_ONLY) or layer.before is None or layer.after is None:
        return ""
    said = _(
        "What the lessons teach is not used: of labels held back {before} are right without it, {after} "
        "with it. The word list counts."
    )
    return said.format(before=f"{layer.before:.0%}", after=f"{layer.after:.0%}")


def _told(layer: TaughtLayer) -> LayerInfo:
    return LayerInfo(
        layer.id,
        layer.name,
        layer.state is LayerState.ACTIVE,
        layer.lessons,
        layer.words,
        layer.made_at,
        layer.made_by,
        layer.before,
        layer.after,
    )
