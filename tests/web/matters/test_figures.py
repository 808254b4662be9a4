"""The figures of a community's matters: what grows, on the page and in the file, and never words."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING

from domain.contacts.line import Begun, begin
from domain.contacts.tables import Conversation, Source
from domain.matters.timeline import Act, Written
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.conversations import with_post
from tests.world.databases import both_databases
from tests.world.district import places
from tests.world.people import arrived

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.app import Browser
    from tests.world.people import Person

PAGE = "/staff/c/liujiazhuang/matters"
SECRET = "zhangsan4711"
DAY = dt.timedelta(days=1)


async def began(browser: Browser, times: int, item: str | None = None) -> None:
    """So many residents write, from a guide if there is one."""
    home = (await places(browser.store)).community["liujiazhuang"]
    calendar = (await browser.services.published()).calendar

    async def unit(session: AsyncSession) -> None:
        for _ in range(times):
            talk = Conversation(source=Source.GUIDE, item=item, asker=SECRET)
            act = Act(session, calendar, browser.services.now())
            await begin(act, Begun(home, None, talk), Written(SECRET))

    await browser.store.write(unit)


async def editor(browser: Browser) -> Person:
    """Someone of the community's office, signed in at this moment."""
    home = (await places(browser.store)).community["liujiazhuang"]
    grant = Grant(Role.EDITOR, community_id=home)
    return await arrived(browser.store, "figures", grant, now=browser.services.now())


@both_databases
async def test_what_grows_is_said_on_the_page_and_in_the_file(own, clock) -> None:
    await with_post(own.store)
    await began(own, 1)
    clock.now += 70 * DAY
    await began(own, 2, "gaoling-jintie")
    await began(own, 6, "jumin-yibao")
    clock.now += 20 * DAY
    await began(own, 5, "gaoling-jintie")
    clock.now += 12 * DAY
    await began(own, 1, "jumin-yibao")
    headers = (await editor(own)).headers
    page = (await own.get(f"{PAGE}/figures", headers=headers)).text
    assert page.count("在增多</span>") == 1
    assert page.index("高龄津贴") < page.index("在增多</span>")
    assert "此前还没有完整的一段时间可以比较" in page
    file = (await own.get(f"{PAGE}.csv", headers=headers)).text
    rows = list(csv.DictReader(io.StringIO(file.removeprefix("\ufeff"))))
    about = [row for row in rows if row["subject_kind"]]
    columns = ("days", "subject_kind", "began", "began_before", "is_growing")
    assert [[row[name] for name in columns] for row in about] == [
        ["30", "item", "5", "2", "True"],
        ["30", "item", "1", "6", "False"],
    ]
    assert [row["days"] for row in rows if not row["subject_kind"]] == ["30", "90", "365"]
    assert SECRET not in page + file
