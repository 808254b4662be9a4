"""Staff accounts: invitations, signing in, the second factor, roles and places, and leaving."""

from __future__ import annotations

import asyncio
import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from domain.keys import key_hash, new_key
from domain.places.tables import Community
from domain.staff import accounts, credentials, invitations, passwords, roles, sign_in
from domain.staff.accounts import NAME, NameTakenError
from domain.staff.actor import COMMAND_LINE, EDITING, MANAGING, Actor, Grant
from domain.staff.invitations import INVITATION_LASTS, InvitationSpentError
from domain.staff.roles import LastAdministratorError
from domain.staff.tables import (
    Invitation,
    Role,
    StaffMember,
    StaffRole,
    StaffSession,
)
from tests.world.app import SEAL
from tests.world.clock import NOW
from tests.world.district import places
from tests.world.people import (
    DISTRICT_ADMINISTRATOR,
    HASH,
    PASSWORD,
    SECRET,
    arrived,
    begun,
    code_at,
    hired,
    log_of,
    with_second_factor,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store

IDLE, LONGEST = dt.timedelta(hours=2), dt.timedelta(hours=12)
SECOND, MINUTE, DAY = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(days=1)
CLERK = Grant(Role.CLERK)


async def invited(store: Store, grant: Grant = CLERK) -> str:
    """The key of a fresh invitation."""
    return await store.write(
        partial(
            invitations.invite, actor=COMMAND_LINE, full_name="Han Xiuzhi", grant=grant, now=NOW
        )
    )


def accepts(
    key: str, name: str = "han", now: dt.datetime = NOW, password_hash: str = HASH
) -> Callable[[AsyncSession], Coroutine[Any, Any, StaffMember]]:
    """A unit of work that accepts an invitation."""
    return partial(
        invitations.accept_invitation, key=key, name=name, password_hash=password_hash, now=now
    )


async def member(store: Store, member_id: int) -> StaffMember:
    """An account with its roles, as the store has it."""
    async with store.read() as session:
        return await accounts.member_with_roles(session, member_id)


async def actor(store: Store, key: str, now: dt.datetime = NOW) -> Actor | None:
    """Who holds this key."""
    async with store.read() as session:
        found = await sign_in.actor_of(session, key, now, IDLE, LONGEST)
    return found[0] if found else None


async def confirmed(store: Store, key: str, code: str, now: dt.datetime) -> str | None:
    """Give the second factor for the session of this key."""
    async with store.read() as session:
        found = await session.scalar(
            select(StaffSession.id).where(StaffSession.key_hash == key_hash(key))
        )
    assert found is not None
    return await store.write(
        partial(sign_in.confirm_session, session_id=found, code=code, seal=SEAL, now=now)
    )


# Coming


async def test_somebody_hired_holds_the_roles_and_the_log_says_so(sample) -> None:
    home = (await places(sample)).community["jian"]
    grants = (Grant(Role.EDITOR), Grant(Role.CLERK, community_id=home))
    found = await member(sample, await hired(sample, "li", *grants))
    assert accounts.actor_for(found, None).grants == grants
    entry = (await log_of(sample))[-1]
    assert (entry.action, entry.subject, entry.staff_id) == (
        "joined",
        f"staff/{found.id}",
        found.id,
    )
    assert entry.after == {
        "name": "li",
        "full_name": "Li Wang",
        "roles": [{"role": "editor"}, {"role": "clerk", "community_id": home}],
    }


async def test_no_password_and_no_key_stands_in_the_log_or_in_plain_words_in_the_store(
    store,
) -> None:
    person = await arrived(store, "li", DISTRICT_ADMINISTRATOR)
    key = await invited(store)
    async with store.read() as session:
        kept = [*await session.scalars(select(Invitation.key_hash))]
        kept += await session.scalars(select(StaffSession.key_hash))
        kept += await session.scalars(select(StaffMember.password))
    said = [f"{entry.before} {entry.after}" for entry in await log_of(store)]
    for secret in (PASSWORD, HASH, key, person.key):
        assert not any(secret in each for each in said)
    for secret in (PASSWORD, key, person.key):
        assert not any(secret in each for each in kept)


@pytest.mark.parametrize(
    "name", ["", "x", "Li", "li wang", "李秀", "-li", ".li", "li/..", "li\n", "l" * 41, "li'--"]
)
async def test_a_name_that_is_none_is_refused(store, name) -> None:
    with pytest.raises(ValueError, match="not a name to sign in with"):
        await hired(store, name)


@pytest.mark.parametrize("name", ["li", "han.xiuzhi", "wang-2", "0531", "l" * 40])
def test_a_name_that_people_choose_is_one(name) -> None:
    assert NAME.match(name)


async def test_a_name_that_is_taken_is_taken_also_by_someone_who_left(store) -> None:
    await hired(store, "admin", DISTRICT_ADMINISTRATOR)
    li = await hired(store, "li", CLERK)
    await store.write(partial(roles.deactivate, actor=COMMAND_LINE, staff_id=li, now=NOW))
    with pytest.raises(NameTakenError):
        await hired(store, "li", CLERK)


async def test_the_schema_itself_refuses_a_second_li_and_a_capital_one(store) -> None:
    await hired(store, "li")
    for name in ("li", "Li", ""):

        async def insert(session: AsyncSession, name: str = name) -> None:
            session.add(StaffMember(name=name, full_name="x", password=HASH, created_at=NOW))

        with pytest.raises(IntegrityError):
            await store.write(insert)


async def test_the_schema_itself_refuses_the_same_role_at_the_same_place_twice(store) -> None:
    li = await hired(store, "li", CLERK)

    async def insert(session: AsyncSession) -> None:
        session.add(StaffRole(staff_id=li, role=Role.CLERK))

    with pytest.raises(IntegrityError):
        await store.write(insert)


async def test_an_invitation_makes_an_account_with_its_role_and_place(sample) -> None:
    home = (await places(sample)).community["jian"]
    key = await invited(sample, Grant(Role.EDITOR, community_id=home))
    joined = await sample.write(accepts(key))
    found = await member(sample, joined.id)
    assert (found.name, found.full_name) == ("han", "Han Xiuzhi")
    assert accounts.actor_for(found, None).grants == (Grant(Role.EDITOR, community_id=home),)
    assert [entry.action for entry in await log_of(sample)] == ["invited", "joined"]


async def test_an_invitation_works_once(store) -> None:
    key = await invited(store)
    await store.write(accepts(key))
    with pytest.raises(InvitationSpentError):
        await store.write(accepts(key, "another"))
    async with store.read() as session:
        assert await session.scalar(select(func.count(StaffMember.id))) == 1


async def test_an_invitation_used_by_two_at_once_works_once(store) -> None:
    key = await invited(store)
    results = await asyncio.gather(
        *(store.write(accepts(key, f"han{n}")) for n in range(4)), return_exceptions=True
    )
    assert [type(each) for each in results].count(StaffMember) == 1
    assert [type(each) for each in results].count(InvitationSpentError) == 3


async def test_one_name_wanted_by_two_at_once_goes_to_one_and_the_other_is_told(store) -> None:
    keys = [await invited(store) for _ in range(2)]
    results = await asyncio.gather(
        *(store.write(accepts(key)) for key in keys), return_exceptions=True
    )
    assert {type(each) for each in results} == {StaffMember, NameTakenError}


async def test_an_invitation_works_until_its_last_second_and_not_after(store) -> None:
    early, late = await invited(store), await invited(store)
    await store.write(accepts(early, "early", NOW + INVITATION_LASTS - SECOND))
    with pytest.raises(InvitationSpentError):
        await store.write(accepts(late, "late", NOW + INVITATION_LASTS))


async def test_a_key_that_nobody_gave_out_opens_nothing(store) -> None:
    await invited(store)
    for key in ("", "x", "%", new_key()):
        with pytest.raises(InvitationSpentError):
            await store.write(accepts(key))


async def test_what_is_kept_of_a_key_is_no_key(store) -> None:
    await invited(store)
    async with store.read() as session:
        kept = await session.scalar(select(Invitation.key_hash))
    with pytest.raises(InvitationSpentError):
        await store.write(accepts(kept))


async def test_a_name_that_was_taken_does_not_spend_the_invitation(store) -> None:
    await hired(store, "han")
    key = await invited(store)
    with pytest.raises(NameTakenError):
        await store.write(accepts(key))
    assert (await store.write(accepts(key, "xiuzhi"))).name == "xiuzhi"


async def test_an_invitation_can_be_looked_at_without_writing(store) -> None:
    key = await invited(store)
    async with store.read() as session:
        assert (await invitations.open_invitation(session, key, NOW)).full_name == "Han Xiuzhi"


async def test_a_password_link_sets_the_password_ends_all_sessions_and_changes_nothing_else(
    store,
) -> None:
    li = await arrived(store, "li", CLERK)
    found = await member(store, li.id)
    key = await store.write(
        partial(invitations.invite_to_new_password, actor=COMMAND_LINE, member=found, now=NOW)
    )
    await store.write(accepts(key, "another", password_hash="$new"))
    after = await member(store, li.id)
    assert (after.name, after.password) == ("li", "$new")
    assert accounts.actor_for(after, None).grants == (CLERK,)
    assert await actor(store, li.key) is None
    assert [entry.action for entry in await log_of(store)][-2:] == ["password-link", "password-set"]
    with pytest.raises(InvitationSpentError):
        await store.write(accepts(key, "li"))


# Passwords


def test_a_password_matches_itself_and_nothing_else() -> None:
    assert passwords.matches(HASH, PASSWORD)
    assert not passwords.matches(HASH, PASSWORD.upper())
    assert not passwords.matches(HASH, "")
    assert not passwords.matches(HASH, HASH)
    assert not passwords.matches("not a hash", PASSWORD)


def test_nobody_has_no_password() -> None:
    assert not passwords.matches(None, PASSWORD)


def test_passwords_are_hashed_by_argon2id_with_the_librarys_own_cost() -> None:
    assert passwords._nobody.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not passwords._hasher.check_needs_rehash(passwords._nobody)


COMMON = (
    *("123456789012", "password1234", "qwertyuiop12", "iloveyou1234", "lianxin202611"),
    *("liujiazhuang26", "刘家庄社区二零二六", "一二三四五六七八九", "１２３４５６７８９０１２"),
    *("qwertyqwerty", "qazwsxedcrfv", "woaini1314520", "社区居委会社区居委会"),
)
"""What a thief tries first."""


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "short"),
        ("rfvt gbyhnu", "short"),
        ("春天的茶很香呀呢", "short"),
        ("春天的茶" * 2, "short"),
        ("春天的茶" * 3, "easy"),
        *((each, "easy") for each in COMMON),
        ("a" * 201, "long"),
        ("aaaaaaaaaaaa", "known"),
        ("1212121212121", "known"),
        ("I am Han.Xiuzhi!", "known"),
        ("我是韩秀芝本人没错的", "known"),
        ("我们家门前的石榴红", None),
        ("a kettle on the stove", None),
        ("清早的济南有泉水和荷花", None),
    ],
)
def test_a_new_password_is_judged(password, why) -> None:
    here = ("liujiazhuang", "刘家庄社区", "天桥区")
    assert passwords.weakness(password, "han.xiuzhi", "韩秀芝", here=here) == why


