"""The handbook as a spreadsheet, as the district's administrator meets it."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
import sys
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from domain.papers import kinds, versions
from domain.papers.kinds.guide import ItemGuide
from domain.papers.paper import Paper
from domain.papers.sheets.cells import Fault
from domain.papers.sheets.layout import (
    ELSEWHERE,
    EVENT,
    EVENTS,
    ITEMS,
    PARTS,
    SHEETS,
    SLUG,
    words_of,
)
from domain.papers.sheets.unpacking import FileFault, opened
from domain.papers.tables import PaperImport, PaperVersion
from domain.staff.accounts import hire
from domain.staff.actor import COMMAND_LINE, Actor, Grant
from domain.staff.journal import JournalEntry
from domain.staff.tables import Role
from tests.world.clock import NOW
from tests.world.district import FILES
from tests.world.people import DISTRICT_ADMINISTRATOR, HASH, arrived, hire_cast, sign_in
from tests.world.workbooks import (
    Editing,
    exported,
    rows_of,
    sharing,
    with_cells,
    with_part,
    with_sheet,
)
from web.handbook.elsewhere_paper import ELSEWHERE as ELSEWHERE_SPEC
from web.handbook.event_paper import EVENT as EVENT_SPEC
from web.handbook.guide_paper import GUIDE as GUIDES
from web.papers.form.places import labels_of, part_at
from web.papers.form.shape import Field, Group, Rows
from web.papers.imports import FAULTS, MOST_LISTED, REFUSALS, XLSX
from web.running import workbook_process
from web.site.bodies import FILE_BODIES, largest_body
from web.site.words import translations

if TYPE_CHECKING:
    import httpx

    from tests.world.app import Browser
    from tests.world.people import Cast

PAGE, IMPORTS = "/staff/handbook/spreadsheet", "/staff/handbook/imports"
BOOK = "/staff/handbook/handbook.xlsx"
MINUTE = "马上就好（样例）"


async def office(browser: Browser) -> Cast:
    """Everybody hired, the district's administrator at the desk."""
    cast = await hire_cast(browser.store, NOW)
    await sign_in(browser, cast.admin, NOW)
    return cast


async def send(browser: Browser, data: bytes, name: str = "手册.xlsx") -> httpx.Response:
    """Send a file to be looked through."""
    return await browser.post(IMPORTS, files={"file": (name, data, XLSX)})


async def looked_through(browser: Browser, editing: Editing) -> str:
    """Send a file that is right; the address of what it changes."""
    response = await send(browser, editing.saved())
    assert response.status_code == 303
    return str(response.headers["location"])


async def counts(browser: Browser) -> list[int]:
    """How much of what an import leaves behind there is."""
    async with browser.store.read() as session:
        return [
            (await session.scalars(select(func.count()).select_from(table))).one()
            for table in (PaperImport, PaperVersion, JournalEntry)
        ]


def places(html: str) -> list[list[str]]:
    """The table of problems, row by row."""
    body = html.partition("<tbody")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
    named = re.compile(r"<t[hd][^>]*>(?:<span.*?</span>)?(.*?)</t[hd]>", re.DOTALL)
    cells = [named.findall(row) for row in rows]
    return [[re.sub(r"<[^>]+>", "", each).strip() for each in row] for row in cells]


def tally(html: str) -> list[str]:
    """How many items are new, changed, the same."""
    return re.findall(r"<dd>(\d+)</dd>", html.partition("tally")[2].partition("</dl>")[0])


def changed() -> Editing:
    """A file with one change of which residents read."""
    return Editing().put("步骤", 2, "要多久", MINUTE)


async def publish_colleagues(browser: Browser, cast: Cast) -> None:
    """A colleague publishes 低保."""
    paper = Paper(kinds.GUIDE, None, "dibao")
    async with browser.store.read() as session:
        standing = await versions.published(session, paper)
    document = ItemGuide.model_validate({**standing.document, "where": "二楼（样例）"})
    await browser.store.write(
        partial(
            versions.publish,
            actor=Actor(cast.local, None, "local"),
            paper=paper,
            document=document,
            base=standing.number,
            reason="搬家",
            now=NOW,
        )
    )


