"""The story calls: push, list, read, compare, act."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response, request
from sqlalchemy.orm import Session

from feeds.conditional import matches_strongly
from hub.accounts import rights
from hub.actors import Actor, Role
from hub.api import bp, present
from hub.api.reading import MAX_PAGE, BadQuery, read_idempotency_key, read_json, read_number, read_order
from hub.clock import local_day
from hub.errors import Malformed
from hub.http.asking import require
from hub.http.services import services
from hub.intake import advice, idempotency, submissions
from hub.intake.differences import compare
from hub.intake.pulling import drafting
from hub.models import Act, Story, Version
from hub.outlets import catalog
from hub.records import contacts
from hub.records.disclosures import Content, reveal
from hub.regulation import acts, corrections, explaining, joining, likening, reading, workflow
from hub.regulation.edition import editions
from hub.regulation.workflow import State

DEFAULT_PAGE = 50
KEEPERS = frozenset({Role.EDITOR, Role.AUDITOR, Role.SYSTEM})  # who hears whose a hold is


class BadExternalId(Malformed):
    """The id in the address is neither ours nor one an organization may choose."""

    key = "error.bad_external_id"


@bp.put("/stories/<story_id>")
def put_story(story_id: str) -> Response:
    actor = require(Role.CONTRIBUTOR)
    own = story_id.startswith("st_")
    if not own and not submissions.is_external_id(story_id):
        raise BadExternalId(id=story_id[:140])
    document, _ = read_json()
    prepared = submissions.prepare(document)
    parts = services()
    with parts.database.writing() as session:
        outcome = submissions.submit(
            session,
            prepared,
            actor=actor,
            story_id=story_id if own else None,
            external_id=None if own else story_id,
            if_match=_if_match(),
            now=parts.clock.now(),
        )
        body = _submitted(outcome, actor, prepared.content)
    return _answer(body, HTTPStatus.CREATED if outcome.created else HTTPStatus.OK, outcome.story)


@bp.post("/stories")
def post_story() -> Response:
    actor = require(Role.CONTRIBUTOR)
    key = read_idempotency_key()
    document, body = read_json()
    prepared = submissions.prepare(document)
    sent = idempotency.sent_by(actor, key, body) if key else None
    parts = services()
    now = parts.clock.now()
    with parts.database.writing() as session:
        replay = idempotency.find_replay(session, sent) if sent else None
        if replay is not None:
            return _created(replay.answer.encode(), replay.story_id or "")
        outcome = submissions.submit(session, prepared, actor=actor, now=now)
        answer = orjson.dumps(_submitted(outcome, actor, prepared.content))
        if sent:
            idempotency.remember(session, sent, story_id=outcome.story.id, answer=answer.decode(), now=now)
    return _created(answer, outcome.story.id)


@bp.get("/stories")
def list_stories() -> Response:
    actor = require(*reading.READERS)
    limit = read_number("limit", DEFAULT_PAGE, least=1, most=MAX_PAGE)
    state = request.args.get("state")
    if state is not None and state not in set(workflow.State):
        raise BadQuery(parameter="state", sent=state[:40])
    with services().database.reading() as session:
        rows = reading.list_stories(
            session,
            asker=actor,
            state=state,
            before=request.args.get("cursor"),
            limit=limit + 1,
            now=services().clock.now(),
        )
        checked = likening.standings(session, [row for row, _ in rows[:limit]], asker=actor, now=services().clock.now())
        items = [
            present.summary(row, read_title(session, row, version, actor), checked=checked[row.id])
            for row, version in rows[:limit]
        ]
    following = items[-1]["id"] if len(rows) > limit else None
    return present.linked_page(items, following)


@bp.get("/stories/<story_id>")
def get_story(story_id: str) -> Response:
    actor = require(*reading.READERS)
    with services().database.reading() as session:
        story = reading.get_story(session, story_id, asker=actor, now=services().clock.now())
        version = reading.get_version(session, story.id, story.latest)
        view = reading.view_of(session, story, asker=actor, now=services().clock.now())
        revealed = reveal(version.disclosures) if view.is_open else {}
        content = _readable(revealed, view, actor, story)
        removed = version.removed if view.is_open else []
        missing = drafting.missing_in(revealed) if story.state == State.DRAFT else ()
        checked = likening.standings(session, [story], asker=actor, now=services().clock.now())[story.id]
        return _answer(
            present.story(story, version, content, removed, checked=checked, missing=missing), HTTPStatus.OK, story
        )


@bp.get("/stories/<story_id>/versions")
def list_versions(story_id: str) -> Response:
    actor = require(*reading.READERS)
    after = read_number("cursor", 0)
    with services().database.reading() as session:
        story = reading.get_story(session, story_id, asker=actor, now=services().clock.now())
        rows = reading.list_versions(session, story.id, after=after, limit=MAX_PAGE + 1)
    following = rows[MAX_PAGE - 1].number if len(rows) > MAX_PAGE else None
    return present.linked_page([present.version(row) for row in rows[:MAX_PAGE]], following)


@bp.get("/stories/<story_id>/versions/<int(max=2147483647):number>")
def get_version(story_id: str, number: int) -> dict[str, Any]:
    actor = require(*reading.READERS)
    with services().database.reading() as session:
        story = reading.get_story(session, story_id, asker=actor, now=services().clock.now())
        view = reading.open_view(session, story, asker=actor, now=services().clock.now())
        version = reading.get_version(session, story.id, number)
    return present.version(version, _readable(reveal(version.disclosures), view, actor, story))


@bp.get("/stories/<story_id>/changes")
def compare_versions(story_id: str) -> dict[str, Any]:
    actor = require(*reading.READERS)
    with services().database.reading() as session:
        story = reading.get_story(session, story_id, asker=actor, now=services().clock.now())
        view = reading.open_view(session, story, asker=actor, now=services().clock.now())
        newer = read_number("to", story.latest, least=1)
        older = read_number("from", max(newer - 1, 1), least=1)
        old, new = (reveal(reading.get_version(session, story.id, n).disclosures) for n in (older, newer))
    differences = compare(_readable(old, view, actor, story), _readable(new, view, actor, story))
    return {"story": story.id, "from": older, "to": newer, "changes": [asdict(change) for change in differences]}


@bp.get("/stories/<story_id>/acts")
def list_acts(story_id: str) -> dict[str, Any]:
    actor = require(*reading.READERS)
    with services().database.reading() as session:
        now = services().clock.now()
        story = reading.get_story(session, story_id, asker=actor, now=now)
        rows = acts.list_acts(session, story.id)
        goals = likening.known_goals(session, rows, asker=actor, now=now)
        over = rights.roles_over(session, actor, story.organization_id, on=local_day(now))
        shown = _shown(session, rows, goals)
        return present.page(shown if KEEPERS.intersection(over) else [present.hushed(act) for act in shown], None)


@bp.post("/stories/<story_id>/acts")
def act_on_story(story_id: str) -> Response:
    actor = require(*reading.READERS)
    order = read_order()
    parts = services()
    with parts.database.writing() as session:
        credited = joining.find_credited(session, story_id, order, actor=actor, now=parts.clock.now())
        found = credited or reading.get_story(session, story_id, asker=actor, now=parts.clock.now()).id
        joining.lock_both(session, found, order)
        story = acts.get_locked(session, found)
        acted = acts.perform(session, story, order, actor=actor, now=parts.clock.now())
        goals = likening.known_goals(session, acted.acts, asker=actor, now=parts.clock.now())
        shown = _shown(session, acted.acts, goals)
        correction = corrections.find_of_act(session, acted.acts[-1].id)
        unexplained = corrections.list_unexplained(session, correction) if correction is not None else []
    body = present.done(acted, shown, unexplained=unexplained)
    return _answer(body, HTTPStatus.CREATED, story)


def _shown(session: Session, rows: Sequence[Act], goals: Collection[str]) -> list[dict[str, Any]]:
    """Acts as they are answered, each citing what its clause rested on when it was done."""
    return [present.act(row, editions.list_bases(session, row.clause, row.at), goals) for row in rows]


@bp.get("/stories/<story_id>/why")
def explain_channel(story_id: str) -> dict[str, Any]:
    actor = require(*reading.READERS)
    named = request.args.get("channel", "")
    if not named:
        raise BadQuery(parameter="channel", sent="")
    parts = services()
    with parts.database.reading() as session:
        story = reading.get_story(session, story_id, asker=actor, now=services().clock.now())
        channel = catalog.get_channel(session, named)
        found = explaining.explain(session, story, channel, now=parts.clock.now())
        return present.why(story, catalog.address_of(channel), found)


def title_of(version: Version) -> str:
    """A version's title; empty where an erasure, or a fault that `hub verify` names, has left none."""
    try:
        return str(reveal(version.disclosures).get("title", ""))
    except (ValueError, TypeError):
        return ""


