"""Which stretch of a text is about whom: clauses, their topics, and what comparisons say.

A clause is about the brand it names; one that names nobody goes on with the topic of before; what
stands before the first name belongs to it. Names in a list (A、B 和 C) share their clause. A brand in
a hashtag is the topic until another is named. Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from app.analysis.targets.comparing import IT, MARKS, MILD, NAMED, OTHER, STRONG, Ruling, exception, ruling
from app.analysis.targets.names import OTHER as UNNAMED
from app.analysis.targets.names import Finder, Named
from app.analysis.targets.words import Polarity
from app.matching.fold import fold

HEAD = 20_000
"""Of a longer text only so much is taken apart; what follows goes on with the last topic."""
LONGEST = 240
"""A clause without any punctuation is cut here."""

Owners = frozenset[int]
NOBODY: Owners = frozenset()
ELSE: Owners = frozenset({UNNAMED})

_LIST = re.compile(
    r" ?(?:[、/&+]|和|跟|与|及|或|以及|还有|或者|或是|vs\.?|pk|的|旗下的?)?(?:新款?|全新|老款?|老)? ?"
)
_APART = re.compile(r".{0,6}?(?:相比|比起|一比|比较|对比|没法比|不能比|比|差距|差得远|差远|不是一个)")
_WITH = frozenset("和跟与")
_SUFFIX = re.compile(
    r"(?: ?(?!vs|pk|yyds|nb|low|app|bug)[a-z0-9][a-z0-9+\-.]{0,11}){1,3}"
    r"(?![ ]?(?:元|块|万|千|百|年|月|日|号|天|点|个|次|折|%|倍|人|家|公里|小时|分钟|多))"
)
_GOODS = re.compile(
    r"(?:手机|汽车|电脑|笔记本|平板|空调|冰箱|洗衣机|电视|外卖|快递|咖啡|奶茶|航空|酒店|银行|轿车|电动车|官方|客服|官微|旗舰店|系列)"
)
_IT = re.compile(r"它家|他家|她家|这家|这款|这车|这手机|这牌子|这品牌|该品牌|它")
_BREAK = re.compile(
    r"(?:(?<![0-9])[,.]|[,.](?![0-9])|[。！!?？;；:：~～…\n()（）「」『』“”\"《》【】\[\]#|])+ ?"
    rf"|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff{MARKS}])|(?<=[{MARKS}]) (?=[{MARKS}])"
    r"|(?=(?:但是|(?<![不非])但(?!凡|愿|是)|(?<![干打比赶追够])不过|可是|然而|反而|反观|相反|至于|倒是|(?<![从因进反然不])而(?!且|已|言|是|来|过|不)|(?<!除)却))"
)
_VENUE = re.compile(
    r"(?:在|从|(?<![看刷收买拿遇碰达感提得找])到|去|于|逛|刷|通过|打开|用|把我?的?|将|给|跟|和|带着|开着|坐|像|类似|如同|貌似|有些|有点|属于|来自)$"
)
_MEANS = re.compile(r"(?:用|去|到|坐|逛|刷|打开|带着|开着)$")
_AT = re.compile(
    r"(?:上|里|楼下|门口|附近)?(?:刷到|看到|看见|搜到|热搜|直播间|下单|付的?款)|[上里](?!市|架|线|新|手|了)"
)
_LIKE = re.compile(
    r"(?:喜欢|爱|支持|推荐|力挺|首选|认准|看好|相信|钟爱|粉|感谢|夸夸?|点赞|选择|只[买用喝吃去选认坐]|(?<![来收返撤])回(?:到|归)?)了?(?:买|用)?(?:的是)?$|^(?:就|直接|老老实实|老实|乖乖|我)?[买选]$"
)
_HATE = re.compile(
    r"(?:讨厌|别买|不要买|别碰|别去|拒绝|抵制|拉黑|避雷|远离|不推荐|劝退|再也不(?:会)?(?:买|用|碰|去|喝|吃|坐|点)|不喜欢|黑|喷|骂|吐槽|投诉|什么破|垃圾|烦|放弃|抛弃|告别|卸载|弃用|退了|卖了|扔了|不买|不用|脱粉|逃离)了?$"
)
_FANS = re.compile(r"的(?:朋友|人|车友|小伙伴|同学|用户|网友|可以)")
_EMPTY = re.compile(rf"[\s{MARKS}@\d\W]*(?:手机|汽车|客服|官方|官微|超话|话题|新品|服务)?[\s\W]*")
_ALL = re.compile(r"[\s]*(?:都|全|均|统统|这些|这几|一个比一个|哪个|谁|三家|两家|几家|之类|等)")
_SAYS = re.compile(r"[说骂喷喊称黑评][:,]?[“「『\"]$")
_CLOSING = {"“": "”", "「": "」", "『": "』", '"': '"'}
_DENIES = re.compile(
    r"笑死|笑了|酸|急了|造谣|水军|黑子|打脸|不信|胡说|放屁|扯淡|可我|但我|我用了|一点事没有|呵呵|谣言"
)
_ALSO = re.compile(r"还|也")
_EVERY = re.compile(r"[都全均]")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the original that is about `owners`."""

    start: int
    end: int
    owners: Owners


