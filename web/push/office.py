"""我的通知 of somebody of the office: the same page, below their account."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.ratings.tables import CallBack
from domain.staff.acting import EDITING
from push import addresses
from web.push import wishes
from web.push.people import member_of
from web.push.wishes import Notifications, RefusedError, notifications
from web.staff.access import InvalidError, Redirect, StaffPage
from web.staff.places import communities_for

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.pages import Page
    from web.staff.access import StaffVisit

BASE = "/staff/account/notifications"


@dataclass(frozen=True, kw_only=True)
class StaffNotifications(StaffPage):
    """我的通知."""

    template: ClassVar[str] = "push/staff.html"
    tab: ClassVar[str] = "account"
    mine: Notifications


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """What is chosen at present."""
    return StaffNotifications(actor=visit.actor, mine=await _now(visit, session))


async def _now(visit: StaffVisit, session: AsyncSession) -> Notifications:
    return await notifications(session, member_of(visit), BASE, visit, visit.settings.ways)


async def save(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Keep what was chosen."""
    try:
        page = await _now(visit, session)
        await wishes.save(session, member_of(visit), page, visit.form, visit)
    except RefusedError as refused:
        raise _again(visit, refused) from None
    return Redirect(f"{BASE}?done=saved")


async def ask(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Ask the reader of an address whether it is theirs."""
    try:
        page = await _now(visit, session)
        await wishes.ask(session, member_of(visit), page, visit.form, visit)
    except RefusedError as refused:
        raise _again(visit, refused) from None
    return Redirect(f"{BASE}?done=asked")


def _again(visit: StaffVisit, refused: RefusedError) -> InvalidError:
    return InvalidError(StaffNotifications(actor=visit.actor, mine=refused.page))


async def forget_address(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Write no more letters."""
    await addresses.forget(session, member_of(visit))
    return Redirect(f"{BASE}?done=forgotten")


async def stop(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """End one browser's notifications."""
    await wishes.stop(session, member_of(visit), int(visit.params["browser"]))
    return Redirect(f"{BASE}?done=stopped")


async def call_back(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Where a message about a call-back leads: its page, below its community."""
    found = await session.get(CallBack, int(visit.params["call_back"]))
    known = {each.id: each.slug for each in communities_for(visit, EDITING)}
    if found is None or found.community_id not in known:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Redirect(f"/staff/c/{known[found.community_id]}/call-backs/{found.id}")
