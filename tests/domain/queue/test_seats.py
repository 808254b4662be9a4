"""A seat ends without its clerk: with the day, with the role or account, and by a colleague."""

from __future__ import annotations

import ast
import asyncio
import datetime as dt
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from domain.places.tables import Community, Hall
from domain.queue import calling, handover, seats
from domain.queue.calling import StaffedCounter
from domain.queue.days import QueueChanged
from domain.queue.errors import CounterTakenError, NotAtCounterError
from domain.queue.tables import CounterShift
from domain.staff import roles
from domain.staff.actor import COMMAND_LINE, Actor, Grant
from domain.staff.tables import Role
from tests.world.clock import NOW
from tests.world.halls import HallDay, hall_of
from tests.world.people import hired, log_of

if TYPE_CHECKING:
    from domain.events import Event
    from domain.store import Store

ROOT = Path(__file__).parents[3]
MINUTE = dt.timedelta(minutes=1)
NEXT_MORNING = NOW + dt.timedelta(hours=23)


class Office(HallDay):
    """A hall with clerks whose roles count, and its forgotten seats."""

    def __init__(self, store: Store, hall: Hall) -> None:
        super().__init__(store, hall)
        self.ids: dict[str, int] = {}

    async def hire(self, name: str, *grants: Grant) -> int:
        """A clerk of this hall, or someone with other roles."""
        grants = grants or (Grant(Role.CLERK, community_id=self.hall.community_id),)
        self.ids[name] = await hired(self.store, name, *grants)
        return self.ids[name]

    async def signs_on(self, name: str, counter: int = 2, letters: str = "ABC") -> CounterShift:
        """A clerk sits down at a free counter."""
        shift = await self.store.write(
            partial(
                calling.sign_on,
                hall_id=self.hall.id,
                counter=counter,
                staff_id=self.ids[name],
                letters=letters,
                now=self.now,
            )
        )
        self.shifts[counter] = shift
        return shift

    async def takes_over(
        self, name: str, shift: CounterShift, counter: int = 2, letters: str = "AB"
    ) -> CounterShift:
        """A clerk sits down in place of the clerk of `shift`."""
        taken = await self.store.write(
            partial(
                handover.take_over,
                actor=Actor(self.ids[name], None, name, f"{name.title()} Wang"),
                hall=self.hall,
                counter=counter,
                shift_id=shift.id,
                letters=letters,
                now=self.now,
            )
        )
        self.shifts[counter] = taken
        return taken

    async def occupied(self) -> dict[int, str]:
        """Who has which counter."""
        async with self.store.read() as session:
            found = await seats.seats_of(session, self.hall.id, self.now)
        return {counter: seat.name for counter, seat in found.items()}

    async def of(self, name: str) -> CounterShift | None:
        """A clerk's own shift."""
        async with self.store.read() as session:
            return await seats.shift_of(session, self.ids[name], self.now)

    async def successor(self, name: str, counter: int = 2) -> tuple[str, dt.datetime] | None:
        """Who took a clerk's seat over."""
        async with self.store.read() as session:
            return await seats.successor_of(
                session, self.ids[name], self.hall.id, counter, self.now
            )


@pytest.fixture
async def office(sample: Store) -> Office:
    """刘家庄 with two clerks, and an administrator so that any account can end."""
    found = Office(sample, await hall_of(sample))
    await found.hire("boss", Grant(Role.ADMINISTRATOR))
    await found.hire("li")
    await found.hire("zhou")
    return found


# A new day


async def test_a_seat_of_yesterday_counts_for_nothing(office) -> None:
    await office.signs_on("li", 2, "D")
    assert (await office.look()).serving == {2: ("D",)}
    office.now = NEXT_MORNING
    queue = await office.look()
    assert queue.desks == ()
    assert queue.serving == queue.usual
    assert await office.occupied() == {}
    assert await office.of("li") is None


async def test_a_seat_counts_until_midnight_in_the_hall_and_no_longer(office) -> None:
    # In UTC this evening and the next morning are one day, and half past seven is yesterday.
    office.now = NOW.replace(hour=7, minute=30)
    await office.signs_on("li")
    office.now = NOW.replace(hour=23, minute=59, second=59)
    assert await office.occupied() == {2: "Li Wang"}
    office.now += dt.timedelta(seconds=1)
    assert await office.occupied() == {}


