"""The mailboxes of communities, as their file describes them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from domain.contacts.content import Email
from domain.content import Slug

Name = Annotated[str, StringConstraints(min_length=1, max_length=254)]


class MailboxSettings(BaseModel):
    """便民邮箱: where the letters to a community's address are read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    community: Slug
    # What residents write to; answers come from it.
    address: Email
    host: Name
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
