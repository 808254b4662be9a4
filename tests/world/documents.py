"""PDF and DOCX files as programs write them, and as nobody should."""

from __future__ import annotations

import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile


def pdf_of(objects: dict[int, bytes]) -> bytes:
    """A PDF of these objects, of which the first is its catalogue."""
    data, places = bytearray(b"%PDF-1.4\n"), {}
    for number, body in objects.items():
        places[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (max(objects) + 1)
    for number in range(1, max(objects) + 1):
        data += b"%010d 00000 n \n" % places.get(number, 0)
    data += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (max(objects) + 1)
    return bytes(data + b"startxref\n%d\n%%%%EOF" % start)


def stream(content: bytes, more: bytes = b"") -> bytes:
    """A compressed stream."""
    packed = zlib.compress(content)
    head = b"<< /Length %d /Filter /FlateDecode %s >>" % (len(packed), more)
    return head + b"\nstream\n" + packed + b"\nendstream"


def pages_of(*texts: str) -> dict[int, bytes]:
    """The objects of a PDF with a page for each text, of ASCII, a line for each of its lines."""
    kids = b" ".join(b"%d 0 R" % (10 + 2 * number) for number in range(len(texts)))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(texts)),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    for number, text in enumerate(texts):
        at = 10 + 2 * number
        objects[at] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            b"/Resources << /Font << /F 3 0 R >> >> /Contents %d 0 R >>" % (at + 1)
        )
        lines = b" ".join(b"(%s) Tj 0 -14 Td" % line.encode() for line in text.splitlines())
        objects[at + 1] = stream(b"BT /F 12 Tf 50 780 Td " + lines + b" ET")
    return objects


WORD = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx_of(body: str, **parts: str) -> bytes:
    """A document with this body, and other parts of the folder word by their names."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, content in {"document": body, **parts}.items():
            xml = f'<w:document xmlns:w="{WORD.decode()}">{content}</w:document>'
            archive.writestr(f"word/{name}.xml", xml)
    return file.getvalue()


def paragraph(*runs: str) -> str:
    """A paragraph, its text cut into runs as editing leaves them."""
    return "<w:p>" + "".join(f"<w:r><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def table_row(*cells: str) -> str:
    """A table of one row."""
    inner = "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in cells)
    return f"<w:tbl><w:tr>{inner}</w:tr></w:tbl>"
