"""The scoring process as seen from this side: texts in, scores out, whatever happens to the child.

`configure()` says which brands are watched; `submit()` may be called from any thread and returns at
once; a thread of its own ("scoring") talks to one spawned child over a pipe. The child answers text by
text, so a text that kills or hangs it is known exactly: it is tried once more on a fresh child, then
given the neutral score `UNJUDGED`, and the rest goes on. A child killed from outside (kill -9, out of
memory) is restarted with growing pauses; when it cannot be started or dies on text after text,
everything waiting fails with ScoringError, and a later `submit()` tries again. The child exits by
itself when its parent dies.

This module may not import snownlp, Qt or storage. A spawned child imports the program's main module
too, so `app/__main__.py` must import late, and a frozen program must call
`multiprocessing.freeze_support()` first.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

from app import log
from app.analysis import worker
from app.analysis.scorer import Scorer
from app.analysis.trivial import TrivialScorer
from app.domain.gist import Gist
from app.domain.judging import Ask, Panel
from app.domain.sentiment import Score, Tone
from app.errors import ConfigError, ScoringError
from app.i18n import _

_log = log.topic("score")

T = TypeVar("T")

BATCH = 64
UNJUDGED = "unjudged"
"""The `version` of a score given to a text the engine could not survive."""

ENGINES = ("ngram", "snownlp", "snownlp-retrained", "trivial")

Versions = dict[int | None, str]
"""The version a score has now: by the first watched brand of the text, None for all others."""

_STARTS = 3
"""Starts in a row that may fail, and texts in a row that may kill the child, before we give up."""
_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_POISONS_KEPT = 1000


def unjudged(engine: str) -> Score:
    """Neutral, without evidence, and marked so that nobody takes it for a judgement."""
    return Score(
        value=0.5,
        tone=Tone.NEUTRAL,
        engine=engine,
        version=UNJUDGED,
        negative=0.0,
        neutral=1.0,
        positive=0.0,
    )


def scoring(engine: str, *, here: bool = False, words: Path | None = None) -> ScoringProcess | InProcess:
    """The engine by name, in a process of its own so that a window never waits for it.

    "trivial" always runs right here, and with `here` (a command that has nothing else to do) so does
    "ngram", which needs no start; snownlp never does. `words` is the folder of the team's own lists.
    """
    if engine == "trivial":
        return InProcess(TrivialScorer(), words)
    if engine == "ngram" and here:
        return InProcess(worker.SCORERS[engine](), words)
    if engine in worker.SCORERS:
        return ScoringProcess(engine, words=words)
    wrong = _("There is no scoring engine “{name}”. Choose one of: {names}.")
    raise ConfigError(wrong.format(name=engine[:40], names=", ".join(ENGINES)))


def _asked(texts: Sequence[Ask | str]) -> tuple[Ask, ...]:
    return tuple(Ask(each) if isinstance(each, str) else each for each in texts)


class InProcess:
    """A scorer quick enough to need no process; the same face as `ScoringProcess`."""

    def __init__(self, scorer: Scorer, words: Path | None = None) -> None:
        self._judge = worker.judge_of(scorer, words)
        self._lock = threading.Lock()
        self._open = True

    @property
    def engine(self) -> str:
        return self._judge.engine

    @property
    def state(self) -> str:
        return "ready" if self._open else "stopped"

    def start(self) -> None:
        """Nothing to start."""

    def configure(self, panel: Panel) -> None:
        with self._lock:
            self._judge.told(panel)

    def submit(self, texts: Sequence[Ask | str]) -> Future[list[Score]]:
        """Already done when it comes back."""
        return self._done(lambda: self._judge.judge(_asked(texts)))

    def versions(self) -> Future[Versions]:
        return self._done(self._judge.versions)

    def gist(self, texts: Sequence[str]) -> Future[Gist]:
        """Key words and telling sentences; loads snownlp's small parts here, which takes a moment."""
        return self._done(lambda: worker.gist_of(texts))

    def _done(self, act: Callable[[], T]) -> Future[T]:
        done: Future[T] = Future()
        if self._open:
            with self._lock:
                done.set_result(act())
        else:
            done.set_exception(_closed())
        return done

    def close(self) -> None:
        self._open = False


