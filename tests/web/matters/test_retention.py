"""After the nightly erasing nothing of a conversation is left: in a backup, a search, a file, a log."""

from __future__ import annotations

import datetime as dt
import logging
import sqlite3
import subprocess
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.pool import Pool

from domain.contacts import letters
from domain.contacts.letter_text import LetterContent
from domain.contacts.letters import Arrived, Place
from domain.contacts.line import LINE
from domain.matters.rounds import SILENCE
from domain.matters.tables import Matter
from domain.matters.timeline import Act
from domain.pictures import NotTaken
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.conversations import with_post
from tests.world.databases import both_databases
from tests.world.district import places
from tests.world.people import DISTRICT_ADMINISTRATOR, arrived
from tests.world.photos import jpeg
from web.matters.background import close_all_silent, erase
from web.running.backup import back_up
from web.site.device_key import FormKey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.app import Browser
    from tests.world.people import Person

COMMUNITY = "liujiazhuang"
SECRET = "zhangsan4711"
PHONE = "13955554711"
DAY = dt.timedelta(days=1)
PAGES = (
    f"/c/{COMMUNITY}/search?q=灯坏了",
    f"/c/{COMMUNITY}/promises",
    "/f/mine/matters",
    "/staff/matters",
    f"/staff/c/{COMMUNITY}/matters",
    f"/staff/c/{COMMUNITY}/matters.csv",
    f"/staff/c/{COMMUNITY}/letters",
    "/staff/log",
    "/staff/log.csv",
)


@pytest.fixture(autouse=True)
def _keeps_what_was_deleted() -> Iterator[None]:
    """A SQLite that leaves deleted bytes in its file unless it is told otherwise, as most do."""

    def leave(connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA secure_delete = OFF")

    event.listen(Pool, "connect", leave)
    yield
    event.remove(Pool, "connect", leave)


async def told(own: Browser, holder: Person, close: str = "yes") -> tuple[str, str]:
    """An answered conversation that says it everywhere; the addresses of matter and photograph."""
    form = {
        "request": FormKey.new().key,
        "words": f"{SECRET} {'灯坏了' * 500}",
        "asker": SECRET,
        "phone": PHONE,
    }
    files = [("photo", ("a.jpg", jpeg(), "image/jpeg"))]
    begun = await own.post(f"/c/{COMMUNITY}/messages", data=form, files=files)
    assert begun.status_code == 303, begun.text
    address = begun.headers["location"]
    photo = (await own.get(address)).text.partition("/photos/")[2].partition('"')[0]
    async with own.store.read() as session:
        [number] = await session.scalars(select(Matter.id))
    for noun, more in (("notes", {}), ("answer", {"outcome": "done", "close": close})):
        form = {"request": FormKey.new().key, "words": SECRET, **more}
        path = f"/staff/matters/{number}/{noun}"
        response = await own.post(path, data=form, headers=holder.headers)
        assert response.status_code == 303, response.text
    return address, photo


async def sent(own: Browser) -> None:
    """A letter that says it everywhere becomes a conversation, which is closed."""
    home = (await places(own.store)).community[COMMUNITY]
    calendar, now = (await own.services.published()).calendar, own.services.now()
    content = LetterContent(
        message_id=f"<{SECRET}@example.com>",
        address=f"{SECRET}@example.com",
        name=SECRET,
        subject=SECRET,
        text=SECRET,
    )

    async def unit(session: AsyncSession) -> None:
        await letters.remember_box(session, home, now=now, uid_validity=1, last_uid=0)
        arrived_letter = Arrived(
            SECRET.encode(), content, words=SECRET, not_taken=(NotTaken(SECRET, "damaged"),)
        )
        letter = await letters.receive(
            Act(session, calendar, now), Place(home, 1, 1), arrived_letter
        )
        assert letter is not None
        await session.flush()
        matter = await session.get_one(Matter, letter.matter_id)
        matter.owed_since = matter.due_on = matter.moves_at = None
        matter.closed_at = now

    await own.store.write(unit)


def backed_up(own: Browser, target: Path) -> bytes:
    """Every byte of a fresh backup; of PostgreSQL's archive what it restores."""
    back_up(own.services.settings, target, lambda _line: None)
    if own.store.is_sqlite:
        return target.read_bytes()
    restoring = ["pg_restore", "--file=-", str(target)]
    return subprocess.run(restoring, check=True, capture_output=True).stdout


async def nightly(own: Browser) -> None:
    """What the server erases by itself."""
    await erase(own.services, lambda _word: LINE)
    await own.store.write(partial(letters.forget, now=own.services.now()))


async def test_what_nobody_closes_closes_by_itself_and_is_erased_in_the_end(own, clock) -> None:
    home = (await places(own.store)).community[COMMUNITY]
    holder = await arrived(own.store, "holder", Grant(Role.CLERK, community_id=home))
    await with_post(own.store, holder="holder")
    address, _ = await told(own, holder, close="")
    clock.now += SILENCE + DAY
    await close_all_silent(own.services, lambda _word: LINE)
    page = (await own.get(address)).text
    assert "已自动办结" in page
    assert "满意" in page
    clock.now += 366 * DAY
    await nightly(own)
    assert (await own.get(address)).status_code == 404


@both_databases
async def test_what_was_erased_is_in_no_backup_search_file_or_log(
    own, clock, caplog, tmp_path
) -> None:
    caplog.set_level(logging.DEBUG, "lianxin")
    home = (await places(own.store)).community[COMMUNITY]
    holder = await arrived(own.store, "holder", Grant(Role.CLERK, community_id=home))
    await with_post(own.store, holder="holder")
    address, photo = await told(own, holder)
    await sent(own)
    before = backed_up(own, tmp_path / "before")
    assert SECRET.encode() in before
    clock.now += 91 * DAY
    await nightly(own)
    assert (await own.get(f"/photos/{photo}")).status_code == 404
    assert SECRET in (await own.get(address)).text
    clock.now += 275 * DAY
    await nightly(own)
    after = backed_up(own, tmp_path / "after")
    for word in (SECRET, PHONE):
        assert after.count(word.encode()) == 0
    office = await arrived(own.store, "office", DISTRICT_ADMINISTRATOR, now=clock.now)
    assert (await own.get(address)).status_code == 404
    for page in PAGES:
        response = await own.get(page, headers=office.headers)
        assert response.status_code == 200, page
        assert SECRET not in response.text, page
    assert SECRET not in caplog.text
    assert PHONE not in caplog.text
