"""Every table, in one place, so that nothing that looks at the whole schema can miss one."""

from domain import calendar, revision
from domain.base import Base
from domain.handbook import tables as handbook
from domain.places import tables as places

__all__ = ["calendar", "handbook", "metadata", "places", "revision"]

metadata = Base.metadata