class Chosen:
    """The engine in office; `change` puts another one there, and everybody goes on asking this one."""

    def __init__(self, engine: str, words: Path | None = None) -> None:
        self._words = words
        self._panel = Panel()
        self._now = scoring(engine, words=words)

    def change(self, engine: str) -> None:
        """Raises ConfigError for a name that is none. What the old engine still had fails, for a retry."""
        if engine == self._now.engine:
            return
        old, self._now = self._now, scoring(engine, words=self._words)
        self._now.configure(self._panel)
        self._now.start()
        old.close()

    @property
    def engine(self) -> str:
        return self._now.engine

    @property
    def state(self) -> str:
        return self._now.state

    def start(self) -> None:
        self._now.start()

    def configure(self, panel: Panel) -> None:
        self._panel = panel
        self._now.configure(panel)

    def submit(self, texts: Sequence[Ask | str]) -> Future[list[Score]]:
        return self._now.submit(texts)

    def versions(self) -> Future[Versions]:
        return self._now.versions()

    def gist(self, texts: Sequence[str]) -> Future[Gist]:
        return self._now.gist(texts)

    def close(self) -> None:
        self._now.close()


@dataclass(slots=True)
class _Job:
    kind: str
    """As the child knows it: judge | gist | versions."""
    items: Sequence[Any]
    future: Future[list[Any]]
    answers: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class _Child:
    process: BaseProcess
    link: Connection
    panel: Panel | None = None
    """What it was told last."""


class _Lost(Exception):  # not an error for anybody: the child is gone, or silent too long
    """Why the child is of no more use."""


