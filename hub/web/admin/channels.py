"""A channel's selection as a form, and which stories it would take or leave, and why, before it is saved."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import islice
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

import schemas
from hub import i18n
from hub.accounts import naming
from hub.actors import Actor
from hub.errors import HubError, NotFound
from hub.http.language import asked_language
from hub.http.services import services
from hub.models import Outlet
from hub.outlets import catalog, editing
from hub.regulation import previewing
from hub.regulation.previewing import Preview
from hub.web.admin import entering, forms
from hub.web.admin.forms import NOTHING, Refused
from hub.web.desks import ADMIN, go_on, open_desk, page
from hub.web.numbers import sent_number

bp = open_desk(ADMIN, __name__, name="admin_channels")
VOCABULARIES = {"kinds": "kinds", "stages": "stages", "topics": "topics", "priority_groups": "priority_groups"}
CODES = ("organizations", "subtrees")
TEXTS = ("code", "title", "profile", "audience", "language")
DAYS, MOST_DAYS = 90, 730
LOOKED_AT = 200  # stories, the newest: a preview judges each one
NEW = "new"


@bp.get("/outlets/<outlet>/channels/<channel>/")
def show_form(outlet: str, channel: str) -> Response:
    entering.require_whole()
    with services().database.reading() as session:
        place = catalog.get_outlet(session, outlet)
        row = catalog.find_channel(session, outlet, channel) if channel != NEW else None
        if row is None and channel != NEW:
            raise NotFound(what=f"{outlet}/{channel}")
        said: dict[str, Any] = editing.said_of(row) if row is not None else {"selection": {}, "language": "vi-VN"}
        seen = editing.state_of(row)
    return _form(place, channel, said, seen, NOTHING)


@bp.post("/outlets/<outlet>/channels/<channel>/")
def preview_or_save(outlet: str, channel: str) -> Response:
    """`step` says which: preview shows what would follow, save does it."""
    actor, seen = entering.require_whole(), request.form.get("seen", "")
    said, typed = _read(channel), {name: request.form.get(name, "") for name in CODES}
    days = min(max(sent_number("days") or DAYS, 1), MOST_DAYS)
    now = services().clock.now()
    found: list[Preview] | None = None
    with services().database.reading() as session:
        place = catalog.get_outlet(session, outlet)
    try:
        _name(said, typed, actor)
        if request.form.get("step") == "save":
            with services().database.writing() as session:
                open_outlet = catalog.get_outlet(session, outlet)
                editing.save_channel(session, open_outlet, said, seen=seen, actor=actor, now=now)
            return go_on(f"/desk/admin/outlets/{outlet}/")
        with services().database.reading() as session:
            editing.check_channel(session, catalog.get_outlet(session, outlet), said)
            since = now - timedelta(days=days)
            found = list(islice(previewing.preview(session, outlet, said, since=since, now=now), LOOKED_AT))
    except HubError as exc:
        return _form(place, channel, said, seen, forms.refused(exc, POINTERS), days=days, typed=typed)
    return _form(place, channel, said, seen, NOTHING, days=days, found=found)


POINTERS = {f"/selection/{name}": name for name in (*VOCABULARIES, *CODES, "places")}


def _form(
    outlet: Outlet,
    channel: str,
    said: dict[str, Any],
    seen: str,
    refusal: Refused,
    *,
    days: int = DAYS,
    found: list[Preview] | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    """The form of a channel; `typed` names of organizations that were refused, as they were typed."""
    language = asked_language()
    options = {
        name: [
            (code, schemas.vocabulary(vocabulary).label(code, language))
            for code in schemas.vocabulary(vocabulary).codes
        ]
        for name, vocabulary in {**VOCABULARIES, "profile": "profiles"}.items()
    }
    rows = [_shown(f"{outlet.code}/{said['code']}", each, language) for each in found] if found is not None else None
    counts = Counter(row["mark"] for row in rows or ())
    facts: dict[str, Any] = {"said": said, "seen": seen, "rows": rows, "counts": counts, "days": days}
    facts |= {"places": _places_text(said["selection"].get("places", ())), "options": options, "limit": LOOKED_AT}
    facts |= {"named": typed or {name: "\n".join(said["selection"].get(name, ())) for name in CODES}}
    is_new = channel == NEW
    return page(
        "admin/channel.html", refusal.status, desk=ADMIN, outlet=outlet, is_new=is_new, refusal=refusal, **facts
    )


def _read(channel: str) -> dict[str, Any]:
    """The channel that the form says, as a file would."""
    said: dict[str, Any] = {name: forms.text(name) for name in TEXTS}
    if channel != NEW:
        said["code"] = channel
    said["description"] = forms.text("description")
    selection: dict[str, Any] = {name: request.form.getlist(name) for name in VOCABULARIES}
    selection["places"] = _places(request.form.get("places", ""))
    said["selection"] = {name: value for name, value in selection.items() if value}
    if fields := list(dict.fromkeys(request.form.get("fields", "").split())):
        said["fields"] = fields
    return said


def _name(said: dict[str, Any], typed: dict[str, str], actor: Actor) -> None:
    """Put the codes of the organizations that were typed, by code or name, into the selection. Raises Invalid."""
    now = services().clock.now()
    with services().database.reading() as session:
        for name in CODES:
            pointer = f"/selection/{name}"
            if codes := naming.codes_of(session, typed[name], actor=actor, now=now, pointer=pointer):
                said["selection"][name] = codes


def _places(text: str) -> list[dict[str, str]]:
    """A place a line: commune, province; either may be left out."""
    found = []
    for line in text.splitlines():
        commune, _comma, province = (part.strip() for part in line.partition(","))
        place = {name: value for name, value in (("commune", commune), ("province", province)) if value}
        if place:
            found.append(place)
    return found


def _places_text(places: Any) -> str:
    return "\n".join(", ".join([place.get("commune", ""), place.get("province", "")]).rstrip(", ") for place in places)


def _shown(address: str, found: Preview, language: str) -> dict[str, Any]:
    """A story as the preview tells it: + new to the channel, = stands there, − left, and why in words."""
    mark = "=" if found.is_let_in and found.stands else "+" if found.is_let_in else "-"
    if found.mismatch is not None:
        why = [_("It is not among the %(dimension)s chosen.", dimension=_dimension(found.mismatch))]
    elif found.refusals:
        said = [{**refusal.facts, "channel": address} for refusal in found.refusals]
        why = [
            i18n.sentence(f"fault.{each.code}", language, **facts)
            for each, facts in zip(found.refusals, said, strict=True)
        ]
    else:
        why = [
            f"{_dimension(name)}: {', '.join(_label(name, value, language) for value in values)}"
            for name, values in found.matches.items()
        ]
    return {
        "mark": mark,
        "story": found.story_id,
        "title": found.title,
        "at": found.released_at,
        "why": why,
        "stands": found.stands,
    }


def _dimension(name: str) -> str:
    words = {
        "kinds": _("kinds of story"),
        "stages": _("stages"),
        "topics": _("topics"),
        "priority_groups": _("priority groups"),
        "organizations": _("organizations"),
        "subtrees": _("branches of organizations"),
        "places": _("places"),
    }
    return str(words.get(name, name))


def _label(dimension: str, value: str, language: str) -> str:
    if dimension not in VOCABULARIES:
        return value
    known = schemas.vocabulary(VOCABULARIES[dimension])
    return known.label(value, language) if value in known else value
