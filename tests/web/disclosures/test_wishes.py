"""What residents ask to have published: the form, moderation at the office, and support."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from domain.disclosures.tables import CatalogueWish, WishSupporter
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.forms import hidden, words
from tests.world.people import Cast, hire_cast, sign_in

if TYPE_CHECKING:
    import httpx

    from tests.world.app import Browser

HERE = "/c/liujiazhuang/disclosures"
WISHES = f"{HERE}/wishes"
DESK = "/staff/c/liujiazhuang/disclosures/wishes"
ASKED = {"title": "电梯维保合同", "why": "想知道每年花多少"}


@pytest.fixture
async def cast(own: Browser) -> Cast:
    return await hire_cast(own.store, NOW)


async def asks(own: Browser, **more: str) -> httpx.Response:
    page = (await own.get(f"{WISHES}/new")).text
    return await own.post(WISHES, data={**hidden(page), **ASKED, **more})


async def asked(own: Browser, **more: str) -> str:
    """The address of a new wish."""
    return str((await asks(own, **more)).headers["location"])


async def at_office(own: Browser, cast: Cast, path: str, **data: str) -> httpx.Response:
    """What the editor does with the first wish; the resident's browser forgets nothing of it."""
    key = await sign_in(own, cast.editor, NOW)
    own.cookies.delete("staff")
    headers = {"cookie": "; ".join(f"{name}={value}" for name, value in own.cookies.items())}
    headers["cookie"] += f"; staff={key}"
    if data:
        return await own.post(f"{DESK}/{path}", data=data, headers=headers)
    return await own.get(f"{DESK}/{path}", headers=headers)


async def count(own: Browser, table: Any) -> int:
    async with own.store.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


@both_databases
async def test_a_wish_goes_from_the_form_over_the_office_to_support(own, cast) -> None:
    address = await asked(own)
    mine = await own.get(address)
    assert "现在只有这台设备看得到" in mine.text
    own.cookies.clear()
    assert (await own.get(address)).status_code == 404
    assert "电梯" not in (await own.get(WISHES)).text
    assert "电梯维保合同" in (await at_office(own, cast, "1")).text
    done = await at_office(own, cast, "1/showing", title="电梯维保费用", why="每年花多少")
    assert done.status_code == 303
    page = await own.get(address)
    assert "电梯维保费用" in page.text
    assert "想知道每年花多少" not in page.text
    supported = await own.post(f"{address}/supporters", data=hidden(page.text))
    assert supported.headers["location"] == address
    assert "您已附议" in words(await own.get(address))
    assert "2 人附议" in (await own.get(address)).text
    again = await own.post(f"{address}/supporters", data=hidden(page.text))
    assert again.status_code == 303
    assert await count(own, WishSupporter) == 2


async def test_the_form_sent_twice_is_one_wish(own) -> None:
    page = (await own.get(f"{WISHES}/new")).text
    form = {**hidden(page), **ASKED}
    first = await own.post(WISHES, data=form)
    own.cookies.clear()
    second = await own.post(WISHES, data=form)
    assert first.headers["location"] == second.headers["location"]
    assert await count(own, CatalogueWish) == 1
    # The device is the same one, though its cookie was lost.
    assert (await own.get(second.headers["location"])).status_code == 200


async def test_what_is_missing_or_too_long_is_said_and_nothing_typed_is_lost(own) -> None:
    for more, said in (({"why": " "}, "请写想公开什么"), ({"why": "长" * 1001}, "最多写 1000 字")):
        answer = await asks(own, **more)
        assert answer.status_code == 422
        assert said in answer.text
        assert 'value="电梯维保合同"' in answer.text
    assert await count(own, CatalogueWish) == 0


async def test_what_is_similar_is_shown_once_before_it_is_sent(own, cast) -> None:
    await asked(own)
    await at_office(own, cast, "1/showing", **ASKED)
    answer = await asks(own, title="电梯的维保合同")
    assert answer.status_code == 422
    assert "有人申请过类似的" in answer.text
    assert f'href="{WISHES}/1"' in answer.text
    form = {**hidden(answer.text), "title": "电梯的维保合同", "why": "另一件事"}
    assert (await own.post(WISHES, data=form)).status_code == 303


async def test_what_the_catalogue_has_already_is_named(own) -> None:
    answer = await asks(own, title="惠民资金项目")
    assert "公开目录里已经有： 惠民资金和项目" in words(answer)


async def test_personal_data_stops_showing_it_and_says_where(own, cast) -> None:
    await asked(own, why="找楼长\n电话 13812345678")
    answer = await at_office(own, cast, "1/showing", title="合同", why="找楼长\n电话 13812345678")
    assert answer.status_code == 422
    assert "第 2 行" in words(answer)
    assert "里面有个人信息" in answer.text
    assert (await own.get(WISHES)).text.count("合同") == 1


async def test_a_wish_that_is_held_back_tells_its_device_why(own, cast) -> None:
    address = await asked(own)
    assert (await at_office(own, cast, "1/holding-back", reason=" ")).status_code == 422
    await at_office(own, cast, "1/holding-back", reason="这是业主自己的合同")
    assert "这是业主自己的合同" in (await own.get(address)).text
    own.cookies.clear()
    assert (await own.get(address)).status_code == 404


async def test_a_list_on_paper_makes_it_owed_and_the_office_answers(own, cast) -> None:
    address = await asked(own)
    await at_office(own, cast, "1/showing", **ASKED)
    for wrong in ({"residents": "many"}, {"where": ""}, {"residents": "9999999"}):
        given = {"residents": "600", "representatives": "0", "where": "档案柜", **wrong}
        assert (await at_office(own, cast, "1/paper", **given)).status_code == 422, wrong
    assert "wish-1" not in (await own.get(f"{HERE}/calendar")).text
    given = {"residents": "600", "representatives": "0", "where": "档案柜"}
    await at_office(own, cast, "1/paper", **given)
    assert f"{HERE}/calendar/wish-1" in (await own.get(f"{HERE}/calendar")).text
    duty = await own.get(f"{HERE}/calendar/wish-1")
    assert "第 0 天是附议达到人数那天" in duty.text
    await at_office(own, cast, "1/answer", answer="下月 20 日前公开")
    page = (await own.get(address)).text
    assert "下月 20 日前公开" in page
    assert "档案柜" in page
    own.cookies.clear()
    page = (await own.get(address)).text
    refused = await own.post(f"{address}/supporters", data={"request": "x"})
    assert refused.status_code == 409
    assert "已经答复" in refused.text


async def test_the_address_of_one_wish_takes_a_bounded_number_of_supporters(own, cast) -> None:
    address = await asked(own)
    await at_office(own, cast, "1/showing", **ASKED)
    answers = []
    for _ in range(31):
        own.cookies.clear()
        answers.append(await own.post(f"{address}/supporters"))
    assert [answer.status_code for answer in answers] == [303] * 30 + [429]
    assert "今天从这个网络附议的人太多了" in answers[-1].text
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_another_community_s_office_sees_nothing_of_it(own, cast) -> None:
    await asked(own)
    key = await sign_in(own, cast.neighbour, NOW)
    headers = {"cookie": f"staff={key}"}
    assert (await own.get(f"{DESK}/1", headers=headers)).status_code == 404
    here = "/staff/c/yikang/disclosures/wishes/1"
    assert (await own.get(here, headers=headers)).status_code == 404
    assert (await own.post(f"{here}/showing", data=ASKED, headers=headers)).status_code == 404
