"""Which acts people are told of: events for the outbox, which `hub.delivery.notices` turns into mail and webhooks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from hub.actors import Actor
from hub.models import Act, Change, Channel, Entry, Outlet, Release
from hub.outlets.ledgers import ChangeKind
from hub.records import outbox
from hub.regulation.workflow import ActKind, State

OF_ACTS: Mapping[str, str] = {ActKind.RETURN: "returned", ActKind.CONFIRM: "confirmed"}
WITHDRAWN = "withdrawn"
OF_CHANGES: Mapping[str, str] = {ChangeKind.RELEASED: "released", ChangeKind.CORRECTED: "corrected"}


def of_acts(session: Session, acts: Sequence[Act], *, actor: Actor, now: datetime) -> None:
    """Queue what these acts, just written, tell."""
    for act in acts:
        kind = _kind_of(act)
        if kind is not None:
            outbox.add_notice(
                session, kind, at=now, story=act.story_id, act=act.id, clause=act.clause, by=actor.user_id
            )
        if act.kind == ActKind.RELEASE:
            session.flush()
            query = select(Release).where(Release.act_id == act.id, Release.state == "standing")
            of_releases(session, list(session.scalars(query)), now=now, by=actor.user_id)


def of_releases(session: Session, rows: Sequence[Release], *, now: datetime, by: int | None = None) -> None:
    """Queue what releases tell that have just entered their channels: one event for each act, and never before."""
    if not rows:
        return
    session.flush()
    query = (
        select(Release.story_id, Release.act_id, Change.kind, Outlet.code)
        .join(Channel, Channel.id == Release.channel_id)
        .join(Outlet, Outlet.id == Channel.outlet_id)
        .join(Entry, Entry.release_id == Release.id)
        .join(Change, and_(Change.channel_id == Entry.channel_id, Change.number == Entry.number))
        .where(Release.id.in_([row.id for row in rows]))
    )
    outlets: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for story_id, act_id, change, code in session.execute(query):
        if change in OF_CHANGES:
            outlets[OF_CHANGES[change], story_id, act_id].add(code)
    for (kind, story_id, act_id), codes in sorted(outlets.items()):
        outbox.add_notice(session, kind, at=now, story=story_id, act=act_id, outlets=sorted(codes), by=by)


def _kind_of(act: Act) -> str | None:
    """What an act tells those who sent the story; outlets hear of a withdrawal with the receipt they are asked for."""
    if act.state_after == State.WITHDRAWN:  # whichever act did it
        return WITHDRAWN if act.state_before != State.WITHDRAWN else None
    if act.state_before == State.WITHDRAWAL_REQUESTED:
        return None  # there a return refuses the request
    return OF_ACTS.get(act.kind)
