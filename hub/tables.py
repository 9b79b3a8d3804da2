"""Tables that people send: the rows of a CSV or XLSX file, as texts by column."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from feeds.text import clean_text
from hub.errors import Malformed, TooLarge
from hub.packed import OLE, FileRefused, Package

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024  # of an XLSX, which is a ZIP
MAX_ROWS = 100_000
MAX_CELL = 4_000


class UnreadableTable(Malformed):
    """The file is neither CSV in UTF-8 nor XLSX, or has no row of column names."""

    key = "error.unreadable_table"


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: the line people see in their program, and its cells by column name, trimmed, empty ones left out."""

    line: int
    cells: dict[str, str]


def read_table(path: Path) -> list[TableRow]:
    """The rows of a CSV (UTF-8, comma or semicolon) or XLSX (first sheet); the first line names the columns.

    Raises UnreadableTable or TooLarge.
    """
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(max_bytes=MAX_BYTES)
    lines = _xlsx(path) if path.suffix.lower() in {".xlsx", ".xlsm"} else _csv(path)
    header, rows = None, []
    for number, cells in enumerate(lines, start=1):
        if number > MAX_ROWS:
            raise TooLarge(max_rows=MAX_ROWS)
        texts = [_text(cell) for cell in cells]
        if header is None:
            header = [text.lower() for text in texts]
        elif any(texts):
            named = dict(zip(header, texts, strict=False))
            rows.append(TableRow(number, {name: text for name, text in named.items() if name and text}))
    if not header or len(set(filter(None, header))) != len(list(filter(None, header))):
        raise UnreadableTable(file=path.name)
    return rows


def _csv(path: Path) -> Iterator[Sequence[Any]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise UnreadableTable(file=path.name) from exc
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","  # as Excel saves where a comma stands in numbers
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as exc:
        raise UnreadableTable(file=path.name) from exc


def _openpyxl() -> Any:
    """The library, loaded by whoever opens or writes a workbook: server and worker at rest need none of its 15 MB."""
    import openpyxl

    return openpyxl


def _xlsx(path: Path) -> Iterator[Sequence[Any]]:
    openpyxl = _openpyxl()
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(member.file_size for member in packed.infolist()) > MAX_UNPACKED:
                raise TooLarge(max_bytes=MAX_UNPACKED)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, openpyxl.utils.exceptions.InvalidFileException, KeyError, ValueError) as exc:
        raise UnreadableTable(file=path.name) from exc
    try:
        yield from book.worksheets[0].iter_rows(values_only=True)
    finally:
        book.close()


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return clean_text(str(cell)[:MAX_CELL]).strip()


# --- tables that nobody trusts yet: read from bytes, within bounds, by a process of its own ---------------------------


MAX_STORY_ROWS = 10_000
MAX_COLUMNS = 200
MAX_LONG_CELL = 32_767  # characters: what Excel itself allows
FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
LINKS = "xl/externalLinks/"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet program would run
QUOTE = "'"


def read_cells(data: bytes, *, name: str) -> tuple[list[list[str]], str]:
    """The lines of a .csv or .xlsx as texts, and what charset they were in (empty for XLSX).

    A formula's cell is what the file keeps of its result, or else the formula as text; nothing is ever reckoned.
    Raises FileRefused or TooLarge.
    """
    if data[:4] == b"PK\x03\x04" or data.startswith(OLE) or name.lower().endswith((".xlsx", ".xlsm", ".xls")):
        return _checked(_workbook_lines(data)), ""
    text, charset = decode(data)
    return _checked(_delimited(text)), charset


def decode(data: bytes) -> tuple[str, str]:
    """Text of a .csv: UTF-8, UTF-16, or the Windows code page of Việt Nam or of Western Europe, and which it was."""
    for mark, charset in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(charset, "replace"), charset.removesuffix("-sig")
    if b"\0" in data[:4000]:
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace"), "utf-16"
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        western, here = data.decode("cp1252", "replace"), data.decode("cp1258", "replace")
    return (clean_text(here, multiline=True), "cp1258") if _is_of_this_country(data) else (western, "cp1252")


def range_of(sheet: str, column: int, first: int, last: int) -> str:
    """The cells of a column of a sheet, as a list of choices names them."""
    letter = _openpyxl().utils.get_column_letter(column)
    return f"'{sheet}'!${letter}${first}:${letter}${last}"


