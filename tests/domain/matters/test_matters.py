"""A matter from its first message to its last: what is owed, who has it, what stays and what goes."""

from __future__ import annotations

import asyncio
import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

import push.tables
from domain.calendar import DayKind, HolidayDay, entered_notice
from domain.contacts.tables import Conversation, Source
from domain.matters import holders, promises, retention
from domain.matters.errors import (
    AwayError,
    ClosedError,
    KeyReusedError,
    NotHandlerError,
    PromiseEndedError,
    RatedAlreadyError,
    StillOpenError,
    TooLateError,
)
from domain.matters.happened import MatterAnswered, MatterHeld
from domain.matters.ladder import HoldReason, Level
from domain.matters.promises import PromiseState, state_of
from domain.matters.rounds import ALPHABET, CODE, REOPENS
from domain.matters.tables import EntryKind, Matter, MatterPhoto, Outcome, Promise, Readers
from domain.matters.timeline import Act, Picture
from domain.places.content import MapFrame
from tests.world.clock import NOW
from tests.world.matters import DAY, HOUR, LineOffice, line, line_office, written

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.events import Event
    from domain.matters.ladder import Ladder

MINUTE = dt.timedelta(minutes=1)
DUE = dt.date(2026, 11, 26)
"""Three working days after `NOW`."""
TIMER = NOW + DAY
"""Eight hours of the post after `NOW`."""


async def kinds(office: LineOffice, matter_id: int, *readers: Readers) -> list[EntryKind]:
    """What happened, in order."""
    given = readers or (Readers.ALL, Readers.HANDLERS)
    return [entry.kind for entry in await office.entries(matter_id, given)]


async def reasons(office: LineOffice, matter_id: int) -> list[tuple[Level, HoldReason]]:
    """Who had it and why, in order."""
    return [(hold.level, hold.why) for hold in await office.holds(matter_id)]


async def test_a_matter_begins_with_a_holder_a_date_and_a_round(office) -> None:
    matter_id, is_new = await office.begun()
    matter = await office.matter(matter_id)
    assert is_new
    assert (matter.level, matter.holder_id) == (Level.HOLDER, office.people["holder"])
    assert (matter.owed_since, matter.due_on, matter.moves_at) == (NOW, DUE, TIMER)
    assert len(matter.code) == CODE
    assert set(matter.code) <= set(ALPHABET)
    assert await kinds(office, matter_id) == [EntryKind.MESSAGE, EntryKind.HELD]
    assert [each.number for each in await office.rounds(matter_id)] == [1]
    assert await office.handlers(matter_id) == {"holder"}


async def test_a_form_that_is_sent_twice_is_one_matter(office) -> None:
    given = written(key="k" * 64)
    first = await office.begun(given)
    assert await office.begun(given) == (first[0], False)
    assert await kinds(office, first[0]) == [EntryKind.MESSAGE, EntryKind.HELD]
    with pytest.raises(KeyReusedError):
        await office.begun(written("other words", "k" * 64))


async def test_a_message_that_is_sent_twice_arrives_once(office) -> None:
    matter_id = await office.opens()
    given = written("还是不亮", "m" * 64)
    await office.says(matter_id, given)
    await office.says(matter_id, given)
    assert (await kinds(office, matter_id)).count(EntryKind.MESSAGE) == 2
    with pytest.raises(KeyReusedError):
        await office.says(matter_id, written("other words", "m" * 64))
    with pytest.raises(KeyReusedError):
        await office.thanks(matter_id, written("other words", "m" * 64))


async def test_a_message_that_is_sent_again_after_the_matter_was_closed_is_no_error(office) -> None:
    matter_id = await office.opens()
    given = written("还是不亮", "m" * 64)
    await office.says(matter_id, given)
    await office.closes(matter_id)
    await office.says(matter_id, given)
    with pytest.raises(ClosedError):
        await office.says(matter_id, written())


