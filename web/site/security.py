"""The door: what is done to every request and every answer, whatever lies behind it.

Cross-site posts are refused by `Sec-Fetch-Site` and `Origin`, so pages carry no tokens and
can be kept. Headers follow the OWASP secure-headers list. One line is logged a request, with
the route and never the address, because an address can say who asks for what.
"""

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
from starlette.responses import PlainTextResponse

from web.running.logs import RequestRecord
from web.site.errors import answer_error

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from web.running.metrics import Metrics

log = logging.getLogger("lianxin.request")

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_BODY = 64 * 1024
"""Bytes of a request's body: every form of a resident fits."""
LARGER_BODIES = {"/staff/": 1 << 20, "/f/staff/": 1 << 20}
"""Below these addresses an office writes whole guides."""
FILE_BODIES = {"/staff/handbook/imports": 9 << 20}
"""To these addresses, and not below them, an office sends files: 8 MB, and what is around them."""
MOST_HEADERS = 16 << 10
"""Bytes of a request's headers, names and values; browsers with all our cookies send 1 KB."""
HEADERS_TOO_LARGE = (
    "浏览器发来的信息太多。请清除本站的 Cookie 后再试。\n"
    "Your browser sent too much. Please clear this site's cookies and try again.\n"
).encode()
FRAMED = "lianxin.framed"
"""Set in a request's scope by a page that our own page may show in a frame."""

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'"
)
SECURITY_HEADERS = [
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"geolocation=(self), camera=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
]
FRAMED_HEADERS = [
    (
        b"content-security-policy",
        CONTENT_SECURITY_POLICY.replace(
            "frame-ancestors 'none'", "frame-ancestors 'self'"
        ).encode(),
    ),
    (b"x-frame-options", b"SAMEORIGIN"),
    *(
        each
        for each in SECURITY_HEADERS
        if each[0] not in {b"content-security-policy", b"x-frame-options"}
    ),
]
HSTS = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, public_url: str | None, metrics: Metrics | None) -> None:
        self.app, self.public_url, self.metrics = app, public_url, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it; log it, and put the headers on its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        identity = f"{random.getrandbits(48):012x}"
        scope["lianxin.id"] = identity
        added = [(b"x-request-id", identity.encode())]
        if scope["scheme"] == "https":
            added.append(HSTS)
        status, has_begun = 500, False

        async def sending(message: Message) -> None:
            nonlocal status, has_begun
            if message["type"] == "http.response.start":
                status, has_begun = message["status"], True
                around = FRAMED_HEADERS if FRAMED in scope else SECURITY_HEADERS
                message["headers"] = [*message.get("headers", ()), *around, *added]
            await send(message)

        try:
            if refusal := self._refusal(scope):
                await refusal(scope, receive, sending)
            else:
                await self.app(scope, _limited(receive, largest_body(scope["path"])), sending)
        except Exception as error:
            # Here and not in Starlette's outermost layer, so that the page of our own fault
            # carries the headers and the number like every other.
            if has_begun:
                raise
            response = await answer_error(Request(scope, receive), error)
            await response(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - began
            route = str(scope.get("lianxin.route") or getattr(scope.get("route"), "path", "-"))
            if log.isEnabledFor(logging.INFO):
                ms = round(seconds * 1000, 2)
                log.handle(RequestRecord(identity, scope["method"], route, status, ms))
            if self.metrics is not None:
                self.metrics.count(scope["method"], route, status, seconds)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        """Why a request does not even reach the routes; None for nearly all."""
        # Before anything reads them: what reads headers may keep them.
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADERS:
            return PlainTextResponse(
                HEADERS_TOO_LARGE,
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                {"connection": "close"},
            )
        if scope["method"] in SAFE:
            return None
        headers = Headers(scope=scope)
        if not _is_same_site(headers, self.public_url):
            return PlainTextResponse(
                "请从本站页面重新提交。\nPlease send this from a page of this site.\n", 403
            )
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > largest_body(scope["path"]):
            return PlainTextResponse(
                "内容太长，请缩短后再试。\nThis is too long. Please shorten it.\n", 413
            )
        return None


def _is_same_site(headers: Headers, public_url: str | None) -> bool:
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None:
        # Neither header: not a browser of this century, and a browser is what forgery needs.
        return True
    own = {headers.get("host", "")}
    if public_url:
        own.add(urlsplit(public_url).netloc)
    return urlsplit(origin).netloc in own


def largest_body(path: str) -> int:
    """How many bytes may be sent to an address."""
    if path in FILE_BODIES:
        return FILE_BODIES[path]
    larger = (most for below, most in LARGER_BODIES.items() if path.startswith(below))
    return next(larger, LARGEST_BODY)


def _limited(receive: Receive, most: int) -> Receive:
    """A body sent without a length is counted as it comes."""
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return receiving
