"""发送: again when it failed, not when it cannot, never twice at once, and nothing in the night."""

from __future__ import annotations

import asyncio
import datetime as dt
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.queue.calling import StaffedCounter
from domain.staff.tables import StaffMember
from push import addresses, outbox, recipients
from push.addresses import AskedTooOftenError, EmailRefusedError
from push.channels import Outcome, Result
from push.leases import LEASE, Sent, any_due, claim, erase_old, settle
from push.outbox import Note, outbox_status, tell
from push.patience import Pace
from push.preferences import NotificationSettings, prefer, quiet_until
from push.tables import (
    ChannelKind,
    InboxMessage,
    Kind,
    Language,
    OutboxRow,
    Preferences,
    SendState,
    Subject,
    Subscription,
)
from tests.world.clock import NOW, SHANGHAI
from tests.world.outbox import FollowedDay, run_until, write
from tests.world.people import hired
from tests.world.push_browsers import FCM, PushBrowser, device_of

STAFF = recipients.staff(7)
RATED: dict[str, int | str] = {"hall": "刘家庄社区服务大厅", "callback": 1}
AGAIN, GONE = Outcome(Result.AGAIN, "503"), Outcome(Result.GONE, "410")


async def rated(told: FollowedDay, recipient=STAFF, number: int = 1) -> None:
    """Someone waits for the call-back of a bad rating: a message that is not urgent."""
    note = Note(Kind.BAD_RATING, f"call-back/{number}", RATED, told.day.now)
    await write(told.store, tell, recipient=recipient, note=note, ways=told.ways)


async def browser_of(told: FollowedDay, recipient=STAFF, name: str = "desk") -> Subscription:
    return await PushBrowser(f"{FCM}{name}").subscribe(told.store, recipient)


async def wish(told: FollowedDay, recipient=STAFF, **wishes: Any) -> None:
    given = NotificationSettings(**{"language": Language.CHINESE, **wishes})
    await write(told.store, prefer, recipient=recipient, chosen=given)


async def confirmed(told: FollowedDay, recipient, email: str = "li@example.cn") -> None:
    """Someone's address, confirmed."""
    await write(told.store, addresses.ask, recipient=recipient, email=email, now=told.day.now)
    await told.deliver()
    key = told.email.sent.pop()[0].path.rpartition("/")[2]
    assert await write(told.store, addresses.confirm, key=key, now=told.day.now)


@pytest.mark.parametrize(
    ("quiet", "clock", "until"),
    [
        (None, "10:00", None),
        (("22:00", "07:00"), "21:59", None),
        (("22:00", "07:00"), "22:00", "+1 07:00"),
        (("22:00", "07:00"), "00:00", "+0 07:00"),
        (("22:00", "07:00"), "06:59", "+0 07:00"),
        (("22:00", "07:00"), "07:00", None),
        (("12:00", "14:00"), "13:00", "+0 14:00"),
        (("12:00", "14:00"), "14:00", None),
        (("12:00", "14:00"), "11:59", None),
        (("12:00", "12:00"), "12:00", None),
    ],
)
def test_when_quiet_hours_end(quiet, clock, until) -> None:
    begin, end = map(dt.time.fromisoformat, quiet) if quiet else (None, None)
    now = dt.datetime.combine(NOW.date(), dt.time.fromisoformat(clock), tzinfo=SHANGHAI)
    found = quiet_until(Preferences(quiet_from=begin, quiet_to=end), now)
    if until is None:
        assert found is None
    else:
        days, time = until.split()
        day = NOW.date() + dt.timedelta(days=int(days))
        assert found == dt.datetime.combine(day, dt.time.fromisoformat(time), tzinfo=SHANGHAI)


async def test_in_quiet_hours_nothing_rings_until_they_end(told) -> None:
    await browser_of(told)
    await wish(told, quiet=(dt.time(22), dt.time(7)))
    told.day.now = NOW.replace(hour=23)
    await rated(told)
    await told.deliver()
    [row] = await told.rows(SendState.WAITING)
    assert (row.due_at, row.attempts) == (NOW.replace(hour=7, minute=0) + dt.timedelta(days=1), 0)
    told.day.now = row.due_at.astimezone(SHANGHAI)
    await told.deliver()
    assert told.push.titles == ["有人等您回访"]


