"""A post of 刘家庄's contact line: its people, a resident, and a clock that is moved by hand."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select, update

from domain.calendar import load_calendar
from domain.contacts import absences
from domain.contacts.content import PostKind
from domain.contacts.line import LINE, Begun, begin
from domain.contacts.tables import ContactPost, Conversation, Source
from domain.keys import key_hash
from domain.matters import holders, promises, retention, rounds, timeline
from domain.matters.holders import held_by, settle_after, settle_due
from domain.matters.tables import (
    EntryKind,
    Matter,
    MatterEntry,
    MatterHold,
    MatterRound,
    Outcome,
    Promise,
    Readers,
)
from domain.matters.timeline import Act, Answer, Picture, Written, entries_of
from domain.places.content import HallHours
from domain.places.tables import Community
from domain.staff.accounts import actor_for, member_with_roles
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.roles import deactivate
from domain.staff.tables import Role, StaffMember
from tests.world.clock import NOW
from tests.world.people import DISTRICT_ADMINISTRATOR, hired

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar
    from domain.matters.kind import MatterKind
    from domain.matters.ladder import HoldReason, Ladder, Level
    from domain.staff.actor import Actor
    from domain.store import Store

T = TypeVar("T")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
HOURS = HallHours(working_day=("08:00-12:00", "14:00-18:00"))
WORDS = "三号楼二单元的路灯不亮"
DUE = dt.date(2026, 11, 26)
"""Three working days after `NOW`."""
TIMER = NOW + DAY
"""Eight hours of the post after `NOW`."""


def line(_word: str) -> MatterKind:
    """The only kind of matter in these tests."""
    return LINE


def written(words: str = WORDS, key: str | None = None, *pictures: Picture) -> Written:
    """What a form sent: another key is another form, and other words have another hash."""
    sent = hashlib.sha256(words.encode()).hexdigest()
    return Written(words, pictures, key or secrets.token_hex(16), sent)


class LineOffice:
    """The contact line of a community, acted on one unit of work at a time."""

    def __init__(
        self, store: Store, community: Community, people: dict[str, int], post_id: int
    ) -> None:
        self.store, self.community, self.people, self.post_id = store, community, people, post_id
        self.now = NOW
        self.device = key_hash("a resident's phone")

    def later(self, **length: float) -> None:
        """Let time pass."""
        self.now += dt.timedelta(**length)

    async def do(self, work: Callable[[Act], Awaitable[T]]) -> T:
        """One unit of work at this moment, by the calendar as it is."""

        async def unit(session: AsyncSession) -> T:
            return await work(Act(session, await load_calendar(session), self.now))

        return await self.store.write(unit)

    async def read(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """What the store says."""
        async with self.store.read() as session:
            return await work(session)

    async def calendar(self) -> WorkingCalendar:
        return await self.read(load_calendar)

    # What a resident does.

    async def begun(
        self,
        given: Written | None = None,
        *,
        is_complaint: bool = False,
        conversation: Conversation | None = None,
        without_post: bool = False,
    ) -> tuple[int, bool]:
        """Begin a conversation: its number, and whether it is new."""

        async def work(act: Act) -> tuple[int, bool]:
            post = None if without_post else await act.session.get(ContactPost, self.post_id)
            talk = conversation or Conversation(source=Source.CARD)
            asked = Begun(self.community.id, post, talk, self.device, is_complaint)
            matter, is_new = await begin(act, asked, given or written())
            return matter.id, is_new

        return await self.do(work)

    async def opens(self, given: Written | None = None, *, is_complaint: bool = False) -> int:
        """Begin a conversation; its number."""
        matter_id, _ = await self.begun(given, is_complaint=is_complaint)
        return matter_id

    async def _resident(
        self, matter_id: int, deed: Callable[[Act, Matter, Ladder], Awaitable[None]]
    ) -> None:
        async def work(act: Act) -> None:
            matter = await holders.locked(act.session, matter_id)
            ladder = await LINE.ladder(act.session, matter, act.now)
            holders.settle(act, matter, ladder)
            await deed(act, matter, ladder)
            holders.expect(act, matter, ladder)

        await self.do(work)

    async def says(self, matter_id: int, given: Written | None = None) -> None:
        """Write a message."""

        async def deed(act: Act, matter: Matter, _: Ladder) -> None:
            await timeline.say(act, matter, given or written())

        await self._resident(matter_id, deed)

    async def thanks(self, matter_id: int, given: Written | None = None) -> None:
        """Say thank you."""

        async def deed(act: Act, matter: Matter, _: Ladder) -> None:
            await timeline.thank(act, matter, given or written("谢谢"))

        await self._resident(matter_id, deed)

    async def closes(self, matter_id: int) -> None:
        """Say that it is settled."""

        async def deed(act: Act, matter: Matter, _: Ladder) -> None:
            await rounds.close(act, matter)
            await LINE.closed(act.session, [matter.id])

        await self._resident(matter_id, deed)

    async def reopens(self, matter_id: int, given: Written | None = None) -> None:
        """Open it again."""

        async def deed(act: Act, matter: Matter, ladder: Ladder) -> None:
            await rounds.reopen(act, matter, ladder, given or written())

        await self._resident(matter_id, deed)

    async def rates(self, matter_id: int, rating: int) -> None:
        """Rate the closed round."""

        async def deed(act: Act, matter: Matter, _: Ladder) -> None:
            await rounds.rate(act, matter, rating)

        await self._resident(matter_id, deed)

    # What someone who answers does.

    async def actor(self, name: str) -> Actor:
        """The person with the roles they have now."""

        async def work(session: AsyncSession) -> Actor:
            return actor_for(await member_with_roles(session, self.people[name]), None)

        return await self.read(work)

    async def handles(
        self,
        name: str,
        matter_id: int,
        deed: Callable[[Act, Matter, Ladder, int], Awaitable[T]],
    ) -> T:
        """An act of a handler. Raises `NotHandlerError`."""
        actor = await self.actor(name)

        async def work(act: Act) -> T:
            matter, ladder = await held_by(act, actor, matter_id, self.community, LINE)
            result = await deed(act, matter, ladder, self.people[name])
            holders.expect(act, matter, ladder)
            return result

        return await self.do(work)

    async def answers(
        self, name: str, matter_id: int, outcome: Outcome = Outcome.DONE, words: str = "修好了"
    ) -> None:
        """Answer what was asked."""

        async def deed(act: Act, matter: Matter, _: Ladder, who: int) -> None:
            timeline.answer(act, matter, who, Answer(outcome, written(words)))

        await self.handles(name, matter_id, deed)

    async def notes(self, name: str, matter_id: int, words: str = "问过物业") -> None:
        """Write among colleagues."""

        async def deed(act: Act, matter: Matter, _: Ladder, who: int) -> None:
            timeline.note(act, matter, who, written(words))

        await self.handles(name, matter_id, deed)

    async def hands_over(self, name: str, matter_id: int, to: str) -> None:
        """Hand over to a colleague."""

        async def deed(act: Act, matter: Matter, ladder: Ladder, who: int) -> None:
            holders.hand_over(act, matter, ladder, who, self.people[to], written("请您接着办"))

        await self.handles(name, matter_id, deed)

    async def closes_for_office(self, name: str, matter_id: int) -> None:
        """Close it as the handler."""

        async def deed(act: Act, matter: Matter, _: Ladder, who: int) -> None:
            await rounds.close(act, matter, who)
            await LINE.closed(act.session, [matter.id])

        await self.handles(name, matter_id, deed)

    async def promises(self, name: str, matter_id: int, due_at: dt.datetime) -> int:
        """Promise that the lamp is replaced; the promise's number."""

        async def deed(act: Act, matter: Matter, _: Ladder, who: int) -> int:
            made = promises.promise(act, matter, who, "更换路灯", due_at)
            await act.session.flush()
            return made.id

        return await self.handles(name, matter_id, deed)

    # What the office, and time, do.

    async def is_away(self, name: str, since: dt.datetime, until: dt.datetime) -> None:
        """Enter an absence as the office does."""

        async def work(act: Act) -> None:
            await absences.enter(
                act.session, COMMAND_LINE, self.people[name], since, until, act.now
            )

        await self.do(work)
        await self.settle()

    async def is_back(self, name: str) -> None:
        """End the absence that a person is in, at this moment."""

        async def work(act: Act) -> None:
            ahead = await absences.absences_ahead(act.session, [self.people[name]], act.now)
            for absence in ahead:
                if absence.since < act.now:
                    await absences.end(act.session, COMMAND_LINE, absence, act.now)

        await self.do(work)
        await self.settle()

    async def leaves(self, name: str) -> None:
        """End an account."""

        async def work(act: Act) -> None:
            await deactivate(act.session, COMMAND_LINE, self.people[name], act.now)

        await self.do(work)
        await self.settle()

    async def change_post(self, **values: object) -> None:
        """Publish the post with other values; people are given by name."""

        async def work(act: Act) -> None:
            await act.session.execute(
                update(ContactPost).where(ContactPost.id == self.post_id).values(values)
            )

        await self.do(work)
        await self.settle_all()

    async def settle(self) -> int:
        """Move on what is due, until nothing is; how many that were."""
        total, moved = 0, 1
        while moved:
            moved = await self.do(partial(settle_due, kind_of=line))
            total += moved
        return total

    async def settle_all(self) -> int:
        """Look at every open matter; how many batches that were."""
        last: int | None = 0
        batches = 0
        while last is not None:
            last = await self.do(partial(settle_after, last_id=last, kind_of=line))
            batches += 1
        return batches - 1

    async def close_silent(self) -> int:
        """Close what was silent for long; how many there were."""
        return await self.do(lambda act: rounds.close_silent(act, line))

    async def erase(self, matter_id: int) -> None:
        """Erase what was said in it."""

        async def work(act: Act) -> None:
            await retention.erase_matters(act.session, [matter_id], line, act.now)

        await self.do(work)

    # What the store says.

    async def matter(self, matter_id: int) -> Matter:
        return await self.read(lambda session: session.get_one(Matter, matter_id))

    async def entries(
        self, matter_id: int, readers: tuple[Readers, ...] = tuple(Readers)
    ) -> list[MatterEntry]:
        return await self.read(lambda session: entries_of(session, [matter_id], readers))

    async def holds(self, matter_id: int) -> list[MatterHold]:
        async def work(session: AsyncSession) -> list[MatterHold]:
            wanted = select(MatterHold).where(MatterHold.matter_id == matter_id)
            return list(await session.scalars(wanted.order_by(MatterHold.id)))

        return await self.read(work)

    async def rounds(self, matter_id: int) -> list[MatterRound]:
        async def work(session: AsyncSession) -> list[MatterRound]:
            wanted = select(MatterRound).where(MatterRound.matter_id == matter_id)
            return list(await session.scalars(wanted.order_by(MatterRound.number)))

        return await self.read(work)

    async def promise(self, promise_id: int) -> Promise:
        return await self.read(lambda session: session.get_one(Promise, promise_id))

    async def conversation(self, matter_id: int) -> Conversation:
        return await self.read(lambda session: session.get_one(Conversation, matter_id))

    async def handlers(self, matter_id: int) -> set[str]:
        """The names of all who may handle it, without settling it first."""
        names = set()
        for name in self.people:
            actor = await self.actor(name)

            async def work(session: AsyncSession, actor: Actor = actor) -> bool:
                matter = await session.get_one(Matter, matter_id)
                member = await session.get_one(StaffMember, actor.staff_id)
                may = await holders.may_handle(session, actor, matter, self.community)
                return may and member.ended_at is None

            if await self.read(work):
                names.add(name)
        return names

    async def ladder(self, matter_id: int) -> Ladder:
        async def work(session: AsyncSession) -> Ladder:
            matter = await session.get_one(Matter, matter_id)
            return await LINE.ladder(session, matter, self.now)

        return await self.read(work)


