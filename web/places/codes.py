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

from domain.places.compounds import doors_of
from domain.words import N_
from web.site.bounded import bounded_cache
from web.site.pages import Page
from web.site.preferences import local_path
from web.site.printed_code import Poster, PrintedCode, Where
from web.site.words import translations

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from domain.places.compounds import Door
    from domain.places.tables import Community
    from web.site.visit import Visit

HOME = N_("The community's home")
HANDBOOK = N_("Service handbook")
TAKE = N_("The page to take a number")
AT_HOME = N_("The community's home; the phone remembers the building")
NEXT = N_("The community's home, which says that “%(name)s” came after it")
NO_NEXT = N_("The community's home, which says that it is no longer in use")
SCAN_HOME = N_("Scan: services, documents, opening hours and telephone numbers of your community.")
SCAN_HANDBOOK = N_(
    "Scan: the service handbook. Look up what to bring while you wait, and take it home."
)
SCAN_TAKE = N_("Scan: take a number, sit down, and see on your phone when it is your turn.")
SCAN_DOOR = N_("Scan: your community opens, and your phone remembers this building.")
FOR_GATE, FOR_HALL, FOR_DOOR = N_("For the gate"), N_("For the hall"), N_("For the door")
TAKE_A_NUMBER = N_("Take a number by phone")
NEVER: Mapping[str, dt.date] = {}
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
    codes: list[PrintedCode]


async def show(visit: Visit) -> Page:
    """The code of a page."""
    to = local_path(visit.query.get("to", "/"))
    return Code(to=to, address=visit.manner.origin + to)


async def posters(visit: Visit) -> Page:
    community = await visit.community()
    codes = [each for each in codes_of(community, visit.lang) if each.poster]
    return Posters(community=community, codes=codes)


def codes_of(place: Community, lang: str, came: Mapping[str, dt.date] = NEVER) -> list[PrintedCode]:
    """The gate, the hall and the doors; `came` says since when buildings are there, by slug."""
    here, word = f"/c/{place.slug}", translations(lang).gettext
    home = Poster(word(FOR_GATE), place.name, word(SCAN_HOME))
    handbook = Poster(word(FOR_HALL), place.hall.name, word(SCAN_HANDBOOK))
    take = Poster(word(FOR_HALL), word(TAKE_A_NUMBER), word(SCAN_TAKE))
    return [
        PrintedCode(Where.GATE, place.name, here, HOME, poster=home),
        PrintedCode(Where.GATE, place.hall.name, f"{here}/handbook", HANDBOOK, poster=handbook),
        PrintedCode(Where.GATE, place.hall.name, f"{here}/take", TAKE, poster=take),
        *(_of_door(here, door, came.get(door.building.slug), word) for door in doors_of(place)),
    ]


def _of_door(
    here: str, door: Door, came: dt.date | None, word: Callable[[str], str]
) -> PrintedCode:
    path = f"{here}/b/{door.building.slug}"
    if door.ended is None:
        poster = Poster(word(FOR_DOOR), door.name, word(SCAN_DOOR))
        return PrintedCode(Where.DOOR, door.name, path, AT_HOME, since=came, poster=poster)
    opens, values = (NEXT, {"name": door.successor}) if door.successor else (NO_NEXT, {})
    return PrintedCode(
        Where.DOOR, door.name, path, opens, values, since=door.ended.day, is_ended=True
    )


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
