"""Writing a story: the form step by step, saved by hand and as one types, and thrown away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from flask import Response, jsonify, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

import schemas
from hub import i18n, ids
from hub.accounts import organizations
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import HubError, NotFound
from hub.http.language import asked_language
from hub.http.services import services
from hub.http.wording import local
from hub.intake import advice, form_drafts, uploads
from hub.intake.submissions import MISSING
from hub.models import Act, FormDraft, Outlet, Story
from hub.outlets import catalog
from hub.records.grants import Limits
from hub.regulation import releasing, returned
from hub.web import visitors
from hub.web.desks import UNIT, go_on, page
from hub.web.unit import bp, form, mapping, texts
from hub.web.unit.form import Asked, View, Words
from hub.web.unit.reading_forms import (
    keep_pictures,
    read_document,
    read_group,
    read_revision,
    read_step,
    read_uploaded,
    without_bare_media,
)
from hub.web.unit.refusing import fault_sentences, sentence
from hub.web.unit.steps import BY_SLUG, START, STEPS, Step

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
    return show_step(shown, step, adding=request.args.get("add", ""), whole="check" in request.args)


@bp.post("/drafts/<draft_id>/<slug>")
def save_step(draft_id: str, slug: str) -> AnyResponse:
    actor = visitors.require(Role.CONTRIBUTOR)
    step = read_step(slug)
    kept, refused = keep_pictures()
    parts, now = services(), services().clock.now()
    try:
        with parts.database.writing() as session:
            story_id = form_drafts.find_handed_in(session, draft_id, actor=actor)
            if story_id is None:
                new = [{"upload": uploads.add(session, each, actor=actor, now=now).id} for each in kept]
                _save(session, draft_id, read_document(), step, new=new, actor=actor)
    except form_drafts.SavedElsewhere as exc:
        return _show_both(draft_id, step, actor, exc)
    if story_id is not None:
        return go_on(f"/desk/unit/stories/{story_id}")
    if refused:
        with parts.database.reading() as session:
            shown = read_shown(session, draft_id, actor)
        trouble = [said for each in refused for said in fault_sentences(each)]
        return show_step(shown, step, trouble=trouble, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return go_on(_next_address(draft_id, step, actor))


@bp.post("/drafts/<draft_id>/<slug>/kept")
def keep_step(draft_id: str, slug: str) -> tuple[Response, int]:
    """Saved as one types: what `drafts.js` sends, and what it is told."""
    actor = visitors.require(Role.CONTRIBUTOR)
    step = read_step(slug)
    parts = services()
    try:
        with parts.database.writing() as session:
            if form_drafts.find_handed_in(session, draft_id, actor=actor) is not None:
                raise NotFound(what=draft_id[:40], kind="draft")
            row = _save(session, draft_id, read_document(), step, actor=actor)
    except form_drafts.SavedElsewhere:
        with parts.database.reading() as session:
            row = form_drafts.get(session, draft_id, actor=actor, now=parts.clock.now())
        fields = mapping.to_fields(mapping.merge({}, row.document, step.paths))
        return jsonify(revision=row.revision, saved=row.updated_at.isoformat(), fields=fields), HTTPStatus.CONFLICT
    except HubError as exc:
        return jsonify(detail=sentence(exc)), HTTPStatus.UNPROCESSABLE_ENTITY
    return jsonify(saved=row.updated_at.isoformat(), revision=row.revision), HTTPStatus.OK


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
    status: int = HTTPStatus.OK,
) -> Response:
    """A step of the form; with `whole` also what is missing is told, else only what is wrong."""
    faults = form_drafts.check(shown.document).faults
    told = [fault for fault in faults if whole or fault.code != MISSING]
    placed = form.place([fault.pointer for fault in faults], shown.document)
    asked = asked_by_name(shown)
    said = words or Words(faults=_by_name(told, placed), asked=asked)
    view = View(
        document=shown.document,
        language=asked_language(),
        words=said,
        adding=adding,
        given={OUTLETS: [(outlet.code, outlet.name) for outlet in shown.outlets]},
    )
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
        title=form_drafts.title_of(shown.document) or _("A story without a title yet"),
        draft_texts=texts.of_drafts(),
        editor_texts=texts.of_editor(),
        editor_schema=texts.editor_schema(),
        editor_pictures=pictures_of(shown.document),
        faces=_advice_on_faces(shown),
        upload_texts=texts.of_uploads(),
    )


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
    return [(fault.pointer, i18n.fault_sentence(fault, asked_language())) for fault in faults]


def _save(
    session: Session,
    draft_id: str,
    sent: Mapping[str, Any],
    step: Step,
    *,
    new: Sequence[Mapping[str, str]] = (),
    actor: Actor,
) -> FormDraft:
    """Keep what a step says, in a draft that it begins where there is none yet. Raises NotFound, SavedElsewhere.

    `new` are pictures that came with the form; those that came in pieces while it was open stand in the form itself.
    """
    now = services().clock.now()
    row = form_drafts.find(session, draft_id, actor=actor, now=now, locked=True)
    if row is None and read_revision():
        raise NotFound(what=draft_id[:40], kind="draft")
    known = row.document if row is not None else preset(session, actor)
    document = form_drafts.written(mapping.merge(known, without_bare_media(sent), step.paths))
    media = _with_new(session, document, [*read_uploaded(), *new], actor)
    document |= {"media": media} if media else {}
    if row is None:
        return form_drafts.begin(session, document, actor=actor, now=now, draft_id=draft_id)
    form_drafts.save(session, row, document, known_revision=read_revision(), actor=actor, now=now)
    return row


def _with_new(
    session: Session, document: Mapping[str, Any], new: Sequence[Mapping[str, str]], actor: Actor
) -> list[dict[str, Any]]:
    """The media of a draft with those that are new; one that is there already is said anew, not twice."""
    media = [dict(each) for each in document.get("media") or () if isinstance(each, Mapping)]
    kinds = uploads.kinds_of(session, [each["upload"] for each in new], organization_id=actor.organization_id)
    credit = organizations.get_by_id(session, actor.organization_id).name[:200] if new else ""
    for each in new:
        known = next((medium for medium in media if medium.get("upload") == each["upload"]), None)
        if known is not None:
            known.update(each)
        elif each["upload"] in kinds:
            media.append({"kind": kinds[each["upload"]], "credit": credit, **each})
    return media


def _show_both(draft_id: str, step: Step, actor: Actor, refused: HubError) -> Response:
    """The step as it was typed, and beside each field what another device has saved meanwhile."""
    with services().database.reading() as session:
        theirs = read_shown(session, draft_id, actor)
    mine = mapping.merge(theirs.document, read_document(), step.paths)
    fields = mapping.to_fields(theirs.document)
    elsewhere = {name: fields.get(name, [""]) for name in mapping.differing(mine, theirs.document, step.paths)}
    shown = replace(theirs, document=mine)
    words = Words(asked=asked_by_name(shown), elsewhere=elsewhere)
    return show_step(shown, step, words=words, trouble=[sentence(refused)], status=HTTPStatus.CONFLICT)


def _next_address(draft_id: str, step: Step, actor: Actor) -> str:
    """Where a saved step leads: to an empty group more, to a step that was chosen, or to the next one."""
    here = f"/desk/unit/drafts/{draft_id}"
    if adding := read_group("add"):
        return f"{here}/{step.slug}?add={adding}#{form.id_of(adding)}-new"
    if removed := read_group("remove"):
        return f"{here}/{step.slug}#{form.id_of(removed.rpartition('/')[0])}"
    chosen = request.form.get("go", "")
    if chosen in BY_SLUG or chosen == "check":
        return f"{here}/{chosen}"
    if chosen == "stay" or _is_wrong(draft_id, step, actor):
        return f"{here}/{step.slug}"
    following = STEPS.index(step) + 1
    return f"{here}/{STEPS[following].slug}" if following < len(STEPS) else f"{here}/check"


def _is_wrong(draft_id: str, step: Step, actor: Actor) -> bool:
    """Does a step say something that cannot stand (what is missing can wait)?"""
    with services().database.reading() as session:
        shown = read_shown(session, draft_id, actor)
    wrong = [fault.pointer for fault in form_drafts.check(shown.document).faults if fault.code != MISSING]
    here = form.names_of(step, shown.document)
    return any(name in here for _step, name in form.place(wrong, shown.document).values())


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


def _advice_on_faces(shown: Shown) -> list[str]:
    """What to mind before a picture is added, where the story tells of a child or of children."""
    document = {**shown.document, "media": [{"kind": "picture"}]}
    today = local_day(services().clock.now())
    found = advice.advise_on_faces(document, today=today, limits=shown.limits)
    return [i18n.sentence(advice.SENTENCES[each.code], asked_language(), **each.facts) for each in found]