async def test_a_queue_call_rings_in_quiet_hours_too(told) -> None:
    recipient = await told.reachable()
    await wish(told, recipient, quiet=(dt.time(0), dt.time(23, 59)))
    mine = await told.day.take()
    await told.follows(recipient, mine)
    await told.day.sit(1)
    await told.day.do(StaffedCounter.call_next)
    await told.deliver()
    assert told.push.titles == ["B001 请到 1 号窗口"]


async def test_a_later_word_takes_the_place_of_an_unsent_one(told) -> None:
    await browser_of(told)
    for _ in range(3):
        await rated(told)
        told.day.later(seconds=1)
    await rated(told, number=2)
    assert len(await told.rows()) == 2


async def test_what_was_replaced_while_it_was_sent_is_sent_as_well(told) -> None:
    await browser_of(told)
    await rated(told)
    [row] = await write(told.store, claim, now=told.day.now, most=9)
    await rated(told)
    await write(told.store, settle, done=[Sent(row)], ways=told.ways, now=told.day.now)
    assert await told.said() == [("bad-rating", "waiting")]
    await told.deliver()
    assert len(told.push.sent) == 1


async def test_two_who_claim_at_once_never_get_the_same(told) -> None:
    await browser_of(told)
    for number in range(40):
        await rated(told, number=number)
    claims = [write(told.store, claim, now=told.day.now, most=10) for _ in range(6)]
    taken = [row.id for rows in await asyncio.gather(*claims) for row in rows]
    assert len(taken) == len(set(taken)) == 40


async def test_what_somebody_died_with_is_taken_again_when_its_lease_is_over(told) -> None:
    await browser_of(told)
    await rated(told)
    assert await write(told.store, claim, now=told.day.now, most=9)
    async with told.store.read() as session:
        assert not await any_due(session, told.day.now)
    told.day.later(seconds=LEASE.total_seconds())
    await told.deliver()
    assert len(told.push.sent) == 1


async def test_a_blocked_service_s_rows_are_not_claimed(told) -> None:
    await browser_of(told)
    await rated(told)
    blocked = ["fcm.googleapis.com"]
    assert await write(told.store, claim, now=told.day.now, most=9, blocked=blocked) == ()
    async with told.store.read() as session:
        assert not await any_due(session, told.day.now, blocked)


async def tick(told: FollowedDay) -> bool:
    """Time passes quickly until nothing waits any more."""
    told.day.later(seconds=1)
    return not await told.rows(SendState.WAITING)


async def test_what_failed_is_tried_again_and_later_each_time(told) -> None:
    told.ways = outbox.Ways(frozenset({ChannelKind.PUSH}))
    await browser_of(told)
    told.push.answers = [AGAIN, AGAIN, AGAIN, AGAIN]
    await rated(told)
    await run_until(told.delivery(), partial(tick, told))
    [row] = await told.rows()
    assert (row.state, row.attempts) == ("sent", 5)
    assert len(told.push.sent) == 5


async def test_what_fails_again_and_again_is_given_up_with_the_reason(told) -> None:
    await browser_of(told)
    told.ways = outbox.Ways(frozenset({ChannelKind.PUSH}))
    told.push.answers = [AGAIN] * 20
    await rated(told)
    await run_until(
        told.delivery(Pace(poll=0.01, attempts=4, first_wait=0.01)), partial(tick, told)
    )
    [row] = await told.rows()
    assert (row.state, row.reason, row.attempts) == ("failed", "given up 503", 4)


async def test_a_service_that_asks_for_patience_gets_it(told) -> None:
    await browser_of(told)
    wait = dt.timedelta(seconds=90)
    told.push.answers = [Outcome(Result.AGAIN, "503", wait)]
    await rated(told, number=1)
    delivery = told.delivery()

    async def asked() -> bool:
        return bool(told.push.sent) and await told.is_idle()

    await run_until(delivery, asked)
    [row] = await told.rows(SendState.WAITING)
    assert row.due_at == told.day.now + wait
    service = delivery._service("fcm.googleapis.com")
    assert service.rests(told.day.now)
    assert not service.rests(row.due_at)


