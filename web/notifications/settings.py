"""我的通知: what a recipient wants to be told, how, and where; devices and staff alike."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from domain.disclosures.items import title_of_item
from push import addresses
from push.addresses import AskedTooOftenError, EmailRefusedError
from push.ended import note_end
from push.endpoints import service_of
from push.errors import EndpointRefusedError
from push.follows import follows_of
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
from push.subscriptions import stop as stop_pushing
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

# What devices (False) and staff (True) are told of. A later feature adds its own.
SUBJECTS = {
    False: (Subject.TICKETS, Subject.ANSWERS, Subject.PROMISES, Subject.DISCLOSURES),
    True: (Subject.MATTERS, Subject.CALL_BACKS, Subject.OWED),
}
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])")
_SERVICES = {
    "fcm.googleapis.com": "chrome",
    "push.services.mozilla.com": "firefox",
    "push.apple.com": "safari",
    "notify.windows.com": "edge",
}


@dataclass(frozen=True)
class Reached:
    """A browser of the recipient that takes notifications."""

    id: int
    # `chrome`, `firefox`, `safari`, `edge`, or empty for another.
    kind: str
    # When it last said that it is there, as an aware local time.
    seen: dt.datetime
    # Of its endpoint, by which a script finds the browser it runs in.
    digest: str


@dataclass(frozen=True)
class Followed:
    """Something of a community's disclosures that the recipient follows."""

    id: int
    place: str
    # A kind of disclosure, or what an item was last published as; both empty for everything.
    kind: str
    item: str


@dataclass(frozen=True)
class Notifications:
    """Everything the page says and its forms hold, as chosen or as just typed."""

    # The page's address; its forms post to it and below it.
    base: str
    subjects: tuple[Subject, ...]
    off: tuple[Subject, ...]
    ahead: int
    # As typed.
    quiet: tuple[str, str]
    # Those that are set up here, in the order chosen.
    channels: tuple[ChannelKind, ...]
    # As kept or as typed.
    email: str
    # `none`, `asked`, `confirmed`, `refused`.
    email_state: str
    browsers: tuple[Reached, ...]
    followed: tuple[Followed, ...]
    # Whether notifications may say the titles of what was published.
    says_titles: bool
    # Field to what is wrong: `time`, `half`, `odd`, `email`, `often`; `all` for the whole.
    wrong: dict[str, str] = field(default_factory=dict)
    # When an address can be asked about again.
    again_at: dt.datetime | None = None
    # What was just done: `saved`, `stopped`, `asked`, `forgotten`.
    done: str = ""
    distances: tuple[int, ...] = DISTANCES

    @property
    def has_letters(self) -> bool:
        """Whether letters are set up here."""
        return ChannelKind.EMAIL in self.channels

    @property
    def is_staff(self) -> bool:
        """Whether these are those of a member of staff."""
        return self.base.startswith("/staff/")


class RefusedError(Exception):
    """A field was refused; `page` is the page with what was typed."""

    def __init__(self, page: Notifications) -> None:
        super().__init__(str(page.wrong))
        self.page = page


async def notifications(
    session: AsyncSession, recipient: Recipient, base: str, visit: Visit, ways: Ways
) -> Notifications:
    """What the recipient has chosen. `visit` says the language and the time."""
    chosen = await preferences_of(session, recipient)
    subscriptions = await of_recipient(session, recipient)
    followed = await _followed(session, recipient)
    return Notifications(
        base=base,
        subjects=SUBJECTS[is_staff(recipient)],
        off=chosen.off,
        ahead=chosen.ahead,
        quiet=(_clock(chosen.quiet_from), _clock(chosen.quiet_to)),
        channels=tuple(each for each in chosen.channels if each in ways.channels),
        email=chosen.email or "",
        email_state=_state_of(chosen),
        browsers=tuple(_reached(each, visit, ways) for each in subscriptions),
        followed=followed,
        says_titles=chosen.says_titles,
        done=visit.query.get("done", ""),
    )


async def _followed(session: AsyncSession, recipient: Recipient) -> tuple[Followed, ...]:
    found = await follows_of(session, recipient)
    return tuple(
        [
            Followed(
                follow.id,
                community.name,
                follow.kind,
                await title_of_item(session, community, follow.item) or follow.item
                if follow.item
                else "",
            )
            for follow, community in found
        ]
    )


def _clock(time: dt.time | None) -> str:
    return time.strftime("%H:%M") if time else ""


def _state_of(chosen: Preferences) -> str:
    if chosen.email is None:
        return "none"
    if chosen.email_refused_at is not None:
        return "refused"
    return "asked" if chosen.email_confirmed_at is None else "confirmed"


def _reached(subscription: Subscription, visit: Visit, ways: Ways) -> Reached:
    try:
        service = service_of(subscription.endpoint, ways.origins)
    except EndpointRefusedError:
        service = ""
    return Reached(
        id=subscription.id,
        kind=next((kind for end, kind in _SERVICES.items() if service.endswith(end)), ""),
        seen=visit.local(subscription.renewed_at),
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
    chosen = NotificationSettings(
        language=language_of(visit),
        off=typed.off,
        ahead=typed.ahead,
        quiet=None if begin is None or end is None else (begin, end),
        says_titles=typed.says_titles,
        # A channel that is not set up at present keeps its place behind those that are.
        channels=(*typed.channels, *usual_channels(recipient)),
    )
    await prefer(session, recipient, chosen)


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
        says_titles="titles" in form,
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
    """Send a letter to an address that asks whether it is theirs. Raises `RefusedError`."""
    typed = form.text("email", addresses.LONGEST)
    page = replace(page, email=typed, done="")
    if not page.has_letters:
        raise RefusedError(replace(page, wrong={"email": "off"}))
    try:
        await addresses.ask(session, recipient, typed, visit.now)
    except EmailRefusedError:
        raise RefusedError(replace(page, wrong={"email": "email"})) from None
    except AskedTooOftenError as error:
        again_at = visit.local(error.again_at)
        raise RefusedError(replace(page, wrong={"email": "often"}, again_at=again_at)) from None
    # The letter is in the language of this page.
    (await kept(session, recipient)).language = language_of(visit)


async def stop(session: AsyncSession, recipient: Recipient, browser: int, now: dt.datetime) -> None:
    """End the notifications of one of the recipient's browsers; harmless when they ended before."""
    for each in await of_recipient(session, recipient):
        if each.id == browser:
            await note_end(session, each.endpoint, now)
            await stop_pushing(session, recipient, each.endpoint)
