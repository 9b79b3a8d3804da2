"""Signing in by another house: out to it, and back. Whoever comes back has to be known here already.

The way out is a page that leads on by itself, since the policy of our forms lets none be answered by another host.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, current_app, request, session
from werkzeug.wrappers import Response as AnyResponse

from hub.accounts import users
from hub.errors import Forbidden, HubError, NotFound
from hub.http.language import asked_language
from hub.http.problems import sentence_of, status_of
from hub.http.services import services
from hub.web import kept, protection, visitors
from hub.web.desks import HOUSE, page, unkept
from hub.web.protection import StaleForm
from hub.web.signing_in import enter

if TYPE_CHECKING:
    from hub.accounts.oidc import Flow, SingleSignOn

FLOW = "elsewhere"  # in the signed cookie while somebody is away

bp = Blueprint("elsewhere", __name__, url_prefix="/sign-in/elsewhere")
bp.before_request(kept.make_room)
bp.after_request(unkept)


class Unknown(Forbidden):
    """Nobody here has the address that the other house vouches for."""

    key = "error.oidc_unknown"


@bp.errorhandler(HubError)
def tell_refusal(refused: HubError) -> AnyResponse:
    return page("elsewhere_failed.html", status_of(refused), refusal=sentence_of(refused))


@bp.errorhandler(StaleForm)
def ask_again(refused: StaleForm) -> AnyResponse:
    return tell_refusal(refused)


def house() -> SingleSignOn:
    """The other house of this hub. Raises NotFound."""
    found = current_app.extensions[HOUSE]
    if found is None:
        raise NotFound(kind="page")
    return cast("SingleSignOn", found)


@bp.post("")
def leave() -> AnyResponse:
    there = house()
    protection.check_form()
    address, flow = there.begin(language=asked_language(), now=services().clock.now())
    goal = kept.safe_next(request.form.get("next"))
    session[FLOW] = {**asdict(flow), "next": goal, "shared": bool(request.form.get("shared"))}
    answer = page("elsewhere.html", address=address, name=there.house.name)
    answer.headers["Refresh"] = f"0; url={address}"
    return answer


@bp.get("/back")
def come_back() -> AnyResponse:
    there = house()
    said: dict[str, Any] = session.pop(FLOW, None) or {}
    now = services().clock.now()
    email = there.finish(_flow_of(said), request.args.to_dict(), now=now)
    with services().database.reading() as rows:
        user = users.find(rows, email)
    if user is None or user.closed_at is not None:
        raise Unknown(email=email[:254])
    device = visitors.attempt(shared=bool(said.get("shared"))).device
    begun = visitors.gate().begin_known(user.id, device, now=now)
    return enter(begun, goal=kept.safe_next(said.get("next")))


def _flow_of(said: dict[str, Any]) -> Flow | None:
    from hub.accounts.oidc import Flow

    try:
        return Flow(**{name: str(said[name]) for name in ("state", "nonce", "verifier", "begun_at")})
    except KeyError:
        return None
