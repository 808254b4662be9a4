"""密钥: what push services know us by (VAPID, RFC 8292), kept as files that only we may read.

A browser's subscription takes messages of the one key it was made with. So a rotation adds a key
and throws none away: new subscriptions get the new key, an old one is sent to with its own until
its browser comes back and is given the new. Only `forget_old` ends that at once.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from domain.errors import LianxinError

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "push-keys"


class KeysUnreadableError(LianxinError):
    """A key's file cannot be read or written; the message names it."""


@dataclass(frozen=True)
class VapidKey:
    """One pair on P-256."""

    private: ec.EllipticCurvePrivateKey

    @cached_property
    def public(self) -> str:
        """What a browser is given as `applicationServerKey`: base64url without padding."""
        point = self.private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    @cached_property
    def pem(self) -> bytes:
        """The private key, as it stands in the file."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @cached_property
    def public_pem(self) -> bytes:
        """The public key in the same spelling."""
        return self.private.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )


class KeyRing:
    """Our keys, in the data folder. Read again when the folder changed, as by the command line."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER
        self._seen = 0
        self._keys: tuple[VapidKey, ...] = ()

    def prepare(self) -> None:
        """Make the first key now, or say now what is wrong. Raises `KeysUnreadableError`."""
        _ = self.keys

    @property
    def keys(self) -> tuple[VapidKey, ...]:
        """All, the newest last; the first is made at need. Raises `KeysUnreadableError`."""
        try:
            if not self._folder.is_dir():
                self._folder.mkdir(mode=0o700, parents=True)
            if self._folder.stat().st_mtime_ns != self._seen or not self._keys:
                if not self._files():
                    self._add()
                self._seen = self._folder.stat().st_mtime_ns
                self._keys = tuple(_read(path) for path in self._files())
        except OSError as error:
            raise KeysUnreadableError(f"The keys in {self._folder}: {error.strerror}") from error
        return self._keys

    @property
    def current(self) -> VapidKey:
        """The one that new subscriptions are made with."""
        return self.keys[-1]

    @property
    def by_public(self) -> dict[str, VapidKey]:
        """Every key by what a browser knows it by."""
        return {key.public: key for key in self.keys}

    def rotate(self) -> VapidKey:
        """Add a new key, which is the current one from now on."""
        known = self.keys
        try:
            self._add()
        except OSError as error:
            raise KeysUnreadableError(f"The keys in {self._folder}: {error.strerror}") from error
        self._seen = 0
        if len(self.keys) == len(known):  # pragma: no cover
            raise AssertionError
        return self.current

    def forget_old(self) -> None:
        """Delete every key but the current: what was made with another can not be sent to again."""
        for path in self._files()[:-1]:
            path.unlink()
        self._seen = 0

    def _files(self) -> list[Path]:
        found = [path for path in self._folder.glob("*.pem") if path.stem.isdigit()]
        return sorted(found, key=lambda path: int(path.stem))

    def _add(self) -> None:
        """Write one more key; whole or not at all, and never over another's."""
        files = self._files()
        number = int(files[-1].stem) + 1 if files else 1
        draft = self._folder / f".{os.getpid()}.new"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 - a path's own open cannot say with which permissions
            file.write(VapidKey(ec.generate_private_key(ec.SECP256R1())).pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, self._folder / f"{number}.pem")
        except FileExistsError:
            pass  # Another process was first; its key is as good.
        finally:
            draft.unlink()


def _read(path: Path) -> VapidKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except ValueError as error:
        raise KeysUnreadableError(f"{path} holds no private key.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise KeysUnreadableError(f"{path} holds no key on P-256.")
    return VapidKey(key)
