"""Word files: sent, read at once or beside the web, looked at, and made a draft.

Sending answers at once with the page of the reading, which shows how far it has come and then what was found. A small
file is read before that page is opened for the first time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

import schemas
from feeds.text import SafeHtml
from hub import i18n
from hub.actors import Actor, Role
from hub.errors import NotFound, TooLarge
from hub.http.language import asked_language
from hub.http.services import Services, services
from hub.intake import form_drafts, pictures, uploads, word, word_readings
from hub.intake.word import Choice, with_uploads
from hub.intake.word_reader import AT_ONCE_BYTES, WordReader
from hub.intake.word_readings import Found, Look
from hub.models import Rendition, WordReading
from hub.operation import readiness
from hub.packed import FileRefused
from hub.web import visitors
from hub.web.desks import UNIT, go_on, page
from hub.web.unit import bp
from hub.web.unit.files import SCRIPTS, sent_file, show_choice, told_of
from hub.web.unit.writing import preset

PICTURE = re.compile(r"<img [^>]*>")
TITLE_AT_MOST = 200


@bp.post("/files/word")
def take_word() -> AnyResponse:
    """Keep the file and answer; a second click finds the same reading."""
    actor = visitors.require(Role.CONTRIBUTOR)
    data, name = sent_file()
    parts = services()
    try:
        if len(data) > word.MAX_BYTES:
            raise TooLarge(max_bytes=word.MAX_BYTES)
        digest = parts.store.put(data)
        with parts.database.writing() as session:
            row = word_readings.begin(
                session, digest=digest, name=name, length=len(data), actor=actor, now=parts.clock.now()
            )
        if row.state == word_readings.QUEUED and row.length <= AT_ONCE_BYTES:
            _reader(parts).try_at_once(row.id)
            row = _get(row.id, actor)
        if row.state == word_readings.REFUSED:
            raise word_readings.refusal_of(row)
    except (FileRefused, TooLarge, word_readings.TooManyReadings) as exc:
        return show_choice(word=told_of(exc, name))
    return go_on(f"/desk/unit/files/word/{row.id}")


@bp.get("/files/word/<reading_id>")
def show_word(reading_id: str) -> AnyResponse:
    actor = visitors.require(Role.CONTRIBUTOR)
    row = _get(reading_id, actor)
    if row.state == word_readings.DRAFTED:
        return _show_drafted(row, actor)
    if row.state == word_readings.READY:
        return _show_found(row, failed=told_of(word_readings.refusal_of(row), row.name) if row.refusal else ())
    if row.state == word_readings.REFUSED:
        return page("unit/word_refused.html", desk=UNIT, row=row, said=told_of(word_readings.refusal_of(row), row.name))
    return page("unit/word_reading.html", desk=UNIT, page_scripts=SCRIPTS, **_progress(row))


@bp.get("/files/word/<reading_id>/progress")
def show_word_progress(reading_id: str) -> Response:
    """The part of the page that a script asks for again and again; once there is more to see, the page itself."""
    row = _get(reading_id, visitors.require(Role.CONTRIBUTOR))
    known = _progress(row)
    says = request.args.get("said") != known["stage"]
    answer = make_response(render_template("unit/word_progress.html", **known, says=says))
    if row.state not in word_readings.RUNNING:
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.post("/files/word/<reading_id>/draft")
def draft_of_word(reading_id: str) -> AnyResponse:
    """The draft of a Word file that was looked at, as it was chosen; a second click finds the same one."""
    actor = visitors.require(Role.CONTRIBUTOR)
    row = _get(reading_id, actor)
    if row.state != word_readings.READY:
        return go_on(f"/desk/unit/files/word/{reading_id}")
    if request.form.get("choice") not in set(Choice):
        return _show_found(row, trouble=[_("Choose what to do with the old letters.")])
    choice, found, parts = Choice(request.form["choice"]), word_readings.found_in(row), services()
    if choice not in found.looks:
        with parts.database.writing() as session:
            row = word_readings.get(session, reading_id, actor=actor, now=parts.clock.now(), locked=True)
            if row.state == word_readings.READY:
                word_readings.choose(row, choice)
        if row.length <= AT_ONCE_BYTES:
            _reader(parts).try_at_once(reading_id)
        return go_on(f"/desk/unit/files/word/{reading_id}")
    kept, refused = _keep(found, parts)
    with parts.database.writing() as session:
        row = word_readings.get(session, reading_id, actor=actor, now=parts.clock.now(), locked=True)
        if row.state == word_readings.READY:
            now = parts.clock.now()
            named = {name: uploads.add(session, rows, actor=actor, now=now).id for name, (rows, _alt) in kept.items()}
            media = [_medium(named[name], alt, actor) for name, (_rows, alt) in kept.items()]
            said = _document(found.looks[choice], preset(session, actor), named, media)
            form_drafts.begin(session, said, actor=actor, now=now, draft_id=row.draft_id)
            word_readings.note_drafted(row)
    step = "pictures" if kept or refused else "text"
    return go_on(f"/desk/unit/drafts/{row.draft_id}/{step}{f'?unread={refused}' if refused else ''}")


def _get(reading_id: str, actor: Actor) -> WordReading:
    parts = services()
    with parts.database.reading() as session:
        return word_readings.get(session, reading_id, actor=actor, now=parts.clock.now())


def _reader(parts: Services) -> WordReader:
    return WordReader(parts.database, parts.clock, parts.store)


def _progress(row: WordReading) -> dict[str, Any]:
    """What is known of a file that waits or is read."""
    parts = services()
    now = parts.clock.now()
    reading = row.state == word_readings.READING and row.held_until is not None and row.held_until > now
    with parts.database.reading() as session:
        ahead = word_readings.ahead(session, row) if not reading else 0
        attended = reading or readiness.has_worker(session, now=now)
    step = word_readings.step_of(row)
    seconds = int((now - row.begun_at).total_seconds()) if row.begun_at else 0
    return {
        "row": row,
        "reading": reading,
        "attended": attended,
        "stage": f"step-{step}" if reading else f"ahead-{ahead}" if attended else "left",  # what is read out is of this
        "ahead": ahead,
        "seconds": seconds,
        "step": step,
        "steps": max(step, len(word.STEPS)),
        "paragraphs": row.progress.get("paragraphs", 0),
    }


def _show_drafted(row: WordReading, actor: Actor) -> AnyResponse:
    """Where that is now which a file became: in its draft, in the story that this was handed in as, or nowhere."""
    parts = services()
    with parts.database.reading() as session:
        draft = form_drafts.find(session, row.draft_id, actor=actor, now=parts.clock.now())
    if draft is not None:
        return go_on(f"/desk/unit/drafts/{row.draft_id}/text")
    with parts.database.writing() as session:  # it may be handed in at this moment
        story_id = form_drafts.find_handed_in(session, row.draft_id, actor=actor)
    if story_id is not None:
        return go_on(f"/desk/unit/stories/{story_id}")
    return page("unit/word_gone.html", desk=UNIT, row=row)


def _show_found(row: WordReading, *, trouble: Sequence[str] = (), failed: Sequence[str] = ()) -> Response:
    """What was found in a file; with old letters the text as the samples would have it, or as it was chosen.

    `trouble` is what is wrong with the form that was sent, `failed` why it could not be read as it was chosen last.
    """
    found, chosen = word_readings.found_in(row), Choice(row.choice)
    usual = Choice.RECOGNISED if found.previews and chosen is Choice.LEAVE else chosen
    shown = found.looks.get(usual) or found.looks[Choice.LEAVE]
    return page(
        "unit/word.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if trouble else HTTPStatus.OK,
        desk=UNIT,
        row=row,
        found=found,
        shown=shown,
        chosen="" if chosen is Choice.LEAVE else chosen.value,
        fields=[(schemas.title_of(f"/{name}", asked_language()), text) for name, text in shown.fields.items()],
        body=SafeHtml(PICTURE.sub("", shown.html)),  # the pictures are not ours yet
        notes=[i18n.fault_sentence(note, asked_language()) for note in found.notes],
        previews=found.previews,
        trouble=[*failed, *trouble],
    )


def _document(look: Look, before: dict[str, Any], named: dict[str, str], media: list[dict[str, Any]]) -> dict[str, Any]:
    document = before | {
        "title": look.title[:TITLE_AT_MOST],
        **look.fields,
        "body": {"html": with_uploads(str(look.html), named)},
        "media": media,
    }
    return {name: value for name, value in document.items() if value}


def _keep(found: Found, parts: Services) -> tuple[dict[str, tuple[list[Rendition], str]], int]:
    """The pictures of a Word file on disk, with their words, by name; and how many could not be read."""
    kept: dict[str, tuple[list[Rendition], str]] = {}
    refused = 0
    for each in found.pictures:
        try:
            data = parts.store.path(each.digest).read_bytes()
            picture = pictures.process(data, declared_type=each.media_type)
        except OSError as exc:
            raise NotFound(what=each.name, kind="file") from exc
        except pictures.NotAPicture:
            refused += 1
            continue
        kept[each.name] = uploads.keep(parts.store, picture), each.alt
    return kept, refused


def _medium(upload_id: str, alt: str, actor: Actor) -> dict[str, Any]:
    return {"kind": "picture", "upload": upload_id, "credit": actor.name[:200], **({"alt": alt} if alt else {})}
