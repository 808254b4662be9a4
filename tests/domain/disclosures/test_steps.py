"""The steps of a kind as a document of the district, with versions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from domain.disclosures.content import DisclosureKind
from domain.disclosures.errors import StepsMissingError
from domain.disclosures.publishing import steps_of
from domain.disclosures.steps import DisclosureSteps, Step, StepKind
from domain.disclosures.tables import Disclosure
from domain.papers import kinds, versions
from domain.papers.paper import Paper
from domain.staff.tables import Role
from tests.world.disclosures import DRAFT

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.disclosures import DisclosureOffice

STEPS = Paper(kinds.STEPS)
PROPOSED = Step(kind=StepKind.PROPOSED, roles=(Role.EDITOR,))
APPROVED = Step(kind=StepKind.APPROVED, roles=(Role.ADMINISTRATOR,))


async def names(office: DisclosureOffice, **steps: Any) -> None:
    """Publish other steps for some kinds."""

    async def work(session: AsyncSession) -> None:
        actor = await office.actor(session, "chief")
        current = await versions.published(session, STEPS)
        document = DisclosureSteps.model_validate({**(current.document or {}), **steps})
        base = current.number
        await versions.publish(session, actor, STEPS, document, base, "少一步", office.now)

    await office.write(work)


async def test_the_district_names_its_own_steps(office: DisclosureOffice) -> None:
    await names(office, finance=(PROPOSED, APPROVED))
    async with office.store.read() as session:
        assert await steps_of(session, DisclosureKind.FINANCE) == (PROPOSED, APPROVED)
        assert len(await steps_of(session, DisclosureKind.PARTY)) == 3
        found = await versions.versions(session, STEPS)
    assert [version.number for version, _ in found] == [2, 1]
    disclosure_id = await office.begun()
    for name in ("writer", "chief"):
        await office.steps(disclosure_id, name)
    await office.publishes(disclosure_id)
    assert (await office.seen(disclosure_id)).disclosure.title == DRAFT["title"]


async def test_a_draft_on_its_way_takes_the_new_steps_from_the_first(
    office: DisclosureOffice,
) -> None:
    disclosure_id, party = await office.begun(), await office.begun(DisclosureKind.PARTY)
    for name in ("writer", "supervisor"):
        await office.steps(disclosure_id, name)
    await office.steps(party, "writer")
    await names(office, finance=(PROPOSED, APPROVED))
    # Two steps were taken, and none of them is the approval that is asked for now.
    with pytest.raises(StepsMissingError):
        await office.publishes(disclosure_id)
    async with office.store.read() as session:
        rows = await session.execute(
            select(Disclosure.steps_taken, Disclosure.draft_trouble)
            .where(Disclosure.id.in_((disclosure_id, party)))
            .order_by(Disclosure.id)
        )
        assert [tuple(row) for row in rows] == [(0, "steps"), (1, "")]
    for name in ("writer", "chief"):
        await office.steps(disclosure_id, name)
    await office.publishes(disclosure_id)


@pytest.mark.parametrize(
    "steps", [(PROPOSED,), (PROPOSED, APPROVED, APPROVED, APPROVED, APPROVED), ()]
)
def test_there_are_two_to_four_steps(steps: tuple[Step, ...]) -> None:
    with pytest.raises(ValidationError):
        DisclosureSteps(finance=steps)


@pytest.mark.parametrize(
    ("steps", "place"),
    [
        ((APPROVED, PROPOSED), ("finance", 0, "kind")),
        ((PROPOSED, APPROVED, APPROVED), ("finance", 2, "kind")),
        ((PROPOSED, PROPOSED), ("finance", 1, "kind")),
    ],
)
async def test_the_first_step_proposes_and_none_stands_twice(
    office: DisclosureOffice, steps: tuple[Step, ...], place: tuple[str, int, str]
) -> None:
    look = partial(STEPS.contradictions, document=DisclosureSteps(finance=steps))
    async with office.store.read() as session:
        assert place in [each.path for each in await look(session)]
