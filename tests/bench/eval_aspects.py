"""The figures of aspect detection, of the tone of each aspect, and of the severity cues.

    python tests/bench/eval_aspects.py FOLDER [--misses SET] [--part dev]
    python tests/bench/eval_aspects.py --own [--misses own]
    python tests/bench/eval_aspects.py FOLDER --speed

FOLDER holds labelled sets as `aspect/NAME.dev.tsv`; they are not part of the project. Their topics
are mapped to our aspects as said here (`CARS`, `PLACES`, `_TECH`, `_SHAMPOO`) and in docs/aspects.md.
`--own` needs no folder: our own labelled posts, aspects and severity.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from app.analysis.aspects import Aspects, load_aspects
from app.analysis.ngram import NgramScorer
from app.analysis.severity import Cues, load_cues
from app.domain.aspects import ASPECTS, OTHER

OWN = Path(__file__).parents[1] / "unit" / "analysis"
TONES = {"neg": "negative", "neu": "neutral", "pos": "positive"}

Probabilities = Callable[[Sequence[str]], list[tuple[float, float, float]]]

CARS = {
    "价格": "price",
    "安全性": "safety",
    "外观": "quality",
    "内饰": "quality",
    "动力": "function",
    "油耗": "function",
    "操控": "function",
    "配置": "function",
    "空间": "function",
    "舒适性": "function",
}
PLACES = {
    "dish_taste": "quality",
    "dish_portion": "quality",
    "dish_look": "quality",
    "dish_recommendation": "quality",
    "environment_decoration": "quality",
    "environment_cleaness": "quality",
    "environment_noise": "function",
    "environment_space": "function",
    "service_waiters_attitude": "attitude",
    "service_wait_time": "delivery",
    "service_serving_speed": "delivery",
    "service_parking_convenience": "function",
    "price_level": "price",
    "price_cost_effective": "price",
    "price_discount": "price",
}
"""Of restaurants; where they lie and whether one would come again has no aspect of ours."""
_TECH = (
    ("price", "价|钱"),
    ("after_sales", "售后|保修|维修|保养"),
    ("attitude", "服务|态度"),
    ("safety", "安全|刹车|气囊|制动"),
    ("delivery", "快递|物流|包装"),
    ("", "^(?:整体|手机|相机|机器|整机|感觉|整体感觉|整体感|产品|车|技术|细节|样子)$"),
    (
        "quality",
        "外观|外形|外型|外表|外壳|造型|做工|手感|质感|工艺|用料|材质|材料|后盖|机身|车身|线条|质量"
        "|品质|内饰|尾灯|塑料|烤漆|缝隙|腰线|前脸|身材|风格|漆|屁股|车门|大灯|^设计$|设计理念|^颜色$",
    ),
    ("function", "."),
)
_SHAMPOO = (
    ("delivery", "物流|快递|发货|送货|配送|包装(?!精美|设计|高|好看|漂亮)|送达|到货"),
    ("after_sales", "售后|退|换货"),
    ("attitude", "客服|服务|态度"),
    ("price", "价|便宜|划算|实惠|贵|优惠|性价比|一分钱|物超|合算"),
    ("marketing", "活动|赠|小样|618|欺骗消费|宣传|广告|代言|^送"),
    ("safety", "过敏|刺激|刺痛|红肿|不刺鼻"),
    ("quality", "味|香|闻|正品|假|颜值|好看|高端|高大上|档次|大气|质量|品质|货真|质地|精美|瓶"),
    (
        "function",
        "顺|滑|蓬松|爽|控油|屑|泡沫|染|滋润|光泽|营养|湿|干|油|洗|好用|效果|润|脱发|掉发|方便|携带|痒"
        "|吸收|修护|修复|色|软|打结|毛躁",
    ),
)


@dataclass(frozen=True, slots=True)
class Post:
    """A text and what people found in it: aspect to tone, `""` where they disagree."""

    text: str
    gold: dict[str, str]


@dataclass(frozen=True, slots=True)
class Set:
    """`complete`: every aspect of a text is labelled, so that precision means something.

    `keys`: the aspects that can be labelled at all.
    """

    name: str
    posts: list[Post]
    complete: bool
    keys: frozenset[str]


def _lines(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text("utf-8").split("\n") if "\t" in line]


def _agreed(tones: Iterable[str]) -> str:
    """Of several marks for one aspect: the one that is not neutral; none if they contradict."""
    sided = {tone for tone in tones if tone != "neutral"}
    return "neutral" if not sided else sided.pop() if len(sided) == 1 else ""


def _grouped(rows: Iterable[tuple[str, str, str]]) -> list[Post]:
    texts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for text, key, tone in rows:
        if key:
            texts[text][key].append(tone)
    return [
        Post(text, {key: _agreed(found) for key, found in each.items()}) for text, each in texts.items()
    ]


def cars(folder: Path, part: str) -> Set:
    rows = _lines(folder / "aspect" / f"bdci_car_topic.{part}.tsv")
    posts = _grouped((row[1], CARS.get(row[2], ""), TONES[row[0]]) for row in rows)
    return Set("bdci_car_topic", posts, True, frozenset(CARS.values()))


def _by_term(term: str, rules: Sequence[tuple[str, str]]) -> str:
    return next((key for key, pattern in rules if re.search(pattern, term)), "")


def terms(folder: Path, part: str, name: str, rules: Sequence[tuple[str, str]], *, complete: bool) -> Set:
    rows = _lines(folder / "aspect" / f"{name}.{part}.tsv")
    posts = _grouped((row[1], _by_term(row[2], rules), TONES[row[0]]) for row in rows)
    return Set(name, posts, complete, frozenset(key for key, _pattern in rules if key))


def places(folder: Path, part: str, name: str) -> Set:
    rows = []
    for row in _lines(folder / "aspect" / f"{name}.{part}.tsv"):
        for mark in row[2].split(";"):
            topic, _equals, tone = mark.rpartition("=")
            rows.append((row[1].replace("\\n", "\n"), PLACES.get(topic, ""), TONES[tone]))
    return Set(name, _grouped(rows), True, frozenset(PLACES.values()))


def own(folder: Path = OWN / "aspects") -> list[Set]:
    """Our own posts: `key=tone key=tone<TAB>text`; all marks of a line are complete."""
    sets = []
    for path in sorted(folder.glob("*.tsv")):
        posts = []
        for marks, text in (row[:2] for row in _lines(path)):
            pairs = (mark.split("=") for mark in marks.split())
            posts.append(Post(text, {key: TONES[tone] for key, tone in pairs}))
        sets.append(Set(path.stem, posts, True, frozenset(ASPECTS)))
    return sets


def public(folder: Path, part: str) -> list[Set]:
    return [
        cars(folder, part),
        terms(folder, part, "absa_tech", _TECH, complete=True),
        terms(folder, part, "absa_shampoo", _SHAMPOO, complete=False),
        places(folder, part, "asap_sample"),
        places(folder, part, "aichallenger_restaurant"),
    ]


# detection ---------------------------------------------------------------------------------------


def _ratio(over: int, under: int) -> float:
    return 100 * over / under if under else float("nan")


def _f1(right: int, said: int, gold: int) -> float:
    return 200 * right / (said + gold) if said + gold else float("nan")


def detection(some: Set, aspects: Aspects, *, misses: bool = False, each: bool = True) -> None:
    """Precision, recall and F1 of the aspects found (`other` left out), together and one by one."""
    right, said, gold = Counter[str](), Counter[str](), Counter[str]()
    for post in some.posts:
        found = {key for key, _start, _end in aspects.find(post.text) if key in some.keys}
        known = set(post.gold) - {OTHER}
        right.update(found & known)
        said.update(found)
        gold.update(known)
        if misses and (found - known or known - found):
            _print_miss(found, known, post.text)
    _print_line(some, "all", right.total(), said.total(), gold.total(), len(some.posts))
    for key in ASPECTS if each else ():
        if gold[key]:
            _print_line(some, f"  {key}", right[key], said[key], gold[key], gold[key])


def _print_miss(found: set[str], known: set[str], text: str) -> None:
    print(f"   +{','.join(sorted(found - known))} -{','.join(sorted(known - found))}\t{text[:150]}")


def _print_line(some: Set, name: str, right: int, said: int, gold: int, count: int) -> None:
    precision = f"{_ratio(right, said):5.1f}" if some.complete else "    -"
    together = f"{_f1(right, said, gold):5.1f}" if some.complete else "    -"
    recall = f"{_ratio(right, gold):5.1f}"
    print(f"  {some.name:24}{name:14} P {precision}  R {recall}  F1 {together}  ({count})")


# tone --------------------------------------------------------------------------------------------

Reading = Callable[[str], dict[str, str]]
"""The tone of each aspect of a text."""


def by_clauses(aspects: Aspects, judge: Probabilities) -> Reading:
    return lambda text: {each.aspect: str(each.tone) for each in aspects.read(text, judge)}


def by_whole(aspects: Aspects, judge: Probabilities) -> Reading:
    """The baseline: every aspect named has the tone of the whole text."""

    def reading(text: str) -> dict[str, str]:
        chances = judge([text])[0]
        tone = list(TONES.values())[chances.index(max(chances))]
        return dict.fromkeys((key for key, _start, _end in aspects.find(text)), tone)

    return reading


def tones(some: Set, reading: Reading, name: str, *, misses: bool = False) -> None:
    """Accuracy and macro-F1 where the aspect was found; end to end, with what was not found or too much."""
    pairs: list[tuple[str, str]] = []
    whole = Counter[str]()
    mixed: list[bool] = []
    for post in some.posts:
        said = {key: tone for key, tone in reading(post.text).items() if key in some.keys}
        known = {key: tone for key, tone in post.gold.items() if tone}
        whole["gold"] += len(known)
        whole["said"] += sum(key not in post.gold or bool(post.gold[key]) for key in said)
        for key in said.keys() & known.keys():
            pairs.append((known[key], said[key]))
            whole["right"] += known[key] == said[key]
            if len({*known.values()} - {"neutral"}) > 1:
                mixed.append(known[key] == said[key])
            if misses and known[key] != said[key]:
                print(f"   {key} {known[key]} said {said[key]}\t{post.text[:150]}")
    accuracy = _ratio(sum(gold == tone for gold, tone in pairs), len(pairs))
    print(
        f"  {some.name:24}{name:16} accuracy {accuracy:5.1f}  macro-F1 {_macro(pairs):5.1f} ({len(pairs)})"
        f"  posts of two minds {_ratio(sum(mixed), len(mixed)):5.1f} ({len(mixed)})"
        f"  end to end F1 {_f1(whole['right'], whole['said'], whole['gold']):5.1f}"
    )


def _macro(pairs: Sequence[tuple[str, str]]) -> float:
    """Mean F1 of the tones that occur."""
    each = []
    for tone in TONES.values():
        gold = sum(known == tone for known, _said in pairs)
        if gold:
            said = sum(heard == tone for _known, heard in pairs)
            each.append(_f1(sum(known == heard == tone for known, heard in pairs), said, gold))
    return sum(each) / len(each) if each else float("nan")


# severity ----------------------------------------------------------------------------------------


def severity(cues: Cues, folder: Path = OWN / "severity", *, misses: bool = False) -> None:
    """Our own posts: `key key<TAB>text`, `none` where nothing may be found."""
    right, said, gold = Counter[str](), Counter[str](), Counter[str]()
    quiet = alarms = 0
    for path in sorted(folder.glob("*.tsv")):
        for marks, text in (row[:2] for row in _lines(path)):
            known = set(marks.split()) - {"none"}
            found = set(cues.keys(text))
            right.update(found & known)
            said.update(found)
            gold.update(known)
            quiet += not known
            alarms += bool(not known and found)
            if misses and found != known:
                _print_miss(found, known, text)
    for key in sorted(gold.keys() | said.keys()):
        precision, recall = _ratio(right[key], said[key]), _ratio(right[key], gold[key])
        print(f"  severity {key:12} P {precision:5.1f}  R {recall:5.1f}  ({gold[key]})")
    print(
        f"  severity, all: P {_ratio(right.total(), said.total()):.1f}"
        f"  R {_ratio(right.total(), gold.total()):.1f}"
        f"  F1 {_f1(right.total(), said.total(), gold.total()):.1f}"
        f"; of {quiet} posts without one {alarms} raised one"
    )


# speed -------------------------------------------------------------------------------------------


def speed(folder: Path, aspects: Aspects, cues: Cues) -> None:
    """Microseconds of CPU a post of about 50 characters; `judging` is the scorer's own share of `read`."""
    rows = _lines(folder / "dev" / "ewect_usual.tsv") + _lines(folder / "dev" / "shop_phone.tsv")
    posts = [row[1] for row in rows if 40 <= len(row[1]) <= 60][:3000]
    scorer = NgramScorer()
    free = [(0.2, 0.5, 0.3)]
    asked: list[int] = []

    def costless(texts: Sequence[str]) -> list[tuple[float, float, float]]:
        asked.append(sum(map(len, texts)))
        return free * len(texts)

    def remembering(texts: Sequence[str]) -> list[tuple[float, float, float]]:
        return free + scorer.probabilities(texts[1:])

    # The same post twice in a row is the ordinary case: cues first, aspects then.
    works: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("severity cues", cues.cues),
        ("aspects, find", aspects.find),
        (
            "cues and aspects, judging left out",
            lambda text: (cues.cues(text), aspects.read(text, costless)),
        ),
        ("aspects, read, judging left out", lambda text: aspects.read(text, costless)),
        ("aspects, read, whole remembered", lambda text: aspects.read(text, remembering)),
        ("aspects, read", lambda text: aspects.read(text, scorer.probabilities)),
        ("ngram, probabilities", lambda text: scorer.probabilities([text])),
        ("ngram, with evidence", lambda text: scorer.score([text])),
    )
    for name, work in works:
        print(f"  {name:34} {_microseconds(posts, work):7.1f} µs")
    print(f"  characters asked of the scorer a post: {sum(asked) / max(1, len(asked)):.0f}")


