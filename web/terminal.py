"""For the person at the terminal: which address a phone can reach, and a code to scan."""

from __future__ import annotations

import socket
from io import StringIO

import qrcode


def local_addresses() -> list[str]:
    """The machine's IPv4 addresses that others in its network may reach."""
    try:
        found = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    except OSError:
        return []
    addresses = dict.fromkeys(str(each[4][0]) for each in found)
    return [address for address in addresses if not address.startswith("127.")]


def code_in_terminal(address: str) -> str:
    """A QR code of half blocks."""
    drawn = qrcode.QRCode(border=2)
    drawn.add_data(address)
    text = StringIO()
    drawn.print_ascii(out=text, invert=True)
    return text.getvalue()
