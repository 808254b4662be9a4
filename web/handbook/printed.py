"""The codes in booklets and on printed guides: of withdrawn items each, of all others how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.words import N_
from web.site.printed_code import PrintedCode, Where
from web.site.words import translations

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.staff.access import StaffVisit

GUIDES = N_("Guides of the handbook")
EACH = N_("Each code its own guide (%(count)s in all), as it reads now")
CATEGORY = N_("The category “%(name)s”, which says so")
WITHDRAWN = N_("Its page, which says what to do instead")


async def printed_codes(visit: StaffVisit, _session: AsyncSession) -> list[PrintedCode]:
    """The handbook's addresses in this community."""
    handbook, here = visit.published.handbook, f"/c/{visit.place.slug}/handbook"
    word, count = translations(visit.lang).gettext, {"count": str(len(handbook.items))}
    return [
        PrintedCode(Where.GUIDE, word(GUIDES), here, EACH, count),
        *(
            PrintedCode(
                Where.GUIDE,
                each.name,
                f"{here}/categories/{each.slug}",
                CATEGORY,
                {"name": handbook.followed[each.slug].name},
                since=each.ended.day,
                is_ended=True,
            )
            for each in handbook.ended_categories
            if each.ended
        ),
        *(
            PrintedCode(Where.GUIDE, item.name, f"{here}/{slug}", WITHDRAWN, is_ended=True)
            for slug, item in handbook.withdrawn.items()
        ),
    ]
