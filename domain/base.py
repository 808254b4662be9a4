"""The base class of every table, and the column types that both databases share.

SQLite drops time zones, and SQLAlchemy stores the names of enumerations instead of their values.
The types here settle both, once, for both databases.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


# SQLite has no time zones. A naive time stored there would come back as another moment on a server
# in another zone, so it is refused when it is written.
class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware moment, stored as UTC. Raises `ValueError` for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"a time without a zone reached the store: {value!r}"
            raise ValueError(msg)
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=dt.UTC)


# Read and written as a class, so that a column that was edited by hand, or by an older version,
# fails where it is read and not somewhere in a template.
class Document(TypeDecorator[T], Generic[T]):
    """A validated document in one JSON column, read and written as its own class."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, shape: type[T] | Any) -> None:
        super().__init__()
        # Under this name it is part of the key under which SQLAlchemy keeps compiled statements.
        self.shape = shape
        self.adapter: TypeAdapter[T] = TypeAdapter(shape)

    def process_bind_param(self, value: T | None, dialect: Dialect) -> Any:
        return None if value is None else self.adapter.dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> T | None:
        """Validate the document again: a column edited by hand is not trusted."""
        return None if value is None else self.adapter.validate_python(value)


def _values(kind: Iterable[enum.Enum]) -> list[str]:
    return [member.value for member in kind]


# SQLite cannot add a constraint to a table that others refer to.
def unchecked(kind: type[enum.StrEnum], length: int = 20) -> Enum:
    """An enumeration, kept by its values, for a column that came after its table."""
    return Enum(kind, native_enum=False, length=length, values_callable=_values)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dt.datetime: UtcDateTime(),
        enum.StrEnum: Enum(
            enum.StrEnum,
            native_enum=False,
            create_constraint=True,
            length=32,
            values_callable=_values,
        ),
    }
