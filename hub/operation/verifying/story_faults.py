"""What `hub verify` finds in stories: versions and acts against their digests and against the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

import orjson
from sqlalchemy import Row, Text, cast, select
from sqlalchemy.orm import Session

import schemas
from hub.models import Act, JournalRow, Organization, Story, Version
from hub.operation.verifying import correction_faults, proof_faults
from hub.operation.verifying.proof_faults import Seen
from hub.records import erasing, journal
from hub.records.disclosures import digest_of, digest_of_removed, version_digest
from hub.regulation import crediting
from hub.regulation.act_records import committed_text
from hub.regulation.consent.clearing import NOTES_ERASED
from hub.regulation.holds import BEING_CHECKED
from hub.regulation.workflow import ActKind, State

PAGE_STORIES = 50
PAGE_ROWS = 2000


def find(session: Session, seen: Seen) -> Iterator[str]:
    """Versions and acts, story by story, against their digests and against the journal.

    The journal has no index by story, so both are read once in the same order and merged.
    """
    order = "C" if session.get_bind().dialect.name == "postgresql" else "BINARY"  # as Python compares, too
    told, (keys, _) = _Told(session, order), proof_faults.read_keys(session)
    columns = (
        Story.id,
        Story.state,
        Story.latest,
        Story.released,
        Story.held,
        Story.resumes_to,
        Story.organization_name,
    )
    query = select(*columns, Organization.code).outerjoin(Organization, Organization.id == Story.organization_id)
    query = query.order_by(Story.id.collate(order))
    stories: Any = session.execute(query.execution_options(yield_per=PAGE_STORIES))
    for page in stories.partitions():
        ids = [story.id for story in page]
        versions = _by_story(session.execute(_versions().where(Version.story_id.in_(ids))))
        acts = _by_story(session.execute(_acts().where(Act.story_id.in_(ids))))
        corrections = correction_faults.Page(session, ids)
        suppliers = crediting.digests_of(session, ids)
        joined = set(session.scalars(select(Act.into_id).where(Act.into_id.in_(ids), Act.kind == ActKind.JOIN)))
        for story in page:
            records = told.of(story.id)
            erased = erasing.list_erased(story.id, records, keys)
            yield from _version_faults(story, versions[story.id], records, erased)
            yield from _act_faults(story, acts[story.id], records)
            yield from _sender_faults(story, records)
            yield from _supplier_faults(story, records, suppliers.get(story.id), is_joined=story.id in joined)
            yield from _standing_faults(story, acts[story.id], records)
            yield from correction_faults.find(story.id, acts[story.id], records, corrections)
        seen("stories", len(page))
        seen("versions", sum(map(len, versions.values())))
        seen("acts", sum(map(len, acts.values())))


class _Told:
    """What the journal tells of each story; to be asked in the order of the stories' ids."""

    def __init__(self, session: Session, order: str) -> None:
        query = (
            select(JournalRow.story_id, JournalRow.body)
            .where(JournalRow.story_id.is_not(None))
            .order_by(JournalRow.story_id.collate(order), JournalRow.number)
        )
        self._rows = iter(session.execute(query.execution_options(yield_per=PAGE_ROWS)))
        self._ahead = next(self._rows, None)

    def of(self, story_id: str) -> list[dict[str, Any]]:
        """The records of a story, oldest first."""
        records = []
        while self._ahead is not None and (self._ahead.story_id or "") <= story_id:
            if self._ahead.story_id == story_id:
                records.append(journal.read_record(self._ahead.body))
            self._ahead = next(self._rows, None)
        return records


def _versions() -> Any:
    # JSON as text: what a damaged row holds may be no JSON, and that must not end the search
    return select(
        Version.story_id,
        Version.number,
        Version.digest,
        Version.created_at,
        cast(Version.digests, Text).label("digests"),
        cast(Version.disclosures, Text).label("disclosures"),
        cast(Version.removed, Text).label("removed"),
    ).order_by(Version.story_id, Version.number)


