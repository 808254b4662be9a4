"""The rounds of the mail: letters are fetched every minute, and sent every few seconds."""

from __future__ import annotations

import datetime as dt
import itertools
import logging
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from domain.contacts import letters
from domain.contacts.letter_text import (
    LONGEST_LETTER,
    LetterContent,
    UnreadableError,
    unpacked,
)
from domain.contacts.letters import Arrived, Place
from domain.contacts.tables import Mailbox
from domain.errors import LianxinError
from domain.matters.timeline import Act, Picture
from domain.pictures import MOST_PHOTOS, NotTaken
from domain.places.tables import Community
from domain.words import N_
from push.channels import Outcome, Result
from push.mail import send_letter
from web.contacts.imap import BEGINNING, MailboxError, OpenMailbox
from web.contacts.letter_words import written
from web.running import letter_process
from web.running.apart import BrokenError, TooCostlyError, run_apart
from web.site.photos import PhotoError, prepared
from web.site.words import translations

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.contacts.letters import Outgoing
    from web.contacts.imap import Fetched
    from web.running.mailboxes import MailboxSettings
    from web.running.services import Services
    from web.site.feature import Feature

log = logging.getLogger("lianxin.mail")

# Seconds between two looks into the mailboxes, and between two looks for letters to send.
FETCH, SEND = 60.0, 10.0
# Seconds after the start: the first pages go first.
FIRST = 1.0
# Letters of a mailbox in one round, and in an hour; the others wait in the mailbox.
MOST_A_ROUND, MOST_AN_HOUR = 30, 240


async def fetch_by_and_by(services: Services, _features: tuple[Feature, ...]) -> None:
    """Look into each mailbox every minute, one after the other."""
    boxes, pause = services.settings.letter_boxes, FIRST
    for box in itertools.cycle(boxes):
        if await services.stops_within(pause):
            return
        pause = FETCH / len(boxes)
        try:
            await fetch(services, box)
        except (LianxinError, SQLAlchemyError) as error:
            log.warning("the letters of %s are not taken: %s", box.community, error)


async def fetch(services: Services, box: MailboxSettings) -> int:
    """Take the new letters of a mailbox, and say how many there were."""
    community_id = await _community_id(services, box)
    if community_id is None:
        log.error("mailboxes: there is no community %s", box.community)
        return 0
    remember = partial(letters.remember_box, community_id=community_id, now=services.now())
    try:
        async with OpenMailbox(box) as opened:
            return await _fetch_new(services, box, opened, community_id)
    except MailboxError as error:
        log.warning("the mailbox of %s cannot be read: %s", box.community, error)
        await services.store.write(partial(remember, trouble=error.why))
        return 0


async def _community_id(services: Services, box: MailboxSettings) -> int | None:
    async with services.store.read() as session:
        found: int | None = await session.scalar(
            select(Community.id).where(Community.slug == box.community)
        )
        return found


async def _fetch_new(
    services: Services, box: MailboxSettings, opened: OpenMailbox, community_id: int
) -> int:
    last = await _last_uid(services, opened, community_id)
    async with services.store.read() as session:
        lately = await letters.received_lately(session, community_id, services.now())
    uids = (await opened.after(last))[: min(MOST_A_ROUND, max(0, MOST_AN_HOUR - lately))]
    for uid in uids:
        if services.stopping.is_set():
            break
        fetched = await opened.fetch(uid)
        if fetched is not None:
            place = Place(community_id, opened.uid_validity, uid)
            await take(services, box, place, fetched)
    return len(uids)


# A mailbox that was there before starts at its end: years of old letters are no new matters. When
# the server starts its numbers again, the letters of the last days are looked at; those that were
# taken are known by their Message-ID.
async def _last_uid(services: Services, opened: OpenMailbox, community_id: int) -> int:
    """The number of the last letter that was taken; kept, with the time of this look."""
    async with services.store.read() as session:
        box = await session.get(Mailbox, community_id)
    last = box.last_uid if box else 0
    if box is None or not box.uid_validity or box.read_at is None:
        last = opened.uid_next - 1
    elif box.uid_validity != opened.uid_validity:
        newer = await opened.since(box.read_at.date() - dt.timedelta(days=1))
        last = min([*newer, opened.uid_next]) - 1
    remember = partial(
        letters.remember_box,
        community_id=community_id,
        now=services.now(),
        uid_validity=opened.uid_validity,
        last_uid=last,
    )
    await services.store.write(remember)
    return last


# A letter that meets a fault of ours would meet it in every round, and all behind it would wait.
async def take(services: Services, box: MailboxSettings, place: Place, fetched: Fetched) -> None:
    """Read a letter and take it, in one unit of work; keep it where that fails."""
    try:
        arrived = await _read(services, box, fetched)
        state = await _received(services, place, arrived)
    except (LianxinError, SQLAlchemyError):
        raise
    except Exception:
        log.exception("letter %s of %s cannot be taken", place.uid, box.community)
        state = await _received(services, place, Arrived(fetched.raw, why="damaged"))
    # Nothing of what the letter says.
    log.info("letter %s of %s: %s", place.uid, box.community, state)


async def _received(services: Services, place: Place, arrived: Arrived) -> str:
    """Take it, and say in words for the log what became of it."""
    calendar = (await services.published()).calendar

    async def receive(session: AsyncSession) -> str:
        letter = await letters.receive(Act(session, calendar, services.now()), place, arrived)
        return f"{letter.state} {letter.why}".strip() if letter else "known"

    return await services.store.write(receive)


