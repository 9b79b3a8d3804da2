"""The template of a table of stories: headings in Vietnamese with their codes, one example, and the codes to choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import schemas
from hub import tables
from hub.intake.tables.columns import COLUMNS, list_vocabularies

SHEET, CODES = "Bài", "Mã dùng được"
NAME = "mau-bai-gioi-thieu"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTH = 24  # characters of a column


def xlsx() -> bytes:
    """The template for Excel: a sheet to fill in, and one of the codes that cells may hold."""
    return tables.write_book({SHEET: _lines(), CODES: list(_codes())}, widths=[WIDTH] * len(COLUMNS))


def csv() -> bytes:
    """The template as CSV; the codes stand in the Excel one, and in the API's vocabularies."""
    return tables.write_csv(_lines())


def _lines() -> list[Sequence[str]]:
    return [[column.heading for column in COLUMNS], [column.example for column in COLUMNS]]


def _codes() -> Iterator[Sequence[str]]:
    """A line of the vocabularies' names, each over its codes and labels."""
    known = [schemas.vocabulary(name) for name in list_vocabularies()]
    yield [text for each in known for text in (f"{each.title('vi')} ({each.name})", "")]
    for items in zip_longest(*(each.items for each in known)):
        yield [text for item in items for text in ((item.code, item.label("vi")) if item else ("", ""))]
