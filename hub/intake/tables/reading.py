"""A table of stories as it comes in: its columns found, its rows by column code, its legacy text shown or converted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feeds.text import clean_text
from hub import apart
from hub.errors import TooLarge
from hub.intake import legacy_text
from hub.intake.legacy_text import Encoding, Preview
from hub.intake.tables.columns import EXAMPLE_ID, Column, find_column
from hub.intake.word import Choice
from hub.packed import FileRefused

MAX_BYTES = 20 * 1024 * 1024
MODULE = "hub.intake.tables._child"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line people see in their program, and its cells by column code; empty ones are left out."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryTable:
    """A table of stories, read and not yet judged."""

    columns: tuple[str, ...]  # codes, as the table has them
    unknown: tuple[str, ...]  # headings that name none
    rows: tuple[Row, ...]
    charset: str  # empty for XLSX
    preview: Preview | None  # of legacy text in it: what a conversion would do, or has done


def read_stories(data: bytes, *, name: str, choice: Choice | str = Choice.LEAVE) -> StoryTable:
    """Read a .csv or .xlsx of at most MAX_BYTES; the first line that is not empty names the columns.

    Legacy text is converted only by a `choice`. Raises TooLarge, or FileRefused with a reason: no table, no column of
    ours, a column twice, macros, external links, a bomb.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(max_bytes=MAX_BYTES)
    answer, _ = apart.run(MODULE, {"name": name[-80:]}, data)
    lines: list[list[str]] = answer["lines"]
    preview = legacy_text.preview("\n".join(cell for line in lines for cell in line))
    encoding = _chosen(Choice(choice), preview)
    texts = [[_text(cell, encoding) for cell in line] for line in lines]
    heading = next((place for place, line in enumerate(texts) if any(line)), None)
    if heading is None:
        raise FileRefused("file_no_table")
    columns = _columns(texts[heading], preview)
    rows = tuple(
        Row(number, cells)
        for number, line in enumerate(texts[heading + 1 :], start=heading + 2)
        if (cells := _cells(columns, line)) and cells.get("id") != EXAMPLE_ID
    )
    if not rows:
        raise FileRefused("table_empty")
    return StoryTable(
        columns=tuple(column.code for column in columns if column),
        unknown=tuple(
            text[:80] for text, column in zip(texts[heading], columns, strict=False) if text and column is None
        ),
        rows=rows,
        charset=answer["charset"],
        preview=preview,
    )


def _chosen(choice: Choice, preview: Preview | None) -> Encoding | None:
    if choice is Choice.LEAVE:
        return None
    if choice is Choice.RECOGNISED:
        return preview.guess.encoding if preview else None
    return Encoding(choice.value)


def _text(cell: str, encoding: Encoding | None) -> str:
    if encoding is not None and not legacy_text.UNICODE_ONLY.search(cell):
        cell = legacy_text.convert(cell, encoding)
    return clean_text(cell, multiline=True).strip()


def _columns(headings: Sequence[str], preview: Preview | None) -> list[Column | None]:
    """The column of each heading, also where the heading is in the table's legacy encoding. Raises FileRefused."""
    columns = [find_column(text) if text else None for text in headings]
    if preview is not None:
        again = [legacy_text.convert(text, preview.guess.encoding) for text in headings]
        columns = [column or (find_column(text) if text else None) for column, text in zip(columns, again, strict=True)]
    found = [column.code for column in columns if column]
    if "title" not in found:
        raise FileRefused("table_no_columns")
    twice = sorted({code for code in found if found.count(code) > 1})
    if twice:
        raise FileRefused("table_column_twice", column=twice[0])
    return columns


def _cells(columns: Sequence[Column | None], line: Sequence[str]) -> dict[str, str]:
    return {column.code: text for column, text in zip(columns, line, strict=False) if column and text}
