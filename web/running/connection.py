"""A connection to one browser: how much it may hold, and how long it may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from web.site.security import HEADERS_TOO_LARGE

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

# Bytes of a request's first line and headers. The application refuses far smaller headers
# (`web.site.security.MOST_HEADERS`); this bounds what is held until it is asked.
MOST_HEAD = 128 << 10
# Seconds in which the headers of a request must come, counted from the connection, or from the
# request's first byte.
HEAD_WITHIN = 10.0
# Seconds in which a body must come, and bytes a second for which it gets more: slower than the
# slowest network of a phone (GPRS has 3 KB/s).
BODY_WITHIN, SLOWEST = 20.0, 2 << 10
# Seconds in which a browser must read something of an answer that waits for it.
READ_WITHIN = 60.0
# Seconds that a refused browser may still send: closed at once it would not read the answer.
LINGER = 2.0
TOO_SLOW = (
    "请求没有按时发完。请检查网络后再试。\n"
    "Your request did not arrive in time. Please check your network and try again.\n"
).encode()


def _refusal(status: bytes, words: bytes) -> bytes:
    """A whole answer, after which the connection is closed."""
    return (
        b"HTTP/1.1 %s\r\n"
        b"content-type: text/plain; charset=utf-8\r\n"
        b"content-length: %d\r\n"
        b"connection: close\r\n"
        b"\r\n"
        b"%s"
    ) % (status, len(words), words)


HEADERS_REFUSED = _refusal(b"431 Request Header Fields Too Large", HEADERS_TOO_LARGE)
TIME_REFUSED = _refusal(b"408 Request Timeout", TOO_SLOW)


# Uvicorn by itself holds headers of any size until they end, and waits for ever for the rest of a
# request, and for a browser to read an answer: a few hundred half requests kept everyone out.
# Not taken: the proxy's time limits alone. A hall's first day has no proxy, and a proxy without
# limits looks the same as one with them.
class Connection(HttpToolsProtocol):
    """Uvicorn's connection, with bounds of memory and time."""

    transport: asyncio.Transport
    # Bytes that came since the parser last handed something on.
    _held = 0
    _is_refused = False
    # What ends this connection when nothing comes.
    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    # When the headers of the request were there, and bytes of its body that came since.
    _began, _body = 0.0, 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait(HEAD_WITHIN, self._be_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        super().connection_lost(exc)
        self._wait(None)
        self.resume_writing()

    def pause_writing(self) -> None:
        """Wait for the browser to read."""
        super().pause_writing()
        self._unread = self.loop.call_later(READ_WITHIN, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on, once the browser has read."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing was asked for a while, read or not."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(LINGER, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        """Parse what came. A head that is too long is answered 431 (RFC 6585)."""
        if self._is_refused:
            return
        self._held += len(data)
        super().data_received(data)
        # Asked afterwards, because the same piece may hold the end of the head and a body.
        if self._held > MOST_HEAD and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        """Wait for the headers of a request."""
        super().on_message_begin()
        self._wait(HEAD_WITHIN, self._be_late)

    def on_headers_complete(self) -> None:
        """Begin to answer, and wait for the body."""
        self._held = 0
        super().on_headers_complete()
        self._began, self._body = self.loop.time(), 0
        self._wait(BODY_WITHIN, self._look_at_body)

    def on_body(self, body: bytes) -> None:
        """Hand on a part of the body, which the application counts."""
        self._held = 0
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Be ready for the next request."""
        self._held = 0
        self._wait(None)
        super().on_message_complete()

    def _wait(self, seconds: float | None, late: Callable[[], None] | None = None) -> None:
        """Call `late` unless something else is waited for within these seconds."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if seconds is not None and late is not None:
            self._deadline = self.loop.call_later(seconds, late)

    def _look_at_body(self) -> None:
        """End a body that comes too slowly; where we do not read it, that is no fault of it."""
        left = self._began + BODY_WITHIN + self._body / SLOWEST - self.loop.time()
        if self.flow.read_paused:
            left = BODY_WITHIN
        if left > 0:
            self._wait(left, self._look_at_body)
        else:
            self._be_late()

    def _be_late(self) -> None:
        if not self.transport.is_closing():
            self._refuse(TIME_REFUSED)

    def _refuse(self, words: bytes = HEADERS_REFUSED) -> None:
        self._is_refused = True
        self._wait(None)
        # What the parser holds goes now and not when the connection ends, as uvicorn has it.
        self.parser = None  # type: ignore[assignment]
        if self.cycle is not None and not self.cycle.response_complete:
            # In the middle of an answer there is no place for another.
            self.transport.close()
            return
        self.transport.write(words)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER, self.transport.abort)
