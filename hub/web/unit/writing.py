"""Writing a story: the form step by step, as it is shown, and thrown away."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

import schemas
from hub import i18n, ids
from hub.accounts import organizations
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import NotFound
from hub.http.language import asked_language
from hub.http.services import services
from hub.http.wording import local
from hub.i18n.plain import plain_sentence
from hub.intake import advice, form_drafts
from hub.intake.submissions import MISSING
from hub.models import Act, FormDraft, Outlet, Story
from hub.outlets import catalog
from hub.records.grants import Limits
from hub.regulation import releasing, returned
from hub.web import visitors
from hub.web.desks import UNIT, go_on, page
from hub.web.unit import bp, form, texts
from hub.web.unit.form import Asked, View, Words
from hub.web.unit.reading_forms import read_step
from hub.web.unit.steps import START, STEPS, Step

OUTLETS = "consent/limited_to/outlets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A draft as its form shows it: what it says, whose story it goes on with, what a return asks."""

    draft_id: str
    document: Mapping[str, Any]
    revision: int = 0
    saved: FormDraft | None = None
    story: Story | None = None
    asked: Act | None = None
    outlets: Sequence[Outlet] = ()
    limits: Limits = field(default_factory=Limits)


@bp.get("/new")
def begin_story() -> Response:
    actor = visitors.require(Role.CONTRIBUTOR)
    parts = services()
    with parts.database.reading() as session:
        document = preset(session, actor)
    shown = Shown(draft_id=ids.new_draft_id(), document=document)
    return show_step(shown, START)


@bp.get("/drafts/<draft_id>/")
def open_draft(draft_id: str) -> AnyResponse:
    visitors.require(Role.CONTRIBUTOR)
    return go_on(f"/desk/unit/drafts/{draft_id}/{STEPS[1].slug}")


@bp.get("/drafts/<draft_id>/<slug>")
def get_step(draft_id: str, slug: str) -> Response:
    actor = visitors.require(Role.CONTRIBUTOR)
    step = read_step(slug)
    with services().database.reading() as session:
        shown = read_shown(session, draft_id, actor)
    adding, whole = request.args.get("add", ""), "check" in request.args
    return show_step(shown, step, adding=adding, whole=whole, trouble=_unread_pictures())


@bp.post("/drafts/<draft_id>/remove")
def remove_draft(draft_id: str) -> AnyResponse:
    """What is gone already, and what is of others, leads to the list as well: nobody learns which of both it was."""
    actor = visitors.require(Role.CONTRIBUTOR)
    parts = services()
    with suppress(NotFound), parts.database.writing() as session:
        form_drafts.remove(session, form_drafts.get(session, draft_id, actor=actor, now=parts.clock.now(), locked=True))
    return go_on("/desk/unit/")


def read_shown(session: Session, draft_id: str, actor: Actor) -> Shown:
    """A draft for its form. Raises NotFound."""
    row = form_drafts.get(session, draft_id, actor=actor, now=services().clock.now())
    story = session.get(Story, row.story_id) if row.story_id is not None else None
    return Shown(
        draft_id=row.id,
        document=form_drafts.written(row.document),
        revision=row.revision,
        saved=row,
        story=story,
        asked=returned.find_return(session, story) if story is not None else None,
        outlets=catalog.list_open_outlets(session),
        limits=releasing.limits_at(session, services().clock.now()),
    )


def show_step(
    shown: Shown,
    step: Step,
    *,
    adding: str = "",
    whole: bool = False,
    words: Words | None = None,
    trouble: Sequence[str] = (),
    arrived: Sequence[Mapping[str, str]] = (),
    status: int = HTTPStatus.OK,
) -> Response:
    """A step of the form; with `whole` also what is missing is told, else only what is wrong.

    `arrived` are pictures and films that came with the form and stand in no draft yet, as `read_uploaded` has them.
    """
    faults = form_drafts.check(shown.document).faults
    told = [fault for fault in faults if whole or fault.code != MISSING]
    placed = form.place([fault.pointer for fault in faults], shown.document)
    asked = asked_by_name(shown)
    said = words or Words(faults=_by_name(told, placed), asked=asked)
    given = {OUTLETS: [(outlet.code, outlet.name) for outlet in shown.outlets]}
    view = View(document=shown.document, language=asked_language(), words=said, adding=adding, given=given)
    items = form.describe(step, view)
    here = {each.name for item in items for each in item.walk()}
    return page(
        "unit/step.html",
        status,
        desk=UNIT,
        page_scripts=texts.SCRIPTS,
        shown=shown,
        step=step,
        steps=STEPS,
        number=STEPS.index(step) + 1,
        items=items,
        places={each.slug: _count(asked, each, shown.document) for each in STEPS},
        listed=[(name, each) for name, lines in said.faults.items() if name in here for each in lines],
        asked_here=[name for name in asked if name in here],
        trouble=trouble,
        arrived=[{**each, "preview": local(f"/desk/unit/pictures/{each['upload']}")} for each in arrived],
        title=form_drafts.title_of(shown.document) or _("A story with no title yet"),
        faces=_advice_on_faces(shown),
        **_told_to_scripts(shown),
    )


