"""A connection to one browser: how much of a request it holds before the application sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from web.site.security import HEADERS_TOO_LARGE

if TYPE_CHECKING:
    import asyncio

# Bytes of a request's first line and headers. The application refuses far smaller headers
# (`web.site.security.MOST_HEADERS`); this bounds what is held until it is asked.
MOST_HEAD = 128 << 10
# Seconds that a refused browser may still send: closed at once it would not read the answer.
LINGER = 2.0
REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\n"
    b"connection: close\r\n"
    b"\r\n"
    b"%s"
) % (len(HEADERS_TOO_LARGE), HEADERS_TOO_LARGE)


class Connection(HttpToolsProtocol):
    """Uvicorn's connection, which by itself holds headers of any size until they end."""

    transport: asyncio.Transport
    # Bytes that came since the parser last handed something on.
    _held = 0
    _is_refused = False

    def data_received(self, data: bytes) -> None:
        """Parse what came. A head that is too long is answered 431 (RFC 6585)."""
        if self._is_refused:
            return
        self._held += len(data)
        super().data_received(data)
        # Asked afterwards, because the same piece may hold the end of the head and a body.
        if self._held > MOST_HEAD and not self.transport.is_closing():
            self._refuse()

    def on_headers_complete(self) -> None:
        """Begin to answer."""
        self._held = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Hand on a part of the body, which the application counts."""
        self._held = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Be ready for the next request."""
        self._held = 0
        super().on_message_complete()

    def _refuse(self) -> None:
        self._is_refused = True
        # What the parser holds goes now and not when the connection ends, as uvicorn has it.
        self.parser = None  # type: ignore[assignment]
        if self.cycle is not None and not self.cycle.response_complete:
            # In the middle of an answer there is no place for another.
            self.transport.close()
            return
        self.transport.write(REFUSAL)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER, self.transport.close)
