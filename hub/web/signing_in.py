"""Signing in and out, a second factor, a forgotten password, and the address from an invitation.

What comes by mail does not stay in the address bar: it goes into the signed cookie, and the page has a plain address.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, current_app, redirect, request, session
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from hub.accounts import credentials, invitations, passwords
from hub.accounts.credentials import NothingToCheck
from hub.accounts.invitations import LinkOver
from hub.accounts.passwords import WeakPassword
from hub.accounts.sessions import CODE, Begun
from hub.errors import HubError, TooMany
from hub.http.problems import sentence_of, status_of
from hub.http.services import services
from hub.http.wording import local
from hub.models import User
from hub.web import kept, protection, visitors
from hub.web.desks import HOUSE, SIGN_IN_SCRIPTS, go_on, page, refuse_nothings, unkept
from hub.web.protection import StaleForm

WELCOME = "welcome"  # the token from a letter, in the signed cookie
NEXT = "next"

bp = Blueprint("signing_in", __name__, template_folder="templates")
bp.before_request(kept.make_room)
bp.before_request(refuse_nothings)
bp.after_request(unkept)


@bp.errorhandler(StaleForm)
def ask_again(_refused: StaleForm) -> AnyResponse:
    """The page of the same form, with what may be kept: the address typed, and a post that waits."""
    sentence = _("This page was open for too long. Nothing was sent; please do it again.")
    if request.endpoint in ("signing_in.sign_in", "signing_in.go_on_with_kept"):
        return _sign_in_page(HTTPStatus.FORBIDDEN, refusal=sentence)
    return page("stale.html", HTTPStatus.FORBIDDEN, refusal=sentence, again=request.path)


# --- e-mail address and password ---------------------------------------------------------------------------


@bp.get("/sign-in")
def sign_in_page() -> AnyResponse:
    if visitors.own_session() is not None and NEXT in request.args:
        return go_on(kept.safe_next(request.args[NEXT]))
    return _sign_in_page()


@bp.post("/sign-in")
def sign_in() -> AnyResponse:
    protection.check_form()
    attempt = visitors.attempt(shared=bool(request.form.get("shared")))
    email, password = request.form.get("email", ""), request.form.get("password", "")
    try:
        begun = visitors.gate().sign_in(email, password, attempt, now=services().clock.now())
    except HubError as refused:
        return _told(_sign_in_page(status_of(refused), refusal=sentence_of(refused)), refused)
    return enter(begun)


def enter(begun: Begun, *, goal: str = "") -> AnyResponse:
    """Let this browser have a session that has begun, and go on: to the code, to what was kept, or to a desk."""
    waiting, goal = kept.only_of(kept.read(), begun.row.user_id), goal or kept.safe_next(request.form.get(NEXT))
    visitors.begin(begun)
    if begun.row.state == CODE:
        return page("sign_in_code.html", kept=waiting, next=goal) if waiting else go_on_to_code(goal)
    return page("go_on.html", kept=waiting) if waiting else go_on(goal)


def go_on_to_code(goal: str) -> AnyResponse:
    """On to the page that asks for the second factor."""
    session[NEXT] = goal
    return go_on("/sign-in/code")


@bp.post("/sign-in/kept")
def go_on_with_kept() -> AnyResponse:
    """Somebody has signed in in another tab, and goes on here with what was kept.

    The token of this form is of the time before that, so browsers have to say that it is a form of ours.
    """
    waiting, own = kept.read(), visitors.own_session()
    if not protection.is_own_post() or waiting is None:
        raise StaleForm()
    if own is None:
        return _sign_in_page(HTTPStatus.FORBIDDEN, over=True)
    if kept.only_of(waiting, own.user_id) is None:
        return page("go_on.html", HTTPStatus.FORBIDDEN, of_another=True)
    return page("go_on.html", kept=waiting)


@bp.post("/sign-out")
def sign_out() -> AnyResponse:
    protection.check_form()
    visitors.end()
    return redirect(local("/sign-in"))


def _sign_in_page(status: int = HTTPStatus.OK, **facts: Any) -> AnyResponse:
    there = current_app.extensions[HOUSE]
    facts["typed"] = {name: request.form.get(name, "") for name in ("email", "shared")}
    facts |= {"next": kept.safe_next(request.values.get(NEXT)), "kept": kept.read()}
    facts |= {"single_sign_on": there and there.house.name, "page_scripts": SIGN_IN_SCRIPTS}
    return page("sign_in.html", status, **facts)


# --- the second factor -------------------------------------------------------------------------------------


@bp.get("/sign-in/code")
def code_page() -> AnyResponse:
    if visitors.waiting_session() is None:
        return go_on("/sign-in")
    return page("sign_in_code.html", next=kept.safe_next(session.get(NEXT)))


@bp.post("/sign-in/code")
def enter_code() -> AnyResponse:
    protection.check_form()
    waiting = visitors.waiting_session()
    goal = kept.safe_next(request.form.get(NEXT))
    if waiting is None:  # it took longer than ten minutes
        return _sign_in_page(HTTPStatus.FORBIDDEN, over=True)
    try:
        begun = visitors.gate().enter_code(
            waiting, request.form.get("code", ""), address=request.remote_addr or "", now=services().clock.now()
        )
    except NothingToCheck:  # somebody ended it at this moment
        return _sign_in_page(HTTPStatus.FORBIDDEN, over=True)
    except HubError as refused:
        told = page("sign_in_code.html", status_of(refused), faults=[sentence_of(refused)], kept=kept.read(), next=goal)
        return _told(told, refused)
    return enter(begun)


# --- a forgotten password ----------------------------------------------------------------------------------


@bp.get("/forgotten")
def forgotten_page() -> AnyResponse:
    return page("forgotten.html", email=request.args.get("email", "")[:254])


@bp.post("/forgotten")
def ask_reset() -> AnyResponse:
    protection.check_form()
    parts = services()
    with parts.database.writing() as rows:
        credentials.ask_reset(rows, request.form.get("email", ""), now=parts.clock.now())
    return go_on("/forgotten/sent")


@bp.get("/forgotten/sent")
def reset_asked() -> AnyResponse:
    return page("forgotten_sent.html")


# --- the address from a letter -----------------------------------------------------------------------------


@bp.get("/welcome/<token>")
def take_invitation(token: str) -> AnyResponse:
    session[WELCOME] = token[:200]
    return go_on("/welcome")


@bp.get("/welcome")
def welcome_page() -> AnyResponse:
    return _welcome_page()


@bp.post("/welcome")
def accept_invitation() -> AnyResponse:
    protection.check_form()
    token, device = str(session.get(WELCOME, "")), visitors.attempt(shared=bool(request.form.get("shared"))).device
    try:
        begun = visitors.gate().accept_invitation(
            token, request.form.get("new_password", ""), device, now=services().clock.now()
        )
    except WeakPassword as refused:
        return _welcome_page(status_of(refused), faults=[sentence_of(refused)])
    except LinkOver as refused:
        return _link_over(refused)
    return enter(begun)


def _welcome_page(status: int = HTTPStatus.OK, **facts: Any) -> AnyResponse:
    parts = services()
    try:
        with parts.database.reading() as rows:
            found = invitations.get(rows, str(session.get(WELCOME, "")), now=parts.clock.now())
    except LinkOver as refused:
        return _link_over(refused)
    user: User = found.user
    first = found.kind == invitations.INVITATION
    typed = {"shared": request.form.get("shared", "")}
    return page(
        "welcome.html",
        status,
        user=user,
        first=first,
        typed=typed,
        least=passwords.LEAST,
        page_scripts=SIGN_IN_SCRIPTS,
        **facts,
    )


def _link_over(refused: LinkOver) -> AnyResponse:
    session.pop(WELCOME, None)
    return page("link_over.html", HTTPStatus.GONE, refusal=sentence_of(refused))


# --- words -------------------------------------------------------------------------------------------------


def _told(answer: AnyResponse, refused: HubError) -> AnyResponse:
    if isinstance(refused, TooMany):
        answer.headers["Retry-After"] = str(refused.facts["seconds"])
    return answer
