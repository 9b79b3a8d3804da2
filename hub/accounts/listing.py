"""Organizations as lists: all that ever were, those of a day, and those that somebody may mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import CTE, or_, select
from sqlalchemy.orm import Session, aliased

from feeds import query
from hub.accounts import organizations
from hub.accounts.organizations import FACTS, holds
from hub.models import Organization, OrganizationState


@dataclass(frozen=True, slots=True)
class Listed:
    """An organization as it was on a day; `parent` is a code."""

    code: str
    name: str
    system: str
    kind: str
    level: str
    commune: str
    province: str
    parent: str


def list_all(session: Session) -> list[Organization]:
    """Every organization that ever was, by code."""
    return list(session.scalars(select(Organization).order_by(Organization.code)))


def list_matching(session: Session, typed: str, *, on: date, limit: int) -> list[Organization]:
    """Organizations that are there on a day, by code, or by words of name and place without their marks.

    A province has some thousands of them, so their names are read in memory; never more than `limit` rows are.
    """
    exact = organizations.find(session, typed.strip())
    if exact is not None and not exact.is_over(on):
        return [exact]
    asked = query.parse(typed)
    if not asked:
        return []
    there = or_(Organization.ended_on.is_(None), Organization.ended_on > on)
    names = select(Organization.id, Organization.name, Organization.commune).where(there).order_by(Organization.name)
    found = [row.id for row in session.execute(names) if query.answers(asked, row.name, row.commune)][:limit]
    return list(session.scalars(select(Organization).where(Organization.id.in_(found)).order_by(Organization.name)))


def list_on(
    session: Session, on: date, *, within: CTE | None = None, after: str = "", limit: int | None = None
) -> list[Listed]:
    """The organizations that there were on a day, by code, as they were then; `within` keeps to a subtree."""
    above = aliased(Organization)
    state = OrganizationState
    query = (
        select(Organization.code, *(getattr(state, name) for name in FACTS[:-1]), above.code)
        .join(state, state.organization_id == Organization.id)
        .outerjoin(above, above.id == state.parent_id)
        .where(holds(state, on), or_(Organization.ended_on.is_(None), Organization.ended_on > on))
        .where(Organization.code > after)
        .order_by(Organization.code)
        .limit(limit)
    )
    if within is not None:
        query = query.where(Organization.id.in_(select(within.c.id)))
    rows = session.execute(query).all()
    return [
        Listed(code, name, system, kind, level, commune, province, parent or "")
        for code, name, system, kind, level, commune, province, parent in rows
    ]
