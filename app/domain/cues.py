"""Names, for people, of the severity cues and complaint kinds; the word lists carry the same keys.

A team may add lists of its own: a key that is not here is shown as it is.
"""

from __future__ import annotations

from app.i18n import N_, _

SEVERITY: dict[str, str] = {
    "fire": N_("fire or explosion"),
    "injury": N_("injury or death"),
    "poison": N_("poisoning or harmful substances"),
    "leak": N_("leak of personal data"),
    "suicide": N_("suicide or self-harm"),
    "fraud": N_("fraud or counterfeits"),
    "regulator": N_("authorities or consumer bodies"),
    "lawyer": N_("lawyers or the courts"),
    "media": N_("press or exposure"),
    "recall": N_("recall or serial defect"),
    "boycott": N_("boycott or collective action"),
    "offence": N_("discrimination or public offence"),
}

URGENT = frozenset({"fire", "injury", "poison", "leak", "suicide"})
"""Cues that concern somebody's body or private life: these wake people."""

COMPLAINTS: dict[str, str] = {
    "safety": N_("safety"),
    "quality": N_("quality and defects"),
    "function": N_("function and performance"),
    "price": N_("price and charges"),
    "delivery": N_("delivery and packaging"),
    "after_sales": N_("returns, refunds and repair"),
    "service": N_("service attitude"),
    "marketing": N_("advertising and promises"),
    "account": N_("account and app"),
    "general": N_("general"),
}


SHORT = {
    "boycott": N_("boycott"),
    "fire": N_("fire or smoke"),
    "fraud": N_("fraud"),
    "injury": N_("injury"),
    "lawyer": N_("lawsuit"),
    "leak": N_("data leak"),
    "media": N_("press"),
    "offence": N_("gives offence"),
    "poison": N_("poisoning"),
    "recall": N_("recall"),
    "regulator": N_("regulator"),
    "suicide": N_("life in danger"),
}
"""For pills and cells, where there is little room."""


def short_label(key: str) -> str:
    """A severity cue in a word or two."""
    return _(SHORT[key]) if key in SHORT else key[:30]


def severity_label(key: str) -> str:
    """What a cue is called, in the person's language."""
    return _(SEVERITY.get(key, "")) or key


def complaint_label(key: str) -> str:
    """What a complaint kind is called, in the person's language."""
    return _(COMPLAINTS.get(key, "")) or key
