"""Checks every request before it reaches the routes, and adds headers to every response."""

from __future__ import annotations

import logging
import random
import time
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse

from push.mail import STOP
from web.running.logs import RequestRecord
from web.site.bodies import FILE_REFUSALS, largest_body
from web.site.errors import answer_error
from web.site.preferences import language_in, with_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from web.running.metrics import Metrics

log = logging.getLogger("lianxin.request")

# Forms whose address is a secret from a letter, posted by a mail program for its reader (RFC 8058).
# They ask nothing of the reader's browser, so there is nothing to forge.
BY_KEY = f"{STOP}/"
# Of a body's length.
DIGITS = 12
# How every browser's User-Agent begins.
BROWSER = "Mozilla/"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Bytes of a request's headers, names and values; browsers with all our cookies send 1 KB.
MOST_HEADERS = 16 << 10
HEADERS_TOO_LARGE = (
    "浏览器发来的信息太多。请清除本站的 Cookie 后再试。\n"
    "Your browser sent too much. Please clear this site's cookies and try again.\n"
).encode()
# The preview of a draft is the public page itself, in a frame. Only that page may be framed, and
# only by us. The word is set in the request's scope by such a page.
FRAMED = "lianxin.framed"

SCHEMES = {"https": "https", "wss": "https"}
# Not taken: includeSubDomains. The office's other services may stand below our name, without TLS.
HSTS = (b"strict-transport-security", b"max-age=31536000")


# Cross-site posts are refused by `Sec-Fetch-Site` and `Origin`, so pages carry no tokens and can
# be cached. Headers follow the OWASP list. The log line has the route and never the address,
# because an address can say who asks for what.
class SecurityHeaders:
    """The outermost layer of the application."""

    def __init__(
        self, app: ASGIApp, public_url: str | None, metrics: Metrics | None, style: str
    ) -> None:
        """`style` is what a policy calls the style that a first visit has within its page."""
        self.app, self.public_url, self.metrics = app, public_url, metrics
        # By whether the page may stand in a frame of ours.
        self._own_headers = {
            framed: _security_headers(style, framed=framed) for framed in (False, True)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on or refuse it; log it, and add headers to its response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        scope["lianxin.id"] = f"{random.getrandbits(48):012x}"
        # A proxy may say `wss`, and links and cookies must not.
        scope["scheme"] = SCHEMES.get(scope["scheme"], "http")
        response = _ResponseStart(scope, send, self._own_headers)
        try:
            await self._answer(scope, receive, response)
        finally:
            self._log(scope, response.status, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, send: _ResponseStart) -> None:
        try:
            if refusal := self._refusal(scope):
                await refusal(scope, receive, send)
            else:
                await self.app(scope, _limited(receive, _largest_body(scope)), send)
        except Exception as error:
            # Here and not in Starlette's outermost layer, so that the page of our own fault
            # carries the headers and the number like every other.
            if send.has_begun:
                raise
            response = await answer_error(Request(scope, receive), error)
            await response(scope, receive, send)

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        route = str(scope.get("lianxin.route") or getattr(scope.get("route"), "path", "-"))
        if log.isEnabledFor(logging.INFO):
            ms = round(seconds * 1000, 2)
            log.handle(RequestRecord(scope["lianxin.id"], scope["method"], route, status, ms))
        if self.metrics is not None:
            self.metrics.count(scope["method"], route, status, seconds)

    def _refusal(self, scope: Scope) -> Response | None:
        """Why a request is refused before the routes; None for nearly all."""
        # Before anything reads them: what reads headers may keep them.
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADERS:
            return PlainTextResponse(
                HEADERS_TOO_LARGE,
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                {"connection": "close"},
            )
        headers = Headers(scope=scope)
        if len(headers.getlist("host")) > 1:
            return PlainTextResponse("两个 Host。\nTwo Host headers.\n", HTTPStatus.BAD_REQUEST)
        if scope["method"] in SAFE:
            return None
        is_by_key = scope["path"].startswith(BY_KEY)
        if not is_by_key and not _is_same_site(headers, scope["scheme"], self.public_url):
            return PlainTextResponse(
                "请从本站页面重新提交。\nPlease send this from a page of this site.\n", 403
            )
        length = headers.get("content-length", "0")
        # Python refuses to count more digits than a few thousand.
        if not length.isdigit() or len(length) > DIGITS or int(length) > _largest_body(scope):
            return _too_large(scope["path"])
        return None


def _security_headers(style: str, *, framed: bool) -> list[tuple[bytes, bytes]]:
    by, old_by = ("'self'", b"SAMEORIGIN") if framed else ("'none'", b"DENY")
    policy = (
        f"default-src 'self'; style-src 'self' {style}; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {by}; object-src 'none'"
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", old_by),
        (b"referrer-policy", b"same-origin"),
        (b"x-permitted-cross-domain-policies", b"none"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (
            b"permissions-policy",
            b"geolocation=(self), camera=(), microphone=(), payment=(), usb=(), browsing-topics=()",
        ),
    ]


def _too_large(path: str) -> Response:
    if page := FILE_REFUSALS.get(path):
        return RedirectResponse(page, HTTPStatus.SEE_OTHER)
    words = "内容太长，请缩短后再试。\nThis is too long. Please shorten it.\n"
    return PlainTextResponse(words, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


class _ResponseStart:
    """A `send` that adds our headers to the response, and knows whether and how it began."""

    def __init__(
        self, scope: Scope, send: Send, own: Mapping[bool, Sequence[tuple[bytes, bytes]]]
    ) -> None:
        self._scope, self._send, self._own = scope, send, own
        self.status, self.has_begun = 500, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.has_begun = message["status"], True
            own = [*message.get("headers", ())]
            message["headers"] = [*self._in_language(own), *self._headers()]
        await self._send(message)

    # Here and not at each redirect: the front door, the code on a building's door, a merged
    # community and an address with a slash too many all lead on, and the next one will as well.
    def _in_language(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The headers; an address asked for in a language leads to the next one in it."""
        is_moved = HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST
        lang = language_in(self._scope["query_string"]) if is_moved else None
        if lang is None or self._scope["method"] not in SAFE:
            return headers
        return [
            (name, with_language(value.decode("latin-1"), lang).encode("latin-1"))
            if name == b"location"
            else (name, value)
            for name, value in headers
        ]

    def _headers(self) -> Iterator[tuple[bytes, bytes]]:
        yield from self._own[FRAMED in self._scope]
        yield b"x-request-id", self._scope["lianxin.id"].encode()
        if self._scope["scheme"] == "https":
            yield HSTS


def _is_same_site(headers: Headers, scheme: str, public_url: str | None) -> bool:
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site in {"same-origin", "none"}
    came_from = headers.get("origin")
    if came_from is None:
        # What is no browser forges nothing: it holds nobody's cookies.
        if not headers.get("user-agent", "").startswith(BROWSER):
            return True
        # Old browsers send a Referer with our forms, as our Referrer-Policy has it.
        came_from = headers.get("referer", "")
    # A page that came over TLS may send to one without, never the other way round.
    own = {("https", headers.get("host", "")), (scheme, headers.get("host", ""))}
    if public_url:
        own.add(_site(public_url))
    return _site(came_from) in own


def _site(address: str) -> tuple[str, str]:
    """Scheme and host with port; two empty words for what is no address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc


def _largest_body(scope: Scope) -> int:
    return largest_body(scope["path"], Headers(scope=scope).get("content-type", ""))


def _limited(receive: Receive, most: int) -> Receive:
    """A `receive` that counts a body sent without a length."""
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return receiving
