"""密钥: our keys for push services (VAPID, RFC 8292), in files that only their owner may read."""

from __future__ import annotations

import base64
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
from domain.private_files import keep_private, write_once

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "push-keys"


class KeysUnreadableError(LianxinError):
    """A key's file cannot be read or written; the message names it."""


@dataclass(frozen=True)
class VapidKey:
    """A key pair on P-256."""

    private: ec.EllipticCurvePrivateKey

    @cached_property
    def public(self) -> str:
        """The `applicationServerKey` for browsers: base64url without padding."""
        point = self.private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    @cached_property
    def pem(self) -> bytes:
        """The private key, as its file holds it."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @cached_property
    def public_pem(self) -> bytes:
        """The public key in PEM."""
        return self.private.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )


# A push service accepts messages only with the key that a subscription was made with (RFC 8292,
# 4.2). So a rotation adds a key and deletes none: old keys sign for old subscriptions until their
# browsers return and get the new one. `--forget-old` ends that at once, and with it those
# subscriptions. Keys are files, not rows: a copy of the database does not let anyone send in our
# name.
class KeyRing:
    """Our keys, in the data folder; read again when the command line has changed the folder."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER
        self._seen = 0
        self._keys: tuple[VapidKey, ...] = ()

    def prepare(self) -> None:
        """Create the first key now, or fail now. Raises `KeysUnreadableError`."""
        _ = self.keys

    @property
    def keys(self) -> tuple[VapidKey, ...]:
        """All keys, newest last; creates the first if need be. Raises `KeysUnreadableError`."""
        try:
            if not self._folder.is_dir():
                self._folder.mkdir(mode=0o700, parents=True)
            if self._folder.stat().st_mtime_ns != self._seen or not self._keys:
                if not self._files():
                    self._add()
                for path in (self._folder, *self._files()):
                    keep_private(path)
                self._seen = self._folder.stat().st_mtime_ns
                self._keys = tuple(_read(path) for path in self._files())
        except OSError as error:
            raise KeysUnreadableError(f"The keys in {self._folder}: {error.strerror}") from error
        return self._keys

    @property
    def current(self) -> VapidKey:
        """The key for new subscriptions."""
        return self.keys[-1]

    @property
    def by_public(self) -> dict[str, VapidKey]:
        """The keys by their public form."""
        return {key.public: key for key in self.keys}

    def rotate(self) -> VapidKey:
        """Add a new key, which becomes the current one."""
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
        """Delete every key but the current one; subscriptions of the others become unreachable."""
        for path in self._files()[:-1]:
            path.unlink()
        self._seen = 0

    def _files(self) -> list[Path]:
        paths = [path for path in self._folder.glob("*.pem") if path.stem.isdigit()]
        return sorted(paths, key=lambda path: int(path.stem))

    def _add(self) -> None:
        """Write one more key, atomically and never over an existing one."""
        files = self._files()
        number = int(files[-1].stem) + 1 if files else 1
        pem = VapidKey(ec.generate_private_key(ec.SECP256R1())).pem
        write_once(self._folder / f"{number}.pem", pem)


def _read(path: Path) -> VapidKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except ValueError as error:
        raise KeysUnreadableError(f"{path} holds no private key.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise KeysUnreadableError(f"{path} holds no key on P-256.")
    return VapidKey(key)
