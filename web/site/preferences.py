"""How a person likes to read: language, view, text size, theme, and their home."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse

from web.site.bounded import bounded_cache

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

COOKIE = "lianxin"
LONGEST_PATH = 1000
YEAR = 365 * 24 * 3600
LANGUAGES = ("zh-Hans", "en")
# The elder view never goes below 18 px. The tokens multiply a base of 17 px, so `--text-s` and
# `--text-xs` have a floor there.
# Pixels of text in the elder view (the product's rules: 18 to 30).
SIZES = ("18", "20", "22", "24", "26", "28", "30")

_SLUG = re.compile(r"^[a-z0-9-]{1,40}$")
_CHOICES = {
    "lang": LANGUAGES,
    "view": ("standard", "elder"),
    "size": SIZES,
    "theme": ("auto", "light", "dark"),
}
_COOKIE = re.compile(rf"(?:^|;\s*){COOKIE}=([^;]*)")


@dataclass(frozen=True)
class Preferences:
    """What a device remembers. An unknown value counts as none."""

    lang: str | None = None
    view: str = "standard"
    size: str = "22"
    theme: str = "auto"
    community: str | None = None
    building: str | None = None

    def to_cookie(self) -> str:
        """The cookie's value, such as `view:elder|size:24`: only what differs from the defaults."""
        return "|".join(
            f"{field.name}:{value}"
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
        )

    def at(self, community: str, building: str | None = None) -> Preferences:
        """The preferences with this home; the building of another community is forgotten."""
        given = {"community": community}
        return _accepted(self, {**given, "building": building} if building else given)


@bounded_cache(4096, longest=600)
def preferences_of(cookie_header: str) -> Preferences:
    """The preferences in a request's cookies; defaults for anything missing or invalid."""
    found = _COOKIE.search(cookie_header)
    if not found:
        return Preferences()
    pairs = (pair.partition(":") for pair in found.group(1)[:400].split("|"))
    return _accepted(Preferences(), {name: value for name, _, value in pairs})


@bounded_cache(1024, longest=100)
def language_of(chosen: str | None, accept_language: str) -> str:
    """The chosen language, else the first of ours that the browser asks for, else Chinese."""
    if chosen:
        return chosen
    for part in accept_language.split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh-Hans"
        if tag.startswith("en"):
            return "en"
    return LANGUAGES[0]


# For search engines and for links that are shared: an engine has no cookie, and who is sent a link
# may read another language by themselves.
# Not taken: /en/… before every path, which would double the routes and what is printed on paper.
def language_in(query: bytes) -> str | None:
    """The language that an address asks for, as in `?lang=en`; None if it asks for none of ours."""
    if b"lang=" not in query:
        return None
    asked = QueryParams(query).get("lang")
    return asked if asked in LANGUAGES else None


def with_language(address: str, lang: str) -> str:
    """An address of this site in a language, unless it already names one."""
    parts = urlsplit(address)
    if parts.netloc or parts.scheme or language_in(parts.query.encode()):
        return address
    query = "&".join(filter(None, (parts.query, f"lang={lang}")))
    return urlunsplit(parts._replace(query=query))


def after_visit(before: Preferences, community: str | None, lang: str | None) -> Preferences:
    """What a device remembers after it opened a page of this community, in this language's address.

    The language stays that of the next pages, unless the person has chosen one.
    """
    at_home = before if community in {None, before.community} else before.at(str(community))
    return replace(at_home, lang=lang) if lang and before.lang is None else at_home


def _accepted(before: Preferences, given: dict[str, str]) -> Preferences:
    changes = {
        name: value
        for name, value in given.items()
        if value in _CHOICES.get(name, ())
        or (name in {"community", "building"} and _SLUG.match(value))
    }
    if changes.get("community", before.community) != before.community:
        changes.setdefault("building", "")
    changed = replace(before, **changes)
    return replace(changed, building=changed.building or None)


# A readable cookie, not `HttpOnly`: a script must be able to turn the elder view on without a
# network. It holds nothing secret, and the server keeps nothing.
def remember(response: Response, preferences: Preferences, *, secure: bool) -> None:
    """Set the cookie for a year."""
    response.set_cookie(
        COOKIE, preferences.to_cookie(), max_age=YEAR, secure=secure, samesite="lax"
    )


async def change(request: Request) -> Response:
    """Change one preference and redirect back to where the person was."""
    form: FormData = await request.form(max_files=0, max_fields=10)
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    before = preferences_of(request.headers.get("cookie", ""))
    response = RedirectResponse(local_path(given.get("next", "/")), 303)
    remember(response, _accepted(before, given), secure=request.url.scheme == "https")
    return response


def local_path(path: str) -> str:
    """The path if it stays on this site, else `/`: no open redirects."""
    odd = (
        not path.startswith("/")
        or path.startswith("//")
        or "\\" in path
        or len(path) > LONGEST_PATH
    )
    return "/" if odd or any(c == " " or not c.isprintable() for c in path) else path
