"""What happens to press agencies and outlets: rename, move, merge and close, each by a decision of a day.

Names and owners may change on a day that lies ahead; `states.refresh` lets them begin. An outlet ends only on a day
that has come, since its ledgers move at once (`hub.outlets.merging`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.accounts import history
from hub.accounts.history import Decision, MergesIntoItself
from hub.clock import local_day
from hub.errors import Conflict, NotFound
from hub.models import Agency, Outlet
from hub.outlets import merging, states

AGENCY, OUTLET = "agency", "outlet"


class StillOwnsOutlets(Conflict):
    """An agency that nobody comes after leaves no outlets behind."""

    key = "error.still_owns_outlets"


def get_agency(session: Session, code: str) -> Agency:
    """The agency with this code. Raises NotFound."""
    row = session.scalar(select(Agency).where(Agency.code == code))
    if row is None:
        raise NotFound(what=code)
    return row


def rename_outlet(session: Session, code: str, name: str, decision: Decision, *, now: datetime) -> Outlet:
    """Give an outlet another name. Raises HasEnded or OverlappingValidity."""
    (row,) = states.lock_lasting(session, Outlet, [code], decision)
    states.change(session, row, {"name": name}, on=decision.on)
    states.refresh(session, now=now)
    history.record(session, OUTLET, "rename", [(code, "", False)], decision, now=now)
    return row


def move_outlet(session: Session, code: str, agency: str, decision: Decision, *, now: datetime) -> Outlet:
    """Give an outlet to another press agency. Raises HasEnded or OverlappingValidity."""
    (row,) = states.lock_lasting(session, Outlet, [code], decision)
    (owner,) = states.lock_lasting(session, Agency, [agency], decision)
    states.change(session, row, {"agency_id": owner.id}, on=decision.on)
    states.refresh(session, now=now)
    history.record(session, OUTLET, "move", [(code, agency, False)], decision, now=now)
    return row


def close_outlet(session: Session, code: str, decision: Decision, *, now: datetime) -> Outlet:
    """End an outlet that nobody inherits: its channels show nothing any more. Raises HasEnded, NotYet."""
    row = merging.close(session, code, decision, now=now)
    history.record(session, OUTLET, "close", [(code, "", False)], decision, now=now)
    return row


def rename_agency(session: Session, code: str, name: str, decision: Decision, *, now: datetime) -> Agency:
    """Give a press agency another name. Raises HasEnded or OverlappingValidity."""
    (row,) = states.lock_lasting(session, Agency, [code], decision)
    states.change(session, row, {"name": name}, on=decision.on)
    states.refresh(session, now=now)
    history.record(session, AGENCY, "rename", [(code, "", False)], decision, now=now)
    return row


def merge_agencies(
    session: Session, codes: Sequence[str], into: str, decision: Decision, *, now: datetime
) -> list[Agency]:
    """End press agencies; when read, their outlets belong to `into`. Raises HasEnded, MergesIntoItself."""
    if into in codes:
        raise MergesIntoItself(code=into)
    heir, *ending = states.lock_lasting(session, Agency, [into, *dict.fromkeys(codes)], decision)
    for row in ending:
        states.check_end(session, row, on=decision.on)
        row.ended_on, row.successor_id = decision.on, heir.id
    session.flush()
    history.record(session, AGENCY, "merge", [(row.code, into, True) for row in ending], decision, now=now)
    return ending


def close_agency(session: Session, code: str, decision: Decision, *, now: datetime) -> Agency:
    """End a press agency that owns nothing any more. Raises HasEnded or StillOwnsOutlets."""
    (row,) = states.lock_lasting(session, Agency, [code], decision)
    states.check_end(session, row, on=decision.on)
    day = max(decision.on, local_day(now))
    owned = [found.outlets for found in states.list_agencies(session, on=day, code=code)]
    if outlets := [name for names in owned for name in names]:
        raise StillOwnsOutlets(code=code, outlets=", ".join(outlets))
    row.ended_on = decision.on
    history.record(session, AGENCY, "close", [(code, "", False)], decision, now=now)
    return row