def test_a_name_of_two_letters_does_not_forbid_every_sentence_with_them() -> None:
    assert passwords.weakness("a walk in the little park", "li", "李立") is None


# Sessions


async def test_the_key_of_a_session_says_who_it_is(store) -> None:
    li = await arrived(store, "li", CLERK)
    found = await actor(store, li.key)
    assert found is not None
    assert (found.staff_id, found.session_id, found.name) == (li.id, li.session, "li")
    assert found.grants == (CLERK,)
    assert await actor(store, li.key + "x") is None
    assert await actor(store, key_hash(li.key)) is None


async def test_signing_in_is_in_the_log_with_its_session_and_device(store) -> None:
    li = await arrived(store, "li", CLERK)
    entry = (await log_of(store))[-1]
    assert (entry.action, entry.staff_id, entry.session_id) == ("signed-in", li.id, li.session)
    assert entry.after == "Firefox · Linux"


async def test_a_session_unused_for_too_long_is_over(store) -> None:
    li = await arrived(store, "li", CLERK)
    assert await actor(store, li.key, NOW + IDLE) is not None
    assert await actor(store, li.key, NOW + IDLE + SECOND) is None


async def test_a_session_that_is_used_goes_on_until_its_longest_and_not_beyond(store) -> None:
    li = await arrived(store, "li", CLERK)
    for hours in range(1, 13):
        now = NOW + dt.timedelta(hours=hours)
        assert await actor(store, li.key, now) is not None
        await store.write(partial(sign_in.touch_session, session_id=li.session, now=now))
    assert await actor(store, li.key, NOW + LONGEST + SECOND) is None


