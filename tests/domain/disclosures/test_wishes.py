"""What residents ask to have published: moderation, supporters, and when it is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from domain.calendar import load_calendar
from domain.disclosures import wishes
from domain.disclosures.catalogue import DutyState
from domain.disclosures.duties import duties_of
from domain.disclosures.tables import CatalogueWish, DisclosureCatalogue, WishSupporter
from domain.disclosures.wishes import AnsweredError, NotShownError, PersonalDataError, similar
from domain.places.tables import Community
from domain.revision import content_revision
from domain.staff.journal import JournalEntry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.disclosures import DisclosureOffice

    Deed = Callable[[AsyncSession, CatalogueWish], Awaitable[Any]]

# 5,620 residents and 45 representatives, as the sample says.
RESIDENTS, REPRESENTATIVES = 562, 9


class Asking:
    """A wish of a resident of 刘家庄, one unit of work at a time."""

    def __init__(self, office: DisclosureOffice) -> None:
        self.office, self.id = office, 0

    async def asks(self, form_key: str = "form", device: str = "d0") -> int:
        async def unit(session: AsyncSession) -> int:
            wish = await wishes.ask(
                session,
                self.office.community,
                form_key,
                device,
                "电梯维保合同",
                "想看每年花多少",
                self.office.now,
            )
            return wish.id

        self.id = await self.office.store.write(unit)
        return self.id

    async def does(self, deed: Deed) -> None:
        async def unit(session: AsyncSession) -> None:
            wish = await wishes.locked(session, self.office.community, self.id)
            assert wish is not None
            await deed(session, wish)

        await self.office.store.write(unit)

    async def is_shown(self, title: str = "电梯维保合同", why: str = "想看花多少") -> None:
        async def deed(session: AsyncSession, wish: CatalogueWish) -> None:
            chief = await self.office.actor(session, "chief")
            here, now = self.office.community, self.office.now
            await wishes.show(session, chief, here, wish, title, why, now)

        await self.does(deed)

    async def supports(self, device: str) -> None:
        async def deed(session: AsyncSession, wish: CatalogueWish) -> None:
            await wishes.support(session, self.office.community, wish, device, self.office.now)

        await self.does(deed)

    async def signs(self, residents: int, representatives: int) -> None:
        async def deed(session: AsyncSession, wish: CatalogueWish) -> None:
            chief = await self.office.actor(session, "chief")
            here, now = self.office.community, self.office.now
            await wishes.enter_paper(
                session, chief, here, wish, residents, representatives, "档案柜 3", now
            )

        await self.does(deed)

    async def row(self, device: str | None = None) -> wishes.WishRow | None:
        async with self.office.store.read() as session:
            return await wishes.wish_row(session, self.office.community, self.id, device)

    async def seen(self) -> wishes.WishRow:
        row = await self.row()
        assert row is not None
        return row

    async def duty_states(self) -> list[DutyState]:
        async with self.office.store.read() as session:
            calendar = await load_calendar(session)
            found = await duties_of(session, self.office.community, calendar, self.office.now)
        return [duty.state for duty in found if duty.item is None]


@pytest.fixture
async def asking(office) -> Asking:
    made = Asking(office)
    await made.asks()
    return made


async def test_a_wish_waits_and_only_its_device_sees_it(asking) -> None:
    assert await asking.row() is None
    assert await asking.row("another") is None
    own = await asking.row("d0")
    assert own is not None
    assert (own.is_mine, own.supporters) == (True, 1)
    async with asking.office.store.read() as session:
        assert await wishes.shown_wishes(session, asking.office.community) == []
        [row] = await wishes.shown_wishes(session, asking.office.community, "d0")
        assert row.is_mine


async def test_the_same_form_twice_is_one_wish(asking) -> None:
    first = asking.id
    assert await asking.asks() == first
    assert await asking.asks("another form") != first


async def test_what_is_not_shown_cannot_be_supported(asking) -> None:
    with pytest.raises(NotShownError):
        await asking.supports("d1")


async def test_a_device_supports_once(asking) -> None:
    await asking.is_shown()
    for device in ("d0", "d1", "d1", "d2"):
        await asking.supports(device)
    assert (await asking.seen()).supporters == 3


async def test_personal_data_is_not_shown(asking) -> None:
    for words in ("找 11010519491231002X", "打 13812345678"):
        with pytest.raises(PersonalDataError) as caught:
            await asking.is_shown(why=words)
        assert caught.value.found[0].place == "why"
    assert await asking.row() is None


async def test_the_office_s_copy_is_shown_and_the_original_kept(asking) -> None:
    await asking.is_shown("电梯维保费用", "每年花多少")
    wish = (await asking.seen()).wish
    assert (wish.public_title, wish.title) == ("电梯维保费用", "电梯维保合同")
    assert wish.why == "想看每年花多少"


async def test_what_is_held_back_says_why_to_its_device_alone(asking) -> None:
    async def deed(session: AsyncSession, wish: CatalogueWish) -> None:
        chief = await asking.office.actor(session, "chief")
        await wishes.hold_back(session, chief, wish, "说的是邻居的私事", asking.office.now)

    await asking.does(deed)
    assert await asking.row() is None
    own = await asking.row("d0")
    assert own is not None
    assert own.wish.held_back_why == "说的是邻居的私事"
    assert own.wish.why == "想看每年花多少"


async def test_a_tenth_of_the_residents_make_it_owed(asking) -> None:
    await asking.is_shown()
    await asking.signs(RESIDENTS - 2, 0)
    assert (await asking.seen()).wish.reached_at is None
    assert await asking.duty_states() == []
    async with asking.office.store.read() as session:
        before = await content_revision(session)
    await asking.supports("d1")
    row = await asking.seen()
    assert (row.supporters, row.wish.reached_at) == (RESIDENTS, asking.office.now)
    assert await asking.duty_states() == [DutyState.OPEN]
    async with asking.office.store.read() as session:
        # The calendar is a cached page.
        assert await content_revision(session) > before


async def test_a_fifth_of_the_representatives_do_as_well(asking) -> None:
    await asking.is_shown()
    await asking.signs(0, REPRESENTATIVES - 1)
    assert (await asking.seen()).wish.reached_at is None
    await asking.signs(0, REPRESENTATIVES)
    assert (await asking.seen()).wish.reached_at is not None


async def test_signatures_count_before_it_is_shown_but_owe_nothing(asking) -> None:
    await asking.signs(RESIDENTS, 0)
    assert await asking.row() is None
    assert await asking.duty_states() == []
    await asking.is_shown()
    assert await asking.duty_states() == [DutyState.OPEN]


async def test_it_stays_owed_when_the_list_turns_out_shorter(asking) -> None:
    await asking.is_shown()
    await asking.signs(RESIDENTS, 0)
    await asking.signs(1, 0)
    assert (await asking.seen()).wish.reached_at is not None


async def test_a_disclosure_of_the_wish_keeps_it(asking) -> None:
    await asking.is_shown()
    await asking.signs(RESIDENTS, 0)
    await asking.office.published(item=f"wish-{asking.id}", title="电梯维保合同")
    assert await asking.duty_states() == [DutyState.KEPT]


async def test_without_numbers_the_threshold_is_not_known(office) -> None:
    async def forgets(session: AsyncSession) -> None:
        here = Community.id == office.community.id
        await session.execute(update(Community).where(here).values(electorate=None))

    electorate = office.community.electorate
    await office.store.write(forgets)
    office.community.electorate = None
    asking = Asking(office)
    await asking.asks()
    await asking.is_shown()
    await asking.signs(5000, 45)
    row = await asking.seen()
    assert (row.thresholds, row.wish.reached_at) == (None, None)
    # As soon as they are known, the next supporter makes it owed.
    office.community.electorate = electorate
    await asking.supports("d1")
    assert (await asking.seen()).wish.threshold == RESIDENTS
    assert (await asking.seen()).wish.reached_at is not None


async def test_the_threshold_of_the_day_it_was_asked_holds(asking) -> None:
    async def changes(session: AsyncSession) -> None:
        for row in await session.scalars(select(DisclosureCatalogue)):
            assert row.catalogue.wishes is not None
            rule = row.catalogue.wishes.model_copy(update={"one_in_residents": 2})
            row.catalogue = row.catalogue.model_copy(update={"wishes": rule})

    await asking.office.store.write(changes)
    await asking.is_shown()
    known = (await asking.seen()).thresholds
    assert known is not None
    assert known.residents == RESIDENTS


async def test_an_answered_wish_takes_no_more_supporters(asking) -> None:
    await asking.is_shown()

    async def deed(session: AsyncSession, wish: CatalogueWish) -> None:
        chief = await asking.office.actor(session, "chief")
        await wishes.answer(session, chief, wish, "下月公开", asking.office.now)

    await asking.does(deed)
    assert (await asking.seen()).wish.answered == "下月公开"
    with pytest.raises(AnsweredError):
        await asking.supports("d1")
    with pytest.raises(AnsweredError):
        await asking.signs(1, 1)


async def test_a_wish_of_another_community_is_none(asking) -> None:
    async with asking.office.store.read() as session:
        other = (await session.scalars(select(Community).where(Community.slug == "jian"))).one()
        assert await wishes.wish_row(session, other, asking.id, "d0") is None
        assert await wishes.office_row(session, other, asking.id) is None


async def test_the_log_names_no_word_of_a_resident(asking) -> None:
    await asking.is_shown()
    async with asking.office.store.read() as session:
        entries = list(await session.scalars(select(JournalEntry)))
        assert await session.scalar(select(func.count()).select_from(WishSupporter)) == 1
    [shown] = [entry for entry in entries if entry.action == "wish-shown"]
    assert "电梯" not in str(vars(shown))


def test_what_is_similar_is_found_and_what_is_not_is_not() -> None:
    known = ["电梯维保费用", "停车费收支", "树木修剪计划"]
    assert similar("电梯的维保合同", known) == ["电梯维保费用"]
    assert similar("公共停车费", known) == ["停车费收支"]
    assert similar("水费", known) == []
    assert similar("", known) == []
    assert similar("a", ["a", "b"]) == ["a"]
