"""设备: what stands in a hall unattended, and the codes with which it is let in.

Keys are stored as hashes: reading the database gives nobody a device's key.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import Base
from domain.places.tables import Hall
from domain.staff.tables import StaffMember

LIVING = text("revoked_at IS NULL")


class DeviceKind(StrEnum):
    """设备种类. The word is also the address that the device opens."""

    SCREEN = "screen"
    KIOSK = "kiosk"
    RATING = "rating"


class Device(Base):
    """设备: one screen, kiosk or rating tablet of a hall. Never deleted: `revoked_at` ends it."""

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("counter IS NULL OR kind = 'rating'", name="only_ratings_at_a_counter"),
        Index(
            "uq_device_living_name",
            "hall_id",
            "name",
            unique=True,
            sqlite_where=LIVING,
            postgresql_where=LIVING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), index=True)
    kind: Mapped[DeviceKind]
    name: Mapped[str] = mapped_column(String(40))
    counter: Mapped[int | None]
    """The number of the counter that a rating tablet stands on."""
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    version: Mapped[str] = mapped_column(String(20), default="")
    """The version of the page it shows, as it said last."""
    paired_at: Mapped[dt.datetime]
    paired_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    seen_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]

    hall: Mapped[Hall] = relationship(lazy="raise")
    confirmed_by: Mapped[StaffMember | None] = relationship(lazy="raise")


class Pairing(Base):
    """配对: a device that asks to be let in, and the code it shows meanwhile."""

    __tablename__ = "pairing"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[DeviceKind]
    code: Mapped[str] = mapped_column(String(6), unique=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Becomes the device's when staff confirm the code."""
    address_hash: Mapped[str] = mapped_column(String(64))
    """Where it asked from, as a hash: only to count."""
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    """Set once it is confirmed; the code opens nothing after that."""

    @property
    def shown_code(self) -> str:
        """The code as people read it: in two halves."""
        return f"{self.code[:3]}-{self.code[3:]}"
