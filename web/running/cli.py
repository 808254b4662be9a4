"""The operator's commands. Every failure is one plain line and a non-zero exit code."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import logging
import os
import re
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from domain.calendar import HolidayNotice, enter_notice
from domain.errors import ContentError, LianxinError, NotEmptyError
from domain.loading import read_source
from domain.migrating import check_schema, migrate
from domain.private_files import OTHERS, take_from_others
from domain.seed import SAMPLE, DistrictFiles, plant, read_district
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.invitations import invite
from domain.staff.journal import ChainEnd, verify
from domain.staff.tables import Role
from domain.store import Store
from push.keys import KeyRing
from push.subscriptions import remove_other_keys
from web.running import backup_commands, new_district
from web.running.backup import BackupError
from web.running.command_error import CommandError
from web.running.demo import demo_accounts
from web.running.fault_words import told
from web.running.rehearsal import command as rehearsal_command
from web.running.revisions import write_revision
from web.running.settings import Settings, SettingsError
from web.running.terminal import with_code

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence


# An entry's hash in the staff log (SHA-256).
HASH = re.compile(r"[0-9a-f]{64}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code, 0 on success."""
    given = _parser().parse_args(arguments)
    # Whatever a command writes holds what residents and staff wrote, or keys.
    before = os.umask(OTHERS)
    try:
        settings = Settings.from_environment(os.environ)
        given.run(given, settings)
    except ContentError as error:
        print(told(error.faults), file=sys.stderr)
        return 1
    except (
        CommandError,
        SettingsError,
        LianxinError,
        BackupError,
    ) as error:
        print(error, file=sys.stderr)
        return 1
    except (SQLAlchemyError, OSError) as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        os.umask(before)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m web",
        description="连心 Lianxin: a community's services in the hand of every resident.",
        epilog="Settings are environment variables LIANXIN_*; docs/reference.md lists them.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    serving = commands.add_parser("serve", help="answer residents")
    serving.add_argument("--code", action="store_true", help="print a QR code for a phone")
    serving.add_argument(
        "--workers", type=int, default=1, help="processes behind one port; PostgreSQL only"
    )
    serving.add_argument(
        "--rehearse", action="store_true", help="with simulated people in a hall of the sample"
    )
    serving.set_defaults(run=_serve)

    rehearsal = commands.add_parser(
        "rehearse", help="have simulated people use a hall of the sample district being served"
    )
    rehearsal_command.add_options(rehearsal)
    rehearsal.set_defaults(run=lambda given, settings: rehearsal_command.run(given, settings, _say))

    step = commands.add_parser("migrate", help="bring the database to this version's schema")
    step.set_defaults(run=lambda _given, settings: _with_store(settings, migrate, "Migrated"))

    revision = commands.add_parser(
        "revision", help="for developers: write the migration to the tables of the classes"
    )
    revision.add_argument("words", help="what changes, in a few words; they name the file")
    revision.set_defaults(run=_revision)

    seed = commands.add_parser("seed", help="load a district's files into an empty database")
    seed.add_argument(
        "folder", nargs="?", type=Path, default=SAMPLE, help="default: the sample district"
    )
    seed.add_argument("--if-empty", action="store_true", help="do nothing if there is a district")
    seed.add_argument("--check", action="store_true", help="only read and check the files")
    seed.set_defaults(run=_seed)

    district = commands.add_parser(
        "new-district", help="begin with a district of your own; asks for what is not given"
    )
    new_district.add_options(district)
    district.set_defaults(run=_new_district)

    notice = commands.add_parser(
        "notice",
        help="enter a year's holiday notice from a YAML file (year, days_off, make_up_days)",
    )
    notice.add_argument("file", type=Path)
    notice.set_defaults(run=_notice)

    administrator = commands.add_parser(
        "administrator", help="make a one-time link for an administrator of the district"
    )
    administrator.add_argument("full_name", help="the person's full name")
    administrator.set_defaults(run=_administrator)

    log_check = commands.add_parser("log-check", help="verify the chain of the staff log")
    log_check.add_argument(
        "--since",
        metavar="N:HASH",
        type=_chain_end,
        help="an end of the log that an earlier call printed and you kept elsewhere",
    )
    log_check.set_defaults(run=_check_log)

    demo = commands.add_parser(
        "demo", help="print demo accounts, made at first in a sample district without staff"
    )
    demo.set_defaults(run=_demo)

    keys = commands.add_parser(
        "keys", help="show the public key that push services know us by, or rotate it"
    )
    keys.add_argument(
        "act",
        nargs="?",
        choices=("show", "rotate"),
        default="show",
        help="rotate adds a key for new subscriptions; old ones go on with theirs",
    )
    keys.add_argument(
        "--forget-old",
        action="store_true",
        help="with rotate: delete the old keys, and every subscription made with them",
    )
    keys.set_defaults(run=_keys)

    listing = commands.add_parser(
        "routes", help="print every address with its method, roles, where they are held, and view"
    )
    listing.add_argument(
        "--golden", action="store_true", help="without the views, as tests/addresses.txt has it"
    )
    listing.set_defaults(run=_routes)

    backup = commands.add_parser("backup", help="write a copy of the database, also while serving")
    backup_commands.add_backup(backup)
    backup.set_defaults(
        run=lambda given, settings: backup_commands.run_backup(given, settings, _say)
    )

    restore = commands.add_parser(
        "restore", help="make a backup the database again, or rehearse that with --check"
    )
    backup_commands.add_restore(restore)
    restore.set_defaults(run=_restore)
    return parser