async def test_using_one_session_does_not_lengthen_another(store) -> None:
    li = await arrived(store, "li", CLERK)
    other = await begun(store, li.id)
    later = NOW + IDLE
    await store.write(partial(sign_in.touch_session, session_id=li.session, now=later))
    assert await actor(store, li.key, later + MINUTE) is not None
    assert await actor(store, other, later + MINUTE) is None


async def test_a_session_that_was_ended_is_over_and_listed_no_more(store) -> None:
    li = await arrived(store, "li", CLERK)
    other = await begun(store, li.id, NOW + MINUTE, "Safari · iPhone")
    ending = partial(
        sign_in.end_session, actor=li.actor, staff_id=li.id, session_id=li.session, now=NOW
    )
    assert await store.write(ending)
    assert await actor(store, li.key) is None
    assert await actor(store, other, NOW + MINUTE) is not None
    async with store.read() as session:
        listed = await sign_in.sessions_of(session, li.id, NOW, IDLE, LONGEST)
    assert [each.device for each in listed] == ["Safari · iPhone"]
    log = await log_of(store)
    assert log[-1].action == "session-ended"
    assert await store.write(ending)
    assert len(await log_of(store)) == len(log)


async def test_a_session_is_ended_only_under_its_owners_number(store) -> None:
    li, han = await arrived(store, "li", CLERK), await arrived(store, "han", CLERK)
    before = len(await log_of(store))
    assert not await store.write(
        partial(
            sign_in.end_session, actor=li.actor, staff_id=li.id, session_id=han.session, now=NOW
        )
    )
    assert await actor(store, han.key) is not None
    assert len(await log_of(store)) == before


