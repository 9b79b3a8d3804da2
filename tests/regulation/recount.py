"""What everybody owed in a quarter, worked out again from the journal in a few lines that share nothing with the hub.

The rules of the default regulation, and of a second edition, are written out by hand. Each duty is read on, row by
row, from the row that brings it to the row that ends it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from typing import Any, NamedTuple

Row = Mapping[str, Any]
LOCAL, DAY = timezone(timedelta(hours=7)), timedelta(days=1)
TET = {date(2027, 2, day) for day in range(4, 11)}
OFF = {date(2027, 1, 1), *TET, date(2027, 4, 16), date(2027, 4, 30), date(2027, 5, 3)}
SECOND_EDITION = datetime(2027, 3, 1, tzinfo=LOCAL)  # units confirm within 2 working days, not 3
ARMED, FRONT = "luc_luong_vu_trang", "mat_tran"
MASS = {"lien_doan_lao_dong", "doan_thanh_nien", "hoi_phu_nu", "hoi_nong_dan", "hoi_cuu_chien_binh"}
SERVICES, SMALL = {"truong_hoc", "co_so_y_te", ARMED}, MASS | {"cong_doan", "khu_dan_cu"}
USED = {"printed", "aired", "published", "declined"}
WAITING = ("confirming", "submitted")  # where a hold found a story
UNDONE = {"submit", "recall", "withdraw", "join"}  # nothing is left to confirm or review
OF_THE_DESK = {  # what opens it: clause, working days (0: 24 hours), what fulfils it, what else ends it
    "correct": ("23.2", 0, {"approve", "return"}, {"correct", "recall", "withdraw"}),
    "hold": ("24.2", 10, {"lift", "withdraw"}, ()),
    "request_withdrawal": ("25.2", 1, {"withdraw", "return of a request"}, {"recall of a request"}),
}


class Owed(NamedTuple):
    """Who owed what under which clause since when, by which row (0: the calendar), until when; what became of it."""

    clause: str
    owner: str  # a code; empty for the desk
    row: int
    since: datetime
    due: datetime
    state: str


@dataclass(frozen=True)
class Recount:
    """The journal's rows until an instant, and kind, level and parent of every organization as it was at first."""

    rows: Sequence[Row]
    tree: Mapping[str, tuple[str, str, str]]
    until: datetime

    def all(self) -> list[Owed]:
        stories: dict[str, list[Row]] = {}
        for row in self.rows:
            stories.setdefault(row["story"] or "", []).append(row)
        del stories[""]
        found = [*self.silence(), *self.calendar(), *(owed for told in stories.values() for owed in self.story(told))]
        return [owed for owed in found if owed.since <= self.until]

    def story(self, told: Sequence[Row]) -> Iterator[Owed]:
        """What the rows of one story bring."""
        had: dict[str, datetime] = {}  # since when outlets have it
        for place, row in enumerate(told):
            said, now, later = word(row), at(row), told[place + 1 :]
            if said == "submit":
                yield from self.chain(row, later)
            elif said in OF_THE_DESK and row["after"] in ("correcting", "held", "withdrawal_requested"):
                clause, count, done, gone = OF_THE_DESK[said]
                yield self.owed(clause, "", row, working_days(now, count) if count else now + DAY, later, done, gone)
            elif said == "withdraw":
                asked = [each["outlet"] for each in later if each["kind"] == "receipt_asked"]
                assert sorted(asked) == sorted(outlet for outlet, since in had.items() if since < now)
            elif said == "receipt_asked":
                yield self.owed("25.3", row["outlet"], row, now + DAY, later, {f"receipt {row['receipt']}"})
            elif said == "release":
                shown = max(now, datetime.fromisoformat(row["embargo_until"] or row["at"]))
                again = row["before"] == "correction_approved"
                if again and row["severity"] == "cosmetic":
                    continue
                clause, due, uses = (
                    ("23.3", shown + DAY, USED) if again else ("35.1", days(shown, 7), {*USED, "planned"})
                )
                for outlet in (address.split("/")[0] for address in row["channels"] if address != "cong/tat-ca"):
                    had.setdefault(outlet, shown)
                    done = {f"{outlet} {use}" for use in uses}
                    counting = [each for each in later if not again or not is_of_older(each, row["version"])]
                    gone = {"withdraw"} if again else {"withdraw", "hold"}
                    yield self.owed(clause, outlet, row, due, counting, done, gone)._replace(since=shown)
                    yield from () if again else self.lifted(outlet, row, shown, later, done)

    def lifted(self, outlet: str, row: Row, shown: datetime, later: Sequence[Row], done: set[str]) -> Iterator[Owed]:
        """Whether it is used an outlet owes anew, from when a hold ends on that came before it said so."""
        end = ending(row, later, done, {"withdraw", "hold"})
        if end is None or word(later[end]) != "hold":
            return
        lifts = (n for n, each in enumerate(later) if n > end and word(each) == "lift" and each["after"] != "held")
        place = next(lifts, None)
        if place is not None:
            lift, rest = later[place], later[place + 1 :]
            since = max(at(lift), shown)
            yield self.owed("35.1", outlet, lift, days(since, 7), rest, done, {"withdraw", "hold"})._replace(
                since=since
            )
            yield from self.lifted(outlet, lift, since, rest, done)

    def chain(self, row: Row, later: Sequence[Row]) -> Iterator[Owed]:
        """The unit, the province unless it is urgent, the desk: each from the row that ended the one before."""
        steps = ["unit", "province", "desk"]
        while steps:
            step = steps.pop(0)
            now, urgent, owner = at(row), row["urgency"] <= 3, self.heir(row["organization"], at(row))
            kind, level, _ = self.tree[owner]
            if step != "desk" and (level == "province" or (step == "province" and urgent)):
                continue
            done, gone, people = {f"confirm {step}", "return"}, {*UNDONE, "approve", "confirm province", "hold"}, 1
            if step == "unit" and kind == ARMED:
                clause, count, people = "20.2" if urgent else "20.1", 3, 2
            elif step == "unit":
                clause, count = "12.1" if urgent else "10.1", 3 if now < SECOND_EDITION else 2
            elif step == "province":
                clause, count, owner = "11.1", 5, self.province(owner, now)
            else:
                clause, count, owner, done, gone = (
                    "12.2" if urgent else "13.1",
                    2,
                    "",
                    {"approve", "return"},
                    {*UNDONE, "hold"},
                )
            due = now + DAY if urgent else working_days(now, count)
            yield self.owed(clause, owner, row, due, later, done, gone, people)
            end = ending(row, later, done, gone, people)
            if end is not None and word(later[end]) == "hold":  # the same step once more, from where it is lifted
                lifts = (place for place, each in enumerate(later) if word(each) == "lift")
                end = next((place for place in lifts if place > end and later[place]["after"] in WAITING), None)
                steps.insert(0, step)
            elif end is not None and not word(later[end]).startswith("confirm"):
                return
            if end is None:
                return
            row, later = later[end], later[end + 1 :]

    def silence(self) -> Iterator[Owed]:
        """Sixty days after a story the next one is owed, or a report."""
        sent = [row for row in self.rows if word(row) in ("submit", "report")]
        for place, row in enumerate(sent):
            if word(row) == "submit":
                owner = self.heir(row["organization"], at(row))
                theirs = self.of(owner, sent[place + 1 :])
                yield self.owed("31.1", owner, row, days(at(row), 60), theirs, {"submit", "report"})

    def calendar(self) -> Iterator[Owed]:
        """A number of different stories each quarter, and the reports of those at the province."""
        for name, begin, end in (
            ("2027-Q1", start(2027, 1), start(2027, 4)),
            ("2027-Q2", start(2027, 4), start(2027, 7)),
        ):
            row = {"number": 0, "at": begin.isoformat()}
            sent = [each for each in self.rows if word(each) == "submit" and begin <= at(each) < end]
            reports = [each for each in self.rows if word(each) == "report" and each["quarter"] == name]
            tenth = end_of(worked(end.date().replace(day=10)))
            for code, (kind, level, _) in self.tree.items():
                clause, wanted = quota(kind, level)
                if wanted and self.heir(code, begin) == code:
                    firsts = {each["story"]: each for each in reversed(self.of(code, sent))}
                    new = [*sorted(firsts.values(), key=at)[wanted - 1 :], *self.merged(code)]
                    yield self.owed(clause, code, row, end, sorted(new, key=at), {"submit"}, {"organization_event"})
                if level == "province":
                    yield self.owed("42.1", code, row, tenth, self.of(code, reports), {"report"})

    def owed(
        self, clause: str, owner: str, row: Row, due: datetime, later: Sequence[Row], done: Collection[str], *ends: Any
    ) -> Owed:
        """A duty as it stood at `until`; `ends` are what else ends it, and how many people it needs."""
        end = ending(row, later, done, *ends)
        said, now = ("nothing", self.until) if end is None else (word(later[end]), at(later[end]))
        states = {
            "nothing": ("open", "late"),
            "waived": ("waived", "waived"),
            **dict.fromkeys(done, ("met", "met_late")),
        }
        return Owed(clause, owner, row["number"], at(row), due, states.get(said, ("lapsed", "late"))[now > due])

    @cached_property
    def mergers(self) -> dict[str, tuple[str, datetime]]:
        events = [row for row in self.rows if row["kind"] == "organization_event"]
        return {
            row["subject"]: (row["successor"], datetime.fromisoformat(f"{row['on']}T00:00+07:00")) for row in events
        }

    def merged(self, code: str) -> Iterator[Row]:
        """The row that ends an organization: what its heir sends counts for the heir."""
        yield from (row for row in self.rows if row["kind"] == "organization_event" and row["subject"] == code)

    def heir(self, code: str, now: datetime) -> str:
        successor, since = self.mergers.get(code, (code, now + DAY))
        return code if since > now else self.heir(successor, now)

    def of(self, code: str, rows: Sequence[Row]) -> list[Row]:
        """Those of the rows that are an organization's, or of whoever came after it."""
        return [row for row in rows if self.heir(row["organization"], at(row)) == self.heir(code, at(row))]

    def province(self, code: str, now: datetime) -> str:
        return code if self.tree[code][1] == "province" else self.province(self.heir(self.tree[code][2], now), now)