def _say(words: str) -> None:
    print(words, flush=True)


def _routes(given: argparse.Namespace, _settings: Settings) -> None:
    # Loaded only here and to serve: the pages are more than half of what a command loads.
    from web.route_list import listed

    for route in listed():
        print(route.promise if given.golden else route)


def _serve(given: argparse.Namespace, settings: Settings) -> None:
    from web.running.serving import serve

    _prepare_folder(settings)
    if given.rehearse:
        # The requests of simulated people would bury the addresses that are printed to look at.
        logging.getLogger("lianxin.request").setLevel(logging.WARNING)
    say = partial(print, flush=True)
    serve(settings, say, with_code=given.code, workers=given.workers, rehearses=given.rehearse)


def _revision(given: argparse.Namespace, settings: Settings) -> None:
    async def write(store: Store) -> None:
        print(f"Written: {await write_revision(store, given.words)}")

    _with_store(settings, write)


def _read_files(folder: Path) -> DistrictFiles:
    print(f"Reading {folder} …", flush=True)
    try:
        return read_district(folder)
    except ContentError as error:
        count = len(error.faults)
        end = f"{count} fault{'s' if count > 1 else ''}; nothing was loaded."
        words = f"{told(error.faults)}\n共 {count} 处，什么都没有导入。\n{end}"
        raise CommandError(words) from error


def _seed(given: argparse.Namespace, settings: Settings) -> None:
    files = _read_files(given.folder)
    items = sum(len(source.content.items) for source in files.handbook)
    communities = sum(
        len(subdistrict.communities) for subdistrict in files.district.content.subdistricts
    )
    print(f"{files.district.content.name}: {communities} communities, {items} service items.")
    if given.check:
        return

    async def load(store: Store) -> None:
        await check_schema(store)
        try:
            await store.write(lambda session: plant(session, files))
        except NotEmptyError:
            if not given.if_empty:
                words = "The database holds a district already; seed loads only an empty one."
                raise CommandError(words) from None
            print("The database holds a district already; left as it is.")
        else:
            print("Loaded.")

    _with_store(settings, load)


def _new_district(given: argparse.Namespace, settings: Settings) -> None:
    asked = new_district.read(given)
    _say("\n".join(new_district.shown(asked[0])))
    if given.check:
        return
    if not new_district.is_agreed():
        raise CommandError("Nothing was made.")
    now = dt.datetime.now(dt.UTC)
    _with_store(settings, lambda store: new_district.make(store, settings, asked, now, _say))


