"""The log: narrowed, paged, and as a file."""

from __future__ import annotations

import ast
import asyncio
import csv
import datetime as dt
import re
from functools import partial
from html import unescape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import html5lib
from sqlalchemy import select, update

from domain.devices.tables import DeviceKind
from domain.disclosures.tables import CatalogueWish, Disclosure
from domain.papers.kinds import GUIDE
from domain.papers.kinds.guide import ItemGuide
from domain.papers.paper import Paper
from domain.papers.versions import publish, published
from domain.staff import accounts, roles
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.journal import note
from domain.staff.tables import Role
from tests.world.clock import NOW
from tests.world.district import places
from tests.world.statements import statements_of
from web.staff import log, log_terms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.app import Browser
    from tests.world.people import Person
    from web.staff.log_words import LogLine

ROOT = Path(log.__file__).parent.parent.parent


async def numbers(own: Browser, person: Person, query: str = "") -> list[int]:
    """The entries that a page of the log shows."""
    page = (await own.get(f"/staff/log{query}", headers=person.headers)).text
    return [int(each) for each in re.findall(r'class="number"[^>]*>(\d+)<', page)]


async def said(own: Browser, action: str, subject: str, **more: Any) -> None:
    """Put an entry into the log."""
    given = {"now": NOW, **more}
    await own.store.write(
        partial(note, actor=COMMAND_LINE, action=action, subject=subject, **given)
    )


async def test_the_log_is_narrowed_by_who_what_and_about_what(own, admin) -> None:
    await said(own, "item-published", "handbook/dibao")
    await said(own, "item-published", "handbook/gaoling")
    await said(own, "hall-changed", "100%/x")
    assert await numbers(own, admin) == [5, 4, 3, 2, 1]
    assert await numbers(own, admin, "?person=ADMIN") == [2, 1]
    assert await numbers(own, admin, "?action=item-published") == [4, 3]
    assert await numbers(own, admin, "?subject=handbook/dibao") == [3]
    assert await numbers(own, admin, "?subject=handbook/") == [4, 3]
    assert await numbers(own, admin, "?subject=handbook/d") == []
    assert await numbers(own, admin, "?subject=handbook&action=hall-changed") == []
    assert await numbers(own, admin, "?subject=%25") == []
    assert await numbers(own, admin, "?subject=100%25") == [5]
    assert await numbers(own, admin, "?person=nobody") == []


async def test_the_log_of_one_person_is_not_that_of_ten(own, admin) -> None:
    await said(own, "tried", "staff/1")
    await said(own, "tried", "staff/10")
    assert await numbers(own, admin, "?subject=staff/1&action=tried") == [3]


async def test_an_odd_question_to_the_log_is_answered(own, admin) -> None:
    for query in (
        "?before=x",
        "?before=-1",
        "?before=²",
        "?before=" + "9" * 40,
        "?before=99999999999999",
        "?person=%00&action=%00&subject=%00",
        "?person=" + "x" * 5000,
        "?action='--",
    ):
        for path in ("/staff/log", "/staff/log.csv"):
            response = await own.get(path + query, headers=admin.headers)
            assert response.status_code == 200, query


async def test_older_pages_keep_the_filters_and_end(own, admin) -> None:
    for number in range(101):
        await said(own, "tried", f"a&b/{number}")
    seen, query = [], "?subject=a%26b/&action=tried"
    for _ in range(3):
        page = (await own.get(f"/staff/log{query}", headers=admin.headers)).text
        seen += [int(each) for each in re.findall(r'class="number"[^>]*>(\d+)<', page)]
        older = re.search(r'href="/staff/log(\?[^"]*before=\d+)"', page)
        if older is None:
            break
        query = unescape(older.group(1))
    assert seen == list(range(103, 2, -1))
    assert older is None


async def test_before_and_after_are_words_and_never_markup(own, admin) -> None:
    await said(own, "<b>tried</b>", "<i>x</i>", before="<script>1", after={"名": "“<img>”"})
    page = (await own.get("/staff/log", headers=admin.headers)).text
    assert "<script>1" not in page
    assert "&lt;script&gt;1" in page
    assert "名" in page
    assert "<b>tried" not in page


async def shown(own: Browser, person: Person, which: int = 0) -> str:
    """What an entry says, as text; the newest is number 0. House rules are checked on the way."""
    page = (await own.get("/staff/log", headers=person.headers)).text
    root = html5lib.parse(page, namespaceHTMLElements=False)
    entries = root.findall(".//ul[@class='rows card log']/li")
    return " ".join("".join(entries[which].itertext()).split())


NESTED = {
    "a": {"b": {"c": [1, {"d": "2026-11-24"}]}},
    "z": [[]],
    "when": "2026-11-24T09:30:00+08:00",
}


async def test_nothing_of_the_log_is_shown_as_data(own, admin) -> None:
    """What was dumped as JSON left `}}` on the page, and nobody in an office reads it."""
    await said(own, "tried", "x/1", before={"a": {"b": {"c": [True, None]}}}, after=NESTED)
    text = await shown(own, admin)
    assert not set('{}[]"') & set(text)
    assert "a › b › c：是 → 1、d：2026年11月24日" in text
    assert "when：2026年11月24日 9:30" in text


