"""Tables that people send: the rows of a CSV or XLSX file, as texts by column."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from feeds.text import clean_text
from hub.errors import Malformed, TooLarge

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


def _xlsx(path: Path) -> Iterator[Sequence[Any]]:
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(member.file_size for member in packed.infolist()) > MAX_UNPACKED:
                raise TooLarge(max_bytes=MAX_UNPACKED)
        book = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as exc:
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