async def test_more_messages_move_no_date(office) -> None:
    matter_id = await office.opens()
    office.later(hours=2)
    await office.says(matter_id)
    matter = await office.matter(matter_id)
    assert (matter.owed_since, matter.due_on, matter.moves_at) == (NOW, DUE, TIMER)


async def test_an_answer_ends_what_is_owed_and_the_next_message_begins_it(office) -> None:
    matter_id = await office.opens()
    office.later(hours=1)
    await office.answers("holder", matter_id)
    matter = await office.matter(matter_id)
    assert (matter.owed_since, matter.due_on, matter.moves_at) == (None, None, None)
    office.later(days=1)
    await office.says(matter_id)
    matter = await office.matter(matter_id)
    assert (matter.owed_since, matter.due_on) == (office.now, DUE + DAY)
    assert matter.moves_at == office.now + DAY


async def test_neither_thanks_nor_a_note_ask_for_anything_or_stop_anything(office) -> None:
    matter_id = await office.opens()
    office.later(hours=1)
    await office.thanks(matter_id)
    await office.notes("holder", matter_id)
    matter = await office.matter(matter_id)
    assert (matter.owed_since, matter.due_on, matter.moves_at) == (NOW, DUE, TIMER)
    await office.answers("holder", matter_id)
    await office.closes(matter_id)
    await office.thanks(matter_id)
    matter = await office.matter(matter_id)
    assert (matter.is_open, matter.owed_since) == (False, None)


async def test_a_resident_sees_no_note_and_every_other_entry(office) -> None:
    matter_id = await office.opens()
    await office.notes("holder", matter_id)
    await office.hands_over("holder", matter_id, "colleague")
    await office.answers("colleague", matter_id, Outcome.LATER)
    seen = await kinds(office, matter_id, Readers.ALL)
    assert seen == [EntryKind.MESSAGE, EntryKind.HELD, EntryKind.HELD, EntryKind.ANSWER]
    everything = await kinds(office, matter_id)
    assert everything.count(EntryKind.NOTE) == 2


async def test_a_matter_that_is_handed_over_is_closed_to_who_had_it(office) -> None:
    matter_id = await office.opens()
    await office.hands_over("holder", matter_id, "colleague")
    assert await office.handlers(matter_id) == {"colleague"}
    for deed in (office.answers, office.notes, office.closes_for_office):
        with pytest.raises(NotHandlerError):
            await deed("holder", matter_id)
    with pytest.raises(NotHandlerError):
        await office.hands_over("holder", matter_id, "holder")
    matter = await office.matter(matter_id)
    assert matter.held_why is HoldReason.HANDED_OVER
    assert matter.moves_at == TIMER


async def test_the_timer_begins_again_with_who_it_is_handed_to(office) -> None:
    matter_id = await office.opens()
    office.later(hours=4)
    await office.hands_over("holder", matter_id, "colleague")
    matter = await office.matter(matter_id)
    assert (matter.due_on, matter.moves_at) == (DUE, NOW.replace(hour=14, minute=26) + DAY)


async def test_nothing_is_handed_to_someone_who_is_away(office) -> None:
    matter_id = await office.opens()
    await office.is_away("colleague", NOW, NOW + DAY)
    with pytest.raises(AwayError):
        await office.hands_over("holder", matter_id, "colleague")
    assert await office.handlers(matter_id) == {"holder"}


async def test_an_absence_that_comes_moves_what_was_handed_over(office) -> None:
    matter_id = await office.opens()
    await office.is_away("colleague", NOW + 2 * HOUR, NOW + DAY)
    await office.hands_over("holder", matter_id, "colleague")
    matter = await office.matter(matter_id)
    assert matter.moves_at == NOW + 2 * HOUR
    office.later(hours=2)
    await office.settle()
    assert await office.handlers(matter_id) == {"substitute"}


