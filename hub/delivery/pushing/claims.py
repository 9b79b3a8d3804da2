"""Claims: which rows a postman takes to work on, so that several postmen, and killed ones, forget nobody.

A claim is a token with an end. While it lasts nobody else touches the row; whoever comes back later than that writes
nothing. Of one host and port only a few rows are taken, so that a crowd at one place leaves the turns to the others.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session

from hub.models import Intent, Subscription

CLAIM = timedelta(seconds=60)
Row = TypeVar("Row", Subscription, Intent)


def is_free(table: type[Subscription] | type[Intent], now: datetime) -> ColumnElement[bool]:
    """Does nobody work on the row?"""
    return or_(table.claimed_until.is_(None), table.claimed_until <= now)


def choose(
    session: Session,
    table: type[Subscription] | type[Intent],
    due: Select[Any],
    *,
    held: Mapping[str, int],
    per_place: int,
    limit: int,
) -> list[int]:
    """Ids of rows to take: the first of each place, then the second of each, those due for longest first.

    `due` selects the rows by any joins; at most `per_place` of a place, with those it holds already, are chosen.
    """
    order = (table.next_try_at, table.id)
    rank = func.row_number().over(partition_by=table.place, order_by=order)
    ranked = due.with_only_columns(table.id, table.place, table.next_try_at, rank.label("rank"))
    full = [place for place, turns in held.items() if turns >= per_place]
    rows = ranked.where(table.place.not_in(full)).subquery()
    query = (
        select(rows.c.id, rows.c.place)
        .where(rows.c.rank <= per_place)
        .order_by(rows.c.rank, rows.c.next_try_at, rows.c.id)
    )
    turns, found = Counter(held), list[int]()
    for row_id, place in session.execute(query.limit(limit)):
        if turns[place] < per_place:
            turns[place] += 1
            found.append(row_id)
    return found


def take(session: Session, table: type[Row], ids: Sequence[int], *, now: datetime) -> list[Row]:
    """Claim those of these rows that nobody has claimed meanwhile; each says its claim."""
    free = select(table.id).where(table.id.in_(ids), is_free(table, now)).order_by(table.id)
    mine = session.scalars(free.with_for_update(skip_locked=True)).all()
    if not mine:
        return []
    token = secrets.token_hex(16)
    session.execute(update(table).where(table.id.in_(mine)).values(claim=token, claimed_until=now + CLAIM))
    place = {row_id: number for number, row_id in enumerate(ids)}
    rows = session.scalars(select(table).where(table.id.in_(mine)).execution_options(populate_existing=True))
    return sorted(rows, key=lambda row: place[row.id])
