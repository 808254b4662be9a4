"""The standing cast on the office's side: who manages, who edits, who must see nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.places.tables import Community
from domain.staff import accounts, passwords
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.sign_in import begin_session
from domain.staff.tables import Role

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store
    from tests.web.conftest import Browser

PASSWORD = "一句好记的话就行啦呀"


@cache
def password_hash() -> str:
    """The hash of `PASSWORD`; made once, because it is slow on purpose."""
    return passwords.hashed(PASSWORD)


@dataclass(frozen=True)
class Cast:
    """Ids by name."""

    admin: int
    """Administrator of the district."""
    local: int
    """Administrator of 刘家庄 alone."""
    editor: int
    clerk: int
    neighbour: int
    """Editor of 益康."""


async def hire_cast(store: Store, now: dt.datetime) -> Cast:
    """Everybody, hired."""

    async def unit(session: AsyncSession) -> Cast:
        rows = (await session.execute(select(Community.slug, Community.id))).all()
        places: dict[str, int] = {row.slug: row.id for row in rows}
        home, away = places["liujiazhuang"], places["yikang"]
        grants = {
            "admin": Grant(Role.ADMINISTRATOR),
            "local": Grant(Role.ADMINISTRATOR, community_id=home),
            "editor": Grant(Role.EDITOR, community_id=home),
            "clerk": Grant(Role.CLERK, community_id=home),
            "neighbour": Grant(Role.EDITOR, community_id=away),
        }
        ids = {}
        for name, grant in grants.items():
            member = await accounts.hire(
                session, COMMAND_LINE, name, f"{name}（样例）", password_hash(), (grant,), now
            )
            ids[name] = member.id
        return Cast(**ids)

    return await store.write(unit)


async def sign_in(browser: Browser, member_id: int, now: dt.datetime) -> str:
    """Sign in without the slow password check; returns the session's key."""

    async def unit(session: AsyncSession) -> str:
        return await begin_session(session, member_id, "Chrome · Linux", (), now)

    key = await browser.store.write(unit)
    browser.cookies.set("staff", key)
    return key
