"""How far the duties have come: the last journal row, the last period opened, the last time the timers spoke."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.models import Setting

NAME = "duties"


@dataclass(frozen=True, slots=True)
class Mark:
    """Row number; instants of the calendar and of the timers, None before the first edition."""

    row: int = 0
    calendar: datetime | None = None
    rung: datetime | None = None


def read(session: Session, *, lock: bool = False) -> Mark:
    """The mark; with `lock`, nobody else moves it until the transaction ends."""
    query = select(Setting).where(Setting.name == NAME)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        if lock:  # so that the next one finds something to wait for
            write(session, Mark())
        return Mark()
    said = orjson.loads(row.value)
    instants = {name: datetime.fromisoformat(said[name]) if said[name] else None for name in ("calendar", "rung")}
    return Mark(said["row"], **instants)


def write(session: Session, mark: Mark) -> None:
    """Keep the mark."""
    session.merge(Setting(name=NAME, value=orjson.dumps(asdict(mark)).decode()))
    session.flush()
