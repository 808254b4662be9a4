"""Who acts, and what they may do where. Whatever someone may not do, they may not even see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.staff.tables import Role

if TYPE_CHECKING:
    from domain.places.tables import Community

EDITING = frozenset({Role.EDITOR, Role.ADMINISTRATOR})
MANAGING = frozenset({Role.ADMINISTRATOR})
SERVING = frozenset({Role.CLERK, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Grant:
    """One role at one place; neither id means the whole district."""

    role: Role
    subdistrict_id: int | None = None
    community_id: int | None = None

    @property
    def is_district_wide(self) -> bool:
        """Whether it holds everywhere."""
        return self.subdistrict_id is None and self.community_id is None

    def covers(self, community: Community) -> bool:
        """Whether it holds in this community."""
        if self.is_district_wide:
            return True
        return community.id == self.community_id or community.subdistrict_id == self.subdistrict_id

    def covers_grant(self, other: Grant, subdistrict_of: dict[int, int]) -> bool:
        """Whether this place holds the other's place; `subdistrict_of` is by community id."""
        if self.is_district_wide:
            return True
        if other.is_district_wide:
            return False
        if self.community_id is not None:
            return self.community_id == other.community_id
        if other.community_id is not None:
            return subdistrict_of.get(other.community_id) == self.subdistrict_id
        return self.subdistrict_id == other.subdistrict_id


@dataclass(frozen=True)
class Actor:
    """Who acts: a person in one of their sessions, or the command line when both ids are None."""

    staff_id: int | None = None
    session_id: int | None = None
    name: str = "command line"
    full_name: str = ""
    grants: tuple[Grant, ...] = field(default=())

    def may(self, roles: frozenset[Role], community: Community) -> bool:
        """Whether one of these roles is theirs in this community."""
        return any(each.role in roles and each.covers(community) for each in self.grants)

    def may_everywhere(self, roles: frozenset[Role]) -> bool:
        """Whether one of these roles is theirs in the whole district."""
        return any(each.role in roles and each.is_district_wide for each in self.grants)

    def has(self, roles: frozenset[Role]) -> bool:
        """Whether one of these roles is theirs anywhere."""
        return any(each.role in roles for each in self.grants)

    @property
    def manages(self) -> bool:
        """Whether they manage people anywhere."""
        return self.has(MANAGING)

    @property
    def manages_district(self) -> bool:
        """Whether they manage the whole district."""
        return self.may_everywhere(MANAGING)

    @property
    def edits(self) -> bool:
        """Whether they keep what a community publishes, and its hall's devices, anywhere."""
        return self.has(EDITING)

    @property
    def serves(self) -> bool:
        """Whether they serve at a counter anywhere."""
        return self.has(SERVING)

    @property
    def edits_district(self) -> bool:
        """Whether they keep the whole handbook true."""
        return self.may_everywhere(EDITING)

    def may_grant(self, wanted: Grant, subdistrict_of: dict[int, int]) -> bool:
        """Whether they may give this grant: administrators, at or below their place."""
        return any(
            each.role in MANAGING and each.covers_grant(wanted, subdistrict_of)
            for each in self.grants
        )


COMMAND_LINE = Actor()
