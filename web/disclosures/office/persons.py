"""A list of persons that is pasted from a spreadsheet: the whole list in one field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.disclosures.content import MOST_ROWS
from domain.disclosures.persons_text import as_text, read_persons
from web.disclosures.office.found import address_of, written
from web.disclosures.office.rows import save_rows
from web.disclosures.office.spec import as_typed
from web.site.answers import InvalidError, Redirect
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.persons_text import PersonFault
    from domain.disclosures.tables import Disclosure
    from web.site.pages import Page
    from web.staff.access import StaffVisit

# Faults that the page lists; it says how many there are in all.
MOST_LISTED = 20


@dataclass(frozen=True, kw_only=True)
class PersonsPage(StaffPage):
    """名单: as it stands in the draft, or as it was pasted, with what is wrong."""

    template: ClassVar[str] = "disclosures/office/persons.html"
    tab: ClassVar[str] = "places"
    here: str
    name: str
    pasted: str
    faults: Sequence[PersonFault] = ()
    fault_count: int = 0
    most: int = MOST_ROWS


async def show(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """The list of the draft, to be replaced."""
    disclosure = await written(visit, session)
    if disclosure.draft is None:
        return Redirect(address_of(visit, disclosure))
    return _page(visit, disclosure, as_text(as_typed(disclosure.draft)["persons"]))


def _page(
    visit: StaffVisit, disclosure: Disclosure, pasted: str, faults: Sequence[PersonFault] = ()
) -> PersonsPage:
    return PersonsPage(
        actor=visit.actor,
        here=address_of(visit, disclosure),
        name=as_typed(disclosure.draft)["title"] or "",
        pasted=pasted,
        faults=faults[:MOST_LISTED],
        fault_count=len(faults),
    )


async def take(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Take the pasted list in place of the draft's; an empty one takes it away."""
    disclosure = await written(visit, session, locked=True)
    if disclosure.draft is None:
        return Redirect(address_of(visit, disclosure))
    pasted = visit.form.cells("persons")
    persons, faults = read_persons(pasted)
    if faults:
        raise InvalidError(_page(visit, disclosure, pasted, faults))
    return await save_rows(visit, session, disclosure, "persons", persons)
