"""Receipts: what outlets are asked to do when consent goes, and what they answer; the desk sees the countdown."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, request
from sqlalchemy import ColumnElement, Select, or_

from feeds.text import clean_text
from hub.accounts import rights, users
from hub.actors import Actor, Role
from hub.api import bp, present, present_consent
from hub.api.reading import MAX_PAGE, BadQuery, read_checked, read_number
from hub.clock import local_day
from hub.errors import Invalid
from hub.http.asking import require
from hub.http.services import services
from hub.models import Outlet, Receipt, Story
from hub.outlets import receipts
from hub.regulation.consent import receiving
from schemas.faults import fault_at

DEFAULT_PAGE = 50
SCHEMA = "receipt-answer.v1"
STATES = ("open", "all")


@bp.get("/receipts")
def list_receipts() -> Response:
    actor = require(Role.OUTLET, Role.EDITOR)
    limit = read_number("limit", DEFAULT_PAGE, least=1, most=MAX_PAGE)
    before = read_number("cursor", 0) or None
    state = request.args.get("state", STATES[1])
    if state not in STATES:
        raise BadQuery(parameter="state", sent=state[:40])
    parts = services()
    with parts.database.reading() as session:
        rows = receipts.list_page(
            session,
            within=_within(actor),
            open_only=state == STATES[0],
            before=before,
            limit=limit + 1,
        )
    now = parts.clock.now()
    following = rows[limit - 1].id if len(rows) > limit else None
    return present.linked_page([present_consent.receipt(row, now=now) for row in rows[:limit]], following)


@bp.post("/receipts/<int(max=2147483647):receipt_id>")
def answer_receipt(receipt_id: int) -> tuple[dict[str, Any], int]:
    actor = require(Role.OUTLET)
    said = read_checked(SCHEMA)
    note = clean_text(said.get("note", ""), multiline=True).strip()
    if said["answer"] in receipts.NEED_NOTE and not note:
        raise Invalid(faults=[fault_at(SCHEMA, ("note",), "required")])
    parts = services()
    now = parts.clock.now()
    with parts.database.writing() as session:
        receipt = receipts.get_locked(session, receipt_id, asked=_asked(actor))
        receiving.answer(session, receipt, said["answer"], note=note, actor=actor, now=now)
    return present_consent.receipt(receipt, now=now), HTTPStatus.CREATED


def _within(actor: Actor) -> ColumnElement[bool]:
    """The condition for receipts that the actor reads: asked of their outlets, or about stories they edit."""
    on = local_day(services().clock.now())
    edited = rights.within_reach(Story.organization_id, actor, {Role.EDITOR}, on=on)
    return or_(Receipt.outlet_id.in_(_asked(actor)), edited)


def _asked(actor: Actor) -> Select[int]:
    """The outlets that the actor answers for: those it reads for, and those they have come after."""
    on = local_day(services().clock.now())
    return users.outlet_family(Outlet.id.in_(actor.outlet_ids), on=on)