async def test_one_service_s_trouble_is_no_other_s(told) -> None:
    await browser_of(told)
    await PushBrowser("https://web.push.apple.com/x").subscribe(told.store, device_of())

    async def send(message, address) -> Outcome:
        told.push.sent.append((message, address))
        is_apple = "apple" in address.to
        return (
            Outcome(Result.SENT)
            if is_apple
            else Outcome(Result.AGAIN, "503", dt.timedelta(minutes=5))
        )

    told.push.send = send
    for number in range(5):
        await rated(told, number=number)
    delivery = told.delivery(Pace(poll=0.01, batch=1, in_flight=1))

    async def asked() -> bool:
        return bool(delivery._service("fcm.googleapis.com").rests(told.day.now))

    await run_until(delivery, asked)
    before = len(told.push.sent)
    await rated(told, recipient=device_of(), number=9)

    async def arrived() -> bool:
        return any(each.state == "sent" for each in await told.rows())

    again = told.delivery()
    again._services = delivery._services
    await run_until(again, arrived)
    assert [address.to for _, address in told.push.sent[before:]] == [
        "https://web.push.apple.com/x"
    ]


async def test_a_browser_that_is_gone_is_forgotten(told) -> None:
    await browser_of(told)
    told.push.answers = [GONE]
    await rated(told, number=1)
    await rated(told, number=2)
    await told.deliver()
    async with told.store.read() as session:
        assert (await session.scalars(select(Subscription))).all() == []
    assert {each.state.value for each in await told.rows()} <= {"failed", "sent"}


async def test_the_next_channel_is_taken_when_one_fails_for_good(told) -> None:
    await confirmed(told, STAFF)
    await browser_of(told)
    told.push.answers = [GONE]
    await rated(told)
    await told.deliver()
    assert told.email.titles == ["有人等您回访"]
    assert ("bad-rating", "sent") in await told.said()


async def test_no_second_channel_where_another_browser_has_it(told) -> None:
    await confirmed(told, STAFF)
    await browser_of(told, name="desk")
    await browser_of(told, name="phone")
    told.push.answers = [GONE]
    await rated(told)
    await told.deliver()
    assert told.email.sent == []


async def test_a_person_chooses_the_order(told) -> None:
    await browser_of(told)
    await confirmed(told, STAFF)
    await wish(told, channels=(ChannelKind.EMAIL, ChannelKind.PUSH))
    await rated(told)
    await told.deliver()
    assert (len(told.email.sent), len(told.push.sent)) == (1, 0)


async def test_a_resident_s_messages_never_go_to_the_office_s_chat(told) -> None:
    await wish(told, device_of(), channels=(ChannelKind.WEBHOOK,))
    await rated(told, recipient=device_of())
    assert await told.rows() == []


async def test_the_office_s_chat_hears_of_a_thing_once(told) -> None:
    for number in (7, 8, 9):
        await rated(told, recipient=recipients.staff(number))
    await told.deliver()
    assert len(told.webhook.sent) == 1


async def test_a_channel_that_is_not_set_up_is_not_used(told) -> None:
    told.ways = outbox.Ways(frozenset({ChannelKind.PUSH}))
    await rated(told)
    assert await told.rows() == []


async def test_whoever_turned_it_off_meanwhile_gets_nothing(told) -> None:
    await browser_of(told)
    await rated(told)
    await wish(told, off=(Subject.CALL_BACKS,))
    await told.deliver()
    [row] = await told.rows()
    assert (row.state, row.ended, row.reason) == ("stale", "unwanted", "unwanted")
    assert told.push.sent == []


async def test_a_browser_that_is_another_s_meanwhile_gets_nothing_of_before(told) -> None:
    subscription = await browser_of(told)
    await rated(told)
    change = update(Subscription).where(Subscription.id == subscription.id)
    await told.store.write(lambda session: session.execute(change.values(recipient=device_of())))
    await told.deliver()
    assert told.push.sent == []
    assert [each.reason for each in await told.rows()][:1] == ["gone"]