async def test_a_list_of_sessions_shows_none_that_has_run_out(store) -> None:
    li = await arrived(store, "li", CLERK)
    later = NOW + 30 * DAY
    await begun(store, li.id, later, "Safari · iPhone")
    async with store.read() as session:
        listed = await sign_in.sessions_of(session, li.id, later, IDLE, LONGEST)
    assert [each.device for each in listed] == ["Safari · iPhone"]


async def test_a_new_password_ends_every_session_but_the_one_it_was_set_in(store) -> None:
    li, han = await arrived(store, "li", CLERK), await arrived(store, "han", CLERK)
    other = await begun(store, li.id)
    await store.write(
        partial(credentials.change_password, actor=li.actor, password_hash="$new", now=NOW)
    )
    assert (await member(store, li.id)).password == "$new"
    assert await actor(store, li.key) is not None
    assert await actor(store, other) is None
    assert await actor(store, han.key) is not None
    assert (await log_of(store))[-1].action == "password-changed"


# The second factor


async def test_with_a_second_factor_the_password_alone_is_not_signing_in(store) -> None:
    li = await arrived(store, "li", CLERK)
    await with_second_factor(store, li)
    entries = len(await log_of(store))
    key = await begun(store, li.id)
    async with store.read() as session:
        found = await sign_in.actor_of(session, key, NOW, IDLE, LONGEST)
    assert found is not None
    assert not found[1].is_confirmed
    assert len(await log_of(store)) == entries


