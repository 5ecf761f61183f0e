"""What each sentence of a model's text rests on, and which of them a person must look at.

Pure. The text is the model's word and nobody else's: an id that does not exist counts as none, and a source
that was written by a stranger is no ground for a promise, a figure or a link. What cannot be checked is
marked; marking too much costs a glance, marking too little an answer that cannot be taken back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from app.domain.modelling import Doubt, Sentence, Source
from app.replies.model.mask import blanks

MOST = 4000
"""Characters that are looked at."""
_OVERLAP = 2
"""Pairs of characters that a sentence shares with its source at the least."""
_LEAK = 12
"""So many characters in a row from the instructions are no chance."""

_ID = r"[KMAT]?\d{1,9}"
_ONE_MARK = re.compile(
    r"[\[［【]\s*(?:来源|依据|资料|参考)?[:： ]*"
    rf"([A-Z]{{1,3}}\d{{1,9}}(?:\s*[,，、;；/和]\s*{_ID})*)\s*[\]］】]"
)
_SPLIT = re.compile(r"[,，、;；/和\s]+")
_ENDS = re.compile(r"(?:[。！？!?…]+|\.(?=\s|$))[”’」』\"）)》]*|\n+")
_TOKENS = re.compile(f"(?P<mark>{_ONE_MARK.pattern})|(?P<end>{_ENDS.pattern})")
_UNSEEN = re.compile(
    "\x1b\\[[0-9;?]*[A-Za-z]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|"
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
_THINK = re.compile(r"\A\s*<think>.*?(?:</think>|\Z)", re.DOTALL)
_MARKUP = re.compile(
    r"</?[A-Za-z!][^>\n]{0,200}>?|\]\(|&#?\w{2,8};|```|\{\{|\$\(|javascript:|\[/?(?:url|img|b|code)",
    re.IGNORECASE,
)
_AT = re.compile(r"[@＠]\s*\S")
_LINK = re.compile(
    r"(?:https?|ftp)[:：]/{0,2}\S+|www\.\S+|[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,12}(?:/\S*)?",
    re.IGNORECASE,
)
_LINK_BODY = re.compile(r"(?:(?:https?|ftp)[:/]+)?(?:www\.)?([!-~]*)", re.IGNORECASE)
"""Without its scheme, up to the first character that no address has."""
_NUMBER = re.compile(r"\d+(?:[-–: .,/]\d+)*(?:\s*[万亿千百%‰])?")
_HAN = "〇零一二两三四五六七八九十百千万亿半"
_HAN_NUMBER = re.compile(
    rf"[{_HAN}]+(?=\s*(?:个|多|余|几)?\s*(?:工作日|小时|分钟|秒|天|日|号|周|星期|月|季|年|元|块|角|倍|折|成|次|件|台|份|张|层|位|名|米|公里|斤|克|点|美元|欧元|%|％))"
)
_PROMISE = re.compile(
    "赔偿|赔付|补偿|退款|退货|退还|返还|返现|换新|免费|赠送|送您|承诺|保证|确保|一定会|必定|负全责|承担责任|召回|"
    "优惠券|代金券|红包|道歉信|开除|起诉|compensat|refund|free of charge|guarantee|promise",
    re.IGNORECASE,
)


def tidy(text: str) -> str:
    """Without thinking aloud, ANSI and anything unseen; cut at `MOST`."""
    plain = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _THINK.sub("", plain)[:MOST]


def sentences(text: str, sources: Sequence[Source], system: str = "") -> tuple[Sentence, ...]:
    """The text's sentences, without their marks. `system`: the instructions, which no answer repeats."""
    known = {one.id: one for one in sources}
    told = _skeleton(system)
    return tuple(
        _judged(body, names, known, told, ends_line=ends) for body, names, ends in _pieces(tidy(text))
    )


def whole(text: str) -> str:
    """Without the half sentence at its end."""
    plain = tidy(text)
    ends = [found.end() for found in _ENDS.finditer(plain)]
    marks = [found.end() for found in _ONE_MARK.finditer(plain)]
    return plain[: max((*ends, *marks), default=0)]


def ends_well(text: str) -> bool:
    """Does it end as sentences do?"""
    plain = tidy(text).rstrip()
    return bool(plain) and len(whole(plain).rstrip()) == len(plain)


def skeleton(text: str) -> str:
    """Letters and digits only: what is the same sentence, however it is set."""
    return _skeleton(text)


def contained(sentence: str, text: str) -> bool:
    """Does the marked sentence stand in an answer? A short one counts only where it stands by itself."""
    bone = _skeleton(sentence)
    if not bone:
        return False
    if len(bone) >= 8:
        return bone in _skeleton(text)
    return any(_skeleton(body) == bone for body, _names, _ends in _pieces(text))


