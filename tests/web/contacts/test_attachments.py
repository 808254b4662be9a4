"""What is attached to a letter: photographs are taken, all else is named, and no letter is lost."""

from __future__ import annotations

import datetime as dt
import sys

import pytest
from sqlalchemy import func, select

from domain.contacts.letter_text import LARGEST_LETTER
from domain.contacts.line import LINE
from domain.matters.tables import EntryKind, MatterEntry, MatterPhoto
from tests.world.conversations import said
from tests.world.letters import letter
from tests.world.photos import jpeg, picture_of, png_that_claims, saved
from web.contacts.imap import BEGINNING
from web.matters.background import erase
from web.running import letter_process


async def test_pictures_are_taken_and_the_rest_is_named(office) -> None:
    message = letter("灯坏了")
    files = (
        ("1.jpg", jpeg()),
        ("bad.png", b"\xff\xd8\xff"),
        ("2.webp", saved(picture_of(), "WEBP")),
        ("a.svg", b"<svg/>"),
        ("bomb.png", png_that_claims(100_000, 100_000)),
        ("3.png", saved(picture_of(), "PNG")),
        ("4.jpg", jpeg()),
        ("合同.pdf", b"%PDF"),
    )
    for name, data in files:
        message.add_attachment(data, maintype="image", subtype="jpeg", filename=name)
    await office.get(message.as_bytes())
    matter = await office.one()
    assert await said(office.browser.store, matter.id) == [(EntryKind.MESSAGE, "报修\n灯坏了")]
    async with office.browser.store.read() as session:
        [facts] = await session.scalars(
            select(MatterEntry.facts).where(MatterEntry.kind == EntryKind.MESSAGE)
        )
        kept = list(await session.scalars(select(MatterPhoto.data)))
    assert [data[:3] for data in kept] == [b"\xff\xd8\xff"] * 3
    assert facts["not_taken"] == [
        ("bad.png", "damaged"),
        ("bomb.png", "too-many-pixels"),
        ("4.jpg", "too-many"),
        ("a.svg", "not-a-picture"),
        ("合同.pdf", "not-a-picture"),
    ]


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("zh-Hans", ["2 个文件未收录", "合同.pdf：不是照片", "&lt;b&gt;.jpg：打不开"]),
        (
            "en",
            [
                "2 files were not taken:",
                ">合同</span>.pdf: not a photo",
                "&lt;b&gt;.jpg: could not be",
            ],
        ),
    ],
)
async def test_resident_and_handler_read_in_their_language_what_was_not_taken(
    office, language, says
) -> None:
    message = letter("灯坏了")
    for name, data in (("合同.pdf", b"%PDF"), ("<b>.jpg", b"\xff\xd8\xff")):
        message.add_attachment(data, maintype="image", subtype="jpeg", filename=name)
    await office.get(message.as_bytes())
    matter = await office.one()
    cookie = {"cookie": f"lianxin=lang:{language}"}
    own = (await office.browser.get(matter.path, headers=cookie)).text
    staff = {"cookie": f"{cookie['cookie']}; {office.holder.headers['cookie']}"}
    desk = (await office.browser.get(f"/staff/matters/{matter.id}", headers=staff)).text
    for page in (own, desk):
        plain = " ".join(page.split())
        assert all(words in plain for words in says), plain


async def test_a_letter_of_nothing_but_a_bad_file_becomes_a_matter(office) -> None:
    message = letter("", subject="")
    message.add_attachment(b"%PDF", maintype="image", subtype="jpeg", filename="a.jpg")
    await office.get(message.as_bytes())
    assert (await office.one()).subject == "一封没有文字的信"


async def test_a_letter_with_an_enormous_attachment_keeps_its_words(office) -> None:
    message = letter("灯坏了")
    message.add_attachment(jpeg(), maintype="image", subtype="jpeg", filename="1.jpg")
    enormous = bytes(LARGEST_LETTER)
    message.add_attachment(enormous, maintype="video", subtype="mp4", filename="2.mp4")
    await office.get(message.as_bytes())
    matter = await office.one()
    assert await said(office.browser.store, matter.id) == [(EntryKind.MESSAGE, "报修\n灯坏了")]
    async with office.browser.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(MatterPhoto)) == 1


async def test_a_letter_that_breaks_its_reader_keeps_its_words(office, monkeypatch) -> None:
    message = letter("灯坏了")
    message.add_attachment(bytes(2 * BEGINNING), maintype="image", subtype="jpeg", filename="1.jpg")
    code = (
        "import sys; from web.running import letter_process as p\n"
        "if not sys.argv[-1].endswith('damaged'): raise SystemExit(3)\n"
        "p.main()"
    )
    monkeypatch.setattr(letter_process, "COMMAND", (sys.executable, "-c", code))
    await office.get(message.as_bytes())
    matter = await office.one()
    assert await said(office.browser.store, matter.id) == [(EntryKind.MESSAGE, "报修\n灯坏了")]


async def test_photographs_of_a_letter_go_ninety_days_after_its_matter_was_closed(office) -> None:
    message = letter("灯坏了")
    message.add_attachment(jpeg(), maintype="image", subtype="jpeg", filename="1.jpg")
    await office.get(message.as_bytes())
    await office.answer((await office.one()).id, "换好了。", close="yes")
    services, counts = office.browser.services, []
    for days in (89, 2):
        office.clock.now += dt.timedelta(days=days)
        counts.append((await erase(services, lambda _word: LINE)).photos)
    assert counts == [0, 1]
