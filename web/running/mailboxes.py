"""The mailboxes of communities, as their file describes them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from domain.contacts.content import Email
from domain.content import Slug
from push.endpoints import LONGEST_HOST

# Characters of a part of a name in the DNS (RFC 1035, 2.3.4).
LONGEST_LABEL = 63
Name = Annotated[str, StringConstraints(min_length=1, max_length=254)]


# Python raises from within a look-up for a name that no DNS can hold.
def host_name(value: str) -> str:
    """The name of a host. Raises `ValueError` for one that nobody can look up."""
    labels = value.rstrip(".").split(".")
    is_name = value.isascii() and len(value) <= LONGEST_HOST
    if not is_name or not all(0 < len(label) <= LONGEST_LABEL for label in labels):
        raise ValueError("is not the name of a host, as the DNS spells it")
    return value


HostName = Annotated[str, AfterValidator(host_name)]


class MailboxSettings(BaseModel):
    """便民邮箱: where the letters to a community's address are read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    community: Slug
    # What residents write to; answers come from it.
    address: Email
    host: HostName
    port: int = Field(default=993, ge=1, le=65535)
    # `none` is for a server within your own network.
    security: Literal["tls", "starttls", "none"] = "tls"
    user: Name
    # The file that holds the password alone; read at each sign-in.
    password_file: Path
    folder: Name = "INBOX"


_FILE = TypeAdapter(tuple[MailboxSettings, ...])


def read_mailboxes(path: Path) -> tuple[MailboxSettings, ...]:
    """The mailboxes in this file. Raises `ValueError` with what is wrong, in one line."""
    try:
        boxes = _FILE.validate_json(path.read_bytes())
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"{part}." for part in first["loc"])
        raise ValueError(f"{where.removesuffix('.')} {first['msg']}".strip()) from error
    if len({box.community for box in boxes}) < len(boxes):
        raise ValueError("a community has two mailboxes")
    return boxes
