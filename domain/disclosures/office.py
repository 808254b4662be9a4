"""What the office sees of disclosures: drafts, whose step is next, and who sees which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, false, or_, select, true

from domain.disclosures.content import DisclosureKind
from domain.disclosures.publishing import holds, steps_of
from domain.disclosures.shown import IS_SHOWN
from domain.disclosures.steps import DisclosureSteps
from domain.disclosures.tables import (
    Disclosure,
    DisclosureSettings,
    DisclosureStep,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.steps import Step
    from domain.places.tables import Community
    from domain.staff.actor import Actor
    from domain.staff.tables import Role

# Drafts in a list, and disclosures on a page of those that were published.
MOST_DRAFTS, PAGE = 100, 20
HAS_DRAFT = Disclosure.draft.is_not(None)
# Read without the draft itself, which may hold two thousand lines.
DRAFT_TITLE = Disclosure.draft["title"].as_string()


@dataclass(frozen=True)
class DraftRow:
    """A draft in a list: its title as typed, the step that it waits for, the steps it took."""

    disclosure: Disclosure
    title: str
    next_step: Step | None
    taken: Sequence[DisclosureStep]

    @property
    def is_ready(self) -> bool:
        """Whether all its steps are taken."""
        return self.next_step is None


async def settings_of(session: AsyncSession) -> DisclosureSteps:
    """The steps of every kind, as this district names them."""
    settings = await session.get(DisclosureSettings, 1)
    return settings.steps if settings else DisclosureSteps()


def of_community(actor: Actor, community: Community, roles: Iterable[Role]) -> ColumnElement[bool]:
    """What someone with these roles finds in a community: its own, and its subdistrict's."""
    own = Disclosure.community_id == community.id
    for_all = Disclosure(subdistrict_id=community.subdistrict_id)
    if not holds(actor, roles, community, for_all):
        return and_(Disclosure.subdistrict_id == community.subdistrict_id, own)
    return and_(
        Disclosure.subdistrict_id == community.subdistrict_id,
        or_(own, Disclosure.community_id.is_(None)),
    )


def kinds_to_write(
    steps: DisclosureSteps, actor: Actor, community: Community
) -> list[DisclosureKind]:
    """The kinds of which someone begins one in this community."""
    return [kind for kind in DisclosureKind if actor.may(_first(steps, kind), community)]


def _first(steps: DisclosureSteps, kind: DisclosureKind) -> frozenset[Role]:
    return frozenset(steps.of(kind)[0].roles)


async def may_see(
    session: AsyncSession, actor: Actor, community: Community, disclosure: Disclosure
) -> bool:
    """Whether this person sees the draft: who writes always, others from their own step on."""
    steps = await steps_of(session, disclosure.kind)
    reached = steps[: max(1, disclosure.steps_taken + 1)]
    return any(holds(actor, step.roles, community, disclosure) for step in reached)


async def may_write(
    session: AsyncSession, actor: Actor, community: Community, disclosure: Disclosure
) -> bool:
    """Whether this person writes it: those of the first step."""
    steps = await steps_of(session, disclosure.kind)
    return holds(actor, steps[0].roles, community, disclosure)


async def may_publish(
    session: AsyncSession, actor: Actor, community: Community, disclosure: Disclosure
) -> bool:
    """Whether this person publishes it once its steps are taken: who writes, or took the last."""
    steps = await steps_of(session, disclosure.kind)
    roles = {*steps[0].roles, *steps[-1].roles}
    return holds(actor, roles, community, disclosure)


async def drafts_at(session: AsyncSession, actor: Actor, community: Community) -> list[DraftRow]:
    """What is being written in a community by those this person is one of, the newest first."""
    steps = await settings_of(session)
    seen = [
        and_(Disclosure.kind == kind, of_community(actor, community, _first(steps, kind)))
        for kind in kinds_to_write(steps, actor, community)
    ]
    return await _rows(session, steps, or_(false(), *seen))


async def waiting_for(session: AsyncSession, actor: Actor) -> list[DraftRow]:
    """The drafts whose next step is this person's, or that they may publish now."""
    steps = await settings_of(session)
    taken_by_me = exists().where(
        DisclosureStep.disclosure_id == Disclosure.id,
        DisclosureStep.holds,
        DisclosureStep.staff_id == actor.staff_id,
    )
    conditions: list[ColumnElement[bool]] = []
    for kind in DisclosureKind:
        of_kind = steps.of(kind)
        for number, step in enumerate(of_kind[1:], 1):
            is_next = and_(Disclosure.kind == kind, Disclosure.steps_taken == number, ~taken_by_me)
            conditions.append(and_(is_next, _where_held(actor, step.roles)))
        is_ready = and_(
            Disclosure.kind == kind,
            Disclosure.steps_taken >= len(of_kind),
            Disclosure.publish_at.is_(None),
        )
        roles = {*of_kind[0].roles, *of_kind[-1].roles}
        conditions.append(and_(is_ready, _where_held(actor, roles)))
    return await _rows(session, steps, or_(*conditions))


