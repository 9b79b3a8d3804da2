"""The script of a province's quarter: its units, and who does what when from the New Year to the middle of April. Pure.

The same seed gives the same script. Nobody in it knows a deadline: people take the time they take, Tết lies in between,
and some never get to it. Sometimes a thing happens at midnight to the second, as deadlines do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from random import Random
from typing import Any

LOCAL = timezone(timedelta(hours=7))
FIRST, LAST, END = date(2027, 1, 1), date(2027, 3, 31), date(2027, 4, 16)
NOTED, MERGED = date(2027, 2, 11), date(2027, 2, 15)  # the decision is entered after Tết, some days before its own
DRAFTED, CHANGED = date(2027, 2, 22), date(2027, 3, 1)  # the second edition
GIVER, TAKER = "xa-1", "xa-2"
FRONT = "mttq"
MASS = {
    "ldld": "lien_doan_lao_dong",
    "dtn": "doan_thanh_nien",
    "hpn": "hoi_phu_nu",
    "hnd": "hoi_nong_dan",
    "hccb": "hoi_cuu_chien_binh",
}
GRASSROOTS = ("cong_doan", "khu_dan_cu", "truong_hoc", "doan_thanh_nien", "co_so_y_te", "khu_dan_cu", "hop_tac_xa")
OUTLETS = {"bao": "newspaper", "truyen-hinh": "television", "phat-thanh": "radio", "ban-tin": "bulletin"}
USES = ("planned", "printed", "aired", "published", "declined")
RECEIPTS = ("done", "already_printed", "cannot")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASLEEP = 15 * DAY  # longer than any term of a unit, were Tết in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """An organization of the province; `parent` is a code, empty for the Front of the province."""

    code: str
    kind: str
    level: str
    parent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens. `story` is a number, `by` a unit (empty: the desk), `person` one of its people."""

    at: datetime
    what: str
    story: int = -1
    by: str = ""
    person: int = 0
    urgency: int = 5
    outlets: tuple[str, ...] = ()
    use: str = ""
    into: int = -1
    embargo: datetime | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A quarter: who there is, and what happens in order."""

    units: tuple[Unit, ...]
    events: tuple[Event, ...]


def write(*, seed: int, units: int, stories: int) -> Script:
    """The quarter of a province with so many units and stories."""
    rng = Random(seed)
    tree = list_units(units)
    told = [_Life(rng, tree, number) for number in range(stories)]
    for life in told:
        life.tell()
    joined = list(_joins(rng, told))
    events = [*(event for life in told for event in life.events), *joined, *_of_the_province(rng)]
    return Script(tree, tuple(sorted(events, key=lambda event: event.at)))


def list_units(count: int) -> tuple[Unit, ...]:
    """The Front with the five mass organizations, communes with theirs, and what stands at the grassroots."""
    found = [Unit(code=FRONT, kind="mat_tran", level="province", parent="")]
    found += [Unit(code=code, kind=kind, level="province", parent=FRONT) for code, kind in MASS.items()]
    posts = max(2, count // 50)
    found += [_grassroots(f"don-bien-phong-{place}", "luc_luong_vu_trang", FRONT) for place in range(posts)]
    commune = 0
    while len(found) < count:
        commune += 1
        name = f"xa-{commune}"
        found.append(Unit(code=name, kind="mat_tran", level="commune", parent=FRONT))
        mass = [Unit(code=f"{name}-{code}", kind=kind, level="commune", parent=code) for code, kind in MASS.items()]
        below = [_grassroots(f"{name}-{place}", kind, name) for place, kind in enumerate(GRASSROOTS)]
        workers = [_grassroots(f"{name}-ldld-{place}", "cong_doan", f"{name}-ldld") for place in range(2)]
        found += [*mass, *below, *workers]
    return tuple(found[:count])


def _grassroots(code: str, kind: str, parent: str) -> Unit:
    return Unit(code=code, kind=kind, level="grassroots", parent=parent)


def _of_the_province(rng: Random) -> Iterator[Event]:
    """What no story is about: the merger, the second edition, the quarter's reports."""
    yield Event(at=_at(NOTED, 9), what="merge")
    yield Event(at=_at(DRAFTED, 9), what="adopt")
    for code in (FRONT, *MASS):
        yield Event(at=_at(date(2027, 1, 5), 8) + rng.random() * 9 * DAY, what="report", by=code, use="2026-Q4")
        if code != "hccb":  # they forget theirs
            yield Event(at=_at(date(2027, 4, 6), 8) + rng.random() * 9 * DAY, what="report", by=code, use="2027-Q1")


