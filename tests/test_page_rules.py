"""The house rules themselves: a good page passes, and every rule catches the fault it is for."""

from __future__ import annotations

import pytest

from tests.world.page_rules import PageRuleBrokenError, check_page, faults_of

GOOD = """<!doctype html>
<html lang="zh-Hans" data-view="standard" data-size="22" data-theme="auto">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="description" content="怎么办、带什么、找谁">
<title>高龄津贴 · 刘家庄社区</title>
<link rel="canonical" href="http://elsewhere.test/c/liujiazhuang">
<link rel="stylesheet" href="/assets/residents.0123456789.css">
<script src="/assets/app.0123456789.js" defer></script>
<script type="application/ld+json">{"name": "高龄津贴"}</script>
</head>
<body>
<main>
<h1>高龄津贴</h1>
<h2 id="bring">要带的材料</h2>
<h3>原件</h3>
<form action="/c/liujiazhuang/search">
<label for="q">您要办什么</label><input id="q" name="q">
<label>天数 <input name="days"></label>
<select name="kind" aria-label="种类"><option>全部</option></select>
<input type="hidden" name="next" value="/">
<button data-fragment="/f/search" data-answers="results">搜索</button>
</form>
<div id="results" aria-labelledby="bring"></div>
<a href="#bring">材料</a>
<a href="/people"><img src="/assets/a.png" alt="找人" width="20" height="20"></a>
<details><summary>问答</summary></details>
</main>
</body>
</html>
"""

ENGLISH = GOOD.replace('lang="zh-Hans"', 'lang="en"')

FAULTS = {
    "a tag that nothing closes": ("</h1>", "", "invalid HTML"),
    "no doctype": ("<!doctype html>\n", "", "invalid HTML"),
    "no h1": ("<h1>高龄津贴</h1>", "", "0 h1"),
    # Every title begins with an h1 that is empty.
    "an h1 without words": ("<h1>高龄津贴</h1>", "<h1></h1>", "h1"),
    "a range that may break": ("原件</h3>", "8:30–17:00</h3>", "a line may break"),
    "two h1": ("<h3>原件</h3>", "<h1>原件</h1>", "2 h1"),
    "a title about something else": ("<title>高龄", "<title>低", "does not begin with the h1"),
    "a level skipped": ('<h2 id="bring">要带的材料</h2>', '<p id="bring"></p>', "skips a level"),
    "no language": (' lang="zh-Hans"', "", "html has no lang"),
    "no view": (' data-view="standard"', "", "html has no data-view"),
    "no size": (' data-size="22"', "", "html has no data-size"),
    "no theme": (' data-theme="auto"', "", "html has no data-theme"),
    "no main": ("main>", "div>", "not one main"),
    "no description": ('name="description"', 'name="other"', "no meta description"),
    "an empty description": ('content="怎么办、带什么、找谁"', 'content=""', "no meta description"),
    "no viewport": ('name="viewport"', 'name="other"', "no meta viewport"),
    "an id twice": ("<h3>", '<h3 id="q">', "'q' stands twice"),
    "labelled by nothing": ('labelledby="bring"', 'labelledby="gone"', "points nowhere"),
    "described by nothing": ("<h3>", '<h3 aria-describedby="bring gone">', "points nowhere"),
    "controlling nothing": ("<h3>", '<h3 aria-controls="gone">', "points nowhere"),
    "a label for nothing": ("<h3>", '<label for="gone">x</label><h3>', "points nowhere"),
    "a target that is not there": ('answers="results"', 'answers="gone"', "points nowhere"),
    "an anchor that is not there": ('href="#bring"', 'href="#gone"', "points nowhere"),
    "an input without a label": ('<label for="q">您要办什么</label>', "", "'q' has no label"),
    # The label that wraps its own input labels no other field that has no id.
    "a choice without a label": (' aria-label="种类"', "", "'kind' has no label"),
    "a text area without a label": ("<h3>", "<textarea name=a></textarea><h3>", "has no label"),
    "a form that leads nowhere": (' action="/c/liujiazhuang/search"', "", "no address of ours"),
    "a form that leads elsewhere": (
        'action="/c/liujiazhuang/search"',
        'action="https://elsewhere.test/"',
        "no address of ours",
    ),
    "an inline script": ("<h3>", "<script>let a</script><h3>", "an inline script"),
    "an inline style": ("<h3>", '<h3 style="color:red">', "an inline style on h3"),
    "a style sheet in the page": ("</head>", "<style>p{}</style></head>", "an inline style"),
    "an inline handler": ("<h3>", '<h3 onclick="a()">', "an inline handler onclick"),
    "an inline handler of htmx": ("<h3>", '<h3 hx-on:click="a()">', "an inline handler hx-on"),
    "a class of another audience": (
        "<h3>",
        '<h3 class="counter-desk">',
        "styled for staff only",
    ),
    "a link that is a script": ('href="/people"', 'href="javascript:a()"', "href is a script"),
    "a script from elsewhere": (
        'src="/assets/app.0123456789.js"',
        'src="//cdn.test/a"',
        "loads from elsewhere",
    ),
    "a style from elsewhere": (
        'href="/assets/residents.0123456789.css"',
        'href="https://a.b/c"',
        "from elsewhere",
    ),
    "a picture from elsewhere": ('src="/assets/a.png"', 'src="https://a.b/c"', "from elsewhere"),
    "a link without a name": ('alt="找人"', 'alt=""', "has no name"),
    "a button without a name": (">搜索<", "><", "button None has no name"),
    "a summary without a name": ("<summary>问答", "<summary>", "summary None has no name"),
    "a picture without words": ('alt="找人" ', 'title="找人" ', "has no alt"),
    "a picture without a size": (' height="20"', "", "would shift the page"),
    "a placeholder left over": ("原件", "%(count)s 件", "leftovers"),
    "a template left over": ("原件", "{{ form }}", "leftovers"),
    "nothing said as None": ("原件", "None", "leftovers"),
    "something undefined": ("原件", "Undefined", "leftovers"),
}
"""What is planted: the words taken out, the words put in, and what the rule says."""


