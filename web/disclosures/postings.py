"""张贴记录, for the office: what hangs on the boards, what comes down, what goes up again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from starlette.responses import Response

from domain.disclosures import board, carriers, shown
from domain.disclosures.board import FEWEST_DAYS, BoardState, Posted, Sheet
from domain.disclosures.carriers import ELSEWHERE
from domain.disclosures.catalogue import Carrier
from domain.disclosures.errors import NotShownError
from domain.staff.actor import EDITING
from web.site.answers import InvalidError, Redirect
from web.site.device_key import FormKey
from web.site.errors import found_or_404
from web.site.pages import Card
from web.site.photos import PhotoError, prepared_files
from web.staff.access import StaffPage
from web.staff.places import communities_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import BoardPosting, CarrierNote, Disclosure
    from domain.places.tables import Community
    from web.running.services import Services
    from web.site.pages import Page
    from web.staff.access import StaffVisit

LONGEST_PLACE = 80
# A sheet may be noted before it hangs and after it came down, within these bounds.
EARLIEST, LATEST = dt.timedelta(days=90), dt.timedelta(days=366)
PHOTO = {"cache-control": "no-store", "x-robots-tag": "noindex"}


@dataclass(frozen=True, kw_only=True)
class Boards(StaffPage):
    """公示栏 of a community: what is to be done first."""

    template: ClassVar[str] = "disclosures/boards.html"
    tab: ClassVar[str] = "places"
    place: Community
    posted: list[Posted]


@dataclass(frozen=True, kw_only=True)
class Postings(StaffPage):
    """张贴记录 of one disclosure, and where else it was made public, with the forms for more."""

    template: ClassVar[str] = "disclosures/postings.html"
    tab: ClassVar[str] = "places"
    place: Community
    disclosure: Disclosure
    postings: Sequence[BoardPosting]
    noted: Sequence[CarrierNote]
    # Whether it can hang: not once it was withdrawn or erased.
    is_shown: bool
    # Ids of the postings with a photograph.
    with_photo: set[int]
    # Of the form, so that a form sent twice is one posting.
    key: str
    typed: Mapping[str, str]
    # What is wrong, by field: `missing`, `long`, `day`, `order`; of `photo` the word of its error.
    # `noted` is the day of the other carriers.
    wrong: Mapping[str, str] = field(default_factory=dict)
    fewest: int = FEWEST_DAYS


@dataclass(frozen=True, kw_only=True)
class BoardsCard(Card):
    """公示栏 on the staff home: how many sheets come down, and how many go up again."""

    template: ClassVar[str] = "disclosures/_boards_card.html"
    # The first community in which something is to be done.
    place: Community
    down: int
    up: int


async def on_staff_home(visit: StaffVisit, session: AsyncSession) -> list[Card]:
    """One card for each community with a sheet to take down or to hang again."""
    places = {each.id: each for each in communities_for(visit, EDITING)}
    if not places:
        return []
    found = await board.on_boards(session, places, visit.today)
    cards: list[Card] = []
    for place in places.values():
        here = [each.state for each in found if each.posting.community_id == place.id]
        down, up = here.count(BoardState.COMES_DOWN), here.count(BoardState.GOES_UP_AGAIN)
        if down or up:
            cards.append(BoardsCard(community=place, place=place, down=down, up=up))
    return cards


async def boards(visit: StaffVisit, session: AsyncSession) -> Page:
    """What hangs in this community."""
    found = await board.on_boards(session, [visit.place.id], visit.today)
    return Boards(actor=visit.actor, place=visit.place, posted=found)


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """Where this disclosure hangs and hung, and the form."""
    return await _page(visit, session)


async def _asked(visit: StaffVisit, session: AsyncSession) -> Disclosure:
    return found_or_404(await shown.one(session, visit.place, int(visit.params["disclosure"])))


async def _page(visit: StaffVisit, session: AsyncSession) -> Postings:
    disclosure = await _asked(visit, session)
    postings = await board.postings_of(session, disclosure, visit.place.id)
    key = FormKey.given(visit.form.text("request")) or FormKey.new()
    return Postings(
        actor=visit.actor,
        place=visit.place,
        disclosure=disclosure,
        postings=postings,
        is_shown=disclosure.withdrawn_at is None,
        noted=await carriers.notes_of(session, disclosure, visit.place.id),
        with_photo=await board.with_photo(session, postings),
        key=key.key,
        typed={
            "place": visit.form.text("place"),
            "since": visit.form.text("since") or visit.today.isoformat(),
            "until": visit.form.text("until")
            or (visit.today + dt.timedelta(days=FEWEST_DAYS - 1)).isoformat(),
            "noted": visit.form.text("noted") or visit.today.isoformat(),
        },
    )


async def post(visit: StaffVisit, services: Services) -> Redirect:
    """Note that a sheet hangs. Its photograph is made again before the unit of work."""
    async with services.store.read() as session:
        page = await _page(visit, session)
    sheet = _sheet(visit, page)
    try:
        pictures = await prepared_files(services, visit.form.files("photo"))
    except PhotoError as error:
        raise InvalidError(replace(page, wrong={"photo": error.word})) from None
    photo = pictures[0].data if pictures else None
    await services.store.write(partial(_post, visit, page, replace(sheet, photo=photo)))
    return _to(visit, page.disclosure.id)


async def note_carrier(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Note that it was sent to the group chats, or read out at a meeting."""
    page = await _page(visit, session)
    day, carrier = _day(visit, page.typed["noted"]), visit.form.text("carrier")
    if day is None or day > visit.today:
        raise InvalidError(replace(page, wrong={"noted": "past"}))
    if carrier not in ELSEWHERE:
        raise InvalidError(replace(page, wrong={"noted": "missing"}))
    at = visit.place.id
    try:
        await carriers.note_carrier(
            session, visit.actor, page.disclosure, at, Carrier(carrier), day, visit.now
        )
    except NotShownError:
        raise InvalidError(replace(page, is_shown=False)) from None
    return _to(visit, page.disclosure.id)