async def test_whoever_left_the_office_hears_no_more_of_it(told) -> None:
    here, gone = [recipients.staff(await hired(told.store, name)) for name in ("han", "meng")]
    for number, recipient in enumerate((here, gone)):
        await browser_of(told, recipient, name=f"{number}")
        await rated(told, recipient, number)
    leaves = update(StaffMember).where(StaffMember.id == recipients.staff_id(gone))
    await told.store.write(lambda session: session.execute(leaves.values(ended_at=NOW)))
    await told.deliver()
    assert [address.to for _, address in told.push.sent] == [f"{FCM}0"]
    assert sorted(row.reason for row in await told.rows()) == ["", "left the office"]


async def test_the_first_wishes_may_come_twice_at_once(told) -> None:
    await asyncio.gather(*(wish(told, ahead=ahead) for ahead in (1, 5)))
    async with told.store.read() as session:
        assert (await session.scalars(select(Preferences.ahead))).one() in {1, 5}


async def test_a_fault_of_ours_stops_nothing(told, caplog) -> None:
    await browser_of(told)

    async def breaks(message, _address) -> Outcome:
        told.push.sent.append((message, _address))
        if len(told.push.sent) == 1:
            raise ZeroDivisionError
        return Outcome(Result.SENT)

    told.push.send = breaks
    await rated(told)
    await run_until(told.delivery(), partial(tick, told))
    assert [each.state.value for each in await told.rows()] == ["sent"]
    assert "ZeroDivisionError" in caplog.text


async def test_a_service_that_does_not_know_us_is_said_to_the_operator(told, caplog) -> None:
    await browser_of(told)
    told.push.answers = [Outcome(Result.DENIED, "403")]
    await rated(told)
    await told.deliver()
    async with told.store.read() as session:
        found = await outbox_status(session, told.day.now)
    assert found.denied == ("fcm.googleapis.com",)
    assert "does not take us for who we are: 403" in caplog.text


async def test_the_operator_sees_how_it_stands(told) -> None:
    await browser_of(told)
    told.push.answers = [Outcome(Result.REFUSED, "413"), Outcome(Result.SENT)]
    await rated(told, number=1)
    await told.deliver()
    mine = await told.day.take()
    await told.follows(await told.reachable(), mine)
    await told.day.sit(1)
    await told.day.do(StaffedCounter.call_next)
    told.day.later(seconds=2)
    await told.deliver()
    await rated(told, number=2)
    async with told.store.read() as session:
        found = await outbox_status(session, told.day.now)
        [broken] = await outbox.failed(session, told.day.now)
    two = dt.timedelta(seconds=2)
    assert (found.waiting, found.overdue, found.stale) == (1, 0, 0)
    assert found.sent == {"webhook": 1, "fcm.googleapis.com": 1}
    assert found.failures == (outbox.Failure("fcm.googleapis.com", "refused 413", 1),)
    assert (found.p50, found.p99, found.denied) == (two, two, ())
    assert broken.reason == "refused 413"


async def test_an_empty_outbox_has_no_latency(told) -> None:
    async with told.store.read() as session:
        found = await outbox_status(session, told.day.now)
    assert (found.waiting, found.p50, found.p99, found.sent) == (0, None, None, {})


async def test_the_operator_sends_again_what_failed_and_nothing_newer(told) -> None:
    told.ways = outbox.Ways(frozenset({ChannelKind.PUSH}))
    await browser_of(told)
    told.push.answers = [Outcome(Result.REFUSED, "413")]
    await rated(told)
    await told.deliver()
    [row] = await told.rows()
    told.day.later(hours=1)
    assert await write(told.store, outbox.retry, row_id=row.id, now=told.day.now)
    assert not await write(told.store, outbox.retry, row_id=row.id, now=told.day.now)
    told.push.answers = [Outcome(Result.REFUSED, "413")]
    await told.deliver()
    await rated(told)
    assert not await write(told.store, outbox.retry, row_id=row.id, now=told.day.now)
    assert not await write(told.store, outbox.retry, row_id=999, now=told.day.now)


