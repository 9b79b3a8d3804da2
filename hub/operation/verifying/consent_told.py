"""What the journal tells of the consent ledger and of the persons it is about, read once for those who compare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, or_, select
from sqlalchemy.orm import Session

from hub.models import JournalRow
from hub.records import erasing, journal

PAGE = 2000
VERSION = "version"
KINDS = ("consent_", VERSION, "persons_merged", "person_erased", erasing.RECORD)  # how the kinds of its rows begin
Place = tuple[str, int]  # a story and the number of a version of it


class Told:
    """Which entries acts and versions opened, cleared and ended, and when; whom versions are about; who was merged."""

    def __init__(self, session: Session) -> None:
        self.opened: dict[str, dict[str, Any]] = {}  # by entry: the record of the act that opened it
        self.ended: dict[str, dict[str, Any]] = {}  # by entry: the record of the act that ended it
        self.narrowed: dict[str, str] = {}  # by entry: when a correction did it
        self.replaced: dict[str, str] = {}  # by entry: when a newer version did it
        self.groups: dict[str, list[str]] = {}  # entries that one act opened, by their commitment
        self.cleared_before: dict[str, str] = {}  # the day at opening of entries that an act cleared later
        self.cleared: dict[str, dict[str, Any]] = {}  # by entry: the record of the newest act that did
        self.about: dict[Place, list[str]] = {}  # the persons of a version in its order; older rows tell of none
        self.partial: set[Place] = set()  # versions of which something was erased
        self.erased: dict[str, str] = {}  # persons, and by whom
        self._kept: dict[str, str] = {}  # by a double: whom it was merged into
        begins = (JournalRow.body.contains(f'"kind":"{kind}', autoescape=True) for kind in KINDS)
        for page in records(session, or_(*begins)):
            for said in page:
                self._read(said)

    def _read(self, said: dict[str, Any]) -> None:
        match said["kind"]:
            case "version":
                if "about" in said:
                    self.about[said["story"], said["version"]] = said["about"]
                self.replaced |= dict.fromkeys(said.get("replaced", ()), said["at"])
            case erasing.RECORD:
                self.partial.add((said["story"], said["version"]))
            case "persons_merged":
                self._kept[said["double"]] = said["kept"]
            case "person_erased":
                for person_id in said["persons"]:
                    self.erased.setdefault(person_id, said.get("actor", ""))
            case kind if kind.startswith("consent_"):
                self._read_act(kind, said)

    def _read_act(self, kind: str, said: dict[str, Any]) -> None:
        named = said.get("consents", [])
        if kind in ("consent_recorded", "consent_narrowed"):
            opened = named if kind == "consent_recorded" else said["opened"]
            self.opened |= dict.fromkeys(opened, said)
            if "terms" in said:
                self.groups[said["terms"]] = opened
        if kind == "consent_narrowed":
            self.narrowed |= dict.fromkeys(named, said["at"])
        elif kind == "consent_cleared":
            for entry_id, day in said.get("before", {}).items():
                self.cleared_before.setdefault(entry_id, day)
                self.cleared[entry_id] = said
        elif kind != "consent_recorded":
            self.ended |= dict.fromkeys(named, said)

    def now(self, person_id: str) -> str:
        """Who somebody is now: whom they were merged into, or they themselves."""
        while person_id in self._kept:
            person_id = self._kept[person_id]
        return person_id

    def at_opening(self, entry: RowMapping) -> dict[str, Any]:
        """An entry as it was opened: before anybody cleared it."""
        before = self.cleared_before.get(entry["id"])
        return {**entry} if before is None else {**entry, "clearance": {"date": before}}


def records(session: Session, condition: ColumnElement[bool]) -> Iterator[list[dict[str, Any]]]:
    """The journal's records that meet a condition, page by page; what is damaged its digest tells."""
    number = 0
    query = select(JournalRow.number, JournalRow.body).where(condition).order_by(JournalRow.number).limit(PAGE)
    while rows := session.execute(query.where(JournalRow.number > number)).all():
        yield [said for row in rows if (said := journal.read_record(row.body))]
        number = rows[-1].number