MATTERS = FILES.elsewhere.content.matters if FILES.elsewhere else ()
EVENTS_FORM = EVENT_SPEC.form
FORMS = {EVENTS.name: EVENTS_FORM, ELSEWHERE.name: ELSEWHERE_SPEC.form}
"""The form of a life event."""


# The whole way


async def test_the_administrator_changes_the_handbook_by_a_file(own: Browser) -> None:
    await office(own)
    page = await own.get("/staff/handbook")
    assert f'href="{PAGE}"' in page.text
    page = await own.get(PAGE)
    assert page.status_code == 200
    assert f'href="{BOOK}"' in page.text
    assert f'action="{IMPORTS}"' in page.text
    file = await own.get(BOOK)
    editing = Editing(file.content).put("步骤", 2, "要多久", MINUTE)
    editing.add_like("dibao", "xin-shi").put("事项", 52, "事项名称", "新的事（样例）")
    before = await counts(own)
    address = await looked_through(own, editing)
    assert [after - b for after, b in zip(await counts(own), before, strict=True)] == [1, 0, 0]
    review = await own.get(address)
    assert tally(review.text) == ["1", "1", "59"]
    assert f"<ins>{MINUTE}</ins>" in review.text
    assert "<del>当场</del>" in review.text
    assert "新的事（样例）" in review.text
    assert MINUTE not in (await own.get("/c/liujiazhuang/handbook/dibao")).text
    done = await own.post(f"{address}/publication", data={"reason": "新规定"})
    assert (done.status_code, done.headers["location"]) == (303, address)
    assert MINUTE in (await own.get("/c/liujiazhuang/handbook/dibao")).text
    assert (await own.get("/c/liujiazhuang/handbook/xin-shi")).status_code == 200
    said = await own.get(address)
    assert "表格里的修改已发布" in said.text
    assert 'name="reason"' not in said.text
    log = await own.get("/staff/log")
    assert "导入了手册表格" in log.text
    assert "新规定" in log.text


async def test_the_downloaded_file_is_a_workbook_that_nobody_keeps(own: Browser) -> None:
    await office(own)
    response = await own.get(BOOK)
    assert response.headers["content-type"] == XLSX
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-disposition"] == (
        "attachment; filename=\"handbook-2026-11-23.xlsx\"; filename*=UTF-8''"
        "%E6%9C%8D%E5%8A%A1%E6%89%8B%E5%86%8C-2026-11-23.xlsx"
    )
    assert rows_in(response.content) == [51, 75, 244, 191, 180, 102, 82, len(MATTERS) + 1]


async def test_the_handbook_of_another_district_comes_in_as_its_file(own, new_office) -> None:
    await office(own)
    theirs = (await own.get(BOOK)).content
    admin = await arrived(new_office.store, "admin", DISTRICT_ADMINISTRATOR)
    file = {"file": ("邻区.xlsx", theirs, XLSX)}
    sent = await new_office.post(IMPORTS, headers=admin.headers, files=file)
    assert sent.status_code == 303
    address = sent.headers["location"]
    page = (await new_office.get(address, headers=admin.headers)).text
    assert tally(page)[0] == "50"
    assert "不在这里办" in page
    reason = {"reason": "从邻区拿来"}
    await new_office.post(f"{address}/publication", headers=admin.headers, data=reason)
    ours = (await new_office.get(BOOK, headers=admin.headers)).content
    assert rows_in(ours) == rows_in(theirs)


def rows_in(data: bytes) -> list[int]:
    """How many rows each sheet has."""
    book = load_workbook(BytesIO(data))
    return [len(list(book[each.name].rows)) for each in SHEETS]


async def test_a_matter_done_elsewhere_changes_and_the_others_stay(own) -> None:
    await office(own)
    editing = Editing((await own.get(BOOK)).content)
    page = editing.book[ELSEWHERE.name]
    page.delete_rows(4, page.max_row)
    editing.put(ELSEWHERE.name, 2, "名称", "改了名的事（样例）")
    page.append(["xin-shi", None, "新的一件（样例）", "新词", "区里", "去区里办。", None, "不急"])
    address = await looked_through(own, editing)
    await own.post(f"{address}/publication", data={"reason": "核对"})
    after = editing_rows((await own.get(BOOK)).content)
    assert len(after) == len(MATTERS) + 1
    assert {"改了名的事（样例）", "新的一件（样例）"} <= {row[2] for row in after}
    page["C2"] = None
    page["A3"] = None
    answer = await send(own, editing.saved())
    assert [each[:3] for each in places(answer.text)] == [
        [ELSEWHERE.name, "2", "C 名称"],
        [ELSEWHERE.name, "3", "A 网址用名"],
    ]


