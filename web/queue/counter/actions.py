"""What is done at the desk: each a form of one button, and one key."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING

from domain.queue import days
from domain.queue.calling import StaffedCounter
from domain.queue.errors import (
    AtAnotherCounterError,
    CounterBusyError,
    HoldsOneError,
    NobodyWaitsError,
    NotAtCounterError,
    QueueClosedError,
    TooLateError,
    WrongStateError,
)
from domain.queue.snapshot import queue_now
from domain.queue.tables import VisitOutcome
from web.queue.counter.desk import BACK_IN, desk_with, own_shift
from web.queue.counter.seats import DeskMessage, away, desk_path
from web.site.answers import InvalidError, Redirect
from web.site.forms import NO_SUCH_ID, number

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.errors import LianxinError
    from domain.queue.tables import CounterShift
    from web.staff.access import StaffView, StaffVisit

    Act = Callable[[StaffedCounter, StaffVisit], Awaitable[Redirect | None]]

LONGEST_REASON = 80
LONGEST_LINE = 200
MOST_LINES = 40


class IncompleteError(Exception):
    """What was sent lacks something: `why` is the word for it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class UnsureError(Exception):
    """Nobody would call the person at `where` now; the clerk has to say that it is meant."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


REFUSALS = (
    AtAnotherCounterError,
    WrongStateError,
    NobodyWaitsError,
    CounterBusyError,
    HoldsOneError,
    TooLateError,
    NotAtCounterError,
    QueueClosedError,
    IncompleteError,
)
ABOUT_A_TICKET = {
    CounterBusyError: "busy",
    HoldsOneError: "holds",
    AtAnotherCounterError: "elsewhere",
}
PLAIN = {TooLateError: "late", NotAtCounterError: "paused", QueueClosedError: "closed"}


def refusal_message(error: LianxinError | IncompleteError, nobody: str) -> DeskMessage:
    """Why it could not be done."""
    if isinstance(error, WrongStateError):
        return DeskMessage("state", error.state.value)
    if isinstance(error, CounterBusyError | HoldsOneError | AtAnotherCounterError):
        ticket = error.ticket
        return DeskMessage(ABOUT_A_TICKET[type(error)], ticket.label, ticket.counter or 0)
    if isinstance(error, IncompleteError):
        return DeskMessage(error.why)
    if isinstance(error, NobodyWaitsError):
        return DeskMessage(nobody)
    return DeskMessage(PLAIN[type(error)])


def counter_action(act: Act, when_nobody: str = "had") -> StaffView:
    """A view that does one thing at the counter and shows the desk again.

    `when_nobody` is the word for when there is nobody to do it with.
    """

    @wraps(act)
    async def view(visit: StaffVisit, session: AsyncSession) -> Redirect:
        shift = await own_shift(visit, session)
        if shift is None:
            raise InvalidError(await away(visit, session, int(visit.params["counter"])))
        try:
            answer = await act(StaffedCounter(session, shift, visit.now), visit)
        except UnsureError as error:
            page = await desk_with(visit, session, shift, unsure=error.where)
            raise InvalidError(page) from None
        except REFUSALS as error:
            message = refusal_message(error, when_nobody)
            raise await _refused(visit, session, shift, message) from None
        return answer or Redirect(desk_path(visit.place.slug, shift.counter))

    return view


async def _refused(
    visit: StaffVisit, session: AsyncSession, shift: CounterShift, message: DeskMessage
) -> InvalidError:
    """The desk with the message; the seats when the shift ended between looking and doing."""
    if await own_shift(visit, session) is None:
        return InvalidError(await away(visit, session, shift.counter))
    return InvalidError(await desk_with(visit, session, shift, message))


def simple_action(verb: Callable[[StaffedCounter], Awaitable[object]]) -> Act:
    """An action that needs nothing of the form."""

    @wraps(verb)
    async def act(counter: StaffedCounter, _visit: StaffVisit) -> None:
        await verb(counter)

    return act


def _chosen(visit: StaffVisit) -> int:
    chosen = number(visit.form.text("ticket"))
    return NO_SUCH_ID if chosen is None else chosen


async def call_chosen(counter: StaffedCounter, visit: StaffVisit) -> None:
    """Call the ticket that was chosen from a list."""
    await counter.call_chosen(_chosen(visit))


async def resume(counter: StaffedCounter, visit: StaffVisit) -> None:
    """Go on with the ticket that was chosen from those on hold."""
    await counter.resume(_chosen(visit))


async def finish(counter: StaffedCounter, visit: StaffVisit) -> None:
    """End the visit with the outcome that was pressed; done if the form says none."""
    outcome = VisitOutcome.named(visit.form.text("outcome") or "done")
    if outcome is None:
        raise IncompleteError("outcome")
    await counter.finish(outcome)


async def transfer(counter: StaffedCounter, visit: StaffVisit) -> None:
    """Send the person on to a category or to another counter of this hall.

    Asks once more when nobody would call them there now.
    """
    kind, _, which = visit.form.text("to").partition(":")
    hall, there = visit.place.hall, number(which) if kind == "counter" else None
    category = which if kind == "category" and which in hall.letters else None
    others = {other.number for other in hall.counters} - {counter.shift.counter}
    if category is None and there not in others:
        raise IncompleteError("where-to")
    if visit.form.text("sure") != "yes" and not await _is_called(counter, visit, category or there):
        raise UnsureError(f"{kind}:{which}")
    await counter.transfer(category=category, counter=None if category else there)


async def _is_called(counter: StaffedCounter, visit: StaffVisit, where: str | int | None) -> bool:
    """Whether any counter calls this category now, or the clerk of this counter calls there."""
    now = await queue_now(counter.session, visit.place.hall, visit.now)
    if isinstance(where, str):
        return now.is_called(where)
    return any(desk.counter == where and not desk.is_paused for desk in now.desks)


async def stop_numbers(counter: StaffedCounter, visit: StaffVisit) -> None:
    """Give no new numbers today, and go on calling."""
    place = visit.place
    await days.stop_numbers(counter.session, visit.actor, place.hall.id, place.id, visit.now)


async def give_numbers_again(counter: StaffedCounter, visit: StaffVisit) -> None:
    place = visit.place
    await days.give_numbers_again(counter.session, visit.actor, place.hall.id, place.id, visit.now)


async def pause(counter: StaffedCounter, visit: StaffVisit) -> None:
    """Call nobody for a while, for a reason that the screen shows."""
    typed = visit.form.text("other", LONGEST_REASON)
    reason = typed or visit.form.text("reason", LONGEST_REASON)
    if not reason:
        raise IncompleteError("no-reason")
    await counter.pause(reason, _back_at(visit))


# A time of today that is over says nothing, so it counts as not said.
def _back_at(visit: StaffVisit) -> dt.datetime | None:
    """When the clerk means to be back: at a time, or in some minutes; None if they do not say."""
    with suppress(ValueError):
        at = dt.time.fromisoformat(visit.form.text("back_at"))
        back = dt.datetime.combine(visit.now.date(), at, visit.now.tzinfo)
        return back if back > visit.now else None
    minutes = number(visit.form.text("back_in"))
    return visit.now + dt.timedelta(minutes=minutes) if minutes in BACK_IN else None


async def sign_off(counter: StaffedCounter, visit: StaffVisit) -> Redirect:
    """Leave the counter, to the list of seats."""
    await counter.sign_off()
    return Redirect(f"/staff/c/{visit.place.slug}/counters")


async def confirm_priority(counter: StaffedCounter, visit: StaffVisit) -> None:
    """Say whether the person's priority is right."""
    answer = visit.form.text("is_right")
    if answer not in {"yes", "no"}:
        raise IncompleteError("is-right")
    await counter.confirm_priority(is_right=answer == "yes")


