"""Who asks, as a recipient of messages: a device by its key, or a member of staff.

One browser can be both. What was sent to either is shown to it, and marked as read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from push import recipients
from push.tables import Language
from web.site.device_key import device_hash
from web.staff.access import StaffVisit, signed_in

if TYPE_CHECKING:
    from starlette.requests import Request

    from push.outbox import Ways
    from push.recipients import Recipient
    from web.site.visit import Visit
    from web.site.visits import ResidentVisit

    AnyVisit: TypeAlias = ResidentVisit | StaffVisit


def recipient_of(visit: AnyVisit) -> Recipient | None:
    """The member of staff or the device that asks; None for a device without a key."""
    if isinstance(visit, StaffVisit):
        return recipients.staff(visit.session.staff_id)
    return None if visit.device is None else recipients.device(visit.device)


def lasting_recipient_of(visit: AnyVisit) -> Recipient:
    """Like `recipient_of`; a device without a key is given one with the answer."""
    if isinstance(visit, StaffVisit):
        return recipients.staff(visit.session.staff_id)
    return recipients.device(visit.own_device)


def ways_of(visit: AnyVisit) -> Ways:
    """The ways to send messages that are set up here."""
    settings = visit.settings if isinstance(visit, StaffVisit) else visit.services.settings
    return settings.ways


async def recipients_at(request: Request) -> tuple[Recipient, ...]:
    """The device, if it has a key, and the member of staff who is signed in on it."""
    device, member = device_hash(request), await member_at(request)
    found = None if device is None else recipients.device(device), member
    return tuple(recipient for recipient in found if recipient is not None)


async def member_at(request: Request) -> Recipient | None:
    """The member of staff who has completed sign-in on this browser, if any."""
    found = await signed_in(request)
    if found is None or not found[1].is_confirmed:
        return None
    return recipients.staff(found[1].staff_id)


def language_of(visit: Visit) -> Language:
    """The language of a recipient's messages: that of the page where they chose them."""
    return Language(visit.lang)