def write_book(
    sheets: Mapping[str, Iterable[Sequence[str]]],
    *,
    widths: Sequence[int] = (),
    choices: Mapping[str, Mapping[int, str]] | None = None,
) -> bytes:
    """An .xlsx with these sheets of texts; no cell of it is a formula.

    `choices`: by sheet and number of column the cells whose texts are offered there; others may be typed, too.
    """
    openpyxl = _openpyxl()
    letter_of, styles = openpyxl.utils.get_column_letter, openpyxl.styles
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title[:31])
        for row, cells in enumerate(lines, start=1):
            for column, text in enumerate(cells, start=1):
                cell = sheet.cell(row, column, harmless(text))
                cell.data_type = "s"
                cell.font = styles.Font(bold=row == 1)
                cell.alignment = styles.Alignment(vertical="top", wrap_text=True)
        for place, width in enumerate(widths, start=1):
            sheet.column_dimensions[letter_of(place)].width = width
        sheet.freeze_panes = "A2"
        for number, cells in (choices or {}).get(title, {}).items():
            offered = openpyxl.worksheet.datavalidation.DataValidation(
                type="list", formula1=cells, allow_blank=True, showErrorMessage=False
            )
            letter = letter_of(number)
            offered.add(f"{letter}2:{letter}{MAX_STORY_ROWS}")
            sheet.add_data_validation(offered)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def write_csv(lines: Iterable[Sequence[str]]) -> bytes:
    """A .csv as Excel opens it rightly: UTF-8 with its mark; no cell of it is taken for a formula."""
    kept = io.StringIO(newline="")
    writer = csv.writer(kept)
    writer.writerows([harmless(text) for text in line] for line in lines)
    return b"\xef\xbb\xbf" + kept.getvalue().encode()


def harmless(text: str) -> str:
    """A text that no spreadsheet program takes for a formula (OWASP, CSV injection)."""
    return QUOTE + text if text.startswith(DANGEROUS) else text


def _checked(lines: Iterable[Sequence[Any]]) -> list[list[str]]:
    """Texts, cleaned, with empty cells at the end left out. Raises TooLarge."""
    found = []
    for number, cells in enumerate(lines):
        if number > MAX_STORY_ROWS:
            raise TooLarge(max_rows=MAX_STORY_ROWS)
        texts = [_long_text(cell) for cell in cells[:MAX_COLUMNS]]
        while texts and not texts[-1]:
            texts.pop()
        found.append(texts)
    return found


def _long_text(cell: Any) -> str:
    if isinstance(cell, str):
        text = cell[:MAX_LONG_CELL].strip()
        return text[1:] if text.startswith(QUOTE) and text[1:].startswith(DANGEROUS) else text
    return _text(cell)


def _delimited(text: str) -> Iterator[Sequence[str]]:
    first = text.partition("\n")[0]
    delimiter = max("\t;,", key=first.count)
    csv.field_size_limit(1_000_000)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as exc:
        raise FileRefused("file_no_table") from exc


def _workbook_lines(data: bytes) -> Iterator[Sequence[Any]]:
    package = Package(data, main="xl/")
    package.check_xml()
    if package.list_external() or any(name.startswith(LINKS) for name in package.names):
        raise FileRefused("file_external_links")
    has_formulas = any(
        FORMULA.search(package.read(name)) for name in package.names if name.startswith("xl/worksheets/sheet")
    )
    results = _sheet_lines(data, results=True)
    if not has_formulas:
        yield from results
        return
    for result, formulas in zip(results, _sheet_lines(data, results=False), strict=False):
        yield [formula if cell is None else cell for cell, formula in zip(result, formulas, strict=False)]


def _sheet_lines(data: bytes, *, results: bool) -> Iterator[Sequence[Any]]:
    openpyxl = _openpyxl()
    not_one = openpyxl.utils.exceptions.InvalidFileException
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=results, keep_links=False)
    except (not_one, KeyError, ValueError, TypeError, AttributeError, IndexError) as exc:
        raise FileRefused("file_broken", part="xl/workbook.xml") from exc
    try:
        if not book.worksheets:
            raise FileRefused("file_no_table")
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size need not be so
        yield from sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS, max_row=MAX_STORY_ROWS + 2)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as exc:
        raise FileRefused("file_broken", part="xl/worksheets") from exc
    finally:
        book.close()


def _is_of_this_country(data: bytes) -> bool:
    """Do the bytes hold the tone marks that only the Vietnamese code page keeps apart, after vowels?"""
    tones = len(TONE_AFTER_VOWEL.findall(data))
    return tones >= 3 and tones * 3 >= sum(byte >= 0x80 for byte in data[:200_000]) * 0.5


# of cp1258: a vowel and then one of the combining grave, hook, tilde, acute, dot below
TONE_AFTER_VOWEL = re.compile(rb"[aeiouyAEIOUY\xe2\xe3\xea\xf4\xf5\xfd\xc2\xc3\xca\xd4\xd5\xdd][\xcc\xd2\xde\xec\xf2]")
