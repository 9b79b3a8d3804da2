"""Word documents: read back by python-docx, equal bytes for equal calls, one font with every Vietnamese letter."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import docx
import pytest
from docx.oxml.ns import qn

from feeds._docx import FONT, FONT_SLOTS, WordDocument

MADE = datetime(2026, 10, 14, 2, 20, 0, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def sheet() -> bytes:
    return _sheet()


def _sheet() -> bytes:
    document = WordDocument("Người đưa sách qua đò", made_at=MADE, author="Báo Hải Sơn", subject="Kịch bản")
    document.title("Người đưa sách qua đò")
    document.heading("Khách mời")
    document.paragraph("Ông Mạn\nBến Lau", label="Tên:")
    document.notice("Bài đã rút\x0b: khách mời không đến")
    document.bullets(["Ai mượn nhiều nhất?", "Sách nào rách nhất?"])
    document.table(["Số", "Nội dung"], [["1", "Mở đầu"], ["2", "Trò chuyện\nhai người"]], widths_mm=[15, 150])
    return document.finish()


def test_a_document_reads_back_as_it_was_told(sheet):
    read = docx.Document(io.BytesIO(sheet))
    told = [(paragraph.style.name, paragraph.text) for paragraph in read.paragraphs]
    assert told == [
        ("Title", "Người đưa sách qua đò"),
        ("Heading 1", "Khách mời"),
        ("Normal", "Tên: Ông Mạn\nBến Lau"),
        ("Normal", "Bài đã rút: khách mời không đến"),
        ("List Bullet", "Ai mượn nhiều nhất?"),
        ("List Bullet", "Sách nào rách nhất?"),
    ]
    rows = [[cell.text for cell in row.cells] for row in read.tables[0].rows]
    assert rows == [["Số", "Nội dung"], ["1", "Mở đầu"], ["2", "Trò chuyện\nhai người"]]
    assert read.tables[0].rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    properties = read.core_properties
    assert (properties.title, properties.author, properties.language, properties.comments) == (
        "Người đưa sách qua đò", "Báo Hải Sơn", "vi-VN", ""
    )  # fmt: skip
    assert properties.created == properties.modified == MADE.replace(microsecond=0)


def test_equal_documents_have_equal_bytes_at_any_time(sheet):
    assert _sheet() == sheet
    with zipfile.ZipFile(io.BytesIO(sheet)) as parts:
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in parts.namelist() if "thumbnail" in name or "customXml" in name]


def test_every_style_takes_the_one_vietnamese_font_and_language(sheet):
    styles = docx.Document(io.BytesIO(sheet)).styles.element
    fonts = list(styles.iter(qn("w:rFonts")))
    assert [{slot: each.get(qn(slot)) for slot in FONT_SLOTS} for each in fonts] == [dict.fromkeys(FONT_SLOTS, FONT)]
    assert {each.get(qn("w:val")) for each in styles.iter(qn("w:lang"))} == {"vi-VN"}
