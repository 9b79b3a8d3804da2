"""Confirming: a queue by deadline, and one screen per decision with everything that it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Response, request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

import schemas
from hub.actors import Actor, Role
from hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from hub.http.language import asked_language
from hub.http.problems import sentence_of, status_of
from hub.http.services import services
from hub.models import User
from hub.records import contacts
from hub.records.disclosures import reveal
from hub.regulation import acts, confirm_queue, likening, permitting, reading, whereabouts
from hub.regulation.consent import papers
from hub.regulation.releasing import Order, ReturnFault
from hub.regulation.workflow import ActKind, State
from hub.web import once, visitors, waiting
from hub.web.desks import UNIT, go_on, page
from hub.web.unit import bp, form
from hub.web.unit.refusing import fault_sentences
from hub.web.unit.showing import Paper, paper_of
from hub.web.unit.steps import STEPS
from hub.web.unit.stories import title_of
from hub.web.unit.story import list_agreed, timeline
from hub.web.unit.typed import note_of

PAGE = 20
FAULTS_AT_MOST = 30
ROWS = 1  # of faults, before "one more"
LIKE_AT_MOST = 5
NOTE = "/note"  # whose fault is said beside its field, in words of this form


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed for a decision: a note, and faults of a return as (pointer, code, note)."""

    said: str = ""  # which of the two forms it stands in: confirm or return
    note: str = ""
    faults: Sequence[tuple[str, str, str]] = ()


class FaultsNamed(Invalid):
    """Faults were named, but the story was to be confirmed."""

    key = "error.confirmed_with_faults"


@bp.get("/confirm/", strict_slashes=False)
def list_queue() -> Response:
    actor = visitors.require(Role.CONFIRMER)
    parts, now = services(), services().clock.now()
    with parts.database.reading() as session:
        after = request.args.get("after", "")
        found = confirm_queue.list_waiting(session, asker=actor, after=after, limit=PAGE, now=now)
        shown = found.rows
        newest = reading.list_newest(session, [row.story for row in shown])
        checked = likening.standings(session, [row.story for row in shown], asker=actor, now=now)
        absent = _absent(session, actor)
    waiting.forget(actor)  # the number in the menu is that of the list beside it
    return page(
        "unit/confirm_queue.html",
        desk=UNIT,
        lines=[
            (row, title_of(newest[row.story.id]), checked[row.story.id].value, _reason(row.refusal)) for row in shown
        ],
        following=f"?after={quote(found.following)}" if found.following else "",
        absent=absent,
        done=request.args.get("done", ""),
        now=now,
    )


@bp.get("/confirm/<story_id>")
def show_decision(story_id: str) -> Response:
    rows = request.args.get("rows", "")
    return _show(story_id, Typed(), rows=int(rows) if rows.isascii() and rows.isdigit() and len(rows) < 3 else ROWS)


@bp.post("/confirm/<story_id>/<any(confirm, return):said>")
def decide(story_id: str, said: str) -> AnyResponse:
    actor = visitors.require(Role.CONFIRMER)
    typed = _read_typed(said)
    if said == ActKind.RETURN.value and (more := request.form.get("more", "")):
        return _show(story_id, typed, rows=min(len(typed.faults) + ROWS, FAULTS_AT_MOST) if more == "yes" else ROWS)
    parts, now = services(), services().clock.now()
    faults = tuple(ReturnFault(pointer, code, note) for pointer, code, note in typed.faults if code)
    version = request.form.get("version", "")
    order = Order(
        kind=ActKind(said),
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,
        note=typed.note,
        faults=faults,
    )
    try:
        if typed.faults and order.kind is ActKind.CONFIRM:
            raise FaultsNamed()
        with parts.database.writing() as session:
            known = reading.get_story(session, story_id, asker=actor, now=now).id
            if once.is_first(session, actor, f"decide {known}", now=now):
                acts.perform(session, acts.get_locked(session, known), order, actor=actor, now=now)
    except (Invalid, Conflict, Forbidden) as exc:
        return _show(story_id, typed, refused=exc)
    waiting.forget(actor)
    return go_on("/desk/unit/confirm/?done=" + said)


