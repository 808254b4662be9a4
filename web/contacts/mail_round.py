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
from domain.places.tables import Community
from domain.words import N_
from push.channels import Outcome, Result
from push.mail import send_letter
from web.contacts.imap import MailboxError, OpenMailbox
from web.contacts.letter_words import written
from web.running import letter_process
from web.running.apart import BrokenError, TooCostlyError, run_apart
from web.site.photos import MOST_PHOTOS, PhotoError, prepared
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
# Letters of a mailbox in one round, and in an hour; the others wait in the mailbox.
MOST_A_ROUND, MOST_AN_HOUR = 30, 240


async def fetch_by_and_by(services: Services, _features: tuple[Feature, ...]) -> None:
    """Look into each mailbox every minute, one after the other."""
    for box in itertools.cycle(services.settings.letter_boxes):
        try:
            await fetch(services, box)
        except (LianxinError, SQLAlchemyError) as error:
            log.warning("the letters of %s are not taken: %s", box.community, error)
        if await services.stops_within(FETCH / len(services.settings.letter_boxes)):
            return


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


async def _read(services: Services, box: MailboxSettings, fetched: Fetched) -> Arrived:
    """What the letter says: read in a process of its own, its pictures made again."""
    if not fetched.is_whole:
        return Arrived(fetched.raw, why="large")
    own = {services.settings.smtp_from, *(each.address for each in services.settings.letter_boxes)}
    command = (*letter_process.COMMAND, *sorted(address.lower() for address in own if address))
    try:
        output = await run_apart(command, fetched.raw, letter_process.MOST_PATIENCE)
        content = unpacked(output)
    except UnreadableError as error:
        return Arrived(fetched.raw, why=error.why)
    except (TooCostlyError, BrokenError):
        return Arrived(fetched.raw, why="damaged")
    if content.why_ignored:
        return Arrived(fetched.raw, content)
    pictures, left_out = await _pictures(services, content)
    return Arrived(fetched.raw, content, "", pictures, _words(content, left_out))


async def _pictures(
    services: Services, content: LetterContent
) -> tuple[tuple[Picture, ...], list[str]]:
    """The pictures that are taken, and the names of all else that was attached."""
    pictures: list[Picture] = []
    left_out = list(content.left_out)
    for number, data in enumerate(content.pictures, 1):
        try:
            made = await prepared(services, data)
        except PhotoError:
            made = None
        if made is not None and len(pictures) < MOST_PHOTOS:
            pictures.append(made)
        else:
            say = translations(content.language).gettext
            left_out.append(say(N_("picture %(number)s")) % {"number": number})
    return tuple(pictures), left_out


def _words(content: LetterContent, left_out: list[str]) -> str:
    """The words of the message, and what of the letter is not in it."""
    say, words = translations(content.language).gettext, content.words
    notes = []
    if len(words) > LONGEST_LETTER:
        words = words[:LONGEST_LETTER]
        notes.append(say(N_("The letter is longer; the rest was left out.")))
    if left_out:
        names = say(N_(", ")).join(left_out)
        notes.append(say(N_("Not taken from the letter: %(names)s")) % {"names": names})
    return "\n\n".join([*filter(None, [words]), *(f"[{note}]" for note in notes)])


async def send_by_and_by(services: Services, _features: tuple[Feature, ...]) -> None:
    """Send what is queued."""
    while services.settings.letter_boxes:
        try:
            await send(services)
        except (LianxinError, SQLAlchemyError) as error:
            log.warning("letters are not sent: %s", error)
        if await services.stops_within(SEND):
            return


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
    for outgoing in due:
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