def editing_rows(data: bytes) -> list[tuple[Any, ...]]:
    """The rows of what is done elsewhere, below the headers."""
    return list(load_workbook(BytesIO(data))[ELSEWHERE.name].values)[1:]


async def test_a_file_from_before_there_was_that_sheet_is_read(own) -> None:
    await office(own)
    editing = Editing((await own.get(BOOK)).content)
    del editing.book[ELSEWHERE.name]
    page = await own.get(await looked_through(own, editing))
    assert tally(page.text) == ["0", "0", "60"]


async def test_the_downloaded_file_sent_back_changes_nothing(own: Browser) -> None:
    await office(own)
    address = await looked_through(own, Editing((await own.get(BOOK)).content))
    page = await own.get(address)
    assert tally(page.text) == ["0", "0", "60"]
    assert 'name="reason"' not in page.text
    before = await counts(own)
    response = await own.post(f"{address}/publication", data={"reason": "没什么"})
    assert response.headers["location"] == address
    assert await counts(own) == before


async def test_publishing_twice_publishes_once(own: Browser) -> None:
    await office(own)
    address = await looked_through(own, changed())
    for _ in range(2):
        response = await own.post(f"{address}/publication", data={"reason": "新规定"})
        assert (response.status_code, response.headers["location"]) == (303, address)
    async with own.store.read() as session:
        numbers = await session.scalars(select(PaperVersion.number).order_by(PaperVersion.number))
        assert list(numbers) == [1, 2]


@pytest.mark.parametrize("reason", [None, "", "   "])
async def test_publishing_asks_for_the_reason(own: Browser, reason) -> None:
    await office(own)
    address = await looked_through(own, changed())
    before = await counts(own)
    given = {} if reason is None else {"reason": reason}
    response = await own.post(f"{address}/publication", data=given)
    assert response.status_code == 422
    assert 'aria-describedby="reason-help reason-wrong"' in response.text
    assert MINUTE in response.text
    assert await counts(own) == before


async def test_nothing_is_published_when_somebody_published_meanwhile(own: Browser) -> None:
    cast = await office(own)
    editing = changed().put("事项", 3, "在哪里办", "三楼（样例）")
    address = await looked_through(own, editing)
    await publish_colleagues(own, cast)
    before = await counts(own)
    page = await own.get(address)
    assert "刚才有人发布了新的版本" in page.text
    assert 'name="reason"' not in page.text
    response = await own.post(f"{address}/publication", data={"reason": "新规定"})
    assert response.status_code == 422
    meanwhile = response.text.partition('id="meanwhile"')[2].partition("</section>")[0]
    assert re.findall(r"<li>(.*?)</li>", meanwhile) == ["最低生活保障申请"]
    assert f'href="{PAGE}"' in meanwhile
    assert await counts(own) == before
    other = await own.get("/c/liujiazhuang/handbook/dibao-bianyuan")
    assert "三楼（样例）" not in other.text


# Whose it is


@pytest.mark.parametrize("name", ["local", "editor", "neighbour", "clerk"])
async def test_only_who_keeps_the_district_finds_it(open_app, name) -> None:
    async with open_app() as browser:
        cast = await office(browser)
        address = await looked_through(browser, changed())
        await sign_in(browser, getattr(cast, name), NOW)
        before = await counts(browser)
        for path in (PAGE, BOOK, address):
            assert (await browser.get(path)).status_code == 404, path
        assert (await send(browser, exported())).status_code == 404
        publication = await browser.post(f"{address}/publication", data={"reason": "x"})
        assert publication.status_code == 404
        assert await counts(browser) == before


