"""公开同意: each given by the person in their own account, and taken back by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from domain.contacts.content import Email
from domain.contacts.tables import CardConsent, ConsentField
from domain.content import Line, Phone
from domain.errors import LianxinError
from domain.revision import touch_content
from domain.staff.journal import note

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor

SHAPES: dict[ConsentField, TypeAdapter[str]] = {
    ConsentField.NAME: TypeAdapter(Line),
    ConsentField.PHONE: TypeAdapter(Phone),
    ConsentField.EMAIL: TypeAdapter(Email),
}


class NotShowableError(LianxinError):
    """What was to be shown is no name, phone number or e-mail address."""


async def consents_of(session: AsyncSession, staff_id: int) -> dict[ConsentField, CardConsent]:
    """What this person agrees to show now."""
    rows = await session.scalars(
        select(CardConsent).where(
            CardConsent.staff_id == staff_id, CardConsent.withdrawn_at.is_(None)
        )
    )
    return {row.field: row for row in rows}


async def give(
    session: AsyncSession, actor: Actor, field: ConsentField, value: str, now: dt.datetime
) -> None:
    """The actor agrees to show this name, phone number or e-mail address.

    Another value is another consent, with its own date. Raises `NotShowableError`.
    """
    try:
        value = SHAPES[field].validate_python(value)
    except ValidationError:
        raise NotShowableError(field.value) from None
    await _give(session, actor, CardConsent(field=field, value=value), now)


async def give_photo(session: AsyncSession, actor: Actor, photo: bytes, now: dt.datetime) -> None:
    """The actor agrees to show this photograph, a JPEG that the server encoded."""
    await _give(session, actor, CardConsent(field=ConsentField.PHOTO, value="", data=photo), now)


async def _give(
    session: AsyncSession, actor: Actor, consent: CardConsent, now: dt.datetime
) -> None:
    if actor.staff_id is None:  # pragma: no cover - the command line shows nobody
        raise AssertionError
    await _erase(session, actor.staff_id, consent.field, now)
    consent.staff_id, consent.given_at = actor.staff_id, now
    session.add(consent)
    await _tell(session, actor, actor.staff_id, "consent-given", consent.field, now)


async def withdraw(
    session: AsyncSession, actor: Actor, staff_id: int, field: ConsentField, now: dt.datetime
) -> None:
    """Take a consent back: the value is erased, and no page shows it any more."""
    if await _erase(session, staff_id, field, now):
        await _tell(session, actor, staff_id, "consent-withdrawn", field, now)


async def withdraw_all(
    session: AsyncSession, actor: Actor, staff_id: int, now: dt.datetime
) -> None:
    """Take back every consent of someone who leaves."""
    for field in await consents_of(session, staff_id):
        await withdraw(session, actor, staff_id, field, now)


async def _erase(
    session: AsyncSession, staff_id: int, field: ConsentField, now: dt.datetime
) -> bool:
    current = (await consents_of(session, staff_id)).get(field)
    if current is None:
        return False
    current.value, current.data, current.withdrawn_at = "", None, now
    # The next consent to the same thing is only unique once this one has ended.
    await session.flush()
    return True


async def _tell(  # noqa: PLR0913, PLR0917 - everything that the log says of it
    session: AsyncSession,
    actor: Actor,
    staff_id: int,
    what: str,
    field: ConsentField,
    now: dt.datetime,
) -> None:
    # The log is append-only, so it holds what was agreed to and never the number or the name.
    await note(session, actor, what, f"staff/{staff_id}", now=now, after=field.value)
    await touch_content(session)
