"""Rehearses a restore: opens a backup as the server would, and says whether all of it is there."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import URL, func, select, text

from domain.migrating import check_schema, migrate
from domain.places.tables import District
from domain.staff.journal import verify
from domain.staff.sealing import count_foreign
from domain.staff.tables import StaffMember
from domain.store import Store
from push.keys import FOLDER, KeyRing
from push.tables import Subscription
from web.running.backup import BackupError
from web.running.sealing_key import FILE, read_seal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncSession

    from web.running.settings import Settings

# The first bytes of an archive of `pg_dump --format=custom`.
ARCHIVE = b"PGDMP"


def check_backup(settings: Settings, backup: Path, say: Callable[[str], None]) -> None:
    """Check a backup and the keys that belong to it. Raises `BackupError` for what is not whole."""
    if not backup.is_file():
        raise BackupError(f"There is no file {backup}.")
    with backup.open("rb") as file:
        is_archive = file.read(len(ARCHIVE)) == ARCHIVE
    if is_archive:
        _check_archive(backup, say)
        return
    # On a copy: a backup from an earlier version is migrated, as the server will do, and the
    # backup itself must stay as it is.
    with TemporaryDirectory(prefix="lianxin-restore-", dir=backup.parent) as folder:
        copy = f"{folder}/lianxin.db"
        shutil.copyfile(backup, copy)
        asyncio.run(_check_copy(copy, settings, say))


async def _check_copy(copy: str, settings: Settings, say: Callable[[str], None]) -> None:
    store = Store(URL.create("sqlite+aiosqlite", database=copy))
    await store.open()
    try:
        await _check_store(store, settings, say)
    finally:
        await store.close()


async def _check_store(store: Store, settings: Settings, say: Callable[[str], None]) -> None:
    async with store.read() as session:
        for pragma in ("integrity_check", "foreign_key_check"):
            found = await session.scalar(text(f"PRAGMA {pragma}"))
            if found not in {None, "ok"}:
                raise BackupError(f"The backup is damaged ({pragma}): {found}")
    await migrate(store)
    await check_schema(store)
    async with store.read() as session:
        end, fault = await verify(session)
        if fault is not None:
            raise BackupError(f"Entry {fault.entry} of the staff log {fault.what}.")
        district = await session.scalar(select(District.name))
        staff = await _count(session, StaffMember)
        say(f"The database is whole: {district or 'no district'}, {staff} members of staff,")
        say(f"{end.entry} entries in the log. It opens with this version.")
        for line in await _missing_keys(session, settings):
            say(line)


async def _count(session: AsyncSession, table: type) -> int:
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def _missing_keys(session: AsyncSession, settings: Settings) -> list[str]:
    """What the data folder lacks so that this backup works there."""
    lines = []
    # Looking must make no key: a folder without any is what has to be told.
    pushing, sealing = settings.data / FOLDER, settings.data / FILE
    known = KeyRing(settings.data).by_public if pushing.is_dir() else ()
    made = await _count(session, Subscription)
    lost = select(func.count()).select_from(Subscription).where(Subscription.key.not_in(known))
    if foreign := await session.scalar(lost) or 0:
        lines.append(
            f"{foreign} of {made} browsers allowed notifications with keys that are not in "
            f"{pushing}: copy that folder, too."
        )
    seal = read_seal(settings.data) if sealing.exists() else None
    if foreign := await count_foreign(session, seal):
        lines.append(
            f"{foreign} second factors were sealed with another key than {sealing}: copy it, too."
        )
    return lines or [f"The keys in {settings.data} belong to it."]


# An archive is restored by PostgreSQL's own program into a database that the operator names.
# Not taken: restoring it somewhere, for which this command would need the right to make databases.
def _check_archive(backup: Path, say: Callable[[str], None]) -> None:
    program = shutil.which("pg_restore")
    if program is None:
        raise BackupError("pg_restore is not installed; it comes with PostgreSQL's programs.")
    # Into nothing: it reads and unpacks every table.
    read = subprocess.run(  # noqa: S603
        [program, "--file=/dev/null", str(backup)], capture_output=True, text=True, check=False
    )
    if read.returncode != 0:
        lines = read.stderr.strip().splitlines() or ["unreadable"]
        raise BackupError(f"The archive is damaged: {lines[-1]}")
    say("The archive can be read to its end. Restore it into an empty database and start `serve`")
    say("with LIANXIN_DATABASE set to it to rehearse the rest.")
