"""What an engine and a row of tabs show of a page: its title and its description."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from tests.world.addresses import OF_ITS_OWNER, example_of, open_addresses, parameters_of
from web.home.sitemap import NOT_PUBLIC

if TYPE_CHECKING:
    from tests.world.app import Browser

OF_NO_ENGINE = (*NOT_PUBLIC, "/offline", "/push")
"""What no engine may read, or nobody looks for."""


async def heads(browser: Browser, language: str) -> dict[str, tuple[str, str]]:
    """Title and description of each public page, by where its address leads."""
    found = {}
    for address, methods in open_addresses().items():
        # The form that a phone keeps for when there is no network.
        if address.endswith("/offline") or address.startswith(OF_NO_ENGINE):
            continue
        if parameters_of(address) & OF_ITS_OWNER:
            continue
        if not any(method.startswith("GET") for method in methods):
            continue
        response = await browser.get(
            example_of(address), headers={"accept-language": language}, follow_redirects=True
        )
        title = re.search(r"<title>([^<]*)</title>", response.text)
        described = re.search(r'name="description"\s+content="([^"]*)"', response.text)
        path = response.url.path
        if (
            response.status_code == 200
            and title
            and described
            and not path.startswith(OF_NO_ENGINE)
        ):
            found[path] = unescape(title[1]), unescape(described[1])
    return found


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_page_has_a_title_and_a_description_of_its_own(resident, language) -> None:
    found = await heads(resident, language)
    front = await resident.get("/offline", headers={"accept-language": language})
    default = re.search(r'name="description"\s+content="([^"]*)"', front.text)
    assert default
    assert len(found) > 30
    faults: list[object] = []
    # The same page of another place or matter says the same of it; other pages say something else.
    by_words: dict[str, set[str]] = {}
    for address, (title, described) in found.items():
        parts = title.split(" · ")
        twice = [
            part for at, part in enumerate(parts) if any(part in each for each in parts[at + 1 :])
        ]
        if twice or described == unescape(default[1]):
            faults.append((address, title, twice))
        by_words.setdefault(described, set()).add(parts[0])
    faults += [(words, each) for words, each in by_words.items() if len(each) > 1]
    assert not faults, "\n".join(map(str, faults))


async def test_the_title_of_a_search_says_what_is_sought(resident) -> None:
    page = (await resident.get("/c/jian/search?q=低保")).text
    assert re.search(r"<title>[^<]*低保[^<]* · 济安社区</title>", page)
    bare = (await resident.get("/c/jian/search")).text
    assert re.search(r"<title>[^<]+ · 济安社区</title>", bare)
