"""Letters that come: over a real IMAP server, and what becomes of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.contacts import letters as verbs
from domain.contacts.letter_text import LARGEST_LETTER
from domain.contacts.letters import MOST_OF_A_SENDER, MOST_RECEIPTS_TO
from domain.contacts.tables import Letter, LetterKind, LetterState, Mailbox, Source
from domain.matters.tables import EntryKind
from tests.world.conversations import matters, said
from tests.world.letters import mail
from tests.world.mail_office import ADDRESS, OWED, WANG, answering, office_on
from tests.world.mail_servers import USER, text_of


async def test_a_letter_becomes_a_matter_and_is_acknowledged(office) -> None:
    await office.get(mail("楼道的灯坏了。", **{"Message-ID": "<first@example.com>"}))
    [(matter, conversation)] = await matters(office.browser.store)
    assert (conversation.source, conversation.asker) == (Source.MAILBOX, "王桂英")
    assert matter.holder_id == office.holder.id
    assert await said(office.browser.store, matter.id) == [
        (EntryKind.MESSAGE, "报修\n楼道的灯坏了。")
    ]
    [receipt] = office.smtp.taken
    assert office.smtp.recipients == [WANG]
    assert (receipt["From"], receipt["Subject"]) == (ADDRESS, "Re: 报修")
    assert receipt["Auto-Submitted"] == "auto-replied"
    assert receipt["In-Reply-To"] == receipt["References"] == "<first@example.com>"
    assert OWED in text_of(receipt)
    assert f"https://lianxin.example{matter.path}" in text_of(receipt)


async def test_another_sender_in_the_thread_begins_a_matter_of_their_own(office) -> None:
    await office.get(mail("楼道的灯坏了。"))
    [receipt] = office.smtp.taken
    await office.get(answering(receipt, "我也要修。", From="li@example.com"))
    first, second = await matters(office.browser.store)
    assert [words for _, words in await said(office.browser.store, first[0].id)] == [
        "报修\n楼道的灯坏了。"
    ]
    assert "我也要修。" in (await said(office.browser.store, second[0].id))[0][1]
    assert office.smtp.recipients == [WANG, "li@example.com"]


async def test_letters_of_before_stay_where_they_are_and_nothing_is_marked(
    sqlite_files, imap, tmp_path
) -> None:
    user = f"{USER}-before"
    imap.deliver(mail("旧信"), user=user)
    async with office_on(sqlite_files.copy("sample"), imap, tmp_path, user) as office:
        assert await matters(office.browser.store) == []
        await office.get(mail("新信"))
        assert len(await matters(office.browser.store)) == 1
    with imap.signed_in(user) as client:
        client.select_folder("INBOX", readonly=True)
        flags = client.get_flags(client.search("ALL"))
    assert len(flags) == 2
    assert not any(b"\\Seen" in each for each in flags.values())


async def test_a_letter_that_someone_read_first_is_taken_all_the_same(office) -> None:
    office.imap.deliver(mail("楼道的灯坏了。"), user=office.user)
    with office.imap.signed_in(office.user) as client:
        client.select_folder("INBOX")
        client.add_flags(client.search("ALL"), [b"\\Seen"])
    await office.round()
    assert len(await matters(office.browser.store)) == 1


async def test_a_letter_that_comes_twice_is_one(office) -> None:
    raw = mail("楼道的灯坏了。")
    await office.get(raw, raw)
    without = mail("没有编号", **{"Message-ID": ""})
    await office.get(without, without)
    assert len(await matters(office.browser.store)) == 2
    assert len(office.smtp.taken) == 2


async def test_a_mailbox_whose_numbers_start_again_gives_each_letter_once(office) -> None:
    raw = mail("楼道的灯坏了。")
    await office.get(raw)

    async def other_validity(session) -> None:
        await session.execute(update(Mailbox).values(uid_validity=7, last_uid=900))

    await office.browser.store.write(other_validity)
    await office.get(mail("新信"))
    found = [
        words
        for matter, _ in await matters(office.browser.store)
        for words in await said(office.browser.store, matter.id)
    ]
    assert [words for _, words in found] == ["报修\n楼道的灯坏了。", "报修\n新信"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Precedence": "list"},
        {"List-Id": "<all.example>"},
        {"Return-Path": "<>"},
        {"From": "MAILER-DAEMON@mx.example"},
        {"From": ADDRESS},
        {"From": "noreply@liujiazhuang.example"},
        {"X-Loop": "someone@example.com"},
        {"To": ", ".join(f"p{number}@example.com" for number in range(10_000))},
    ],
    ids=lambda headers: next(iter(headers)),
)
async def test_what_no_person_wrote_gets_no_answer_and_the_office_sees_it(office, headers) -> None:
    raw = mail("我在休假", subject="自动回复")
    for name, value in headers.items():
        lines = [line for line in raw.split(b"\n") if not line.startswith(f"{name}:".encode())]
        raw = b"\n".join([f"{name}: {value}".encode(), *lines])
    await office.get(raw)
    assert await matters(office.browser.store) == []
    assert office.smtp.taken == []
    [row] = await office.rows()
    assert (row.state, bool(row.why)) == (LetterState.IGNORED, True)


async def test_our_own_letters_that_come_back_end_there(office) -> None:
    await office.get(mail("楼道的灯坏了。"))
    await office.get(bytes(office.smtp.taken[0]))
    assert len(await matters(office.browser.store)) == 1
    assert len(office.smtp.taken) == 1


async def test_an_answering_machine_that_hides_gets_only_some_answers(office) -> None:
    for number in range(MOST_OF_A_SENDER + 5):
        await office.get(mail(f"我在休假 {number}", subject=f"Re: {number}"))
    assert len(await matters(office.browser.store)) == MOST_OF_A_SENDER
    assert len(office.smtp.taken) == MOST_RECEIPTS_TO
    assert [row.why for row in await office.rows(Letter.state == LetterState.IGNORED)] == [
        "often"
    ] * 5
    office.clock.now += dt.timedelta(hours=1, minutes=1)
    await office.get(mail("是我本人。"))
    assert len(await matters(office.browser.store)) == MOST_OF_A_SENDER + 1


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"From: a@b.cn\nSubject: x\n\n" + b"x" * 75 + b"\n", ""),
        (
            b"From: a@b.cn\nContent-Type: multipart/mixed; boundary=b\n\n"
            + b"--b\nContent-Type: text/plain\n\nx\n" * 300
            + b"--b--\n",
            "many-parts",
        ),
        (b"From: a@b.cn\nSubject: \n\n\n", "empty"),
    ],
    ids=["readable", "many-parts", "empty"],
)
async def test_what_cannot_be_read_is_kept_and_named(office, raw, why) -> None:
    await office.get(raw)
    [row] = await office.rows(Letter.kind == LetterKind.RECEIVED)
    assert (row.why, row.state is LetterState.UNREADABLE) == (why, bool(why))
    assert len(office.smtp.taken) == (not why)


async def test_a_letter_that_meets_a_fault_of_ours_keeps_no_other(office, monkeypatch) -> None:
    begun = verbs._begun

    async def broken(act: Any, found: Letter, *more: Any) -> Any:
        if found.subject == "毒":
            raise ValueError(found.subject)
        return await begun(act, found, *more)

    monkeypatch.setattr(verbs, "_begun", broken)
    await office.get(mail("一", subject="毒"), mail("二"))
    states = [row.state for row in await office.rows(Letter.kind == LetterKind.RECEIVED)]
    assert states == [LetterState.UNREADABLE, LetterState.TAKEN]


async def test_a_letter_that_is_too_large_is_not_fetched_whole(office) -> None:
    line = b"x" * 996 + b"\n"
    raw = b"From: a@b.cn\nSubject: big\n\n" + line * (LARGEST_LETTER // len(line) + 1)
    await office.get(raw)
    [row] = await office.rows()
    assert (row.state, row.why) == (LetterState.UNREADABLE, "large")
    async with office.browser.store.read() as session:
        kept = await session.scalar(select(Letter.raw))
    assert kept.startswith(b"From: a@b.cn")
    assert len(kept) == verbs.KEPT_RAW
