"""Acts at the desk: said in a form, shown with all that follows from them, then done."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

import schemas
from hub.actors import Actor
from hub.errors import Conflict, Invalid, NotFound
from hub.http.language import asked_language
from hub.http.problems import status_of
from hub.http.services import services
from hub.intake import idempotency
from hub.models import Story
from hub.records import contacts
from hub.records.disclosures import Content, reveal
from hub.regulation import (
    claims,
    corrections,
    desk_boards,
    desk_queue,
    foreseeing,
    presence,
    reading,
    reviewing,
    ruling,
)
from hub.regulation.foreseeing import Foreseen, Seen, StoryMovedOn
from hub.regulation.orders import REASONS
from hub.regulation.releasing import Order
from hub.regulation.workflow import ActKind
from hub.web.desks import go_on
from hub.web.editor import comparing, orders, review, words
from hub.web.editor.desk import actor, editor, part, show
from hub.web.editor.orders import DO, Form, Told

MAY_BE_ASKED_FOR = ("standfirst", "method", "result", "lesson", "metrics", "claims", "interview", "media")
MOST_FIELDS = 200  # of a story, that a return can name

bp = part(__name__, "acting")


@bp.get("/stories/<story_id>/acts/<kind>")
def show_form(story_id: str, kind: str) -> Response:
    editor()
    return _page(story_id, _kind(kind), Form())


@bp.post("/stories/<story_id>/acts/<kind>")
def act_on_story(story_id: str, kind: str) -> AnyResponse:
    asker, act, form = editor(), _kind(kind), request.form
    try:
        order, seen = orders.read_order(act, form), orders.read_seen(form)
        if form.get("stage") == DO and form.get("mark") == orders.mark_of(order):
            _do(story_id, order, seen, asker)
            return go_on(f"/desk/editor/stories/{story_id}")
        foreseen = _foresee(story_id, order, seen, asker)
    except StoryMovedOn:
        return _page(story_id, act, form, status=HTTPStatus.CONFLICT, is_stale=True)
    except (Invalid, Conflict) as error:
        return _page(story_id, act, form, status=status_of(error), told=orders.told_of(error, form))
    return _page(story_id, act, form, foreseen=foreseen, mark=orders.mark_of(order))


@bp.post("/stories/<story_id>/claims")
def verify_claims(story_id: str) -> AnyResponse:
    asker, form = editor(), request.form
    order = orders.read_order(ActKind.VERIFY_CLAIM, form)
    return at_once(story_id, order, orders.read_seen(form), asker, "#claims")


def at_once(story_id: str, order: Order, seen: Seen, asker: Actor, place: str) -> AnyResponse:
    """Do what needs no preview; what has moved on is shown by the page of the story itself."""
    try:
        _do(story_id, order, seen, asker)
    except StoryMovedOn as error:
        return show("moved.html", status_of(error), story_id=story_id, **_since(story_id, seen, asker))
    return go_on(f"/desk/editor/stories/{story_id}{place}")


def _do(story_id: str, order: Order, seen: Seen, asker: Actor) -> None:
    """Do it, unless this very order was given on this very state of the story: then a form was sent twice.

    Whatever is different in it is another decision, of which StoryMovedOn tells.
    """
    parts = services()
    now = parts.clock.now()
    told = f"{story_id} {seen.revision} {seen.last_act} {orders.mark_of(order)}".encode()
    sent = idempotency.sent_by(asker, f"act-{hashlib.sha256(told).hexdigest()}", told, call="editor")
    with parts.database.writing() as session:
        desk_queue.get_story(session, story_id, asker=asker, now=now)
        if idempotency.find_replay(session, sent) is not None:
            return
        foreseeing.decide(session, story_id, order, seen=seen, actor=asker, now=now)
        idempotency.remember(session, sent, answer="{}", now=now, story_id=story_id)
        presence.leave(session, story_id, actor=asker)


def _foresee(story_id: str, order: Order, seen: Seen, asker: Actor) -> Foreseen:
    parts = services()
    now = parts.clock.now()
    with parts.database.reading() as session:
        desk_queue.get_story(session, story_id, asker=asker, now=now)
    with foreseeing.undone(parts.database) as session:
        found = foreseeing.foresee(session, story_id, order, seen=seen, actor=asker, now=now)
    return found


def _page(
    story_id: str,
    kind: ActKind,
    form: Form,
    *,
    status: int = HTTPStatus.OK,
    told: Told | None = None,
    foreseen: Foreseen | None = None,
    mark: str = "",
    is_stale: bool = False,
) -> Response:
    asker = actor()
    known = _known(story_id, kind, asker)
    shows_channels = kind in (ActKind.APPROVE, ActKind.RELEASE) and known["content"]
    return show(
        "act.html",
        status,
        kind=kind.value,
        form=form,
        told=told or Told(),
        foreseen=foreseen,
        names=_names(foreseen),
        mark=mark,
        is_stale=is_stale,
        since=_since(story_id, orders.read_seen(form), asker)["since"] if is_stale else (),
        looking=_looking(story_id, asker),
        channels=_channels(story_id, corrects=known["corrects"]) if shows_channels else [],
        **_choices(kind, known["content"]),
        **known,
    )


def _known(story_id: str, kind: ActKind, asker: Actor) -> dict[str, Any]:
    """The story as it stands, and what is to be minded in an act on it."""
    now = services().clock.now()
    with services().database.reading() as session:
        story = desk_queue.get_story(session, story_id, asker=asker, now=now)
        version = reading.get_version(session, story.id, story.latest)
        view = reading.view_of(session, story, asker=asker, now=now)
        content = view.prune(reveal(version.disclosures)) if view.is_open else {}
        corrects = reviewing.corrects(story)
        return {
            "story": story,
            "content": content,
            "story_language": content.get("language", "vi"),
            "seen": review.seen_of(session, story),
            "revision": story.revision,
            "corrects": corrects,
            "clause_number": ruling.of_story(session, story, now=now).clause_for(kind.value, step=story.step),
            "unverified": claims.list_unverified(session, story.id, content),
            **(_of_correction(session, story, content, view) if corrects else {}),
        }


def _looking(story_id: str, asker: Actor) -> list[str]:
    """Who else has the story open, once it is noted that the asker has."""
    now = services().clock.now()
    presence.look(services().database, story_id, actor=asker, now=now)
    with services().database.reading() as session:
        return presence.list_looking(session, [story_id], but=asker, now=now).get(story_id, [])


def _names(foreseen: Foreseen | None) -> dict[str, str]:
    """What the channels are called that would lose the story, show something to mind, or keep it out."""
    if foreseen is None:
        return {}
    codes = {*foreseen.losing, *foreseen.flagged, *(address for address, _ in foreseen.kept_out)}
    with services().database.reading() as session:
        return desk_boards.names_of(session, codes)


def _choices(kind: ActKind, content: Content) -> dict[str, Any]:
    """What the form's lists offer."""
    return {
        "fields": _fields(content),
        "reasons": _options(REASONS.get(kind, "withdrawal_reasons")),
        "faults": _options("return_faults"),
        "severities": _options("correction_severities"),
        "fault_rows": range(orders.FAULT_ROWS),
    }


