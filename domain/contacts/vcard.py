"""名片: a contact as a vCard 3.0 (RFC 2426) that phones of both kinds read.

3.0, because iPhones garble 4.0. Lines are never folded, because Android reads a folded line as two.
There is no photograph: it would stay on the phone after its consent was taken back.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.phones import dialled

MEDIA_TYPE = "text/vcard; charset=utf-8"
_ESCAPED = str.maketrans({"\\": "\\\\", ",": "\\,", ";": "\\;", "\n": "\\n", "\r": None})


@dataclass(frozen=True)
class Contact:
    """What is saved. `mobile` and `email` are empty when there are none."""

    name: str
    organisation: str
    title: str
    # The office's.
    phone: str
    url: str
    note: str
    mobile: str = ""
    email: str = ""


def vcard(contact: Contact) -> bytes:
    """The contact as a file, each line ended by CRLF."""
    name = escaped(contact.name)
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        # All in the place of the family name: phones would set a blank between two Chinese names.
        f"N:{name};;;;",
        f"FN:{name}",
        f"ORG:{escaped(contact.organisation)}",
        f"TITLE:{escaped(contact.title)}",
        f"TEL;TYPE=WORK,VOICE:{escaped(dialled(contact.phone))}",
        *([f"TEL;TYPE=CELL,VOICE:{contact.mobile}"] if contact.mobile else []),
        *([f"EMAIL;TYPE=INTERNET:{escaped(contact.email)}"] if contact.email else []),
        f"URL:{contact.url}",
        f"NOTE:{escaped(contact.note)}",
        "END:VCARD",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def escaped(text: str) -> str:
    """Text as it stands in a value (RFC 2426, 5)."""
    return text.replace("\r\n", "\n").translate(_ESCAPED)
