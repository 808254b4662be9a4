"""A file that was sent is looked through in a process with limits, while others are answered."""

from __future__ import annotations

import sys
from io import BytesIO

import pytest
from openpyxl import Workbook

from domain.disclosures.files import FileRefusal, RefusedFileError, look_through
from domain.papers.sheets.unpacking import opened
from tests.world.documents import docx_of, pages_of, paragraph, pdf_of, stream
from web.running import document_process
from web.running.document_process import looked_through
from web.running.workbook_process import opened_apart

PHONE = "13800001111"


def workbook() -> bytes:
    book = Workbook()
    book.active.append(["王某", PHONE])
    book.create_sheet("里面").sheet_state = "hidden"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


async def refusal(data: bytes, name: str = "a.pdf") -> FileRefusal:
    with pytest.raises(RefusedFileError) as refused:
        await looked_through(data, name)
    return refused.value.refusal


async def test_a_file_is_looked_through_in_its_process_as_it_is_here() -> None:
    files = {
        "附件 1.xlsx": workbook(),
        "a.pdf": pdf_of(pages_of(f"tel {PHONE}", "")),
        "a.docx": docx_of(paragraph(PHONE)),
        "a.csv": f"电话,{PHONE}\n".encode(),
    }
    for name, data in files.items():
        here = look_through(data, name)
        assert here.count == 1
        assert await looked_through(data, name) == here
    assert (await looked_through(files["a.csv"], "a.csv", allowed={PHONE})).count == 0


async def test_a_refusal_crosses_over_with_its_words() -> None:
    assert await refusal(b"") is FileRefusal.EMPTY
    assert await refusal(b"x") is FileRefusal.OTHER_KIND


@pytest.mark.parametrize(
    ("does", "why"),
    [
        ("import re; re.match('(a|a)*b', 'a' * 100)", FileRefusal.TOO_COSTLY),
        ("import time; time.sleep(60)", FileRefusal.TOO_COSTLY),
        ("w.look_through = lambda *_, **__: bytearray(64 << 30)", FileRefusal.TOO_COSTLY),
        ("raise RuntimeError", FileRefusal.DAMAGED),
    ],
)
async def test_a_file_that_costs_too_much_is_refused(monkeypatch, does, why) -> None:
    code = f"from web.running import document_process as w; w.MOST_SECONDS = 1; {LIMIT}; {does}"
    monkeypatch.setattr(document_process, "COMMAND", (sys.executable, "-c", f"{code}; w.main()"))
    # Only what sleeps is stopped by patience: the others must end by their limits.
    monkeypatch.setattr(document_process, "MOST_PATIENCE", 1 if "sleep" in does else 120)
    assert await refusal(b"x") is why


LIMIT = "w.limit(w.MOST_SECONDS, w.MOST_MEMORY)"


def nested() -> bytes:
    """A page that draws a form which draws itself, and arrays in arrays."""
    objects = pages_of("x")
    objects[3] = b"[" * 100_000
    objects[10] = objects[10].replace(b"/Font <<", b"/XObject << /X 60 0 R >> /Font <<")
    objects[11] = stream(b"/X Do " * 10_000)
    objects[60] = stream(
        b"/X Do " * 1000,
        b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 60 0 R >> >>",
    )
    return pdf_of(objects)


def crowded() -> bytes:
    """Ten thousand pages, in a tree as deep."""
    objects = pages_of("x")
    for number in range(100, 10_100):
        objects[number] = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 1)
    objects[10_100] = objects[10]
    objects[2] = b"<< /Type /Pages /Kids [100 0 R] /Count 1 >>"
    return pdf_of(objects)


BOMB = pages_of("x") | {11: stream(b" " * (200 << 20))}
HOSTILE = {"nested": nested(), "crowded": crowded(), "bomb": pdf_of(BOMB)}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_pdf_is_refused_and_breaks_nothing(name) -> None:
    assert await refusal(HOSTILE[name]) in {FileRefusal.TOO_COSTLY, FileRefusal.DAMAGED}


async def test_every_sheet_of_a_workbook_is_opened_on_request() -> None:
    data = workbook()
    assert [each.rows for each in await opened_apart(data)] == [{}, {}]
    assert await opened_apart(data, every_sheet=True) == opened(data, names=None)
    assert opened(data, names=None)[0].rows[1][1].value == PHONE
