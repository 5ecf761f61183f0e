"""Forms from declarations, and the query field's underline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from app.errors import ConfigError, QueryError
from app.settings.local import Local
from app.settings.schema import choice, flag, integer, lines, path, read, secret, specs, text
from monitors import ALL
from ui.forms import Form, defaults, split_lines
from ui.widgets.query_edit import QueryEdit
from ui.widgets.samples import pieces


@dataclass(frozen=True)
class Sample:
    url: str = text("Address", required=True, help="Where", placeholder="https://")
    token: str = secret("Token")
    every: int = integer("Every", default=5, low=1, high=60)
    sort: str = choice("Order", choices=("new", "old"), default="new")
    deep: bool = flag("Everything", default=True)
    words: tuple[str, ...] = lines("Words", default=("a", "b"))
    where: str = path("Folder")


def test_a_form_gives_back_what_it_was_given(qtbot: Any) -> None:
    form = Form(specs(Sample), defaults(Sample))
    qtbot.addWidget(form)
    values = form.values()
    assert values == {"url": "", "every": 5, "sort": "new", "deep": True, "words": ("a", "b"), "where": ""}
    form.fields["url"].show_value("https://x.example")
    form.fields["sort"].show_value("old")
    form.fields["words"].show_value(("小米", "红米"))
    again = read(Sample, form.values())
    assert (again.url, again.sort, again.words) == ("https://x.example", "old", ("小米", "红米"))


def test_secrets_are_dots_and_are_kept_apart(qtbot: Any) -> None:
    form = Form(specs(Sample), kept=["token"])
    qtbot.addWidget(form)
    box = form.fields["token"].input
    assert isinstance(box, QLineEdit)
    assert box.echoMode() == QLineEdit.EchoMode.Password
    assert box.text() == ""
    assert "Kept" in box.placeholderText()
    assert form.secrets() == {}
    QTest.keyClicks(box, "s3cret")
    assert form.secrets() == {"token": "s3cret"}
    assert "token" not in form.values()


def test_a_problem_stands_at_its_field_until_it_is_edited(qtbot: Any, hear: Callable[[Any], Any]) -> None:
    form = Form(specs(Sample))
    qtbot.addWidget(form)
    form.show()
    heard = hear(form.edited)
    with pytest.raises(ConfigError) as raised:
        read(Sample, form.values())
    assert form.show_problem(raised.value.field, raised.value.text)
    field = form.fields["url"]
    assert "Address" in field.error.text()
    assert field.input.property("bad") is True
    QTest.keyClicks(field.input, "h")
    assert not field.error.isVisible()
    assert field.input.property("bad") is False
    assert heard.values
    assert not form.show_problem("nowhere", "x")


@pytest.mark.parametrize("kind", [*ALL], ids=lambda one: one.info.id)
def test_every_monitors_settings_make_a_form(qtbot: Any, kind: Any) -> None:
    form = Form(specs(kind.Settings), defaults(kind.Settings))
    qtbot.addWidget(form)
    named = {name for name, _spec in specs(kind.Settings)}
    assert set(form.fields) == named
    for field in form.fields.values():
        assert field.input.accessibleName()


def test_this_machines_settings_make_a_form_that_reads_back(qtbot: Any) -> None:
    local = Local(agent="小周", theme="dark", raw_days=7)
    form = Form(specs(Local), {name: getattr(local, name) for name, _spec in specs(Local)})
    qtbot.addWidget(form)
    assert read(Local, form.values()) == local


def test_lines_part_at_chinese_punctuation_too() -> None:
    assert split_lines("小米，红米、澎湃\n米家, ,") == ("小米", "红米", "澎湃", "米家")


def test_a_bad_query_is_underlined_at_its_character(qtbot: Any) -> None:
    def check(text_: str) -> QueryError | None:
        at = text_.find("(")
        return QueryError("never closed", at=at) if at >= 0 else None

    edit = QueryEdit(check)
    qtbot.addWidget(edit)
    edit.set_text("😀小米 (红米")
    assert edit.underlined() == (4, 5)
    assert "5" in edit.error.text()
    assert not edit.is_good
    edit.set_text("小米")
    assert edit.underlined() is None
    assert edit.is_good


def test_an_error_behind_the_end_marks_the_last_character(qtbot: Any) -> None:
    edit = QueryEdit(lambda text_: QueryError("something is missing", at=len(text_)))
    qtbot.addWidget(edit)
    edit.set_text("小米 AND")
    assert edit.underlined() == (5, 6)


def test_the_query_field_takes_no_line_break(qtbot: Any) -> None:
    edit = QueryEdit(lambda _text: None)
    qtbot.addWidget(edit)
    QTest.keyClicks(edit.text_edit, "a")
    QTest.keyClick(edit.text_edit, Qt.Key.Key_Return)
    QTest.keyClicks(edit.text_edit, "b")
    assert edit.text_edit.toPlainText() == "ab"
    edit.set_text("a\nb")
    assert "\n" not in edit.text()


def test_an_excerpt_keeps_marks_where_they_are() -> None:
    text_ = "x" * 500 + "小米\n手机" + "y" * 500
    made = pieces(text_, [(500, 502)])
    assert [piece for piece, marked in made if marked] == ["小米"]
    assert made[0] == ("…", False)
    assert made[-1] == ("…", False)
    assert "\n" not in "".join(piece for piece, _marked in made)
    assert pieces("<b>小米</b>", [(3, 5)])[0][0] == "<b>"
