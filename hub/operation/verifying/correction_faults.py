"""What `hub verify` finds in corrections: each against the release that made it, and what was said of its changes.

The journal commits to what acts say of changes, and to the severity of releases; a correction repeats both. Where an
erasure emptied the act, its pointers and severities have nothing left to be compared with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Row, Text, cast, select
from sqlalchemy.orm import Session

from hub.models import Correction, Release
from hub.regulation.acts import CANCELLED
from hub.regulation.consent.clearing import NOTES_ERASED
from hub.regulation.workflow import ActKind, State


class Page:
    """The corrections of some stories, and what the releases of each act say of severity and of notes."""

    def __init__(self, session: Session, story_ids: Collection[str]) -> None:
        table = Correction.__table__.c
        columns = [column for column in table if column.name != "changes"]
        self.rows: dict[str, dict[int, Row[Any]]] = defaultdict(dict)
        said = select(*columns, cast(table.changes, Text).label("changes")).where(table.story_id.in_(story_ids))
        rows: Any = session.execute(said)
        for row in rows:
            self.rows[row.story_id][row.act_id] = row
        self.severities: dict[int, set[str]] = defaultdict(set)
        self.noted: dict[str, set[int]] = defaultdict(set)  # releases with a public note
        query = select(Release.id, Release.story_id, Release.act_id, Release.severity, Release.note)
        for release in session.execute(query.where(Release.story_id.in_(story_ids))):
            self.severities[release.act_id].add(release.severity)
            self.noted[release.story_id] |= {release.id} if release.note else set()


def find(story_id: str, acts: Sequence[Row[Any]], records: Sequence[Mapping[str, Any]], page: Page) -> Iterator[str]:
    """Every fault of a story's corrections, by its acts in order and the journal's records of it."""
    cleared, cancelled = _Cleared(records), set_back_by(records)
    rows, released = dict(page.rows[story_id]), None
    said: dict[int, Any] = {}  # by the sender of each version, of what it corrects
    for act in acts:
        if act.kind == ActKind.CORRECT:
            if act.changes is not None:  # as SQL has it: the last word of the sender's, also where it is none
                said[act.version] = None if act.id in cleared.acts else _read(act.changes) or []
        elif act.kind == ActKind.RELEASE:
            changes = None if act.id in cleared.acts else _read(act.changes) or said.get(act.version, [])
            row = rows.pop(act.id, None)
            faults = _faults(row, act, released, changes, page.severities[act.id], cleared)
            yield from (f"correction by act {act.id} on {story_id}: {fault}" for fault in faults)
            released = act.version
        released = None if act.state_after == State.WITHDRAWN else cancelled.get(act.id, released)
    for act_id in rows:
        yield f"correction by act {act_id} on {story_id}: no act of the story released it"
    for release_id in sorted(page.noted[story_id] & cleared.releases):
        yield f"release {release_id} ({story_id}): its note was emptied by an erasure, and is there again"


def set_back_by(records: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """The version that stood again once a waiting correction was cancelled, by the last act before it."""
    found: dict[int, int] = {}
    last = 0
    for record in records:
        if record.get("kind") == "act":
            last = record.get("id", 0)
        elif record.get("kind") == CANCELLED:
            found[last] = record.get("stands", 0)
    return found


class _Cleared:
    """What erasures emptied, by the journal: acts and corrections by the numbers of acts, releases by their own."""

    def __init__(self, records: Sequence[Mapping[str, Any]]) -> None:
        erased = [record for record in records if record.get("kind") == NOTES_ERASED]
        self.acts = {number for record in erased for number in record.get("acts", ())}
        self.corrections = {number for record in erased for number in record.get("corrections", ())}
        self.releases = {number for record in erased for number in record.get("releases", ())}


def _faults(
    row: Row[Any] | None,
    act: Row[Any],
    released: int | None,
    changes: Any,
    severities: Collection[str],
    cleared: _Cleared,
) -> Iterator[str]:
    """`released`: the version that stood before the act; `changes`: what was said of it, None where that is gone."""
    if row is None:
        if any(severities):  # releases of before there were corrections say nothing of severity
            yield "its releases tell of it, but it is not there"
        return
    if (row.from_version, row.to_version) != (released, act.version) or released == act.version:
        yield f"is from {row.from_version} to {row.to_version}, but the act went from {released} to {act.version}"
    if (row.at, row.actor_name) != (act.at, act.actor_name):
        yield "is not by whom and from when its act is"
    if {*severities} != {row.severity}:
        yield "is of another severity than its releases"
    found = _read(row.changes)
    if not isinstance(found, list) or (changes is not None and found != changes):
        yield "says other than its act of what changed"
    elif act.id in cleared.corrections and any(change["reason"] for change in found):
        yield "was emptied by an erasure, and its reasons are there again"


def _read(text: str | None) -> Any:
    try:
        return orjson.loads(text or "null")
    except ValueError:
        return None
