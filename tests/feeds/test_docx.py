"""Word documents: read back by python-docx, equal bytes for equal calls, fonts and language for every letter."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import docx
from docx.oxml.ns import qn

from feeds._docx import FONT_KINDS, SANS, SERIF, Paper, Style
from feeds.prose import Run

MADE = datetime(2026, 10, 14, 2, 20, 0, 7, tzinfo=UTC)
STYLES = (Style(name="Headline", size=20, outline=1), Style(name="Body"), Style(name="Box", font=SANS, bold=True))


def a_paper() -> bytes:
    paper = Paper(STYLES, title="Người đưa sách qua đò", author="Báo Hải Sơn", at=MADE, revision=3)
    paper.add("Headline", "Người đưa sách qua đò")
    paper.add("Body", Run("Ông Mạn", bold=True), "\nBến Lau\x0b")
    paper.add_table([["Số", "Nội dung"], ["1", "Trò chuyện"]], style="Body", head="Box", widths_mm=[15, 150])
    return paper.finish()


def test_a_document_reads_back_as_it_was_told() -> None:
    read = docx.Document(io.BytesIO(a_paper()))
    told = [(paragraph.style.name, paragraph.text) for paragraph in read.paragraphs if paragraph.text]
    assert told == [("Headline", "Người đưa sách qua đò"), ("Body", "Ông Mạn\nBến Lau")]
    assert [run.bold for run in read.paragraphs[1].runs] == [True, None]
    (table,) = read.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["Số", "Nội dung"], ["1", "Trò chuyện"]]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    facts = read.core_properties
    assert (facts.title, facts.author, facts.language, facts.comments, facts.revision) == (
        *("Người đưa sách qua đò", "Báo Hải Sơn", "vi-VN", "", 3),
    )
    assert facts.created == facts.modified == MADE.replace(microsecond=0)


def test_equal_documents_have_equal_bytes_at_any_time() -> None:
    assert a_paper() == a_paper()
    with zipfile.ZipFile(io.BytesIO(a_paper())) as parts:
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_each_style_names_its_font_for_every_kind_of_letter() -> None:
    styles = docx.Document(io.BytesIO(a_paper())).styles
    for name, font in (("Headline", SERIF), ("Body", SERIF), ("Box", SANS)):
        fonts = styles[name].element.rPr.find(qn("w:rFonts"))
        assert {kind: fonts.get(qn(kind)) for kind in FONT_KINDS} == dict.fromkeys(FONT_KINDS, font)
    assert {each.get(qn("w:val")) for each in styles.element.iter(qn("w:lang"))} == {"vi-VN"}
