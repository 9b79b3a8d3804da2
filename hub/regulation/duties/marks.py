"""How far the duties have come: the last journal row, the last period opened, the last time the timers spoke."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

import orjson
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.models import Setting

NAME = "duties"
RULES = 2  # moves whenever the same journal gives other duties than before
FIRST_RULES = 1  # of marks that do not say by which rules they were reached
_ROW = select(Setting.value).where(Setting.name == NAME)


@dataclass(frozen=True, slots=True)
class Mark:
    """Row number; instants of the calendar and of the timers, None before the first edition; by which rules."""

    row: int = 0
    calendar: datetime | None = None
    rung: datetime | None = None
    rules: int = RULES


def read(session: Session) -> Mark:
    """The mark as it stands."""
    return _told(session.scalar(_ROW))


def lock(session: Session) -> Mark:
    """The mark, which nobody else moves until the transaction ends: taken before any duty."""
    found = session.scalar(_ROW.with_for_update())
    if found is None:
        with suppress(IntegrityError), session.begin_nested():  # the other one's is as good
            session.add(Setting(name=NAME, value=_value(Mark())))
            session.flush()
        found = session.scalar(_ROW.with_for_update())
    return _told(found)


def write(session: Session, mark: Mark) -> None:
    """Keep a locked mark."""
    session.execute(update(Setting).where(Setting.name == NAME).values(value=_value(mark)))


def _told(value: str | None) -> Mark:
    if value is None:
        return Mark()
    said = orjson.loads(value)
    instants = {name: datetime.fromisoformat(said[name]) if said[name] else None for name in ("calendar", "rung")}
    return Mark(said["row"], **instants, rules=said.get("rules", FIRST_RULES))


def _value(mark: Mark) -> str:
    return orjson.dumps(asdict(mark)).decode()
