"""What a feature says about itself, in the `FEATURE` of its folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from starlette.routing import BaseRoute

    from domain.events import Event
    from domain.following import Follow
    from domain.papers.paper import PaperKind
    from domain.places.tables import Community
    from domain.search.entry import Entry
    from web.running.services import Services
    from web.site.answers import View
    from web.site.first_steps import FirstStep, FirstStepHere
    from web.site.home_row import HomeRow
    from web.site.log_words import LogWords
    from web.site.pages import Card
    from web.site.printed_code import PrintedCode
    from web.site.visit import Visit

    Background = Callable[[Services, tuple["Feature", ...]], Awaitable[None]]


class Kept(NamedTuple):
    """A page worth keeping offline: its route, its view, and the route's parameters."""

    route: str
    view: View
    params: dict[str, Any]


class PaperPages(Protocol):
    """The pages of a kind of document, as `PaperSpec` of web/papers makes them."""

    @property
    def kind(self) -> PaperKind: ...

    @property
    def path(self) -> str: ...


def nothing(*_given: object) -> tuple[()]:
    return ()


async def no_words(*_given: object) -> dict[int, LogWords]:
    return {}


async def none_of(*_given: object) -> tuple[()]:
    return ()


@dataclass(frozen=True)
class Feature:
    """A feature. Nothing of it is registered in another feature's file."""

    routes: tuple[BaseRoute, ...]
    # The pages of a community that a phone keeps; their views are wrapped in `kept` or `reads`.
    kept_offline: Callable[[Visit, Community], Iterable[Kept]] = nothing
    # Takes a session and a community; returns the paths whose copies a phone must drop, with all
    # below them: what was taken back after a phone opened it.
    gone_offline: Callable[..., Awaitable[Sequence[str]]] = none_of
    # What search finds in a community beside the handbook.
    found_by_search: Callable[[Community], Iterable[Entry]] = nothing
    # Its rows in "Around you" on a community's home.
    on_community_home: Callable[[Community], Iterable[HomeRow]] = nothing
    # Takes a `StaffVisit` and a session; returns what waits for this staff member, as cards.
    on_staff_home: Callable[..., Awaitable[Sequence[Card]]] = none_of
    # Take a `StaffVisit` and a session; return what a new district does first, and each community.
    first_steps: Callable[..., Awaitable[Sequence[FirstStep]]] = none_of
    first_steps_here: Callable[..., Awaitable[Sequence[FirstStepHere]]] = none_of
    # Takes a `StaffVisit` to a community and a session; returns the codes that it prints there.
    printed_codes: Callable[..., Awaitable[Sequence[PrintedCode]]] = none_of
    # Takes a `StaffVisit`, a session and entries of the staff log; returns the words, by the number
    # of the entry, of those about something of this feature.
    in_log: Callable[..., Awaitable[Mapping[int, LogWords]]] = no_words
    # The kinds of documents that an office writes for it.
    papers: tuple[PaperPages, ...] = ()
    # The kinds of matters that its pages begin, each a `MatterSpec` of web/matters.
    matters: tuple[Any, ...] = ()
    # What it does beside requests, for as long as the process serves.
    background: tuple[Background, ...] = ()
    # What it writes in the transaction of an event of this kind; see `domain.following`.
    follows: Mapping[type[Event], Follow] = field(default_factory=dict)
    # Paths of the public pages of the community with this slug, each with the day on which its
    # content was last changed or confirmed, where one is known.
    in_sitemap: Callable[[Visit, str], Iterable[str | tuple[str, dt.date]]] = nothing
