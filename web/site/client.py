"""Where a request comes from: the network that limits are counted for, and halls' own networks."""

from __future__ import annotations

import datetime as dt
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

# Bits of an IPv6 address that a provider gives to one customer, at the least (RFC 6177).
PREFIX = 64
# How long after a device's check-in its network counts as the hall's.
REMEMBERED = dt.timedelta(hours=1)
MOST_NETWORKS = 5_000


def address_of(request: Request) -> str:
    """The client's IPv4 address, or the /64 of its IPv6 address; empty if it is unknown."""
    return network_of(request.client.host) if request.client else ""


# Every customer has 2^64 addresses of IPv6, so a limit that took each for another person would
# limit nobody. What no proxy vouches for may be any text: it counts as one address.
def network_of(host: str) -> str:
    """An address as limits count it: IPv4, `2001:db8:0:1::/64`, or empty for what is none."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    first = int(address) >> (128 - PREFIX) << (128 - PREFIX)
    return f"{IPv6Address(first)}/{PREFIX}"


# A hall full of people shares one address. Paired devices come from it every few seconds, so it
# need not be set up, and an office that changes its line is known again within a minute.
# Not taken: a setting with addresses, which nobody keeps true.
class HallNetworks:
    """Networks from which paired devices of halls came within the last hour."""

    def __init__(self) -> None:
        self._seen: dict[str, dt.datetime] = {}

    def saw(self, network: str, now: dt.datetime) -> None:
        """A paired device came from here."""
        self._seen.pop(network, None)
        self._seen[network] = now
        while len(self._seen) > MOST_NETWORKS:
            del self._seen[next(iter(self._seen))]

    def has(self, network: str, now: dt.datetime) -> bool:
        """Whether a hall is behind this network."""
        seen = self._seen.get(network)
        return seen is not None and now - seen < REMEMBERED
