"""公开同意: what I agree to show on my card, each thing by itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.contacts import consents
from domain.contacts.consents import NotShowableError
from domain.contacts.posts import posts_held
from domain.contacts.tables import ConsentField
from web.site.answers import InvalidError, Redirect
from web.site.photos import PhotoError, prepared
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.datastructures import UploadFile

    from domain.contacts.tables import CardConsent, ContactPost
    from web.running.services import Services
    from web.site.pages import Page
    from web.staff.access import StaffVisit

PATH = "/staff/consents"
LONGEST = 254


@dataclass(frozen=True, kw_only=True)
class Consents(StaffPage):
    """公开同意: what the cards of this person show, since when, and how to take it back."""

    template: ClassVar[str] = "contacts/consents.html"
    tab: ClassVar[str] = "account"
    posts: list[ContactPost]
    fields: tuple[ConsentField, ...] = tuple(ConsentField)
    given: dict[ConsentField, CardConsent]
    # What was typed and not taken, by the field's name; of a photograph, the word why.
    typed: dict[str, str]


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """What I show."""
    return await _page(visit, session, {})


async def _page(visit: StaffVisit, session: AsyncSession, typed: dict[str, str]) -> Consents:
    return Consents(
        actor=visit.actor,
        posts=await posts_held(session, visit.session.staff.name),
        given=await consents.consents_of(session, visit.session.staff_id),
        typed=typed,
    )


async def give(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Agree to show a name, a phone number or an e-mail address."""
    field = _field(visit)
    if field not in consents.SHAPES:
        raise HTTPException(404)
    value = visit.form.text("value", LONGEST)
    try:
        await consents.give(session, visit.actor, field, value, visit.now)
    except NotShowableError:
        raise InvalidError(await _page(visit, session, {field.value: value})) from None
    return Redirect(PATH)


async def give_photo(visit: StaffVisit, services: Services, file: UploadFile | None) -> Redirect:
    """Agree to show a photograph, which the server makes again first."""
    try:
        picture = await prepared(services, await file.read() if file else b"")
    except PhotoError as error:
        async with services.store.read() as reading:
            page = await _page(visit, reading, {ConsentField.PHOTO.value: error.word})
        raise InvalidError(page) from None
    await services.store.write(
        partial(consents.give_photo, actor=visit.actor, photo=picture.data, now=visit.now)
    )
    return Redirect(PATH)


async def withdraw(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Take one consent back."""
    staff_id = visit.session.staff_id
    await consents.withdraw(session, visit.actor, staff_id, _field(visit), visit.now)
    return Redirect(PATH)


def _field(visit: StaffVisit) -> ConsentField:
    """Which thing the address names, or 404."""
    try:
        return ConsentField(visit.params["field"])
    except ValueError:
        raise HTTPException(404) from None
