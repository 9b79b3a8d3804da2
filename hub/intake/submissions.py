"""A submission becomes a version: checked, cleaned, compared, disclosed, and handed to the regulation.

Deciding (`prepare`) is pure and comes before the transaction; doing (`submit`) takes a session.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

import schemas
from feeds.text import clean_text
from hub import ids
from hub.accounts import organizations, rights
from hub.actors import Actor, Role
from hub.clock import local_day
from hub.db import add_at_once, change_at_once
from hub.errors import Conflict, Invalid, NotFound, Stale
from hub.intake import html, uploads
from hub.intake.markdown import markdown_to_html
from hub.models import Story, Upload, Version
from hub.records import consents, journal, outbox
from hub.records.disclosures import Content, digest_of_removed, disclose, reveal
from hub.records.journal import Record
from hub.regulation import acts, reading, winning, workflow
from hub.regulation.consent import agreed_days
from hub.regulation.edition.clauses import USUAL_URGENCY
from hub.regulation.releasing import ChangeNote, Order
from hub.regulation.workflow import ActKind, State

EXTERNAL_ID = re.compile(r"[A-Za-z0-9._~-]{1,128}")
MISSING = "required"  # the fault of a field that is not there
KEPT = frozenset({"/title", "/body"})  # without which not even a draft says anything
UNVERSIONED = "state"  # says what to do with the story, not what the story is
MULTILINE = frozenset({"deed", "method", "result", "lesson", "notes", "notes_for_crew", "excluded"})
RETURNS = {State.RETURNED: ActKind.SUBMIT, State.CORRECTION_RETURNED: ActKind.CORRECT}  # and what hands it in as it is
TO_HTML: Mapping[str, Callable[[str], str]] = {
    "html": lambda text: text,
    "markdown": markdown_to_html,
    "text": html.plain_to_html,
}
_ADD_VERSION = insert(cast("Table", Version.__table__))


class Withdrawn(Conflict):
    """A withdrawn story never returns; a new one may name it in `replaces`."""

    key = "error.withdrawn_story"


class NoDraftNow(Conflict):
    """A draft cannot be laid over a story that has been handed in; recall it, or submit a correction."""

    key = "error.no_draft_now"


class ReturnedUnchanged(Conflict):
    """A returned story came again as it was; handing it in as it is takes the act itself, not a repeated push."""

    key = "error.returned_unchanged"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A submission that holds: the content of a version, what to do with it, and what the sanitizer took out."""

    content: Content
    state: str  # draft or submitted
    removed: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submission."""

    story: Story
    digest: str  # of its newest version
    created: bool
    changed: bool  # a new version was made
    title: str
    removed: tuple[dict[str, Any], ...]


def prepare(document: object) -> Prepared:
    """Check and clean a submission (`schemas/story.v1.json`).

    Raises Invalid with **all** faults, or with `empty_after_cleaning` naming what was removed from the body.
    """
    cleaned = _clean_texts(document, "")
    faults = schemas.check_story(cleaned)
    if faults or not isinstance(cleaned, dict):
        raise Invalid(faults=faults)
    content = dict(cleaned)
    state = content.pop(UNVERSIONED, "submitted")
    body, removed = _clean_body(content["body"], own_media=_own_media(content))
    content["body"] = body
    return Prepared(content, state, removed)


def prepare_draft(document: Mapping[str, Any]) -> Prepared:
    """Check and clean a draft from which things may be missing; a person completes it before it can be handed in.

    Raises Invalid for every other fault.
    """
    cleaned = _clean_texts({**document, UNVERSIONED: "draft"}, "")
    if faults := [fault for fault in schemas.check_story(cleaned) if fault.code != MISSING or fault.pointer in KEPT]:
        raise Invalid(faults=faults)
    content = dict(cleaned)
    state = content.pop(UNVERSIONED)
    content["body"], removed = _clean_body(content["body"], own_media=_own_media(content))
    return Prepared(content, state, removed)


def missing_in(content: Content) -> list[schemas.Fault]:
    """What a stored content lacks before it can be handed in."""
    return [fault for fault in schemas.check_story(content) if fault.code == MISSING]


def submit(
    session: Session,
    prepared: Prepared,
    *,
    actor: Actor,
    story_id: str | None = None,
    external_id: str | None = None,
    if_match: Callable[[str], bool] | None = None,
    note: str = "",
    changes: Sequence[ChangeNote] = (),
    now: datetime,
) -> Outcome:
    """Store a prepared submission of `actor`'s organization: a new story, a new version, or nothing new.

    `note` goes with the act that it means, `changes` say why a correction changes what it does. `if_match` answers
    whether the sender knows the story's current ETag. Raises NotFound for a `story_id` that is not the organization's,
    Stale when `if_match` says no, Withdrawn, NoDraftNow, ReturnedUnchanged, ActForbidden, Invalid.
    """
    story = _find(session, actor, story_id=story_id, external_id=external_id, now=now)
    if if_match is not None and (story is None or not if_match(etag_of(story))):
        raise Stale()
    _check_references(session, prepared.content, actor, now=now)
    if story is None:
        return _create(session, prepared, actor=actor, external_id=external_id, note=note, now=now)
    return _change(session, story, prepared, actor=actor, note=note, changes=changes, now=now)


def is_external_id(text: str) -> bool:
    """May an organization call a story this? Ours begin with ``st_``."""
    return not text.startswith("st_") and EXTERNAL_ID.fullmatch(text) is not None


def etag_of(story: Story) -> str:
    """The story's ETag: it moves with every version and every act."""
    return f"{story.id}.{story.revision}"


