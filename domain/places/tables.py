"""The places of one urban district, from the district down to a building."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import Base, Document, unchecked
from domain.contacts.tables import ContactPost
from domain.places.content import (
    AT_ANY_HOUR,
    BrandContent,
    Datum,
    Electorate,
    Ended,
    EndedDoors,
    FacilityKind,
    FirstSecretaryContent,
    HallHours,
    OwnContent,
    PartnerKind,
    Position,
    Settlement,
    StepFree,
    Zone,
)


class Positioned:
    """A place with coordinates: degrees, in the datum beside them."""

    latitude: Mapped[float]
    longitude: Mapped[float]
    datum: Mapped[Datum]

    @property
    def at(self) -> Position:
        return Position(latitude=self.latitude, longitude=self.longitude, datum=self.datum)


class District(Base):
    """区: the one district that a deployment serves."""

    __tablename__ = "district"
    __table_args__ = (CheckConstraint("id = 1", name="only_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    slug: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    city: Mapped[str] = mapped_column(String(80))
    hotline: Mapped[str] = mapped_column(String(20))
    is_sample: Mapped[bool]
    subdistricts: Mapped[list[Subdistrict]] = relationship(
        order_by="Subdistrict.rank", lazy="raise", cascade="all, delete-orphan"
    )


class Subdistrict(Base):
    """街道."""

    __tablename__ = "subdistrict"

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"))
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    rank: Mapped[int]
    communities: Mapped[list[Community]] = relationship(
        order_by="Community.rank",
        lazy="raise",
        back_populates="subdistrict",
        cascade="all, delete-orphan",
    )


class Community(Base):
    """社区. A column is None until the office has written it."""

    __tablename__ = "community"

    id: Mapped[int] = mapped_column(primary_key=True)
    subdistrict_id: Mapped[int] = mapped_column(ForeignKey("subdistrict.id"), index=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    rank: Mapped[int]
    introduction: Mapped[str | None]
    brand: Mapped[BrandContent | None] = mapped_column(Document(BrandContent))
    first_secretary: Mapped[FirstSecretaryContent | None] = mapped_column(
        Document(FirstSecretaryContent)
    )
    settlement: Mapped[Settlement] = mapped_column(
        unchecked(Settlement),
        default=Settlement.OLD_TOWN,
        server_default=Settlement.OLD_TOWN.value,
    )
    electorate: Mapped[Electorate | None] = mapped_column(Document(Electorate))
    # None while it is one. Its row stays for what happened there, and for codes on paper.
    ended: Mapped[EndedDoors | None] = mapped_column(Document(EndedDoors), sort_order=1)

    subdistrict: Mapped[Subdistrict] = relationship(lazy="raise", back_populates="communities")
    hall: Mapped[Hall] = relationship(lazy="raise", cascade="all, delete-orphan")
    # With those that ended: their codes are printed on paper.
    compounds_ever: Mapped[list[Compound]] = relationship(
        order_by="Compound.rank", lazy="raise", cascade="all, delete-orphan"
    )
    facilities: Mapped[list[Facility]] = relationship(
        order_by="Facility.rank", lazy="raise", cascade="all, delete-orphan"
    )
    people: Mapped[list[PersonInCharge]] = relationship(
        order_by="PersonInCharge.rank", lazy="raise", cascade="all, delete-orphan"
    )
    partners: Mapped[list[PartnerOrganization]] = relationship(
        order_by="PartnerOrganization.rank", lazy="raise", cascade="all, delete-orphan"
    )
    notes: Mapped[list[CommunityNote]] = relationship(lazy="raise", cascade="all, delete-orphan")
    # Those that people can turn to. A post that ended keeps its row for the codes on paper.
    posts: Mapped[list[ContactPost]] = relationship(
        primaryjoin=lambda: (
            (ContactPost.community_id == Community.id) & ContactPost.ended_at.is_(None)
        ),
        order_by=ContactPost.rank,
        lazy="raise",
        viewonly=True,
    )

    @property
    def compounds(self) -> list[Compound]:
        """The compounds in use, each with its buildings in use."""
        return [each for each in self.compounds_ever if each.ended is None]

    def compound_with(self, building: str | None) -> Compound | None:
        """The compound of the building with this slug, or of its successor; None if none has it."""
        slug = self.building_now(building)
        return next(
            (each for each in self.compounds if slug in {one.slug for one in each.buildings}),
            None,
        )

    def building_now(self, slug: str | None) -> str | None:
        """The building that this one is today: itself or its successor; None for neither.

        A phone remembers the building whose code it scanned years ago.
        """
        if slug in self.moved_buildings:
            return self.moved_buildings[slug]
        is_here = any(slug == one.slug for each in self.compounds for one in each.buildings)
        return slug if is_here else None

    @property
    def moved_buildings(self) -> dict[str | None, str]:
        """The slugs of ended buildings, each with the slug of the building that followed it."""
        kind = "buildings/"
        return {
            building.slug: ended.successor.removeprefix(kind)
            for compound in self.compounds_ever
            for building in compound.buildings_ever
            if (ended := building.ended or compound.ended)
            and ended.successor
            and ended.successor.startswith(kind)
        }


SHORTEST_PLACE = 2
"""Characters of a word that names a place; a shorter one is a number."""


def name_with_compound(compound: str, building: str) -> str:
    """A building with its compound, none of which is said twice.

    北院 1 号楼 of 堤口北院 is 堤口北院 1 号楼, and 锦禾苑 1 号楼 of 锦禾苑 is called that already.
    """
    first, _, rest = building.partition(" ")
    if building.startswith(compound):
        return building
    if len(first) >= SHORTEST_PLACE and rest and compound.endswith(first):
        return f"{compound} {rest}"
    return f"{compound} {building}"


class Compound(Positioned, Base):
    """小区."""

    __tablename__ = "compound"
    __table_args__ = (
        UniqueConstraint("community_id", "slug"),
        # What the building's foreign key points to: it keeps a building in one community.
        UniqueConstraint("id", "community_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    slug: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(80))
    rank: Mapped[int]
    # None while it is in use. A compound that ended takes its buildings with it.
    ended: Mapped[Ended | None] = mapped_column(Document(Ended), sort_order=1)
    buildings_ever: Mapped[list[Building]] = relationship(
        order_by="Building.rank", lazy="raise", cascade="all, delete-orphan"
    )

    @property
    def buildings(self) -> list[Building]:
        """The buildings in use."""
        return [each for each in self.buildings_ever if each.ended is None]

    def name_of(self, building: Building) -> str:
        """What a building of it is called where its compound is not said beside it."""
        return name_with_compound(self.name, building.name)


class Building(Base):
    """楼栋. Its slug is unique in its community, because the code on its door contains it."""

    __tablename__ = "building"
    __table_args__ = (
        UniqueConstraint("community_id", "slug"),
        ForeignKeyConstraint(
            ["compound_id", "community_id"], ["compound.id", "compound.community_id"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    compound_id: Mapped[int] = mapped_column(index=True)
    community_id: Mapped[int]
    slug: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    rank: Mapped[int]
    # None while it is in use, unless its compound ended.
    ended: Mapped[Ended | None] = mapped_column(Document(Ended), sort_order=1)


class Hall(Base):
    """服务大厅: one per community."""

    __tablename__ = "hall"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(20))
    step_free: Mapped[str]
    hours: Mapped[HallHours] = mapped_column(Document(HallHours))
    zones: Mapped[tuple[Zone, ...]] = mapped_column(Document(tuple[Zone, ...]))
    # All three or none: None until the office has entered where it is.
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    datum: Mapped[Datum | None]
    # 练习: simulated people practise here (`domain.queue.rehearsal`).
    is_rehearsing: Mapped[bool] = mapped_column(default=False, server_default=false(), sort_order=1)
    access: Mapped[StepFree] = mapped_column(
        unchecked(StepFree),
        default=StepFree.UNKNOWN,
        server_default=StepFree.UNKNOWN.value,
        sort_order=2,
    )
    counters: Mapped[list[Counter]] = relationship(
        order_by="Counter.number", lazy="raise", cascade="all, delete-orphan"
    )

    @property
    def position(self) -> Position | None:
        """Where it is; None until the office has entered it."""
        if self.latitude is None or self.longitude is None or self.datum is None:
            return None
        return Position(latitude=self.latitude, longitude=self.longitude, datum=self.datum)

    @property
    def hours_now(self) -> HallHours:
        """The hours that count: the office's own, or any hour during a rehearsal."""
        return AT_ANY_HOUR if self.is_rehearsing else self.hours

    @property
    def letters(self) -> set[str]:
        """The letters of the categories that its counters serve."""
        return {letter for counter in self.counters for letter in counter.categories}


