"""What a card shows: the present holder's, only with consent, and nothing once it is taken back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from domain.contacts import consents
from domain.contacts.cards import HolderDetails, details_of, photo_of
from domain.contacts.consents import NotShowableError
from domain.contacts.posts import post_at
from domain.contacts.tables import CardConsent, ConsentField
from domain.revision import content_revision
from domain.staff import roles
from domain.staff.actor import COMMAND_LINE, Actor
from tests.world.clock import NOW
from tests.world.people import Cast, hire_cast, log_of
from tests.world.posts import POST, give_post

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store

LATER = NOW + dt.timedelta(days=3)
NOTHING = HolderDetails()
PHOTO = b"\xff\xd8\xff a photograph"


@pytest.fixture
async def cast(sample: Store) -> Cast:
    """Everybody. The clerk holds the post."""
    found = await hire_cast(sample, NOW)
    await give_post(sample, "clerk", "editor")
    return found


async def shown(store: Store) -> HolderDetails:
    """What the post's card shows of its holder."""
    async with store.read() as session:
        post = await post_at(session, POST)
        assert post is not None
        return await details_of(session, post)


def agreeing(
    who: int, field: ConsentField, value: str, now: dt.datetime = NOW
) -> Callable[[AsyncSession], Coroutine[None, None, None]]:
    """The unit of work in which this person agrees."""

    async def unit(session: AsyncSession) -> None:
        await consents.give(session, Actor(who), field, value, now)

    return unit


async def agree_to_all(store: Store, who: int) -> None:
    """This person agrees to everything."""
    await store.write(agreeing(who, ConsentField.NAME, "秦月梅"))
    await store.write(agreeing(who, ConsentField.PHONE, "13800001234"))
    await store.write(agreeing(who, ConsentField.EMAIL, "qin@example.cn"))

    async def photo(session: AsyncSession) -> None:
        await consents.give_photo(session, Actor(who), PHOTO, NOW)

    await store.write(photo)


async def take_back(store: Store, who: int, field: ConsentField) -> None:
    """This person takes one consent back."""

    async def unit(session: AsyncSession) -> None:
        await consents.withdraw(session, Actor(who), who, field, LATER)

    await store.write(unit)


async def rows(store: Store) -> list[CardConsent]:
    """Every consent there ever was, with its photograph."""
    async with store.read() as session:
        every = select(CardConsent).options(undefer(CardConsent.data)).order_by(CardConsent.id)
        return list(await session.scalars(every))


async def test_without_consent_a_card_shows_nothing_of_its_holder(sample, cast) -> None:
    assert await shown(sample) == NOTHING


async def test_each_thing_is_shown_by_its_own_consent(sample, cast) -> None:
    await sample.write(agreeing(cast.clerk, ConsentField.NAME, "秦月梅"))
    assert await shown(sample) == HolderDetails(name="秦月梅")
    await agree_to_all(sample, cast.clerk)
    everything = HolderDetails("秦月梅", "13800001234", "qin@example.cn", has_photo=True)
    assert await shown(sample) == everything


@pytest.mark.parametrize("field", list(ConsentField))
async def test_a_consent_taken_back_ends_at_once_and_its_value_is_erased(
    sample, cast, field
) -> None:
    await agree_to_all(sample, cast.clerk)
    async with sample.read() as session:
        before = await content_revision(session)
    await take_back(sample, cast.clerk, field)
    left = await shown(sample)
    kept = [left.name, left.phone, left.email, left.has_photo]
    assert [bool(value) for value in kept].count(False) == 1
    async with sample.read() as session:
        assert await content_revision(session) == before + 1
    row = next(each for each in await rows(sample) if each.field is field)
    assert (row.value, row.data, row.withdrawn_at) == ("", None, LATER)


async def test_the_photograph_is_there_only_while_it_may_be_shown(sample, cast) -> None:
    async def photo() -> bytes | None:
        async with sample.read() as session:
            post = await post_at(session, POST)
            assert post is not None
            return await photo_of(session, post)

    assert await photo() is None
    await agree_to_all(sample, cast.clerk)
    assert await photo() == PHOTO
    await take_back(sample, cast.clerk, ConsentField.PHOTO)
    assert await photo() is None


async def test_another_value_is_another_consent_with_its_own_date(sample, cast) -> None:
    await sample.write(agreeing(cast.clerk, ConsentField.PHONE, "13800001234"))
    await sample.write(agreeing(cast.clerk, ConsentField.PHONE, "13900001234", LATER))
    assert (await shown(sample)).phone == "13900001234"
    first, second = await rows(sample)
    assert (first.value, first.withdrawn_at, second.given_at) == ("", LATER, LATER)


async def test_a_new_holder_shows_nothing_of_the_one_before(sample, cast) -> None:
    await agree_to_all(sample, cast.clerk)
    await give_post(sample, "editor")
    assert await shown(sample) == NOTHING
    await give_post(sample, None)
    assert await shown(sample) == NOTHING


async def test_the_substitute_is_not_shown(sample, cast) -> None:
    await agree_to_all(sample, cast.editor)
    assert await shown(sample) == NOTHING


async def test_when_a_holder_leaves_everything_is_erased(sample, cast) -> None:
    await agree_to_all(sample, cast.clerk)

    async def leave(session: AsyncSession) -> None:
        await roles.deactivate(session, COMMAND_LINE, cast.clerk, LATER)

    await sample.write(leave)
    assert await shown(sample) == NOTHING
    assert {(row.value, row.data, row.withdrawn_at) for row in await rows(sample)} == {
        ("", None, LATER)
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (ConsentField.NAME, ""),
        (ConsentField.NAME, "名" * 81),
        (ConsentField.PHONE, "call me"),
        (ConsentField.PHONE, "12"),
        (ConsentField.EMAIL, "nobody"),
        (ConsentField.EMAIL, "a b@example.cn"),
    ],
)
async def test_what_is_no_name_number_or_address_is_refused(sample, cast, field, value) -> None:
    with pytest.raises(NotShowableError):
        await sample.write(agreeing(cast.clerk, field, value))
    assert await shown(sample) == NOTHING


async def test_the_log_says_what_was_agreed_to_and_never_the_value(sample, cast) -> None:
    await agree_to_all(sample, cast.clerk)
    await take_back(sample, cast.clerk, ConsentField.PHONE)
    entries = [entry for entry in await log_of(sample) if entry.action.startswith("consent")]
    assert [entry.after for entry in entries] == ["name", "phone", "email", "photo", "phone"]
    assert "13800001234" not in str([(entry.before, entry.after) for entry in entries])


async def test_taking_back_what_was_never_given_changes_nothing(sample, cast) -> None:
    async with sample.read() as session:
        before = await content_revision(session)
    await take_back(sample, cast.clerk, ConsentField.NAME)
    async with sample.read() as session:
        assert await content_revision(session) == before
