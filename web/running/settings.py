"""Settings: environment variables `LIANXIN_*`, all optional, listed in docs/reference.md."""

from __future__ import annotations

import datetime as dt
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    field_validator,
)
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from domain.contacts.content import Email
from push.chat_forms import ChatForm, Webhook, form_of
from push.mail import Smtp
from push.outbox import Ways
from push.tables import ChannelKind
from web.running.mailboxes import HostName, MailboxSettings, host_name, read_mailboxes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationInfo

PREFIX = "LIANXIN_"
# Suffixes of settings whose values are never printed.
SECRETS = ("DATABASE", "PASSWORD", "SECRET")
SHORTEST_SECRET = 16
_ADDRESS: TypeAdapter[str] = TypeAdapter(Email)


class SettingsError(Exception):
    """A setting is wrong; the message is one plain line that names it."""


class Settings(BaseModel):
    """Everything that can be set. The defaults serve a small community from one file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # The folder of the database and the keys.
    data: Path = Path("data")
    # A database address: `postgresql+asyncpg://…`, or None for SQLite in the data folder.
    database: Annotated[str, StringConstraints(min_length=1)] | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    # The address residents use, printed in QR codes; None for what the request says.
    public_url: str | None = None
    timezone: str = "Asia/Shanghai"
    # Whether /metrics answers.
    metrics: bool = False
    # How long a staff session lasts unused.
    staff_idle: dt.timedelta = dt.timedelta(hours=2)
    # How long a staff session lasts at all: a working day.
    staff_longest: dt.timedelta = dt.timedelta(hours=12)
    # Days after which a guide must be checked again.
    assure_every: int = Field(default=180, ge=1, le=3650)
    # Days after which nothing links a number to the phone that took it. At least eight, so that a
    # visit can be rated for a week.
    keep_ticket_links: int = Field(default=30, ge=8, le=3650)
    # Days after closing at which the words of a matter are erased, and its photographs.
    keep_matters: int = Field(default=365, ge=30, le=3650)
    keep_photos: int = Field(default=90, ge=30, le=3650)
    # Days after which what residents said is wrong on a page is erased, answered or not.
    keep_mistakes: int = Field(default=180, ge=30, le=3650)
    # Days for which a backup is kept: so long it may hold what was erased here.
    keep_backups: int = Field(default=30, ge=1, le=3650)
    # Numbers that one internet address can take in ten minutes: a hall's own network is one.
    numbers_an_address: int = Field(default=60, ge=1, le=1_000_000)
    log: Literal["json", "plain"] = "json"
    # Addresses whose X-Forwarded-* headers are believed.
    trusted_proxies: str = "127.0.0.1"
    # Read templates again at every request.
    development: bool = False
    # The contact for push services: `mailto:…` or `https://…`.
    push_contact: str | None = None
    # Additional push origins, separated by commas: for tests.
    push_origins: tuple[str, ...] = ()
    # The mail server for letters; None for no letters.
    smtp_host: HostName | None = None
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: str | None = None
    smtp_from: str | None = Field(default=None, validate_default=True)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    # The file of the communities' mailboxes; None for `mailboxes.json` in the data folder, if it is
    # there.
    mailboxes: Path | None = Field(default=None, validate_default=True)
    # The address of the office's group chat.
    webhook_url: str | None = None
    # How it takes messages; None for what its host takes.
    webhook_form: ChatForm | None = None
    # The secret that signs messages to it; a robot may do without.
    webhook_secret: str | None = Field(default=None, validate_default=True)

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
            raise ValueError("must be http:// or https:// and a host, without a path")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("push_origins", mode="before")
    @classmethod
    def _are_origins(cls, value: object) -> object:
        return tuple(filter(None, value.split(","))) if isinstance(value, str) else value

    @field_validator("push_contact")
    @classmethod
    def _is_a_contact(cls, value: str | None) -> str | None:
        # Apple takes nothing with a space in it.
        if value is not None and (
            not value.startswith(("mailto:", "https://")) or any(map(str.isspace, value))
        ):
            raise ValueError("must begin with mailto: or https:// and hold no space")
        return value

    @field_validator("smtp_host", "webhook_url")
    @classmethod
    def _has_an_address(cls, value: str | None, info: ValidationInfo) -> str | None:
        # Only a page knows by itself where it is; a letter would lead to localhost.
        if value is not None and info.data.get("public_url") is None:
            raise ValueError("needs LIANXIN_PUBLIC_URL, to which its messages lead")
        return value

    @field_validator("smtp_from")
    @classmethod
    def _is_a_sender(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not info.data.get("smtp_host"):
            return value
        _, address = parseaddr(value or "")
        try:
            _ADDRESS.validate_python(address)
        except ValidationError:
            raise ValueError(
                "must be the address that letters come from, such as 连心 <hall@example.cn>"
            ) from None
        return value

    @field_validator("mailboxes")
    @classmethod
    def _are_mailboxes(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        path = value or info.data.get("data", Path()) / "mailboxes.json"
        if value is None and not path.is_file():
            return None
        if read_mailboxes(path) and not info.data.get("smtp_host"):
            raise ValueError("needs LIANXIN_SMTP_HOST, to answer the letters")
        return path

    @field_validator("webhook_url")
    @classmethod
    def _is_https(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if f"{parts.scheme}://{parts.netloc}" in info.data.get("push_origins", ()):
            return value
        if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
            raise ValueError("must begin with https:// and name no user")
        host_name(parts.hostname)
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_long(cls, value: str | None, info: ValidationInfo) -> str | None:
        url = info.data.get("webhook_url")
        form = info.data.get("webhook_form") or form_of(url or "")
        if url and form is ChatForm.LIANXIN and len(value or "") < SHORTEST_SECRET:
            raise ValueError(f"must have at least {SHORTEST_SECRET} characters")
        return value

    @field_validator("database")
    @classmethod
    def _is_a_database(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            driver = make_url(value).drivername
        except ArgumentError:
            driver = ""
        if driver not in {"sqlite+aiosqlite", "postgresql+asyncpg"}:
            raise ValueError("must begin with sqlite+aiosqlite:// or postgresql+asyncpg://")
        return value

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("is not the name of a time zone, such as Asia/Shanghai") from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the pages."""
        return ZoneInfo(self.timezone)

    @property
    def database_url(self) -> URL:
        """The address of the store; a folder may have any name, even with a `?` or a `#`."""
        if self.database is not None:
            return make_url(self.database)
        return URL.create("sqlite+aiosqlite", database=str(self.data.absolute() / "lianxin.db"))

    @property
    def shown_database(self) -> str:
        """The address of the store without its password."""
        return self.database_url.render_as_string(hide_password=True)

    @property
    def origin(self) -> str:
        """The address of the pages, for letters, messages and commands, which have no request."""
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def contact(self) -> str:
        """The contact for push services."""
        if self.push_contact is not None:
            return self.push_contact
        if self.origin.startswith("https://"):
            return self.origin
        return f"mailto:postmaster@{urlsplit(self.origin).hostname}"

    @property
    def is_without_contact(self) -> bool:
        """Whether push services are told nobody they could ask; Apple's then takes nothing."""
        host = urlsplit(self.origin).hostname
        return self.push_contact is None and host in {"localhost", "127.0.0.1", "::1"}

    @property
    def smtp(self) -> Smtp | None:
        """The mail server, or None."""
        if self.smtp_host is None or self.smtp_from is None:
            return None
        return Smtp(
            host=self.smtp_host,
            sender=self.smtp_from,
            port=self.smtp_port,
            user=self.smtp_user,
            password=self.smtp_password,
            security=self.smtp_security,
        )

    @property
    def smtp_address(self) -> str:
        """The address in `smtp_from`, which may have a name before it."""
        return parseaddr(self.smtp_from or "")[1]

    @cached_property
    def letter_boxes(self) -> tuple[MailboxSettings, ...]:
        """The mailboxes of communities, as the file said at first."""
        return read_mailboxes(self.mailboxes) if self.mailboxes else ()

    @property
    def webhook(self) -> Webhook | None:
        """The office's group chat, or None."""
        if self.webhook_url is None:
            return None
        return Webhook(self.webhook_url, self.webhook_secret or "", self.webhook_form)

    @property
    def ways(self) -> Ways:
        """The channels that are set up here."""
        found = {ChannelKind.PUSH}
        if self.smtp is not None:
            found.add(ChannelKind.EMAIL)
        if self.webhook is not None:
            found.add(ChannelKind.WEBHOOK)
        return Ways(frozenset(found), frozenset(self.push_origins))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings. Raises `SettingsError` for a wrong value or an unknown name."""
        given = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environment.items()
            if name.startswith(PREFIX) and value
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            first = error.errors()[0]
            name = PREFIX + str(first["loc"][0]).upper()
            if first["type"] == "extra_forbidden":
                raise SettingsError(f"{name} is not a setting. See docs/reference.md.") from error
            why = first["msg"].removeprefix("Value error, ")
            is_absent = first["input"] is None or name.endswith(SECRETS)
            shown = "" if is_absent else f"={first['input']}"
            raise SettingsError(f"{name}{shown}: {why}") from error
