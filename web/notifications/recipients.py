"""Who asks, as somebody who can be told something: a device by its key, or somebody of the office.

One browser can be both. What it was told in either way is shown to it, and marked as read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from push import recipients
from push.tables import Language
from web.site.device_key import device_hash
from web.staff.access import signed_in

if TYPE_CHECKING:
    from starlette.requests import Request

    from push.recipients import Recipient
    from web.site.visit import Visit
    from web.staff.access import StaffVisit


def device_of(request: Request) -> Recipient | None:
    """The device, if it was given a key."""
    own = device_hash(request)
    return None if own is None else recipients.device(own)


async def everybody_here(request: Request) -> tuple[Recipient, ...]:
    """The device, and whoever of the office is signed in on it."""
    found = device_of(request), await member_here(request)
    return tuple(each for each in found if each is not None)


async def member_here(request: Request) -> Recipient | None:
    """Whoever of the office is wholly signed in."""
    found = await signed_in(request)
    if found is None or not found[1].is_confirmed:
        return None
    return recipients.staff(found[1].staff_id)


def member_of(visit: StaffVisit) -> Recipient:
    """Whoever of the office asks."""
    return recipients.staff(visit.session.staff_id)


def language_of(visit: Visit) -> Language:
    """The language in which somebody is told things: that of the page they chose it on."""
    return Language(visit.lang)
