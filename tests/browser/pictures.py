"""The app's icons and its pictures, made from the running product: `make pictures`."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.world.phones import CHROMIUM_ARGUMENTS
from tests.world.scenes import ICONS, PICTURES, photograph_all
from tests.world.servers import ROOT

DRAWN = (
    ("icon.svg", "icon-192.png", 192),
    ("icon.svg", "icon-512.png", 512),
    ("maskable.svg", "maskable-512.png", 512),
    ("maskable.svg", "apple-touch-icon.png", 180),
)
# The icon that a first visit loads: in few colours it weighs a third.
FIRST_VISIT, COLOURS = 180, 32


def main() -> None:
    """Draw the icons, then photograph a server of our own."""
    PICTURES.mkdir(exist_ok=True)
    draw_all()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(photograph_all(Path(folder), _announced))


def _announced(target: Path) -> Path:
    print(target.relative_to(ROOT), file=sys.stderr)
    return target


def draw_all() -> None:
    """Every icon at its size."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
        )
        for source, drawing, size in DRAWN:
            draw(browser, (ICONS / source).read_text(), ICONS / drawing, size)
        browser.close()


def draw(browser: Browser, svg: str, target: Path, size: int) -> None:
    """One icon at one size."""
    page = browser.new_page(viewport={"width": size, "height": size})
    style = f"*{{margin:0}}svg{{display:block;width:{size}px;height:{size}px}}"
    page.set_content(f"<style>{style}</style>{svg}")
    page.screenshot(path=target, omit_background=True)
    page.close()
    with Image.open(target) as drawn:
        if size == FIRST_VISIT:
            few = drawn.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            few.save(target, optimize=True)


if __name__ == "__main__":
    main()
