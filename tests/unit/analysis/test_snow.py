"""The retrained engine, its model file, and snownlp's parts that load by themselves.

snownlp as shipped is tried in tests/process, in a process of its own.
"""

from __future__ import annotations

import hashlib
import json
import math
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis import snow
from app.analysis.measures import parsed_figures
from app.analysis.scorer import banded
from app.analysis.snow import MAGIC, Counts, SnowScorer
from app.domain.sentiment import NOT_CHINESE, Tone
from app.errors import Broken, ConfigError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def scorer() -> SnowScorer:
    return SnowScorer(retrained=True)


HOSTILE = [
    "",
    "差",
    "\n",
    "\ud800",
    "差\udfff评",
    "\x00",
    "转发微博",
    "//@某某:",
    "//@a:" * 5000,
    "https://t.cn/abc @某某",
    "差" * 100_000,
    "a" * 100_000,
    "垃圾" * 50_000,
    "1234567890" * 100,
    "<b>差</b>",
    "\u202e差评\u202c",
    "\u200b" * 500,
    "e\u0301" * 200,
]


def test_complaint_praise_and_neither(scorer: SnowScorer) -> None:
    bad, good, nothing = scorer.score(
        ["质量太差了，客服还不理人，非常失望", "非常满意，做工精致，物流很快，强烈推荐！", "嗯"]
    )
    assert bad.tone is Tone.NEGATIVE
    assert bad.negative > 0.9
    assert good.tone is Tone.POSITIVE
    assert good.positive > 0.9
    assert nothing.tone is Tone.NEUTRAL


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_every_text_has_an_answer(scorer: SnowScorer, text: str) -> None:
    [score] = scorer.score([text])
    assert score.engine == "snownlp-retrained"
    assert score.version == scorer.version
    assert score.negative + score.neutral + score.positive == pytest.approx(1)
    assert score.value == pytest.approx((1 + score.positive - score.negative) / 2)
    for each in score.evidence:
        assert text[each.start : each.end] == each.span
    assert scorer.probabilities([text]) == [
        (pytest.approx(score.negative), pytest.approx(score.neutral), pytest.approx(score.positive))
    ]


@given(st.text(max_size=60))
def test_any_text_whatever(scorer: SnowScorer, text: str) -> None:
    [score] = scorer.score([text])
    assert [each.span for each in score.evidence] == [text[e.start : e.end] for e in score.evidence]
    assert [each.start for each in score.evidence] == sorted(each.start for each in score.evidence)
    assert scorer.probabilities([text])[0][0] == pytest.approx(score.negative)


@pytest.mark.parametrize("text", ["The battery died.", "12:30", "", "بطارية سيئة", "print('x')", "////"])
def test_what_is_not_chinese_is_said_to_be_so(scorer: SnowScorer, text: str) -> None:
    [score] = scorer.score([text])
    assert score.note == NOT_CHINESE
    assert (score.tone, score.value, score.neutral) == (Tone.NEUTRAL, 0.5, 1.0)
    assert score.evidence == ()


@pytest.mark.parametrize("text", ["😀", "❤", "差", "OK，好"])
def test_a_chinese_character_or_an_emoji_can_be_judged(scorer: SnowScorer, text: str) -> None:
    assert scorer.score([text])[0].note == ""


def test_traditional_script_is_read_as_simplified(scorer: SnowScorer) -> None:
    simple, traditional = scorer.score(["充电三次就坏了，客服不理人", "充電三次就壞了，客服不理人"])
    assert simple.negative == traditional.negative
    assert [e.start for e in simple.evidence] == [e.start for e in traditional.evidence]
    assert "壞" in "".join(e.span for e in traditional.evidence)


def test_only_the_authors_own_words_count_where_they_are_clear(scorer: SnowScorer) -> None:
    own = "手机发热严重，客服不理人，太差劲了"
    text = f"@云雀客服 https://t.cn/x {own} //@某某:很好用，推荐"
    [score] = scorer.score([text])
    assert score.tone is Tone.NEGATIVE
    assert score.negative == pytest.approx(scorer.score([own])[0].negative)
    assert "推荐" not in [each.span for each in score.evidence]


