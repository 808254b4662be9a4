"""What a restored store must be: whole, of a known schema, its log one chain, and with keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from domain.migrating import check_schema, known, migrate, newest, schema_of
from domain.places.tables import District
from domain.staff.journal import verify
from domain.staff.sealing import count_foreign
from domain.staff.tables import StaffMember
from push.keys import FOLDER, KeyRing
from push.tables import Subscription
from web.running.backup import BackupError
from web.running.sealing_key import FILE, read_seal

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store


async def made_ready(store: Store) -> None:
    """Bring what a backup holds to this version's schema, read to its end.

    Raises `BackupError` for what is damaged, of a newer version, or not ours.
    """
    if store.is_sqlite:
        await _read_whole(store)
    schema = await schema_of(store)
    if schema is None:
        raise BackupError("It is no backup of Lianxin: it has no schema.")
    if schema not in known():
        words = f"this one knows {newest()}. Install that version first."
        raise BackupError(f"The backup is of a newer version (schema {schema}); {words}")
    await migrate(store)
    await check_schema(store)


async def _read_whole(store: Store) -> None:
    async with store.read() as session:
        for pragma in ("integrity_check", "foreign_key_check"):
            found = await session.scalar(text(f"PRAGMA {pragma}"))
            if found not in {None, "ok"}:
                raise BackupError(f"The backup is damaged ({pragma}): {found}")


async def findings(store: Store, keys: Path) -> tuple[list[str], str | None]:
    """What a store holds and which keys it lacks, in lines; and what is wrong with its log."""
    async with store.read() as session:
        end, fault = await verify(session)
        district = await session.scalar(select(District.name))
        staff = await _count(session, StaffMember)
        lines = [
            f"The database is whole: {district or 'no district'}, {staff} members of staff,",
            f"{end.entry} entries in the log. It opens with this version.",
            *await _missing_keys(session, keys),
        ]
    wrong = f"Entry {fault.entry} of the staff log {fault.what}." if fault else None
    return lines, wrong


async def _count(session: AsyncSession, table: type) -> int:
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def _missing_keys(session: AsyncSession, keys: Path) -> list[str]:
    """What the folder of the keys lacks so that this store works with it."""
    lines = []
    # Looking must make no key: a folder without any is what has to be told.
    pushing, sealing = keys / FOLDER, keys / FILE
    public = KeyRing(keys).by_public if pushing.is_dir() else ()
    made = await _count(session, Subscription)
    lost = select(func.count()).select_from(Subscription).where(Subscription.key.not_in(public))
    if foreign := await session.scalar(lost) or 0:
        lines.append(
            f"{foreign} of {made} browsers allowed notifications with keys that are not in "
            f"{pushing}: copy that folder, too."
        )
    seal = read_seal(keys) if sealing.exists() else None
    if foreign := await count_foreign(session, seal):
        lines.append(
            f"{foreign} second factors were sealed with another key than {sealing}: copy it, too."
        )
    return lines or [f"The keys in {keys} belong to it."]
