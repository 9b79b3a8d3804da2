"""Everybody a version is about, and what each of them gives to whom at an instant, by the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from hub.models import Consent, Outlet
from hub.records import persons
from hub.records.grants import DEFAULT_LIMITS, Grant, Limits, Parties, Party

_LATER = aliased(Outlet)
_HEIRS = select(Outlet.code, _LATER.code).join(_LATER, _LATER.id == Outlet.successor_id)  # built once


def parties_of(
    session: Session,
    story_id: str,
    version: int,
    content: Mapping[str, Any],
    *,
    at: datetime,
    limits: Limits = DEFAULT_LIMITS,
) -> Parties:
    """Everybody a version is about, with the grants that are open now and still hold at `at`."""
    places = persons.list_of_version(session, story_id, version)
    people = {row.person_id for row in places}
    query = select(Consent).where(
        Consent.person_id.in_(people), or_(Consent.story_id == story_id, Consent.story_id.is_(None))
    )
    rows = list(session.scalars(query)) if people else []
    heirs = list_heirs(session) if any(row.outlets for row in rows) else {}
    known, held = {row.person_id for row in rows}, [row for row in rows if is_open_at(row, at)]
    parties = {
        row.person_id: Party(
            name=row.person.name,
            kind=row.person.kind,
            birth_year=row.person.birth_year,
            minor=row.person.minor,
            known=row.person_id in known,
            grants=tuple(_grant(each, heirs) for each in held if each.person_id == row.person_id),
        )
        for row in places
    }
    said = content.get("subject", {})
    nobody = Party(name=said.get("name", ""), kind=said.get("type", "individual"), known=False)
    subject = next((parties[row.person_id] for row in places if row.part == persons.SUBJECT), nobody)
    guests = {row.place: parties[row.person_id] for row in places if row.part == persons.GUEST}
    return Parties(subject=subject, guests=_in_order(content, guests), limits=limits)


def _in_order(content: Mapping[str, Any], guests: Mapping[int, Party]) -> tuple[Party, ...]:
    said = content.get("interview", {}).get("guests", ())
    return tuple(guests.get(place, Party(name=guest.get("name", ""), known=False)) for place, guest in enumerate(said))


def list_heirs(session: Session) -> dict[str, str]:
    """Which outlet came after which, by codes, of those that have merged."""
    return dict(session.execute(_HEIRS).all())


def with_heirs(codes: Sequence[str], heirs: Mapping[str, str]) -> list[str]:
    """These outlets, and whoever came after them."""
    outlets = list(codes)
    for code in outlets:  # grows while it is read
        outlets += [heirs[code]] if code in heirs and heirs[code] not in outlets else []
    return outlets


def _grant(row: Consent, heirs: Mapping[str, str]) -> Grant:
    """What is given to an outlet holds for the one that it has merged into, as its keys and duties do."""
    return Grant(
        scope=row.scope,
        outlets=frozenset(with_heirs(row.outlets, heirs)),
        audience=row.audience,
        obtained_on=day_of(row.obtained_on),
        guardian=row.guardian.get("name", ""),
        guardian_on=day_of(row.guardian.get("obtained_on")),
        assent_on=day_of(row.assent_on),
        cleared_on=day_of(row.clearance.get("date")),
    )


def is_open_at(row: Consent, at: datetime) -> bool:
    """Has an entry neither ended nor reached its day at an instant?"""
    return row.ended_at is None and (row.expires_at is None or row.expires_at > at)


def day_of(said: str | None) -> date | None:
    """A day as ISO 8601 says it."""
    return date.fromisoformat(said) if said else None