def _to(visit: StaffVisit, disclosure_id: int) -> Redirect:
    return Redirect(f"/staff/c/{visit.place.slug}/disclosures/{disclosure_id}/postings")


async def _post(visit: StaffVisit, page: Postings, sheet: Sheet, session: AsyncSession) -> None:
    disclosure = await _asked(visit, session)
    try:
        await board.post(session, visit.actor, disclosure, visit.place.id, sheet, visit.now)
    except NotShownError:
        raise InvalidError(replace(page, is_shown=False)) from None


def _sheet(visit: StaffVisit, page: Postings) -> Sheet:
    """What was typed. Raises `InvalidError` with everything that is wrong."""
    typed, wrong = page.typed, {}
    since, until = _day(visit, typed["since"]), _day(visit, typed["until"])
    if not typed["place"] or len(typed["place"]) > LONGEST_PLACE:
        wrong["place"] = "long" if typed["place"] else "missing"
    for name, day in (("since", since), ("until", until)):
        if day is None:
            wrong[name] = "day"
    if since is not None and until is not None and until < since:
        wrong["until"] = "order"
    if wrong or since is None or until is None:
        raise InvalidError(replace(page, wrong=wrong))
    return Sheet(typed["place"], since, until, FormKey.of(visit.form).request_key)


def _day(visit: StaffVisit, text: str) -> dt.date | None:
    """A day near today; None for everything else."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if visit.today - EARLIEST <= day <= visit.today + LATEST else None


async def take_down(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Note that a sheet came down today."""
    posting = await _posting(visit, session)
    await board.take_down(session, visit.actor, posting, visit.today, visit.now)
    return _to(visit, posting.disclosure_id)


async def _posting(visit: StaffVisit, session: AsyncSession) -> BoardPosting:
    """The posting in the address. Raises 404 for one on another community's board."""
    found = await board.posting_of(session, visit.place.id, int(visit.params["posting"]))
    return found_or_404(found)


async def photo(visit: StaffVisit, session: AsyncSession) -> Response:
    """The photograph of the board."""
    posting = await _posting(visit, session)
    await session.refresh(posting, ["photo"])
    return Response(found_or_404(posting.photo), headers=PHOTO, media_type="image/jpeg")
