"""A hall in rehearsal: who comes, who is there, and what everyone can see of each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from random import Random

    from web.running.rehearsal.browser import Site

# Seconds of a visit on average, and the shape of their gamma distribution.
VISIT, SHAPE = 300.0, 3.0
# How much of the clerks' time arrivals take up: a hall with a queue that comes and goes.
LOAD = 0.95
# People at once, after which nobody else comes: a queue that nobody serves must not grow for ever.
MOST_PEOPLE = 24
# People who stand in the hall at the beginning, for each clerk.
AT_FIRST = 5


class Person(Protocol):
    """What others see of a resident in the hall."""

    comes_when_called: bool
    # The path of the ticket's page; empty before there is one.
    ticket: str


@dataclass
class RehearsedHall:
    """What the simulated people of one hall know."""

    site: Site
    # For arrivals alone, which come one after the other: the same seed gives the same people.
    random: Random
    slug: str
    # The categories that the hall serves, and the counters that simulated clerks have.
    letters: tuple[str, ...]
    counters: tuple[int, ...]
    # Who is in the hall, by number.
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def seconds_between_arrivals(self) -> float:
        """How long until the next person comes, drawn."""
        return self.random.expovariate(LOAD * len(self.counters) / VISIT)

    def seconds_of_visit(self, random: Random) -> float:
        """How long a visit takes, drawn by its clerk."""
        return random.gammavariate(SHAPE, VISIT / SHAPE)

    @property
    def desk(self) -> str:
        """The start of the addresses of the counters."""
        return f"/staff/c/{self.slug}/counters"
