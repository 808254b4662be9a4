"""密封: secrets of authenticator apps, encrypted with a key that is not in the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from domain.staff.passwords import is_secret
from domain.staff.tables import StaffMember

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

# Bytes of the key, and of AES-GCM's nonce (NIST SP 800-38D, 8.2.2).
KEY, NONCE = 32, 12


# Without this the database, or a backup of it, is enough to make the codes of every second factor.
# Not taken: a passphrase typed at each start, which no office would be there for at night.
class Seal:
    """Seals secrets of 160 bits into 64 characters, and signs what a browser keeps for us."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(key)

    def close(self, secret: str) -> str:
        """A secret of `passwords.new_secret` as it is kept."""
        nonce = secrets.token_bytes(NONCE)
        sealed = self._cipher.encrypt(nonce, base64.b32decode(secret), None)
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, kept: str) -> str | None:
        """The secret, also of a row from before secrets were sealed; None with another key."""
        if is_secret(kept):
            return kept
        try:
            data = base64.urlsafe_b64decode(kept)
            return base64.b32encode(self._cipher.decrypt(data[:NONCE], data[NONCE:], None)).decode()
        except (ValueError, InvalidTag):
            return None

    def signature(self, text: str) -> str:
        """A mark that only this key makes, of 32 characters."""
        return hmac.new(self._key, f"signed {text}".encode(), hashlib.sha256).hexdigest()[:32]


async def seal_all(session: AsyncSession, seal: Seal) -> int:
    """Seal what was kept in plain; returns how many secrets this key does not open."""
    holders = select(StaffMember).where(StaffMember.totp_secret.is_not(None)).with_for_update()
    for member in await session.scalars(holders):
        if member.totp_secret is not None and is_secret(member.totp_secret):
            member.totp_secret = seal.close(member.totp_secret)
    await session.flush()
    return await count_foreign(session, seal)


async def count_foreign(session: AsyncSession, seal: Seal | None) -> int:
    """How many second factors cannot be used: this key, or no key, does not open them."""
    kept = await session.scalars(
        select(StaffMember.totp_secret).where(StaffMember.totp_secret.is_not(None))
    )
    return sum(seal is None or seal.open(each or "") is None for each in kept)