class ScoringProcess:
    """One child; see the module's words. `patience`: seconds for a text; `start_patience`: to load."""

    def __init__(
        self,
        engine: str = "snownlp",
        *,
        make: Callable[[], Scorer] | None = None,
        patience: float = 20.0,
        start_patience: float = 90.0,
        pause: float = _PAUSE,
        words: Path | None = None,
    ) -> None:
        self.engine = engine
        self._make = make or worker.SCORERS[engine]
        self._words = words
        self._panel = Panel()
        self._patience = patience
        self._start_patience = start_patience
        self._pause = pause
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._child: _Child | None = None
        self._state = "stopped"
        self._failures = 0
        self._killed_in_a_row = 0
        self._poisons: dict[bytes, int] = {}

    @property
    def state(self) -> str:
        """stopped | starting | ready | failed: why."""
        return self._state

    @property
    def pid(self) -> int | None:
        """The child's, while there is one."""
        child = self._child
        return child.process.pid if child is not None else None

    def start(self) -> None:
        """Begin loading, if nothing has yet; returns at once."""
        with self._guard:
            if self._thread is not None or self._closing.is_set():
                return
            self._thread = threading.Thread(target=self._run, name="scoring", daemon=True)
            self._thread.start()
        self.submit(())

    def configure(self, panel: Panel) -> None:
        """The brands watched from now on; whatever is judged after this call is judged by it."""
        self._panel = panel

    def submit(self, texts: Sequence[Ask | str]) -> Future[list[Score]]:
        """One score a text, in order. Fails with ScoringError; texts are never lost, only unscored."""
        return self._put("judge", _asked(texts))

    def versions(self) -> Future[Versions]:
        """Which versions scores have now; fails with ScoringError."""
        return _first(self._put("versions", ("",)))

    def gist(self, texts: Sequence[str]) -> Future[Gist]:
        """Key words and telling sentences of a post, or of the posts of a story."""
        return _first(self._put("gist", (tuple(texts),)))

    def _put(self, kind: str, items: Sequence[Any]) -> Future[list[Any]]:
        self.start()
        job = _Job(kind, items, Future())
        with self._guard:
            if self._closing.is_set():
                job.future.set_exception(_closed())
            else:
                self._jobs.put(job)
        return job.future

    def close(self) -> None:
        """Stop now: the child holds no state, so it is killed; whatever waits fails with ScoringError."""
        with self._guard:
            self._closing.set()
            thread, child = self._thread, self._child
            self._jobs.put(None)
        if child is not None:
            child.process.kill()  # the thread sees its end closed, and tidies up
        if thread is not None and thread is not threading.current_thread():
            thread.join(10)
        self._kill()
        self._state = "stopped"

    # the "scoring" thread ------------------------------------------------------------------------

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            if job.future.set_running_or_notify_cancel():
                self._work(job)
        while not self._jobs.empty():
            if (left := self._jobs.get()) is not None and left.future.set_running_or_notify_cancel():
                left.future.set_exception(_closed())

    def _work(self, job: _Job) -> None:
        try:
            self._ready()
            while len(job.answers) < len(job.items):
                self._batch(job)
        except ScoringError as error:
            job.future.set_exception(error)
        else:
            job.future.set_result(job.answers)

    def _batch(self, job: _Job) -> None:
        """Up to BATCH texts; what is answered stays answered even when the child dies on the way."""
        child = self._ready()
        todo = self._without_poison(job)
        if not todo:
            return
        try:
            self._tell(child)
            child.link.send((job.kind, todo))
            for item in todo:
                job.answers.append(self._receive(child, self._patience))
                self._killed_in_a_row = 0
                self._poisons.pop(_mark(item), None)
        except (_Lost, OSError, EOFError) as error:
            self._lost(job, str(error) or type(error).__name__)

    def _tell(self, child: _Child) -> None:
        """The panel, if it has changed since this child heard of it."""
        panel = self._panel
        if child.panel is not panel:
            child.link.send(("panel", panel))
            self._receive(child, self._patience)
            child.panel = panel

    def _without_poison(self, job: _Job) -> list[Any]:
        """The next items up to the first known to kill; one at the very front gets a blank answer."""
        todo: list[Any] = []
        for item in job.items[len(job.answers) : len(job.answers) + BATCH]:
            if self._poisons.get(_mark(item), 0) >= 2:
                if not todo:
                    job.answers.append(self._blank(job.kind))
                return todo
            todo.append(item)
        return todo

    def _blank(self, kind: str) -> Any:
        return {"judge": unjudged(self.engine), "gist": Gist()}.get(kind, {})

    def _lost(self, job: _Job, why: str) -> None:
        """The first unanswered text is suspected; twice, and it is not tried again."""
        self._kill()
        self._stop_if_closing()
        mark = _mark(job.items[len(job.answers)])
        while len(self._poisons) >= _POISONS_KEPT:
            self._poisons.pop(next(iter(self._poisons)))
        self._poisons[mark] = self._poisons.get(mark, 0) + 1
        self._killed_in_a_row += 1
        _log.warning("the scoring process was lost (%s) and is started again", why)
        if self._killed_in_a_row >= 2 * _STARTS:
            self._killed_in_a_row = 0
            self._fail(_("it ended {n} times in a row").format(n=2 * _STARTS))

    def _ready(self) -> _Child:
        """The child, started if need be, with a growing pause after each failed start."""
        while True:
            self._stop_if_closing()
            if self._child is not None and self._child.process.is_alive():
                return self._child
            self._kill()
            try:
                return self._spawn()
            except (_Lost, OSError, EOFError) as error:
                self._kill()
                self._stop_if_closing()
                self._failures += 1
                _log.warning("the scoring process did not start: %s", error)
                if self._failures % _STARTS == 0:
                    self._fail(str(error) or type(error).__name__)
                self._closing.wait(min(self._pause * 2 ** (self._failures % _STARTS), _LONGEST_PAUSE))

    def _spawn(self) -> _Child:
        self._state = "starting"
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=worker.serve, args=(theirs, self._make, self._words), name="scoring", daemon=True
        )
        try:
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()  # so that its end closes with the child
        self._child = child = _Child(process, ours)
        self._stop_if_closing()  # close() may just have missed it
        self._receive(child, self._start_patience)
        self._failures = 0
        self._state = "ready"
        return child

    def _receive(self, child: _Child, patience: float) -> Any:
        deadline = time.monotonic() + patience
        while not child.link.poll(0):
            left = deadline - time.monotonic()
            if left <= 0:
                raise _Lost(_("no answer within {n} seconds").format(n=round(patience, 1)))
            wait([child.link, child.process.sentinel], left)
            if not child.process.is_alive() and not child.link.poll(0):
                raise _Lost(_("it ended with code {code}").format(code=child.process.exitcode))
        return child.link.recv()

    def _kill(self) -> None:
        with self._guard:
            child, self._child = self._child, None
        if child is not None:
            child.process.kill()
            child.process.join(5)
            child.link.close()

    def _stop_if_closing(self) -> None:
        if self._closing.is_set():
            raise _closed()

    def _fail(self, why: str) -> None:
        self._state = "failed: " + why
        said = _("The scoring process failed ({reason}). Mentions stay unscored and are tried again.")
        raise ScoringError(said.format(reason=why))


def _mark(item: Any) -> bytes:
    text = item.text if isinstance(item, Ask) else "\n".join(item)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _first(answers: Future[list[Any]]) -> Future[Any]:
    """The only answer, when it comes."""
    one: Future[Any] = Future()

    def pass_on(done: Future[list[Any]]) -> None:
        if not one.set_running_or_notify_cancel():
            return
        if error := done.exception():
            one.set_exception(error)
        else:
            one.set_result(done.result()[0])

    answers.add_done_callback(pass_on)
    return one


def _closed() -> ScoringError:
    return ScoringError(_("Scoring has been stopped."))
