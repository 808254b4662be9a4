"""Every page for every eye and thumb: axe-core, nothing sideways, text and targets large enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import GUIDE, HOME, axe

if TYPE_CHECKING:
    from playwright.async_api import Page

PAGES = {
    "home": HOME,
    "unwritten home": "/c/guanzhaying",
    "unwritten people": "/c/guanzhaying/people",
    "handbook": f"{HOME}/handbook",
    "category": f"{HOME}/handbook/categories/elderly",
    "event": f"{HOME}/handbook/events/elderly-parent",
    "guide": GUIDE,
    "blank form": f"{GUIDE}/forms/4",
    "facilities": f"{HOME}/facilities",
    "people": f"{HOME}/people",
    "partners": f"{HOME}/partners",
    "brand": f"{HOME}/brand",
    "hall": f"{HOME}/hall",
    "search": f"{HOME}/search",
    "search with results": f"{HOME}/search?q=社保卡丢了怎么办",
    "search without results": f"{HOME}/search?q=vvv",
    "communities": "/communities",
    "communities without results": "/communities?q=vvv",
    "calculator right": "/working-days?from=2027-12-24&days=7",
    "calculator wrong": "/working-days?from=xx&days=a",
    "mine": "/mine",
    "mine with a ticked list": "/mine",
    "code": f"/code?to={GUIDE}",
    "posters": f"{HOME}/posters",
    "offline": "/offline",
    "no such community": "/c/liujiazhuan",
    "no such item": f"{HOME}/handbook/gaoling",
    "no such page": "/nowhere",
}
VIEWS = {
    "ordinary": "lang:zh-Hans",
    "elder": "view:elder|lang:zh-Hans",
    "dark": "theme:dark|lang:zh-Hans",
    "English": "lang:en",
    "elder English at 30": "view:elder|size:30|lang:en",
}
PARTS = 4
LOW, WIDE = {"width": 360, "height": 640}, {"width": 1280, "height": 800}

FAULTS = """([smallestText, smallestTarget]) => {
  const faults = [];
  const wide = document.documentElement.clientWidth;
  const words = (element) => element.getAttribute("aria-label") ?? element.textContent;
  const kind = (element) => `${element.localName}.${element.getAttribute("class") ?? ""}`;
  const name = (element) => `${kind(element)} "${words(element).trim().slice(0, 30)}"`;
  const shown = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    const { width, height, bottom } = element.getBoundingClientRect();
    return width > 1 && height > 1 && bottom > 0 && !element.closest(".hidden");
  };

  if (document.documentElement.scrollWidth > wide) {
    faults.push(`the page is ${document.documentElement.scrollWidth} wide on a screen of ${wide}`);
  }
  for (const element of document.body.querySelectorAll("*")) {
    if (!shown(element) || element.ownerSVGElement) continue;
    const { left, right } = element.getBoundingClientRect();
    if (left < -1 || right > wide + 1) {
      faults.push(`sideways: ${name(element)} from ${left} to ${right} of ${wide}`);
    }
  }

  if (smallestText) {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      if (!texts.currentNode.data.trim() || !shown(element)) continue;
      const scale = element.ownerSVGElement ? element.getScreenCTM().a : 1;
      const size = parseFloat(getComputedStyle(element).fontSize) * scale;
      if (size < smallestText - 0.05) faults.push(`text of ${size.toFixed(1)}: ${name(element)}`);
    }
  }

  // A link among other words of its paragraph is as high as they are (WCAG 2.2, 2.5.8).
  const inWords = (link) => {
    if (link.localName !== "a" || getComputedStyle(link).display !== "inline") return false;
    const block = link.closest("p, li, dd, td, figcaption, h1, h2");
    if (!block) return false;
    const rest = [...block.childNodes].filter((node) => !node.contains(link));
    return rest.some((node) => /[\\p{L}\\p{N}]/u.test(node.textContent));
  };
  const ticked = (input) => ["checkbox", "radio"].includes(input.type) && input.closest("label");
  const targets = "a[href], button, input:not([type=hidden]), summary, label:has(input)";
  for (const element of document.body.querySelectorAll(targets)) {
    if (!shown(element) || inWords(element)) continue;
    if (element.localName === "input" && ticked(element)) continue;
    const { width, height } = element.getBoundingClientRect();
    if (width < smallestTarget - 0.05 || height < smallestTarget - 0.05) {
      faults.push(`target of ${width.toFixed(1)} by ${height.toFixed(1)}: ${name(element)}`);
    }
  }

  // Bars are laid over the page and beside each other by hand: none may cover another's words.
  for (const element of document.querySelectorAll("header a, header button, nav.tabs a")) {
    if (!shown(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(element);
    const { left, right: end, top, bottom } = range.getBoundingClientRect();
    const right = Math.min(end, element.getBoundingClientRect().right);
    const middle = (top + bottom) / 2;
    for (const x of [left + 2, (left + right) / 2, right - 2]) {
      const hit = document.elementFromPoint(x, middle);
      if (hit && !element.contains(hit)) faults.push(`${name(element)} is covered by ${name(hit)}`);
    }
  }
  return [...new Set(faults)];
}"""


async def faults_of(page: Page, view: str) -> list[str]:
    """What is too small, sideways or covered, with the view's own measure."""
    return list(await page.evaluate(FAULTS, [18, 60] if "elder" in view else [0, 44]))


async def faults_by_axe(page: Page, view: str) -> list[str]:
    """What axe finds, unless it saw the same in the elder and in the English view."""
    return [] if view == "elder English at 30" else await axe(page)


async def faults_on(page: Page, view: str) -> list[str]:
    """What is wrong on a phone and on a desktop, for axe and by our own measures.

    The dark view differs in colours and the English one in words: what axe finds there it finds
    on the phone.
    """
    found = []
    for screen in (LOW, WIDE):
        await page.set_viewport_size({"width": screen["width"], "height": screen["height"]})
        faults = await faults_of(page, view)
        if screen is LOW or view in {"ordinary", "elder"}:
            faults += await faults_by_axe(page, view)
        found += [f"at {screen['width']}: {fault}" for fault in faults]
    return found


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("view", VIEWS)
async def test_everyone_can_read_and_press_everything(new_phone, view, part) -> None:
    """Several pages on one phone: opening a phone costs as much as looking at a page."""
    options = {"viewport": LOW, "service_workers": "block"}
    async with new_phone(VIEWS[view], **options) as phone:
        phone.expect(r"status of (404|422)")
        page, found = await phone.context.new_page(), []
        for name in list(PAGES)[part::PARTS]:
            if name == "mine with a ticked list":
                await page.goto(GUIDE)
                await page.get_by_role("checkbox").first.check()
            await page.set_viewport_size({"width": LOW["width"], "height": LOW["height"]})
            await page.goto(PAGES[name])
            await page.evaluate(
                "for (const each of document.querySelectorAll('details')) each.open = true"
            )
            if name.startswith("mine"):
                await page.locator("#here:not([hx-get])").wait_for()
            faults = await faults_on(page, view)
            if view == "elder":
                await page.set_viewport_size({"width": LOW["width"], "height": LOW["height"]})
                for size in ("18", "20", "24", "26", "28", "30"):
                    await page.evaluate(
                        "size => document.documentElement.setAttribute('data-size', size)", size
                    )
                    faults += [f"of {size}: {fault}" for fault in await faults_of(page, view)]
            found += [f"{name}: {fault}" for fault in faults]
        assert not found, "\n".join(found)
