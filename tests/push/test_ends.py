"""Five ends of a message that does not arrive, and that what is worth having takes the next channel."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from domain.queue.calling import StaffedCounter
from domain.ratings.rating import Opinion, rate
from domain.ratings.tables import RatingLevel, RatingSource
from domain.staff.actor import Grant
from domain.staff.tables import Role, StaffRole
from push import addresses, outbox, recipients, subscriptions, watches
from push.channels import Outcome, Result
from push.outbox import Ways
from push.patience import Pace
from push.preferences import NotificationSettings, prefer, preferences_of
from push.tables import (
    ChannelKind,
    End,
    Kind,
    Language,
    SendState,
    Subscription,
    TicketWatch,
)
from tests.world.clock import NOW
from tests.world.outbox import PACE, FollowedDay, run_until, write
from tests.world.people import hired
from tests.world.push_browsers import FCM, KNOWN, OURS, PushBrowser, device_of

ROOT = Path(__file__).parent.parent.parent
APPLE = "https://web.push.apple.com/"
SILENT = Outcome(Result.SILENT, "timeout")
NO_GROUP_CHAT = Ways(frozenset({ChannelKind.PUSH, ChannelKind.EMAIL}))


@pytest.fixture
def quick(told: FollowedDay) -> FollowedDay:
    told.ways = NO_GROUP_CHAT
    return told


async def has_letters(told: FollowedDay, name: str) -> None:
    """The device's owner confirmed an address."""
    recipient, email = device_of(name), f"{name}@example.cn"
    await write(told.store, addresses.ask, recipient=recipient, email=email, now=told.day.now)
    await told.deliver()
    key = told.email.sent.pop()[0].path.rpartition("/")[2]
    await write(told.store, addresses.confirm, key=key, now=told.day.now)


async def called(told: FollowedDay, *names: str, **other: Any) -> None:
    """These people follow tickets of theirs that are called now, all at one counter each."""
    tickets = [await told.day.take(device_hash=name) for name in names]
    for name, ticket in zip(names, tickets, strict=True):
        await told.reachable(name, **other)
        await told.follows(device_of(name), ticket)
    for number, _ in enumerate(names, 1):
        await told.day.sit(number)
        await told.day.do(StaffedCounter.call_next, number)


async def ends(told: FollowedDay) -> list[tuple[str, str | None, str]]:
    """Channel, end and reason of every row but the letters that ask."""
    return [
        (row.channel.value, row.ended and row.ended.value, row.reason)
        for row in await told.rows()
        if row.kind is not Kind.EMAIL_CHECK
    ]


def test_there_is_one_place_that_ends_a_row() -> None:
    ending = re.compile(
        r"state=(SendState\.(FAILED|STALE)|.*\.end\.state)|\.state = SendState\.(F|STALE)"
    )
    found = {
        (path.name, line.strip())
        for path in (ROOT / "push").glob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if ending.search(line)
    }
    assert {name for name, _ in found} == {"leases.py"}
    assert len(found) == 1


def test_only_what_is_untrue_or_unwanted_asks_no_other_channel() -> None:
    assert {end for end in End if not end.asks_next} == {End.UNTRUE, End.UNWANTED}


@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        (Outcome(Result.GONE, "410"), "theirs"),
        (Outcome(Result.DENIED, "403"), "theirs"),
        (Outcome(Result.REFUSED, "413"), "theirs"),
        (Outcome(Result.REFUSED, "too large", went_out=False), "our-fault"),
        (SILENT, "theirs"),
        (Outcome(Result.AGAIN, "503", dt.timedelta(hours=1)), "theirs"),
    ],
)
async def test_whatever_ends_without_arriving_asks_the_next_channel(quick, outcome, end) -> None:
    await has_letters(quick, "li")
    quick.push.answers = [outcome]
    await called(quick, "li")
    await quick.deliver()
    assert quick.email.titles == ["B001 请到 1 号窗口"]
    assert [(channel, ended) for channel, ended, _ in await ends(quick)] == [
        ("push", end), ("email", None),
    ]  # fmt: skip


