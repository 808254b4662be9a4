"""What was checked before a unit of work is asked again within it, and acts have one door."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from domain.staff import guesses, roles, sign_in
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role, StaffMember, StaffSession
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.forms import CONFIRMATION, NEW, enter
from tests.world.people import PASSWORD, arrived, code_at, hired, log_of, with_second_factor
from web.staff import password_check
from web.staff.access import HeldStore

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store
    from tests.world.people import Person

pytestmark = both_databases

CLERK = Grant(Role.CLERK)
EDITOR = Grant(Role.EDITOR)
ADMINISTRATOR = Grant(Role.ADMINISTRATOR)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Awaitable[None]]], None]:
    """Have something happen while a password is being checked."""

    def during(happens: Callable[[], Awaitable[None]]) -> None:
        right = password_check.is_right

        async def slow(*given: object) -> bool:
            answer = await right(*given)  # type: ignore[arg-type]
            await happens()
            return answer

        for module in ("password_check", "sign_in"):
            monkeypatch.setattr(f"web.staff.{module}.is_right", slow)

    return during


async def another_password(store: Store, member_id: int) -> None:
    """The owner sets a new password."""

    async def unit(session: AsyncSession) -> None:
        (await session.get_one(StaffMember, member_id)).password = "$argon2id$another"

    await store.write(unit)


async def test_the_old_password_opens_nothing_that_its_change_did_not_see(own, meanwhile) -> None:
    li = await hired(own.store, "li", CLERK)
    meanwhile(partial(another_password, own.store, li))
    assert (await enter(own, "li")).status_code == 422
    async with own.store.read() as session:
        assert (await session.scalars(select(StaffSession.id))).all() == []


async def test_who_left_while_the_password_was_checked_does_not_come_in(own, meanwhile) -> None:
    li = await hired(own.store, "li", CLERK)
    await hired(own.store, "boss", ADMINISTRATOR)
    leave = partial(roles.deactivate, actor=COMMAND_LINE, staff_id=li, now=NOW)
    meanwhile(partial(own.store.write, leave))
    assert (await enter(own, "li")).status_code == 422


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/staff/account/password", {"current": PASSWORD, "new": "quite other words here"}),
        ("/staff/second-factor/removal", {"password": PASSWORD}),
    ],
)
async def test_a_password_that_was_changed_meanwhile_changes_nothing(
    own, meanwhile, path, form
) -> None:
    li = await arrived(own.store, "li", CLERK)
    await with_second_factor(own.store, li)
    meanwhile(partial(another_password, own.store, li.id))
    assert (await own.post(path, headers=li.headers, data=form)).status_code == 422
    async with own.store.read() as session:
        member = await session.get_one(StaffMember, li.id)
    assert member.password == "$argon2id$another"
    assert member.totp_secret is not None


async def nothing(_store: Store, _person: Person) -> None:
    """Nothing happens."""


async def signs_out(store: Store, person: Person) -> None:
    """The session ends."""
    await store.write(partial(sign_in.end_sessions, staff_id=person.id, now=NOW))


async def loses_the_role(store: Store, person: Person) -> None:
    """An administrator takes the role away."""
    change = partial(roles.set_roles, actor=COMMAND_LINE, staff_id=person.id, now=NOW)
    await store.write(partial(change, grants=[EDITOR]))


@pytest.mark.parametrize(
    ("happens", "invited"), [(nothing, 1), (signs_out, 0), (loses_the_role, 0)]
)
async def test_a_unit_asks_again_whether_its_actor_may_act(
    own, monkeypatch, happens, invited
) -> None:
    boss = await arrived(own.store, "boss", ADMINISTRATOR)
    await hired(own.store, "other", ADMINISTRATOR)
    write = HeldStore.write

    async def after(held: HeldStore, work) -> object:
        await happens(own.store, boss)
        return await write(held, work)

    # The request was let in; what happens comes between that and its unit of work.
    monkeypatch.setattr(HeldStore, "write", after)
    form = {"full_name": "韩秀芝", "role": "clerk", "place": "district"}
    answer = await own.post("/staff/invitations", headers=boss.headers, data=form)
    assert answer.status_code == (200 if invited else 303)
    entries = [entry for entry in await log_of(own.store) if entry.action == "invited"]
    assert len(entries) == invited


@pytest.mark.parametrize("act", ["second-factor-removal", "second-factor-duty", "password-link"])
async def test_an_administrator_s_own_account_has_one_door(own, act) -> None:
    boss = await arrived(own.store, "boss", ADMINISTRATOR)
    await with_second_factor(own.store, boss)
    page = await own.get(f"/staff/people/{boss.id}", headers=boss.headers)
    assert act not in page.text
    answer = await own.post(f"/staff/people/{boss.id}/{act}", headers=boss.headers)
    assert answer.status_code == 404
    li = await arrived(own.store, "li", CLERK)
    answer = await own.post(f"/staff/people/{li.id}/{act}", headers=boss.headers)
    assert answer.status_code in {200, 303}


async def test_the_session_has_a_new_key_once_the_second_factor_is_right(own) -> None:
    li = await arrived(own.store, "li", CLERK)
    await with_second_factor(own.store, li)
    await enter(own, "li")
    before = own.cookies["staff"]
    await own.post(CONFIRMATION, data={"code": code_at(NOW)})
    after = own.cookies["staff"]
    assert after != before
    for key, status in ((before, 303), (after, 200)):
        own.cookies.clear()
        answer = await own.get("/staff", headers={"cookie": f"staff={key}"})
        assert answer.status_code == status


async def test_signing_in_again_ends_the_session_that_this_browser_had(own) -> None:
    await hired(own.store, "li", CLERK)
    await hired(own.store, "wu", CLERK)
    await enter(own, "li")
    before = own.cookies["staff"]
    await enter(own, "wu")
    own.cookies.clear()
    answer = await own.get("/staff", headers={"cookie": f"staff={before}"})
    assert answer.headers["location"].startswith(NEW)


async def test_signing_out_clears_what_the_browser_kept(own) -> None:
    await hired(own.store, "li", CLERK)
    await enter(own, "li")
    answer = await own.post("/staff/sessions/ending")
    assert answer.headers["clear-site-data"] == '"cache"'


async def guess_from_everywhere(store: Store, name: str) -> None:
    """Use up every try of a name."""
    for each in range(guesses.FREE_OF_NAME + 1):
        tallies = guesses.tallies_of(name, f"198.51.100.{each}")
        await store.write(partial(guesses.count_failure, tallies=tallies, now=NOW))


async def test_strangers_keep_nobody_out_of_a_browser_they_know(own) -> None:
    await hired(own.store, "li", CLERK)
    await enter(own, "li")
    await own.post("/staff/sessions/ending")
    await guess_from_everywhere(own.store, "li")
    assert (await enter(own, "li")).status_code == 303
    known = own.cookies["staff-known"]
    own.cookies.clear()
    assert (await enter(own, "li")).status_code == 429
    # Nor is the mark of another person, or one with another signature, any help.
    member, nonce, signature = known.split(".")
    for forged in (
        f"9.{nonce}.{signature}",
        f"{member}.0.{signature}",
        f"{member}.{nonce}.x",
        "字",
    ):
        own.cookies.clear()
        cookie = {"cookie": f"staff-known={forged}".encode()}
        assert (await enter(own, "li", headers=cookie)).status_code == 429


async def test_an_administrator_lifts_a_wait_and_a_fresh_link_does(own, admin) -> None:
    li = await hired(own.store, "li", CLERK)
    await guess_from_everywhere(own.store, "li")
    page = await own.get(f"/staff/people/{li}", headers=admin.headers)
    assert "之前都不能再试" in page.text
    lifted = await own.post(f"/staff/people/{li}/wait-lifting", headers=admin.headers)
    assert lifted.status_code == 303
    page = await own.get(f"/staff/people/{li}", headers=admin.headers)
    assert "wait-lifting" not in page.text
    own.cookies.clear()
    assert (await enter(own, "li")).status_code == 303
