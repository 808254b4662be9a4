"""The disclosure in the address, for those of the office who see it. Everybody else gets 404."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import NoResultFound
from starlette.exceptions import HTTPException

from domain.disclosures import office, publishing
from domain.disclosures.tables import Disclosure

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.staff.access import StaffVisit


async def seen(visit: StaffVisit, session: AsyncSession, *, locked: bool = False) -> Disclosure:
    """The disclosure, for who has a step in it that it has reached."""
    disclosure = await _here(visit, session, locked=locked)
    if not await office.may_see(session, visit.actor, visit.place, disclosure):
        raise HTTPException(404)
    return disclosure


async def written(visit: StaffVisit, session: AsyncSession, *, locked: bool = False) -> Disclosure:
    """The disclosure, for who writes it."""
    disclosure = await _here(visit, session, locked=locked)
    if not await office.may_write(session, visit.actor, visit.place, disclosure):
        raise HTTPException(404)
    return disclosure


async def to_publish(
    visit: StaffVisit, session: AsyncSession, *, locked: bool = False
) -> Disclosure:
    """The disclosure, for who sees it and publishes it."""
    disclosure = await seen(visit, session, locked=locked)
    if not await office.may_publish(session, visit.actor, visit.place, disclosure):
        raise HTTPException(404)
    return disclosure


async def _here(visit: StaffVisit, session: AsyncSession, *, locked: bool) -> Disclosure:
    """The disclosure in the address, if it is of its community or of the subdistrict around it."""
    disclosure_id, place = int(visit.params["disclosure"]), visit.place
    try:
        if locked:
            disclosure = await publishing.locked(session, disclosure_id)
        else:
            disclosure = await session.get_one(Disclosure, disclosure_id)
            await session.refresh(disclosure, ["draft"])
    except NoResultFound:
        raise HTTPException(404) from None
    is_of_place = disclosure.community_id in {place.id, None}
    if not is_of_place or disclosure.subdistrict_id != place.subdistrict_id:
        raise HTTPException(404)
    return disclosure


def address_of(visit: StaffVisit, disclosure: Disclosure) -> str:
    """The address of its page at the office."""
    return f"/staff/c/{visit.place.slug}/disclosures/{disclosure.id}"