async def test_an_entry_says_who_did_what_to_whom_in_words(own, admin, town) -> None:
    home = (await places(own.store)).community["liujiazhuang"]
    grants = [Grant(Role.EDITOR, community_id=home), Grant(Role.CLERK)]
    change = partial(roles.set_roles, staff_id=town["below"].id, grants=grants, now=NOW)
    await own.store.write(partial(change, actor=admin.actor))
    text = await shown(own, admin)
    assert "改了岗位 · Below Wang below" in text
    assert "岗位：窗口人员 · 刘家庄社区 → 编辑 · 刘家庄社区、窗口人员 · 天桥区" in text


async def test_a_published_document_is_told_by_the_words_of_its_form(own, admin) -> None:
    async def unit(session: AsyncSession) -> None:
        paper = Paper(GUIDE, None, "dibao")
        guide = await GUIDE.read(session, paper)
        assert isinstance(guide, ItemGuide)
        short = guide.model_copy(update={"summary": "说得短一些的一句话"})
        number = (await published(session, paper)).number
        await publish(session, admin.actor, paper, short, number, "太长了", NOW)

    await own.store.write(unit)
    text = await shown(own, admin)
    assert "· 办事指南：最低生活保障申请" in text
    assert "修改原因：太长了" in text
    assert re.search("一句话说明：.+ → 说得短一些的一句话", text), text


async def test_what_has_a_title_is_named_by_it_unless_it_is_held_back(own, admin) -> None:
    async with own.store.read() as session:
        home = await session.scalar(select(Disclosure.community_id).where(Disclosure.id == 1))
        title = await session.scalar(select(Disclosure.title).where(Disclosure.id == 1))
    wish = CatalogueWish(
        id=7,
        community_id=home,
        form_key="w",
        title="他家的电话 13900000000",
        why="想看",
        asked_at=NOW,
        public_title="电梯维保合同",
        is_shown=True,
    )

    async def unit(session: AsyncSession) -> None:
        session.add(wish)

    await own.store.write(unit)
    for subject in ("disclosure/1", "wish/7", "wish/99999", "day/x", "call-back/²"):
        await said(own, "tried", subject)
    assert f"公开 1：{title}" in await shown(own, admin, 4)
    assert "增项申请 7：电梯维保合同" in await shown(own, admin, 3)
    hide = update(CatalogueWish).values(is_shown=False)
    await own.store.write(lambda session: session.execute(hide))
    assert "增项申请 7命令行" in await shown(own, admin, 3)


async def test_what_a_person_was_called_then_stays(own, admin, town) -> None:
    below = town["below"]
    await own.store.write(partial(note, actor=below.actor, action="tried", subject="x/1", now=NOW))
    rename = partial(accounts.rename, staff_id=below.id, full_name="周新", now=NOW)
    await own.store.write(partial(rename, actor=admin.actor))
    assert "Below Wang (below)" in await shown(own, admin, 1)
    assert "姓名：Below Wang → 周新" in await shown(own, admin)
    newest = (await numbers(own, admin))[0]
    for typed in ("周新", "below wang", "BELO"):
        assert newest - 1 in await numbers(own, admin, f"?person={quote(typed)}"), typed
    assert await numbers(own, admin, f"?person={quote('周旧')}") == []


async def test_the_log_is_narrowed_by_community_and_days(own, admin) -> None:
    here = (await places(own.store)).community["liujiazhuang"]
    day = dt.timedelta(days=1)
    first = (await numbers(own, admin))[0]
    for number, at in enumerate((NOW - day, NOW, NOW + day)):
        await said(own, "tried", f"x/{number}", now=at, community_id=here)
    got = partial(numbers, own, admin)
    assert await got("?place=liujiazhuang") == [first + 3, first + 2, first + 1]
    assert await got("?place=yikang") == []
    assert await got("?place=nowhere") == []
    assert await got("?action=tried&since=2026-11-23") == [first + 3, first + 2]
    assert await got("?action=tried&until=2026-11-23") == [first + 2, first + 1]
    assert await got("?action=tried&since=2026-11-23&until=2026-11-23") == [first + 2]
    assert await got("?action=tried&since=x&until=9999-12-31") == [first + 3, first + 2, first + 1]


async def test_a_page_of_the_log_costs_as_much_with_many_people(own, admin, town) -> None:
    """People named by entries are read together, whatever their number."""
    engine = own.store._engine.sync_engine
    await own.get("/staff/log", headers=admin.headers)
    with statements_of(engine, asyncio.current_task()) as few:
        await own.get("/staff/log", headers=admin.headers)
    for person in town.values():
        for number in range(5):
            await own.store.write(
                partial(note, actor=person.actor, action="tried", subject=f"x/{number}", now=NOW)
            )
    with statements_of(engine, asyncio.current_task()) as many:
        await own.get("/staff/log", headers=admin.headers)
    assert len(many) == len(few)