@dataclass(frozen=True, slots=True)
class Said:
    """What a comparison says about `owners`; see `app.analysis.targets.parts.Verdict`."""

    owners: Owners
    side: float
    start: int
    end: int
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text taken apart, for all brands at once."""

    segments: tuple[Segment, ...]
    said: tuple[Said, ...]
    named: Owners
    first: Owners
    """Who is named first."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Names that share what is said of them, in the folded text; nobody for 它."""

    start: int
    end: int
    owners: Owners
    mark: str


@dataclass(slots=True)
class _Scene:
    """The text as it is walked through."""

    skeleton: str
    groups: dict[int, _Group]
    """By their place in the skeleton."""
    topic: Owners = NOBODY
    run: Owners = NOBODY
    """Brands named bare, one after another."""
    pending: list[int] = field(default_factory=list)
    """Segments before anybody was named."""
    spans: list[tuple[int, int, Owners]] = field(default_factory=list)
    bare: list[tuple[int, int, Owners]] = field(default_factory=list)
    said: list[tuple[Owners, float, int, int, str]] = field(default_factory=list)
    unsaid: list[tuple[int, Owners]] = field(default_factory=list)
    """Comparisons with a subject not named yet, and who it is not."""

    def own(self, start: int, end: int, owners: Owners) -> None:
        if start < end:
            self.spans.append((start, end, owners))

    def about(self, topic: Owners) -> None:
        """From here on clauses without a name are about `topic`; so is what stood before anybody."""
        if not topic:
            return
        for at in self.pending:
            start, end, _nobody = self.spans[at]
            self.spans[at] = (start, end, topic)
        self.pending.clear()
        for at, other in self.unsaid:
            _nobody, side, low, high, asked = self.said[at]
            self.said[at] = (topic - other, side, low, high, asked)
        self.unsaid.clear()
        self.topic = topic

    def named(self, start: int, end: int) -> list[int]:
        """Places of brands in a stretch of the skeleton, 它 left out."""
        return [at for at in range(start, end) if self.skeleton[at] in (NAMED, OTHER)]

    def owners(self, place: int, other: int | None) -> Owners:
        """Who stands at a place a rule gave: -1 and 它 are the topic, which is not the other one."""
        group = self.groups.get(place)
        if group is not None and group.owners:
            return group.owners
        others = self.groups.get(other) if other is not None else None
        return self.topic - (others.owners if others is not None else NOBODY)


def read(text: str, base: int, finder: Finder, polarity: Polarity, topic: Owners = NOBODY) -> Reading:
    """`base`: where `text` begins in the original. `topic`: what it is about before anybody is named."""
    flat = fold(text[:HEAD])
    groups = _groups(flat.text, finder.names(flat.text))
    skeleton, places, origin = _skeleton(flat.text, groups)
    scene = _Scene(skeleton, places)
    clauses = list(_clauses(skeleton))
    scene.topic = topic or _tagged(scene, clauses)
    for number, (start, end, stop) in enumerate(clauses):
        following = clauses[number + 1] if number + 1 < len(clauses) else None
        _walk(scene, start, end, stop, following, polarity)
    rest = text[HEAD:]

    def original(start: int, end: int) -> tuple[int, int]:
        low, high = flat.original(origin[start], origin[end])
        return low + base, high + base

    segments = [Segment(*original(start, end), owners or ELSE) for start, end, owners in scene.spans]
    if rest:
        segments.append(Segment(base + HEAD, base + len(text), scene.topic or ELSE))
    said = (
        Said(owners, side, *original(start, end), asked) for owners, side, start, end, asked in scene.said
    )
    named = frozenset[int]().union(*(group.owners for group in groups))
    first = next((group.owners for group in groups if group.owners), NOBODY)
    return Reading(tuple(segments), tuple(said), named, first)


