"""写给联系人: a message to a post, by a person without an account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from pydantic import ValidationError

from domain.contacts.caution import Caution, cautions_of
from domain.contacts.limits import LimitedError, limit_of, refuse_limited
from domain.contacts.line import Begun, begin, post_for, posts_of, promised
from domain.contacts.posts import post_at
from domain.contacts.tables import Conversation, Source
from domain.disclosures.shown import one
from domain.hours import hall_state
from domain.matters.errors import KeyReusedError
from domain.phones import as_kept, is_phone
from domain.places.content import MapPoint
from web.matters.actions import act_of, may_write, written_of
from web.places.map import LocatorMap, locator_map, shows
from web.site.answers import FieldError, InvalidError, Redirect, TooOftenError
from web.site.device_key import FormKey
from web.site.errors import found_or_404
from web.site.forms import number
from web.site.pages import Page

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.contacts.tables import ContactPost
    from domain.places.tables import Community
    from web.site.answers import Refusals
    from web.site.forms import Form
    from web.site.visits import ResidentVisit

REFUSED: Refusals = {
    KeyReusedError: ("sent-other", HTTPStatus.CONFLICT),
    LimitedError: ("limited", HTTPStatus.FORBIDDEN),
    TooOftenError: ("often", HTTPStatus.TOO_MANY_REQUESTS),
}


# Characters; a longer one is cut, and then no point.
LONGEST_POINT = 300


@dataclass(frozen=True)
class Typed:
    """What the form of a message says, right or not."""

    words: str = ""
    post: str = ""
    building: str = ""
    facility: str = ""
    phone: str = ""
    asker: str = ""
    on_behalf_of: str = ""
    they_may_be_called: bool = False
    agreed_by: str = ""
    is_complaint: bool = False
    item: str = ""
    # Of the drawing: a `MapPoint` as JSON, as its script sends it.
    point: str = ""

    @classmethod
    def of(cls, form: Form) -> Typed:
        """What was typed."""
        return cls(
            words=form.given("words"),
            post=form.text("post", 40),
            building=form.text("building", 40),
            facility=form.text("facility", 40),
            phone=as_kept(form.text("phone", 40)),
            asker=form.text("asker", 80),
            on_behalf_of=form.text("on_behalf_of", 80),
            they_may_be_called=form.text("they_may_be_called") == "yes",
            agreed_by=form.text("agreed_by", 80),
            is_complaint=form.text("complaint") == "yes",
            item=form.text("item", 40),
            point=form.text("point", LONGEST_POINT),
        )


@dataclass(frozen=True, kw_only=True)
class WriteMessage(Page):
    """The form of a message to a post."""

    template: ClassVar[str] = "contacts/write.html"
    asks: ClassVar[tuple[str, ...]] = ("post", "building", "item", "about")
    posts: list[ContactPost]
    # When the chosen post is there again; None while it is there now.
    opens_at: dt.datetime | None
    # By when an answer is owed if it is sent now.
    answered_by: dt.date | None
    # The guide it is about; empty for none.
    item_name: str
    map: LocatorMap | None
    typed: Typed
    key: str
    # Whether the person saw where help is and sends it all the same.
    is_calm: bool
    # What the words may mean: who to call first.
    cautions: tuple[Caution, ...] = ()
    # Why nothing was sent; empty at first.
    trouble: str = ""
    # Until when the office limited this device.
    limited_until: dt.datetime | None = None


async def of_card(visit: ResidentVisit) -> Redirect:
    """From a card to the form for its post; the card's address is printed on paper."""
    async with visit.services.store.read() as session:
        post = found_or_404(await post_at(session, visit.params["slug"]))
    _, community = visit.place_of(None, post.community_id)
    return Redirect(f"/c/{community}/messages/new?post={post.slug}")


async def show(visit: ResidentVisit) -> Page:
    """The form, with the post and the building that the way here said."""
    community, preferences = await visit.community(), visit.preferences
    is_here = preferences.community == community.slug
    here = community.building_now(preferences.building) if is_here else None
    typed = Typed(
        words=await _about(visit),
        post=visit.query.get("post", "")[:40],
        building=community.building_now(visit.query.get("building", here or "")[:40]) or "",
        item=visit.query.get("item", "")[:40],
    )
    return await _page(visit, typed)


async def _about(visit: ResidentVisit) -> str:
    """The wish to have a disclosure explained, which the address names; empty for none."""
    wanted = number(visit.query.get("about", ""))
    if wanted is None:
        return ""
    community = await visit.community()
    async with visit.services.store.read() as session:
        found = await one(session, community, wanted)
    return f"请给我讲讲公开的“{found.title}”（第 {found.id} 项）。" if found and found.title else ""


