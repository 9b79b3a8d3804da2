"""What outlets order of the planning, from documents of the schemas to frozen values. Pure.

An order says only what its document said: `None`, or an empty mapping, is what it left out, so that one shape serves
planning and changing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import schemas
from feeds.planning import Certainty, SegmentState
from feeds.text import clean_text
from hub.errors import Invalid
from hub.outlets.planning import recurrence
from hub.outlets.planning.slots import Window
from schemas import Fault
from schemas.faults import fault_at

SEGMENT, PROGRAMME, BOOKING, RUNDOWN = "segment.v1", "programme.v1", "booking.v1", "rundown.v1"
STATE, ANSWER = "segment-state.v1", "booking-answer.v1"
LINES = frozenset({"theme", "note", "travel", "access_needs"})  # texts of several lines
INSTANTS = frozenset({"starts_at", "recurrence_id", "option_until"})
FIXED = {  # what is said once, when it is made
    SEGMENT: frozenset({"channel", "programme", "recurrence_id", "state"}),
    PROGRAMME: frozenset({"channel"}),
    BOOKING: frozenset({"story", "name", "fallback_for"}),
}
NEEDED = {
    SEGMENT: ("title", "starts_at", "planned_seconds"),
    PROGRAMME: ("title", "rule", "starts_at", "planned_seconds"),
    BOOKING: ("name",),
}
OCCURRENCE = ("programme", "recurrence_id")


@dataclass(frozen=True, slots=True)
class Order:
    """What was said, by the names of the schema: texts cleaned, instants and windows read."""

    said: Mapping[str, Any]

    def get(self, name: str, default: Any = None) -> Any:
        """What was said of a name."""
        return self.said.get(name, default)

    def names(self) -> Collection[str]:
        """Of what something was said."""
        return self.said.keys()


@dataclass(frozen=True, slots=True)
class StateOrder:
    """How far the planning shall have come."""

    state: SegmentState
    certainty: Certainty | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change to a rundown: `number` and `to` from 1."""

    do: str
    number: int
    to: int = 0
    item: Mapping[str, Any] | None = None
    real_seconds: int = 0


def read_new(schema: str, document: Any) -> Order:
    """An order to plan something. Raises Invalid with every fault."""
    if faults := [*schemas.check(schema, document), *_missing(schema, document)]:
        raise Invalid(faults=faults)
    return _read(schema, document)


def read_change(schema: str, document: Any) -> Order:
    """An order to change what is planned: any part of it but what is fixed. Raises Invalid with every fault."""
    faults = schemas.check(schema, document)
    fixed = sorted(FIXED[schema] & document.keys()) if isinstance(document, dict) else ()
    if faults := [*faults, *(fault_at(schema, (name,), "fixed_once_planned") for name in fixed)]:
        raise Invalid(faults=faults)
    return _read(schema, document)


def read_state(document: Any) -> StateOrder:
    """An order to another state. Raises Invalid with every fault."""
    if faults := schemas.check(STATE, document):
        raise Invalid(faults=faults)
    said = document.get("certainty")
    return StateOrder(SegmentState(document["state"]), Certainty(said) if said else None)


def read_answer(document: Any) -> str:
    """A unit's note. Raises Invalid with every fault."""
    if faults := schemas.check(ANSWER, document):
        raise Invalid(faults=faults)
    return clean_text(document.get("note", ""), multiline=True).strip()


def read_rundown(document: Any) -> list[dict[str, Any]]:
    """All items of a rundown. Raises Invalid with every fault."""
    _check_rundown(document, "items")
    return [_cleaned(item) for item in document["items"]]


def read_step(document: Any) -> Step:
    """One change to a rundown. Raises Invalid with every fault."""
    _check_rundown(document, "step")
    said = document["step"]
    item = _cleaned(said["item"]) if "item" in said else None
    return Step(
        do=said["do"],
        number=said["number"],
        to=said.get("to", 0),
        item=item,
        real_seconds=said.get("real_seconds", 0),
    )


def _check_rundown(document: Any, member: str) -> None:
    faults = schemas.check(RUNDOWN, document)
    if not faults and member not in document:
        faults = [fault_at(RUNDOWN, (member,), "required")]
    if faults:
        raise Invalid(faults=faults)


def _missing(schema: str, document: Any) -> Iterator[Fault]:
    if not isinstance(document, dict):
        return
    occurs = schema == SEGMENT and any(name in document for name in OCCURRENCE)
    for name in OCCURRENCE if occurs else NEEDED[schema]:
        if name not in document:
            yield fault_at(schema, (name,), "required")


def _read(schema: str, document: Mapping[str, Any]) -> Order:
    said = {name: _value(name, value) for name, value in document.items()}
    if faults := list(_strange(schema, said)):
        raise Invalid(faults=faults)
    return Order(said)


def _value(name: str, value: Any) -> Any:
    if name in INSTANTS:
        return _instant(value)
    if name == "excluded":
        return sorted({_instant(each) for each in value})
    if name in ("slot", "recording"):
        return _window(value) if value is not None else None
    return _cleaned(value, lines=name in LINES)


def _window(said: Mapping[str, str]) -> Window:
    return Window(_instant(said["starts_at"]), _instant(said["ends_at"]))


def _instant(said: str) -> datetime:
    return datetime.fromisoformat(said).astimezone(UTC)


def _cleaned(value: Any, *, lines: bool = False) -> Any:
    """Every text in NFC, without what nobody can see."""
    if isinstance(value, str):
        return clean_text(value, multiline=lines).strip()
    if isinstance(value, Mapping):
        return {name: _cleaned(member, lines=name in LINES) for name, member in value.items()}
    if isinstance(value, Sequence):
        return [_cleaned(member) for member in value]
    return value


def _strange(schema: str, said: Mapping[str, Any]) -> Iterator[Fault]:
    """What a schema cannot say: blank names, zones that nobody knows, windows that end before they begin."""
    for name in ("title", "name"):
        if said.get(name) == "":
            yield fault_at(schema, (name,), "blank")
    if "time_zone" in said and not recurrence.is_zone(said["time_zone"]):
        yield fault_at(schema, ("time_zone",), "unknown_zone", zone=said["time_zone"])
    for name in ("slot", "recording"):
        window = said.get(name)
        if window is not None and window.ends_at <= window.starts_at:
            yield fault_at(schema, (name,), "window_ends_first")
    for place, each in enumerate(said.get("availability", ())):
        window = _window(each)
        if window.ends_at <= window.starts_at:
            yield fault_at(schema, ("availability", place), "window_ends_first")
    for place, each in enumerate(said.get("crew", ())):
        if not each["name"]:
            yield fault_at(schema, ("crew", place, "name"), "blank")
