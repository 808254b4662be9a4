"""The people of a rehearsal: the same seed gives the same, whatever the server does."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from web.running.rehearsal.hall import LOAD, VISIT, RehearsedHall
from web.running.rehearsal.residents import MISSES, Resident

if TYPE_CHECKING:
    from web.running.rehearsal.browser import Site

LETTERS = ("A", "B", "C")


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - no secret


def hall(seed: int) -> RehearsedHall:
    nowhere: Any = None
    site: Site = nowhere
    return RehearsedHall(site, chance(seed), "liujiazhuang", LETTERS, (1, 2))


def people(seed: int, count: int) -> list[tuple[float, str, bool]]:
    """When they come, for what, and whether they hear their call."""
    here, found = hall(seed), []
    for _ in range(count):
        after, resident = here.seconds_between_arrivals, Resident(here, None)
        found.append((after, resident.letter, resident.comes_when_called))
    return found


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    assert people(7, 50) == people(7, 50)
    assert people(7, 50) != people(8, 50)


def test_how_long_visits_take_changes_nobody_who_comes_later() -> None:
    here = hall(7)
    here.seconds_of_visit(chance(1))
    assert (here.seconds_between_arrivals, Resident(here, None).letter) == people(7, 1)[0][:2]


def test_they_keep_the_clerks_busy_and_some_miss_their_call() -> None:
    many = people(3, 4000)
    mean = sum(after for after, _, _ in many) / len(many)
    assert abs(mean / (VISIT / LOAD / 2) - 1) < 0.1
    missed = sum(not comes for _, _, comes in many) / len(many)
    assert abs(missed - MISSES) < 0.02
    assert {letter for _, letter, _ in many} == set(LETTERS)
