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

# Items of one number; more would not be one visit, and none of our forms sends more.
MOST_ITEMS = 5


@dataclass(frozen=True)
class Choice:
    """What a form says, valid or not, so that nothing typed is lost."""

    letter: str = ""
    # Slugs.
    items: tuple[str, ...] = ()
    priority: str = ""
    # Names of documents ticked as at hand.
    brought: tuple[str, ...] = ()

    @classmethod
    def of(cls, form: Form) -> Choice:
        """The choice in a form, without duplicates."""
        return cls(
            letter=form.text("category", 1),
            items=tuple(dict.fromkeys(form.all("item"))),
            priority=form.text("priority", 20),
            brought=tuple(dict.fromkeys(form.all("brought"))),
        )


def ticket_request(choice: Choice, handbook: Handbook, *, strict: bool) -> TicketRequest:
    """The choice as a ticket request.

    `strict` raises `OddRequestError` for items of another category, too many items, or an unknown
    priority: on a phone that is an old page, and the person should choose again. Kiosk and counter
    drop them instead, because there a number matters more than its items.
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
    """The ticked documents that these items ask for, in the guides' order."""
    names = (document.name for slug in items for document in handbook.items[slug].guide.documents)
    return tuple(name for name in dict.fromkeys(names) if name in brought)
