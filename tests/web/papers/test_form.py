"""The form of a document: it shows every field of the shape once, and has words for all."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import pytest
from pydantic import StringConstraints, ValidationError, create_model

from domain import calendar, rules
from domain.content import Content
from domain.papers import kinds
from domain.papers.paper import Paper
from domain.papers.rows import have_names
from domain.revision import touch_content
from domain.words import Words
from tests.world.clock import NOW
from tests.world.forms import posted, shown
from tests.world.people import hire_cast, sign_in
from web.features import FEATURES
from web.handbook.guide_paper import GUIDE
from web.papers.form.places import row_name
from web.papers.form.problems import problems_of
from web.papers.form.shape import Field, FormSpec, Group, Rows, Widget, form_of_shape
from web.papers.form.typed import blank
from web.papers.form.words import LABELS, OPTIONS
from web.papers.spec import specs_of
from web.site.words import translations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.app import Browser
    from web.papers.spec import PaperSpec

ROOT = Path(__file__).parents[3]
SPECS = specs_of(FEATURES)
SPEC = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: str(spec.kind))


@pytest.fixture
async def admin(own: Browser) -> Browser:
    """A browser in which the administrator of the district is signed in."""
    await sign_in(own, (await hire_cast(own.store, NOW)).admin, NOW)
    return own


def paper_of(spec: PaperSpec) -> Paper:
    """A document of this kind that is there."""
    key = {
        "item": "dibao",
        "year": "2027",
        "settlement": "old-town",
        "event": "bereavement",
        "place": "liujiazhuang",
    }.get(spec.key, "")
    return Paper(spec.kind, "liujiazhuang" if spec.kind.is_of_community else None, key)


# Every kind


def test_every_kind_of_document_has_its_pages_and_a_name_of_its_own() -> None:
    assert [spec.kind for spec in SPECS] == list(kinds.KINDS)
    for many in ([str(kind) for kind in kinds.KINDS], [spec.name for spec in SPECS]):
        assert len(set(many)) == len(many)


@SPEC
def test_a_document_is_found_by_its_name_and_its_address_is_that_name(spec) -> None:
    paper = paper_of(spec)
    assert kinds.paper_of(paper.subject) == paper
    params = {"community": paper.community, spec.key: paper.key}
    address = re.sub(r"\{(\w+)(?::int)?\}", lambda found: str(params[found[1]]), spec.path)
    assert address == f"/staff/{paper.subject}"


@pytest.mark.parametrize(
    "subject", ["", "c", "c/liujiazhuang", "c/x/nothing", "staff/1", "a/b/c/d"]
)
def test_a_name_of_no_document_is_none(subject) -> None:
    assert kinds.paper_of(subject) is None


def test_nobody_asks_which_kind_it_is() -> None:
    names = "|".join(kinds.__all__)
    asked = re.compile(rf"kind (?:is|==|in) (?:not )?\{{?(?:kinds\.)?(?:{names})\b")
    code = [*(ROOT / "web").rglob("*.py"), *(ROOT / "domain" / "papers").glob("*.py")]
    assert asked.search("if paper.kind is not kinds.OWN:")
    found = [
        path for path in code if "papers" in path.parts and asked.search(path.read_text("utf-8"))
    ]
    assert found == []


# Every field


def names_in(part: Field | Group | Rows, above: str = "") -> Iterator[str]:
    """The names that the fields of a form have on its page; `NEW` for the number of a row."""
    below = f"{above}.{part.name}".strip(".")
    if isinstance(part, Field):
        yield below
    inside = part.part if isinstance(part, Rows) else part
    if isinstance(inside, Group):
        below = f"{below}.NEW" if isinstance(part, Rows) else below
        for each in inside.parts:
            yield from names_in(each, below)


@SPEC
async def test_every_field_of_a_document_stands_in_its_form_exactly_once(admin, spec) -> None:
    page = (await admin.get(f"/staff/{paper_of(spec).subject}")).text
    fields = [name for name in shown(page, "paper") if not re.search(r"\.\d+\.", name)]
    wanted = [name for part in spec.form.parts for name in names_in(part)]
    assert sorted(fields) == sorted(["base", "began", "nonce", "shows", *wanted])
    # What is ticked and what is listed may send nothing, so the page says what it shows.
    tops = {name.split(".")[0] for name in posted(page, "paper")["shows"][0].split()}
    assert tops == set(spec.kind.shape.model_fields)


def keys(shape: type[Content]) -> Iterator[str]:
    """A document's class and fields, and those of its parts, as words are kept for them."""
    yield shape.__name__
    for name, info in shape.model_fields.items():
        for each in shape.__mro__:
            yield f"{each.__name__}.{name}"
        for inner in contents_in(info.annotation):
            yield from keys(inner)