def _joins(rng: Random, lives: list[_Life]) -> Iterator[Event]:
    """A few stories that nobody has looked at yet turn out to tell what a released one tells."""
    calm = [(life.released, life.number) for life in lives if life.calm and life.released is not None]
    for life in lives:
        if not life.untouched or rng.random() > 0.2:
            continue
        at = life.now + life.lag()
        known = [number for released, number in calm if released < at]
        if known:
            yield Event(at=at, what="join", story=life.number, into=rng.choice(known))


class _Life:
    """One story from the first word to the last, as its people will have it."""

    def __init__(self, rng: Random, units: tuple[Unit, ...], number: int) -> None:
        self.rng, self.number = rng, number
        self.units = {unit.code: unit for unit in units}
        active = int(len(units) * 0.9)  # the others stay silent, and the first ones are the most diligent
        place = int(rng.expovariate(4 / active)) if rng.random() < 0.3 else rng.randrange(active)
        self.unit = units[min(place, active - 1)]
        self.urgency = rng.choice((1, 2, 3)) if rng.random() < 0.15 else rng.choice((4, 5, 5, 5, 6, 9))
        self.now = _at(FIRST, 0) + rng.random() * (LAST - FIRST + DAY)
        if rng.random() < 0.85:
            self.now = self.now.replace(hour=rng.randrange(7, 18))
        self.events: list[Event] = []
        self.released: datetime | None = None
        self.told: tuple[str, ...] = ()  # the outlets that have it
        self.calm = True  # nothing more happens to it once it is released
        self.untouched = False  # handed in, and nobody did anything

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def lag(self) -> timedelta:
        """How long somebody takes: mostly a day or two, sometimes a week or two."""
        fate = self.rng.random()
        days = 0.1 + 1.6 * self.rng.random() if fate < 0.7 else 1.5 + 3 * self.rng.random()
        if fate > 0.92:
            days = 4 + 9 * self.rng.random()
        return days * DAY

    def happens(self, what: str, *, after: timedelta | None = None, **more: Any) -> None:
        """The next thing, some time after the last."""
        self.now += after if after is not None else self.lag()
        if self.chance(0.04):  # at midnight to the second
            self.now = _at((self.now + DAY).astimezone(LOCAL).date(), 0)
        self.events.append(Event(at=self.now, what=what, story=self.number, urgency=self.urgency, **more))

    def submit(self, after: timedelta | None = None) -> None:
        self.happens("submit", after=after, by=self.unit.code)

    def tell(self) -> None:
        """The whole life."""
        self.submit(after=timedelta())
        for _ in range(4):
            went = self.climb()
            if went == "on":
                self.stand()
                return
            if went == "stopped":
                return
            if self.chance(0.1):
                self.urgency = 10 - self.urgency  # what was urgent is not any more, or the other way round
            self.submit()

    def climb(self) -> str:
        """The chain and the desk; `again` when it came back to its unit."""
        if self.unit.level != "province":
            steps = ["unit"] if self.urgency <= 3 else ["unit", "province"]
            for step in steps:
                went = self.confirmed(step)
                if went != "on":
                    return went
        return self.reviewed()

    def confirmed(self, step: str) -> str:
        """One step of the chain: given, or what came of it instead."""
        giver = self.unit.code if step == "unit" else self.above("province")
        fate = self.rng.random()
        if fate < 0.03:
            self.untouched = len(self.events) == 1
            if not self.untouched and self.chance(0.7):
                self.happens("waive", after=7 * DAY + self.lag())
            return "stopped"
        if fate < 0.09:
            self.happens("return", by=giver)
            return "again" if self.chance(0.8) else "stopped"
        if fate < 0.11:
            self.happens("recall", by=self.unit.code)
            return "again" if self.chance(0.6) else "stopped"
        if fate < 0.13:
            return "again"  # a better version, before anybody looked at the first
        if fate < 0.16 and step == "unit":
            self.happens("confirm", after=ASLEEP, by=self.above("commune"))
            if self.unit.kind != "luc_luong_vu_trang":
                return "on"
        else:
            self.happens("confirm", by=giver)
        if step == "unit" and self.unit.kind == "luc_luong_vu_trang":
            self.happens("confirm", by=giver, person=1)
        return "on"

    def reviewed(self) -> str:
        """What the desk does with it."""
        fate = self.rng.random()
        if fate < 0.03:
            return "stopped"
        if fate < 0.09:
            self.happens("return")
            return "again" if self.chance(0.8) else "stopped"
        if fate < 0.10:
            self.happens("withdraw")
            return "stopped"
        if fate < 0.12:
            self.happens("hold")
            self.happens("lift")
        if self.chance(0.5):
            self.happens("approve", person=self.rng.randrange(2))
            self.release("release")
        else:
            self.release("approve and release")
        return "on"

    def release(self, what: str) -> None:
        self.told = tuple(code for code in OUTLETS if self.chance(0.6))
        wait = self.lag()
        embargo = self.now + wait + 2 * DAY + self.lag() if self.chance(0.06) else None
        self.happens(what, after=wait, outlets=self.told, embargo=embargo)
        self.released = self.now
        if embargo is not None:
            self.events.append(Event(at=embargo, what="tick"))
            if self.chance(0.2):
                self.calm = False
                self.happens("withdraw", after=5 * HOUR)  # nobody has seen it yet
                return
            self.now = self.released = embargo
        self.answers(self.released, USES)

    def answers(self, since: datetime, said: Sequence[str], *, what: str = "pickup") -> None:
        """What outlets say of it, each when it gets to it."""
        for outlet in self.told:
            at = since
            for use in self.rng.sample(said, self.rng.choice((0, 1, 1, 1, 2))):
                at += self.lag() * self.rng.choice((0.3, 1, 2))
                self.events.append(Event(at=at, what=what, story=self.number, outlets=(outlet,), use=use))

    def stand(self) -> None:
        """What happens to a released story."""
        if not self.calm:
            return
        for what, share in (("corrected", 0.12), ("held", 0.06), ("taken back", 0.08), ("corrected", 0.04)):
            if any(event.what == "withdraw" for event in self.events) or not self.chance(share):
                continue
            self.calm = False
            {"corrected": self.corrected, "held": self.held, "taken back": self.taken_back}[what]()

    # --- what may happen to it then ---------------------------------------------------------------------------------

    def corrected(self) -> None:
        """A correction is released, returned, recalled, or waits while a withdrawal is asked for and refused."""
        for _ in range(3):
            self.happens("correct", by=self.unit.code)
            fate = self.rng.random()
            if fate < 0.15:
                self.happens("recall", after=self.lag() / 4, by=self.unit.code)
                return
            if fate < 0.35:
                self.happens("request withdrawal", after=2 * HOUR, by=self.unit.code)
                self.happens("return")  # of the request; the correction waits as before
            if fate < 0.25:
                self.happens("return", after=self.lag() / 2)
                continue
            self.happens("approve and release", after=self.lag() / 2, outlets=self.told)
            self.answers(self.now, USES)
            return
        self.happens("recall", by=self.unit.code)

    def held(self) -> None:
        self.happens("hold")
        if self.chance(0.8):
            self.happens("lift", after=self.lag() * self.rng.choice((1, 3)))
        else:
            self.withdraw()

    def taken_back(self) -> None:
        if self.chance(0.3):
            self.withdraw()
            return
        self.happens("request withdrawal", by=self.unit.code)
        fate = self.rng.random()
        if fate < 0.15:
            self.happens("recall", after=self.lag() / 2, by=self.unit.code)
        elif fate < 0.3:
            self.happens("return", after=self.lag() / 2)
        else:
            self.withdraw()

    def withdraw(self) -> None:
        self.happens("withdraw", after=self.lag() / 2)
        self.answers(self.now, RECEIPTS, what="receipt")

    def above(self, level: str) -> str:
        """The nearest unit above at a level, or else the nearest of all."""
        line = []
        here = self.unit.parent
        while here:
            line.append(self.units[here])
            here = self.units[here].parent
        return next((unit.code for unit in line if unit.level == level), line[0].code)


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=LOCAL)
