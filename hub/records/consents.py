"""The consent ledger: which scopes a story may show. Submissions open it; after the first release it alone rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from hub.clock import LOCAL
from hub.models import ConsentGrant, Story

_GRANT = insert(cast("Table", ConsentGrant.__table__))


def open_from(session: Session, story: Story, consent: Mapping[str, Any], *, at: datetime) -> None:
    """Let the ledger say what `consent` of a version not yet released says: new scopes open, missing ones end."""
    scopes = set(consent.get("scopes", ()))
    expires_at = _end_of(consent.get("expires_on"))
    for grant in _open(session, story.id) if story.latest > 1 else ():
        if grant.scope not in scopes or grant.expires_at != expires_at:
            grant.ended_at = at
        else:
            scopes.discard(grant.scope)
    said = {"story_id": story.id, "version": story.latest, "opened_at": at, "expires_at": expires_at}
    if scopes:
        session.flush()  # the story's row before those that name it
        session.execute(_GRANT, [{**said, "scope": scope} for scope in sorted(scopes)])


def narrow_to(session: Session, *, story_id: str, consent: dict[str, Any], at: datetime) -> None:
    """After the first release a version can only take scopes away, never bring new ones."""
    scopes = set(consent.get("scopes", ()))
    for grant in _open(session, story_id):
        if grant.scope not in scopes:
            grant.ended_at = at


def scopes_of(session: Session, story_id: str, *, now: datetime) -> frozenset[str]:
    """The scopes that hold at `now`."""
    return frozenset(
        grant.scope for grant in _open(session, story_id) if grant.expires_at is None or grant.expires_at > now
    )


def _open(session: Session, story_id: str) -> Collection[ConsentGrant]:
    return session.scalars(
        select(ConsentGrant).where(ConsentGrant.story_id == story_id, ConsentGrant.ended_at.is_(None))
    ).all()


def _end_of(day: str | None) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), LOCAL).astimezone(UTC)
