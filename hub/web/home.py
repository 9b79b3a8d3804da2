"""The way to one's desk: whoever has one goes straight there, whoever has several chooses."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from hub.actors import Role
from hub.web import visitors
from hub.web.desks import DESKS, go_on, guard, page

bp = Blueprint("home", __name__, url_prefix="/desk")
guard(bp)


@bp.get("/", strict_slashes=False)
def choose_desk() -> Response:
    actor = visitors.require()
    desks = [desk for desk in DESKS if not actor.roles.isdisjoint(desk.place.roles)]
    if actor.roles == {Role.CONFIRMER}:  # what waits for them, with its deadlines, before what others wrote
        return go_on("/desk/unit/confirm/")
    if len(desks) == 1:
        return go_on(desks[0].place.path)
    if not desks:  # no role today: their own account says so
        return go_on("/desk/account")
    return page("home.html", choices=desks)