async def test_one_410_loses_none_of_the_browser_s_other_messages(quick) -> None:
    await has_letters(quick, "li")
    await quick.reachable("li")
    for number in (1, 2):
        mine = await quick.day.take(device_hash=f"{number}")
        await quick.follows(device_of("li"), mine)
        await quick.day.sit(number)
        await quick.day.do(StaffedCounter.call_next, number)
    quick.push.answers = [Outcome(Result.GONE, "410"), Outcome(Result.GONE, "410")]
    await quick.deliver()
    assert len(quick.email.sent) == 2


async def stopped(told: FollowedDay) -> None:
    endpoint = f"{FCM}li"
    await write(told.store, subscriptions.stop, recipient=device_of("li"), endpoint=endpoint)


async def replaced(told: FollowedDay) -> None:
    for number in range(subscriptions.MOST):
        later = told.day.now + dt.timedelta(seconds=number + 1)
        await PushBrowser(f"{FCM}{number}").subscribe(told.store, device_of("li"), now=later)


async def moved(told: FollowedDay) -> None:
    await PushBrowser(f"{FCM}li").subscribe(told.store, device_of("wang"))


async def key_forgotten(told: FollowedDay) -> None:
    await write(told.store, subscriptions.remove_other_keys, keys={"BNew"})


@pytest.mark.parametrize("removing", [stopped, replaced, moved, key_forgotten])
async def test_a_browser_that_went_before_sending_leaves_its_message_to_the_mail(
    quick, removing
) -> None:
    await has_letters(quick, "li")
    await called(quick, "li")
    await removing(quick)
    await quick.deliver()
    assert [message.title for message, _ in quick.email.sent] == ["B001 请到 1 号窗口"]
    assert quick.push.sent == []
    reason = removing.__name__.replace("_", "-")
    assert await ends(quick) == [("push", "theirs", reason), ("email", None, "")]


async def test_a_410_of_an_endpoint_that_was_left_does_not_end_the_new_one(quick) -> None:
    await called(quick, "li")

    async def send(message, address) -> Outcome:
        quick.push.sent.append((message, address))
        if len(quick.push.sent) > 1:
            return Outcome(Result.SENT)
        new = PushBrowser(f"{APPLE}li").given()
        moving = partial(
            subscriptions.move, recipient=device_of("li"), old_endpoint=address.to, given=new,
            known=KNOWN, now=NOW,
        )  # fmt: skip
        await quick.store.write(moving)
        return Outcome(Result.GONE, "410")

    quick.push.send = send
    await quick.deliver()
    async with quick.store.read() as session:
        assert (await session.scalars(select(Subscription.endpoint))).all() == [f"{APPLE}li"]


async def test_what_is_too_late_but_true_goes_by_the_next_channel(quick) -> None:
    await has_letters(quick, "li")
    await called(quick, "li")
    quick.day.later(minutes=6)
    await quick.deliver()
    assert quick.push.sent == []
    assert len(quick.email.sent) == 1
    assert await ends(quick) == [("push", "too-late", "expired"), ("email", None, "")]


async def test_what_is_untrue_is_never_merely_late(quick) -> None:
    await has_letters(quick, "li")
    await called(quick, "li")
    await quick.day.do(StaffedCounter.finish)
    quick.day.later(minutes=6)
    await quick.deliver()
    assert quick.email.sent == []
    assert await ends(quick) == [("push", "untrue", "untrue")]


async def test_the_letter_that_asks_never_reaches_the_group_chat(told) -> None:
    told.email.answers = [Outcome(Result.REFUSED, "554")]
    staff = recipients.staff(7)
    await write(told.store, addresses.ask, recipient=staff, email="li@example.cn", now=told.day.now)
    await told.deliver()
    assert (len(told.email.sent), told.webhook.sent) == (1, [])
    assert [row.state.value for row in await told.rows()] == ["failed"]


