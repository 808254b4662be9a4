"""A visit: everything a view may know about a request, and nothing more."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from domain.errors import CommunityEndedError
from domain.hours import hall_state, opens_after_today
from web.site.bounded import bounded_cache
from web.site.preferences import Preferences, language_in, language_of, preferences_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.types import Scope

    from domain.hours import HallState
    from domain.places.tables import Community
    from domain.published import Published
    from web.site.home_row import RowsOnHome

# Names that no public name server knows (RFC 6761, RFC 6762, RFC 8375, and ICANN's .internal).
_INSIDE = (".localhost", ".local", ".lan", ".home.arpa", ".internal", ".test", ".invalid")
_HOST = re.compile(r"([a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(:[0-9]{1,5})?", re.IGNORECASE)

# `Sec-Fetch-Site` of a page that no page of ours leads to: a code that was scanned, an address that
# was typed, a link on another site.
ELSEWHERE = frozenset({b"none", b"cross-site", b"same-site"})

# Whether the home that a device remembers is called otherwise today; in the request's scope.
MOVED = "lianxin.moved"
# What a community published and was asked stays where it is, also after it was merged.
_PAST = frozenset({"disclosures", "inquiries", "promises", "mistakes"})


@dataclass(frozen=True)
class Manner:
    """How a page is rendered: part of its key in the page cache."""

    lang: str
    view: str
    size: str
    theme: str
    # Scheme and host without a trailing slash: the start of codes and links.
    origin: str
    # Whether the origin is fit for paper: the operator set it, and it is reachable from outside.
    origin_lasts: bool = True
    # Whether the page has its style within it: the browser comes from elsewhere and remembers no
    # community, so that it cannot have kept the file.
    brings_style: bool = False


# A cached page is rendered for everybody, so its view gets nothing that tells one visitor from
# another. What a view cannot see, it cannot leak into the cache.
@dataclass(frozen=True)
class Visit:
    """A request, as a view of a shared page sees it: nothing of the visitor but the preferences."""

    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    manner: Manner
    preferences: Preferences
    # Aware local time.
    now: dt.datetime
    published: Published
    # What the features show on a community's home.
    rows_on_home: RowsOnHome

    @cached_property
    def lang(self) -> str:
        return self.manner.lang

    def elsewhere(self, path: str, params: Mapping[str, str]) -> Visit:
        """The same visit at another address."""
        return replace(self, path=path, params=params, query={})

    def without_query(self) -> Visit:
        """The same visit at its bare address."""
        return replace(self, query={})

    def place_of(self, subdistrict_id: int | None, community_id: int | None) -> tuple[str, str]:
        """The name of a place, and its slug if it is a community; the district by default."""
        district = self.published.district
        for subdistrict in district.subdistricts:
            if subdistrict.id == subdistrict_id:
                return subdistrict.name, ""
            for community in subdistrict.communities:
                if community.id == community_id:
                    return community.name, community.slug
        for gone in self.published.ended.values():
            if gone.id == community_id:
                return gone.name, gone.slug
        return district.name, ""

    def local(self, moment: dt.datetime) -> dt.datetime:
        """An aware moment in the deployment's time zone."""
        return moment.astimezone(self.now.tzinfo)

    async def community(self) -> Community:
        """The community in the address, loaded once.

        Raises `CommunityNotFoundError`, and `CommunityEndedError` except where its past is read. A
        unit of work must not be the first to call it: it would wait for a connection of its own.
        `writes` calls it before the unit.
        """
        slug = self.params["community"]
        if slug in self.published.ended and self._is_of_living(slug):
            raise CommunityEndedError(slug, self.published.now_at(slug)[0])
        return await self.published.community(slug)

    def _is_of_living(self, slug: str) -> bool:
        """Whether residents find at this address what only a community in use has."""
        below = self.path.removeprefix(f"/c/{slug}/").partition("/")[0]
        return below not in _PAST and not self.path.startswith("/staff/")

    def hall_state(self, community: Community) -> HallState:
        """Whether the community's hall is open now, and what is next."""
        return hall_state(community.hall.hours_now, self.published.calendar, self.now)

    def opens_after_today(self, community: Community) -> dt.datetime | None:
        """When the community's hall opens on the next day that it does."""
        return opens_after_today(community.hall.hours_now, self.published.calendar, self.now)

    async def is_still_admitted(self, _request: Request) -> bool:
        """Whether this browser may see now what it saw with this visit."""
        return True

    @property
    def today(self) -> dt.date:
        """The local date."""
        return self.now.date()


def midnight_after(now: dt.datetime) -> dt.datetime:
    return dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), now.tzinfo)


def manner_of(scope: Scope, public_url: str | None) -> tuple[Manner, Preferences]:
    """How to render this request, and what its device remembers."""
    cookie = accept_language = host = comes_from = b""
    for name, value in scope["headers"]:
        if name == b"cookie":
            cookie = value
        elif name == b"accept-language":
            accept_language = value
        elif name == b"host":
            host = value
        elif name == b"sec-fetch-site":
            comes_from = value
    manner, preferences = _manner(cookie, accept_language, host, scope["scheme"], public_url)
    if comes_from in ELSEWHERE and preferences.community is None:
        manner = replace(manner, brings_style=True)
    lang = language_in(scope.get("query_string", b""))
    return (replace(manner, lang=lang) if lang else manner), preferences


def home_now(published: Published, preferences: Preferences, scope: Scope) -> Preferences:
    """What a device remembers, with the home that a community which was merged is today.

    The answer to this request then says so to the device as well.
    """
    if preferences.community not in published.ended:
        return preferences
    scope[MOVED] = True
    community, building = published.now_at(preferences.community, preferences.building)
    if community is None:
        return replace(preferences, community=None, building=None)
    return preferences.at(community, building)


@bounded_cache(4096, longest=600)
def _manner(
    cookie: bytes, accept_language: bytes, host: bytes, scheme: str, public_url: str | None
) -> tuple[Manner, Preferences]:
    """Cached, because phones repeat themselves and this runs before every cached page."""
    preferences = preferences_of(cookie.decode("latin-1"))
    lang = language_of(preferences.lang, accept_language.decode("latin-1"))
    manner = Manner(
        lang,
        preferences.view,
        preferences.size,
        preferences.theme,
        public_url or _origin(scheme, host.decode("latin-1")),
        public_url is not None and is_public(public_url),
    )
    return manner, preferences


# What hangs on a door for years must not say an address of the machine or the office's network.
def is_public(address: str) -> bool:
    """Whether the host of an address can be reached from a phone outside the office's network."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(_INSIDE)


def _origin(scheme: str, host: str) -> str:
    """Scheme and host of the request; an invalid host is not repeated to anyone."""
    return f"{scheme}://{host if _HOST.fullmatch(host) else 'localhost'}"
