"""Demo accounts: one for each role, in a sample district only, with random passwords.

The data folder keeps the passwords, readable by its owner.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from domain.contacts.tables import ContactPost
from domain.places.tables import Community, District
from domain.staff.accounts import hire
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.passwords import hashed, matches
from domain.staff.tables import Role, StaffMember

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store

FILE = "demo-accounts.txt"
HOME = "liujiazhuang"
# The contact post that the party member holds; the clerk is the substitute.
POST = "liujiazhuang-xinju-3"
# Name, full name, role, and whether the role is bound to one community.
DEMO = (
    ("admin", "管理员（样例）", Role.ADMINISTRATOR, False),
    ("editor", "社区编辑（样例）", Role.EDITOR, True),
    ("clerk", "窗口人员（样例）", Role.CLERK, True),
    ("party", "党员（样例）", Role.PARTY_MEMBER, True),
    ("supervisor", "居务监督委员（样例）", Role.SUPERVISOR, True),
)


# `make run` listens on the network, so that a phone can connect. Passwords printed in a README
# would let everybody in, so each machine has its own.
async def demo_accounts(store: Store, data: Path, now: dt.datetime) -> str:
    """The names and passwords, created at the first call; empty for a real district."""
    kept = data / FILE
    async with store.read() as reading:
        is_sample = await reading.scalar(select(District.is_sample))
        staff = {member.name: member for member in await reading.scalars(select(StaffMember))}
    if not is_sample:
        return ""
    if staff:
        lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
        return "".join(f"{line}\n" for line in lines if _opens(line, staff))
    words = {name: "-".join(secrets.token_hex(2) for _ in range(3)) for name, *_ in DEMO}
    hashes = {name: hashed(password) for name, password in words.items()}

    async def plant(session: AsyncSession) -> None:
        home = await session.scalar(select(Community.id).where(Community.slug == HOME))
        for name, full_name, role, is_bound in DEMO:
            grant = Grant(role, community_id=home if is_bound else None)
            await hire(session, COMMAND_LINE, name, full_name, hashes[name], (grant,), now)
        held = update(ContactPost).where(ContactPost.slug == POST)
        await session.execute(held.values(holder="party", substitute="clerk"))

    # Written first: an account whose password nobody knows would be in the way for ever.
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.unlink(missing_ok=True)
    kept.touch(mode=0o600)
    lines = [f"  {name:12}{words[name]}   {full_name}" for name, full_name, *_ in DEMO]
    kept.write_text("\n".join(lines) + "\n", encoding="utf-8")
    await store.write(plant)
    return kept.read_text(encoding="utf-8")


def _opens(line: str, staff: dict[str, StaffMember]) -> bool:
    """Whether a line of the file is valid: the file may be older than the database."""
    name, password = (*line.split(), "", "")[:2]
    member = staff.get(name)
    return member is not None and member.ended_at is None and matches(member.password, password)
