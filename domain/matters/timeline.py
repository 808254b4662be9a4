"""What was said and done in a matter, and who may read it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import load_only, selectinload

from domain.events import record
from domain.matters.errors import ClosedError, KeyReusedError
from domain.matters.happened import MatterAnswered, MatterChanged, MatterOwed
from domain.matters.tables import EntryKind, MatterEntry, MatterPhoto, Outcome, Readers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar
    from domain.matters.tables import Facts, Matter
    from domain.pictures import NotTaken


@dataclass(frozen=True)
class Act:
    """The unit of work, the calendar and the moment (aware local time) of an act on matters."""

    session: AsyncSession
    calendar: WorkingCalendar
    now: dt.datetime


@dataclass(frozen=True)
class Picture:
    """A photograph that the server re-encoded: a JPEG and its size in pixels."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Written:
    """What someone wrote in a form: words, pictures, and the key that makes it arrive once."""

    words: str
    pictures: tuple[Picture, ...] = ()
    # Both None for what no form sent.
    form_key: str | None = None
    # Of all that was sent under the key.
    form_hash: str | None = None
    # Files that came with it and were left out.
    not_taken: tuple[NotTaken, ...] = ()


@dataclass(frozen=True)
class Answer:
    """答复: one of four outcomes, and what it says. `until` is set for `LATER` and `NOT_YET`."""

    outcome: Outcome
    written: Written
    until: dt.date | None = None


async def entries_of(
    session: AsyncSession, matter_ids: Sequence[int], readers: Sequence[Readers]
) -> list[MatterEntry]:
    """The entries of these matters that such readers may read, in order, with their photographs."""
    wanted = (
        select(MatterEntry)
        .where(MatterEntry.matter_id.in_(matter_ids), MatterEntry.readers.in_(readers))
        .options(
            selectinload(MatterEntry.photos).options(
                load_only(MatterPhoto.token, MatterPhoto.width, MatterPhoto.height)
            )
        )
        .order_by(MatterEntry.id)
    )
    return list(await session.scalars(wanted))


async def sent_before(session: AsyncSession, written: Written) -> bool:
    """Whether this form was taken before. Raises `KeyReusedError` for other words under its key."""
    if written.form_key is None:
        return False
    kept = await session.scalar(
        select(MatterEntry.form_hash).where(MatterEntry.form_key == written.form_key)
    )
    if kept is None:
        return False
    if kept != written.form_hash:
        raise KeyReusedError
    return True


async def say(act: Act, matter: Matter, written: Written) -> None:
    """Add a resident's message; after an answer, the next one is owed from now on.

    Raises `ClosedError`, `KeyReusedError`.
    """
    if await sent_before(act.session, written):
        return
    if not matter.is_open:
        raise ClosedError
    add(act, matter, EntryKind.MESSAGE, written)
    if matter.owed_since is None:
        owe(act, matter)
        record(act.session, MatterOwed(matter.id, act.now))


async def thank(act: Act, matter: Matter, written: Written) -> None:
    """Add thanks, which reopen nothing and ask for nothing. Raises `KeyReusedError`."""
    if not await sent_before(act.session, written):
        add(act, matter, EntryKind.THANKS, written)


def owe(act: Act, matter: Matter) -> None:
    """From now on an answer is owed, by the matter's rule."""
    matter.owed_since, matter.periods = act.now, ()
    clock = matter.clock(act.now.tzinfo)
    matter.due_on = clock.due(act.calendar).day if clock else None


def owe_nothing(matter: Matter) -> None:
    """No answer is owed any more."""
    matter.owed_since, matter.due_on, matter.periods = None, None, ()


def answer(act: Act, matter: Matter, staff_id: int | None, given: Answer) -> None:
    """Add an answer that the resident can see: from now on none is owed.

    `staff_id` is None in a sample's files alone, where there are no accounts yet.
    """
    # Nothing is owed from here on, so whether it came in time is known only from what is kept here.
    owed_by = matter.due_on.isoformat() if matter.due_on else None
    facts: Facts = {
        "until": given.until.isoformat() if given.until else None,
        "owed_by": owed_by,
    }
    entry = add(act, matter, EntryKind.ANSWER, given.written, facts, staff_id)
    entry.outcome = given.outcome
    owe_nothing(matter)
    record(act.session, MatterAnswered(matter.id, act.now))


def note(act: Act, matter: Matter, staff_id: int, written: Written) -> None:
    """Add words among handlers. The resident never sees them, and nothing stops by them."""
    add(act, matter, EntryKind.NOTE, written, staff_id=staff_id)


def add(  # noqa: PLR0913, PLR0917 - what an entry is made of
    act: Act,
    matter: Matter,
    kind: EntryKind,
    written: Written | None = None,
    facts: Facts | None = None,
    staff_id: int | None = None,
) -> MatterEntry:
    """Add an entry, and let live pages know that the matter changed."""
    written = written or Written("")
    facts = facts or {}
    if written.not_taken:
        facts = {**facts, "not_taken": [(file.name, file.why) for file in written.not_taken]}
    entry = MatterEntry(
        matter_id=matter.id,
        at=act.now,
        kind=kind,
        readers=Readers.HANDLERS if kind is EntryKind.NOTE else Readers.ALL,
        staff_id=staff_id,
        words=written.words,
        facts=facts,
        form_key=written.form_key,
        form_hash=written.form_hash,
        photos=[
            MatterPhoto(
                token=token_urlsafe(24),
                width=picture.width,
                height=picture.height,
                data=picture.data,
            )
            for picture in written.pictures
        ],
    )
    act.session.add(entry)
    record(act.session, MatterChanged(matter.id, act.now))
    return entry
