"""民情连心线: what the contact line adds to a matter."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from domain.contacts.content import PostKind
from domain.contacts.tables import ContactPost, Conversation, Letter, PostAbsence
from domain.matters.clock import Clock, Rule, Unit
from domain.matters.kind import MatterKind
from domain.matters.ladder import OUTER, Absence, Ladder
from domain.matters.rounds import Opening, open_matter
from domain.matters.tables import Matter
from domain.places.content import HallHours
from domain.places.tables import Community, Hall
from domain.staff.accounts import members_with_role
from domain.staff.tables import StaffMember, StaffRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar
    from domain.matters.timeline import Act, Written

WORD = "contact-line"
# For a matter without a post: how long the secretary has before the subdistrict gets it.
PATIENCE = dt.timedelta(hours=8)


class ContactLine(MatterKind):
    """民情连心线."""

    word = WORD

    async def ladder(self, session: AsyncSession, matter: Matter, now: dt.datetime) -> Ladder:
        """The people of the conversation's post as they are now."""
        post_id = await session.scalar(
            select(Conversation.post_id).where(Conversation.matter_id == matter.id)
        )
        post = None if post_id is None else await session.get(ContactPost, post_id)
        return await ladder_of(session, matter.community_id, post, now, matter)

    async def closed(self, session: AsyncSession, matters: Sequence[int]) -> None:
        """Erase the numbers to call: they were there for the answer."""
        await session.execute(
            update(Conversation).where(Conversation.matter_id.in_(matters)).values(phone="")
        )

    async def erase(self, session: AsyncSession, matters: Sequence[int]) -> None:
        """Erase who asked, on whose behalf, and where, and the letters."""
        await session.execute(delete(Letter).where(Letter.matter_id.in_(matters)))
        await session.execute(
            update(Conversation)
            .where(Conversation.matter_id.in_(matters))
            .values(
                phone="",
                asker="",
                on_behalf_of="",
                agreed_by="",
                they_may_be_called=False,
                building=None,
                facility=None,
                map_x=None,
                map_y=None,
                map_frame=None,
            )
        )


LINE = ContactLine()


async def ladder_of(
    session: AsyncSession,
    community_id: int,
    post: ContactPost | None,
    now: dt.datetime,
    matter: Matter | None = None,
) -> Ladder:
    """Who answers for a post now. `matter` is one that exists: it may be a complaint.

    A community without posts, or a post that ended, is answered by the secretary in the hours of
    the hall.
    """
    if post is None or post.ended_at is not None:
        ladder = await _without_post(session, community_id)
    else:
        ladder = await _of_post(session, post)
    present = matter.holder_id if matter else None
    people = {ladder.holder, ladder.substitute, present} - {None}
    community = await session.get_one(Community, community_id)
    return replace(
        ladder,
        absences=await absences_in(session, community, now),
        gone=await _gone(session, people, community),
        about=matter.about_id if matter else None,
    )


async def _without_post(session: AsyncSession, community_id: int) -> Ladder:
    hours = await session.scalar(select(Hall.hours).where(Hall.community_id == community_id))
    return Ladder(None, None, hours or HallHours(working_day=()), PATIENCE)


async def _of_post(session: AsyncSession, post: ContactPost) -> Ladder:
    ids = await _staff(session, [post.holder, post.substitute])
    holder = ids.get(post.holder or "")
    return Ladder(
        holder=holder,
        substitute=ids.get(post.substitute or ""),
        hours=post.hours,
        patience=dt.timedelta(hours=post.passes_on_after),
        is_full=await _is_full(session, post, holder),
    )


async def _staff(session: AsyncSession, names: list[str | None]) -> dict[str, int]:
    rows = await session.execute(
        select(StaffMember.name, StaffMember.id).where(
            StaffMember.name.in_([name for name in names if name])
        )
    )
    return {key: value for key, value in rows}  # noqa: C416 - a Result has keys() of its own


