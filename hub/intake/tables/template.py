"""The template of a table of stories: headings in Vietnamese with their codes, one example, and what may be chosen.

In Excel a cell that takes one of a list offers it; cells say labels, and take codes as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import schemas
from hub import tables
from hub.intake.tables.columns import COLUMNS, Column, list_vocabularies

SHEET, CODES = "Bài", "Mã dùng được"
NAME = "mau-bai-gioi-thieu"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTH = 24  # characters of a column


def xlsx() -> bytes:
    """The template for Excel: a sheet to fill in, and one of the codes that cells may hold."""
    book = {SHEET: _lines(), CODES: list(_codes())}
    return tables.write_book(book, widths=[WIDTH] * len(COLUMNS), choices={SHEET: _choices()})


def _choices() -> dict[int, str]:
    """Which cells of the second sheet a column of the first is chosen from, by the column's number."""
    places = {name: 2 * place + 2 for place, name in enumerate(list_vocabularies())}  # the labels stand second
    found = {}
    for number, column in enumerate(COLUMNS, start=1):
        if column.kind == "code":
            rows = len(schemas.vocabulary(column.vocabulary))
            found[number] = tables.range_of(CODES, places[column.vocabulary], 2, rows + 1)
    return found


def csv() -> bytes:
    """The template as CSV; the codes stand in the Excel one, and in the API's vocabularies."""
    return tables.write_csv(_lines())


def _lines() -> list[Sequence[str]]:
    return [[column.heading for column in COLUMNS], [_example(column) for column in COLUMNS]]


def _example(column: Column) -> str:
    """What people write: labels; several of them apart by semicolons."""
    if not column.vocabulary:
        return column.example
    known = schemas.vocabulary(column.vocabulary)
    return "; ".join(known.label(code) for code in column.example.split("; ") if code)


def _codes() -> Iterator[Sequence[str]]:
    """A line of the vocabularies' names, each over its codes and labels."""
    known = [schemas.vocabulary(name) for name in list_vocabularies()]
    yield [text for each in known for text in (f"{each.title('vi')} ({each.name})", "")]
    for items in zip_longest(*(each.items for each in known)):
        yield [text for item in items for text in ((item.code, item.label("vi")) if item else ("", ""))]
