"""Names and numbers of people stay on this machine: placeholders go out, and are filled again in the draft.

Pure. One `Mask` serves one request, so that the same person is the same placeholder in every text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.i18n import N_

_DIGITS = str.maketrans("０１２３４５６７８９－＠．＋", "0123456789-@.+")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_PLATES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

NAME, PHONE, ID_CARD, ORDER, MAIL, PLATE, ACCOUNT, WORDS = (
    "姓名", "电话", "证件", "编号", "邮箱", "车牌", "账号", "文字",
)  # fmt: skip
KINDS = {
    NAME: N_("names"),
    PHONE: N_("phone numbers"),
    ID_CARD: N_("ID cards"),
    ORDER: N_("order and card numbers"),
    MAIL: N_("e-mail addresses"),
    PLATE: N_("plates"),
    ACCOUNT: N_("accounts"),
    WORDS: N_("words that look like a placeholder"),
}
"""For people."""

_HELD = re.compile(rf"⟨\s*({'|'.join(KINDS)})\s*(\d{{1,4}})\s*⟩")
_LOOSE = re.compile(rf"[⟨<〈＜《\[【]\s*({'|'.join(KINDS)})\s*(\d{{1,4}})\s*[⟩>〉＞》\]】]")
"""As models write them back."""

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (MAIL, re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")),
    (ID_CARD, re.compile(r"(?<![0-9A-Za-z])\d{6}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dXx](?![0-9A-Za-z])")),
    (PHONE, re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")),
    (PHONE, re.compile(r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?:-\d{1,5})?(?!\d)")),
    (PLATE, re.compile(rf"[{_PLATES}][A-HJ-NP-Z][·•・ ]?[A-HJ-NP-Z0-9]{{5,6}}(?![A-Z0-9])")),
    (
        ACCOUNT,
        re.compile(r"(?:微信号?|[Vv][Xx]|[Ww][Xx]|QQ号?|qq号?)\s*[:：是为]?\s*([A-Za-z0-9_-]{5,20})"),
    ),
    (
        ORDER,
        re.compile(
            r"(?:订单|单号|运单|快递|工单|流水|SN|序列号)[号编号码]{0,3}\s*[:：是为#]?\s*([A-Za-z0-9-]{6,40})"
        ),
    ),
    (ORDER, re.compile(r"(?<![0-9A-Za-z.])\d(?:[ -]?\d){8,29}(?![0-9A-Za-z])")),
    (
        NAME,
        re.compile(
            r"(?:我叫|我是|姓名|联系人|收件人|名字是)\s*[:：是]?\s*"
            rf"([{_SURNAMES}][一-鿿]{{1,2}})(?![一-鿿])"
        ),
    ),
    (NAME, re.compile(rf"([{_SURNAMES}][一-鿿]{{0,2}}?)(?=先生|女士|小姐|师傅|老师|经理|客服)")),
    (NAME, re.compile(r"(?<=[@＠])[\w一-鿿-]{2,30}")),
)


class Mask:
    """`names`: people known to take part (authors, ourselves); the longest first."""

    def __init__(self, names: Iterable[str] = (), *, on: bool = True) -> None:
        self._on = on
        self._names = sorted({one.strip() for one in names if len(one.strip()) > 1}, key=len, reverse=True)
        self._by_value: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}

    @property
    def held(self) -> tuple[tuple[str, str], ...]:
        """(placeholder, what it stands for), in the order they came up."""
        return tuple(self._values.items())

    def hide(self, text: str) -> str:
        """What may leave. A placeholder that stands in the text itself is no placeholder of ours."""
        out = _HELD.sub(lambda found: self._put(WORDS, found[0]), text)
        if not self._on:
            return out
        for name in self._names:
            out = self._between(out, re.compile(re.escape(name)), NAME)
        for kind, pattern in _PATTERNS:
            out = self._between(out, pattern, kind)
        return out

    def _between(self, text: str, pattern: re.Pattern[str], kind: str) -> str:
        """Where a pattern stands outside of placeholders."""
        out, at = "", 0
        for held in (*_HELD.finditer(text), None):
            piece = text[at : held.start() if held else len(text)]
            out += self._replaced(piece, pattern, kind)
            if held is not None:
                out += held[0]
                at = held.end()
        return out

    def _replaced(self, piece: str, pattern: re.Pattern[str], kind: str) -> str:
        out, at = "", 0
        for found in pattern.finditer(piece.translate(_DIGITS)):
            start, end = found.span((found.re.groups and 1) or 0)
            if start < at or start == end:
                continue
            out += piece[at:start] + self._put(kind, piece[start:end])
            at = end
        return out + piece[at:]

    def _put(self, kind: str, value: str) -> str:
        known = self._by_value.get((kind, value))
        if known is None:
            number = 1 + sum(one.startswith(f"⟨{kind}") for one in self._values)
            known = f"⟨{kind}{number}⟩"
            self._by_value[kind, value] = known
            self._values[known] = value
        return known


def shown(text: str, held: Iterable[tuple[str, str]]) -> str:
    """The draft with what the placeholders stand for; one that is not ours stays."""
    values = dict(held)
    return _LOOSE.sub(lambda found: values.get(f"⟨{found[1]}{int(found[2])}⟩", found[0]), text)


def blanks(text: str) -> bool:
    """Does it hold a placeholder that nothing filled?"""
    return _LOOSE.search(text) is not None
