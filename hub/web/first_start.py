"""The first start in a browser: five questions to whoever has the code from the operator's terminal.

Nobody is led here: a hub that has users or organizations has no such page.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

import schemas
from hub.accounts import passwords
from hub.errors import HubError, NotFound
from hub.http.language import asked_language
from hub.http.services import services
from hub.operation import first_start
from hub.operation.first_start import Answers
from hub.web import protection
from hub.web.admin import forms
from hub.web.admin.forms import NOTHING, Refused
from hub.web.desks import SIGN_IN_SCRIPTS, page, unkept

bp = Blueprint("first_start", __name__, url_prefix="/first-start")
bp.after_request(unkept)
TEXTS = ("province", "site", "organization", "kind", "name", "email", "newspaper", "television")


@bp.get("", strict_slashes=False)
def show_questions() -> Response:
    _require_fresh()
    said = {"kind": "mat_tran", "regulation": "yes", "beneath": first_start.BENEATH}
    return _form(said, NOTHING)


@bp.post("", strict_slashes=False)
def start() -> Response:
    """The code comes first: nothing is looked at, and no password hashed, for whoever has it not."""
    protection.check_form()
    parts, now = services(), services().clock.now()
    said: dict[str, Any] = {name: forms.text(name) for name in TEXTS}
    said |= {"regulation": forms.text("regulation"), "beneath": request.form.getlist("beneath")}
    try:
        with parts.database.reading() as session:
            if not first_start.is_fresh(session):
                raise first_start.HasBegun()
            first_start.check_code(session, request.form.get("code", ""))
        answers = Answers(
            **{name: said[name] for name in TEXTS},
            beneath=tuple(said["beneath"]),
            password=request.form.get("password", ""),
            regulation=bool(said["regulation"]),
            language=asked_language(),
        )
        first_start.check(answers)
        hashed = passwords.hash_of(answers.password)
        with parts.database.writing() as session:
            begun = first_start.begin(session, answers, hashed=hashed, now=now)
    except first_start.HasBegun as exc:
        return page("admin/first_start_done.html", forms.refused(exc).status, begun=None, answers=None)
    except HubError as exc:
        return _form(said, forms.refused(exc))
    mail = bool(parts.settings.smtp)
    return page("admin/first_start_done.html", begun=begun, answers=answers, mail=mail, formats=("rss", "atom", "json"))


def _require_fresh() -> None:
    with services().database.reading() as session:
        if not first_start.is_fresh(session):
            raise NotFound(kind="page")


def _form(said: dict[str, Any], refusal: Refused) -> Response:
    kinds = schemas.vocabulary("organization_kinds")
    options = [(code, kinds.label(code, asked_language())) for code in kinds.codes]
    beneath = [(code, kinds.label(code, asked_language())) for code in first_start.BENEATH]
    facts: dict[str, Any] = {"said": said, "refusal": refusal, "kinds": options, "beneath": beneath}
    return page("admin/first_start.html", refusal.status, page_scripts=SIGN_IN_SCRIPTS, **facts)
