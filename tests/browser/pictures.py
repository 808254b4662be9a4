"""The app's icons and its screenshots, made from the running product: `make pictures`."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.world.databases import free_port, prepare
from tests.world.district import FILES
from tests.world.phones import CHROMIUM_ARGUMENTS
from tests.world.servers import Server

ROOT = Path(__file__).parent.parent.parent
ICONS = ROOT / "static" / "icons"
PICTURES = ROOT / "docs" / "pictures"
PHONE = {"width": 390, "height": 844}
GUIDE = "/c/liujiazhuang/handbook/gaoling-jintie"

DRAWN = (
    ("icon.svg", "icon-192.png", 192),
    ("icon.svg", "icon-512.png", 512),
    ("maskable.svg", "maskable-512.png", 512),
    ("maskable.svg", "apple-touch-icon.png", 180),
)
# The icon that a first visit loads: in few colours it weighs a third.
FIRST_VISIT, COLOURS = 180, 32
TAKEN = (
    (ICONS / "screen-home.png", "/c/liujiazhuang", "", 2),
    (ICONS / "screen-guide.png", GUIDE, "", 2),
    (PICTURES / "home.png", "/c/liujiazhuang", "", 1),
    (PICTURES / "guide.png", GUIDE, "", 1),
    (PICTURES / "elder.png", GUIDE, "view:elder", 1),
    (PICTURES / "dark.png", "/c/liujiazhuang/facilities", "theme:dark", 1),
    (PICTURES / "english.png", "/c/liujiazhuang", "lang:en", 1),
)


def main() -> None:
    """Draw the icons, then photograph a server of our own."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), free_port())
        asyncio.run(prepare(server.database, FILES))
        take_all(server)


def take_all(server: Server) -> None:
    """Every icon and every picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
        )
        for source, drawing, size in DRAWN:
            draw(browser, (ICONS / source).read_text(), ICONS / drawing, size)
        server.start()
        try:
            for target, path, cookie, scale in TAKEN:
                photograph(browser, server.url, path, target, cookie=cookie, scale=scale)
            wide = {"width": 1280, "height": 800}
            path = "/c/liujiazhuang/handbook"
            photograph(browser, server.url, path, ICONS / "screen-wide.png", size=wide)
        finally:
            server.stop()
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


def photograph(  # noqa: PLR0913 - what a picture is of
    browser: Browser,
    url: str,
    path: str,
    target: Path,
    *,
    cookie: str = "",
    scale: int = 1,
    size: dict[str, int] = PHONE,
) -> None:
    """One page as it looks."""
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        device_scale_factor=scale,
        locale="zh-CN",
        service_workers="block",
    )
    if cookie:
        context.add_cookies([{"name": "lianxin", "value": cookie, "url": url}])
    page = context.new_page()
    page.goto(url + path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=target)
    context.close()
    print(target.relative_to(ROOT), file=sys.stderr)


if __name__ == "__main__":
    main()
