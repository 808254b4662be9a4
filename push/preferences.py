"""通知设置: what a person wants to hear, when, and by which channels."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.store import inserting
from push import recipients
from push.tables import ChannelKind, Language, Preferences, Subject

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from push.recipients import Recipient

# Distances, in people ahead, that a person can choose.
DISTANCES = (1, 3, 5)
USUAL = 3


@dataclass(frozen=True)
class NotificationSettings:
    """The form of the settings page."""

    language: Language
    off: tuple[Subject, ...] = ()
    ahead: int = USUAL
    # Local times, from and to; over midnight if the first is later.
    quiet: tuple[dt.time, dt.time] | None = None
    # Whether notifications may say the titles of what was published.
    says_titles: bool = False
    # Empty for the default order.
    channels: tuple[ChannelKind, ...] = ()


async def preferences_of(session: AsyncSession, recipient: Recipient) -> Preferences:
    """The stored preferences, or the defaults, which are not in the store."""
    own = await session.get(Preferences, recipient)
    return own or _usual(recipient)


def _usual(recipient: Recipient) -> Preferences:
    return Preferences(
        recipient=recipient,
        language=Language.CHINESE,
        off=(),
        ahead=USUAL,
        channels=usual_channels(recipient),
        says_titles=False,
    )


def usual_channels(recipient: Recipient) -> tuple[ChannelKind, ...]:
    """Push first; the group chat only for staff."""
    if recipients.is_staff(recipient):
        return ChannelKind.PUSH, ChannelKind.EMAIL, ChannelKind.WEBHOOK
    return ChannelKind.PUSH, ChannelKind.EMAIL


async def prefer(
    session: AsyncSession, recipient: Recipient, chosen: NotificationSettings
) -> Preferences:
    """Store the preferences; channels that the recipient may not choose are dropped."""
    own = await kept(session, recipient)
    usual = usual_channels(recipient)
    channels = tuple(channel for channel in dict.fromkeys(chosen.channels) if channel in usual)
    own.language, own.off, own.ahead = chosen.language, chosen.off, chosen.ahead
    own.quiet_from, own.quiet_to = chosen.quiet or (None, None)
    own.channels = channels or usual
    own.says_titles = chosen.says_titles
    await session.flush()
    return own


async def kept(session: AsyncSession, recipient: Recipient) -> Preferences:
    """The stored preferences, to change; created if there are none."""
    usual = _usual(recipient)
    values = {
        "recipient": recipient,
        "language": usual.language,
        "off": usual.off,
        "ahead": usual.ahead,
        "channels": usual.channels,
        "says_titles": usual.says_titles,
    }
    # Two pages of one phone may be the first at once.
    await session.execute(inserting(session, Preferences).values(values).on_conflict_do_nothing())
    return await session.get_one(Preferences, recipient, with_for_update=True)


# Local wall times: a person means their own evening, and a message held back must go out in their
# own morning.
def quiet_until(preferences: Preferences, now: dt.datetime) -> dt.datetime | None:
    """The end of the quiet hours around `now` (aware local time); None outside of them."""
    begin, end = preferences.quiet_from, preferences.quiet_to
    if begin is None or end is None or begin == end:
        return None
    clock = now.time()
    is_quiet = begin <= clock < end if begin < end else clock >= begin or clock < end
    if not is_quiet:
        return None
    day = now.date() if clock < end else now.date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, end, tzinfo=now.tzinfo)