# A letter is never lost because of what is attached to it: when all of it cannot be had or read,
# its beginning has the words.
async def _read(services: Services, box: MailboxSettings, fetched: Fetched) -> Arrived:
    """What the letter says: read in a process of its own, its pictures made again."""
    try:
        if not fetched.is_whole:
            content = await _content(services, fetched.raw, "letter-too-large")
        else:
            content = await _content_of_whole(services, fetched.raw)
    except UnreadableError as error:
        return Arrived(fetched.raw, why=error.why)
    if content.why_ignored:
        return Arrived(fetched.raw, content)
    pictures, not_taken = await _pictures(services, content)
    words = _words(content, is_empty=not content.words and bool(pictures or not_taken))
    return Arrived(fetched.raw, content, "", pictures, words, not_taken)


async def _content_of_whole(services: Services, raw: bytes) -> LetterContent:
    """The letter, or its beginning where it breaks the reader. Raises `UnreadableError`."""
    try:
        return await _content(services, raw)
    except UnreadableError as error:
        if error.why != "damaged":
            raise
    try:
        return await _content(services, raw[:BEGINNING], "damaged")
    except UnreadableError:
        raise UnreadableError("damaged") from None


async def _content(services: Services, raw: bytes, cut: str = "") -> LetterContent:
    """The letter, or (`cut` says why) its beginning. Raises `UnreadableError`."""
    own = {
        services.settings.smtp_address,
        *(each.address for each in services.settings.letter_boxes),
    }
    given = sorted(address.lower() for address in own if address)
    command = (*letter_process.COMMAND, *given, f"{letter_process.CUT}{cut}")
    try:
        return unpacked(await run_apart(command, raw, letter_process.MOST_PATIENCE))
    except (TooCostlyError, BrokenError):
        raise UnreadableError("damaged") from None


async def _pictures(
    services: Services, content: LetterContent
) -> tuple[tuple[Picture, ...], tuple[NotTaken, ...]]:
    """The pictures that are taken, and all else that was attached, with why it is not."""
    pictures: list[Picture] = []
    refused: list[NotTaken] = []
    for name, data in zip(content.names, content.pictures, strict=True):
        if len(pictures) == MOST_PHOTOS:
            refused.append(NotTaken(name, "too-many"))
            continue
        try:
            pictures.append(await prepared(services, data))
        except PhotoError as error:
            refused.append(NotTaken(name, error.word))
    return tuple(pictures), (*refused, *content.not_taken)


def _words(content: LetterContent, *, is_empty: bool) -> str:
    """The words of the message, in the letter's language where it has none of its own."""
    say, words = translations(content.language).gettext, content.words
    if is_empty:
        return say(N_("A letter without words."))
    if len(words) <= LONGEST_LETTER:
        return words
    note = say(N_("The letter is longer; the rest was left out."))
    return f"{words[:LONGEST_LETTER]}\n\n[{note}]"


async def send_by_and_by(services: Services, _features: tuple[Feature, ...]) -> None:
    """Send what is queued."""
    pause = FIRST
    while services.settings.letter_boxes and not await services.stops_within(pause):
        pause = SEND
        try:
            await send(services)
        except (LianxinError, SQLAlchemyError) as error:
            log.warning("letters are not sent: %s", error)


async def forget_by_and_by(services: Services, _features: tuple[Feature, ...]) -> None:
    """Forget the addresses of closed matters, and old letters, also once a mailbox is off."""
    while not await services.stops_within(FETCH):
        try:
            await services.store.write(partial(letters.forget, now=services.now()))
        except (LianxinError, SQLAlchemyError) as error:
            log.warning("letters are not forgotten: %s", error)


async def send(services: Services) -> int:
    """Send the letters that are due, and say how many there were."""
    boxes: dict[int, MailboxSettings] = {}
    for box in services.settings.letter_boxes:
        community_id = await _community_id(services, box)
        if community_id is not None:
            boxes[community_id] = box
    if not boxes:
        return 0
    due = await services.store.write(
        partial(letters.lease, communities=list(boxes), now=services.now())
    )
    # A letter that is leased when the process stops is sent once the lease is over.
    for outgoing in due:
        if services.stopping.is_set():
            break
        await _send_one(services, boxes[outgoing.letter.community_id], outgoing)
    return len(due)


async def _send_one(services: Services, box: MailboxSettings, outgoing: Outgoing) -> None:
    """Send a letter, and remember what the mail server said."""
    letter = outgoing.letter
    outcome = await _handed_over(services, box, outgoing)
    if outcome.result is Result.SENT:
        marking = partial(letters.mark_sent, letter_id=letter.id)
    elif outcome.result in {Result.GONE, Result.REFUSED}:
        marking = partial(letters.mark_failed, letter_id=letter.id, why=outcome.reason)
    else:
        log.warning("a letter of %s was not sent: %s", box.community, outcome.reason)
        marking = partial(letters.mark_again, letter=letter, why=outcome.reason, now=services.now())
    await services.store.write(marking)


async def _handed_over(services: Services, box: MailboxSettings, outgoing: Outgoing) -> Outcome:
    settings = services.settings
    if settings.smtp is None:  # pragma: no cover - the settings ask for it
        return Outcome(Result.AGAIN, "no mail server")
    try:
        message = written(outgoing, sender=box.address, origin=settings.origin, now=services.now())
        return await send_letter(settings.smtp, message)
    # What cannot be written must not keep those behind it.
    except Exception:
        log.exception("letter %s of %s cannot be written", outgoing.letter.id, box.community)
        return Outcome(Result.REFUSED, "damaged")
