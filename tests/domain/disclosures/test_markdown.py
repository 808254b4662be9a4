"""Markdown of the office: what is shown of it, what is said in plain text, and pasted tables."""

from __future__ import annotations

import subprocess
import sys

import pytest

from domain.disclosures.markdown import LONGEST, TooLongError, html_of, pasted, plain_of
from domain.disclosures.personal_data import found_in

TABLE = "| 项目 | 金额 |\n| --- | ---: |\n| 修路灯 | 1,200.00 |\n"


def test_headings_begin_at_the_third_level_and_skip_none() -> None:
    assert html_of("# A\n\n### B\n\n# C") == "<h3>A</h3>\n<h4>B</h4>\n<h3>C</h3>\n"
    assert html_of("### A\n\n##### B\n\n## C") == "<h3>A</h3>\n<h4>B</h4>\n<h3>C</h3>\n"
    deep = "\n\n".join("#" * level + " x" for level in range(1, 7))
    assert [f"<h{n}>" in html_of(deep) for n in range(1, 8)] == [
        *(False, False),
        *(True, True, True, True),
        False,
    ]


def test_a_table_scrolls_in_a_named_box_that_a_keyboard_reaches() -> None:
    html = html_of(f"{TABLE}\n\n{TABLE}", "Table")
    for number in (1, 2):
        box = f'<div class="table" tabindex="0" role="region" aria-label="Table {number}">'
        assert all(part in html for part in box[5:-1].replace('" ', '"\0').split("\0"))
    assert html.count("<div") == html.count("</div>") == 2
    assert '<th scope="col">项目</th>' in html
    assert "style" not in html


def test_an_empty_header_is_a_plain_cell() -> None:
    html = html_of("| | 金额 |\n|---|---|\n| a | b |\n")
    assert html.count("<th ") == html.count("</th>") == 1
    assert html.count("<td") == html.count("</td>") == 3


def test_lists_emphasis_quotes_and_line_ends_are_kept() -> None:
    html = html_of("3. *a*\n4. **b**\n\n- c\n\n> d\n\ne\nf")
    for part in ('<ol start="3">', "<em>a</em>", "<strong>b</strong>", "<ul>", "<blockquote>"):
        assert part in html
    assert "e<br>\nf" in html


@pytest.mark.parametrize(
    "address",
    ["https://a.gov.cn/x?y=1", "http://a.cn", "mailto:a@b.cn", "/disclosures/1", "/", "#第二条"],
)
def test_a_link_that_leads_somewhere_plain_is_kept(address) -> None:
    html = html_of(f"[x]({address})")
    assert 'href="' in html
    assert 'rel="nofollow noopener"' in html


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html;base64,eA==",
        "vbscript:x",
        "ftp://a.cn",
        "tel:12345",
        "//elsewhere.cn",
        "/\\elsewhere.cn",
        "\\\\elsewhere.cn",
        "x/y",
    ],
)
def test_a_link_that_leads_somewhere_odd_is_only_its_words(address) -> None:
    assert "href=" not in html_of(f"[x]({address})") or "%5C" in html_of(f"[x]({address})")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "a <b onclick=x>b</b>",
        '<div class="table" style="position:fixed">',
        "![x](https://a.cn/x.png)",
        "```html\n<script>x</script>\n```",
        "`<i>`",
        "[x](</a?<table>>)",
        '[x](/a "t<script>")',
        "<https://a.cn/<script>>",
    ],
)
def test_html_pictures_and_code_are_shown_as_they_were_typed(text) -> None:
    html = html_of(text)
    for tag in ("<script", "<img", "<svg", "<b", "<i>", "<div", "<table", "<code", "<pre"):
        assert tag not in html.replace("<br>", "")
    assert "title=" not in html


def test_an_indented_paragraph_is_no_code() -> None:
    assert html_of("    第一段") == "<p>第一段</p>\n"


def test_plain_text_stays_on_the_lines_of_its_source() -> None:
    text = f"# 题 **目**\n\n一\n二 [看这里](/x) <https://a.cn> &amp;\n\n{TABLE}\n- 条\n"
    assert plain_of(text).split("\n") == [
        "题 目",
        "",
        "一",
        "二 看这里 (/x) https://a.cn &",
        "",
        "项目\t金额",
        "",
        "修路灯\t1,200.00",
        "",
        "条",
    ]
    assert plain_of("") == plain_of("\n\n") == ""


def test_a_number_that_markup_cuts_up_is_found_on_its_line() -> None:
    found = found_in(plain_of("一\n\n电话 138**0000**&#49;111\n"))
    assert [(each.line, each.shown) for each in found] == [(3, "138…11")]
    assert found_in(plain_of("[王某](https://a.cn/13800001111)"))


def test_a_table_pasted_from_a_spreadsheet_becomes_one_of_markdown() -> None:
    text = '说明\n项目\t金额\t备注\r\n修路灯\t1,200.00\t"第一行\n第二行 ""甲"""\n\t合计\n王*国\t李*明\t|'
    assert pasted(text) == (
        "说明\n\n"
        "| 项目 | 金额 | 备注 |\n"
        "| --- | --- | --- |\n"
        '| 修路灯 | 1,200.00 | 第一行 第二行 "甲" |\n'
        "|  | 合计 |  |\n"
        "| 王\\*国 | 李\\*明 | \\| |"
    )
    html = html_of(pasted(text))
    assert "<td>王*国</td>\n<td>李*明</td>\n<td>|</td>" in html
    assert html.count("<tr>") == 4


def test_text_without_a_table_stays_as_it_is() -> None:
    for text in ("", "一\n\n\n\n二", '"引文"\n后面', "一\t二", "a\n\n\tb\n"):
        assert pasted(text) == text.strip("\n") or "\t" not in text
    assert pasted('"开头\t没有结尾\n下一行\t二').startswith('| "开头 |')


@pytest.mark.parametrize("does", [html_of, plain_of, pasted])
def test_a_text_that_is_too_long_is_refused_in_words(does) -> None:
    with pytest.raises(TooLongError, match="200,000"):
        does("x" * (LONGEST + 1))
    does("字" * LONGEST)


HOSTILE = """
from domain.disclosures.markdown import html_of, pasted, plain_of
from web.running.apart import limit
limit(60, 1 << 30)
for part in ["[", "[a](", "*a ", "**", "> ", "- ", "|", "|a", "<", "&", "a|b\\n-|-\\n", "#\\n", "[a]: /x\\n",
    "](", "\\\\", "1. ", "_a*", "<a ", "    ", "- a\\n  "]:
    text = part * (20_000 // len(part))
    html_of(text)
    plain_of(text)
for part in ['"', '"\\t', '\\t', '"a\\n', '""']:
    pasted(part * (200_000 // len(part)))
"""


def test_hostile_markdown_takes_time_within_bounds() -> None:
    assert subprocess.run([sys.executable, "-c", HOSTILE], check=False).returncode == 0
