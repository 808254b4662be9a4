"""Work on a stranger's file in a process of its own, which may take only so much time and memory.

The server starts a process for each file, sends the file to its standard input and gets the result
back from its standard output.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger("lianxin.apart")

# How far the process stands back (nice): pages go first.
BACK = 10
# It stands back before it imports anything: reading the libraries of a workbook takes a third of a
# second, in which pages had half of two cores.
STANDING_BACK = f"""
import os, runpy
getattr(os, "nice", int)({BACK})
runpy.run_module({{module!r}}, run_name="__main__", alter_sys=True)
"""
# How it ends when it took more: by the limit, or by a machine that is out of memory.
STOPPED = {-signal.SIGXCPU, -signal.SIGKILL}


class TooCostlyError(Exception):
    """The file takes more time or memory than it may."""


class BrokenError(Exception):
    """The process ended with an error of its own; the log has its trace."""


def command_of(module: str) -> tuple[str, ...]:
    """The command that runs a module of ours, standing back from the beginning."""
    return (sys.executable, "-c", STANDING_BACK.format(module=module))


# A thread is no protection: a regular expression, zlib, a picture's decoder and the XML parser hold
# the interpreter while they work, and 92 KB of unclosed tags held it for 13 s, in which nobody got
# an answer.
# Not taken: a process that stays for the next file. A limit of time is one of a whole process, and
# what a file broke must not meet the next person's file.
async def run_apart(command: Sequence[str], data: bytes, patience: float) -> bytes:
    """What the command writes when it gets these bytes. It is stopped after `patience` seconds.

    Raises `TooCostlyError`, `BrokenError`.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(patience):
            output, trace = await process.communicate(data)
    except TimeoutError:
        raise TooCostlyError from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode in STOPPED:
        raise TooCostlyError
    if process.returncode:
        log.error("%s ended with %s: %s", command[-1], process.returncode, trace.decode())
        raise BrokenError
    return output


def limit(seconds: int, memory: int) -> None:
    """Take no more than this much of a core and of address space (bytes).

    It does nothing where the system has no such limits.
    """
    if sys.platform == "win32":
        return
    import resource

    limits = {
        resource.RLIMIT_CPU: (seconds, seconds + 1),
        resource.RLIMIT_AS: (memory, memory),
        resource.RLIMIT_CORE: (0, 0),
    }
    for kind, most in limits.items():
        # macOS knows a limit of memory and does not take it.
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, most)