def read_title(session: Session, story: Story, version: Version, actor: Actor) -> str:
    """What a list calls a story; nothing for one whose words are closed to the asker."""
    if story.state != State.WITHDRAWN:
        return title_of(version)
    view = reading.view_of(session, story, asker=actor, now=services().clock.now())
    return title_of(version) if view.is_open else ""


def _readable(content: Content, view: reading.View, actor: Actor, story: Story) -> Content:
    """What the asker may read; that somebody's contacts were read is journalled, or they are not shown."""
    seen = view.prune(content)
    return contacts.read(services().database, seen, story_id=story.id, reader=actor.mark, now=services().clock.now())


def _submitted(outcome: submissions.Outcome, actor: Actor, content: Content) -> dict[str, Any]:
    return {
        **present.summary(outcome.story, outcome.title, organization=actor.code),
        "changed": outcome.changed,
        "digest": outcome.digest,
        "removed": list(outcome.removed),
        "advice": [present.advice(each) for each in advice.advise(content)],
    }


def _if_match() -> Callable[[str], bool] | None:
    sent = request.headers.get("If-Match")
    return None if sent is None else lambda etag: matches_strongly(sent, f'"{etag}"')


def _created(body: bytes, story_id: str) -> Response:
    answer = Response(body, HTTPStatus.CREATED, content_type="application/json")
    answer.headers["Location"] = services().settings.address(f"/api/v1/stories/{story_id}")
    answer.headers["ETag"] = orjson.loads(body)["etag"]
    return answer


def _answer(body: dict[str, Any], status: HTTPStatus, story: Story) -> Response:
    answer = present.json_answer(body, status)
    answer.headers["Location"] = services().settings.address(f"/api/v1/stories/{story.id}")
    answer.headers["ETag"] = f'"{submissions.etag_of(story)}"'
    return answer
