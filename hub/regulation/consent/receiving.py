"""What an outlet answers to a receipt, under the clause that it was asked by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.actors import Actor
from hub.models import Act, Receipt
from hub.outlets import receipts
from hub.regulation import ruling
from hub.regulation.consent import reducing
from hub.regulation.workflow import ActKind


def answer(session: Session, receipt: Receipt, said: str, *, note: str, actor: Actor, now: datetime) -> None:
    """Write down what the outlet did, with its clause by the edition in force. Raises ReceiptAnswered."""
    asked = {"kind": "receipt_asked", "reason": _reason_of(session, receipt)}
    clause = ruling.clause_of(session, asked, now=now)
    receipts.answer(session, receipt, said, note=note, clause=clause, actor=actor, now=now)


def _reason_of(session: Session, receipt: Receipt) -> str:
    """Why it was asked: by the act that withdrew the story at that instant for another reason, or for consent."""
    withdrawn = select(Act.id).where(
        Act.story_id == receipt.story_id,
        Act.kind == ActKind.WITHDRAW.value,
        Act.at == receipt.asked_at,
        Act.reason != reducing.REASON,
    )
    return receipts.CONSENT if session.scalar(withdrawn.limit(1)) is None else receipts.WITHDRAWAL
