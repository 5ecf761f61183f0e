"""How a workbook looks: one font, few colours, tone in colour and word.

Used by the writers of this folder only, in whatever thread they run.
"""

from __future__ import annotations

from typing import Any

from xlsxwriter import Workbook

from app.domain.sentiment import Tone

INK, GREY, LINE, PALE, ACCENT = "#1F2933", "#6B7785", "#D9DEE4", "#F4F6F8", "#1F5FA8"
RED, AMBER, GREEN, UNKNOWN = "#C0392B", "#8A94A0", "#2E8B57", "#C9CFD6"
TONE_COLOURS = {Tone.NEGATIVE: RED, Tone.NEUTRAL: AMBER, Tone.POSITIVE: GREEN, None: UNKNOWN}
VOICES = ("#1F5FA8", "#E08E2B", "#4C9F9B", "#8E5EA2", "#B5536B", "#7A8B3C", "#56657A", "#C2A33A")
FONTS = {"zh_CN": "Microsoft YaHei", "en": "Calibri"}
CHINESE_FONT = "Microsoft YaHei"
"""Rows and brand names are Chinese whatever language the program speaks."""


class Styles:
    """Formats belong to a workbook, so they are made for each."""

    def __init__(self, book: Workbook, language: str) -> None:
        self._book = book
        self.font = CHINESE_FONT if language == "zh_CN" else FONTS.get(language, CHINESE_FONT)
        top = {"valign": "top", "bottom": 1, "bottom_color": LINE}
        self.title = self._made(font_size=20, bold=True, font_color=INK, valign="vcenter")
        self.subtitle = self._made(font_size=11, font_color=GREY, valign="vcenter")
        self.section = self._made(font_size=13, bold=True, font_color=ACCENT, valign="vcenter")
        self.head = self._made(bold=True, font_color="#FFFFFF", bg_color=ACCENT, valign="vcenter")
        self.head_number = self._made(
            bold=True,
            font_color="#FFFFFF",
            bg_color=ACCENT,
            valign="vcenter",
            align="right",
            text_wrap=True,
        )
        self.text = self._made(**top)
        self.strong = self._made(bold=True, **top)
        self.wrap = self._made(text_wrap=True, **top)
        self.number = self._made(num_format="#,##0", **top)
        self.id = self._made(num_format="0", font_color=GREY, **top)
        self.decimal = self._made(num_format="0.00#", **top)
        self.right = self._made(align="right", **top)
        self.percent = self._made(num_format="0.0%", **top)
        self.date = self._made(num_format="yyyy-mm-dd", align="left", **top)
        self.link = self._made(font_color=ACCENT, underline=1, **top)
        self.note = self._made(font_color=GREY, italic=True, valign="top", text_wrap=True)
        self.aside = self._made(font_color=GREY, italic=True, valign="vcenter")
        self.card_label = self._made(
            font_size=9, font_color=GREY, bg_color=PALE, align="center", valign="vcenter", text_wrap=True
        )
        self.card_value = self._made(
            font_size=18, bold=True, font_color=INK, bg_color=PALE, align="center", valign="vcenter"
        )
        self.cards = {
            verdict: self._made(
                font_size=9, font_color=colour, bg_color=PALE, align="center", valign="vcenter"
            )
            for verdict, colour in ((-1, RED), (0, GREY), (1, GREEN))
        }
        self.tones = {
            tone: self._made(bold=tone is not None, font_color=colour if tone else GREY, **top)
            for tone, colour in TONE_COLOURS.items()
        }

    def _made(self, **properties: Any) -> Any:
        return self._book.add_format(
            {"font_name": CHINESE_FONT, "font_size": 10, "font_color": INK} | properties
        )
