"""The figures of the project's structure, as Markdown: `python -m tests.figures > docs/structure.md`.

Nothing here names a file or a feature, so that the figures go on through every move.
"""

from __future__ import annotations

import ast
import re
import tokenize
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from io import StringIO
from pathlib import Path
from statistics import median
from types import CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from babel.messages.extract import extract_from_dir

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from starlette.routing import BaseRoute

ROOT = Path(__file__).parent.parent
PARTS = ("domain", "push", "web")
BANNED = ("whoever", "whomever", "whom", "somebody", "anew", "one's", "oneself")
"""Words that a native engineer would not write (STYLE.md)."""
HOLDS_THE_LIST = {"tests/figures.py", "STYLE.md"}
"""Files that name the banned words because they ban them."""
LONG_VIEW, LONG_LINE, LONG_CLOSURE = 10, 120, 60
"""Lines of a view's body, characters of a line, lines of a function in a script."""

_BANNED = re.compile(rf"\b({'|'.join(BANNED)})\b", re.IGNORECASE)
_DIRECTIVE = re.compile(r"#\s*(noqa|type:|fmt:|pragma)")
_AREAS = ("domain", "web", "templates", "static/css", "static/js")
_TESTS = ("tests/domain", "tests/web", "tests/browser")
PLACES = (*_AREAS, *_TESTS)


def python_files(*folders: str) -> dict[str, str]:
    """The source of every module below these folders, by its path from the top.

    Migrations are left out: Alembic writes them.
    """
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    kept = (path for path in found if path.parts[-3:-1] != ("migrations", "versions"))
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in kept}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of them do not exceed; 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0


# Functions and views