def _groups(flat: str, names: list[Named]) -> list[_Group]:
    """Lists and compounds as one, 它 between them."""
    out: list[_Group] = []
    for number, name in enumerate(names):
        if _described(flat, number, names):
            continue
        limit = names[number + 1].start if number + 1 < len(names) else len(flat)
        end = _extended(flat, name.end, limit)
        owners = frozenset(name.owners)
        if out and _listed(flat, out[-1], name, limit) and (owners == ELSE) == (out[-1].owners == ELSE):
            out[-1] = _Group(out[-1].start, end, out[-1].owners | owners, NAMED)
            continue
        out.append(_Group(name.start, end, owners, OTHER if owners == ELSE else NAMED))
    its = [_Group(*match.span(), NOBODY, IT) for match in _IT.finditer(flat)]
    return _woven(out, its)


def _described(flat: str, number: int, names: list[Named]) -> bool:
    """隔壁 in 隔壁奈雪 only describes the one that is named."""
    if names[number].owners != (UNNAMED,) or number + 1 == len(names):
        return False
    return flat[names[number].end : names[number + 1].start] in {"", "的", "家", "家的"}


def _extended(flat: str, end: int, limit: int) -> int:
    """With the model and the kind of goods behind the name: 小米15 Pro手机."""
    for pattern in (_SUFFIX, _GOODS):
        match = pattern.match(flat, end, limit)
        end = match.end() if match is not None else end
    return end


def _listed(flat: str, before: _Group, name: Named, limit: int) -> bool:
    gap = flat[before.end : name.start]
    if len(gap) > 6 or (gap not in {"到", "至"} and _LIST.fullmatch(gap) is None):
        return False
    if gap in {"到", "至"}:
        return flat[max(before.start - 1, 0)] == "从" and "换" not in flat[name.end : name.end + 4]
    if gap == " " and flat[max(before.start - 1, 0)] in "@#":
        return False
    return not (gap.strip() in _WITH and _APART.match(flat, name.end, min(limit, name.end + 12)))


def _woven(groups: list[_Group], its: list[_Group]) -> list[_Group]:
    out: list[_Group] = []
    reach = 0
    for group in sorted([*groups, *its], key=lambda each: (each.start, each.mark)):
        if group.start >= reach:
            out.append(group)
            reach = group.end
    return out


def _skeleton(flat: str, groups: list[_Group]) -> tuple[str, dict[int, _Group], list[int]]:
    """The text with one mark a group, the groups by place, and where each character stood."""
    pieces: list[str] = []
    origin: list[int] = []
    places: dict[int, _Group] = {}
    last = 0
    for group in groups:
        pieces += (flat[last : group.start], group.mark)
        origin += range(last, group.start + 1)
        places[len(origin) - 1] = group
        last = group.end
    pieces.append(flat[last:])
    origin += range(last, len(flat) + 1)
    return "".join(pieces), places, origin


def _clauses(skeleton: str) -> Iterator[tuple[int, int, int]]:
    """Start and end of each clause, and where its punctuation ends."""
    start = 0
    for match in _BREAK.finditer(skeleton):
        yield from _short(start, match.start(), match.end())
        start = match.end()
    yield from _short(start, len(skeleton), len(skeleton))


def _short(start: int, end: int, stop: int) -> Iterator[tuple[int, int, int]]:
    while end - start > LONGEST:
        yield start, start + LONGEST, start + LONGEST
        start += LONGEST
    if start < stop:
        yield start, end, stop


