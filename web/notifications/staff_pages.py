"""我的通知 of somebody of the office: the same page, below their account."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.ratings.tables import CallBack
from domain.staff.actor import EDITING
from push import addresses
from web.notifications import settings
from web.notifications.recipients import member_of
from web.notifications.settings import Notifications, RefusedError, notifications
from web.site.answers import InvalidError, Redirect
from web.staff.access import StaffPage
from web.staff.places import communities_for

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.site.pages import Page
    from web.staff.access import StaffVisit

BASE = "/staff/account/notifications"


@dataclass(frozen=True, kw_only=True)
class StaffNotifications(StaffPage):
    """我的通知."""

    template: ClassVar[str] = "notifications/staff.html"
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
        await settings.save(session, member_of(visit), page, visit.form, visit)
    except RefusedError as refused:
        raise _again(visit, refused) from None
    return Redirect(f"{BASE}?done=saved")


async def ask(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Ask the reader of an address whether it is theirs."""
    try:
        page = await _now(visit, session)
        await settings.ask(session, member_of(visit), page, visit.form, visit)
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
    await settings.stop(session, member_of(visit), int(visit.params["browser"]))
    return Redirect(f"{BASE}?done=stopped")


async def call_back(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Where a message about a call-back leads: its page, below its community."""
    found = await session.get(CallBack, int(visit.params["call_back"]))
    known = {each.id: each.slug for each in communities_for(visit, EDITING)}
    if found is None or found.community_id not in known:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Redirect(f"/staff/c/{known[found.community_id]}/call-backs/{found.id}")
