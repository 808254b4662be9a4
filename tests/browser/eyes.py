"""Looking at a page for everyone: axe-core, nothing sideways, words beside each other, sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.world.phones import axe

if TYPE_CHECKING:
    from playwright.async_api import Page

LOW, WIDE = {"width": 360, "height": 640}, {"width": 1280, "height": 800}
LANGUAGES = {"Chinese": "lang:zh-Hans", "English": "lang:en"}
"""The cookie of someone who reads it. A page is loaded once in each; see `VIEWS`."""
OF_COLOURS = ("color-contrast", "link-in-text-block")
"""The rules of axe that look at colours."""
COLOURS = {"runOnly": {"type": "rule", "values": OF_COLOURS}}
WORDS = {"rules": {name: {"enabled": False} for name in OF_COLOURS}}


@dataclass(frozen=True)
class View:
    """How a page is read: what stands on its root, its measures, and what axe is asked for."""

    name: str
    root: dict[str, str]
    text: float = 0
    """The smallest size of text, in CSS pixels; 0 for any."""
    target: float = 44
    """The smallest side of what is pressed, in CSS pixels."""
    first: dict[str, Any] | None = None
    """What axe is asked for on its first screen; None for nothing, and an empty one for all."""
    others: dict[str, Any] | None = None
    """The same, on every other screen."""


ELDER = {"view": "elder", "theme": "auto"}
VIEWS = {
    "Chinese": (
        View("ordinary", {"view": "standard", "size": "22", "theme": "auto"}, first={}, others={}),
        View("dark", {"view": "standard", "size": "22", "theme": "dark"}, first=COLOURS),
        View("elder", {**ELDER, "size": "22"}, 18, 60, first=COLOURS),
    ),
    "English": (
        View("English", {"view": "standard", "size": "22", "theme": "auto"}, first=WORDS),
        View("elder English at 30", {**ELDER, "size": "30"}, 18, 60),
    ),
}
"""Views are attributes of the page's root: the server writes them, a script of ours changes them
in place, and so do we. For axe the dark and the elder view differ in colours alone, and English in
words alone; what sizes do our own measures see, on every screen."""

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
    const sized = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (sized.nextNode()) {
      const element = sized.currentNode.parentElement;
      if (!sized.currentNode.data.trim() || !shown(element)) continue;
      const scale = element.ownerSVGElement ? element.getScreenCTM().a : 1;
      const size = parseFloat(getComputedStyle(element).fontSize) * scale;
      if (size < smallestText - 0.05) faults.push(`text of ${size.toFixed(1)}: ${name(element)}`);
    }
  }

  // A heading of figures keeps its words whole, however narrow its column.
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const lines = (node, start, end) => {
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, end);
    return [...range.getClientRects()];
  };
  while (texts.nextNode()) {
    const node = texts.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || !shown(element)) continue;
    if (!element.closest(".figures thead, .by-hour thead, .cell-name")) continue;
    for (const word of node.data.matchAll(/[A-Za-z]+|[\\p{Script=Han}]+/gu)) {
      const tops = lines(node, word.index, word.index + word[0].length).map(({ top }) => top);
      if (Math.max(...tops) - Math.min(...tops) > 3) faults.push(`broken: ${name(element)}`);
    }
  }

  // Words stand beside each other: Chinese breaks at any sign, so a column without room stands sign
  // under sign and overflows nowhere. A Latin letter is half as wide.
  const written = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (written.nextNode()) {
    const node = written.currentNode;
    const words = node.data.trim().replace(/\\s+/g, " ");
    if (!words || !shown(node.parentElement) || node.parentElement.ownerSVGElement) continue;
    const tops = lines(node, 0, node.length).map(({ top }) => Math.round(top / 4));
    const count = new Set(tops).size;
    const signs = [...words].reduce((sum, sign) => sum + (sign < "\\u2e80" ? 0.5 : 1), 0);
    if (count > 3 && signs / count < 3) {
      faults.push(`${count} lines of ${(signs / count).toFixed(1)}: ${name(node.parentElement)}`);
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


async def faults_of(page: Page, view: View) -> list[str]:
    """What is too small, sideways or covered, with the view's own measure."""
    return list(await page.evaluate(FAULTS, [view.text, view.target]))


async def wear(page: Page, root: dict[str, str]) -> None:
    """Show the page in another view, as one tap does."""
    await page.evaluate("root => Object.assign(document.documentElement.dataset, root)", root)


async def faults_for_everyone(
    page: Page,
    language: str,
    screens: tuple[Any, ...] = (LOW, WIDE),
    axe_on: tuple[Any, ...] | None = None,
) -> list[str]:
    """What is wrong on the page as it stands, in each view of this language.

    Our own measures are taken on every screen; axe looks on those of `axe_on`, by default on all.
    """
    found: list[str] = []
    by_axe = screens if axe_on is None else axe_on
    # To change the screen takes longer than to change the view.
    for screen in screens:
        await page.set_viewport_size({"width": screen["width"], "height": screen["height"]})
        for view in VIEWS[language]:
            await wear(page, view.root)
            faults = await faults_of(page, view)
            rules = view.first if screen == by_axe[0] else view.others
            if screen in by_axe and rules is not None:
                faults += await axe(page, rules)
            found += [f"{view.name} at {screen['width']}: {fault}" for fault in faults]
    await wear(page, VIEWS[language][0].root)
    return found


async def unfolded(page: Page) -> None:
    """Open everything that can be opened."""
    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
