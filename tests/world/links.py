"""A walk along the links of the product, and the addresses that may stand on paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urldefrag, urlencode, urlsplit

from tests.world.addresses import OF_ITS_OWNER, open_addresses, parameters_of

if TYPE_CHECKING:
    from tests.world.app import Browser

ADDRESSES = ("href", "src", "action", "data-fragment", "hx-get", "hx-post")
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
OF_ANY_COMMUNITY = [each for each in PRINTED if parameters_of(each) == {"community"}]


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