async def line_office(store: Store, **changes: object) -> LineOffice:
    """A post with a holder, a substitute, a colleague, a secretary and a chief above them."""
    async with store.read() as session:
        found = await session.scalars(select(Community).where(Community.slug == "liujiazhuang"))
        community = found.one()
    here = Grant(Role.CLERK, community_id=community.id)
    grants = {
        "holder": here,
        "substitute": here,
        "colleague": here,
        "secretary": Grant(Role.ADMINISTRATOR, community_id=community.id),
        "chief": Grant(Role.ADMINISTRATOR, subdistrict_id=community.subdistrict_id),
        "mayor": DISTRICT_ADMINISTRATOR,
    }
    people = {name: await hired(store, name, grant) for name, grant in grants.items()}
    values = {
        "community_id": community.id,
        "slug": "building-3",
        "kind": PostKind.BUILDING,
        "name": "三号楼联系党员",
        "answers_for": "三号楼的事",
        "buildings": (),
        "holder": "holder",
        "substitute": "substitute",
        "phone": "0531-88888888",
        "hours": HOURS,
        "answers_within": 3,
        "passes_on_after": 8,
        "rank": 0,
        **changes,
    }

    async def add_post(session: AsyncSession) -> int:
        post = ContactPost(**values)
        session.add(post)
        await session.flush()
        return post.id

    return LineOffice(store, community, people, await store.write(add_post))


async def kinds(office: LineOffice, matter_id: int, *readers: Readers) -> list[EntryKind]:
    """What happened, in order."""
    given = readers or (Readers.ALL, Readers.HANDLERS)
    return [entry.kind for entry in await office.entries(matter_id, given)]


async def reasons(office: LineOffice, matter_id: int) -> list[tuple[Level, HoldReason]]:
    """Who had it and why, in order."""
    return [(hold.level, hold.why) for hold in await office.holds(matter_id)]
