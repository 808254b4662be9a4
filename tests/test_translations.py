"""Words: everything said in English is said in Chinese as well, with the same values in it."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from web.site.words import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Message

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def extracted(folder: Path) -> Catalog:
    """Every word to translate below a folder, found the way `babel.cfg` says."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as settings:
        methods, options = parse_mapping_cfg(settings)  # type: ignore[no-untyped-call]
    words = Catalog(charset="utf-8")
    found = extract_from_dir(folder, methods, options, directory_filter=is_ours)
    for file, line, message, _comments, context in found:
        words.add(message, locations=[(file, line)], context=context)
    return words


def is_ours(folder: str | Path) -> bool:
    """Whether a folder may hold words of ours: others' packages and tests do not."""
    name = Path(folder).name
    return not name.startswith((".", "_")) and name not in {"node_modules", "tests"}


@cache
def in_use() -> Catalog:
    """Every word of the templates, of web, and those that the domain marks."""
    return extracted(ROOT)


@cache
def chinese() -> Catalog:
    """The Chinese words."""
    with CATALOGUE.open("rb") as source:
        return read_po(source, locale="zh_Hans")


def key(message: Message) -> tuple[str | None, str]:
    """What a message is looked up by."""
    return message.context, str(message.id[0] if message.pluralizable else message.id)


def strings(message: Message) -> list[str]:
    """All translations of a message."""
    found = message.string
    return list(found) if isinstance(found, tuple | list) else [found or ""]


def words_of(catalog: Catalog) -> dict[tuple[str | None, str], Message]:
    """The messages of a catalogue without its head."""
    return {key(message): message for message in catalog if message.id}


def faults(used: Catalog, translated: Catalog) -> Iterator[str]:
    """Everything in which the two differ."""
    needed, held = words_of(used), words_of(translated)
    for where, message in needed.items():
        there = held.get(where)
        if there is None or not all(strings(there)):
            yield f"no translation: {where[1]!r} in {message.locations[0][0]}"
        elif message.pluralizable and not there.pluralizable:
            yield f"no plural: {where[1]!r}"
    for where, message in held.items():
        if where not in needed:
            yield f"not in use: {where[1]!r}"
        if message.fuzzy:
            yield f"fuzzy: {where[1]!r}"
        english = message.id if isinstance(message.id, str) else message.id[-1]
        expected = set(PLACEHOLDER.findall(english))
        for string in strings(message):
            if string and set(PLACEHOLDER.findall(string)) != expected:
                yield f"placeholders differ: {where[1]!r} and {string!r}"
    yield from (f"no longer in use: {message.id!r}" for message in translated.obsolete.values())


def copy_of(catalog: Catalog) -> Catalog:
    """A catalogue to plant a fault in."""
    kept = BytesIO()
    write_po(kept, catalog)
    kept.seek(0)
    return read_po(kept, locale="zh_Hans")


def test_every_word_is_said_in_chinese_and_no_word_is_left_over() -> None:
    assert len(words_of(in_use())) > 100
    assert list(faults(in_use(), chinese())) == []


def test_words_are_found_in_templates_and_in_code() -> None:
    places = {place.split("/")[0] for each in in_use() for place, _ in each.locations}
    assert places == {"domain", "templates", "web"}


def test_the_catalogue_is_sorted_as_make_words_sorts_it() -> None:
    order = [key(message) for message in chinese() if message.id]
    assert order == [key(message) for message in sorted(chinese()) if message.id]


def test_every_chinese_word_is_chinese() -> None:
    for message in words_of(chinese()).values():
        for string in strings(message):
            without = PLACEHOLDER.sub("", string)
            assert re.search(r"[\u3400-\u9fff]", without) or not re.search(r"[A-Za-z]{4}", without)


def test_a_word_missing_in_chinese_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "queue"
    folder.mkdir(parents=True)
    (folder / "show.html").write_text("{{ _('Take a number') }}", encoding="utf-8")
    (said,) = faults(extracted(tmp_path), Catalog(locale="zh_Hans"))
    assert said == "no translation: 'Take a number' in templates/queue/show.html"


def test_a_word_of_every_kind_is_extracted(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "web").mkdir()
    (tmp_path / "templates" / "a.html").write_text(
        "{% trans %}one{% endtrans %}{{ _('two') }}{{ pgettext('at sea', 'three') }}"
        "{{ ngettext('%(num)s four', '%(num)s fours', n) }}",
        encoding="utf-8",
    )
    (tmp_path / "web" / "b.py").write_text('words = _("five")\n', encoding="utf-8")
    found = {where[1] for where in words_of(extracted(tmp_path))}
    assert found == {"one", "two", "three", "%(num)s four", "five"}


