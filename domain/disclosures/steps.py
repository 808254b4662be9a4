"""公开程序: the named steps that a disclosure takes before it is published.

They are data: a district names its own. A person takes one step of a disclosure and no second one,
and nobody outside of the steps sees it before its publication.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from domain.content import Content, Line
from domain.disclosures.content import DisclosureKind
from domain.staff.tables import Role

StepWord = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=20)]


class StepKind(StrEnum):
    """What a step is for; pages know its words."""

    PROPOSED = "proposed"
    # 居务监督委员会: the supervisory committee, with an opinion.
    SUPERVISED = "supervised"
    # 居"两委"联席会议.
    MET = "met"
    # Of party affairs: confidentiality and accuracy.
    REVIEWED = "reviewed"
    APPROVED = "approved"


class OpinionRule(StrEnum):
    """Whether what was found is written down."""

    NOT_ASKED = "not-asked"
    ASKED = "asked"


class Step(Content):
    """程序的一步."""

    kind: StepKind
    roles: tuple[Role, ...] = Field(min_length=1)
    opinion: OpinionRule = OpinionRule.NOT_ASKED
    # Where the step is prescribed.
    source: Line | None = None

    @property
    def asks_opinion(self) -> bool:
        """Whether this step is taken only with an opinion."""
        return self.opinion is OpinionRule.ASKED


# The first step writes and proposes, the last one lets publish.
RESIDENTS_AFFAIRS = (
    Step(kind=StepKind.PROPOSED, roles=(Role.EDITOR, Role.ADMINISTRATOR)),
    Step(kind=StepKind.SUPERVISED, roles=(Role.SUPERVISOR,), opinion=OpinionRule.ASKED),
    Step(kind=StepKind.MET, roles=(Role.ADMINISTRATOR,), opinion=OpinionRule.ASKED),
)
PARTY_AFFAIRS = (
    Step(kind=StepKind.PROPOSED, roles=(Role.EDITOR, Role.ADMINISTRATOR)),
    Step(
        kind=StepKind.REVIEWED,
        roles=(Role.PARTY_MEMBER, Role.ADMINISTRATOR),
        opinion=OpinionRule.ASKED,
    ),
    Step(kind=StepKind.APPROVED, roles=(Role.ADMINISTRATOR,)),
)


class DisclosureSteps(Content):
    """公开程序, by kind: two to four steps, the first of which proposes."""

    party: tuple[Step, ...] = Field(default=PARTY_AFFAIRS, min_length=2, max_length=4)
    residents: tuple[Step, ...] = Field(default=RESIDENTS_AFFAIRS, min_length=2, max_length=4)
    finance: tuple[Step, ...] = Field(default=RESIDENTS_AFFAIRS, min_length=2, max_length=4)

    def of(self, kind: DisclosureKind) -> tuple[Step, ...]:
        """The steps of a kind, in order."""
        by_kind = {
            DisclosureKind.PARTY: self.party,
            DisclosureKind.RESIDENT_AFFAIRS: self.residents,
            DisclosureKind.FINANCE: self.finance,
        }
        return by_kind[kind]
