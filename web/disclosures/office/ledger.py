"""A ledger from a workbook: looked through first, shown, and taken only then."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from starlette.responses import Response

from domain.characters import clean
from domain.disclosures.amounts import fen_of, yuan
from domain.disclosures.content import MOST_ROWS
from domain.disclosures.draft import with_keys_of
from domain.disclosures.ledger_book import ledger_book
from domain.disclosures.ledger_sheet import NO_HEADINGS, Trouble, read_ledger
from domain.disclosures.office_files import column_letters
from domain.papers.compare import differences
from domain.words import N_
from web.disclosures.office.found import address_of, written
from web.disclosures.office.reading import LARGEST, FileRefusedError, sheets_of
from web.disclosures.office.rows import save_rows, with_rows
from web.disclosures.office.spec import FORM, as_typed
from web.papers.comparison import changes_of
from web.site.answers import InvalidError, Redirect
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.datastructures import UploadFile

    from domain.disclosures.content import HiddenPlace
    from domain.disclosures.ledger_sheet import ReadLine
    from domain.disclosures.tables import Disclosure
    from domain.papers.sheets.unpacking import OpenedSheet
    from web.papers.comparison import Change
    from web.running.services import Services
    from web.site.pages import Page
    from web.staff.access import StaffVisit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Troubles that a page lists; the page says how many there are in all.
MOST_LISTED = 200
FIELDS = ("day", "purpose", "fen", "counterparty", "evidence")
LONGEST = 200
HIDDEN = N_("Rows or columns are hidden here (%(value)s). Show them or delete them.")
TOO_MANY = N_("At most %(value)s lines in all sheets together.")


@dataclass(frozen=True)
class Listed:
    """What is wrong in a file: the sheet, the row, the column's letter, and why."""

    sheet: str
    row: int | None
    column: str
    trouble: Trouble


@dataclass(frozen=True, kw_only=True)
class LedgerPage(StaffPage):
    """账目表格: the way out, the way in, and what the file that was sent would change."""

    template: ClassVar[str] = "disclosures/office/ledger.html"
    tab: ClassVar[str] = "places"
    here: str
    name: str
    # How many lines the draft has.
    count: int
    # Why the file cannot be read: words to translate.
    refusal: str = ""
    troubles: list[Listed]
    trouble_count: int = 0
    # What would be taken, as it would be typed, and the same as JSON to be sent back.
    lines: list[dict[str, Any]]
    rows: str = ""
    received: int = 0
    spent: int = 0
    changes: list[Change]


