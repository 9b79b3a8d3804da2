"""Switching a second factor on and off: a picture for the app, a first code, recovery codes that are shown once.

Whoever changes it gives their password, so that a browser left open does not lock its owner out.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from hub.accounts import credentials, totp
from hub.accounts.credentials import WrongCode, WrongPassword
from hub.errors import HubError, TooMany
from hub.http import qr
from hub.http.problems import status_of
from hub.http.services import services
from hub.web import visitors
from hub.web.account import ADDRESS, explain, own_session
from hub.web.desks import SIGN_IN_SCRIPTS, go_on, guard, page

PLACE = f"{ADDRESS}/second-factor"

bp = Blueprint("second_factor", __name__, url_prefix=PLACE)
guard(bp)


@bp.get("/", strict_slashes=False)
def show() -> AnyResponse:
    return _page()


@bp.post("/begin")
def begin() -> AnyResponse:
    parts, row = services(), own_session()
    try:
        _check_password()
    except (WrongPassword, TooMany) as refused:
        return _page(refused, place="begin")
    with parts.database.writing() as rows:
        totp.begin(rows, row.user_id, box=parts.secret, now=parts.clock.now())
    return go_on(PLACE)


@bp.post("/confirm")
def confirm() -> AnyResponse:
    parts, row = services(), own_session()
    code = request.form.get("code", "")
    try:
        codes = visitors.gate().confirm_second_factor(row, code, now=parts.clock.now())
    except (WrongCode, TooMany) as refused:
        return _page(refused, place="code")
    return page("recovery_codes.html", codes=codes, first=True)


@bp.post("/codes")
def renew_codes() -> AnyResponse:
    parts, row = services(), own_session()
    try:
        _check_password()
    except (WrongPassword, TooMany) as refused:
        return _page(refused, place="codes")
    with parts.database.writing() as rows:
        if not totp.is_on(rows, row.user_id):
            return go_on(PLACE)
        codes = totp.renew_recovery_codes(rows, row.user_id, box=parts.secret, now=parts.clock.now())
    return page("recovery_codes.html", codes=codes, first=False)


@bp.post("/off")
def switch_off() -> AnyResponse:
    parts, row = services(), own_session()
    try:
        _check_password()
    except (WrongPassword, TooMany) as refused:
        return _page(refused, place="off")
    with parts.database.writing() as rows:
        credentials.drop_second_factor(rows, row.user, actor=f"user:{row.user_id}", now=parts.clock.now())
    return go_on(f"{ADDRESS}?done=second_factor_off")


def _check_password() -> None:
    """Raises WrongPassword or TooMany; whoever has no password (another house vouches for them) has none to give."""
    row = own_session()
    with services().database.reading() as rows:
        asked = credentials.has_password(rows, row.user_id)
    if asked:
        password = request.form.get("current_password", "")
        visitors.gate().check_password(row, password, now=services().clock.now())


def _page(refused: HubError | None = None, *, place: str = "") -> AnyResponse:
    parts, row = services(), own_session()
    with parts.database.reading() as rows:
        is_on = totp.is_on(rows, row.user_id)
        secret = totp.find_pending(rows, row.user_id, box=parts.secret, now=parts.clock.now())
        left = totp.count_recovery_codes(rows, row.user_id)
        has_password = credentials.has_password(rows, row.user_id)
    picture = None
    if secret:
        uri = totp.key_uri(secret, row.user, issuer=_("Story hub"))
        picture = qr.svg(uri, label=_("QR code for your authenticator app"))
    return page(
        "second_factor.html",
        status_of(refused) if refused else HTTPStatus.OK,
        user=row.user,
        is_on=is_on,
        picture=picture,
        typed_key=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)) if secret else "",
        codes_left=left,
        has_password=has_password,
        faults={place: explain(refused)} if refused else {},
        page_scripts=SIGN_IN_SCRIPTS,
    )