# A service that cannot be reached


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize("outcome", [SILENT, Outcome(Result.AGAIN, "503")])
async def test_where_fcm_is_never_reached_every_called_person_has_their_letter(
    quick, outcome: Outcome
) -> None:
    people = [f"person-{number}" for number in range(40)]
    arrived: dict[str, dt.datetime] = {}

    async def never(message, address) -> Outcome:
        quick.push.sent.append((message, address))
        return outcome

    async def letter(message, address) -> Outcome:
        arrived.setdefault(address.to, quick.day.now)
        quick.email.sent.append((message, address))
        return Outcome(Result.SENT)

    for name in people:
        email = f"{name}@example.cn"
        await quick.reachable(name)

        async def confirm(session, name=name, email=email) -> None:
            own = await preferences_of(session, device_of(name))
            own.email, own.email_confirmed_at = email, quick.day.now
            session.add(own)

        await quick.store.write(confirm)
    quick.push.send, quick.email.send = never, letter
    delivery = quick.delivery(Pace(poll=0.01, gather=0.0))
    asked: dict[str, dt.datetime] = {}
    waiting = list(people)

    async def half_an_hour() -> bool:
        """A call each 45 seconds; the clock goes on three with each look."""
        quick.day.later(seconds=3)
        passed = (quick.day.now - begun).total_seconds()
        if waiting and passed >= 45 * (len(people) - len(waiting)):
            name = waiting.pop(0)
            mine = await quick.day.take(device_hash=name)
            await quick.follows(device_of(name), mine)
            if asked:
                await quick.day.do(StaffedCounter.finish)
            await quick.day.do(StaffedCounter.call_next)
            asked[f"{name}@example.cn"] = quick.day.now
            delivery.wake()
        return len(arrived) == len(people) or passed > 1900

    await quick.day.sit(1)
    begun = quick.day.now
    await run_until(delivery, half_an_hour, within=90)
    late = {email: (arrived[email] - moment).total_seconds() for email, moment in asked.items()}
    assert len(late) == len(people)
    # The clock runs about a hundred times faster than the delivery.
    assert max(late.values()) < 60
    # Once it is known to be down, it gets a message that asks now and then, and no more.
    assert len(quick.push.sent) < len(people) / 2


async def test_who_has_no_other_channel_is_told_when_the_service_is_back(quick) -> None:
    await called(quick, "li")
    delivery = quick.delivery(PACE)
    service = delivery._service("fcm.googleapis.com")
    for _ in range(PACE.failures):
        service.end(service.begin(), "", SILENT, quick.day.now)
    service.rests_until = quick.day.now + dt.timedelta(seconds=30)

    async def is_put_off() -> bool:
        [row] = await quick.rows()
        return bool(row.due_at == service.rests_until)

    await run_until(delivery, is_put_off)
    assert quick.push.sent == []
    quick.day.later(seconds=31)
    again = quick.delivery(PACE)
    again._services = delivery._services
    await run_until(again, quick.is_idle)
    assert len(quick.push.sent) == 1
    assert [row.attempts for row in await quick.rows()] == [1]


async def test_two_browsers_of_one_service_that_is_down_are_one_letter(quick) -> None:
    await has_letters(quick, "li")
    await PushBrowser(f"{FCM}second").subscribe(quick.store, device_of("li"))
    quick.push.answers = [SILENT, SILENT]
    await called(quick, "li")
    await quick.deliver()
    assert len(quick.email.sent) == 1


# Our fault


async def test_a_key_that_is_missing_here_ends_no_subscription(quick) -> None:
    quick.push.answers = [Outcome(Result.OURS, "key-missing", went_out=False)] * 99
    await called(quick, "li")
    for _ in range(12):
        await quick.deliver()
        quick.day.later(seconds=1)
    async with quick.store.read() as session:
        assert len((await session.scalars(select(Subscription))).all()) == 1
    [row] = await quick.rows()
    assert (row.state, row.reason) == (SendState.WAITING, "key-missing")
    # Another process has the key.
    quick.push.answers = []
    quick.day.now = row.due_at.astimezone(quick.day.now.tzinfo)
    await quick.deliver()
    assert [row.state.value for row in await quick.rows()] == ["sent"]


async def test_without_the_key_the_next_channel_is_asked_after_a_while(quick) -> None:
    await has_letters(quick, "li")
    quick.push.answers = [Outcome(Result.OURS, "key-missing", went_out=False)] * 99
    await called(quick, "li")
    for _ in range(4):
        await quick.deliver()
        quick.day.later(seconds=5)
    assert len(quick.email.sent) == 1
    assert (await ends(quick))[0] == ("push", "our-fault", "key-missing")


async def test_how_many_subscriptions_were_made_with_keys_that_are_not_here(store) -> None:
    await PushBrowser(f"{FCM}a").subscribe(store, device_of("li"))
    counted = partial(subscriptions.made_elsewhere)
    async with store.read() as session:
        assert await counted(session, {OURS}) == (0, 1)
        assert await counted(session, {"BNew"}) == (1, 1)


