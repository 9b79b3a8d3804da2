"""What organizations file besides stories: quarter reports, ideas and proposals, and the answers to them.

An idea goes to an organization, which owes the answer; an organization sends it, or the desk on somebody's behalf.
Whose confirmer answers, and within how many days, the regulation says.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

import schemas
from feeds.text import clean_text
from hub.accounts import organizations, rights
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import Conflict, Forbidden, Invalid, NotFound
from hub.models import Filing, Organization
from hub.records import journal
from hub.regulation import reading
from hub.regulation.duties import reckoning
from schemas.faults import fault_at

SCHEMA = "filing.v1"
REPORT, IDEA, ANSWER = KINDS = ("report", "idea", "idea_answer")
FILERS = (*rights.SPEAKERS, Role.EDITOR)


class FilesForNobody(Forbidden):
    """Only somebody of an organization files its reports."""

    key = "error.files_for_nobody"


class AnswerNotYours(Forbidden):
    """A confirmer of the organization that was asked, or of one above it, answers an idea."""

    key = "error.answer_not_yours"


class IdeaAnswered(Conflict):
    """The idea was answered before; one answer is all it gets."""

    key = "error.idea_answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A filing as it was sent, already valid. `to` is a code or empty: the organization above the sender."""

    kind: str
    text: str
    quarter: str = ""
    to: str = ""
    answers: int = 0


def read(document: Any) -> Order:
    """An order from a document of `schemas/filing.v1.json`. Raises Invalid with every fault."""
    if faults := schemas.check(SCHEMA, document):
        raise Invalid(faults=faults)
    text = clean_text(document["text"], multiline=True).strip()
    if not text:
        raise Invalid(faults=[fault_at(SCHEMA, ("text",), "blank")])
    return Order(**{**document, "text": text})


def is_over(quarter: str, *, on: date) -> bool:
    """Has a quarter, such as ``2026-Q3``, ended before this day?"""
    year, _, number = quarter.partition("-Q")
    return reckoning.period_of("quarter", date(int(year), 3 * int(number), 1)).following <= on


def file(session: Session, order: Order, *, actor: Actor, now: datetime) -> Filing:
    """Keep a filing. Raises Invalid, Forbidden, NotFound or IdeaAnswered, by its kind."""
    row = {REPORT: _report, IDEA: _idea, ANSWER: _answer}[order.kind](session, order, actor, now)
    session.add(row)
    session.flush()
    role = next(role for role in (Role.CONFIRMER, Role.CONTRIBUTOR, Role.EDITOR) if role in actor.roles)
    journal.append(session, {**record_of(row), "actor": f"{role.value}:{actor.id}"}, at=now)
    return row


def record_of(row: Filing) -> Mapping[str, Any]:
    """What the journal says of a filing, with a commitment of its text; `organization` is whose duty it is about.

    Needs `row.organization` and `row.recipient` loaded.
    """
    sender, recipient = (each.code if each else "" for each in (row.organization, row.recipient))
    note = journal.commitment(row.salt, f"{row.text}\n{row.actor_name}")
    if row.kind == REPORT:
        return {"kind": "report", "filing": row.id, "organization": sender, "quarter": row.quarter, "note": note}
    if row.kind == IDEA:
        return {"kind": "idea", "idea": row.id, "organization": recipient, "from": sender, "note": note}
    said = {"kind": "idea_answered", "idea": row.answers_id, "filing": row.id}
    return {**said, "organization": sender, "to": recipient, "note": note}


def list_page(
    session: Session, *, asker: Actor, kind: str | None = None, before: int | None, limit: int, now: datetime
) -> list[Filing]:
    """Filings with their organizations, newest first: what came from or went to where the asker's rights reach."""
    query = _visible(asker, now).order_by(Filing.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(Filing.kind == kind)
    if before is not None:
        query = query.where(Filing.id < before)
    return list(session.scalars(query))


def _visible(asker: Actor, now: datetime) -> Select[Filing]:
    query = select(Filing).options(joinedload(Filing.organization), joinedload(Filing.recipient))
    if Role.SYSTEM in asker.roles:
        return query
    within = rights.within_reach(Organization.id, asker, reading.READERS, on=local_day(now))
    reached = select(Organization.id).where(within)
    return query.where(or_(Filing.organization_id.in_(reached), Filing.recipient_id.in_(reached)))


def _report(session: Session, order: Order, actor: Actor, now: datetime) -> Filing:
    sender = _sender(session, actor)
    if sender is None:
        raise FilesForNobody(role=actor.role.value)
    if not is_over(order.quarter, on=local_day(now)):
        raise Invalid(faults=[schemas.Fault("/quarter", "quarter_not_over", {"quarter": order.quarter})])
    return _filing(order, sender, None, actor, now)


def _idea(session: Session, order: Order, actor: Actor, now: datetime) -> Filing:
    sender = _sender(session, actor)
    return _filing(order, sender, _recipient(session, order, sender, actor, on=local_day(now)), actor, now)


def _answer(session: Session, order: Order, actor: Actor, now: datetime) -> Filing:
    query = _visible(actor, now).where(Filing.id == order.answers, Filing.kind == IDEA)
    idea = session.scalar(query.with_for_update(of=Filing))
    if idea is None or idea.recipient is None:
        raise NotFound(what=str(order.answers), kind="filing")
    if Role.CONFIRMER not in rights.roles_over(session, actor, idea.recipient.id, on=local_day(now)):
        raise AnswerNotYours(organization=idea.recipient.code)
    before = session.scalar(select(Filing).where(Filing.answers_id == idea.id))
    if before is not None:
        raise IdeaAnswered(idea=idea.id, answer=before.id, at=before.at.isoformat())
    return _filing(order, idea.recipient, idea.organization, actor, now)


def _filing(
    order: Order, sender: Organization | None, recipient: Organization | None, actor: Actor, now: datetime
) -> Filing:
    return Filing(
        kind=order.kind,
        organization=sender,
        recipient=recipient,
        quarter=order.quarter,
        text=order.text,
        answers_id=order.answers or None,
        actor_name=actor.name,
        salt=secrets.token_urlsafe(16),
        at=now,
    )


def _sender(session: Session, actor: Actor) -> Organization | None:
    """The organization that somebody speaks for; None for the desk."""
    own = rights.spoken_for(actor)
    return session.get_one(Organization, own) if own is not None else None


def _recipient(session: Session, order: Order, sender: Organization | None, actor: Actor, *, on: date) -> Organization:
    """Who is to answer: the organization named, or whoever has come after it; else the one above the sender."""
    if order.to:
        named = organizations.find(session, order.to)
        found = organizations.resolve(session, named.id, on=on) if named is not None else None
    else:
        above = organizations.find_above(session, sender.id, on=on) if sender is not None else None
        if above is None:
            raise Invalid(faults=[fault_at(SCHEMA, ("to",), "required")])
        found = session.get_one(Organization, above)
    hidden = found is not None and sender is None and not _edits_for(session, found, actor, on=on)
    if found is None or found.is_over(on) or hidden:
        raise Invalid(faults=[schemas.Fault("/to", "unknown_organization", {"code": order.to})])
    return found


def _edits_for(session: Session, row: Organization, actor: Actor, *, on: date) -> bool:
    return Role.EDITOR in rights.roles_over(session, actor, row.id, on=on)
