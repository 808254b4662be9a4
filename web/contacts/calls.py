"""党员服务热线: a call is entered while the caller is on the phone, and becomes a matter."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from domain.contacts.caution import Caution, cautions_of
from domain.contacts.line import Begun, begin, posts_of, promised
from domain.contacts.tables import Conversation, Source
from domain.matters.errors import KeyReusedError
from domain.matters.tables import Matter
from domain.staff.accounts import full_names
from domain.staff.actor import EDITING, SERVING
from domain.staff.tables import Role
from web.contacts.line import Typed, chosen_post, conversation_of, is_calm
from web.matters.actions import act_of, written_of
from web.site.answers import FieldError, InvalidError, Redirect
from web.site.device_key import FormKey
from web.site.errors import found_or_404
from web.site.pages import Card
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.contacts.tables import ContactPost
    from domain.places.tables import Community
    from web.site.forms import Form
    from web.site.pages import Page
    from web.staff.access import StaffVisit

# Who takes calls of a community.
ANSWERING = SERVING | EDITING | {Role.PARTY_MEMBER}
# The code of a call is shown to the person who took it for as long as the call can last.
SHOWN = dt.timedelta(hours=12)
# Communities whose calls a card on the staff home offers to enter.
MOST_PLACES = 4


@dataclass(frozen=True, kw_only=True)
class EnterCall(StaffPage):
    """The form of a call."""

    template: ClassVar[str] = "contacts/call.html"
    tab: ClassVar[str] = "matters"
    place: Community
    posts: list[ContactPost]
    # By when an answer is owed if it is entered now.
    answered_by: dt.date | None
    typed: Typed
    may_call_back: bool
    key: str
    # Whether the caller was told where help is, for these words or earlier ones.
    is_calm: bool
    # What the words may mean: where the caller gets help first.
    cautions: tuple[Caution, ...] = ()
    # Why nothing was entered; empty at first.
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class CallTaken(StaffPage):
    """What to tell the caller: the code, by when an answer is owed, and who has it."""

    template: ClassVar[str] = "contacts/call_taken.html"
    tab: ClassVar[str] = "matters"
    place: Community
    matter: Matter
    # Of who has it now; empty for an office.
    holder: str


@dataclass(frozen=True, kw_only=True)
class CallsCard(Card):
    """The way to the form of a call, for people of a community."""

    template: ClassVar[str] = "contacts/_calls_card.html"
    is_waiting: ClassVar[bool] = False
    places: list[tuple[str, str]]


def ways_to_calls(visit: StaffVisit) -> list[Card]:
    """The way to the form of a call, for those who answer in single communities."""
    places = dict.fromkeys(
        visit.place_of(None, grant.community_id)
        for grant in visit.actor.grants
        if grant.community_id is not None and grant.role in ANSWERING
    )
    return [CallsCard(places=list(places)[:MOST_PLACES])] if places else []


async def new(visit: StaffVisit, session: AsyncSession) -> Page:
    """The empty form."""
    return await _page(visit, session, Typed())


async def _page(
    visit: StaffVisit, session: AsyncSession, typed: Typed, trouble: str = ""
) -> EnterCall:
    posts = await posts_of(session, visit.place.id)
    return EnterCall(
        actor=visit.actor,
        place=visit.place,
        posts=posts,
        answered_by=promised(chosen_post(posts, typed), visit.published.calendar, visit.today),
        typed=typed,
        may_call_back=_may_call_back(visit.form),
        # The same key again, so that a form sent twice is one matter.
        key=FormKey.of(visit.form).key,
        is_calm=is_calm(visit.form),
        trouble=trouble,
    )


def _may_call_back(form: Form) -> bool:
    return form.text("may_call_back") == "yes"


async def enter(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Begin a matter of the call; the same form sent again leads to the same matter."""
    typed = Typed.of(visit.form)
    cautions = cautions_of(typed.words)
    if cautions and not is_calm(visit.form):
        page = await _page(visit, session, typed)
        raise InvalidError(replace(page, cautions=cautions))
    try:
        matter = await _begun(visit, session, typed)
    except FieldError as error:
        raise InvalidError(await _page(visit, session, typed, error.field)) from None
    except KeyReusedError:
        raise InvalidError(await _page(visit, session, typed, "sent-other")) from None
    return Redirect(f"/staff/c/{visit.place.slug}/calls/{matter.id}")


# A number is there for one call back, so it is kept only with the caller's yes.
async def _begun(visit: StaffVisit, session: AsyncSession, typed: Typed) -> Matter:
    if bool(typed.phone) != _may_call_back(visit.form):
        raise FieldError("call-back")
    conversation = conversation_of(typed, visit.place)
    conversation.source, conversation.taken_by_id = Source.HOTLINE, visit.actor.staff_id
    begun = Begun(
        community_id=visit.place.id,
        post=chosen_post(await posts_of(session, visit.place.id), typed),
        conversation=conversation,
        is_complaint=typed.is_complaint,
    )
    matter, _ = await begin(act_of(visit, session), begun, written_of(visit.form))
    return matter


async def taken(visit: StaffVisit, session: AsyncSession) -> Page:
    """What to tell the caller. Only who took the call sees it, and only for `SHOWN`."""
    matter: Matter = found_or_404(
        await session.scalar(
            select(Matter)
            .join(Conversation, Conversation.matter_id == Matter.id)
            .where(
                Matter.id == int(visit.params["matter"]),
                Matter.community_id == visit.place.id,
                Matter.began_at > visit.now - SHOWN,
                Matter.erased_at.is_(None),
                Conversation.taken_by_id == visit.actor.staff_id,
            )
        )
    )
    names = await full_names(session, [matter.holder_id])
    return CallTaken(
        actor=visit.actor,
        place=visit.place,
        matter=matter,
        holder=names.get(matter.holder_id, ""),
    )
