"""Chinese on English pages: every text of it is marked, wherever it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import html5lib
import pytest

from tests.world.addresses import OF_ITS_OWNER, example_of, open_addresses, parameters_of
from web.site.chinese import with_chinese_marked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

CHINESE = re.compile(r"[\u3400-\u9fff]")
# A word of our pages in lower case; 微信 app and Wi-Fi are Chinese as well.
ENGLISH = re.compile(r"(?<![A-Za-z-])(?!app\b)[a-z]{3,}\b")
NOT_READ = {"script", "style", "title"}
# They hold a text in two languages and no element that could say so.
HOLDS_NO_ELEMENT = {"option", "textarea"}


def unmarked(element: Element, language: str) -> Iterator[str]:
    """Every text with Chinese that stands in an element of another language."""
    language = element.get("lang") or language
    if element.tag in NOT_READ:
        return
    for child in element:
        if isinstance(child.tag, str):
            yield from unmarked(child, language)
    texts = [element.text, *(child.tail for child in element)]
    if not language.startswith("zh"):
        yield from (text.strip() for text in texts if text and CHINESE.search(text))


def misread(element: Element, language: str) -> Iterator[str]:
    """Every English text that stands in an element that is said to be Chinese."""
    language = element.get("lang") or language
    texts = [element.text, *(child.tail for child in element)]
    if language.startswith("zh") and element.tag not in NOT_READ | HOLDS_NO_ELEMENT:
        yield from (text.strip() for text in texts if text and ENGLISH.search(text))
    for child in element:
        if isinstance(child.tag, str):
            yield from misread(child, language)


@pytest.mark.parametrize(
    ("html", "marked"),
    [
        ("<b>济安社区</b>", '<b lang="zh-Hans">济安社区</b>'),
        ("<b><i>A</i> 社会救助</b>", '<b><i>A</i> <span lang="zh-Hans">社会救助</span></b>'),
        (
            "<p>Nearest to 济安新苑 3 号楼 first</p>",
            '<p><span>Nearest to <span lang="zh-Hans">济安新苑 3 号楼</span> first</span></p>',
        ),
        ("<p>4050 人员</p>", '<p lang="zh-Hans">4050 人员</p>'),
        (
            "<p>天桥区 · 32 communities</p>",
            '<p><span><span lang="zh-Hans">天桥区</span> · 32 communities</span></p>',
        ),
        (
            "<a>济安社区 <b>change</b></a>",
            '<a><span lang="zh-Hans">济安社区</span> <b>change</b></a>',
        ),
        (
            '<p>a<br>社区<img alt="社">b</p>',
            '<p>a<br><span lang="zh-Hans">社区</span><img alt="社">b</p>',
        ),
        ("<title>社区</title><!-- 社区 -->", "<title>社区</title><!-- 社区 -->"),
        ('<p data-x="a > 社">a</p>', '<p data-x="a > 社">a</p>'),
        (
            '<div lang="zh-Hans"><p><i>x</i>社区</p></div>',
            '<div lang="zh-Hans"><p><i>x</i>社区</p></div>',
        ),
        (
            "<p>&lt;b&gt;<i>x</i>社区&amp;</p>",
            '<p>&lt;b&gt;<i>x</i><span><span lang="zh-Hans">社区</span>&amp;</span></p>',
        ),
    ],
)
def test_each_chinese_text_is_marked_and_nothing_else(html, marked) -> None:
    assert with_chinese_marked(html) == marked


async def test_no_english_page_leaves_chinese_unmarked(resident) -> None:
    seen, faults = 0, []
    for address, methods in open_addresses().items():
        if parameters_of(address) & OF_ITS_OWNER or not any("GET" in each for each in methods):
            continue
        response = await resident.get(
            example_of(address), headers={"accept-language": "en"}, follow_redirects=True
        )
        if not response.headers.get("content-type", "").startswith("text/html"):
            continue
        root = html5lib.parse(response.text, namespaceHTMLElements=False)
        if root.get("lang") != "en":
            continue
        seen += 1
        faults += [f"{address}: {text}" for text in unmarked(root, "en")]
        faults += [f"{address} says as Chinese: {text}" for text in misread(root, "en")]
    assert seen > 40
    assert not faults, "\n".join(faults[:40])
