"""A heading breaks before a word and never within one, so a name stays whole."""

from __future__ import annotations

import re

import pytest

from web.site.headings import with_breaks

# Characters that fit one line of a heading in the elder view on a phone of 360 px.
LONGEST_PIECE = 8


def pieces(heading: str) -> str:
    broken = with_breaks(f"<h1>{heading}</h1>")[4:-5]
    return broken.replace("<wbr>", "/").replace("\u00a0", "_")


@pytest.mark.parametrize(
    ("heading", "broken"),
    [
        ("刘家庄社区服务大厅", "刘家庄社区/服务大厅"),
        ("经济困难老年人服务补贴", "经济/困难/老年人/服务/补贴"),
        ("服务大厅", "服务大厅"),
        ("孟庆和", "孟庆和"),
        ("欢迎，程立民", "欢迎，程立民"),
        ("居住证申领与签注", "居住证/申领与/签注"),
        ("3 号窗口", "3_号窗口"),
        ("9 月份社区工作经费收支", "9_月份社区工作经费收支"),
        ("Counter 3 of 5", "Counter 3 of 5"),
        ("Opening hours", "Opening hours"),
    ],
)
def test_a_heading_breaks_before_words(heading, broken) -> None:
    assert pieces(heading) == broken


def test_nothing_but_the_heading_is_touched() -> None:
    page = '<title>社区服务</title><h1 class="x">社区服务<b>申请</b></h1><p>社区服务</p>'
    expected = page.replace('"x">社区服务<b>申请', '"x">社区<wbr>服务<b>申请')
    assert with_breaks(page) == expected


def test_attributes_in_a_heading_stay_as_they_are() -> None:
    page = '<h1 title="社区服务">社区<b title="社区服务">服务</b></h1>'
    assert with_breaks(page) == page


async def test_each_name_of_the_sample_breaks_into_pieces_that_fit_a_line(resident) -> None:
    published = await resident.services.published()
    names = {item.name for item in published.handbook.items.values()}
    names |= {category.name for category in published.handbook.categories}
    for community in published.communities:
        names |= {community.name, community.hall.name}
    parts = {part for name in names for part in re.split("[/、，（）]", pieces(name))}
    assert len(names) > 100
    assert {part for part in parts if len(part) > LONGEST_PIECE} == set()


async def test_a_page_has_its_heading_broken_in_both_languages(resident) -> None:
    for language in ("zh-CN", "en"):
        page = await resident.get("/c/liujiazhuang/hall", headers={"accept-language": language})
        assert "刘家庄社区<wbr>服务大厅</h1>" in page.text
