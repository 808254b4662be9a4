"""第一周: what a new district and each of its communities have done, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from domain.staff.actor import EDITING
from web.site.pages import Card
from web.staff.access import StaffPage
from web.staff.places import by_subdistrict

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community, Subdistrict
    from web.site.first_steps import FirstStep, FirstStepHere
    from web.site.pages import Page
    from web.staff.access import StaffVisit

    Groups = list[tuple[Subdistrict, list["Progress"]]]


class Progress(NamedTuple):
    """A community, and the steps that wait there."""

    community: Community
    waiting: tuple[FirstStepHere, ...]
    done: int


@dataclass(frozen=True, kw_only=True)
class FirstWeek(StaffPage):
    """What is done and what waits, each a way to it."""

    template: ClassVar[str] = "staff/first_week.html"
    # Of the district; empty for who manages only a part of it.
    steps: tuple[FirstStep, ...]
    here: tuple[FirstStepHere, ...]
    groups: Groups


@dataclass(frozen=True, kw_only=True)
class FirstWeekCard(Card):
    """How far the first week is, until all of it is done."""

    template: ClassVar[str] = "staff/_first_week_card.html"
    done: int
    total: int


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The steps of the district and of the communities in which this person may act."""
    return await _progress(visit, session)


async def _progress(visit: StaffVisit, session: AsyncSession) -> FirstWeek:
    steps: list[FirstStep] = []
    here: list[FirstStepHere] = []
    for feature in visit.features:
        if visit.actor.manages_district:
            steps += await feature.first_steps(visit, session)
        here += await feature.first_steps_here(visit, session)
    here.sort(key=attrgetter("rank"))
    return FirstWeek(
        actor=visit.actor,
        steps=tuple(sorted(steps, key=attrgetter("rank"))),
        here=tuple(here),
        groups=_groups(visit, here),
    )


def _groups(visit: StaffVisit, here: list[FirstStepHere]) -> Groups:
    return [
        (subdistrict, [_of(community, here) for community in communities])
        for subdistrict, communities in by_subdistrict(visit, EDITING)
    ]


def _of(community: Community, here: list[FirstStepHere]) -> Progress:
    waiting = tuple(step for step in here if community.id not in step.done)
    return Progress(community, waiting, len(here) - len(waiting))


async def on_staff_home(visit: StaffVisit, session: AsyncSession) -> list[Card]:
    """How far the first week is; nothing in a sample, and once all of it is done."""
    if visit.published.district.is_sample or not visit.actor.edits:
        return []
    week = await _progress(visit, session)
    places = [place for _, group in week.groups for place in group]
    total = len(week.steps) + len(week.here) * len(places)
    done = sum(step.is_done for step in week.steps) + sum(place.done for place in places)
    return [FirstWeekCard(done=done, total=total)] if done < total else []
