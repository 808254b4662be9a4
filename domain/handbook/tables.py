"""服务手册: the district's service items in their categories."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import Base, Document
from domain.handbook.categories import CategoryEnd
from domain.handbook.elsewhere import MattersElsewhere
from domain.handbook.events import EventSteps
from domain.handbook.guide import ServiceGuide


class Category(Base):
    """服务类别. `letter` starts its queue numbers; `character` is its sign on tiles and posters."""

    __tablename__ = "category"
    __table_args__ = (CheckConstraint("length(letter) = 1", name="one_letter"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter: Mapped[str] = mapped_column(String(1), unique=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    character: Mapped[str] = mapped_column(String(1))
    summary: Mapped[str] = mapped_column(String(200))
    # Its place on pages.
    rank: Mapped[int] = mapped_column(default=0, server_default="0", sort_order=1)
    # None while it is in use. Its row stays for the numbers and addresses that have it.
    ended: Mapped[CategoryEnd | None] = mapped_column(Document(CategoryEnd), sort_order=1)
    items: Mapped[list[ServiceItem]] = relationship(
        order_by="ServiceItem.rank",
        lazy="raise",
        back_populates="category",
        cascade="all, delete-orphan",
    )


class ServiceItem(Base):
    """服务事项: something a resident can get done. Its slug is printed on paper."""

    __tablename__ = "service_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    guide: Mapped[ServiceGuide] = mapped_column(Document(ServiceGuide))
    is_sample: Mapped[bool]
    rank: Mapped[int]
    # What to do instead, once the item is withdrawn. Its address stays, because paper has it.
    withdrawn: Mapped[str | None]
    category: Mapped[Category] = relationship(lazy="raise", back_populates="items")

    @property
    def name(self) -> str:
        """事项名称."""
        return self.guide.name


class LifeEventSteps(Base):
    """人生事件的步骤 of the district, by the event. An event without a row has no order yet."""

    __tablename__ = "life_event_steps"

    # The value of a `LifeEvent`.
    event: Mapped[str] = mapped_column(String(40), primary_key=True)
    plan: Mapped[EventSteps] = mapped_column(Document(EventSteps))


class Elsewhere(Base):
    """不在这里办 of the district: the one row with what is done elsewhere."""

    __tablename__ = "elsewhere"
    __table_args__ = (CheckConstraint("id = 1", name="only_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    list: Mapped[MattersElsewhere] = mapped_column(Document(MattersElsewhere))
