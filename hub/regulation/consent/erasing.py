"""Erasing a person: what told of them goes for good, and what stays says that something went, and by which act.

Disclosures are removed value and salt, so digests and chains of the versions hold; pictures, proofs, kept bytes and
the person's row are cleared; stories that cannot stand without are withdrawn everywhere. All in one transaction; only
the files of pictures go after it.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from hub.actors import Actor
from hub.models import (
    Act,
    Document,
    Entry,
    Fragment,
    Idempotency,
    MediaToken,
    Person,
    Release,
    Rendition,
    Story,
    StoryPerson,
    Version,
)
from hub.outlets import catalog, ledgers, shown
from hub.outlets.planning import erasing as planning
from hub.publishing import inbox_index, listing
from hub.records import consents, erasing, forgetting, journal, outbox, persons, proofs, story_words
from hub.records.disclosures import read, reveal
from hub.regulation import act_records, acts, ruling, telling
from hub.regulation.consent import clearing, consenting, mentions
from hub.regulation.workflow import State

ERASE = "erase"
EMPTIED: Mapping[str, Any] = {  # texts in the kept answers to stories, pick-ups, filings and requests
    **dict.fromkeys(("title", "place", "person", "note", "reason", "text"), ""),
    **dict.fromkeys(("url", "clip")),
    "removed": [],
}


@dataclass(slots=True)
class Erased:
    """What was erased: stories, how many disclosures, and the hashes of files that nothing names any more."""

    stories: list[str] = field(default_factory=list)
    disclosures: int = 0
    files: list[str] = field(default_factory=list)


def erase(session: Session, person: Person, *, actor: Actor, now: datetime) -> Erased:
    """Erase everything that tells of `person`; the caller removes `files` after the commit."""
    person, stories = consenting.lock_stories(session, person)
    erased = Erased(stories=[story.id for story in stories])
    records: dict[str, list[dict[str, Any]]] = defaultdict(list)
    uploads: set[str] = set()
    every = {person.name} - {""}
    about: set[str] = set()  # stories whose subject it is
    for story in stories:
        names = mentions.names_of(session, story.id, person)
        versions = _versions(session, story.id)
        for version in versions:
            is_subject, digests = _digests_of(session, version, person, names)
            about |= {story.id} if is_subject else set()
            uploads |= forgetting.uploads_in(version.disclosures, digests)
            records[story.id] += _forget(session, version, digests, now=now)
            erased.disclosures += len(digests)
        records[story.id] += clearing.clear_story(session, story, names)
        story_words.write(session, story.id, reveal(versions[-1].disclosures), external_id=story.external_id)
        every |= names
    filings = clearing.clear_filings(session, {story.organization_id for story in stories}, every)
    requests = clearing.clear_requests(session, every)
    clearing.clear_form_drafts(session, {story.organization_id for story in stories}, set(erased.stories), every)
    _clear_consents(session, person, by=actor.mark, now=now)
    outcome = acts.settle(session, stories, now=now, actor=actor)
    erased.files, sharing = _remove_pictures(session, uploads, now=now)
    _clear_kept(session, [story.id for story in stories], every, now=now)
    people = _clear_person(session, person, now=now)
    plans = planning.erase(session, people=people, stories=erased.stories, names=every, by=actor.mark, now=now)
    for story in stories:
        act = _write_act(session, story, withdrawn=story.id in about, actor=actor, now=now)
        rows = [*records[story.id], *outcome.records.get(story.id, []), act_records.record_of(act, story)]
        channels = sorted(catalog.address_of(loss.channel) for loss in outcome.losses if loss.story_id == story.id)
        if channels:  # as any consent that went
            said = {"kind": "consent_withdrawn", "persons": [person.id], "consents": [], "channels": channels}
            rows.append({**said, "organization": story.organization.code, "actor": actor.mark})
        rows += outcome.asked(story)
        rows = [row if "clause" in row else ruling.with_clause(session, row, now=now) for row in rows]
        journal.append_all(session, rows, at=now, story_id=story.id)
    shown.tell(session, {*erased.stories, *sharing}, at=now)
    journal.append_all(session, plans, at=now)
    whole: dict[str, Any] = {"kind": "person_erased", "persons": people, "stories": erased.stories, "actor": actor.mark}
    whole |= {"filings": filings} if filings else {}
    whole |= requests
    journal.append(session, whole, at=now)
    return erased


def _versions(session: Session, story_id: str) -> list[Version]:
    return list(session.scalars(select(Version).where(Version.story_id == story_id).order_by(Version.number)))


def _digests_of(session: Session, version: Version, person: Person, names: Collection[str]) -> tuple[bool, list[str]]:
    """Is the person the version's subject, and which of its disclosures tell of them?"""
    places = mentions.places_of(session, version, person.id)
    if any(part == persons.SUBJECT for part, _ in places):
        return True, forgetting.of_subject(version.disclosures, names)
    guests = [place for part, place in places if part == persons.GUEST]
    return False, forgetting.of_guests(version.disclosures, guests, names)


def _forget(session: Session, version: Version, digests: Sequence[str], *, now: datetime) -> Iterator[dict[str, Any]]:
    """Remove disclosures, and tell the journal which, signed. Whoever counts places is told what closed up."""
    if not digests:
        return
    before = [read(encoded)[0] for encoded in version.disclosures.values()]
    yield erasing.erase(session, version, digests, now=now)
    version.removed = [{name: said for name, said in cut.items() if name != "sample"} for cut in version.removed]
    after = [read(encoded)[0] for encoded in version.disclosures.values()]
    for release in session.scalars(select(Release).where(Release.version_id == version.id)):
        moved = (forgetting.closed_up(pointer, before, after) for pointer in release.hidden)
        release.hidden = [pointer for pointer in moved if pointer is not None]
    _close_places(session, version, before, after)


