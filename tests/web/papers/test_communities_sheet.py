"""Communities as a spreadsheet, as the district's administrator meets it."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from domain.papers.kinds import HALL, PLACE
from domain.papers.sheets import community_documents
from domain.papers.sheets.cells import value_in
from domain.papers.sheets.communities import BUILDINGS, COMMUNITY, COMPOUND, PLACES, SHEETS, SLUG
from domain.papers.sheets.community_importing import publish_some
from domain.papers.sheets.importing import changes_in, newest_numbers
from domain.papers.sheets.layout import Column, Kind, words_of
from domain.papers.sheets.unpacking import FileFault
from domain.papers.tables import PaperImport
from domain.papers.versions import PublishedMeanwhileError
from domain.places.content import HallContent
from domain.published import load_community
from domain.slugs import place_slug
from domain.staff.actor import Actor
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.people import hire_cast, sign_in
from tests.world.workbooks import Editing
from web.features import FEATURES
from web.papers import communities_sheet, imports
from web.papers.communities_sheet import COMMUNITIES
from web.papers.form.places import labels_of, part_at
from web.papers.form.shape import Field, Group
from web.papers.imports import REFUSALS, XLSX
from web.papers.spec import spec_of
from web.site.bodies import FILE_BODIES
from web.site.words import translations

if TYPE_CHECKING:
    import httpx

    from domain.papers.sheets.importing import Changed
    from tests.world.app import Browser
    from tests.world.people import Cast

PAGE, IMPORTS, BOOK = COMMUNITIES.page, COMMUNITIES.imports, COMMUNITIES.book
HOME = "刘家庄社区"
NEW = "网格长（样例）"
SECOND = 2
"""The version that the first publication makes."""


async def office(browser: Browser) -> Cast:
    """Everybody hired, the district's administrator at the desk."""
    cast = await hire_cast(browser.store, NOW)
    await sign_in(browser, cast.admin, NOW)
    return cast


async def book(browser: Browser) -> Editing:
    """A freshly downloaded file."""
    return Editing((await browser.get(BOOK)).content)


async def send(browser: Browser, editing: Editing) -> httpx.Response:
    """Send a file to be looked through."""
    return await browser.post(IMPORTS, files={"file": ("社区.xlsx", editing.saved(), XLSX)})


def first(editing: Editing, sheet: str, community: str = HOME) -> int:
    """The first row of a community."""
    return editing.row_of(sheet, community)


async def looked_through(browser: Browser, editing: Editing) -> str:
    """Send a file that is right; the address of what it changes."""
    response = await send(browser, editing)

    assert response.status_code == 303
    return str(response.headers["location"])


@both_databases
async def test_people_halls_and_facilities_of_many_communities_change_by_one_file(own) -> None:
    await office(own)
    assert f'href="{PAGE}"' in (await own.get("/staff/communities")).text
    editing = await book(own)
    assert (await send(own, editing)).status_code == 303
    editing.put("负责人", first(editing, "负责人"), "岗位", NEW)
    hall = first(editing, "大厅")
    editing.put("大厅", hall, "星期六", "9：00 — 11：30").put(
        "大厅", hall, "时间说明", "周六只办社保"
    )
    other = first(editing, "大厅", "益康社区")
    editing.put("大厅", other, "电话", "0531-00008899")
    facility = [cell.value for cell in editing.book["便民设施"][first(editing, "便民设施")]]
    editing.book["便民设施"].append([HOME, "新书屋（样例）", *facility[2:-1], None])
    address = await looked_through(own, editing)
    review = (await own.get(address)).text
    assert "刘家庄社区 · 负责人" in review
    assert "益康社区 · 大厅、时间和窗口" in review
    assert NEW not in (await own.get("/c/liujiazhuang/contacts")).text
    asked = await own.post(f"{address}/publication", data={"reason": ""})
    assert asked.status_code == 422
    done = await own.post(f"{address}/publication", data={"reason": "年底核对"})
    assert done.headers["location"] == address
    published = (await own.get(address)).text
    assert 'href="/staff/c/liujiazhuang/hall/versions"' in published
    assert "这些没有发布" not in published
    assert "9:00" in (await own.get("/c/liujiazhuang/hall")).text
    assert "tel:0531-00008899" in (await own.get("/c/yikang/hall")).text
    facilities = (await own.get("/c/liujiazhuang/facilities")).text
    assert "新书屋（样例）" in facilities
    assert "年底核对" in (await own.get("/staff/log")).text
    # Sent again it changes nothing, and pressed again it publishes nothing.
    assert (await own.post(f"{address}/publication", data={"reason": "x"})).status_code == 303
    again = (await own.get(await looked_through(own, await book(own)))).text
    assert "/publication" not in again


