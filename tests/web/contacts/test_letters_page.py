"""The page of a mailbox: whether it can be read, and the letters that need an eye."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from domain.contacts.tables import Letter, LetterState, Mailbox
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.district import places
from tests.world.letters import mail
from tests.world.mail_office import LETTERS, WANG, office_on
from tests.world.mail_servers import USER
from tests.world.people import arrived, log_of


async def test_the_office_is_shown_what_needs_an_eye_and_the_log_says_who_took_it(office) -> None:
    await office.get(mail("我在休假", subject="自动回复", **{"Auto-Submitted": "auto-replied"}))
    await office.get(mail("楼道的灯坏了。", subject="私事"))
    home = (await places(office.browser.store)).community["liujiazhuang"]
    editor = await arrived(office.browser.store, "editor", Grant(Role.EDITOR, community_id=home))
    page = (await office.browser.get(LETTERS, headers=editor.headers)).text
    assert "自动回复" in page
    assert WANG in page
    assert "私事" not in page
    [row] = await office.rows(Letter.state == LetterState.IGNORED)
    read = await office.browser.post(f"{LETTERS}/{row.id}/reading", headers=editor.headers)
    assert b"Auto-Submitted" in read.content
    assert read.headers["content-disposition"].startswith("attachment")
    assert read.headers["x-content-type-options"] == "nosniff"
    assert (await log_of(office.browser.store))[-1].action == "letter-read"
    [taken] = await office.rows(Letter.state == LetterState.TAKEN)
    path = f"{LETTERS}/{taken.id}/reading"
    assert (await office.browser.post(path, headers=editor.headers)).status_code == 404


@pytest.mark.parametrize(
    ("box", "why"),
    [
        ({"password_file": "/dev/null"}, "sign-in"),
        ({"security": "tls"}, "secure"),
        ({"security": "starttls"}, "secure"),
        ({"port": 1}, "unreachable"),
        ({"folder": "Nowhere"}, "unreachable"),
        ({"password_file": "/nowhere"}, "unreachable"),
    ],
    ids=str,
)
async def test_a_mailbox_that_cannot_be_read_is_shown_with_its_reason(
    sqlite_files, imap, tmp_path, box, why
) -> None:
    if box.get("security") == "tls":
        box = {**box, "port": imap.tls_port}
    async with office_on(sqlite_files.copy("sample"), imap, tmp_path, USER, **box) as office:
        async with office.browser.store.read() as session:
            assert await session.scalar(select(Mailbox.trouble)) == why
        home = (await places(office.browser.store)).community["liujiazhuang"]
        editor = await arrived(
            office.browser.store, "editor", Grant(Role.EDITOR, community_id=home)
        )
        page = (await office.browser.get(LETTERS, headers=editor.headers)).text
        assert 'class="pill red"' in page


async def test_a_community_without_a_mailbox_says_so(own, admin) -> None:
    page = await own.get(LETTERS, headers=admin.headers)
    assert "还没有接入邮箱" in page.text
    assert "每封来信都有着落" not in page.text
