"""What residents of 刘家庄 ask about a disclosure, and the people who moderate and answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select

from domain.calendar import load_calendar
from domain.disclosures import applications, inquiries, moderation
from domain.disclosures.inquiries import INQUIRY, Asked
from domain.disclosures.inquiries_shown import Reader
from domain.disclosures.objections import objections_of
from domain.disclosures.tables import Disclosure, Inquiry, InquiryAnswer, InquiryKind
from domain.following import following
from domain.keys import key_hash
from domain.matters import holders, rounds, timeline
from domain.matters.happened import MatterAnswered
from domain.matters.holders import held_by
from domain.matters.tables import Matter, MatterEntry, Outcome
from domain.matters.timeline import Act, Answer
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.disclosures import DisclosureOffice, disclosure_office
from tests.world.matters import written
from tests.world.people import DISTRICT_ADMINISTRATOR, hired

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.inquiries_shown import PublicInquiry
    from domain.disclosures.objections import Objections
    from domain.matters.ladder import Ladder
    from domain.matters.timeline import Written
    from domain.store import Store

T = TypeVar("T")
WORDS = "楼道照明维修的是哪几栋？"
ANSWER = "是 3、5 号楼，验收单附在凭证里。"
PHONE = key_hash("a resident's phone")
OTHER_PHONE = key_hash("a neighbour's phone")


class InquiryOffice(DisclosureOffice):
    """The office of 刘家庄, asked by its residents, one unit of work at a time."""

    async def act(self, work: Callable[[Act], Awaitable[T]]) -> T:
        """One unit of work at this moment, by the calendar as it is."""

        async def unit(session: AsyncSession) -> T:
            return await work(Act(session, await load_calendar(session), self.now))

        return await self.store.write(unit)

    async def read(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """What the store says."""
        async with self.store.read() as session:
            return await work(session)

    # What residents do.

    async def asks(  # noqa: PLR0913 - what a form says
        self,
        disclosure_id: int | None,
        kind: InquiryKind = InquiryKind.QUESTION,
        given: Written | None = None,
        *,
        line: str | None = None,
        asker: str = "",
        device: str | None = PHONE,
    ) -> int:
        """Ask; the inquiry's id."""

        async def work(act: Act) -> int:
            about = None
            if disclosure_id is not None:
                about = await act.session.get_one(Disclosure, disclosure_id)
            asked = Asked(self.community.id, kind, about, line, asker, device)
            matter, _ = await inquiries.ask(act, asked, given or written(WORDS))
            return matter.id

        return await self.act(work)

    async def supports(self, inquiry_id: int, device: str = OTHER_PHONE) -> None:
        """Want to know it too."""

        async def work(act: Act) -> None:
            inquiry = await act.session.get_one(Inquiry, inquiry_id)
            await inquiries.support(act.session, inquiry, device, act.now)

        await self.act(work)

    async def _asker(
        self, inquiry_id: int, deed: Callable[[Act, Matter, Inquiry, Ladder], Awaitable[T]]
    ) -> T:
        async def work(act: Act) -> T:
            matter = await holders.locked(act.session, inquiry_id)
            inquiry = await act.session.get_one(Inquiry, inquiry_id)
            ladder = await INQUIRY.ladder(act.session, matter, act.now)
            holders.settle(act, matter, ladder)
            done = await deed(act, matter, inquiry, ladder)
            holders.expect(act, matter, ladder)
            return done

        return await self.act(work)

    async def disputes(self, inquiry_id: int, given: Written | None = None) -> None:
        """Object to what a moderator decided."""

        async def deed(act: Act, matter: Matter, inquiry: Inquiry, _: Ladder) -> None:
            await moderation.dispute(act, matter, inquiry, given or written("没有点名"))

        await self._asker(inquiry_id, deed)

    async def corrects(self, inquiry_id: int, given: Written | None = None) -> None:
        """Send the corrected application."""

        async def deed(act: Act, matter: Matter, inquiry: Inquiry, _: Ladder) -> None:
            await applications.correct(act, matter, inquiry, given or written("要 2025 年的合同"))

        await self._asker(inquiry_id, deed)

    async def closes(self, inquiry_id: int) -> None:
        """Say that it is settled."""

        async def deed(act: Act, matter: Matter, _: Inquiry, __: Ladder) -> None:
            await rounds.close(act, matter)

        await self._asker(inquiry_id, deed)

    # What the office does.

    async def moderates(
        self, name: str, inquiry_id: int, words: str = WORDS, why: str = "", **how: bool
    ) -> None:
        """Let everyone read it in these words."""

        async def work(session: AsyncSession) -> None:
            inquiry = await session.get_one(Inquiry, inquiry_id)
            actor = await self.actor(session, name)
            await moderation.make_public(session, actor, inquiry, words, why, self.now, **how)

        await self.write(work)

    async def holds_back(self, name: str, inquiry_id: int, why: str = "点了邻居的名") -> None:
        """Keep it from the public."""

        async def work(session: AsyncSession) -> None:
            inquiry = await session.get_one(Inquiry, inquiry_id)
            actor = await self.actor(session, name)
            await moderation.hold_back(session, actor, inquiry, why, self.now)

        await self.write(work)

    async def handles(
        self, name: str, inquiry_id: int, deed: Callable[[Act, Matter, Inquiry, int], Awaitable[T]]
    ) -> T:
        """An act of who has the matter. Raises `NotHandlerError`."""

        async def work(act: Act) -> T:
            actor = await self.actor(act.session, name)
            matter, ladder = await held_by(act, actor, inquiry_id, self.community, INQUIRY)
            inquiry = await act.session.get_one(Inquiry, inquiry_id)
            done = await deed(act, matter, inquiry, self.people[name])
            holders.expect(act, matter, ladder)
            return done

        return await self.act(work)

    async def answers(self, name: str, inquiry_id: int, words: str = ANSWER) -> None:
        """Answer it."""

        async def deed(act: Act, matter: Matter, _: Inquiry, who: int) -> None:
            timeline.answer(act, matter, who, Answer(Outcome.DONE, written(words)))

        await self.handles(name, inquiry_id, deed)

    async def asks_correction(self, name: str, inquiry_id: int, until: dt.date) -> None:
        """Ask once for a correction."""

        async def deed(act: Act, matter: Matter, inquiry: Inquiry, who: int) -> None:
            applications.ask_correction(act, matter, inquiry, until, "请写明年份", who)

        await self.handles(name, inquiry_id, deed)

    async def asks_others(self, name: str, inquiry_id: int) -> None:
        """Ask third parties."""

        async def deed(act: Act, matter: Matter, inquiry: Inquiry, who: int) -> None:
            applications.ask_others(act, matter, inquiry, "征求物业公司意见", who)

        await self.handles(name, inquiry_id, deed)

    async def extends(self, name: str, inquiry_id: int) -> None:
        """Take longer."""

        async def deed(act: Act, matter: Matter, inquiry: Inquiry, who: int) -> None:
            applications.extend(act, matter, inquiry, "要从档案馆调取", who)

        await self.handles(name, inquiry_id, deed)

    # What the store says.

    async def matter(self, inquiry_id: int) -> Matter:
        return await self.read(lambda session: session.get_one(Matter, inquiry_id))

    async def inquiry(self, inquiry_id: int) -> Inquiry:
        return await self.read(lambda session: session.get_one(Inquiry, inquiry_id))

    async def answer(self, inquiry_id: int) -> InquiryAnswer:
        """Its newest answer, as the public has it."""

        async def work(session: AsyncSession) -> InquiryAnswer:
            wanted = select(InquiryAnswer).where(InquiryAnswer.matter_id == inquiry_id)
            found = await session.scalars(wanted.order_by(InquiryAnswer.entry_id.desc()).limit(1))
            return found.one()

        return await self.read(work)

    async def said(self, inquiry_id: int) -> list[str]:
        """Every word in the conversation."""

        async def work(session: AsyncSession) -> list[str]:
            wanted = select(MatterEntry.words).where(MatterEntry.matter_id == inquiry_id)
            words = await session.scalars(wanted.order_by(MatterEntry.id))
            return [each for each in words if each]

        return await self.read(work)

    async def reader(self, work: Callable[[Reader], Awaitable[T]]) -> T:
        """What everyone reads now."""
        async with self.store.read() as session:
            return await work(Reader(session, await load_calendar(session), self.now))

    async def public(self, inquiry_id: int) -> PublicInquiry | None:
        """One inquiry as everyone reads it; None where nobody does."""
        return await self.reader(lambda reader: reader.one(self.community.id, inquiry_id))

    async def shown(self, inquiry_id: int) -> PublicInquiry:
        """The same of one that everyone reads."""
        found = await self.public(inquiry_id)
        assert found is not None
        return found

    async def objections(self, disclosure_id: int) -> Objections | None:
        """How a disclosure stands in its 公示期."""

        async def work(session: AsyncSession) -> Objections | None:
            disclosure = await session.get_one(Disclosure, disclosure_id)
            calendar = await load_calendar(session)
            return await objections_of(session, disclosure, calendar, self.now)

        return await self.read(work)

    async def objected(self, disclosure_id: int) -> Objections:
        """The same of one that has a 公示期."""
        found = await self.objections(disclosure_id)
        assert found is not None
        return found


async def inquiry_office(store: Store, *, keeps_answers: bool = True) -> InquiryOffice:
    """The office with its people, a second editor, and one of each place around it.

    A store that the application opened keeps answers by itself.
    """
    office = await disclosure_office(store)
    subdistrict = office.community.subdistrict_id
    grants = {
        "second": Grant(Role.EDITOR, community_id=office.community.id),
        "above": Grant(Role.ADMINISTRATOR, subdistrict_id=subdistrict),
        "mayor": DISTRICT_ADMINISTRATOR,
    }
    for name, grant in grants.items():
        office.people[name] = await hired(store, name, grant)
    if keeps_answers:
        store.before_commit(following(MatterAnswered, moderation.keep_answer))
    return InquiryOffice(store, office.community, office.people)