def _pieces(text: str) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """(sentence without marks, the ids it names, whether a line break follows).

    Marks count for the sentence before them, wherever they stand: before its full stop or behind it."""
    body: str = ""
    names: list[str] = []
    waiting: tuple[str, bool] | None = None
    for kind, value in _tokens(text):
        if kind == "mark":
            names += [one for one in _SPLIT.split(value) if one]
        elif kind == "end":
            body += value.rstrip("\n")
            waiting = (
                waiting[0] + body if waiting else body,
                "\n" in value or bool(waiting and waiting[1]),
            )
            body = ""
        elif value.strip() and waiting is not None:
            if waiting[0].strip():
                yield waiting[0].strip(), tuple(names), waiting[1]
            names, waiting, body = [], None, value
        else:
            body += value
    last = (waiting[0] if waiting else "") + body
    if last.strip():
        yield last.strip(), tuple(names), bool(waiting and waiting[1])


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Plain pieces, marks (their inside) and ends of sentences, in order."""
    at = 0
    for found in _TOKENS.finditer(text):
        if found.start() > at:
            yield "text", text[at : found.start()]
        yield ("end", found[0]) if found["mark"] is None else ("mark", found[2])
        at = found.end()
    if at < len(text):
        yield "text", text[at:]


def _judged(
    body: str, names: Sequence[str], known: Mapping[str, Source], system: str, *, ends_line: bool
) -> Sentence:
    valid = tuple(dict.fromkeys(one for one in names if one in known))
    grounds = [known[one] for one in valid]
    doubts = tuple(dict.fromkeys(_doubts(body, names, grounds, system)))
    return Sentence(body, valid, doubts, ends_line)


def _doubts(body: str, names: Sequence[str], grounds: Sequence[Source], system: str) -> Iterator[Doubt]:
    ours = [one for one in grounds if one.ground.ours]
    if len({*names}) > len(grounds):
        yield Doubt.INVENTED
    if not grounds:
        yield Doubt.UNSOURCED
    yield from _figures(body, grounds, ours)
    if _PROMISE.search(body) and not any(_promised(body, one) for one in ours):
        yield Doubt.PROMISE
    if ours and not any(_alike(body, one) for one in ours):
        yield Doubt.UNLIKE
    if _MARKUP.search(body) or _AT.search(body):
        yield Doubt.MARKUP
    if _leaks(body, system):
        yield Doubt.LEAK
    if blanks(body):
        yield Doubt.BLANK


def _figures(body: str, grounds: Sequence[Source], ours: Sequence[Source]) -> Iterator[Doubt]:
    said = figures(body)
    stand = frozenset[str]().union(*(figures(f"{one.title} {one.text}") for one in grounds))
    firm = frozenset[str]().union(*(figures(f"{one.title} {one.text}") for one in ours))
    named = frozenset[str]().union(*(figures(one.author) for one in grounds))
    if said - stand - named:
        yield Doubt.FIGURE
    elif said - firm - named:
        yield Doubt.POST_FIGURE


def _promised(body: str, source: Source) -> bool:
    """Does our own source speak of everything that the sentence promises?"""
    said = {found.lower() for found in _PROMISE.findall(body)}
    return said <= {found.lower() for found in _PROMISE.findall(f"{source.title} {source.text}")}


def _alike(body: str, source: Source) -> bool:
    mine, theirs = _pairs(body), _pairs(f"{source.title} {source.text}")
    return len(mine & theirs) >= min(_OVERLAP, len(mine))


def _pairs(text: str) -> set[str]:
    bone = _skeleton(text)
    return {bone[n : n + 2] for n in range(len(bone) - 1)}


def _leaks(body: str, system: str) -> bool:
    bone = _skeleton(body)
    return any(bone[n : n + _LEAK] in system for n in range(max(0, len(bone) - _LEAK + 1)))


def figures(text: str) -> frozenset[str]:
    """Every number, date, phone number and link in it, written in one way: 7天, 七天 and ７ 天 are one."""
    plain = unicodedata.normalize("NFKC", text)
    found: set[str] = set()
    rest = plain
    for link in _LINK.findall(plain):
        found_ = _LINK_BODY.match(link)
        bare = re.split(r"[\"'<>()\[\]{}|^`\\]", found_[1] if found_ else "")[0].rstrip(".,;:!?/")
        if "." in bare and not _is_number(bare):
            found.add(bare.casefold())
            rest = rest.replace(bare, " ")
    for number in _NUMBER.findall(rest):
        found.update(_parts(number))
    rest = _NUMBER.sub(" ", rest)
    for number in _HAN_NUMBER.findall(rest):
        found.add(_plain(_han(number)))
    return frozenset(found)


def _is_number(text: str) -> bool:
    return text.replace(".", "").replace(",", "").isdigit()


def _parts(number: str) -> Iterator[str]:
    """A date or a phone number by its digits; an amount by its value."""
    unit = number[-1] if number[-1] in "万亿千百%‰" else ""
    bare = number.removesuffix(unit).strip()
    if unit in ("%", "‰"):
        yield bare + unit
        return
    amount = bare.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", bare) else bare
    try:
        yield _plain(Decimal(amount) * _UNITS[unit])
    except InvalidOperation:
        digits = "".join(char for char in bare if char.isdigit())
        if len(digits) >= 7:
            yield digits
        else:
            yield from (_plain(Decimal(one)) for one in re.findall(r"\d+", bare))


_UNITS = {
    "": Decimal(1),
    "百": Decimal(100),
    "千": Decimal(1000),
    "万": Decimal(10**4),
    "亿": Decimal(10**8),
}
_HAN_DIGITS = {char: n for n, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}


def _han(number: str) -> Decimal:
    """一百二十 → 120; digits in a row (二零二六) as written."""
    if len(number) > 1 and all(char in _HAN_DIGITS for char in number):
        return Decimal("".join(str(_HAN_DIGITS[char]) for char in number))
    total, part, digit = Decimal(0), Decimal(0), Decimal(0)
    for char in number:
        if char in _HAN_DIGITS:
            digit = Decimal(_HAN_DIGITS[char])
        elif char in _HAN_UNITS:
            part += (digit or Decimal(1)) * _HAN_UNITS[char]
            digit = Decimal(0)
        elif char in ("万", "亿"):
            total += (part + digit or Decimal(1)) * _UNITS[char]
            part, digit = Decimal(0), Decimal(0)
        else:  # 半
            digit += Decimal("0.5")
    return total + part + digit


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _skeleton(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())
