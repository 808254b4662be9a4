"""这事适合我吗 on the page: plain addresses, nothing kept, one thing to do at the end."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from domain.papers import kinds
from domain.papers.paper import Paper
from domain.revision import touch_content
from tests.world.clock import NOW
from tests.world.forms import posted

GUIDE = "/c/liujiazhuang/handbook/gaoling-jintie"
FIT = f"{GUIDE}/fit"


def main(html: str) -> str:
    """The page between the bars."""
    return html.partition("<main")[2].partition("</main>")[0]


def words(html: str) -> str:
    """What can be read, without blanks."""
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", main(html))))


def red(html: str) -> list[str]:
    """The addresses of what is red on the page."""
    found = re.findall(r'<a[^>]*class="(btn[^"]*)"[^>]*href="([^"]+)"', main(html))
    return [unescape(href) for kind, href in found if "quiet" not in kind.split()]


async def test_a_guide_leads_to_its_questions_and_lists_them_for_paper(resident) -> None:
    page = (await resident.get(GUIDE)).text
    assert f'href="{FIT}"' in page
    paper = page.partition("only-on-paper")[2].partition("</ul>")[0]
    assert "老人满 80 周岁了吗？" in paper
    assert "□\xa0满了" in unescape(paper)


async def test_a_guide_without_questions_says_nothing_of_them_and_answers_with_itself(
    resident,
) -> None:
    plain = "/c/liujiazhuang/handbook/zhiyuanzhe"
    assert "fit-way" not in (await resident.get(plain)).text
    response = await resident.get(f"{plain}/fit?a=1")
    assert (response.status_code, response.headers["location"]) == (303, plain)


async def test_answers_are_plain_links_with_what_was_answered_in_the_address(resident) -> None:
    page = (await resident.get(FIT)).text
    assert "第1题，最多2题" in words(page)
    assert re.findall(r'fit-answer" href="([^"]+)"', page) == [f"{FIT}?a=1", f"{FIT}?a=2"]
    page = (await resident.get(f"{FIT}?a=1")).text
    assert "第2题，最多2题" in words(page)
    assert "老人的户口在天桥区吗？在" in words(page)
    assert re.findall(r'fit-answer" href="([^"]+)"', page)[-1] == f"{FIT}?a=1-3"
    assert f'href="{FIT}">改' in re.sub(r"\s+", " ", page).replace('"> 改', '">改')


async def test_an_end_says_what_to_do_and_has_one_red_button(resident) -> None:
    yes = (await resident.get(f"{FIT}?a=1-1")).text
    assert "看起来适合您" in words(yes)
    assert "以前的月份不补" in words(yes)
    assert red(yes) == [GUIDE]
    no = (await resident.get(f"{FIT}?a=2")).text
    assert "多半不适合您" in words(no)
    assert red(no) == ["/c/liujiazhuang/handbook/laoren-youdai-zheng"]
    alone = (await resident.get("/c/liujiazhuang/handbook/laoren-youdai-zheng/fit?a=2")).text
    assert [each[:4] for each in red(alone)] == ["tel:"]


async def test_a_question_has_no_red_button_and_says_that_it_decides_nothing(resident) -> None:
    for path in (FIT, f"{FIT}?a=1", f"{FIT}?a=1-1"):
        page = (await resident.get(path)).text
        assert "不是决定" in words(page)
        assert "由办这件事的部门看了材料以后决定" in words(page)
        assert len(red(page)) <= 1
    assert red((await resident.get(FIT)).text) == []


async def test_nothing_of_the_answers_is_kept(resident) -> None:
    response = await resident.get(f"{FIT}?a=1-1")
    assert "set-cookie" not in response.headers
    assert response.headers["cache-control"].startswith(("no-store", "no-cache", "private"))


async def test_a_link_a_code_and_a_change_of_language_keep_the_answers(resident) -> None:
    page = (await resident.get(f"{FIT}?a=1")).text
    assert 'value="/c/liujiazhuang/handbook/gaoling-jintie/fit?a=1"' in unescape(page)
    assert "fit%3Fa%3D1" in page
    english = await resident.get(f"{FIT}?a=1", headers={"cookie": "lianxin=lang:en"})
    assert "Question2of2atmost" in words(english.text)


@pytest.mark.parametrize(
    "asked", ["9", "1-9", "0", "-1", "1-", "x", "1-1-1-1-1-1-1-1", "１", "1" * 5000, "%00", "<b>"]
)
async def test_an_address_that_we_did_not_write_asks_what_is_open(resident, asked) -> None:
    response = await resident.get(FIT, params={"a": asked})
    assert response.status_code == 200
    assert "题，最多2题" in words(response.text)


async def test_an_item_that_is_none_is_not_found(resident) -> None:
    assert (await resident.get("/c/liujiazhuang/handbook/nothing/fit")).status_code == 404


async def test_a_withdrawn_item_answers_with_what_to_do_instead(own) -> None:
    paper = Paper(kinds.GUIDE, None, "gaoling-jintie")

    async def withdraw(session: Any) -> None:
        guide: Any = await paper.read(session)
        await paper.write(session, guide.model_copy(update={"withdrawn": "改到街道办"}), NOW)
        await touch_content(session)

    await own.store.write(withdraw)
    assert (await own.get(FIT)).headers["location"] == GUIDE


# At the office


async def test_the_office_writes_the_questions_as_rows(own, cast) -> None:
    desk = "/staff/handbook/gaoling-jintie"
    form = posted((await own.get(desk)).text, "paper")
    assert form["fit.0.question"] == ["老人的户口在天桥区吗？"]
    form["fit.2.answer"] = ["去年过的生日"]
    response = await own.post(f"{desk}/draft", data={**form, "do": "review"})
    assert response.headers["location"] == f"{desk}/publication"
    assert "去年过的生日" in (await own.get(f"{desk}/publication")).text
    await own.post(f"{desk}/publication", data={"reason": "说得更清楚"})
    assert "去年过的生日" in (await own.get(f"{FIT}?a=1")).text


async def test_an_answer_that_leads_nowhere_is_not_published(own, cast) -> None:
    desk = "/staff/handbook/gaoling-jintie"
    form = posted((await own.get(desk)).text, "paper")
    form["fit.4.leads"] = ["next"]
    response = await own.post(f"{desk}/draft", data={**form, "do": "review"})
    page = (await own.get(response.headers["location"])).text
    assert "后面没有题了" in page
