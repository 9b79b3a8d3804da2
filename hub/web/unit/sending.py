"""Looking a draft over, and sending it: as it will look, what is taken out, advised and alike; then exactly once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

import schemas
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from hub.http.language import asked_language
from hub.http.problems import sentence_of
from hub.http.services import services
from hub.intake import form_drafts, likeness_before
from hub.intake.differences import Change, compare
from hub.intake.form_drafts import Checked
from hub.models import Story
from hub.records.disclosures import reveal
from hub.regulation import reading, releasing, ruling
from hub.regulation.corrections import COSMETIC, SEVERITIES, USUAL
from hub.regulation.releasing import ChangeNote
from hub.web import visitors
from hub.web.desks import UNIT, go_on, page
from hub.web.unit import bp, form
from hub.web.unit.showing import advice_on, paper_of, paper_of_version
from hub.web.unit.steps import STEPS, Step
from hub.web.unit.typed import note_of
from hub.web.unit.writing import Shown, asked_by_name, read_shown, sentences_at

CHANGES_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed beside the draft: a note, and why each field of a correction changes."""

    note: str = ""
    changes: Mapping[str, ChangeNote] = field(default_factory=dict)


class ChangesUnexplained(Invalid):
    """The regulation asks why each field of a correction changes; of `paths` nobody said it."""

    key = "error.changes_unexplained"

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__()
        self.paths = frozenset(paths)


@bp.get("/drafts/<draft_id>/check")
def look_over(draft_id: str) -> AnyResponse:
    """What will be sent. Whoever goes back here after sending gets to the story that came of it."""
    actor = visitors.require(Role.CONTRIBUTOR)
    try:
        return _show(draft_id, actor, Typed())
    except NotFound:
        with services().database.writing() as session:
            story_id = form_drafts.find_handed_in(session, draft_id, actor=actor)
        if story_id is None:
            raise
    return go_on(f"/desk/unit/stories/{story_id}")


@bp.post("/drafts/<draft_id>/send")
def send(draft_id: str) -> AnyResponse:
    actor = visitors.require(Role.CONTRIBUTOR)
    typed, parts = _read_typed(), services()
    now = parts.clock.now()
    try:
        with parts.database.writing() as session:
            story_id = form_drafts.find_handed_in(session, draft_id, actor=actor)
            if story_id is None:
                row = form_drafts.get(session, draft_id, actor=actor, now=now, locked=True)
                checked = form_drafts.check(row.document)
                if checked.prepared is None:
                    raise Invalid(faults=checked.faults)
                _check_explained(session, row.story_id, checked.prepared.content, typed)
                outcome = form_drafts.hand_in(
                    session,
                    row,
                    checked.prepared,
                    note=typed.note,
                    changes=[note for note in typed.changes.values() if note.reason or note.severity != USUAL],
                    over_newer="over_newer" in request.form,
                    actor=actor,
                    now=now,
                )
                story_id = outcome.story.id
    except (Invalid, Conflict, Forbidden) as exc:
        return _show(draft_id, actor, typed, refused=exc)
    return go_on(f"/desk/unit/stories/{story_id}?sent=yes")


def _check_explained(session: Session, story_id: str | None, content: Mapping[str, Any], typed: Typed) -> None:
    """Nothing is sent that the desk could not release for want of a reason. Raises ChangesUnexplained."""
    story = session.get(Story, story_id) if story_id is not None else None
    if story is None or not _wants_reasons(session, story):
        return
    explained = {path for path, note in typed.changes.items() if note.reason or note.severity == COSMETIC}
    silent = [change.path for change in _changes(session, story, content) if change.path not in explained]
    if silent:
        raise ChangesUnexplained(silent)


def _wants_reasons(session: Session, story: Story) -> bool:
    """Does a clause in force refuse a correction of this story that nobody explains?"""
    if story.released is None:
        return False
    return ruling.of_story(session, story, now=services().clock.now()).bars("unexplained_change")


