"""QR codes that bring people home: of any page, and on posters for gate, doors and hall."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, ClassVar

import qrcode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_Q
from qrcode.image.pil import PilImage
from qrcode.image.svg import SvgPathImage
from starlette.responses import Response

from web.site.bounded import bounded_cache
from web.site.pages import Page
from web.site.preferences import local_path

if TYPE_CHECKING:
    from domain.places.tables import Building, Compound
    from web.site.visit import Visit

# Pixels a module: about 600 across, sharp at ten centimetres in print.
PNG_MODULE = 16


@dataclass(frozen=True, kw_only=True)
class Code(Page):
    """The code of one page, large, to be shown, saved or printed."""

    template: ClassVar[str] = "places/code.html"
    to: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Posters(Page):
    """A4 sheets with the codes of a community."""

    template: ClassVar[str] = "places/posters.html"
    origin: str
    doors: list[tuple[Compound, Building]]


async def show(visit: Visit) -> Page:
    """The code of a page."""
    to = local_path(visit.query.get("to", "/"))
    return Code(to=to, address=visit.manner.origin + to)


async def posters(visit: Visit) -> Page:
    community = await visit.community()
    doors = [
        (compound, building) for compound in community.compounds for building in compound.buildings
    ]
    return Posters(community=community, origin=visit.manner.origin, doors=doors)


async def svg(visit: Visit) -> Response:
    """The code of a page as SVG."""
    return await _code(visit, "svg")


async def png(visit: Visit) -> Response:
    """The code of a page as PNG."""
    return await _code(visit, "png")


async def _code(visit: Visit, kind: str) -> Response:
    to = local_path(visit.query.get("to", "/"))
    level = ERROR_CORRECT_H if "poster" in visit.query else ERROR_CORRECT_Q
    body, media_type = await asyncio.to_thread(code, visit.manner.origin + to, kind, level)
    headers = {"cache-control": "private, max-age=86400"}
    if "download" in visit.query:
        headers["content-disposition"] = f'attachment; filename="lianxin-code.{kind}"'
    return Response(body, headers=headers, media_type=media_type)


@bounded_cache(1024, longest=120)
def code(address: str, kind: str, level: int = ERROR_CORRECT_Q) -> tuple[bytes, str]:
    """A QR code that survives one hole in a tenth of its area, or in 15 % at level H.

    Level Q corrects a quarter of the code's words, but a hole also takes what lies around them.
    """
    drawn = qrcode.QRCode(error_correction=level, box_size=PNG_MODULE, border=4)
    drawn.add_data(address)
    drawn.make(fit=True)
    if kind == "svg":
        image = drawn.make_image(image_factory=SvgPathImage)
        return image.to_string(encoding="utf-8"), "image/svg+xml"
    buffer = BytesIO()
    drawn.make_image(image_factory=PilImage).save(buffer, format="PNG")
    return buffer.getvalue(), "image/png"
