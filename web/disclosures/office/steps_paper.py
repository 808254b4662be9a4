"""公开程序: the form of the district's steps, shown as the office will take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.disclosures.content import DisclosureKind
from domain.disclosures.steps import OpinionRule, StepKind
from domain.papers import kinds
from domain.staff.tables import Role
from domain.words import N_
from web.papers.form.shape import FormSpec
from web.papers.spec import PaperSpec
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from domain.disclosures.steps import DisclosureSteps
    from web.papers.spec import Preview
    from web.site.pages import Page

LABELS = {
    "DisclosureSteps.party": N_("Party affairs"),
    "DisclosureSteps.residents": N_("Residents' affairs"),
    "DisclosureSteps.finance": N_("Finance"),
    "Step": N_("Step"),
    "Step.kind": N_("What is done"),
    "Step.roles": N_("Who does it"),
    "Step.opinion": N_("Opinion"),
    "Step.source": N_("Where it is prescribed"),
}
HELPS = {
    "DisclosureSteps.party": N_("Two to four steps. Nobody takes two of them."),
    "DisclosureSteps.residents": N_("Two to four steps. Nobody takes two of them."),
    "DisclosureSteps.finance": N_("Two to four steps. Nobody takes two of them."),
}
OPTIONS = (
    (StepKind.PROPOSED, N_("proposed")),
    (StepKind.SUPERVISED, N_("looked at by the supervisory committee")),
    (StepKind.MET, N_("decided in the joint meeting")),
    (StepKind.REVIEWED, N_("reviewed for secrets and accuracy")),
    (StepKind.APPROVED, N_("approved")),
    (OpinionRule.NOT_ASKED, N_("not needed")),
    (OpinionRule.ASKED, N_("written down")),
    (Role.ADMINISTRATOR, N_("Administrator")),
    (Role.EDITOR, N_("Editor")),
    (Role.CLERK, N_("Clerk")),
    (Role.PARTY_MEMBER, N_("Party member")),
    (Role.SUPERVISOR, N_("Supervisor")),
)


@dataclass(frozen=True, kw_only=True)
class StepsPreview(StaffPage):
    """The steps of every kind, in order."""

    template: ClassVar[str] = "disclosures/office/steps_preview.html"
    tab: ClassVar[str] = "papers"
    steps: DisclosureSteps
    kinds: tuple[DisclosureKind, ...] = tuple(DisclosureKind)


async def previewed(draft: Preview) -> Page:
    """The steps as the office will take them: residents see none of them."""
    return StepsPreview(actor=draft.visit.actor, steps=draft.document)


STEPS = PaperSpec(
    kind=kinds.STEPS,
    name=N_("Steps of disclosures"),
    path="/staff/steps",
    fields=FormSpec(labels=LABELS, helps=HELPS, options=OPTIONS),
    preview=previewed,
)