async def test_the_password_waits_five_minutes_for_the_second_factor(store) -> None:
    li = await arrived(store, "li", CLERK)
    await with_second_factor(store, li)
    key = await begun(store, li.id)
    assert await actor(store, key, NOW + 5 * MINUTE) is not None
    assert await actor(store, key, NOW + 5 * MINUTE + SECOND) is None
    renewed = await confirmed(store, key, code_at(NOW), NOW)
    assert renewed is not None
    assert await actor(store, renewed, NOW + IDLE) is not None
    assert await actor(store, key) is None


async def test_a_code_works_once(store) -> None:
    li = await arrived(store, "li", CLERK)
    await with_second_factor(store, li)
    first, second = await begun(store, li.id), await begun(store, li.id)
    assert await confirmed(store, first, code_at(NOW), NOW)
    assert not await confirmed(store, second, code_at(NOW), NOW)
    later = NOW + 30 * SECOND
    assert await confirmed(store, second, code_at(later), later)


async def test_a_code_used_by_two_at_once_works_once(store) -> None:
    li = await arrived(store, "li", CLERK)
    await with_second_factor(store, li)
    keys = [await begun(store, li.id) for _ in range(4)]
    results = await asyncio.gather(*(confirmed(store, key, code_at(NOW), NOW) for key in keys))
    assert sum(result is not None for result in results) == 1


async def test_the_code_that_proved_the_set_up_does_not_sign_in(store) -> None:
    li = await arrived(store, "li", CLERK)
    await store.write(
        partial(
            credentials.set_second_factor,
            actor=li.actor,
            secret=SECRET,
            code=code_at(NOW),
            seal=SEAL,
            now=NOW,
        )
    )
    assert not await confirmed(store, await begun(store, li.id), code_at(NOW), NOW)


@pytest.mark.parametrize(
    ("off", "works"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)]
)
def test_a_phones_clock_may_be_half_a_minute_off(off, works) -> None:
    now = dt.datetime(2026, 11, 23, 2, 26, 0, tzinfo=dt.UTC)
    shown = code_at(now + off * SECOND)
    assert (passwords.accepted_step(SECRET, shown, now, None) is not None) is works


@pytest.mark.parametrize("off", [0, 30])
def test_after_a_code_no_earlier_one_works(off) -> None:
    used = passwords.accepted_step(SECRET, code_at(NOW), NOW, None)
    assert used is not None
    earlier = code_at(NOW - off * SECOND)
    assert passwords.accepted_step(SECRET, earlier, NOW, used) is None


@pytest.mark.parametrize(
    "code", ["", "000000", "12345", "1234567", "abcdef", "六个数字呢呢", "１２３４５６"]
)
async def test_a_code_that_is_none_is_just_wrong(store, code) -> None:
    li = await arrived(store, "li", CLERK)
    await with_second_factor(store, li)
    key = await begun(store, li.id)
    assert not await confirmed(store, key, code, NOW)


async def test_a_code_typed_on_a_chinese_keyboard_or_with_a_space_is_the_code(store) -> None:
    li = await arrived(store, "li", CLERK)
    await with_second_factor(store, li)
    shown = code_at(NOW)
    assert await confirmed(store, await begun(store, li.id), f" {shown[:3]} {shown[3:]} ", NOW)
    later = NOW + MINUTE
    wide = code_at(later).translate({n: n + 0xFEE0 for n in range(ord("0"), ord("9") + 1)})
    assert await confirmed(store, await begun(store, li.id), wide, later)


