"""Answers to refused forms, for the few minutes in which another of several servers may be asked.

What a resident typed is in them. So a row is sealed with what the browser alone has, the key in its
address and the key in its cookie, and of neither is more kept than a hash.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base
from domain.keys import key_hash

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

LASTS = dt.timedelta(minutes=30)
MOST = 500
LARGEST = 64 * 1024
"""Bytes of an answer, compressed."""
NONCE = 12


class RefusedAnswer(Base):
    """没办成的表单: an answer, sealed, until when it is kept."""

    __tablename__ = "refused_answer"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    until: Mapped[dt.datetime] = mapped_column(index=True)


@dataclass(frozen=True)
class Holder:
    """The browser that may read an answer: by the key in its address and the key in its cookie."""

    key: str
    owner: str

    @property
    def _sealing(self) -> AESGCM:
        return AESGCM(hashlib.sha256(f"{self.key} {self.owner}".encode()).digest())

    def seal(self, answer: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._sealing.encrypt(nonce, answer, None)

    def open(self, sealed: bytes) -> bytes | None:
        """The answer; None for another browser."""
        try:
            return self._sealing.decrypt(sealed[:NONCE], sealed[NONCE:], None)
        except InvalidTag:
            return None


async def hold(session: AsyncSession, holder: Holder, answer: bytes, now: dt.datetime) -> None:
    """Hold an answer of at most `LARGEST` bytes; the oldest give way to the newest `MOST`."""
    await forget_old(session, now)
    count = await session.scalar(select(func.count()).select_from(RefusedAnswer)) or 0
    if count >= MOST:
        oldest = select(RefusedAnswer.key_hash).order_by(RefusedAnswer.until)
        given_way = oldest.limit(count - MOST + 1).scalar_subquery()
        await session.execute(delete(RefusedAnswer).where(RefusedAnswer.key_hash.in_(given_way)))
    hashed, sealed = key_hash(holder.key), holder.seal(answer)
    session.add(RefusedAnswer(key_hash=hashed, sealed=sealed, until=now + LASTS))


async def held(session: AsyncSession, holder: Holder, now: dt.datetime) -> bytes | None:
    """The answer that this browser was given; None for another, and later."""
    found = await session.get(RefusedAnswer, key_hash(holder.key))
    return None if found is None or found.until <= now else holder.open(found.sealed)


async def forget_old(session: AsyncSession, now: dt.datetime) -> None:
    """Erase the answers whose time is over."""
    await session.execute(delete(RefusedAnswer).where(RefusedAnswer.until <= now))
