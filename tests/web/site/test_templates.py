"""Template contract: what a template reads is what its Page holds, no more and no less."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, ClassVar

import pytest
from jinja2 import DictLoader, Environment, meta, nodes

import web
from web.site.assets import ROOT, Assets
from web.site.pages import Page, Renderer, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

for found in pkgutil.walk_packages(web.__path__, "web."):
    if found.name != "web.__main__":
        importlib.import_module(found.name)

AROUND = {"site"}
"""What the renderer gives to every template beside the page's own fields."""
WITH_DEFAULT = {"description"}
"""What the base template does without: a template may set it, and no page holds it."""
FOR_THE_CODE = {"community", "fresh_until"}
"""Fields of every page that the code uses; a template may read them or not."""


def pages_below(page: type[Page]) -> Iterator[type[Page]]:
    """Every page of the application."""
    for below in page.__subclasses__():
        # A page without a template is only there to be built upon.
        if below.__module__.startswith("web.") and hasattr(below, "template"):
            yield below
        yield from pages_below(below)


PAGES = sorted(set(pages_below(Page)), key=lambda page: f"{page.__module__}.{page.__name__}")


@pytest.fixture(scope="module")
def environment() -> Environment:
    return Renderer(Assets()).environment("en")


def source(environment: Environment, template: str) -> nodes.Template:
    """A template as Jinja understands it."""
    assert environment.loader is not None
    return environment.parse(environment.loader.get_source(environment, template)[0])


def named(node: nodes.Node) -> str:
    """The template that an `extends`, an `include` or an `import` names."""
    assert isinstance(node, nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport)
    assert isinstance(node.template, nodes.Const), "a template named by a value cannot be checked"
    return str(node.template.value)


def made_by(tree: nodes.Template) -> set[str]:
    """The names that a template makes at its top: those it sets, its macros and its imports."""
    made: set[str] = set()
    for node in tree.body:
        if isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name):
            made.add(node.target.name)
        elif isinstance(node, nodes.Macro):
            made.add(node.name)
        elif isinstance(node, nodes.Import):
            made.add(node.target)
    # Jinja's search for undeclared names does not see what a block of `set` makes.
    blocks = (node.target for node in tree.find_all(nodes.AssignBlock))
    return made | {target.name for target in blocks if isinstance(target, nodes.Name)}


def read_by(environment: Environment, template: str) -> set[str]:
    """Every name that a template and those it extends and includes read from outside."""
    tree = source(environment, template)
    read = meta.find_undeclared_variables(tree)
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        # An import sees the page's values only when it asks for them.
        if getattr(node, "with_context", True):
            read |= read_by(environment, named(node))
    return read - made_by(tree) - set(environment.globals)


def broken(page: type[Page], environment: Environment) -> list[str]:
    """Where a page and its template do not agree."""
    held = {each.name for each in fields(page)}
    read = read_by(environment, page.template) - AROUND - WITH_DEFAULT
    return [
        *(f"reads {name}, which the page does not hold" for name in sorted(read - held)),
        *(f"does not read {name}" for name in sorted(held - read - FOR_THE_CODE)),
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.__module__}.{page.__name__}")
def test_a_template_reads_what_its_page_holds(page, environment) -> None:
    assert broken(page, environment) == []


def test_every_folder_of_templates_is_shown_by_pages_of_its_feature() -> None:
    templates = ROOT / "templates"
    folders = {path.parent.name for path in templates.glob("*/*.html")} - {"components"}
    # The pages of errors belong to no feature.
    features = folders - {"errors"} | {"site"}
    assert {page.__module__.split(".")[1] for page in PAGES} == features
    assert {page.template.partition("/")[0] for page in PAGES if "/" in page.template} == folders


def test_every_template_belongs_to_a_page(environment) -> None:
    used, waiting = set(), {page.template for page in PAGES}
    while waiting:
        template = waiting.pop()
        used.add(template)
        tree = source(environment, template)
        others = tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport))
        waiting |= {named(node) for node in others} - used
    folder = ROOT / "templates"
    assert used == {path.relative_to(folder).as_posix() for path in folder.rglob("*.html")}


def imported(environment: Environment) -> list[str]:
    """The templates of macros: those that others import without giving them their values."""
    found: set[str] = set()
    for template in environment.list_templates():
        tree = source(environment, template)
        imports = tree.find_all((nodes.Import, nodes.FromImport))
        found |= {named(node) for node in imports if not getattr(node, "with_context", True)}
    return sorted(found)


def test_macros_read_nothing_but_what_they_are_given(environment) -> None:
    read = {template: read_by(environment, template) for template in imported(environment)}
    assert read
    assert {template: names for template, names in read.items() if names} == {}


def test_components_know_no_feature(environment) -> None:
    for path in sorted((ROOT / "templates" / "components").glob("*.html")):
        tree = source(environment, f"components/{path.name}")
        others = tree.find_all((nodes.Include, nodes.Import, nodes.FromImport))
        assert {named(node).partition("/")[0] for node in others} <= {"components"}, path.name