def _show(story_id: str, typed: Typed, *, rows: int = ROWS, refused: HubError | None = None) -> Response:
    actor = visitors.require(Role.CONFIRMER)
    parts, now = services(), services().clock.now()
    with parts.database.reading() as session:
        story = reading.get_story(session, story_id, asker=actor, now=now)
        if story.state == State.DRAFT:
            raise NotFound(what=story_id, kind="story")
        view = reading.open_view(session, story, asker=actor, now=now)
        content = view.prune(reveal(reading.get_version(session, story.id, story.latest).disclosures))
        judges = _judges(actor)
        like = likening.list_likenesses(session, story, asker=actor, now=now, limit=LIKE_AT_MOST) if judges else []
        facts: dict[str, Any] = {
            "place": whereabouts.find(session, story, now=now),
            "like": [(each, _open_paper(session, each, actor, now=now)) for each in like],
            "lines": timeline(session, story, actor, now=now),
            "agreed": list_agreed(session, story),
            "opens": papers.may_open(session, story, actor=actor, now=now),
            "refusal": _reason(permitting.why_not_confirm(session, story, actor=actor, now=now)),
            "possible": {kind.value for kind in permitting.list_possible(session, story, actor=actor, now=now)},
        }
    content = contacts.read(parts.database, content, story_id=story.id, reader=actor.mark, now=now)
    facts["sealed"] = any(each.proofs for each in facts["agreed"])
    wordless = refused is not None and NOTE in {fault.pointer for fault in refused.faults}
    return page(
        "unit/decision.html",
        status_of(refused) if refused is not None else HTTPStatus.OK,
        desk=UNIT,
        story=story,
        paper=paper_of(content),
        fields=fields_of(content),
        codes=_codes(),
        typed=typed,
        rows=max(rows, len(typed.faults)),
        trouble=fault_sentences(refused, but=NOTE) if refused is not None else [],
        wordless=wordless,
        once=once.new_token(),
        now=now,
        **facts,
    )


def _open_paper(session: Session, found: likening.Found, actor: Actor, *, now: datetime) -> Paper | None:
    """A story that is like the one to decide, as far as the actor may read it; None where it is closed to them."""
    view = reading.view_of(session, found.story, asker=actor, now=now)
    return paper_of(view.prune(reveal(found.version.disclosures))) if view.is_open else None


def fields_of(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The fields that a return may speak of, as pointers with what people call them, in the order of the form."""
    found = {"": _whole()}
    for step in STEPS[1:]:
        for item in form.describe(step, form.View(document=content, language=asked_language())):
            for each in item.walk():
                pointer = f"/{each.name}"
                if each.widget != "hidden" and (each.value or each.widget in (form.GROUP, form.ROWS) or _stands(each)):
                    found.setdefault(pointer, schemas.title_of(pointer, asked_language()))
    return list(found.items())


def _stands(item: form.Item) -> bool:
    """May something be asked for here that is not there yet? Inside of lists only of what they hold."""
    return not any(step.isdigit() for step in item.name.split("/"))


def _whole() -> str:
    return str(gettext("The whole story"))


def _codes() -> list[tuple[str, str, str]]:
    """The faults that a return may name: code, label, and how to mend it."""
    language = asked_language()
    return [
        (item.code, item.label(language), item.extras["hint"].get(language, item.extras["hint"]["vi"]))
        for item in schemas.vocabulary("return_faults")
    ]


def _read_typed(said: str) -> Typed:
    sent = request.form
    rows = zip(sent.getlist("pointer"), sent.getlist("code"), sent.getlist("fault_note"), strict=False)
    faults = [(pointer, code, note_of(note)) for pointer, code, note in rows if code or note_of(note)]
    return Typed(said, note_of(sent.get("note", "")), faults[:FAULTS_AT_MOST])


def _reason(refusal: Conflict | None) -> str:
    return sentence_of(refusal) if refusal is not None else ""


def _judges(actor: Actor) -> bool:
    return not actor.roles.isdisjoint(likening.JUDGES)


def _absent(session: Session, actor: Actor) -> list[str]:
    """For whom the confirmer stands in today."""
    away = {grant.deputy_for for grant in actor.reach({Role.CONFIRMER}) if grant.deputy_for is not None}
    found = [session.get(User, user_id) for user_id in sorted(away)]
    return [user.name for user in found if user is not None]
