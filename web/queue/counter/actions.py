"""What is done at the desk: each a form of one button, and one key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.queue import calling
from domain.queue.errors import (
    CounterBusyError,
    NobodyWaitsError,
    NotAtCounterError,
    QueueClosedError,
    TooLateError,
    WrongStateError,
)
from web.queue.counter.desk import desk_with, own_shift
from web.queue.counter.seats import DeskMessage, away, desk_path
from web.site.answers import InvalidError, Redirect
from web.site.forms import NO_SUCH_ID, number

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.errors import LianxinError
    from domain.queue.tables import CounterShift
    from web.staff.access import StaffView, StaffVisit

    Act = Callable[[AsyncSession, CounterShift, StaffVisit], Awaitable[object]]

LONGEST_REASON = 80
LONGEST_LINE = 200
MOST_LINES = 40


def counter_action(act: Act, nobody: str = "had") -> StaffView:
    """A view that does one thing at the counter and shows the desk again.

    `nobody` is the word for when there is nobody to do it with.
    """

    async def view(visit: StaffVisit, session: AsyncSession) -> Redirect:
        shift = await own_shift(visit, session)
        if shift is None:
            raise InvalidError(await away(visit, session, int(visit.params["counter"])))
        try:
            found = await act(session, shift, visit)
        except REFUSALS as error:
            if await own_shift(visit, session) is None:
                # The seat ended between looking and doing.
                raise InvalidError(await away(visit, session, shift.counter)) from None
            said = refusal_message(error, nobody)
            raise InvalidError(await desk_with(visit, session, shift, said)) from None
        if isinstance(found, Redirect):
            return found
        return Redirect(desk_path(visit.place.slug, shift.counter))

    return view


class IncompleteError(Exception):
    """What was sent lacks something: `why` is the word for it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


REFUSALS = (
    WrongStateError,
    NobodyWaitsError,
    CounterBusyError,
    TooLateError,
    NotAtCounterError,
    QueueClosedError,
    IncompleteError,
)
PLAIN = {TooLateError: "late", NotAtCounterError: "paused", QueueClosedError: "closed"}


def refusal_message(error: LianxinError | IncompleteError, nobody: str) -> DeskMessage:
    """Why it could not be done."""
    if isinstance(error, WrongStateError):
        return DeskMessage("state", error.state.value)
    if isinstance(error, CounterBusyError):
        return DeskMessage("busy", error.ticket.label)
    if isinstance(error, IncompleteError):
        return DeskMessage(error.why)
    if isinstance(error, NobodyWaitsError):
        return DeskMessage(nobody)
    return DeskMessage(PLAIN[type(error)])


def simple_action(verb: Callable[..., Awaitable[Any]]) -> Act:
    """A verb of the domain that needs nothing but the shift and the time."""

    async def act(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> None:
        await verb(session, shift, now=visit.now)

    return act


def _chosen(visit: StaffVisit) -> int:
    found = number(visit.form.text("ticket"))
    return NO_SUCH_ID if found is None else found


async def _call_chosen(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> None:
    await calling.call_chosen(session, shift, _chosen(visit), visit.now)


async def _resume(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> None:
    await calling.resume(session, shift, _chosen(visit), visit.now)


async def _transfer(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> None:
    kind, _, which = visit.form.text("to").partition(":")
    place = visit.place
    counter = number(which) if kind == "counter" else None
    if kind == "category" and which in place.hall.letters:
        await calling.transfer(session, shift, visit.now, category=which)
    elif counter in {each.number for each in place.hall.counters} - {shift.counter}:
        await calling.transfer(session, shift, visit.now, counter=counter)
    else:
        raise IncompleteError("where-to")


async def _pause(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> None:
    own = visit.form.text("other", LONGEST_REASON)
    reason = own or visit.form.text("reason", LONGEST_REASON)
    if not reason:
        raise IncompleteError("no-reason")
    await calling.pause(session, shift, reason, visit.now)


async def _sign_off(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> Redirect:
    await calling.sign_off(session, shift, visit.now)
    return Redirect(f"/staff/c/{visit.place.slug}/counters")


async def _confirm(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> None:
    answer = visit.form.text("is_right")
    if answer not in {"yes", "no"}:
        raise IncompleteError("is-right")
    await calling.confirm_priority(session, shift, is_right=answer == "yes", now=visit.now)


async def _tell(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> Redirect:
    """一次性告知: all that is missing, ticked and in own words."""
    own = visit.form.given("own").splitlines()
    lines = [each.strip()[:LONGEST_LINE] for each in (*visit.form.all("missing"), *own)]
    missing = list(dict.fromkeys(filter(None, lines)))[:MOST_LINES]
    if not missing:
        raise IncompleteError("nothing-missing")
    ticket = await calling.tell_missing(session, shift, missing, visit.now)
    return Redirect(f"/staff/c/{visit.place.slug}/tickets/{ticket.id}/notice")


ACTIONS: dict[str, StaffView] = {
    "calls": counter_action(simple_action(calling.call_next), "nobody"),
    "recalls": counter_action(simple_action(calling.recall)),
    "starts": counter_action(simple_action(calling.start)),
    "finishes": counter_action(simple_action(calling.finish)),
    "no-shows": counter_action(simple_action(calling.no_show)),
    "holds": counter_action(simple_action(calling.hold)),
    "undoings": counter_action(simple_action(calling.undo_call)),
    "resumptions": counter_action(_resume, "unknown"),
    "chosen-calls": counter_action(_call_chosen, "unknown"),
    "transfers": counter_action(_transfer),
    "pauses": counter_action(_pause),
    "pauses/ending": counter_action(simple_action(calling.go_on)),
    "notices": counter_action(_tell),
    "priorities": counter_action(_confirm),
    "sign-off": counter_action(_sign_off),
}
"""What can be posted to a counter, by the noun at the end of its address."""
