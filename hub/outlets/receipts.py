"""Receipts: each outlet that had a story is asked to act when consent or the story goes, and says what it did.

An outlet had it when it stood in a channel of the outlet's. The public's own outlet is this hub, which has acted.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload

from hub.actors import SYSTEM, Actor
from hub.errors import Conflict, NotFound
from hub.models import Channel, Receipt, Story
from hub.outlets import catalog, uses
from hub.records import journal, outbox

ANSWER_WITHIN = timedelta(days=15)  # "carried out at once and reported within 15 days", unless a clause says other
REDUCE, WITHDRAW = "reduce", "withdraw"
CONSENT, WITHDRAWAL = "consent", "withdrawal"  # why an outlet was asked
ANSWERS = ("done", "already_printed", "cannot")
NEED_NOTE = frozenset({"cannot"})


class ReceiptAnswered(Conflict):
    """The outlet has answered already."""

    key = "error.receipt_answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What a story lost in a channel where it stood: all of it, or these fields."""

    story_id: str
    channel: Channel
    task: str
    fields: tuple[str, ...] = ()


def ask(session: Session, losses: Sequence[Loss], *, now: datetime, within: timedelta = ANSWER_WITHIN) -> list[Receipt]:
    """Ask one receipt of each outlet and story; what has to go from several channels stands in one.

    The caller journals `record_of` each.
    """
    grouped: dict[tuple[int, str], list[Loss]] = defaultdict(list)
    for loss in losses:
        if loss.channel.outlet.kind != "public":
            grouped[loss.channel.outlet_id, loss.story_id].append(loss)
    asked = [
        Receipt(
            outlet=found[0].channel.outlet,
            story_id=story_id,
            task=WITHDRAW if any(loss.task == WITHDRAW for loss in found) else REDUCE,
            channels=sorted(catalog.address_of(loss.channel) for loss in found),
            fields=sorted({path for loss in found for path in loss.fields}),
            asked_at=now,
            due_at=now + within,
            answer="",
            note="",
            salt="",
        )
        for (_, story_id), found in sorted(grouped.items())
    ]
    session.add_all(asked)
    session.flush()
    used = {story_id: uses.who_used(session, story_id, now=now).keys() for story_id in {row.story_id for row in asked}}
    for row in asked:  # whoever could have had it is told at once, and whoever has used it before the others
        kind, first = "withdrawn" if row.task == WITHDRAW else "reduced", row.outlet_id in used[row.story_id]
        told = {"story": row.story_id, "outlets": [row.outlet.code], "receipt": row.id}
        outbox.add_notice(session, kind, at=now, first=first, **told)
    return asked


def record_of(receipt: Receipt, *, organization: str, reason: str) -> dict[str, Any]:
    """What the journal keeps of the asking; the answer names the same receipt, so that each fulfils its own."""
    return {
        "kind": "receipt_asked",
        "receipt": receipt.id,
        "outlet": receipt.outlet.code,
        "task": receipt.task,
        "channels": list(receipt.channels),
        "fields": list(receipt.fields),
        "due": receipt.due_at.astimezone(UTC).isoformat(),
        "reason": reason,
        "organization": organization,
        "actor": SYSTEM.name,
    }


def list_page(
    session: Session, *, within: ColumnElement[bool], open_only: bool, before: int | None, limit: int
) -> list[Receipt]:
    """Receipts, newest first; `within` is a condition on the receipt or its story."""
    query = (
        select(Receipt)
        .join(Story, Story.id == Receipt.story_id)
        .where(within)
        .options(joinedload(Receipt.outlet))
        .order_by(Receipt.id.desc())
        .limit(limit)
    )
    if open_only:
        query = query.where(Receipt.answer == "")
    if before is not None:
        query = query.where(Receipt.id < before)
    return list(session.scalars(query))


def get_locked(session: Session, receipt_id: int, *, asked: Select[int]) -> Receipt:
    """A receipt asked of one of these outlets, locked. Raises NotFound."""
    query = (
        select(Receipt)
        .where(Receipt.id == receipt_id, Receipt.outlet_id.in_(asked))
        .options(joinedload(Receipt.outlet, innerjoin=True))
        .with_for_update(of=Receipt)
    )
    receipt = session.scalar(query)
    if receipt is None:
        raise NotFound(what=str(receipt_id))
    return receipt


def answer(
    session: Session, receipt: Receipt, said: str, *, note: str, clause: str = "", actor: Actor, now: datetime
) -> None:
    """Write down what the outlet did, and tell the journal, with the clause that asks for it where there is one.

    Raises ReceiptAnswered for a second answer.
    """
    if receipt.answer:
        raise ReceiptAnswered(receipt=receipt.id, answer=receipt.answer, clause=clause)
    receipt.answer, receipt.note, receipt.answered_at = said, note, now
    receipt.salt = secrets.token_urlsafe(16)
    record = {**answer_record_of(receipt), "actor": actor.mark, **({"clause": clause} if clause else {})}
    journal.append(session, record, at=now, story_id=receipt.story_id)


def answer_record_of(receipt: Receipt) -> dict[str, Any]:
    """What the journal keeps of an answer: a commitment of its note, never the note. Needs `receipt.outlet` loaded."""
    return {
        "kind": "receipt",
        "receipt": receipt.id,
        "outlet": receipt.outlet.code,
        "status": receipt.answer,
        "late": receipt.answered_at is not None and receipt.answered_at > receipt.due_at,
        "text": journal.commitment(receipt.salt, receipt.note),
    }


def list_open_of(session: Session, outlet_ids: Collection[int], story_ids: Collection[str]) -> dict[str, Receipt]:
    """The oldest receipt of each of these stories that waits for an answer of these outlets."""
    by_story: Any = Receipt.outlet_id + 0  # no database shall begin with all that an outlet was ever asked
    query = select(Receipt).where(Receipt.story_id.in_(story_ids), by_story.in_(outlet_ids), Receipt.answer == "")
    found: dict[str, Receipt] = {}
    for row in session.scalars(query.order_by(Receipt.id)):
        found.setdefault(row.story_id, row)
    return found


def list_of_stories(session: Session, story_ids: Collection[str]) -> list[Receipt]:
    """Every receipt that was asked for these stories, with its outlet."""
    query = select(Receipt).where(Receipt.story_id.in_(story_ids)).options(joinedload(Receipt.outlet))
    return list(session.scalars(query.order_by(Receipt.id)))
