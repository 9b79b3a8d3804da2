"""Whose desk it is: the outlet in the address, the visitor as far as they speak for it, and its menu."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

import orjson
from flask import Response
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from hub.accounts import users
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import NotFound
from hub.http.services import services
from hub.models import Channel, Outlet
from hub.outlets import catalog
from hub.outlets.planning.keeping import Desk as PlanningDesk
from hub.regulation import releasing
from hub.web import visitors
from hub.web.desks import OUTLET, Desk, Place, go_on, open_desk, page

SCRIPTS = ("drafts.js", "keys.js", "copy.js")  # comforts: every page works without them

bp = open_desk(OUTLET, __name__)


@dataclass(frozen=True, slots=True)
class Named:
    """An outlet at which the visitor has a seat."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """An outlet's desk as the visitor may use it: `actor` speaks for this outlet alone."""

    id: int
    code: str
    name: str
    kind: str
    actor: Actor
    user_id: int
    plans: bool  # has a channel that broadcasts are planned for
    others: Sequence[Named]
    desk: Desk

    def path(self, rest: str = "") -> str:
        """The address of a page of this desk."""
        return f"{OUTLET.place.path}{self.code}/{rest}"


@bp.get("/", strict_slashes=False)
def choose_outlet() -> AnyResponse:
    actor = visitors.require(Role.OUTLET)
    with services().database.reading() as session:
        outlets = [Named(row.code, row.name) for row in catalog.list_outlets(session, actor.outlet_ids)]
    if len(outlets) == 1:
        return go_on(f"{OUTLET.place.path}{outlets[0].code}/")
    return page("outlet/choose.html", desk=OUTLET, outlets=outlets)


def enter(code: str) -> Newsroom:
    """The desk of the outlet with this code. Raises NotFound unless the visitor has a seat there."""
    actor = visitors.require(Role.OUTLET)
    with services().database.reading() as session:
        seats = catalog.list_outlets(session, actor.outlet_ids)
        row = next((each for each in seats if each.code == code), None)
        if row is None or actor.user_id is None:
            raise NotFound(what=code, kind="outlet")
        plans = any(map(catalog.has_calendar, catalog.list_of_outlet(session, row.id)))
    return Newsroom(
        id=row.id,
        code=row.code,
        name=row.name,
        kind=row.kind,
        actor=_speaking_for(row, actor),
        user_id=actor.user_id,
        plans=plans,
        others=[Named(each.code, each.name) for each in seats if each is not row],
        desk=replace(OUTLET, sections=_sections(row.code, plans=plans)),
    )


def show(
    room: Newsroom, template: str, status: int = HTTPStatus.OK, *, scripts: Sequence[str] = (), **facts: object
) -> Response:
    """A page of an outlet's desk; `once` names its forms, so that what one of them sends twice is done once."""
    said = {
        "room": room,
        "once": secrets.token_urlsafe(12),
        "keys_texts": _keys_texts(),
        "page_scripts": [*SCRIPTS, *scripts],
    }
    return page(f"outlet/{template}", status, desk=room.desk, **said, **facts)


def _keys_texts() -> str:
    """What the list of keys says, in the language of the page."""
    return orjson.dumps(
        {
            "title": gettext("Keyboard shortcuts on this page"),
            "close": gettext("Close the list"),
            "use": gettext("Use these shortcuts on this device"),
            "next": gettext("Next one"),
            "previous": gettext("One before"),
            "open": gettext("Open it"),
            "help": gettext("Show this list"),
        }
    ).decode()


def channels_of(session: Session, room: Newsroom) -> list[Channel]:
    """The outlet's own channels."""
    return catalog.list_of_outlet(session, room.id)


def channel_of(session: Session, room: Newsroom, code: str) -> Channel:
    """A channel of the outlet, with its outlet. Raises NotFound."""
    row = next((each for each in channels_of(session, room) if each.code == code), None)
    if row is None:
        raise NotFound(what=f"{room.code}/{code}", kind="channel")
    return row


def family_of(session: Session, room: Newsroom) -> list[int]:
    """The outlet and those it has come after, by ids."""
    on = local_day(services().clock.now())
    return sorted(session.scalars(users.outlet_family(Outlet.id == room.id, on=on)))


def planning_desk(session: Session, room: Newsroom) -> PlanningDesk:
    """What every order of the outlet's planning needs."""
    now = services().clock.now()
    limits = releasing.limits_at(session, now)
    return PlanningDesk(outlet_ids=family_of(session, room), actor=room.actor, limits=limits, now=now)


def _speaking_for(row: Outlet, actor: Actor) -> Actor:
    """The visitor with nothing but their seats at this outlet."""
    grants = tuple(grant for grant in actor.grants if grant.role is Role.OUTLET and grant.outlet_id == row.id)
    return replace(actor, grants=grants, code=row.code, outlet_id=row.id, organization_id=None, given_id=None)


def _sections(code: str, *, plans: bool) -> tuple[Place, ...]:
    base = f"{OUTLET.place.path}{code}/"
    planning = (
        Place(f"{base}week/", _("Week")),
        Place(f"{base}segments/", _("Segments")),
        Place(f"{base}programmes/", _("Programmes")),
    )
    return (
        Place(f"{base}inbox/", _("Inbox")),
        Place(f"{base}receipts/", _("To acknowledge")),
        Place(f"{base}pickups/", _("What we used")),
        Place(f"{base}requests/", _("Coverage wanted")),
        *(planning if plans else ()),
        Place(f"{base}keys/", _("Keys and addresses"), also=(f"{base}webhooks/",)),
    )
