"""The application in this process, and a browser that holds every page to the rules."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import httpx

from domain.staff.sealing import Seal
from tests.world.markup import unfolded
from tests.world.page_rules import check_page
from web.app import create_app
from web.running.sealing_key import FILE
from web.running.settings import Settings
from web.site.refused import AGAIN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.applications import Starlette

    from domain.store import Store
    from tests.world.clock import Clock
    from web.running.services import Services


SEALING_KEY = "5e" * 32
"""What secrets in the tests' databases are sealed with."""
SEAL = Seal(bytes.fromhex(SEALING_KEY))


class Browser(httpx.AsyncClient):
    """A client that checks the page rules on every page it gets."""

    app: Starlette

    @property
    def services(self) -> Services:
        """The services of the running application."""
        found: Services = self.app.state.services
        return found

    @property
    def store(self) -> Store:
        """The store of the running application."""
        return self.services.store

    async def send(self, request: httpx.Request, **more: Any) -> httpx.Response:
        """Send, and look at what comes back; a refused form is looked at where its answer is."""
        response = await super().send(request, **more)
        own_address = f"{request.url.path}?{AGAIN}="
        if request.method == "POST" and own_address in response.headers.get("location", ""):
            return await self.send(self._to_answer(request, response), **more)
        kind = response.headers.get("content-type", "")
        if kind.startswith("text/html") and request.method != "HEAD" and response.content:
            is_whole = response.text.startswith("<!doctype")
            fragment = request.url.path.startswith("/f/") and not is_whole
            check_page(response.text, str(request.url), fragment=fragment)
            # Tests look for pieces of markup, wherever a template breaks its lines.
            response._text = unfolded(response.text)
        return response

    def _to_answer(self, request: httpx.Request, response: httpx.Response) -> httpx.Request:
        """What a browser asks for when a refused form is answered, with the cookies it has then."""
        headers = [pair for pair in request.headers.raw if b"ontent-" not in pair[0]]
        given = [value for name, value in headers if name.lower() == b"cookie"]
        given += [
            value.split(b";")[0]
            for name, value in response.headers.raw
            if name.lower() == b"set-cookie"
        ]
        headers = [pair for pair in headers if pair[0].lower() != b"cookie"]
        headers.append((b"cookie", b"; ".join(given)))
        return self.build_request("GET", response.headers["location"], headers=headers)


@asynccontextmanager
async def opened(database: str, clock: Clock, **settings: Any) -> AsyncIterator[Browser]:
    """The application on this database, started, and a browser in front of it."""
    # The application makes keys in its data folder.
    with TemporaryDirectory(prefix="lianxin-") as data:
        (Path(data) / FILE).write_text(SEALING_KEY, "ascii")
        app = create_app(Settings(**{"database": database, "data": Path(data), **settings}), clock)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            headers = {"accept-language": "zh-CN"}
            async with Browser(
                transport=transport, base_url="http://lianxin.test", headers=headers
            ) as browser:
                browser.app = app
                yield browser
