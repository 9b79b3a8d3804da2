"""Saving a step of the form, by hand and as one types; whatever came between, nothing that was typed is dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from flask import Response, jsonify, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from hub import ids
from hub.accounts import organizations
from hub.actors import Actor, Role
from hub.errors import Conflict, HubError, NotFound
from hub.http.problems import sentence_of
from hub.http.services import services
from hub.intake import form_drafts, uploads
from hub.intake.submissions import MISSING
from hub.models import FormDraft, Rendition
from hub.outlets import catalog
from hub.records import contacts
from hub.records.disclosures import reveal
from hub.regulation import acts, reading, releasing
from hub.web import visitors
from hub.web.desks import go_on
from hub.web.unit import bp, form, mapping
from hub.web.unit.form import Words
from hub.web.unit.reading_forms import (
    keep_pictures,
    read_document,
    read_group,
    read_revision,
    read_step,
    read_uploaded,
    without_bare_media,
)
from hub.web.unit.refusing import fault_sentences
from hub.web.unit.steps import BY_SLUG, START, STEPS, Step
from hub.web.unit.writing import Shown, asked_by_name, preset, read_shown, show_step

HANDED_IN = frozenset({"submit", "correct"})
Arrived = Sequence[Mapping[str, str]]


class Removed(NotFound):
    """Somebody of the unit threw the draft away while this form was open."""

    key = "error.draft_removed"


class SentMeanwhile(Conflict):
    """The draft was handed in while this form was open, and what it says now is not in the story."""

    key = "error.draft_sent_meanwhile"


@bp.post("/drafts/<draft_id>/<slug>")
def save_step(draft_id: str, slug: str) -> AnyResponse:
    actor = visitors.require(Role.CONTRIBUTOR)
    step = read_step(slug)
    pictures, refused = keep_pictures()
    if step is START and not (pictures or refused or read_revision()) and _is_untold():
        return _ask_for_a_name(draft_id, actor)
    parts = services()
    try:
        with parts.database.writing() as session:
            story_id = form_drafts.find_handed_in(session, draft_id, actor=actor)
            if story_id is None:
                _save(session, draft_id, read_document(), step, new=_add(session, pictures, actor), actor=actor)
    except form_drafts.SavedElsewhere as exc:
        return _show_both(draft_id, step, actor, exc, _arrive(pictures, actor))
    except Removed as exc:
        return _show_anew(step, actor, [sentence_of(exc)], _arrive(pictures, actor))
    if story_id is not None:
        return _show_after_sending(story_id, step, actor, pictures)
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
        return jsonify(detail=sentence_of(exc)), HTTPStatus.UNPROCESSABLE_ENTITY
    return jsonify(saved=row.updated_at.isoformat(), revision=row.revision), HTTPStatus.OK


def _save(
    session: Session,
    draft_id: str,
    sent: Mapping[str, Any],
    step: Step,
    *,
    new: Sequence[Mapping[str, str]] = (),
    actor: Actor,
) -> FormDraft:
    """Keep what a step says, in a draft that it begins where there is none yet.

    `new` are pictures that came with the form; those that came in pieces while it was open stand in the form itself.
    Raises NotFound, Removed or SavedElsewhere.
    """
    now = services().clock.now()
    row = _find(session, draft_id, actor)
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


def _add(session: Session, pictures: Sequence[Sequence[Rendition]], actor: Actor) -> list[dict[str, str]]:
    now = services().clock.now()
    return [{"upload": uploads.add(session, list(each), actor=actor, now=now).id} for each in pictures]


def _arrive(pictures: Sequence[Sequence[Rendition]], actor: Actor) -> Arrived:
    """What came with a form that could not be saved: the page that answers shows it, and sends it again."""
    with services().database.writing() as session:
        return [*read_uploaded(), *_add(session, pictures, actor)]


def _find(session: Session, draft_id: str, actor: Actor) -> FormDraft | None:
    """The draft that a step is of; None where the step begins one. Raises NotFound, or Removed for what is gone.

    One of another unit is answered as one that is gone: nobody learns that it is there.
    """
    try:
        row = form_drafts.find(session, draft_id, actor=actor, now=services().clock.now(), locked=True)
    except NotFound as exc:
        if read_revision():
            raise Removed(what=draft_id[:40], kind="draft") from exc
        raise
    if row is None and read_revision():
        raise Removed(what=draft_id[:40], kind="draft")
    return row


def _is_untold() -> bool:
    """Does a first form say nothing that a draft could be found by?"""
    return not form_drafts.title_of(read_document()) and not read_uploaded()


def _ask_for_a_name(draft_id: str, actor: Actor) -> Response:
    """The first step as it was typed: what lists call a draft is missing yet."""
    with services().database.reading() as session:
        typed = mapping.merge(preset(session, actor), read_document(), START.paths)
    said = [_("Write a title, or whom the story is about: the draft is kept under it.")]
    words = Words(faults={"subject/name": said, "title": said})
    shown = Shown(draft_id=draft_id, document=form_drafts.written(typed))
    return show_step(shown, START, words=words, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _show_both(draft_id: str, step: Step, actor: Actor, refused: HubError, arrived: Arrived) -> Response:
    """The step as it was typed, and beside each field what stands there instead by now."""
    with services().database.reading() as session:
        theirs = read_shown(session, draft_id, actor)
    mine = mapping.merge(theirs.document, read_document(), step.paths)
    fields = mapping.to_fields(theirs.document)
    elsewhere = {name: fields.get(name, [""]) for name in mapping.differing(mine, theirs.document, step.paths)}
    shown = replace(theirs, document=mine)
    words = Words(asked=asked_by_name(shown), elsewhere=elsewhere)
    trouble = [sentence_of(refused)]
    return show_step(shown, step, words=words, trouble=trouble, arrived=arrived, status=HTTPStatus.CONFLICT)


def _show_anew(step: Step, actor: Actor, trouble: Sequence[str], arrived: Arrived) -> Response:
    """The step as it was typed, as a draft that begins here."""
    parts = services()
    with parts.database.reading() as session:
        shown = Shown(
            draft_id=ids.new_draft_id(),
            document=mapping.merge(preset(session, actor), read_document(), step.paths),
            outlets=catalog.list_open_outlets(session),
            limits=releasing.limits_at(session, parts.clock.now()),
        )
    return show_step(shown, step, trouble=trouble, arrived=arrived, status=HTTPStatus.CONFLICT)


def _show_after_sending(
    story_id: str, step: Step, actor: Actor, pictures: Sequence[Sequence[Rendition]]
) -> AnyResponse:
    """The story, if it says what was typed; else the step as it was typed, as the story's next version."""
    parts, now = services(), services().clock.now()
    with parts.database.reading() as session:
        story = reading.get_story(session, story_id, asker=actor, now=now)
        view = reading.view_of(session, story, asker=actor, now=now)
        version = reading.get_version(session, story.id, story.latest)
        content = view.prune(reveal(version.disclosures))
        sent = next((act for act in reversed(acts.list_acts(session, story.id)) if act.kind in HANDED_IN), None)
    refused = SentMeanwhile(name=sent.actor_name if sent else "", at=(sent.at if sent else now).isoformat())
    if not view.is_open:
        return _show_anew(step, actor, [sentence_of(refused)], _arrive(pictures, actor))
    content = contacts.read(parts.database, content, story_id=story.id, reader=actor.mark, now=now)
    if not pictures and _says(content, step):
        return go_on(f"/desk/unit/stories/{story_id}")
    arrived = _arrive(pictures, actor)
    with parts.database.writing() as session:
        locked = acts.get_locked(session, story.id)
        number = version.number
        draft = form_drafts.go_on_with(session, locked, content, base_version=number, actor=actor, now=now)
    return _show_both(draft.id, step, actor, refused, arrived)


def _says(content: Mapping[str, Any], step: Step) -> bool:
    """Does a story say what the form does, once it is cleaned as stories are?"""
    known = {each.get("upload") for each in content.get("media") or ()}
    if any(each["upload"] not in known for each in read_uploaded()):
        return False
    sent = without_bare_media(read_document())
    cleaned = form_drafts.check(form_drafts.written(mapping.merge(content, sent, step.paths))).prepared
    return cleaned is not None and not mapping.differing(cleaned.content, content, step.paths)
