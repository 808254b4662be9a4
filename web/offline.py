"""The app on the phone: service worker, manifest, assets, and the handbook kept for offline.

A community's pages travel in one file, because seventy small requests over a slow network
cost more than one large one, and compress far better together.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from domain.handbook.guide import LifeEvent
from web import handbook, home, mine, places, search
from web.answering import compact, keep_bytes, kept_page, visit_of
from web.assets import negotiated
from web.pages import Page
from web.visit import midnight_after
from web.words import translations

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from starlette.requests import Request

    from domain.places.tables import Community
    from web.answering import View
    from web.assets import Assets
    from web.visit import Visit

FOR_EVER = "public, max-age=31536000, immutable"
SHELL = ("app.css", "app.js", "icon.svg", "documents.svg")
"""Assets without which no page looks or works right."""


@dataclass(frozen=True, kw_only=True)
class Offline(Page):
    """没有网络: what can still be read, and that it will be tried again."""

    template: ClassVar[str] = "offline/show.html"


async def show(_visit: Visit) -> Page:
    """The page for an address that was never visited and cannot be reached."""
    return Offline()


async def bundle(request: Request) -> Response:
    """A community's pages in one JSON file: {revision, lang, pages: {path: html}}."""
    house = request.app.state.house

    async def build(visit: Visit) -> tuple[bytes, str, dt.datetime]:
        community = await visit.published.community(visit.params["community"])
        pages: dict[str, str] = {}
        fresh_until = midnight_after(visit.now)
        for route, view, params in pages_of(visit, community):
            path = route.format(**params)
            page = await kept_page(house, visit.elsewhere(path, params), view, route)
            pages[path] = page.body.decode()
            fresh_until = min(fresh_until, page.fresh_until or fresh_until)
            await asyncio.sleep(0)
        content = {
            "revision": revision_of(visit, house.assets),
            "pages": pages,
        }
        return json.dumps(content, ensure_ascii=False).encode(), community.slug, fresh_until

    return await keep_bytes(request, build, "application/json")


def pages_of(visit: Visit, community: Community) -> Iterator[tuple[str, View, dict[str, Any]]]:
    """Every page of a community that is worth having without a network: route, view, parameters."""
    base, here = "/c/{community}", {"community": community.slug}
    yield base, home.show, here
    yield f"{base}/handbook", handbook.index, here
    for category in visit.published.handbook.categories:
        route = f"{base}/handbook/categories/{{category}}"
        yield route, handbook.category, {**here, "category": category.slug}
    for event in LifeEvent:
        yield f"{base}/handbook/events/{{event}}", handbook.event, {**here, "event": event.value}
    for slug in visit.published.handbook.items:
        yield f"{base}/handbook/{{item}}", handbook.guide, {**here, "item": slug}
    for name, view in (
        ("facilities", places.facilities),
        ("people", places.people),
        ("partners", places.partners),
        ("brand", places.brand),
        ("hall", places.hall),
    ):
        yield f"{base}/{name}", view, here
    yield f"{base}/search", search.show, here
    yield "/mine", mine.show, {}


def revision_of(visit: Visit, assets: Assets) -> str:
    """What a kept copy is a copy of: content, looks and language."""
    return f"{visit.published.revision}.{assets.version}.{visit.lang}"


async def asset(request: Request) -> Response:
    """One style, script or icon, to be kept for ever under its hashed address."""
    assets: Assets = request.app.state.house.assets
    found = assets.by_address.get(request.url.path)
    if found is None:
        raise HTTPException(404)
    accepted = request.headers.get("accept-encoding", "")
    encoding, body = negotiated(found.variants, accepted)
    headers = {"cache-control": FOR_EVER, "vary": "Accept-Encoding"}
    if encoding != "identity":
        headers["content-encoding"] = encoding
    return Response(body, headers=headers, media_type=found.media_type)


async def worker(request: Request) -> Response:
    """The service worker, which holds the version of everything it keeps."""
    assets: Assets = request.app.state.house.assets
    shell = json.dumps([assets.address(name) for name in SHELL])
    icon = assets.address("icon-192.png")
    body = f'const ICON="{icon}",VERSION="{assets.version}",SHELL={shell};\n{assets.worker_source}'
    return compact(request, body.encode(), "text/javascript", {"cache-control": "no-cache"})


async def manifest(request: Request) -> Response:
    """The web app manifest, in the person's language."""
    visit = await visit_of(request, request.app.state.house)
    assets: Assets = request.app.state.house.assets
    _ = translations(visit.lang).gettext
    content = {
        "id": "/",
        "name": _("Lianxin: your community's services"),
        "short_name": _("Lianxin"),
        "description": _("How do I get this done, what do I bring, and whom do I ask?"),
        "lang": visit.lang,
        "dir": "ltr",
        "start_url": "/?from=home-screen",
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf7f2",
        "theme_color": "#faf7f2",
        "categories": ["government", "utilities"],
        "icons": [
            _image(assets, "icon-192.png", "192x192", purpose="any"),
            _image(assets, "icon-512.png", "512x512", purpose="any"),
            _image(assets, "maskable-512.png", "512x512", purpose="maskable"),
            _image(assets, "icon.svg", "any", purpose="any", type="image/svg+xml"),
        ],
        "shortcuts": [
            {
                "name": _("Handbook"),
                "url": "/handbook",
                "icons": [_image(assets, "icon-192.png", "192x192")],
            }
        ],
        "screenshots": [
            _image(assets, "screen-home.png", "780x1688", form_factor="narrow", label=_("Home")),
            _image(
                assets, "screen-guide.png", "780x1688", form_factor="narrow", label=_("A guide")
            ),
            _image(assets, "screen-wide.png", "1280x800", form_factor="wide", label=_("Handbook")),
        ],
    }
    headers = {"cache-control": "private, no-cache", "vary": "Cookie, Accept-Language"}
    body = json.dumps(content, ensure_ascii=False).encode()
    return compact(request, body, "application/manifest+json", headers)


def _image(assets: Assets, name: str, sizes: str, **more: str) -> dict[str, str]:
    return {"src": assets.address(name), "sizes": sizes, "type": "image/png", **more}


async def favicon(request: Request) -> Response:
    """Browsers ask for this by themselves."""
    return RedirectResponse(request.app.state.house.assets.address("icon-192.png"), 301)
