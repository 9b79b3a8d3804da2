"""Outlets and press agencies: who receives, whose they are, what happens to them, and what they promised."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response

import schemas
from hub.accounts import history as register
from hub.actors import Role
from hub.clock import local_day
from hub.errors import HubError, NotFound
from hub.http.language import asked_language
from hub.http.services import services
from hub.outlets import catalog, editing, history, states, terms
from hub.outlets.terms import Paper
from hub.web import visitors
from hub.web.admin import entering, forms, happening
from hub.web.admin.forms import NOTHING, PAGE, Refused
from hub.web.admin.happening import Subject
from hub.web.desks import ADMIN, go_on, open_desk, page

bp = open_desk(ADMIN, __name__, name="admin_outlets")
HOME = "/desk/admin/outlets/"
AGENCIES = "/desk/admin/agencies/"
KINDS = ("newspaper", "television", "radio", "bulletin", "public")
NEW_FIELDS = ("agency", "agency_name", "code", "name", "kind", "channel", "title", "profile", "audience")


@bp.get("/outlets/")
def show_outlets() -> Response:
    visitors.require(Role.ADMIN, Role.AUDITOR)
    now, after = services().clock.now(), request.args.get("after", "")
    with services().database.reading() as session:
        rows = states.list_outlets(session, on=local_day(now), after=after, limit=PAGE + 1)
        past = request.args.get("agencies_after", "")
        agencies = states.list_agencies(session, on=local_day(now), after=past, limit=PAGE + 1)
        ended = editing.list_ended(session, limit=PAGE + 1)
        changes = entering.reaches_whole(session)
    following = forms.following([row.code for row in rows], PAGE)
    next_agency = forms.following([row.code for row in agencies], PAGE)
    facts: dict[str, Any] = {"rows": rows[:PAGE], "agencies": agencies[:PAGE], "changes": changes}
    facts |= {"ended": ended[:PAGE], "ended_left_off": len(ended) > PAGE}
    facts |= {"more_agencies": f"{HOME}?agencies_after={next_agency}#agencies" if next_agency else ""}
    return page("admin/outlets.html", desk=ADMIN, more=f"{HOME}?after={following}" if following else "", **facts)


@bp.get("/outlets/new")
def show_new() -> Response:
    entering.require_whole()
    return _new_form({}, NOTHING)


@bp.post("/outlets/new")
def add() -> Response:
    actor, said = entering.require_whole(), {name: forms.text(name) for name in NEW_FIELDS}
    try:
        with services().database.writing() as session:
            code = editing.add_outlet(session, _document(said), actor=actor, now=services().clock.now())
    except HubError as exc:
        return _new_form(said, forms.refused(exc, NEW_POINTERS))
    return go_on(f"{HOME}{code}/")


@bp.get("/outlets/<code>/")
def show_one(code: str) -> Response:
    visitors.require(Role.ADMIN, Role.AUDITOR)
    return _page_of(code, {}, NOTHING)


@bp.post("/outlets/<code>/events")
def happen(code: str) -> Response:
    return happening.happen(OF_OUTLET, code)


@bp.post("/outlets/<code>/terms")
def add_term(code: str) -> Response:
    actor, said = entering.require_whole(), {name: forms.text(name) for name in ("paper", "signed", "first", "last")}
    try:
        if not said["paper"]:
            raise forms.missing("paper")
        first = forms.needed_day("first")
        paper = Paper(
            number=said["paper"], signed_on=forms.needed_day("signed"), valid_from=first, valid_to=forms.day("last")
        )
        with services().database.writing() as session:
            terms.add(session, code, paper, actor=actor.mark, now=services().clock.now())
    except HubError as exc:
        return _page_of(code, {**said, "event": "term"}, forms.refused(exc))
    return go_on(f"{HOME}{code}/")


@bp.post("/outlets/<code>/terms/<int(max=2147483647):term_id>/end")
def end_term(code: str, term_id: int) -> Response:
    actor, now = entering.require_whole(), services().clock.now()
    try:
        last = forms.day("last") or local_day(now)
        with services().database.writing() as session:
            if term_id not in {row.id for row in terms.list_terms(session, outlet=code)}:
                raise NotFound(what=str(term_id), kind="term")
            terms.end(session, term_id, last, actor=actor.mark, now=now)
    except HubError as exc:
        return _page_of(code, {}, forms.refused(exc))
    return go_on(f"{HOME}{code}/")


@bp.get("/agencies/<code>/")
def show_agency(code: str) -> Response:
    visitors.require(Role.ADMIN, Role.AUDITOR)
    return _agency_page(code, {}, NOTHING)


@bp.post("/agencies/<code>/events")
def happen_to_agency(code: str) -> Response:
    return happening.happen(OF_AGENCY, code)


def _page_of(code: str, said: dict[str, str], refusal: Refused) -> Response:
    now = services().clock.now()
    with services().database.reading() as session:
        outlet = catalog.get_outlet(session, code)
        facts: dict[str, Any] = {
            "outlet": outlet,
            "agency": editing.get_agency_of(session, outlet, now=now),
            "successor": session.get(type(outlet), outlet.successor_id) if outlet.successor_id else None,
            "channels": catalog.list_of_outlet(session, outlet.id),
            "spans": list(reversed(states.list_states(session, outlet))),
            "events": list(reversed(register.list_events(session, code, register=history.OUTLET))),
            "terms": list(reversed(terms.list_terms(session, outlet=code))),
            "changes": entering.reaches_whole(session) and outlet.ended_on is None,
        }
    facts |= {"kinds": OF_OUTLET.kinds, "said": said, "today": local_day(now)}
    return page("admin/outlet.html", refusal.status, desk=ADMIN, refusal=refusal, **facts)


def _agency_page(code: str, said: dict[str, str], refusal: Refused) -> Response:
    now = services().clock.now()
    with services().database.reading() as session:
        agency = history.get_agency(session, code)
        owned = states.list_agencies(session, on=local_day(now), code=code)
        facts: dict[str, Any] = {
            "agency": agency,
            "outlets": owned[0].outlets if owned else (),
            "spans": list(reversed(states.list_states(session, agency))),
            "events": list(reversed(register.list_events(session, code, register=history.AGENCY))),
            "changes": entering.reaches_whole(session) and agency.ended_on is None,
        }
    facts |= {"kinds": OF_AGENCY.kinds, "said": said, "today": local_day(now)}
    return page("admin/agency.html", refusal.status, desk=ADMIN, refusal=refusal, **facts)


NEW_POINTERS = {
    "/agency": "agency",
    "/agency/code": "agency",
    "/agency/name": "agency_name",
    "/outlets/0/code": "code",
    "/outlets/0/name": "name",
    "/outlets/0/kind": "kind",
    "/outlets/0/channels/0/code": "channel",
    "/outlets/0/channels/0/title": "title",
    "/outlets/0/channels/0/profile": "profile",
    "/outlets/0/channels/0/audience": "audience",
}


def _new_form(said: dict[str, str], refusal: Refused) -> Response:
    with services().database.reading() as session:
        known = states.list_agencies(session, on=local_day(services().clock.now()), limit=PAGE)
    profiles = schemas.vocabulary("profiles")
    options = [(code, profiles.label(code, asked_language())) for code in profiles.codes]
    facts: dict[str, Any] = {"said": said, "agencies": known, "profiles": options, "kinds": KINDS}
    return page("admin/outlet_new.html", refusal.status, desk=ADMIN, refusal=refusal, **facts)


def _document(said: dict[str, str]) -> dict[str, Any]:
    """The file that a form stands for; an agency that is known already keeps its name."""
    channel: dict[str, Any] = {"code": said["channel"], "title": said["title"], "profile": said["profile"]}
    channel |= {"audience": said["audience"], "selection": {}}
    outlet = {"code": said["code"], "kind": said["kind"], "name": said["name"], "channels": [channel]}
    if said["kind"] == "public" or not said["agency"]:
        return {"outlets": [outlet]}
    with services().database.reading() as session:
        known = states.list_agencies(session, on=local_day(services().clock.now()), code=said["agency"])
    name = known[0].name if known else said["agency_name"]
    return {"agency": {"code": said["agency"], "name": name}, "outlets": [outlet]}


OF_OUTLET = Subject(
    what="outlet",
    home=HOME,
    kinds=("rename", "move", "merge", "close"),
    find=catalog.get_outlet,
    foresee=editing.foresee,
    do=editing.happen_to_outlet,
    page_of=_page_of,
)
OF_AGENCY = Subject(
    what="agency",
    home=AGENCIES,
    kinds=("rename", "merge", "close"),
    find=history.get_agency,
    foresee=editing.foresee_for_agency,
    do=editing.happen_to_agency,
    page_of=_agency_page,
)
