"""How many streams of live pages may be open at once."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from web.site.client import address_of
from web.site.limits import Places
from web.site.visits import HALL_CROWD

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from web.running.services import Services

LIVE = "/live/"
# Streams from one network, and of one address there: a ticket has a family and its tabs, a hall's
# counters and screens share one address.
MOST_OF_NETWORK, MOST_OF_PAGE = 1_000, 60
BUSY = PlainTextResponse(
    "这里打开的页面太多。\nToo many pages are open here.\n",
    HTTPStatus.TOO_MANY_REQUESTS,
    {"retry-after": "60", "cache-control": "no-store"},
)


# A stream stays open and holds a file, a task and 20 KB. By the address, because what a visitor
# holds, such as a ticket, costs nothing to share.
class BoundedStreams:
    """Refuses a stream where too many are open already; its page then asks now and then."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self.app, self.services = app, services
        self._of_network, self._of_page = Places(MOST_OF_NETWORK), Places(MOST_OF_PAGE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count it while it lasts if it is for a stream."""
        if scope["type"] != "http" or not scope["path"].startswith(LIVE):
            await self.app(scope, receive, send)
            return
        network = address_of(Request(scope))
        is_hall = self.services.hall_networks.has(network, self.services.now())
        times = HALL_CROWD if is_hall else 1
        with (
            self._of_network.one(network, times=times) as is_let_in,
            self._of_page.one(f"{network} {scope['path']}") as has_place,
        ):
            app = self.app if is_let_in and has_place else BUSY
            await app(scope, receive, send)
