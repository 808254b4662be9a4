"""For the person at the terminal: an address that a phone can reach, and a code to scan."""

from __future__ import annotations

import socket
from contextlib import suppress
from io import StringIO

import qrcode


def local_addresses() -> list[str]:
    """The machine's IPv4 addresses that others in its network may reach."""
    found: list[str] = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        # Sends nothing: it only asks the system which of its addresses it would speak from.
        asking.connect(("192.0.2.1", 9))
        found.append(asking.getsockname()[0])
    with suppress(OSError):
        named = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        found += [str(answer[4][0]) for answer in named]
    return [address for address in dict.fromkeys(found) if not address.startswith(("127.", "0."))]


def with_code(address: str) -> str:
    """The address, and below it its code."""
    return f"{address}\n{code_in_terminal(address)}"


def code_in_terminal(address: str) -> str:
    """A QR code of half blocks."""
    drawn = qrcode.QRCode(border=2)
    drawn.add_data(address)
    text = StringIO()
    drawn.print_ascii(out=text, invert=True)
    return text.getvalue()
