"""Passwords and codes: Argon2id through argon2-cffi, time-based codes through pyotp.

Hashing takes tens of milliseconds on purpose, so it is never done on the event loop nor
inside a unit of work: these functions are for a thread of their own.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import TYPE_CHECKING

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

# Letters in a password (OWASP ASVS 4, 2.1.1). A Chinese character counts as four thirds of a
# letter, so that nine are enough: each says more than a letter, and is typed with several.
SHORTEST = 12
LONGEST = 200
# Different characters in a password, and letters of a name that must not stand in it.
FEWEST = 4
# Guesses that must not be enough, as zxcvbn counts them: what it calls safely unguessable for a
# slow hash.
FEWEST_GUESSES = 10**8
# Characters that are scored, for which it needs up to 0.1 s; more make no password weaker.
SCORED = 72
# Numbers are typed in many ways, and are as easy to guess in each.
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
# What everyone here has before their eyes, and what the list, which is English, lacks.
_OURS = (
    *("lianxin", "连心", "shequ", "社区", "juweihui", "居委会", "zhongguo", "mima", "nihao"),
    *("woaini", "aini", "5201314", "1314520", "1314", "520", "woaizuguo", "qwe123", "abc123"),
)
RECOVERY_CODES = 8
# Seconds of a time step (RFC 6238).
STEP = 30
# Steps a phone's clock may be off, either way.
DRIFT = 1

_hasher = PasswordHasher()
_nobody = _hasher.hash(secrets.token_urlsafe())


def hashed(password: str) -> str:
    """The Argon2id hash to keep."""
    return _hasher.hash(password)


# A name that does not exist must take as long as a wrong password, or the time would reveal which
# names exist.
def matches(kept: str | None, password: str) -> bool:
    """Whether this is the password; without a hash it takes as long, and is False."""
    try:
        return _hasher.verify(kept or _nobody, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def weakness(password: str, *known: str, here: Iterable[str] = ()) -> str | None:
    """Why a new password will not do: `short`, `long`, `known`, `easy`; None when it will.

    `known` are names of its owner, which must not stand in it; `here` are words of the place, which
    are guessed first. Takes up to 0.1 s.
    """
    letters = sum(3 if each.isascii() else 4 for each in password)
    if letters < 3 * SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    plain = password.lower()
    if len(set(plain)) < FEWEST or any(_tells(each) and each.lower() in plain for each in known):
        return "known"
    # Common passwords, words, keyboards, dates and repetitions, with lists of tens of thousands.
    text = unicodedata.normalize("NFKC", plain).translate(_DIGITS)[:SCORED]
    guesses = zxcvbn(text, user_inputs=[*_OURS, *known, *here])["guesses"]
    return "easy" if guesses < FEWEST_GUESSES else None


def _tells(name: str) -> bool:
    """Whether a name in a password is no accident: `li` stands in every other sentence."""
    return len(name) >= (FEWEST if name.isascii() else 2)


def new_secret() -> str:
    """A new secret for an authenticator app."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether this is a secret as `new_secret` makes them."""
    return re.fullmatch("[A-Z2-7]{32}", text) is not None


def accepted_step(secret: str, code: str, now: dt.datetime, last_step: int | None) -> int | None:
    """The time step for which the code is right and not used before; None if there is none."""
    if not code.isascii():
        return None
    current = int(now.timestamp()) // STEP
    totp = pyotp.TOTP(secret, interval=STEP)
    for step in range(current - DRIFT, current + DRIFT + 1):
        if last_step is not None and step <= last_step:
            continue
        if secrets.compare_digest(totp.at(step * STEP), code):
            return step
    return None


def new_recovery_codes() -> tuple[str, ...]:
    """Codes to write down, each good for one sign-in without the phone."""
    return tuple(f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(RECOVERY_CODES))


def provisioning_address(secret: str, name: str) -> str:
    """What the QR code for an authenticator app holds."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=name, issuer_name="Lianxin")