@pytest.mark.parametrize(
    ("english", "string", "flags", "said"),
    [
        ("Home", "", (), "no translation: 'Home'"),
        ("Home", "首页", ("fuzzy",), "fuzzy: 'Home'"),
        ("%(num)s m", "米", (), "placeholders differ: '%(num)s m'"),
        ("%(num)s m", "%(number)s 米", (), "placeholders differ: '%(num)s m'"),
        ("{} of {words}", "{} 之 {}", (), "placeholders differ: '{} of {words}'"),
    ],
)
def test_a_faulty_translation_is_noticed(english, string, flags, said) -> None:
    used, translated = Catalog(), Catalog(locale="zh_Hans")
    used.add(english, locations=[("templates/a.html", 1)])
    translated.add(english, string, flags=flags)
    assert [each.startswith(said) for each in faults(used, translated)] == [True]


def test_a_word_that_nobody_says_any_more_is_noticed() -> None:
    planted = copy_of(chinese())
    planted.add("Fax us", "请发传真")
    assert list(faults(in_use(), planted)) == ["not in use: 'Fax us'"]


def test_a_word_taken_out_of_the_chinese_catalogue_is_noticed() -> None:
    planted = copy_of(chinese())
    context, english = next(iter(words_of(chinese())))
    planted.delete(english, context)
    (said,) = faults(in_use(), planted)
    assert said.startswith(f"no translation: {english!r}")


DIFFERENT_ON_PURPOSE = {
    "优先": ("Priority", "priority"),
    "公开": ("Notices", "What we publish"),
    "共建单位": ("Partner", "Partners"),
    "分区": ("Zone", "Zones"),
    "办理": ("For", "served for"),
    "办结": ("Finish", "served"),
    "叫号": ("Call", "called"),
    "取号": ("Number", "Take a number", "taken"),
    "岗位": ("Post", "Role", "Roles"),
    "手册": ("Guides", "Handbook"),
    "工作日": ("On working days", "working day", "working days"),
    "已办完": ("Done", "done"),
    "已退号": ("Cancelled", "cancelled"),
    "当场办结": ("Done on the spot", "on the spot"),
    "收费": ("Fee", "fee"),
    "暂停": ("Pause", "paused"),
    "暂离": ("Hold", "On hold", "on hold"),
    "登录": ("Sign in", "signed in"),
    "社区": ("Communities", "Places"),
    "窗口": ("Counter", "Counters", "counter"),
    "第二步验证": ("Second factor", "second factor"),
    "答复": ("Answers", "The answer"),
    "类别": ("Categories", "Category"),
    "草稿": ("Drafts", "draft"),
    "街道": ("Subdistrict", "the subdistrict"),
    "负责人": ("People in charge", "Person in charge"),
    "过号": ("Missed", "missed"),
    "修改": ("Edit", "changed"),
    "%(number)s 号窗口": ("Counter %(number)s", "counter %(number)s"),
}
"""Chinese words that English must say in several ways. Chinese has no capitals, no plural and no
tense: a heading or a button differs from a word in a line ("Done", "done"), a list from one of it
("Zones", "Zone"), a button from a column or a log ("Finish", "served"). Five are two things: a
number's tab in the bar and the button, a post of the office and a role here, and the tabs "Places",
"Guides" and "Notices", which have no room for "Communities", "Handbook" and "What we publish"."""


def english_by_chinese(catalog: Catalog) -> dict[str, set[str]]:
    """The English sources of each Chinese text."""
    sources: dict[str, set[str]] = {}
    for (_context, english), message in words_of(catalog).items():
        sources.setdefault(strings(message)[0], set()).add(english)
    return sources


def test_one_chinese_word_has_one_english_source() -> None:
    several = {
        string: tuple(sorted(sources))
        for string, sources in english_by_chinese(chinese()).items()
        if len(sources) > 1
    }
    assert several == DIFFERENT_ON_PURPOSE


_FIGURES = "num|fewest|more|counter|count|number|minutes|days|most|hours|total|all|kept|share|error|timely|done"
_NUMBER = rf"(?:\d|%\((?:{_FIGURES})\)[sd](?:%%)?)"
_CHARACTER = r"[\u3400-\u9fff]"
_TIGHT = re.compile(rf"{_NUMBER}(?!万){_CHARACTER}|{_CHARACTER}{_NUMBER}")
"""A figure beside a character, without the space that stands there everywhere else."""


def tight(catalog: Catalog) -> list[str]:
    """Chinese texts with a figure that touches a character."""
    texts = [each for _, message in words_of(catalog).items() for each in strings(message)]
    return [text for text in texts if _TIGHT.search(text)]


def test_figures_stand_apart_from_chinese_characters() -> None:
    assert tight(chinese()) == []


@pytest.mark.parametrize("text", ["近90天", "第%(number)s 步", "%(num)s人", "超过 12万像素和3张"])
def test_a_figure_that_touches_a_character_is_noticed(text) -> None:
    planted = copy_of(chinese())
    planted.add("House number", text)
    assert tight(planted) == [text]


def test_a_second_english_source_is_noticed() -> None:
    planted = copy_of(chinese())
    planted.add("House number", "取号")
    assert english_by_chinese(planted)["取号"] == {*DIFFERENT_ON_PURPOSE["取号"], "House number"}
