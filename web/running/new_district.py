"""`python -m web new-district`: begin with a real district, without writing a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from domain.characters import decoded
from domain.errors import NotEmptyError
from domain.founding import Beginning, files_of, rows_of
from domain.migrating import check_schema
from domain.seed import plant
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.invitations import invite
from domain.staff.tables import Role
from web.running.command_error import CommandError
from web.running.terminal import with_code

if TYPE_CHECKING:
    import argparse
    import datetime as dt
    from collections.abc import Callable, Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.seed import DistrictFiles
    from domain.store import Store
    from web.running.settings import Settings

# Asked in the order in which an office knows the answers.
QUESTIONS = {
    "name": "区名 / The district's name, such as 槐荫区",
    "city": "所在城市 / Its city, such as 济南市",
    "hotline": "区热线 / A telephone that residents can always call",
    "administrator": "第一位管理员的姓名 / Full name of the first administrator",
}
PASTE = (
    "街道和社区名单：每行“街道 社区”，也可从表格直接粘贴；最后空一行。\n"
    "The subdistricts and communities: “subdistrict community” on each line, or pasted from a\n"
    "spreadsheet; an empty line ends it:"
)
YES = frozenset({"y", "yes", "是", "好", "对"})


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let the parser read what would otherwise be asked."""
    parser.add_argument("--name", help="the district's name, such as 槐荫区")
    parser.add_argument("--city", help="the city it is in, such as 济南市")
    parser.add_argument("--hotline", help="a telephone that residents can always call")
    parser.add_argument(
        "--places",
        type=Path,
        help="a text file with a community on each line: subdistrict, community, and if known "
        "address, telephone and short name for addresses, with tabs or commas between",
    )
    parser.add_argument("--administrator", help="the full name of the first administrator")
    parser.add_argument("--check", action="store_true", help="only say what would be made")


def read(given: argparse.Namespace) -> tuple[DistrictFiles, str]:
    """The district that was asked for, and its administrator; asks for what is missing.

    Raises `ContentError`, and `CommandError` where nobody can be asked.
    """
    text = _list_of(given.places) if given.places else ""
    missing = [name for name in QUESTIONS if not (getattr(given, name) or "").strip()]
    if (missing or not text) and not sys.stdin.isatty():
        names = [f"--{name}" for name in [*missing, *([] if text else ["places"])]]
        raise CommandError(f"Missing: {', '.join(names)}. At a terminal they are asked.")
    answers = {name: (getattr(given, name) or "").strip() for name in QUESTIONS}
    for name in missing:
        answers[name] = _asked(QUESTIONS[name])
    beginning = Beginning(
        answers["name"], answers["city"], answers["hotline"], rows_of(text or _pasted())
    )
    return files_of(beginning), answers["administrator"]


def _list_of(path: Path) -> str:
    text = decoded(path.read_bytes())
    if text is None:
        raise CommandError(f"{path} is no text file. Save the list as text or CSV.")
    return text


def _asked(question: str) -> str:
    while True:
        if answer := input(f"{question}: ").strip():
            return answer


def _pasted() -> str:
    sys.stdout.write(f"{PASTE}\n")
    return "\n".join(iter(input, ""))


def shown(files: DistrictFiles) -> Iterable[str]:
    """What would be made, with the short names that will stand in addresses and on paper."""
    content = files.district.content
    count = sum(len(each.communities) for each in content.subdistricts)
    most = f"{len(content.subdistricts)} subdistricts, {count} communities"
    yield f"{content.city}{content.name}: {most}"
    for subdistrict in content.subdistricts:
        yield f"  {subdistrict.name}"
        for community in map(files.community, subdistrict.communities):
            yield f"    {community.name}  /c/{community.slug}"
    yield "Short names (after /c/) are printed on paper and never change."


def is_agreed() -> bool:
    """Whether the person at the terminal agrees; without a terminal the options are agreement."""
    if not sys.stdin.isatty():
        return True
    return input("建立？/ Make it? [y/N] ").strip().lower() in YES


async def make(
    store: Store,
    settings: Settings,
    asked: tuple[DistrictFiles, str],
    now: dt.datetime,
    say: Callable[[str], None],
) -> None:
    """Make the district, and the link of its first administrator. Raises `CommandError`."""
    files, full_name = asked
    await check_schema(store)

    # Both or nothing: a district without a link would refuse this command a second time.
    async def begin(session: AsyncSession) -> str:
        await plant(session, files)
        grant = Grant(Role.ADMINISTRATOR)
        return await invite(session, actor=COMMAND_LINE, full_name=full_name, grant=grant, now=now)

    try:
        key = await store.write(begin)
    except NotEmptyError:
        words = "The database holds a district already; nothing was changed."
        raise CommandError(words) from None
    say("Made. The administrator's link works once, for seven days:")
    say(with_code(f"{settings.origin}/invitations/{key}"))
    say("Behind it: choose a password, then follow “the first week” on the staff page.")
