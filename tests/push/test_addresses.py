"""邮箱: whose mailbox gets a letter, how often, and what is kept of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import func, select

from push import addresses, ended, outbox, recipients
from push.addresses import AskedTooOftenError, EmailRefusedError, mailbox_of
from push.channels import Outcome, Result
from push.outbox import Note
from push.preferences import NotificationSettings, kept, prefer
from push.tables import AddressAsked, ChannelKind, Kind, Language, OutboxRow, Preferences, Subject
from push.tidying import tidy
from tests.world.outbox import FollowedDay, write
from tests.world.push_browsers import device_of

STAFF = recipients.staff(7)
MINUTE = dt.timedelta(minutes=1)


async def ask(told: FollowedDay, email: str = "li@example.cn", recipient=STAFF) -> None:
    await write(told.store, addresses.ask, recipient=recipient, email=email, now=told.day.now)


async def counted(told: FollowedDay, table) -> int:
    async with told.store.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_whoever_takes_an_address_back_has_asked_all_the_same(told) -> None:
    for _ in range(addresses.MOST_A_DAY):
        await ask(told)
        await write(told.store, addresses.forget, recipient=STAFF)
        with pytest.raises(AskedTooOftenError):
            await ask(told)
        told.day.later(minutes=3)
    for email in ("li@example.cn", "wang@example.cn"):
        with pytest.raises(AskedTooOftenError) as caught:
            await ask(told, email)
    assert caught.value.again_at > told.day.now + 23 * 60 * MINUTE


async def test_a_mailbox_is_one_however_it_is_spelt(told) -> None:
    spellings = [
        "v3@example.cn",
        "V3@Example.cn",
        "v3+a@example.cn",
        "ｖ3＠example．cn",
        "v3+@example.cn",
    ]
    for number, email in enumerate(spellings):
        asking = ask(told, email, recipients.staff(number))
        if number < addresses.MOST_A_DAY:
            await asking
        else:
            with pytest.raises(AskedTooOftenError):
                await asking


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("v.3@gmail.com", "v3@gmail.com"),
        ("V3+x@GoogleMail.com", "v3@gmail.com"),
        ("v.3@qq.com", "v.3@qq.com"),
        ("v+3+x@qq.com", "v@qq.com"),
    ],
)
def test_dots_make_no_difference_only_where_that_is_known(address, mailbox) -> None:
    assert mailbox_of(address) == mailbox


async def test_strangers_get_so_many_letters_and_no_more(told, monkeypatch, caplog) -> None:
    monkeypatch.setattr(addresses, "MOST_OF_ALL", 5)
    for number in range(5):
        await ask(told, f"{number}@example.cn", recipients.staff(number))
    with pytest.raises(AskedTooOftenError):
        await ask(told, "6@example.cn")
    assert "5 letters asked for an address" in caplog.text
    told.day.later(days=1)
    await ask(told, "6@example.cn")


@pytest.mark.parametrize(
    "email",
    [
        "x" * 65 + "@c.cn", "x@" + "c" * 64 + ".cn", "x@" + ".".join(["c" * 60] * 5) + ".cn",
        "a b@c.cn", '"a b"@c.cn', "a@[127.0.0.1]", "a@localhost", "张三@c.cn", "a.@c.cn",
        "a@c.cn, b@c.cn", "A <a@c.cn>",
    ],
)  # fmt: skip
async def test_what_no_mail_server_can_write_to_is_no_address(told, email) -> None:
    with pytest.raises(EmailRefusedError):
        await ask(told, email)


async def test_a_chinese_domain_is_kept_as_mail_servers_spell_it(told) -> None:
    await ask(told, "li@社区.cn")
    async with told.store.read() as session:
        assert await session.scalar(select(Preferences.email)) == "li@xn--dkrp89f.cn"


@pytest.mark.parametrize(
    "answer", [Outcome(Result.SENT), Outcome(Result.GONE, "550"), Outcome(Result.REFUSED, "554")]
)
async def test_the_key_in_a_letter_is_forgotten_when_it_is_over(told, answer) -> None:
    told.ways = outbox.Ways(frozenset({ChannelKind.EMAIL, ChannelKind.WEBHOOK}))
    told.email.answers = [answer]
    await ask(told)
    await told.deliver()
    # Also when it failed: no other channel is told a key, least of all a group chat.
    [row] = await told.rows()
    assert row.facts == {}
    assert told.webhook.sent == []
    assert not await write(told.store, outbox.retry, row_id=row.id, now=told.day.now)


async def test_the_key_in_a_letter_that_nobody_sends_is_forgotten_within_the_hour(told) -> None:
    await ask(told)
    [row] = await told.rows()
    assert row.expires_at - row.created_at <= 30 * MINUTE
    await write(told.store, tidy, now=row.expires_at)
    assert [each.facts for each in await told.rows()] == [{}]
    # It is not sent either, with a link to nothing.
    told.day.later(minutes=31)
    await told.deliver()
    assert told.email.sent == []


async def test_nothing_is_kept_of_who_asked_or_chose_nothing(told) -> None:
    usual = NotificationSettings(Language.ENGLISH)
    nothing_heard = NotificationSettings(Language.CHINESE, off=(Subject.TICKETS,))
    await write(told.store, prefer, recipient=device_of("a"), chosen=usual)
    await write(told.store, kept, recipient=recipients.staff(1))
    for recipient in (device_of("b"), recipients.staff(2)):
        await write(told.store, prefer, recipient=recipient, chosen=nothing_heard)
    # Staff who chose English want English letters.
    await write(told.store, prefer, recipient=recipients.staff(3), chosen=usual)
    await ask(told, recipient=recipients.staff(4))
    await ask(told, "wang@example.cn", recipients.staff(5))
    await write(told.store, addresses.forget, recipient=recipients.staff(5))
    assert not await write(told.store, tidy, now=told.day.now)
    async with told.store.read() as session:
        left = set(await session.scalars(select(Preferences.recipient)))
    assert left == {device_of("b"), *map(recipients.staff, (2, 3, 4))}
    assert await counted(told, AddressAsked) == 2
    await write(told.store, tidy, now=told.day.now + dt.timedelta(days=1))
    assert await counted(told, AddressAsked) == 0


async def test_a_long_list_is_tidied_in_parts(told, monkeypatch) -> None:
    monkeypatch.setattr("push.tidying.BATCH", 2)
    for number in range(3):
        await write(told.store, kept, recipient=recipients.staff(number))
    tidying = partial(write, told.store, tidy, now=told.day.now)
    assert [await tidying(), await tidying()] == [True, False]
    assert await counted(told, Preferences) == 0
    assert await counted(told, OutboxRow) == 0


async def test_what_was_ended_is_remembered_for_a_year(told) -> None:
    endpoint = "https://fcm.googleapis.com/fcm/send/li"
    await write(told.store, ended.note_end, endpoint=endpoint, now=told.day.now)
    for days, is_ended in ((364, True), (365, False)):
        await write(told.store, tidy, now=told.day.now + dt.timedelta(days=days))
        async with told.store.read() as session:
            assert await ended.has_ended(session, endpoint) is is_ended


async def test_a_mailbox_that_is_none_gets_nothing_more(told) -> None:
    """The person's next channel has the message, and their page says why."""
    await ask(told, recipient=STAFF)
    await told.deliver()
    key = told.email.sent.pop()[0].path.rpartition("/")[2]
    assert await write(told.store, addresses.confirm, key=key, now=told.day.now)
    told.email.answers = [Outcome(Result.GONE, "550")]
    note = Note(Kind.BAD_RATING, "call-back/1", {"callback": 1, "hall": "大厅"}, told.day.now)
    for subject in ("call-back/1", "call-back/2"):
        await write(
            told.store, outbox.tell, recipient=STAFF, note=replace(note, subject=subject),
            ways=told.ways,
        )  # fmt: skip
        await told.deliver()
    assert (len(told.email.sent), len(told.webhook.sent)) == (1, 2)
    async with told.store.read() as session:
        own = await session.get_one(Preferences, STAFF)
    assert (own.email, own.email_confirmed_at) == ("li@example.cn", None)
    assert own.email_refused_at == told.day.now
