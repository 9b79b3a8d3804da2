"""The door for reports of wrongdoing: what comes in is sealed before it is kept; nobody is asked who they are.

No key is looked at, for its use would be noted. The receipt stands in bodies only, never in an address.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response

import schemas
from hub.api import bp, present
from hub.api.reading import read_json
from hub.errors import Invalid
from hub.http.language import asked_language
from hub.http.services import services
from hub.http.silence import silent
from hub.regulation.sealed import report_form, reports


@bp.post("/reports")
@silent
def post_report() -> Response:
    document, _ = read_json(max_bytes=report_form.MAX_BODY_BYTES)
    report = report_form.prepare(document)
    parts = services()
    with parts.database.writing() as session:
        receipt = reports.receive(session, report, now=parts.clock.now())
    return _answer({"receipt": receipt, "status": reports.RECEIVED}, HTTPStatus.CREATED)


@bp.post("/reports/status")
@silent
def ask_report() -> Response:
    document, _ = read_json()
    if faults := schemas.check("receipt.v1", document):
        raise Invalid(faults=faults)
    with services().database.reading() as session:
        told = reports.tell(session, document["receipt"])
    return _answer(
        {
            "status": told.status,
            "label": schemas.vocabulary("report_statuses").label(told.status, asked_language()),
            "outcome": told.outcome,
            "received_on": told.received_on,
            "answered_on": told.answered_on,
        }
    )


def _answer(body: dict[str, Any], status: int = HTTPStatus.OK) -> Response:
    answer = present.json_answer(body, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