def test_an_unclear_repost_is_read_with_its_chain(scorer: SnowScorer) -> None:
    [alone, chain] = scorer.score(["看看", "看看 //@某某:质量太差了，垃圾，骗人"])
    assert chain.negative > alone.negative
    assert chain.tone is Tone.NEGATIVE


def test_it_judges_as_the_bayes_class_of_snownlp_does() -> None:
    """Where every word is known, and each stands once; the class sees what our counts were made of."""
    docs = {"neg": ["太差 退货 客服", "太差 发热"], "pos": ["满意 客服", "满意 推荐 很快"]}
    bayes = snow.part("classification.bayes").Bayes()
    bayes.train([(doc.split(), kind) for kind, some in docs.items() for doc in some])
    met = {kind: {word: n - 1 for word, n in bayes.d[kind].d.items()} for kind in docs}
    counts = Counts(met["neg"], met["pos"], "t", {})
    scorer = SnowScorer(counts=counts)
    for words in (["太差", "客服"], ["满意"], ["推荐", "发热"], ["客服", "退货", "很快", "满意"]):
        kind, chance = bayes.classify(words)
        expected = chance if kind == "pos" else 1 - chance
        known = snow.log_odds(counts)
        prior = math.log(bayes.d["pos"].getsum() / bayes.d["neg"].getsum())
        assert 1 / (1 + math.exp(-prior - sum(known[word] for word in words))) == pytest.approx(expected)
    one = scorer.score(["客服说退货"])[0]
    total = prior + known["客服"] + known["退货"]
    assert (one.negative, one.neutral, one.positive) == pytest.approx(banded(1 / (1 + math.exp(-total))))
    assert {each.span: each.weight for each in one.evidence} == {
        word: round(known[word], 4) for word in ("客服", "退货")
    }


def test_a_word_that_is_repeated_counts_once_where_it_stands_first(scorer: SnowScorer) -> None:
    once, thrice = scorer.score(["垃圾", "垃圾，垃圾，垃圾"])
    assert [e for e in thrice.evidence if e.span == "垃圾"] == [
        e for e in once.evidence if e.span == "垃圾"
    ]


def test_the_engine_loads_neither_snownlp_nor_its_data() -> None:
    code = (
        "import sys\n"
        "from app.analysis.snow import SnowScorer\n"
        "SnowScorer(retrained=True).score(['客服太差了'])\n"
        "from app.analysis.gist import gist\n"
        "gist(['手机昨晚起火。客服不理人。', '客服让我寄回检测。'])\n"
        "print(*sorted(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "snownlp" not in loaded
    assert not [name for name in loaded if name.startswith("_snownlp_alone.") and "seg" in name]


# the model file


def counts() -> tuple[dict[str, int], dict[str, int]]:
    return {"差": 9, "客服": 2}, {"好": 7, "客服": 1}


def test_a_model_comes_back_as_it_was_written() -> None:
    data = snow.written(*counts(), {"model": "7", "sets": ["a"]})
    assert data == snow.written(*counts(), {"sets": ["a"], "model": "7"})
    back = snow.parsed(data, "x.model")
    assert (dict(back.negative), dict(back.positive)) == counts()
    assert back.version.startswith("7.")
    assert back.about["words"] == 3


def test_the_shipped_model_is_small_and_says_what_it_was_made_from() -> None:
    path = ROOT / "resources" / "models" / snow.NAME
    assert path.stat().st_size < 2_500_000
    model = snow.load(path)
    assert model.version == snow.shipped().version
    assert "osm2022" not in model.about["sets"]
    assert model.about["segmenter"].startswith("rjieba ")
    assert len(model.negative) > 10_000


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"tingfeng-ngram 1\n{}\n", b"tingfeng-snow 2\n{}\n"])
def test_a_foreign_file_is_refused(data: bytes) -> None:
    with pytest.raises(ConfigError, match=r"m\.model is not a judgement model"):
        snow.parsed(data, "m.model")


def _with(payload: bytes, **about: object) -> bytes:
    head = {"model": "1", "digest": hashlib.sha256(payload).hexdigest(), **about}
    return MAGIC + json.dumps(head).encode() + b"\n" + payload


