"""我的通知: the page of a device and the page of a member of staff, and their forms.

Both are the same five views over `recipient_of(visit)`. They also work without a script.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from push import addresses, follows
from push.recipients import Recipient
from web.notifications import settings
from web.notifications.recipients import lasting_recipient_of, recipient_of, ways_of
from web.notifications.settings import Notifications, RefusedError, notifications
from web.site.answers import InvalidError, Redirect
from web.site.pages import Page
from web.staff.access import StaffPage, StaffVisit

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from web.notifications.recipients import AnyVisit
    from web.site.forms import Form
    from web.site.visit import Visit
    from web.site.visits import ResidentVisit

    Change = Callable[[AsyncSession, Recipient, Notifications, Form, Visit], Awaitable[None]]

MINE = "/mine/notifications"
STAFF = "/staff/account/notifications"
# A device without a key: nothing is stored for it, so it has the defaults.
NO_KEY = Recipient("d:")


@dataclass(frozen=True, kw_only=True)
class MyNotifications(Page):
    """我的通知 of a device."""

    template: ClassVar[str] = "notifications/notifications.html"
    tab: ClassVar[str] = "mine"
    mine: Notifications


@dataclass(frozen=True, kw_only=True)
class StaffNotifications(StaffPage):
    """我的通知 of a member of staff."""

    template: ClassVar[str] = "notifications/staff.html"
    tab: ClassVar[str] = "account"
    mine: Notifications


async def show_device(visit: ResidentVisit) -> Page:
    """What the device has chosen."""
    async with visit.services.store.read() as session:
        return await show(visit, session)


async def show(visit: AnyVisit, session: AsyncSession) -> Page:
    """What the recipient has chosen."""
    recipient = recipient_of(visit) or NO_KEY
    return _page(visit, await _current(visit, session, recipient))


async def _current(visit: AnyVisit, session: AsyncSession, recipient: Recipient) -> Notifications:
    return await notifications(session, recipient, _base(visit), visit, ways_of(visit))


def _base(visit: AnyVisit) -> str:
    return STAFF if isinstance(visit, StaffVisit) else MINE


def _page(visit: AnyVisit, mine: Notifications) -> Page:
    if isinstance(visit, StaffVisit):
        return StaffNotifications(actor=visit.actor, mine=mine)
    return MyNotifications(mine=mine)


async def before_saving(visit: ResidentVisit) -> None:
    """Count one more change of this device and address. Raises `InvalidError`."""
    services = visit.services
    by_device = services.settings_by_device.wait(visit.own_device, visit.now)
    await _refuse(visit, by_device or visit.wait_at_address(services.settings_by_address), "all")


async def before_asking(visit: ResidentVisit) -> None:
    """Count one more letter from this address. Raises `InvalidError`."""
    await _refuse(visit, visit.wait_at_address(visit.services.letters_by_address), "email")


async def _refuse(visit: ResidentVisit, wait: dt.timedelta | None, field: str) -> None:
    """Raises `InvalidError` with the same page if there is a wait."""
    if wait is None:
        return
    async with visit.services.store.read() as session:
        mine = await _current(visit, session, recipient_of(visit) or NO_KEY)
    typed = visit.form.text("email", addresses.LONGEST) or mine.email
    again_at = visit.local(visit.now + wait)
    refused = replace(mine, email=typed, wrong={field: "often"}, again_at=again_at, done="")
    raise InvalidError(_page(visit, refused), wait)


async def save(visit: AnyVisit, session: AsyncSession) -> Redirect:
    """Keep what was chosen."""
    return await _change(visit, session, settings.save, "saved")


async def ask(visit: AnyVisit, session: AsyncSession) -> Redirect:
    """Send a letter that asks the reader of an address whether it is theirs."""
    return await _change(visit, session, settings.ask, "asked")


async def _change(visit: AnyVisit, session: AsyncSession, change: Change, done: str) -> Redirect:
    """Raises `InvalidError`."""
    recipient = lasting_recipient_of(visit)
    current = await _current(visit, session, recipient)
    try:
        await change(session, recipient, current, visit.form, visit)
    except RefusedError as refused:
        raise InvalidError(_page(visit, refused.page)) from None
    return Redirect(f"{_base(visit)}?done={done}")


async def unfollow(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Tell this device nothing more of what it followed; harmless when it stopped before."""
    recipient = recipient_of(visit)
    if recipient is not None:
        await follows.stop(session, recipient, int(visit.params["follow"]))
    return Redirect(f"{MINE}?done=unfollowed")


async def forget_address(visit: AnyVisit, session: AsyncSession) -> Redirect:
    """Send no more letters."""
    recipient = recipient_of(visit)
    if recipient is not None:
        await addresses.forget(session, recipient)
    return Redirect(f"{_base(visit)}?done=forgotten")


async def stop(visit: AnyVisit, session: AsyncSession) -> Redirect:
    """End one browser's notifications; harmless when they ended before."""
    recipient = recipient_of(visit)
    if recipient is not None:
        await settings.stop(session, recipient, int(visit.params["browser"]), visit.now)
    return Redirect(f"{_base(visit)}?done=stopped")
