"""The default regulation, and units of a province to judge by it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import hub.regulation.edition
from hub.regulation.edition import positions
from hub.regulation.edition.clauses import Regulation, StoryFacts, Unit
from hub.regulation.edition.drafting import parse

FILE = Path(hub.regulation.edition.__file__).parent / "default_regulation.json"
PROVINCE = Unit(code="ldld", kind="lien_doan_lao_dong", level="province")
FRONT = Unit(code="mttq", kind="mat_tran", level="province")
FISHERS = Unit(code="nghe-ca", kind="cong_doan", level="grassroots")
WOMEN = Unit(code="phu-nu", kind="hoi_phu_nu", level="commune")
BORDER_POST = Unit(code="bien-phong", kind="luc_luong_vu_trang", level="grassroots")


@cache
def text() -> str:
    return FILE.read_text(encoding="utf-8")


@cache
def default() -> Regulation:
    """The regulation as it comes with the hub."""
    return parse(positions.read(text()).document)


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The default regulation's document with a change."""
    document: dict[str, Any] = copy.deepcopy(positions.read(text()).document)
    change(document)
    return document


def clause(document: dict[str, Any], number: str) -> dict[str, Any]:
    """A clause of a document."""
    return next(each for chapter in document["chapters"] for each in chapter["clauses"] if each["number"] == number)


def sent_by(*lineage: Unit, **facts: Any) -> StoryFacts:
    """A story of the first of these; the others stand above it."""
    return StoryFacts(lineage=lineage, **facts)