async def test_nothing_can_be_done_at_a_seat_of_yesterday(office) -> None:
    await office.signs_on("li")
    office.now = NEXT_MORNING
    await office.take()
    for verb in (
        StaffedCounter.call_next,
        StaffedCounter.start,
        StaffedCounter.go_on,
        StaffedCounter.sign_off,
    ):
        with pytest.raises(NotAtCounterError):
            await office.do(verb, 2)


@pytest.mark.parametrize("name", ["li", "zhou"])
async def test_the_next_morning_anyone_of_the_hall_sits_down_there(office, name) -> None:
    forgotten = await office.signs_on("li")
    office.now = NEXT_MORNING
    await office.signs_on(name)
    assert await office.occupied() == {2: f"{name.title()} Wang"}
    async with office.store.read() as session:
        ended = await session.get_one(CounterShift, forgotten.id)
    assert ended.ended_at == office.now


async def test_the_next_morning_the_clerk_who_forgot_sits_down_elsewhere(office) -> None:
    await office.signs_on("li", 2)
    office.now = NEXT_MORNING
    await office.signs_on("li", 3)
    await office.signs_on("zhou", 2)
    assert await office.occupied() == {2: "Zhou Wang", 3: "Li Wang"}


async def test_a_pause_of_yesterday_is_over(office) -> None:
    await office.signs_on("li")
    await office.do(StaffedCounter.pause, 2, reason="吃饭")
    office.now = NEXT_MORNING
    await office.signs_on("li")
    (desk,) = (await office.look()).desks
    assert (desk.is_paused, desk.pause_reason) == (False, None)


# The end of a role or an account


async def deactivated(session: Any, staff_id: int, now: dt.datetime) -> None:
    await roles.deactivate(session, COMMAND_LINE, staff_id, now)


async def without_roles(session: Any, staff_id: int, now: dt.datetime) -> None:
    await roles.set_roles(session, COMMAND_LINE, staff_id, (), now)


async def editor_only(session: Any, staff_id: int, now: dt.datetime) -> None:
    await roles.set_roles(session, COMMAND_LINE, staff_id, (Grant(Role.EDITOR),), now)


async def clerk_elsewhere(session: Any, staff_id: int, now: dt.datetime) -> None:
    away = Grant(Role.CLERK, community_id=(await hall_elsewhere(session)).community_id)
    await roles.set_roles(session, COMMAND_LINE, staff_id, (away,), now)


async def hall_elsewhere(session: Any) -> Any:
    """Another hall than that of 刘家庄."""
    wanted = select(Hall).join(Community).where(Community.slug == "yikang")
    return (await session.scalars(wanted)).one()


ENDINGS = (deactivated, without_roles, editor_only, clerk_elsewhere)


@pytest.mark.parametrize("ending", ENDINGS)
async def test_who_may_not_serve_here_any_more_leaves_the_seat(office, ending) -> None:
    heard: list[Event] = []
    await office.signs_on("li")
    office.store.listen(heard.append)
    await office.store.write(partial(ending, staff_id=office.ids["li"], now=office.now))
    assert await office.occupied() == {}
    # Screens and desks that are open look again.
    assert QueueChanged(office.hall.id) in heard
    await office.signs_on("zhou")
    assert await office.occupied() == {2: "Zhou Wang"}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("is_served", [False, True])
async def test_the_person_at_the_counter_is_first_in_line_again(office, ending, is_served) -> None:
    first, chosen = await office.take(), await office.take()
    await office.signs_on("li")
    await office.do(StaffedCounter.call_chosen, 2, ticket_id=chosen.id)
    if is_served:
        await office.do(StaffedCounter.start, 2)
    await office.store.write(partial(ending, staff_id=office.ids["li"], now=office.now))
    assert [each.id for each in (await office.look()).waiting] == [chosen.id, first.id]
    await office.signs_on("zhou")
    assert (await office.do(StaffedCounter.call_next, 2)).id == chosen.id


async def test_who_still_may_serve_here_stays(office) -> None:
    await office.signs_on("li")
    for grant in (Grant(Role.ADMINISTRATOR), Grant(Role.CLERK)):
        await office.store.write(
            partial(
                roles.set_roles,
                actor=COMMAND_LINE,
                staff_id=office.ids["li"],
                grants=(grant, Grant(Role.EDITOR)),
                now=office.now,
            )
        )
        assert await office.occupied() == {2: "Li Wang"}