async def test_an_unanswered_matter_goes_up_and_says_why(office) -> None:
    matter_id = await office.opens()
    for name in ("substitute", "secretary", "chief"):
        office.now = (await office.matter(matter_id)).moves_at.astimezone(NOW.tzinfo) - MINUTE
        assert await office.settle() == 0
        office.now += MINUTE
        assert await office.settle() == 1
        assert name in await office.handlers(matter_id)
        assert "holder" not in await office.handlers(matter_id)
    assert [why for _, why in await reasons(office, matter_id)] == [
        HoldReason.ASSIGNED,
        *[HoldReason.TIMER] * 3,
    ]
    assert (await office.matter(matter_id)).moves_at is None
    with pytest.raises(NotHandlerError):
        await office.answers("holder", matter_id)


async def test_an_act_settles_first_so_that_a_late_tick_gives_nobody_more_time(office) -> None:
    matter_id = await office.opens()
    office.now = TIMER
    with pytest.raises(NotHandlerError):
        await office.answers("holder", matter_id)
    await office.answers("substitute", matter_id)
    assert (await office.holds(matter_id))[-1].since == TIMER


async def test_a_holder_who_goes_away_hands_on_at_that_moment(office) -> None:
    matter_id = await office.opens()
    await office.is_away("holder", NOW + HOUR, NOW + 3 * DAY)
    assert (await office.matter(matter_id)).moves_at == NOW + HOUR
    office.later(hours=5)
    await office.settle()
    hold = (await office.holds(matter_id))[-1]
    assert (hold.since, hold.why) == (NOW + HOUR, HoldReason.AWAY)
    office.later(days=3)
    await office.settle_all()
    assert "holder" not in await office.handlers(matter_id)


async def test_an_answered_matter_does_not_stay_with_someone_who_goes_away(office) -> None:
    matter_id = await office.opens()
    await office.answers("holder", matter_id)
    await office.is_away("holder", NOW + HOUR, NOW + DAY)
    office.later(hours=1)
    await office.settle()
    assert await office.handlers(matter_id) == {"substitute"}


async def test_with_nobody_at_the_post_the_secretary_has_it(sample) -> None:
    office = await line_office(sample, holder=None, substitute=None)
    matter_id = await office.opens()
    assert await office.handlers(matter_id) == {"secretary"}
    assert await reasons(office, matter_id) == [(Level.SECRETARY, HoldReason.VACANT)]


async def test_in_a_community_without_posts_the_secretary_has_it(office) -> None:
    matter_id, _ = await office.begun(without_post=True)
    assert await office.handlers(matter_id) == {"secretary"}
    matter = await office.matter(matter_id)
    assert matter.due_on == DUE + 4 * DAY
    assert matter.moves_at is not None


async def test_where_the_community_has_no_secretary_those_above_have_it(office) -> None:
    await office.change_post(holder=None, substitute=None)
    matter_id = await office.opens()
    await office.leaves("secretary")
    assert await office.handlers(matter_id) == {"chief", "mayor"}


async def test_who_left_has_nothing_and_a_post_that_changes_hands_takes_it_along(office) -> None:
    first, second = await office.opens(), await office.opens()
    await office.hands_over("holder", second, "colleague")
    await office.change_post(holder="colleague", substitute="holder")
    assert await office.handlers(first) == {"colleague"}
    assert (await office.holds(first))[-1].why is HoldReason.POST_CHANGED
    assert await office.handlers(second) == {"colleague"}
    await office.leaves("colleague")
    for matter_id in (first, second):
        assert await office.handlers(matter_id) == {"holder"}
        assert (await office.holds(matter_id))[-1].why is HoldReason.LEFT


async def test_more_than_a_post_takes_on_goes_to_the_substitute(sample) -> None:
    office = await line_office(sample, most_open=1)
    first, second = await office.opens(), await office.opens()
    assert await office.handlers(first) == {"holder"}
    assert await office.handlers(second) == {"substitute"}
    assert (await office.holds(second))[-1].why is HoldReason.FULL
    await office.closes(first)
    assert await office.handlers(await office.opens()) == {"holder"}


