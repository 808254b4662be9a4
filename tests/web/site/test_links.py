"""No link leads nowhere, and an address that was printed on paper is never forgotten."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urldefrag, urlencode, urlsplit

import pytest

from tests.world.addresses import (
    EXAMPLES,
    GOLDEN,
    OF_ITS_OWNER,
    QUERIES,
    example_of,
    fits,
    open_addresses,
    parameters_of,
)

if TYPE_CHECKING:
    from tests.world.app import Browser

ADDRESSES = ("href", "src", "action", "data-fragment", "hx-get", "hx-post")
ROOT = Path(__file__).parents[3]
FULL, UNWRITTEN = "liujiazhuang", "houhuangtun"


class Found(HTMLParser):
    """The addresses on a page and the ids that others can lead to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.posts: set[str] = set()
        self.ids: set[str] = set()
        # Styles and scripts, as often as the page asks for them.
        self.loaded: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value is not None}
        self.ids.add(given.get("id", ""))
        file = given.get("src" if tag == "script" else "href")
        if file and (tag == "script" or given.get("rel") == "stylesheet"):
            self.loaded.append(file)
        for name in ADDRESSES:
            address = given.get(name, "")
            if address.startswith("/"):
                is_post = name == "hx-post" or given.get("method") == "post"
                (self.posts if is_post else self.links).add(address)


@dataclass
class Crawl:
    """A walk along every local link, within one community."""

    browser: Browser
    community: str
    waiting: dict[str, str] = field(default_factory=lambda: {"/": "the front door"})
    """Address to the page that it was found on."""
    seen: dict[str, int] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)
    anchors: set[tuple[str, str, str]] = field(default_factory=set)
    """Page, id there, page it was found on."""
    broken: list[str] = field(default_factory=list)

    async def walk(self) -> None:
        """Follow links until none is left."""
        while self.waiting:
            address, origin = self.waiting.popitem()
            response = await self.browser.get(address)
            self.seen[address] = response.status_code
            if response.status_code >= 400:
                self.broken.append(f"{address} on {origin}: {response.status_code}")
            if "location" in response.headers:
                self.meet(response.headers["location"], address)
            if response.headers.get("content-type", "").startswith("text/html"):
                found = Found(response.text)
                self.ids[urlsplit(address).path] = found.ids
                for link in found.links:
                    self.meet(link, address)
                if len(set(found.loaded)) < len(found.loaded):
                    self.broken.append(f"{address} loads one file twice: {found.loaded}")
        for path, identity, origin in self.anchors:
            if identity not in self.ids.get(path, ()):
                self.broken.append(f"{path}#{identity} on {origin}: no such place")

    def meet(self, link: str, origin: str) -> None:
        """Put a link on the list, unless it is there or leads to another community."""
        address, identity = urldefrag(link)
        parts = urlsplit(address)
        if identity and not parts.path.startswith("/assets/"):
            self.anchors.add((parts.path, unquote(identity), origin))
        if parts.path.startswith("/c/") and parts.path.split("/")[2] != self.community:
            return
        query = dict(parse_qsl(parts.query))
        if parts.path.startswith("/code"):
            # A code's own page is asked for once; where it leads is walked like any link.
            self.meet(query.pop("to", "/"), origin)
            query["to"] = "/mine"
            address = f"{parts.path}?{urlencode(query)}"
        if address not in self.seen:
            self.waiting.setdefault(address, origin)


@pytest.mark.parametrize("community", [FULL, UNWRITTEN])
async def test_every_link_of_a_community_leads_somewhere(resident, community) -> None:
    await resident.get(f"/c/{community}")  # the phone remembers it, so the front door leads there
    crawl = Crawl(resident, community)
    await crawl.walk()
    assert crawl.broken == []
    assert {f"/c/{community}/handbook", f"/c/{community}/posters", "/mine"} <= set(crawl.seen)


async def test_a_link_that_leads_nowhere_is_found_by_the_walk(resident) -> None:
    crawl = Crawl(resident, "nowhere")
    crawl.waiting = {"/f/here": "a planted page", "/planted": "a planted page"}
    crawl.anchors = {("/f/here", "planted", "a planted page")}
    await crawl.walk()
    assert crawl.broken == [
        "/planted on a planted page: 404",
        "/f/here#planted on a planted page: no such place",
    ]


