"""A quarter of a province, performed: every event of its script through the services that the doors call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from hub.accounts import history, keys, organizations, users
from hub.accounts.history import Decision
from hub.accounts.organizations import NewOrganization
from hub.accounts.users import Seat
from hub.actors import Actor
from hub.background import create_worker
from hub.clock import FixedClock
from hub.config import Settings
from hub.intake import submissions
from hub.models import Duty, JournalRow, Outlet, Receipt, User
from hub.outlets import catalog, receipts
from hub.regulation import acts
from hub.regulation.duties import waiving
from hub.regulation.edition import editions
from hub.regulation.filed import filings, pickups
from hub.regulation.releasing import ChangeNote, Order, ReturnFault
from hub.regulation.workflow import ActKind
from tests.builders import a_channel, a_story
from tests.regulation.quarter_script import (
    CHANGED,
    DAY,
    END,
    FIRST,
    FRONT,
    GIVER,
    LOCAL,
    MASS,
    MERGED,
    OUTLETS,
    TAKER,
    Event,
    Script,
)

FOUNDED = datetime(2026, 12, 1, 1, tzinfo=UTC)
MORNING = datetime(FIRST.year, FIRST.month, FIRST.day, 8, 5, tzinfo=LOCAL)
RESTING = 7 * DAY  # of the worker, which renders whatever has changed each time
UNTIL = datetime(END.year, END.month, END.day, tzinfo=LOCAL)
PROFILES = {"newspaper": "column", "television": "segment", "radio": "segment", "bulletin": "bulletin"}
PUBLIC = {"code": "cong", "kind": "public", "name": "Cổng nêu gương", "channels": [a_channel("tat-ca", "Tất cả")]}
WORDS = """
    bến sóng lưới mành đèn sổ ca trực tàu khơi gió bờ đá cát rừng đước suối nương ruộng mạ giống vườn chè bưởi ong gà
    trường lớp sách bảng trống cờ xóm ngõ đình chợ cầu đường mương đập kè giếng bể điện nước rác cây hoa sân nhà bếp
