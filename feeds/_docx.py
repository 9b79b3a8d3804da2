"""Word documents (ECMA-376), by python-docx: the one place that imports it.

Sheets made here open the same everywhere: one font that has every Vietnamese letter in all four of Word's font slots
(a slot left to the theme shows a few letters in another face), text marked as Vietnamese for spelling, styles by their
built-in names, so that a newsroom's own template takes them over. Equal calls give equal bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_COLOR_INDEX
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.package import Package
from docx.parts.document import DocumentPart
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from feeds.markup import scrub_text

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT = "Times New Roman"  # what Nghị định 30/2020/NĐ-CP, Phụ lục I asks of papers, and every office has
FONT_SLOTS = ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs")
PAGE = (Mm(210), Mm(297))  # A4
MARGIN = Mm(20)
INK = RGBColor(0x1A, 0x1A, 0x1A)
TITLE, SUBTITLE, BODY, BULLET, CAPTION, TABLE = (
    "Title",
    "Subtitle",
    "Normal",
    "List Bullet",
    "Caption",
    "Table Grid",
)
SIZES = {TITLE: Pt(20), SUBTITLE: Pt(13), BODY: Pt(12), CAPTION: Pt(10)} | {
    f"Heading {level}": Pt(size) for level, size in ((1, 15), (2, 13), (3, 12))
}
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP can say; python-docx writes the present one
_TEMPLATE_PARTS = (  # of python-docx's template, and of no use here: a picture of another page, another set of styles
    RELATIONSHIP_TYPE.THUMBNAIL,
    RELATIONSHIP_TYPE.CUSTOM_XML,
    "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects",
)


class WordDocument:
    """A document under construction: `heading`, `paragraph`, `bullets`, `table` in reading order, then `finish`."""

    def __init__(
        self,
        title: str,
        *,
        made_at: datetime,
        author: str = "",
        subject: str = "",
        language: str = "vi-VN",
        landscape: bool = False,
    ) -> None:
        """`made_at` is the instant of what the document tells, not of its making: the same text, the same bytes."""
        self._document = docx.Document()
        for part in (self._document.part, self._document.part.package):
            _drop_template_parts(part)
        _set_styles(self._document, language)
        _set_page(self._document, landscape=landscape)
        _set_properties(self._document, title, made_at, author=author, subject=subject, language=language)

    def title(self, text: str) -> None:
        self.paragraph(text, style=TITLE)

    def heading(self, text: str, level: int = 1) -> None:
        """`level` is 1 to 3."""
        self.paragraph(text, style=f"Heading {level}")

    def paragraph(self, text: str, *, style: str = BODY, label: str = "") -> None:
        """A paragraph, with `label` in bold before it; line feeds become line breaks."""
        _write(self._document.add_paragraph(style=style), text, label=label)

    def notice(self, text: str) -> None:
        """A paragraph that nobody may overlook."""
        paragraph = self._document.add_paragraph(style=BODY)
        run = paragraph.add_run(scrub_text(text))
        run.bold = True
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW

    def bullets(self, texts: Sequence[str]) -> None:
        for text in texts:
            self.paragraph(text, style=BULLET)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], *, widths_mm: Sequence[int] = ()) -> None:
        """A table with borders, whose head is repeated on every page; rows do not break across pages."""
        table = self._document.add_table(rows=0, cols=len(head), style=TABLE)
        table.autofit = not widths_mm
        for place, row in enumerate((head, *rows)):
            added = table.add_row()
            properties = added._tr.get_or_add_trPr()
            properties.append(OxmlElement("w:cantSplit"))
            if place == 0:
                properties.append(OxmlElement("w:tblHeader"))
            for cell, text in zip(added.cells, row, strict=True):
                _write_cell(cell, text, bold=place == 0)
            for cell, width in zip(added.cells, widths_mm, strict=False):
                cell.width = Mm(width)

    def finish(self) -> bytes:
        """The document as a .docx file."""
        written = io.BytesIO()
        self._document.save(written)
        packed = io.BytesIO()
        with zipfile.ZipFile(written) as parts, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as again:
            for name in parts.namelist():
                info = zipfile.ZipInfo(name, _ZIP_TIME)
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
                again.writestr(info, parts.read(name))
        return packed.getvalue()


def _write(paragraph: Paragraph, text: str, *, label: str = "") -> None:
    if label:
        paragraph.add_run(f"{scrub_text(label)} ").bold = True
    paragraph.add_run(scrub_text(text))


def _write_cell(cell: _Cell, text: str, *, bold: bool) -> None:
    first, *others = text.split("\n")
    paragraph = cell.paragraphs[0]
    paragraph.add_run(scrub_text(first)).bold = bold or None
    for line in others:
        cell.add_paragraph().add_run(scrub_text(line)).bold = bold or None


def _drop_template_parts(part: DocumentPart | Package) -> None:
    for key, relation in list(part.rels.items()):
        if relation.reltype in _TEMPLATE_PARTS:
            del part.rels[key]


def _set_styles(document: docx.document.Document, language: str) -> None:
    styles = document.styles.element
    for fonts in list(styles.iter(qn("w:rFonts"))):  # each names the theme's fonts, which lack Vietnamese in places
        fonts.getparent().remove(fonts)
    defaults = styles.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    fonts = OxmlElement("w:rFonts")
    for slot in FONT_SLOTS:
        fonts.set(qn(slot), FONT)
    defaults.insert(0, fonts)
    spoken = defaults.find(qn("w:lang"))
    for slot in ("w:val", "w:eastAsia"):
        spoken.set(qn(slot), language)
    for name, size in SIZES.items():
        font = document.styles[name].font
        font.size, font.color.rgb = size, INK


def _set_page(document: docx.document.Document, *, landscape: bool) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = reversed(PAGE) if landscape else PAGE
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN


def _set_properties(
    document: docx.document.Document, title: str, made_at: datetime, *, author: str, subject: str, language: str
) -> None:
    told = document.core_properties
    told.title, told.subject, told.author, told.language = (
        scrub_text(text)[:255] for text in (title, subject, author, language)
    )
    told.comments, told.keywords, told.last_modified_by = "", "", told.author
    told.created = told.modified = made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
