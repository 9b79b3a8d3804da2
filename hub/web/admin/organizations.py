"""Organizations: the tree level by level, a page each, what happens to them, and new ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

import schemas
from hub.accounts import administration, browsing, naming, previews
from hub.accounts.administration import Event, Foreseen
from hub.accounts.browsing import Node
from hub.accounts.history import Decision
from hub.accounts.organizations import NewOrganization
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import HubError, NotFound
from hub.http.language import asked_language
from hub.http.services import services
from hub.web import visitors
from hub.web.admin import entering, forms
from hub.web.admin.forms import NOTHING, PAGE, Refused
from hub.web.desks import ADMIN, go_on, open_desk, page

bp = open_desk(ADMIN, __name__, name="admin_organizations")
HOME = "/desk/admin/organizations/"
OPEN_AT_MOST = 12
KINDS = ("rename", "move", "merge", "split", "close")
EVENT_FIELDS = ("event", "on", "decision", "name", "parent", "into", "goes_on", "children_up")


@bp.get("/organizations/")
def show_tree() -> Response:
    actor, words = visitors.require(Role.ADMIN, Role.AUDITOR), request.args.get("q", "").strip()
    at, after = request.args.get("at", ""), request.args.get("after", "")
    opened = list(dict.fromkeys(request.args.getlist("open")))[:OPEN_AT_MOST]
    now = services().clock.now()
    with services().database.reading() as session:
        here = browsing.get(session, at, actor=actor, now=now) if at else None
        if words:
            found = browsing.search(session, words, actor=actor, now=now, after=after, limit=PAGE + 1)
        elif at:
            found = browsing.list_below(session, at, now=now, after=after, limit=PAGE + 1)
        else:
            found = browsing.list_tops(session, actor, now=now, after=after, limit=PAGE + 1)
        below = _below(session, actor, found[:PAGE], opened) if not words else {}
    facts: dict[str, Any] = {
        "q": words,
        "at": at,
        "here": here,
        "nodes": found[:PAGE],
        "below": below,
    }
    following = forms.following([node.code for node in found], PAGE)
    more = _address(q=words, at=at, after=following) if following else ""
    return page(
        "admin/organizations.html",
        desk=ADMIN,
        more=more,
        toggle=_toggle,
        may_add=entering.administers_anything(actor),
        **facts,
    )


@bp.get("/organizations/new")
def show_new() -> Response:
    entering.administrator()
    return _new_form({"parent": request.args.get("parent", "")}, NOTHING)


@bp.post("/organizations/new")
def add() -> Response:
    actor = entering.administrator()
    names = ("code", "name", "kind", "system", "level", "commune", "province", "parent")
    said = {name: forms.text(name) for name in names}
    try:
        _check_kind(said["kind"])
        now = services().clock.now()
        with services().database.writing() as session:
            parent = naming.code_of(session, said["parent"], actor=actor, now=now, pointer="/parent")
            new = NewOrganization(**{**said, "parent": parent}, valid_from=forms.day("valid_from"))
            administration.add_organization(session, new, actor=actor, now=now)
    except HubError as exc:
        return _new_form({**said, "valid_from": forms.text("valid_from")}, forms.refused(exc, _parent_of(exc)))
    return go_on(f"{HOME}{said['code']}/")


@bp.get("/organizations/<code>/")
def show_one(code: str) -> Response:
    actor = visitors.require(Role.ADMIN, Role.AUDITOR)
    return _page_of(code, actor, {}, NOTHING)


@bp.post("/organizations/<code>/events")
def happen(code: str) -> Response:
    """First what would follow, then, from the page that shows it, the event itself: as it was shown, or not at all."""
    actor, said = entering.administrator(), request.form.to_dict()
    now = services().clock.now()
    agreed, refusal = said.get("step") == "do", NOTHING
    try:
        with services().database.reading() as session:  # names are searched while nobody waits for it
            event = _read_event(session, actor, now)
        with services().database.writing() as session:
            foreseen = administration.foresee_event(session, code, event, actor=actor, now=now)
            if agreed:
                previews.check(said.get("shown", ""), event, foreseen.told)
                administration.record_event(session, code, event, actor=actor, now=now)
    except previews.PreviewMoved as exc:
        refusal = forms.refused(exc)
    except HubError as exc:
        return _page_of(code, actor, said, forms.refused(exc))
    if agreed and refusal is NOTHING:
        return go_on(f"{HOME}{code}/")
    return _preview(code, event, foreseen, actor, refusal)


def _preview(code: str, event: Event, foreseen: Foreseen, actor: Actor, refusal: Refused) -> Response:
    """What an event would bring, with the form that agrees to it."""
    with services().database.reading() as session:
        told = browsing.get(session, code, actor=actor, now=services().clock.now())
    facts: dict[str, Any] = {"told": told, "event": event, "foreseen": foreseen, "refusal": refusal}
    facts |= {"said": {name: request.form.get(name, "") for name in EVENT_FIELDS}}
    facts |= {"shown": previews.mark_of(event, foreseen.told)}
    return page("admin/organization_event.html", refusal.status, desk=ADMIN, **facts)


def _page_of(code: str, actor: Actor, said: dict[str, str], refusal: Refused) -> Response:
    now = services().clock.now()
    with services().database.reading() as session:
        told = browsing.get(session, code, actor=actor, now=now)
        try:
            administration.get_reached(session, code, actor=actor, now=now)
            changes = told.row.ended_on is None
        except NotFound:
            changes = False
    facts = {"told": told, "said": said, "refusal": refusal, "changes": changes, "today": local_day(now)}
    return page("admin/organization.html", refusal.status, desk=ADMIN, kinds=KINDS, **facts)


def _new_form(said: dict[str, str], refusal: Refused) -> Response:
    options = {name: _options(name) for name in ("organization_kinds", "organization_systems", "levels")}
    return page("admin/organization_new.html", refusal.status, desk=ADMIN, said=said, refusal=refusal, options=options)


def _read_event(session: Session, actor: Actor, now: datetime) -> Event:
    asked: dict[str, Any] = {"actor": actor, "now": now}
    kind, into = forms.text("event"), naming.codes_of(session, request.form.get("into", ""), pointer="/into", **asked)
    if kind not in KINDS or (kind == "rename" and not forms.text("name")) or (kind in ("merge", "split") and not into):
        missing = {"rename": "name", "merge": "into", "split": "into"}.get(kind, "event")
        raise forms.missing(missing)
    return Event(
        kind=kind,
        decision=Decision(forms.needed_day("on"), forms.text("decision")),
        name=forms.text("name"),
        parent=naming.code_of(session, forms.text("parent"), pointer="/parent", **asked),
        into=tuple(into),
        goes_on=bool(forms.text("goes_on")),
        children_up=bool(forms.text("children_up")),
    )


def _below(session: Session, actor: Actor, nodes: Sequence[Node], opened: Sequence[str]) -> dict[str, list[Node]]:
    """What stands below the nodes that are unfolded; only those that the reader sees can be."""
    now, below = services().clock.now(), dict[str, list[Node]]()
    waiting = [node.code for node in nodes if node.code in opened]
    while waiting:
        code = waiting.pop()
        below[code] = browsing.list_below(session, code, now=now, limit=PAGE + 1)
        waiting += [node.code for node in below[code][:PAGE] if node.code in opened and node.code not in below]
    return below


def _toggle(code: str) -> str:
    """The address of this page with a node unfolded, or folded again."""
    opened = request.args.getlist("open")
    others = [each for each in opened if each != code] if code in opened else [*opened, code]
    return _address(at=request.args.get("at", ""), after=request.args.get("after", ""), open=others[-OPEN_AT_MOST:])


def _address(**said: Any) -> str:
    chosen = {"lang": request.args.get("lang", "")}
    query = urlencode({name: value for name, value in {**said, **chosen}.items() if value}, doseq=True)
    return f"{HOME}?{query}" if query else HOME


def _options(name: str) -> list[tuple[str, str]]:
    known = schemas.vocabulary(name)
    return [(code, known.label(code, asked_language())) for code in known.codes]


def _check_kind(kind: str) -> None:
    if kind not in schemas.vocabulary("organization_kinds").codes:
        raise forms.missing("kind")


def _parent_of(error: HubError) -> dict[str, str]:
    """A parent that is not there, or not within reach, is said beside its field."""
    return {error.key: "parent"} if isinstance(error, NotFound) or "organization_" in error.key else {}
