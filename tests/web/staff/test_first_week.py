"""第一周: what a new new_office has done and what waits, each a way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.places.content import AT_ANY_HOUR, Datum
from domain.places.tables import Community, Hall, PersonInCharge
from domain.revision import touch_content
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.invitations import invite
from domain.staff.tables import Role
from tests.world.clock import NOW
from tests.world.district import places
from tests.world.forms import words_of
from tests.world.people import DISTRICT_ADMINISTRATOR, Person, arrived

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.app import Browser

PAGE = "/staff/first-week"
CLERKS = "窗口人员"


async def looked(new_office: Browser, person: Person, path: str = PAGE) -> str:
    return words_of((await new_office.get(path, headers=person.headers)).text)


async def describe_hall(session: AsyncSession) -> None:
    """Enter hours, a position and a person of one community."""
    home = await session.scalar(select(Community.id).where(Community.slug == "xinsha"))
    hall = (await session.scalars(select(Hall).where(Hall.community_id == home))).one()
    hall.hours = AT_ANY_HOUR
    hall.latitude, hall.longitude, hall.datum = 36.6, 116.9, Datum.WGS84
    given = {"post": "书记", "name": "韩", "answers_for": "事", "phone": "0531-1", "deputy": "李"}
    session.add(PersonInCharge(community_id=home, categories=(), rank=0, **given))
    await touch_content(session)


async def invite_clerk(session: AsyncSession) -> None:
    """Invite a clerk for the whole district."""
    await invite(session, COMMAND_LINE, "李", Grant(Role.CLERK), NOW)


async def test_what_is_done_is_no_longer_asked_for(new_office) -> None:
    admin = await arrived(new_office.store, "admin", DISTRICT_ADMINISTRATOR)
    before = (await new_office.get(PAGE, headers=admin.headers)).text
    assert '"/staff/c/xinsha/hall"' in before
    assert CLERKS in words_of(before)
    await new_office.store.write(describe_hall)
    await new_office.store.write(invite_clerk)
    page = (await new_office.get(PAGE, headers=admin.headers)).text
    assert '"/staff/c/xinsha/hall"' not in page
    assert '"/staff/c/xinsha/people"' not in page
    assert '"/staff/c/yuyuan/hall"' in page
    assert CLERKS not in words_of(page)
    assert "做好 3／5" in words_of(page)
    assert "做好 1／5" in words_of(page)


async def test_the_home_says_how_far_it_is_and_leads_there(new_office) -> None:
    admin = await arrived(new_office.store, "admin", DISTRICT_ADMINISTRATOR)
    page = (await new_office.get("/staff", headers=admin.headers)).text
    assert f'href="{PAGE}">接着做' in page


async def test_who_manages_a_part_sees_that_part(new_office) -> None:
    ids = (await places(new_office.store)).community
    editor = await arrived(new_office.store, "editor", Grant(Role.EDITOR, None, ids["yuyuan"]))
    page = await looked(new_office, editor)
    assert "裕园社区" in page
    assert "新沙社区" not in page
    assert "邀请同事" not in page
    assert "第一周" in await looked(new_office, editor, "/staff")


async def test_who_edits_nothing_has_no_first_week(new_office) -> None:
    ids = (await places(new_office.store)).community
    clerk = await arrived(new_office.store, "clerk", Grant(Role.CLERK, None, ids["yuyuan"]))
    assert "第一周" not in await looked(new_office, clerk, "/staff")
    assert (await new_office.get(PAGE, headers=clerk.headers)).status_code == 404


async def test_a_sample_is_not_asked_to_begin(own, admin) -> None:
    assert "接着做" not in (await own.get("/staff", headers=admin.headers)).text
