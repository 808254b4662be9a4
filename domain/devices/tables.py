"""设备: the unattended devices of a hall, and the codes that pair them.

Keys are stored as hashes, so a copy of the database does not let anyone pass for a device.
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
    """设备种类. The value is also the path that the device opens."""

    SCREEN = "screen"
    KIOSK = "kiosk"
    RATING = "rating"
    TERMINAL = "terminal"


class Device(Base):
    """设备: a screen, kiosk, tablet or terminal of a hall. Never deleted: `revoked_at` ends it."""

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
    # The counter that a rating tablet belongs to; None for other devices.
    counter: Mapped[int | None]
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    # The version of the page it last reported.
    version: Mapped[str] = mapped_column(String(20), default="")
    paired_at: Mapped[dt.datetime]
    paired_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    seen_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]

    hall: Mapped[Hall] = relationship(lazy="raise")
    confirmed_by: Mapped[StaffMember | None] = relationship(lazy="raise")


class Pairing(Base):
    """配对: a device that waits to be confirmed, and the code it shows."""

    __tablename__ = "pairing"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[DeviceKind]
    code: Mapped[str] = mapped_column(String(6), unique=True)
    # Becomes the key of the device when staff confirm the code.
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    # A hash of the address it asked from, only for counting.
    address_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    # Set when the pairing is confirmed; the code is void from then on.
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))

    @property
    def shown_code(self) -> str:
        """The code in two halves, the way people read it aloud."""
        return f"{self.code[:3]}-{self.code[3:]}"