"""


WHY = ChangeNote("", "Nói lại cho đúng.", "substantive")


@dataclass
class Quarter:
    """The hub of a province in which a script is performed."""

    settings: Settings
    script: Script
    clock: FixedClock = field(default_factory=lambda: FixedClock(FOUNDED))
    stories: dict[int, str] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.worker = create_worker(self.settings, clock=self.clock)
        self.database = self.worker.database
        self._found()

    def perform(self) -> None:
        """Everything that happens, and the worker on some mornings, when reminders go out."""
        morning = MORNING
        for event in self.script.events:
            if event.at >= UNTIL:
                break
            while morning < event.at:
                self._step(morning)
                morning += RESTING
            self._move_to(event.at)
            PERFORMED[event.what](self, event)
        self._step(UNTIL)

    def rows(self) -> list[dict[str, Any]]:
        """The journal, as JSON tells it."""
        with self.database.reading() as session:
            return [orjson.loads(body) for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))]

    # --- before the quarter -----------------------------------------------------------------------------------------

    def _found(self) -> None:
        with self.database.writing() as session:
            for unit in self.script.units:
                new = NewOrganization(
                    code=unit.code, name=unit.code, kind=unit.kind, level=unit.level, parent=unit.parent
                )
                organizations.add(session, new, now=FOUNDED)
                self._seat(session, unit.code, "contributor")
                for person in range(2):
                    self._seat(session, unit.code, "confirmer", person)
            for person in range(2):
                self._seat(session, FRONT, "editor", person)
            catalog.load(session, _outlets(), now=FOUNDED)
            for code in OUTLETS:
                self._seat(session, code, "outlet")
            editions.adopt(session, editions.default_text(), now=FOUNDED)
            self.editor_key = keys.mint(session, "editor", label="Biên tập viên", now=FOUNDED).secret

    def _seat(self, session: Session, code: str, role: str, person: int = 0) -> None:
        email = _email(role, code, person)
        user = users.add(session, name=email.partition("@")[0], email=email, now=FOUNDED)
        seat = Seat(role=role, outlet=code) if role == "outlet" else Seat(role=role, organization=code)
        users.seat(session, user, seat, on=FOUNDED.date())
        self.people[email] = user.id

    # --- time -------------------------------------------------------------------------------------------------------

    def _move_to(self, at: datetime) -> None:
        self.clock.forward(at - self.clock.now())

    def _step(self, at: datetime) -> None:
        self._move_to(at)
        self.worker.step()

    # --- who acts ---------------------------------------------------------------------------------------------------

    def actor(self, session: Session, role: str, event: Event) -> Actor:
        code = {"editor": FRONT, "outlet": "".join(event.outlets)}.get(role, event.by)
        user = session.get_one(User, self.people[_email(role, code, event.person)])
        found = users.find_actor(session, user, now=self.clock.now())
        assert found is not None
        return found

    # --- what happens -----------------------------------------------------------------------------------------------

    def submit(self, event: Event) -> None:
        """A version is handed in: the first, a better one, or a correction."""
        version = self.versions[event.story] = self.versions.get(event.story, 0) + 1
        prepared = submissions.prepare(tell(event, version))
        with self.database.writing() as session:
            outcome = submissions.submit(
                session,
                prepared,
                actor=self.actor(session, "contributor", event),
                story_id=self.stories.get(event.story),
                now=self.clock.now(),
            )
            assert outcome.changed
            self.stories[event.story] = outcome.story.id

    def act(self, event: Event, role: str, order: Order) -> None:
        with self.database.writing() as session:
            story = acts.get_locked(session, self.stories[event.story])
            acts.perform(session, story, order, actor=self.actor(session, role, event), now=self.clock.now())

    def judge(self, event: Event, order: Order) -> None:
        """An act of the unit that is named, or else of the desk."""
        self.act(event, "confirmer" if event.by else "editor", order)

    def release(self, event: Event) -> None:
        kind = ActKind.APPROVE if event.what.startswith("approve") else ActKind.RELEASE
        channels = tuple(f"{code}/{PROFILES[OUTLETS[code]]}" for code in event.outlets)
        order = Order(kind=kind, channels=(*channels, "cong/tat-ca"), embargo_until=event.embargo)
        if kind is ActKind.APPROVE:
            order = replace(order, changes=(WHY,))  # says nothing where it is no correction
        self.act(event, "editor", order)

    def waive(self, event: Event) -> None:
        """The desk waives the confirmation that a story waits for."""
        story_id = self.stories[event.story]
        self.worker.step()
        with self.database.writing() as session:
            query = select(Duty.id).where(Duty.story_id == story_id, Duty.ended_at.is_(None), Duty.owner != "")
            (duty_id,) = session.scalars(query).all()
            waiving.waive(
                session, duty_id, note="Bão số 9", actor=self.actor(session, "editor", event), now=self.clock.now()
            )

    def pick_up(self, event: Event) -> None:
        """An outlet says what it made of a story."""
        order = pickups.Order(story=self.stories[event.story], use=event.use)
        with self.database.writing() as session:
            pickups.file(session, order, actor=self.actor(session, "outlet", event), now=self.clock.now())

    def receive(self, event: Event) -> None:
        """An outlet says what it did about a withdrawal."""
        (outlet,) = event.outlets
        with self.database.writing() as session:
            asked = select(Receipt).join(Outlet).where(Outlet.code == outlet).options(joinedload(Receipt.outlet))
            receipt = session.scalars(asked.where(Receipt.story_id == self.stories[event.story])).one()
            actor = self.actor(session, "outlet", event)
            if receipt.answer:
                return  # what was answered once is not answered again
            receipts.answer(session, receipt, event.use, note="", actor=actor, now=self.clock.now())

    def report(self, event: Event) -> None:
        """An organization files its report on a quarter."""
        order = filings.Order(kind=filings.REPORT, text="Báo cáo quý", quarter=event.use)
        with self.database.writing() as session:
            filings.file(session, order, actor=self.actor(session, "contributor", event), now=self.clock.now())

    def tick(self, _event: Event) -> None:
        """The worker looks at the clock: an embargo ends."""
        self.worker.step()

    def merge(self, _event: Event) -> None:
        """One commune is merged into another, and each of its mass organizations into its sister there."""
        decision = Decision(on=MERGED, number="12/NQ-HĐND")
        with self.database.writing() as session:
            for ending in ("", *(f"-{code}" for code in MASS)):
                history.merge(session, [f"{GIVER}{ending}"], f"{TAKER}{ending}", decision, now=self.clock.now())

    def adopt(self, _event: Event) -> None:
        """The second edition leaves a unit two working days instead of three."""
        text = editions.default_text().replace('"working_days": 3}', '"working_days": 2}', 1)
        with self.database.writing() as session:
            editions.adopt(session, text, effective_on=CHANGED, now=self.clock.now())


def _judged(kind: ActKind, **more: Any) -> Callable[[Quarter, Event], None]:
    return lambda quarter, event: quarter.judge(event, Order(kind=kind, **more))


def _sent(kind: ActKind, **more: Any) -> Callable[[Quarter, Event], None]:
    return lambda quarter, event: quarter.act(event, "contributor", Order(kind=kind, **more))


PERFORMED: Mapping[str, Callable[[Quarter, Event], None]] = {
    "submit": Quarter.submit,
    "correct": Quarter.submit,
    "confirm": _judged(ActKind.CONFIRM),
    "return": _judged(ActKind.RETURN, faults=(ReturnFault("/method", "method_missing"),)),
    "recall": _sent(ActKind.RECALL),
    "request withdrawal": _sent(ActKind.REQUEST_WITHDRAWAL, reason="subject_request"),
    "approve": _judged(ActKind.APPROVE),
    "release": Quarter.release,
    "approve and release": Quarter.release,
    "hold": _judged(ActKind.HOLD, reason="being_checked"),
    "lift": _judged(ActKind.LIFT),
    "withdraw": _judged(ActKind.WITHDRAW, reason="factual_error"),
    "join": lambda quarter, event: quarter.judge(event, Order(kind=ActKind.JOIN, into=quarter.stories[event.into])),
    "waive": Quarter.waive,
    "pickup": Quarter.pick_up,
    "receipt": Quarter.receive,
    "report": Quarter.report,
    "merge": Quarter.merge,
    "adopt": Quarter.adopt,
    "tick": Quarter.tick,
}


def tell(event: Event, version: int) -> dict[str, Any]:
    """What a unit sends: no two stories have their wording in common."""
    rng = Random(event.story)
    words = " ".join(rng.choices(WORDS.split(), k=60))
    name = f"Người số {event.story}"
    return a_story(
        title=f"{words[:40]} {event.story}",
        summary=f"{words[40:100]}, lần {version}.",
        body={"html": f"<p>{words[100:]}</p>"},
        subject={"type": "individual", "name": name, "birth_year": 1970, "role": "thợ máy"},
        deed=words[60:120],
        method=words[80:160],
        result=words[30:90],
        lesson=words[20:80],
        urgency=event.urgency,
    )


@cache
def _email(role: str, code: str, person: int) -> str:
    return f"{role}-{person}.{code}@hai-son.example"


def _outlets() -> dict[str, Any]:
    made = [
        {
            "code": code,
            "kind": kind,
            "name": code,
            "channels": [a_channel(PROFILES[kind], code, profile=PROFILES[kind], audience="outlet")],
        }
        for code, kind in OUTLETS.items()
    ]
    return {"agency": {"code": "bao-dai", "name": "Báo và Đài Hải Sơn"}, "outlets": [*made, PUBLIC]}