def _tagged(scene: _Scene, clauses: list[tuple[int, int, int]]) -> Owners:
    """The brand of the hashtags or of the account addressed, when it is one alone."""
    found = {
        scene.groups[at].owners
        for start, end, _stop in clauses
        if start and (scene.skeleton[start - 1] == "#" or scene.skeleton[start : start + 1] == "@")
        for at in scene.named(start, end)
    }
    return next(iter(found)) if len(found) == 1 else NOBODY


def _walk(
    scene: _Scene,
    start: int,
    end: int,
    stop: int,
    following: tuple[int, int, int] | None,
    polarity: Polarity,
) -> None:
    clause = scene.skeleton[start:end]
    places = scene.named(start, end)
    if _quoted(scene, start):
        scene.said.append((NOBODY, 0.0, start, end, ""))
        if places:
            scene.about(scene.groups[places[0]].owners)
        return
    if not places:
        if IT not in clause or not _compared(scene, start, end, stop, following, polarity):
            _nameless(scene, start, stop)
        return
    if _EMPTY.fullmatch(clause):
        _bare(scene, start, stop, places)
        return
    together, scene.run = scene.run, NOBODY
    if _excepted(scene, start, end, stop, following, polarity):
        return
    if not _compared(scene, start, end, stop, following, polarity):
        _told(scene, start, end, stop, places, together)


def _quoted(scene: _Scene, start: int) -> bool:
    """Is the clause what others say, in quotation marks, and the author against it?"""
    before = scene.skeleton[max(0, start - 4) : start]
    if _SAYS.search(before) is None:
        return False
    end = scene.skeleton.find(_CLOSING.get(before[-1], "”"), start, start + LONGEST)
    return end >= 0 and _DENIES.search(scene.skeleton, end, end + 30) is not None


def _nameless(scene: _Scene, start: int, stop: int) -> None:
    if scene.run:
        scene.about(scene.run)
        scene.run = NOBODY
    if not scene.topic:
        scene.pending.append(len(scene.spans))
    scene.own(start, stop, scene.topic)


def _bare(scene: _Scene, start: int, stop: int, places: list[int]) -> None:
    """Nothing but a name: the topic of what follows."""
    owners = frozenset[int]().union(*(scene.groups[at].owners for at in places))
    scene.run |= owners
    scene.bare.append((start, stop, owners))


def _excepted(
    scene: _Scene,
    start: int,
    end: int,
    stop: int,
    following: tuple[int, int, int] | None,
    polarity: Polarity,
) -> bool:
    """除了 A 都 …: what is said of the others is turned round for A."""
    clause = scene.skeleton[start:end]
    found = exception(clause)
    if found is None:
        return False
    place, low, high, last = found
    after = scene.skeleton[following[0] : following[1]] if following is not None else ""
    stated = clause[high:] if len(clause) - high > 3 else clause[high:] + after
    if last:
        stated = clause[:low] if low > 3 else _withdrawn(scene)
    if not _bared(stated) or (_ALSO.search(stated[:8]) and not last):
        return False
    owners = scene.groups[start + place].owners
    # 别的快递都慢: what stands behind 都 tells
    sign = polarity.of(_EVERY.split(stated)[-1], "") if _EVERY.search(stated) else 0
    asked = "" if sign else _bared(stated)
    scene.said.append((owners, -(sign or 1) * STRONG, start + low, start + high, asked))
    scene.own(start, stop, ELSE)
    scene.about(ELSE)
    return True


def _withdrawn(scene: _Scene) -> str:
    """The clause before A 除外, which is about the others."""
    if not scene.spans:
        return ""
    start, end, owners = scene.spans[-1]
    if owners in (scene.topic, NOBODY):
        scene.spans[-1] = (start, end, ELSE)
        scene.pending = [at for at in scene.pending if at != len(scene.spans) - 1]
    return scene.skeleton[start:end]


