"""快到时告诉我: what a ticket's page says of being told about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from push.preferences import DISTANCES, USUAL, preferences_of
from push.subscriptions import of_recipient
from push.tables import ChannelKind
from push.watches import watch_of
from web.site.device_key import FormKey

if TYPE_CHECKING:
    from domain.queue.tables import Ticket
    from push.recipients import Recipient
    from push.tables import Preferences
    from web.running.services import Services


@dataclass(frozen=True)
class Watching:
    """Whether somebody follows a ticket, and how they are told."""

    ahead: int | None
    """People ahead at which they are told; None while they do not follow."""
    usual: int
    """The distance they chose for all their tickets."""
    browsers: int = 0
    """How many of theirs take notifications."""
    email: str = ""
    """Where letters go; empty for nowhere."""
    key: str = ""
    """Of the form, for a device that was given none yet; see `web.queue.keys`."""
    distances: tuple[int, ...] = DISTANCES


NOT_WATCHING = Watching(None, USUAL)


async def watching(services: Services, recipient: Recipient | None, ticket: Ticket) -> Watching:
    """Whether somebody follows a ticket, and how they would be told."""
    if recipient is None:
        return Watching(None, USUAL, key=FormKey.new().key)
    async with services.store.read() as session:
        watch = await watch_of(session, recipient, ticket.id)
        wishes = await preferences_of(session, recipient)
        if watch is None:
            return Watching(None, wishes.ahead)
        browsers = await of_recipient(session, recipient)
    return Watching(watch.ahead, wishes.ahead, len(browsers), letters_go_to(services, wishes))


def letters_go_to(services: Services, wishes: Preferences) -> str:
    """The address to which somebody's letters go, if any do."""
    is_on = (
        ChannelKind.EMAIL in services.settings.ways.channels
        and wishes.email_confirmed_at is not None
    )
    return (is_on and wishes.email) or ""
