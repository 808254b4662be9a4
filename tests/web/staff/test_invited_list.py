"""Links for many people at once: all of a list or none, and each opens for its own person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from domain.staff.actor import Grant
from domain.staff.tables import Invitation, Role
from tests.world.district import places
from tests.world.forms import words_of
from tests.world.people import arrived

if TYPE_CHECKING:
    import httpx

    from tests.world.app import Browser
    from tests.world.people import Person

PAGE = "/staff/invitations/list"


async def send(own: Browser, person: Person, people: str, role: str = "clerk") -> httpx.Response:
    given = {"people": people, "role": role}
    return await own.post(PAGE, data=given, headers=person.headers)


async def made(own: Browser) -> list[Invitation]:
    async with own.store.read() as session:
        return list(await session.scalars(select(Invitation).order_by(Invitation.id)))


@pytest.mark.parametrize(
    "people",
    [
        "李明\t刘家庄社区\n王芳\t济安社区",
        "李明，刘家庄社区\n\n王芳，济安社区\n",
        "李明 刘家庄社区\r\n王芳  济安社区",
        "李明,泺口街道刘家庄社区\n王芳,济安社区",
    ],
    ids=["tabs", "wide commas", "blanks", "subdistrict"],
)
async def test_each_person_of_a_list_has_a_link_of_their_own(own, admin, people) -> None:
    home = (await own.services.published()).district
    above = next(
        each.name
        for each in home.subdistricts
        if "liujiazhuang" in {one.slug for one in each.communities}
    )
    jian = (await own.services.published()).names["jian"]
    people = people.replace("泺口街道", above).replace("济安社区", jian)
    page = (await send(own, admin, people)).text
    links = re.findall(r'<p class="small secret">[^<]*(/invitations/[^<]+)</p>', page)
    assert len(set(links)) == 2
    assert [each.full_name for each in await made(own)] == ["李明", "王芳"]
    assert {each.role for each in await made(own)} == {Role.CLERK}
    for link, name in zip(links, ("李明", "王芳"), strict=True):
        assert name in (await own.get(link)).text


async def test_one_wrong_line_makes_no_link_and_loses_nothing_typed(own, admin) -> None:
    people = "李明,刘家庄社区\n,刘家庄社区\n王芳,不知道的社区\n" + "长" * 81 + ",刘家庄社区"
    response = await send(own, admin, people, "editor")
    assert response.status_code == 422
    words = words_of(response.text)
    for line in (2, 3, 4):
        assert f"第 {line} 行" in words
    assert "第 1 行" not in words
    assert "王芳,不知道的社区" in response.text
    assert '<option value="editor" selected>' in response.text
    assert await made(own) == []


@pytest.mark.parametrize("line", ["王芳", "王芳，", "王芳\t ", " 王芳 "])
async def test_a_line_without_a_place_is_told_so(own, admin, line) -> None:
    words = words_of((await send(own, admin, f"李明,刘家庄社区\n{line}")).text)
    assert "第 2 行：“王芳”后面没有写地方" in words
    assert "“”" not in words
    assert await made(own) == []


async def test_the_example_is_a_line_that_can_be_sent(own, admin, town) -> None:
    for person in (admin, town["chief"]):
        words = words_of((await own.get(PAGE, headers=person.headers)).text)
        example = re.search(r"李明，[^\s。]+社区", words)
        assert example is not None
        assert (await send(own, person, example.group())).status_code == 200, example


async def test_nothing_and_too_much_are_said(own, admin) -> None:
    assert "至少填一行" in words_of((await send(own, admin, " \n ")).text)
    many = "\n".join(["李明,刘家庄社区"] * 201)
    assert "最多填 200 个人" in words_of((await send(own, admin, many)).text)
    assert await made(own) == []


async def test_who_manages_a_part_invites_for_that_part_alone(own) -> None:
    ids = (await places(own.store)).community
    part = await arrived(own.store, "part", Grant(Role.ADMINISTRATOR, None, ids["liujiazhuang"]))
    assert "岗位不归您管" in words_of((await send(own, part, "李明,天桥区")).text)
    assert await made(own) == []
    assert (await send(own, part, "李明,刘家庄社区")).status_code == 200
    assert len(await made(own)) == 1


async def test_a_role_that_is_none_makes_no_link(own, admin) -> None:
    assert (await send(own, admin, "李明,刘家庄社区", "king")).status_code == 422
    assert await made(own) == []
