"""The sources that the hub reads: whose they are, when each is due, and what became of reading it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from hub.accounts import organizations
from hub.actors import SYSTEM
from hub.clock import local_day
from hub.delivery import urls
from hub.delivery.addresses import Allowed
from hub.errors import Conflict, Malformed, NotFound
from hub.intake.pulling import faults, intervals
from hub.models import Organization, Outlet, Source
from hub.records import journal

LONG_PART = 16  # letters; 96 random bits take as many in hex, and 16 in Base64
MINUTE = timedelta(minutes=1)
PULL, WATCH = "pull", "watch"
LIVE, FLAGGED, PAUSED = "live", "flagged", "paused"
CLAIM = timedelta(minutes=10)  # longer than reading one takes
VALIDATORS = {"etag": 500, "last_modified": 100}  # the longest that are kept; longer ones are not sent back


class SourceKnown(Conflict):
    """This address is read for this organization or outlet already."""

    key = "error.source_known"


class BadInterval(Malformed):
    """A source is read neither more often than is polite, nor less than once a day."""

    key = "error.bad_interval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A source to be read, and what it said of itself the last time."""

    source_id: int
    kind: str
    url: str
    etag: str
    last_modified: str
    claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What became of reading a source. `fault`: a word of `faults`, empty where all is well; `read`: it brought a feed.

    `keep` says that its validators hold: nothing in it was left for the next time.
    """

    fault: str = ""
    read: bool = False
    unchanged: bool = False
    keep: bool = False
    etag: str = ""
    last_modified: str = ""
    asked_minutes: int | None = None
    retry_after: timedelta | None = None


def add(
    session: Session,
    url: str,
    *,
    organization: Organization | None = None,
    outlet: Outlet | None = None,
    interval: timedelta = intervals.USUAL,
    allowed: Allowed,
    now: datetime,
) -> Source:
    """Read a feed for an organization (its entries become drafts) or for an outlet (they may be uses).

    Raises AddressRefused, SourceKnown, Closed or BadInterval.
    """
    if (organization is None) == (outlet is None):
        raise ValueError("a source has exactly one owner")
    urls.check_url(url, allowed)
    if not intervals.LEAST <= interval <= intervals.MOST:
        raise BadInterval(least=intervals.LEAST // MINUTE, most=intervals.MOST // MINUTE)
    if organization is not None:
        organizations.check_open(session, organization, on=local_day(now))
    owner = f"organization:{organization.id}" if organization else f"outlet:{outlet.id if outlet else 0}"
    key = hashlib.sha256(f"{owner}\n{url}".encode()).hexdigest()
    if session.scalar(select(Source.id).where(Source.key == key)) is not None:
        raise SourceKnown(host=host_of(url))
    row = Source(
        organization_id=organization.id if organization else None,
        outlet_id=outlet.id if outlet else None,
        kind=PULL if organization else WATCH,
        url=url,
        key=key,
        state=LIVE,
        interval_minutes=interval // MINUTE,
        next_at=now,
        created_at=now,
    )
    session.add(row)
    session.flush()
    _tell(session, row, "source_added", now=now)
    return row


def get(session: Session, source_id: int) -> Source:
    """A source, locked until the transaction ends. Raises NotFound."""
    row = session.get(Source, source_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(what=str(source_id), kind="source")
    return row


def list_all(session: Session) -> list[tuple[Source, str]]:
    """Every source, and the code of whom it is read for, oldest first."""
    query = (
        select(Source, func.coalesce(Organization.code, Outlet.code))
        .outerjoin(Organization, Organization.id == Source.organization_id)
        .outerjoin(Outlet, Outlet.id == Source.outlet_id)
        .order_by(Source.id)
    )
    return [(source, owner) for source, owner in session.execute(query)]


def list_page(session: Session, *, before: int | None, limit: int) -> list[tuple[Source, str]]:
    """Sources and the codes of whom they are read for, the newest first, a page at a time."""
    query = (
        select(Source, func.coalesce(Organization.code, Outlet.code))
        .outerjoin(Organization, Organization.id == Source.organization_id)
        .outerjoin(Outlet, Outlet.id == Source.outlet_id)
        .order_by(Source.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Source.id < before)
    return [(source, owner) for source, owner in session.execute(query)]


def pause(session: Session, row: Source, *, actor: str = SYSTEM.name, now: datetime) -> None:
    """Read a source no more, until it is resumed."""
    row.state, row.fault = PAUSED, faults.PAUSED
    _tell(session, row, "source_paused", actor=actor, now=now)


def resume(session: Session, row: Source, *, actor: str = SYSTEM.name, now: datetime) -> None:
    """Read a source again, at once and as if it had never failed."""
    row.state, row.fault, row.failures, row.next_at = LIVE, "", 0, now
    _tell(session, row, "source_resumed", actor=actor, now=now)


def remove(session: Session, row: Source, *, now: datetime) -> None:
    """Forget a source, and what was seen in it; the drafts that it made stay."""
    _tell(session, row, "source_removed", now=now)
    session.delete(row)
    session.flush()


def claim(
    session: Session, *, now: datetime, busy: Collection[int] = (), limit: int, only: Collection[int] | None = None
) -> list[Order]:
    """Take sources to read: those that are due and nobody reads now; or `only` these, due or not."""
    free = or_(Source.claimed_until.is_(None), Source.claimed_until < now)
    wanted: ColumnElement[bool] = due(now) if only is None else Source.id.in_(only)
    query = (
        select(Source)
        .where(wanted, free, Source.id.not_in(busy))
        .order_by(Source.next_at, Source.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    orders = []
    for row in session.scalars(query):
        row.claim, row.claimed_until = secrets.token_hex(16), now + CLAIM
        orders.append(
            Order(
                source_id=row.id,
                kind=row.kind,
                url=row.url,
                etag=row.etag,
                last_modified=row.last_modified,
                claim=row.claim,
            )
        )
    return orders


def has_due(session: Session, *, now: datetime) -> bool:
    """Is there a source to read now?"""
    return session.scalar(select(Source.id).where(due(now)).limit(1)) is not None


def due(now: datetime) -> ColumnElement[bool]:
    """The sources whose time has come."""
    return and_(Source.state != PAUSED, Source.next_at <= now)


def record(session: Session, order: Order, polled: Polled, *, now: datetime, chance: float) -> Source | None:
    """Write down what became of a source, unless it was removed or the claim was lost; returns its row."""
    query = select(Source).where(Source.id == order.source_id, Source.claim == order.claim).with_for_update()
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        return None
    row.claim, row.claimed_until, row.checked_at = "", None, now
    if polled.read:
        row.asked_minutes = polled.asked_minutes
        for name, longest in VALIDATORS.items():
            said = getattr(polled, name) if polled.keep else ""
            setattr(row, name, said if len(said) <= longest else "")
    row.failures = row.failures + 1 if polled.fault else 0
    if polled.read or polled.unchanged:
        row.good_at = now
    if row.state != PAUSED:  # an operator may have paused it meanwhile
        row.state, row.fault = (FLAGGED if polled.fault else LIVE), polled.fault
    if polled.fault in (faults.GONE, faults.CLOSED) and row.state != PAUSED:
        row.state = PAUSED
        _tell(session, row, "source_paused", now=now)
    row.next_at = intervals.next_poll(
        timedelta(minutes=row.interval_minutes),
        asked=timedelta(minutes=row.asked_minutes) if row.asked_minutes else None,
        failures=row.failures,
        retry_after=polled.retry_after,
        now=now,
        chance=chance,
    )
    return row


def host_of(url: str) -> str:
    """The host and port of an address, for logs: a path or a query may hold a key."""
    return urlsplit(url).netloc.rpartition("@")[2][:200]


def shown_address(url: str) -> str:
    """An address for an operator's list: without its query, and with "…" for parts long enough to be a key."""
    parts = [part if len(part) < LONG_PART else "…" for part in urlsplit(url).path.split("/")]
    return host_of(url) + "/".join(parts)[:100]


def _tell(session: Session, row: Source, kind: str, *, actor: str = SYSTEM.name, now: datetime) -> None:
    owner = {"organization": row.organization_id} if row.organization_id else {"outlet": row.outlet_id}
    said = {"kind": kind, "source": row.id, **owner, "address": journal.commitment(row.key, row.url)}
    journal.append(session, {**said, "actor": actor}, at=now)
