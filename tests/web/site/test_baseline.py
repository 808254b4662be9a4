"""Scripts and styles in words that a phone of 2020 reads: Chrome 80 and Safari 13.1."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from web.site.assets import ROOT, STATIC, Assets
from web.site.baseline import lowered
from web.site.bundles import AUDIENCES

CHECKER = ROOT / "tests" / "world" / "baseline.js"

SCRIPTS_OF_LATER_YEARS = {
    "a field of a class": "class A { b = 1; }",
    "a private method": "class A { #b() {} }",
    "an assignment that asks": "let a; a ??= 1;",
    "a number with a line": "const a = 1_000;",
    "a method of arrays": "[1].at(-1);",
    "a method of words": "'a'.replaceAll('a', 'b');",
    "a method of elements": "document.body.replaceChildren();",
    "a deep copy": "structuredClone({});",
    "a signal with a time": "fetch('/', { signal: AbortSignal.timeout(1) });",
    "the button of an event": "addEventListener('submit', (event) => event.submitter);",
    "the button of an event, taken apart": "addEventListener('submit', ({ submitter }) => submitter);",
    "a form with its button": "new FormData(form, button);",
    "a parent by its child": "document.querySelector('a:has(b)');",
    "a look behind": "/(?<=a)b/.test('ab');",
    "a dialogue's question": "element.checkVisibility();",
}
GUARDED = [
    "element.checkVisibility?.() ?? true;",
    "(window.requestIdleCallback || setTimeout)(() => {});",
    "event.submitter || clicked;",
    "if (event.submitter) clicked();",
    "a?.b ?? 1;",
]


def faults(*scripts: tuple[str, str, str]) -> list[str]:
    """What acorn, as of 2020, and our list of later names find in scripts."""
    told = subprocess.run(
        ["node", CHECKER], input=json.dumps(scripts), capture_output=True, text=True, check=True
    )
    return told.stdout.splitlines()


def test_every_script_of_ours_is_read_by_a_phone_of_2020() -> None:
    modules = [
        (path.relative_to(STATIC).as_posix(), "module", path.read_text(encoding="utf-8"))
        for path in sorted((STATIC / "js").rglob("*.js"))
    ]
    worker = ("sw.js", "script", (STATIC / "sw.js").read_text(encoding="utf-8"))
    joined = [
        (asset.name, "script", asset.body.decode())
        for asset in Assets().by_name.values()
        # htmx is not ours, and only engines that are new enough are asked to load it.
        if asset.name.endswith(".js") and asset.name != "htmx.js"
    ]
    assert len(joined) == 1 + len(AUDIENCES)
    assert faults(*modules, worker, *joined) == []


def test_a_word_of_later_years_is_found_and_a_guarded_one_is_not() -> None:
    planted = [(name, "module", code) for name, code in SCRIPTS_OF_LATER_YEARS.items()]
    named = {fault.partition(":")[0] for fault in faults(*planted)}
    assert named == set(SCRIPTS_OF_LATER_YEARS)
    assert faults(*((code, "module", code) for code in GUARDED)) == []


STYLES_OF_LATER_YEARS = re.compile(
    r"[{;]\s*(?:inset[a-z-]*|(?:margin|padding|scroll-margin|scroll-padding)-(?:inline|block)"
    r"|aspect-ratio|translate|rotate|scale|text-wrap-style)\s*:"
    r"|@layer|@container|@scope|&|color-mix\(|light-dark\(|oklch\(|\bsvw\b|[<>]=|:is\((?![^{]*:has)"
)
"""What is left in the styles as they are served, outside of `@supports`."""


@pytest.mark.parametrize("name", ["residents.css", "staff.css", "devices.css"])
def test_the_styles_as_they_are_served_have_nothing_of_later_years(name) -> None:
    styles = Assets().by_name[name].body.decode()
    styles = re.sub(r"@supports selector\([^{]*\{(?:[^{}]*\{[^{}]*\})*\}", "", styles)
    found = {found[0] for found in STYLES_OF_LATER_YEARS.finditer(styles)}
    assert found == set()


@pytest.mark.parametrize("name", ["residents.css", "staff.css", "devices.css"])
def test_no_old_browser_drops_a_selector_for_standing_beside_a_newer_one(name) -> None:
    styles = Assets().by_name[name].body.decode()
    for head in re.findall(r"(?:^|[{}])([^{}@]+)\{", styles):
        modern = [":has(" in each or ":focus-visible" in each for each in head.split(",")]
        assert all(modern) or not any(modern) or "(" in head.partition(",")[0], head


def plain(css: str) -> str:
    """The styles as they are served, in one line."""
    return " ".join(lowered(css).split())


@pytest.mark.parametrize(
    ("written", "served"),
    [
        (".a { inset: 0 }", ".a { top: 0; right: 0; bottom: 0; left: 0 }"),
        (".a { inset: auto 0 4px }", ".a { top: auto; right: 0; bottom: 4px; left: 0 }"),
        (
            ".a { margin-inline: calc(-1 * var(--s2)) auto }",
            ".a { margin-left: calc(-1 * var(--s2)); margin-right: auto }",
        ),
        (".a { padding-block: 1px }", ".a { padding-top: 1px; padding-bottom: 1px }"),
        (
            ".a { overflow-wrap: anywhere }",
            ".a { overflow-wrap: break-word; overflow-wrap: anywhere }",
        ),
        (":is(.a, .b) .c { color: red }", ".a .c, .b .c { color: red }"),
        (".a:not(.b, .c) { color: red }", ".a:not(.b):not(.c) { color: red }"),
        (".a, .b:has(.c) { color: red }", ".a { color: red } .b:has(.c) { color: red }"),
        (
            ".a { display: flex; gap: 1px 2px }",
            (
                ".a { display: flex; gap: 1px 2px } @supports not (inset: 0) { .a { gap: 0 } "
                ".a > * + * { margin-left: 2px } }"
            ),
        ),
        (
            ".a { display: flex; flex-direction: column; gap: 1px }",
            (
                ".a { display: flex; flex-direction: column; gap: 1px } @supports not (inset: 0) { "
                ".a { gap: 0 } .a > * + * { margin-top: 1px } }"
            ),
        ),
        (
            ".a { display: flex; flex-wrap: wrap; gap: 1px 2px }",
            (
                ".a { display: flex; flex-wrap: wrap; gap: 1px 2px } @supports not (inset: 0) { "
                ".a { gap: 0 } .a > * { margin-right: 2px; margin-bottom: 1px } "
                ".a > :last-child { margin-right: 0; margin-bottom: 0 } }"
            ),
        ),
        (".a { display: grid; gap: 1px }", ".a { display: grid; gap: 1px }"),
        (
            "@media print { .a { inset: 0 } } @page roll { margin: 1mm }",
            "@media print { .a { top: 0; right: 0; bottom: 0; left: 0 } } @page roll { margin: 1mm }",
        ),
    ],
)
def test_what_old_browsers_lack_is_written_out(written, served) -> None:
    assert plain(written) == served


def test_a_gap_that_another_rule_changes_has_its_margins_as_well() -> None:
    """The box is a flex box by a rule elsewhere in the file."""
    written = ".a { display: flex } [data-view='elder'] .a { gap: 0 }"
    assert "[data-view='elder'] .a > * + * { margin-left: 0 }" in plain(written)