def word(row: Row) -> str:
    """What a row is, in a word or three."""
    act = str(row.get("act", row["kind"]))
    if act == "pickup":
        return f"{row['outlet']} {row['use']}"
    if act == "receipt":
        return f"receipt {row['receipt']}"
    if act in ("return", "recall") and row["before"] == "withdrawal_requested":
        return f"{act} of a request"
    return f"confirm {row['step']}" if act == "confirm" else act


def is_of_older(row: Row, version: int) -> bool:
    """Does an outlet tell that it used what was corrected since?"""
    return row["kind"] == "pickup" and row["use"] != "declined" and int(row["version"]) < version


def ending(row: Row, later: Sequence[Row], done: Any, gone: Any = (), people: int = 1) -> int | None:
    """The place of the row that ends what `row` brought: so many people's confirmation, or whatever else does."""
    seen = set()
    for place, each in enumerate(later):
        said = word(each)
        seen |= {each["actor"]} if said == "confirm unit" else set()
        waived = said == "waived" and int(each["duty"][3:11], 16) == row["number"]
        if waived or said in gone or (said in done and (said != "confirm unit" or len(seen) == people)):
            return place
    return None


def quota(kind: str, level: str) -> tuple[str, int]:
    """The clause, and the number of stories that a quarter asks of such an organization."""
    if kind in SERVICES:
        return "30.5", 1
    if level == "grassroots":
        return "30.4", int(kind in SMALL)
    if kind == FRONT or kind in MASS:
        return ("30.1", 6) if level == "province" else ("30.2", 3) if kind == FRONT else ("30.3", 2)
    return "", 0


def at(row: Row) -> datetime:
    return datetime.fromisoformat(row["at"])


def start(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=LOCAL)


def end_of(day: date) -> datetime:
    return datetime.combine(day + DAY, time(), LOCAL)


def worked(day: date) -> date:
    """The day itself, or the next one that is worked."""
    return worked(day + DAY) if day.weekday() >= 5 or day in OFF else day


def working_days(now: datetime, count: int) -> datetime:
    """The end of the so-many-th working day after that of `now`."""
    day = now.astimezone(LOCAL).date()
    for _ in range(count):
        day = worked(day + DAY)
    return end_of(day)


def days(now: datetime, count: int) -> datetime:
    """The end of the so-many-th day after that of `now`, or of the next working day."""
    return end_of(worked(now.astimezone(LOCAL).date() + count * DAY))
