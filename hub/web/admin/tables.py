"""Tables of organizations: a file is sent, its plan shown line by line, agreed to, and done as it was shown."""

from __future__ import annotations

import csv
import io
from pathlib import PurePath
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from hub import i18n
from hub.accounts import drafts
from hub.accounts.drafts import Sent
from hub.accounts.history import Decision
from hub.accounts.table_columns import BY_CODE, COLUMNS, find_column, label_of
from hub.clock import local_day
from hub.errors import HubError
from hub.http.language import asked_language
from hub.http.services import services
from hub.web.admin import entering, forms
from hub.web.admin.forms import NOTHING, Refused
from hub.web.desks import ADMIN, go_on, open_desk, page
from hub.web.numbers import asked_number

bp = open_desk(ADMIN, __name__, name="admin_tables")
SHOWN = 200  # steps or faults on a page
EXAMPLES = (
    (
        "hoi-phu-nu-ben-lau",
        "Hội Liên hiệp Phụ nữ xã Bến Lau",
        "hoi_phu_nu",
        "",
        "commune",
        "",
        "xã Bến Lau",
        "tỉnh Hải Sơn",
        "2026-01-01",
        "",
    ),
)


@bp.get("/organizations/table")
def show_form() -> Response:
    entering.administrator()
    return _form({}, NOTHING)


@bp.get("/organizations/table/template.csv")
def template() -> Response:
    entering.administrator()
    text, language = io.StringIO(newline=""), asked_language()
    rows = [[label_of(column, cell, language) for column, cell in zip(COLUMNS, row, strict=True)] for row in EXAMPLES]
    csv.writer(text).writerows([[column.heading(language) for column in COLUMNS], *rows])
    body = "\ufeff" + text.getvalue()  # by the mark spreadsheets know that it is UTF-8
    answer = Response(body.encode(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="organizations.csv"'
    return answer


@bp.post("/organizations/table")
def send() -> Response:
    actor, file = entering.administrator(), request.files.get("file")
    now = services().clock.now()
    said = {name: forms.text(name) for name in ("on", "decision", "children_up")}
    try:
        sent = _read(file)
        with services().database.writing() as session:
            row = drafts.keep(session, sent, actor=actor, now=now)
            place = f"/desk/admin/organizations/table/{row.id}"
    except HubError as exc:
        language = asked_language()
        rows = [_fault(fault, language) for fault in exc.faults[:SHOWN]]
        more = max(0, len(exc.faults) - SHOWN)
        return _form(said, forms.refused(exc), rows=rows, more=more)
    return go_on(place)


@bp.get("/organizations/table/<draft_id>")
def show_plan(draft_id: str) -> Response:
    actor = entering.administrator()
    first = asked_number("from") or 0
    now = services().clock.now()
    with services().database.reading() as session:
        row = drafts.get(session, draft_id, actor=actor, now=now)
        if row.done_at is not None:
            return page(
                "admin/table_plan.html", desk=ADMIN, draft=row, plan=None, refusal=NOTHING, steps=[], first=0, more=0
            )
        try:
            plan = drafts.plan_of(session, row, actor=actor, now=now)
        except HubError as exc:
            refusal = forms.refused(exc)
            return page(
                "admin/table_plan.html",
                refusal.status,
                desk=ADMIN,
                draft=row,
                plan=None,
                refusal=refusal,
                steps=[],
                first=0,
                more=0,
            )
    steps = plan.steps[max(first, 0) : max(first, 0) + SHOWN]
    more = first + SHOWN if first + SHOWN < len(plan.steps) else 0
    counts = {kind: sum(step.kind == kind for step in plan.steps) for kind in ("add", "change", "end")}
    facts: dict[str, Any] = {"steps": steps, "first": first, "more": more, "counts": counts}
    facts |= {"heading": _heading, "worded": _worded}
    return page("admin/table_plan.html", desk=ADMIN, draft=row, plan=plan, refusal=NOTHING, **facts)


@bp.post("/organizations/table/<draft_id>")
def agree(draft_id: str) -> Response:
    actor = entering.administrator()
    now = services().clock.now()
    try:
        with services().database.writing() as session:
            drafts.carry_out(session, draft_id, actor=actor, now=now)
    except drafts.PlanChanged as exc:
        refusal = forms.refused(exc)
        return _form({}, refusal)
    return go_on(f"/desk/admin/organizations/table/{draft_id}")


def _form(
    said: dict[str, str], refusal: Refused, *, rows: list[dict[str, str]] | None = None, more: int = 0
) -> Response:
    today = local_day(services().clock.now())
    columns = [column.heading(asked_language()) for column in COLUMNS]
    facts = {"said": said, "refusal": refusal, "rows": rows or [], "more": more, "today": today, "columns": columns}
    return page("admin/table.html", refusal.status, desk=ADMIN, **facts)


def _read(file: FileStorage | None) -> Sent:
    if file is None or not file.filename:
        raise forms.missing("file")
    name = PurePath(file.filename.replace("\\", "/")).name
    on = forms.day("on") or local_day(services().clock.now())
    decision = Decision(on, forms.text("decision") or name)
    return Sent(name, file.read(), decision, children_up=bool(forms.text("children_up")))


def _fault(fault: Any, language: str) -> dict[str, str]:
    """A fault of a table: its line, its column, and what is wrong in words."""
    _, line, *column = fault.pointer.split("/") if fault.pointer.count("/") else ("", "", "")
    return {"line": line, "column": _heading("/".join(column)), "sentence": i18n.fault_sentence(fault, language)}


def _heading(name: str) -> str:
    """What people call a column; what is none of ours stands as the file has it."""
    column = find_column(name)
    return column.heading(asked_language()) if column is not None else name


def _worded(name: str, value: str) -> str:
    """What people call the value of a column."""
    return label_of(BY_CODE[name], value, asked_language())