async def test_everything_wrong_is_told_with_sheet_row_and_column(own) -> None:
    await office(own)
    editing = await book(own)
    people, post = first(editing, "负责人"), first(editing, "联系岗位")
    editing.put("负责人", people, "办公电话", "abc").put("负责人", people, "出现在哪些类别", "Z")
    editing.put("负责人", people + 1, "社区", "没有这个社区")
    editing.put("联系岗位", post, "谁在岗", "nobody-here")
    editing.put("楼栋", first(editing, "楼栋"), "小区", "没有的小区")
    editing.put("大厅", first(editing, "大厅", "益康社区"), "工作日", "12:00-8:00")
    editing.book["大厅"].append([cell.value for cell in editing.book["大厅"][2]])
    answer = await send(own, editing)
    assert answer.status_code == 422
    for words in (
        "请填电话号码",
        "没有叫“没有这个社区”的社区",
        "没有叫“没有的小区”的小区",
        "后一个时间要晚于前一个",
        "上面已经有一行了",
    ):
        assert words in answer.text, words
    assert "什么都没有改动" in answer.text


async def test_a_post_held_by_nobody_known_is_told_though_the_rest_is_right(own) -> None:
    await office(own)
    editing = await book(own)
    editing.put("联系岗位", first(editing, "联系岗位"), "谁在岗", "nobody-here")
    answer = await send(own, editing)
    assert answer.status_code == 422
    assert "联系岗位" in answer.text
    assert "nobody-here" in answer.text


async def test_a_building_cannot_be_left_out_and_its_code_stays(own) -> None:
    await office(own)
    editing = await book(own)
    page = editing.book["楼栋"]
    page.delete_rows(first(editing, "楼栋"))
    answer = await send(own, editing)
    assert answer.status_code == 422
    assert "楼栋" in answer.text


async def test_sheets_and_communities_that_are_left_out_stay(own) -> None:
    await office(own)
    editing = await book(own)
    for name in editing.book.sheetnames:
        if name != "负责人":
            del editing.book[name]
    page = editing.book["负责人"]
    for row in range(page.max_row, 1, -1):
        if page.cell(row, 1).value != HOME:
            page.delete_rows(row)
    editing.put("负责人", 2, "岗位", NEW)
    review = (await own.get(await looked_through(own, editing))).text
    assert "刘家庄社区 · 负责人" in review
    assert "益康社区" not in review


async def test_a_new_compound_and_its_building_come_in_one_file(own) -> None:
    await office(own)
    editing = await book(own)
    compound = [cell.value for cell in editing.book["小区"][first(editing, "小区")]]
    editing.book["小区"].append([HOME, "新苑（样例）", *compound[2:-1], None])
    editing.book["楼栋"].append([HOME, "新苑（样例）", "1 号楼", None])
    address = await looked_through(own, editing)
    await own.post(f"{address}/publication", data={"reason": "新建"})
    async with own.store.read() as session:
        community = await load_community(session, "liujiazhuang")
    found = next(each for each in community.compounds if each.name == "新苑（样例）")
    assert [each.name for each in found.buildings] == ["1 号楼"]
    assert (await own.get(f"/c/liujiazhuang/b/{found.buildings[0].slug}")).status_code == 303


