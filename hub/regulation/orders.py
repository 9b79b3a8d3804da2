"""Whether an order says what its act needs: the version, a note, a reason, fields that are there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import schemas
from feeds.text import clean_text
from hub.errors import Conflict, Invalid
from hub.models import Story
from hub.records.disclosures import reveal
from hub.regulation import corrections, reading, releasing
from hub.regulation.releasing import ChangeNote, Order, ReturnFault
from hub.regulation.workflow import ActKind, State
from schemas.faults import fault_at

NEEDS_NOTE = frozenset({ActKind.RETURN})
OTHER = "other"  # the fault that says nothing by itself
SPEAKS_OF_CHANGES = frozenset({ActKind.CORRECT, ActKind.RELEASE})
NEEDS_REASON = frozenset({ActKind.WITHDRAW, ActKind.REQUEST_WITHDRAWAL})
REASONS = {ActKind.HOLD: "hold_reasons"}  # every other act knows those of a withdrawal


class NothingToCorrect(Conflict):
    """No version waits to take the place of the released one."""

    key = "error.nothing_to_correct"


class VersionConflict(Conflict):
    """The act names a version that is not the newest one."""

    key = "error.version_conflict"


def from_document(said: Mapping[str, Any]) -> Order:
    """The order that a document of ``schemas/act.v1.json`` gives, which holds; its texts are cleaned."""
    return Order(
        kind=ActKind(said["act"]),
        version=said.get("version"),
        note=_text(said, "note"),
        public_note=_text(said, "public_note"),
        channels=tuple(dict.fromkeys(said["channels"])) if "channels" in said else None,
        embargo_until=datetime.fromisoformat(said["embargo_until"]) if "embargo_until" in said else None,
        reason=said.get("reason", ""),
        into=said.get("into"),
        faults=tuple(
            ReturnFault(each["pointer"], each["code"], _text(each, "note")) for each in said.get("faults", ())
        ),
        claims=tuple(said.get("claims", ())),
        severity=said.get("severity", ""),
        changes=tuple(
            ChangeNote(
                each["pointer"],
                _text(each, "reason"),
                each.get("severity", said.get("severity", corrections.USUAL)),
            )
            for each in said.get("changes", ())
        ),
    )


def check(session: Session, story: Story, order: Order) -> None:
    """Raises VersionConflict, NothingToCorrect, or Invalid with what is missing or names nothing."""
    meant = releasing.meant_version(story, order.kind)
    if order.version is not None and order.version != meant:
        raise VersionConflict(version=order.version, latest=meant)
    if order.kind is ActKind.CORRECT and story.latest == story.released:
        raise NothingToCorrect(state=story.state)
    if (
        order.kind in NEEDS_NOTE
        and not order.note
        and not any(fault.code != OTHER or fault.note for fault in order.faults)
    ):
        raise Invalid(faults=[fault_at("act.v1", ("note",), "required")])
    if order.kind is ActKind.RETURN:
        corrections.check_faults(session, story, order.faults)
    if order.kind in SPEAKS_OF_CHANGES:
        corrections.check_notes(session, story, order.changes)
    if order.kind is ActKind.VERIFY_CLAIM and not order.claims:
        raise Invalid(faults=[fault_at("act.v1", ("claims",), "required")])
    _check_reason(order)


def check_complete(session: Session, story: Story, order: Order) -> None:
    """A draft made of a feed's entry lacks much of a story; so does one of an erased person. Raises Invalid.

    Only for acts: what is pushed was checked as it came.
    """
    if order.kind is not ActKind.SUBMIT or story.state != State.DRAFT:
        return
    content = reveal(reading.get_version(session, story.id, story.latest).disclosures)
    if faults := schemas.check_story(content):
        raise Invalid(faults=faults)


def _check_reason(order: Order) -> None:
    """A hold has reasons of its own. Raises Invalid, naming the codes there are."""
    reasons = schemas.vocabulary(REASONS.get(order.kind, "withdrawal_reasons")).codes
    if order.kind in NEEDS_REASON and not order.reason:
        raise Invalid(faults=[fault_at("act.v1", ("reason",), "required")])
    if order.reason and order.reason not in reasons:
        raise Invalid(faults=[fault_at("act.v1", ("reason",), "enum", value=order.reason, allowed=tuple(reasons))])


def _text(said: Mapping[str, Any], name: str) -> str:
    return clean_text(said.get(name, ""), multiline=True).strip()
