"""From a form to a ticket request: the same fields on phone, kiosk and counter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.queue.tables import PriorityKind
from domain.queue.tickets import TicketRequest
from web.queue.refusals import OddRequestError

if TYPE_CHECKING:
    from domain.published import Handbook
    from web.site.forms import Form

MOST_ITEMS = 5
"""Items that one number serves; more would not be one visit, and no form of ours sends more."""


@dataclass(frozen=True)
class Choice:
    """What a form says, also when it does not go together, so that nothing typed is lost."""

    letter: str = ""
    items: tuple[str, ...] = ()
    """Slugs."""
    priority: str = ""
    brought: tuple[str, ...] = ()
    """Names of documents ticked as at hand."""

    @classmethod
    def of(cls, form: Form) -> Choice:
        """What was chosen in a form, each thing once."""
        return cls(
            letter=form.text("category", 1),
            items=tuple(dict.fromkeys(form.all("item"))),
            priority=form.text("priority", 20),
            brought=tuple(dict.fromkeys(form.all("brought"))),
        )


def ticket_request(choice: Choice, handbook: Handbook, *, strict: bool) -> TicketRequest:
    """The choice as a ticket request.

    `strict` raises `OddRequestError` for items of another category or too many of them and for an
    unknown priority: on a phone that is an old page, and the person should choose again. Kiosk and
    counter drop them instead, because there a number counts more than its items.
    """
    known = _items_of(handbook, choice.letter)
    items = tuple(slug for slug in choice.items if slug in known)
    priority = PriorityKind.named(choice.priority)
    is_odd = (
        choice.letter not in handbook.by_letter
        or items != choice.items
        or len(items) > MOST_ITEMS
        or bool(choice.priority and priority is None)
    )
    if strict and is_odd:
        raise OddRequestError
    return TicketRequest(choice.letter, items, priority, at_hand(handbook, items, choice.brought))


def _items_of(handbook: Handbook, letter: str) -> set[str]:
    return {slug for slug, item in handbook.items.items() if item.category.letter == letter}


def at_hand(
    handbook: Handbook, items: tuple[str, ...], brought: tuple[str, ...]
) -> tuple[str, ...]:
    """Those of the documents ticked that these items ask for, in the guides' order."""
    names = (each.name for slug in items for each in handbook.items[slug].guide.documents)
    return tuple(name for name in dict.fromkeys(names) if name in brought)
