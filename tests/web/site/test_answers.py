"""What a page answers is in its address: in its code, shared, on paper, and in the other language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import pytest

from web.site.pages import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

ASKING = (
    "/working-days?from=2026-11-26&days=10",
    "/c/yikang/search?q=低保",
    "/communities?q=刘家庄",
    "/halls?q=刘家庄&open=1",
    "/c/yikang/disclosures/search?q=水费&year=2026",
)
# What only says how someone came, or what was done there.
SAYS_NOTHING = {
    "done",
    "again",
    "c",
    "in",
    "to",
    "next",
    "from",
    "key",
    "at",
    "day",
    "door",
    "let",
    "was",
}


@pytest.mark.parametrize("address", ASKING)
async def test_an_answer_has_its_whole_address_wherever_the_page_names_it(
    resident, address
) -> None:
    page = (await resident.get(address)).text.replace("&amp;", "&")
    canonical = re.search(r'rel="canonical" href="http://lianxin\.test([^"]+)"', page)
    languages = re.search(r'name="next" value="([^"]+)"', page)
    assert canonical
    assert languages
    assert unquote_plus(canonical[1]) == unquote_plus(languages[1]) == address
    codes = re.findall(r'"/code(?:\.svg)?\?to=([^"]+)"', page)
    assert {unquote_plus(unquote_plus(each)) for each in codes} <= {address}


async def test_a_page_names_nothing_of_its_address_that_says_nothing(resident) -> None:
    page = (await resident.get("/communities?q=&utm=letter")).text
    assert 'href="http://lianxin.test/communities"' in page


async def test_a_cached_page_says_the_same_whatever_its_address_asks_for(open_app) -> None:
    async with open_app() as browser:
        asked = await browser.get("/c/yikang?q=other")
        assert "other" not in asked.text
        assert (await browser.get("/c/yikang")).text == asked.text


async def test_the_other_language_gives_the_same_answer(resident) -> None:
    address = "/working-days?from=2026-11-26&days=10"
    here = re.search(r'name="next" value="([^"]+)"', (await resident.get(address)).text)
    assert here
    given = {"next": here[1].replace("&amp;", "&"), "lang": "en"}
    answer = await resident.post("/preferences", data=given)
    assert answer.headers["location"] == address


def pages_below(page: type[Page]) -> Iterator[type[Page]]:
    for below in page.__subclasses__():
        yield below
        yield from pages_below(below)


def test_every_parameter_that_a_residents_page_reads_is_known_to_be_an_answer_or_none() -> None:
    """The next page that reads its address says so in `asks`, or its code loses the answer."""
    known = {name for page in pages_below(Page) for name in page.asks}
    read = {
        name
        for source in Path("web").rglob("*.py")
        if "visit.query" in (text := source.read_text("utf-8")) and "StaffVisit" not in text
        for name in re.findall(r'query(?:\.get\(|\[)"([a-z-]+)"', text)
    }
    assert {"q", "days", "year"} <= read
    assert read - known - SAYS_NOTHING == set()