async def test_a_closed_matter_owes_nothing_and_moves_nowhere(office) -> None:
    matter_id = await office.opens()
    await office.closes(matter_id)
    matter = await office.matter(matter_id)
    assert (matter.owed_since, matter.due_on, matter.moves_at) == (None, None, None)
    office.later(days=9)
    assert await office.settle() == 0
    with pytest.raises(ClosedError):
        await office.closes(matter_id)
    assert [each.is_closed_by_office for each in await office.rounds(matter_id)] == [False]


async def test_the_office_closes_and_says_that_it_did(office) -> None:
    matter_id = await office.opens()
    await office.answers("holder", matter_id)
    await office.closes_for_office("holder", matter_id)
    assert [each.is_closed_by_office for each in await office.rounds(matter_id)] == [True]
    assert (await office.entries(matter_id))[-1].staff_id == office.people["holder"]


async def test_a_reopened_matter_goes_to_who_holds_the_post_now(office) -> None:
    matter_id = await office.opens()
    await office.closes(matter_id)
    await office.change_post(holder="colleague")
    office.now += REOPENS
    await office.reopens(matter_id, written("又不亮了"))
    matter = await office.matter(matter_id)
    assert (matter.is_open, matter.owed_since) == (True, office.now)
    assert await office.handlers(matter_id) == {"colleague"}
    assert [each.number for each in await office.rounds(matter_id)] == [1, 2]
    entries = await kinds(office, matter_id)
    assert entries[-3:] == [EntryKind.REOPENED, EntryKind.MESSAGE, EntryKind.HELD]


async def test_a_matter_is_reopened_once_within_14_days_and_only_when_closed(office) -> None:
    matter_id = await office.opens()
    with pytest.raises(StillOpenError):
        await office.reopens(matter_id)
    await office.closes(matter_id)
    given = written("又不亮了", "r" * 64)
    await office.reopens(matter_id, given)
    await office.reopens(matter_id, given)
    with pytest.raises(KeyReusedError):
        await office.reopens(matter_id, written("other words", "r" * 64))
    assert len(await office.rounds(matter_id)) == 2
    await office.closes(matter_id)
    office.now += REOPENS + MINUTE
    with pytest.raises(TooLateError):
        await office.reopens(matter_id)


async def test_each_round_is_rated_once(office) -> None:
    matter_id = await office.opens()
    with pytest.raises(StillOpenError):
        await office.rates(matter_id, 5)
    await office.closes(matter_id)
    await office.rates(matter_id, 2)
    with pytest.raises(RatedAlreadyError):
        await office.rates(matter_id, 5)
    await office.reopens(matter_id)
    await office.closes(matter_id)
    await office.rates(matter_id, 5)
    assert [each.rating for each in await office.rounds(matter_id)] == [2, 5]
    await office.reopens(matter_id)
    await office.closes(matter_id)
    office.now += REOPENS + MINUTE
    with pytest.raises(TooLateError):
        await office.rates(matter_id, 5)


async def test_a_promise_is_kept_in_time_or_late(office) -> None:
    matter_id = await office.opens()
    due_at = NOW + DAY
    made_id = await office.promises("holder", matter_id, due_at)
    made = await office.promise(made_id)
    assert state_of(made, NOW) is PromiseState.OPEN
    assert state_of(made, due_at) is PromiseState.OPEN
    assert state_of(made, due_at + MINUTE) is PromiseState.LATE

    async def keep(act: Act, matter: Matter, _: Ladder, who: int) -> None:
        promises.keep(act, matter, await act.session.get_one(Promise, made_id), who)

    await office.handles("holder", matter_id, keep)
    assert state_of(await office.promise(made_id), NOW + 9 * DAY) is PromiseState.KEPT
    with pytest.raises(PromiseEndedError):
        await office.handles("holder", matter_id, keep)
    late = await office.promise(made_id)
    late.kept_at = due_at + MINUTE
    assert state_of(late, NOW + 9 * DAY) is PromiseState.KEPT_LATE
    assert EntryKind.PROMISE_KEPT in await kinds(office, matter_id, Readers.ALL)