async def test_what_has_no_column_stays(own) -> None:
    await office(own)
    day = {"day": "2026-12-24", "periods": "08:30-10:00", "reason": "停电检修"}
    await own.post("/staff/c/liujiazhuang/exceptions", data=day)
    async with own.store.read() as session:
        before = HALL.document_of(await load_community(session, "liujiazhuang"))
    editing = await book(own)
    editing.put("大厅", first(editing, "大厅"), "电话", "0531-00008899")
    address = await looked_through(own, editing)
    await own.post(f"{address}/publication", data={"reason": "换号"})
    async with own.store.read() as session:
        after = HALL.document_of(await load_community(session, "liujiazhuang"))
    assert after == before.model_copy(update={"phone": "0531-00008899"})
    assert isinstance(after, HallContent)
    assert after.hours.exceptions
    assert after.zones


@pytest.mark.parametrize(
    "typed",
    ["08:30-12:00\n13:30-17:30", "8:30-12:00 13:30-17:30", "8：30—12：00、13：30～17：30", "8:30至12:00，13:30 到 17:30"],
)  # fmt: skip
def test_times_are_read_as_people_write_them(typed) -> None:
    column = Column("工作日", ("hours",), Kind.PERIODS)
    assert value_in(column, typed) == ["08:30-12:00", "13:30-17:30"]


async def test_no_sheet_at_all_and_another_workbook_are_refused(own) -> None:
    await office(own)
    handbook = Editing((await own.get("/staff/handbook/handbook.xlsx")).content)
    answer = await send(own, handbook)
    assert answer.status_code == 422
    assert "没有叫这个名字的工作表" in answer.text
    assert "没有认得的表" in answer.text
    unreadable = await own.post(IMPORTS, files={"file": ("a.xlsx", b"PK", XLSX)})
    assert unreadable.status_code == 422
    large = await own.post(IMPORTS, files={"file": ("a.xlsx", b"x" * FILE_BODIES[IMPORTS], XLSX)})
    words = translations("zh-Hans").gettext(REFUSALS[FileFault.TOO_LARGE]).format("12,000")
    assert words in (await own.get(large.headers["location"])).text


async def changed(own: Browser) -> tuple[str, int]:
    """An import that changes two communities: its address and its number."""
    editing = await book(own)
    editing.put("负责人", first(editing, "负责人"), "岗位", NEW)
    editing.put("大厅", first(editing, "大厅", "益康社区"), "电话", "0531-00008899")
    address = await looked_through(own, editing)
    return address, int(address.rpartition("/")[2])


async def publish_first(own: Browser, number: int, cast: Cast, reason: str) -> None:
    """Publish only the first document of an import, as a server that is stopped after it."""
    async with own.store.read() as session:
        change = changes_in(await session.get_one(PaperImport, number))[0]
    actor = Actor(cast.admin, None, "admin")
    unit = partial(publish_some, actor=actor, changed=[change], reason=reason, now=NOW)
    assert await own.store.write(unit) == set()


@both_databases
async def test_a_publication_that_was_cut_off_goes_on_where_it_stood(own) -> None:
    cast = await office(own)
    address, number = await changed(own)
    await publish_first(own, number, cast, "年底核对")
    assert "/publication" in (await own.get(address)).text
    await own.post(f"{address}/publication", data={"reason": "年底核对"})
    assert "这些没有发布" not in (await own.get(address)).text
    assert "tel:0531-00008899" in (await own.get("/c/yikang/hall")).text
    async with own.store.read() as session:
        numbers = await newest_numbers(session)
    assert numbers["c/liujiazhuang/people"] == numbers["c/yikang/hall"] == SECOND


async def test_what_was_published_meanwhile_is_not_overwritten(own) -> None:
    await office(own)
    mine, _ = await changed(own)
    editing = await book(own)
    editing.put("负责人", first(editing, "负责人"), "岗位", "另一个岗位（样例）")
    theirs = await looked_through(own, editing)
    await own.post(f"{theirs}/publication", data={"reason": "先改"})
    answer = await own.post(f"{mine}/publication", data={"reason": "后改"})
    assert answer.status_code == 422
    assert "刘家庄社区 · 负责人" in answer.text
    assert "tel:0531-00008899" not in (await own.get("/c/yikang/hall")).text