def _find(
    session: Session, actor: Actor, *, story_id: str | None, external_id: str | None, now: datetime
) -> Story | None:
    if story_id is not None:
        story = acts.get_locked(session, story_id)
        if actor.organization_id not in rights.line_of(session, story.organization_id, on=local_day(now)).own:
            raise NotFound(what=story_id, kind="story")
        return story
    if external_id is None:
        return None
    organizations.lock(session, actor.organization_id or 0)  # two first pushes of one external id wait for each other
    known = reading.find_own(session, actor, external_id, now=now)
    return acts.get_locked(session, known) if known is not None else None


def _create(
    session: Session, prepared: Prepared, *, actor: Actor, external_id: str | None, note: str, now: datetime
) -> Outcome:
    organization = organizations.get_by_id(session, actor.organization_id)
    story = Story(
        id=ids.new_story_id(),
        organization_id=organization.id,
        organization=organization,
        organization_name=organization.name,
        external_id=external_id,
        state=State.DRAFT.value,
        released=None,
        held=False,
        resumes_to="",
        step="",
        step_since=None,
        created_at=now,
        **_counted(prepared, latest=0, revision=0, now=now),
    )
    add_at_once(session, story)
    digest = _add_version(session, story, prepared, previous="", now=now)
    opened = consents.open_from(session, story, prepared.content, at=now)
    wants = Order(kind=ActKind.SUBMIT, note=note) if prepared.state == "submitted" else None
    _record(session, story, wants, [_told(story, prepared, digest, opened)], actor=actor, now=now)
    return Outcome(story, digest, True, True, prepared.content["title"], prepared.removed)


def _change(
    session: Session,
    story: Story,
    prepared: Prepared,
    *,
    actor: Actor,
    note: str,
    changes: Sequence[ChangeNote],
    now: datetime,
) -> Outcome:
    with winning.told(session, story, ActKind.SUBMIT.value, now=now):
        version, changed, wants = _meant(session, story, prepared)
    digest, rows = version.digest, list[Record]()
    if changed:
        counted = _counted(prepared, latest=story.latest, revision=story.revision, now=now)
        change_at_once(session, story, **counted)
        digest = _add_version(session, story, prepared, previous=version.digest, now=now)
        opened = consents.open_from(session, story, prepared.content, at=now)
        rows = [_told(story, prepared, digest, opened)]
    order = None
    if wants is not None:
        order = Order(kind=wants, note=note, changes=tuple(changes) if wants is ActKind.CORRECT else ())
    _record(session, story, order, rows, actor=actor, now=now)
    return Outcome(story, digest, False, changed, prepared.content["title"], prepared.removed)