def _compared(
    scene: _Scene,
    start: int,
    end: int,
    stop: int,
    following: tuple[int, int, int] | None,
    polarity: Polarity,
) -> bool:
    clause = scene.skeleton[start:end]
    after = scene.skeleton[end : following[1]] if following is not None else scene.skeleton[end:stop]
    found = ruling(clause, polarity, after)
    if found is None:
        return False
    _judge(scene, start, found, clause)
    first = (
        NOBODY
        if found.first is None
        else scene.owners(start + found.first if found.first >= 0 else -1, _at(start, found.second))
    )
    second = (
        NOBODY
        if found.second is None
        else scene.owners(start + found.second if found.second >= 0 else -1, _at(start, found.first))
    )
    if found.rest is not None:
        follows = first if found.follows in (found.first, None) else second
        scene.own(start + found.rest, stop, follows)
        scene.about(follows)
        return True
    subject = _subject(found, first, second)
    if subject:
        scene.about(subject)
    return True


def _at(start: int, place: int | None) -> int | None:
    return None if place is None or place < 0 else start + place


def _subject(found: Ruling, first: Owners, second: Owners) -> Owners:
    """Who stands first in the clause; nobody new where the subject is left out."""
    if found.first == -1 or found.second == -1:
        return NOBODY
    if found.first is None:
        return second
    if found.second is None:
        return first
    return first if found.first < found.second else second


def _judge(scene: _Scene, start: int, found: Ruling, clause: str) -> None:
    span = start + found.start, start + found.end
    asked = _bared(clause[found.asked[0] : found.asked[1]]) if found.asked is not None else ""
    for place, other, side in (
        (found.first, found.second, found.first_side),
        (found.second, found.first, found.second_side),
    ):
        if place is None:
            continue
        owners = scene.owners(start + place if place >= 0 else -1, _at(start, other))
        if not owners and not scene.topic:
            against = scene.groups[start + other].owners if other is not None and other >= 0 else NOBODY
            scene.unsaid.append((len(scene.said), against))
        scene.said.append((owners, side, *span, asked))


def _bared(clause: str) -> str:
    return re.sub(f"[{MARKS}]", "", clause).strip()


def _told(scene: _Scene, start: int, end: int, stop: int, places: list[int], together: Owners) -> None:
    """A clause that compares nothing: each name has what follows it, the first also what stands before.

    A place or a means (在京东买的, 把戴森摔坏了) has nothing of its own: it goes with its neighbour.
    """
    cuts = [start, *(_cut(scene, before, at) for before, at in pairwise(places)), stop]
    marks = [start - 1, *places]
    befores = [scene.skeleton[mark + 1 : at] for mark, at in zip(marks, places, strict=False)]
    aside = [_aside(scene, before, at, end) for before, at in zip(befores, places, strict=True)]
    if all(aside):
        if not scene.topic:
            aside[0] = False
        elif _MEANS.search(befores[-1]):
            aside[-1] = False
    main = [number for number, each in enumerate(aside) if not each]
    subject = scene.groups[places[main[0]]].owners if main else scene.topic
    owners = subject
    for number, at in enumerate(places):
        if not aside[number]:
            owners = scene.groups[at].owners
            if number == 0 and together and at == start and _ALL.match(scene.skeleton, at + 1, end):
                owners |= together
        scene.own(cuts[number], cuts[number + 1], owners)
        side = MILD if _likes(scene, befores[number], at, end) else 0.0
        side = -MILD if _HATE.search(befores[number]) else side
        if side:
            scene.said.append((scene.groups[at].owners, side, max(at - 4, cuts[number]), at + 1, ""))
    scene.about(subject)


def _likes(scene: _Scene, before: str, at: int, end: int) -> bool:
    """Somebody likes it, here and now; not the friends of a make, and 买 only as advice (买 A)."""
    after = scene.skeleton[at + 1 : end]
    if _LIKE.search(before) is None or _FANS.match(after):
        return False
    return not before.endswith(("买", "选")) or len(after) <= 2 or len(before) > 4


def _aside(scene: _Scene, before: str, at: int, end: int) -> bool:
    return _VENUE.search(before) is not None or _AT.match(scene.skeleton, at + 1, end) is not None


def _cut(scene: _Scene, before: int, at: int) -> int:
    """Where the stretch of the next name begins: at its verb of liking, else at the name."""
    gap = scene.skeleton[before + 1 : at]
    for pattern in (_LIKE, _HATE):
        match = pattern.search(gap)
        if match is not None:
            return before + 1 + match.start()
    space = gap.rfind(" ")
    return before + 2 + space if space >= 0 and len(gap) - space < 6 else at