async def test_where_another_is_faster_with_one_document_its_siblings_are_published(
    own, monkeypatch
) -> None:
    together: list[int] = []

    async def raced(session: Any, *, changed: list[Changed], **rest: Any) -> set[str]:
        together.append(len(changed))
        if any(change.kind == HALL.word for change in changed):
            raise PublishedMeanwhileError
        return await publish_some(session, changed=changed, **rest)

    monkeypatch.setattr(communities_sheet, "publish_some", raced)
    await office(own)
    editing = await book(own)
    editing.put("负责人", first(editing, "负责人"), "岗位", NEW)
    editing.put("大厅", first(editing, "大厅"), "电话", "0531-00008899")
    address = await looked_through(own, editing)
    await own.post(f"{address}/publication", data={"reason": "年底核对"})
    assert together == [2, 1, 1]
    assert NEW in (await own.get("/c/liujiazhuang/people")).text
    assert "tel:0531-00008899" not in (await own.get("/c/liujiazhuang/hall")).text
    page = (await own.get(address)).text
    assert "刘家庄社区 · 大厅、时间和窗口" in page.partition("这些没有发布")[2]


async def test_only_the_district_sends_files_and_each_sees_their_own(own) -> None:
    cast = await office(own)
    address, _ = await changed(own)
    handbook = address.replace("/communities/", "/handbook/")
    assert (await own.get(handbook)).status_code == 404
    await sign_in(own, cast.local, NOW)
    for path in (PAGE, BOOK, address):
        assert (await own.get(path)).status_code in {403, 404}


async def test_of_many_documents_the_page_tells_some_in_full_and_all_by_name(
    own, monkeypatch
) -> None:
    monkeypatch.setattr(imports, "MOST_TOLD", 1)
    await office(own)
    address, _ = await changed(own)
    page = (await own.get(address)).text
    assert page.count("<ins>") == 1
    assert "益康社区 · 大厅、时间和窗口" in page
    assert "刘家庄社区 · 负责人" in page


# The communities themselves


@both_databases
async def test_communities_begin_are_renamed_and_moved_by_the_same_file(own) -> None:
    await office(own)
    editing = await book(own)
    page = editing.book["社区"]
    editing.put("社区", first(editing, "社区"), "社区的名称", "刘家庄新社区")
    moved = first(editing, "社区", "益康社区")
    here = page.cell(moved, 2).value
    there = next(row[1].value for row in page.iter_rows(min_row=2) if row[1].value != here)
    editing.put("社区", moved, "所属街道", there)
    page.append(["新风社区（样例）", there, None])
    # What a community of the file keeps true comes when the same file is sent once more.
    people = [cell.value for cell in editing.book["负责人"][first(editing, "负责人")]]
    editing.book["负责人"].append(["新风社区（样例）", "网格长", *people[2:]])
    address = await looked_through(own, editing)
    review = (await own.get(address)).text
    assert "新社区" in review
    assert "新风社区（样例）" in review
    assert "同一份文件再传一次" in review
    done = await own.post(f"{address}/publication", data={"reason": "调整区划"})
    assert done.status_code == 303
    assert "同一份文件再传一次" in (await own.get(address)).text
    home = (await own.get("/c/liujiazhuang")).text
    assert "刘家庄新社区" in home
    slug = place_slug("新风社区（样例）", set())
    assert (await own.get(f"/c/{slug}/hall")).status_code == 200
    async with own.store.read() as session:
        yikang = await load_community(session, "yikang")
        assert yikang.subdistrict.name == there
    again = await looked_through(own, editing)
    review = (await own.get(again)).text
    assert "新风社区（样例） · 负责人" in review
    await own.post(f"{again}/publication", data={"reason": "补齐"})
    assert "网格长" in (await own.get(f"/c/{slug}/people")).text
    # The file named the renamed community by what it was called, and was understood.
    assert "/publication" not in (await own.get(await looked_through(own, await book(own)))).text


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["新社区", "没有的街道", None], "没有叫“没有的街道”的街道"),
        ([None, "{}", None], "请填写这一项"),
        (["新社区", None, None], "请填写这一项"),
        (["新社区", "{}", "Ji An"], "小写字母"),
        (["新社区", "{}", "jian"], "上面已经有一行了"),
        (["刘家庄社区", "{}", None], "上面已经有一行了"),
        (["长" * 81, "{}", None], "最多 80 个字"),
    ],
)
async def test_a_wrong_row_of_a_community_is_told_in_its_place(own, row, words) -> None:
    await office(own)
    editing = await book(own)
    page = editing.book["社区"]
    here = page.cell(first(editing, "社区"), 2).value
    page.append([each and each.format(here) for each in row])
    people = editing.book["负责人"]
    people.append([None, *[cell.value for cell in people[2]][1:]])
    answer = await send(own, editing)
    assert answer.status_code == 422
    assert words in answer.text
    assert "这一行是哪个社区的" in answer.text
    assert f"<td>{page.max_row}</td>" in answer.text or f">{page.max_row}<" in answer.text


