"""Filings for machines: quarter reports, ideas and their answers; read where they came from and where they went."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from hub.api import bp, present
from hub.api.once import answer_once
from hub.api.reading import MAX_PAGE, BadQuery, read_json, read_number
from hub.http.asking import require
from hub.http.services import services
from hub.models import Filing
from hub.regulation import reading
from hub.regulation.filed import filings

DEFAULT_PAGE = 50


@bp.post("/filings")
def post_filing() -> Response:
    actor = require(*filings.FILERS)
    document, body = read_json()
    order = filings.read(document)

    def file(session: Session, now: datetime) -> dict[str, Any]:
        return _filing(filings.file(session, order, actor=actor, now=now))

    return answer_once(body, file, actor=actor, call="filings")[0]


@bp.get("/filings")
def list_filings() -> Response:
    actor = require(*reading.READERS)
    limit = read_number("limit", DEFAULT_PAGE, least=1, most=MAX_PAGE)
    before = read_number("cursor", 0) or None
    kind = request.args.get("kind")
    if kind is not None and kind not in filings.KINDS:
        raise BadQuery(parameter="kind", sent=kind[:40])
    parts = services()
    with parts.database.reading() as session:
        rows = filings.list_page(session, asker=actor, kind=kind, before=before, limit=limit + 1, now=parts.clock.now())
    following = rows[limit - 1].id if len(rows) > limit else None
    return present.linked_page([_filing(row) for row in rows[:limit]], following)


def _filing(row: Filing) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "organization": row.organization.code if row.organization else None,
        "to": row.recipient.code if row.recipient else None,
        "quarter": row.quarter or None,
        "answers": row.answers_id,
        "text": row.text,
        "by": row.actor_name,
        "at": present.instant(row.at),
    }
