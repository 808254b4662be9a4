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


class Step(Content):
    """程序的一步."""

    kind: StepKind
    roles: tuple[Role, ...] = Field(min_length=1)
    # Whether what was found is written down.
    asks_opinion: bool = False
    # Where the step is prescribed.
    source: Line | None = None


# The first step writes and proposes, the last one lets publish.
RESIDENTS_AFFAIRS = (
    Step(kind=StepKind.PROPOSED, roles=(Role.EDITOR, Role.ADMINISTRATOR)),
    Step(kind=StepKind.SUPERVISED, roles=(Role.SUPERVISOR,), asks_opinion=True),
    Step(kind=StepKind.MET, roles=(Role.ADMINISTRATOR,), asks_opinion=True),
)
PARTY_AFFAIRS = (
    Step(kind=StepKind.PROPOSED, roles=(Role.EDITOR, Role.ADMINISTRATOR)),
    Step(kind=StepKind.REVIEWED, roles=(Role.PARTY_MEMBER, Role.ADMINISTRATOR), asks_opinion=True),
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
