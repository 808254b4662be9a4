"""Settings: environment variables `LIANXIN_*`, all optional, listed in docs/operations.md."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "LIANXIN_"


class SettingsError(Exception):
    """A setting is wrong; the message is one plain line that names it."""


class Settings(BaseModel):
    """Everything that can be set. The defaults serve a small community from one file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Path("data")
    """The folder that holds the database and, later, keys."""
    database: Annotated[str, StringConstraints(min_length=1)] | None = None
    """A database address: `postgresql+asyncpg://…`, or none for SQLite in the data folder."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str | None = None
    """The address residents use, printed in QR codes; else what the request says."""
    timezone: str = "Asia/Shanghai"
    metrics: bool = False
    """Whether /metrics answers."""
    staff_idle: dt.timedelta = dt.timedelta(hours=2)
    """How long a staff session lasts unused."""
    staff_longest: dt.timedelta = dt.timedelta(hours=12)
    """How long a staff session lasts at all: a working day."""
    assure_every: int = Field(default=180, ge=1, le=3650)
    """Days after which a guide is to be looked through and assured again."""
    keep_ticket_links: int = Field(default=30, ge=8, le=3650)
    """Days after which nothing links a number to the phone that took it. Eight at least, so that a
    visit can be rated for a week."""
    numbers_an_address: int = Field(default=60, ge=1, le=1_000_000)
    """Numbers that one internet address can take in ten minutes: a hall's own network is one."""
    log: Literal["json", "plain"] = "json"
    trusted_proxies: str = "127.0.0.1"
    """Addresses whose X-Forwarded-* headers are believed."""
    development: bool = False
    """Read templates again at every request."""

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
            raise ValueError("must be http:// or https:// and a host, without a path")
        return f"{parts.scheme}://{parts.netloc}"

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
        """The address of the store; a folder may have any name, also with a `?` or a `#`."""
        if self.database is not None:
            return make_url(self.database)
        return URL.create("sqlite+aiosqlite", database=str(self.data.absolute() / "lianxin.db"))

    @property
    def shown_database(self) -> str:
        """The address of the store without its password."""
        return self.database_url.render_as_string(hide_password=True)

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
                raise SettingsError(f"{name} is not a setting. See docs/operations.md.") from error
            why = first["msg"].removeprefix("Value error, ")
            shown = "" if name.endswith("DATABASE") else f"={first['input']}"
            raise SettingsError(f"{name}{shown}: {why}") from error
