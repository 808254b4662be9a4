"""电子邮件: one plain letter per message, for people without push."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Literal

import aiosmtplib

from push.channels import Address, Outcome, Result
from push.messages import LANG, Message

# Seconds.
TIMEOUT = 15.0
# Codes from here on are permanent failures (RFC 5321, 4.2.1).
PERMANENT = 500


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
    except aiosmtplib.SMTPAuthenticationError as error:
        return Outcome(Result.DENIED, str(error.code))
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = [recipient.code for recipient in error.recipients]
        is_final = all(code >= PERMANENT for code in codes)
        return Outcome(Result.GONE if is_final else Result.AGAIN, " ".join(map(str, codes)))
    except aiosmtplib.SMTPResponseException as error:
        result = Result.REFUSED if error.code >= PERMANENT else Result.AGAIN
        return Outcome(result, str(error.code))
    except (aiosmtplib.SMTPException, OSError) as error:
        return Outcome(Result.AGAIN, type(error).__name__)
    return Outcome(Result.SENT)


class MailChannel:
    def __init__(self, smtp: Smtp, *, origin: str) -> None:
        self._smtp, self._origin = smtp, origin

    async def send(self, message: Message, address: Address) -> Outcome:
        return await send_letter(self._smtp, self.letter(message, address.to))

    def letter(self, message: Message, to: str) -> EmailMessage:
        """The letter: the text of a notification, and a link to its page."""
        letter = EmailMessage()
        letter["Subject"] = message.title
        letter["From"] = self._smtp.sender
        letter["To"] = to
        letter["Date"] = formatdate()
        letter["Message-ID"] = make_msgid(domain=self._smtp.sender.rpartition("@")[2])
        # No answering machine answers to this (RFC 3834, 5).
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(f"{message.body}\n\n{self._origin}{message.path}\n")
        # After the content, which clears such headers.
        letter["Content-Language"] = LANG[message.language]
        return letter

    async def close(self) -> None:
        """Nothing stays open between letters."""
