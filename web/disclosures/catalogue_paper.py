"""公开目录: the form of a catalogue, shown as residents will see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.disclosures.catalogue import (
    Carrier,
    CountUnit,
    Granularity,
    LastDay,
    Often,
    Owes,
)
from domain.disclosures.content import Audience, DisclosureKind
from domain.papers import kinds
from domain.places.content import Settlement
from domain.words import N_
from web.disclosures.catalogue import CataloguePage
from web.papers.form.shape import FormSpec
from web.papers.slugs import with_slugs
from web.papers.spec import PaperSpec

if TYPE_CHECKING:
    from domain.papers.paper import Paper
    from web.papers.spec import Preview
    from web.site.pages import Page

LISTED_AT = "/staff/disclosures/catalogues"
SETTLEMENTS = {
    Settlement.OLD_TOWN.value: N_("old town"),
    Settlement.NEW_ESTATE.value: N_("new estate"),
    Settlement.FORMER_VILLAGE.value: N_("former village"),
}
LABELS = {
    "Catalogue.items": N_("What must be published"),
    "Catalogue.wishes": N_("What residents can add"),
    "CatalogueItem": N_("Item"),
    "CatalogueItem.slug": N_("Name in the address"),
    "CatalogueItem.name": N_("What it is called"),
    "CatalogueItem.kind": N_("Kind"),
    "CatalogueItem.often": N_("How often"),
    "CatalogueItem.owes": N_("Who publishes it"),
    "CatalogueItem.due": N_("By when"),
    "CatalogueItem.carriers": N_("Published where"),
    "CatalogueItem.audience": N_("Who may read it"),
    "CatalogueItem.granularity": N_("In how much detail"),
    "CatalogueItem.source": N_("Basis"),
    "CatalogueItem.since": N_("Owed for periods from"),
    "CatalogueItem.confirmed_on": N_("Checked on"),
    "DueRule.count": N_("How many days or months"),
    "DueRule.unit": N_("Counted in"),
    "DueRule.last_day": N_("If the last day is a day off"),
    "WishRule.one_in_residents": N_("One in how many residents"),
    "WishRule.one_in_representatives": N_("One in how many representatives"),
    "WishRule.due": N_("By when it is published then"),
    "WishRule.source": N_("Basis"),
    "WishRule.confirmed_on": N_("Checked on"),
}
HELPS = {
    "Catalogue.items": N_("An item that you remove is no longer owed; what was published stays."),
    "Catalogue.wishes": N_("Leave it empty if there is no such rule."),
    "CatalogueItem.due": N_("Counted from the end of the period, or from the event."),
    "CatalogueItem.source": N_("The law and article, or the district's own rule."),
    "WishRule.one_in_residents": N_("10 means every tenth resident."),
}
OPTIONS = (
    (DisclosureKind.PARTY, N_("Party affairs")),
    (DisclosureKind.RESIDENT_AFFAIRS, N_("Residents' affairs")),
    (DisclosureKind.FINANCE, N_("Finance")),
    (Often.MONTHLY, N_("every month")),
    (Often.QUARTERLY, N_("every quarter")),
    (Often.HALF_YEARLY, N_("twice a year")),
    (Often.YEARLY, N_("every year")),
    (Often.EACH_EVENT, N_("whenever it happens")),
    (Owes.COMMUNITY, N_("the community")),
    (Owes.SUBDISTRICT, N_("the subdistrict")),
    (Carrier.PAGE, N_("this page")),
    (Carrier.BOARD, N_("the board")),
    (Carrier.GROUP, N_("the group chats")),
    (Carrier.MEETING, N_("a meeting")),
    (Audience.EVERYONE, N_("everyone")),
    (Audience.SOME, N_("those concerned")),
    (Granularity.ITEM_BY_ITEM, N_("item by item")),
    (Granularity.SUMMED, N_("summed up")),
    (CountUnit.WORKING_DAY, N_("working days")),
    (CountUnit.CALENDAR_DAY, N_("calendar days")),
    (CountUnit.MONTH, N_("months")),
    (LastDay.MOVES, N_("it moves to the next day after it")),
    (LastDay.STAYS, N_("it stays")),
)


async def previewed(draft: Preview) -> Page:
    """The catalogue as residents of such a community will see it."""
    return CataloguePage(settlement=draft.paper.key, catalogue=draft.document, versions=0)


def _with_slugs(_paper: Paper, values: dict[str, Any]) -> dict[str, Any]:
    """A new item gets its name in addresses from how its name sounds."""
    return {**values, "items": with_slugs(values["items"])}


CATALOGUE = PaperSpec(
    kind=kinds.CATALOGUE,
    name=N_("Disclosure catalogue"),
    path="/staff/catalogue/{settlement}",
    fields=FormSpec(
        labels=LABELS,
        helps=HELPS,
        options=OPTIONS,
        hidden=frozenset({"CatalogueItem.slug"}),
    ),
    preview=previewed,
    key="settlement",
    keys=SETTLEMENTS,
    listed_at=LISTED_AT,
    listed_as=N_("Disclosure catalogues"),
    completed=_with_slugs,
)
