"""The version of a hall's queue: one number, raised in every transaction that changes its rows.

A process that keeps a snapshot of the hall reads this row first, and the rest only if it rose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base
from domain.store import INSERTS, dialect_of, execute_core

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Executable
    from sqlalchemy.ext.asyncio import AsyncSession


# Not a column of the day: rules and seats change while a hall has no day. No foreign key: a number
# of a hall that is gone does no harm.
class HallVersion(Base):
    """How often the queue of a hall has changed; no row before its first change."""

    __tablename__ = "hall_version"

    hall_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


def _raising(insert: Callable[[Any], Any]) -> Executable:
    added: Any = insert(HallVersion).values(number=1)
    raised: Executable = added.on_conflict_do_update(
        index_elements=[HallVersion.hall_id], set_={"number": HallVersion.number + 1}
    )
    return raised


_RAISED = {name: _raising(insert) for name, insert in INSERTS.items()}
_NUMBER = select(HallVersion.number).where(HallVersion.hall_id == bindparam("hall_id"))


async def raise_version(session: AsyncSession, hall_id: int) -> None:
    """Raise a hall's version in this unit of work."""
    await execute_core(session, _RAISED[dialect_of(session)], {"hall_id": hall_id})


async def version_of(session: AsyncSession, hall_id: int) -> int:
    """A hall's version; 0 before its first change."""
    return await session.scalar(_NUMBER, {"hall_id": hall_id}) or 0


async def versions_of(session: AsyncSession, halls: Iterable[int]) -> dict[int, int]:
    """The versions of these halls, without those that never changed."""
    rows = await session.execute(select(HallVersion).where(HallVersion.hall_id.in_(list(halls))))
    return {version.hall_id: version.number for (version,) in rows}
