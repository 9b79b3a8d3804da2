"""Requests for coverage: an outlet asks organizations to tell of a place, a theme or a person, and they answer.

A request goes to one organization, to one and all below it, or to all. Those who were asked see it, with what their
own side said and what the outlet replied to them; the outlet sees everything. To others it is not there.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload

import schemas
from feeds.text import clean_text
from hub.accounts import organizations, rights, users
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import Conflict, Forbidden, Invalid, NotFound
from hub.models import CoverageRequest, Organization, Outlet, RequestAnswer, Story
from hub.records import journal, outbox
from hub.regulation import reading
from hub.regulation.filed.request_states import BY_OUTLET, MAY, Move, RequestState, state_after
from schemas.faults import fault_at

SCHEMA, ANSWER_SCHEMA = "request.v1", "request-answer.v1"
ONE, BELOW, ALL = ("organization", "below", "all")
READERS = (*sorted(reading.READERS), Role.OUTLET)
ANSWERERS = (*rights.SPEAKERS, Role.OUTLET)


class NotAsked(Forbidden):
    """Only those who were asked answer a request: somebody who speaks for the organization, or confirms above it."""

    key = "error.not_asked"


class OtherSide(Forbidden):
    """Organizations accept, decline or ask; the outlet replies and closes."""

    key = "error.other_side"


class RequestClosed(Conflict):
    """The outlet has closed its request; nothing more is said to it."""

    key = "error.request_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request as it was sent, already valid. `to` is a code; without it all organizations are asked."""

    title: str
    text: str = ""
    to: str = ""
    below: bool = False
    topics: tuple[str, ...] = ()
    place: str = ""
    person: str = ""
    needed_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOrder:
    """An answer as it was sent, already valid. `question` is the number of the one that a reply is to."""

    answer: Move
    text: str = ""
    story: str | None = None
    due_on: date | None = None
    question: int | None = None


def read(document: Any) -> Order:
    """An order from a document of `schemas/request.v1.json`. Raises Invalid with every fault."""
    if faults := schemas.check(SCHEMA, document):
        raise Invalid(faults=faults)
    title = clean_text(document["title"]).strip()
    if not title:
        raise Invalid(faults=[fault_at(SCHEMA, ("title",), "blank")])
    return Order(
        title=title,
        text=clean_text(document.get("text", ""), multiline=True).strip(),
        to=document.get("to", ""),
        below=document.get("below", False),
        topics=tuple(document.get("topics", ())),
        place=clean_text(document.get("place", "")).strip(),
        person=clean_text(document.get("person", "")).strip(),
        needed_by=date.fromisoformat(document["needed_by"]) if "needed_by" in document else None,
    )


def read_answer(document: Any) -> AnswerOrder:
    """An order from a document of `schemas/request-answer.v1.json`. Raises Invalid with every fault."""
    if faults := schemas.check(ANSWER_SCHEMA, document):
        raise Invalid(faults=faults)
    text = clean_text(document.get("text", ""), multiline=True).strip()
    if "text" in document and not text:
        raise Invalid(faults=[fault_at(ANSWER_SCHEMA, ("text",), "blank")])
    return AnswerOrder(
        answer=Move(document["answer"]),
        text=text,
        story=document.get("story"),
        due_on=date.fromisoformat(document["due_on"]) if "due_on" in document else None,
        question=document.get("question"),
    )


def ask(session: Session, order: Order, *, actor: Actor, now: datetime) -> CoverageRequest:
    """Keep a request and tell those who are asked. Raises Invalid for an unknown organization and a day gone by."""
    on = local_day(now)
    if order.needed_by is not None and order.needed_by < on:
        raise Invalid(faults=[schemas.Fault("/needed_by", "day_gone_by", {"day": order.needed_by.isoformat()})])
    asked = _asked(session, order.to, on=on) if order.to else None
    row = CoverageRequest(
        outlet=users.resolve_outlet(session, rights.outlets_of(actor)[0], on=on),
        reach=ALL if asked is None else BELOW if order.below else ONE,
        organization=asked,
        title=order.title,
        text=order.text,
        topics=list(order.topics),
        place=order.place,
        person=order.person,
        needed_by=order.needed_by,
        state=RequestState.OPEN,
        actor_name=actor.name,
        salt=secrets.token_urlsafe(16),
        at=now,
    )
    session.add(row)
    session.flush()
    outbox.add_notice(
        session,
        "requested",
        at=now,
        request=row.id,
        asker=row.outlet.code,
        reach=row.reach,
        asked=[asked.code] if asked else [],
        by=actor.user_id,
    )
    journal.append(session, {**record_of(row), "actor": f"{Role.OUTLET.value}:{actor.id}"}, at=now)
    return row


