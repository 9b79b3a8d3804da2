"""The regulation as a document with its machine parts in the margin, its editions, and drafts of the next one."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub import i18n
from hub.actors import Role
from hub.clock import local_day
from hub.errors import HubError, Invalid, NotFound
from hub.http.language import asked_language
from hub.http.services import services
from hub.models import Edition
from hub.regulation.edition import differences, drafting, editions, gaps, margin, places, positions, side_by_side
from hub.regulation.edition.differences import Difference
from hub.regulation.edition.drafting import RegulationRefused
from hub.web import visitors
from hub.web.admin import entering, forms
from hub.web.admin.forms import NOTHING, Refused
from hub.web.desks import ADMIN, go_on, open_desk, page
from hub.web.numbers import sent_number
from schemas import Fault

bp = open_desk(ADMIN, __name__, name="admin_regulation")
HOME = "/desk/admin/regulation/"
MOST_BYTES = 2 * 1024 * 1024
FAULTS_SHOWN = 200
ESCAPED, FEW_LINES = "\\u", 50  # marks of a file that a program wrote


@bp.get("/regulation/")
def show_in_force() -> Response:
    visitors.require(Role.ADMIN, Role.AUDITOR)
    with services().database.reading() as session:
        found = editions.edition_in_force(session, services().clock.now())
    return show_edition(found.id) if found.id else _empty()


@bp.get("/regulation/<int(max=2147483647):edition_id>/")
def show_edition(edition_id: int) -> Response:
    visitors.require(Role.ADMIN, Role.AUDITOR)
    now, language = services().clock.now(), asked_language()
    with services().database.reading() as session:
        row = _get(session, edition_id)
        rows, current = editions.list_all(session), editions.edition_in_force(session, now).id
        changes = entering.reaches_whole(session)
    document = positions.read(row.document).document
    notes = {
        clause["number"]: margin.notes_of(clause, language)
        for chapter in document["chapters"]
        for clause in chapter["clauses"]
    }
    facts: dict[str, Any] = {"edition": row, "document": document, "notes": notes, "changes": changes}
    facts["dated"] = date.fromisoformat(document["dated"])
    facts |= {"editions": _listed(rows, current, now), "gaps": _gaps(drafting.build(document), language)}
    facts |= {"bases": {each["id"]: each for each in document["legal_bases"]}}
    template = "admin/regulation_print.html" if request.args.get("view") == "print" else "admin/regulation.html"
    return page(template, desk=ADMIN, **facts)


@bp.get("/regulation/<int(max=2147483647):old_id>/difference/<int(max=2147483647):new_id>/")
def show_difference(old_id: int, new_id: int) -> Response:
    visitors.require(Role.ADMIN, Role.AUDITOR)
    with services().database.reading() as session:
        old, new = _get(session, old_id), _get(session, new_id)
    compared = side_by_side.compare(positions.read(old.document).document, positions.read(new.document).document)
    facts: dict[str, Any] = {"old": old, "new": new, "compared": compared, "said": _said}
    return page("admin/regulation_difference.html", desk=ADMIN, **facts)


@bp.get("/regulation/<int(max=2147483647):edition_id>/regulation.json")
def download(edition_id: int) -> Response:
    visitors.require(Role.ADMIN, Role.AUDITOR)
    with services().database.reading() as session:
        row = _get(session, edition_id)
    answer = Response(row.document, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="regulation-{row.id}.json"'
    return answer


@bp.get("/regulation/draft")
def show_draft() -> Response:
    entering.require_whole()
    with services().database.reading() as session:
        current = editions.edition_in_force(session, services().clock.now()).id
        text = _get(session, current).document if current else editions.default_text()
    return _draft_page(_legible(text), NOTHING)


@bp.post("/regulation/draft")
def check_or_adopt() -> Response:
    """`step` adopt puts the very text that was checked before into force; everything else checks it."""
    actor = entering.require_whole()
    try:
        text = _text()
    except HubError as exc:
        return _draft_page("", forms.refused(exc))
    adopts = request.form.get("step") == "adopt" and request.form.get("seen") == _digest(text)
    try:
        if not text.strip():
            raise forms.missing("text")
        if adopts:
            with services().database.writing() as session:
                row = editions.adopt(
                    session,
                    text,
                    effective_on=forms.day("day"),
                    instead_of=sent_number("instead_of"),
                    seen=request.form.get("compared_with", ""),
                    actor=actor.mark,
                    now=services().clock.now(),
                )
                goal = f"{HOME}{row.id}/"
            return go_on(goal)
        draft = editions.read(text)
    except RegulationRefused as exc:
        return _draft_page(text, forms.refused(exc), faults=[_fault(each) for each in exc.faults[:FAULTS_SHOWN]])
    except HubError as exc:
        held = editions.read(text) if text.strip() else None
        awaits = exc.facts.get("edition") if isinstance(exc, editions.EditionAwaits) else None
        return _draft_page(text, forms.refused(exc, {"error.edition_in_the_past": "day"}), draft=held, awaits=awaits)
    return _draft_page(text, NOTHING, draft=draft)


def _empty() -> Response:
    now = services().clock.now()
    with services().database.reading() as session:
        rows, changes = editions.list_all(session), entering.reaches_whole(session)
    return page("admin/regulation_none.html", desk=ADMIN, editions=_listed(rows, 0, now), changes=changes)


def _draft_page(
    text: str,
    refusal: Refused,
    *,
    faults: list[dict[str, Any]] | None = None,
    draft: editions.Draft | None = None,
    awaits: int | None = None,
) -> Response:
    compared, now = None, services().clock.now()
    with services().database.reading() as session:
        current, state = editions.edition_in_force(session, now).id, editions.state_of(session, now=now)
        if draft is not None and current:
            before = positions.read(_get(session, current).document).document
            compared = side_by_side.compare(before, draft.source.document)
    found = _gaps(draft.regulation, asked_language()) if draft is not None else []
    facts: dict[str, Any] = {"text": text, "seen": _digest(text), "faults": faults or [], "draft": draft}
    facts |= {"compared": compared, "gaps": found, "said": _said, "awaits": awaits, "today": local_day(now)}
    facts |= {"day": request.form.get("day", ""), "current": current, "compared_with": state}
    return page("admin/regulation_draft.html", refusal.status, desk=ADMIN, refusal=refusal, **facts)


def _text() -> str:
    """The file that was sent, else what stands in the field; lines end as files of ours do. Raises Invalid."""
    file = request.files.get("file")
    if file is not None and file.filename:
        size = file.seek(0, os.SEEK_END)
        if size > MOST_BYTES:
            raise Invalid(faults=[Fault("/file", "too_large", {"size": size, "limit": MOST_BYTES})])
        file.seek(0)
        return str(file.read(), "utf-8", "replace").replace("\r\n", "\n")
    return request.form.get("text", "").replace("\r\n", "\n")


def _legible(text: str) -> str:
    """The same file for people to change: a member a line, and letters as letters."""
    if ESCAPED not in text and text.count("\n") > FEW_LINES:
        return text  # as somebody wrote it
    return json.dumps(positions.read(text).document, ensure_ascii=False, indent=2) + "\n"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _get(session: Any, edition_id: int) -> Edition:
    row: Edition | None = session.get(Edition, edition_id)
    if row is None:
        raise NotFound(what=str(edition_id), kind="regulation")
    return row


def _listed(rows: list[Edition], current: int, now: Any) -> list[dict[str, Any]]:
    """The editions, the newest first, with what each is, and the one before it."""
    replaced = editions.list_replaced(rows)
    listed, before = [], None
    for row in rows:
        state = "in_force" if row.id == current else "to_come" if row.effective_at > now else "past"
        listed.append({"row": row, "state": "replaced" if row.id in replaced else state, "before": before})
        before = before if row.id in replaced else row.id
    return listed[::-1]


def _gaps(regulation: Any, language: str) -> list[str]:
    """What no clause speaks of, in words."""
    found = gaps.find(regulation)
    acts = ", ".join(i18n.sentence(margin.EVERY_ACT.get(code, code), language) for code in found.acts)
    lines = [_("No clause speaks of these acts: %(acts)s.", acts=acts)] if found.acts else []
    for code in (*found.refusals, *found.unasked):
        lines.append(
            _("No clause stands for this refusal: %(sentence)s", sentence=margin.refusal_in_words(code, language))
        )
    return lines


def _fault(fault: Any) -> dict[str, Any]:
    language = asked_language()
    place = fault.facts["place"][language] if "place" in fault.facts else ""
    return {
        "line": fault.facts["line"],
        "place": place,
        "sentence": i18n.fault_sentence(fault, language),
        "pointer": fault.pointer,
    }


def _said(found: Difference) -> str:
    """A difference as one reads it; of a rule where, what stood there and what stands there now."""
    if found.rule is None:
        return found.title
    rule, language = found.rule, asked_language()
    way = [places.PARAGRAPH[language].format(rule.paragraph), places.within_rule(rule.path)[language]]
    return f"{', '.join(filter(None, way))}: {_value(rule.before)} → {_value(rule.after)}"


def _value(value: Any) -> str:
    if value is None:
        return "–"
    if differences.is_span(value):
        ((unit, amount),) = value.items()
        word = places.unit_of(unit)[asked_language()]
        return word if amount is True else f"{amount} {word}"
    if isinstance(value, list):
        return ", ".join(_value(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_value(each)}" for name, each in value.items())
    return str(value)
