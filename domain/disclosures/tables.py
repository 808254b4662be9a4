"""公开的表: disclosures, revisions, steps, files, erasures, and what is asked about them."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Document
from domain.disclosures.catalogue import Carrier, Catalogue, DutyState
from domain.disclosures.content import DisclosureContent, DisclosureKind, FileReport, PersonRow
from domain.disclosures.steps import DisclosureSteps, StepKind
from domain.matters.tables import Outcome
from domain.places.content import Settlement

IS_FOR_ALL = text("community_id IS NULL")
IS_SCHEDULED = text("publish_at IS NOT NULL")
HAS_DRAFT = text("draft IS NOT NULL")
WAITS = text("waits_since IS NOT NULL")


class DisclosureState(StrEnum):
    """公开状态, of what residents see; a correction that is being written changes nothing of it."""

    # Never published yet: staff with a step in it see it, nobody else does.
    UNPUBLISHED = "unpublished"
    PUBLISHED = "published"
    # Title, day and reason stay.
    WITHDRAWN = "withdrawn"


class Disclosure(Base):
    """公开: something that a community or a subdistrict published, or is about to.

    What lists show stands here as it was last published, so that a district with 250,000 of them
    never opens their documents for a list.
    """

    __tablename__ = "disclosure"
    __table_args__ = (
        CheckConstraint("(state = 'unpublished') = (number = 0)", name="published_once"),
        CheckConstraint("(published_at IS NULL) = (number = 0)", name="published_at"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
        CheckConstraint("publish_at IS NULL OR draft IS NOT NULL", name="scheduled_has_draft"),
        Index("ix_disclosure_community", "community_id", "published_at", "id"),
        Index(
            "ix_disclosure_subdistrict",
            "subdistrict_id",
            "published_at",
            "id",
            sqlite_where=IS_FOR_ALL,
            postgresql_where=IS_FOR_ALL,
        ),
        # For feeds: what changed last comes first.
        Index("ix_disclosure_changed", "community_id", "updated_at", "id"),
        Index(
            "ix_disclosure_changed_for_all",
            "subdistrict_id",
            "updated_at",
            "id",
            sqlite_where=IS_FOR_ALL,
            postgresql_where=IS_FOR_ALL,
        ),
        Index("ix_disclosure_item", "community_id", "item", "period"),
        Index("ix_disclosure_subdistrict_item", "subdistrict_id", "item", "period"),
        Index(
            "ix_disclosure_publish_at",
            "publish_at",
            sqlite_where=IS_SCHEDULED,
            postgresql_where=IS_SCHEDULED,
        ),
        # The office's lists: some hundred of a district's 254,000 are being written.
        Index(
            "ix_disclosure_draft",
            "subdistrict_id",
            "community_id",
            "id",
            sqlite_where=HAS_DRAFT,
            postgresql_where=HAS_DRAFT,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # In feeds, for ever: addresses and titles may change.
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    # Of the form that began it, so that a form sent twice is one disclosure.
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    subdistrict_id: Mapped[int] = mapped_column(ForeignKey("subdistrict.id"))
    # None for what a subdistrict published for all its communities.
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[DisclosureKind]
    state: Mapped[DisclosureState] = mapped_column(default=DisclosureState.UNPUBLISHED)
    # The person whose duty it is; reminders go there.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"), index=True)

    # As last published.
    number: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(80), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    item: Mapped[str | None] = mapped_column(String(40))
    period: Mapped[str | None] = mapped_column(String(7))
    # When it was first published, and when its meaning last changed.
    published_at: Mapped[dt.datetime | None]
    updated_at: Mapped[dt.datetime | None]
    # The last day on which it was in time, as it was counted when it was published: a holiday
    # notice that changes afterwards moves only what is still owed. None for what nobody owed.
    due_on: Mapped[dt.date | None]
    # Plain words of everything shown, for search; empty for what is for some.
    words: Mapped[str] = mapped_column(Text, default="", deferred=True)
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_why: Mapped[str] = mapped_column(String(200), default="")

    # What is being written, as it was typed; None while nothing is.
    draft: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True, deferred=True)
    # Raised by each change of the draft, so that the second of two editors is told.
    draft_number: Mapped[int] = mapped_column(default=0)
    # Why a correction is written, for the revision.
    draft_reason: Mapped[str] = mapped_column(String(200), default="")
    # Whether the correction is one of spelling, of which nobody is told.
    draft_is_spelling: Mapped[bool] = mapped_column(default=False)
    draft_saved_at: Mapped[dt.datetime | None]
    draft_saved_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    # Why the schedule did not publish it: a word for its owner; empty for no trouble.
    draft_trouble: Mapped[str] = mapped_column(String(20), default="")
    # What looks like personal data and is none, by the fingerprint of the place: why, as said.
    confirmed: Mapped[dict[str, str]] = mapped_column(
        Document(dict[str, str]), default=dict, deferred=True
    )
    # Steps that the draft has taken; all of them let it be published.
    steps_taken: Mapped[int] = mapped_column(default=0)
    publish_at: Mapped[dt.datetime | None]

    @property
    def is_shown(self) -> bool:
        """Whether residents see it, whole or withdrawn."""
        return self.state is not DisclosureState.UNPUBLISHED


class DisclosureRevision(Base):
    """修订: one publication. Chained, and never changed except by erasing.

    The rows with persons are a part of their own: they end, the rest stays.
    """

    __tablename__ = "disclosure_revision"
    __table_args__ = (
        UniqueConstraint("disclosure_id", "number"),
        UniqueConstraint("chain", "link"),
        CheckConstraint("(document IS NULL) = (salt IS NULL)", name="erased_with_its_salt"),
        CheckConstraint("(persons IS NULL) = (persons_salt IS NULL)", name="persons_with_salt"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"))
    number: Mapped[int]
    # The place whose chain it is a link of (`c/liujiazhuang`, `s/gongren-xincun-bei`), and which.
    chain: Mapped[str] = mapped_column(String(42))
    link: Mapped[int]
    # Without its persons; None once it is erased.
    document: Mapped[DisclosureContent | None] = mapped_column(Document(DisclosureContent))
    salt: Mapped[str | None] = mapped_column(String(32))
    content_hash: Mapped[str] = mapped_column(String(64))
    persons: Mapped[tuple[PersonRow, ...] | None] = mapped_column(Document(tuple[PersonRow, ...]))
    persons_salt: Mapped[str | None] = mapped_column(String(32))
    persons_hash: Mapped[str] = mapped_column(String(64))
    # After this day the persons are not shown, and soon erased; None without persons.
    persons_until: Mapped[dt.date | None] = mapped_column(index=True)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[dt.datetime]
    # None where the schedule published.
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")
    changes_meaning: Mapped[bool] = mapped_column(default=True)
    erased_at: Mapped[dt.datetime | None]


class DisclosureFile(Base):
    """附件的内容. Uploaded for a draft; served once a published revision names it."""

    __tablename__ = "disclosure_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"), index=True)
    token: Mapped[str] = mapped_column(String(48), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    # None once it is erased.
    data: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    # What was found in it when it was sent; None once it is erased.
    report: Mapped[FileReport | None] = mapped_column(Document(FileReport), deferred=True)


class DisclosureStep(Base):
    """程序的一步, as it was taken. Append-only; those of a rejected draft stay, for the record."""

    __tablename__ = "disclosure_step"
    __table_args__ = (Index("ix_disclosure_step_disclosure_id", "disclosure_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"))
    # The revision that it leads to.
    number: Mapped[int]
    kind: Mapped[StepKind]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    at: Mapped[dt.datetime]
    opinion: Mapped[str] = mapped_column(String(500), default="")
    # False sends the draft back to who proposed it; the steps begin again.
    is_passed: Mapped[bool] = mapped_column(default=True)
    # Whether the step counts for the draft as it is now; a change of the draft takes that away.
    holds: Mapped[bool] = mapped_column(default=True)


class DisclosureErasure(Base):
    """删除记录: what was erased, who did it, why, and until when backups still hold it."""

    __tablename__ = "disclosure_erasure"

    id: Mapped[int] = mapped_column(primary_key=True)
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"), index=True)
    # The numbers of the revisions, and how many files.
    numbers: Mapped[tuple[int, ...]] = mapped_column(Document(tuple[int, ...]))
    files: Mapped[int]
    at: Mapped[dt.datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    why: Mapped[str] = mapped_column(String(200))
    # The last day on which a backup that was made before may still exist.
    backups_until: Mapped[dt.date]


class DisclosureSettings(Base):
    """公开设置 of the district: the one row with its steps."""

    __tablename__ = "disclosure_settings"
    __table_args__ = (CheckConstraint("id = 1", name="only_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    steps: Mapped[DisclosureSteps] = mapped_column(Document(DisclosureSteps))


class InquiryKind(StrEnum):
    """质询种类: four, each with its own rule."""

    QUESTION = "question"
    # Within the 公示期.
    OBJECTION = "objection"
    # 依申请公开: to the subdistrict only.
    APPLICATION = "application"
    # Said in the room on an inquiry day; a clerk writes it down.
    ON_SITE = "on-site"


class InquiryState(StrEnum):
    """Whether the public sees an inquiry."""

    WAITING = "waiting"
    PUBLIC = "public"
    # Not shown, with a reason; the original stays for the record.
    HELD_BACK = "held-back"


class Inquiry(Base):
    """质询: what is asked about a disclosure. The conversation is a matter; this is public."""

    __tablename__ = "inquiry"
    __table_args__ = (
        Index("ix_inquiry_disclosure", "disclosure_id", "state"),
        Index("ix_inquiry_community", "community_id", "answered_at", "matter_id"),
        Index(
            "ix_inquiry_waits_since",
            "community_id",
            "waits_since",
            sqlite_where=WAITS,
            postgresql_where=WAITS,
        ),
        CheckConstraint("state <> 'waiting' OR waits_since IS NOT NULL", name="waits"),
        CheckConstraint("reviewed_by IS NULL OR reviewed_by <> moderated_by", name="reviewer"),
    )

    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    disclosure_id: Mapped[int | None] = mapped_column(ForeignKey("disclosure.id"))
    # The line of the ledger it is pinned to, and its purpose as it was when it was asked about.
    line: Mapped[str | None] = mapped_column(String(12))
    line_words: Mapped[str] = mapped_column(String(80), default="")
    kind: Mapped[InquiryKind]
    asked_at: Mapped[dt.datetime]
    # Who wrote it down in the room; None for what a resident sent.
    written_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    state: Mapped[InquiryState] = mapped_column(default=InquiryState.WAITING)
    # Since when it waits for a moderator, or for a reviewer once it is disputed; None for nobody.
    waits_since: Mapped[dt.datetime | None]
    # What the public reads; empty while it waits, and once it is erased.
    public_words: Mapped[str] = mapped_column(Text, default="")
    # What the asker wants to be called in public; empty for nameless.
    asker: Mapped[str] = mapped_column(String(20), default="")
    # Why it is held back, or why its words are others than the asker's. The asker reads it.
    moderated_why: Mapped[str] = mapped_column(String(200), default="")
    moderated_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    moderated_at: Mapped[dt.datetime | None]
    # When the asker objected to what the moderator decided.
    disputed_at: Mapped[dt.datetime | None]
    # Who decided about that: never who moderated it.
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    reviewed_at: Mapped[dt.datetime | None]
    reviewed_why: Mapped[str] = mapped_column(String(200), default="")
    # 补正: the last day on which the asker can correct an application; None when none was asked.
    correct_by: Mapped[dt.date | None]
    corrected_at: Mapped[dt.datetime | None]
    # When it was answered first.
    answered_at: Mapped[dt.datetime | None]
    # Whether the asker said that the newest answer answered it; None until they say.
    is_answered: Mapped[bool | None]
    # When the asker had it opened again, which is possible once.
    reopened_at: Mapped[dt.datetime | None]


class InquiryAnswer(Base):
    """答复, as the public reads it. It stays when the conversation is erased."""

    __tablename__ = "inquiry_answer"
    __table_args__ = (
        Index(
            "ix_inquiry_answer_waits_since",
            "waits_since",
            sqlite_where=WAITS,
            postgresql_where=WAITS,
        ),
    )

    entry_id: Mapped[int] = mapped_column(ForeignKey("matter_entry.id"), primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("inquiry.matter_id"), index=True)
    at: Mapped[dt.datetime]
    outcome: Mapped[Outcome]
    # By when it was owed; None where no answer was.
    owed_by: Mapped[dt.date | None]
    # Empty while it waits, and once it is erased.
    public_words: Mapped[str] = mapped_column(Text, default="")
    # Since when it waits for a moderator, because personal data may be in it; None for nobody.
    waits_since: Mapped[dt.datetime | None]
    moderated_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    moderated_at: Mapped[dt.datetime | None]


class InquirySupporter(Base):
    """我也想知道: a device whose owner wants to know it too. It is told of the answer."""

    __tablename__ = "inquiry_supporter"

    matter_id: Mapped[int] = mapped_column(ForeignKey("inquiry.matter_id"), primary_key=True)
    # The hash of the device's key.
    device: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[dt.datetime]


class DisclosureCatalogue(Base):
    """公开目录, as it is published now, for one kind of community."""

    __tablename__ = "disclosure_catalogue"

    settlement: Mapped[Settlement] = mapped_column(primary_key=True)
    catalogue: Mapped[Catalogue] = mapped_column(Document(Catalogue))
    # None for what was loaded from files.
    published_at: Mapped[dt.datetime | None]


class DisclosureReminder(Base):
    """公开提醒: that the people responsible were reminded of a duty, at most once in each state."""

    __tablename__ = "disclosure_reminder"

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), primary_key=True)
    # The item of the catalogue, or `wish-12`.
    item: Mapped[str] = mapped_column(String(40), primary_key=True)
    # Empty for a wish.
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    state: Mapped[DutyState] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]


class CatalogueWish(Base):
    """申请增加公开事项: what residents ask to have published, with those who support it.

    `title` and `why` are what was asked, kept for the record. The public reads the office's copy of
    it, from which personal data is taken out.
    """

    __tablename__ = "catalogue_wish"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[dt.datetime]
    # How many residents, or how many of their representatives, must support it, and where the rule
    # stands; None until the office has entered how many there are.
    threshold: Mapped[int | None]
    representatives_threshold: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(80), default="")
    # Supporters on paper, entered by the office with where the list is.
    on_paper: Mapped[int] = mapped_column(default=0)
    representatives: Mapped[int] = mapped_column(default=0)
    paper_note: Mapped[str] = mapped_column(String(200), default="")
    # From then on it is owed.
    reached_at: Mapped[dt.datetime | None]
    is_shown: Mapped[bool] = mapped_column(default=False)
    public_title: Mapped[str] = mapped_column(String(80), default="")
    public_why: Mapped[str] = mapped_column(Text, default="")
    # Why it is not shown; empty while it waits, and once it is shown.
    held_back_why: Mapped[str] = mapped_column(String(200), default="")
    moderated_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    moderated_at: Mapped[dt.datetime | None]
    answered: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[dt.datetime | None]


class WishSupporter(Base):
    """附议: a device whose owner supports a wish."""

    __tablename__ = "wish_supporter"

    wish_id: Mapped[int] = mapped_column(ForeignKey("catalogue_wish.id"), primary_key=True)
    device: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[dt.datetime]


class BoardPosting(Base):
    """张贴记录: where a disclosure hung on a board, from when until when, and who hung it."""

    __tablename__ = "board_posting"
    __table_args__ = (
        CheckConstraint("until >= since", name="order"),
        CheckConstraint("taken_down_on >= since", name="taken_down"),
        Index("ix_board_posting_community", "community_id", "taken_down_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Of the form, so that a form sent twice is one posting.
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"), index=True)
    # The board's, which differs from the disclosure's where a subdistrict published it.
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    # The revision that hangs there.
    number: Mapped[int]
    place: Mapped[str] = mapped_column(String(80))
    since: Mapped[dt.date]
    # The last day it is to hang.
    until: Mapped[dt.date]
    # The day it came down; None while it hangs.
    taken_down_on: Mapped[dt.date | None]
    posted_by: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    noted_at: Mapped[dt.datetime]
    # A JPEG, made again by the server; None for none. For staff: it may show what is for some.
    photo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class CarrierNote(Base):
    """发布记录: that a disclosure was also sent to the group chats, or read out at a meeting.

    The page is its own record, and `BoardPosting` is the board's.
    """

    __tablename__ = "carrier_note"
    __table_args__ = (UniqueConstraint("disclosure_id", "community_id", "carrier", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"))
    # Whose residents read or heard it, which differs where a subdistrict published it.
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    carrier: Mapped[Carrier]
    day: Mapped[dt.date]
    noted_by: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    noted_at: Mapped[dt.datetime]


class AffairsDayKind(StrEnum):
    """三日制度: 议政日, 公开日, 质询日."""

    DELIBERATION = "deliberation"
    PUBLICATION = "publication"
    INQUIRY = "inquiry"


class AffairsDay(Base):
    """议政日、公开日、质询日: announced, held, and written down afterwards."""

    __tablename__ = "affairs_day"
    __table_args__ = (
        CheckConstraint("ends_at > begins_at", name="order"),
        Index("ix_affairs_day_community", "community_id", "begins_at"),
        Index("ix_affairs_day_begins_at", "begins_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[AffairsDayKind]
    title: Mapped[str] = mapped_column(String(80))
    begins_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    place: Mapped[str] = mapped_column(String(80))
    # Markdown: what is on the agenda, and what was said.
    agenda: Mapped[str] = mapped_column(Text, default="")
    minutes: Mapped[str] = mapped_column(Text, default="")
    minutes_at: Mapped[dt.datetime | None]
    # 民主评议: how many members of the committee were assessed.
    members_assessed: Mapped[int] = mapped_column(default=0)
    # Raised by each change, for calendars that subscribed.
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[dt.datetime]
    # When those who follow the community were told of this moment; None before.
    told_at: Mapped[dt.datetime | None]
    cancelled_at: Mapped[dt.datetime | None]
    cancelled_why: Mapped[str] = mapped_column(String(200), default="")
