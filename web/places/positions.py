"""Positions in an office's forms: our drawing to tap them on, and where a typed one lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError
from starlette.responses import JSONResponse

from domain.geo import wgs84
from domain.places.content import Position
from domain.places.pasted import with_pasted
from web.papers.form.shape import FormSpec, form_of_shape
from web.papers.form.typed import retyped
from web.places.map import LocatorMap, locator_map

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.responses import Response

    from domain.places.tables import Community
    from web.staff.access import StaffVisit

FORM = form_of_shape(Position, FormSpec(labels={}))


@dataclass(frozen=True)
class DrawingToTap:
    """What a form with positions offers beside each."""

    # What the house in the drawing is called.
    hall: str
    # None where no place has a position.
    map: LocatorMap | None


def drawing_to_tap(community: Community) -> DrawingToTap:
    """Our drawing of a community as it is published, with room for new places."""
    return DrawingToTap(community.hall.name, locator_map(community, has_room=True))


# The drawing is in WGS-84, and the offset of GCJ-02 is known in one place, domain/geo.py.
# Not taken: the same formula in the script, which an office would find wrong before we do.
async def show(visit: StaffVisit, _session: AsyncSession) -> Response:
    """Degrees north and east (WGS-84) of what is typed or pasted into a position; null for none.

    As JSON, because the script of the form places its pin by them.
    """
    try:
        position = Position.model_validate(with_pasted(retyped(FORM, visit.query)))
    except ValidationError:
        found = None
    else:
        found = wgs84(position)
    return JSONResponse(found, headers={"cache-control": "no-store"})
