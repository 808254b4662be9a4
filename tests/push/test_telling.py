"""Who is told of what in a hall's day, and that nothing untrue is sent."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

from domain.errors import StoreUnavailableError
from domain.events import record
from domain.queue import tickets
from domain.queue.calling import StaffedCounter
from domain.queue.days import close_day
from domain.queue.happened import HallHoursChanged, QueueAdvanced
from domain.queue.tables import CounterShift
from domain.staff.actor import COMMAND_LINE
from push import events, inbox, outbox, watches
from push.endpoints import service_of
from push.errors import NothingToFollowError, TooManyWatchesError
from push.preferences import NotificationSettings, prefer
from push.tables import Kind, Language, OutboxRow, Subject
from push.watches import MOST_OF_TICKET
from tests.world.outbox import FollowedDay, behind, write
from tests.world.push_browsers import device_of

if TYPE_CHECKING:
    from collections.abc import Collection


async def next_please(told: FollowedDay) -> None:
    """The counter finishes with the person it has and calls the next."""
    await told.day.do(StaffedCounter.call_next)
    await told.day.do(StaffedCounter.finish)


async def test_nobody_who_does_not_follow_is_told_anything(told) -> None:
    await behind(told, 2)
    await next_please(told)
    assert await told.rows() == []


async def test_three_ahead_is_said_once_when_it_comes_true(told) -> None:
    mine = await behind(told, 5)
    await told.follows(await told.reachable(), mine)
    await next_please(told)
    assert await told.rows() == []
    await next_please(told)
    await told.deliver()
    await told.deliver()
    assert told.push.titles == ["B006 快到了"]
    assert told.push.sent[0][0].body.startswith("前面还有 3 位")
    await next_please(told)
    await told.deliver()
    assert len(told.push.sent) == 1


@pytest.mark.parametrize("ahead", [1, 3, 5])
async def test_everybody_is_told_at_their_own_distance(told, ahead) -> None:
    mine = await behind(told, 7)
    await told.follows(await told.reachable(), mine, ahead)
    for _ in range(7 - ahead - 1):
        await next_please(told)
    assert await told.rows() == []
    await next_please(told)
    [row] = await told.rows()
    assert (row.kind, row.facts["ahead"]) == (Kind.TICKET_NEAR, ahead)


async def test_whoever_is_near_when_they_tap_is_told_only_when_called(told) -> None:
    mine = await behind(told, 2)
    await told.follows(await told.reachable(), mine)
    await next_please(told)
    assert await told.rows() == []
    await next_please(told)
    await told.day.do(StaffedCounter.call_next)
    await told.deliver()
    assert told.push.titles == ["B003 请到 1 号窗口"]


async def test_a_called_ticket_is_not_told_three_ahead(told) -> None:
    mine = await behind(told, 4)
    await told.follows(await told.reachable(), mine)
    await next_please(told)
    assert await told.said() == [("ticket-near", "waiting")]
    await told.day.do(StaffedCounter.call_chosen, ticket_id=mine.id)
    # The later word took the place of the earlier, which was not sent yet.
    assert await told.said() == [("ticket-called", "waiting")]
    await told.deliver()
    assert told.push.titles == ["B005 请到 1 号窗口"]


async def test_what_is_no_longer_true_is_not_sent(told) -> None:
    mine = await behind(told, 4)
    await told.follows(await told.reachable(), mine)
    await next_please(told)
    await told.day.act(tickets.cancel, mine)
    await told.deliver()
    assert told.push.sent == []
    [row] = await told.rows()
    assert (row.state, row.ended, row.reason) == ("stale", "untrue", "untrue")


async def test_a_served_person_is_not_called_any_more(told) -> None:
    mine = await behind(told, 0)
    await told.follows(await told.reachable(), mine)
    await told.day.do(StaffedCounter.call_next)
    await told.day.do(StaffedCounter.start)
    await told.deliver()
    assert told.push.sent == []


async def test_the_number_ahead_is_that_of_the_moment_of_sending(told) -> None:
    mine = await behind(told, 4)
    await told.follows(await told.reachable(), mine)
    await next_please(told)
    await next_please(told)
    await told.deliver()
    assert told.push.sent[0][0].body.startswith("前面还有 2 位")


async def test_whoever_let_others_pass_is_told_again_when_near_again(told) -> None:
    mine = await behind(told, 4)
    await told.follows(await told.reachable(), mine)
    await next_please(told)
    await told.deliver()
    for _ in range(3):
        told.day.later(seconds=1)
        await told.day.take()
    await told.day.act(tickets.let_pass, mine, count=2)
    for _ in range(2):
        await next_please(told)
    await told.deliver()
    assert told.push.titles == ["B005 快到了"] * 2


async def test_who_was_overtaken_before_the_sending_is_told_later(told) -> None:
    mine = await behind(told, 4)
    await told.follows(await told.reachable(), mine)
    await next_please(told)
    overtakes = await told.day.take(priority="aged")
    assert (await told.day.order()).index(overtakes.label) == 0
    await told.deliver()
    assert await told.said() == [("ticket-near", "stale")]
    await next_please(told)
    await told.deliver()
    assert told.push.titles == ["B005 快到了"]


async def test_passed_and_moved_are_said(told) -> None:
    mine = await behind(told, 0)
    await told.follows(await told.reachable(), mine)
    await told.day.do(StaffedCounter.call_next)
    await told.deliver()
    await told.day.do(StaffedCounter.no_show)
    await told.deliver()
    await told.day.act(tickets.come_back, mine)
    await told.day.do(StaffedCounter.call_next)
    await told.deliver()
    await told.day.do(StaffedCounter.transfer, category="A")
    await told.deliver()
    assert [message.kind.value for message, _ in told.push.sent] == [
        "ticket-called", "ticket-passed", "ticket-called", "ticket-moved",
    ]  # fmt: skip


async def test_a_wrong_call_taken_back_is_said(told) -> None:
    mine = await behind(told, 0)
    await told.follows(await told.reachable(), mine)
    await told.day.do(StaffedCounter.call_next)
    await told.deliver()
    await told.day.do(StaffedCounter.undo_call)
    await told.deliver()
    assert told.push.titles == ["B001 请到 1 号窗口", "B001 请再等一等"]


async def test_a_recall_is_said_again(told) -> None:
    mine = await behind(told, 0)
    await told.follows(await told.reachable(), mine)
    await told.day.do(StaffedCounter.call_next)
    await told.deliver()
    told.day.later(seconds=20)
    await told.day.do(StaffedCounter.recall)
    await told.deliver()
    assert told.push.titles == ["B001 请到 1 号窗口"] * 2


async def test_a_hall_that_closes_tells_everybody_who_still_waits(told) -> None:
    for name in ("li", "wang", "zhao"):
        await told.follows(await told.reachable(name), await told.day.take())
    close = {
        "actor": COMMAND_LINE,
        "hall_id": told.day.hall.id,
        "community_id": told.day.hall.community_id,
    }
    await write(told.store, close_day, now=told.day.now, **close)
    await told.deliver()
    assert sorted(told.push.titles) == [f"B00{n} 今天没有轮到" for n in (1, 2, 3)]


async def test_the_family_is_told_too_and_only_of_what_they_follow(told) -> None:
    mine = await behind(told, 0)
    for name in ("li", "wang"):
        await told.follows(await told.reachable(name), mine)
    await told.reachable("zhao")
    await told.day.do(StaffedCounter.call_next)
    await told.deliver()
    assert sorted(address.to[-4:] for _, address in told.push.sent) == ["d/li", "wang"]


async def test_whoever_unfollows_hears_no_more(told) -> None:
    mine = await behind(told, 0)
    recipient = await told.reachable()
    await told.follows(recipient, mine)
    await write(told.store, watches.unfollow, recipient=recipient, ticket_id=mine.id)
    await told.day.do(StaffedCounter.call_next)
    assert await told.rows() == []


async def test_a_ticket_that_is_over_cannot_be_followed(told) -> None:
    mine = await behind(told, 0)
    recipient = await told.reachable()
    await told.day.act(tickets.cancel, mine)
    with pytest.raises(NothingToFollowError):
        await told.follows(recipient, mine)


async def test_yesterday_s_ticket_cannot_be_followed(told) -> None:
    mine = await behind(told, 0)
    recipient = await told.reachable()
    told.day.later(days=1)
    with pytest.raises(NothingToFollowError):
        await told.follows(recipient, mine)


async def test_a_ticket_is_followed_by_a_family_not_by_a_crowd(told) -> None:
    mine = await behind(told, 0)
    for n in range(MOST_OF_TICKET):
        await told.follows(device_of(f"{n}"), mine)
    with pytest.raises(TooManyWatchesError):
        await told.follows(device_of("one more"), mine)
    await told.follows(device_of("0"), mine, ahead=1)


async def test_the_inbox_keeps_the_newest_word_on_a_ticket_until_it_is_read(told) -> None:
    mine = await behind(told, 4)
    recipient = await told.reachable()
    await told.follows(recipient, mine)
    await next_please(told)
    await told.day.do(StaffedCounter.call_chosen, ticket_id=mine.id)
    async with told.store.read() as session:
        [message] = await inbox.messages(session, recipient, told.day.now)
        assert len(await inbox.unread(session, [recipient], told.day.now)) == 1
    assert (message.kind, message.leads_to) == (Kind.TICKET_CALLED, f"/tickets/{mine.token}")
    await write(told.store, inbox.read, recipient=recipient, now=told.day.now)
    await told.day.do(StaffedCounter.no_show)
    async with told.store.read() as session:
        kinds = [each.kind for each in await inbox.messages(session, recipient, told.day.now)]
        assert len(await inbox.unread(session, [recipient], told.day.now)) == 1
    assert kinds == [Kind.TICKET_PASSED, Kind.TICKET_CALLED]


async def test_the_inbox_holds_what_no_push_can_bring(told) -> None:
    mine = await behind(told, 0)
    await told.follows(device_of(), mine)
    await told.day.do(StaffedCounter.call_next)
    assert await told.rows() == []
    async with told.store.read() as session:
        assert len(await inbox.unread(session, [device_of()], told.day.now)) == 1


async def test_the_badge_counts_what_is_unread(told) -> None:
    recipient = await told.reachable()
    for letter in "BA":
        await told.follows(recipient, await told.day.take(letter))
    await told.day.sit(1)
    await told.day.sit(2)
    await told.day.do(StaffedCounter.call_next, at=1)
    await told.day.do(StaffedCounter.call_next, at=2)
    await told.deliver()
    assert [address.unread for _, address in told.push.sent] == [2, 2]


async def test_whoever_turned_tickets_off_hears_nothing(told) -> None:
    mine = await behind(told, 0)
    recipient = await told.reachable()
    await told.follows(recipient, mine)
    wishes = NotificationSettings(Language.CHINESE, off=(Subject.TICKETS,))
    await write(told.store, prefer, recipient=recipient, chosen=wishes)
    await told.day.do(StaffedCounter.call_next)
    assert await told.rows() == []


async def test_everybody_is_told_in_their_browser_s_language(told) -> None:
    mine = await behind(told, 0)
    await told.follows(await told.reachable(language=Language.ENGLISH), mine)
    await told.day.do(StaffedCounter.call_next)
    await told.deliver()
    assert told.push.titles == ["B001: counter 1, please"]


async def test_a_call_that_was_undone_leaves_no_row(told) -> None:
    mine = await behind(told, 0)
    await told.follows(await told.reachable(), mine)

    async def unit(session) -> None:
        shift = await session.get(CounterShift, told.day.shifts[1].id)
        await StaffedCounter(session, shift, told.day.now).call_next()
        raise LookupError

    with pytest.raises(LookupError):
        await told.store.write(unit)
    assert await told.rows() == []


async def test_what_a_recorder_cannot_write_is_not_half_written(told) -> None:
    mine = await behind(told, 0)
    await told.follows(await told.reachable(), mine)

    async def fails(_session, event) -> None:
        if event == QueueAdvanced(mine.day_id, told.day.now):
            raise LookupError

    told.store.before_commit(fails)
    with pytest.raises(LookupError):
        await told.day.do(StaffedCounter.call_next)
    assert await told.rows() == []
    assert await told.day.order() == ["B001"]


@pytest.mark.parametrize("bad", [0, 1, 2])
async def test_a_message_that_cannot_be_written_undoes_neither_the_call_nor_the_others(
    told, monkeypatch, caplog, bad
) -> None:
    mine = await behind(told, 0)
    names = ["li", "zhang", "wang"]
    for name in names:
        await told.follows(await told.reachable(name), mine)

    def longer(endpoint: str, origins: Collection[str] = ()) -> str:
        # A row that was kept before its host had a bound.
        too_long = endpoint.endswith(names[bad])
        return "x" * 300 if too_long else service_of(endpoint, origins)

    monkeypatch.setattr(outbox, "service_of", longer)
    await told.day.do(StaffedCounter.call_next)
    assert await told.day.order() == []
    await told.deliver()
    assert len(told.push.sent) == 2
    said = [each.getMessage() for each in caplog.records if each.name == "lianxin.push"]
    assert len(said) == 1
    assert said[0].startswith("a message of kind ticket-called was left out: ")
    assert "xxx" not in caplog.text, "what strangers wrote is not for the log"


@pytest.mark.parametrize("error", [LookupError("a fact is missing"), ValueError("not JSON")])
async def test_whatever_is_wrong_with_a_message_the_call_stands(told, monkeypatch, error) -> None:
    mine = await behind(told, 4)
    await told.follows(await told.reachable(), mine)

    async def fails(*_given: object) -> None:
        raise error

    monkeypatch.setattr(events, "queue_of", fails)
    monkeypatch.setattr(outbox, "preferences_of", fails)
    await next_please(told)
    assert await told.day.order() == ["B002", "B003", "B004", "B005"]
    assert await told.rows() == []


async def test_a_store_that_does_not_write_is_no_matter_of_one_message(told, monkeypatch) -> None:
    mine = await behind(told, 0)
    await told.follows(await told.reachable(), mine)

    async def fails(*_given: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr(outbox, "put", fails)
    with pytest.raises(StoreUnavailableError):
        await told.day.do(StaffedCounter.call_next)
    assert await told.day.order() == ["B001"]


async def test_a_message_is_worth_minutes_and_then_nothing(told) -> None:
    mine = await behind(told, 0)
    await told.follows(await told.reachable(), mine)
    await told.day.do(StaffedCounter.call_next)
    told.day.later(minutes=5)
    await told.deliver()
    [row] = await told.rows()
    assert (row.state, row.ended, row.reason) == ("failed", "too-late", "expired")
    assert isinstance(row, OutboxRow)
    assert row.expires_at - row.created_at == dt.timedelta(minutes=5)


async def test_other_hours_today_are_told_to_whoever_waits(told) -> None:
    mine = await behind(told, 4)
    await told.follows(await told.reachable(), mine)

    async def change(session) -> None:
        record(session, HallHoursChanged(told.day.hall.id, "8:30-11:00", told.day.now))

    await told.day.store.write(change)
    await told.deliver()
    assert told.push.titles == ["B005 今天开放时间有变"]
    assert "8:30-11:00" in told.push.sent[0][0].body
