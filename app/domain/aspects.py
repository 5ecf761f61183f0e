"""What a post may be about: the rows of the product x service map. The word lists carry the same keys.

A team may add lists of its own: a key that is not here is shown as it is, under neither group.
"""

from __future__ import annotations

from enum import StrEnum

from app.i18n import N_, _


class Group(StrEnum):
    """The two halves of the map."""

    PRODUCT = "product"
    SERVICE = "service"
    NONE = ""


OTHER = "other"
"""The post has a tone, and names no aspect."""

ASPECTS: dict[str, str] = {
    "quality": N_("quality"),
    "function": N_("function"),
    "price": N_("price"),
    "safety": N_("safety"),
    "delivery": N_("delivery"),
    "after_sales": N_("after-sales"),
    "attitude": N_("staff attitude"),
    "marketing": N_("marketing"),
    OTHER: N_("other"),
}
"""In the order of the map: the product's, the service's, the rest."""

GROUPS: dict[str, Group] = {
    "quality": Group.PRODUCT,
    "function": Group.PRODUCT,
    "price": Group.PRODUCT,
    "safety": Group.PRODUCT,
    "delivery": Group.SERVICE,
    "after_sales": Group.SERVICE,
    "attitude": Group.SERVICE,
    "marketing": Group.SERVICE,
    OTHER: Group.NONE,
}

_GROUP_LABELS: dict[Group, str] = {
    Group.PRODUCT: N_("Product"),
    Group.SERVICE: N_("Service"),
    Group.NONE: "",
}


def aspect_label(key: str) -> str:
    """What an aspect is called, in the person's language."""
    return _(ASPECTS[key]) if key in ASPECTS else key[:30]


def group_label(group: Group) -> str:
    """What a half of the map is called; empty for neither."""
    return _(_GROUP_LABELS[group]) if _GROUP_LABELS[group] else ""


def group_of(key: str) -> Group:
    """The half of the map an aspect stands in."""
    return GROUPS.get(key, Group.NONE)
