"""The style within the page of a first visit, which the policy allows by its hash."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

HOME = "/c/liujiazhuang"
PATHS = [HOME, f"{HOME}/handbook/gaoling-jintie", f"{HOME}/take", "/communities", "/c/jian/nothing"]
STYLE = re.compile(r'<style data-address="([^"]+)">(.*?)</style>', re.DOTALL)


def is_linked(page: str) -> bool:
    return '<link rel="stylesheet" href="/assets/residents.' in page


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("comes_from", ["none", "cross-site", "same-site"])
async def test_a_first_visit_has_its_style_within_the_page(
    resident, path, language, comes_from
) -> None:
    headers = {"sec-fetch-site": comes_from, "accept-language": language}
    # The second answer comes from memory where the page is shared.
    for _ in range(2):
        resident.cookies.clear()
        answer = await resident.get(path, headers=headers)
        [(address, style)] = STYLE.findall(answer.text)
        assert not is_linked(answer.text)
        asset = resident.services.assets.by_address[address]
        assert style == asset.body.decode()
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'self' 'sha256-{digest}';" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none", "cookie": "lianxin=community:liujiazhuang"},
    ],
)
async def test_every_other_visit_takes_the_file_that_its_browser_keeps(
    resident, path, headers
) -> None:
    page = (await resident.get(path, headers=headers)).text
    assert is_linked(page)
    assert "<style" not in page


async def test_nothing_in_the_style_ends_it_or_depends_on_where_it_stands(resident) -> None:
    style = resident.services.assets.style.body.decode()
    assert "</" not in style
    assert "url(" not in style
    assert "\r" not in style