@pytest.mark.parametrize(
    "data",
    [
        MAGIC,
        MAGIC + b"{}\n",
        MAGIC + b"[" * 100_000 + b"\n",
        MAGIC + b"nonsense\n",
        _with(b"not zlib"),
        _with(zlib.compress("差\t1\t2".encode()), digest="0" * 64),
        _with(zlib.compress("差\t1".encode())),
        _with(zlib.compress("差\t1\t-2".encode())),
        _with(zlib.compress("差\t1\t२".encode())),
        _with(zlib.compress("差\t1\t99999999999".encode())),
        _with(zlib.compress(b"\xff\xfe\t1\t2")),
        _with(zlib.compress(b"0" * 40_000_000)),
        _with(zlib.compress("差\t1\t2".encode())[:-3]),
    ],
    ids=range(13),
)
def test_a_damaged_file_is_refused(data: bytes) -> None:
    with pytest.raises(Broken, match=r"m\.model is damaged"):
        snow.parsed(data, "m.model")


@given(st.integers(len(MAGIC), 400), st.integers(1, 255))
def test_one_changed_byte_is_noticed_or_harmless(at: int, change: int) -> None:
    data = bytearray(snow.written(*counts(), {"model": "7"}))
    at = min(at, len(data) - 1)
    data[at] ^= change
    try:
        model = snow.parsed(bytes(data), "m.model")
    except Broken:
        return
    assert (dict(model.negative), dict(model.positive)) == counts()  # only the words about it changed


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        snow.load(tmp_path / "none.model")
    large = tmp_path / "large.model"
    with large.open("wb") as file:
        file.truncate(5_000_000)
    with pytest.raises(ConfigError, match="not a judgement model"):
        snow.load(large)


# the scripts that make the model and the public figures


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "bench"))
    (tmp_path / "train").mkdir()
    rows = [
        "neg\t手机太差，要退货",
        "neg\t客服太差",
        "neu\t手机周五发布",
        "pos\t手机好用",
        "pos\t好用好用好用",
    ]
    for name in ("absa_tech", "weibo2018", "weibo_senti_noemo"):
        (tmp_path / "train" / f"{name}.tsv").write_text("\n".join(rows) + "\n", "utf-8")
    (tmp_path / "train" / "osm2022.tsv").write_text("neg\t不许学\nneg\t不许学\n", "utf-8")
    return tmp_path


def test_training_twice_gives_the_same_bytes_and_a_model_that_learnt(folder: Path) -> None:
    from train_snow import chosen_sets, trained

    sets = chosen_sets(folder, mit=False, without=frozenset())
    assert sets == ["absa_tech", "weibo2018"], "nothing forbidden, and no text twice"
    assert chosen_sets(folder, mit=True, without=frozenset()) == ["absa_tech"]
    data = trained(folder, sets, 2)
    assert data == trained(folder, sets, 2)
    model = snow.parsed(data, "x")
    assert model.about["texts"] == 8
    assert model.positive["好用"] == 4, "once a text"
    assert not any("发布" in word for word in (*model.negative, *model.positive)), (
        "neutral texts are left out"
    )
    bad, good = SnowScorer(counts=model).score(["太差", "好用"])
    assert bad.value < 0.5 < good.value


def test_the_page_shows_the_public_figures_that_come_with_the_program(folder: Path) -> None:
    import public_figures

    page = (ROOT / "docs" / "evaluation.md").read_text("utf-8")
    rows = parsed_figures(public_figures.OUT.read_text("utf-8"))
    assert public_figures.documented(page, rows) == page


def test_what_snownlp_has_learnt_by_heart_is_not_asked(folder: Path) -> None:
    from labelled import Labelled
    from public_figures import key, learnt_from, picked

    known = learnt_from()
    assert len(known) > 10_000
    first = snow.folder().joinpath("sentiment", "neg.txt").read_text("utf-8").splitlines()[0]
    one = Labelled("x", [first, "这句话它没有学过呢", "另外一句没有学过的话"], [0, 2, 2])
    assert key(first) in known
    assert picked(one, known, 9).texts == one.texts[1:]
    assert len(picked(one, known, 1).texts) == 1
