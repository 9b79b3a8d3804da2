"""Where a person is named beside the versions of stories: told to them, and emptied once they are erased.

Notes of acts, corrections and releases, what outlets told of uses and receipts and what the hub found of uses, why a
duty was waived, what the organizations of the stories filed or are writing, requests for coverage and their answers.
Found are rows; whoever is told of them hears the texts with the name, and nothing else of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from hub.models import (
    Act,
    Correction,
    CoverageRequest,
    Duty,
    Filing,
    FormDraft,
    Person,
    Pickup,
    Receipt,
    Release,
    RequestAnswer,
    Story,
    StoryPerson,
    Version,
    Waiver,
)
from hub.records import forgetting, persons
from hub.records.disclosures import read
from hub.regulation import acts

OF_PICKUP, PICKUP_ADDRESSES = ("place", "note", "reason"), ("url", "clip_url")
OF_REQUEST = ("title", "text", "place", "person")
OF_ACT = ("note", "faults", "changes")
Row = TypeVar("Row")


def names_of(session: Session, story_id: str, person: Person) -> set[str]:
    """Every name the person goes by in a story's versions; a guest's and a subject's alike."""
    found = {person.name}
    for version in session.scalars(select(Version).where(Version.story_id == story_id).order_by(Version.number)):
        told = dict(read(encoded) for encoded in version.disclosures.values())
        for part, place in places_of(session, version, person.id):
            if part == persons.SUBJECT:
                found.add(str(told.get("/subject/name", "")))
            else:
                found.add(_guest_name(told, place))
    return {name for name in found if name}


def places_of(session: Session, version: Version, person_id: str) -> list[tuple[str, int]]:
    """As what a version tells of a person: the part, and the place in it."""
    query = select(StoryPerson.part, StoryPerson.place).where(
        StoryPerson.story_id == version.story_id,
        StoryPerson.version == version.number,
        StoryPerson.person_id == person_id,
    )
    return [(part, place) for part, place in session.execute(query)]


def export(session: Session, person: Person, story_ids: Collection[str]) -> tuple[list[dict[str, Any]], set[str]]:
    """What is written of somebody by name beside the versions, and every name they go by in these stories."""
    by_story = {story_id: names_of(session, story_id, person) for story_id in story_ids}
    every = ({person.name} - {""}).union(*by_story.values())
    owners = set(session.scalars(select(Story.organization_id).where(Story.id.in_(story_ids))))
    found = [said for story_id, names in by_story.items() for said in _of_story(session, story_id, names)]
    found += _told("filing", list_filings(session, owners, every), ("text",), every)
    found += _told("form_draft", list_form_drafts(session, owners, every), ("document",), every)
    found += _told("request", list_requests(session, every), OF_REQUEST, every)
    found += _told("request_answer", list_request_answers(session, every), ("text",), every)
    return found, every


def list_acts(session: Session, story_id: str, names: Collection[str]) -> list[Act]:
    """Acts on a story whose notes, faults or changes tell a name."""
    return _naming(acts.list_acts(session, story_id), OF_ACT, names)


def list_corrections(session: Session, story_id: str, names: Collection[str]) -> list[Correction]:
    """Corrections of a story of which outlets were told a name."""
    query = select(Correction).where(Correction.story_id == story_id).order_by(Correction.act_id)
    return _naming(session.scalars(query), ("changes",), names)


def list_releases(session: Session, story_id: str, names: Collection[str]) -> list[Release]:
    """Releases of a story with which readers were told a name."""
    query = select(Release).where(Release.story_id == story_id, Release.note != "").order_by(Release.id)
    return _naming(session.scalars(query), ("note",), names)


def list_pickups(session: Session, story_id: str, names: Collection[str]) -> list[Pickup]:
    """Uses of a story, told or found, whose texts tell a name or whose addresses spell it."""
    query = select(Pickup).where(Pickup.story_id == story_id).options(joinedload(Pickup.outlet)).order_by(Pickup.id)
    return _naming(session.scalars(query), OF_PICKUP, names, addresses=PICKUP_ADDRESSES)


def list_receipts(session: Session, story_id: str, names: Collection[str]) -> list[Receipt]:
    """Receipts for a story whose notes tell a name."""
    query = select(Receipt).where(Receipt.story_id == story_id).options(joinedload(Receipt.outlet))
    return _naming(session.scalars(query.order_by(Receipt.id)), ("note",), names)