async def test_a_colleagues_import_is_not_found(open_app) -> None:
    async with open_app() as browser:
        await office(browser)
        address = await looked_through(browser, changed())

        async def another(session: Any) -> int:
            grants = (Grant(Role.EDITOR),)
            member = await hire(session, COMMAND_LINE, "wu", "吴（样例）", HASH, grants, NOW)
            return member.id

        await sign_in(browser, await browser.store.write(another), NOW)
        before = await counts(browser)
        assert (await browser.get(PAGE)).status_code == 200
        assert (await browser.get(address)).status_code == 404
        response = await browser.post(f"{address}/publication", data={"reason": "x"})
        assert response.status_code == 404
        assert await counts(browser) == before


@pytest.mark.parametrize("number", ["0", "9999", "2147483648", "9" * 30])
async def test_an_import_that_never_was_is_not_found(own: Browser, number) -> None:
    await office(own)
    assert (await own.get(f"{IMPORTS}/{number}")).status_code == 404


async def test_whoever_is_not_signed_in_is_asked_to_sign_in(own: Browser) -> None:
    for response in (await own.get(PAGE), await own.get(BOOK), await send(own, exported())):
        assert response.status_code == 303
        assert response.headers["location"].startswith("/staff/sessions/new")


# What is wrong with a file


async def test_every_problem_is_listed_by_sheet_row_and_column_and_nothing_is_kept(
    own: Browser,
) -> None:
    await office(own)
    editing = Editing().put("事项", 2, "承诺工作日", 200).put("事项", 3, "一句话说明", "短")
    editing.put("事项", 4, "搜索用词", "低保").put("事项", 5, "收费说明", "=1+1")
    editing.put("材料", 3, "原件还是复印件", "扫描件").put("步骤", 3, "网址用名", "dibaoo")
    editing.put("依据", 2, "名称", "长" * 81)
    before = await counts(own)
    response = await send(own, editing.saved())
    assert response.status_code == 422
    expected = [
        ("事项", 2, "承诺工作日", "承诺时限比法定时限长"),
        ("事项", 3, "一句话说明", "至少 6 个字。"),
        ("事项", 4, "搜索用词", "请至少填 3 项。"),
        ("事项", 5, "收费说明", "这里是公式，请改贴成数值。"),
        ("材料", 3, "原件还是复印件", "请从列表中选择。"),
        ("步骤", 3, "网址用名", "“事项”表里没有 dibaoo 这一项。"),
        ("依据", 2, "名称", "最多 80 个字。"),
    ]
    assert places(response.text) == [
        [sheet, str(row), f"{editing.cell(sheet, row, header).column_letter} {header}", words]
        for sheet, row, header, words in expected
    ]
    assert "手册.xlsx" in response.text
    assert await counts(own) == before


async def test_problems_are_told_in_english_as_well(own: Browser) -> None:
    await office(own)
    own.cookies.set("lianxin", "lang:en")
    data = Editing().put("事项", 2, "事项名称", None).put("步骤", 3, "网址用名", "dibaoo").saved()
    response = await send(own, data)
    found = [row[-1] for row in places(response.text)]
    assert found == ["Please fill this in.", "The first sheet has no item dibaoo."]


async def test_of_very_many_problems_the_first_are_listed_and_all_are_counted(
    own: Browser,
) -> None:
    await office(own)
    editing = Editing()
    page = editing.book["步骤"]
    for _ in range(MOST_LISTED + 30):
        page.append(["nobody", "做", "谁", "当场"])
    response = await send(own, editing.saved())
    listed = places(response.text)
    assert len(listed) == MOST_LISTED
    assert f"先列出前 {MOST_LISTED} 处" in response.text
    assert f"表格里有 {MOST_LISTED + 30} 处要看一看" in response.text


@pytest.mark.parametrize(
    ("data", "name", "fault"),
    [
        (b"", "", FileFault.EMPTY),
        (b"", "empty.xlsx", FileFault.EMPTY),
        ("网址用名,类别".encode(), "csv.xlsx", FileFault.NO_WORKBOOK),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old.xlsx", FileFault.OLD_OR_LOCKED),
        (b"PK\x03\x04 and no more", "half.xlsx", FileFault.DAMAGED),
        (b"x" * ((8 << 20) + 1), "large.xlsx", FileFault.TOO_LARGE),
    ],
)
async def test_what_cannot_be_read_is_refused_in_words(own, caplog, data, name, fault) -> None:
    await office(own)
    before = await counts(own)
    caplog.set_level(logging.WARNING)
    response = await send(own, data, name)
    assert response.status_code == 422
    assert translations("zh-Hans").gettext(REFUSALS[fault]).format("2,000") in response.text
    assert await counts(own) == before
    said = [each.getMessage() for each in caplog.records if each.name == "lianxin.imports"]
    assert said == [f"a workbook was refused: {fault}, {len(data)} bytes"]


