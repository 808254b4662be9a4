"""The board: sheets to print, the record of where they hang, and the hall's screen."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from domain.disclosures import publishing
from domain.disclosures.carriers import MOST
from domain.disclosures.catalogue import Carrier
from domain.disclosures.content import DisclosureContent, LedgerLine
from domain.disclosures.erasing import erase
from domain.disclosures.tables import BoardPosting, CarrierNote
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.databases import both_databases
from tests.world.disclosures import DRAFT, LEDGER
from tests.world.people import arrived
from tests.world.photos import jpeg
from web.disclosures.sheet_pages import sheets_of
from web.site.device_key import FormKey

if TYPE_CHECKING:
    import httpx
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import Disclosure
    from domain.staff.actor import Actor
    from tests.world.app import Browser
    from tests.world.disclosures import DisclosureOffice
    from tests.world.people import Person

HERE = "/c/liujiazhuang/disclosures"
DESK = f"/staff{HERE}"
BOARDS = "/staff/c/liujiazhuang/postings"


@pytest.fixture
async def editor(own: Browser, office: DisclosureOffice) -> Person:
    grant = Grant(Role.EDITOR, community_id=office.community.id)
    return await arrived(own.store, "editor-of-boards", grant)


async def post(browser: Browser, who: Person, disclosure_id: int, **form: Any) -> httpx.Response:
    today = browser.services.now().date()
    data = {
        "request": FormKey.new().key,
        "place": "1 号楼东侧",
        "since": today.isoformat(),
        "until": (today + dt.timedelta(days=6)).isoformat(),
        **{name: value for name, value in form.items() if name != "files"},
    }
    path = f"{DESK}/{disclosure_id}/postings"
    files = form.get("files", {"photo": ("", b"")})
    return await browser.post(path, data=data, files=files, headers=who.headers)


async def test_a_sheet_has_title_summary_table_person_end_and_code(own, office) -> None:
    disclosure_id = await office.published(open_days=5)
    for below, size in (("", "a4"), ("/a3", "a3")):
        page = (await own.get(f"{HERE}/{disclosure_id}/sheet{below}")).text
        for words in (
            "11 月份社区工作经费收支",
            "修好了 3 号楼的灯",
            "会计（样例）",
            "楼道照明维修",
        ):
            assert words in page
        assert f'class="board-sheet {size}"' in page
        assert "异议" in page
        assert f"/code.svg?to={HERE}/{disclosure_id}" in page
        assert "第 1 张，共 1 张" in page
    assert (await own.get(f"{HERE}/{disclosure_id}/sheet/a0")).status_code == 404
    assert (await own.get(f"/c/yikang/disclosures/{disclosure_id}/sheet")).status_code == 404


async def test_a_period_that_is_over_is_not_called_open(own, office, clock) -> None:
    disclosure_id = await office.published(open_days=5)
    pages = [f"{HERE}/{disclosure_id}", f"{HERE}/{disclosure_id}/sheet"]
    for page in pages:
        assert "可提异议，到" in (await own.get(page)).text
    clock.now += dt.timedelta(days=12)
    for page in pages:
        text = (await own.get(page)).text
        assert "可提异议，到" not in text
        assert "，已结束" in text


async def test_a_long_ledger_goes_on_on_further_sheets_with_every_line_once(own, office) -> None:
    lines = [
        {**LEDGER[1], "key": f"k{n}", "purpose": f"第{n:03}笔" + "维修" * (n % 30), "evidence": "票" * (1 + n % 40)}
        for n in range(120)
    ]  # fmt: skip
    disclosure_id = await office.published(ledger=lines)
    page = (await own.get(f"{HERE}/{disclosure_id}/sheet")).text
    found = re.findall(r"第(\d{3})笔", page.partition("<main")[2])
    assert found == [f"{n:03}" for n in range(120)]
    [count] = set(re.findall(r"共 (\d+) 张", page))
    assert int(count) == page.count('class="board-sheet ') > 5
    assert page.count("board-totals") == 1


def test_totals_never_stand_on_a_sheet_alone() -> None:
    content = DisclosureContent.model_validate(DRAFT)
    for count in range(1, 80):
        lines = tuple(
            LedgerLine(key=f"k{n}", day=dt.date(2026, 11, 1), purpose="x", fen=1)
            for n in range(count)
        )
        sheets = sheets_of("x", content.model_copy(update={"ledger": lines}))
        assert sum(len(sheet.lines) for sheet in sheets) == count
        assert all(sheet.lines for sheet in sheets[1:])
        assert [sheet.is_last for sheet in sheets] == [False] * (len(sheets) - 1) + [True]


async def test_what_is_for_some_is_on_the_offices_sheet_only(own, office, editor) -> None:
    disclosure_id = await office.published(
        audience="some", where_to_see="大厅公告栏", summary="低保"
    )
    public = (await own.get(f"{HERE}/{disclosure_id}/sheet")).text
    assert "低保" not in public
    assert "大厅公告栏" in public
    printed = await own.get(f"{DESK}/{disclosure_id}/sheet", headers=editor.headers)
    assert "低保" in printed.text
    page = (await own.get(f"{HERE}/{disclosure_id}")).text
    assert "只在公示栏张贴" in page
    assert "还没有张贴" in page
    assert (await post(own, editor, disclosure_id, place="大厅公告栏东")).status_code == 303
    page = (await own.get(f"{HERE}/{disclosure_id}")).text
    assert "大厅公告栏东" in page
    assert "张贴，到" in page


@both_databases
async def test_a_posting_is_noted_once_shown_and_taken_down(own, office, editor) -> None:
    disclosure_id = await office.published()
    form = {"request": FormKey.new().key}
    for _ in range(2):
        photo = {"photo": ("b.jpg", jpeg())}
        assert (await post(own, editor, disclosure_id, files=photo, **form)).status_code == 303
    page = (await own.get(f"{HERE}/{disclosure_id}")).text
    assert page.count("1 号楼东侧") == 1
    desk = (await own.get(f"{DESK}/{disclosure_id}/postings", headers=editor.headers)).text
    [photo_path] = re.findall(rf'href="({BOARDS}/\d+/photo)"', desk)
    answer = await own.get(photo_path, headers=editor.headers)
    assert answer.content.startswith(b"\xff\xd8\xff")
    own.cookies.clear()
    assert (await own.get(photo_path)).status_code in {303, 404}
    [posting] = re.findall(rf'action="{BOARDS}/(\d+)/ending"', desk)
    down = await own.post(f"{BOARDS}/{posting}/ending", headers=editor.headers)
    assert down.status_code == 303
    assert "张贴过" in (await own.get(f"{HERE}/{disclosure_id}")).text


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"place": ""}, "请填写"),
        ({"place": "x" * 90}, "精简"),
        ({"since": "soon"}, "今天前后"),
        ({"until": "2020-01-01"}, "今天前后"),
        ({"since": "2026-11-25", "until": "2026-11-24"}, "不能早于"),
        ({"files": {"photo": ("a.jpg", b"GIF89a" + b"x" * 99)}}, "不是照片"),
    ],
)
async def test_what_cannot_hang_is_said(own, office, editor, form, word) -> None:
    disclosure_id = await office.published()
    answer = await post(own, editor, disclosure_id, **form)
    assert answer.status_code == 422
    assert word in answer.text
    assert "张贴中" not in answer.text


async def carry(
    browser: Browser, who: Person, disclosure_id: int, carrier: str, day: str
) -> httpx.Response:
    path = f"{DESK}/{disclosure_id}/carriers"
    return await browser.post(path, data={"carrier": carrier, "noted": day}, headers=who.headers)


@both_databases
async def test_group_chats_and_meetings_are_noted_once_a_day(own, office, editor) -> None:
    disclosure_id = await office.published()
    today = own.services.now().date().isoformat()
    for carrier in ("group", "group", "meeting"):
        assert (await carry(own, editor, disclosure_id, carrier, today)).status_code == 303
    desk = (await own.get(f"{DESK}/{disclosure_id}/postings", headers=editor.headers)).text
    assert desk.count("<b>已发居民群</b>") == desk.count("<b>已在会议上宣读</b>") == 1


async def test_what_was_noted_long_ago_is_noted_once_too(own, office, editor) -> None:
    disclosure_id, today = await office.published(), own.services.now().date()
    long_ago = (today - dt.timedelta(days=80)).isoformat()

    async def fill(session: AsyncSession) -> None:
        # More than a page shows, all of them later.
        for days in range(MOST + 1):
            session.add(
                CarrierNote(
                    disclosure_id=disclosure_id,
                    community_id=office.community.id,
                    carrier=Carrier.GROUP,
                    day=today + dt.timedelta(days=days),
                    noted_by=editor.id,
                    noted_at=office.now,
                )
            )

    await own.store.write(fill)
    for _ in range(2):
        assert (await carry(own, editor, disclosure_id, "group", long_ago)).status_code == 303


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        (("group", "9999-12-31"), "最近"),
        (("group", "2020-01-01"), "最近"),
        (("group", "x" * 5000), "最近"),
        (("board", ""), "请填写"),
        (("\x00", ""), "请填写"),
    ],
)
async def test_what_was_carried_nowhere_is_said(own, office, editor, typed, word) -> None:
    answer = await carry(own, editor, await office.published(), *typed)
    assert answer.status_code == 422
    assert word in answer.text
    async with own.store.read() as session:
        assert not list(await session.scalars(select(CarrierNote)))


async def test_what_was_withdrawn_is_sent_to_no_group(own, office, editor) -> None:
    disclosure_id = await office.published()
    await office.withdraws(disclosure_id)
    assert (await carry(own, editor, disclosure_id, "group", "")).status_code == 422


async def _home(browser: Browser, who: Person) -> str:
    return (await browser.get("/staff", headers=who.headers)).text


async def test_the_staff_home_asks_to_take_down_and_to_hang_again(own, office, editor) -> None:
    disclosure_id = await office.published()
    today = own.services.now().date()
    short = {"until": (today + dt.timedelta(days=1)).isoformat()}
    assert (await post(own, editor, disclosure_id, **short)).status_code == 303
    assert "公示栏" not in await _home(own, editor)

    async def withdraw(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
        await publishing.withdraw(session, actor, made, "金额有误", office.now)

    other = await office.published()
    assert (await post(own, editor, other)).status_code == 303
    await office.do(other, withdraw)
    assert "1 张应当取下" in await _home(own, editor)
    assert (await post(own, editor, other)).status_code == 422
    board = (await own.get(BOARDS, headers=editor.headers)).text
    for posting in re.findall(rf'action="{BOARDS}/(\d+)/ending"', board):
        await own.post(f"{BOARDS}/{posting}/ending", headers=editor.headers)
    home = await _home(own, editor)
    assert "应当取下" not in home
    assert "1 张没贴够天数" in home
    assert (
        "不足 5 天"
        in (await own.get(f"{DESK}/{disclosure_id}/postings", headers=editor.headers)).text
    )
    assert (await post(own, editor, disclosure_id)).status_code == 303
    assert "没贴够" not in await _home(own, editor)


async def test_erasing_reaches_the_photographs_of_the_board(own, office, editor) -> None:
    disclosure_id = await office.published()
    await post(own, editor, disclosure_id, files={"photo": ("b.jpg", jpeg())})

    async def wipe(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
        await erase(session, actor, made, [1], "x", office.now, dt.timedelta(days=30))

    await office.do(disclosure_id, wipe)
    async with own.store.read() as session:
        [posting] = (await session.scalars(select(BoardPosting))).all()
        await session.refresh(posting, ["photo"])
        assert posting.photo is None
