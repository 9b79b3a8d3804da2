"""Drafts of the desk: what a form holds so far, kept for every contributor of the unit, on whatever device.

A draft is no version of a story: nothing of it is checked, journalled or shown outside its unit until it is handed in.
Whoever saves says which revision they know; what another device saved later is never written over unseen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

import schemas
from feeds.text import clean_text
from hub import ids
from hub.accounts import rights
from hub.actors import Actor
from hub.clock import local_day
from hub.errors import Conflict, Invalid, NotFound, TooLarge
from hub.intake import html, idempotency, submissions
from hub.intake.submissions import Outcome, Prepared
from hub.models import FormDraft, FormDraftUpload, Story, Upload
from hub.regulation.releasing import ChangeNote

ID = re.compile(r"dr_[0-9a-z]{26}")
WORDS = re.compile(r"/media/\d+/(?:alt|credit)", re.ASCII)  # without which a picture shows all the same
KEPT = timedelta(days=90)  # since somebody saved it last
MAX_BYTES = 1_048_576  # as of any submission
LENGTH_OF_TITLE = 200
HANDED_IN = "desk: hand in"  # the call under which a draft is remembered once it has gone

Document = Mapping[str, Any]


class SavedElsewhere(Conflict):
    """Another device has saved the draft since this one read it."""

    key = "error.draft_saved_elsewhere"


class StoryMovedOn(Conflict):
    """The story has a newer version than the one that this draft was begun from."""

    key = "error.draft_overtaken"


@dataclass(frozen=True, slots=True)
class Checked:
    """What the API would say of a draft: the content of a version, or every fault."""

    prepared: Prepared | None
    faults: tuple[schemas.Fault, ...]


def check(document: Document) -> Checked:
    """Check and clean a draft as the API does with what is pushed. Pure."""
    try:
        return Checked(submissions.prepare({**document, submissions.UNVERSIONED: "submitted"}), ())
    except Invalid as exc:
        return Checked(None, exc.faults)


def written(document: Document) -> dict[str, Any]:
    """A draft whose texts are HTML: those that were typed without any, or were sent as Markdown or plain text. Pure."""
    body = dict(document.get("body") or {})
    if not body:
        return dict(document)
    sent_as = next((name for name in ("markdown", "text") if name in body), "html")
    texts = {"html": body.get(sent_as), "short": body.get("short")}
    shown = {name: _as_html(text, sent_as) for name, text in texts.items() if isinstance(text, str) and text.strip()}
    return {**document, "body": shown} if shown else {name: each for name, each in document.items() if name != "body"}


def as_far_as_it_goes(document: Document, faults: Sequence[schemas.Fault]) -> dict[str, Any]:
    """What of a draft with faults can be shown as a story: the members that hold, and its text cleaned. Pure."""
    faulty = {fault.pointer.split("/")[1] for fault in faults if not _shows_all_the_same(fault)} - {""}
    found = {name: value for name, value in document.items() if name not in faulty}
    body = found.pop("body", None)
    text = body.get("html") if isinstance(body, Mapping) else None
    if isinstance(text, str):
        media = found.get("media")
        own = [str(each.get("upload")) for each in media if isinstance(each, Mapping)] if media else []
        with suppress(Invalid):  # a fault of the text says so
            found["body"] = {"html": str(html.clean_html(text, own_media=own).html)}
    return found


def _shows_all_the_same(fault: schemas.Fault) -> bool:
    """What is missing spoils nothing that is there, nor does a picture that nobody has described or signed yet."""
    return fault.code == "required" and (fault.pointer.count("/") < 2 or WORDS.fullmatch(fault.pointer) is not None)


def find(session: Session, draft_id: str, *, actor: Actor, now: datetime, locked: bool = False) -> FormDraft | None:
    """A draft of the actor's organization. Raises NotFound for one of another, None where there is none."""
    row = session.get(FormDraft, draft_id, with_for_update=locked or None, populate_existing=locked)
    if row is None:
        return None
    family = rights.own(FormDraft.organization_id, actor, on=local_day(now))
    if session.scalar(select(FormDraft.id).where(FormDraft.id == draft_id, family)) is None:
        raise NotFound(what=draft_id[:40], kind="draft")
    return row


def get(session: Session, draft_id: str, *, actor: Actor, now: datetime, locked: bool = False) -> FormDraft:
    """As `find`. Raises NotFound."""
    row = find(session, draft_id, actor=actor, now=now, locked=locked)
    if row is None:
        raise NotFound(what=draft_id[:40], kind="draft")
    return row


def list_page(
    session: Session, *, actor: Actor, before: str | None = None, limit: int, now: datetime
) -> list[FormDraft]:
    """The drafts of the actor's organization, newest first; `before` is the id of the last one of the page before."""
    query = select(FormDraft).where(rights.own(FormDraft.organization_id, actor, on=local_day(now)))
    if before is not None:
        query = query.where(FormDraft.id < before)
    return list(session.scalars(query.order_by(FormDraft.id.desc()).limit(limit)))


def of_stories(session: Session, story_ids: Sequence[str], *, actor: Actor, now: datetime) -> dict[str, str]:
    """Which of these stories somebody is mending: the ids of their drafts."""
    own = rights.own(FormDraft.organization_id, actor, on=local_day(now))
    rows = session.execute(select(FormDraft.story_id, FormDraft.id).where(FormDraft.story_id.in_(story_ids), own))
    return {story_id: draft_id for story_id, draft_id in rows if story_id is not None}


def begin(
    session: Session, document: Document, *, actor: Actor, now: datetime, draft_id: str | None = None
) -> FormDraft:
    """A new draft, under the id that its form was given where it has one. Raises NotFound for what is no such id."""
    if draft_id is not None and not ID.fullmatch(draft_id):
        raise NotFound(what=draft_id[:40], kind="draft")
    row = _new(draft_id or ids.new_draft_id(), actor, now=now)
    session.add(row)
    _keep(session, row, document, actor, now=now)
    return row