def _show(draft_id: str, actor: Actor, typed: Typed, *, refused: HubError | None = None) -> Response:
    with services().database.reading() as session:
        shown = read_shown(session, draft_id, actor)
        checked = form_drafts.check(shown.document)
        content = checked.prepared.content if checked.prepared is not None else None
        alike = _alike(session, shown, content, actor)
        changes = _changes(session, shown.story, content) if content is not None else []
        explain = bool(changes) and shown.story is not None and _wants_reasons(session, shown.story)
        limits = releasing.limits_at(session, services().clock.now())
    faults = list(checked.faults) or list(refused.faults if refused is not None else ())
    today = local_day(services().clock.now())
    overtaken = shown.story is not None and shown.saved is not None and shown.story.latest != shown.saved.base_version
    status = HTTPStatus.OK
    if refused is not None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(refused, Invalid) else HTTPStatus.CONFLICT
    return page(
        "unit/check.html",
        status,
        desk=UNIT,
        shown=shown,
        steps=STEPS,
        title=form_drafts.title_of(shown.document),
        faults=_by_step(faults, shown),
        to_mend=[(step, lines) for step, lines in _asked(shown)],
        refused=sentence_of(refused) if refused is not None and not refused.faults else "",
        paper=paper_of(content) if content is not None else None,
        begun=paper_of(form_drafts.as_far_as_it_goes(shown.document, faults)) if content is None else None,
        removed=_removed(checked),
        advice=_placed(advice_on(content, today=today, limits=limits), shown) if content is not None else [],
        alike=[(each, paper_of_version(each.version).title) for each in alike],
        overtaken=overtaken,
        changes=[(change, schemas.title_of(change.path, asked_language())) for change in changes],
        explain=explain,
        silent=refused.paths if isinstance(refused, ChangesUnexplained) else (),
        typed=typed,
        severities=[
            (code, schemas.vocabulary("correction_severities").label(code, asked_language())) for code in SEVERITIES
        ],
        usual=USUAL,
    )


def _alike(
    session: Session, shown: Shown, content: Mapping[str, Any] | None, actor: Actor
) -> Sequence[likeness_before.Alike]:
    if content is None:
        return []
    known = shown.story.id if shown.story is not None else None
    return likeness_before.list_alike(session, content, story_id=known, asker=actor, now=services().clock.now())


def _changes(session: Session, story: Story | None, content: Mapping[str, Any]) -> list[Change]:
    """What a correction changes in the text that stands; nothing for a story that was never released."""
    if story is None or story.released is None:
        return []
    stands = reveal(reading.get_version(session, story.id, story.released).disclosures)
    return compare(dict(stands), dict(content))[:CHANGES_AT_MOST]


def _by_step(faults: Sequence[schemas.Fault], shown: Shown) -> list[tuple[Step, list[tuple[str, str]]]]:
    """Faults by the step whose page mends them: the id of the field, and the sentence."""
    return _placed(sentences_at(faults), shown)


def _placed(lines: Sequence[tuple[str, str]], shown: Shown) -> list[tuple[Step, list[tuple[str, str]]]]:
    placed = form.place([pointer for pointer, _ in lines], shown.document)
    found: dict[str, list[tuple[str, str]]] = {}
    for pointer, said in lines:
        step, name = placed[pointer]
        found.setdefault(step.slug, []).append((form.id_of(name), said))
    return [(step, found[step.slug]) for step in STEPS if step.slug in found]


def _asked(shown: Shown) -> list[tuple[Step, list[tuple[str, str]]]]:
    lines = {f"/{name}": [each.label for each in asked] for name, asked in asked_by_name(shown).items()}
    return _placed([(pointer, label) for pointer, labels in lines.items() for label in labels], shown)


def _removed(checked: Checked) -> list[Mapping[str, Any]]:
    return list(checked.prepared.removed) if checked.prepared is not None else []


def _read_typed() -> Typed:
    """The note, and of each changed field the reason and how much it matters."""
    sent = request.form
    changes: dict[str, ChangeNote] = {}
    for pointer, reason, severity in zip(
        sent.getlist("pointer"), sent.getlist("reason"), sent.getlist("severity"), strict=False
    ):
        if severity in SEVERITIES and len(changes) < CHANGES_AT_MOST:
            changes[pointer] = ChangeNote(pointer, note_of(reason), severity)
    return Typed(note_of(sent.get("note", "")), changes)