async def test_a_promise_moves_with_a_reason_and_keeps_its_first_date(office) -> None:
    matter_id = await office.opens()
    made_id = await office.promises("holder", matter_id, NOW + DAY)

    async def put_off(act: Act, matter: Matter, _: Ladder, who: int) -> None:
        made = await act.session.get_one(Promise, made_id)
        promises.put_off(act, matter, made, who, NOW + 3 * DAY, "零件没到")

    await office.handles("holder", matter_id, put_off)
    made = await office.promise(made_id)
    assert (made.first_due_at, made.due_at) == (NOW + DAY, NOW + 3 * DAY)
    entry = (await office.entries(matter_id))[-1]
    assert entry.kind is EntryKind.PROMISE_MOVED
    assert entry.facts["reason"] == "零件没到"
    moments = [dt.datetime.fromisoformat(str(entry.facts[name])) for name in ("before", "due")]
    assert moments == [NOW + DAY, NOW + 3 * DAY]


async def test_a_promise_that_cannot_be_kept_is_broken_with_a_reason(office) -> None:
    matter_id = await office.opens()
    made_id = await office.promises("holder", matter_id, NOW + DAY)

    async def break_off(act: Act, matter: Matter, _: Ladder, who: int) -> None:
        made = await act.session.get_one(Promise, made_id)
        promises.break_off(act, matter, made, who, "没有资金")

    await office.handles("holder", matter_id, break_off)
    assert state_of(await office.promise(made_id), NOW) is PromiseState.BROKEN
    with pytest.raises(PromiseEndedError):
        await office.handles("holder", matter_id, break_off)


async def test_the_public_list_has_open_promises_always_and_others_for_a_while(office) -> None:
    matter_id = await office.opens()
    old = await office.promises("holder", matter_id, NOW + HOUR)
    ended = await office.promises("holder", matter_id, NOW + 2 * HOUR)

    async def keep(act: Act, matter: Matter, _: Ladder, who: int) -> None:
        promises.keep(act, matter, await act.session.get_one(Promise, ended), who)

    await office.handles("holder", matter_id, keep)
    listed = partial(promises.promises_in, community_id=office.community.id, most=10)
    for since, wanted in ((NOW, [ended, old]), (NOW + DAY, [old])):
        found = await office.read(partial(listed, since=since))
        assert [made.id for made in found] == wanted


async def test_a_complaint_skips_the_holder_and_is_never_theirs(office) -> None:
    matter_id = await office.opens(is_complaint=True)
    assert await office.handlers(matter_id) == {"secretary"}
    matter = await office.matter(matter_id)
    assert matter.about_id == office.people["holder"]
    assert await reasons(office, matter_id) == [(Level.SECRETARY, HoldReason.COMPLAINT)]
    with pytest.raises(AwayError):
        await office.hands_over("secretary", matter_id, "holder")
    await office.closes(matter_id)
    await office.reopens(matter_id)
    assert await office.handlers(matter_id) == {"secretary"}


async def test_a_complaint_about_the_secretary_goes_to_those_above(sample) -> None:
    office = await line_office(sample, holder="secretary")
    matter_id = await office.opens(is_complaint=True)
    assert await office.handlers(matter_id) == {"chief", "mayor"}
    with pytest.raises(NotHandlerError):
        await office.notes("secretary", matter_id)


async def test_due_matters_are_settled_in_batches(office, monkeypatch) -> None:
    ids = [await office.opens() for _ in range(5)]
    monkeypatch.setattr(holders, "BATCH", 2)
    office.now = TIMER
    batches = []
    while moved := await office.do(partial(holders.settle_due, kind_of=line)):
        batches.append(moved)
    assert batches == [2, 2, 1]
    assert await office.settle_all() == 3
    for matter_id in ids:
        assert await office.handlers(matter_id) == {"substitute"}