def functions(source: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module, those within others included."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def body_length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement to the end; the docstring does not count."""
    statements = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (node.end_lineno or 0) - statements[0].lineno + 1 if statements else 0


def views(routes: Iterable[BaseRoute], part: str = "web") -> set[CodeType]:
    """The code of the functions that these routes lead to, looked for through the wrappers around them."""
    found: set[CodeType] = set()
    for route in routes:
        found |= _unwrapped(getattr(route, "endpoint", None), part)
        found |= views(getattr(route, "routes", None) or (), part)
    return found


def _unwrapped(endpoint: Any, part: str) -> set[CodeType]:
    """What is inside a wrapper, or the function itself when it wraps nothing of this part."""
    function = _plain(endpoint)
    if not isinstance(function, FunctionType) or function.__module__.split(".")[0] != part:
        return set()
    # A wrapper is a function that another one made and that holds a further one.
    held = _held(function) if "<locals>" in function.__code__.co_qualname else {}
    within = [held["view"]] if "view" in held else held.values()
    inner = [_unwrapped(each, part) for each in within]
    return set().union(*inner) or {function.__code__}


def _plain(endpoint: Any) -> Any:
    if isinstance(endpoint, partial):
        return _plain(endpoint.func)
    if isinstance(endpoint, MethodType):
        return endpoint.__func__
    return endpoint


def _held(function: FunctionType) -> dict[str, Any]:
    cells = function.__closure__ or ()
    return dict(
        zip(function.__code__.co_freevars, (cell.cell_contents for cell in cells), strict=True)
    )


def view_lengths(found: Iterable[CodeType]) -> dict[str, int]:
    """Lines of each view's body, by its path and name."""
    lengths: dict[str, int] = {}
    for code in found:
        path = Path(code.co_filename)
        for node in functions(path.read_text(encoding="utf-8")):
            # Code begins at its first decorator.
            first = min(each.lineno for each in (node, *node.decorator_list))
            if first == code.co_firstlineno and node.name == code.co_name:
                place = (
                    path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
                )
                lengths[f"{place}:{node.lineno} {code.co_qualname}"] = body_length(node)
    return lengths


# Imports


def circles(sources: Mapping[str, str]) -> list[list[str]]:
    """Modules that import each other, directly or through others; imports for types count."""
    modules = {_module(path) for path in sources}
    edges = {
        _module(path): {name for name in _imports(path, source, modules) if name in modules}
        for path, source in sources.items()
    }
    return sorted(sorted(group) for group in _components(edges) if len(group) > 1)


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imports(path: str, source: str, modules: set[str]) -> Iterator[str]:
    package = path.split("/")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in modules else base


def _components(edges: Mapping[str, set[str]]) -> list[set[str]]:
    """Groups in which each module reaches every other."""
    reached = {name: _reach(name, edges) for name in edges}
    groups = {
        frozenset(other for other in reached[name] | {name} if name in reached[other] | {other})
        for name in edges
    }
    return [set(group) for group in groups]


def _reach(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = edges[waiting.pop()] - found
        found |= new
        waiting += new
    return found


# Words and lines


def comment_lines(source: str) -> int:
    """Lines that hold a comment for a person."""
    tokens = tokenize.generate_tokens(StringIO(source).readline)
    comments = (token for token in tokens if token.type == tokenize.COMMENT)
    return len({token.start[0] for token in comments if not _DIRECTIVE.match(token.string)})


def banned_words(text: str) -> Counter[str]:
    """How often each banned word stands in a text, as a whole word."""
    return Counter(word.lower() for word in _BANNED.findall(text.replace("\u2019", "'")))


def texts_in_english() -> dict[str, str]:
    """What people read in English: code, scripts, styles, documents, the sources of templates."""
    found = python_files(*PARTS, "tests")
    documents = (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
    files = (*(ROOT / "static").rglob("*"), *(ROOT / "tests").rglob("*"))
    scripts_and_styles = (path for path in files if path.suffix in {".js", ".css"})
    for path in (*documents, *scripts_and_styles):
        found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
    for template, text in template_sources(ROOT / "templates"):
        place = f"templates/{template}"
        found[place] = f"{found.get(place, '')}{text}\n"
    return {path: text for path, text in found.items() if path not in HOLDS_THE_LIST}


def template_sources(folder: Path) -> Iterator[tuple[str, str]]:
    """The words that templates give to the catalogue, with the template's path."""
    options = {"**.html": {"extensions": "jinja2.ext.i18n", "trimmed": "true"}}
    found = extract_from_dir(str(folder), [("**.html", "jinja2")], options)
    for path, _line, message, _comments, _context in found:
        for words in (message,) if isinstance(message, str) else message:
            yield str(path).removeprefix(f"{folder}/"), words


def line_lengths(folder: str, ending: str) -> list[int]:
    """Characters of each line that is not empty, in all files of a kind below a folder."""
    paths = sorted((ROOT / folder).rglob(f"*{ending}"))
    lines = (line for path in paths for line in path.read_text(encoding="utf-8").splitlines())
    return [len(line) for line in lines if line.strip()]


def long_share(lengths: Sequence[int]) -> float:
    """Percent of lines beyond the longest that is allowed."""
    return 100 * sum(each > LONG_LINE for each in lengths) / len(lengths) if lengths else 0.0


# Scripts

# Comments, strings, templates and regular expressions: what may hold a brace that opens nothing.
_NO_CODE = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | `(?:\\.|[^`\\])*`
    | (?<=[(,=:\[!&|?{;])\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*""",
    re.VERBOSE | re.DOTALL,
)
_OPENS_FUNCTION = re.compile(
    r"(=>|\bfunction\b[^{}]*\)|^\s*(?:async\s+)?#?\w+\([^{};]*\))\s*$", re.MULTILINE
)
_STATEMENT = re.compile(r"\b(if|for|while|switch|catch|with)\s*\([^{}]*\)\s*$")


def closure_lengths(script: str) -> list[int]:
    """Lines of each function of a script."""
    plain = _NO_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), script)
    lengths, opened, after = [], [], 0
    for brace in re.finditer(r"[{}]", plain):
        if brace[0] == "{":
            before = plain[after : brace.start()]
            is_function = bool(_OPENS_FUNCTION.search(before)) and not _STATEMENT.search(before)
            opened.append((is_function, plain.count("\n", 0, brace.start())))
        elif opened:
            is_function, line = opened.pop()
            if is_function:
                lengths.append(plain.count("\n", 0, brace.start()) - line + 1)
        after = brace.end()
    return lengths


# Features


def files_by_feature() -> dict[str, dict[str, int]]:
    """For each folder of web/ how many files its word has in each part; "" for those in none."""
    words = sorted(path.name for path in (ROOT / "web").iterdir() if any(path.glob("*.py")))
    counts = {
        word: {place: len(_files_of(ROOT / place, word)) for place in PLACES} for word in words
    }
    flat = {
        place: sum(path.is_file() for path in (ROOT / place).glob("[!_.]*")) for place in PLACES
    }
    return {**counts, "": flat}


def _files_of(place: Path, word: str) -> list[Path]:
    named = [path for path in place.glob(f"{word}.*") if path.is_file()]
    tested = list(place.glob(f"test_{word}.py"))
    below = [path for path in (place / word).rglob("*") if path.is_file()]
    return [path for path in (*named, *tested, *below) if path.suffix != ".pyc"]


# The page


@dataclass(frozen=True)
class Row:
    """One figure with its goal."""

    name: str
    value: float
    most: float | None = None
    """The goal: at most this."""
    least: float | None = None
    """The goal: at least this."""
    unit: str = ""

    def __str__(self) -> str:
        goal, met = "", ""
        if self.most is not None:
            goal, met = (
                f"≤ {self.most:g}{self.unit}",
                "yes" if self.value <= self.most else "**no**",
            )
        if self.least is not None:
            goal, met = (
                f"≥ {self.least:g}{self.unit}",
                "yes" if self.value >= self.least else "**no**",
            )
        return f"| {self.name} | {round(self.value, 1):g}{self.unit} | {goal} | {met} |"


@dataclass
class Figures:
    """Everything that is counted."""

    rows: list[Row]
    long_views: dict[str, int]
    circles: list[list[str]]
    banned: dict[str, Counter[str]]
    features: dict[str, dict[str, int]] = field(default_factory=dict)


def measured() -> Figures:
    """Count everything."""
    sources = python_files(*PARTS)
    lengths = [length(node) for source in sources.values() for node in functions(source)]
    by_view = view_lengths(views(product_routes()))
    long_views = {name: lines for name, lines in by_view.items() if lines > LONG_VIEW}
    found = circles(sources)
    lines = sum(bool(line.strip()) for source in sources.values() for line in source.splitlines())
    comments = 100 * sum(map(comment_lines, sources.values())) / lines
    banned = {
        path: words for path, text in texts_in_english().items() if (words := banned_words(text))
    }
    templates, styles = line_lengths("templates", ".html"), line_lengths("static", ".css")
    scripts = [path.read_text(encoding="utf-8") for path in (ROOT / "static").rglob("*.js")]
    closures = [each for script in scripts for each in closure_lengths(script)]
    rows = [
        Row("functions", len(lengths)),
        Row("lines of a function, median", median(lengths), most=6),
        Row("lines of a function, p90", percentile(lengths, 0.9), most=18),
        Row("lines of a function, longest", max(lengths)),
        Row("views", len(by_view)),
        Row(f"views whose body is over {LONG_VIEW} lines", len(long_views), most=10),
        Row("import circles, types included", len(found), most=0),
        Row("modules in circles", sum(map(len, found))),
        Row("lines of Python, empty ones not counted", lines),
        Row("lines with a comment", comments, least=3, unit=" %"),
        Row("banned words", sum(words.total() for words in banned.values()), most=0),
        Row("characters of a template's line, p90", percentile(templates, 0.9)),
        Row("characters of a template's line, p99", percentile(templates, 0.99)),
        Row(f"template lines over {LONG_LINE} characters", long_share(templates), unit=" %"),
        Row(f"CSS lines over {LONG_LINE} characters", long_share(styles), unit=" %"),
        Row(
            f"functions in scripts over {LONG_CLOSURE} lines",
            sum(n > LONG_CLOSURE for n in closures),
        ),
        Row("lines of a function in scripts, longest", max(closures, default=0)),
    ]
    return Figures(rows, long_views, found, banned, files_by_feature())


def product_routes() -> list[BaseRoute]:
    """The product's route table."""
    # Loads the whole product, which the counting itself can do without.
    from web import routes

    table: Any = routes.routes
    return list(table() if callable(table) else table)


def page(figures: Figures) -> str:
    """The figures as Markdown."""
    lines = [
        "# Structure",
        "",
        "Printed by `python -m tests.figures`. Functions, views, circles and comments are counted in",
        f"{', '.join(PARTS)}, without migrations. A function's lines count from `def`, a view's from its",
        "first statement.",
        "",
        "| figure | now | goal | met |",
        "| --- | ---: | ---: | --- |",
        *map(str, figures.rows),
        *_section("Views over the goal", _long_views(figures.long_views)),
        *_section("Import circles", [f"- {', '.join(group)}" for group in figures.circles]),
        *_section("Banned words", _banned_places(figures.banned)),
        *_section("Files by feature", _feature_table(figures.features)),
    ]
    return "\n".join(lines) + "\n"


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", f"## {title}", "", *(lines or ["None."])]


def _long_views(found: Mapping[str, int]) -> list[str]:
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [f"- {lines}: `{name}`" for name, lines in ordered]


def _banned_places(found: Mapping[str, Counter[str]]) -> list[str]:
    """The words themselves are not told: this page would then hold them."""
    folders = Counter[str]()
    for path, words in found.items():
        folders[path.rpartition("/")[0] or path] += words.total()
    return [f"- {count}: `{folder}`" for folder, count in folders.most_common()]


def _feature_table(found: Mapping[str, Mapping[str, int]]) -> list[str]:
    if not found:
        return []
    rows = [
        "| "
        + " | ".join([f"`{word}`" if word else "in no folder", *map(str, counts.values())])
        + " |"
        for word, counts in found.items()
    ]
    return [f"| | {' | '.join(PLACES)} |", f"| --- |{' ---: |' * len(PLACES)}", *rows]


def main() -> None:
    """Print the page."""
    print(page(measured()), end="")


if __name__ == "__main__":
    main()