def list_waivers(session: Session, story_id: str, names: Collection[str]) -> list[Waiver]:
    """Waived duties of a story of which it is told with a name why."""
    query = select(Waiver).join(Duty, Duty.id == Waiver.duty_id).where(Duty.story_id == story_id).order_by(Waiver.id)
    return _naming(session.scalars(query), ("note",), names)


def list_filings(session: Session, organization_ids: Collection[int], names: Collection[str]) -> list[Filing]:
    """What these organizations filed, or were asked or answered, that tells a name."""
    theirs = or_(Filing.organization_id.in_(organization_ids), Filing.recipient_id.in_(organization_ids))
    query = select(Filing).where(theirs).options(joinedload(Filing.organization)).order_by(Filing.id)
    return _naming(session.scalars(query), ("text",), names)


def list_form_drafts(session: Session, organization_ids: Collection[int], names: Collection[str]) -> list[FormDraft]:
    """What these organizations are writing at the desk that tells a name."""
    query = select(FormDraft).where(FormDraft.organization_id.in_(organization_ids)).order_by(FormDraft.id)
    return _naming(session.scalars(query), ("document",), names)


def list_requests(session: Session, names: Collection[str]) -> list[CoverageRequest]:
    """Requests for coverage that tell a name, of all outlets: one may ask anybody for anybody."""
    query = select(CoverageRequest).options(joinedload(CoverageRequest.outlet)).order_by(CoverageRequest.id)
    return _naming(session.scalars(query), OF_REQUEST, names)


def list_request_answers(session: Session, names: Collection[str]) -> list[RequestAnswer]:
    """Answers to requests for coverage that tell a name."""
    query = select(RequestAnswer).options(joinedload(RequestAnswer.organization)).order_by(RequestAnswer.id)
    return _naming(session.scalars(query), ("text",), names)


def _of_story(session: Session, story_id: str, names: Collection[str]) -> Iterator[dict[str, Any]]:
    yield from _told("act", list_acts(session, story_id, names), OF_ACT, names)
    yield from _told("correction", list_corrections(session, story_id, names), ("changes",), names)
    yield from _told("release", list_releases(session, story_id, names), ("note",), names)
    found = list_pickups(session, story_id, names)
    yield from _told("pickup", found, OF_PICKUP, names, addresses=PICKUP_ADDRESSES)
    yield from _told("receipt", list_receipts(session, story_id, names), ("note",), names)
    yield from _told("waiver", list_waivers(session, story_id, names), ("note",), names)


def _naming(
    rows: Iterable[Row], texts: Collection[str], names: Collection[str], *, addresses: Collection[str] = ()
) -> list[Row]:
    return [row for row in rows if _texts_of(row, texts, names, addresses)]


def _told(
    kind: str,
    rows: Iterable[Any],
    texts: Collection[str],
    names: Collection[str],
    *,
    addresses: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Rows as they are told to whom they name: what it is, whose, of when, and the texts with the name."""
    return [{"kind": kind, **_facts(row), "texts": _texts_of(row, texts, names, addresses)} for row in rows]


def _facts(row: Any) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if getattr(row, "story_id", None):
        said["story"] = row.story_id
    if isinstance(row, Pickup | Receipt | CoverageRequest):
        said["by"] = row.outlet.code
    elif isinstance(row, Filing | RequestAnswer) and row.organization is not None:
        said["by"] = row.organization.code
    at = row.answered_at if isinstance(row, Receipt) else getattr(row, "at", None)
    return {**said, "at": at.isoformat()} if at is not None else said


def _texts_of(
    row: Any, texts: Collection[str], names: Collection[str], addresses: Collection[str] = ()
) -> dict[str, Any]:
    """The columns of a row that tell a name, and the addresses that spell it."""
    said: Mapping[str, Any] = {name: getattr(row, name) for name in (*texts, *addresses)}
    return {
        name: value if name in addresses else forgetting.telling_part(value, names)
        for name, value in said.items()
        if (forgetting.spells(value, names) if name in addresses else forgetting.tells(value, names))
    }


def _guest_name(told: Mapping[str, Any], place: int) -> str:
    members = sorted({int(pointer.split("/")[3]) for pointer in told if pointer.startswith("/interview/guests/")})
    if place >= len(members):
        return ""
    own = f"/interview/guests/{members[place]}"
    flat = told.get(own, {})
    return str(told.get(f"{own}/name", flat.get("name", "") if isinstance(flat, dict) else ""))
