"""The tree of organizations: making, finding, and who stands above whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from hub.errors import Conflict, NotFound
from hub.models import Organization


class CodeTaken(Conflict):
    """Another organization or outlet has this code."""

    key = "error.code_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganization:
    """What an organization is made from; `parent` is a code or empty."""

    code: str
    name: str
    kind: str
    level: str = ""
    commune: str = ""
    province: str = ""
    parent: str = ""


def add(session: Session, new: NewOrganization, *, now: datetime) -> Organization:
    """Add an organization under its parent. Raises CodeTaken, or NotFound when there is no such parent."""
    if find(session, new.code) is not None:
        raise CodeTaken(code=new.code)
    row = Organization(
        code=new.code,
        name=new.name,
        kind=new.kind,
        level=new.level,
        commune=new.commune,
        province=new.province,
        parent_id=get(session, new.parent).id if new.parent else None,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def find(session: Session, code: str) -> Organization | None:
    """The organization with this code."""
    return session.scalar(select(Organization).where(Organization.code == code))


def get(session: Session, code: str) -> Organization:
    """The organization with this code. Raises NotFound."""
    row = find(session, code)
    if row is None:
        raise NotFound(what=code)
    return row


def lock(session: Session, organization_id: int) -> None:
    """Let the organization's writers wait for each other; on SQLite a writing transaction is alone anyhow."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(Organization.id).where(Organization.id == organization_id).with_for_update())


def list_all(session: Session) -> list[Organization]:
    """Every organization, by code."""
    return list(session.scalars(select(Organization).order_by(Organization.code)))


def list_lineage(session: Session, organization_id: int) -> list[str]:
    """The codes of an organization and of all above it, nearest first."""
    start = select(Organization.id, Organization.code, Organization.parent_id).where(Organization.id == organization_id)
    line = start.cte("line", recursive=True)
    above = aliased(Organization)
    line = line.union_all(select(above.id, above.code, above.parent_id).join(line, above.id == line.c.parent_id))
    return list(session.scalars(select(line.c.code)))