# Denied


async def test_a_browser_that_alone_is_denied_again_and_again_is_gone(quick) -> None:
    await quick.reachable("well")

    async def send(message, address) -> Outcome:
        is_denied = address.to.endswith("li")
        return Outcome(Result.DENIED, "403") if is_denied else Outcome(Result.SENT)

    quick.push.send = send
    delivery = quick.delivery(PACE)
    for number in range(Pace.denials):
        await message_for(quick, "well", number)
        await message_for(quick, "li", number)
        again = quick.delivery(PACE)
        again._services = delivery._services
        await run_until(again, quick.is_idle)
        async with quick.store.read() as session:
            kept = (await session.scalars(select(Subscription.endpoint))).all()
        is_last = number == Pace.denials - 1
        assert (f"{FCM}li" in kept) != is_last
    assert kept == [f"{FCM}well"]


async def message_for(told: FollowedDay, name: str, number: int) -> None:
    await told.reachable(name)
    facts: dict[str, int | str] = {"hall": "大厅", "callback": number}
    note = outbox.Note(Kind.BAD_RATING, f"call-back/{number}", facts, told.day.now)
    recipient = device_of(name)
    await write(told.store, outbox.tell, recipient=recipient, note=note, ways=told.ways)


async def test_a_service_that_denies_everybody_ends_no_subscription(quick) -> None:
    quick.push.answers = [Outcome(Result.DENIED, "403")] * 9
    for number in range(6):
        await message_for(quick, "li", number)
        await quick.deliver()
    async with quick.store.read() as session:
        assert len((await session.scalars(select(Subscription))).all()) == 1


# Stopped and without the role


async def test_who_stopped_following_between_outbox_and_sending_is_told_nothing(quick) -> None:
    await has_letters(quick, "li")
    await called(quick, "li")
    async with quick.store.read() as session:
        ticket = await session.scalar(select(TicketWatch.ticket_id))
    await write(quick.store, watches.unfollow, recipient=device_of("li"), ticket_id=ticket)
    await quick.deliver()
    assert (quick.push.sent, quick.email.sent) == ([], [])
    assert await ends(quick) == [("push", "unwanted", "stopped following")]


# The group chat


async def test_the_group_chat_has_nobody_s_quiet_hours_and_language(told) -> None:
    note = outbox.Note(
        Kind.BAD_RATING, "call-back/1", {"hall": "大厅", "callback": 1}, told.day.now
    )
    for number in (7, 8):
        recipient = recipients.staff(number)
        chosen = NotificationSettings(Language.ENGLISH, quiet=(dt.time(0), dt.time(23, 59)))
        await write(told.store, prefer, recipient=recipient, chosen=chosen)
        await write(told.store, outbox.tell, recipient=recipient, note=note, ways=told.ways)
    await told.deliver()
    assert told.webhook.titles == ["有人等您回访"]
    [row] = await told.rows()
    assert row.recipient == recipients.OFFICE


async def test_who_lost_the_role_hears_no_more_of_a_bad_rating(quick) -> None:
    store, day = quick.store, quick.day
    grant = Grant(Role.EDITOR, community_id=day.hall.community_id)
    for name in ("han", "meng"):
        number = await hired(store, name, grant)
        await PushBrowser(f"{FCM}{name}").subscribe(store, recipients.staff(number))
    ticket = await day.take()
    await day.sit(1)
    await day.do(StaffedCounter.call_next)
    await day.do(StaffedCounter.finish)

    async def rates(session) -> None:
        visit = await watches.followed_ticket(session, ticket.id)
        opinion = Opinion(RatingLevel.VERY_DISSATISFIED)
        fix_by = day.now.date()
        await rate(session, visit, opinion, day.now, source=RatingSource.PAGE, fix_by=fix_by)

    await store.write(rates)
    lost = delete(StaffRole).where(StaffRole.staff_id == number)
    await store.write(lambda session: session.execute(lost))
    await quick.deliver()
    assert [address.to for _, address in quick.push.sent] == [f"{FCM}han"]
    assert ("push", "unwanted", "lost the role") in await ends(quick)
