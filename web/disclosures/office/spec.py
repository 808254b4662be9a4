"""The form of a disclosure, computed from its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from domain.disclosures.content import Audience, OpenUnit
from domain.disclosures.draft import DisclosureDraft, contradictions_of
from domain.words import N_
from web.papers.form.problems import problems_between, problems_of
from web.papers.form.shape import FormSpec, form_of_shape
from web.papers.form.typed import retyped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from web.papers.form.problems import Problem
    from web.papers.form.shape import Field, Group, Rows

    Parts = list[Field | Group | Rows]

# Rows of a list that are typed one by one; a longer list comes from a spreadsheet. Two lists of
# this length and the other fields stay below what a form may hold.
MOST_TYPED = 100

LABELS = {
    "DisclosureDraft.title": N_("Title"),
    "DisclosureDraft.summary": N_("In short"),
    "DisclosureDraft.body": N_("Text"),
    "DisclosureDraft.responsible": N_("Responsible"),
    "DisclosureDraft.item": N_("Item of the catalogue"),
    "DisclosureDraft.period": N_("Period"),
    "DisclosureDraft.audience": N_("Who may read it"),
    "DisclosureDraft.where_to_see": N_("Where to see it"),
    "DisclosureDraft.open_days": N_("Days open for objections"),
    "DisclosureDraft.open_unit": N_("Counted in"),
    "DisclosureDraft.opening_fen": N_("Balance before, in yuan"),
    "DisclosureDraft.ledger": N_("Ledger"),
    "DraftLine": N_("Line"),
    "DraftLine.purpose": N_("What for"),
    "DraftLine.day": N_("Date"),
    "DraftLine.fen": N_("Amount in yuan"),
    "DraftLine.counterparty": N_("Paid by or to"),
    "DraftLine.evidence": N_("Evidence"),
    "DraftLine.key": N_("Key"),
    "DisclosureDraft.persons": N_("List of persons"),
    "DraftPerson": N_("Person"),
    "DraftPerson.name": N_("Full name"),
    "DraftPerson.number": N_("Number"),
    "DraftPerson.note": N_("Note"),
    "DisclosureDraft.persons_until": N_("List shown until"),
}
HELPS = {
    "DisclosureDraft.summary": N_("What an ordinary reader must know, in two or three sentences."),
    "DisclosureDraft.body": N_(
        "Markdown. A table that you copy from a spreadsheet and paste here becomes a table."
    ),
    "DisclosureDraft.responsible": N_("A person or an office, with a telephone number."),
    "DisclosureDraft.item": N_("What must be published. Leave it empty for anything else."),
    "DisclosureDraft.period": N_(
        "A year, half a year, a quarter or a month: 2026, 2026-H1, 2026-Q3, 2026-10."
    ),
    "DisclosureDraft.where_to_see": N_("For what is not for everyone, such as: at the counter."),
    "DisclosureDraft.open_days": N_(
        "The day of publication is not counted. Leave it empty for none."
    ),
    "DraftLine.fen": N_("Money out with a minus: -450.00. 1,234.50 and 1.2万 are understood."),
    "DraftPerson.name": N_("Saved with the middle hidden: 王*国."),
    "DisclosureDraft.persons_until": N_(
        "The rows disappear after this day. Empty for the end of the objection period."
    ),
}
SPEC = FormSpec(
    labels=LABELS,
    helps=HELPS,
    choices={"DisclosureDraft.item": "items"},
    options=(
        (Audience.EVERYONE, N_("everyone")),
        (Audience.SOME, N_("only those it concerns")),
        (OpenUnit.CALENDAR_DAY, N_("calendar days")),
        (OpenUnit.WORKING_DAY, N_("working days")),
    ),
    hidden=frozenset({"DraftLine.key"}),
)
USUAL = {"audience": Audience.EVERYONE.value, "open_unit": OpenUnit.CALENDAR_DAY.value}
FORM = form_of_shape(DisclosureDraft, SPEC)
SECTIONS = (
    ("", ("title", "summary", "body", "responsible")),
    (N_("What it is about"), ("item", "period")),
    (N_("Who sees it, and until when"), ("audience", "where_to_see", "open_days", "open_unit")),
    (N_("Ledger"), ("opening_fen", "ledger")),
    (N_("List of persons"), ("persons", "persons_until")),
)


def as_typed(draft: dict[str, Any] | None) -> dict[str, Any]:
    """A draft or a content as it would be typed; without its files, which are not.

    What is chosen from a list and was not yet is what most choose.
    """
    values = retyped(FORM, draft)
    return {**values, **{name: values[name] or usual for name, usual in USUAL.items()}}


def too_long(values: dict[str, Any]) -> list[str]:
    """The lists of a draft that are not typed one by one."""
    return [name for name in ("ledger", "persons") if len(values[name]) > MOST_TYPED]


def sections_of(values: dict[str, Any]) -> list[tuple[str, Parts]]:
    """Headings, to translate, and what is typed below them."""
    parts = {part.name: part for part in FORM.parts if part.name not in too_long(values)}
    return [(words, [parts[name] for name in names if name in parts]) for words, names in SECTIONS]


def problems_in(values: dict[str, Any]) -> dict[str, Problem]:
    """What is wrong with a draft, by field; empty when it can be proposed."""
    try:
        draft = DisclosureDraft.model_validate(dict(_given(values)))
    except ValidationError as error:
        return problems_of(FORM, error)
    return problems_between(FORM, list(contradictions_of(draft)))


def _given(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is not empty: an empty field has its default, a choice too."""
    for name, value in as_typed(values).items():
        if value is not None:
            yield name, value