async def test_a_recovery_code_works_once_and_each_of_them_does(store) -> None:
    li = await arrived(store, "li", CLERK)
    codes = await with_second_factor(store, li)
    assert len(set(codes)) == 8
    for code in codes:
        assert await confirmed(store, await begun(store, li.id), code.upper(), NOW)
        assert not await confirmed(store, await begun(store, li.id), code, NOW)
    assert (await member(store, li.id)).recovery_codes == ()


async def test_recovery_codes_are_nobody_elses_and_not_kept_in_plain_words(store) -> None:
    li, han = await arrived(store, "li", CLERK), await arrived(store, "han", CLERK)
    codes = await with_second_factor(store, li)
    await with_second_factor(store, han)
    assert not await confirmed(store, await begun(store, han.id), codes[0], NOW)
    assert not set(codes) & set((await member(store, li.id)).recovery_codes)


async def test_a_second_factor_needs_a_right_code_and_ends_the_sessions_without_it(store) -> None:
    li = await arrived(store, "li", CLERK)
    other = await begun(store, li.id)
    setting = partial(
        credentials.set_second_factor, actor=li.actor, secret=SECRET, seal=SEAL, now=NOW
    )
    assert await store.write(partial(setting, code="000000")) is None
    assert (await member(store, li.id)).totp_secret is None
    assert await actor(store, other) is not None
    assert await store.write(partial(setting, code=code_at(NOW)))
    assert await actor(store, li.key) is not None
    assert await actor(store, other) is None


async def test_without_the_second_factor_again_the_password_is_enough(store) -> None:
    li = await arrived(store, "li", CLERK)
    codes = await with_second_factor(store, li)
    await store.write(
        partial(credentials.remove_second_factor, actor=COMMAND_LINE, staff_id=li.id, now=NOW)
    )
    found = await member(store, li.id)
    assert (found.totp_secret, found.totp_last_step, found.recovery_codes) == (None, None, ())
    assert codes
    key = await begun(store, li.id)
    async with store.read() as session:
        signed_in = await sign_in.actor_of(session, key, NOW, IDLE, LONGEST)
    assert signed_in is not None
    assert signed_in[1].is_confirmed


async def test_requiring_a_second_factor_is_in_the_log_with_before_and_after(store) -> None:
    li = await arrived(store, "li", CLERK)
    requiring = partial(
        credentials.require_second_factor,
        actor=COMMAND_LINE,
        staff_id=li.id,
        now=NOW,
        required=True,
    )
    await store.write(requiring)
    assert (await member(store, li.id)).must_have_second_factor
    entry = (await log_of(store))[-1]
    assert (entry.action, entry.before, entry.after) == ("second-factor-required", False, True)


# Roles and places

OF = {11: 1, 12: 1, 21: 2}
"""Two communities in the first subdistrict, one in the second."""
DISTRICT: dict[str, int] = {}
FIRST, SECOND_ONE = {"subdistrict_id": 1}, {"subdistrict_id": 2}
IN_FIRST, ALSO_FIRST, IN_SECOND = {"community_id": 11}, {"community_id": 12}, {"community_id": 21}


@pytest.mark.parametrize(
    ("place", "below", "beside"),
    [
        (DISTRICT, [DISTRICT, FIRST, SECOND_ONE, IN_FIRST, IN_SECOND], []),
        (FIRST, [FIRST, IN_FIRST, ALSO_FIRST], [DISTRICT, SECOND_ONE, IN_SECOND]),
        (IN_FIRST, [IN_FIRST], [DISTRICT, FIRST, SECOND_ONE, ALSO_FIRST, IN_SECOND]),
    ],
)
def test_a_place_covers_itself_and_what_lies_below_it(place, below, beside) -> None:
    own = Grant(Role.ADMINISTRATOR, **place)
    assert all(own.covers_grant(Grant(Role.CLERK, **each), OF) for each in below)
    assert not any(own.covers_grant(Grant(Role.CLERK, **each), OF) for each in beside)


def test_a_community_that_nobody_knows_lies_below_the_district_only() -> None:
    unknown = Grant(Role.CLERK, community_id=99)
    assert not Grant(Role.ADMINISTRATOR, subdistrict_id=1).covers_grant(unknown, OF)
    assert Grant(Role.ADMINISTRATOR).covers_grant(unknown, OF)


