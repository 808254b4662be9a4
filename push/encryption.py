"""Encrypts a message for one browser (RFC 8291, over RFC 8188 with a single record)."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from push.endpoints import SECRET
from push.errors import KeysRefusedError

# Bytes of a record; push services take no larger body.
RECORD = 4096
# Marks the last record; a record without padding of its own ends with it.
LAST = b"\x02"
CURVE, SHA256 = ec.SECP256R1(), hashes.SHA256()


def encrypted(plain: bytes, p256dh: str, auth: str) -> bytes:
    """The body of the request. Raises `KeysRefusedError`."""
    try:
        theirs, secret = _decoded(p256dh), _decoded(auth)
        key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs)
    except ValueError as error:
        raise KeysRefusedError("p256dh") from error
    if len(secret) != SECRET:
        raise KeysRefusedError("auth")
    salt, private = os.urandom(16), ec.generate_private_key(CURVE)
    ours = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = private.exchange(ec.ECDH(), key)
    material = _derived(secret, shared, b"WebPush: info\0" + theirs + ours, 32)
    content_key = _derived(salt, material, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(salt, material, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD.to_bytes(4, "big") + len(ours).to_bytes(1, "big") + ours
    return header + AESGCM(content_key).encrypt(nonce, plain + LAST, None)


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _derived(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256, length, salt, info).derive(material)