def _notice(given: argparse.Namespace, settings: Settings) -> None:
    source = read_source(given.file, HolidayNotice)

    async def enter(store: Store) -> None:
        await check_schema(store)
        try:
            await store.write(lambda session: enter_notice(session, source.content))
        except ValueError as error:
            raise CommandError(f"{given.file}: {error}. Nothing was entered.") from error
        print(f"The notice of {source.content.year} is entered.")

    _with_store(settings, enter)


def _administrator(given: argparse.Namespace, settings: Settings) -> None:
    if not given.full_name.strip():
        raise CommandError("Whose account is it? Give the full name.")

    async def invite_one(store: Store) -> None:
        await check_schema(store)
        now, grant = dt.datetime.now(dt.UTC), Grant(Role.ADMINISTRATOR)
        key = await store.write(
            partial(
                invite, actor=COMMAND_LINE, full_name=given.full_name.strip(), grant=grant, now=now
            )
        )
        link = with_code(f"{settings.origin}/invitations/{key}")
        print(f"Works once, for seven days:\n{link}")

    _with_store(settings, invite_one)


def _keys(given: argparse.Namespace, settings: Settings) -> None:
    ring = KeyRing(settings.data)
    if given.act == "show":
        if given.forget_old:
            raise CommandError("--forget-old goes with `keys rotate`.")
        print(ring.current.public)
        return
    print(ring.rotate().public)
    if not given.forget_old:
        print("New subscriptions are made with it. Old ones go on until their browsers come back.")
        return
    ring.forget_old()

    async def remove(store: Store) -> None:
        await check_schema(store)
        kept = {key.public for key in ring.keys}
        count = await store.write(lambda session: remove_other_keys(session, kept))
        print(f"{count} subscriptions of old keys are removed; people are asked again.")

    _with_store(settings, remove)


def _chain_end(text: str) -> ChainEnd:
    """Reads what `log-check` printed. Raises `ValueError`."""
    number, _, digest = text.strip().partition(":")
    if not (number.isascii() and number.isdecimal()) or not HASH.fullmatch(digest.lower()):
        raise ValueError(text)
    return ChainEnd(int(number), digest.lower())


def _check_log(given: argparse.Namespace, settings: Settings) -> None:
    async def check(store: Store) -> None:
        await check_schema(store)
        async with store.read() as session:
            end, fault = await verify(session, given.since)
        if fault is not None:
            raise CommandError(f"Entry {fault.entry} of the log {fault.what}.")
        print(f"The log is whole: {end.entry} entries.")
        if end.entry:
            print(f"Keep this elsewhere, for the next log-check --since: {end}")

    _with_store(settings, check)


def _demo(_given: argparse.Namespace, settings: Settings) -> None:
    async def show(store: Store) -> None:
        await check_schema(store)
        accounts = await demo_accounts(store, settings.data, dt.datetime.now(dt.UTC))
        if accounts:
            print(f"Demo accounts for /staff (sample district only):\n{accounts}", end="")

    _with_store(settings, show)


def _restore(given: argparse.Namespace, settings: Settings) -> None:
    backup_commands.run_restore(given, settings, _say, _prepare_folder)


def _with_store(
    settings: Settings, work: Callable[[Store], Awaitable[None]], done: str | None = None
) -> None:
    async def run() -> None:
        _prepare_folder(settings)
        store = Store(settings.database_url)
        await store.open()
        try:
            await work(store)
        finally:
            await store.close()

    asyncio.run(run())
    if done:
        print(f"{done}: {settings.shown_database}")


def _prepare_folder(settings: Settings) -> None:
    if settings.database is None:
        try:
            settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            words = f"The data folder {settings.data} cannot be made: {error.strerror}."
            raise CommandError(words) from error
        # An earlier version, or a copy, left them to be read by every user of the machine.
        for path in (settings.data, *settings.data.glob("lianxin.db*")):
            with suppress(OSError):
                take_from_others(path)