async def _is_full(session: AsyncSession, post: ContactPost, holder: int | None) -> bool:
    if post.most_open is None or holder is None:
        return False
    count = await session.scalar(
        select(func.count())
        .select_from(Matter)
        .where(Matter.holder_id == holder, Matter.closed_at.is_(None))
    )
    return (count or 0) >= post.most_open


# Of everyone here, and not of the post's people alone: a matter can be handed to any colleague, who
# may be away now, or soon after they get it.
async def absences_in(
    session: AsyncSession, community: Community, now: dt.datetime
) -> tuple[Absence, ...]:
    """When the people who work here are away: now, later, and so lately that a move may be due."""
    rows = await session.scalars(
        select(PostAbsence)
        .where(
            PostAbsence.until > now - dt.timedelta(days=14),
            PostAbsence.staff_id.in_(select(StaffRole.staff_id).where(StaffRole.covers(community))),
        )
        .order_by(PostAbsence.since)
    )
    zone = now.tzinfo
    return tuple(
        Absence(row.staff_id, row.since.astimezone(zone), row.until.astimezone(zone))
        for row in rows
    )


async def _gone(
    session: AsyncSession, people: set[int | None], community: Community
) -> frozenset[int]:
    """Those whose account ended, or who hold no role in this community any more."""
    here = await members_with_role(
        session, StaffRole.staff_id.in_(people), StaffRole.covers(community)
    )
    return frozenset(person for person in people if person is not None) - {
        member.id for member in here
    }


def rule_of(post: ContactPost | None) -> Rule:
    """Within how many working days an answer is owed: the post's promise, five at most."""
    if post is None or post.answers_within >= OUTER.count:
        return OUTER
    return Rule(post.answers_within, Unit.WORKING_DAY, f"post/{post.slug}")


def promised(post: ContactPost | None, calendar: WorkingCalendar, today: dt.date) -> dt.date | None:
    """By when an answer is owed to a message of today."""
    return Clock(rule_of(post), today).due(calendar).day


@dataclass(frozen=True)
class Begun:
    """What a conversation begins with, besides what was written.

    `post` is None where the community has none. With `is_complaint` it is about the post's holder.
    """

    community_id: int
    post: ContactPost | None
    conversation: Conversation
    device: str | None = None
    is_complaint: bool = False


async def begin(act: Act, begun: Begun, written: Written) -> tuple[Matter, bool]:
    """Begin a conversation, and whether it is new. Raises `KeyReusedError`."""
    ladder = await ladder_of(act.session, begun.community_id, begun.post, act.now)
    about = ladder.holder if begun.is_complaint else None
    opening = Opening(
        kind=WORD,
        community_id=begun.community_id,
        written=written,
        rule=rule_of(begun.post),
        device=begun.device,
        about_id=about,
    )
    matter, is_new = await open_matter(act, opening, replace(ladder, about=about))
    if is_new:
        begun.conversation.matter_id = matter.id
        begun.conversation.post_id = begun.post.id if begun.post else None
        act.session.add(begun.conversation)
    return matter, is_new


async def posts_of(session: AsyncSession, community_id: int) -> list[ContactPost]:
    """The posts of a community that there are now, in the office's order."""
    found = await session.scalars(
        select(ContactPost)
        .where(ContactPost.community_id == community_id, ContactPost.ended_at.is_(None))
        .order_by(ContactPost.rank, ContactPost.id)
    )
    return list(found)


def post_for(posts: Sequence[ContactPost], building: str | None) -> ContactPost | None:
    """Who is there for this building, or for everyone; None where a community has no posts."""
    contacts = [post for post in posts if post.kind is PostKind.BUILDING]
    for post in contacts:
        if building is not None and building in post.buildings:
            return post
    general = [post for post in contacts if not post.buildings]
    general += [post for post in posts if post.kind is PostKind.COMMITTEE]
    return next(iter(general), None)