async def test_a_file_of_tags_without_an_end_is_refused(own: Browser) -> None:
    await office(own)
    tags = b"<worksheet><sheetData>" + b"<sheetData>" * 16_000
    response = await send(own, with_sheet(lambda _sheet: tags))
    assert response.status_code == 422
    assert (
        translations("zh-Hans").gettext(REFUSALS[FileFault.DAMAGED]).format("2,000")
        in response.text
    )


# Stand in for what opens a file, with one that takes too much of something.
ENDLESS = "import re; re.match('(a|a)*b', 'a' * 100)"
GREEDY = "w.opened = lambda *_, **__: bytearray(64 << 30)"
SLEEPING = "import time; time.sleep(60)"
KILLED = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
BROKEN = "raise RuntimeError"


@pytest.mark.parametrize(
    ("does", "fault"),
    [
        (ENDLESS, FileFault.TOO_COSTLY),
        (GREEDY, FileFault.TOO_COSTLY),
        (SLEEPING, FileFault.TOO_COSTLY),
        (KILLED, FileFault.TOO_COSTLY),
        (BROKEN, FileFault.DAMAGED),
    ],
)
async def test_a_file_that_costs_too_much_is_refused_and_others_are_answered(
    own: Browser, monkeypatch, does, fault
) -> None:
    code = f"from web.running import workbook_process as w; w.MOST_SECONDS = 1; w._limit(); {does}"
    monkeypatch.setattr(workbook_process, "COMMAND", (sys.executable, "-c", f"{code}; w.main()"))
    # Only what sleeps is stopped by patience: the others must end by their limits.
    monkeypatch.setattr(workbook_process, "MOST_PATIENCE", 3 if does == SLEEPING else 120)
    await office(own)
    sending = asyncio.create_task(send(own, exported()))
    answered = 0
    while not sending.done():
        response = await own.get("/healthz")
        assert response.status_code == 200
        answered += 1
        await asyncio.sleep(0.05)
    response = await sending
    assert answered
    assert response.status_code == 422
    assert translations("zh-Hans").gettext(REFUSALS[fault]).format("2,000") in response.text


