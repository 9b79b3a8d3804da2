"""The columns of a table of organizations: what they are called, and what their cells take. Pure.

A column is named by its code, by its Vietnamese or English label, or by both as the template has it: “Cấp (level)”.
A cell that takes one of a list says its label, in either language, or its code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import schemas
from feeds.text import fold

LANGUAGES = ("vi", "en")
_IN_BRACKETS = re.compile(r"\(([a-z_]+)\)\s*$")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its code, its labels, and the vocabulary that its cells choose from."""

    code: str
    vi: str
    en: str
    vocabulary: str = ""

    def heading(self, language: str) -> str:
        """As the template names it, and sentences about it."""
        return f"{self.en if language == 'en' else self.vi} ({self.code})"


COLUMNS = (
    Column("code", "Mã", "Code"),
    Column("name", "Tên", "Name"),
    Column("kind", "Loại tổ chức", "Kind", "organization_kinds"),
    Column("system", "Hệ thống", "System", "organization_systems"),
    Column("level", "Cấp", "Level", "levels"),
    Column("parent", "Mã tổ chức cấp trên", "Code of the one above"),
    Column("commune", "Xã, phường, đặc khu", "Commune, ward, special zone"),
    Column("province", "Tỉnh, thành phố", "Province or city"),
    Column("valid_from", "Từ ngày", "From"),
    Column("valid_to", "Đến ngày", "Until"),
)
BY_CODE = {column.code: column for column in COLUMNS}


def find_column(heading: str) -> Column | None:
    """The column that a heading names, however it writes it; None for none of ours."""
    said = _IN_BRACKETS.search(heading.strip().lower())
    if said and said[1] in BY_CODE:
        return BY_CODE[said[1]]
    return _named().get(_folded(heading))


def headings() -> dict[str, str]:
    """All columns as a sentence names them, by language."""
    return {language: "; ".join(column.heading(language) for column in COLUMNS) for language in LANGUAGES}


def code_in(column: Column, cell: str) -> str:
    """What a cell means: a code where the column takes one of a list; the cell itself where it names none of them."""
    return _codes(column.vocabulary).get(_folded(cell), cell) if column.vocabulary else cell


def allowed_in(column: Column) -> dict[str, str]:
    """What cells of a column may say, as a sentence lists it, by language."""
    items = list(schemas.vocabulary(column.vocabulary))
    return {language: "; ".join(item.label(language) for item in items) for language in LANGUAGES}


def label_of(column: Column, value: str, language: str) -> str:
    """What people call a value of a column."""
    known = schemas.vocabulary(column.vocabulary) if column.vocabulary else None
    return known.label(value, language) if known is not None and value in known else value


def _folded(text: str) -> str:
    return " ".join(fold(text).split())


@cache
def _named() -> Mapping[str, Column]:
    return {_folded(name): column for column in COLUMNS for name in (column.code, column.vi, column.en)}


@cache
def _codes(vocabulary: str) -> Mapping[str, str]:
    items = list(schemas.vocabulary(vocabulary))
    return {_folded(name): item.code for item in items for name in (*item.labels.values(), item.code)}
