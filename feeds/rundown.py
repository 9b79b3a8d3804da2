"""A rundown and its name straps as tables for machines and Excel, and as JSON (`schemas/rundown-export.v1.json`).

CSV is RFC 4180 in UTF-8 with a byte order mark, without which Excel takes Vietnamese for another code page. Columns are
named once and for all in English, as playout and graphics software is told them; the sheet for people is
`feeds.rundown_sheet`. A text that a spreadsheet would calculate gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import orjson

from feeds.dates import rfc3339
from feeds.markup import scrub
from feeds.planning import BookedGuest, BookingState, Question, RundownItem, Segment, Visual
from feeds.planning_words import clock
from feeds.story_json import present

CSV_TYPE = "text/csv; charset=utf-8; header=present"
JSON_TYPE = "application/json; charset=utf-8"
ABOUT = "https://hub.example/schemas/rundown-export.v1.json"
RUNDOWN_COLUMNS = (
    "number",
    "kind",
    "title",
    "starts_at",  # RFC 3339, UTC
    "clock",  # the time of day in the segment's zone
    "planned_seconds",
    "real_seconds",
    "guests",
    "questions",
    "visuals",
    "rights",
    "note",
)
STRAP_COLUMNS = ("name", "name_strap", "role", "pronunciation", "items")
COMING = frozenset({BookingState.OPTIONED, BookingState.CONFIRMED})
FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # a spreadsheet folds the wide ones, too
BETWEEN = " | "  # several values of one cell

_BOM = "\ufeff"


def render_json(segment: Segment) -> bytes:
    """The segment with its rundown and guests; what is empty is left out."""
    return orjson.dumps({"about": ABOUT, **present(scrub(segment))})


def render_csv(segment: Segment) -> bytes:
    """One row for each item of the rundown."""
    items = segment.rundown.items if segment.rundown else ()
    return _table(RUNDOWN_COLUMNS, [_item_row(item, segment.time_zone) for item in items])


def render_straps(segment: Segment) -> bytes:
    """One row for each guest who is coming, for the graphics desk; `items` are the numbers where they are seen."""
    return _table(STRAP_COLUMNS, [_strap_row(guest, segment) for guest in segment.guests if guest.state in COMING])


def _item_row(item: RundownItem, zone: str) -> Sequence[str | int | None]:
    return (
        item.number,
        item.kind.value,
        item.title,
        rfc3339(item.starts_at),
        clock(item.starts_at, zone, seconds=True),
        item.planned_seconds,
        item.real_seconds,
        BETWEEN.join(item.guests),
        BETWEEN.join(map(_question, item.questions)),
        BETWEEN.join(map(_visual, item.visuals)),
        BETWEEN.join(dict.fromkeys(visual.rights for visual in item.visuals if visual.rights)),
        item.note,
    )


def _strap_row(guest: BookedGuest, segment: Segment) -> Sequence[str | int | None]:
    items = segment.rundown.items if segment.rundown else ()
    seen = BETWEEN.join(str(item.number) for item in items if guest.name in item.guests)
    return (guest.name, guest.name_strap or guest.name, guest.role, guest.pronunciation, seen)


def _question(question: Question) -> str:
    return question.text if question.answer_seconds is None else f"{question.text} ({question.answer_seconds} s)"


def _visual(visual: Visual) -> str:
    pixels = f"{visual.width}×{visual.height}" if visual.width and visual.height else ""
    seconds = "" if visual.seconds is None else f"{visual.seconds} s"
    facts = ", ".join(filter(None, (seconds, pixels, visual.codec, visual.credit, visual.url)))
    return f"{visual.description} ({facts})" if facts else visual.description


def _table(columns: Iterable[str], rows: Iterable[Sequence[str | int | None]]) -> bytes:
    written = io.StringIO(_BOM, newline="")
    written.seek(0, io.SEEK_END)
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(columns)
    for row in rows:
        table.writerow([_guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return written.getvalue().encode("utf-8", "replace")


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
