"""三网合一: where else than on the page and the board a disclosure was made public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.disclosures.catalogue import Carrier
from domain.disclosures.errors import NotShownError
from domain.disclosures.tables import CarrierNote, DisclosureState
from domain.staff.journal import note
from domain.store import inserting

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import Disclosure
    from domain.staff.actor import Actor

ELSEWHERE = (Carrier.GROUP, Carrier.MEETING)
"""Carriers of which only the office knows: the page and the board have records of their own."""
# Notes on a page.
MOST = 100


async def note_carrier(  # noqa: PLR0913, PLR0917 - who noted what of which disclosure
    session: AsyncSession,
    actor: Actor,
    disclosure: Disclosure,
    community_id: int,
    carrier: Carrier,
    day: dt.date,
    now: dt.datetime,
) -> None:
    """Note that it was sent or read out on a local day; the same again changes nothing.

    Raises `NotShownError` for one that is not published.
    """
    if disclosure.state is not DisclosureState.PUBLISHED or actor.staff_id is None:
        raise NotShownError
    values = {
        "disclosure_id": disclosure.id,
        "community_id": community_id,
        "carrier": carrier,
        "day": day,
        "noted_by": actor.staff_id,
        "noted_at": now,
    }
    # The unique constraint decides whether it is new, also when two press at the same moment.
    insert = inserting(session, CarrierNote).values(values).on_conflict_do_nothing()
    if (await session.scalars(insert.returning(CarrierNote.id))).one_or_none() is None:
        return
    await note(
        session,
        actor,
        "disclosure-carried",
        f"disclosure/{disclosure.id}",
        now=now,
        after={"carrier": carrier.value, "day": str(day)},
        community_id=community_id,
    )


async def notes_of(
    session: AsyncSession, disclosure: Disclosure, community_id: int
) -> Sequence[CarrierNote]:
    """Where else a disclosure was made public in a community, the latest day first."""
    found = await session.scalars(
        select(CarrierNote)
        .where(CarrierNote.disclosure_id == disclosure.id, CarrierNote.community_id == community_id)
        .order_by(CarrierNote.day.desc(), CarrierNote.id.desc())
        .limit(MOST)
    )
    return found.all()
