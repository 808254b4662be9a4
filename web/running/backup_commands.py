"""The commands `backup` and `restore`: their options, and what they call."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from web.running.backup import back_up, rotate
from web.running.restore import check, restore

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from web.running.settings import Settings

    Say = Callable[[str], None]


def add_backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target", type=Path, help="a file that does not exist yet, or a folder to name one in"
    )
    parser.add_argument(
        "--rotate",
        action="store_true",
        help="then delete those in the folder that are older than LIANXIN_KEEP_BACKUPS days",
    )


def run_backup(given: argparse.Namespace, settings: Settings, say: Say) -> None:
    back_up(settings, given.target, say)
    if given.rotate:
        rotate(given.target, settings.keep_backups, dt.datetime.now(dt.UTC), say)


def add_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "backup", type=Path, help="a file that `backup` wrote, or a folder for its newest one"
    )
    parser.add_argument(
        "--check", action="store_true", help="only rehearse it on a copy, also while serving"
    )
    parser.add_argument(
        "--keys", type=Path, help="the folder to which push-keys and sealing-key were copied"
    )


def run_restore(
    given: argparse.Namespace, settings: Settings, say: Say, prepare: Callable[[Settings], None]
) -> None:
    if given.check:
        check(settings, given.backup, given.keys, say)
        return
    prepare(settings)
    restore(settings, given.backup, given.keys, say)
