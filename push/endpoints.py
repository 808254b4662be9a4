"""推送地址: which addresses from a stranger's browser we send to.

A push endpoint is a request that another party asks us to make, so it is checked when it is stored
and again when it is used: HTTPS, the usual port, no user name, and a host that is a known push
service in its canonical spelling (RFC 8030 leaves all of this open).
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from push.errors import EndpointRefusedError, KeysRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

HOSTS = frozenset({"fcm.googleapis.com"})
SUFFIXES = (".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com")
# Characters of an endpoint; real ones have 150 to 600.
LONGEST = 1000
# Characters of a name in the DNS (RFC 1035, 2.3.4, without the root); a label has up to 63.
LONGEST_HOST = 253
_VISIBLE = re.compile(r"[!-~]+")
_HOST = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
_BASE64 = re.compile(r"[A-Za-z0-9_-]+")
POINT = 65
# Bytes of an uncompressed point on P-256 and of the authentication secret (RFC 8291, 3.1, 3.2).
SECRET = 16


# Without this list an endpoint is a way to make our server send requests into its own network. The
# list is checked again at sending, because settings and rows may have changed since.
def service_of(endpoint: str, allowed: Iterable[str] = ()) -> str:
    """The push service of an endpoint: its host, with the port if it is not the usual one.

    `allowed` are additional origins, such as `http://127.0.0.1:9000` in a test. Raises
    `EndpointRefusedError`.
    """
    if len(endpoint) > LONGEST:
        raise EndpointRefusedError("length")
    if not _VISIBLE.fullmatch(endpoint) or "\\" in endpoint or "#" in endpoint:
        raise EndpointRefusedError("form")
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError as error:
        raise EndpointRefusedError("form") from error
    if "@" in parts.netloc:
        raise EndpointRefusedError("user")
    if f"{parts.scheme}://{parts.netloc}" in set(allowed):
        return parts.netloc
    if parts.scheme != "https":
        raise EndpointRefusedError("scheme")
    # An empty port (`host:`) is no spelling that a browser gives.
    if port not in {None, 443} or parts.netloc.endswith(":"):
        raise EndpointRefusedError("port")
    host = parts.netloc.removesuffix(":443")
    if not _is_known(host):
        raise EndpointRefusedError("host")
    return host


def _is_known(host: str) -> bool:
    """Whether the host is a push service, exactly spelt: no capitals, final dot, punycode."""
    if len(host) > LONGEST_HOST or not _HOST.fullmatch(host):
        return False
    if any(label.startswith("xn--") for label in host.split(".")):
        return False
    return host in HOSTS or host.endswith(SUFFIXES)


def check_keys(p256dh: str, auth: str) -> None:
    """Raises `KeysRefusedError` unless a message can be encrypted with these keys (RFC 8291)."""
    point = _decoded(p256dh, "p256dh")
    if len(point) != POINT:
        raise KeysRefusedError("p256dh")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise KeysRefusedError("p256dh") from error
    if len(_decoded(auth, "auth")) != SECRET:
        raise KeysRefusedError("auth")


def _decoded(text: str, name: str) -> bytes:
    """Base64url, with or without its padding."""
    plain = text.rstrip("=")
    if len(text) - len(plain) > 2 or not _BASE64.fullmatch(plain):  # noqa: PLR2004 - base64's rule
        raise KeysRefusedError(name)
    try:
        return base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    except binascii.Error as error:
        raise KeysRefusedError(name) from error