async def test_an_address_gets_nothing_before_its_reader_says_so(told) -> None:
    told.ways = outbox.Ways(frozenset({ChannelKind.EMAIL}))
    await write(told.store, addresses.ask, recipient=STAFF, email="li@example.cn", now=told.day.now)
    await rated(told)
    await told.deliver()
    assert told.email.titles == ["请确认邮箱"]
    [row] = await told.rows()
    assert row.facts == {}


async def test_what_is_no_address_is_refused(told) -> None:
    for email in ("", "li", "li@", "li@x\r\nBcc: all@example.cn", "li@ex ample.cn", "a@b.c" * 99):
        with pytest.raises(EmailRefusedError):
            await write(told.store, addresses.ask, recipient=STAFF, email=email, now=told.day.now)


async def test_nobody_s_mailbox_is_flooded(told) -> None:
    ask = partial(write, told.store, addresses.ask, email="li@example.cn")
    for n in range(3):
        await ask(recipient=recipients.staff(n), now=told.day.now)
    with pytest.raises(AskedTooOftenError):
        await ask(recipient=STAFF, now=told.day.now)
    with pytest.raises(AskedTooOftenError) as caught:
        await ask(recipient=recipients.staff(0), now=told.day.now)
    assert caught.value.again_at == told.day.now + addresses.PAUSE
    told.day.later(days=1)
    await ask(recipient=STAFF, now=told.day.now)


async def test_one_person_asks_three_times_a_day(told) -> None:
    for n in range(4):
        ask = write(
            told.store, addresses.ask, recipient=STAFF, email=f"{n}@example.cn", now=told.day.now
        )
        if n < 3:
            await ask
        else:
            with pytest.raises(AskedTooOftenError):
                await ask
        await told.deliver()
        told.day.later(hours=1)


async def test_a_key_works_once_and_for_a_day(told) -> None:
    await write(told.store, addresses.ask, recipient=STAFF, email="li@example.cn", now=told.day.now)
    await told.deliver()
    key = told.email.sent[0][0].path.rpartition("/")[2]
    late = told.day.now + dt.timedelta(days=1, seconds=1)
    assert not await write(told.store, addresses.confirm, key="another", now=told.day.now)
    assert not await write(told.store, addresses.confirm, key=key, now=late)
    assert await write(told.store, addresses.confirm, key=key, now=told.day.now)
    assert not await write(told.store, addresses.confirm, key=key, now=told.day.now)


async def test_whoever_takes_their_address_back_is_not_written_to(told) -> None:
    await confirmed(told, STAFF)
    await write(told.store, addresses.forget, recipient=STAFF)
    await rated(told)
    await told.deliver()
    assert told.email.sent == []


async def test_what_is_kept_is_erased_in_time(told) -> None:
    await browser_of(told)
    await rated(told)
    await told.deliver()
    await write(
        told.store, addresses.ask, recipient=device_of(), email="li@example.cn", now=told.day.now
    )
    await write(told.store, erase_old, now=told.day.now + dt.timedelta(days=8))
    async with told.store.read() as session:
        assert (await session.scalars(select(OutboxRow))).all() == []
        assert len((await session.scalars(select(InboxMessage))).all()) == 1
        assert (await session.scalar(select(Preferences.email))) is None
    await write(told.store, erase_old, now=told.day.now + dt.timedelta(days=31))
    async with told.store.read() as session:
        assert (await session.scalars(select(InboxMessage))).all() == []


async def test_what_is_under_way_at_the_end_is_written_down(told) -> None:
    await browser_of(told)
    started, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_message, _address) -> Outcome:
        started.set()
        await go_on.wait()
        return Outcome(Result.SENT)

    told.push.send = slow
    await rated(told)
    delivery = told.delivery()
    running = asyncio.create_task(delivery.run())
    await started.wait()
    delivery.close()
    go_on.set()
    await running
    assert [each.state.value for each in await told.rows()] == ["sent"]
