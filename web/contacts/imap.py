"""A mailbox, read over IMAP in a thread, and never changed.

Letters are told apart by their numbers (UID), not by "seen": people at the office read the same
mailbox with their own programs.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from domain.contacts.letter_text import LARGEST_LETTER

if TYPE_CHECKING:
    from collections.abc import Callable

    from web.running.mailboxes import MailboxSettings

T = TypeVar("T")

# Seconds.
TIMEOUT = 20.0
# Bytes of a letter that is too large to be fetched: its headers and its words are in there, and
# mail programs put what is attached behind them.
BEGINNING = 256 * 1024


class MailboxError(Exception):
    """The mailbox cannot be read; `why` is a word for the office: sign-in, secure, unreachable."""

    def __init__(self, why: str, said: object) -> None:
        super().__init__(f"{why}: {said!r}")
        self.why = why


@dataclass(frozen=True)
class Fetched:
    """A letter, or the beginning of one that is too large."""

    raw: bytes
    is_whole: bool


# Not taken: aioimaplib, which answers in lines that the caller parses, and imap-tools, which parses
# each letter in this process before its size and parts are known.
class OpenMailbox:
    """A mailbox that is open for reading. Its methods run one after another, in a thread."""

    def __init__(self, settings: MailboxSettings) -> None:
        self._settings = settings
        self._client: IMAPClient | None = None
        self.uid_validity = 0
        # The number that the next letter gets.
        self.uid_next = 0

    async def __aenter__(self) -> Self:
        try:
            await _threaded(self._open)
        except MailboxError:
            await asyncio.to_thread(self._close)
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        await asyncio.to_thread(self._close)

    def _open(self) -> None:
        settings = self._settings
        is_tls = settings.security == "tls"
        client = IMAPClient(settings.host, settings.port, ssl=is_tls, timeout=TIMEOUT, use_uid=True)
        self._client = client
        if settings.security == "starttls":
            client.starttls(ssl.create_default_context())
        client.login(settings.user, settings.password_file.read_text().strip())
        selected = client.select_folder(settings.folder, readonly=True)
        self.uid_validity = int(selected[b"UIDVALIDITY"])
        self.uid_next = int(selected.get(b"UIDNEXT", 0)) or max(client.search("ALL"), default=0) + 1

    def _close(self) -> None:
        if self._client is None:
            return
        try:
            self._client.logout()
        except (IMAPClientError, OSError, ValueError):
            # A connection that failed half-way is closed as far as it was open.
            with suppress(OSError):
                self._client.shutdown()

    async def after(self, uid: int) -> list[int]:
        """The numbers of the letters after this one, in order."""
        found = await _threaded(self._search, ["UID", f"{uid + 1}:*"])
        # The star is the last letter, also where that is an earlier one (RFC 9051, 9).
        return [each for each in found if each > uid]

    async def since(self, day: dt.date) -> list[int]:
        """The numbers of the letters that came on this day or later, in order."""
        return await _threaded(self._search, ["SINCE", day])

    def _search(self, wanted: list[Any]) -> list[int]:
        return sorted(self._opened.search(wanted))

    async def fetch(self, uid: int) -> Fetched | None:
        """The letter; None for one that someone took away meanwhile."""
        return await _threaded(self._fetch, uid)

    def _fetch(self, uid: int) -> Fetched | None:
        found = self._opened.fetch([uid], ["RFC822.SIZE"]).get(uid)
        if not found:
            return None
        is_whole = int(found[b"RFC822.SIZE"]) <= LARGEST_LETTER
        part = "" if is_whole else f"<0.{BEGINNING}>"
        answer = self._opened.fetch([uid], [f"BODY.PEEK[]{part}"]).get(uid, {})
        bodies = (value for name, value in answer.items() if name.startswith(b"BODY["))
        raw = next(bodies, None)
        return None if raw is None else Fetched(raw, is_whole)

    @property
    def _opened(self) -> IMAPClient:
        if self._client is None:  # pragma: no cover
            raise AssertionError
        return self._client


async def _threaded(work: Callable[..., T], *given: Any) -> T:
    """Run in a thread. Raises `MailboxError` for what a mail server or a network does."""
    try:
        return await asyncio.to_thread(work, *given)
    except LoginError as error:
        raise MailboxError("sign-in", error) from error
    except ssl.SSLError as error:
        raise MailboxError("secure", error) from error
    # The parser of answers raises ValueError, and KeyError comes of what a server left out.
    except (IMAPClientError, OSError, ValueError, KeyError) as error:
        raise MailboxError("unreachable", error) from error
