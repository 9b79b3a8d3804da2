"""Pages for reports of wrongdoing: the form, its receipt, and what became of a report. They need no scripts.

Nobody is asked who they are, no cookie is set, no key is looked at. The form carries no token: it acts with nobody's
authority, so there is none to borrow. What somebody typed comes back to them when it could not be kept; it lies in the
request and in the answer, and nowhere else. A link to the form names no story, for addresses stand in many logs.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus

import orjson
from flask import Blueprint, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from hub.errors import HubError
from hub.http.forms import read_form
from hub.http.services import services
from hub.http.silence import silent
from hub.public.answers import unkept_page
from hub.regulation.sealed import report_form, reports

FAILURES = (HubError, SQLAlchemyError, OSError)  # after which the form comes back with what was typed
MAX_STATUS_BYTES = 10_000

bp = Blueprint("reports", __name__, template_folder="templates")


@bp.get("/report")
@silent
def show_form() -> Response:
    return _form({})


@bp.post("/report")
@silent
def send_report() -> Response:
    fields, files = read_form(max_bytes=report_form.MAX_BODY_BYTES)
    parts = services()
    try:
        report = report_form.prepare(_document(fields, files))
        with parts.database.writing() as session:
            receipt = reports.receive(session, report, now=parts.clock.now())
    except FAILURES as failed:
        return _form(fields, _refusal(failed))
    return unkept_page("report_receipt.html", receipt=receipt)


@bp.get("/report/status")
@silent
def show_status_form() -> Response:
    return unkept_page("report_status.html")


@bp.post("/report/status")
@silent
def show_status() -> Response:
    fields, _ = read_form(max_bytes=MAX_STATUS_BYTES)
    try:
        with services().database.reading() as session:
            told = reports.tell(session, fields.get("receipt", ""))
    except FAILURES as failed:
        refusal = _refusal(failed)
        return unkept_page("report_status.html", refusal.status_code, refusal=_sentences(refusal))
    days = {name: date.fromisoformat(day) for name, day in _days(told) if day}
    return unkept_page("report_status.html", told=told, days=days)


def _form(fields: Mapping[str, str], refusal: Response | None = None) -> Response:
    """The form, with what was typed and why it was refused; without auditors, a page that says so."""
    status = refusal.status_code if refusal is not None else HTTPStatus.OK
    keys = []
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        with services().database.reading() as session:
            keys = reports.list_live_keys(session)
        status = status if keys else HTTPStatus.SERVICE_UNAVAILABLE
    sentences = _sentences(refusal) if refusal is not None else []
    answer = unkept_page("report.html", status, keys=keys, typed=fields, refusal=sentences)
    if refusal is not None and "Retry-After" in refusal.headers:
        answer.headers["Retry-After"] = refusal.headers["Retry-After"]
    return answer


def _document(fields: Mapping[str, str], files: list[tuple[str, bytes]]) -> dict[str, object]:
    document: dict[str, object] = {name: fields.get(name, "") for name in ("text", "story", "contact")}
    if files:
        document["attachments"] = [{"name": name, "data": b64encode(data).decode()} for name, data in files]
    return document


def _refusal(failed: Exception) -> Response:
    """The problem that any view would answer after this error, and its line in the log."""
    problem = current_app.handle_user_exception(failed)
    return current_app.make_response(problem)


def _sentences(refusal: Response) -> list[str]:
    problem = orjson.loads(refusal.get_data())
    return [fault["detail"] for fault in problem.get("errors", ())] or [problem["detail"]]


def _days(told: reports.Told) -> tuple[tuple[str, str | None], ...]:
    return ("received_on", told.received_on), ("answered_on", told.answered_on)
