"""What templates say is translated; what an office wrote is shown as it is."""

from __future__ import annotations

import pytest

from web.site.words import message_in


@pytest.mark.parametrize(("lang", "said"), [("en", "Take a number"), ("zh-Hans", "取号")])
def test_a_message_is_said_in_the_language(lang: str, said: str) -> None:
    assert message_in(lang)("Take a number") == said


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "Line &lt;i&gt;"), ("zh-Hans", "第 &lt;i&gt; 行")]
)
def test_values_of_a_message_are_escaped(lang: str, said: str) -> None:
    assert message_in(lang)("Line %(line)s", line="<i>") == said


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_a_message_may_hold_a_sign_for_percent(lang: str) -> None:
    message = message_in(lang)
    text = (
        "Of %(count)s people, %(share)s%% were called within the forecast time. "
        "The middle of the forecast was %(error)s minutes off on average."
    )
    said = message(text, count=5, share=60, error=3)
    assert "60%" in said
    assert "%%" not in said


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
@pytest.mark.parametrize(
    ("written", "shown"),
    [("补贴 50% 起", "补贴 50% 起"), ("<b>", "&lt;b&gt;"), ("%(name)s", "%(name)s"), ("", "")],
)
def test_what_an_office_wrote_is_neither_formatted_nor_markup(lang, written, shown) -> None:
    assert message_in(lang)(written) == shown