class Counter(Base):
    """窗口: a numbered counter of a hall, and the letters of the categories it serves."""

    __tablename__ = "counter"
    __table_args__ = (UniqueConstraint("hall_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    categories: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]))


class Facility(Positioned, Base):
    """便民设施."""

    __tablename__ = "facility"
    __table_args__ = (UniqueConstraint("community_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    slug: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[FacilityKind]
    address: Mapped[str] = mapped_column(String(80))
    hours: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str | None] = mapped_column(String(20))
    step_free: Mapped[StepFree]
    step_free_note: Mapped[str | None] = mapped_column(String(80))
    about: Mapped[str | None]
    # None in rows from before there were any.
    search_words: Mapped[tuple[str, ...] | None] = mapped_column(
        Document(tuple[str, ...]), sort_order=1
    )
    rank: Mapped[int]


class PersonInCharge(Base):
    """负责人: a post, its holder, its duties and an office number. Never a private number."""

    __tablename__ = "person_in_charge"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    post: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(80))
    answers_for: Mapped[str]
    phone: Mapped[str] = mapped_column(String(20))
    deputy: Mapped[str] = mapped_column(String(80))
    categories: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]))
    rank: Mapped[int]


class PartnerOrganization(Base):
    """共建单位 ("N 位一体")."""

    __tablename__ = "partner_organization"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    kind: Mapped[PartnerKind]
    name: Mapped[str] = mapped_column(String(80))
    answers_for: Mapped[str]
    phone: Mapped[str] = mapped_column(String(20))
    rank: Mapped[int]


class CommunityNote(Base):
    """社区补充: what a community adds to a service item of the district."""

    __tablename__ = "community_note"
    __table_args__ = (UniqueConstraint("community_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("service_item.id"), index=True)
    own: Mapped[OwnContent] = mapped_column(Document(OwnContent))
    # The version of the district's text that this addition was written against.
    item_version: Mapped[int] = mapped_column(default=1)
