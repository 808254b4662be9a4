"""Restore: a backup becomes the store again, or rehearses it. What lives is never replaced."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import URL

from domain.private_files import write_once
from domain.store import Store
from push.keys import FOLDER
from web.running.backup import BackupError, backups_in, ending_of, remove, stoppable
from web.running.restore_check import findings, made_ready
from web.running.restore_postgresql import check_archive, restore_archive
from web.running.sealing_key import FILE
from web.running.server_lock import only_server, sqlite_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from web.running.settings import Settings

    Say = Callable[[str], None]

# How the two kinds begin: an archive of `pg_dump --format=custom`, and a SQLite file.
ARCHIVE, DATABASE = b"PGDMP", b"SQLite format 3\0"
# Hours after which the newest backup of a folder says that no more are made. A nightly timer may
# wait for a machine that was switched off.
STALE = 48
STOPPED = "The restore was stopped; nothing was brought back."


def check(settings: Settings, backup: Path, keys: Path | None, say: Say) -> None:
    """Rehearse a restore, on a copy. Raises `BackupError` for what is not whole.

    `backup` is a file, or a folder for its newest, which may not be old. `keys` is the folder of
    the copied keys; None for those of the data folder.
    """
    backup = _chosen(settings, backup, dt.datetime.now(dt.UTC), say, is_fresh=True)
    # Where the secrets lie: looking at a folder that is not there must not say that all is well.
    if keys is not None and not keys.is_dir():
        raise BackupError(f"There is no folder {keys}.")
    keys = keys or settings.data
    if _is_archive(backup):
        wrong = check_archive(settings.database_url, backup, keys, say)
    else:
        wrong = _check_file(backup, keys, say)
    if wrong:
        raise BackupError(wrong)


def restore(settings: Settings, backup: Path, keys: Path | None, say: Say) -> None:
    """Make a backup the store of these settings, which must have none. Raises `BackupError`.

    `keys` is a folder with `push-keys` and `sealing-key`, which are copied to the data folder.
    """
    backup = _chosen(settings, backup, dt.datetime.now(dt.UTC), say, is_fresh=False)
    database = sqlite_file(settings)
    if _is_archive(backup) != (database is None):
        kinds = ("SQLite", "PostgreSQL")
        is_of, is_set = kinds if database is None else reversed(kinds)
        raise BackupError(f"{backup} is of {is_of}, and the settings name a database of {is_set}.")
    if keys is not None:
        _fit(keys, settings.data)
    try:
        with stoppable(STOPPED), only_server(settings):
            if database is None:
                bring = lambda: _bring_keys(keys, settings.data)  # noqa: E731
                wrong = restore_archive(settings.database_url, backup, settings.data, bring, say)
            else:
                wrong = _restore_file(Path(database), backup, keys, settings.data, say)
    except OSError as error:
        raise BackupError(f"Nothing was brought back: {error}") from error
    say(f"Restored: {settings.shown_database}")
    if wrong:
        say(f"{wrong} Tell this to who audits the log.")


def _chosen(
    settings: Settings, backup: Path, now: dt.datetime, say: Say, *, is_fresh: bool
) -> Path:
    """The file itself, or the newest backup of a folder that is of the kind of the database."""
    if not backup.is_dir():
        if not backup.is_file():
            raise BackupError(f"There is no file {backup}.")
        return backup
    ending = ending_of(settings)
    found = {path: made for path, made in backups_in(backup).items() if path.suffix == ending}
    if not found:
        raise BackupError(f"There is no backup of this database in {backup}: no lianxin-…{ending}.")
    newest, made = list(found.items())[-1]
    hours = int((now - made) / dt.timedelta(hours=1))
    say(f"The newest backup is {newest}.")
    if is_fresh and hours > STALE:
        raise BackupError(f"It is {hours} hours old: backups are not made any more.")
    return newest


def _is_archive(backup: Path) -> bool:
    with backup.open("rb") as file:
        start = file.read(len(DATABASE))
    if start.startswith(ARCHIVE):
        return True
    if start != DATABASE:
        raise BackupError(f"{backup} is no backup: neither a SQLite file nor a PostgreSQL archive.")
    return False


def _check_file(backup: Path, keys: Path, say: Say) -> str | None:
    # On a copy: a backup from an earlier version is migrated, as the server will do, and the
    # backup itself must stay as it is.
    with (
        stoppable("The check was stopped."),
        TemporaryDirectory(prefix="lianxin-restore-", dir=backup.parent) as folder,
    ):
        copy = Path(folder) / "lianxin.db"
        shutil.copyfile(backup, copy)
        return asyncio.run(_opened(copy, keys, say))


async def _opened(copy: Path, keys: Path, say: Say) -> str | None:
    """Open a copy as this version would; what is wrong with its log."""
    store = Store(URL.create("sqlite+aiosqlite", database=str(copy)))
    await store.open()
    try:
        await made_ready(store)
        lines, wrong = await findings(store, keys)
        await store.cut_journal()
    finally:
        await store.close()
    for line in lines:
        say(line)
    return wrong


# Made ready beside its name, and then linked to it: a restore that is stopped half way leaves none,
# and one that appears meanwhile is not replaced.
def _restore_file(
    database: Path, backup: Path, keys: Path | None, data: Path, say: Say
) -> str | None:
    for ending in ("", "-wal", "-shm"):
        # A journal alone is as bad: SQLite would play it into the restored database.
        if (living := Path(f"{database}{ending}")).exists():
            words = "a restore never replaces one. Move it and its -wal and -shm away first."
            raise BackupError(f"There is a database already ({living}); {words}")
    partial = database.with_name(f"{database.name}.restoring")
    remove(partial)
    try:
        shutil.copyfile(backup, partial)
        if keys is not None:
            _bring_keys(keys, data)
        wrong = asyncio.run(_opened(partial, data, say))
        for path in (partial, database.parent):
            _to_disk(path)
        os.link(partial, database)
        _to_disk(database.parent)
    finally:
        with suppress(OSError):
            remove(partial)
    return wrong


def _to_disk(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _key_files(folder: Path) -> dict[str, bytes]:
    """The keys in a folder, by their path in it."""
    pushing = sorted((folder / FOLDER).glob("*.pem")) if (folder / FOLDER).is_dir() else []
    sealing = [folder / FILE] if (folder / FILE).is_file() else []
    return {str(path.relative_to(folder)): path.read_bytes() for path in (*pushing, *sealing)}


def _fit(keys: Path, data: Path) -> None:
    """Raise `BackupError` unless the keys can be copied without replacing another."""
    brought = _key_files(keys)
    if not brought:
        raise BackupError(f"There is neither {FOLDER} nor {FILE} in {keys}.")
    for name, content in _key_files(data).items():
        if brought.get(name, content) != content:
            words = "Move it away first, or leave out --keys."
            raise BackupError(f"{data / name} is another key than {keys / name}. {words}")


def _bring_keys(keys: Path | None, data: Path) -> None:
    for name, content in _key_files(keys).items() if keys else ():
        target = data / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(target, content)
