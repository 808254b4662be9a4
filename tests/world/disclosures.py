"""What 刘家庄 publishes: its people, a draft, and a clock that is moved by hand."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select

from domain.calendar import load_calendar
from domain.disclosures import publishing, shown
from domain.disclosures.content import DisclosureKind
from domain.disclosures.erasing import erase
from domain.places.tables import Community
from domain.staff.accounts import actor_for, member_with_roles
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.clock import NOW
from tests.world.people import hired

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.content import DisclosureContent
    from domain.disclosures.shown import Shown
    from domain.disclosures.tables import Disclosure, DisclosureRevision
    from domain.staff.actor import Actor
    from domain.store import Store

T = TypeVar("T")
PEOPLE = {
    "writer": Role.EDITOR,
    "supervisor": Role.SUPERVISOR,
    "chief": Role.ADMINISTRATOR,
    "clerk": Role.CLERK,
}
LEDGER = [
    {"key": "a1", "day": "2026-11-03", "purpose": "收到街道拨款", "fen": 1_200_000},
    {"key": "a2", "day": "2026-11-09", "purpose": "楼道照明维修", "fen": -450_000},
]
DRAFT: dict[str, Any] = {
    "title": "11 月份社区工作经费收支",
    "summary": "修好了 3 号楼的灯。",
    "body": "支出见下表。",
    "responsible": "会计（样例）",
    "ledger": LEDGER,
    "opening_fen": 0,
}


class DisclosureOffice:
    """The office of 刘家庄, one unit of work at a time."""

    def __init__(self, store: Store, community: Community, people: dict[str, int]) -> None:
        self.store, self.community, self.people, self.now = store, community, people, NOW

    def later(self, **length: float) -> None:
        """Let time pass."""
        self.now += dt.timedelta(**length)

    async def actor(self, session: AsyncSession, name: str) -> Actor:
        """A person as someone who acts."""
        member = await member_with_roles(session, self.people[name])
        assert member is not None
        return actor_for(member, None)

    async def write(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """One unit of work."""

        async def unit(session: AsyncSession) -> T:
            return await work(session)

        return await self.store.write(unit)

    async def begun(self, kind: DisclosureKind = DisclosureKind.FINANCE, **changes: Any) -> int:
        """A draft; its id."""

        async def work(session: AsyncSession) -> int:
            made = await publishing.begin(
                session,
                await self.actor(session, "writer"),
                kind,
                self.community.subdistrict_id,
                self.community.id,
                secrets.token_hex(16),
                self.now,
            )
            await publishing.save_draft(session, made, {**DRAFT, **changes}, "", 0, self.now)
            return made.id

        return await self.write(work)

    async def corrected(self, disclosure_id: int, reason: str, **changes: Any) -> None:
        """Write a correction."""

        async def work(session: AsyncSession) -> None:
            made = await publishing.locked(session, disclosure_id)
            draft = {**DRAFT, **changes}
            await publishing.save_draft(session, made, draft, reason, made.draft_number, self.now)

        await self.write(work)

    async def steps(self, disclosure_id: int, name: str, opinion: str = "", **how: bool) -> None:
        """Take the next step as this person."""

        async def work(session: AsyncSession) -> None:
            made = await publishing.locked(session, disclosure_id)
            actor = await self.actor(session, name)
            await publishing.take_step(
                session, actor, self.community, made, opinion, self.now, **how
            )

        await self.write(work)

    async def all_steps(self, disclosure_id: int) -> None:
        """Take every step of a residents' affair."""
        for name in ("writer", "supervisor", "chief"):
            await self.steps(disclosure_id, name)

    async def publishes(self, disclosure_id: int, **how: bool) -> None:
        """Publish the draft."""

        async def work(session: AsyncSession) -> None:
            made = await publishing.locked(session, disclosure_id)
            actor, calendar = await self.actor(session, "chief"), await load_calendar(session)
            await publishing.publish(session, actor, made, calendar, self.now, **how)

        await self.write(work)

    async def published(self, **changes: Any) -> int:
        """A published disclosure; its id."""
        disclosure_id = await self.begun(**changes)
        await self.all_steps(disclosure_id)
        await self.publishes(disclosure_id)
        return disclosure_id

    async def do(
        self, disclosure_id: int, deed: Callable[[AsyncSession, Actor, Disclosure], Awaitable[T]]
    ) -> T:
        """What the chief does with a disclosure."""

        async def work(session: AsyncSession) -> T:
            made = await publishing.locked(session, disclosure_id)
            return await deed(session, await self.actor(session, "chief"), made)

        return await self.write(work)

    async def withdraws(self, disclosure_id: int, why: str = "金额有误") -> None:
        """Withdraw it."""

        async def deed(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
            await publishing.withdraw(session, actor, made, why, self.now)

        await self.do(disclosure_id, deed)

    async def erases(self, disclosure_id: int, why: str = "登了身份证号") -> None:
        """Erase its first revision."""

        async def deed(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
            await erase(session, actor, made, [1], why, self.now, dt.timedelta(days=30))

        await self.do(disclosure_id, deed)

    async def sees(self, disclosure_id: int, number: int | None = None) -> Shown | None:
        """What a resident sees of it now; None when it is not there for them."""
        async with self.store.read() as session:
            found = await shown.one(session, self.community, disclosure_id)
            if found is None:
                return None
            revision = await shown.revision_of(session, found, number or found.number)
            assert revision is not None
            calendar = await load_calendar(session)
            return await shown.shown(session, found, revision, calendar, self.now)

    async def seen(self, disclosure_id: int, number: int | None = None) -> Shown:
        """The same of one that is there for residents."""
        found = await self.sees(disclosure_id, number)
        assert found is not None
        return found

    async def content(self, disclosure_id: int, number: int | None = None) -> DisclosureContent:
        """The same of one whose content is shown."""
        found = (await self.seen(disclosure_id, number)).content
        assert found is not None
        return found

    async def finds(self, words: str) -> list[int]:
        """The ids of what search finds here."""
        async with self.store.read() as session:
            wanted = shown.Wanted(words=words)
            return [each.id for each in await shown.newest(session, self.community, wanted)]

    async def revision(self, disclosure_id: int, number: int) -> DisclosureRevision:
        """A revision as it is kept."""
        async with self.store.read() as session:
            found = await shown.one(session, self.community, disclosure_id)
            assert found is not None
            revision = await shown.revision_of(session, found, number)
            assert revision is not None
            return revision


async def disclosure_office(store: Store) -> DisclosureOffice:
    """The office with its people."""
    async with store.read() as session:
        community = (
            await session.scalars(select(Community).where(Community.slug == "liujiazhuang"))
        ).one()
    people = {
        name: await hired(store, name, Grant(role, community_id=community.id))
        for name, role in PEOPLE.items()
    }
    return DisclosureOffice(store, community, people)