async def back_to(session: AsyncSession, actor: Actor) -> list[DraftRow]:
    """Drafts of this person that were sent back, or that the schedule could not publish."""
    steps = await settings_of(session)
    sent_back = exists().where(
        DisclosureStep.disclosure_id == Disclosure.id,
        DisclosureStep.is_passed.is_(False),
        DisclosureStep.at >= Disclosure.draft_saved_at,
    )
    mine = and_(
        Disclosure.owner_id == actor.staff_id, or_(Disclosure.draft_trouble != "", sent_back)
    )
    return await _rows(session, steps, mine)


def _where_held(actor: Actor, roles: Iterable[Role]) -> ColumnElement[bool]:
    """The places at which one of these roles is theirs."""
    grants = [grant for grant in actor.grants if grant.role in roles]
    if any(grant.is_district_wide for grant in grants):
        return true()
    subdistricts = [grant.subdistrict_id for grant in grants if grant.subdistrict_id is not None]
    communities = [grant.community_id for grant in grants if grant.community_id is not None]
    return or_(
        Disclosure.subdistrict_id.in_(subdistricts), Disclosure.community_id.in_(communities)
    )


async def _rows(
    session: AsyncSession, steps: DisclosureSteps, condition: ColumnElement[bool]
) -> list[DraftRow]:
    rows = await session.execute(
        select(Disclosure, DRAFT_TITLE)
        .where(HAS_DRAFT, condition)
        .order_by(Disclosure.draft_saved_at.desc(), Disclosure.id.desc())
        .limit(MOST_DRAFTS)
    )
    found = [(row[0], row[1]) for row in rows]
    taken = await _taken(session, [disclosure.id for disclosure, _ in found])
    return [
        DraftRow(disclosure, title or "", _next(steps, disclosure), taken.get(disclosure.id, []))
        for disclosure, title in found
    ]


def _next(steps: DisclosureSteps, disclosure: Disclosure) -> Step | None:
    of_kind = steps.of(disclosure.kind)
    return of_kind[disclosure.steps_taken] if disclosure.steps_taken < len(of_kind) else None


async def _taken(session: AsyncSession, ids: list[int]) -> dict[int, list[DisclosureStep]]:
    rows = await session.scalars(
        select(DisclosureStep)
        .where(DisclosureStep.disclosure_id.in_(ids), DisclosureStep.holds)
        .order_by(DisclosureStep.id)
    )
    found: dict[int, list[DisclosureStep]] = {}
    for step in rows:
        found.setdefault(step.disclosure_id, []).append(step)
    return found


async def published_at_place(
    session: AsyncSession,
    actor: Actor,
    community: Community,
    before: Disclosure | None = None,
) -> list[Disclosure]:
    """What this person's place published, the newest first; `PAGE` + 1 at most."""
    steps = await settings_of(session)
    roles = {role for kind in DisclosureKind for role in _first(steps, kind)}
    parts = [Disclosure.community_id == community.id]
    if holds(actor, roles, community, Disclosure(subdistrict_id=community.subdistrict_id)):
        for_all = Disclosure.community_id.is_(None)
        parts.append(and_(Disclosure.subdistrict_id == community.subdistrict_id, for_all))
    found: list[Disclosure] = []
    for part in parts:
        found += await session.scalars(_page(part, before))
    found.sort(key=lambda each: (each.published_at, each.id), reverse=True)
    return found[: PAGE + 1]


def _page(part: ColumnElement[bool], before: Disclosure | None) -> Select[Disclosure]:
    chosen = select(Disclosure).where(IS_SHOWN, part)
    if before is not None and before.published_at is not None:
        is_older = Disclosure.published_at < before.published_at
        is_same = and_(Disclosure.published_at == before.published_at, Disclosure.id < before.id)
        chosen = chosen.where(or_(is_older, is_same))
    return chosen.order_by(Disclosure.published_at.desc(), Disclosure.id.desc()).limit(PAGE + 1)


async def history_of(session: AsyncSession, disclosure: Disclosure) -> list[DisclosureStep]:
    """The steps that lead to the next revision, also those that count no more, in order."""
    rows = await session.scalars(
        select(DisclosureStep)
        .where(
            DisclosureStep.disclosure_id == disclosure.id,
            DisclosureStep.number == disclosure.number + 1,
        )
        .order_by(DisclosureStep.id)
    )
    return list(rows)