async def test_a_changed_holiday_moves_the_date_and_says_so_once(office) -> None:
    matter_id, closed_id = await office.opens(), await office.opens()
    await office.closes(closed_id)

    async def day_off(session: AsyncSession) -> None:
        notice = await entered_notice(session, 2026)
        assert notice is None
        session.add(HolidayDay(day=DUE - DAY, kind=DayKind.HOLIDAY))

    await office.store.write(day_off)
    for _ in range(2):
        await office.settle_all()
    matter = await office.matter(matter_id)
    assert matter.due_on == DUE + DAY
    entries = [
        entry for entry in await office.entries(matter_id) if entry.kind is EntryKind.DUE_MOVED
    ]
    assert [(entry.facts["before"], entry.facts["after"]) for entry in entries] == [
        (DUE.isoformat(), (DUE + DAY).isoformat())
    ]
    assert EntryKind.DUE_MOVED not in await kinds(office, closed_id)


async def test_events_are_told_of_answers_and_holders(office) -> None:
    heard: list[Event] = []
    office.store.listen(heard.append)
    matter_id = await office.opens()
    await office.answers("holder", matter_id)
    assert MatterHeld(matter_id, NOW) in heard
    assert MatterAnswered(matter_id, NOW) in heard


PLANTED = "zhangsan4711"


async def places_of(office: LineOffice, word: str) -> set[str]:
    """Every column of every table in which this word can be read."""
    found = set()
    async with office.store.read() as session:
        for table in push.tables.metadata.sorted_tables:
            for row in (await session.execute(select(table))).mappings():
                for name, value in row.items():
                    is_bytes = isinstance(value, bytes)
                    if (word.encode() in value) if is_bytes else (word in repr(value)):
                        found.add(f"{table.name}.{name}")
    return found


async def told_everything(office: LineOffice) -> int:
    """A closed matter in which the word stands wherever a person can write it."""
    talk = Conversation(
        source=Source.CARD,
        building=PLANTED,
        facility=PLANTED,
        phone=PLANTED,
        asker=PLANTED,
        on_behalf_of=PLANTED,
        agreed_by=PLANTED,
        map_x=0.5,
        map_y=0.5,
        map_frame=MapFrame(latitude=36.68, longitude=116.95, scale=0.4),
    )
    picture = Picture(f"jpeg {PLANTED}".encode(), 3, 2)
    matter_id, _ = await office.begun(written(PLANTED, None, picture), conversation=talk)
    await office.says(matter_id, written(f"{PLANTED} again", None, picture))
    await office.notes("holder", matter_id, PLANTED)
    made_id = await office.promises("holder", matter_id, NOW + DAY)

    async def put_off(act: Act, matter: Matter, _: Ladder, who: int) -> None:
        made = await act.session.get_one(Promise, made_id)
        promises.put_off(act, matter, made, who, NOW + 2 * DAY, PLANTED)

    await office.handles("holder", matter_id, put_off)
    await office.answers("holder", matter_id, words=PLANTED)
    await office.thanks(matter_id, written(PLANTED))
    await office.hands_over("holder", matter_id, "colleague")
    return matter_id


async def test_after_a_year_nothing_of_it_can_be_read(office) -> None:
    matter_id = await told_everything(office)
    other_id = await office.opens(written("another matter"))
    await office.closes(matter_id)
    assert {"matter_entry.words", "matter_photo.data", "conversation.asker"} <= await places_of(
        office, PLANTED
    )
    office.later(days=366)
    year = office.now - 365 * DAY
    erase = partial(retention.erase_old, closed_before=year, kind_of=line, now=office.now)
    assert await office.store.write(erase) == retention.Erased(matters=1)
    assert await office.store.write(erase) == retention.Erased()
    assert await places_of(office, PLANTED) == set()
    talk = await office.conversation(matter_id)
    assert (talk.map_x, talk.map_y, talk.map_frame, talk.building) == (None, None, None, None)
    matter = await office.matter(matter_id)
    assert matter.erased_at == office.now
    assert (await office.promise(1)).subject == "更换路灯"
    assert len(await office.holds(matter_id)) == 2
    assert (await office.matter(other_id)).erased_at is None
    assert (await office.entries(other_id))[0].words == "another matter"
    with pytest.raises(TooLateError):
        await office.reopens(matter_id)


