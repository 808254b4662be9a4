"""印码 on paper: every code of a chosen sheet is read by zbar, also beside the longest names."""

from __future__ import annotations

import pytest

from tests.world.paper import LONG_NAME, printed
from tests.world.phones import HOME

SHEETS = "/staff/codes/sheets?place.liujiazhuang=1&gate=1&door=1&card=1&board=1"


@pytest.mark.parametrize("is_long", [False, True], ids=["ordinary", "long"])
@pytest.mark.parametrize(("on", "most"), [("sticker", 24), ("card", 10)])
async def test_no_label_runs_over(desk_of, own_server, on, most, is_long) -> None:
    async with desk_of(own_server, f"labels-{on}-{is_long}".lower()) as office:
        page = await office.open(f"{SHEETS}&on={on}")
        labels = await page.locator(".label img").evaluate_all(
            "(codes) => codes.map((code) => new URL(code.src).searchParams.get('to'))"
        )
        if is_long:
            # As the template would have it.
            await page.evaluate(
                """(name) => document.querySelectorAll(".label").forEach((label) => {
                  label.classList.add("longest");
                  label.querySelector(".label-name").textContent = name;
                })""",
                LONG_NAME,
            )
        paper = await printed(page)
        assert paper.sheets == -(-len(labels) // most)
        for sheet in range(paper.sheets):
            expected = {f"{office.url}{path}" for path in labels[sheet * most :][:most]}
            assert await paper.codes(sheet + 1, len(expected)) == expected
            words = await paper.words(sheet + 1)
            assert words.count("印") >= len(expected)
            assert not is_long or words.count(LONG_NAME) == len(expected)
        assert f"{HOME}/take" in labels
