"""What the outlet is asked to take back, and what it says it did."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

import schemas
from feeds.text import clean_text
from hub.accounts import users
from hub.clock import local_day
from hub.errors import HubError, Invalid, NotFound
from hub.http.services import services
from hub.models import Outlet, Receipt
from hub.outlets import readership, receipts, uses
from hub.publishing import inbox
from hub.regulation.consent import receiving
from hub.web.numbers import asked_number
from hub.web.once import do_once
from hub.web.outlet.newsroom import Newsroom, bp, enter, family_of, show
from hub.web.outlet.refusals import NOTHING, Refusal, refusal_of
from schemas.faults import fault_at

PAGE = 20
SCHEMA = "receipt-answer.v1"


@bp.get("/<outlet>/receipts/", strict_slashes=False)
def list_receipts(outlet: str) -> Response:
    return _page(enter(outlet), NOTHING)


@bp.post("/<outlet>/receipts/<int(max=2147483647):receipt_id>")
def answer_receipt(outlet: str, receipt_id: int) -> AnyResponse:
    room = enter(outlet)

    def answer(session: Session, now: datetime) -> str:
        said, note = _read()
        asked = users.outlet_family(Outlet.id == room.id, on=local_day(now))
        receipt = receipts.get_locked(session, receipt_id, asked=asked)
        receiving.answer(session, receipt, said, note=note, actor=room.actor, now=now)
        return room.path("receipts/")

    try:
        return do_once(room.actor, answer)
    except NotFound:
        raise
    except HubError as refused:
        return _page(room, refusal_of(refused), faulty=receipt_id)


def _read() -> tuple[str, str]:
    """The answer and its note. Raises Invalid."""
    note = clean_text(request.form.get("note", ""), multiline=True).strip()
    document = {"answer": request.form.get("answer", ""), **({"note": note} if note else {})}
    faults = schemas.check(SCHEMA, document)
    if not faults and document["answer"] in receipts.NEED_NOTE and not note:
        faults = [fault_at(SCHEMA, ("note",), "required")]
    if faults:
        raise Invalid(faults=faults)
    return document["answer"], note


def _page(room: Newsroom, refusal: Refusal, *, faulty: int = 0) -> Response:
    parts = services()
    now = parts.clock.now()
    is_open = request.args.get("show") != "all"
    before = asked_number("before")
    with parts.database.reading() as session:
        family = family_of(session, room)
        within = Receipt.outlet_id.in_(family)
        rows = receipts.list_page(session, within=within, open_only=is_open, before=before, limit=PAGE + 1)
        stories = {row.story_id for row in rows[:PAGE]}
        known = inbox.list_known(session, stories, outlet_ids=family)
        told = uses.list_of_outlets(session, family, stories)
        stood = readership.list_stood(session, stories, family)
    return show(
        room,
        "receipts.html",
        refusal.status,
        rows=rows[:PAGE],
        known=known,
        uses=told,
        stood=stood,
        now=now,
        is_open=is_open,
        refusal=refusal,
        faulty=faulty,
        typed=request.form,
        next=f"?{'show=all&' if not is_open else ''}before={rows[PAGE - 1].id}" if len(rows) > PAGE else "",
    )
