"""Letters that go: acknowledgements and answers, over a real SMTP server, and what is kept."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import update

from domain.contacts import letters as verbs
from domain.contacts.letters import LEASE
from domain.contacts.tables import Letter, LetterKind, LetterState
from domain.matters import retention
from domain.matters.tables import EntryKind
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.conversations import matters, said
from tests.world.databases import both_databases
from tests.world.district import places
from tests.world.letters import mail
from tests.world.mail_office import LETTERS, WANG, answering, office_on
from tests.world.mail_servers import USER, text_of
from tests.world.people import arrived
from web.features import FEATURES
from web.matters.spec import kinds_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world.databases import PostgresCluster, SqliteFiles
    from tests.world.mail_servers import ImapServer


async def test_the_answer_goes_back_in_the_same_thread(office) -> None:
    await office.get(mail("楼道的灯坏了。", **{"Message-ID": "<first@example.com>"}))
    matter = await office.one()
    await office.answer(matter.id, "灯换好了。")
    [receipt, answer] = office.smtp.taken
    assert answer["In-Reply-To"] == "<first@example.com>"
    assert answer["Message-ID"] != receipt["Message-ID"]
    assert answer["Auto-Submitted"] is None
    assert "已办完\n\n灯换好了。" in text_of(answer).replace("\r\n", "\n")
    await office.round()
    assert len(office.smtp.taken) == 2


async def test_a_letter_in_english_is_answered_in_english(office) -> None:
    await office.get(mail("The lamp is broken.", subject="Lamp"))
    await office.answer((await office.one()).id, "Done on Tuesday.", until="2026-11-24")
    [receipt, answer] = map(text_of, office.smtp.taken)
    assert "An answer is owed by Thursday 26 November." in receipt
    assert "Done, by Tuesday 24 November" in answer


async def test_an_answer_to_our_letter_is_said_in_the_matter(office) -> None:
    await office.get(mail("楼道的灯坏了。"))
    matter = await office.one()
    await office.answer(matter.id, "灯换好了。")
    await office.get(answering(office.smtp.taken[1], "还是不亮。"))
    assert (await said(office.browser.store, matter.id))[-1] == (EntryKind.MESSAGE, "还是不亮。")
    assert (await office.one()).owed_since is not None
    # No second acknowledgement.
    assert len(office.smtp.taken) == 2


async def test_an_answer_reopens_what_was_closed_and_thanks_do_not(office) -> None:
    await office.get(mail("楼道的灯坏了。"))
    matter = await office.one()
    await office.answer(matter.id, "灯换好了。", close="yes")
    closing = office.smtp.taken[1]
    assert "14 天" in text_of(closing)
    await office.get(answering(closing, "谢谢！"))
    assert not (await office.one()).is_open
    assert (await said(office.browser.store, matter.id))[-1][0] is EntryKind.THANKS
    await office.get(answering(closing, "又坏了。"))
    assert (await office.one()).is_open


async def test_an_answer_long_after_closing_begins_a_new_matter(office) -> None:
    await office.get(mail("楼道的灯坏了。"))
    await office.answer((await office.one()).id, "灯换好了。", close="yes")
    office.clock.now += dt.timedelta(days=15)
    await office.get(answering(office.smtp.taken[1], "又坏了。"))
    assert len(await matters(office.browser.store)) == 2


async def test_a_letter_that_cannot_be_written_keeps_no_other(office) -> None:
    office.smtp.answer = "451 later"
    await office.get(mail("一"), mail("二", From="li@example.com"))

    async def spoil(session) -> None:
        await session.execute(
            update(Letter)
            .where(Letter.kind == LetterKind.RECEIPT, Letter.address == WANG)
            .values(address="a\nBcc: b@example.com")
        )

    await office.browser.store.write(spoil)
    office.smtp.answer = ""
    office.clock.now += dt.timedelta(minutes=2)
    await office.round()
    assert office.smtp.recipients == ["li@example.com"]
    assert [row.state for row in await office.rows(Letter.kind == LetterKind.RECEIPT)] == [
        LetterState.FAILED,
        LetterState.SENT,
    ]


async def test_a_mail_server_that_is_away_gets_the_letter_later(office) -> None:
    office.smtp.answer = "451 later"
    await office.get(mail("楼道的灯坏了。"))
    assert office.smtp.taken == []
    await office.round()
    [row] = await office.rows(Letter.kind == LetterKind.RECEIPT)
    assert (row.state, row.attempts) == (LetterState.QUEUED, 1)
    office.smtp.answer = ""
    office.clock.now += dt.timedelta(minutes=2)
    await office.round()
    [row] = await office.rows(Letter.kind == LetterKind.RECEIPT)
    assert (row.state, row.attempts) == (LetterState.SENT, 2)
    assert len(office.smtp.taken) == 1


async def test_an_address_that_does_not_exist_is_shown_to_the_office(office) -> None:
    office.smtp.answer = "550 no such user"
    await office.get(mail("楼道的灯坏了。"))
    [row] = await office.rows(Letter.kind == LetterKind.RECEIPT)
    assert (row.state, row.why) == (LetterState.FAILED, "550")
    home = (await places(office.browser.store)).community["liujiazhuang"]
    editor = await arrived(office.browser.store, "editor", Grant(Role.EDITOR, community_id=home))
    page = (await office.browser.get(LETTERS, headers=editor.headers)).text
    assert f"/staff/matters/{row.matter_id}" in page
    assert WANG not in page


async def test_a_letter_is_given_up_after_two_days(office) -> None:
    office.smtp.answer = "451 later"
    await office.get(mail("楼道的灯坏了。"))
    for _ in range(12):
        office.clock.now += dt.timedelta(hours=12)
        await office.round()
    [row] = await office.rows(Letter.kind == LetterKind.RECEIPT)
    assert (row.state, row.attempts) == (LetterState.FAILED, len(verbs.AGAIN) + 1)


async def test_a_returned_letter_is_shown_as_not_delivered(office) -> None:
    await office.get(mail("楼道的灯坏了。"))
    [receipt] = office.smtp.taken
    returned = mail(f"failed:\nMessage-ID: {receipt['Message-ID']}", **{"Return-Path": "<>"})
    await office.get(returned)
    [row] = await office.rows(Letter.kind == LetterKind.RECEIPT)
    assert (row.state, row.why) == (LetterState.FAILED, "returned")
    assert len(office.smtp.taken) == 1


async def test_what_was_sent_before_a_crash_is_sent_again_under_the_same_name(office) -> None:
    office.smtp.answer = "451 later"
    await office.get(mail("楼道的灯坏了。"))
    office.smtp.answer = ""
    office.clock.now += dt.timedelta(minutes=2)
    store, now = office.browser.store, office.clock.now
    [(matter, _)] = await matters(store)

    async def killed(session) -> int:
        [leased] = await verbs.lease(session, [matter.community_id], now)
        return leased.letter.id

    await store.write(killed)
    await office.round()
    assert office.smtp.taken == []
    office.clock.now += LEASE
    await office.round()
    await office.round()
    assert len(office.smtp.taken) == 1
    [row] = await office.rows(Letter.kind == LetterKind.RECEIPT)
    assert office.smtp.taken[0]["Message-ID"].startswith(row.message_id[:-1])


async def test_an_answer_that_is_undone_leaves_no_letter(office) -> None:
    await office.get(mail("楼道的灯坏了。"))
    matter = await office.one()
    path = f"/staff/matters/{matter.id}/answer"
    refused = await office.browser.post(
        path, data={"words": "好", "outcome": "done"}, headers=office.holder.headers
    )
    assert refused.status_code == 422
    await office.round()
    assert len(office.smtp.taken) == 1


async def test_the_address_is_forgotten_once_the_closing_answer_is_sent(office) -> None:
    await office.get(mail("楼道的灯坏了。"))
    office.smtp.answer = "451 later"
    await office.answer((await office.one()).id, "灯换好了。", close="yes")
    store = office.browser.store
    assert await store.write(lambda session: verbs.forget(session, office.clock.now)) == 0
    office.smtp.answer = ""
    office.clock.now += dt.timedelta(minutes=2)
    await office.round()
    assert office.smtp.recipients == [WANG, WANG]
    assert await store.write(lambda session: verbs.forget(session, office.clock.now)) == 3
    assert {row.address for row in await office.rows()} == {""}


async def test_letters_are_erased_with_their_matter_and_the_others_after_30_days(office) -> None:
    await office.get(mail("楼道的灯坏了。"), mail("x", Precedence="bulk"))
    matter = await office.one()
    await office.answer(matter.id, "灯换好了。", close="yes")
    store, now = office.browser.store, office.clock.now

    async def erase(session) -> None:
        await retention.erase_matters(session, [matter.id], kinds_of(FEATURES), now)

    await store.write(erase)
    assert [row.state for row in await office.rows()] == [LetterState.IGNORED]
    later = now + dt.timedelta(days=31)
    await store.write(lambda session: verbs.forget(session, later))
    assert await office.rows() == []


@both_databases
async def test_letters_and_answers_on_each_database(
    databases: SqliteFiles | PostgresCluster, imap: ImapServer, tmp_path: Path
) -> None:
    url = databases.copy("sample")
    user = f"{USER}-{'p' if 'postgresql' in str(url) else 's'}"
    async with office_on(url, imap, tmp_path, user) as office:
        await office.get(mail("楼道的灯坏了。"))
        await office.answer((await office.one()).id, "灯换好了。", close="yes")
        assert len(office.smtp.taken) == 2
        await office.get(answering(office.smtp.taken[1], "又坏了。"))
        assert (await office.one()).is_open
    databases.drop(url)
