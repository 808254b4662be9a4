"""通知设置: what a recipient wants to be told, when, and in which order of channels."""

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

DISTANCES = (1, 3, 5)
"""With how many people ahead a recipient can choose to be told."""
USUAL = 3


@dataclass(frozen=True)
class NotificationSettings:
    """通知设置, as their page sends them."""

    language: Language
    off: tuple[Subject, ...] = ()
    ahead: int = USUAL
    quiet: tuple[dt.time, dt.time] | None = None
    """Local times, from and to; over midnight when the first is the later."""
    channels: tuple[ChannelKind, ...] = ()
    """None for the usual order."""


async def preferences_of(session: AsyncSession, recipient: Recipient) -> Preferences:
    """The preferences of a recipient; the defaults, which are not in the store, before any are."""
    own = await session.get(Preferences, recipient)
    return own or _usual(recipient)


def _usual(recipient: Recipient) -> Preferences:
    return Preferences(
        recipient=recipient,
        language=Language.CHINESE,
        off=(),
        ahead=USUAL,
        channels=usual_channels(recipient),
    )


def usual_channels(recipient: Recipient) -> tuple[ChannelKind, ...]:
    """Push first; the office's group chat is for the office."""
    if recipients.is_staff(recipient):
        return ChannelKind.PUSH, ChannelKind.EMAIL, ChannelKind.WEBHOOK
    return ChannelKind.PUSH, ChannelKind.EMAIL


async def prefer(
    session: AsyncSession, recipient: Recipient, settings: NotificationSettings
) -> Preferences:
    """Keep a recipient's settings; channels that they cannot choose are left out."""
    own = await kept(session, recipient)
    usual = usual_channels(recipient)
    chosen = tuple(each for each in dict.fromkeys(settings.channels) if each in usual)
    own.language, own.off, own.ahead = settings.language, settings.off, settings.ahead
    own.quiet_from, own.quiet_to = settings.quiet or (None, None)
    own.channels = chosen or usual
    await session.flush()
    return own


async def kept(session: AsyncSession, recipient: Recipient) -> Preferences:
    """The preferences of a recipient, locked to change them; made when there are none yet."""
    usual = _usual(recipient)
    values = {
        "recipient": recipient,
        "language": usual.language,
        "off": usual.off,
        "ahead": usual.ahead,
        "channels": usual.channels,
    }
    # Two pages of one phone may be the first at once.
    await session.execute(inserting(session, Preferences).values(values).on_conflict_do_nothing())
    return await session.get_one(Preferences, recipient, with_for_update=True)


def quiet_until(preferences: Preferences, now: dt.datetime) -> dt.datetime | None:
    """When the quiet hours end in which `now` (aware local time) lies; None outside of them."""
    begin, end = preferences.quiet_from, preferences.quiet_to
    if begin is None or end is None or begin == end:
        return None
    clock = now.time()
    is_quiet = begin <= clock < end if begin < end else clock >= begin or clock < end
    if not is_quiet:
        return None
    day = now.date() if clock < end else now.date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, end, tzinfo=now.tzinfo)
