"""The only importer of python-docx: Word documents with named styles, Vietnamese fonts and bytes that stay the same.

A `Paper` is written from top to bottom and finished once. What python-docx 1.2 leaves to chance is mended here: the
time of every part in the ZIP, the core properties of its template, and fonts that are set for Latin letters alone, so
that Word falls back to others for letters with two marks. python-docx is imported inside the functions: a server that
never writes a document stays small.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from feeds.prose import Run

if TYPE_CHECKING:
    from docx.document import Document

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SERIF, SANS = "Times New Roman", "Be Vietnam Pro"
FONT_KINDS = ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs")
THEME_KINDS = ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme")  # would win over the names
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the oldest that ZIP can say
FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))  # in XML 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """A named paragraph style; sizes are in points."""

    name: str
    font: str = SERIF
    size: float = 12
    bold: bool = False
    italic: bool = False
    before: float = 0
    after: float = 6
    indent: float = 0
    keep_with_next: bool = False
    outline: int | None = None  # 1 for a headline: Word's navigation shows it
    shade: str = ""  # RGB in hex behind the text


class Paper:
    """A Word document under construction."""

    def __init__(
        self,
        styles: Sequence[Style],
        *,
        title: str,
        author: str,
        subject: str = "",
        language: str = "vi-VN",
        at: datetime,
        revision: int = 1,
        landscape: bool = False,
    ) -> None:
        """`at` becomes the time of making and of the last change: nothing here asks a clock."""
        import docx

        self._document: Document = docx.Document()
        self._names = {style.name for style in styles}
        _base(self._document, language)
        for style in styles:
            _add_style(self._document, style)
        _set_page(self._document, landscape=landscape)
        core = self._document.core_properties
        core.title, core.author, core.subject = _clean(title)[:255], _clean(author)[:255], _clean(subject)[:255]
        core.last_modified_by, core.comments, core.keywords, core.category = core.author, "", "", ""
        core.language, core.revision = language, max(1, revision)
        core.created = core.modified = at.replace(tzinfo=None, microsecond=0)

    def add(self, style: str, *runs: Run | str) -> None:
        """A paragraph of a named style. A line feed in a run is a line break, a tab a tab."""
        paragraph = self._document.add_paragraph(style=style)
        for run in runs:
            told = run if isinstance(run, Run) else Run(run)
            written = paragraph.add_run(_clean(told.text))
            if told.bold:
                written.bold = True
            if told.italic:
                written.italic = True

    def add_table(
        self, rows: Sequence[Sequence[str]], *, style: str, head: str = "", widths_mm: Sequence[int] = ()
    ) -> None:
        """A ruled table of texts; with `head` the first row is of that style and comes again on every page.

        With `widths_mm` of its columns they keep these, and no row breaks over two pages.
        """
        from docx.shared import Mm

        table = self._document.add_table(rows=len(rows), cols=max(map(len, rows), default=1))
        table.style = "Table Grid"
        for place, (row, cells) in enumerate(zip(table.rows, rows, strict=True)):
            for cell, text in zip(row.cells, cells, strict=False):
                paragraph = cell.paragraphs[0]
                paragraph.style = self._document.styles[head if head and place == 0 else style]
                paragraph.add_run(_clean(text))
            for cell, width in zip(row.cells, widths_mm, strict=False):
                cell.width = Mm(width)
            if widths_mm:
                _keep_whole(row)
        table.autofit = not widths_mm
        if head and rows:
            _repeat(table.rows[0])

    def add_page_break(self) -> None:
        """What follows begins a page."""
        self._document.add_page_break()  # type: ignore[no-untyped-call]

    def finish(self) -> bytes:
        """The document's bytes: equal for equal content."""
        written = io.BytesIO()
        self._document.save(written)
        return _repacked(written.getvalue())


def _base(document: Any, language: str) -> None:
    """Fonts and language of whatever names none."""
    from docx.oxml.ns import qn

    normal = document.styles["Normal"]
    _set_fonts(normal.element.get_or_add_rPr(), SERIF)
    defaults = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for properties in (normal.element.get_or_add_rPr(), defaults):
        if properties is not None:
            _set_language(properties, language)


def _add_style(document: Any, style: Style) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    styles = document.styles  # a name that Word's own template has gets our looks
    known = style.name in styles
    made = styles[style.name] if known else styles.add_style(style.name, WD_STYLE_TYPE.PARAGRAPH)
    made.base_style = document.styles["Normal"]
    made.quick_style = True
    made.font.size, made.font.bold, made.font.italic = Pt(style.size), style.bold or None, style.italic or None
    _set_fonts(made.element.get_or_add_rPr(), style.font)
    shape = made.paragraph_format
    shape.space_before, shape.space_after = Pt(style.before), Pt(style.after)
    shape.left_indent = Pt(style.indent) if style.indent else None
    shape.keep_with_next = style.keep_with_next or None
    properties = made.element.get_or_add_pPr()
    if style.shade:
        shade = OxmlElement("w:shd")
        for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", style.shade)):
            shade.set(qn(name), value)
        properties.insert_element_before(shade, *_AFTER_SHADE)
    if style.outline is not None:
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), str(style.outline - 1))
        properties.append(level)


# what comes behind w:shd in CT_PPr (ECMA-376 part 1, §17.3.1.26)
_AFTER_SHADE = ("w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:outlineLvl")


def _set_fonts(properties: Any, font: str) -> None:
    from docx.oxml.ns import qn

    fonts = properties.get_or_add_rFonts()
    for kind in FONT_KINDS:
        fonts.set(qn(kind), font)
    for kind in THEME_KINDS:
        fonts.attrib.pop(qn(kind), None)


def _set_language(properties: Any, language: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    found = properties.find(qn("w:lang"))
    if found is None:
        found = OxmlElement("w:lang")
        properties.append(found)
    for kind in ("w:val", "w:eastAsia"):
        found.set(qn(kind), language)


def _set_page(document: Any, *, landscape: bool) -> None:
    """A4, as Vietnamese offices print."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    section.left_margin, section.right_margin, section.top_margin, section.bottom_margin = (
        Mm(30),
        Mm(20),
        Mm(20),
        Mm(20),
    )


def _repeat(row: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(head)


def _keep_whole(row: Any) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _repacked(data: bytes) -> bytes:
    """The same parts in the same order, all of one time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(packed, "w") as goal:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, FIRST_DAY)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            goal.writestr(part, source.read(name))
    return packed.getvalue()


def _clean(text: str) -> str:
    """Without what XML forbids and lxml refuses; a document has already been through hygiene, so this is for others."""
    return text.translate(FORBIDDEN).encode("utf-8", "ignore").decode()
