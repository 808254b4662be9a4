"""人生事件 on the page: its steps in order, and the step that a guide belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.errors import ItemNotFoundError
from domain.handbook.events import NumberedStep, numbered
from domain.handbook.guide import LifeEvent
from web.site.pages import Page

if TYPE_CHECKING:
    from domain.handbook.elsewhere import MatterElsewhere
    from domain.handbook.events import EventStep
    from domain.handbook.tables import ServiceItem
    from domain.published import Handbook
    from web.site.visit import Visit


@dataclass(frozen=True)
class StepRow:
    """A step, its number and its place from 1, and what it leads to that is still there."""

    number: int
    place: int
    step: EventStep
    items: list[ServiceItem]
    matters: list[MatterElsewhere]


@dataclass(frozen=True)
class StepLink:
    """The step before or after: its title, and the address of its guide or of the step itself.

    `path` is below the community's address.
    """

    title: str
    path: str


@dataclass(frozen=True)
class StepOf:
    """Which step of a life event a guide belongs to, of how many."""

    event: LifeEvent
    number: int
    count: int
    place: int
    before: StepLink | None
    after: StepLink | None


@dataclass(frozen=True, kw_only=True)
class EventPage(Page):
    """What to see to when something happens in a life: first the steps, then what is left."""

    template: ClassVar[str] = "handbook/event.html"
    tab: ClassVar[str] = "handbook"
    takes_reports: ClassVar[bool] = True
    event: LifeEvent
    rows: list[StepRow]
    # Numbered steps; 0 for an event whose guides are a plain list.
    count: int
    # Its guides that no step names.
    items: list[ServiceItem]


async def show(visit: Visit) -> Page:
    """One life event."""
    community, handbook = await visit.community(), visit.published.handbook
    if visit.params["event"] not in set(LifeEvent):
        raise ItemNotFoundError(visit.params["event"], community.slug)
    event = LifeEvent(visit.params["event"])
    rows = step_rows(handbook, event)
    in_steps = {item.slug for row in rows for item in row.items}
    return EventPage(
        community=community,
        event=event,
        rows=rows,
        count=rows[-1].number if rows else 0,
        items=[item for item in handbook.for_event(event) if item.slug not in in_steps],
    )


# An item can be withdrawn and a matter be taken from the list after the steps were published. The
# step then stays, without the way that is gone.
def step_rows(handbook: Handbook, event: LifeEvent) -> list[StepRow]:
    """The steps of a life event, with the guides and matters that are still there."""
    return [
        StepRow(
            found.number,
            found.place,
            found.step,
            [handbook.items[slug] for slug in found.step.items if slug in handbook.items],
            [handbook.matters[slug] for slug in found.step.elsewhere if slug in handbook.matters],
        )
        for found in numbered(handbook.plan_of(event).steps)
    ]


def steps_with(handbook: Handbook, item: str) -> list[StepOf]:
    """The steps that lead to an item: of each life event the first."""
    found = ((event, numbered(handbook.plan_of(event).steps)) for event in LifeEvent)
    return [
        _step_of(handbook, event, steps, step)
        for event, steps in found
        if (step := next((each for each in steps if item in each.step.items), None))
    ]


def _step_of(
    handbook: Handbook, event: LifeEvent, steps: list[NumberedStep], step: NumberedStep
) -> StepOf:
    return StepOf(
        event,
        step.number,
        steps[-1].number,
        step.place,
        _link(handbook, event, steps, step.number - 1),
        _link(handbook, event, steps, step.number + 1),
    )


def _link(
    handbook: Handbook, event: LifeEvent, steps: list[NumberedStep], number: int
) -> StepLink | None:
    """The way to the step of this number: its guide if it is only that, else the step itself."""
    same = [each for each in steps if each.number == number]
    if not same:
        return None
    step = same[0].step
    guides = [slug for slug in step.items if slug in handbook.items]
    is_one_guide = len(same) == len(guides) == 1 and not step.elsewhere
    below = guides[0] if is_one_guide else f"events/{event.value}#step-{same[0].place}"
    return StepLink(step.title, f"/handbook/{below}")