def _meant(session: Session, story: Story, prepared: Prepared) -> tuple[Version, bool, ActKind | None]:
    """The newest version, whether the push changes it, and the act it means: all before anything is written.

    Raises Withdrawn, ReturnedUnchanged, NoDraftNow or ActForbidden.
    """
    state, submitted = State(story.state), prepared.state == "submitted"
    if state is State.WITHDRAWN:
        raise Withdrawn(story=story.id)
    version = reading.get_version(session, story.id, story.latest)
    changed = reveal(version.disclosures) != prepared.content
    if submitted and not changed and state in RETURNS and acts.returned_version(session, story.id) == story.latest:
        raise ReturnedUnchanged(story=story.id, version=story.latest, next_act=RETURNS[state].value)
    wants = _wanted_act(state, story, changed=changed, submitted=submitted)
    if wants is not None:
        workflow.next_standing(acts.standing_of(story), wants, Role.CONTRIBUTOR)
    elif changed and state not in (State.DRAFT, State.RETURNED):
        raise NoDraftNow(state=state.value)
    return version, changed, wants


def _wanted_act(state: State, story: Story, *, changed: bool, submitted: bool) -> ActKind | None:
    """The act that a push means in this state; none for a draft, or when nothing is new."""
    if not submitted:
        return None
    if state in (State.DRAFT, State.RETURNED):
        return ActKind.SUBMIT
    recalled = state is State.RELEASED and story.released != story.latest
    if not changed and not recalled:
        return None
    return ActKind.CORRECT if story.released is not None else ActKind.SUBMIT


def _counted(prepared: Prepared, *, latest: int, revision: int, now: datetime) -> dict[str, Any]:
    """What a story says of itself once it has one more version."""
    urgency = prepared.content.get("urgency", USUAL_URGENCY)
    return {"latest": latest + 1, "urgency": urgency, "revision": revision + 1, "updated_at": now}


def _add_version(session: Session, story: Story, prepared: Prepared, *, previous: str, now: datetime) -> str:
    """Write the newest version of a story, which the story counts already; returns its digest."""
    disclosed = disclose(prepared.content, previous=previous)
    version = {
        "story_id": story.id,
        "number": story.latest,
        "digest": disclosed.digest,
        "digests": disclosed.digests,
        "disclosures": disclosed.disclosures,
        "removed": list(prepared.removed),
        "created_at": now,
    }
    session.connection().execute(_ADD_VERSION, version)
    outbox.add(session, outbox.CHECK_LIKENESS, {"story": story.id}, at=now)
    if named := set(_uploads(prepared.content).values()):
        uploads.name(session, named, story_id=story.id)
    return disclosed.digest


def _told(story: Story, prepared: Prepared, digest: str, opened: Record) -> Record:
    """What the journal keeps of a new version: digests of it and of what was taken out, and what the ledger says."""
    removed, sender = digest_of_removed(prepared.removed), story.organization.code
    said = {"kind": "version", "version": story.latest, "organization": sender, "digest": digest}
    said |= {"named": journal.commitment(story.id, story.organization_name)}
    return {**said, "removed": removed, **opened}


def _record(
    session: Session, story: Story, wants: Order | None, rows: list[Record], *, actor: Actor, now: datetime
) -> None:
    """Write what there is to tell of a new version, and the act it means, into the journal, last of all."""
    if wants is not None:
        acts.perform(session, story, wants, actor=actor, now=now, preceding=rows)
    elif rows:
        journal.append_all(session, rows, at=now, story_id=story.id)


