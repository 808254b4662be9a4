"""来信: how the mailbox of a community stands, and the letters that need a person's eye."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import undefer
from starlette.responses import Response

from domain.contacts.letters import troubled
from domain.contacts.tables import Letter, Mailbox
from domain.staff.journal import note
from web.site.errors import found_or_404
from web.staff.access import StaffPage

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community
    from web.site.pages import Page
    from web.staff.access import StaffVisit


@dataclass(frozen=True)
class LetterRow:
    """A letter in the list. `at` is aware local time; `matter_id` is of one that we sent."""

    id: int
    state: str
    why: str
    at: dt.datetime
    address: str
    subject: str
    matter_id: int | None


@dataclass(frozen=True, kw_only=True)
class LettersPage(StaffPage):
    """The mailbox of a community."""

    template: ClassVar[str] = "contacts/letters.html"
    tab: ClassVar[str] = "places"
    place: Community
    # What residents write to; empty for a community without a mailbox.
    address: str
    # When the mailbox was read last, aware local time; None before the first time.
    read_at: dt.datetime | None
    # Why it could not be read at the last try; empty when it was.
    trouble: str
    rows: list[LetterRow]


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The mailbox, and the letters that became no message or were not delivered."""
    place = visit.place
    box = await session.get(Mailbox, place.id)
    addresses = {each.community: each.address for each in visit.settings.letter_boxes}
    return LettersPage(
        actor=visit.actor,
        place=place,
        address=addresses.get(place.slug, ""),
        read_at=visit.local(box.read_at) if box and box.read_at else None,
        trouble=box.trouble if box else "",
        rows=[_row(visit, letter) for letter in await troubled(session, place.id)],
    )


# Only its handlers read a matter, so a letter of a matter shows nothing of who wrote what.
def _row(visit: StaffVisit, letter: Letter) -> LetterRow:
    is_of_matter = letter.matter_id is not None
    return LetterRow(
        id=letter.id,
        state=letter.state.value,
        why=letter.why,
        at=visit.local(letter.at),
        address="" if is_of_matter else letter.address,
        subject="" if is_of_matter else letter.subject,
        matter_id=letter.matter_id,
    )


async def read(visit: StaffVisit, session: AsyncSession) -> Response:
    """The beginning of a letter that became no message, as a file; the log says who took it."""
    letter: Letter = found_or_404(
        await session.scalar(
            select(Letter)
            .where(
                Letter.id == int(visit.params["letter"]),
                Letter.community_id == visit.place.id,
                Letter.matter_id.is_(None),
            )
            .options(undefer(Letter.raw))
        )
    )
    raw = found_or_404(letter.raw)
    subject = f"letter/{letter.id}"
    await note(
        session, visit.actor, "letter-read", subject, now=visit.now, community_id=visit.place.id
    )
    # A file, so that nothing of a stranger's letter is shown or run in the browser.
    headers = {
        "content-disposition": f'attachment; filename="letter-{letter.id}.eml"',
        "cache-control": "no-store",
    }
    return Response(raw, HTTPStatus.OK, headers, "application/octet-stream")
