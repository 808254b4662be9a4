"""我的通知: what somebody wants to hear, how, and where; for a device and for the office alike."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from push import addresses, subscriptions
from push.addresses import AskedTooOftenError, EmailRefusedError
from push.endpoints import service_of
from push.errors import EndpointRefusedError
from push.preferences import (
    DISTANCES,
    NotificationSettings,
    kept,
    prefer,
    preferences_of,
    usual_channels,
)
from push.recipients import is_staff
from push.subscriptions import of_recipient
from push.tables import ChannelKind, Subject
from web.notifications.recipients import language_of
from web.site.forms import number

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from push.outbox import Ways
    from push.recipients import Recipient
    from push.tables import Preferences, Subscription
    from web.site.forms import Form
    from web.site.visit import Visit

SUBJECTS = {False: (Subject.TICKETS,), True: (Subject.CALL_BACKS,)}
"""What residents and staff are told of at present. A later feature adds its own."""
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])")
_SERVICES = {
    "fcm.googleapis.com": "chrome",
    "push.services.mozilla.com": "firefox",
    "push.apple.com": "safari",
    "notify.windows.com": "edge",
}


@dataclass(frozen=True)
class Reached:
    """A browser of somebody's that takes notifications."""

    id: int
    kind: str
    """`chrome`, `firefox`, `safari`, `edge`, or empty for another."""
    seen: dt.datetime
    """When it last said that it is there, as an aware local time."""
    digest: str
    """Of its endpoint, by which a script finds the browser it runs in."""


@dataclass(frozen=True)
class Notifications:
    """Everything the page says and its forms hold, as chosen or as just typed."""

    base: str
    """The page's address; its forms post to it and below it."""
    subjects: tuple[Subject, ...]
    off: tuple[Subject, ...]
    ahead: int
    quiet: tuple[str, str]
    """As typed."""
    channels: tuple[ChannelKind, ...]
    """Those that are set up here, in the order chosen."""
    email: str
    """As kept or as typed."""
    email_state: str
    """`none`, `asked`, `confirmed`."""
    browsers: tuple[Reached, ...]
    wrong: dict[str, str] = field(default_factory=dict)
    """Field to what is wrong: `time`, `half`, `odd`, `email`, `often`."""
    again_at: dt.datetime | None = None
    """When an address can be asked about again."""
    done: str = ""
    """What was just done: `saved`, `stopped`, `asked`, `forgotten`."""
    distances: tuple[int, ...] = DISTANCES

    @property
    def has_letters(self) -> bool:
        """Whether letters are set up here."""
        return ChannelKind.EMAIL in self.channels

    @property
    def is_staff(self) -> bool:
        """Whether these are somebody's of the office."""
        return self.base.startswith("/staff/")


class RefusedError(Exception):
    """Something typed cannot be taken; `page` is the page with what was typed."""

    def __init__(self, page: Notifications) -> None:
        super().__init__(str(page.wrong))
        self.page = page


async def notifications(
    session: AsyncSession, recipient: Recipient, base: str, visit: Visit, ways: Ways
) -> Notifications:
    """What is chosen at present. `visit` says the language and the time."""
    wishes = await preferences_of(session, recipient)
    found = await of_recipient(session, recipient)
    return Notifications(
        base=base,
        subjects=SUBJECTS[is_staff(recipient)],
        off=wishes.off,
        ahead=wishes.ahead,
        quiet=(_shown(wishes.quiet_from), _shown(wishes.quiet_to)),
        channels=tuple(each for each in wishes.channels if each in ways.channels),
        email=wishes.email or "",
        email_state=_state_of(wishes),
        browsers=tuple(_reached(each, visit, ways) for each in found),
        done=visit.query.get("done", ""),
    )


def _shown(time: dt.time | None) -> str:
    return time.strftime("%H:%M") if time else ""


def _state_of(wishes: Preferences) -> str:
    if wishes.email is None:
        return "none"
    return "asked" if wishes.email_confirmed_at is None else "confirmed"


def _reached(subscription: Subscription, visit: Visit, ways: Ways) -> Reached:
    try:
        service = service_of(subscription.endpoint, ways.origins)
    except EndpointRefusedError:
        service = ""
    return Reached(
        id=subscription.id,
        kind=next((kind for end, kind in _SERVICES.items() if service.endswith(end)), ""),
        seen=subscription.renewed_at.astimezone(visit.now.tzinfo),
        digest=subscription.endpoint_hash,
    )


async def save(
    session: AsyncSession, recipient: Recipient, page: Notifications, form: Form, visit: Visit
) -> None:
    """Keep what was chosen. Raises `RefusedError`."""
    typed = _typed(page, form)
    times = tuple(map(_time, typed.quiet))
    if any(text and time is None for text, time in zip(typed.quiet, times, strict=True)):
        typed.wrong["quiet"] = "time"
    elif (times[0] is None) != (times[1] is None):
        typed.wrong["quiet"] = "half"
    if typed.wrong:
        raise RefusedError(typed)
    begin, end = times
    wishes = NotificationSettings(
        language=language_of(visit),
        off=typed.off,
        ahead=typed.ahead,
        quiet=None if begin is None or end is None else (begin, end),
        # A channel that is not set up at present keeps its place behind those that are.
        channels=(*typed.channels, *usual_channels(recipient)),
    )
    await prefer(session, recipient, wishes)


def _typed(page: Notifications, form: Form) -> Notifications:
    """The page with what was chosen and typed, right or wrong."""
    wrong = {}
    ahead = number(form.text("ahead"))
    if "ahead" in form and ahead not in page.distances:
        wrong["ahead"] = "odd"
    first = [each for each in page.channels if each.value == form.text("first")]
    wanted = form.all("subject")
    return replace(
        page,
        off=tuple(each for each in page.subjects if each.value not in wanted),
        ahead=ahead if ahead in page.distances else page.ahead,
        quiet=(form.text("from", 20), form.text("to", 20)),
        channels=tuple(dict.fromkeys((*first, *page.channels))),
        wrong=wrong,
        done="",
    )


def _time(text: str) -> dt.time | None:
    """A time of day as a browser or a person writes it: 22:00, 7:30."""
    found = _TIME.fullmatch(text)
    return dt.time(int(found[1]), int(found[2])) if found else None


async def ask(
    session: AsyncSession, recipient: Recipient, page: Notifications, form: Form, visit: Visit
) -> None:
    """Write to an address whether it is theirs. Raises `RefusedError`."""
    typed = form.text("email", 254)
    page = replace(page, email=typed, done="")
    if not page.has_letters:
        raise RefusedError(replace(page, wrong={"email": "off"}))
    try:
        await addresses.ask(session, recipient, typed, visit.now)
    except EmailRefusedError:
        raise RefusedError(replace(page, wrong={"email": "email"})) from None
    except AskedTooOftenError as error:
        again_at = error.again_at.astimezone(visit.now.tzinfo)
        raise RefusedError(replace(page, wrong={"email": "often"}, again_at=again_at)) from None
    # The letter is in the language of this page.
    (await kept(session, recipient)).language = language_of(visit)


async def stop(session: AsyncSession, recipient: Recipient, browser: int) -> None:
    """End the notifications of one of somebody's browsers; harmless when that was done before."""
    for each in await of_recipient(session, recipient):
        if each.id == browser:
            await subscriptions.stop(session, recipient, each.endpoint)
