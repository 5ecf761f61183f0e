"""The scoring process with real children: killed, hung, crashing, and a parent killed with -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.analysis.scoring import UNJUDGED, InProcess, ScoringProcess, scoring
from app.domain.sentiment import Tone
from app.errors import ConfigError, ScoringError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by POSIX signals")


@pytest.fixture
def make(wild: Any) -> Iterator[Callable[..., ScoringProcess]]:
    made: list[ScoringProcess] = []

    def one(**more: Any) -> ScoringProcess:
        made.append(ScoringProcess("wild", make=wild, **{"pause": 0.01, "patience": 5.0, **more}))
        return made[-1]

    yield one
    for each in made:
        each.close()


def _until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


def test_nothing_runs_before_it_is_wanted(make: Callable[..., ScoringProcess]) -> None:
    process = make()
    assert process.state == "stopped"
    assert process.pid is None
    process.start()
    _until(lambda: process.state == "ready")


def test_scores_come_back_in_order_over_many_batches(make: Callable[..., ScoringProcess]) -> None:
    process = make()
    texts = ["good" if n % 3 else "bad" for n in range(200)]
    scores = process.submit(texts).result(30)
    assert [score.tone is Tone.POSITIVE for score in scores] == [text == "good" for text in texts]
    assert process.submit([]).result(5) == []


def test_several_threads_may_ask_at_once(make: Callable[..., ScoringProcess]) -> None:
    process = make()
    answers: dict[int, int] = {}

    def ask(n: int) -> None:
        answers[n] = len(process.submit(["good"] * n).result(30))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: n for n in range(1, 6)}


@pytest.mark.parametrize("poison", ["die", "hang", "spin", "raise"])
def test_a_text_that_kills_or_hangs_the_child_is_set_apart(
    make: Callable[..., ScoringProcess], poison: str
) -> None:
    process = make(patience=0.7)
    scores = process.submit(["good", "bad", poison, "good", "bad"]).result(60)
    assert [score.version for score in scores] == ["1", "1", UNJUDGED, "1", "1"]
    assert [score.tone for score in scores][::3] == [Tone.POSITIVE, Tone.POSITIVE]
    assert scores[2].tone is Tone.NEUTRAL
    assert scores[2].evidence == ()
    assert scores[2].neutral == 1
    pid = process.pid
    assert process.submit([poison, "good"]).result(30)[0].version == UNJUDGED
    assert process.pid == pid, "a text known to kill is not tried again"


def test_an_innocent_text_is_judged_when_the_child_dies_under_it(
    make: Callable[..., ScoringProcess], tmp_path: Path
) -> None:
    scores = make().submit(["good", f"die once {tmp_path / 'flag'}", "bad"]).result(30)
    assert [score.version for score in scores] == ["1", "1", "1"]


def test_a_child_killed_from_outside_is_started_again(make: Callable[..., ScoringProcess]) -> None:
    process = make()
    process.submit(["good"]).result(30)
    first = process.pid
    assert first is not None
    running = process.submit(["slow"] * 5 + ["good"])
    time.sleep(0.4)
    os.kill(first, signal.SIGKILL)
    assert [score.version for score in running.result(30)] == ["1"] * 6
    second = process.pid
    assert second is not None
    assert second != first
    os.kill(second, signal.SIGKILL)
    _until(lambda: not psutil.pid_exists(second) or psutil.Process(second).status() == psutil.STATUS_ZOMBIE)
    assert len(process.submit(["good"]).result(30)) == 1


def test_a_child_that_never_starts_fails_plainly_and_is_tried_again_later(
    make: Callable[..., ScoringProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WILD_START", "die")
    process = make()
    with pytest.raises(ScoringError, match="stay unscored"):
        process.submit(["good"]).result(60)
    assert process.state.startswith("failed: ")
    monkeypatch.delenv("WILD_START")
    assert len(process.submit(["good"]).result(30)) == 1
    assert process.state == "ready"


def test_text_after_text_that_kills_fails_the_batch_but_not_for_ever(
    make: Callable[..., ScoringProcess],
) -> None:
    process = make()
    texts = ["die", "raise", "hang", "good"]
    process = make(patience=0.7)
    with pytest.raises(ScoringError):
        process.submit(texts).result(60)
    assert process.state.startswith("failed: ")
    assert [score.version for score in process.submit(texts).result(60)] == [UNJUDGED] * 3 + ["1"]


def test_close_is_prompt_even_while_a_text_hangs(make: Callable[..., ScoringProcess]) -> None:
    process = make(patience=300)
    running, waiting = process.submit(["hang"]), process.submit(["good"])
    _until(lambda: process.state == "ready")
    pid = process.pid
    began = time.monotonic()
    process.close()
    assert time.monotonic() - began < 60
    assert process.state == "stopped"
    for future in (running, waiting, process.submit(["good"])):
        with pytest.raises(ScoringError, match="stopped"):
            future.result(5)
    assert pid is not None
    assert not psutil.pid_exists(pid)
    process.close()


def test_closing_while_the_child_starts_leaves_no_process(make: Callable[..., ScoringProcess]) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    process = make()
    process.start()
    time.sleep(0.05)
    process.close()
    left = {
        c.pid
        for c in psutil.Process().children(recursive=True)
        if "resource_tracker" not in str(c.cmdline())
    }
    assert left <= before


def test_what_an_engine_prints_does_not_reach_our_stdout(
    make: Callable[..., ScoringProcess], capfd: pytest.CaptureFixture[str]
) -> None:
    make().submit(["print"]).result(30)
    assert "noise" not in capfd.readouterr().out


@pytest.mark.parametrize("text", ["good", "spin", "hang"])
def test_the_child_goes_when_its_parent_is_killed(wild: Any, tmp_path: Path, text: str) -> None:
    program = tmp_path / "parent.py"
    program.write_text(
        "import sys, time\n"
        f"sys.path[:0] = [{str(tmp_path / 'wild')!r}, {str(Path(__file__).parents[2])!r}]\n"
        "if __name__ == '__main__':\n"
        "    from app.analysis.scoring import ScoringProcess\n"
        "    from wild_scorer import Wild\n"
        "    scoring = ScoringProcess('wild', make=Wild)\n"
        "    scoring.submit(['good']).result()\n"
        f"    scoring.submit([{text!r}])\n"
        "    print(scoring.pid, flush=True)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.3)
        parent.kill()
        parent.wait(5)
    gone, _alive = psutil.wait_procs([child], timeout=10)
    assert gone


def test_ctrl_c_in_the_terminal_leaves_the_child_to_its_parent(make: Callable[..., ScoringProcess]) -> None:
    process = make()
    process.submit(["good"]).result(30)
    pid = process.pid
    assert pid is not None
    os.kill(pid, signal.SIGINT)
    assert len(process.submit(["good"]).result(30)) == 1
    assert process.pid == pid


def test_engines_have_names() -> None:
    trivial = scoring("trivial")
    assert isinstance(trivial, InProcess)
    assert trivial.state == "ready"
    assert trivial.submit(["太差了，退货"]).result(0)[0].tone is Tone.NEGATIVE
    trivial.close()
    with pytest.raises(ScoringError):
        trivial.submit(["太差了"]).result(0)
    with pytest.raises(ConfigError, match="ngram, snownlp, snownlp-retrained, trivial"):
        scoring("oracle")


# snownlp itself: one child for all of these ------------------------------------------------------


@pytest.fixture(scope="module")
def snow() -> Iterator[ScoringProcess]:
    process = ScoringProcess("snownlp")
    yield process
    process.close()


HOSTILE = [
    "",
    " ",
    "\n",
    "😀😀😀",
    "\ud800",
    "差\udfff评",
    "\x00",
    "转发微博",
    "//@某某:",
    "https://t.cn/abc @某某",
    "The battery died after two days.",
    "充電三次就壞了，客服不理人",
    "بطارية سيئة",
    "差" * 100_000,
    "a" * 100_000,
    "垃圾" * 50_000,
    "-" * 3000,
    "<b>差</b>",
    "＝cmd|' /C calc'!A0",
    "\u202e差评\u202c",
    "\u200b" * 500,
]


def test_every_text_has_an_answer_in_order(snow: ScoringProcess) -> None:
    scores = snow.submit([*HOSTILE, "质量太差了，客服还不理人，非常失望"]).result(60)
    assert len(scores) == len(HOSTILE) + 1
    assert scores[-1].tone is Tone.NEGATIVE
    for text, score in zip(HOSTILE, scores, strict=False):
        assert score.version.endswith("+band1"), text[:20]
        assert abs(score.negative + score.neutral + score.positive - 1) < 1e-9
        assert 0 <= score.value <= 1
        for evidence in score.evidence:
            assert text[evidence.start : evidence.end] == evidence.span
    silent = [score for text, score in zip(HOSTILE, scores, strict=False) if text in HOSTILE[:5]]
    assert {score.tone for score in silent} == {Tone.NEUTRAL}


def test_the_words_that_decided_stand_in_the_text(snow: ScoringProcess) -> None:
    text = "@云雀客服 https://t.cn/x 手机发热严重，客服不理人，太差劲了 //@某某:很好用，推荐"
    [score] = snow.submit([text]).result(60)
    assert score.engine == "snownlp"
    assert score.tone is Tone.NEGATIVE
    assert score.negative > 0.9
    spans = [evidence.span for evidence in score.evidence]
    assert "差劲" in spans
    assert "推荐" not in spans, "what is only repeated is not judged"
    assert [e.start for e in score.evidence] == sorted(e.start for e in score.evidence)
    assert min(score.evidence, key=lambda e: e.weight).weight < 0


def test_praise_is_positive_and_a_bare_fact_is_neither(snow: ScoringProcess) -> None:
    praise, nothing = snow.submit(["非常满意，做工精致，物流很快，强烈推荐！", "OK"]).result(60)
    assert praise.tone is Tone.POSITIVE
    assert nothing.tone is Tone.NEUTRAL


def test_the_child_loads_no_window_and_no_database(snow: ScoringProcess) -> None:
    snow.submit(["好"]).result(60)
    files = {Path(mapped.path).name for mapped in psutil.Process(snow.pid).memory_maps()}
    assert not [name for name in files if name.startswith(("libQt6", "QtCore", "_sqlite3", "psycopg"))]
    assert "snownlp" not in sys.modules
