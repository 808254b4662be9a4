"""One disclosure: what it says, its ledger and files, its revisions and what was erased of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from markupsafe import Markup
from starlette.responses import Response

from domain.disclosures import shown
from domain.disclosures.amounts import yuan
from domain.disclosures.inquiries_shown import public_inquiries
from domain.disclosures.ledger import totals_of
from domain.disclosures.markdown import html_of
from domain.disclosures.objections import objections_of
from domain.words import N_
from web.disclosures.changes import Change, changes_between
from web.site.csv_files import as_file
from web.site.errors import found_or_404
from web.site.pages import Page
from web.site.words import translations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.inquiries_shown import PublicInquiry
    from domain.disclosures.ledger import Totals
    from domain.disclosures.objections import Objections
    from domain.disclosures.shown import Shown
    from domain.disclosures.tables import (
        Disclosure,
        DisclosureErasure,
        DisclosureFile,
        DisclosureRevision,
    )
    from web.site.visit import Visit
    from web.site.visits import ResidentVisit

# A question or an answer does not make every kept page stale, so this one is made again soon. What
# is held back or erased does, at once.
LASTS = dt.timedelta(minutes=1)
# What a screen reader calls the tables of a text.
TABLE = N_("Table")
COLUMNS = ("日期", "摘要", "收入（元）", "支出（元）", "对方", "凭证")


@dataclass(frozen=True, kw_only=True)
class DisclosurePage(Page):
    """公开: one disclosure. `number` is the revision that is shown, the newest by default."""

    template: ClassVar[str] = "disclosures/disclosure.html"
    tab: ClassVar[str] = "disclosures"
    disclosure: Disclosure
    shown: Shown
    body: Markup
    # The period before of the same item, with its totals; None for none.
    before: Disclosure | None
    before_totals: Totals | None
    is_newest: bool
    # What was asked about it, the newest first.
    inquiries: list[PublicInquiry]
    # How it stands in its 公示期; None without one.
    objections: Objections | None


@dataclass(frozen=True)
class RevisionRow:
    """A revision in the list, and what it changed; empty for the first and for erased ones."""

    revision: DisclosureRevision
    changes: Sequence[Change]


@dataclass(frozen=True, kw_only=True)
class Revisions(Page):
    """修订记录."""

    template: ClassVar[str] = "disclosures/revisions.html"
    tab: ClassVar[str] = "disclosures"
    disclosure: Disclosure
    rows: list[RevisionRow]
    erasures: Sequence[DisclosureErasure]


async def show(visit: Visit) -> Page:
    """The newest revision."""
    return await _page(visit, None)


async def revision(visit: Visit) -> Page:
    """An earlier revision, as it was."""
    return await _page(visit, int(visit.params["revision"]))


async def _page(visit: Visit, wanted: int | None) -> Page:
    community = await visit.community()
    async with visit.published.store.read() as session:
        disclosure = await _found(session, visit)
        chosen = found_or_404(
            await shown.revision_of(session, disclosure, wanted or disclosure.number)
        )
        seen = await shown.shown(session, disclosure, chosen, visit.published.calendar, visit.now)
        before = await shown.before_it(session, disclosure) if seen.content else None
        table = translations(visit.lang).gettext(TABLE)
        return DisclosurePage(
            community=community,
            disclosure=disclosure,
            shown=seen,
            body=Markup(html_of(seen.content.body, table) if seen.content else ""),  # noqa: S704 - cleaned by nh3
            before=before,
            before_totals=await _totals(session, before),
            is_newest=chosen.number == disclosure.number,
            inquiries=await public_inquiries(
                session, disclosure, visit.published.calendar, visit.now
            ),
            objections=await objections_of(
                session, disclosure, visit.published.calendar, visit.now
            ),
            fresh_until=visit.now + LASTS,
        )


async def _found(session: AsyncSession, visit: Visit) -> Disclosure:
    """The disclosure in the address. Raises 404 for one that residents do not see here."""
    community = await visit.published.community(visit.params["community"], session)
    disclosure_id = int(visit.params["disclosure"])
    return found_or_404(await shown.one(session, community, disclosure_id))


async def _totals(session: AsyncSession, disclosure: Disclosure | None) -> Totals | None:
    if disclosure is None:
        return None
    revision = await shown.revision_of(session, disclosure, disclosure.number)
    document = revision.document if revision else None
    if document is None or not document.ledger:
        return None
    return totals_of(document.ledger, document.opening_fen)


async def revisions(visit: Visit) -> Page:
    """Every revision with what it changed, and what was erased."""
    community = await visit.community()
    async with visit.published.store.read() as session:
        disclosure = await _found(session, visit)
        found = await shown.revisions_of(session, disclosure)
        erasures = await shown.erasures_of(session, disclosure)
    is_shown = disclosure.withdrawn_at is None
    rows = [
        RevisionRow(each, changes_between(before, each) if is_shown else ())
        for each, before in zip(found, [*found[1:], None], strict=True)
    ]
    return Revisions(community=community, disclosure=disclosure, rows=rows, erasures=erasures)


async def ledger_file(visit: ResidentVisit) -> Response:
    """The ledger as a CSV file, with its totals."""
    async with visit.services.store.read() as session:
        disclosure = await _found(session, visit)
        newest = found_or_404(await shown.revision_of(session, disclosure, disclosure.number))
        seen = await shown.shown(session, disclosure, newest, visit.published.calendar, visit.now)
    content = found_or_404(seen.content)
    rows = [
        (
            line.day.isoformat(),
            line.purpose,
            yuan(line.fen) if line.fen > 0 else "",
            yuan(-line.fen) if line.fen <= 0 else "",
            line.counterparty or "",
            line.evidence or "",
        )
        for line in content.ledger
    ]
    total = ("", "合计", yuan(seen.totals.received), yuan(seen.totals.spent), "", "")
    return as_file(f"ledger-{disclosure.id}-{newest.number}", COLUMNS, [*rows, total])


async def file(visit: ResidentVisit) -> Response:
    """A file of the newest revision, to download.

    Never opened by the browser as a page of this site, whatever it holds.
    """
    async with visit.services.store.read() as session:
        disclosure = await _found(session, visit)
        newest = found_or_404(await shown.revision_of(session, disclosure, disclosure.number))
        seen = await shown.shown(session, disclosure, newest, visit.published.calendar, visit.now)
        named = {each.token: each for each in seen.files}
        found: DisclosureFile = found_or_404(named.get(visit.params["file"]))
        await session.refresh(found, ["data"])
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "no-store",
    }
    return Response(found_or_404(found.data), headers=headers, media_type=found.media_type)