async def show_again(visit: ResidentVisit, trouble: str) -> WriteMessage:
    """The form with what was typed, and why nothing was sent."""
    return await _page(visit, Typed.of(visit.form), trouble)


async def _page(visit: ResidentVisit, typed: Typed, trouble: str = "") -> WriteMessage:
    community = await visit.community()
    async with visit.services.store.read() as session:
        posts = await posts_of(session, community.id)
        limit = await limit_of(session, visit.device or "", community.id, visit.now)
    post = chosen_post(posts, typed)
    item = visit.published.handbook.items.get(typed.item)
    point = _point_again(typed, community)
    typed = replace(typed, point=typed.point if point else "")
    return WriteMessage(
        community=community,
        posts=posts,
        opens_at=_opens_at(visit, post),
        answered_by=promised(post, visit.published.calendar, visit.today),
        item_name=item.name if item else "",
        map=locator_map(community, point),
        typed=typed,
        # The same key again, so that a form sent twice after a lost answer is one message.
        key=FormKey.of(visit.form).key,
        is_calm=is_calm(visit.form),
        trouble=trouble,
        limited_until=visit.local(limit.until) if limit else None,
    )


# The form is shown again for any reason, such as a telephone number, and a point that is none would
# be refused once more after that.
def _point_again(typed: Typed, community: Community) -> MapPoint | None:
    """The point to show again; None for none, and for one that is refused."""
    try:
        return point_of(typed, community)
    except FieldError:
        return None


def _opens_at(visit: ResidentVisit, post: ContactPost | None) -> dt.datetime | None:
    if post is None:
        return None
    return hall_state(post.hours, visit.published.calendar, visit.now).opens_at


def chosen_post(posts: Sequence[ContactPost], typed: Typed) -> ContactPost | None:
    """The post that was named, else the one for the building."""
    for post in posts:
        if post.slug == typed.post:
            return post
    return post_for(posts, typed.building or None)


# Another refusal of the same form must not ask for it a second time.
def is_calm(form: Form) -> bool:
    """Whether the form says that its person saw where help is, and sends it all the same."""
    return form.text("calm") == "yes"


async def before_sending(visit: ResidentVisit) -> None:
    """Check the words, and count the message. Raises `TooOftenError`."""
    written_of(visit.form)
    cautions = cautions_of(visit.form.given("words"))
    if cautions and not is_calm(visit.form):
        raise InvalidError(replace(await show_again(visit, ""), cautions=cautions))
    await may_write(visit)


async def send(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Begin a conversation; the same form sent again leads to the same one."""
    community = await visit.community()
    await refuse_limited(session, visit.own_device, community.id, visit.now)
    posts = await posts_of(session, community.id)
    begun = _begun(visit, community, posts)
    matter, _ = await begin(act_of(visit, session), begun, written_of(visit.form))
    return Redirect(matter.path)


def _begun(visit: ResidentVisit, community: Community, posts: Sequence[ContactPost]) -> Begun:
    typed = Typed.of(visit.form)
    # A page that a phone kept may name a building that another one followed.
    typed = replace(typed, building=community.building_now(typed.building) or "")
    return Begun(
        community_id=community.id,
        post=chosen_post(posts, typed),
        conversation=conversation_of(typed, community),
        device=visit.own_device,
        is_complaint=typed.is_complaint,
    )


def conversation_of(typed: Typed, community: Community) -> Conversation:
    """What is kept beside the words. Raises `FieldError` for what cannot be."""
    if typed.phone and not is_phone(typed.phone):
        raise FieldError("phone")
    if typed.on_behalf_of and not typed.agreed_by:
        raise FieldError("agreed")
    point = point_of(typed, community)
    facilities = {facility.slug for facility in community.facilities}
    source = Source.GUIDE if typed.item else Source.CARD if typed.post else Source.COMMUNITY
    return Conversation(
        source=source,
        item=typed.item or None,
        building=community.building_now(typed.building),
        facility=typed.facility if typed.facility in facilities else None,
        map_x=point.x if point else None,
        map_y=point.y if point else None,
        map_frame=point.frame if point else None,
        phone=typed.phone,
        asker=typed.asker,
        on_behalf_of=typed.on_behalf_of,
        they_may_be_called=typed.they_may_be_called and bool(typed.on_behalf_of),
        agreed_by=typed.agreed_by,
    )


def point_of(typed: Typed, community: Community) -> MapPoint | None:
    """The point that was tapped; None for none. Raises `FieldError` for what no tap makes."""
    if not typed.point:
        return None
    try:
        point = MapPoint.model_validate_json(typed.point)
    except ValidationError:
        raise FieldError("point") from None
    if not shows(community, point):
        raise FieldError("point")
    return point
