"""Everything the hub holds about a person, as one JSON value: the right to know, served; of others nothing sealed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from hub.clock import local_day
from hub.models import Channel, Consent, Entry, Person, Receipt, Release, Story, StoryPerson, Version
from hub.outlets import catalog, receipts
from hub.outlets.planning import erasing as planning
from hub.records import consents, persons, proofs
from hub.records.consent_terms import unsalted
from hub.records.disclosures import showing
from hub.records.grants import Limits, Party
from hub.records.own_part import own_part
from hub.records.secret import Secret
from hub.regulation import releasing
from hub.regulation.consent import mentions

FORM = "hub-person/1"
SHOWN = ("standing", "superseded", "withdrawn")  # releases that somebody saw


def export(session: Session, person: Person, *, secret: Secret, now: datetime) -> dict[str, Any]:
    """What is held about `person`: row, ledger, proofs, the versions that tell of them, where they stood, who had it,
    what they are planned for, and whatever else names them.

    Proofs are opened and given in base64; every read of them is the caller's to journal.
    """
    stories = persons.list_stories(session, person.id)
    named, names = mentions.export(session, person, stories)
    limits = releasing.limits_at(session, now)
    about = set(
        session.scalars(
            select(StoryPerson.story_id).where(StoryPerson.person_id == person.id, StoryPerson.part == persons.SUBJECT)
        )
    )
    return {
        "form": FORM,
        "made_at": now.isoformat(),
        "person": _person(session, person),
        "consents": [
            _consent(
                row, guarded=_is_child(person, row.opened_at, limits) and (not row.version or row.story_id in about)
            )
            for row in consents.list_of_person(session, person.id)
        ],
        "proofs": [
            {
                "id": proof.id,
                "story": proof.story_id,
                "media_type": proof.media_type,
                "sha256": proof.sha256,
                "created_at": proof.created_at.isoformat(),
                "file": b64encode(proofs.unseal(proof, secret=secret)).decode(),
            }
            for proof in proofs.list_of_person(session, person.id)
        ],
        "stories": [_story(session, story_id, person, limits) for story_id in stories],
        "bookings": planning.export(session, [person.id]),
        "mentions": [*named, *planning.export_mentions(session, [person.id], stories=stories, names=names)],
    }


def _person(session: Session, person: Person) -> dict[str, Any]:
    doubles = session.scalars(select(Person).where(Person.merged_into_id == person.id).order_by(Person.id)).all()
    return {
        "id": person.id,
        "kind": person.kind,
        "name": person.name,
        "birth_year": person.birth_year,
        "unit": person.unit,
        "minor": person.minor,
        "created_at": person.created_at.isoformat(),
        "erased_at": _at(person.erased_at),
        "merged": [{"id": double.id, "name": double.name, "unit": double.unit} for double in doubles],
    }


def _is_child(person: Person, at: datetime, limits: Limits) -> bool:
    party = Party(name=person.name, kind=person.kind, birth_year=person.birth_year, minor=person.minor)
    return party.is_child(today=local_day(at), limits=limits)


def _is_guarded(row: Consent, person: Person, about: Collection[str], limits: Limits) -> bool:
    """Did the guardian agree for this person? The paper of a story is that of its subject."""
    return (row.version == 0 or row.story_id in about) and _is_child(person, row.opened_at, limits)


def _consent(row: Consent, *, guarded: bool) -> dict[str, Any]:
    """An entry of the ledger; the guardian where it is this person's, of the unit's word the day."""
    return {
        "id": row.id,
        "story": row.story_id,
        "scope": row.scope,
        "version": row.version,
        "outlets": row.outlets,
        "audience": row.audience,
        "form": row.form,
        "obtained_on": row.obtained_on,
        "expires_at": _at(row.expires_at),
        "guardian": unsalted(row.guardian) if guarded else {},
        "assent_on": row.assent_on,
        "clearance": {name: said for name, said in row.clearance.items() if name == "date"},
        "proof": row.proof_id,
        "opened_at": row.opened_at.isoformat(),
        "ended_at": _at(row.ended_at),
        "end_reason": row.end_reason,
    }


def _story(session: Session, story_id: str, person: Person, limits: Limits) -> dict[str, Any]:
    story = session.get_one(Story, story_id, options=[joinedload(Story.organization)])
    return {
        "id": story_id,
        "organization": story.organization.code,
        "state": story.state,
        "versions": [_version(session, version, person, limits) for version in _versions(session, story_id, person.id)],
        "published": _published(session, story_id),
        "receipts": [_receipt(row) for row in receipts.list_of_stories(session, [story_id])],
    }


def _versions(session: Session, story_id: str, person_id: str) -> Sequence[Version]:
    numbers = select(StoryPerson.version).where(StoryPerson.story_id == story_id, StoryPerson.person_id == person_id)
    query = select(Version).where(Version.story_id == story_id, Version.number.in_(numbers)).order_by(Version.number)
    return session.scalars(query).all()


def _version(session: Session, version: Version, person: Person, limits: Limits) -> dict[str, Any]:
    rows = persons.list_of_version(session, version.story_id, version.number)
    places = [(row.part, row.place) for row in rows if row.person_id == person.id]
    content = own_part(
        version.disclosures,
        subject=(persons.SUBJECT, 0) in places,
        guests=[place for part, place in places if part == persons.GUEST],
        child=_is_child(person, version.created_at, limits),
        published=_shown(session, version),
    )
    return {
        "number": version.number,
        "as": [{"part": part, "place": place} for part, place in places],
        "created_at": version.created_at.isoformat(),
        "content": content,
    }


def _shown(session: Session, version: Version) -> dict[str, set[str]]:
    """The paths of fields that were published of each disclosure of a version."""
    shown: dict[str, set[str]] = {}
    for release in session.scalars(select(Release).where(Release.version_id == version.id, Release.state.in_(SHOWN))):
        for digest in showing(version.disclosures, release.hidden):
            shown.setdefault(digest, set()).update(release.fields)
    return shown


def _published(session: Session, story_id: str) -> list[dict[str, Any]]:
    """Where the story stood or stands, and so who could have had it; for a public channel that is everybody."""
    query = (
        select(Entry, Channel, Release)
        .join(Channel, Channel.id == Entry.channel_id)
        .join(Release, Release.id == Entry.release_id)
        .where(Entry.story_id == story_id)
        .options(joinedload(Channel.outlet))
        .order_by(Channel.id)
    )
    return [
        {
            "channel": catalog.address_of(channel),
            "outlet": channel.outlet.name,
            "had_by": "everybody" if channel.audience == "public" else channel.outlet.code,
            "since": entry.published.isoformat(),
            "state": entry.state,
            "updated": entry.updated.isoformat(),
            "fields": release.fields if entry.state != "withdrawn" else [],
        }
        for entry, channel, release in session.execute(query)
    ]


def _receipt(row: Receipt) -> dict[str, Any]:
    return {
        "outlet": row.outlet.code,
        "task": row.task,
        "asked_at": row.asked_at.isoformat(),
        "due_at": row.due_at.isoformat(),
        "answer": row.answer,
        "answered_at": _at(row.answered_at),
    }


def _at(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
