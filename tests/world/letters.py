"""Letters as residents' mail programs write them."""

from __future__ import annotations

from email.message import EmailMessage
from itertools import count

_numbers = count(1)


def letter(
    body: str, *, subject: str = "报修", html: str | None = None, **headers: str
) -> EmailMessage:
    """A letter of 王桂英, with a Message-ID of its own; a header that is empty is left out."""
    message = EmailMessage()
    given = {
        "From": "王桂英 <wang@example.com>",
        "To": "bianmin@liujiazhuang.example",
        "Subject": subject,
        "Message-ID": f"<{next(_numbers)}@example.com>",
        **headers,
    }
    for name, value in given.items():
        if value:
            message[name] = value
    if body or html is None:
        message.set_content(body)
    if html is not None and body:
        message.add_alternative(html, subtype="html")
    elif html is not None:
        message.set_content(html, subtype="html")
    return message


def mail(body: str, *, subject: str = "报修", html: str | None = None, **headers: str) -> bytes:
    """The same as bytes."""
    return letter(body, subject=subject, html=html, **headers).as_bytes()
