"""Which brands a text names, and whether it compares: a sieve, then one automaton.

`Finder.glance` is for every text and answers the usual case (one brand, no comparison) in a few
microseconds; `Finder.names` is for the others. Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import ahocorasick

from app.analysis.targets.words import Words
from app.matching.fold import folded
from app.matching.scan import Masks, Span

OTHER = -1
"""The owner of what is said of a rival that is not named; named rivals are -2, -3 …"""

_Entry = tuple[int, tuple[int, ...], int]
"""What a string is, whose, and its length."""
_NAME, _GUARD, _CUE, _COMMON = 0, 1, 2, 3
_MOST = 2_000
"""Of a text with more names the rest are not looked at."""

_COMPARING = """
    比 不如 不及 没法跟 不敌 输给 逊于 逊色 差于 弱于 落后 干不过 打不过 赶不上 追不上
    够不着 够不上 不输 不逊 不弱于 不亚于 不次于 不差于 媲美 碾压 吊打 秒杀 完胜 完爆 爆杀
    暴打 暴揍 吊锤 打爆 干翻 打败 击败 胜过 赢了 超越 超过 反超 优于 好于 好过 强于 强过
    领先 甩 秒了 降维打击 乱杀 薄纱 血虐 完虐 按在地上 踩在脚下 打得 抬不起头 望尘莫及 换成
    换到 换回 换了 转投 改用 改买 投奔 转向 早知道 早知 早买 后悔 宁可 宁愿 宁肯 与其 倒不如
    果然还是 爸爸 他爹 爷爷 祖宗 提鞋 学学 学着点 抄袭 山寨 模仿 照搬 除了 除外 例外 不算
    不香 为什么不买 为啥不买 摇头 沉默 流泪 买什么 谁还买 凭什么 算什么 也配 > < 相较 没得比
    怎么跟 还得是 碰瓷 说“ 说「 说『 说" 说:“ 骂“ 喊“
"""
_HARMLESS = """
    比较 性价比 比如 比例 比赛 比亚迪 比分 比特 比喻 比重 比价 比心 比基尼 比萨 比利时
    比目鱼 占比 环比 同比 百分比 好比 无比 攀比 比拼 比率 比熊 对比度 比试 不算贵 学习机
    不算太 不算是 超过了 <br br> <p> </p> 深度学习 />
"""
CUES = tuple(_COMPARING.split())
"""Without one of these a text with one brand compares nothing."""
_GUARDS = tuple(_HARMLESS.split())
"""Words in which a cue is none."""
_LETTER = re.compile(r"[a-z\u00df-\u024f\u1e00-\u1eff]")
_BEFORE = {"没", "有"}


@dataclass(frozen=True, slots=True)
class Named:
    """A name in the folded text and whose it is."""

    start: int
    end: int
    owners: tuple[int, ...]


class Finder:
    """Made once for the watched names; never changes."""

    def __init__(self, names: Mapping[int, Sequence[str]], words: Words) -> None:
        self._automaton = ahocorasick.Automaton()
        entries: dict[str, _Entry] = {}
        for cue in CUES:
            entries[cue] = (_CUE, (), len(cue))
        for guard in _GUARDS:
            entries[guard] = (_GUARD, (), len(guard))
        for phrase in words.common:
            entries[phrase] = (_COMMON, (), len(phrase))
        for name, owners in _owned(names, words).items():
            entries[name] = (_NAME, owners, len(name))
        for text, entry in entries.items():
            self._automaton.add_word(text, entry)
        self._automaton.make_automaton()
        self._sieves = {brand_id: _Sieve(_worth(entries, brand_id)) for brand_id in names}
        self._sieve = _Sieve(_worth(entries, None))

    def glance(self, flat: str, brand_id: int) -> bool:
        """May there be something to separate: another brand, or a comparison?"""
        if not self._sieves.get(brand_id, self._sieve).holds(flat):
            return False
        cues: list[Span] = []
        guards: list[Span] = []
        for last, (kind, owners, length) in self._automaton.iter(flat):
            start, end = last - length + 1, last + 1
            if kind == _CUE:
                cues.append((start, end))
                continue
            guards.append((start, end))
            if kind != _NAME:
                continue
            if brand_id not in owners:
                if _whole(flat, start, end):
                    return True
            elif start and flat[start - 1] in _BEFORE:
                return True
        return bool(cues) and bool(Masks(guards).open(cues))

    def names(self, flat: str) -> list[Named]:
        """The names of the folded text, the longest of overlapping ones, in order."""
        found: list[tuple[int, int, tuple[int, ...]]] = []
        hidden: list[Span] = []
        for last, (kind, owners, length) in self._automaton.iter(flat):
            start = last - length + 1
            if kind == _NAME and _whole(flat, start, last + 1):
                found.append((start, last + 1, owners))
            elif kind == _COMMON:
                hidden.append((start, last + 1))
            if len(found) > _MOST:
                break
        return _apart(found, hidden)


def _worth(entries: Mapping[str, _Entry], brand_id: int | None) -> Iterator[str]:
    """What makes a text worth a look for the brand: cues, others' names, and 没 before its own."""
    for text, (kind, owners, _size) in entries.items():
        if kind == _CUE or (kind == _NAME and brand_id not in owners):
            yield text
        elif kind == _NAME:
            yield from (before + text for before in _BEFORE)