def answer(
    session: Session, request_id: int, order: AnswerOrder, *, actor: Actor, now: datetime
) -> tuple[CoverageRequest, RequestAnswer]:
    """Keep an answer and tell the other side of it; returns the request as it stands then, and the answer.

    Raises NotFound, RequestClosed, OtherSide, NotAsked, or Invalid for a story or a question that is not theirs.
    """
    row = get(session, request_id, asker=actor, now=now, locked=True)
    own = _is_own(session, row, actor, on=local_day(now))
    if (order.answer in BY_OUTLET) is not own:
        raise OtherSide(answer=order.answer.value)
    if order.answer not in MAY[RequestState(row.state)]:
        raise RequestClosed(request=row.id)
    organization = None if own else _answering(session, row, actor, on=local_day(now))
    said = RequestAnswer(
        request=row,
        organization=organization,
        answer=order.answer.value,
        question_id=_question(session, row, order).id if own and order.question is not None else None,
        story_id=_story(session, order.story, organization, on=local_day(now)) if order.story else None,
        due_on=order.due_on,
        text=order.text,
        actor_name=actor.name,
        salt=secrets.token_urlsafe(16),
        at=now,
    )
    session.add(said)
    session.flush()
    row.state = reckon_state(session, row)
    _tell(session, row, said, by=actor.user_id, now=now)
    role = Role.OUTLET if own else next(role for role in rights.SPEAKERS[::-1] if role in actor.roles)
    journal.append(session, {**answer_record_of(said), "actor": f"{role.value}:{actor.id}"}, at=now)
    return row, said


def record_of(row: CoverageRequest) -> Mapping[str, Any]:
    """What the journal says of a request: a commitment of its texts, never the texts.

    Needs `row.outlet` and `row.organization` loaded.
    """
    texts = "\n".join((row.title, row.text, row.place, row.person, row.actor_name))
    return {
        "kind": "coverage_request",
        "request": row.id,
        "outlet": row.outlet.code,
        "reach": row.reach,
        "organization": row.organization.code if row.organization else "",
        "needed_by": row.needed_by.isoformat() if row.needed_by else "",
        "note": journal.commitment(row.salt, texts),
    }


def answer_record_of(row: RequestAnswer) -> Mapping[str, Any]:
    """What the journal says of an answer. Needs `row.organization` loaded."""
    return {
        "kind": "request_answered",
        "answer": row.id,
        "request": row.request_id,
        "organization": row.organization.code if row.organization else "",
        "said": row.answer,
        "question": row.question_id,
        "concerns": row.story_id or "",
        "due_on": row.due_on.isoformat() if row.due_on else "",
        "note": journal.commitment(row.salt, f"{row.text}\n{row.actor_name}"),
    }


def reckon_state(session: Session, row: CoverageRequest) -> RequestState:
    """The state that follows from everything that was said to a request."""
    query = select(RequestAnswer.organization_id, RequestAnswer.answer).where(RequestAnswer.request_id == row.id)
    said = session.execute(query.order_by(RequestAnswer.id))
    return state_after([(who, Move(move)) for who, move in said], alone=row.reach == ONE)


def get(session: Session, request_id: int, *, asker: Actor, now: datetime, locked: bool = False) -> CoverageRequest:
    """A request that the asker may know of, with outlet and organization. Raises NotFound."""
    query = _visible(session, asker, now).where(CoverageRequest.id == request_id)
    row = session.scalar(query.with_for_update(of=CoverageRequest) if locked else query)
    if row is None:
        raise NotFound(what=str(request_id), kind="coverage_request")
    return row


def list_page(
    session: Session, *, asker: Actor, state: str | None = None, before: int | None, limit: int, now: datetime
) -> list[CoverageRequest]:
    """Requests with outlets and organizations, newest first: an outlet's own, and those that went to the asker."""
    query = _visible(session, asker, now).order_by(CoverageRequest.id.desc()).limit(limit)
    if state is not None:
        query = query.where(CoverageRequest.state == state)
    if before is not None:
        query = query.where(CoverageRequest.id < before)
    return list(session.scalars(query))


def list_answers(session: Session, row: CoverageRequest, *, asker: Actor, now: datetime) -> list[RequestAnswer]:
    """What was said to a request, oldest first: all of it to its outlet; to others what is of or for their side."""
    on = local_day(now)
    query = select(RequestAnswer).where(RequestAnswer.request_id == row.id).order_by(RequestAnswer.id)
    if Role.SYSTEM not in asker.roles and not _is_own(session, row, asker, on=on):
        within = rights.within_reach(Organization.id, asker, reading.READERS, on=on)
        reached = select(Organization.id).where(within)
        question = aliased(RequestAnswer)
        to_them = select(question.id).where(question.request_id == row.id, question.organization_id.in_(reached))
        theirs = RequestAnswer.organization_id.in_(reached)
        of_outlet = and_(
            RequestAnswer.organization_id.is_(None),
            or_(RequestAnswer.question_id.is_(None), RequestAnswer.question_id.in_(to_them)),
        )
        query = query.where(or_(theirs, of_outlet))
    return list(session.scalars(query.options(joinedload(RequestAnswer.organization))))


