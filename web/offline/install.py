"""The app as it is installed: service worker, manifest, and the files behind hashed addresses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from push.messages import LANG
from push.tables import Language
from web.site.answers import compressed_response
from web.site.assets import best_encoding
from web.site.errors import found_or_404
from web.site.preferences import LANGUAGES
from web.site.visits import visit_of
from web.site.words import translations

if TYPE_CHECKING:
    from starlette.requests import Request

    from web.site.assets import Assets

FOR_EVER = "public, max-age=31536000, immutable"
# Assets without which no page looks or works right.
SHELL = ("residents.css", "app.js", "icon.svg", "documents.svg")


async def asset(request: Request) -> Response:
    """One style, script or icon, to be kept for ever under its hashed address."""
    assets: Assets = request.app.state.services.assets
    found = found_or_404(assets.by_address.get(request.url.path))
    accepted = request.headers.get("accept-encoding", "")
    encoding, body = best_encoding(found.variants, accepted)
    headers = {"cache-control": FOR_EVER, "vary": "Accept-Encoding"}
    if encoding != "identity":
        headers["content-encoding"] = encoding
    return Response(body, headers=headers, media_type=found.media_type)


async def worker(request: Request) -> Response:
    """The service worker, which holds the version of everything it keeps."""
    assets: Assets = request.app.state.services.assets
    shell = json.dumps([assets.address(name) for name in SHELL])
    icon = assets.address("icon-192.png")
    joined = json.dumps([each for each in assets.by_address if each.endswith((".css", ".js"))])
    plain = json.dumps({lang: _plain(lang) for lang in LANGUAGES}, ensure_ascii=False)
    told = f'ICON="{icon}",VERSION="{assets.version}",SHELL={shell},JOINED={joined},PLAIN={plain}'
    body = f"const {told};\n{assets.worker_source}"
    return compressed_response(
        request, body.encode(), "text/javascript", {"cache-control": "no-cache"}
    )


def _plain(lang: str) -> dict[str, str]:
    """The notification for a message that the worker cannot read."""
    _ = translations(lang).gettext
    return {
        "lang": LANG[Language(lang)],
        "title": _("You have a message from Lianxin"),
        "body": _("Open the page to read it."),
    }


async def manifest(request: Request) -> Response:
    """The web app manifest, in the person's language."""
    visit = await visit_of(request, request.app.state.services)
    content = _manifest(visit.lang, request.app.state.services.assets)
    headers = {"cache-control": "private, no-cache", "vary": "Cookie, Accept-Language"}
    body = json.dumps(content, ensure_ascii=False).encode()
    return compressed_response(request, body, "application/manifest+json", headers)


def _manifest(lang: str, assets: Assets) -> dict[str, Any]:
    """The manifest as its standard says it (https://www.w3.org/TR/appmanifest/)."""
    _ = translations(lang).gettext
    return {
        "id": "/",
        "name": _("Lianxin: your community's services"),
        "short_name": _("Lianxin"),
        "description": _("How do I get this done, what do I bring, and who can I ask?"),
        "lang": lang,
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
            _image(assets, "screen-guide.png", "780x1688", form_factor="narrow", label=_("Guide")),
            _image(
                assets,
                "screen-ticket.png",
                "780x1688",
                form_factor="narrow",
                label=_("Your number"),
            ),
            _image(assets, "screen-wide.png", "1280x800", form_factor="wide", label=_("Home")),
        ],
    }


def _image(assets: Assets, name: str, sizes: str, **more: str) -> dict[str, str]:
    return {"src": assets.address(name), "sizes": sizes, "type": "image/png", **more}


async def favicon(request: Request) -> Response:
    """Browsers ask for this by themselves."""
    address = request.app.state.services.assets.address("icon-192.png")
    return RedirectResponse(address, 301, {"cache-control": "max-age=86400"})
