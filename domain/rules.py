"""How the parts of an office's documents must fit each other.

The same rules hold for a district's files and for what is typed into a form.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from domain.content import Contradiction
from domain.handbook import fit
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from domain.content import OpeningPeriod
    from domain.handbook.guide import ServiceGuide
    from domain.places.content import (
        CounterContent,
        FacilityContent,
        HallContent,
        HallHours,
        OwnContent,
        PersonContent,
    )

NO_ITEM = N_("there is no item {}")
NO_CATEGORY = N_("there is no category {}")
NO_COUNTER = N_("the hall has no counter {}")
NO_PERSON = N_("nobody holds the post {}")
NUMBER_TAKEN = N_("the number {} is taken")
SLUG_TAKEN = N_("the slug {} is taken")
PERIODS_OVERLAP = N_("two of the periods overlap: {}")
DAY_TAKEN = N_("the day {} is listed twice")
NAME_TWICE = N_("Two of them are called “{}”. Residents could not tell them apart.")
KEPT = N_(
    "“{}” may be printed on paper and cannot be removed. Discard this draft, and end it instead."
)
ENDED_TWICE = N_("“{}” stands here twice.")
OWN_SUCCESSOR = N_("“{}” cannot be followed by itself.")
PROMISE_TOO_LONG = N_("the promise is longer than the law allows")


def of_guide(guide: ServiceGuide, items: set[str]) -> Iterator[Contradiction]:
    """The contradictions of a guide, given the slugs of all items."""
    if guide.promised_days > guide.statutory_days:
        yield Contradiction(("promised_days",), PROMISE_TOO_LONG)
    for n, related in enumerate(guide.related):
        if related not in items:
            yield Contradiction(("related", n), NO_ITEM, related)
    yield from fit.contradictions_of(guide.fit)
    for n, answer in enumerate(guide.fit):
        if answer.see is not None and answer.see not in items:
            yield Contradiction(("fit", n, "see"), NO_ITEM, answer.see)


def of_category(letter: str, letters: set[str]) -> Iterator[Contradiction]:
    """The contradictions, given the letters of all categories."""
    if letter not in letters:
        yield Contradiction(("category",), NO_CATEGORY, letter)


def of_hall(hall: HallContent, letters: set[str]) -> Iterator[Contradiction]:
    """The contradictions, given the letters of all categories."""
    yield from _letters(("counters",), hall.counters, letters)
    numbers = [str(counter.number) for counter in hall.counters]
    yield from twice(("counters",), NUMBER_TAKEN, numbers)
    days = [str(exception.day) for exception in hall.hours.exceptions]
    yield from twice(("hours", "exceptions"), DAY_TAKEN, days)
    yield from _of_hours(hall.hours)


def _of_hours(hours: HallHours) -> Iterator[Contradiction]:
    for kind in ("working_day", "saturday", "sunday", "public_holiday"):
        yield from of_periods(("hours", kind), getattr(hours, kind))
    for n, exception in enumerate(hours.exceptions):
        yield from of_periods(("hours", "exceptions", n, "periods"), exception.periods)


def of_periods(
    path: tuple[str | int, ...], periods: Sequence[OpeningPeriod]
) -> Iterator[Contradiction]:
    """The contradictions of the periods of a day, which are in order."""
    for one, other in pairwise(periods):
        if other.opens < one.closes:
            both = f"{one.opens:%H:%M}-{one.closes:%H:%M}, {other.opens:%H:%M}-{other.closes:%H:%M}"
            yield Contradiction(path, PERIODS_OVERLAP, both)


def of_own(own: OwnContent, counters: set[int], posts: set[str]) -> Iterator[Contradiction]:
    """The contradictions of a community's additions, given its counters and posts."""
    if own.counter is not None and own.counter not in counters:
        yield Contradiction(("counter",), NO_COUNTER, str(own.counter))
    if own.person is not None and own.person not in posts:
        yield Contradiction(("person",), NO_PERSON, own.person)


def of_people(people: tuple[PersonContent, ...], letters: set[str]) -> Iterator[Contradiction]:
    """The contradictions, given the letters of all categories."""
    yield from _letters(("people",), people, letters)


def of_facilities(facilities: tuple[FacilityContent, ...]) -> Iterator[Contradiction]:
    yield from twice(("facilities",), SLUG_TAKEN, [facility.slug for facility in facilities])


def twice(path: tuple[str | int, ...], why: str, values: list[str]) -> Iterator[Contradiction]:
    """A contradiction for each value that appears more than once."""
    for value, times in Counter(values).items():
        if times > 1:
            yield Contradiction(path, why, value)


def _letters(
    path: tuple[str | int, ...],
    contents: Iterable[CounterContent | PersonContent],
    letters: set[str],
) -> Iterator[Contradiction]:
    for n, value in enumerate(contents):
        if unknown := sorted(set(value.categories) - letters):
            yield Contradiction((*path, n, "categories"), NO_CATEGORY, unknown[0])
