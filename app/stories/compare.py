"""Are two keys one text? What both have is found by n-grams, what only one has is weighed.

The order of sentences does not matter. Weighed are the stretches that no common n-gram covers: a particle
or a pronoun hardly counts, a changed word counts, a turned sense (不, 没, 涨 for 跌) and a changed figure
count most. What stands only in one of the two (an addition) counts less than what was put in another's
place (a contrast): a preface makes no other text, another fault or another firm does. Pure; symmetrical.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.stories.key import GRAM, LEAD, TELLING, Key

LIGHT, FULL = 0.25, 1.0
_LIGHT = frozenset(
    "的地得了着过吧啊呀呢吗嘛哦哈哎唉呵嗯额呃哟哇啦喔也都就还又很太真好更最挺超再才只是在和与及或而且但并这那此该"
    "我你他她它们咱您俺个些一么什怎因为所以如果被把将给让使对于从到向其之以及等每各已曾会能可要想说觉得感非常特别十分"
    "实在简直确实其真的然后后来结果"
)
_NAY = frozenset("不没未无非别勿莫禁否")
_TURNS = tuple(
    (frozenset(a), frozenset(b))
    for a, b in (
        *(("涨升增加多", "跌降减少"), ("盈赚", "亏赔"), ("赢胜", "输败负"), ("买购", "卖售"), ("男", "女")),
        *(("有", "无没"), ("是", "否"), ("好优", "坏差劣"), ("前", "后"), ("左东", "右西"), ("上", "下")),
        *(
            ("大", "小"),
            ("开", "关停"),
            ("入进", "出退"),
            ("真", "假"),
            ("快", "慢"),
            ("高", "低"),
            ("早", "晚"),
        ),
        *(("南", "北"), ("首", "末"), ("支", "反"), ("冷", "热"), ("新", "旧"), ("正", "负")),
    )
)
TYPO = 0.6
"""A single letter in a single letter's place: a slip more often than a fact."""
ELSEWHERE = 0.3
"""Of what each of the two has more, in different places."""
TURN = 3.0
"""Added when the sense is turned."""
FIGURE = 3.0
"""Of one figure in another's place."""
TAG = 0.5


@dataclass(frozen=True, slots=True)
class Likeness:
    """`similarity` 0..1: the share of the weight of both texts that they have in common."""

    same: bool
    similarity: float


NOTHING = Likeness(False, 0.0)


def grams(text: str) -> set[str]:
    """The distinct n-grams of a key's text."""
    return {text[i : i + GRAM] for i in range(len(text) - GRAM + 1)}


def compared(a: Key, b: Key, ours: set[str] | None = None) -> Likeness:
    """`ours`: the n-grams of `a`, if at hand."""
    if a.text == b.text and a.size == b.size and a.figures == b.figures:
        return Likeness(_contrast_of_tags(a, b) < 3.0 or a.size > 60, 1.0)
    if a.size < TELLING or b.size < TELLING:
        return NOTHING
    mine = grams(a.text) if ours is None else ours
    theirs = grams(b.text)
    if min(len(mine) / len(a.text), len(theirs) / len(b.text)) < 0.5:
        return NOTHING  # one phrase over and over covers anything
    common = len(mine & theirs)
    if common < 0.38 * min(len(mine), len(theirs)):
        return NOTHING
    return _weighed(a, b, _apart(a.text, theirs), _apart(b.text, mine))


def unlike(text: str, other: set[str]) -> bool:
    """Surely not one text: told from every fourth n-gram. Most candidates share a clause and no more."""
    if len(text) <= 32:
        return False
    places = range(0, len(text) - GRAM + 1, 4)
    hits = sum(1 for i in places if text[i : i + GRAM] in other)
    return hits < 0.28 * min(len(places), len(other) / 4)


def compared_long(a: Key, b: Key, share: float) -> Likeness:
    """Two keys longer than what is kept of them; `share` estimates the Jaccard index of their n-grams."""
    if share < 0.45:
        return Likeness(False, share)
    lead = _weighed(a, b, _apart(a.text, grams(b.text)), _apart(b.text, grams(a.text)))
    if lead.similarity > 0.5:  # else the sentences stand in another order
        return Likeness(lead.same, min(share, lead.similarity) if share < 1 else lead.similarity)
    return Likeness(share >= 0.6 and _figures(a, b)[1] < 0.5, share)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What no common n-gram covers, and what stands right before and behind it ("" at the ends)."""

    text: str
    before: str
    behind: str


def _apart(text: str, other: set[str]) -> list[_Stretch]:
    out: list[_Stretch] = []
    until = 0
    for i in range(len(text) - GRAM + 1):
        if text[i : i + GRAM] in other:
            if i > until:
                before = text[max(0, until - GRAM) : until]
                out.append(_Stretch(text[until:i], before, text[i : i + GRAM]))
            until = i + GRAM
    if until < len(text):
        out.append(_Stretch(text[until:], text[max(0, until - GRAM) : until], ""))
    return out


def _weight(text: str) -> float:
    light = sum(map(_LIGHT.__contains__, text))
    plain = sum(1 for char in text if char.isascii())
    return light * LIGHT + (len(text) - light - plain) * FULL + plain * 0.4


def _weighed(a: Key, b: Key, apart_a: list[_Stretch], apart_b: list[_Stretch]) -> Likeness:
    whole_a, whole_b = _weight(a.text), _weight(b.text)
    only_a, only_b = [one.text for one in apart_a], [one.text for one in apart_b]
    left_a, left_b = sum(map(_weight, only_a)), sum(map(_weight, only_b))
    changed, share = _figures(a, b)
    contrast = _replaced(a, b, apart_a, apart_b) + _turned(only_a, only_b)
    contrast += FIGURE * changed + _contrast_of_tags(a, b) + _swapped(only_a, only_b)
    similarity = max(0.0, 1.0 - (left_a + left_b + FIGURE * changed) / max(whole_a + whole_b, 1.0))
    shorter, longer = min(whole_a, whole_b), max(whole_a, whole_b)
    same = (
        contrast <= _allowed(shorter)
        and max(left_a, left_b) <= _addable(a, b, longer, (left_a, left_b))
        and (share <= 0.5 if shorter >= 60 else share < 0.5)
    )
    return Likeness(same, round(similarity, 4))


def _replaced(a: Key, b: Key, apart_a: list[_Stretch], apart_b: list[_Stretch]) -> float:
    """Weight of what stands in another's place; of what was added here and there a part."""
    total, free_a, free_b = 0.0, 0.0, 0.0
    taken: set[int] = set()
    for one in apart_a:
        at = next((i for i, other in enumerate(apart_b) if i not in taken and _faces(one, other)), None)
        if at is None:
            free_a += _weight(one.text)
            continue
        taken.add(at)
        other = apart_b[at]
        if (a.cut or b.cut) and not one.behind and not other.behind:
            continue  # what was put in place of an end cut off
        total += _exchanged(one.text, other.text)
    free_b = sum(_weight(other.text) for i, other in enumerate(apart_b) if i not in taken)
    return total + ELSEWHERE * min(free_a, free_b)


