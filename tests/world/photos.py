"""Photographs to send, good and bad."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

RED, BLUE, WHITE = (200, 30, 30), (30, 30, 200), (255, 255, 255)


def picture_of(width: int = 40, height: int = 30, mode: str = "RGB") -> Image.Image:
    """A picture whose left half is red and whose right half is blue."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    return picture.convert(mode)


def saved(picture: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    """The bytes of a file."""
    output = BytesIO()
    picture.save(output, kind, **more)
    return output.getvalue()


def jpeg(width: int = 40, height: int = 30, **more: Any) -> bytes:
    """A small JPEG file."""
    return saved(picture_of(width, height), "JPEG", **{"quality": 95, **more})


def noise(width: int, height: int) -> Image.Image:
    """What no JPEG makes small."""
    levels = random.Random(3).randbytes(width * height * 3)  # noqa: S311 - the same in every run
    return Image.frombytes("RGB", (width, height), levels)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file, with its checksum."""
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png_that_claims(width: int, height: int, lines: bytes = b"") -> bytes:
    """A grey PNG file with this size in its header; `lines` are its pixels, not packed."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def shown(data: bytes) -> Image.Image:
    """The picture in a file."""
    with Image.open(BytesIO(data)) as opened:
        opened.load()
        return opened.copy()
