"""办事指南: what a service guide says, as one document.

The same classes check a district's files, read the JSON column of the store and are passed to the
pages.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from domain.content import Content, Day, Line, Phone, Slug, Text
from domain.handbook.fit import MOST_ROWS, FitAnswer
from domain.words import N_, Words

# Working days for urgent items (the product's rules).
URGENT_WORKING_DAYS = 3


class LifeEvent(StrEnum):
    """人生事件: what happened in a person's life that makes them look for a service."""

    CHILD = "child"
    RETIRING = "retiring"
    LOSING_WORK = "losing-work"
    MOVING_IN = "moving-in"
    ILLNESS = "illness"
    BEREAVEMENT = "bereavement"
    DISABILITY = "disability"
    ELDERLY_PARENT = "elderly-parent"
    NEIGHBOURS = "neighbours"
    ARMY = "army"


class DocumentForm(StrEnum):
    """原件或复印件: the form in which a document must be brought."""

    ORIGINAL = "original"
    COPY = "copy"
    BOTH = "both"
    ELECTRONIC = "electronic"


class DocumentPicture(StrEnum):
    """The drawing that helps people recognise a document (static/icons/documents.svg)."""

    ID_CARD = "id-card"
    HOUSEHOLD_REGISTER = "household-register"
    BANK_CARD = "bank-card"
    SOCIAL_CARD = "social-card"
    PHOTO = "photo"
    CERTIFICATE = "certificate"
    FORM = "form"
    LETTER = "letter"
    MEDICAL = "medical"
    PROPERTY = "property"
    CONTRACT = "contract"
    RECEIPT = "receipt"


# What a field of a blank form asks for when one line is too short for the answer.
_ASKS_FOR_MORE = re.compile(
    "什么|怎么|情况|经过|原因|理由|事由|要求|困难|影响|帮助|证据|办法|家人.*关系|成员"
)


class RequiredDocument(Content):
    """申请材料. `copies` counts sheets; an empty `needed` means the document is always needed."""

    name: Line
    form: DocumentForm
    copies: int = Field(default=1, ge=1, le=20)
    issuer: Line
    needed: Text | None = None
    accepted: Text | None = None
    picture: DocumentPicture | None = None
    # The fields of a blank form to print at home; empty if there is none.
    blank: tuple[Line, ...] = ()

    @staticmethod
    def needs_room(field: str) -> bool:
        """Whether people answer this field of a blank form in sentences."""
        return _ASKS_FOR_MORE.search(field) is not None

    @property
    def is_signed_in_a_field(self) -> bool:
        """Whether a field of the blank form is the signature already."""
        return any("签名" in field or "手印" in field for field in self.blank)


class Step(Content):
    """办理步骤: what happens, who does it, and how long it takes, in words."""

    what: Text
    who: Line
    takes: Line


class UrgentHandling(Content):
    """急事急办: the grounds on which the item is done in `URGENT_WORKING_DAYS`."""

    ground: Text


class Fee(Content):
    """收费: yuan, 0 if free, and the rule that sets the fee."""

    yuan: Annotated[Decimal, Words(N_("Please enter a number, such as 15 or 12.50."))] = Field(
        ge=0, max_digits=8, decimal_places=2
    )
    note: Text | None = None
    basis: Text


class Proxy(Content):
    """代办: who may act for the person, and with what."""

    who: Text
    bring: tuple[Line, ...] = Field(min_length=1)


class Online(Content):
    """网上办: the site or app where the item can be done, and what to look for there.

    `address` is on the web, or a path below the community's home; an app alone has none.
    """

    name: Line
    address: (
        Annotated[
            str,
            StringConstraints(
                pattern=r"^(https://[a-z0-9][^\s<>\"]*|/[a-z][a-z/-]*)$", max_length=300
            ),
            Words(N_("Please enter a web address that begins with https://.")),
        ]
        | None
    ) = None
    how: Text | None = None

    def address_in(self, community: str) -> str | None:
        """The address for residents of the community with this slug."""
        if self.address is None or not self.address.startswith("/"):
            return self.address
        return f"/c/{community}{self.address}"


class LegalBasis(Content):
    """办理依据."""

    title: Line
    number: Line | None = None
    article: Line | None = None


class Result(Content):
    """办理结果: what the person receives, and how."""

    what: Line
    how: Text


class Question(Content):
    """常见问题."""

    question: Line
    answer: Text


class Assurance(Content):
    """What was checked, when, and by which post (a role, never a private person)."""

    date: Day
    by: Line


# A guide is written, published, compared and restored as a whole, so it is one validated document
# in a JSON column.
# Not taken: a dozen tables that are only ever read together.
class ServiceGuide(Content):
    """办事指南: everything a person must know to get a service item done.

    Limits are working days counted from the day after acceptance; 0 means on the spot. `visits` is
    how often the person must come; 0 means not at all.
    """

    name: Line
    code: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Z0-9-]{3,20}$"),
        Words(N_("Please use capital letters, digits and hyphens.")),
    ]
    version: Line
    everyday_names: tuple[Line, ...] = Field(min_length=1)
    search_words: tuple[Line, ...] = Field(min_length=3)
    summary: Annotated[str, StringConstraints(min_length=6, max_length=60)]
    audience: Text
    conditions: tuple[Text, ...] = Field(min_length=1)
    # 这事适合我吗, a row an answer; empty for an item of which a few answers say too little.
    fit: tuple[FitAnswer, ...] = Field(default=(), max_length=MOST_ROWS)
    documents: tuple[RequiredDocument, ...] = Field(min_length=1)
    steps: tuple[Step, ...] = Field(min_length=1)
    statutory_days: int = Field(ge=0, le=365)
    promised_days: int = Field(ge=0, le=365)
    urgent: UrgentHandling | None = None
    fee: Fee
    visits: int = Field(ge=0, le=9)
    where: Text
    online: Online | None = None
    proxy: Proxy | None = None
    enquiry_phone: Phone
    complaint_phone: Phone
    legal_basis: tuple[LegalBasis, ...] = Field(min_length=1)
    result: Result
    questions: tuple[Question, ...] = Field(min_length=1)
    related: tuple[Slug, ...] = ()
    life_events: tuple[LifeEvent, ...] = ()
    assured: Assurance
