"""The rehearsal that a server starts and ends: `python -m web serve --rehearse`."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

# Seconds the rehearsal has to end by itself: people go home and clerks sign off.
EXIT_WITHIN = 12.0


class RehearsalProcess:
    """The rehearsing process, seen from the serving process."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    # In a session of its own: Ctrl+C is for the server, which must still answer while clerks sign
    # off. A process that a killed server left behind ends by itself.
    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "web", "rehearse", "--with-parent"),
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )

    async def close(self) -> None:
        """End it, while the server still answers."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(EXIT_WITHIN):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