async def test_a_files_process_ends_with_the_request(monkeypatch) -> None:
    code = (sys.executable, "-c", SLEEPING)
    monkeypatch.setattr(workbook_process, "COMMAND", code)
    begun: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def starting(*command: str, **more: Any) -> asyncio.subprocess.Process:
        begun.append(await start(*command, **more))
        return begun[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", starting)
    opening = asyncio.create_task(workbook_process.opened_apart(b"x"))
    while not begun:  # noqa: ASYNC110 - nothing says when the process is there
        await asyncio.sleep(0.01)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert begun[0].returncode == -signal.SIGKILL


async def test_every_file_is_opened_in_its_process_as_it_is_here() -> None:
    for data in (exported(), sharing(), with_cells(rows_of(3000))):
        assert await workbook_process.opened_apart(data) == opened(data)


async def test_macros_and_a_hundred_thousand_rows_are_refused_in_words(own: Browser) -> None:
    await office(own)
    response = await send(own, with_part("xl/vbaProject.bin", b"macro"), "macro.xlsx")
    assert (response.status_code, "宏" in response.text) == (422, True)
    response = await send(own, with_cells(rows_of(100_000)))
    assert response.status_code == 422
    assert ["事项", "2002", "", "最多 2000 行，再往下的没有读。"] in places(response.text)


async def test_a_file_beyond_what_the_door_lets_in_is_refused_in_the_same_words(
    own: Browser,
) -> None:
    await office(own)
    response = await send(own, b"x" * FILE_BODIES[IMPORTS])
    assert response.status_code == 303
    assert "这个文件太大" in (await own.get(response.headers["location"])).text


async def test_a_form_without_a_file_is_told_to_choose_one(own: Browser) -> None:
    await office(own)
    forms: list[dict[str, Any]] = [{"data": {"file": "words"}}, {}, {"content": b"nonsense"}]
    for given in forms:
        response = await own.post(IMPORTS, **given)
        assert response.status_code == 422
        assert "请先选好文件。" in response.text


async def test_two_files_at_once_are_not_taken(own: Browser) -> None:
    await office(own)
    files = [("file", ("a.xlsx", exported(), XLSX)), ("file", ("b.xlsx", exported(), XLSX))]
    assert (await own.post(IMPORTS, files=files)).status_code == 400


async def test_a_files_name_is_shown_as_words_and_without_its_folders(own: Browser) -> None:
    await office(own)
    for given in ("C:\\桌面\\<b>手册.xlsx", "/home/桌面/<b>\u202e手册.xlsx"):
        response = await send(own, b"x", given)
        name = re.findall(r'file-name">(.*?)</p>', response.text)
        assert name == ["&lt;b&gt;手册.xlsx"]


def test_only_files_may_be_large() -> None:
    assert largest_body(IMPORTS) > 8 << 20
    for path in (f"{IMPORTS}/1/publication", "/staff/handbook/imports-x/draft", "/staff/handbook"):
        assert largest_body(path) == 1 << 20


# The words


def test_headers_and_words_are_those_of_the_form() -> None:
    word = translations("zh-Hans").gettext
    for sheet in SHEETS:
        form = FORMS.get(sheet.name, GUIDES.form)
        part_name = "steps" if sheet is EVENTS else sheet.part
        for column in sheet.columns:
            if column in {SLUG, EVENT}:
                continue
            above: tuple[str | int, ...] = (part_name, 0) if part_name else ()
            path = (*above, *column.path)
            assert column.header == word(str(labels_of(form, path)[-1])), column.path
            part = part_at(form, path)
            assert isinstance(part, Field)
            if column.words:
                options = {value: word(words) for value, words in part.options}
                assert words_of(column.words) == options


def test_what_the_form_asks_for_has_a_red_header() -> None:
    form = GUIDES.form

    def needed(group: Group, above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()
        for part in group.parts:
            if isinstance(part, Group) and not part.is_optional:
                found |= needed(part, (*above, part.name))
            elif isinstance(part, Field) and part.is_required:
                found.add((*above, part.name))
        return found

    columns = {each.path for each in ITEMS.columns if each.is_needed and each is not SLUG}
    assert columns == needed(form)
    for part, sheet in PARTS.items():
        rows = next(each for each in form.parts if isinstance(each, Rows) and each.name == part)
        columns = {each.path for each in sheet.columns if each.is_needed and each is not SLUG}
        assert columns == needed(rows.part)
    (rows,) = (each for each in EVENTS_FORM.parts if isinstance(each, Rows))
    columns = {each.path for each in EVENTS.columns if each.is_needed and each is not EVENT}
    assert columns == needed(rows.part)


def test_every_fault_has_words() -> None:
    assert set(FAULTS) == set(Fault)
    assert set(REFUSALS) == set(FileFault)


async def test_a_file_changes_the_steps_of_a_life_event_too(own: Browser) -> None:
    await office(own)
    editing = Editing((await own.get(BOOK)).content).put("人生事件", 2, "要做什么", "新的第一步")
    address = await looked_through(own, editing)
    review = (await own.get(address)).text
    assert tally(review) == ["0", "1", "59"]
    assert "生了孩子" in review
    done = await own.post(f"{address}/publication", data={"reason": "新规定"})
    assert done.headers["location"] == address
    assert 'href="/staff/events/child/versions"' in (await own.get(address)).text
    assert "新的第一步" in (await own.get("/c/liujiazhuang/handbook/events/child")).text


async def test_a_wrong_step_is_named_by_sheet_row_and_column(own: Browser) -> None:
    await office(own)
    editing = Editing((await own.get(BOOK)).content).put("人生事件", 3, "要做什么", "字" * 81)
    sent = await own.post(IMPORTS, files={"file": ("手册.xlsx", editing.saved(), XLSX)})
    assert sent.status_code == 422
    assert "人生事件" in sent.text
    assert "最多写 80 个字" in sent.text or "80" in sent.text
