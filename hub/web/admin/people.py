"""People: who has which role where and from when to when, deputies, keys, and closed accounts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

import schemas
from hub.accounts import administration, credentials, managing, naming, people, sessions, totp, whole_hub
from hub.accounts.administration import ADMINS
from hub.accounts.browsing import READERS
from hub.accounts.people import Question
from hub.accounts.users import Seat
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.delivery import account_letters
from hub.errors import HubError, Invalid, NotFound
from hub.http.language import LANGUAGES, asked_language
from hub.http.services import services
from hub.models import Outlet
from hub.outlets import states
from hub.web import once, visitors
from hub.web.admin import entering, forms
from hub.web.admin.forms import NOTHING, PAGE, Refused
from hub.web.desks import ADMIN, go_on, open_desk, page
from hub.web.numbers import asked_number, sent_number

bp = open_desk(ADMIN, __name__, name="admin_people")
HOME = "/desk/admin/people/"
SESSIONS_SHOWN = 20
MOST_ID = "int(max=2147483647)"
NEW_FIELDS = ("name", "email", "language", "role", "place", "on", "until", "invite")


@bp.get("/people/")
def show_people() -> Response:
    actor = visitors.require(Role.ADMIN, Role.AUDITOR)
    names = ("q", "role", "organization", "outlet", "closed")
    said = {name: request.args.get(name, "").strip() for name in names}
    after = asked_number("after") or 0
    with services().database.reading() as session:
        now = services().clock.now()
        question, refusal = _question(session, said, actor)
        found = people.list_people(session, question, actor=actor, now=now, after=after, limit=PAGE + 1)
    more = ""
    if len(found) > PAGE:
        kept = {name: value for name, value in said.items() if value}
        more = f"{HOME}?{urlencode({**kept, 'after': found[PAGE - 1].user.id})}"
    facts: dict[str, Any] = {"said": said, "people": found[:PAGE], "more": more, "roles": _roles(), "refusal": refusal}
    return page("admin/people.html", desk=ADMIN, may_add=entering.administers_anything(actor), **facts)


@bp.get("/people/new")
def show_new() -> Response:
    entering.administrator()
    return _new_form({"place": request.args.get("organization", "")}, NOTHING)


@bp.post("/people/new")
def add() -> Response:
    """A user and, where one is named, their first role: both or neither."""
    actor, said = entering.administrator(), {name: forms.text(name) for name in NEW_FIELDS}
    now = services().clock.now()
    try:
        on, until = forms.day("on") or local_day(now), forms.day("until")
        language = said["language"] if said["language"] in LANGUAGES else LANGUAGES[0]
        with services().database.writing() as session:
            user = managing.add_user(
                session, name=said["name"], email=said["email"], language=language, actor=actor, now=now
            )
            if said["role"]:
                place = _seat(session, said["role"], said["place"], actor)
                administration.give_role(session, user, place, on=on, until=until, actor=actor, now=now)
            if said["invite"]:
                account_letters.invite(session, user, actor=actor.mark, now=now)
            goal = f"{HOME}{user.id}/"
    except HubError as exc:
        return _new_form(said, forms.refused(exc, _fields_of(exc)))
    return go_on(goal)


@bp.get(f"/people/<{MOST_ID}:user_id>/")
def show_one(user_id: int) -> Response:
    return _page_of(user_id, visitors.require(Role.ADMIN, Role.AUDITOR))


@bp.post(f"/people/<{MOST_ID}:user_id>/seats")
def seat(user_id: int) -> Response:
    actor, now = entering.administrator(), services().clock.now()
    try:
        on, until = forms.day("on") or local_day(now), forms.day("until")
        with services().database.writing() as session:
            place = _seat(session, forms.text("role"), forms.text("place"), actor)
            user = managing.get_user(session, user_id, actor=actor, now=now)
            administration.give_role(session, user, place, on=on, until=until, actor=actor, now=now)
    except HubError as exc:
        return _page_of(user_id, actor, forms.refused(exc, _fields_of(exc)), form="seat")
    return go_on(f"{HOME}{user_id}/")


@bp.post(f"/people/<{MOST_ID}:user_id>/seats/<{MOST_ID}:seat_id>/end")
def unseat(user_id: int, seat_id: int) -> Response:
    actor, now = entering.administrator(), services().clock.now()
    try:
        on = forms.day("on") or local_day(now)
        with services().database.writing() as session:
            managing.unseat(session, user_id, seat_id, on=on, actor=actor, now=now)
    except HubError as exc:
        return _page_of(user_id, actor, forms.refused(exc))
    return go_on(f"{HOME}{user_id}/")


@bp.post(f"/people/<{MOST_ID}:user_id>/deputies")
def name_deputy(user_id: int) -> Response:
    actor, now = entering.administrator(), services().clock.now()
    try:
        on, until = forms.day("on") or local_day(now), forms.needed_day("until")
        said = {"deputy": forms.text("deputy"), "note": forms.text("note")}
        with services().database.writing() as session:
            managing.name_deputy(session, user_id, on=on, until=until, actor=actor, now=now, **said)
    except HubError as exc:
        return _page_of(user_id, actor, forms.refused(exc), form="deputy")
    return go_on(f"{HOME}{user_id}/")


@bp.post(f"/people/<{MOST_ID}:user_id>/deputies/<{MOST_ID}:row_id>/end")
def end_deputy(user_id: int, row_id: int) -> Response:
    actor, now = entering.administrator(), services().clock.now()
    try:
        with services().database.writing() as session:
            managing.end_deputy(session, user_id, row_id, actor=actor, now=now)
    except HubError as exc:
        return _page_of(user_id, actor, forms.refused(exc))
    return go_on(f"{HOME}{user_id}/")


@bp.post(f"/people/<{MOST_ID}:user_id>/keys")
def mint_key(user_id: int) -> Response:
    """The answer shows the key: nothing keeps it, so no other page could. The same form once more makes no other."""
    actor, now = entering.administrator(), services().clock.now()
    try:
        with services().database.writing() as session:
            if not once.is_first(session, actor, f"key of {user_id}", now=now):
                return go_on(f"{HOME}{user_id}/?done=key")
            secret = managing.mint_key(session, user_id, label=forms.text("label"), actor=actor, now=now).secret
    except HubError as exc:
        return _page_of(user_id, actor, forms.refused(exc))
    return _page_of(user_id, actor, secret=secret)


@bp.post(f"/people/<{MOST_ID}:user_id>/keys/<{MOST_ID}:key_id>/revoke")
def revoke_key(user_id: int, key_id: int) -> Response:
    actor, now = entering.administrator(), services().clock.now()
    try:
        with services().database.writing() as session:
            managing.revoke_key(session, user_id, key_id, actor=actor, now=now)
    except HubError as exc:
        return _page_of(user_id, actor, forms.refused(exc))
    return go_on(f"{HOME}{user_id}/")


@bp.post(f"/people/<{MOST_ID}:user_id>/signing-in")
def change_signing_in(user_id: int) -> Response:
    """Invite them anew, sign them out everywhere or on one device, or switch a lost second factor off."""
    actor, now, step = entering.administrator(), services().clock.now(), forms.text("step")
    try:
        with services().database.writing() as session:
            user = managing.get_whole_user(session, user_id, actor=actor, now=now)
            if step == "invite":
                account_letters.invite(session, user, actor=actor.mark, now=now)
            elif step == "second_factor_off":
                credentials.drop_second_factor(session, user, actor=actor.mark, now=now)
            elif step == "end_session":
                number = sent_number("session") or 0
                credentials.end_session(session, user.id, number, actor=actor.mark, now=now)
            elif step == "end_sessions":
                credentials.end_sessions(session, user.id, actor=actor.mark, now=now)
    except HubError as exc:
        return _page_of(user_id, actor, forms.refused(exc))
    return go_on(f"{HOME}{user_id}/?done={step}")


@bp.route(f"/people/<{MOST_ID}:user_id>/close", methods=["GET", "POST"])
def close(user_id: int) -> Response:
    """Asked once more, then closed."""
    actor, now = entering.administrator(), services().clock.now()
    if request.method == "GET":
        with services().database.reading() as session:
            told = people.get(session, user_id, actor=actor, now=now)
        return page("admin/person_close.html", desk=ADMIN, told=told, today=local_day(now))
    try:
        with services().database.writing() as session:
            managing.close_user(session, user_id, actor=actor, now=now)
    except HubError as exc:
        return _page_of(user_id, actor, forms.refused(exc))
    return go_on(f"{HOME}{user_id}/")


def _page_of(user_id: int, actor: Actor, refusal: Refused = NOTHING, *, form: str = "", secret: str = "") -> Response:
    now = services().clock.now()
    with services().database.reading() as session:
        told = people.get(session, user_id, actor=actor, now=now)
        signing_in = {
            "password": credentials.has_password(session, user_id),
            "second_factor": totp.is_on(session, user_id),
            "sessions": sessions.list_of(session, user_id, now=now, limit=SESSIONS_SHOWN),
        }
        whole = whole_hub.reaches(session, actor, ADMINS, now=now)
        reads_all = whole_hub.reaches(session, actor, READERS, now=now)
        may_seat = entering.administers_anything(actor)
        reached = may_seat and managing.reaches_all_of(session, user_id, actor=actor, now=now)
    facts: dict[str, Any] = {"told": told, "reached": reached, "may_seat": may_seat, "form": form}
    said = request.form.to_dict() if form else {}
    facts |= {
        "may_mint": whole and reached,
        "most_days": 0 if whole else managing.MOST_DAYS.days,
        "reads_all": reads_all,
        "once": once.new_token(),
        "signing_in": signing_in,
        "done": request.args.get("done", ""),
        "mail": bool(services().settings.smtp),
    }
    facts |= {"said": said, "secret": secret, "roles": _roles(), "today": local_day(now)}
    return page("admin/person.html", refusal.status, desk=ADMIN, refusal=refusal, page_scripts=["copy.js"], **facts)


def _new_form(said: dict[str, str], refusal: Refused) -> Response:
    today = local_day(services().clock.now())
    return page(
        "admin/person_new.html", refusal.status, desk=ADMIN, said=said, refusal=refusal, roles=_roles(), today=today
    )


def _question(session: Session, said: dict[str, str], actor: Actor) -> tuple[Question, Refused]:
    """Whom the filter asks for, and why the organization in it is not clear; nobody is found by one that is not."""
    now, organization, refusal = services().clock.now(), said["organization"], NOTHING
    try:
        organization = naming.code_of(session, organization, actor=actor, now=now, pointer="/organization")
    except Invalid as exc:
        refusal = forms.refused(exc)
    question = Question(
        words=said["q"],
        role=said["role"] if said["role"] in schemas.vocabulary("roles").codes else "",
        organization=organization,
        outlet=said["outlet"],
        closed=bool(said["closed"]),
    )
    return question, refusal


def _roles() -> list[tuple[str, str]]:
    known = schemas.vocabulary("roles")
    return [(code, known.label(code, asked_language())) for code in known.codes]


def _seat(session: Session, role: str, place: str, actor: Actor) -> Seat:
    """A role in an organization or at an outlet, by code or name: of which it is says the role. Raises Invalid."""
    if role not in schemas.vocabulary("roles").codes:
        raise forms.missing("role")
    if not place:
        raise forms.missing("place")
    at_outlet = schemas.vocabulary("roles")[role].extras["of"] == "outlet"
    now = services().clock.now()
    if at_outlet:
        return Seat(role=role, outlet=states.code_named(session, Outlet, place, on=local_day(now)))
    return Seat(role=role, organization=naming.code_of(session, place, actor=actor, now=now, pointer="/place"))


def _fields_of(error: HubError) -> dict[str, str]:
    """Beside which field a refusal is said."""
    place = {error.key: "place"} if isinstance(error, NotFound) or "organization_" in error.key else {}
    return {**place, "error.code_taken": "email", "error.already_seated": "role", "error.user_needs_a_name": "name"}