def _told_to_scripts(shown: Shown) -> dict[str, Any]:
    """What drafts.js, editor.js and uploads.js read in the page."""
    return {
        "draft_texts": texts.of_drafts(),
        "editor_texts": texts.of_editor(),
        "editor_schema": texts.editor_schema(),
        "editor_pictures": pictures_of(shown.document),
        "upload_texts": texts.of_uploads(),
        "film_mb": services().settings.max_film_mb,
    }


def asked_by_name(shown: Shown) -> dict[str, list[Asked]]:
    """What a return asks, by the name of the field that it speaks of."""
    found: dict[str, list[Asked]] = {}
    faults = (shown.asked.faults if shown.asked is not None else None) or ()
    placed = form.place([fault["pointer"] for fault in faults], shown.document)
    for fault in faults:
        item, language = schemas.vocabulary("return_faults")[fault["code"]], asked_language()
        hint = schemas.vocabulary("return_faults")[fault["code"]].extras["hint"]
        asked = Asked(item.label(language), hint.get(language, hint["vi"]), fault.get("note", ""))
        found.setdefault(placed[fault["pointer"]][1], []).append(asked)
    return found


def pictures_of(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """The pictures of a draft as the editor offers them."""
    media = [each for each in document.get("media") or () if isinstance(each, Mapping) and each.get("upload")]
    return [
        {
            "id": str(each["upload"]),
            "preview": local(f"/desk/unit/pictures/{each['upload']}"),
            "alt": str(each.get("alt", "")),
        }
        for each in media
    ]


def sentences_at(faults: Sequence[schemas.Fault]) -> list[tuple[str, str]]:
    """Faults as pointers and sentences, in the language of the page."""
    return [(fault.pointer, plain_sentence(fault, asked_language())) for fault in faults]


def preset(session: Session, actor: Actor) -> dict[str, Any]:
    """What the hub knows already of a story of this unit."""
    own = organizations.get_by_id(session, actor.organization_id)
    kinds, levels = schemas.vocabulary("organization_kinds"), schemas.vocabulary("levels")
    unit = {"name": own.name, "kind": own.kind if own.kind in kinds else "", "level": own.level}
    unit["level"] = own.level if own.level in levels else ""
    place = {"commune": own.commune, "province": own.province}
    found = {
        "unit": {name: value for name, value in unit.items() if value},
        "place": {name: value for name, value in place.items() if value},
        "byline": {"name": actor.name, "organization": own.name[:200]},
    }
    replaced = request.args.get("replaces", "")
    return {name: value for name, value in found.items() if value} | ({"replaces": replaced} if replaced else {})


def _by_name(faults: Sequence[schemas.Fault], placed: Mapping[str, tuple[Step, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pointer, said in sentences_at(faults):
        found.setdefault(placed[pointer][1], []).append(said)
    return found


def _count(asked: Mapping[str, Sequence[Asked]], step: Step, document: Mapping[str, Any]) -> int:
    """How many things a return asks for in a step."""
    names = form.names_of(step, document) if asked else set()
    return sum(len(lines) for name, lines in asked.items() if name in names)


def _unread_pictures() -> list[str]:
    """What is said of the pictures of a Word file that are missing in the draft that was made of it."""
    said = request.args.get("unread", "")
    if not re.fullmatch("[1-9][0-9]{0,2}", said):
        return []
    told = ngettext(
        "%(num)d picture of the Word file could not be read and is missing here. Add it from a file of its own.",
        "%(num)d pictures of the Word file could not be read and are missing here. Add them from files of their own.",
        int(said),
    )
    return [told]


def _advice_on_faces(shown: Shown) -> list[str]:
    """What to mind before a picture is added, where the story tells of a child or of children."""
    document = {**shown.document, "media": [{"kind": "picture"}]}
    today = local_day(services().clock.now())
    found = advice.advise_on_faces(document, today=today, limits=shown.limits)
    return [i18n.sentence(advice.SENTENCES[each.code], asked_language(), **each.facts) for each in found]
