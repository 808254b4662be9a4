"""The way in for photographs: what is let in, what comes out, and what is refused with a word."""

from __future__ import annotations

import asyncio
import sys
import time
import zlib
from io import BytesIO
from types import SimpleNamespace
from typing import Any, cast
from zipfile import ZipFile

import pytest
from PIL import Image, PngImagePlugin

from domain.pictures import MOST_BYTES
from tests.world.photos import (
    BLUE,
    RED,
    WHITE,
    jpeg,
    noise,
    picture_of,
    png_chunk,
    png_that_claims,
    saved,
    shown,
)
from web.running import photo_process
from web.running.photo_process import LARGEST, LONGEST_SIDE, MOST_PIXELS
from web.site import photos
from web.site.photos import PhotoError, prepared

SECRET = "五号楼 Wang 13800000000"
GPS, MAKE, ORIENTATION, USER_COMMENT = 0x8825, 0x010F, 0x0112, 0x9286


async def made(data: bytes) -> tuple[Image.Image, bytes]:
    """The picture and the bytes that come of a file."""
    services = cast("Any", SimpleNamespace(picturing=asyncio.Semaphore(2)))
    found = await prepared(services, data)
    picture = shown(found.data)
    assert picture.size == (found.width, found.height)
    assert found.data.startswith(b"\xff\xd8\xff")
    assert len(found.data) <= LARGEST
    assert max(picture.size) <= LONGEST_SIDE
    assert picture.mode == "RGB"
    return picture, found.data


async def word_for(data: bytes) -> str:
    """The word that a file is refused with."""
    with pytest.raises(PhotoError) as refused:
        await made(data)
    return refused.value.word


def is_near(given: Any, wanted: tuple[int, int, int]) -> bool:
    """Whether two colours look the same after a JPEG."""
    return all(abs(a - b) < 16 for a, b in zip(given, wanted, strict=True))


def halves(picture: Image.Image) -> tuple[Any, Any]:
    """The colours in the middle of the left and of the right half."""
    middle = picture.height // 2
    quarter = picture.width // 4
    return picture.getpixel((quarter, middle)), picture.getpixel((3 * quarter, middle))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_the_three_kinds_are_let_in_and_come_out_as_a_fresh_jpeg(kind) -> None:
    picture, data = await made(saved(picture_of(), kind))
    left, right = halves(picture)
    assert (picture.size, is_near(left, RED), is_near(right, BLUE)) == ((40, 30), True, True)
    assert data != saved(picture_of(), kind)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
        b"%PDF-1.7\n",
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
        b"II*\x00\x08\x00\x00\x00",
        b"BM\x00\x00\x00\x00",
        saved(picture_of(mode="P"), "GIF"),
        saved(picture_of(), "BMP"),
        b" " + jpeg(),
    ],
    ids=["none", "two", "svg", "html", "heic", "pdf", "wave", "tiff", "bm", "gif", "bmp", "blank"],
)
async def test_everything_else_is_no_picture(data) -> None:
    assert await word_for(data) == "not-a-picture"


async def test_everything_else_is_refused_without_a_process(monkeypatch) -> None:
    monkeypatch.setattr(photo_process, "COMMAND", ("/nowhere",))
    assert await word_for(b"<svg/>") == "not-a-picture"
    assert await word_for(b"\xff\xd8\xff" + bytes(MOST_BYTES)) == "too-large"


async def test_a_large_picture_is_shrunk_and_keeps_its_shape() -> None:
    picture, _ = await made(jpeg(4000, 1000))
    assert picture.size == (1600, 400)
    picture, _ = await made(saved(picture_of(900, 3000), "PNG"))
    assert picture.size == (480, 1600)


async def test_a_line_of_one_pixel_stays_one() -> None:
    picture, _ = await made(saved(picture_of(20_000, 1), "PNG"))
    assert picture.size == (1600, 1)


@pytest.mark.parametrize("size", [(1600, 1600), (3000, 2000)])
async def test_noise_that_no_jpeg_makes_small_still_fits(size) -> None:
    await made(saved(noise(*size), "JPEG", quality=80))


