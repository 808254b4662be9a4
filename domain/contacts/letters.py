"""便民邮箱: letters become matters, and answers become letters.

A letter that is to be sent is a row that is written in the transaction of what it tells, so nothing
is lost with the process; it is sent later, and tried again until the mail server takes it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from domain.contacts.letter_text import OWN_ID
from domain.contacts.line import LINE, Begun, begin, post_for, posts_of
from domain.contacts.tables import (
    Conversation,
    Letter,
    LetterKind,
    LetterState,
    Mailbox,
    Source,
)
from domain.keys import failure_key
from domain.matters import rounds, timeline
from domain.matters.errors import TooLateError
from domain.matters.holders import expect, locked, settle
from domain.matters.tables import EntryKind, Matter, MatterEntry
from domain.matters.timeline import Act, Written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.contacts.letter_text import LetterContent
    from domain.matters.happened import MatterAnswered
    from domain.matters.timeline import Picture
    from domain.pictures import NotTaken

HOUR = dt.timedelta(hours=1)
# Letters of one sender that become messages in an hour; the office is shown the others.
MOST_OF_A_SENDER = 10
# Acknowledgements in an hour, to one address and from one mailbox. A sender can be forged, and its
# owner must not be flooded by us.
MOST_RECEIPTS_TO, MOST_RECEIPTS = 3, 60
# Bytes kept of a letter that became no message, and for how long.
KEPT_RAW = 64 * 1024
KEPT_FOR = dt.timedelta(days=30)
# How long a letter may be on its way to the mail server before another process tries it, and when
# it is tried again after each failure.
LEASE = dt.timedelta(minutes=10)
AGAIN = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 720, 720))
BATCH = 20
LISTED = 100


@dataclass(frozen=True)
class Place:
    """Where a letter lies: the mailbox of a community, and its number there."""

    community_id: int
    uid_validity: int
    uid: int


@dataclass(frozen=True)
class Arrived:
    """A letter that came. `content` is None for one that cannot be read; `why` then says why."""

    raw: bytes
    content: LetterContent | None = None
    why: str = ""
    pictures: tuple[Picture, ...] = ()
    # What is said in the matter.
    words: str = ""
    # What was attached and is not in the matter.
    not_taken: tuple[NotTaken, ...] = ()


# Both processes of two may fetch a letter, and one may be killed before it says so. So the place is
# remembered in the transaction in which the letter is taken, with the mailbox's row locked.
async def receive(act: Act, place: Place, arrived: Arrived) -> Letter | None:
    """Take a letter, once. None for one that was taken before."""
    box = await _locked_box(act.session, place.community_id)
    if box.uid_validity != place.uid_validity or place.uid <= box.last_uid:
        return None
    box.last_uid = place.uid
    content = arrived.content
    letter = Letter(
        community_id=place.community_id,
        kind=LetterKind.RECEIVED,
        state=LetterState.UNREADABLE,
        why=arrived.why,
        at=act.now,
        id_hash=id_hash(content.message_id if content else "", arrived.raw),
    )
    if await _is_known(act.session, letter):
        return None
    if content is not None:
        await _file(act, letter, arrived, content)
    if letter.state is not LetterState.TAKEN:
        letter.raw = arrived.raw[:KEPT_RAW]
    act.session.add(letter)
    return letter


async def _locked_box(session: AsyncSession, community_id: int) -> Mailbox:
    found = await session.scalars(
        select(Mailbox)
        .where(Mailbox.community_id == community_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.one()


# The part before the @ of our own Message-IDs cannot be guessed, and mail servers rewrite the rest.
def id_hash(message_id: str, raw: bytes = b"") -> str:
    """The hash by which a letter is known: of its Message-ID, else of all of it."""
    name = message_id.strip("<>")
    if name.startswith(OWN_ID):
        name = name.partition("@")[0]
    return hashlib.sha256(name.encode() or raw).hexdigest()


async def _is_known(session: AsyncSession, letter: Letter) -> bool:
    found = await session.scalar(
        select(Letter.id).where(
            Letter.community_id == letter.community_id, Letter.id_hash == letter.id_hash
        )
    )
    return found is not None


async def _file(act: Act, letter: Letter, arrived: Arrived, content: LetterContent) -> None:
    """Say in the row what the letter is, and take it unless a machine wrote it."""
    letter.address, letter.address_hash = content.address, address_hash(content.address)
    letter.subject, letter.language = content.subject, content.language
    letter.message_id, letter.thread = content.message_id, " ".join(content.references)
    letter.why = content.why_ignored or await _why_not_now(act, letter)
    if letter.why:
        letter.state = LetterState.IGNORED
        await _returned(act.session, letter.community_id, content.returned)
    elif not (arrived.words or arrived.pictures or arrived.not_taken):
        letter.why = "empty"
    else:
        await _take(act, letter, arrived, content)


def address_hash(address: str) -> str:
    """What is kept of an address for longer than the address itself."""
    return failure_key("letter", address)


async def _why_not_now(act: Act, letter: Letter) -> str:
    """`often` for a sender with too many letters in this hour; empty otherwise."""
    count = await _count(
        act, Letter.kind == LetterKind.RECEIVED, Letter.address_hash == letter.address_hash
    )
    return "often" if count >= MOST_OF_A_SENDER else ""


async def _count(act: Act, *which: object) -> int:
    """How many such letters there were in the last hour."""
    count = await act.session.scalar(
        select(func.count()).select_from(Letter).where(Letter.at > act.now - HOUR, *which)  # type: ignore[arg-type]
    )
    return count or 0


async def _returned(session: AsyncSession, community_id: int, ids: Iterable[str]) -> None:
    """Remember that letters of ours came back."""
    await session.execute(
        update(Letter)
        .where(
            Letter.community_id == community_id,
            Letter.id_hash.in_([id_hash(each) for each in ids]),
            Letter.state == LetterState.SENT,
        )
        .values(state=LetterState.FAILED, why="returned")
    )


async def _take(act: Act, letter: Letter, arrived: Arrived, content: LetterContent) -> None:
    """Make it a message: in the matter it answers, else in a new one."""
    written = Written(arrived.words, arrived.pictures, not_taken=arrived.not_taken)
    matter = await _matter_answered(act, letter, content)
    if matter is None or not await _said(act, matter, written, is_thanks=content.is_thanks):
        matter = await _begun(act, letter, content, written)
        await _acknowledge(act, letter, matter)
    letter.matter_id, letter.state = matter.id, LetterState.TAKEN


# Who answers must be who wrote: the Message-IDs of a letter are known to everyone who got a copy.
async def _matter_answered(act: Act, letter: Letter, content: LetterContent) -> Matter | None:
    """The matter of the newest letter in the thread that this sender wrote or was sent."""
    matter_id = await act.session.scalar(
        select(Letter.matter_id)
        .join(Matter, Matter.id == Letter.matter_id)
        .where(
            Letter.community_id == letter.community_id,
            Letter.id_hash.in_([id_hash(each) for each in content.references]),
            Letter.address_hash == letter.address_hash,
            Matter.erased_at.is_(None),
        )
        .order_by(Letter.id.desc())
        .limit(1)
    )
    return None if matter_id is None else await locked(act.session, matter_id)


async def _said(act: Act, matter: Matter, written: Written, *, is_thanks: bool) -> bool:
    """Whether it could be said there: a matter that was closed long ago is not opened again."""
    ladder = await LINE.ladder(act.session, matter, act.now)
    settle(act, matter, ladder)
    if is_thanks:
        await timeline.thank(act, matter, written)
    elif matter.is_open:
        await timeline.say(act, matter, written)
        expect(act, matter, ladder)
    else:
        try:
            await rounds.reopen(act, matter, ladder, written)
        except TooLateError:
            return False
    return True


async def _begun(act: Act, letter: Letter, content: LetterContent, written: Written) -> Matter:
    """A new matter of the letter, for the contact of the whole community."""
    posts = await posts_of(act.session, letter.community_id)
    begun = Begun(
        community_id=letter.community_id,
        post=post_for(posts, None),
        conversation=Conversation(source=Source.MAILBOX, asker=content.name),
    )
    matter, _ = await begin(act, begun, written)
    return matter


async def _acknowledge(act: Act, letter: Letter, matter: Matter) -> None:
    """Queue the acknowledgement, unless there were many in this hour."""
    receipts = Letter.kind == LetterKind.RECEIPT
    to_them = await _count(act, receipts, Letter.address_hash == letter.address_hash)
    of_box = await _count(act, receipts, Letter.community_id == letter.community_id)
    if to_them < MOST_RECEIPTS_TO and of_box < MOST_RECEIPTS:
        act.session.add(_reply(letter, matter.id, LetterKind.RECEIPT, act.now))


def _reply(
    letter: Letter, matter_id: int, kind: LetterKind, now: dt.datetime, entry_id: int | None = None
) -> Letter:
    """A letter that is to be sent in the thread of the one that came."""
    message_id = f"<{OWN_ID}{token_urlsafe(18)}@>"
    return Letter(
        community_id=letter.community_id,
        matter_id=matter_id,
        entry_id=entry_id,
        kind=kind,
        state=LetterState.QUEUED,
        at=now,
        due_at=now,
        language=letter.language,
        address=letter.address,
        address_hash=letter.address_hash,
        subject=letter.subject,
        message_id=message_id,
        id_hash=id_hash(message_id),
        thread=f"{letter.thread} {letter.message_id}".strip(),
    )


async def queue_answer(session: AsyncSession, event: MatterAnswered) -> None:
    """Queue a letter for an answer in a matter that came by letter, in the answer's transaction."""
    letter = await session.scalar(
        select(Letter)
        .where(
            Letter.matter_id == event.matter_id,
            Letter.state == LetterState.TAKEN,
            Letter.address != "",
        )
        .order_by(Letter.id.desc())
        .limit(1)
    )
    if letter is None:
        return
    entry_id = await session.scalar(
        select(func.max(MatterEntry.id)).where(
            MatterEntry.matter_id == event.matter_id, MatterEntry.kind == EntryKind.ANSWER
        )
    )
    session.add(_reply(letter, event.matter_id, LetterKind.ANSWER, event.at, entry_id))


