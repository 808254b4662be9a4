"""The hall's screen (大屏): its content at each check-in, and its stream."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from domain.devices.tables import DeviceKind
from domain.disclosures.changes import published_lately
from domain.queue.snapshot import ANNOUNCED
from domain.queue.tables import IdleScreen
from web.queue.offers import numbers_of, offered, span_of
from web.site.hall_device import DevicePage, device_stream

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request
    from starlette.responses import Response

    from domain.devices.tables import Device
    from domain.disclosures.tables import Disclosure
    from domain.hours import HallState
    from domain.places.tables import Community
    from domain.queue.forecast import Forecast
    from domain.queue.snapshot import Call, Desk, QueueNow
    from web.queue.offers import Numbers
    from web.running.services import Services
    from web.site.live import Words
    from web.site.visit import Visit

# Seconds after which a call is no longer announced; ages are capped here.
OLD = int(ANNOUNCED.total_seconds())
# After a call the screen keeps showing it for so long: a person may still be on the way.
QUIET = dt.timedelta(minutes=3)
# After the hall's hours the screen rests when nobody was called for so long.
RESTS = dt.timedelta(minutes=30)
# How old what the screen shows may be, and the seconds for which each is shown.
LATELY, EACH = dt.timedelta(days=30), 60


@dataclass(frozen=True, kw_only=True)
class Screen(DevicePage):
    """大屏: the calls, and who waits."""

    template: ClassVar[str] = "queue/_screen.html"
    device: Device
    hall: HallState
    queue: QueueNow
    # Each number once, with its latest call.
    calls: tuple[Call, ...]
    # From the shortest to the longest wait; None while no counter calls.
    wait: Forecast | None
    # Whether numbers are given while the hall is open by the clock.
    numbers: Numbers
    # When the hall opens on a day after this one; None if unknown.
    opens_next: dt.datetime | None
    # What was published lately, while nobody is called; None for nothing.
    published: Disclosure | None
    # Every call, for the voice: it works where a proxy swallows the stream.
    spoken: tuple[dict[str, object], ...]


async def screen_of(
    services: Services, visit: Visit, community: Community, device: Device, state: HallState
) -> DevicePage:
    async with services.store.read() as session:
        queue, found = await offered(session, services, visit, community.hall)
        published = await _published(session, visit, community, queue) if state.is_open else None
    newest: dict[str, Call] = {}
    for call in queue.calls if _shows_calls(queue, state) else ():
        newest.setdefault(call.number, call)
    return Screen(
        community=community,
        every=15,
        is_idle=not (state.is_open or queue.waiting),
        device=device,
        hall=state,
        queue=queue,
        calls=tuple(newest.values()),
        wait=span_of(found),
        numbers=numbers_of(queue, found),
        opens_next=visit.opens_after_today(community),
        published=published,
        spoken=tuple(map(spoken, queue.calls)),
    )


def _shows_calls(queue: QueueNow, state: HallState) -> bool:
    """Whether the last calls are still true: not once the day is closed, nor all night."""
    if queue.is_closed or not queue.calls:
        return False
    return state.is_open or queue.now - queue.calls[0].called_at < RESTS


# It takes the place of the last call once that is old, never of a call that people still look for,
# and one follows the other by the clock: every check-in of a minute draws the same.
async def _published(
    session: AsyncSession, visit: Visit, community: Community, queue: QueueNow
) -> Disclosure | None:
    """What the screen shows while nothing else happens, if the hall likes."""
    is_busy = queue.waiting or any(visit.now - call.called_at < QUIET for call in queue.calls)
    if is_busy or queue.rules.idle_screen is not IdleScreen.DISCLOSURES:
        return None
    found = await published_lately(session, community, visit.now - LATELY)
    return found[int(visit.now.timestamp() // EACH) % len(found)] if found else None


# Ids of calls rise, so a screen announces what is newer than its last call and younger than a
# minute. It stores the id when it begins to speak: a restart in the middle loses half a sentence
# rather than calling people twice. The id is valid for its day only, because a store restored from
# a backup counts from earlier.
def spoken(call: Call) -> dict[str, object]:
    """A call for the voice, with its moment."""
    at = int(call.called_at.timestamp() * 1000)
    return {"id": call.id, "number": call.number, "counter": call.counter, "at": at}


# The stream carries the calls, so that a call is heard at once; the screen itself is drawn from
# the check-in that every device has. A proxy that swallows streams then costs seconds, not calls.
# A stream ends after two minutes and is opened again with the device's key, so a revoked one falls
# silent.
# Not taken: drawing from the stream as well, which is a second rendering.
async def stream(request: Request) -> Response:
    """The stream of the hall in which this screen stands."""
    return await device_stream(request, DeviceKind.SCREEN, lambda _, end: words_until(end))


def words_until(end: dt.datetime) -> Words:
    """The words of the stream, until the screen must send its key again."""

    def words(queue: QueueNow) -> dict[str, Any] | None:
        return None if queue.now > end else words_of(queue)

    return words


def words_of(queue: QueueNow) -> dict[str, Any]:
    """The queue as the stream tells it. No ticket addresses and no reasons for coming."""
    return {
        "calls": [_call_words(call, queue.now) for call in queue.calls],
        "waiting": {
            letter: queue.waiting_for(letter)
            for letter in sorted({ticket.category for ticket in queue.waiting})
        },
        "desks": [_desk_words(desk) for desk in queue.desks],
        "board": queue.rules.board,
    }


def _call_words(call: Call, now: dt.datetime) -> dict[str, Any]:
    age = min(int((now - call.called_at).total_seconds()), OLD)
    return {"id": call.id, "number": call.number, "counter": call.counter, "age": age}


def _desk_words(desk: Desk) -> dict[str, Any]:
    return {
        "counter": desk.counter,
        "number": desk.ticket.label if desk.ticket else None,
        "paused": desk.pause_reason if desk.is_paused else None,
    }
