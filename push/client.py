"""出门的请求: the one HTTP client for push services and webhooks.

What stands at the other end is not ours: it may be slow, endless, or somewhere else than it says.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from domain.errors import LianxinError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiohttp.abc import ResolveResult

# Seconds for a whole exchange, from the look-up of the name to the end of the answer. A lease on a
# row lasts longer, so that no row is sent again while it is still being sent.
TIMEOUT = 10.0
# Seconds for the body of an answer whose status is known: a service that drips it has our message.
BODY_WITHIN = 1.0
# Bytes that are read of a body. An answer says what it has to say in its first lines.
LARGEST_ANSWER = 4096
# Networks whose addresses carry an IPv4 address in their last 32 bits: compatible and NAT64.
CARRYING = (IPv6Network("::/96"), IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


class NoAnswerError(LianxinError):
    """There is no answer; `reason` is a short word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TimedOutError(NoAnswerError):
    """The exchange took too long."""

    def __init__(self) -> None:
        super().__init__("timeout")


class UnreachableError(NoAnswerError):
    """Nothing listens there, or its name or certificate is wrong."""


class ForbiddenAddressError(NoAnswerError):
    """The name leads to an address that the caller does not send to."""

    def __init__(self) -> None:
        super().__init__("private address")


@dataclass(frozen=True)
class Answer:
    status: int
    # By name, in any case.
    headers: Mapping[str, str]
    # The first `LARGEST_ANSWER` bytes as they came, never unzipped.
    body: bytes


def is_public(address: str) -> bool:
    """Whether an IP address is on the open internet, also if it only carries an IPv4 address."""
    found = ip_address(address)
    inner = _carried(found)
    if inner is not None:
        return is_public(str(inner))
    return found.is_global and not found.is_multicast


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, if any."""
    if isinstance(address, IPv4Address):
        return None
    if any(address in network for network in CARRYING):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


class Client:
    """Posts to other servers. `may_reach` says of an IP address whether to connect to it.

    A name is looked up once, and the address that was checked is the one that is connected to.
    """

    def __init__(self, may_reach: Callable[[str], bool] | None = None) -> None:
        self._may_reach = may_reach
        self._opened: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a request and read the beginning of its answer. Raises `NoAnswerError`."""
        try:
            # Encoded as it is: an endpoint is compared and signed byte by byte.
            address = URL(url, encoded=True)
            self._refuse(address.host or "")
            async with asyncio.timeout(TIMEOUT):
                return await self._exchange(address, body, headers)
        except TimeoutError as error:
            raise TimedOutError from error
        except aiohttp.ClientConnectorError as error:
            raise UnreachableError("unreachable") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NoAnswerError(type(error).__name__) from error

    # A redirect is an answer like any other: an address was checked, not what it points to.
    async def _exchange(self, address: URL, body: bytes, headers: Mapping[str, str]) -> Answer:
        sending = self._session.post(address, data=body, headers=headers, allow_redirects=False)
        async with sending as answer:
            return Answer(answer.status, answer.headers, await _beginning(answer))

    # An address written as a number is never looked up.
    def _refuse(self, host: str) -> None:
        with suppress(ValueError):
            if self._may_reach is not None and not self._may_reach(str(ip_address(host))):
                raise ForbiddenAddressError

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            resolver = None if self._may_reach is None else _Checked(self._may_reach)
            # The number of connections is that of messages in flight, which the caller bounds.
            self._opened = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, resolver=resolver),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(),
                headers={"Accept-Encoding": "identity", "User-Agent": "Lianxin"},
                auto_decompress=False,
                trust_env=False,
            )
        return self._opened

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.close()


async def _beginning(answer: aiohttp.ClientResponse) -> bytes:
    """The first bytes of a body. A connection whose body goes on is closed, not read to its end."""
    found = b""
    with suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(BODY_WITHIN):
            while len(found) < LARGEST_ANSWER and not answer.content.at_eof():
                found += await answer.content.read(LARGEST_ANSWER - len(found))
    if not answer.content.at_eof():
        answer.close()
    return found


class _Checked(AbstractResolver):
    """Looks names up, and gives only addresses that may be reached."""

    def __init__(self, may_reach: Callable[[str], bool]) -> None:
        self._may_reach = may_reach
        self._names = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        allowed = [each for each in found if self._may_reach(each["host"])]
        if found and not allowed:
            raise ForbiddenAddressError
        return allowed

    async def close(self) -> None:
        await self._names.close()
