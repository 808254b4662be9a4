"""公开程序 as a document: the named steps of each kind of disclosure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select, update

from domain.content import Contradiction
from domain.disclosures.content import DisclosureKind
from domain.disclosures.due import STEPS_CHANGED
from domain.disclosures.steps import DisclosureSteps, StepKind
from domain.disclosures.tables import Disclosure, DisclosureSettings, DisclosureStep
from domain.papers.paper import Paper, PaperKind
from domain.words import N_

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content

FIELDS = {
    "party": DisclosureKind.PARTY,
    "residents": DisclosureKind.RESIDENT_AFFAIRS,
    "finance": DisclosureKind.FINANCE,
}


class DisclosureStepsKind(PaperKind):
    """公开程序, the district's."""

    word = "steps"
    rank = 26
    shape = DisclosureSteps
    subject = "steps"

    async def read(self, session: AsyncSession, _paper: Paper) -> Content | None:
        """The steps as this district names them, or those of the product."""
        settings = await session.get(DisclosureSettings, 1)
        return settings.steps if settings else DisclosureSteps()

    # A draft that is on its way took steps that may not be asked for any more, and may lack one
    # that is. It takes all of them again; its owner is told.
    async def write(
        self, session: AsyncSession, paper: Paper, document: Any, _now: dt.datetime
    ) -> None:
        """Let drafts take these steps from now on."""
        before: Any = await self.read(session, paper)
        await session.merge(DisclosureSettings(id=1, steps=document))
        changed = [kind for kind in DisclosureKind if before.of(kind) != document.of(kind)]
        under_way = and_(
            Disclosure.kind.in_(changed),
            Disclosure.draft.is_not(None),
            or_(Disclosure.steps_taken > 0, Disclosure.publish_at.is_not(None)),
        )
        await session.execute(
            update(DisclosureStep)
            .where(
                DisclosureStep.holds,
                DisclosureStep.disclosure_id.in_(select(Disclosure.id).where(under_way)),
            )
            .values(holds=False)
            .execution_options(synchronize_session=False)
        )
        await session.execute(
            update(Disclosure)
            .where(under_way)
            .values(steps_taken=0, publish_at=None, draft_trouble=STEPS_CHANGED)
            .execution_options(synchronize_session=False)
        )

    async def contradictions(
        self, _session: AsyncSession, _paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """The first step proposes, no later one does, and none stands twice."""
        return [each for name in FIELDS for each in _contradictions(name, getattr(document, name))]


def _contradictions(name: str, steps: Any) -> Iterator[Contradiction]:
    counted = Counter(step.kind for step in steps)
    if steps[0].kind is not StepKind.PROPOSED:
        yield Contradiction((name, 0, "kind"), N_("The first step proposes."))
    for at, step in enumerate(steps):
        if counted[step.kind] > 1 and step.kind in {each.kind for each in steps[:at]}:
            yield Contradiction((name, at, "kind"), N_("This step is there twice."))


STEPS = DisclosureStepsKind()
