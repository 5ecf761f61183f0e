"""Labelled sets for training and measuring: what they are, how they are read, how they are grouped.

The sets are not part of the project. FOLDER holds `train/` and `dev/` (and `stress/`) with one
`label<TAB>text` a line; labels are neg, neu and pos.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

LABELS = {"neg": 0, "neu": 1, "pos": 2}
TONES = ("negative", "neutral", "positive")

FORBIDDEN = frozenset({"osm2022"})
"""Its terms allow academic use only: measured, never learnt from."""
MIT = ("absa_tech", "absa_shampoo", "nlpcc_weibo")
"""The sets whose repositories state the MIT licence."""

GROUPS = {
    "social": (
        "weibo2018",
        "weibo_senti_noemo",
        "ewect_usual",
        "ewect_virus",
        "covid_weibo",
        "nlpcc_weibo",
        "osm2022",
        "codeswitch",
        "stance_iphonese",
    ),
    "shops": (
        "shop_phone",
        "shop_tablet",
        "shop_computer",
        "shop_heater",
        "shop_fruit",
        "shop_shampoo",
        "shop_mengniu",
        "shop_clothes",
        "shop_book",
        "nlpcc14",
        "nlpcc13_amazon",
        "eprstmt",
        "waimai",
        "htl",
        "shop_hotel",
    ),
    "cars and tech": ("auto_reviews", "bdci_car", "bdci16_brand", "absa_tech"),
    "other": ("guba", "cantonese", "absa_shampoo", "stance_other", "weibo_senti"),
}

THREE = (
    "ewect_usual",
    "ewect_virus",
    "nlpcc_weibo",
    "bdci_car",
    "bdci16_brand",
    "codeswitch",
    "cantonese",
    "stance_iphonese",
)
"""Sets with a neutral class that is one."""

TWINS = {"weibo_senti_noemo": ("weibo_senti",), "weibo_senti": ("weibo_senti_noemo",)}
"""Left out together: the same posts with and without their emoticons."""

_KEPT = re.compile(r"[^0-9a-z㐀-鿿]+")


@dataclass(frozen=True, slots=True)
class Labelled:
    """One set; labels are 0, 1 and 2."""

    name: str
    texts: list[str]
    labels: list[int]


def load(folder: Path, part: str, name: str) -> Labelled:
    texts, labels = [], []
    for line in (folder / part / f"{name}.tsv").read_text("utf-8").split("\n"):
        label, tab, rest = line.partition("\t")
        if tab and label in LABELS:
            texts.append(rest.split("\t")[0])
            labels.append(LABELS[label])
    return Labelled(name, texts, labels)


def names(folder: Path, part: str) -> list[str]:
    return sorted(path.stem for path in (folder / part).glob("*.tsv"))


def fold_of(text: str, folds: int = 5) -> int:
    """Which fold a text belongs to, by its first 40 letters, so that near-duplicates share one."""
    key = _KEPT.sub("", unicodedata.normalize("NFKC", text).lower())[:40] or text
    return int(hashlib.sha256(key.encode("utf-8", "replace")).hexdigest(), 16) % folds