async def test_every_form_that_changes_something_has_an_answer(resident) -> None:
    for address in (f"/c/{FULL}", "/mine"):
        posts = Found((await resident.get(address)).text).posts
        assert posts
        for action in posts:
            assert (await resident.post(action)).status_code == 303


ADDRESSES_OF_RESIDENTS = open_addresses()
NOT_PRINTED = {
    "/metrics": "a setting hides it",
    "/live/screen": "a stream of a paired device",
    "/live/rating": "a stream of a paired device",
    "/terminal/{lang}/numbers": "a page of a paired device",
    "/terminal/{lang}/numbers/{item}": "a page of a paired device",
    "/cards/{slug}.jpg": "a photograph that is there only with its holder's consent",
}
"""Addresses with nothing secret in them that no paper shows, and why. Staff's stand on no paper either."""
PRINTED = [
    address
    for address, methods in ADDRESSES_OF_RESIDENTS.items()
    if any("GET" in each for each in methods)
    and address not in NOT_PRINTED
    and not parameters_of(address) & OF_ITS_OWNER
]


# What stands on paper hangs on doors, so no address of residents is ever forgotten: it stays in
# the golden list, and each of that list is asked for here. One that is retired redirects.
# Not taken: a second list of addresses with examples, to which each new page had to be added.
@pytest.mark.parametrize("address", PRINTED)
async def test_an_address_on_paper_still_answers(resident, address) -> None:
    assert (await resident.get(example_of(address))).status_code < 400


OF_ANY_COMMUNITY = [each for each in PRINTED if parameters_of(each) == {"community"}]


@pytest.mark.parametrize("address", OF_ANY_COMMUNITY)
async def test_an_address_answers_in_a_community_that_wrote_nothing(resident, address) -> None:
    example = example_of(address, community=UNWRITTEN)
    assert (await resident.get(example)).status_code < 400


def test_every_address_of_residents_is_asked_for_or_says_why_not() -> None:
    assert len(PRINTED) > 40
    assert set(NOT_PRINTED) <= set(ADDRESSES_OF_RESIDENTS)
    unknown = {
        name for each in ADDRESSES_OF_RESIDENTS for name in parameters_of(each) - OF_ITS_OWNER
    }
    assert unknown <= set(EXAMPLES), "give each of these an example in tests/world/addresses.py"


def test_no_address_of_residents_was_ever_taken_out_of_the_list() -> None:
    # A copy without git has no history, and may lie within another repository.
    changes = history_of(GOLDEN) if (ROOT / ".git").exists() else ""
    now = {plain(line.split()[1]) for line in GOLDEN.read_text(encoding="utf-8").splitlines()}
    assert taken_out(changes) - now == set()


def history_of(file: Path) -> str:
    """What each commit changed in a file."""
    command = ("git", "log", "--format=", "-p", "--", str(file))
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def taken_out(changes: str) -> set[str]:
    """The open addresses on lines that a change took out of the golden list."""
    lines = (line[1:].split() for line in changes.splitlines() if line.startswith("-"))
    return {plain(line[1]) for line in lines if line[2:3] == ["open"]}


def plain(address: str) -> str:
    """The address as paper knows it: the names of its parameters are ours alone."""
    return re.sub(r"\{\w+", "{", address)


def test_an_address_that_was_taken_out_is_noticed() -> None:
    changes = """--- a/tests/addresses.txt
-GET       /mine                              open
-GET       /c/{community}/old/{name:int}      open
-GET       /staff/log                         administrator      district
+GET       /own                               open
"""
    assert taken_out(changes) == {"/mine", "/c/{}/old/{:int}"}


def test_the_examples_fit_their_addresses() -> None:
    assert [each for each in PRINTED if not fits(example_of(each), each)] == []
    assert set(QUERIES) <= set(PRINTED)


def test_an_example_of_another_address_does_not_fit() -> None:
    assert fits("/c/jian/hall?x=1", "/c/{community}/hall")
    assert not fits("/c/jian/people", "/c/{community}/hall")
    assert not fits("/code-svg", "/code.svg")
    with pytest.raises(KeyError):
        example_of("/c/{community}/{unheard}")