def acting(*grants: Grant) -> Actor:
    """Someone with these roles."""
    return Actor(1, 1, "li", "Li", grants)


def test_a_role_holds_in_the_communities_of_its_place() -> None:
    here, there = Community(id=11, subdistrict_id=1), Community(id=21, subdistrict_id=2)
    for place in (DISTRICT, FIRST, IN_FIRST):
        assert acting(Grant(Role.EDITOR, **place)).may(EDITING, here)
    for place in (FIRST, IN_FIRST):
        assert not acting(Grant(Role.EDITOR, **place)).may(EDITING, there)
    assert acting(Grant(Role.EDITOR)).may(EDITING, there)


def test_a_number_of_a_subdistrict_is_no_number_of_a_community() -> None:
    assert not acting(Grant(Role.EDITOR, subdistrict_id=11)).may(
        EDITING, Community(id=11, subdistrict_id=1)
    )
    assert not acting(Grant(Role.EDITOR, community_id=1)).may(
        EDITING, Community(id=11, subdistrict_id=1)
    )


def test_a_role_is_not_another_role() -> None:
    here = Community(id=11, subdistrict_id=1)
    for role in (Role.CLERK, Role.PARTY_MEMBER):
        assert not acting(Grant(role)).may(EDITING, here)
        assert not acting(Grant(role)).has(EDITING)
        assert not acting(Grant(role)).may_everywhere(EDITING)
    assert not acting(Grant(Role.EDITOR)).manages
    assert not acting().has(frozenset(Role))


def test_two_roles_at_two_places_do_not_add_up() -> None:
    mixed = acting(Grant(Role.ADMINISTRATOR, community_id=11), Grant(Role.EDITOR))
    there = Community(id=21, subdistrict_id=2)
    assert mixed.may(EDITING, there)
    assert not mixed.may(MANAGING, there)
    assert not mixed.manages_district
    assert not mixed.may_grant(Grant(Role.CLERK, community_id=21), OF)


def test_everywhere_means_the_whole_district() -> None:
    assert acting(Grant(Role.ADMINISTRATOR)).manages_district
    for place in (FIRST, IN_FIRST):
        actor = acting(Grant(Role.ADMINISTRATOR, **place))
        assert actor.manages
        assert not actor.manages_district


def test_only_administrators_give_roles_and_only_at_or_below_their_place() -> None:
    first = acting(Grant(Role.ADMINISTRATOR, subdistrict_id=1))
    for place in (FIRST, IN_FIRST):
        assert first.may_grant(Grant(Role.ADMINISTRATOR, **place), OF)
        assert not acting(Grant(Role.EDITOR)).may_grant(Grant(Role.CLERK, **place), OF)
    for place in (DISTRICT, SECOND_ONE, IN_SECOND):
        assert not first.may_grant(Grant(Role.CLERK, **place), OF)


def test_the_command_line_holds_no_role() -> None:
    assert not COMMAND_LINE.has(frozenset(Role))


async def test_a_role_is_bound_to_one_place_at_most(sample) -> None:
    found = await places(sample)
    li = await hired(sample, "li")

    async def insert(session: AsyncSession) -> None:
        session.add(
            StaffRole(
                staff_id=li,
                role=Role.CLERK,
                subdistrict_id=found.subdistrict["dikoulu"],
                community_id=found.community["jian"],
            )
        )

    with pytest.raises(IntegrityError):
        await sample.write(insert)


