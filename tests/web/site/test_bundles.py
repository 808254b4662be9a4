"""What is served together: styles and scripts by audience, in their order."""

from __future__ import annotations

import subprocess

import pytest

from web.site.assets import STATIC
from web.site.bundles import (
    AUDIENCES,
    PREFIX,
    CircleError,
    audience_of,
    bundles,
    in_order_of_scripts,
    in_order_of_styles,
    joined_scripts,
)


def names(kind: str) -> set[str]:
    folder = STATIC / kind
    return {
        path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob(f"*.{kind}")
    }


@pytest.mark.parametrize("kind", ["css", "js"])
def test_every_file_is_served_to_one_audience(kind) -> None:
    served = [name for part in bundles(names(kind)).values() for name in part]
    assert sorted(served) == sorted(names(kind))


def test_every_place_of_an_audience_holds_a_file() -> None:
    held = names("css") | names("js")
    for places in AUDIENCES.values():
        for place in places:
            assert any(name == place or name.startswith(f"{place}/") for name in held), place


def test_a_file_belongs_to_its_audience_by_its_folder() -> None:
    assert audience_of("papers/papers") == "staff"
    assert audience_of("queue/screen") == "devices"
    assert audience_of("queue/ticket") == "residents"
    # A name that only begins like a place is another one.
    assert audience_of("staffing/notes") == "residents"


def test_styles_stand_in_their_order() -> None:
    given = {"print", "home/home", "tokens", "components/card", "base", "handbook/guide", "staff/a"}
    ordered = [
        "tokens",
        "base",
        "components/card",
        "staff/a",
        "handbook/guide",
        "home/home",
        "print",
    ]
    assert in_order_of_styles(given) == ordered


def test_scripts_stand_after_what_they_import_and_lib_first() -> None:
    scripts = {
        "a/first": 'import { b } from "../z/last.js";\nb();',
        "z/last": "export function b() {}",
        "lib/dom": "export const c = 1;",
    }
    assert in_order_of_scripts(scripts) == ["lib/dom", "z/last", "a/first"]


def test_scripts_that_import_each_other_are_refused() -> None:
    circle = {
        "a": 'import { b } from "./b.js";\nexport const a = 1;',
        "b": 'import { a } from "./a.js";\nexport const b = 1;',
    }
    with pytest.raises(CircleError, match="a → b → a"):
        in_order_of_scripts(circle)


def told(scripts: dict[str, str]) -> str:
    """What these scripts print, joined as they are served."""
    joined = PREFIX + joined_scripts(scripts)
    answer = subprocess.run(["node", "-e", joined], capture_output=True, text=True, check=False)
    return answer.stdout + answer.stderr


def test_joined_scripts_find_what_they_import() -> None:
    scripts = {
        "lib/words": "export const hello = 'hello';\nexport async function say(it) { console.log(it); }",
        "home/greeting": 'import { hello as greeting, say } from "../lib/words.js";\nsay(greeting);',
    }
    assert told(scripts) == "hello\n"


def test_a_script_that_fails_takes_no_other_along_and_is_reported() -> None:
    said = told({"a": "throw new Error('broken');", "b": "console.log('works');"})
    assert "works" in said
    assert "Error: broken" in said


def test_scripts_share_no_names() -> None:
    assert told({"a": "const it = 1;", "b": "const it = 2; console.log(it);"}) == "2\n"


def test_every_export_is_one_that_the_joiner_knows() -> None:
    """Others would stay in the script, and it could not be read."""
    for path in (STATIC / "js").rglob("*.js"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith(("export ", "import ")):
                known = (
                    "export function ",
                    "export async function ",
                    "export class ",
                    "export const ",
                )
                assert line.startswith((*known, "import {")), (path, line)
