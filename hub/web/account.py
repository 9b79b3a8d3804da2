"""One's own account: name and language, password, sessions, keys. The second factor has pages of its own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, g, request
from werkzeug.wrappers import Response as AnyResponse

from hub.accounts import credentials, own, passwords, sessions, totp
from hub.accounts.credentials import WrongPassword
from hub.accounts.own import BadName
from hub.accounts.passwords import WeakPassword
from hub.errors import HubError, NotFound, TooMany
from hub.http.problems import sentence_of, status_of
from hub.http.services import services
from hub.models import SignedIn
from hub.web import visitors
from hub.web.desks import SIGN_IN_SCRIPTS, go_on, guard, page
from hub.web.visitors import SignInFirst

ADDRESS = "/desk/account"
SHOWN = 50  # sessions, and keys: whoever has more ends some of these first

bp = Blueprint("account", __name__, url_prefix=ADDRESS)
guard(bp)


def own_session() -> SignedIn:
    """The session of this browser. Raises SignInFirst."""
    row = visitors.own_session()
    if row is None:
        raise SignInFirst()
    return row


@bp.get("/", strict_slashes=False)
def show_account() -> AnyResponse:
    return _account_page()


@bp.post("/name")
def change_name() -> AnyResponse:
    row = own_session()
    typed = {name: request.form.get(name, "") for name in ("name", "language")}
    try:
        with services().database.writing() as rows:
            user = own.change(rows, row.user_id, **typed)
    except BadName as refused:
        return _account_page(status_of(refused), typed=typed, faults={"name": explain(refused)})
    g.own_language = user.language
    return go_on(f"{ADDRESS}?done=name")


@bp.post("/password")
def change_password() -> AnyResponse:
    now = services().clock.now()
    current, password = (request.form.get(name, "") for name in ("current_password", "new_password"))
    try:
        token = visitors.gate().change_password(own_session(), current, password, now=now)
    except (WeakPassword, WrongPassword, TooMany) as refused:
        place = "new_password" if isinstance(refused, WeakPassword) else "current_password"
        return _account_page(status_of(refused), faults={place: explain(refused)})
    visitors.renew(token)
    return go_on(f"{ADDRESS}?done=password")


@bp.post("/sessions/<int:session_id>/end")
def end_session(session_id: int) -> AnyResponse:
    row = own_session()
    with services().database.writing() as rows:
        if not sessions.end(rows, row.user_id, session_id):
            raise NotFound(kind="page")
    return go_on(f"{ADDRESS}?done=session#sessions")


@bp.post("/sessions/end-others")
def end_other_sessions() -> AnyResponse:
    row = own_session()
    with services().database.writing() as rows:
        sessions.end_all(rows, row.user_id, but=row.id)
    return go_on(f"{ADDRESS}?done=sessions#sessions")


@bp.post("/keys/<int:key_id>/revoke")
def revoke_key(key_id: int) -> AnyResponse:
    parts, row = services(), own_session()
    with parts.database.writing() as rows:
        own.revoke_key(rows, row.user_id, key_id, now=parts.clock.now())
    return go_on(f"{ADDRESS}?done=key#keys")


def _account_page(
    status: int = HTTPStatus.OK,
    *,
    typed: dict[str, str] | None = None,
    faults: dict[str, list[str]] | None = None,
) -> AnyResponse:
    parts, row = services(), own_session()
    now = parts.clock.now()
    with parts.database.reading() as rows:
        facts: dict[str, Any] = {
            "sessions": sessions.list_of(rows, row.user_id, now=now, limit=SHOWN),
            "keys": own.list_keys(rows, row.user_id, now=now, limit=SHOWN),
            "second_factor": totp.is_on(rows, row.user_id),
            "codes_left": totp.count_recovery_codes(rows, row.user_id),
            "has_password": credentials.has_password(rows, row.user_id),
        }
    return page(
        "account.html",
        status,
        user=row.user,
        own=row,
        typed=typed or {"name": row.user.name, "language": row.user.language},
        faults=faults or {},
        done=request.args.get("done", "") if request.method == "GET" else "",
        least=passwords.LEAST,
        page_scripts=SIGN_IN_SCRIPTS,
        **facts,
    )


def explain(refused: HubError) -> list[str]:
    """A refusal as what stands beside a field."""
    return [sentence_of(refused)]