def contents_in(annotation: Any) -> Iterator[type[Content]]:
    """The classes of content in a type."""
    if isinstance(annotation, type) and issubclass(annotation, Content):
        yield annotation
    for inner in get_args(annotation):
        yield from contents_in(inner)


@SPEC
def test_nothing_is_said_of_a_field_that_is_gone(spec) -> None:
    said = {*spec.fields.labels, *spec.fields.helps, *spec.fields.choices, *spec.fields.hidden}
    assert said <= set(keys(spec.kind.shape))
    assert set(LABELS) <= {key for each in SPECS for key in keys(each.kind.shape)}


SHARED = {type(value) for value, _ in OPTIONS}


def enumerations(annotation: Any) -> Iterator[type[StrEnum]]:
    """The enumerations in a type, and in the classes of content that it holds."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        yield annotation
    if isinstance(annotation, type) and issubclass(annotation, Content):
        for info in annotation.model_fields.values():
            yield from enumerations(info.annotation)
    for inner in get_args(annotation):
        yield from enumerations(inner)


@SPEC
def test_a_document_has_the_words_of_its_own_enumerations(spec) -> None:
    own = set(enumerations(spec.kind.shape)) - SHARED
    assert {type(value) for value, _ in spec.fields.options} == own


def test_only_words_of_enumerations_in_several_documents_are_shared() -> None:
    found = [kind for each in SPECS for kind in set(enumerations(each.kind.shape))]
    assert [kind for kind in SHARED if found.count(kind) == 1] == []


WITH_OPTIONS = [spec for spec in SPECS if spec.fields.options]


@pytest.mark.parametrize("spec", WITH_OPTIONS, ids=lambda spec: str(spec.kind))
def test_a_value_without_words_stops_the_start_with_one_sentence(spec) -> None:
    *options, (last, _) = spec.fields.options
    name = type(last).__name__
    with pytest.raises(LookupError, match=rf"^{name} has no words for {last}: [^.]*$"):
        replace(spec, fields=replace(spec.fields, options=tuple(options)))


@SPEC
def test_a_field_without_a_label_stops_the_start_with_one_sentence(spec) -> None:
    name = next(key for key in spec.fields.labels if "." in key)
    labels = {key: words for key, words in spec.fields.labels.items() if key != name}
    with pytest.raises(LookupError, match=rf"^'?{re.escape(name)} has no label: [^.]*$"):
        replace(spec, fields=replace(spec.fields, labels=labels))


@pytest.mark.parametrize(
    "changed",
    [
        lambda sections: sections[1:],
        lambda sections: (*sections, sections[0]),
        lambda sections: (*sections, ("", ("nothing",))),
    ],
)
def test_a_field_without_its_one_place_in_the_form_stops_the_start(changed) -> None:
    with pytest.raises(LookupError, match="each field of guide must stand in one section"):
        replace(GUIDE, sections=changed(GUIDE.sections))


@SPEC
def test_every_row_of_every_document_can_be_called_by_a_name_and_found_by_it(spec) -> None:
    def lists(group: Group) -> Iterator[Rows]:
        for part in group.parts:
            if isinstance(part, Rows):
                yield part
                yield from lists(part.part)
            elif isinstance(part, Group):
                yield from lists(part)

    for rows in lists(spec.form):
        row = {**blank(rows.part), rows.naming.name: "甲"}
        assert row_name(rows, row) == "甲"
        assert have_names([row])
        # Nobody calls a row by a word from a list.
        assert not rows.naming.options


# The words of what is wrong


def test_every_contradiction_has_words() -> None:
    sentences = {
        each for name, each in vars(rules).items() if name.isupper() and isinstance(each, str)
    }
    source = Path(calendar.__file__).read_text(encoding="utf-8")
    found = re.findall(r'(?:why = |Contradiction\(\([^)]*\), )(?:N_\()?"([^"]+)"', source)
    assert found
    word = translations("zh-Hans").gettext
    assert [each for each in (*sentences, *found) if word(each) == each] == []


class Planted(Content):
    """A document with a new field of each type whose words only the field can know."""

    appointment_url: Annotated[
        str, StringConstraints(pattern="^https://"), Words("A web address, please.")
    ]
    weight: Annotated[Decimal, Words("Kilograms, please.")]
    codes: tuple[
        Annotated[str, StringConstraints(pattern="^[0-9]$"), Words("Digits, please.")], ...
    ]


def test_what_is_wrong_is_said_in_the_words_beside_the_type() -> None:
    spec = FormSpec({f"Planted.{name}": name for name in Planted.model_fields})
    with pytest.raises(ValidationError) as refused:
        Planted.model_validate({"appointment_url": "x.cn", "weight": "much", "codes": ["a"]})
    found = problems_of(form_of_shape(Planted, spec), refused.value)
    assert {name: problem.words for name, problem in found.items()} == {
        "appointment_url": "A web address, please.",
        "weight": "Kilograms, please.",
        "codes": "Digits, please.",
    }


@pytest.mark.parametrize(
    "kind", [Annotated[str, StringConstraints(pattern="^x")], float, Decimal, tuple[Decimal, ...]]
)
def test_a_type_that_refuses_without_words_stops_the_start(kind) -> None:
    shape = create_model("Wordless", __base__=Content, field=(kind, ...))
    shape.__annotations__ = {"field": kind}
    with pytest.raises(LookupError, match=r"^'?Wordless\.field refuses"):
        form_of_shape(shape, FormSpec({"Wordless.field": "x"}))


# The page that a guide becomes


# What a guide holds in fields that take no words of ours.
PLAIN = {
    "online.address": "https://online.example.cn/guide",
    "code": "TQ-XX-99",
    "documents.copies": "17",
    "statutory_days": "321",
    "promised_days": "123",
    "fee.yuan": "4321.5",
    "visits": "7",
    "assured.date": "2026-11-01",
    "category": "B",
    "related": ["dibao"],
    "fit.see": "dibao",
}
# How the page says what it does not say to the letter.
SHOWN = {
    "assured.date": "2026年11月1日",
    "documents.form": "原件",
    "documents.picture": "#id-card",
    "related": "/c/liujiazhuang/handbook/dibao",
    "category": "/c/liujiazhuang/handbook/categories/",
}
# Fields that are not on the guide's page, and where they are.
ELSEWHERE = {
    "search_words": "the search finds the guide by them",
    "life_events": "the page of each event lists the guide",
    "fit.leads": "where the answer's address leads",
    "fit.why": "the page at the end of the questions",
    "fit.see": "the page at the end of the questions",
    "withdrawn": "in place of the guide",
}


def filled(part: Field | Group | Rows, above: str, written: dict[str, Any]) -> Any:
    """A value in which every word is found again; `written` takes each by the field's name."""
    name = f"{above}.{part.name}".strip(".")
    if isinstance(part, Rows):
        return [filled(replace(part.part, name=""), name, written)]
    if isinstance(part, Group):
        return {each.name: filled(each, name, written) for each in part.parts}
    number = len(written) + 1
    word = f"第{number}号记号词"
    value: Any = {
        Widget.PHONE: f"0531-0000{number:04}",
        Widget.LINES: [word, f"{word}甲", f"{word}乙"],
    }.get(part.widget, word)
    if part.options:
        value = part.options[0][0]
        value = [value] if part.widget is Widget.CHOICES else value
    written[name] = PLAIN.get(name, value)
    return written[name]


async def test_every_field_of_a_guide_is_on_its_page(own) -> None:
    written: dict[str, Any] = {}
    values = {part.name: filled(part, "", written) for part in GUIDE.form.parts}
    document = GUIDE.kind.shape.model_validate({**values, "withdrawn": None})

    async def publish(session: AsyncSession) -> None:
        await Paper(kinds.GUIDE, None, "gaoling-jintie").write(session, document, NOW)
        await touch_content(session)

    await own.store.write(publish)
    address = "/c/liujiazhuang/handbook/gaoling-jintie"
    page = (await own.get(address)).text + (await own.get(f"{address}/forms/1")).text
    for name, value in written.items():
        if name not in ELSEWHERE:
            wanted = SHOWN.get(name, value)
            for words in wanted if isinstance(wanted, list) else [wanted]:
                assert words in page, name
    assert set(ELSEWHERE) <= set(written)
