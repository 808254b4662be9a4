"""No link leads nowhere, and an address that was printed on paper is never forgotten."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urldefrag, urlencode, urlsplit

import pytest
from starlette.routing import Route

from web.routes import routes

if TYPE_CHECKING:
    from tests.world.app import Browser

ADDRESSES = ("href", "src", "action", "data-fragment", "hx-get", "hx-post")
FULL, UNWRITTEN = "liujiazhuang", "houhuangtun"


class Found(HTMLParser):
    """The addresses on a page and the ids that others can lead to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.posts: set[str] = set()
        self.ids: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value is not None}
        self.ids.add(given.get("id", ""))
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


PRINTED = {
    "/": "/",
    "/c/{community}": "/c/liujiazhuang",
    "/c/{community}/handbook": "/c/liujiazhuang/handbook",
    "/c/{community}/handbook/categories/{category}": "/c/jian/handbook/categories/elderly",
    "/c/{community}/handbook/events/{event}": "/c/jian/handbook/events/retiring",
    "/c/{community}/handbook/{item}": "/c/yikang/handbook/gaoling-jintie",
    "/c/{community}/handbook/{item}/forms/{number:int}": "/c/jian/handbook/dibao/forms/3",
    "/c/{community}/search": "/c/liujiazhuang/search?q=低保",
    "/c/{community}/search.json": "/c/liujiazhuang/search.json",
    "/c/{community}/contacts": "/c/liujiazhuang/contacts",
    "/cards/{slug}": "/cards/liujiazhuang-xinju-3",
    "/cards/{slug}.vcf": "/cards/liujiazhuang-xinju-3.vcf",
    "/c/{community}/facilities": "/c/liujiazhuang/facilities",
    "/c/{community}/people": "/c/liujiazhuang/people",
    "/c/{community}/partners": "/c/liujiazhuang/partners",
    "/c/{community}/brand": "/c/liujiazhuang/brand",
    "/c/{community}/hall": "/c/liujiazhuang/hall",
    "/c/{community}/hall/figures": "/c/liujiazhuang/hall/figures",
    "/c/{community}/posters": "/c/liujiazhuang/posters",
    "/c/{community}/b/{building}": "/c/liujiazhuang/b/2",
    "/c/{community}/offline.json": "/c/houhuangtun/offline.json",
    "/handbook": "/handbook",
    "/communities": "/communities",
    "/working-days": "/working-days?from=2026-11-23&days=7",
    "/working-days.ics": "/working-days.ics?from=2026-11-23&days=7",
    "/mine": "/mine",
    "/code": "/code?to=/c/liujiazhuang",
    "/code.svg": "/code.svg?to=/c/liujiazhuang",
    "/code.png": "/code.png?to=/c/liujiazhuang",
    "/preferences": "POST",
    "/f/halls/{community}": "/f/halls/liujiazhuang",
    "/f/search": "/f/search?c=liujiazhuang&q=低保",
    "/f/here": "/f/here",
    "/take": "/take",
    "/c/{community}/take": "/c/liujiazhuang/take?item=gaoling-jintie",
    "/halls/{community}/tickets": "POST",
    "/tickets/{token}/cancellation": "POST",
    "/tickets/{token}/letting-pass": "POST",
    "/tickets/{token}/return": "POST",
    "/tickets/{token}/rating": "POST",
    "/tickets/{token}/documents": "POST",
    "/rating/ratings": "POST",
    "/f/mine/tickets": "/f/mine/tickets",
    "/tickets/{token}/watches": "POST",
    "/tickets/{token}/watches/ending": "POST",
    "/push/help": "/push/help",
    "/push/key": "/push/key",
    "/push/subscriptions": "POST",
    "/f/mine/inbox": "/f/mine/inbox",
    "/mine/inbox": "/mine/inbox",
    "/inbox/unread": "/inbox/unread",
    "/inbox/readings": "POST",
    "/inbox/{message:int}/reading": "POST",
    "/mine/notifications": "/mine/notifications",
    "/mine/notifications/addresses": "POST",
    "/mine/notifications/addresses/ending": "POST",
    "/mine/notifications/browsers/{browser:int}/ending": "POST",
    "/screen": "/screen",
    "/kiosk": "/kiosk",
    "/rating": "/rating",
    "/f/devices/screen": "POST",
    "/f/devices/kiosk": "POST",
    "/f/devices/rating": "POST",
    "/kiosk/tickets": "POST",
    "/offline": "/offline",
    "/sw.js": "/sw.js",
    "/manifest.webmanifest": "/manifest.webmanifest",
    "/favicon.ico": "/favicon.ico",
    "/robots.txt": "/robots.txt",
    "/sitemap.xml": "/sitemap.xml",
    "/healthz": "/healthz",
}
"""Every address there ever was, with an example. Nothing is ever taken out of this list: what
stands here hangs on doors. A retired address redirects, and its line stays."""
NOT_PRINTED = {
    "/assets/{name}",
    "/cards/{slug}/photo",
    "/metrics",
    "/invitations/{key}",
    "/notifications/addresses/{key}",
    "/tickets/{token}",
    "/f/tickets/{token}",
    "/live/tickets/{token}",
    "/live/screen",
    "/live/rating",
    "/kiosk/categories/{letter}",
    "/kiosk/categories/{letter}/priority",
    "/kiosk/tickets/{token}",
}
"""Addresses that hold a hash or a key, that a setting or a consent hides, or that only a hall's
device opens. Staff's stand on no paper."""


@pytest.mark.parametrize("address", [each for each in PRINTED.values() if each.startswith("/")])
async def test_an_address_on_paper_still_answers(resident, address) -> None:
    assert (await resident.get(address)).status_code < 400


def test_a_new_address_is_remembered_from_its_first_day() -> None:
    paths = {route.path for route in routes() if isinstance(route, Route)}
    shapes = {path for path in paths if not path.startswith(("/staff", "/f/staff", "/live/staff"))}
    assert shapes <= set(PRINTED) | NOT_PRINTED


def test_the_examples_fit_their_shapes() -> None:
    for shape, example in PRINTED.items():
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", shape).replace(".", r"\.")
        assert example == "POST" or re.fullmatch(pattern, urlsplit(example).path), shape