def _check_references(session: Session, content: Content, actor: Actor, *, now: datetime) -> None:
    """Uploads must be the organization's own, and `replaces` a withdrawn story of its own; or of one it came after.

    And nobody has agreed on a day that is still to come.
    """
    on = local_day(now)
    faults = list(agreed_days.find_to_come(content.get("consent", {}), today=on, at=("consent",)))
    faults += list(_told_too_early(content, on))
    named = _uploads(content)
    if named:
        own = select(Upload.id, Upload.kind).where(
            Upload.id.in_(named.values()), rights.own(Upload.organization_id, actor, on=on)
        )
        known = {row.id: row.kind for row in session.execute(own.with_for_update())}
        kinds = _kinds(content)
        faults += [
            schemas.Fault(pointer, "unknown_upload", {"upload": upload})
            for pointer, upload in named.items()
            if known.get(upload) != kinds[pointer]
        ]
    if "replaces" in content:
        asked = select(Story).where(Story.id == content["replaces"], rights.own(Story.organization_id, actor, on=on))
        replaced = session.scalar(asked)
        if replaced is None or replaced.state != State.WITHDRAWN:
            faults.append(schemas.Fault("/replaces", "not_withdrawn", {"story": content["replaces"]}))
    if faults:
        raise Invalid(faults=faults)


def _told_too_early(content: Content, today: date) -> Iterator[schemas.Fault]:
    """Nobody can tell of a deed that has not begun, or of somebody who is not born."""
    begun = content.get("occurred_from", "")
    if begun and date.fromisoformat(begun) > today:
        yield schemas.Fault("/occurred_from", "still_to_come", {"day": begun})
    born = content.get("subject", {}).get("birth_year")
    if born is not None and born > today.year:
        yield schemas.Fault("/subject/birth_year", "still_to_come", {"day": born})


def _uploads(content: Content) -> dict[str, str]:
    """The uploads a content names, by the pointer that names them."""
    return {
        f"/media/{place}/upload": medium["upload"]
        for place, medium in enumerate(content.get("media", ()))
        if "upload" in medium
    }


def _kinds(content: Content) -> dict[str, str]:
    """What each of these pointers has to name: a picture or a film."""
    return {f"/media/{place}/upload": medium["kind"] for place, medium in enumerate(content.get("media", ()))}


def _own_media(content: Content) -> Sequence[str]:
    """The pictures that a body may show."""
    return [medium["upload"] for medium in content.get("media", ()) if medium["kind"] == "picture"]


def _clean_body(body: Mapping[str, str], *, own_media: Sequence[str]) -> tuple[Content, tuple[dict[str, Any], ...]]:
    """The body as sanitized HTML, whatever it was sent as; `short` is in the same format as the body."""
    sent_as = next(name for name in TO_HTML if name in body)
    shown: Content = {}
    removed: list[dict[str, Any]] = []
    for source, name in ((sent_as, "html"), ("short", "short")):
        if source not in body:
            continue
        pointer = f"/body/{source}"
        try:
            cleaned = html.clean_html(TO_HTML[sent_as](body[source]), own_media=own_media)
        except (html.Unclean, html.ContentTooComplex) as exc:
            code = "unclean" if isinstance(exc, html.Unclean) else "too_complex"
            raise Invalid(faults=[schemas.Fault(pointer, code, exc.facts)]) from exc
        removed += [{"pointer": pointer, **asdict(removal)} for removal in cleaned.removed]
        if not cleaned.text and not cleaned.media:
            names = ", ".join(sorted({item["name"] for item in removed})) or "-"
            raise Invalid(faults=[schemas.Fault(pointer, "empty_after_cleaning", {"removed": names})])
        shown[name] = str(cleaned.html)
    return shown, tuple(removed)


def _clean_texts(value: Any, name: str) -> Any:
    """Hygiene for every text of a document; the body's own goes through the sanitizer."""
    if isinstance(value, str):
        return clean_text(value, multiline=name in MULTILINE).strip()
    if isinstance(value, dict):
        return {
            key: member if name == "" and key == "body" else _clean_texts(member, key) for key, member in value.items()
        }
    if isinstance(value, list):
        return [_clean_texts(member, name) for member in value]
    return value
