"""At 320 px in the largest text: no word of the bars touches another, and none of a field is cut."""

from __future__ import annotations

import pytest

# The words of the bars, by what is drawn and not by their boxes, which may be wider or cut.
WORDS = """() => {
  const shown = [...document.querySelectorAll(".bar-inner :is(.wordmark, .switch), .tabs a")]
    .filter((each) => each.offsetWidth);
  return shown.flatMap((each) => {
    const walker = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      if (!text.textContent.trim() || text.parentElement.closest(".hidden")) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      const { left, right, top } = range.getBoundingClientRect();
      found.push({ words: text.textContent.trim(), left, right, top });
    }
    return found;
  });
}"""
PATHS = ("/halls", "/c/liujiazhuang/handbook", "/c/liujiazhuang/disclosures", "/mine")
APART = 2
"""Pixels between two words."""


@pytest.mark.parametrize(
    "preferences", ["lang:en|view:elder|size:30", "view:elder|size:30", "lang:en"]
)
async def test_no_word_of_the_bars_touches_another_or_leaves_the_glass(
    new_phone, preferences
) -> None:
    found = []
    options = {"viewport": {"width": 320, "height": 640}, "service_workers": "block"}
    async with new_phone(preferences, **options) as phone:
        page = await phone.context.new_page()
        for path in PATHS:
            await page.goto(path)
            words = await page.evaluate(WORDS)
            assert len(words) >= 7
            for each in words:
                if each["left"] < 0 or each["right"] > 320:
                    found.append(f"{path}: {each['words']} leaves the glass")
                found += [
                    f"{path}: {each['words']} touches {other['words']}"
                    for other in words
                    if abs(other["top"] - each["top"]) < 20
                    and each["left"] < other["left"] < each["right"] + APART
                ]
    assert not found, "\n".join(found)


# The words in an empty field, and the room for them, in pixels.
FIELDS = """() => [...document.querySelectorAll("input[placeholder]")]
  .filter((each) => each.offsetWidth)
  .map((each) => {
    const { paddingLeft, paddingRight } = getComputedStyle(each);
    const worn = getComputedStyle(each, "::placeholder");
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `${worn.fontSize} ${worn.fontFamily}`;
    const room = each.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    const closer = (parseFloat(worn.letterSpacing) || 0) * each.placeholder.length;
    return [each.placeholder, pen.measureText(each.placeholder).width + closer, room];
  })"""
FIELDS_AT = ("/c/liujiazhuang", "/communities", "/halls", "/c/liujiazhuang/disclosures/search")


@pytest.mark.parametrize(
    "preferences", ["lang:en|view:elder|size:30", "view:elder|size:30", "lang:en"]
)
async def test_what_a_field_is_for_is_read_whole(new_phone, preferences) -> None:
    cut, seen = [], 0
    options = {"viewport": {"width": 320, "height": 640}, "service_workers": "block"}
    async with new_phone(preferences, **options) as phone:
        page = await phone.context.new_page()
        for path in FIELDS_AT:
            await page.goto(path)
            fields = await page.evaluate(FIELDS)
            seen += len(fields)
            cut += [
                f"{path}: {words} {width:.0f} > {room}"
                for words, width, room in fields
                if width > room
            ]
    assert seen >= len(FIELDS_AT)
    assert not cut, "\n".join(cut)
