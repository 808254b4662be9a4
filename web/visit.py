"""A visit: everything a view may know about who asks for what, and nothing more."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from web.preferences import Preferences, language_of, preferences_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import HTTPConnection

    from domain.published import Published

_HOST = re.compile(r"^[a-z0-9.-]{1,253}(:[0-9]{1,5})?$|^\[[0-9a-f:.]{2,45}\](:[0-9]{1,5})?$", re.I)


@dataclass(frozen=True)
class Manner:
    """How a page is to be said: part of the key under which a rendered page is kept."""

    lang: str
    view: str
    size: str
    theme: str
    origin: str
    """Scheme and host, without a slash at the end: what QR codes and links for others begin with."""


@dataclass(frozen=True)
class Visit:
    """One request, as a view sees it."""

    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    manner: Manner
    preferences: Preferences
    now: dt.datetime
    """Aware local time."""
    published: Published

    @cached_property
    def lang(self) -> str:
        """The language of the page."""
        return self.manner.lang

    def elsewhere(self, path: str, params: Mapping[str, str]) -> Visit:
        """The same person at another address."""
        return replace(self, path=path, params=params, query={})

    @property
    def today(self) -> dt.date:
        """The local date."""
        return self.now.date()


def midnight_after(now: dt.datetime) -> dt.datetime:
    """When the day of `now` ends."""
    return dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), now.tzinfo)


def manner_of(connection: HTTPConnection, public_url: str | None) -> tuple[Manner, Preferences]:
    """How to answer this request, and what its device remembers."""
    headers = connection.headers
    preferences = preferences_of(headers.get("cookie", ""))
    lang = language_of(preferences.lang, headers.get("accept-language", ""))
    manner = Manner(
        lang,
        preferences.view,
        preferences.size,
        preferences.theme,
        public_url or origin_of(connection),
    )
    return manner, preferences


def origin_of(connection: HTTPConnection) -> str:
    """Scheme and host as the request says; a host that is none is not repeated to anyone."""
    host = connection.headers.get("host", "")
    if not _HOST.match(host):
        host = "localhost"
    return f"{connection.scope['scheme']}://{host}"