def _microseconds(posts: Sequence[str], work: Callable[[str], object]) -> float:
    best = float("inf")
    for _again in range(3):
        start = time.process_time()
        for post in posts:
            work(post)
        best = min(best, time.process_time() - start)
    return 1e6 * best / len(posts)


def read_all(sets: Sequence[Set], aspects: Aspects, *, misses: str = "") -> None:
    judge = NgramScorer().probabilities
    print("aspects found")
    for some in sets:
        detection(some, aspects, misses=misses == some.name)
    print("their tones")
    for some in sets:
        tones(some, by_whole(aspects, judge), "whole text")
        tones(some, by_clauses(aspects, judge), "clauses", misses=misses == some.name)


def together(sets: Sequence[Set]) -> Set:
    return Set("own", [post for some in sets for post in some.posts], True, frozenset(ASPECTS))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure aspects and severity cues.")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--part", default="dev")
    parser.add_argument("--own", action="store_true")
    parser.add_argument("--misses", default="", metavar="SET", help="print what went wrong in this set")
    parser.add_argument("--speed", action="store_true")
    given = parser.parse_args()
    aspects, cues = load_aspects(), load_cues()
    if given.own or given.folder is None:
        sets = own()
        for some in sets:
            detection(some, aspects, each=False)
        read_all([together(sets)], aspects, misses=given.misses)
        severity(cues, misses=given.misses == "severity")
    elif given.speed:
        speed(given.folder, aspects, cues)
    else:
        read_all(public(given.folder, given.part), aspects, misses=given.misses)


if __name__ == "__main__":
    main()
