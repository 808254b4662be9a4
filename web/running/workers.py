"""Several serving processes behind one port: started, started again, and stopped together."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from socket import socket

log = logging.getLogger("lianxin.workers")

# Seconds between two looks at the processes.
EVERY = 0.2
# Seconds before one that died is started again: once, twice, more often.
PATIENCE = (0.0, 2.0, 10.0)
# Seconds of life after which earlier deaths are forgotten.
HEALTHY = 300.0
# Seconds that a process has to end: open responses and works have five each.
EXIT_WITHIN = 15.0


class Worker:
    """A serving process with its socket; the first one also sends messages."""

    def __init__(self, listening: socket, *, delivers: bool) -> None:
        self._listening, self._delivers = listening, delivers
        self._deaths, self._began, self._due = 0, 0.0, 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process. It ends when this one is gone, as its standard input ends then."""
        number = self._listening.fileno()
        command = [sys.executable, "-m", "web.running.worker_process", str(number)]
        self._began = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, *(["deliver"] if self._delivers else [])],
            stdin=subprocess.PIPE,
            pass_fds=(number,),
        )

    def look(self) -> None:
        """Start it again if it died, after a while if it dies often."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            log.error("worker %s ended with %s", self.process.pid, self.process.returncode)
            self._deaths = 0 if now - self._began > HEALTHY else self._deaths
            self._due = now + PATIENCE[min(self._deaths, len(PATIENCE) - 1)]
            self._deaths += 1
            self._let_go()
        if self.process is None and now >= self._due:
            self.start()

    def tell(self) -> None:
        """Tell the process to stop."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        """Wait for its end, and end it if it takes too long."""
        if self.process is None:
            return
        try:
            self.process.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._let_go()

    def _let_go(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None


class Workers:
    """All serving processes."""

    def __init__(self, listening: Sequence[socket]) -> None:
        self._workers = [Worker(each, delivers=place == 0) for place, each in enumerate(listening)]
        self._stops = threading.Event()

    def run(self) -> None:
        """Keep them running until this process is told to stop, then stop them all."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stops.set())
        try:
            while not self._stops.wait(EVERY):
                for worker in self._workers:
                    worker.look()
        finally:
            for worker in self._workers:
                worker.tell()
            until = time.monotonic() + EXIT_WITHIN
            for worker in self._workers:
                worker.wait(until)