def _faces(one: _Stretch, other: _Stretch) -> bool:
    if one.before and one.before == other.before:
        return True
    if one.behind and one.behind == other.behind:
        return True
    return not (one.before or other.before) or not (one.behind or other.behind)


def _exchanged(one: str, other: str) -> float:
    same = _begin_alike(one, other)
    one, other = one[same:], other[same:]
    same = _begin_alike(one[::-1], other[::-1])
    one, other = one[: len(one) - same], other[: len(other) - same]
    weight = min(_weight(one), _weight(other))
    return min(weight, TYPO) if len(one) == len(other) == 1 else weight


def _begin_alike(one: str, other: str) -> int:
    """How many letters at the beginning are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _allowed(weight: float) -> float:
    """How much may stand in another's place, by the weight of the shorter text."""
    if weight < 12:
        return 0.6
    return min(0.6 + 0.085 * (weight - 12) + 0.6, 0.13 * weight, 40.0)


def _addable(a: Key, b: Key, longer: float, left: tuple[float, float]) -> float:
    """How much may stand in one text only; more if the other was visibly cut off and is all in it."""
    shorter, less = (b, left[1]) if left[0] > left[1] else (a, left[0])
    if shorter.cut and shorter.size >= 20 and less <= 0.25 * shorter.size:
        return 0.85 * longer
    return (0.2 if longer < 16 else 0.3 if longer < 24 else 0.42) * longer


def _turned(only_a: Sequence[str], only_b: Sequence[str]) -> float:
    short_a = "".join(one for one in only_a if len(one) <= 3)
    short_b = "".join(one for one in only_b if len(one) <= 3)
    if not short_a and not short_b:
        return 0.0
    total = TURN if _denials(only_a) != _denials(only_b) else 0.0
    for up, down in _TURNS:
        rose, fell = not up.isdisjoint(short_a), not down.isdisjoint(short_a)
        if (rose and not down.isdisjoint(short_b)) or (fell and not up.isdisjoint(short_b)):
            return total + TURN
    return total


def _denials(only: Sequence[str]) -> int:
    """A lone 不 or 没有; inside a longer stretch it belongs to what was added."""
    return sum(not _NAY.isdisjoint(one) for one in only if len(one) <= 2)


def _swapped(only_a: list[str], only_b: list[str]) -> float:
    """One name throughout in another's place: the same words told of somebody else."""
    twice_a = _often(only_a)
    twice_b = _often(only_b)
    if not twice_a or not twice_b:
        return 0.0
    return 2.0 * min(twice_a, twice_b)


def _often(only: list[str]) -> float:
    return max(
        (n * _weight(one) for one, n in Counter(only).items() if n > 1 and len(one) > 1), default=0.0
    )


def _figures(a: Key, b: Key) -> tuple[int, float]:
    """(figures in another's place, their share of the figures that both have)."""
    if a.figures == b.figures:
        return 0, 0.0
    ours, theirs = Counter(a.figures), Counter(b.figures)
    changed = min((ours - theirs).total(), (theirs - ours).total())
    common = (ours & theirs).total()
    return changed, changed / max(changed + common, 1)


def _contrast_of_tags(a: Key, b: Key) -> float:
    """Two texts under hashtags that have nothing in common."""
    if not a.tags or not b.tags or a.tags == b.tags or not set(a.tags).isdisjoint(b.tags):
        return 0.0
    return TAG * min(_weight("".join(a.tags)), _weight("".join(b.tags)))


def shared(a: Sequence[int], b: Sequence[int]) -> float:
    """The Jaccard index of two sets of n-grams, estimated from their smallest hashes."""
    size = min(len(a), len(b))
    if not size:
        return 0.0
    union = sorted({*a, *b})[:size]
    return len(set(union) & set(a) & set(b)) / len(union)


def lead_only(a: Key, b: Key) -> bool:
    """Is either of them longer than what is kept?"""
    return a.size > LEAD and b.size > LEAD
