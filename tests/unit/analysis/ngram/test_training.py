"""The training scripts on a handful of texts: the same bits twice, and a model that learnt something."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.analysis.ngram import Model
from app.analysis.ngram.cues import counted
from app.analysis.ngram.features import edged, read
from app.analysis.ngram.judge import Judge, beyond
from app.analysis.ngram.model import CUES, INPUTS

np = pytest.importorskip("numpy")  # training needs it, the program does not

BENCH = Path(__file__).parents[3] / "bench"


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))


def _some(count: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    words = {
        "neg": ["太差了", "坏了", "后悔买了", "别买", "死机"],
        "neu": ["请问多少钱", "明天发布", "有没有货", "在哪里买", "地址见图"],
        "pos": ["真好用", "很喜欢", "推荐大家", "满意", "好评"],
    }
    things = ["手机", "耳机", "衣服", "酒店", "面霜", "电视"]
    lines = []
    for at in range(count):
        label = chance.choice(list(words))
        lines.append(f"{label}\t{chance.choice(things)}{at}，{''.join(chance.sample(words[label], 2))}")
    return lines


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("train", "dev"):
        (tmp_path / part).mkdir()
        for seed, name in enumerate(("ewect_usual", "shop_phone", "weibo2018")):
            lines = _some(200, seed if part == "train" else seed + 10)
            if name != "ewect_usual":
                lines = [line for line in lines if not line.startswith("neu")]
            (tmp_path / part / f"{name}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "train" / "osm2022.tsv").write_text("neg\t不许学\n", "utf-8")
    return tmp_path


def _model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    import train_ngram
    from labelled import Labelled

    ours = {"others": Labelled("others", ["又翻车了"], [0])}
    monkeypatch.setattr(train_ngram, "lesson_groups", lambda: ours)
    chosen = train_ngram.chosen_sets(folder, mit=False, without=())
    settings = train_ngram.Settings(size=500)
    material = train_ngram.gather(folder, chosen)
    trained = train_ngram.train(
        material, *train_ngram.encoded(material, settings), settings, lambda _words: None
    )
    return train_ngram.model_file(trained, {"sets": chosen, "texts": len(material.texts)})


def test_the_same_bits_and_something_learnt(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.analysis.ngram import NgramScorer
    from app.analysis.ngram.model import read

    once, again = _model(folder, monkeypatch), _model(folder, monkeypatch)
    assert once == again
    judge = NgramScorer(read(once, "toy"))
    tones = [str(score.tone) for score in judge.score(["手机死机，后悔买了", "请问在哪里买", "衣服真好用"])]
    assert tones == ["negative", "neutral", "positive"]


def test_forbidden_sets_are_never_learnt(folder: Path) -> None:
    from train_ngram import chosen_sets

    assert chosen_sets(folder, mit=False, without=()) == ["ewect_usual", "shop_phone", "weibo2018"]
    assert chosen_sets(folder, mit=False, without=("weibo2018",)) == ["ewect_usual", "shop_phone"]
    assert chosen_sets(folder, mit=True, without=()) == []


def test_lessons_keep_clear_of_the_challenge() -> None:
    from lessons import CHALLENGE, lessons, runs, taken_runs

    taken = taken_runs(CHALLENGE)
    found = lessons()
    assert len(found.texts) > 5000
    assert not any(runs(text) & taken for text in found.texts)
    assert not any(sign in text for text in found.texts for sign in "<>{}|")
    assert found == lessons()


def test_the_figures() -> None:
    from eval_sentiment import auc, calibration_error, clearly, macro_f1, two_class

    chances = np.array([[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.2, 0.1, 0.7], [0.3, 0.1, 0.6]])
    judged = chances, np.array([0, 1, 2, 0])
    assert two_class(judged) == (pytest.approx(2 / 3), 1.0)
    assert macro_f1(judged) == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)
    assert clearly(judged, 0.8) == (1.0, 0.5)
    assert calibration_error(judged) == pytest.approx((0.1 + 0.1 + 0.2 + 0.7) / 4)
    assert auc(np.array([1.0, 1.0]), np.array([True, False])) == 0.5


def test_a_head_finds_the_least() -> None:
    """The slope of what is minimised vanishes at what the learner returns."""
    from ngram_learning import Recipe, encode, fit

    texts = [{"a", "b"}, {"b", "c"}, {"a"}, {"c", "d"}]
    known = {gram: at for at, gram in enumerate("abcd")}
    grams = encode(texts, known)
    yes = np.array([True, False, True, False])
    style = np.array([0.5, -0.5, 1.0, -1.0])
    head = fit(grams, yes, np.ones(4), style, Recipe(tolerance=1e-7))
    decided = head.decide(grams, style)
    assert ((decided > 0) == yes).all()
    again = fit(grams, yes, np.ones(4), style, Recipe(tolerance=1e-9))
    assert np.abs(decided - again.decide(grams, style)).max() < 1e-5


def test_cues_count_alike_in_training_and_in_judging(model: Model) -> None:
    from train_ngram import cue_counts, cue_kinds

    assert model.about["cues"] == cue_kinds()
    posts = (BENCH.parent / "unit" / "analysis" / "challenge" / "complaint.tsv").read_text("utf-8")
    texts = [read(line.split("\t")[2]) for line in posts.splitlines()]
    known = [{number for _end, number in model.table.find(edged(text))} for text in texts]
    counts = [counted(model, numbers) for numbers in known]
    assert counts == cue_counts(texts)
    assert max(counts) > 3


def test_how_sure_to_be_is_learnt_and_changes_no_tone() -> None:
    from ngram_learning import softmax, tempered

    dice = np.random.default_rng(1)
    truth = dice.normal(size=(4000, 3))
    labels = np.array([dice.choice(3, p=row) for row in softmax(truth)])
    loud = np.arange(len(truth)) % 2 == 0
    told = truth * np.where(loud, 3.0, 1.0)[:, None]
    features = np.column_stack([np.ones(len(truth)), loud])
    plain, less = tempered(told, labels, np.ones(len(truth)), features)
    assert abs(plain) < 0.1
    assert abs(less - np.log(1 / 3)) < 0.1
    after = told * np.exp(features @ np.array([plain, less]))[:, None]
    assert (after.argmax(1) == told.argmax(1)).all()


def test_training_and_judging_are_equally_sure(model: Model) -> None:
    from train_ngram import STYLE, sureness_features

    judge = Judge(model)
    for cues in range(10):
        judged = judge.judge(0, cues)
        inputs = np.zeros((1, INPUTS))
        inputs[0, STYLE], inputs[0, CUES] = judged.style, beyond(cues)
        assert np.exp(sureness_features(inputs) @ model.sureness)[0] == pytest.approx(judged.sure)
    assert judge.judge(0, 4).sure < judge.judge(0, 2).sure == judge.judge(0, 7).sure
