"""Decoding a photograph and making a fresh one, in a process of its own.

It imports nothing but Pillow, so it starts in a tenth of a second.
"""

from __future__ import annotations

import sys
from io import BytesIO

# The three formats that are let in. Pillow would load all others on the first file it cannot open.
from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from web.running.apart import command_of, limit

COMMAND = command_of("web.running.photo_process")
FORMATS = (
    JpegImagePlugin.JpegImageFile.format,
    PngImagePlugin.PngImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
)
# Of a core. The largest picture that is let in takes one.
MOST_SECONDS = 8
# Bytes of address space. The largest picture that is let in takes nearly as much, as a WebP.
MOST_MEMORY = 1 << 30
# Seconds that the server waits, while others have the core.
MOST_PATIENCE = 60

MOST_PIXELS = 40_000_000
# Pixels of the longest side and bytes of the result.
LONGEST_SIDE = 1600
LARGEST = 400 * 1024
# Tried in order until the result fits. Noise without any picture in it needs the last.
TRIES = ((1600, 85), (1600, 75), (1600, 60), (1600, 45), (1200, 45), (800, 45))


class RefusedError(Exception):
    """The picture is refused; its text is the word of `PhotoError`."""


def fresh(data: bytes) -> tuple[bytes, int, int]:
    """A new JPEG of the picture's first frame, its width and its height.

    Raises `RefusedError`; every other error means that the file is damaged.
    """
    # Pillow's own limit is lower for some formats and only warns; ours is below.
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(BytesIO(data), formats=FORMATS) as opened:
        # The header says it, before anything is decoded.
        if opened.width * opened.height > MOST_PIXELS:
            raise RefusedError("too-many-pixels")
        picture = _on_white(opened)
    for side, quality in TRIES:
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        output = BytesIO()
        picture.save(output, "JPEG", quality=quality, optimize=True)
        if output.tell() <= LARGEST:
            return output.getvalue(), *picture.size
    raise AssertionError


# A picture that is copied takes along what its file said: comments, a profile, thumbnails, a
# place. So the pixels are pasted onto a new one, which has nothing but pixels.
# Not taken: converting a colour profile first. It hands a stranger's profile to one more parser,
# and a phone's colours are told apart without it.
def _on_white(opened: Image.Image) -> Image.Image:
    """The picture upright and reduced, on a new white one."""
    if opened.format == "JPEG":
        # The decoder leaves out what is reduced away: a quarter of the memory and time.
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    opened.load()
    source = _eight_bits(opened)
    # Grey and true colour have no alpha channel and can still call one colour transparent.
    source = source.convert("RGBA" if source.has_transparency_data else "RGB")
    source.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    source = ImageOps.exif_transpose(source)
    result = Image.new("RGB", source.size, "white")
    result.paste(source, mask=source if source.mode == "RGBA" else None)
    return result


def _eight_bits(opened: Image.Image) -> Image.Image:
    """The picture with 8 bits a channel: Pillow keeps 16 bits of grey, and cuts them off."""
    if not opened.mode.startswith("I"):
        return opened
    return opened.point(lambda level: level / 256).convert("L")


def main() -> None:
    """The process itself: a file on standard input, a line and the new picture on standard output.

    The line is `picture WIDTH HEIGHT`, or the word of `PhotoError`.
    """
    limit(MOST_SECONDS, MOST_MEMORY)
    output = sys.stdout.buffer
    try:
        data, width, height = fresh(sys.stdin.buffer.read())
    except RefusedError as error:
        output.write(f"{error}\n".encode())
    # A decoder raises errors of a dozen kinds for what a stranger made up.
    except Exception:  # noqa: BLE001
        output.write(b"damaged\n")
    else:
        output.write(f"picture {width} {height}\n".encode() + data)


if __name__ == "__main__":
    main()
