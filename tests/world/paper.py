"""What is on paper: the codes that zbar reads, and the words."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Page

PACKAGES = {"zbarimg": "zbar-tools", "pdftoppm": "poppler-utils", "pdftotext": "poppler-utils"}
"""The Debian package of each program."""
LONG_NAME = "刘家庄新居社区党群服务中心（原第二棉纺织厂家属院东区活动室）一号楼" * 2
"""What the office may name a hall or a building."""
SHARPNESSES = (100, 150, 200, 300)
"""Dots an inch of a page that is read back, less than any printer has."""


async def run(program: str, *arguments: str, given: bytes) -> bytes:
    """What a program writes when it is given these bytes. Fails the test if it is not installed."""
    path = shutil.which(program)
    if path is None:
        pytest.fail(f"{program} is missing. On Debian: apt-get install {PACKAGES[program]}")
    process = await asyncio.create_subprocess_exec(
        path,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate(given)
    return output


async def codes_in(picture: bytes) -> set[str]:
    """What zbar reads from a picture."""
    options = ("--raw", "-q", "--nodbus", "-Sdisable", "-Sqrcode.enable", "-")
    return set((await run("zbarimg", *options, given=picture)).decode().split())


@dataclass
class Paper:
    """A printed page."""

    pdf: bytes

    @property
    def sheets(self) -> int:
        return self.pdf.count(b"/Type /Page\n")

    async def words(self, sheet: int | None = None) -> str:
        """The words of one sheet or of all, without spaces, which a PDF has at will."""
        which = () if sheet is None else ("-f", str(sheet), "-l", str(sheet))
        text = await run("pdftotext", *which, "-", "-", given=self.pdf)
        return "".join(text.decode().split())

    async def codes(self, sheet: int, count: int = 1) -> set[str]:
        """What the codes on one sheet say, of which there are so many."""
        found: set[str] = set()
        # The edges of a code's squares may fall badly between the dots of one sharpness.
        for sharpness in SHARPNESSES:
            which = ("-f", str(sheet), "-l", str(sheet), "-r", str(sharpness), "-png", "-gray")
            found |= await codes_in(await run("pdftoppm", *which, "-", given=self.pdf))
            if len(found) >= count:
                break
        return found


async def printed(page: Page) -> Paper:
    """The page as the browser's own menu prints it, once its codes are there."""
    await page.evaluate(
        """() => Promise.all(
          [...document.querySelectorAll(".on-paper img, .sheet img, .label img")].map((code) => code.decode())
        )"""
    )
    return Paper(await page.pdf(prefer_css_page_size=True))
