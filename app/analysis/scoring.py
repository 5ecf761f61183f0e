"""The scoring process as seen from this side: texts in, scores out, whatever happens to the child.

`submit()` may be called from any thread and returns at once; a thread of its own ("scoring") talks
to one spawned child over a pipe. The child answers text by text, so a text that kills or hangs it is
known exactly: it is tried once more on a fresh child, then given the neutral score `UNJUDGED`, and
the rest goes on. A child killed from outside (kill -9, out of memory) is restarted with growing
pauses; when it cannot be started or dies on text after text, everything waiting fails with
ScoringError, and a later `submit()` tries again. The child exits by itself when its parent dies.

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
from typing import Any

from app import log
from app.analysis import worker
from app.analysis.scorer import Scorer
from app.analysis.trivial import TrivialScorer
from app.domain.sentiment import Score, Tone
from app.errors import ConfigError, ScoringError
from app.i18n import _

_log = log.topic("score")

BATCH = 64
UNJUDGED = "unjudged"
"""The `version` of a score given to a text the engine could not survive."""

ENGINES = ("ngram", "snownlp", "trivial")

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


def scoring(engine: str, *, here: bool = False) -> ScoringProcess | InProcess:
    """The engine by name, in a process of its own so that a window never waits for it.

    "trivial" always runs right here, and with `here` (a command that has nothing else to do) so does
    "ngram", which needs no start; snownlp never does.
    """
    if engine == "trivial":
        return InProcess(TrivialScorer())
    if engine == "ngram" and here:
        return InProcess(worker.SCORERS[engine]())
    if engine in worker.SCORERS:
        return ScoringProcess(engine)
    wrong = _("There is no scoring engine “{name}”. Choose one of: {names}.")
    raise ConfigError(wrong.format(name=engine[:40], names=", ".join(ENGINES)))


class InProcess:
    """A scorer quick enough to need no process; the same face as `ScoringProcess`."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._open = True

    @property
    def engine(self) -> str:
        return self._scorer.engine

    @property
    def state(self) -> str:
        return "ready" if self._open else "stopped"

    def start(self) -> None:
        """Nothing to start."""

    def submit(self, texts: Sequence[str]) -> Future[list[Score]]:
        """Already done when it comes back."""
        done: Future[list[Score]] = Future()
        if self._open:
            done.set_result(self._scorer.score(texts))
        else:
            done.set_exception(_closed())
        return done

    def close(self) -> None:
        self._open = False


@dataclass(slots=True)
class _Job:
    texts: Sequence[str]
    future: Future[list[Score]]
    scores: list[Score] = field(default_factory=list)


@dataclass(slots=True)
class _Child:
    process: BaseProcess
    link: Connection
    version: str = ""


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
    ) -> None:
        self.engine = engine
        self._make = make or worker.SCORERS[engine]
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

    def submit(self, texts: Sequence[str]) -> Future[list[Score]]:
        """One score a text, in order. Fails with ScoringError; texts are never lost, only unscored."""
        self.start()
        job = _Job(tuple(texts), Future())
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
            while len(job.scores) < len(job.texts):
                self._batch(job)
        except ScoringError as error:
            job.future.set_exception(error)
        else:
            job.future.set_result(job.scores)

    def _batch(self, job: _Job) -> None:
        """Up to BATCH texts; what is answered stays answered even when the child dies on the way."""
        child = self._ready()
        todo = self._without_poison(job)
        if not todo:
            return
        try:
            child.link.send(todo)
            for text in todo:
                job.scores.append(self._receive(child, self._patience))
                self._killed_in_a_row = 0
                self._poisons.pop(_mark(text), None)
        except (_Lost, OSError, EOFError) as error:
            self._lost(job, str(error) or type(error).__name__)

    def _without_poison(self, job: _Job) -> list[str]:
        """The next texts up to the first known to kill; one at the very front gets its neutral score."""
        todo: list[str] = []
        for text in job.texts[len(job.scores) : len(job.scores) + BATCH]:
            if self._poisons.get(_mark(text), 0) >= 2:
                if not todo:
                    job.scores.append(unjudged(self.engine))
                return todo
            todo.append(text)
        return todo

    def _lost(self, job: _Job, why: str) -> None:
        """The first unanswered text is suspected; twice, and it is not tried again."""
        self._kill()
        self._stop_if_closing()
        mark = _mark(job.texts[len(job.scores)])
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
            target=worker.serve, args=(theirs, self._make), name="scoring", daemon=True
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
        _engine, child.version = self._receive(child, self._start_patience)
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


def _mark(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _closed() -> ScoringError:
    return ScoringError(_("Scoring has been stopped."))