def go_on_with(
    session: Session, story: Story, document: Document, *, base_version: int, actor: Actor, now: datetime
) -> FormDraft:
    """The draft of the next version of a locked story: the one that somebody has begun, or a new one of `document`.

    `document` was read of version `base_version`: a version that came since is never sent over unseen.
    Raises NotFound for a story that is not the actor's organization's own, nor of one that it came after.
    """
    if actor.organization_id not in rights.line_of(session, story.organization_id, on=local_day(now)).own:
        raise NotFound(what=story.id, kind="story")
    known = session.scalar(select(FormDraft).where(FormDraft.story_id == story.id))
    if known is not None:
        return get(session, known.id, actor=actor, now=now)
    row = _new(ids.new_draft_id(), actor, now=now)
    row.story_id, row.base_version = story.id, base_version
    session.add(row)
    _keep(session, row, document, actor, now=now)
    return row


def save(
    session: Session, row: FormDraft, document: Document, *, known_revision: int, actor: Actor, now: datetime
) -> bool:
    """Keep what a form says now; False where that is nothing new. Raises SavedElsewhere or TooLarge."""
    if row.document == document:
        return False
    if known_revision != row.revision:
        raise SavedElsewhere(name=row.saved_by, at=row.updated_at.isoformat(), revision=row.revision)
    row.revision += 1
    row.saved_by, row.updated_at = actor.name, now
    _keep(session, row, document, actor, now=now)
    return True


def remove(session: Session, row: FormDraft) -> None:
    """Throw a draft away; its story, if it goes on with one, stays as it is."""
    session.execute(delete(FormDraftUpload).where(FormDraftUpload.draft_id == row.id))
    session.delete(row)
    session.flush()


def find_handed_in(session: Session, draft_id: str, *, actor: Actor) -> str | None:
    """The story that a draft became within the last days; waits for whoever hands it in at this moment."""
    replay = idempotency.find_replay(session, _sent(draft_id, actor))
    return replay.story_id if replay is not None else None


def hand_in(
    session: Session,
    row: FormDraft,
    prepared: Prepared,
    *,
    note: str = "",
    changes: Sequence[ChangeNote] = (),
    over_newer: bool = False,
    actor: Actor,
    now: datetime,
) -> Outcome:
    """Submit a locked draft and let it go. Call `find_handed_in` before: a second click finds its story there.

    Raises what `submissions.submit` does, and StoryMovedOn unless the newer version was seen (`over_newer`).
    """
    if row.story_id is not None and not over_newer:
        latest = session.scalar(select(Story.latest).where(Story.id == row.story_id))
        if latest != row.base_version:
            raise StoryMovedOn(story=row.story_id, version=latest)
    outcome = submissions.submit(
        session, prepared, actor=actor, story_id=row.story_id, note=note, changes=changes, now=now
    )
    answer = orjson.dumps({"id": outcome.story.id}).decode()
    idempotency.remember(session, _sent(row.id, actor), answer=answer, now=now, story_id=outcome.story.id)
    remove(session, row)
    return outcome


def end_untouched(session: Session, *, now: datetime) -> int:
    """Let drafts go that nobody has saved for 90 days; returns how many."""
    old = select(FormDraft.id).where(FormDraft.updated_at < now - KEPT)
    session.execute(delete(FormDraftUpload).where(FormDraftUpload.draft_id.in_(old)))
    return int(session.execute(delete(FormDraft).where(FormDraft.updated_at < now - KEPT)).rowcount)  # type: ignore[attr-defined]


def title_of(document: Document) -> str:
    """What lists call a draft: its title, else whom it tells of; empty where neither was typed."""
    subject = document.get("subject")
    name = subject.get("name") if isinstance(subject, Mapping) else ""
    return clean_text(str(document.get("title") or name or "")).strip()[:LENGTH_OF_TITLE]


def _new(draft_id: str, actor: Actor, *, now: datetime) -> FormDraft:
    return FormDraft(
        id=draft_id,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        saved_by=actor.name,
        revision=1,
        document={},
        created_at=now,
        updated_at=now,
    )


def _keep(session: Session, row: FormDraft, document: Document, actor: Actor, *, now: datetime) -> None:
    """Lay the document into the row, and note its pictures, which stay as long as it does."""
    if len(orjson.dumps(document)) > MAX_BYTES:
        raise TooLarge(max_bytes=MAX_BYTES)
    row.document = dict(document)
    session.flush()
    media = document.get("media")
    named = {each.get("upload") for each in media if isinstance(each, Mapping)} if isinstance(media, list) else set()
    wanted = select(Upload.id).where(Upload.id.in_(named), rights.own(Upload.organization_id, actor, on=local_day(now)))
    found = set(session.scalars(wanted)) if named else set()
    known = set(session.scalars(select(FormDraftUpload.upload_id).where(FormDraftUpload.draft_id == row.id)))
    if gone := known - found:
        of_draft = FormDraftUpload.draft_id == row.id
        session.execute(delete(FormDraftUpload).where(of_draft, FormDraftUpload.upload_id.in_(gone)))
    session.add_all(FormDraftUpload(draft_id=row.id, upload_id=upload) for upload in sorted(found - known))
    session.flush()


def _as_html(text: str, sent_as: str) -> str:
    if sent_as != "html":
        return submissions.TO_HTML[sent_as](text)
    return text if "<" in text else html.plain_to_html(text)


def _sent(draft_id: str, actor: Actor) -> idempotency.Sent:
    return idempotency.sent_by(actor, draft_id, b"", call=HANDED_IN)
