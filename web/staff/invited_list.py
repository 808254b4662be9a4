"""Links for many people at once: from a pasted list to a sheet of codes, all or none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from domain.staff import invitations
from domain.staff.tables import Role
from domain.words import N_
from web.site.answers import InvalidError
from web.staff.access import StaffPage, StaffVisit
from web.staff.people import grant_at, places_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Grant
    from web.site.pages import Page

# People of one list: their codes are some ten sheets of paper.
MOST = 200
# Characters of a name.
LONGEST_NAME = 80
# What stands between a name and a place, and what may stand in a place and says nothing.
BETWEEN = re.compile(r"[\t,\uff0c]")
BLANKS = re.compile(r"[\s,\uff0c]+")
EMPTY = N_("Please enter at least one line.")
TOO_MANY = N_("Please enter at most %(value)s people at once.")
NO_NAME = N_("Line %(line)s: who is it? Please begin with the full name.")
TOO_LONG = N_("Line %(line)s: the name is longer than %(value)s characters.")
NO_ROLE = N_("Please choose a role.")
LACKS_PLACE = N_("Line %(line)s: the place is missing after the name “%(value)s”.")
NO_PLACE = N_("Line %(line)s: there is no place called “%(value)s” that you may give roles for.")
TWO_PLACES = N_(
    "Line %(line)s: more than one place is called “%(value)s”. Write its subdistrict too."
)


class Trouble(NamedTuple):
    """What is wrong: words to translate, and what stands in them."""

    words: str
    line: int = 0
    value: str = ""


class Person(NamedTuple):
    """Someone of the list, and the place of their role."""

    full_name: str
    place: str
    grant: Grant


@dataclass(frozen=True)
class Card:
    """A one-time link as it is printed."""

    full_name: str
    place: str
    path: str
    address: str


@dataclass(frozen=True, kw_only=True)
class InviteList(StaffPage):
    """The form for a list of people."""

    template: ClassVar[str] = "staff/invite_list.html"
    tab: ClassVar[str] = "people"
    roles: tuple[Role, ...] = tuple(Role)
    role: str = ""
    # A place that this person may give roles for, as the form names one.
    example: str
    typed: str = ""
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, kw_only=True)
class InvitedList(StaffPage):
    """The links of a list, shown once, to be printed and cut."""

    template: ClassVar[str] = "staff/invited_list.html"
    tab: ClassVar[str] = "people"
    role: str
    cards: tuple[Card, ...]


async def new(visit: StaffVisit, _session: AsyncSession) -> Page:
    """The form for a list of people."""
    return _form(visit)


async def invite(visit: StaffVisit, session: AsyncSession) -> Page:
    """Make a link for each person of the list; none while one line is wrong."""
    typed, role = visit.form.cells("people"), visit.form.given("role")
    people, troubles = read(visit, typed, role)
    if troubles:
        raise InvalidError(_form(visit, role, typed, troubles))
    cards = [await _card(visit, session, person) for person in people]
    return InvitedList(actor=visit.actor, role=role, cards=tuple(cards))


def _form(
    visit: StaffVisit, role: str = "", typed: str = "", troubles: Iterable[Trouble] = ()
) -> InviteList:
    # The last of the places is a community, wherever there is one.
    example = [visit.published.district.name, *(each.name for each in places_of(visit))][-1]
    return InviteList(
        actor=visit.actor, example=example, role=role, typed=typed, troubles=tuple(troubles)
    )


async def _card(visit: StaffVisit, session: AsyncSession, person: Person) -> Card:
    key = await invitations.invite(session, visit.actor, person.full_name, person.grant, visit.now)
    path = f"/invitations/{key}"
    return Card(person.full_name, person.place, path, visit.manner.origin + path)


def read(visit: StaffVisit, typed: str, role: str) -> tuple[list[Person], list[Trouble]]:
    """The people of a list, and everything that is wrong with it."""
    lines = [(n, line) for n, line in enumerate(typed.splitlines(), 1) if line.strip()]
    if not lines:
        return [], [Trouble(EMPTY)]
    if len(lines) > MOST:
        return [], [Trouble(TOO_MANY, value=str(MOST))]
    if role not in set(Role):
        return [], [Trouble(NO_ROLE)]
    values = _values_by_name(visit)
    read_lines = [_person(number, line, role, values) for number, line in lines]
    people = [each for each in read_lines if isinstance(each, Person)]
    return people, [each for each in read_lines if isinstance(each, Trouble)]


def _values_by_name(visit: StaffVisit) -> dict[str, list[str]]:
    """The places that roles may be given for, by what they are called in a list."""
    found: dict[str, list[str]] = {}
    for name, value in _names(visit):
        found.setdefault("".join(name.split()), []).append(value)
    return found


def _names(visit: StaffVisit) -> Iterator[tuple[str, str]]:
    above = ""
    for place in places_of(visit):
        yield place.name, place.value
        if place.value.startswith("s:"):
            above = place.name
        elif place.value.startswith("c:"):
            yield f"{above}{place.name}", place.value


def _person(number: int, line: str, role: str, values: dict[str, list[str]]) -> Person | Trouble:
    """Someone of one line: a name and a place, with a tab, a comma or a blank between them."""
    parts = BETWEEN.split(line, maxsplit=1)
    if len(parts) == 1:
        parts = line.split(maxsplit=1)
    name, place = parts[0].strip(), BLANKS.sub("", "".join(parts[1:]))
    if not name:
        return Trouble(NO_NAME, number)
    if len(name) > LONGEST_NAME:
        return Trouble(TOO_LONG, number, str(LONGEST_NAME))
    if not place:
        return Trouble(LACKS_PLACE, number, name)
    found = values.get(place, [])
    if len(set(found)) > 1:
        return Trouble(TWO_PLACES, number, place)
    if not found:
        return Trouble(NO_PLACE, number, place[:LONGEST_NAME])
    return Person(name, place, grant_at(Role(role), found[0]))
