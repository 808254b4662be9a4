"""The mailbox, over a real IMAP and a real SMTP server."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from domain.contacts import letters as verbs
from domain.contacts.letter_text import LARGEST_LETTER
from domain.contacts.letters import LEASE, MOST_OF_A_SENDER, MOST_RECEIPTS_TO
from domain.contacts.tables import Letter, LetterKind, LetterState, Mailbox, Source
from domain.matters import retention
from domain.matters.tables import EntryKind, Matter, MatterPhoto
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.app import Browser, opened
from tests.world.clock import NOW, Clock
from tests.world.conversations import matters, said, with_post
from tests.world.databases import both_databases
from tests.world.district import places
from tests.world.forms import hidden
from tests.world.letters import letter, mail
from tests.world.mail_servers import PASSWORD, USER, dovecot, smtp_server, text_of
from tests.world.people import Person, arrived, log_of
from tests.world.photos import jpeg
from web.contacts.mail_round import fetch, send
from web.features import FEATURES
from web.matters.spec import kinds_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.world.databases import PostgresCluster, SqliteFiles
    from tests.world.mail_servers import ImapServer, SmtpServer

ADDRESS = "bianmin@liujiazhuang.example"
WANG = "wang@example.com"
LETTERS = "/staff/c/liujiazhuang/letters"
# A working day later the answer is owed; see `with_post`.
OWED = "11月26日"


@pytest.fixture(scope="session")
def imap() -> Iterator[ImapServer]:
    # Not pytest's own folder, into which only its owner may look.
    with TemporaryDirectory(prefix="lianxin-") as folder, dovecot(Path(folder)) as server:
        yield server


@dataclass
class Office:
    """The application with a mailbox, its servers, and who answers."""

    browser: Browser
    imap: ImapServer
    smtp: SmtpServer
    clock: Clock
    user: str
    holder: Person

    async def get(self, *raw: bytes) -> None:
        """Letters come, and a round is made."""
        self.imap.deliver(*raw, user=self.user)
        await self.round()

    async def round(self) -> None:
        """Fetch and send."""
        [box] = self.browser.services.settings.letter_boxes
        await fetch(self.browser.services, box)
        await send(self.browser.services)

    async def rows(self, *which: Any) -> list[Letter]:
        """Letters in the store, in order."""
        async with self.browser.store.read() as session:
            found = await session.scalars(select(Letter).where(*which).order_by(Letter.id))
            return list(found)

    async def answer(self, matter_id: int, words: str, **more: str) -> None:
        """The holder answers on the page."""
        path, headers = f"/staff/matters/{matter_id}", self.holder.headers
        page = (await self.browser.get(path, headers=headers)).text
        form = {"request": hidden(page)["request"], "outcome": "done", "words": words, **more}
        response = await self.browser.post(f"{path}/answer", data=form, headers=headers)
        assert response.status_code == 303, response.text
        await send(self.browser.services)

    async def one(self) -> Matter:
        """The only matter."""
        [(matter, _)] = await matters(self.browser.store)
        return matter


@asynccontextmanager
async def office_on(
    url: str, imap: ImapServer, files: Path, user: str, **box: Any
) -> AsyncIterator[Office]:
    """An office with a mailbox, after its first look."""
    password, file, clock = files / "password", files / "boxes.json", Clock(NOW)
    password.write_text(f"{PASSWORD}\n")
    described = {
        "community": "liujiazhuang",
        "address": ADDRESS,
        "host": "127.0.0.1",
        "port": imap.port,
        "security": "none",
        "user": user,
        "password_file": str(password),
        **box,
    }
    file.write_text(json.dumps([described]))
    async with (
        smtp_server() as smtp,
        opened(
            url,
            clock,
            mailboxes=file,
            smtp_host="127.0.0.1",
            smtp_port=smtp.port,
            smtp_from="noreply@liujiazhuang.example",
            smtp_security="none",
            public_url="https://lianxin.example",
        ) as browser,
    ):
        home = (await places(browser.store)).community["liujiazhuang"]
        holder = await arrived(browser.store, "below", Grant(Role.CLERK, community_id=home))
        await with_post(browser.store, holder="below")
        office = Office(browser, imap, smtp, clock, user, holder)
        await office.round()
        yield office


@pytest.fixture
async def office(
    sqlite_files: SqliteFiles, imap: ImapServer, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Office]:
    """An office whose mailbox is empty at first."""
    user = f"{USER}-{abs(hash(request.node.name))}"
    async with office_on(sqlite_files.copy("sample"), imap, tmp_path, user) as found:
        yield found


def answering(sent: Any, words: str, **headers: str) -> bytes:
    """王桂英's answer to a letter of ours, as her mail program writes it."""
    thread = {
        "In-Reply-To": sent["Message-ID"],
        "References": f"{sent.get('References', '')} {sent['Message-ID']}",
    }
    quoted = "\n".join(f"> {line}" for line in text_of(sent).splitlines())
    return mail(
        f"{words}\n\n在 2026年11月23日，刘家庄 写道：\n{quoted}",
        subject="Re: 报修",
        **{**thread, **headers},
    )


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


async def test_an_answer_reopens_what_was_closed_and_thanks_do_not(office) -> None:
    await office.get(mail("楼道的灯坏了。"))
    matter = await office.one()
    await office.answer(matter.id, "灯换好了。", close="yes")
    closing = office.smtp.taken[1]
    assert "14天" in text_of(closing)
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


async def test_pictures_are_taken_and_the_rest_is_named(office) -> None:
    message = letter("灯坏了")
    for number in range(5):
        message.add_attachment(
            jpeg(40 + number), maintype="image", subtype="jpeg", filename=f"{number}.jpg"
        )
    message.add_attachment(b"\xff\xd8\xff", maintype="image", subtype="png", filename="bad.png")
    message.add_attachment(b"<svg/>", maintype="image", subtype="svg+xml", filename="a.svg")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="合同.pdf")
    await office.get(message.as_bytes())
    matter = await office.one()
    [(_, words)] = await said(office.browser.store, matter.id)
    assert words.startswith("报修\n灯坏了\n\n[信中未收录：")
    assert "合同.pdf" in words
    async with office.browser.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(MatterPhoto)) == 3


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
