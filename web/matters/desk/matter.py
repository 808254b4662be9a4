"""A matter for the people who answer: what was said, inside and outside, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select
from starlette.exceptions import HTTPException

from domain.matters.holders import is_asked, may_handle
from domain.matters.joined import joined_to
from domain.matters.tables import Matter, MatterColleague, MatterHold, TextBlock
from domain.places.tables import Community
from domain.staff.accounts import staff_of
from domain.staff.actor import EDITING
from domain.staff.journal import note
from web.matters.spec import spec_of
from web.matters.timeline import view_of
from web.site.answers import InvalidError
from web.site.device_key import FormKey
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.tables import StaffMember
    from web.matters.timeline import MatterView
    from web.site.pages import Card, Page
    from web.staff.access import StaffVisit

# Open matters that are offered as being about the same thing.
MOST_ALIKE = 8


@dataclass(frozen=True, kw_only=True)
class DeskMatter(StaffPage):
    template: ClassVar[str] = "matters/desk/matter.html"
    tab: ClassVar[str] = "matters"
    view: MatterView
    about: Card
    # Whether this reader answers, or was only asked, or reads with a reason.
    may_answer: bool
    may_note: bool
    colleagues: list[StaffMember]
    alike: list[Matter]
    joined: int
    blocks: list[TextBlock]
    key: str
    trouble: str = ""
    # What was typed, by field.
    typed: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class NotYours(StaffPage):
    """Someone else has the matter now. What was typed is still there to be copied."""

    template: ClassVar[str] = "matters/desk/not_yours.html"
    tab: ClassVar[str] = "matters"
    status: ClassVar[int] = HTTPStatus.CONFLICT
    words: str


@dataclass(frozen=True, kw_only=True)
class AskReason(StaffPage):
    """Who does not handle a matter reads it only with a reason, which is logged."""

    template: ClassVar[str] = "matters/desk/reason.html"
    tab: ClassVar[str] = "places"
    matter_id: int
    place: Community
    reason: str
    is_wrong: bool = False


async def found(visit: StaffVisit, session: AsyncSession) -> tuple[Matter, Community]:
    """The matter in the address, and its community; 404 for who may see nothing of it."""
    matter = await session.get(Matter, int(visit.params["matter"]))
    if matter is None or matter.erased_at is not None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return matter, await session.get_one(Community, matter.community_id)


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The page for its handler and the colleagues they asked; others give a reason."""
    matter, community = await found(visit, session)
    if await may_handle(session, visit.actor, matter, community):
        return await desk_page(visit, session, matter, community)
    if await is_asked(session, matter, visit.actor.staff_id):
        return await desk_page(visit, session, matter, community, may_answer=False)
    if _oversees(visit, matter, community):
        return _ask_reason(visit, matter, community)
    raise HTTPException(HTTPStatus.NOT_FOUND)


async def not_yours(
    visit: StaffVisit, session: AsyncSession, matter: Matter, community: Community
) -> Exception:
    """Why someone may not act here: others have it now, or (404) it was never theirs to see."""
    own = visit.actor.staff_id
    had = await session.scalar(
        select(MatterHold.id).where(MatterHold.matter_id == matter.id, MatterHold.staff_id == own)
    )
    asked = await session.get(MatterColleague, (matter.id, own or 0))
    if had is None and asked is None and not _oversees(visit, matter, community):
        return HTTPException(HTTPStatus.NOT_FOUND)
    return InvalidError(NotYours(actor=visit.actor, words=visit.form.given("words")))


def _oversees(visit: StaffVisit, matter: Matter, community: Community) -> bool:
    """Whether the reader may read it with a reason; only its handlers read a complaint."""
    return visit.actor.may(EDITING, community) and matter.about_id is None


async def read_with_reason(visit: StaffVisit, session: AsyncSession) -> Page:
    """The content, for the office, after a reason that the log keeps."""
    matter, community = await found(visit, session)
    if not _oversees(visit, matter, community):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    if not visit.form.text("reason"):
        raise InvalidError(_ask_reason(visit, matter, community, is_wrong=True))
    await _log_reading(visit, session, matter)
    return await desk_page(visit, session, matter, community, may_answer=False, may_note=False)


def _ask_reason(
    visit: StaffVisit, matter: Matter, community: Community, *, is_wrong: bool = False
) -> AskReason:
    return AskReason(
        actor=visit.actor, matter_id=matter.id, place=community, reason="", is_wrong=is_wrong
    )


async def _log_reading(visit: StaffVisit, session: AsyncSession, matter: Matter) -> None:
    await note(
        session,
        visit.actor,
        "matter-read",
        f"matter/{matter.id}",
        now=visit.now,
        after={"reason": visit.form.text("reason")},
        community_id=matter.community_id,
    )


async def desk_page(  # noqa: PLR0913 - who reads it, and what they typed
    visit: StaffVisit,
    session: AsyncSession,
    matter: Matter,
    community: Community,
    *,
    may_answer: bool = True,
    may_note: bool = True,
    trouble: str = "",
) -> DeskMatter:
    """The page of a matter as a handler sees it."""
    spec = spec_of(visit.features, matter.kind)
    own = visit.actor.staff_id
    colleagues = await staff_of(session, community) if may_answer else []
    return DeskMatter(
        actor=visit.actor,
        view=await view_of(visit, session, matter, for_handlers=True),
        about=await spec.about_for_handlers(visit, session, matter),
        may_answer=may_answer,
        may_note=may_note,
        colleagues=[who for who in colleagues if who.id not in {own, matter.about_id}],
        alike=await _alike(session, matter) if may_answer else [],
        joined=len(await joined_to(session, matter)),
        blocks=await blocks_of(session, own or 0),
        key=FormKey.of(visit.form).key,
        trouble=trouble,
        typed={name: visit.form.given(name) for name in visit.form},
    )


async def _alike(session: AsyncSession, matter: Matter) -> list[Matter]:
    """Open matters of the same holder that could be about the same thing, the likest first."""
    others = await session.scalars(
        select(Matter)
        .where(
            Matter.community_id == matter.community_id,
            Matter.kind == matter.kind,
            Matter.closed_at.is_(None),
            Matter.level == matter.level,
            Matter.holder_id.is_not_distinct_from(matter.holder_id),
            Matter.joined_to_id.is_(None),
            Matter.about_id.is_(None),
            Matter.id != matter.id,
        )
        .order_by(Matter.id.desc())
        .limit(200)
    )
    ranked = sorted(others, key=lambda other: -_likeness(matter.subject, other.subject))
    return ranked[:MOST_ALIKE]


def _likeness(one: str, other: str) -> float:
    """How much two subjects share, by pairs of characters; 0 to 1."""
    pairs, others = ({text[at : at + 2] for at in range(len(text) - 1)} for text in (one, other))
    return len(pairs & others) / max(1, len(pairs | others))


async def blocks_of(session: AsyncSession, staff_id: int) -> list[TextBlock]:
    """Someone's own text blocks, the oldest first."""
    rows = await session.scalars(
        select(TextBlock).where(TextBlock.staff_id == staff_id).order_by(TextBlock.id)
    )
    return list(rows)
