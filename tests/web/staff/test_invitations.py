"""Links that invite, and links to a new password."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from domain.staff import accounts
from domain.staff.actor import Grant
from domain.staff.tables import Invitation, Role
from tests.world.district import places
from tests.world.forms import CHINESE, CLERK, ENGLISH, field, link_for
from tests.world.people import DISTRICT_ADMINISTRATOR, PASSWORD, arrived, hired, log_of
from web.site.forms import Form

if TYPE_CHECKING:
    from tests.world.app import Browser
    from tests.world.people import Person


async def test_an_invitation_is_a_link_and_a_code_shown_once(own, admin) -> None:
    form = {"full_name": " 韩秀芝 ", "role": "editor", "place": "district"}
    response = await own.post("/staff/invitations", headers=admin.headers, data=form)
    address = re.search(r"http://lianxin\.test(/invitations/[\w-]{40,})", response.text)
    assert address
    assert "给韩秀芝的链接" in response.text
    source = re.search(r'src="(/code\.svg\?to=[^"]+)"', response.text)
    assert source
    assert (await own.get(unescape(source.group(1)))).headers["content-type"] == "image/svg+xml"
    assert response.headers["cache-control"] == "no-store"
    assert address.group(1) not in (await own.get("/staff/log", headers=admin.headers)).text
    welcome = await own.get(address.group(1))
    assert "欢迎，韩秀芝" in welcome.text
    assert welcome.headers["cache-control"] == "no-store"
    assert "Welcome, " in (await own.get(address.group(1), headers=ENGLISH)).text


async def test_a_wrong_invitation_keeps_what_was_typed_and_says_what_is_wrong(own, admin) -> None:
    for form, name in (
        ({"full_name": " ", "role": "clerk", "place": "district"}, "full_name"),
        ({"full_name": "韩秀芝", "role": "emperor", "place": "district"}, "place"),
        ({"full_name": "韩秀芝", "role": "clerk", "place": "moon"}, "place"),
        ({"full_name": "韩秀芝", "role": "clerk", "place": "c:99999"}, "place"),
        ({"full_name": "韩秀芝", "role": "clerk", "place": "c:1 OR 1"}, "place"),
        ({"full_name": "韩秀芝", "role": "clerk"}, "place"),
        ({"full_name": "韩秀芝", "place": "district"}, "role"),
        ({"full_name": "韩秀芝", "role": "", "place": ""}, "role"),
        ({"full_name": "韩秀芝", "role": "", "place": ""}, "place"),
    ):
        response = await own.post("/staff/invitations", headers=admin.headers, data=form)
        assert response.status_code == 422, form
        assert 'class="wrong"' in field(response.text, name), form
        if name != "full_name":
            assert 'value="韩秀芝"' in field(response.text, "full_name"), form
    async with own.store.read() as session:
        assert await session.scalar(select(func.count(Invitation.id))) == 0


async def test_nobody_is_invited_to_a_role_or_a_place_that_nobody_chose(own, admin, town) -> None:
    person = f"/staff/people/{town['below'].id}"
    await own.post(f"{person}/deactivation", headers=admin.headers)
    for path in ("/staff/people", person, "/staff/invitations/list"):
        page = (await own.get(path, headers=admin.headers)).text
        for name in {"role", "place"} & set(re.findall(r'<select\s+id="(\w+)"', page)):
            select_ = re.search(rf'<select\s+id="{name}".*?</select>', page, re.DOTALL)
            assert select_ is not None
            assert " required" in " ".join(select_.group().split()), (path, name)
            assert "selected" not in select_.group(), (path, name)
            first = re.search(r'<option value="([^"]*)"', select_.group())
            assert first is not None
            assert first[1] == "", (path, name)


@pytest.mark.parametrize("place", ["district", "s", "c"])
async def test_the_log_names_the_place_of_every_invitation(own, admin, place) -> None:
    found = await places(own.store)
    value, name = {
        "district": ("district", "天桥区"),
        "s": (f"s:{found.subdistrict['luokou']}", "泺口街道"),
        "c": (f"c:{found.community['liujiazhuang']}", "刘家庄社区"),
    }[place]
    form = {"full_name": "韩秀芝", "role": "clerk", "place": value}
    await own.post("/staff/invitations", headers=admin.headers, data=form)
    await own.post("/staff/invitations/1/withdrawal", headers=admin.headers)
    for action in ("invited", "invitation-withdrawn"):
        page = (await own.get(f"/staff/log?action={action}", headers=admin.headers)).text
        entry = page[page.index('class="number"') :].partition("</main>")[0]
        assert name in entry, action


def test_what_was_typed_in_several_lines_keeps_its_lines_and_nothing_odd() -> None:
    form = Form({"words": ["一\r\n二\x00\u3000三\t四\u202e\r\n\r\n五"]})
    assert form.given("words") == "一\n二 三 四\n\n五"
    assert form.text("words") == "一  二 三 四    五"
    assert form.all("words") == [form.given("words")]
    assert form.given("nothing") == ""


@pytest.mark.parametrize(
    ("typed", "kept"), [("韩\x00秀芝", "韩秀芝"), ("\u3000韩\u3000秀芝\r\n", "韩 秀芝")]
)
async def test_a_name_is_kept_without_what_no_page_may_hold(own, admin, typed, kept) -> None:
    form = {"full_name": typed, "role": "clerk", "place": "district"}
    response = await own.post("/staff/invitations", headers=admin.headers, data=form)
    assert f"给{kept}的链接" in response.text
    form["place"] = "\x00"
    response = await own.post("/staff/invitations", headers=admin.headers, data=form)
    assert f'value="{kept}"' in field(response.text, "full_name")


async def test_a_weak_password_is_said_beside_the_field_and_the_name_stays(own) -> None:
    link = await link_for(own)
    for password, said in (
        ("short", "至少"),
        ("x" * 201, "最多"),
        ("aaaaaaaaaaaa", "太好猜"),
        ("this is xiuzhi!", "太好猜"),
        ("我就是韩秀芝呀", "至少"),
        ("我就是韩秀芝本人没有错", "太好猜"),
    ):
        response = await own.post(link, data={"name": "xiuzhi", "password": password})
        assert response.status_code == 422, password
        assert said in field(response.text, "password"), password
        assert 'value="xiuzhi"' in field(response.text, "name")
        assert password not in response.text
    assert (await own.get(link)).status_code == 200


async def test_a_password_link_looks_for_the_persons_name_as_well(own) -> None:
    li = await hired(own.store, "zhang.san", CLERK)
    for password in ("zhang.san2026", "Zhang.San Wang!"):
        response = await own.post(await link_for(own, li), data={"password": password})
        assert response.status_code == 422


async def test_a_name_that_is_none_is_said_beside_the_field(own) -> None:
    link = await link_for(own)
    for name in ("", "x", "韩秀芝", "han xiuzhi", "../admin"):
        response = await own.post(link, data={"name": name, "password": PASSWORD})
        assert response.status_code == 422, name
        assert "2 到 40" in field(response.text, "name"), name


async def test_a_link_that_opens_nothing_says_so_in_either_language(own) -> None:
    for headers, words in (
        (CHINESE, "这个链接已经失效"),
        (ENGLISH, "This link no longer works"),
    ):
        for method in ("GET", "POST"):
            response = await own.request(
                method,
                "/invitations/never-was",
                headers=headers,
                data={"name": "han", "password": PASSWORD} if method == "POST" else None,
            )
            assert response.status_code == 404
            assert words in response.text


async def test_a_link_used_by_two_at_once_lets_one_in(own) -> None:
    link = await link_for(own)
    forms = [{"name": f"han{n}", "password": PASSWORD} for n in range(2)]
    answers = await asyncio.gather(*(own.post(link, data=form) for form in forms))
    assert sorted(each.status_code for each in answers) == [303, 404]


async def test_an_older_password_link_does_not_outlive_a_newer_one_that_was_used(own) -> None:
    li = await hired(own.store, "li", CLERK)
    lost, used = await link_for(own, li), await link_for(own, li)
    assert (await own.post(used, data={"password": PASSWORD})).status_code == 303
    assert (await own.get(lost)).status_code == 404


async def test_a_password_that_was_changed_ends_the_links_to_a_new_one(own) -> None:
    li = await arrived(own.store, "li", CLERK)
    link = await link_for(own, li.id)
    form = {"current": PASSWORD, "new": "some quite other words"}
    await own.post("/staff/account/password", headers=li.headers, data=form)
    assert (await own.get(link)).status_code == 404


async def test_a_password_link_for_somebody_who_left_opens_nothing(own, admin) -> None:
    li = await hired(own.store, "li", CLERK)
    link = await link_for(own, li)
    await own.post(f"/staff/people/{li}/deactivation", headers=admin.headers)
    assert (await own.get(link)).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (("deactivation", {}), 404),
        (("roles", {"role": "clerk", "place": "district"}), 404),
        (("roles", {"role": ["administrator", "clerk"], "place": ["district"] * 2}), 200),
    ],
    ids=["let go", "other roles", "one role more"],
)
async def test_a_link_opens_nothing_when_who_made_it_lost_the_role(
    own, admin, change, status
) -> None:
    gone = await arrived(own.store, "gone", DISTRICT_ADMINISTRATOR)
    form = {"full_name": "Me Again", "role": "administrator", "place": "district"}
    page = (await own.post("/staff/invitations", headers=gone.headers, data=form)).text
    link = re.search(r"/invitations/[\w-]{40,}", page)
    assert link
    noun, form = change
    await own.post(f"/staff/people/{gone.id}/{noun}", headers=admin.headers, data=form)
    assert (await own.get(link.group())).status_code == status


async def links(own: Browser, person: Person) -> str:
    """What the list of links says, as text."""
    page = (await own.get("/staff/people", headers=person.headers)).text
    section = page[page.index('aria-labelledby="links"') :].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", section).split())


async def given(own: Browser, person: Person, path: str, form: dict[str, str]) -> str:
    """The path of the link that this form makes."""
    page = (await own.post(path, headers=person.headers, data=form)).text
    found = re.search(r"http://lianxin\.test(/invitations/[\w-]{40,})", page)
    assert found, page
    return found[1]


async def test_a_link_sent_into_the_wrong_chat_is_seen_and_withdrawn(own, admin) -> None:
    form = {"full_name": "韩秀芝", "role": "administrator", "place": "district"}
    address = await given(own, admin, "/staff/invitations", form)
    said = await links(own, admin)
    for words in ("韩秀芝", "管理员", "天桥区", "Admin Wang", "2026年11月30日"):
        assert words in said, words
    path = "/staff/invitations/1/withdrawal"
    assert (await own.post(path, headers=admin.headers)).status_code == 303
    assert (await own.get(address)).status_code == 404
    assert "撤回" not in await links(own, admin)
    assert "已失效" in await links(own, admin)
    newest = (await log_of(own.store))[-1]
    assert newest.action == "invitation-withdrawn"
    assert newest.before == {"full_name": "韩秀芝", "role": "administrator"}
    assert (await own.post(path, headers=admin.headers)).status_code == 303
    assert (await log_of(own.store))[-1].id == newest.id


async def test_a_link_that_was_used_says_so(own, admin) -> None:
    form = {"full_name": "韩秀芝", "role": "clerk", "place": "district"}
    address = await given(own, admin, "/staff/invitations", form)
    await own.post(address, data={"name": "han", "password": "三棵槐树下面的小院子"})
    assert "用过了" in await links(own, admin)
    assert "撤回" not in await links(own, admin)


async def test_links_are_seen_and_withdrawn_only_by_who_could_give_them(own, town) -> None:
    form = {"full_name": "韩秀芝", "role": "clerk", "place": "district"}
    address = await given(own, town["admin"], "/staff/invitations", form)
    chief = town["chief"].headers
    assert "韩秀芝" not in (await own.get("/staff/people", headers=chief)).text
    response = await own.post("/staff/invitations/1/withdrawal", headers=chief)
    assert response.status_code == 404
    assert (await own.post("/staff/invitations/99/withdrawal", headers=chief)).status_code == 404
    assert (await own.get(address)).status_code == 200


async def test_a_person_who_left_returns_under_the_old_login_name(own, admin, town) -> None:
    person, headers = town["below"], admin.headers
    path = f"/staff/people/{person.id}"
    form = {"role": "editor", "place": "district"}
    assert (await own.post(f"{path}/return", headers=headers, data=form)).status_code == 404
    await own.post(f"{path}/deactivation", headers=headers)
    wrong = await own.post(f"{path}/return", headers=headers, data={"role": "editor"})
    assert wrong.status_code == 422
    address = await given(own, admin, f"{path}/return", form)
    assert (await own.get(path, headers=headers)).text.count("请回来") == 1
    password = "三棵槐树下面的小院子"
    assert (await own.post(address, data={"password": password})).status_code == 303
    async with own.store.read() as session:
        member = await accounts.member_with_roles(session, person.id)
        assert (member.name, member.ended_at) == ("below", None)
        assert accounts.actor_for(member, None).grants == (Grant(Role.EDITOR),)
    own.cookies.clear()
    signed_in = await own.post("/staff/sessions", data={"name": "below", "password": password})
    assert signed_in.headers["location"] == "/staff"
    assert (await own.get(address)).status_code == 404
    actions = [entry.action for entry in await log_of(own.store)]
    assert actions[-4:] == ["invited-back", "came-back", "password-set", "signed-in"]


async def test_a_return_is_ended_with_the_right_to_give_it(own, admin, town) -> None:
    path = f"/staff/people/{town['below'].id}"
    await own.post(f"{path}/deactivation", headers=admin.headers)
    home = (await places(own.store)).community["liujiazhuang"]
    form = {"role": "editor", "place": f"c:{home}"}
    address = await given(own, town["chief"], f"{path}/return", form)
    await own.post(f"/staff/people/{town['chief'].id}/deactivation", headers=admin.headers)
    assert (await own.get(address)).status_code == 404
