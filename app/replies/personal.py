"""Personal data in a text: telephone numbers, identity cards, bank cards, addresses, order numbers.

Numbers count only where their own rules hold: the check digit of an identity card, Luhn's of a bank card, a
mobile number's beginning. Whoever reads a customer's data in a public reply cannot be made to forget it, so
a piece too much is better than one too few; but a price, a date or a hotline is none.

Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from app.i18n import N_, _
from app.matching.fold import fold

_LONGEST = 20_000

_MOBILE = re.compile(r"(?<![\d.])(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(?:\(0\d{2,3}\)|0\d{2,3}[ -])[2-9]\d{6,7}(?!\d)")
_CARD = re.compile(r"(?<![\da-z])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])\d{5}[\dx](?![\da-z])")
_BANK = re.compile(r"(?<![\d.])(?:\d[ -]?){15,18}\d(?![\d.])")
_MAIL = re.compile(r"(?<![a-z0-9._%+\-])[a-z0-9._%+\-]{1,64}@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){1,4}")
_HAN = "[\u4e00-\u9fff]"
_ADDRESS = re.compile(
    rf"{_HAN}{{1,12}}(?:路|街|大道|巷|弄|胡同|小区|花园|公寓|新村|苑){_HAN}{{0,8}}"
    r"[a-z]?\d{1,5}(?:号楼|号院|号|弄|栋|幢|座|单元|室|楼)"
    r"(?:[ -]?[a-z]?\d{1,5}(?:号楼|号|栋|幢|座|单元|室|楼)?){0,4}"
)
_ORDER = re.compile(
    r"(?:订单|单号|运单|快递单|工单|票号|会员号|账号|卡号)(?:号码|编号|号)?(?:[:是为#]|:|：)?\s*([a-z]{0,4}\d[a-z\d\-]{6,29})"
)
_CHAT = re.compile(
    r"(?:微信|weixin|wechat|vx|v信|加v|qq)(?:号)?\s*[:：是为]?\s*([a-z][\w\-]{5,19}|[1-9]\d{5,10})(?!\w)"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class Personal(NamedTuple):
    """`text[start:end]` is personal data of this `sort`, a key of SORTS."""

    start: int
    end: int
    sort: str


SORTS = {
    "identity": N_("identity card number"),
    "bank": N_("bank card number"),
    "mail": N_("e-mail address"),
    "phone": N_("telephone number"),
    "chat": N_("messenger account"),
    "order": N_("order or account number"),
    "address": N_("postal address"),
}


def find(text: str) -> tuple[Personal, ...]:
    """In order of place; none inside another."""
    flat = fold(text[:_LONGEST])
    found: list[tuple[int, int, str]] = []
    for sort, pattern, true in _FINDERS:
        for match in pattern.finditer(flat.text):
            group = 1 if pattern.groups else 0
            start, end = match.span(group)
            if true(match[group]) and not any(start < kept[1] and kept[0] < end for kept in found):
                found.append((start, end, sort))
    return tuple(Personal(*flat.original(start, end), sort) for start, end, sort in sorted(found))


def masked(text: str) -> str:
    """The same with each piece of personal data replaced by what it was."""
    at, parts = 0, []
    for start, end, sort in find(text):
        parts += [text[at:start], f"［{_(SORTS[sort])}］"]
        at = end
    return "".join([*parts, text[at:]]) if parts else text


def _identity(number: str) -> bool:
    """A birthday that was, and the check digit of GB 11643."""
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    if number[17] != "10x98765432"[total % 11]:
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return True


def _bank(number: str) -> bool:
    """Luhn's check digit, and a beginning that cards have."""
    digits = [int(one) for one in number if one.isdigit()]
    doubled = [digit if place % 2 == 0 else digit * 2 for place, digit in enumerate(reversed(digits))]
    return digits[0] in (3, 4, 5, 6) and sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0


def _any(_piece: str) -> bool:
    return True


_Finder = tuple[str, re.Pattern[str], Callable[[str], bool]]
_FINDERS: tuple[_Finder, ...] = (
    ("mail", _MAIL, _any),
    ("identity", _CARD, _identity),
    ("bank", _BANK, _bank),
    ("phone", _MOBILE, _any),
    ("phone", _LANDLINE, _any),
    ("chat", _CHAT, _any),
    ("order", _ORDER, _any),
    ("address", _ADDRESS, _any),
)
