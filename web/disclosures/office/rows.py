"""A list of a draft that is replaced as a whole: by a workbook's lines, or by pasted persons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.disclosures.draft import as_saved
from domain.disclosures.publishing import save_draft
from web.disclosures.office.found import address_of
from web.disclosures.office.spec import as_typed
from web.site.answers import Redirect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import Disclosure
    from web.staff.access import StaffVisit

    Rows = Sequence[dict[str, Any]]


def with_rows(disclosure: Disclosure, name: str, rows: Rows) -> dict[str, Any]:
    """The draft as it would be typed, with these rows in the list of this name."""
    return as_typed(as_saved({**as_typed(disclosure.draft), name: list(rows)}))


async def save_rows(
    visit: StaffVisit, session: AsyncSession, disclosure: Disclosure, name: str, rows: Rows
) -> Redirect:
    """Put these rows into the draft, which is there; leads to the list in its form."""
    files = (disclosure.draft or {}).get("files") or []
    draft = {**with_rows(disclosure, name, rows), "files": files}
    reason, base = disclosure.draft_reason, disclosure.draft_number
    await save_draft(session, disclosure, draft, reason, base, visit.now, visit.actor.staff_id)
    return Redirect(f"{address_of(visit, disclosure)}/draft#{name}")