def test_templates_ask_the_site_only_for_what_it_has(environment) -> None:
    known = {name for name in dir(Site) if not name.startswith("_")}
    known |= {each.name for each in fields(Site)}
    for template in environment.list_templates():
        for asked in source(environment, template).find_all(nodes.Getattr):
            if isinstance(asked.node, nodes.Name) and asked.node.name == "site":
                assert asked.attr in known, f"{template} asks for site.{asked.attr}"


PLANTED = {
    "base.html": "{% import 'kit.html' as kit %}{{ title }}{{ site.lang }}{% block main %}"
    "{% endblock %}{{ description | default('') }}{{ from_base }}",
    "kit.html": "{% macro hello(name) %}{{ name }}{{ _('Hello') }}{% endmacro %}",
    "_part.html": "{{ from_part }}",
    "show.html": "{% extends 'base.html' %}{% set title = from_title %}{% block main %}"
    "{% for each in rows %}{{ each }}{% endfor %}{% include '_part.html' %}{% endblock %}",
}


@dataclass(frozen=True, kw_only=True)
class Planted(Page):
    """A page that agrees with its template."""

    template: ClassVar[str] = "show.html"
    from_base: str
    from_part: str
    from_title: str
    rows: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PlantedWithTooMuch(Planted):
    """A page that holds what nobody reads."""

    idle: str


@dataclass(frozen=True, kw_only=True)
class PlantedWithTooLittle(Page):
    """A page that lacks what its own template, the base and a part of it read."""

    template: ClassVar[str] = "show.html"
    rows: tuple[str, ...]


@pytest.fixture
def planted() -> Environment:
    environment = Environment(
        loader=DictLoader(PLANTED), autoescape=True, extensions=["jinja2.ext.i18n"]
    )
    environment.globals["_"] = str
    return environment


def test_the_contract_lets_a_true_page_pass(planted) -> None:
    assert broken(Planted, planted) == []


def test_the_contract_catches_a_field_that_nobody_reads(planted) -> None:
    assert broken(PlantedWithTooMuch, planted) == ["does not read idle"]


def test_the_contract_catches_a_missing_field_in_template_base_and_part(planted) -> None:
    assert broken(PlantedWithTooLittle, planted) == [
        "reads from_base, which the page does not hold",
        "reads from_part, which the page does not hold",
        "reads from_title, which the page does not hold",
    ]


FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
WRITTEN_IN = re.compile(
    r"<(?:textarea|select)\b|<input\b(?![^>]*type=\"(?:hidden|file|password)\")"
)
MACRO = re.compile(r"{%-? macro (\w+)\(.*?{%-? endmacro", re.DOTALL)
STAFF_TEMPLATES = ("staff/", "papers/", "queue/counter/", "devices/", "ratings/call_back.html")
NOT_KEPT = {
    "staff/sign_in.html": "a name and a password",
    "staff/welcome.html": "a name and a password",
    "staff/confirm.html": "a code that works once",
    "staff/second_factor.html": "a code that works once",
    "devices/_words.html": "a code that a device shows for minutes",
    "queue/counter/seats.html": "ticks that a press brings back; an unsent one is no choice",
    "queue/counter/take_over.html": "the same ticks",
}
"""Forms in which staff write and whose words no device may or need keep, and why."""


@cache
def macros_of_fields() -> tuple[str, ...]:
    """The names of the macros that hold a field to write in, as a template calls them."""
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
    macros = (macro for text in texts for macro in MACRO.finditer(text))
    return tuple(f".{macro[1]}(" for macro in macros if WRITTEN_IN.search(macro[0]))


def is_written_in(form: str) -> bool:
    """Whether a form holds a field to write in, itself or through a macro."""
    return bool(WRITTEN_IN.search(form)) or any(name in form for name in macros_of_fields())


def careless_forms(name: str, text: str) -> list[str]:
    """The forms of a template that lose what was typed when the server is away."""
    found = [form.partition(">")[0] for form in FORM.findall(text) if is_written_in(form)]
    return [
        f"{name}: {form}"
        for form in found
        if 'method="post"' in form and "data-keep-typed" not in form and "data-autosave" not in form
    ]


def test_every_form_in_which_staff_write_keeps_it_until_the_server_has_it() -> None:
    found, kept = [], 0
    for path in sorted((ROOT / "templates").rglob("*.html")):
        name = path.relative_to(ROOT / "templates").as_posix()
        if name.startswith(STAFF_TEMPLATES) and name not in NOT_KEPT:
            text = path.read_text(encoding="utf-8")
            found += careless_forms(name, text)
            kept += text.count("data-keep-typed")
    assert found == []
    assert kept > 10
    for name in NOT_KEPT:
        assert careless_forms(name, (ROOT / "templates" / name).read_text(encoding="utf-8")), name


def test_a_form_that_loses_what_is_typed_is_found() -> None:
    form = '<form action="/staff/x" method="post"{}><textarea name="own"></textarea></form>'
    assert careless_forms("planted", form.format(""))
    assert not careless_forms("planted", form.format(" data-keep-typed"))
    macro = '<form action="/staff/x" method="post">{{ counters.letters_to_call(seat) }}</form>'
    assert careless_forms("planted", macro)
    assert not careless_forms(
        "planted", '<form action="/x" method="post"><button>Go</button></form>'
    )
