"""Files before they are published: their kind, personal data in them, and hostile ones."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from pypdf import PdfReader, PdfWriter

from domain.disclosures import files
from domain.disclosures.files import (
    WORDS,
    FileKind,
    FileRefusal,
    Looked,
    RefusedFileError,
    look_through,
)
from domain.disclosures.hiding import HidingPlace
from domain.disclosures.personal_data import FoundKind
from tests.world.documents import docx_of, pages_of, paragraph, pdf_of, table_row
from tests.world.workbooks import rezipped, sharing

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBER, PHONE = "370102199003070016", "13800001111"


def saved(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    book.active.title = "名单"
    for row in rows:
        book.active.append(row)
    return saved(book)


def places(looked: Looked) -> list[tuple[str, int, str]]:
    return [(each.place, each.line, each.shown) for each in looked.found]


def refusal(data: bytes, name: str) -> FileRefusal:
    with pytest.raises(RefusedFileError) as refused:
        look_through(data, name)
    assert refused.value.words == WORDS[refused.value.refusal]
    return refused.value.refusal


def test_a_workbook_is_looked_through_cell_by_cell() -> None:
    data = workbook(["姓名", "电话"], ["王某", int(PHONE)], [], [None, None, f"证号 {NUMBER}"])
    for each in (data, sharing(data)):
        looked = look_through(each, "a.xlsx")
        assert looked.kind is FileKind.XLSX
        assert places(looked) == [("名单!B2", 2, "138…11"), ("名单!C4", 4, "370…16")]
        assert (looked.found[1].start, looked.found[1].end) == (3, 21)
        assert look_through(each, "a.xlsx", allowed=[PHONE]).count == 1


def test_a_number_over_the_edge_of_a_cell_and_an_address_in_three_are_found() -> None:
    looked = look_through(workbook(["3号楼", "2单元", "501室"], [NUMBER[:6], NUMBER[6:]]), "a.xlsx")
    assert [(each.kind, each.place) for each in looked.found] == [
        (FoundKind.HOME_ADDRESS, "名单!A1"),
        (FoundKind.IDENTITY_NUMBER, "名单!A2"),
    ]


def test_an_identity_number_that_became_a_number_is_found_although_it_was_rounded() -> None:
    # Excel keeps 15 digits of what is typed into a cell that is no text.
    for value in (370102199003070000, 3.7010219900307e17):
        assert places(look_through(workbook([value]), "a.xlsx")) == [("名单!A1", 1, "370…00")]


def test_the_digits_of_an_amount_that_is_not_exact_are_no_phone() -> None:
    data = workbook([63810.14999999999, 38000111.25, 13800001111.5])
    assert look_through(data, "a.xlsx").count == 0


def test_what_a_workbook_hides_is_looked_through_as_well() -> None:
    book = Workbook()
    book.active["A1"] = f'=IF(TRUE,"{PHONE}")'
    book.active["B1"].comment = Comment(f"电话 {PHONE}", "x")
    book.create_sheet("里面").sheet_state = "veryHidden"
    book["里面"]["C3"] = NUMBER
    book.active.oddHeader.center.text = PHONE
    looked = look_through(saved(book), "a.xlsx")
    assert {place for place, _, _ in places(looked)} == {
        *("Sheet!A1", "Sheet!oddHeader", "里面!C3", "comment1.xml")
    }
    assert {each.place for each in looked.hidden} == {
        HidingPlace.COMMENT,
        HidingPlace.HIDDEN_SHEET,
    }


def test_the_text_of_a_cell_that_was_deleted_is_found() -> None:
    data = sharing(workbook(["x"]), more=f"<si><t>{PHONE}</t></si>".encode())
    assert places(look_through(data, "a.xlsx")) == [("sharedStrings.xml", 1, "138…11")]


def test_many_finds_are_counted_and_the_first_are_listed() -> None:
    looked = look_through(workbook(*[[PHONE]] * 300), "a.xlsx")
    assert (looked.count, len(looked.found)) == (300, files.MOST_FOUND)


def test_a_pdf_is_looked_through_page_by_page() -> None:
    data = pdf_of(
        pages_of("clean 1,234.50", f"one\nID {NUMBER}", "", f"tel {PHONE[:3]}-{PHONE[3:]}")
    )
    looked = look_through(data, "a.PDF")
    assert (looked.pages, looked.pages_without_text) == (4, [3])
    assert places(looked) == [("2", 2, "370…16"), ("4", 1, "138…11")]


def test_notes_and_attachments_of_a_pdf_are_found() -> None:
    objects = pages_of("clean")
    objects[10] = objects[10].replace(b"/Type /Page ", b"/Type /Page /Annots [50 0 R 51 0 R] ")
    objects[50] = b"<< /Type /Annot /Subtype /Text /Contents (call %s) >>" % PHONE.encode()
    objects[51] = b"<< /Type /Annot /Subtype /Widget /FT /Tx /V (%s) >>" % NUMBER.encode()
    assert len(look_through(pdf_of(objects), "a.pdf").found) == 2
    writer = PdfWriter(PdfReader(BytesIO(pdf_of(pages_of("clean")))))
    writer.add_attachment("list.xlsx", b"x")
    file = BytesIO()
    writer.write(file)
    hidden = look_through(file.getvalue(), "a.pdf").hidden
    assert [(each.place, each.where) for each in hidden] == [
        (HidingPlace.EMBEDDED_FILE, "list.xlsx")
    ]


def test_a_document_is_looked_through_with_tables_headers_and_what_was_deleted() -> None:
    deleted = f"<w:p><w:del><w:r><w:delText>{NUMBER}</w:delText></w:r></w:del></w:p>"
    body = (
        paragraph("一") + paragraph(NUMBER[:9], NUMBER[9:]) + table_row("3号楼", "2单元", "501室")
    )
    data = docx_of(
        body + deleted, header1=paragraph(PHONE), comments=paragraph(PHONE), styles=paragraph(PHONE)
    )
    assert places(look_through(data, "a.docx")) == [
        ("comments", 1, "138…11"),
        ("document", 2, "370…16"),
        ("document", 3, "3…"),
        ("document", 4, "370…16"),
        ("header1", 1, "138…11"),
    ]


def test_files_and_pictures_within_a_document_are_named() -> None:
    file = BytesIO(docx_of(paragraph("x")))
    with ZipFile(file, "a") as archive:
        for name in (
            "word/embeddings/a.xlsx",
            "word/afchunk.mht",
            "word/media/1.png",
            "word/media/",
        ):
            archive.writestr(name, "x")
        archive.writestr("docProps/thumbnail.jpeg", "x")
        archive.writestr("docProps/core.xml", f"<x><creator>{PHONE}</creator></x>")
    looked = look_through(file.getvalue(), "a.docx")
    assert [each.where for each in looked.hidden] == ["a.xlsx", "afchunk.mht"]
    assert looked.pictures == 2
    assert places(looked) == [("core", 1, "138…11")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_text_is_looked_through_in_the_encodings_of_offices(encoding) -> None:
    data = f"姓名,电话\n王某,{PHONE}\n".encode(encoding)
    assert places(look_through(data, "a.csv")) == [("", 2, "138…11")]


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "a.png", FileKind.PNG),
        (b"\xff\xd8\xff\xe0", "a.jpg", FileKind.JPEG),
        (b"\xff\xd8\xff\xe0", "a.b.JPEG", FileKind.JPEG),
    ],
)
def test_a_picture_cannot_be_checked_and_that_is_said(data, name, kind) -> None:
    assert look_through(data, name) == Looked(kind, pictures=1)


PDF, XLSX = pdf_of(pages_of("x")), workbook(["x"])
LIES = [
    (PDF, "a.png"),
    (PDF, "a.xlsx"),
    (XLSX, "a.docx"),
    (docx_of(""), "a.xlsx"),
    (b"\x89PNG\r\n\x1a\n", "a.jpg"),
    (b"<html>", "a.pdf"),
    (b"MZ\x90\x00", "a.txt"),
    (PDF[5:], "a.pdf"),
    (b"\xff\xfe\xff", "a.txt"),
]


@pytest.mark.parametrize(("data", "name"), LIES)
def test_a_file_that_lies_about_its_kind_is_refused(data, name) -> None:
    assert refusal(data, name) is FileRefusal.OTHER_KIND


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<svg onload='x'/>", "a.svg"),
        (b"<html>", "a.html"),
        (b"\xef\xbb\xbf \n<SVG onload='x'/>", "a.txt"),
        (b"<!doctype html><script>x</script>", "a.csv"),
        (b"<?xml version='1.0'?>", "a.txt"),
    ],
)
def test_web_pages_and_drawings_are_refused(data, name) -> None:
    assert refusal(data, name) is FileRefusal.SCRIPTED


def encrypted(password: str) -> bytes:
    writer = PdfWriter(PdfReader(BytesIO(PDF)))
    writer.encrypt(password, "owner", algorithm="AES-256")
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def pages(kids: bytes, count: bytes) -> bytes:
    objects = pages_of("x")
    objects[2] = b"<< /Type /Pages /Kids [%s] /Count %s >>" % (kids, count)
    return pdf_of(objects)


OTHERS = [
    (b"", "a.pdf", FileRefusal.EMPTY),
    (b"x" * (files.LARGEST_FILE + 1), "a.txt", FileRefusal.TOO_LARGE),
    (b"x", "a.exe", FileRefusal.UNKNOWN_KIND),
    (b"x", "pdf", FileRefusal.UNKNOWN_KIND),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.docx", FileRefusal.LOCKED),
    (encrypted("secret"), "a.pdf", FileRefusal.LOCKED),
    (encrypted(""), "a.pdf", FileRefusal.LOCKED),
    (b"%PDF-1.4\nnothing", "a.pdf", FileRefusal.DAMAGED),
    (pages(b"2 0 R", b"1"), "a.pdf", FileRefusal.DAMAGED),
    (pages(b"10 0 R " * 600, b"10000"), "a.pdf", FileRefusal.TOO_MANY_PAGES),
    (pages(b"10 0 R " * 600, b"1"), "a.pdf", FileRefusal.TOO_MANY_PAGES),
    (b"x\n" * 50_002, "a.csv", FileRefusal.TOO_MANY_LINES),
    (XLSX[:300], "a.xlsx", FileRefusal.DAMAGED),
    (docx_of("<w:p>"), "a.docx", FileRefusal.DAMAGED),
    (docx_of("</w:document>"), "a.docx", FileRefusal.DAMAGED),
    (docx_of("", header1=" " * (20 << 20)), "a.docx", FileRefusal.TOO_LARGE),
    (docx_of("<w:p/>" * 1_000_001), "a.docx", FileRefusal.TOO_LARGE),
]


@pytest.mark.parametrize(("data", "name", "why"), OTHERS)
def test_what_cannot_be_checked_is_refused_in_words(data, name, why) -> None:
    assert refusal(data, name) is why


def test_a_hundred_thousand_rows_are_refused() -> None:
    row = b'<row><c t="inlineStr"><is><t>x</t></is></c></row>'

    def change(part: str, content: bytes) -> bytes:
        many = b"<worksheet><sheetData>" + row * 130_000 + b"</sheetData></worksheet>"
        return many if part.startswith("xl/worksheets/") else content

    assert refusal(rezipped(change, XLSX), "a.xlsx") is FileRefusal.TOO_LARGE


def test_a_pdf_with_a_broken_table_of_its_parts_is_read_or_refused() -> None:
    for broken in (
        PDF.replace(b"startxref", b"startxxxx"),
        PDF[:-40],
        PDF.replace(b"0000", b"9999"),
    ):
        try:
            looked = look_through(broken, "a.pdf")
        except RefusedFileError as refused:
            assert refused.refusal is FileRefusal.DAMAGED  # noqa: PT017 - either way is right
        else:
            assert looked.pages == 1


def test_every_refusal_has_words() -> None:
    assert set(WORDS) == set(FileRefusal)