async def test_numbers_to_call_go_with_the_closing_and_photographs_before_the_words(office) -> None:
    matter_id = await told_everything(office)
    await office.closes(matter_id)
    talk = await office.conversation(matter_id)
    assert (talk.phone, talk.asker) == ("", PLANTED)
    erase = partial(retention.erase_photos, closed_before=office.now)
    assert await office.store.write(erase) == retention.Erased()
    office.later(days=91)
    erase = partial(retention.erase_photos, closed_before=office.now - 90 * DAY)
    assert await office.store.write(erase) == retention.Erased(photos=2)
    places = await places_of(office, PLANTED)
    assert "matter_photo.data" not in places
    assert "matter_entry.words" in places


async def test_photographs_are_kept_with_their_size_at_an_address_nobody_guesses(office) -> None:
    matter_id = await office.opens(
        written("lamp", None, Picture(b"one", 3, 2), Picture(b"two", 4, 5))
    )
    entry = (await office.entries(matter_id))[0]
    assert [(photo.width, photo.height) for photo in entry.photos] == [(3, 2), (4, 5)]
    assert all(len(photo.token) == 32 for photo in entry.photos)

    async def data(session: AsyncSession) -> list[bytes]:
        return list(await session.scalars(select(MatterPhoto.data).order_by(MatterPhoto.id)))

    assert await office.read(data) == [b"one", b"two"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE matter SET due_on = NULL",
        "UPDATE matter SET holder_id = NULL",
        "UPDATE matter SET level = 'secretary'",
        "UPDATE matter SET closed_at = began_at",
        "UPDATE matter_entry SET readers = 'all' WHERE kind = 'note'",
        "UPDATE matter_entry SET outcome = NULL WHERE kind = 'answer'",
        "UPDATE matter_round SET rating = 5",
    ],
)
async def test_the_store_itself_refuses_what_may_never_be(office, change) -> None:
    matter_id = await office.opens()
    await office.notes("holder", matter_id)
    await office.answers("holder", matter_id)
    await office.says(matter_id)

    async def unit(session: AsyncSession) -> None:
        await session.execute(text(change))

    with pytest.raises(IntegrityError):
        await office.store.write(unit)


async def test_a_form_that_two_tabs_send_at_once_is_one_matter(office) -> None:
    for number in range(4):
        given = written(key=f"{number}" * 64)
        found = await asyncio.gather(*(office.begun(given) for _ in range(5)))
        assert len({matter_id for matter_id, _ in found}) == 1
        assert [is_new for _, is_new in found].count(True) == 1


async def test_a_message_that_two_tabs_send_at_once_arrives_once(office) -> None:
    matter_id = await office.opens()
    given = written("还是不亮", "m" * 64)
    await asyncio.gather(*(office.says(matter_id, given) for _ in range(5)))
    assert (await kinds(office, matter_id)).count(EntryKind.MESSAGE) == 2


async def test_of_two_handlers_who_act_at_once_only_the_present_one_does(office) -> None:
    matter_id = await office.opens()
    results = await asyncio.gather(
        office.hands_over("holder", matter_id, "colleague"),
        office.hands_over("holder", matter_id, "substitute"),
        return_exceptions=True,
    )
    assert [type(result) for result in results if result is not None] == [NotHandlerError]
    assert len(await office.holds(matter_id)) == 2
