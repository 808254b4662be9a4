"""Ranges are kept on one line, wherever they stand on a page; the house rules ask for it everywhere."""

from __future__ import annotations

import pytest

from web.site.ranges import with_ranges_whole


@pytest.mark.parametrize(
    ("html", "whole"),
    [
        ("<b>25–70</b>", '<b><span class="whole">25–70</span></b>'),
        (
            "<p>about 25–70 minutes</p>",
            '<p><span>about <span class="whole">25–70</span> minutes</span></p>',
        ),
        (
            "<p><b>a</b>，8:30–12:00<br></p>",
            '<p><b>a</b><span>，<span class="whole">8:30–12:00</span></span><br></p>',
        ),
        ("<p>3～5 天</p>", '<p><span><span class="whole">3～5</span> 天</span></p>'),
        ("<title>8:30–17:00</title>", "<title>8:30–17:00</title>"),
        ('<p title="8:30–17:00">–</p>', '<p title="8:30–17:00">–</p>'),
        (
            '<textarea name="hours">8:30–17:00</textarea>',
            '<textarea name="hours">8:30–17:00</textarea>',
        ),
        ("<option>1–3</option>", "<option>1–3</option>"),
        ('<svg><text x="1">1–3</text></svg>', '<svg><text x="1">1–3</text></svg>'),
        ("<p>23 Nov – 25 Nov</p>", "<p>23 Nov – 25 Nov</p>"),
    ],
)
def test_a_range_is_kept_whole_and_nothing_else(html, whole) -> None:
    assert with_ranges_whole(html) == whole


async def test_hours_are_whole_in_both_languages(resident) -> None:
    for lang in ("zh-Hans", "en"):
        page = (await resident.get(f"/c/liujiazhuang/hall?lang={lang}")).text
        assert '<span class="whole">8:30–17:00</span>' in page
