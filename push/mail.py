"""电子邮件: one plain letter per message, for people without push."""

from __future__ import annotations

import hashlib
import re
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from typing import TYPE_CHECKING, Literal

import aiosmtplib

from push.channels import Address, Outcome, Result
from push.messages import LANG, Message
from push.words import STOPPING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Seconds.
TIMEOUT = 15.0
# Codes from here on are permanent failures (RFC 5321, 4.2.1).
PERMANENT = 500
# The server closes the connection (RFC 5321, 3.8).
CLOSING = 421
# Sign in first, or not in this way (RFC 4954, 6).
SIGN_IN_FIRST = frozenset({530, 534, 535, 538})
# What the operator has to mend, by the word that the page of messages translates.
DENIALS = {
    "certificate": "the server's certificate is not valid for LIANXIN_SMTP_HOST",
    "tls": "the server speaks no TLS on LIANXIN_SMTP_PORT, see LIANXIN_SMTP_SECURITY",
    "starttls": "the server offers no STARTTLS, see LIANXIN_SMTP_SECURITY",
    "auth": "the server lets nobody sign in here, see LIANXIN_SMTP_PORT and LIANXIN_SMTP_SECURITY",
    "sign-in": "the server refuses LIANXIN_SMTP_USER or LIANXIN_SMTP_PASSWORD:",
    "sender": "the server does not let us write as LIANXIN_SMTP_FROM:",
    "relay": "the server does not pass our letters on, see LIANXIN_SMTP_USER:",
    "greeting": "the server refuses us at the greeting:",
}
NO_SUCH_MAILBOX = frozenset({550, 551, 553})
# What says so without a doubt (RFC 3463, 3.2 and 3.3).
NOT_THERE = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
_ENHANCED = re.compile(r"5\.(\d{1,3}\.\d{1,3})")
# The path of the page that ends letters.
STOP = "/notifications/stopping"


@dataclass(frozen=True)
class Smtp:
    """The mail server."""

    host: str
    # The address in From.
    sender: str
    port: int = 587
    user: str | None = None
    password: str | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"


async def send_letter(smtp: Smtp, letter: EmailMessage) -> Outcome:
    """Hand a letter to the mail server."""
    try:
        await aiosmtplib.send(
            letter,
            hostname=smtp.host,
            port=smtp.port,
            username=smtp.user,
            password=smtp.password,
            use_tls=smtp.security == "tls",
            start_tls=smtp.security == "starttls",
            timeout=TIMEOUT,
        )
    except (aiosmtplib.SMTPException, OSError) as error:
        return outcome_of(error)
    return Outcome(Result.SENT)


def outcome_of(error: Exception) -> Outcome:
    """What an error of the mail server means: for this letter, its reader, or the operator."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return _of_recipient(error.recipients[0])
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _of_answer(error)
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return Outcome(Result.REFUSED, "not supported", of_one=True)
    word = _set_up_wrongly(error)
    return _denied(word) if word else Outcome(Result.SILENT, type(error).__name__)


def _set_up_wrongly(error: Exception) -> str:
    """Which of `DENIALS` it is; empty for what may pass."""
    causes = list(_causes(error))
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in causes):
        return "certificate"
    if any(isinstance(each, ssl.SSLError) for each in causes):
        return "tls"
    # The library raises this class itself only for what a server does not offer.
    if type(error) is aiosmtplib.SMTPException:
        return "auth" if " AUTH " in str(error) else "starttls"
    return ""


def _denied(word: str, code: int | str = "") -> Outcome:
    return Outcome(Result.DENIED, f"{word}: {DENIALS[word]} {code}".rstrip())


# What a server says of one reader is no judgement on the others: a mailbox that is new to it, full,
# or gone. Only a policy (X.7.X, RFC 3463, 3.8) concerns us, such as "relaying denied".
def _of_recipient(error: aiosmtplib.SMTPRecipientRefused) -> Outcome:
    if error.code < PERMANENT:
        return Outcome(Result.AGAIN, str(error.code), of_one=error.code != CLOSING)
    said = _ENHANCED.match(error.message)
    kind = said[1] if said else ""
    if error.code in SIGN_IN_FIRST or kind.startswith("7."):
        return _denied("relay", error.code)
    if error.code in NO_SUCH_MAILBOX and kind in {"", *NOT_THERE}:
        return Outcome(Result.GONE, str(error.code))
    return Outcome(Result.REFUSED, str(error.code), of_one=True)


def _of_answer(error: aiosmtplib.SMTPResponseException) -> Outcome:
    if error.code < PERMANENT:
        return Outcome(Result.AGAIN, str(error.code))
    if isinstance(error, aiosmtplib.SMTPAuthenticationError) or error.code in SIGN_IN_FIRST:
        return _denied("sign-in", error.code)
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        return _denied("sender", error.code)
    if isinstance(error, aiosmtplib.SMTPDataError):
        return Outcome(Result.REFUSED, str(error.code))
    return _denied("greeting", error.code)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


class MailChannel:
    def __init__(self, smtp: Smtp, *, origin: str) -> None:
        self._smtp, self._origin = smtp, origin

    async def send(self, message: Message, address: Address) -> Outcome:
        return await send_letter(self._smtp, self.letter(message, address.to, address.key))

    def letter(self, message: Message, to: str, stop_key: str = "") -> EmailMessage:
        """The letter: the text of a notification, a link to its page, and one that ends letters."""
        letter = EmailMessage()
        letter["Subject"] = message.title
        letter["From"] = self._smtp.sender
        letter["To"] = to
        letter["Date"] = formatdate()
        letter["Message-ID"] = self._id_of(message, to)
        # No answering machine answers to this (RFC 3834, 5).
        letter["Auto-Submitted"] = "auto-generated"
        body = f"{message.title}\n{message.body}\n\n{self._origin}{message.path}\n"
        if stop_key:
            stopping = f"{self._origin}{STOP}/{stop_key}"
            letter["List-Unsubscribe"] = f"<{stopping}>"
            # A button of the mail program, which presses ours (RFC 8058).
            letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
            body += f"\n-- \n{STOPPING[message.language]}\n{stopping}\n"
        letter.set_content(body)
        # After the content, which clears such headers.
        letter["Content-Language"] = LANG[message.language]
        return letter

    # A connection may be lost after the letter was taken and before that is said. The second copy
    # has the same name, by which mail servers and readers drop it.
    def _id_of(self, message: Message, to: str) -> str:
        event = f"{message.tag} {message.kind} {message.at.isoformat()} {to}"
        domain = parseaddr(self._smtp.sender)[1].rpartition("@")[2]
        return f"<{hashlib.sha256(event.encode()).hexdigest()[:40]}@{domain}>"

    async def close(self) -> None:
        """Nothing stays open between letters."""
