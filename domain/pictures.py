"""What is told of a file that should be a photograph, before anything decodes it.

Nothing but the standard library: the process that reads a stranger's letter imports it.
"""

from __future__ import annotations

from dataclasses import dataclass

# Bytes of one photograph, and how many are sent at once.
MOST_BYTES = 12 << 20
MOST_PHOTOS = 3
JPEG, PNG, RIFF, WEBP = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"WEBP"


@dataclass(frozen=True)
class NotTaken:
    """A file that was sent and is not in the matter.

    `why` is a word of `PhotoError`, or letter-too-large: it and all behind it was not fetched.
    `name` is empty for all behind the words of a letter.
    """

    name: str
    why: str


def is_picture(data: bytes) -> bool:
    """Whether the first bytes are those of a JPEG, PNG or WebP file.

    What a browser or a mail program calls a file, or its name ends in, is not looked at.
    """
    return data.startswith((JPEG, PNG)) or (data[:4] == RIFF and data[8:12] == WEBP)
