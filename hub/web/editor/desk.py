"""What the pages of the editor's desk share: their blueprints, their words, and how a refusal is told."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, request
from flask_babel import lazy_gettext

from hub import i18n
from hub.actors import Actor, Role
from hub.errors import HubError
from hub.http.language import asked_language
from hub.http.problems import problem, status_of
from hub.http.services import services
from hub.web import visitors
from hub.web.desks import EDITOR, open_desk, page
from hub.web.editor import words

SCRIPTS = ("vendor/htmx.min.js", "htmx-settings.js", "drafts.js", "keys.js")
LOOKS = ("widgets.css", "editor-desk.css")
KEYS = {  # what the list of keys says of itself
    "title": lazy_gettext("Keyboard shortcuts on this page"),
    "close": lazy_gettext("Close"),
    "use": lazy_gettext("Use keys"),
    "next": lazy_gettext("Next in the list"),
    "previous": lazy_gettext("Previous in the list"),
    "open": lazy_gettext("Open it"),
    "help": lazy_gettext("This list"),
}


def part(import_name: str, name: str) -> Blueprint:
    """The blueprint of a part of the desk, whose refusals are pages."""
    bp = open_desk(EDITOR, import_name, name=f"editor_{name}")
    bp.register_error_handler(HubError, refused)
    return bp


def show(template: str, status: int = HTTPStatus.OK, **facts: object) -> Response:
    """A page of this desk; `say` in its template has the words for codes, `now` is the instant it tells of."""
    now = services().clock.now()
    may_act = Role.EDITOR in actor().roles
    shared: dict[str, object] = {
        "say": words,
        "now": now,
        "may_act": may_act,
        "page_scripts": SCRIPTS,
        "own_looks": LOOKS,
    }
    shared["keys"] = {name: str(said) for name, said in KEYS.items()}
    return page(f"editor/{template}", status, desk=EDITOR, **{**shared, **facts})


def actor() -> Actor:
    """Whoever looks: an editor, or an auditor, who only reads."""
    return visitors.require(Role.EDITOR, Role.AUDITOR)


def editor() -> Actor:
    """Whoever acts. Raises NotFound for auditors: what they may not do is not there for them."""
    return visitors.require(Role.EDITOR)


def refused(error: HubError) -> Response:
    """A refusal that no form waits for, in words; whoever has no place here is told as of any other address."""
    seen = visitors.visitor()
    if seen is None or seen.roles.isdisjoint(EDITOR.place.roles):
        return problem(status_of(error), error.key, facts=error.facts)
    return show("refused.html", status_of(error), sentences=sentences_of(error), back=request.path)


def sentences_of(error: HubError) -> list[str]:
    """A refusal and all its faults in words."""
    language = asked_language()
    own = i18n.sentence(error.key, language, **error.facts)
    told = [i18n.fault_sentence(fault, language) for fault in error.faults]
    return [own, *dict.fromkeys(told)]