async def test_nothing_of_what_a_file_says_comes_out() -> None:
    exif = Image.Exif()
    exif[MAKE] = SECRET
    exif[USER_COMMENT] = SECRET.encode()
    exif[GPS] = {1: "N", 2: (36.0, 40.0, 1.0), 3: "E", 4: (117.0, 0.0, 2.0)}
    said = SECRET.encode()
    picture, data = await made(jpeg(exif=exif, icc_profile=said, comment=said, dpi=(301, 301)))
    assert not picture.getexif()
    assert picture.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert said not in data
    text = PngImagePlugin.PngInfo()
    text.add_itxt("Comment", SECRET)
    for sent in (
        saved(picture_of(), "PNG", exif=exif, pnginfo=text),
        saved(picture_of(), "WEBP", exif=exif, xmp=said),
    ):
        _, data = await made(sent)
        assert said not in data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_that_was_held_sideways_comes_out_upright(kind) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 3
    picture, _ = await made(saved(picture_of(), kind, exif=exif))
    left, right = halves(picture)
    assert (is_near(left, BLUE), is_near(right, RED)) == (True, True)
    exif[ORIENTATION] = 6
    picture, _ = await made(saved(picture_of(3000, 1500), kind, exif=exif))
    assert picture.size == (800, 1600)


async def test_what_hangs_on_a_jpeg_is_not_in_the_new_one() -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as file:
        file.writestr("page.html", SECRET)
    for tail in (f"<script>{SECRET}</script>".encode(), packed.getvalue(), b"PK\x03\x04"):
        picture, data = await made(jpeg() + tail)
        assert is_near(halves(picture)[0], RED)
        assert tail not in data
        assert b"<script" not in data
        assert b"PK\x03\x04" not in data


async def test_of_an_animated_webp_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (30, 20), colour) for colour in (BLUE, RED, WHITE)]
    data = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    picture, _ = await made(data)
    assert all(is_near(colour, BLUE) for colour in halves(picture))
    data = saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    picture, _ = await made(data)
    assert all(is_near(colour, BLUE) for colour in halves(picture))


async def test_of_a_jpeg_with_several_pictures_the_first_is_kept() -> None:
    # As some phones save them: the second is a map of depths, or the picture without a blur.
    first, second = picture_of(), Image.new("RGB", (40, 30), WHITE)
    data = saved(first, "MPO", save_all=True, append_images=[second])
    picture, made_data = await made(data)
    assert is_near(halves(picture)[0], RED)
    assert b"MPF" not in made_data


async def test_a_jpeg_that_takes_long_to_decode_is_given_up(monkeypatch) -> None:
    # A progressive file refines the same 40 megapixels in scan after scan of 67 bytes.
    whole = saved(Image.new("L", (8000, 5000)), "JPEG", progressive=True, quality=50)
    last = whole.rindex(b"\xff\xda")
    slow = whole[:last] + whole[last:-2] * 400 + whole[-2:]
    assert len(slow) < 200_000
    code = "from web.running import photo_process as p; p.MOST_SECONDS = 1; p.main()"
    monkeypatch.setattr(photo_process, "COMMAND", (sys.executable, "-c", code))
    assert await word_for(slow) == "damaged"


@pytest.mark.parametrize("mode", ["CMYK", "L", "YCbCr"])
async def test_a_jpeg_of_any_colours_is_shown_as_it_looks(mode) -> None:
    source = picture_of(mode=mode)
    picture, _ = await made(saved(source, "JPEG", quality=95))
    wanted = source.convert("RGB")
    for given, like in zip(halves(picture), halves(wanted), strict=True):
        assert is_near(given, like)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
async def test_a_png_of_any_colours_is_shown_as_it_looks(mode) -> None:
    picture, _ = await made(saved(picture_of(mode=mode), "PNG"))
    wanted = picture_of(mode=mode).convert("RGB")
    for given, like in zip(halves(picture), halves(wanted), strict=True):
        assert is_near(given, like)


async def test_a_png_with_a_palette_or_of_two_colours_is_shown_as_it_looks() -> None:
    picture, _ = await made(saved(picture_of().quantize(4), "PNG"))
    assert is_near(halves(picture)[0], RED)
    picture, _ = await made(saved(Image.new("1", (20, 20), 1), "PNG"))
    assert is_near(picture.getpixel((9, 9)), WHITE)


async def test_a_grey_png_of_16_bits_keeps_its_shades() -> None:
    for level in (0, 90, 180, 255):
        source = Image.new("I;16", (20, 20), level * 256)
        for more in ({}, {"transparency": 3}):
            picture, _ = await made(saved(source, "PNG", **more))
            assert is_near(picture.getpixel((9, 9)), (level, level, level))


async def test_a_colour_png_of_16_bits_keeps_its_colours() -> None:
    wide = b"".join(bytes([level, level]) for level in RED)
    header = (20).to_bytes(4) * 2 + bytes([16, 2, 0, 0, 0])
    lines = (b"\0" + wide * 20) * 20
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)
    picture, _ = await made(data)
    assert is_near(picture.getpixel((9, 9)), RED)


