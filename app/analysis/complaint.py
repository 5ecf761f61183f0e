"""What kind of complaint a post is, which of the customer's own words name the trouble, which product.

Pure after loading; any thread. Nothing is invented: an issue or a product is always a piece of the
post. The lists are `resources/words/complaint/*.txt` (see `app.analysis.lists`); `rude.txt` and
`products.txt` beside them name words that are never quoted back, and kinds of goods.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from app.analysis.lists import Phrases, Span, load
from app.analysis.text import clauses, own_words
from app.domain.cues import COMPLAINTS

_HEAD = 4_000
_SHORTEST, _LONGEST = 4, 24
_LEAD = re.compile(
    r"^(?:而且|但是|可是|结果|然后|就是|因为|所以|不过|还有|另外|其实|真的|居然|竟然|现在|反正|并且|以及|求助|吐槽一下|吐槽|投诉|我的)+"
)
_TAIL = re.compile(r"(?:[了啊呢吧呀哦嘛啦哈]|\W)+$")
_GRADE = "Pro|Max|Plus|Ultra|SE|Air|mini|Lite|Turbo"
_MODEL = re.compile(
    r"[ \t]?[A-Za-z]{0,8}[ \t-]?\d{1,4}[A-Za-z+]{0,4}"
    rf"(?:[ \t]?(?:{_GRADE}|青春版|标准版|至尊版|尊享版))*(?![A-Za-z0-9])"
    rf"|[ \t]?(?:{_GRADE}|Note|Pad|Watch|Buds)(?:[ \t]?(?:{_GRADE}|\d{{1,3}}))*(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_UNIT = re.compile(r"[ \t]?(?:年|月|日|号|天|点|元|块|次|个|小时|分钟|度|%|万|千|百|折|楼|人|条|星|倍|岁)")


@dataclass(frozen=True, slots=True)
class Complaints:
    """What `load_complaints` makes."""

    kinds: Phrases
    rude: Phrases
    products: tuple[str, ...]

    def kind_of(self, text: str) -> str:
        """A key of `app.domain.cues.COMPLAINTS`; "general" where no list speaks."""
        weights: dict[str, int] = {}
        words = own_words(text[:_HEAD])
        for key, phrase in {(key, words[start:end]) for key, start, end in self.kinds.find(words)}:
            weights[key] = weights.get(key, 0) + _weight(key, phrase)
        order = [*COMPLAINTS]
        return max(weights, key=lambda key: (weights[key], -_rank(key, order)), default="general")

    def issue_of(self, text: str) -> str:
        """The shortest clause of the post that names the trouble; empty where none does, or only rudely."""
        words = own_words(text[:_HEAD])
        kind = self.kind_of(text)
        named = [
            quoted
            for clause in clauses(words)
            if (hits := [hit for hit in self.kinds.find(clause) if hit[0] == kind])
            and (quoted := _trim(clause, hits))
            and not self.rude.find(quoted)
        ]
        return min(named, key=lambda quoted: (len(quoted) < _SHORTEST, len(quoted)), default="")

    def product_of(self, text: str, brand: str) -> str:
        """The brand with the model beside it, as the customer wrote it (云雀X1 Pro); else empty."""
        if not brand:
            return ""
        for found in re.finditer(re.escape(brand), text[:_HEAD], re.IGNORECASE):
            if model := self._model(text, found.end()):
                return " ".join((text[found.start() : found.end()] + model).split())
        return ""

    def _model(self, text: str, at: int) -> str:
        model = _MODEL.match(text, at)
        if model and not _UNIT.match(text, model.end()):
            return model.group()
        return next((name for name in self.products if text.startswith(name, at)), "")


def _weight(key: str, phrase: str) -> int:
    """A longer phrase says more; a danger outweighs everything else."""
    return len(phrase) + (20 if key == "safety" else 0)


def _rank(key: str, order: list[str]) -> int:
    return order.index(key) if key in order else len(order)


def _trim(clause: str, hits: list[Span]) -> str:
    """Without a leading conjunction and trailing particles; a long clause is cut around the trouble."""
    if len(clause) > _LONGEST:
        _key, start, end = hits[0]
        first = max(0, min(start - 6, len(clause) - _LONGEST))
        clause = clause[first : max(end, first + _LONGEST)]
    return _TAIL.sub("", _LEAD.sub("", clause)).strip()


def load_complaints(folder: Path | None = None) -> Complaints:
    """The shipped lists, and those of `folder`/complaint (a team's own) in place of the same names."""
    lists, guards = load("complaint", folder)
    rude, products = lists.pop("rude", ()), lists.pop("products", ())
    names = tuple(sorted(products, key=lambda name: -len(name)))
    return Complaints(Phrases.of(lists, guards), Phrases.of({"rude": rude}, {}), names)
