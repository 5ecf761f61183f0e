"""The patterns of comparison, over a clause in which each named brand is one mark.

A clause is given as a skeleton: NAMED, OTHER (a rival not named: 友商) and IT (它, 这家) stand for one
character each. A rule says which of the two it names fares better, and how strongly. The first rule
that fits a clause counts. All repetitions are bounded, clauses too, so time is linear in the text.
Pure; any thread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.analysis.targets.words import Polarity

NAMED, OTHER, IT = "\x01", "\x02", "\x03"
MARKS = "\x01-\x03"

STRONG, MILD, SOFT, FAINT = 1.7, 1.1, 0.6, 0.35
"""Added to the log-odds of positive and taken from negative."""
SOBER = 0.3
"""What a question leaves of a verdict."""

_X = f"[{MARKS}]"
_N = "[\x01\x02]"
_GAP = f"[^{MARKS}]{{0,10}}?"
_FAR = f"[^{MARKS}]{{0,16}}?"
_BUY = "(?:下单|购买|入手|选择|支持|推荐|直接|[买选入上用订点坐住换去投吃喝看拿提冲])"
_A = f"(?P<a>{_X})"
_B = f"(?P<b>{_X})"
_HARD = (
    "碾压|吊打|秒杀|完胜|完爆|爆杀|暴打|暴揍|吊锤|打爆|干翻|打败|击败|秒了"
    "|降维打击|乱杀|薄纱|血虐|完虐|完败|打得?趴下|打趴"
)
_SOFT = "胜过|赢了|超越|超过|反超|优于|好于|好过|强于|强过|领先于?|遥遥领先于?"
_UNDER = (
    "不如|不及|比不上|比不了|比不过|不敌|输给"
    "|逊色?于|差于|弱于|落后于|干不过|打不过|赶不上|追不上|够不[着上]"
)
_EVEN = "不输给?|不逊色?于?|不弱于|不亚于|不次于|不差于|媲美|比肩|堪比|不落后于?"
_DAD = "爸爸|老爸|他爹|亲爹|爹|爷爷|祖宗|祖师爷|老大哥|老师"


@dataclass(frozen=True, slots=True)
class Ruling:
    """Where in the skeleton the two stand (-1: the topic of before, None: nobody), and how they fare.

    `asked` is a span of the skeleton whose polarity only an engine can tell; the sides then say how
    much of it each takes. `rest` is where the clause goes on, which is about `follows`.
    """

    first: int | None
    second: int | None
    first_side: float
    second_side: float
    start: int
    end: int
    asked: tuple[int, int] | None = None
    rest: int | None = None
    follows: int | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    a: float
    b: float
    follows: str = ""
    """Whose the rest of the clause is; "" when nothing more of it is read."""


def _rule(pattern: str, a: float, b: float, follows: str = "") -> _Rule:
    return _Rule(re.compile(pattern), a, b, follows)


_RULES: tuple[_Rule, ...] = (
    # 被 …: the second named is the better one
    _rule(
        rf"{_B}{_GAP}(?:被|给|遭|让){_A}{_FAR}(?:{_HARD}|{_SOFT}|甩|比下去|按在地上|打得|打成)",
        STRONG,
        -STRONG,
    ),
    # 没法跟 B 比
    _rule(
        rf"(?:(?P<b>{_X}){_FAR})?(?:没法|不能|没有?办法|怎么|拿什么|怎么能)[跟和与同]{_A}{_GAP}(?:相?比|相提并论|斗|打|竞争)",
        STRONG,
        -STRONG,
    ),
    _rule(
        rf"{_B}{_GAP}[跟和与同比]{_A}{_GAP}(?:没法比|没得比|不能比|比不了|比不过|不是一个(?:级别|档次|水平)|差远了|差太?多|差得远|差了|差一?大?截|有差距|差距)",
        STRONG,
        -STRONG,
    ),
    # 把 B 甩开
    _rule(
        rf"(?:(?P<a>{_X}){_FAR})?把{_B}{_GAP}(?:{_HARD}|甩|按在地上|踩在脚下|打得|比下去|比没|打成)",
        STRONG,
        -STRONG,
    ),
    _rule(
        rf"(?:(?P<a>{_X}){_FAR})?甩(?:了|开|出|掉)?{_B}{_GAP}[几十百千万两三好]?(?:条|个|多)?(?:街|远|身后|太平洋|次元)?",
        STRONG,
        -STRONG,
    ),
    # 难以超越 B, 不可能打败 B
    _rule(
        rf"(?:(?P<b>{_X}){_FAR})?(?:没|没有|难以|无法|不能|不可能|别想|休想|没办法|想){_GAP}(?:{_HARD}|{_SOFT}){_GAP}{_A}",
        FAINT,
        -MILD,
    ),
    _rule(
        rf"(?:(?P<a>{_X}){_FAR})?(?:打得|虐得|逼得|吓得|卷得){_B}{_GAP}(?:满地|找不着|抬不起头|落花|不敢|没|怀疑)",
        STRONG,
        -STRONG,
    ),
    _rule(
        rf"(?:(?P<a>{_X}){_FAR})?让{_N}*{_B}{_GAP}(?:望尘莫及|抬不起头|汗颜|自愧不如|无路可走|瑟瑟发抖)",
        STRONG,
        -MILD,
    ),
    _rule(rf"(?:(?P<a>{_X}){_FAR})?(?:{_HARD})(?:了|过|掉)?{_GAP}{_B}", STRONG, -STRONG),
    _rule(rf"(?:(?P<a>{_X}){_FAR})?(?:{_SOFT})(?:了|过)?{_GAP}{_B}", MILD, -FAINT),
    # 不输 B
    _rule(rf"(?:(?P<a>{_X}){_FAR})?(?:{_EVEN}){_GAP}{_B}", MILD, 0.0),
    # 与其买 B 不如买 A
    _rule(rf"与其{_FAR}{_B}{_FAR}不如{_FAR}{_A}", STRONG, -STRONG),
    _rule(rf"^[^{MARKS}]*与其{_FAR}{_B}{_FAR}$", 0.0, -MILD),
    # 连 B 都不如
    _rule(
        rf"(?:(?P<b>{_X}){_FAR})?连{_A}{_GAP}[都也]{_GAP}(?:不如|比不上|不及|赶不上|打不过|比不过)",
        FAINT,
        -STRONG,
    ),
    # 还不如买 A
    _rule(
        rf"(?:(?P<b>{_X}){_FAR})?(?:{_UNDER})(?:当初|直接|去|再|加钱|多花点钱|老老实实)*{_BUY}(?:个|台|一台|辆|一辆|部|一部)?{_A}",
        STRONG,
        -STRONG,
    ),
    _rule(rf"(?:(?P<b>{_X}){_FAR})?(?:{_UNDER})(?:了|人家|那个|老|新)?{_A}", STRONG, -STRONG),
    _rule(rf"(?P<b>{_X}){_FAR}(?:{_UNDER})[^{MARKS}]{{0,6}}?{_A}", STRONG, -STRONG),
    _rule(
        rf"{_A}{_FAR}{_B}{_GAP}(?:就|都|也|可|完全|根本|远远?)?(?:不如|不及|比不上|比不了|赶不上)(?:它|他)?$",
        STRONG,
        -STRONG,
    ),
    # A 是 B 的爸爸
    _rule(rf"{_A}{_GAP}(?:是|当|做|成了?)(?:你|我)?{_B}{_GAP}(?:{_DAD})", STRONG, -STRONG),
    _rule(rf"{_B}{_GAP}(?:的{_GAP})?(?:{_DAD})[就还永远依然旧]{{0,3}}是{_A}", STRONG, -STRONG),
    _rule(rf"(?:(?P<b>{_X}){_FAR})?[给为]{_A}{_GAP}(?:提鞋|擦鞋|舔鞋|当弟弟|当小弟|跪下)", STRONG, -STRONG),
    _rule(
        rf"(?:(?P<b>{_X}){_FAR})?(?:(?:[跟向和]{_A}{_GAP}(?:学学|学习|学着|学一学|学一下|好好学|看齐))|(?:学学|学习一下|学着点|多学学|学一学)(?:人家)?(?P<a2>{_N}))",
        STRONG,
        -STRONG,
    ),
    _rule(
        rf"(?:(?P<b>{_X}){_FAR})?(?:抄袭|山寨|模仿|照搬|抄|像素级致敬)(?:了|的)?(?:是|人家)?{_A}",
        FAINT,
        -STRONG,
    ),
    _rule(
        rf"{_B}{_GAP}(?:看了|见了|看到|听了){_GAP}(?:摇头|沉默|流泪|落泪|害怕|汗颜|自愧|瑟瑟发抖|直呼内行)",
        0.0,
        -MILD,
    ),
    _rule(rf"拿{_B}{_GAP}[跟和与同]{_A}比?{_GAP}(?:侮辱|碰瓷|抬举|笑话)", STRONG, -STRONG),
    _rule(rf"(?:(?P<b>{_X}){_FAR})?碰瓷{_A}", FAINT, -STRONG),
    _rule(rf"{_A}{_GAP}是{_GAP}{_B}{_GAP}(?:平替|替代品|代工|子公司|旗下|供应商|经销商)", 0.0, 0.0),
    # 早知道 …
    _rule(
        rf"(?:(?P<b>{_X}){_FAR})?(?:早知道?|早){_GAP}(?:不|别|不该){_GAP}{_BUY}了?(?:这个|个|台|一台)?(?P<w>{_X})",
        0.0,
        -STRONG,
    ),
    _rule(
        rf"(?:(?P<b>{_X}){_FAR})?(?:早知道?|早该|早点|早|当初|当时){_GAP}{_BUY}(?:了|个|台|一台|辆|这个)?{_A}",
        STRONG,
        -MILD,
    ),
    _rule(rf"(?:(?P<b>{_X}){_FAR})?后悔(?:当初|当时)?(?:没有?|不){_GAP}{_BUY}?{_A}", STRONG, -MILD),
    _rule(rf"后悔{_GAP}(?:{_BUY}|从|把)?(?:了|的)?{_B}{_GAP}(?:没有?|不){_BUY}{_GAP}{_A}", STRONG, -STRONG),
    _rule(rf"后悔{_GAP}(?:卖|扔|退|换)了?掉?{_A}", STRONG, 0.0),
    _rule(rf"后悔{_GAP}{_BUY}?(?:了|的)?(?P<w>{_X})", 0.0, -STRONG),
    # 宁可买 A 也不买 B
    _rule(rf"宁[可愿肯]{_FAR}{_A}{_FAR}[都也]?(?:不|别|懒得){_FAR}{_B}", STRONG, -STRONG),
    _rule(rf"宁[可愿肯][^{MARKS}]{{1,16}}[都也](?:不|别|懒得){_FAR}(?P<w>{_X})", 0.0, -STRONG),
    _rule(rf"宁[可愿肯]{_FAR}{_BUY}[^{MARKS}]{{0,3}}{_A}", MILD, 0.0),
    _rule(
        rf"^[^{MARKS}]*[都也](?:绝|再|是)?(?:不|别|懒得)(?:会|想|要|愿意|敢|再)*(?:{_BUY}|碰)[^{MARKS}]{{0,3}}(?P<w>{_X})",
        0.0,
        -STRONG,
    ),
    # 从 B 换到 A: who came goes on with A
    _rule(
        rf"从{_B}{_FAR}(?:换|转|跳|投奔|改)(?:成|到|了|为|投|用|去|回|来|向|买)*{_GAP}{_A}",
        SOFT,
        -SOFT,
        "a",
    ),
    _rule(
        rf"(?:放弃了?|抛弃了?|弃了?|告别了?|卖掉?了?|扔掉?了?|退掉?了?|甩卖){_GAP}{_B}{_FAR}(?:选|买|换|投|转|入|上|改|用|订|提|奔)(?:择|成|到|了|向|投|用|购|回)*{_GAP}{_A}",
        MILD,
        -MILD,
        "a",
    ),
    _rule(rf"[把将]{_B}{_GAP}(?:换|卖|退|扔)(?:掉|成|了|买|为)*{_GAP}{_A}", MILD, -MILD, "a"),
    _rule(rf"{_B}{_FAR}(?:换成|换到|换了个?|换回|转投|改用|改买|投奔|转向)了?{_GAP}{_A}", SOFT, -SOFT, "a"),
    _rule(rf"{_B}{_GAP}换(?:上|去)?{_A}", SOFT, -SOFT, "a"),
    _rule(
        rf"(?:换成|换到|换了个?|换回|转投|改用|改买|投奔|现在换|已经换|果断换)了?{_GAP}{_A}",
        SOFT,
        -SOFT,
        "a",
    ),
    # 还是 A 好
    _rule(
        rf"(?:(?P<b>{_X}){_FAR})?(?<![{MARKS}])(?:还是|果然还是|终究是|还得是|还得){_BUY}?[^{MARKS}]{{0,2}}{_A}{_GAP}(?:好|香|强|靠谱|稳|牛|行|厉害|省心|舒服|实在|值|划算|适合|耐用|懂|吧|yyds|永远的神|舒坦|可靠|放心|棒|良心|给力|顶(?!配)|算了|流畅|好用|好吃|好喝|好看|快|安静|便宜|准时|专业)",
        STRONG,
        -MILD,
    ),
    _rule(rf"(?:还得是|还是得?{_BUY}){_A}", STRONG, -FAINT),
    _rule(rf"{_A}[^\x01\x02]{{0,8}}?(?:不香|不好|不行)[吗么嘛]", STRONG, -MILD),
    _rule(rf"{_A}{_GAP}哪(?:一?点|里|儿)(?:不好|不香|不行|差)", STRONG, -FAINT),
    _rule(rf"(?:还有人|居然有人|竟然有人){_BUY}{_GAP}(?P<w>{_X})", 0.0, -MILD),
    _rule(rf"为(?:什么|啥|何)(?:当初|我)?(?:不|没)(?:直接|去|加钱)*{_BUY}{_GAP}{_A}", STRONG, -MILD),
    _rule(
        rf"(?:谁(?:还|会|要|特么)*|哪个傻子|傻子才|脑子有坑才|狗都不|傻子都不){_BUY}{_GAP}(?P<w>{_X})",
        0.0,
        -STRONG,
    ),
    _rule(rf"(?:还)?{_BUY}什么(?P<w>{_X})", 0.0, -STRONG),
    _rule(
        rf"(?P<w>{_X}){_GAP}(?:算什么|算个|也配|配吗|(?:凭什么|凭啥)(?:卖|比|这么|涨|收|要|不)|哪来的脸|好意思)",
        0.0,
        -STRONG,
    ),
    _rule(rf"{_A}{_GAP}[>》]+{_GAP}{_B}", STRONG, -MILD),
    _rule(rf"{_B}{_GAP}[<《]+{_GAP}{_A}", STRONG, -MILD),
    # judgements of one that its rivals' company makes comparisons
    _rule(rf"{_A}{_GAP}(?:遥遥领先|永远的神|yyds)$", MILD, 0.0),
    _rule(rf"(?P<w>{_X}){_GAP}(?:贵得|贵到|卖得太贵)", 0.0, -MILD),
)
_THAN = re.compile(
    rf"(?:(?P<a>{_X})(?P<about>[^{MARKS}]{{0,16}}?))?(?<![对相性好无百占攀环同])(?P<how>不比|没有?比|没比|有比|比)"
    rf"(?!较|如|例|赛|分|特|喻|重|价|心|基尼|萨|利时|目鱼|拼|率|不上|不了|不过|得上)[起之]?"
    rf"(?P<link>[^{MARKS}]{{0,6}}?){_B}(?P<what>[^{MARKS}]{{0,60}})(?P<c>{_X})?"
)
_NO_AS = re.compile(
    rf"(?:(?P<a>{_X})(?P<about>[^{MARKS}]{{0,16}}?))?(?<!有)没有?{_B}(?P<what>[^{MARKS}]{{1,24}})"
)
_AGAINST = re.compile(
    rf"(?:(?P<a>{_X})[^{MARKS}]{{0,8}}?)?(?:(?:相比较?|比起|对比|相较|较之|比之)(?:于|之下|起)?{_B}(?:来说|来讲|来|而言)?"
    rf"|[跟和与同拿](?P<e>{_X})[^{MARKS}]{{0,8}}?(?:相比|比起来|一比|比较|对比|比下来|比|放一起))(?P<what>[^{MARKS}]{{0,40}})(?P<c>{_X})?"
)
_EXCEPT = re.compile(
    rf"除(?:了|开|去)?{_A}(?:以外|之外|外|除外)?|(?P<z>{_X})(?:除外|例外|不算|另说|不在此列)"
)
_ASKS = re.compile(
    r"[?？]|[吗么嘛呢]$|哪个|哪款|哪家|怎么样|如何|怎样|还是.{0,6}好呢|有没有|是不是|能不能|能否|会不会|求"
)
_WHICH = re.compile(r"哪[个款家种]|怎么样|如何选|怎么选|怎么看")
_RHETORICAL = re.compile(
    r"难道|凭什么|凭啥|谁还|不香|不好[吗么]|怎么会|怎么可能|怎么跟|拿什么|哪点|哪里(?:差|不)|为什么不|为啥不|什么破|买什么|还有比|再练|做梦|想多了|想得美|凭啥"
)
_FULL = re.compile(
    r"多了|太多|得多|好多|不知道|几条街|[十百千万两几三]倍|一万倍|远|简直|完全|明显|都|不止|不是一点|一大截|死了|爆|[!！]|狠|碾|一截|无数|哪都|处处"
)
_SIZE = re.compile(r"\d ?(?:mm|cm|m|公分|毫米|厘米|米|kg|克|斤|mah|升|l|匹|马力|牛|km|公里|英寸|寸|%)")
_STILL = re.compile(r"^(?:的|它)?还要?")
_GLAD = re.compile(r"多了|太多|终于|真香|好太|世界都|回不去|舒服|不用再|再也不用|安静|丝滑")
_REGRET = re.compile(r"后悔|想换回|怀念|想念|悔死|肠子都?悔青|还不如|不如|上当|被坑|真香警告$")


def ruling(clause: str, polarity: Polarity, after: str = "") -> Ruling | None:
    """What a comparison in the clause says; `after` is the clause behind it, for 跟 B 比，…"""
    found = _than(clause, polarity) or _plain(clause, polarity, after)
    found = found or _no_as(clause, polarity) or _against(clause, polarity, after)
    if found is None:
        return None
    return _weighed(found, clause, after)


def _weighed(found: Ruling, clause: str, after: str) -> Ruling:
    """A question says little, unless it is rhetorical."""
    ending = clause + "?" if after.startswith("?") else clause
    if not (_ASKS.search(ending) or _WHICH.search(after)) or _RHETORICAL.search(clause + after):
        return found
    return Ruling(
        found.first,
        found.second,
        found.first_side * SOBER,
        found.second_side * SOBER,
        found.start,
        found.end,
        None,
        None,
        None,
    )


def _plain(clause: str, polarity: Polarity, after: str) -> Ruling | None:
    for rule in _RULES:
        match = rule.pattern.search(clause)
        if match is None:
            continue
        groups = match.groupdict()
        a, b = _place(match, "a", "a2"), _place(match, "b", "w")
        sides = rule.a, rule.b
        if rule.follows == "a":
            sides = _changed(sides, clause[match.end() :] + after, polarity)
        if groups.get("w"):
            a = None
        rest = match.end() if rule.follows else None
        return Ruling(a, b, *sides, match.start(), match.end(), None, rest, a if rule.follows else None)
    return None


def _changed(sides: tuple[float, float], then: str, polarity: Polarity) -> tuple[float, float]:
    """Who changes the brand and is glad of it blames the old one; who regrets it, the new one."""
    if _REGRET.search(then):
        return -STRONG, MILD
    glad = polarity.of(then, "") > 0 and _GLAD.search(then)
    return (MILD, -MILD) if glad else sides


def _place(match: re.Match[str], *names: str) -> int | None:
    """Where a group stands; -1 (the topic) when the pattern knows it and the clause leaves it out."""
    known = [name for name in names if name in match.re.groupindex]
    for name in reversed(known):
        if match.group(name):
            return match.start(name)
    return -1 if known else None


def _sides(sign: int, said: str, polarity: Polarity) -> tuple[float, float]:
    """For the one compared and for its standard: a mild word about one property hardly blames the other."""
    if _FULL.search(said):
        return sign * STRONG, -sign * STRONG
    if polarity.generic(said):
        return sign * STRONG, -sign * MILD
    return sign * MILD, -sign * FAINT


def _than(clause: str, polarity: Polarity) -> Ruling | None:
    match = _THAN.search(clause)
    if match is None or not match["what"].strip(" 的"):
        return None
    what, about = match["what"], (match["about"] or "") + match["link"]
    a, b = _place(match, "a"), match.start("b")
    if a == -1 and match["c"] and re.search(r"(?:的|更\S{1,4})$", what):
        a = match.start("c")  # 比 B 好的 A
    sign = polarity.of(what, about)
    span = match.start(), match.end("what")
    if match["how"] in {"没有比", "没比", "有比"}:  # 没有比 B 更好的
        side = FAINT if match["how"] == "有比" and "还有比" not in clause else STRONG
        return Ruling(None, b, 0.0, sign * side, *span)
    if match["how"] == "不比" and not _RHETORICAL.search(clause):
        return Ruling(a, b, -sign * MILD, FAINT * sign, *span) if sign else None
    if not sign and "起" in clause[span[0] : b]:
        return None  # 比起 B 的…，: what follows the comma says more
    if not sign:
        asked = match.start("what"), match.end("what")
        return Ruling(a, b, MILD, -FAINT, *span, asked)
    if _SIZE.search(what):  # so and so many millimetres
        return Ruling(a, b, sign * FAINT, -sign * FAINT, *span)
    if _STILL.search(what):  # 比 B 还差: neither is good
        return Ruling(
            a, b, sign * STRONG, sign * (MILD if sign < 0 and polarity.generic(what) else FAINT), *span
        )
    return Ruling(a, b, *_sides(sign, what, polarity), *span)


def _no_as(clause: str, polarity: Polarity) -> Ruling | None:
    match = _NO_AS.search(clause)
    if match is None or not polarity.begins(match["what"]):
        return None
    sign = polarity.of(match["what"], match["about"] or "")
    if not sign:
        return None
    sides = (
        (-sign * STRONG, sign * MILD)
        if polarity.generic(match["what"])
        else (-sign * MILD, sign * FAINT * 2)
    )
    return Ruling(_place(match, "a"), match.start("b"), *sides, match.start(), match.end())


def _against(clause: str, polarity: Polarity, after: str) -> Ruling | None:
    """跟 B 比，…: what follows is about the other one, and turned round for B."""
    match = _AGAINST.search(clause)
    if match is None:
        return None
    a, name = _place(match, "a"), "b" if match["b"] else "e"
    b = match.start(name)
    if a == -1 and match["c"]:
        a = match.start("c")
    said = clause[match.end(name) :] + after
    sign = polarity.of(said, "")
    sides = _sides(sign, said, polarity) if sign else (0.0, 0.0)
    rest = match.end(name)
    return Ruling(a, b, sides[0] * 0.5, sides[1], match.start(), match.end(), None, rest, a)


def exception(clause: str) -> tuple[int, int, int, bool] | None:
    """The brand that is excepted, the span that says so, and whether it comes last (A 除外)."""
    match = _EXCEPT.search(clause)
    if match is None:
        return None
    place = match.start("a") if match["a"] else match.start("z")
    return place, match.start(), match.end(), match["z"] is not None
