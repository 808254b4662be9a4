"""One of several serving processes, on a socket that `web.running.workers` opened."""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import TYPE_CHECKING

from domain.private_files import OTHERS
from web.running import logs, serving
from web.running.settings import Settings

if TYPE_CHECKING:
    import uvicorn


def main() -> None:
    """The entry point: the number of the socket, and `deliver` for the one that sends messages."""
    os.umask(OTHERS)
    settings = Settings.from_environment(os.environ)
    logs.configure(settings.log)
    listening = socket.socket(fileno=int(sys.argv[1]))
    server = serving.server(settings, delivers="deliver" in sys.argv[2:])
    threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    server.run(sockets=[listening])


def _end_with_parent(server: uvicorn.Server) -> None:
    sys.stdin.buffer.read()
    server.should_exit = True


if __name__ == "__main__":
    main()
