"""The registers as of a day: organizations, users and outlets; and who one is oneself."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from sqlalchemy import ColumnElement, or_, select

from hub.accounts import administration, history, listing, organizations, rights, users
from hub.accounts.listing import Listed
from hub.actors import Actor, Role
from hub.api import bp, present
from hub.api.reading import MAX_PAGE, read_day, read_number
from hub.clock import local_day
from hub.errors import NotFound
from hub.http.asking import require
from hub.http.services import services
from hub.models import Delegation, Membership, Organization, OrganizationState, Outlet, RegisterEvent, User
from hub.outlets import states

DEFAULT_PAGE = 50
SEE_ALL = frozenset({Role.EDITOR, Role.AUDITOR, Role.ADMIN})
SEE_OWN = frozenset({Role.CONTRIBUTOR, Role.CONFIRMER})
SEE_USERS = frozenset({Role.EDITOR, Role.ADMIN})
ANYBODY = (*SEE_ALL, *SEE_OWN, Role.OUTLET)


@bp.get("/organizations")
def list_organizations() -> Response:
    actor = require(*SEE_ALL, *SEE_OWN)
    today = local_day(services().clock.now())
    on, limit = read_day("as_of", today), _limit()
    roots = [] if actor.roles & SEE_ALL else _roots(actor)
    within = organizations.subtree(roots, on=today) if roots else None
    with services().database.reading() as session:
        rows = listing.list_on(session, on, within=within, after=_cursor(), limit=limit + 1)
    following = rows[limit - 1].code if len(rows) > limit else None
    return present.linked_page([_listed(row) for row in rows[:limit]], following)


@bp.get("/organizations/<code>")
def get_organization(code: str) -> dict[str, Any]:
    actor = require(*SEE_ALL, *SEE_OWN)
    today = local_day(services().clock.now())
    query = select(Organization).where(Organization.code == code)
    if not actor.roles & SEE_ALL:
        query = query.where(Organization.id.in_(select(organizations.subtree(_roots(actor), on=today).c.id)))
    with services().database.reading() as session:
        row = session.scalar(query)
        if row is None:
            raise NotFound(what=code, kind="organization")
        spans = organizations.list_states(session, row.id)
        ids = {span.parent_id for span in spans} | {row.parent_id, row.successor_id}
        codes = dict(session.execute(select(Organization.id, Organization.code).where(Organization.id.in_(ids))).all())
        events = history.list_events(session, code)
    return {
        "code": row.code,
        **_facts(row, codes),
        "ended_on": row.ended_on.isoformat() if row.ended_on else None,
        "successor": codes.get(row.successor_id or 0),
        "history": [_span(span, codes) for span in spans],
        "events": [event_as_json(event) for event in events],
    }


@bp.get("/users")
def list_users() -> Response:
    actor = require(*SEE_USERS)
    today = local_day(services().clock.now())
    on, limit = read_day("as_of", today), _limit()
    within: ColumnElement[bool] = rights.within_reach(Membership.organization_id, actor, SEE_USERS, on=today)
    with services().database.reading() as session:
        rows = users.list_on(session, on, within=within, after=read_number("cursor", 0), limit=limit + 1)
    items = [seat_as_json(user, seat, place) for user, seat, place in rows[:limit]]
    return present.linked_page(items, rows[limit - 1][1].id if len(rows) > limit else None)


@bp.get("/outlets")
def list_outlets() -> Response:
    actor = require(*ANYBODY)
    today = local_day(services().clock.now())
    on, limit = read_day("as_of", today), _limit()
    known = None
    if not actor.roles & (SEE_ALL | SEE_OWN):
        own = users.outlet_family(Outlet.id.in_(actor.outlet_ids), on=today)
        known = or_(Outlet.kind == "public", Outlet.id.in_(own))
    with services().database.reading() as session:
        rows = states.list_outlets(session, on=on, known=known, after=_cursor(), limit=limit + 1)
    items = [
        {
            "code": row.code,
            "kind": row.kind,
            "name": row.name,
            "agency": {"code": row.agency, "name": row.agency_name} if row.agency else None,
            "channels": [f"{row.code}/{channel}" for channel in row.channels],
        }
        for row in rows[:limit]
    ]
    return present.linked_page(items, rows[limit - 1].code if len(rows) > limit else None)


@bp.get("/me")
def get_me() -> Response:
    actor = require(*ANYBODY)
    on = local_day(services().clock.now())
    with services().database.reading() as session:
        roles = administration.list_roles(session, actor)
        absences: list[tuple[Delegation, User]] = []
        if actor.user_id is not None:
            query = select(Delegation, User).join(User, User.id == Delegation.deputy_id)
            query = query.where(Delegation.user_id == actor.user_id, Delegation.valid_to > on)
            absences = [(row[0], row[1]) for row in session.execute(query.order_by(Delegation.id))]
    body = {
        "name": actor.name,
        "user": actor.user_id,
        "organization": actor.code if actor.organization_id is not None else None,
        "roles": [
            {
                "role": role.value,
                "organization": organization or None,
                "outlet": outlet or None,
                "reaches": "one" if alone or outlet else "subtree" if organization else "all",
                "deputy": deputy_for is not None,
            }
            for role, organization, outlet, alone, deputy_for in roles
        ],
        "deputies": [delegation_as_json(row, deputy) for row, deputy in absences],
    }
    answer = present.json_answer(body)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def seat_as_json(user: User, seat: Membership, place: str) -> dict[str, Any]:
    """A role that somebody has; `place` is the code of the organization or outlet."""
    return {
        "user": {"id": user.id, "name": user.name, "email": user.email},
        "role": seat.role,
        "organization": place if seat.organization_id is not None else None,
        "outlet": place if seat.outlet_id is not None else None,
        "from": seat.valid_from.isoformat(),
        "until": seat.valid_to.isoformat() if seat.valid_to else None,
    }


def delegation_as_json(row: Delegation, deputy: User) -> dict[str, Any]:
    """Who stands in, from when to when."""
    return {
        "deputy": {"id": deputy.id, "name": deputy.name},
        "from": row.valid_from.isoformat(),
        "until": row.valid_to.isoformat(),
    }


def event_as_json(event: RegisterEvent) -> dict[str, Any]:
    """A row of the register."""
    return {
        "event": event.kind,
        "on": event.on.isoformat(),
        "decision": event.decision,
        "subject": event.subject,
        "successor": event.successor or None,
        "heir": event.heir,
    }


def _roots(actor: Actor) -> list[int]:
    return sorted({grant.organization_id for grant in actor.reach(SEE_OWN) if grant.organization_id is not None})


def _limit() -> int:
    return read_number("limit", DEFAULT_PAGE, least=1, most=MAX_PAGE)


def _cursor() -> str:
    return request.args.get("cursor", "")


def _listed(row: Listed) -> dict[str, Any]:
    names = ("code", "name", "system", "kind", "level", "commune", "province")
    return {**{name: getattr(row, name) for name in names}, "parent": row.parent or None}


def _span(state: OrganizationState, codes: dict[int, str]) -> dict[str, Any]:
    until = state.valid_to.isoformat() if state.valid_to else None
    return {"from": state.valid_from.isoformat(), "until": until, **_facts(state, codes)}


def _facts(row: Organization | OrganizationState, codes: dict[int, str]) -> dict[str, Any]:
    names = ("name", "system", "kind", "level", "commune", "province")
    return {**{name: getattr(row, name) for name in names}, "parent": codes.get(row.parent_id or 0)}