async def test_what_is_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    grey = Image.new("LA", (20, 20), (0, 0))
    colours = Image.new("P", (20, 20), 0)
    colours.putpalette([0, 0, 0, 200, 30, 30])
    for data in (
        saved(clear, "PNG"),
        saved(clear, "WEBP", lossless=True),
        saved(grey, "PNG"),
        saved(colours, "PNG", transparency=0),
        saved(Image.new("L", (20, 20), 7), "PNG", transparency=7),
        saved(Image.new("RGB", (20, 20), RED), "PNG", transparency=RED),
    ):
        picture, _ = await made(data)
        assert is_near(picture.getpixel((9, 9)), WHITE)


async def test_a_picture_of_exactly_the_limit_is_let_in_and_the_next_is_not() -> None:
    width = 8000
    height = MOST_PIXELS // width
    await made(png_that_claims(width, height, (b"\0" + bytes(width)) * height))
    assert await word_for(png_that_claims(width, height + 1)) == "too-many-pixels"


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGBA", "PNG"), ("RGBA", "WEBP"), ("CMYK", "JPEG"), ("I;16", "PNG")]
)
async def test_the_largest_pictures_of_any_colours_are_let_in(mode, kind) -> None:
    quick = {"method": 0} if kind == "WEBP" else {}
    await made(saved(Image.new(mode, (8000, 5000)), kind, **quick))


async def test_a_huge_size_in_a_header_is_refused_before_anything_is_decoded() -> None:
    for width, height in ((2**31 - 1, 2**31 - 1), (100_000, 100_000), (40_001, 1000)):
        began = time.monotonic()
        assert await word_for(png_that_claims(width, height)) == "too-many-pixels"
        assert time.monotonic() - began < 5


async def test_a_bomb_that_unpacks_to_more_than_it_says_costs_nothing() -> None:
    bomb = png_that_claims(100, 100, bytes(200 << 20))
    assert len(bomb) < 1 << 20
    picture, _ = await made(bomb)
    assert picture.size == (100, 100)


async def test_a_bomb_in_a_text_is_refused() -> None:
    packed = zlib.compress(bytes(500 << 20), 9)
    text = png_chunk(b"zTXt", b"Comment\0\0" + packed)
    data = saved(picture_of(), "PNG")
    assert await word_for(data[:33] + text + data[33:]) == "damaged"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_file_that_was_cut_off_is_damaged(kind) -> None:
    data = saved(noise(60, 40), kind)
    for length in (16, len(data) // 2, len(data) - 40):
        assert await word_for(data[:length]) == "damaged"


async def test_a_size_of_nothing_is_damaged() -> None:
    assert await word_for(png_that_claims(0, 10)) == "damaged"
    assert await word_for(b"\xff\xd8\xff\xe0" + bytes(2000)) == "damaged"


async def test_bytes_that_were_changed_never_raise_anything_else() -> None:
    source = bytearray(saved(picture_of(), "WEBP"))
    for place in range(12, len(source), max(1, len(source) // 12)):
        changed = bytes(source[:place] + bytes([source[place] ^ 0xFF]) + source[place + 1 :])
        word = ""
        try:
            await made(changed)
        except PhotoError as refused:
            word = refused.word
        assert word in {"", "damaged", "too-many-pixels"}


@pytest.mark.parametrize(
    "does",
    [
        "while True: pass",
        "import time; time.sleep(60)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "raise SystemExit(3)",
    ],
    ids=["busy", "asleep", "killed", "broken"],
)
async def test_a_picture_that_costs_too_much_is_given_up(monkeypatch, does) -> None:
    code = f"from web.running.apart import limit; limit(1, 1 << 30)\n{does}"
    monkeypatch.setattr(photo_process, "COMMAND", (sys.executable, "-c", code))
    monkeypatch.setattr(photo_process, "MOST_PATIENCE", 2)
    assert await word_for(jpeg()) == "damaged"


async def test_a_crowd_of_pictures_is_decoded_two_at_a_time(monkeypatch) -> None:
    running = most = 0

    async def counting(*_given: Any) -> bytes:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return b"picture 1 1\n"

    monkeypatch.setattr(photos, "run_apart", counting)
    services = cast("Any", SimpleNamespace(picturing=asyncio.Semaphore(2)))
    await asyncio.gather(*(prepared(services, jpeg()) for _ in range(12)))
    assert most == 2
