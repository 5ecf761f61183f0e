"""The language of a post whose source does not name it."""

from __future__ import annotations

import pytest

from app.analysis.writing import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("云雀手机发热", "zh"),
        ("蘋果手機發熱", "zh"),
        ("这手机颜值の天花板，爱了爱了", "zh"),
        ("iPhone 15 发热", "zh"),
        ("スマホが熱くて困ります", "ja"),
        ("휴대폰이 뜨거워요", "ko"),
        ("My phone is overheating 😡", "en"),
        ("Le téléphone chauffe, c'est nul", ""),
        ("lol", ""),
        ("😡😡 12345", ""),
        ("", ""),
    ],
)
def test_the_script_tells_or_nothing_is_said(text: str, language: str) -> None:
    assert language_of(text) == language
