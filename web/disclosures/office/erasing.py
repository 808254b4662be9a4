"""Erasing what must never have been published, and where it was erased."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.disclosures import erasing, publishing, shown
from domain.disclosures.personal_data import found_in
from domain.staff.accounts import full_names
from domain.staff.actor import MANAGING
from web.disclosures.office.found import address_of, seen
from web.site.answers import InvalidError, Redirect
from web.site.forms import number
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import Disclosure, DisclosureErasure, DisclosureRevision
    from web.site.pages import Page
    from web.staff.access import StaffVisit

LONGEST_WHY = 200


@dataclass(frozen=True)
class ErasureRow:
    """An erasure, who did it, and whether a backup may still hold what was erased."""

    erasure: DisclosureErasure
    who: str
    is_in_backups: bool


@dataclass(frozen=True, kw_only=True)
class Erasures(StaffPage):
    """删除: the revisions that can be erased, and what was."""

    template: ClassVar[str] = "disclosures/office/erasures.html"
    tab: ClassVar[str] = "places"
    here: str
    disclosure: Disclosure
    revisions: list[DisclosureRevision]
    erasures: list[ErasureRow]
    # Days for which a backup is kept.
    keep_backups: int
    chosen: list[int]
    why: str = ""
    wrong: str = ""


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """What can be erased, and what was."""
    return await _page(visit, session, await _erasable(visit, session))


async def _erasable(
    visit: StaffVisit, session: AsyncSession, *, locked: bool = False
) -> Disclosure:
    """The disclosure, for administrators; 404 for all others."""
    disclosure = await seen(visit, session, locked=locked)
    if not publishing.holds(visit.actor, MANAGING, visit.place, disclosure):
        raise HTTPException(404)
    return disclosure


async def _page(
    visit: StaffVisit, session: AsyncSession, disclosure: Disclosure, wrong: str = ""
) -> Erasures:
    found = await shown.erasures_of(session, disclosure)
    names = await full_names(session, [erasure.staff_id for erasure in found])
    return Erasures(
        actor=visit.actor,
        here=address_of(visit, disclosure),
        disclosure=disclosure,
        revisions=await shown.revisions_of(session, disclosure),
        erasures=[
            ErasureRow(each, names.get(each.staff_id, ""), visit.today <= each.backups_until)
            for each in found
        ],
        keep_backups=visit.settings.keep_backups,
        chosen=_chosen(visit),
        why=visit.form.text("why", LONGEST_WHY),
        wrong=wrong,
    )


def _chosen(visit: StaffVisit) -> list[int]:
    return [found for word in visit.form.all("number") if (found := number(word)) is not None]


async def erase(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Erase the chosen revisions everywhere, with a reason that everyone reads."""
    disclosure = await _erasable(visit, session, locked=True)
    left = {
        each.number
        for each in await shown.revisions_of(session, disclosure)
        if each.erased_at is None
    }
    numbers, why = sorted(left & set(_chosen(visit))), visit.form.text("why", LONGEST_WHY)
    if not numbers or not why or found_in(why):
        wrong = "why" if numbers else "number"
        raise InvalidError(await _page(visit, session, disclosure, wrong))
    keep = dt.timedelta(days=visit.settings.keep_backups)
    await erasing.erase(session, visit.actor, disclosure, numbers, why, visit.now, keep)
    return Redirect(f"{address_of(visit, disclosure)}/erasures")