async def test_other_roles_replace_the_ones_before_and_work_at_once(store) -> None:
    await hired(store, "admin", DISTRICT_ADMINISTRATOR)
    li = await arrived(store, "li", CLERK, Grant(Role.PARTY_MEMBER))
    wanted = [Grant(Role.EDITOR), CLERK, Grant(Role.EDITOR)]
    await store.write(
        partial(roles.set_roles, actor=COMMAND_LINE, staff_id=li.id, grants=iter(wanted), now=NOW)
    )
    found = await actor(store, li.key)
    assert found is not None
    assert set(found.grants) == {Grant(Role.EDITOR), CLERK}
    assert len(found.grants) == 2
    entry = (await log_of(store))[-1]
    assert (entry.action, entry.subject) == ("roles-set", f"staff/{li.id}")
    assert entry.before == [{"role": "clerk"}, {"role": "party-member"}]
    assert entry.after == [{"role": "editor"}, {"role": "clerk"}]


# Leaving


async def leave(store: Store, staff_id: int) -> None:
    """End an account."""
    await store.write(partial(roles.deactivate, actor=COMMAND_LINE, staff_id=staff_id, now=NOW))


async def lose_roles(store: Store, staff_id: int) -> None:
    """Take every role from someone."""
    await store.write(
        partial(roles.set_roles, actor=COMMAND_LINE, staff_id=staff_id, grants=(), now=NOW)
    )


async def test_an_ended_account_signs_nobody_in_and_keeps_its_history(store) -> None:
    await hired(store, "admin", DISTRICT_ADMINISTRATOR)
    li = await arrived(store, "li", CLERK)
    await leave(store, li.id)
    assert await actor(store, li.key) is None
    async with store.read() as session:
        assert await accounts.member_by_name(session, "li") is None
        assert await sign_in.sessions_of(session, li.id, NOW, IDLE, LONGEST) == []
    assert (await member(store, li.id)).ended_at == NOW
    assert [entry.action for entry in await log_of(store) if entry.staff_id == li.id] == [
        "joined",
        "signed-in",
    ]
    assert (await log_of(store))[-1].action == "left"


async def test_a_session_that_slips_in_while_the_account_ends_opens_nothing(store) -> None:
    await hired(store, "admin", DISTRICT_ADMINISTRATOR)
    li = await hired(store, "li", CLERK)
    await leave(store, li)
    assert await actor(store, await begun(store, li)) is None


@pytest.mark.parametrize("going", [leave, lose_roles])
async def test_the_last_administrator_of_the_district_stays(sample, going) -> None:
    found = await places(sample)
    last = await arrived(sample, "last", DISTRICT_ADMINISTRATOR)
    await hired(
        sample, "below", Grant(Role.ADMINISTRATOR, subdistrict_id=found.subdistrict["dikoulu"])
    )
    await hired(sample, "here", Grant(Role.ADMINISTRATOR, community_id=found.community["jian"]))
    await hired(sample, "editor", Grant(Role.EDITOR))
    before = len(await log_of(sample))
    with pytest.raises(LastAdministratorError):
        await going(sample, last.id)
    still = await actor(sample, last.key)
    assert still is not None
    assert still.manages_district
    assert len(await log_of(sample)) == before


@pytest.mark.parametrize("going", [leave, lose_roles])
async def test_an_administrator_who_left_does_not_count_as_one_who_stays(store, going) -> None:
    first, second = [await hired(store, name, DISTRICT_ADMINISTRATOR) for name in ("li", "han")]
    await leave(store, first)
    with pytest.raises(LastAdministratorError):
        await going(store, second)


@pytest.mark.parametrize("going", [leave, lose_roles])
async def test_two_last_administrators_who_leave_at_once_do_not_both_leave(store, going) -> None:
    both = [await hired(store, name, DISTRICT_ADMINISTRATOR) for name in ("li", "han")]
    results = await asyncio.gather(*(going(store, each) for each in both), return_exceptions=True)
    assert {type(each) for each in results} == {type(None), LastAdministratorError}


async def test_times_are_kept_with_their_zone(store) -> None:
    li = await arrived(store, "li", CLERK)

    async def age(session: AsyncSession) -> None:
        await session.execute(
            update(StaffSession)
            .where(StaffSession.id == li.session)
            .values(used_at=NOW.astimezone(dt.UTC) - IDLE - SECOND)
        )

    await store.write(age)
    assert await actor(store, li.key) is None