def test_a_page_that_keeps_every_rule_passes() -> None:
    assert list(faults_of(GOOD)) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught(fault) -> None:
    out, into, said = FAULTS[fault]
    assert out in GOOD
    found = list(faults_of(GOOD.replace(out, into)))
    assert any(said in each for each in found), found


def test_json_for_search_engines_is_read_and_not_only_let_through() -> None:
    with pytest.raises((PageRuleBrokenError, ValueError)):
        check_page(GOOD.replace('{"name": "高龄津贴"}', "{name}"), "/c/jian")


def test_chinese_on_an_english_page_says_that_it_is_chinese() -> None:
    marked = ENGLISH.replace("<main>", '<main lang="zh-Hans">')
    assert list(faults_of(marked)) == []
    assert "Chinese not marked as such: '原件' in h3" in list(faults_of(ENGLISH))


def test_english_with_a_chinese_name_in_it_is_english() -> None:
    page = ENGLISH.replace("<main>", '<main lang="zh-Hans">')
    words = '<h3 lang="en">The hall of 刘家庄社区 is open</h3>'
    assert list(faults_of(page.replace("<h3>原件</h3>", words))) == []


def test_a_broken_rule_is_said_with_the_address_of_the_page() -> None:
    with pytest.raises(PageRuleBrokenError, match=r"^/c/jian/people: 0 h1, not one$"):
        check_page(GOOD.replace("h1>", "h2>"), "/c/jian/people")


def test_a_fragment_is_no_page_but_keeps_the_other_rules() -> None:
    assert list(faults_of('<p id="here">刘家庄社区</p>', fragment=True)) == []
    found = list(faults_of('<p id="here"><a href="/mine"></a></p>', fragment=True))
    assert found == ["a '/mine' has no name"]
    assert list(faults_of("<p>刘家庄社区</h2>", fragment=True))


@pytest.mark.parametrize("kind", ["submit", "button", "hidden"])
def test_a_button_that_is_an_input_needs_no_label(kind) -> None:
    page = GOOD.replace('type="hidden"', f'type="{kind}"')
    assert list(faults_of(page)) == []


def test_a_fault_is_found_on_a_page_that_differs_from_a_sound_one_in_its_keys_alone() -> None:
    one, other = "a" * 43, "b" * 43
    with_ids = GOOD.replace("<h3>", f'<h3 id="{one}">').replace(
        "<summary>", f'<summary id="{other}">'
    )
    check_page(with_ids, "/")
    check_page(with_ids.replace("b" * 43, "c" * 43), "/")
    with pytest.raises(PageRuleBrokenError, match=one):
        check_page(with_ids.replace(other, one), "/")