async def show(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """The way out and the way in."""
    disclosure = await written(visit, session)
    if disclosure.draft is None:
        return Redirect(address_of(visit, disclosure))
    return _page(visit, disclosure)


def _page(visit: StaffVisit, disclosure: Disclosure, **more: Any) -> LedgerPage:
    draft = as_typed(disclosure.draft)
    given = {"troubles": [], "lines": [], "changes": [], **more}
    return LedgerPage(
        actor=visit.actor,
        here=address_of(visit, disclosure),
        name=draft["title"] or "",
        count=len(draft["ledger"]),
        **given,
    )


async def download(visit: StaffVisit, session: AsyncSession) -> Response:
    """The ledger of the draft as a workbook."""
    disclosure = await written(visit, session)
    lines = as_typed(disclosure.draft)["ledger"]
    headers = {
        "content-disposition": f'attachment; filename="ledger-{disclosure.id}.xlsx"',
        "cache-control": "no-store",
    }
    return Response(ledger_book(lines), headers=headers, media_type=XLSX)


async def send(visit: StaffVisit, services: Services, file: UploadFile | None) -> Page:
    """Look a workbook through, and show what would be taken; nothing is kept yet."""
    async with services.store.read() as session:
        disclosure = await written(visit, session)
    data = await file.read(LARGEST + 1) if file else b""
    try:
        sheets, hidden = await sheets_of(services, data)
    except FileRefusedError as error:
        raise InvalidError(_page(visit, disclosure, refusal=error.words)) from None
    lines, troubles = await services.in_background_thread(_read_all, sheets, hidden)
    if troubles:
        listed = troubles[:MOST_LISTED]
        page = _page(visit, disclosure, troubles=listed, trouble_count=len(troubles))
        raise InvalidError(page)
    return _dry_run(visit, disclosure, [_as_typed(line) for line in lines])


def _read_all(
    sheets: Sequence[OpenedSheet], hidden: Sequence[HiddenPlace]
) -> tuple[list[ReadLine], list[Listed]]:
    """The lines of every sheet that is a ledger, and everything that is wrong with them."""
    lines: list[ReadLine] = []
    troubles: list[Listed] = []
    read = [(sheet, *read_ledger(sheet)) for sheet in sheets]
    ledgers = [each for each in read if not _is_no_ledger(each[2])] or read[:1]
    for sheet, found, wrong in ledgers:
        lines += found
        troubles += [_listed(sheet.name, trouble) for trouble in wrong]
        where = ", ".join(each.where for each in hidden if each.place == sheet.name)
        if where:
            troubles.append(_listed(sheet.name, Trouble(None, None, HIDDEN, where)))
    if not ledgers:
        troubles.append(_listed("", Trouble(None, None, NO_HEADINGS)))
    if len(lines) > MOST_ROWS:
        troubles.append(_listed("", Trouble(None, None, TOO_MANY, str(MOST_ROWS))))
    return lines, troubles


def _is_no_ledger(troubles: Sequence[Trouble]) -> bool:
    """Whether a sheet has no headings of a ledger at all: notes beside it."""
    return any(trouble.why == NO_HEADINGS for trouble in troubles)


def _listed(sheet: str, trouble: Trouble) -> Listed:
    letter = column_letters(trouble.column) if trouble.column else ""
    return Listed(sheet, trouble.row, letter, trouble)


def _as_typed(line: ReadLine) -> dict[str, Any]:
    """A line as it would be typed into the form."""
    return {
        "day": line.day.isoformat(),
        "purpose": line.purpose,
        "fen": yuan(line.fen),
        "counterparty": line.payee or None,
        "evidence": line.evidence or None,
    }


def _dry_run(visit: StaffVisit, disclosure: Disclosure, lines: list[dict[str, Any]]) -> LedgerPage:
    before = as_typed(disclosure.draft)
    after = with_rows(disclosure, "ledger", _keyed(disclosure, lines))
    changed = differences(before["ledger"], after["ledger"], ("ledger",))
    amounts = [fen_of(line["fen"]) for line in lines]
    return _page(
        visit,
        disclosure,
        lines=lines,
        rows=json.dumps(lines, ensure_ascii=False, separators=(",", ":")),
        received=sum(fen for fen in amounts if fen > 0),
        spent=-sum(fen for fen in amounts if fen < 0),
        changes=changes_of(FORM, changed, after, visit.lang) if before["ledger"] else [],
    )


def _keyed(disclosure: Disclosure, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines, those that are in the draft already with their keys."""
    return with_keys_of(lines, as_typed(disclosure.draft)["ledger"])


async def take(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Take the lines that were shown in place of those of the draft."""
    disclosure = await written(visit, session, locked=True)
    if disclosure.draft is None:
        return Redirect(address_of(visit, disclosure))
    lines = _keyed(disclosure, _given(visit))
    return await save_rows(visit, session, disclosure, "ledger", lines)


def _given(visit: StaffVisit) -> list[dict[str, Any]]:
    """The lines that the page sent back; nothing of what is none of ours."""
    try:
        rows = json.loads(visit.form.given("rows"))
    except ValueError:
        return []
    if not isinstance(rows, list):
        return []
    return [_line(row) for row in rows[:MOST_ROWS] if isinstance(row, dict)]


def _line(row: dict[str, Any]) -> dict[str, Any]:
    texts = {name: row.get(name) for name in FIELDS}
    return {
        name: clean(text)[:LONGEST] if isinstance(text, str) and text else None
        for name, text in texts.items()
    }