async def test_a_change_that_is_refused_ends_no_seat(office) -> None:
    await office.signs_on("boss")
    with pytest.raises(roles.LastAdministratorError):
        await office.store.write(
            partial(without_roles, staff_id=office.ids["boss"], now=office.now)
        )
    assert await office.occupied() == {2: "Boss Wang"}


# A colleague takes over


async def test_a_seat_left_alone_is_taken_over_with_the_person_at_it(office) -> None:
    shift = await office.signs_on("li")
    ticket = await office.take()
    await office.do(StaffedCounter.call_next, 2)
    await office.do(StaffedCounter.start, 2)
    office.now += seats.UNTOUCHED
    await office.takes_over("zhou", shift)
    (desk,) = (await office.look()).desks
    assert desk.ticket is not None
    assert (desk.staff_id, desk.ticket.id, desk.letters) == (
        office.ids["zhou"],
        ticket.id,
        ("A", "B"),
    )
    assert (await office.do(StaffedCounter.finish, 2)).id == ticket.id
    entry = (await log_of(office.store))[-1]
    assert (entry.action, entry.staff_id) == ("seat-taken-over", office.ids["zhou"])
    assert entry.subject == f"counter/{office.hall.id}/2"
    assert entry.community_id == office.hall.community_id
    assert entry.before == {
        "staff": f"staff/{office.ids['li']}",
        "full_name": "Li Wang",
        "last_act_at": "10:26:00",
    }
    assert entry.after == {
        "staff": f"staff/{office.ids['zhou']}",
        "full_name": "Zhou Wang",
        "ticket": ticket.label,
    }


async def nothing(_office: Office) -> None:
    """Signing on is the last act."""


async def calls(office: Office) -> None:
    await office.do(StaffedCounter.call_next, 2)


async def recalls(office: Office) -> None:
    await office.do(StaffedCounter.call_next, 2)
    office.now += 7 * MINUTE
    await office.do(StaffedCounter.recall, 2)


async def hands_out_a_notice(office: Office) -> None:
    await office.do(StaffedCounter.call_next, 2)
    office.now += 7 * MINUTE
    await office.do(StaffedCounter.tell_missing, 2, missing=["户口簿"])


async def confirms_a_priority(office: Office) -> None:
    await office.do(StaffedCounter.call_next, 2)
    office.now += 7 * MINUTE
    await office.do(StaffedCounter.confirm_priority, 2, is_right=True)


async def pauses(office: Office) -> None:
    await office.do(StaffedCounter.pause, 2, reason="吃饭")


async def comes_back_from_a_pause(office: Office) -> None:
    await office.do(StaffedCounter.pause, 2, reason="吃饭")
    office.now += 7 * MINUTE
    await office.do(StaffedCounter.go_on, 2)


async def takes_a_number_for_someone(office: Office) -> None:
    office.now += 7 * MINUTE
    await office.do(StaffedCounter.touch, 2)


ACTS = (
    nothing,
    calls,
    recalls,
    hands_out_a_notice,
    confirms_a_priority,
    pauses,
    comes_back_from_a_pause,
    takes_a_number_for_someone,
)


@pytest.mark.parametrize("act", ACTS)
async def test_a_seat_that_was_touched_is_kept_for_ten_minutes(office, act) -> None:
    shift = await office.signs_on("li")
    await office.take()
    office.now += 4 * MINUTE if act is not nothing else 0 * MINUTE
    await act(office)
    touched = office.now
    office.now = touched + seats.UNTOUCHED - dt.timedelta(seconds=1)
    with pytest.raises(CounterTakenError) as refused:
        await office.takes_over("zhou", shift)
    assert refused.value.name == "Li Wang"
    assert refused.value.free_from == touched + seats.UNTOUCHED
    assert await office.occupied() == {2: "Li Wang"}
    assert "seat-taken-over" not in {each.action for each in await log_of(office.store)}
    office.now = touched + seats.UNTOUCHED
    await office.takes_over("zhou", shift)
    assert await office.occupied() == {2: "Zhou Wang"}


