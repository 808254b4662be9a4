"""What my card shows: each thing agreed to and taken back by its holder, in their own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.contacts.consents import consents_of
from domain.contacts.tables import ConsentField
from tests.world.clock import NOW
from tests.world.people import Cast, hire_cast, sign_in
from tests.world.photos import jpeg
from tests.world.posts import CARD, give_post

if TYPE_CHECKING:
    from tests.world.app import Browser

PAGE = "/staff/consents"


@pytest.fixture
async def cast(own: Browser) -> Cast:
    """Everybody. The clerk holds the post and is signed in."""
    found = await hire_cast(own.store, NOW)
    await give_post(own.store, "clerk")
    await sign_in(own, found.clerk, NOW)
    return found


async def agree(browser: Browser, field: str, value: str) -> int:
    """Send the form of a consent; the status of the answer."""
    return (await browser.post(f"{PAGE}/{field}", data={"value": value})).status_code


async def given(browser: Browser, who: int) -> set[ConsentField]:
    """What this person agrees to show."""
    async with browser.store.read() as session:
        return set(await consents_of(session, who))


async def test_a_holder_agrees_and_takes_back_each_thing_by_itself(own, cast) -> None:
    assert await agree(own, "name", "秦月梅") == 303
    assert await agree(own, "phone", "13800001234") == 303
    card = (await own.get(CARD)).text
    assert "秦月梅" in card
    assert "13800001234" in card
    page = (await own.get(PAGE)).text
    assert "同意于" in page
    assert "2026年" in page
    await own.post(f"{PAGE}/phone/withdrawal")
    card = (await own.get(CARD)).text
    assert "秦月梅" in card
    assert "13800001234" not in card
    assert await given(own, cast.clerk) == {ConsentField.NAME}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "请填姓名"),
        ("phone", "call me", "请填电话号码"),
        ("email", "nobody", "请填写邮箱地址"),
    ],
)
async def test_what_is_wrong_is_said_and_stays_typed(own, cast, field, value, words) -> None:
    response = await own.post(f"{PAGE}/{field}", data={"value": value})
    assert response.status_code == 422
    assert words in response.text
    assert f'value="{value}"' in response.text
    assert await given(own, cast.clerk) == set()


async def test_nothing_else_can_be_agreed_to(own, cast) -> None:
    for address in (f"{PAGE}/diary", f"{PAGE}/diary/withdrawal"):
        assert (await own.post(address, data={"value": "x"})).status_code == 404


async def test_nobody_agrees_for_another_person(own, cast) -> None:
    await agree(own, "name", "秦月梅")
    await sign_in(own, cast.admin, NOW)
    await own.post(f"{PAGE}/name/withdrawal")
    await agree(own, "phone", "13800001234")
    assert await given(own, cast.clerk) == {ConsentField.NAME}
    assert "13800001234" not in (await own.get(CARD)).text


async def test_a_photograph_is_made_again_before_it_is_shown(own, cast) -> None:
    sent = jpeg()
    response = await own.post(f"{PAGE}/photo", files={"file": ("me.jpg", sent)})
    assert response.status_code == 303
    shown = await own.get(f"{CARD}.jpg")
    assert shown.status_code == 200
    assert shown.content.startswith(b"\xff\xd8\xff")
    assert shown.content != sent
    await own.post(f"{PAGE}/photo/withdrawal")
    assert (await own.get(f"{CARD}.jpg")).status_code == 404


@pytest.mark.parametrize("sent", [b"", b"<svg></svg>", b"\xff\xd8\xff damaged"])
async def test_what_is_no_photograph_is_refused_in_words(own, cast, sent) -> None:
    response = await own.post(f"{PAGE}/photo", files={"file": ("me.jpg", sent)})
    assert response.status_code == 422
    assert "照片" in response.text
    assert await given(own, cast.clerk) == set()


async def test_the_home_of_a_holder_leads_to_card_consents_and_absences(own, cast) -> None:
    page = (await own.get("/staff")).text
    for address in (CARD, PAGE, "/staff/absences"):
        assert f'href="{address}"' in page


async def test_someone_without_a_post_is_told_that_no_card_shows_it(own, cast) -> None:
    await sign_in(own, cast.neighbour, NOW)
    assert "您现在没有联系岗位" in (await own.get(PAGE)).text
