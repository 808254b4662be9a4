"""A member of staff's newest messages, on the staff home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from web.notifications.inbox import NEWEST, InboxEntry, inbox_entries
from web.notifications.recipients import lasting_recipient_of
from web.site.pages import Card

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.staff.access import StaffVisit


@dataclass(frozen=True, kw_only=True)
class MessagesCard(Card):
    """The newest messages."""

    template: ClassVar[str] = "notifications/_staff_card.html"
    is_waiting: ClassVar[bool] = False
    entries: tuple[InboxEntry, ...]


async def on_staff_home(visit: StaffVisit, session: AsyncSession) -> list[Card]:
    """The newest messages, if there are any."""
    recipient = lasting_recipient_of(visit)
    # A call-back that a colleague answered is nobody's news: it stays in the inbox alone.
    told = await inbox_entries(session, recipient, visit, NEWEST)
    newest = tuple(entry for entry in told if entry.is_so)
    return [MessagesCard(entries=newest)] if newest else []