def _acts() -> Any:
    columns = [column for column in Act.__table__.columns if column.name not in ("channels", "faults", "changes")]
    texts = [
        cast(column, Text).label(column.name)
        for column in (Act.__table__.c.channels, Act.__table__.c.faults, Act.__table__.c.changes)
    ]
    return select(*columns, *texts).order_by(Act.id)


def _by_story(rows: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    grouped: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        grouped[row.story_id].append(row)
    return grouped


def _version_faults(
    story: Row[Any],
    versions: Sequence[Row[Any]],
    records: Sequence[dict[str, Any]],
    erased: Mapping[int, Set[str]],
) -> Iterator[str]:
    journalled: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        if record.get("kind") == "version":
            journalled[record.get("version")].append(record)
    previous, number = "", 0
    for version in versions:
        name = f"version {story.id}/{version.number}"
        number += 1
        if version.number != number:
            yield f"version {story.id}/{number}: is missing"
            number = version.number
        yield from (
            f"{name}: {fault}" for fault in _digest_faults(version, previous, erased.get(version.number, set()))
        )
        told = journalled.pop(version.number, [])
        if [record.get("digest") for record in told] != [version.digest]:
            yield f"{name}: the journal does not tell of this digest"
        elif told[0].get("at") != version.created_at.isoformat():
            yield f"{name}: is not from the time that the journal tells"
        elif "removed" in told[0] and told[0]["removed"] != _digest_of_removed(version):
            yield f"{name}: what the sanitizer took out is not what the journal tells"
        previous = version.digest
    for lost in journalled:
        yield f"version {story.id}/{lost}: the journal tells of it, but it is not there"
    if number != story.latest or (story.released or 0) > number:
        yield f"story {story.id}: names versions {story.latest} (newest), {story.released} (released) of {number}"


def _digest_of_removed(version: Row[Any]) -> str:
    try:
        return digest_of_removed(orjson.loads(version.removed))
    except (ValueError, TypeError, AttributeError):
        return ""


def _digest_faults(version: Row[Any], previous: str, erased: Set[str]) -> Iterator[str]:
    try:
        digests = list(orjson.loads(version.digests))
        disclosures = dict(orjson.loads(version.disclosures))
        if version_digest(digests, previous=previous) != version.digest:
            yield "its digest does not cover its disclosures and the version before"
        changed = sum(digest_of(encoded) != digest for digest, encoded in disclosures.items())
    except (ValueError, TypeError, AttributeError):
        yield "its disclosures cannot be read"
        return
    if changed:
        yield f"{changed} disclosures do not match their digests"
    if foreign := len(disclosures.keys() - set(digests)):
        yield f"{foreign} disclosures are none of its own"
    if lost := len(set(digests) - disclosures.keys() - erased):
        yield f"{lost} disclosures are missing, and no erasure is recorded"
    if back := len(disclosures.keys() & erased):
        yield f"{back} disclosures were erased, and are there again"


def _act_faults(story: Row[Any], acts: Sequence[Row[Any]], records: Sequence[dict[str, Any]]) -> Iterator[str]:
    journalled = {record.get("id"): record for record in records if record.get("kind") == "act"}
    cleared = {number for record in records if record.get("kind") == NOTES_ERASED for number in record.get("acts", ())}
    state = State.DRAFT.value
    for act in acts:
        name = f"act {act.id} ({act.kind}) on {story.id}"
        record = journalled.pop(act.id, None)
        if record is None:
            yield f"{name}: the journal does not tell of it"
        elif differing := [
            part
            for part, value in _record_of(act, record).items()
            if record.get(part) != value and not (part == "note" and act.id in cleared)
        ]:
            yield f"{name}: differs from the journal in {', '.join(differing)}"
        if act.id in cleared:
            yield from (f"{name}: {fault}" for fault in _cleared_faults(act))
        if act.state_before != state:
            yield f"{name}: begins at {act.state_before}, but the story stood at {state}"
        state = act.state_after
    for lost in journalled:
        yield f"act {lost} on {story.id}: the journal tells of it, but it is not there"
    if story.state != state:
        yield f"story {story.id}: is {story.state}, but its last act left it {state}"


def _sender_faults(story: Row[Any], records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Whose a story is never changes: whoever comes after an organization is found when it is read."""
    kinds = ("act", "version")
    told = {said["organization"] for said in records if said.get("kind") in kinds and said.get("organization")}
    if told - {story.code}:
        yield f"story {story.id}: is {story.code or 'nobody'}'s, and the journal tells of {', '.join(sorted(told))}"
    named = {said["named"] for said in records if said.get("kind") == "version" and "named" in said}
    if named - {journal.commitment(story.id, story.organization_name)}:
        yield f"story {story.id}: has another name of its organization than the journal tells"


def _supplier_faults(
    story: Row[Any], records: Sequence[Mapping[str, Any]], digest: str | None, *, is_joined: bool
) -> Iterator[str]:
    """Who is credited for a story beside its sender: what the last join into it told, and nobody without one."""
    told = [said.get("digest") for said in records if said.get("kind") == crediting.KIND]
    if (digest is not None) != is_joined or (told and told[-1] != digest):
        yield f"story {story.id}: credits others than the journal tells"


def _cleared_faults(act: Row[Any]) -> Iterator[str]:
    """An act whose texts an erasure emptied: without the salt its reason and the actor's name are bound by nothing.

    A reason is a code, so another text is found; another code and another name are not.
    """
    if act.note or act.salt or _read_list(act.faults) or _read_list(act.changes):
        yield "was emptied by an erasure, and its texts are there again"
    if act.reason not in ("", BEING_CHECKED) and act.reason not in schemas.vocabulary("withdrawal_reasons"):
        yield "was emptied by an erasure, and its reason is none that there is"


def _standing_faults(story: Row[Any], acts: Sequence[Row[Any]], records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What a story says of its hold and of the version that was released, against what its acts leave of them."""
    cancelled = correction_faults.set_back_by(records)
    released, held, resumes_to = None, False, {""}
    for act in acts:
        if act.state_after == State.WITHDRAWN:
            released = None
        elif act.kind == ActKind.RELEASE:
            released = act.version
        released = cancelled.get(act.id, released)
        # a hold outlasts the request to withdraw what is held, and whatever else lets the state be
        held = act.state_after == State.HELD or (held and act.state_after == State.WITHDRAWAL_REQUESTED)
        resumes_to = _resumed(act, resumes_to)
    if story.released != released:
        yield f"story {story.id}: names version {story.released} as released, and its acts leave {released}"
    if story.held != held:
        yield f"story {story.id}: is {'' if story.held else 'not '}held, and its acts leave it otherwise"
    if story.resumes_to not in resumes_to:
        yield f"story {story.id}: would go on as {story.resumes_to or 'nothing'}, and its acts tell otherwise"


def _resumed(act: Row[Any], before: set[str]) -> set[str]:
    """Where a story may go on after an act: what arrives during a hold is confirmed first where the route wants it."""
    if act.state_after not in (State.HELD, State.WITHDRAWAL_REQUESTED):
        return {""}
    if act.kind == ActKind.SUBMIT:
        return {State.CONFIRMING.value, State.SUBMITTED.value}
    if act.kind == ActKind.CORRECT:
        return {State.CORRECTING.value}
    return {act.state_before} if before == {""} else before


def _record_of(act: Row[Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """What the journal has to say of an act; rows of before there were users and clauses say nothing of them."""
    optional = {"into": act.into_id, "by": act.by_code, "step": act.step, "clause": act.clause}
    said = {name: value for name, value in optional.items() if value or record.get(name)}
    said |= {"role": act.actor_kind} if "role" in record else {}
    lists = (_read_list(act.faults), _read_list(act.changes))
    text = committed_text(act.reason, act.note, act.actor_name, *lists)
    return {
        **said,
        "act": act.kind,
        "at": act.at.isoformat(),
        "version": act.version,
        "actor": f"{act.actor_kind}:{act.actor_id}",
        "before": act.state_before,
        "after": act.state_after,
        "channels": _read_list(act.channels),
        "embargo_until": act.embargo_until.isoformat() if act.embargo_until else None,
        "note": journal.commitment(act.salt, text),
    }


def _read_list(text: str | None) -> Any:
    try:
        return orjson.loads(text or "null")
    except ValueError:
        return None
