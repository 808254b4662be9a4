"""`python -m web rehearse`: its options, its words, and how it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import signal
from functools import partial
from typing import TYPE_CHECKING

from domain.store import Store
from web.running.demo import HOME, demo_accounts
from web.running.rehearsal.rehearsing import Addresses, Plan, rehearse

if TYPE_CHECKING:
    from collections.abc import Callable

    from web.running.settings import Settings

    Say = Callable[[str], None]

SLOWEST, FASTEST = 1.0, 60.0
# Hosts to listen on that are no address to ask at.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not listened on
# Seconds between two looks at whether the server that started this is still there.
PARENT_LOOK = 1.0


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--hall", default=HOME, metavar="COMMUNITY", help="default: %(default)s")
    command.add_argument(
        "--speed", type=_speed, default=SLOWEST, help="1 to 60 times as fast as people are"
    )
    command.add_argument("--seed", type=int, default=1, help="the same seed gives the same people")
    command.add_argument(
        "--clerks", type=int, help="default: one for each counter but the last, which is yours"
    )
    command.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)


def _speed(text: str) -> float:
    speed = float(text)
    if not SLOWEST <= speed <= FASTEST:
        raise argparse.ArgumentTypeError("must be 1 to 60")
    return speed


def run(given: argparse.Namespace, settings: Settings, say: Say) -> None:
    """Rehearse until Ctrl+C or SIGTERM. Raises `LianxinError`."""
    plan = Plan(origin(settings), given.hall, given.speed, given.seed, given.clerks)
    asyncio.run(_until_stopped(settings, plan, say, with_parent=given.with_parent))


def origin(settings: Settings) -> str:
    """Where the server of these settings answers on this machine."""
    host = EVERYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


async def _until_stopped(settings: Settings, plan: Plan, say: Say, *, with_parent: bool) -> None:
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    watching = asyncio.create_task(_parent_ends(stopping)) if with_parent else None
    account = await _clerk_account(settings)
    tell = partial(_tell, settings, plan, account, say, is_alone=not with_parent)
    if not with_parent:
        say(f"练习: waiting for {plan.url}. Stop with Ctrl+C.")
    await rehearse(settings, plan, tell, stopping)
    if watching is not None:
        watching.cancel()
    else:
        say("The rehearsal is over. Its numbers are closed and its clerks have signed off.")


async def _parent_ends(stopping: asyncio.Event) -> None:
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - no event tells of another process's end
        await asyncio.sleep(PARENT_LOOK)
    stopping.set()


async def _clerk_account(settings: Settings) -> str:
    """Name and password of the demo clerk; empty when there is none any more."""
    store = Store(settings.database_url)
    await store.open()
    try:
        lines = await demo_accounts(store, settings.data, dt.datetime.now(dt.UTC))
    finally:
        await store.close()
    found = (line.split() for line in lines.splitlines())
    return next((f"{words[0]}, {words[1]}" for words in found if words[0] == "clerk"), "")


def _tell(  # noqa: PLR0913 - everything the greeting says
    settings: Settings, plan: Plan, account: str, say: Say, where: Addresses, *, is_alone: bool
) -> None:
    home = settings.origin
    sign_in = f"sign in as {account}" if account else "sign in with an account of yours"
    free = f"; counter {where.free[0]} is free for you" if where.free else ""
    stop = "Stop it with Ctrl+C." if is_alone else "It stops with the server, or: kill "
    say(
        f"练习: simulated people practise in the hall of {plan.slug}, "
        f"{plan.speed:g} times as fast as real ones. Look at\n"
        f"  a number on a phone  {home}{where.ticket}\n"
        f"                       {home}{where.take} (take one of your own)\n"
        f"  the hall's screen    {home}{where.screen} (on this machine it is let in by itself)\n"
        f"  a counter            {home}{where.counters} ({sign_in}{free})\n"
        f"{stop if is_alone else f'{stop}{os.getpid()}'}"
    )
