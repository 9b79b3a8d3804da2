"""Administrators over the API: what happens to organizations, users and their roles; and one's own deputies."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any

from flask import Response

from feeds.text import clean_text
from hub.accounts import administration, history
from hub.accounts.administration import Event
from hub.accounts.history import Decision
from hub.accounts.users import Seat
from hub.actors import Role
from hub.api import bp, present, registers
from hub.api.notices import PEOPLE
from hub.api.reading import read_checked
from hub.clock import local_day
from hub.errors import Invalid
from hub.http.asking import NotForYou, require
from hub.http.services import services
from hub.models import User
from schemas import Fault
from schemas.faults import fault_at

EVENT, USER, SEAT, DELEGATION = "organization-event.v1", "user.v1", "membership.v1", "delegation.v1"
NEEDED = {"rename": "name", "move": "parent", "merge": "into", "split": "into"}


@bp.post("/organizations/<code>/events")
def post_organization_event(code: str) -> Response:
    actor = require(Role.ADMIN)
    event = _read_event()
    parts = services()
    now = parts.clock.now()
    with parts.database.writing() as session:
        administration.record_event(session, code, event, actor=actor, now=now)
        newest = history.list_events(session, code)[-max(1, len(event.into)) :]
        items = [registers.event_as_json(row) for row in newest]
    answer = present.json_answer(present.page(items, None), HTTPStatus.CREATED)
    answer.headers["Location"] = parts.settings.address(f"/api/v1/organizations/{code}")
    return answer


@bp.post("/users")
def post_user() -> Response:
    actor = require(Role.ADMIN)
    said = read_checked(USER)
    parts = services()
    with parts.database.writing() as session:
        user, secret = administration.add_user(
            session,
            name=clean_text(said["name"]).strip(),
            email=said["email"],
            language=said.get("language", "vi"),
            actor=actor,
            now=parts.clock.now(),
        )
    body = {"id": user.id, "name": user.name, "email": user.email, "language": user.language}
    body |= {"key": secret} if secret else {}
    answer = present.json_answer(body, HTTPStatus.CREATED)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/users/<int(max=2147483647):user_id>/memberships")
def post_membership(user_id: int) -> tuple[dict[str, Any], int]:
    actor = require(Role.ADMIN)
    said = read_checked(SEAT)
    parts = services()
    now = parts.clock.now()
    on, until = _day(said, "from") or local_day(now), _day(said, "until")
    if until is not None and until <= on:
        raise Invalid(faults=[Fault("/until", "ends_before_it_starts", {})])
    with parts.database.writing() as session:
        place = Seat(role=said["role"], organization=said["organization"])
        user = administration.get_user(session, user_id, actor=actor, now=now)
        row = administration.give_role(session, user, place, on=on, until=until, actor=actor, now=now)
    return registers.seat_as_json(user, row, place.organization), HTTPStatus.CREATED


@bp.post("/me/delegations")
def post_delegation() -> tuple[dict[str, Any], int]:
    actor = require(*PEOPLE)
    if actor.user_id is None:
        raise NotForYou(role=actor.role.value)  # a key of an organization, an outlet or the desk is nobody's own
    said = read_checked(DELEGATION)
    parts = services()
    now = parts.clock.now()
    with parts.database.writing() as session:
        row = administration.delegate(
            session,
            actor.user_id,
            said["deputy"],
            on=_day(said, "from") or local_day(now),
            until=date.fromisoformat(said["until"]),
            note=clean_text(said.get("note", ""), multiline=True).strip(),
            actor=actor,
            now=now,
        )
        deputy = session.get_one(User, row.deputy_id)
    return registers.delegation_as_json(row, deputy), HTTPStatus.CREATED


def _read_event() -> Event:
    said = read_checked(EVENT)
    needed = NEEDED.get(said["event"])
    if needed is not None and not said.get(needed):
        raise Invalid(faults=[fault_at(EVENT, (needed,), "required")])
    into = tuple(dict.fromkeys(said.get("into", ()))) if needed == "into" else ()
    if said["event"] == "merge" and len(into) > 1:
        raise Invalid(faults=[fault_at(EVENT, ("into",), "too_many", count=len(into), limit=1)])
    return Event(
        kind=said["event"],
        decision=Decision(date.fromisoformat(said["on"]), clean_text(said["decision"]).strip()),
        name=clean_text(said.get("name", "")).strip(),
        parent=said.get("parent", ""),
        into=into,
        goes_on=said.get("goes_on", False),
    )


def _day(said: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(said[name]) if name in said else None