@dataclass(frozen=True)
class Outgoing:
    """A letter that is being sent, with what it tells."""

    letter: Letter
    matter: Matter
    # None for an acknowledgement.
    answer: MatterEntry | None


async def lease(
    session: AsyncSession, communities: Sequence[int], now: dt.datetime
) -> list[Outgoing]:
    """The letters of these communities that are due; no other process gets them for `LEASE`."""
    found = await session.scalars(
        select(Letter)
        .where(
            Letter.state == LetterState.QUEUED,
            Letter.due_at <= now,
            Letter.community_id.in_(communities),
        )
        .order_by(Letter.due_at, Letter.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    outgoing = []
    for letter in found:
        letter.due_at, letter.attempts = now + LEASE, letter.attempts + 1
        answer = None
        if letter.entry_id is not None:
            answer = await session.get_one(MatterEntry, letter.entry_id)
        matter = await session.get_one(Matter, letter.matter_id)
        outgoing.append(Outgoing(letter, matter, answer))
    return outgoing


async def mark_sent(session: AsyncSession, letter_id: int) -> None:
    """The mail server took it."""
    await _mark(session, letter_id, state=LetterState.SENT, why="", due_at=None)


async def mark_failed(session: AsyncSession, letter_id: int, why: str) -> None:
    """It cannot be delivered; the office is shown why."""
    await _mark(session, letter_id, state=LetterState.FAILED, why=why[:40], due_at=None)


async def mark_again(session: AsyncSession, letter: Letter, why: str, now: dt.datetime) -> None:
    """It is tried again later, for two days."""
    if letter.attempts > len(AGAIN):
        await mark_failed(session, letter.id, why)
    else:
        await _mark(session, letter.id, due_at=now + AGAIN[letter.attempts - 1], why=why[:40])


async def _mark(session: AsyncSession, letter_id: int, **values: object) -> None:
    await session.execute(
        update(Letter)
        .where(Letter.id == letter_id, Letter.state == LetterState.QUEUED)
        .values(**values)
    )


async def forget(session: AsyncSession, now: dt.datetime) -> int:
    """Erase addresses whose matter is closed, and old letters that became no message."""
    queued = select(Letter.matter_id).where(
        Letter.state == LetterState.QUEUED, Letter.matter_id.is_not(None)
    )
    closed = select(Matter.id).where(Matter.closed_at.is_not(None), Matter.id.not_in(queued))
    addresses = await session.execute(
        update(Letter)
        .where(Letter.address != "", Letter.matter_id.in_(closed))
        .values(address="", subject="")
    )
    letters = await session.execute(
        delete(Letter).where(Letter.matter_id.is_(None), Letter.at < now - KEPT_FOR)
    )
    return int(addresses.rowcount + letters.rowcount)  # type: ignore[attr-defined]


async def remember_box(
    session: AsyncSession, community_id: int, *, now: dt.datetime, **values: object
) -> None:
    """Keep how far a mailbox was read, or why it was not (`trouble`)."""
    box = await session.get(Mailbox, community_id)
    if box is None:
        box = Mailbox(community_id=community_id)
        session.add(box)
    if not values.get("trouble"):
        box.read_at, box.trouble = now, ""
    for name, value in values.items():
        setattr(box, name, value)


async def received_lately(session: AsyncSession, community_id: int, now: dt.datetime) -> int:
    """How many letters came to a community in the last hour."""
    count = await session.scalar(
        select(func.count())
        .select_from(Letter)
        .where(
            Letter.community_id == community_id,
            Letter.at > now - HOUR,
            Letter.kind == LetterKind.RECEIVED,
        )
    )
    return count or 0


async def troubled(session: AsyncSession, community_id: int) -> list[Letter]:
    """Letters the office should look at: those that became no message, and those not delivered."""
    found = await session.scalars(
        select(Letter)
        .where(
            Letter.community_id == community_id,
            Letter.state.in_([LetterState.IGNORED, LetterState.UNREADABLE, LetterState.FAILED]),
        )
        .order_by(Letter.id.desc())
        .limit(LISTED)
    )
    return list(found)
