"""人生事件的步骤: what to see to when something happens in a life, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field

from domain import rules
from domain.content import Content, Contradiction, Line, Slug, Text
from domain.handbook.guide import LifeEvent
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A line of steps longer than this is not read to its end.
MOST_STEPS = 12
MOST_LINKS = 6

NO_MATTER = N_("nothing of this name is listed as not done here: {}")
FIRST_FOLLOWS = N_("The first step follows nothing: choose “Then”.")
STEP_TWICE = N_("Two steps have this title: {}")
NO_WAY = N_("Choose a guide, a place or something not done here, or say where.")


class Joined(StrEnum):
    """How a step follows the one before it: after it, beside it, or in its place."""

    THEN = "then"
    AND = "and"
    OR = "or"


class StepPlace(StrEnum):
    """A page of the community where a step is taken."""

    HALL = "hall"
    CONTACTS = "contacts"
    FACILITIES = "facilities"


def _then_if_empty(value: object) -> object:
    """A form sends nothing for a step of which nobody said how it follows."""
    return Joined.THEN if value is None else value


class EventStep(Content):
    """人生事件的一步. An empty `needed` means that everybody takes it."""

    title: Line
    joined: Annotated[Joined, BeforeValidator(_then_if_empty)] = Joined.THEN
    when: Line | None = None
    needed: Line | None = None
    about: Text | None = None
    where: Line | None = None
    place: StepPlace | None = None
    # Slugs of service items, and of what is done elsewhere.
    items: tuple[Slug, ...] = Field(default=(), max_length=MOST_LINKS)
    elsewhere: tuple[Slug, ...] = Field(default=(), max_length=MOST_LINKS)


class EventSteps(Content):
    """人生事件的步骤: the steps of one life event. Without any, its guides are a plain list."""

    steps: tuple[EventStep, ...] = Field(default=(), max_length=MOST_STEPS)


class SeededEvent(EventSteps):
    """The steps of a life event, as a district's file describes them."""

    event: LifeEvent

    def plan(self) -> EventSteps:
        """The steps alone."""
        return EventSteps(steps=self.steps)


# As in GOV.UK's step by step navigation: what can be done instead of a step, or at the same time,
# has no number of its own.
@dataclass(frozen=True)
class NumberedStep:
    """A step, its number on the page, and its place in the list from 1."""

    number: int
    place: int
    step: EventStep


def numbered(steps: Iterable[EventStep]) -> list[NumberedStep]:
    """The steps with their numbers from 1; those beside or in place of another share its number."""
    found: list[NumberedStep] = []
    number = 0
    for place, step in enumerate(steps, 1):
        number += step.joined is Joined.THEN or number == 0
        found.append(NumberedStep(number, place, step))
    return found


def contradictions_of(
    document: EventSteps, items: set[str], matters: set[str]
) -> Iterator[Contradiction]:
    """What is wrong with steps, given the slugs of all items and of what is done elsewhere."""
    steps = document.steps
    if steps and steps[0].joined is not Joined.THEN:
        yield Contradiction(("steps", 0, "joined"), FIRST_FOLLOWS)
    titles: set[str] = set()
    for n, step in enumerate(steps):
        # A phone keeps its ticks by the title.
        if step.title in titles:
            yield Contradiction(("steps", n, "title"), STEP_TWICE, step.title)
        titles.add(step.title)
        yield from _of_step(("steps", n), step, items, matters)


def _of_step(
    path: tuple[str | int, ...], step: EventStep, items: set[str], matters: set[str]
) -> Iterator[Contradiction]:
    for n, slug in enumerate(step.items):
        if slug not in items:
            yield Contradiction((*path, "items", n), rules.NO_ITEM, slug)
    for n, slug in enumerate(step.elsewhere):
        if slug not in matters:
            yield Contradiction((*path, "elsewhere", n), NO_MATTER, slug)
    if not (step.items or step.elsewhere or step.place or step.where):
        yield Contradiction((*path, "where"), NO_WAY)
