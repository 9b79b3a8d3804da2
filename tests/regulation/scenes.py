"""A province under its regulation, told by journal rows: who did what when, and what the duties make of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from hub.accounts import organizations
from hub.accounts.organizations import NewOrganization
from hub.actors import SYSTEM
from hub.db import Database
from hub.models import Duty, JournalHead, Outbox
from hub.outlets import catalog
from hub.records import journal
from hub.regulation.duties import projector, reading, rebuilding, timers
from hub.regulation.duties.reading import Question
from hub.regulation.edition import editions
from hub.regulation.edition.working_days import DAY, LOCAL
from tests.builders import OUTLETS

ADOPTED = "2026-09-28 08:00"
UNITS = (
    ("mttq", "mat_tran", "province", ""),
    ("ldld", "lien_doan_lao_dong", "province", "mttq"),
    ("nghe-ca", "cong_doan", "grassroots", "ldld"),
    ("phu-nu", "hoi_phu_nu", "commune", "mttq"),
    ("bien-phong", "luc_luong_vu_trang", "grassroots", "mttq"),
)


def at(said: str) -> datetime:
    """An instant by the clocks of Việt Nam, such as ``2026-11-16 10:00``."""
    return datetime.fromisoformat(f"{said.replace(' ', 'T')}+07:00").astimezone(UTC)


def local(instant: datetime | None) -> str:
    """An instant as `at` takes it; the end of a day is told as 24:00."""
    if instant is None:
        return ""
    here = instant.astimezone(LOCAL)
    if (here.hour, here.minute) == (0, 0):
        return f"{(here - DAY).date()} 24:00"
    return here.strftime("%Y-%m-%d %H:%M")


@dataclass
class Scene:
    """The journal of a province, and what follows from it."""

    database: Database
    told: set[int] = field(default_factory=set)

    def adopt(self, text: str | None = None, *, when: str = ADOPTED, **options: Any) -> None:
        with self.database.writing() as session:
            editions.adopt(session, text or editions.default_text(), now=at(when), **options)

    def happened(self, when: str, *, story: str | None = None, **record: Any) -> int:
        """Something happened: a row of the journal; returns its number. The duties hear of it."""
        with self.database.writing() as session:
            journal.append(session, record, at=at(when), story_id=story)
            number = session.scalars(select(JournalHead.number)).one()
        projector.catch_up(self.database)
        return int(number)

    def act(self, when: str, act: str, *, story: str = "st_1", by: str = "nghe-ca", **more: Any) -> int:
        """An act on a story of `by`, as the journal keeps it."""
        usual = {"urgency": 5, "version": 1, "actor": f"organization:{by}", "before": "", "after": "", "channels": []}
        return self.happened(when, story=story, kind="act", act=act, organization=by, **{**usual, **more})

    def time_passes(self, until: str) -> list[dict[str, Any]]:
        """The timers speak up to an instant; returns what they said that was not said before."""
        timers.ring(self.database, now=at(until))
        with self.database.reading() as session:
            rows = session.scalars(select(Outbox).where(Outbox.kind == "notice").order_by(Outbox.id)).all()
        new = [row for row in rows if row.id not in self.told]
        self.told |= {row.id for row in rows}
        return [row.payload for row in new]

    def duties(self, clause: str | None = None, *, when: str | None = None, **asked: Any) -> list[Duty]:
        """The duties, optionally of a clause, as they stood at an instant."""
        with self.database.reading() as session:
            return reading.list_duties(
                session,
                Question(clause=clause, **asked),
                asker=SYSTEM,
                at=at(when or "2030-01-01 00:00"),
                limit=10_000,
            )

    def told_of(self, clause: str, *, when: str | None = None) -> list[tuple[str, str, str]]:
        """The duties of a clause as (owner, due, state)."""
        instant = at(when) if when else None
        return [
            (duty.owner, local(duty.due_at), reading.state_at(duty, instant) if instant else duty.state)
            for duty in self.duties(clause, when=when)
        ]

    def table(self) -> list[dict[str, Any]]:
        """Every row of the table, whole."""
        with self.database.reading() as session:
            rows = session.execute(select(*Duty.__table__.columns).order_by(Duty.id))
            return [dict(row._mapping) for row in rows]

    def rebuild(self) -> int:
        with self.database.writing() as session:
            return rebuilding.rebuild(session)


@pytest.fixture
def scene(database: Database) -> Scene:
    """A small province with two outlets, and the default regulation in force since the autumn of 2026."""
    made = Scene(database)
    with database.writing() as session:
        for code, kind, level, parent in UNITS:
            new = NewOrganization(code=code, name=code, kind=kind, level=level, parent=parent)
            organizations.add(session, new, now=at("2026-01-05 08:00"))
        catalog.load(session, OUTLETS, now=at("2026-01-05 08:00"))
    made.adopt()
    return made