def _visible(session: Session, asker: Actor, now: datetime) -> Select[CoverageRequest]:
    on = local_day(now)
    known: list[ColumnElement[bool]] = []
    if outlets := rights.outlets_of(asker):
        known.append(CoverageRequest.outlet_id.in_(users.outlet_family(Outlet.id.in_(outlets), on=on)))
    if not asker.roles.isdisjoint(reading.READERS):
        known.append(rights.within_reach(CoverageRequest.organization_id, asker, reading.READERS, on=on))
        known.append(CoverageRequest.reach == ALL)
        seats = {grant.organization_id for grant in asker.reach(reading.READERS)} - {None}
        above = {place for seat in seats if seat for place in rights.line_of(session, seat, on=on).whole}
        family = organizations.families(above, on=on, name="asked_above")
        known.append(and_(CoverageRequest.reach == BELOW, CoverageRequest.organization_id.in_(select(family.c.id))))
    if Role.SYSTEM in asker.roles:
        known.append(true())
    options = (joinedload(CoverageRequest.outlet, innerjoin=True), joinedload(CoverageRequest.organization))
    return select(CoverageRequest).where(or_(*known)).options(*options)


def _is_own(session: Session, row: CoverageRequest, actor: Actor, *, on: date) -> bool:
    """Does the actor speak for the outlet that asks, or for the one that came after it?"""
    return users.resolve_outlet(session, row.outlet_id, on=on).id in actor.outlet_ids


def _asked(session: Session, code: str, *, on: date) -> Organization:
    """Who is asked, or whoever has come after them."""
    named = organizations.find(session, code)
    found = organizations.resolve(session, named.id, on=on) if named is not None else None
    if found is None or found.is_over(on):
        raise Invalid(faults=[schemas.Fault("/to", "unknown_organization", {"code": code})])
    return found


def _answering(session: Session, row: CoverageRequest, actor: Actor, *, on: date) -> Organization:
    """The organization that somebody answers for: their own where it was asked, else the one asked, if they confirm
    above it. Raises NotAsked.
    """
    own = rights.spoken_for(actor)
    asked = organizations.resolve(session, row.organization_id, on=on) if row.organization_id else None
    if own is not None:
        line = rights.line_of(session, own, on=on)
        if asked is None or asked.id in (line.whole if row.reach == BELOW else line.own):
            return organizations.resolve(session, own, on=on)
    if asked is not None and Role.CONFIRMER in rights.roles_over(session, actor, asked.id, on=on):
        return asked
    raise NotAsked(request=row.id)


def _question(session: Session, row: CoverageRequest, order: AnswerOrder) -> RequestAnswer:
    found = session.get(RequestAnswer, order.question)
    if found is None or found.request_id != row.id or found.answer != Move.QUESTION:
        raise Invalid(faults=[schemas.Fault("/question", "unknown_question", {"question": order.question})])
    return found


def _story(session: Session, story_id: str, organization: Organization | None, *, on: date) -> str:
    """A story of the organization that answers, or of one that it came after."""
    family = organizations.family(organization.id if organization else 0, on=on)
    query = select(Story.id).where(Story.id == story_id, Story.organization_id.in_(select(family.c.id)))
    found = session.scalar(query)
    if found is None:
        raise Invalid(faults=[schemas.Fault("/story", "unknown_story", {"story": story_id})])
    return found


def _tell(session: Session, row: CoverageRequest, said: RequestAnswer, *, by: int | None, now: datetime) -> None:
    facts: dict[str, Any] = {"request": row.id, "answer": said.id, "by": by}
    if said.organization is not None:
        outbox.add_notice(
            session, "answered", at=now, **facts, organization=said.organization.code, outlets=[row.outlet.code]
        )
        return
    kind = "closed" if said.answer == Move.CLOSED else "answered"
    asked = _codes(session, row.id, question=said.question_id)
    outbox.add_notice(session, kind, at=now, **facts, asker=row.outlet.code, asked=asked)


def _codes(session: Session, request_id: int, *, question: int | None) -> Collection[str]:
    """Whom the outlet speaks to: who asked that question, else whoever has said anything."""
    query = select(Organization.code).join(RequestAnswer, RequestAnswer.organization_id == Organization.id)
    query = query.where(RequestAnswer.request_id == request_id)
    if question is not None:
        query = query.where(RequestAnswer.id == question)
    return sorted(set(session.scalars(query)))
