"""工作人员: accounts, roles bound to places, sessions, invitations, and failures to sign in.

Keys of sessions and invitations are stored as hashes: reading the database lets nobody
sign in.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import Base, Document

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.engine.default import DefaultExecutionContext

    from domain.places.tables import Community


class Role(StrEnum):
    """岗位. A person can hold several, each at a place and for all below it."""

    ADMINISTRATOR = "administrator"
    EDITOR = "editor"
    CLERK = "clerk"
    PARTY_MEMBER = "party-member"
    # 居务监督委员会: looks at what is to be published, and writes nothing of it.
    SUPERVISOR = "supervisor"


class StaffMember(Base):
    """工作人员. Never deleted: what someone did stays theirs; `ended_at` ends their acting."""

    __tablename__ = "staff_member"
    __table_args__ = (
        CheckConstraint("name = lower(name)", name="lower_case_name"),
        CheckConstraint("name <> ''", name="named"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # What they sign in with: lower case letters, digits, dots and hyphens.
    name: Mapped[str] = mapped_column(String(40), unique=True)
    full_name: Mapped[str] = mapped_column(String(80))
    # An Argon2id hash with its parameters.
    password: Mapped[str] = mapped_column(String(200))
    # Sealed (`domain.staff.sealing`).
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    # The last time step a code was accepted for: a code works once (RFC 6238, 5.2).
    totp_last_step: Mapped[int | None]
    must_have_second_factor: Mapped[bool] = mapped_column(default=False)
    # Hashes of the recovery codes that are left.
    recovery_codes: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]), default=())
    created_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    roles: Mapped[list[StaffRole]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="StaffRole.id"
    )


def _place_in_a_word(context: DefaultExecutionContext) -> str:
    """The place of a role: `district`, `s:3` or `c:17`."""
    given = context.get_current_parameters()  # type: ignore[no-untyped-call]
    if given.get("community_id") is not None:
        return f"c:{given['community_id']}"
    subdistrict = given.get("subdistrict_id")
    return "district" if subdistrict is None else f"s:{subdistrict}"


class StaffRole(Base):
    """岗位和地方: one role at one place: the district, a subdistrict, or a community."""

    __tablename__ = "staff_role"
    __table_args__ = (
        CheckConstraint(
            "subdistrict_id IS NULL OR community_id IS NULL", name="at_most_one_place_below"
        ),
        # Over a word, because a database takes two NULLs for different.
        UniqueConstraint("staff_id", "role", "place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    role: Mapped[Role]
    subdistrict_id: Mapped[int | None] = mapped_column(ForeignKey("subdistrict.id"))
    # Neither is set for a role at the district.
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    place: Mapped[str] = mapped_column(String(20), default=_place_in_a_word)

    @classmethod
    def is_above(cls, community: Community) -> ColumnElement[bool]:
        """Whether a role is held above this community: in its subdistrict, or everywhere."""
        return cls.place.in_(["district", f"s:{community.subdistrict_id}"])

    @classmethod
    def covers(cls, community: Community) -> ColumnElement[bool]:
        """Whether a role is held in this community or above it, as `Grant.covers` says of one."""
        return or_(cls.community_id == community.id, cls.is_above(community))


class StaffSession(Base):
    """登录: one device on which a person is signed in."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    # What the browser says it is, in words a person recognises.
    device: Mapped[str] = mapped_column(String(80))
    # False between the password and the second factor: such a session opens nothing else.
    is_confirmed: Mapped[bool] = mapped_column(default=True)
    began_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    staff: Mapped[StaffMember] = relationship(lazy="raise")


class Invitation(Base):
    """邀请: a one-time link with which someone becomes staff, or sets a new password."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    # Whose new password is set; None for someone who is not here yet.
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    full_name: Mapped[str] = mapped_column(String(80))
    role: Mapped[Role | None]
    subdistrict_id: Mapped[int | None] = mapped_column(ForeignKey("subdistrict.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class SignInFailures(Base):
    """登录失败: how often in a row, for one account name or one address, kept only as a hash."""

    __tablename__ = "sign_in_failures"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[dt.datetime]
    wait_until: Mapped[dt.datetime | None]
