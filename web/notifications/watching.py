"""快到时告诉我: whether the recipient follows a ticket, and how they are told."""

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
    """Whether a recipient follows a ticket, and how they are told."""

    # People ahead at which they are told; None while they do not follow.
    ahead: int | None
    # The distance they chose for all their tickets.
    usual: int
    # How many of theirs take notifications.
    browsers: int = 0
    # Where letters go; empty for nowhere.
    email: str = ""
    # Of the form, for a device without a key; see `web.site.device_key`.
    key: str = ""
    distances: tuple[int, ...] = DISTANCES


NOT_WATCHING = Watching(None, USUAL)


async def watching(services: Services, recipient: Recipient | None, ticket: Ticket) -> Watching:
    """Whether the recipient follows a ticket, and how they are told.

    None is a device without a key.
    """
    if recipient is None:
        return Watching(None, USUAL, key=FormKey.new().key)
    async with services.store.read() as session:
        watch = await watch_of(session, recipient, ticket.id)
        chosen = await preferences_of(session, recipient)
        if watch is None:
            return Watching(None, chosen.ahead)
        browsers = await of_recipient(session, recipient)
    return Watching(watch.ahead, chosen.ahead, len(browsers), letters_go_to(services, chosen))


def letters_go_to(services: Services, chosen: Preferences) -> str:
    """The address to which letters go; empty when none do."""
    is_on = (
        ChannelKind.EMAIL in services.settings.ways.channels
        and chosen.email_confirmed_at is not None
    )
    return (is_on and chosen.email) or ""
