"""The only way in for a photograph: told by its first bytes, bounded, and made again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from domain.matters.timeline import Picture
from domain.pictures import MOST_BYTES, MOST_PHOTOS, is_picture
from web.running import photo_process
from web.running.apart import BrokenError, TooCostlyError, run_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import UploadFile

    from web.running.services import Services

log = logging.getLogger("lianxin.photos")


class PhotoError(Exception):
    """A photograph is refused.

    `word` is one of not-a-picture, too-large, too-many-pixels, damaged, too-many.
    """

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


async def prepared(services: Services, data: bytes) -> Picture:
    """The photograph as a fresh JPEG of at most 1600 pixels a side and 400 KB.

    It has no place, comment or profile of the one that was sent. Raises `PhotoError`.
    """
    async with services.picturing:
        return await _made_again(data)


async def prepared_files(services: Services, files: Sequence[UploadFile]) -> tuple[Picture, ...]:
    """The photographs of a form, in order. Raises `PhotoError` for the first that is refused."""
    if len(files) > MOST_PHOTOS:
        raise PhotoError("too-many")
    if any((file.size or 0) > MOST_BYTES for file in files):
        raise PhotoError("too-large")
    pictures = []
    for file in files:
        # Each file is read when its turn comes: a crowd's files wait on the disk.
        async with services.picturing:
            pictures.append(await _made_again(await file.read()))
    return tuple(pictures)


async def _made_again(data: bytes) -> Picture:
    if not is_picture(data):
        raise PhotoError("not-a-picture")
    if len(data) > MOST_BYTES:
        raise PhotoError("too-large")
    try:
        output = await run_apart(photo_process.COMMAND, data, photo_process.MOST_PATIENCE)
    except (TooCostlyError, BrokenError) as error:
        log.warning("a photograph of %d bytes was given up: %r", len(data), error)
        raise PhotoError("damaged") from None
    head, _, body = output.partition(b"\n")
    word, *sizes = head.decode().split()
    if word != "picture":
        raise PhotoError(word)
    width, height = map(int, sizes)
    return Picture(body, width, height)
