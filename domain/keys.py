"""Keys and codes, and the hashes that are kept of them: for staff, devices and residents."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata


def new_key() -> str:
    """A random key of 256 bits, for a cookie or a link."""
    return secrets.token_urlsafe(32)


def key_hash(key: str) -> str:
    """The SHA-256 of a key, in hexadecimal digits."""
    # A key is long and random, so nobody can try them all: a slow hash, as passwords have it,
    # would only cost time on every request.
    return hashlib.sha256(key.encode()).hexdigest()


def failure_key(kind: str, what: str) -> str:
    """A hash under which attempts of a name or an address are counted; the table names nobody."""
    return hashlib.sha256(f"{kind}:{what}".encode()).hexdigest()


def plain_code(code: str) -> str:
    """A code as it was meant: without blanks, in lower case, in ASCII digits from any keyboard."""
    return "".join(unicodedata.normalize("NFKC", code).split()).lower()