def _of_correction(session: Session, story: Story, content: Content, view: reading.View) -> dict[str, Any]:
    """Before and after of each field that the correction changes, and what its sender said of it."""
    old = view.prune(reveal(reading.get_version(session, story.id, story.released or 1).disclosures))
    changed = comparing.differences(contacts.without(old), contacts.without(content))
    said = corrections.said_by_sender(session, story, story.latest)
    return {"changed": changed, "said": {note["pointer"]: note for note in said}}


def _channels(story_id: str, *, corrects: bool) -> list[reviewing.Shown]:
    asker, now = actor(), services().clock.now()
    with review.session_of(undoes=corrects) as session:
        story = desk_queue.get_story(session, story_id, asker=asker, now=now)
        found = reviewing.look(session, story, address=review.picture_address, now=now)
    return found


def _since(story_id: str, seen: Seen, asker: Actor) -> dict[str, Any]:
    """What has happened since somebody saw the story."""
    now = services().clock.now()
    with services().database.reading() as session:
        story = desk_queue.get_story(session, story_id, asker=asker, now=now)
        since = foreseeing.list_since(session, story, seen)
    return {"since": since, "story": story}


def _fields(content: Content) -> list[tuple[str, str]]:
    """The fields that a return can name, by pointer: what stands there and its members one level down."""
    found = [""]
    for name, value in content.items():
        found.append(f"/{name}")
        if isinstance(value, list) and value and isinstance(value[0], dict):
            found += [f"/{name}/{place}" for place in range(len(value))]
        elif isinstance(value, dict) and name != "body":
            found += [f"/{name}/{member}" for member in value]
    found += [f"/{name}" for name in MAY_BE_ASKED_FOR if name not in content]
    return [(pointer, words.field(pointer)) for pointer in found[:MOST_FIELDS]]


def _options(vocabulary: str) -> list[tuple[str, str]]:
    language = asked_language()
    return [(item.code, item.label(language)) for item in schemas.vocabulary(vocabulary)]


def _kind(said: str) -> ActKind:
    found = next((kind for kind in review.IN_ORDER if kind.value == said), None)
    if found is None:
        raise NotFound(kind="page")
    return found
