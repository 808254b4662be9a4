"""The address of a refused form's answer, looked at before any route."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.requests import Request

from domain.refused_forms import Holder, held
from web.site.answers import compressed_response, refused_page
from web.site.cookies import cookie_name
from web.site.refused import AGAIN, COOKIE, PackedAnswer
from web.site.visit import manner_of

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from web.running.services import Services


class RefusedFirst:
    """Answers with the page of a refused form at its address; passes everything else on."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self.app, self.services = app, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.app
        is_read = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        # Nearly no address has it, so nothing is parsed to find out.
        if is_read and AGAIN.encode() in scope["query_string"]:
            app = await self._refused(Request(scope)) or app
        await app(scope, receive, send)

    async def _refused(self, request: Request) -> Response | None:
        key = request.query_params.get(AGAIN)
        if key is None:
            return None
        owner = request.cookies.get(cookie_name(request, COOKIE), "")
        path = request.scope["path"]
        if not self.services.store.is_sqlite:
            return await self._from_store(request, Holder(key, owner), path)
        found = self.services.refused.get(key, path, owner, self.services.now())
        if found is None:
            return None
        request.scope["path_params"] = found.visit.params
        if not await found.visit.is_still_admitted(request):
            return None
        manner, preferences = manner_of(request.scope, self.services.settings.public_url)
        query = {AGAIN: key}
        visit = replace(found.visit, manner=manner, preferences=preferences, query=query)
        request.scope["lianxin.route"] = found.route
        return refused_page(request, found.page, visit, found.status, found.retry_after)

    async def _from_store(self, request: Request, holder: Holder, path: str) -> Response | None:
        async with self.services.store.read() as session:
            packed = await held(session, holder, self.services.now())
        answer = packed and PackedAnswer.of(packed)
        if not answer or answer.path != path:
            return None
        request.scope["lianxin.route"] = answer.route
        manner, _ = manner_of(request.scope, self.services.settings.public_url)
        response = compressed_response(
            request,
            answer.page_for(manner).encode(),
            "text/html",
            {"cache-control": "no-store", "vary": "Cookie, Accept-Language"},
            answer.status,
        )
        if answer.retry_after:
            response.headers["retry-after"] = answer.retry_after
        return response