async def tell_missing(counter: StaffedCounter, visit: StaffVisit) -> Redirect:
    """一次性告知: all that is missing, ticked and in own words; leads to the notice on paper."""
    missing = _missing(visit)
    if not missing:
        raise IncompleteError("nothing-missing")
    ticket = await counter.tell_missing(missing)
    return Redirect(f"/staff/c/{visit.place.slug}/tickets/{ticket.id}/notice")


def _missing(visit: StaffVisit) -> list[str]:
    """Each line once, in the order of the form."""
    typed = [*visit.form.all("missing"), *visit.form.given("own").splitlines()]
    lines = filter(None, (line.strip()[:LONGEST_LINE] for line in typed))
    return list(dict.fromkeys(lines))[:MOST_LINES]


# What can be posted to a counter, by the noun at the end of its address.
ACTIONS: dict[str, StaffView] = {
    "calls": counter_action(simple_action(StaffedCounter.call_next), "nobody"),
    "recalls": counter_action(simple_action(StaffedCounter.recall)),
    "starts": counter_action(simple_action(StaffedCounter.start)),
    "finishes": counter_action(finish),
    "no-shows": counter_action(simple_action(StaffedCounter.no_show)),
    "holds": counter_action(simple_action(StaffedCounter.hold)),
    "undoings": counter_action(simple_action(StaffedCounter.undo)),
    "resumptions": counter_action(resume, "unknown"),
    "chosen-calls": counter_action(call_chosen, "unknown"),
    "transfers": counter_action(transfer),
    "pauses": counter_action(pause),
    "pauses/ending": counter_action(simple_action(StaffedCounter.go_on)),
    "notices": counter_action(tell_missing),
    "priorities": counter_action(confirm_priority),
    "stopping": counter_action(stop_numbers),
    "stopping/ending": counter_action(give_numbers_again),
    "sign-off": counter_action(sign_off),
}