def written() -> Iterator[str]:
    """Every word that code gives to the log as an action, and a few that are subjects."""
    files = [each for part in ("domain", "web") for each in (ROOT / part).rglob("*.py")]
    texts = (each.read_text(encoding="utf-8") for each in files)
    nodes = (
        node for text in texts if "journal import" in text for node in ast.walk(ast.parse(text))
    )
    for call in nodes:
        writes = {"note", "_note", "_tell", "_raise"}
        if isinstance(call, ast.Call) and getattr(call.func, "id", None) in writes:
            yield from (word for given in call.args[2:4] for word in words_in(given))


def words_in(given: ast.expr) -> Iterator[str]:
    """The words like `day-closed` in an expression."""
    for node in ast.walk(given):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"^[a-z]+(?:-[a-z]+)*$", node.value)


# Whole subjects that stand where an action can.
SUBJECTS = {"staff", "handbook", "communities"}


def test_every_action_that_is_written_has_words() -> None:
    found = {*written()} - SUBJECTS
    assert len(found) > 40
    assert found - set(log_terms.ACTIONS) == set()


async def rows_of(own: Browser, person: Person, query: str = "") -> list[dict[str, str]]:
    """The rows of the log's file, by their Chinese headings."""
    text = (await own.get(f"/staff/log.csv{query}", headers=person.headers)).text
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


HEAD = ["序号", "时间", "姓名", "登录名", "做了什么", "关于", "社区名称", "改动前后", "校验值"]


async def test_no_cell_of_the_file_is_a_formula(own, admin) -> None:
    begins = "=+-@\t\r"
    for begin in begins:
        await said(own, f"{begin}1+1", f"{begin}HYPERLINK(1)", after="=1", before=-1)
    rows = await rows_of(own, admin)
    assert [list(row) for row in rows] == [HEAD] * len(rows)
    assert not [cell for row in rows for cell in row.values() if cell[:1] in set("=+-@\t\r")]
    actions = [row["做了什么"] for row in rows[-len(begins) :]]
    assert actions == [f"'{begin}1+1" for begin in begins]


async def test_the_file_holds_what_the_page_is_narrowed_to(own, admin) -> None:
    await said(own, "tried", "x/1", after={"名": "“引,号”\n"})
    response = await own.get("/staff/log.csv?action=tried", headers=admin.headers)
    assert "attachment" in response.headers["content-disposition"]
    rows = await rows_of(own, admin, "?action=tried")
    assert [(row["做了什么"], row["关于"], row["姓名"]) for row in rows] == [
        ("tried", "x/1", "命令行")
    ]
    assert rows[0]["改动前后"] == "名：“引,号”\n"
    assert rows[0]["时间"] == "2026-11-23 10:26:00"


async def test_the_file_speaks_the_language_of_who_asks(own, admin) -> None:
    headers = {"cookie": f"{admin.headers['cookie']}; lianxin=lang:en"}
    text = (await own.get("/staff/log.csv?action=signed-in", headers=headers)).text
    head, row = list(csv.reader(StringIO(text.removeprefix("\ufeff"))))[:2]
    assert head[:4] == ["Entry", "Time", "Full name", "Name"]
    assert row[2:5] == ["Admin Wang", "admin", "signed in"]


async def test_a_long_file_lets_others_have_their_turn(own, admin, monkeypatch) -> None:
    monkeypatch.setattr(log, "PART", 10)
    for number in range(95):
        await said(own, "tried", f"x/{number}", after=number)
    done = most = 0

    def counting(line: LogLine, *given: Any) -> log.Row:
        nonlocal done
        done += 1
        return row(line, *given)

    row = log._row
    monkeypatch.setattr(log, "_row", counting)
    asking = asyncio.create_task(own.get("/staff/log.csv?action=tried", headers=admin.headers))
    while not asking.done():
        before = done
        await asyncio.sleep(0)
        most = max(most, done - before)
    rows = list(csv.DictReader(StringIO((await asking).text.removeprefix("\ufeff"))))
    assert [row["改动前后"] for row in rows] == [str(number) for number in range(95)]
    assert 0 < most <= 10


async def test_a_file_ends_at_the_most_rows(own, admin, monkeypatch) -> None:
    monkeypatch.setattr(log, "PART", 10)
    monkeypatch.setattr(log, "MOST_ROWS", 25)
    for number in range(40):
        await said(own, "tried", f"x/{number}")
    text = (await own.get("/staff/log.csv?action=tried", headers=admin.headers)).text
    assert text.count("tried") == 25


async def test_nobody_below_the_district_reads_the_log(own, town) -> None:
    for name in ("chief", "below", "above"):
        for path in ("/staff/log", "/staff/log.csv"):
            assert (await own.get(path, headers=town[name].headers)).status_code == 404


def test_every_role_and_kind_of_device_has_words() -> None:
    assert {*Role} == set(log_terms.VALUES["role"])
    assert {*DeviceKind} <= set(log_terms.VALUES["kind"])