def _close_places(session: Session, version: Version, before: Sequence[str], after: Sequence[str]) -> None:
    """Guests stand where the revealed card has them; who is on it no more has no place."""
    guests = [row for row in persons.list_of_version(session, version.story_id, version.number) if row.part == "guest"]
    moved = {row.place: forgetting.closed_up(f"/interview/guests/{row.place}", before, after) for row in guests}
    kept = [(row.person_id, pointer) for row in guests if (pointer := moved[row.place]) is not None]
    for row in guests:
        session.delete(row)
    session.flush()
    for person_id, pointer in kept:
        place = int(pointer.rpartition("/")[2])
        session.add(
            StoryPerson(
                story_id=version.story_id, version=version.number, part="guest", place=place, person_id=person_id
            )
        )
    session.flush()


def _clear_consents(session: Session, person: Person, *, by: str, now: datetime) -> None:
    for row in consents.list_of_person(session, person.id):
        if row.ended_at is None:
            row.ended_at, row.ended_by, row.end_reason = now, by, consents.ERASED
        consents.forget(row)
    session.flush()
    proofs.remove(session, person.id)


def _clear_person(session: Session, person: Person, *, now: datetime) -> list[str]:
    """Clear the row and those of the doubles merged into it, which keep their ids; returns these."""
    doubles = session.scalars(select(Person).where(Person.merged_into_id == person.id)).all()
    for row in (person, *doubles):
        row.name, row.name_key, row.unit, row.birth_year, row.minor = "", "", "", None, False
        row.erased_at = now
    return sorted(row.id for row in (person, *doubles))


def _remove_pictures(session: Session, uploads: Collection[str], *, now: datetime) -> tuple[list[str], set[str]]:
    """Take pictures from every release that has them.

    Returns the hashes that no rendition names any more, and the stories that showed one.
    """
    if not uploads:
        return [], set()
    tokens = list(session.scalars(select(MediaToken).where(MediaToken.upload_id.in_(uploads))))
    others = {token.release_id for token in tokens if token.lost_at is None}
    for token in tokens:
        token.lost_at = token.lost_at or now
    hashes = set(session.scalars(select(Rendition.sha256).where(Rendition.upload_id.in_(uploads))))
    session.execute(delete(Rendition).where(Rendition.upload_id.in_(uploads)))
    still = set(session.scalars(select(Rendition.sha256).where(Rendition.sha256.in_(hashes))))
    entries = list(session.scalars(select(Entry).where(Entry.release_id.in_(others)).order_by(Entry.channel_id)))
    channels = ledgers.lock(session, {entry.channel_id for entry in entries})
    for entry in entries:
        ledgers.touch(session, channels[entry.channel_id], entry, now=now)
    shared = select(Release.story_id).join(MediaToken, MediaToken.release_id == Release.id)
    return sorted(hashes - still), set(session.scalars(shared.where(MediaToken.upload_id.in_(uploads))))


def _clear_kept(session: Session, story_ids: Collection[str], names: Collection[str], *, now: datetime) -> None:
    """Kept bytes and answers that may still tell of the person go; what may show is rendered anew."""
    entries = select(Entry.id).where(Entry.story_id.in_(story_ids))
    channels = select(Entry.channel_id).where(Entry.story_id.in_(story_ids))
    session.execute(delete(Fragment).where(Fragment.entry_id.in_(entries)))
    session.execute(delete(Document).where(Document.channel_id.in_(channels)))
    listing.forget(session, story_ids)
    outbox.add(session, outbox.TIDY_WORDS, {}, at=now)
    inbox_index.forget(session, story_ids)
    of_stories = or_(Idempotency.story_id.in_(story_ids), Idempotency.story_id.is_(None))
    for row in session.scalars(select(Idempotency).where(of_stories)):
        if not row.answer.startswith("{"):
            continue  # the path that a form led to, as it was kept once: it tells of nobody
        told = orjson.loads(row.answer)
        texts = " ".join(value for value in told.values() if isinstance(value, str))
        if row.story_id is not None or forgetting.tells(texts, names):
            emptied = {name: empty for name, empty in EMPTIED.items() if name in told}
            row.answer = orjson.dumps({**told, **emptied}).decode()


def _write_act(session: Session, story: Story, *, withdrawn: bool, actor: Actor, now: datetime) -> Act:
    after = State.WITHDRAWN.value if withdrawn else story.state
    act = Act(
        story=story,
        version=story.latest,
        kind=ERASE,
        actor_kind=actor.role.value,
        actor_id=actor.id,
        actor_name=actor.name,
        user_id=actor.user_id,
        by_code=actor.code,
        step="",
        clause=ruling.of_story(session, story, now=now).clause_for(ERASE),
        state_before=story.state,
        state_after=after,
        note="",
        reason="",
        channels=[],
        embargo_until=None,
        into_id=None,
        faults=None,
        changes=None,
        salt=secrets.token_urlsafe(16),
        at=now,
    )
    session.add(act)
    if withdrawn:
        story.state, story.held, story.resumes_to = after, False, ""
        acts.end(session, story)
    story.revision += 1
    story.updated_at = now
    session.flush()
    telling.of_acts(session, [act], actor=actor, now=now)
    return act
