"""联系岗位, as the office writes them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from domain.content import Content, Line, OpeningPeriods, Phone, Slug, Text
from domain.words import CHOOSE, N_, Words

Account = Annotated[str, StringConstraints(max_length=40), Words(CHOOSE)]
Email = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s<>,;\"]{1,64}@[a-zA-Z0-9.-]{1,180}$", max_length=254),
    Words(N_("Please enter an e-mail address, such as office@example.cn.")),
]


class PostKind(StrEnum):
    """联系岗位种类."""

    BUILDING = "building"
    COMMITTEE = "committee"
    POLICE = "police"
    LAWYER = "lawyer"
    MEDIATOR = "mediator"
    PROPERTY = "property"
    OTHER = "other"


class PostContent(Content):
    """联系岗位: what a card belongs to, independent of its holder.

    A printed code leads to the post, so it stays true when people change. `holder` and `substitute`
    are accounts of staff; without them the secretary answers. The hours are those of ordinary
    working days and Saturdays; between two periods is the lunch break.
    """

    slug: Slug
    kind: PostKind
    name: Line
    answers_for: Text
    # Slugs; empty for the whole community.
    buildings: tuple[Slug, ...] = ()
    holder: Account | None = None
    substitute: Account | None = None
    # The office's, never a private number.
    phone: Phone
    email: Email | None = None
    hours: OpeningPeriods = Field(min_length=1)
    saturday: OpeningPeriods = ()
    # Working days within which an answer is promised; the law's bound is five.
    answers_within: int = Field(default=5, ge=1, le=5)
    # Hours of the post after which an unanswered matter goes to the substitute.
    passes_on_after: int = Field(default=8, ge=1, le=40)
    # Open matters that the holder takes on; None for no limit.
    most_open: int | None = Field(default=None, ge=1, le=500)
    pledge: Text | None = None


class ContactPosts(Content):
    """联系岗位, all of a community."""

    posts: tuple[PostContent, ...] = ()
