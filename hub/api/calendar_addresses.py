"""The address of a unit's calendar: made, made anew, looked at and taken back by the unit itself."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from hub.accounts import calendar_addresses, organizations, rights
from hub.actors import Actor
from hub.api import bp, present
from hub.clock import local_day
from hub.errors import NotFound
from hub.http.asking import NotForYou, require
from hub.http.services import services
from hub.models import Key, Organization


@bp.post("/calendar-address")
def post_calendar_address() -> Response:
    actor = require(*rights.SPEAKERS)
    parts = services()
    now = parts.clock.now()
    with parts.database.writing() as session:
        organization = _own(session, actor)
        made = calendar_addresses.make(session, organization, actor=actor, now=now)
        shown = _address(made.row, organization)
    path = f"/calendars/{made.secret}.ics"
    return _unkept({**shown, "url": parts.settings.address(path)}, HTTPStatus.CREATED)


@bp.get("/calendar-address")
def get_calendar_address() -> Response:
    actor = require(*rights.SPEAKERS)
    parts = services()
    with parts.database.reading() as session:
        organization = _own(session, actor)
        row = calendar_addresses.find(session, organization, now=parts.clock.now())
    if row is None:
        raise NotFound(kind="key")
    return _unkept(_address(row, organization), HTTPStatus.OK)


@bp.delete("/calendar-address")
def delete_calendar_address() -> Response:
    actor = require(*rights.SPEAKERS)
    parts = services()
    with parts.database.writing() as session:
        calendar_addresses.revoke(session, _own(session, actor), actor=actor, now=parts.clock.now())
    return Response(status=HTTPStatus.NO_CONTENT)


def _own(session: Session, actor: Actor) -> Organization:
    own = rights.spoken_for(actor)
    if own is None:
        raise NotForYou(role=actor.role.value)
    return organizations.resolve(session, own, on=local_day(services().clock.now()))


def _address(row: Key, organization: Organization) -> dict[str, Any]:
    return {
        "organization": organization.code,
        "prefix": row.prefix,
        "created_at": present.instant(row.created_at),
        "last_used_at": present.instant(row.last_used_at),
    }


def _unkept(body: dict[str, Any], status: HTTPStatus) -> Response:
    answer = present.json_answer(body, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