class _Sieve:
    """Whether a text may hold one of the words, at a third of the automaton's cost: by their beginnings."""

    def __init__(self, words: Iterable[str]) -> None:
        known = set(words)
        self._two = frozenset(word for word in known if len(word) == 2)
        self._three = frozenset(word[:3] for word in known if len(word) > 2)
        self._one = tuple(sorted(word for word in known if len(word) == 1))
        first = _class(word[0] for word in known if len(word) > 1)
        second = _class(word[1] for word in known if len(word) > 1)
        self._find = re.compile(f"(?=({first}{second}.?))", re.DOTALL).findall

    def holds(self, flat: str) -> bool:
        for word in self._one:
            if word in flat:
                return True
        two, three = self._two, self._three
        for start in self._find(flat):  # noqa: SIM110  # every text comes here, and any() is slower
            if start in three or start[:2] in two:
                return True
        return False


def _class(chars: Iterable[str]) -> str:
    inside = "".join(map(re.escape, sorted(set(chars))))
    return f"[{inside}]" if inside else "(?!)"


def _owned(names: Mapping[int, Sequence[str]], words: Words) -> dict[str, tuple[int, ...]]:
    """Every name and its owners; a line of brands with a watched name is the watched brand's."""
    owned: dict[str, set[int]] = {}
    for brand_id, given in names.items():
        for name in _long(folded(each).strip() for each in given):
            owned.setdefault(name, set()).add(brand_id)
    watched = {name: frozenset(owners) for name, owners in owned.items()}
    for number, line in enumerate(words.brands):
        ours = frozenset[int]().union(*(watched.get(name, frozenset()) for name in line))
        for name in _long(line):
            if name not in watched:
                owned.setdefault(name, set()).update(ours or _begun(name, watched) or {-2 - number})
    for name in words.others:
        owned.setdefault(name, {OTHER})
    return {name: tuple(sorted(owners)) for name, owners in owned.items()}


def _begun(name: str, watched: Mapping[str, frozenset[int]]) -> frozenset[int]:
    """Whose name it begins with: 长城汽车 is 长城's."""
    starts = (watched.get(name[:size]) for size in range(len(name) - 1, 1, -1))
    return next((owners for owners in starts if owners), frozenset())


def _long(names: Iterable[str]) -> list[str]:
    """A name of one character stands everywhere."""
    return [name for name in names if len(name) > 1]


def _whole(flat: str, start: int, end: int) -> bool:
    """Latin letters do not go on beyond the edges of a name."""
    first, last = flat[start], flat[end - 1]
    if start and _joined(flat[start - 1], first):
        return False
    return not (end < len(flat) and _joined(last, flat[end]))


def _joined(left: str, right: str) -> bool:
    if left > "\u3000" or right > "\u3000":
        return False
    letters = _LETTER.match(left) is not None and _LETTER.match(right) is not None
    return letters or (left.isdigit() and right.isdigit())


def _apart(found: list[tuple[int, int, tuple[int, ...]]], hidden: list[Span]) -> list[Named]:
    """The longest of overlapping names; none that lies inside a phrase of `hidden`."""
    masks = Masks(hidden)
    out: list[Named] = []
    reach = 0
    for start, end, owners in sorted(found, key=lambda each: (each[0], -each[1])):
        if start >= reach and masks.open([(start, end)]):
            out.append(Named(start, end, owners))
            reach = end
    return out