async def test_a_pause_that_its_clerk_does_not_end_ends_with_the_take_over(office) -> None:
    shift = await office.signs_on("li")
    await office.take()
    await office.do(StaffedCounter.pause, 2, reason="吃饭")
    office.now += seats.UNTOUCHED
    await office.takes_over("zhou", shift)
    (desk,) = (await office.look()).desks
    assert not desk.is_paused
    assert (await office.do(StaffedCounter.call_next, 2)).label == "B001"


async def test_the_answer_counts_only_for_the_clerk_it_was_asked_about(office) -> None:
    shift = await office.signs_on("li")
    await office.hire("sun")
    office.now += seats.UNTOUCHED
    await office.takes_over("zhou", shift)
    office.now += seats.UNTOUCHED
    with pytest.raises(CounterTakenError):
        await office.takes_over("sun", shift)
    assert await office.occupied() == {2: "Zhou Wang"}


async def test_two_who_take_over_at_once_do_not_both_sit_there(office) -> None:
    shift = await office.signs_on("li")
    await office.hire("sun")
    office.now += seats.UNTOUCHED
    done = await asyncio.gather(
        office.takes_over("zhou", shift), office.takes_over("sun", shift), return_exceptions=True
    )
    assert [type(each) for each in done if isinstance(each, Exception)] == [CounterTakenError]
    assert len(await office.occupied()) == 1


async def test_a_seat_that_became_free_meanwhile_is_simply_signed_on_to(office) -> None:
    shift = await office.signs_on("li")
    office.now += seats.UNTOUCHED
    await office.do(StaffedCounter.sign_off, 2)
    await office.takes_over("zhou", shift)
    assert await office.occupied() == {2: "Zhou Wang"}
    assert "seat-taken-over" not in {each.action for each in await log_of(office.store)}


async def test_the_clerk_who_was_away_learns_who_sits_there_and_can_do_nothing_there(
    office,
) -> None:
    shift = await office.signs_on("li")
    await office.take()
    await office.do(StaffedCounter.call_next, 2)
    office.now += seats.UNTOUCHED
    taken = await office.takes_over("zhou", shift)
    assert await office.successor("li") == ("Zhou Wang", taken.began_at)
    office.shifts[2] = shift
    for verb in (StaffedCounter.finish, StaffedCounter.sign_off, StaffedCounter.go_on):
        with pytest.raises(NotAtCounterError):
            await office.do(verb, 2)
    assert await office.occupied() == {2: "Zhou Wang"}
    (desk,) = (await office.look()).desks
    assert desk.ticket is not None


async def test_who_left_in_another_way_has_no_successor(office) -> None:
    assert await office.successor("li") is None
    await office.signs_on("li")
    assert await office.successor("li") is None
    office.now += MINUTE
    await office.do(StaffedCounter.sign_off, 2)
    office.now += MINUTE
    await office.signs_on("zhou")
    assert await office.successor("li") is None
    office.now += dt.timedelta(days=1)
    assert await office.successor("li") is None


# The next of its kind


def functions(folder: str) -> dict[str, ast.AST]:
    """Every function of a part of the program, with its path and name."""
    found: dict[str, ast.AST] = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found[f"{path.relative_to(ROOT)}:{node.name}"] = node
    return found


def changes_what_a_person_may_do(node: ast.AST) -> bool:
    """Whether a function ends an account or replaces roles."""
    return any(
        isinstance(target, ast.Attribute)
        and (target.attr == "roles" or ast.unparse(target) == "member.ended_at")
        for each in ast.walk(node)
        if isinstance(each, ast.Assign)
        for target in each.targets
    )


def test_whatever_ends_a_role_or_an_account_ends_the_seat() -> None:
    found = {
        name: "end_unserved" in ast.unparse(node)
        for folder in ("domain", "push", "web")
        for name, node in functions(folder).items()
        if changes_what_a_person_may_do(node)
    }
    assert found == {
        "domain/staff/roles.py:set_roles": True,
        "domain/staff/roles.py:deactivate": True,
        # Opens an account again, whose seat had ended with it.
        "domain/staff/invitations.py:_come_back": False,
    }


def test_nobody_asks_for_open_seats_without_asking_for_the_day() -> None:
    # A query that forgets the day takes an absent clerk for a present one. Ending the day ends all.
    found = {
        name.partition(":")[0]
        for folder in ("domain", "push", "web")
        for name, node in functions(folder).items()
        if "CounterShift.ended_at.is_" in ast.unparse(node)
    }
    assert found == {"domain/queue/seats.py", "domain/queue/days.py"}