async def test_a_column_filled_down_by_mistake_begins_no_communities(own, monkeypatch) -> None:
    monkeypatch.setattr(community_documents, "MOST_COMMUNITIES", 40)
    await office(own)
    editing = await book(own)
    page = editing.book["社区"]
    for number in range(40):
        page.append([f"第{number}社区", page.cell(2, 2).value, None])
    answer = await send(own, editing)
    assert answer.status_code == 422
    assert "最多 40 行" in answer.text


async def test_two_communities_cannot_be_called_alike_in_one_subdistrict(own) -> None:
    await office(own)
    editing = await book(own)
    page = editing.book["社区"]
    here = first(editing, "社区")
    other = next(
        row[0].row
        for row in page.iter_rows(min_row=2)
        if row[1].value == page.cell(here, 2).value and row[0].row != here
    )
    editing.put("社区", other, "社区的名称", HOME)
    answer = await send(own, editing)
    assert answer.status_code == 422
    assert "刘家庄社区" in answer.text


def test_the_sheet_of_communities_has_the_words_of_its_form() -> None:
    word = translations("zh-Hans").gettext
    form = spec_of(FEATURES, PLACE).form
    for column in PLACES.columns:
        if column is not SLUG:
            assert column.header == word(str(labels_of(form, column.path)[-1]))


# The words


# The form asks for these in its own way: a list that must have a part.
ALSO_NEEDED: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set, posts={("hours",)})


def _form_of(sheet) -> tuple[Group, tuple[str | int, ...]]:
    above = ("compounds", 0, "buildings", 0) if sheet is BUILDINGS else (sheet.part, 0)
    return spec_of(FEATURES, sheet.kind).form, above if sheet.part else ()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_headers_and_words_are_those_of_the_form(sheet) -> None:
    word = translations("zh-Hans").gettext
    form, above = _form_of(sheet)
    for column in sheet.columns:
        if column in {COMMUNITY, COMPOUND}:
            continue
        path = (*above, *column.path)
        assert column.header == word(str(labels_of(form, path)[-1])), column.path
        part = part_at(form, path)
        assert isinstance(part, Field)
        is_needed = part.is_required and _is_needed(form, path)
        assert column.is_needed == (is_needed or column.path in ALSO_NEEDED[sheet.part]), path
        if column.words:
            options = {value: word(words) for value, words in part.options}
            assert words_of(column.words) == {v: w for v, w in options.items() if v}


def _is_needed(form: Group, path: tuple[str | int, ...]) -> bool:
    """Whether the groups that a field stands in must be there, and it is typed by people."""
    above = part_at(form, path[:-1]) if len(path) > 1 else form
    return not (isinstance(above, Group) and above.is_optional) and path[-1] != "slug"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_field_of_the_form_has_a_column(sheet) -> None:
    form, above = _form_of(sheet)
    group = part_at(form, above) if above else form
    assert isinstance(group, Group)
    columns: set[tuple[str, ...]] = {each.path for each in sheet.columns if _is_own(each)}

    def fields(within: Group, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()
        for part in within.parts:
            if isinstance(part, Group):
                found |= fields(part, (*path, part.name))
            elif isinstance(part, Field):
                found.add((*path, part.name))
        return found

    assert columns == fields(group) | ({SLUG.path} if SLUG in sheet.columns else set())


def _is_own(column: Column) -> bool:
    return column not in {COMMUNITY, COMPOUND}
