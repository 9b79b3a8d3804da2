"""Duties beside their number: one organization's list, a tick of the timers, and deriving everything again.

50,000 open stories of 5,000 organizations under a regulation of 200 clauses, beside a tenth of the stories.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine, event, insert

from hub.accounts import keys
from hub.clock import local_day
from hub.models import JournalHead, JournalRow, Organization, OrganizationState
from hub.regulation.duties import projector, rebuilding, timers
from hub.regulation.edition import editions
from tests.bench.measuring import Line, side_by_side
from tests.bench.worlds import CHUNK, Hub, a_hub, call, clock_of_work, request_environ

WANTED = 1.5  # times
ROUNDS = 9
CLAUSES = 200
ORGANIZATIONS = 5_000
FEW, MANY = 5_000, 50_000
QUICK_ORGANIZATIONS, QUICK_FEW, QUICK_MANY = 50, 200, 2_000
OF_ONE = 60  # stories of the organization whose list is asked for: more than a page of duties
ADOPTED = datetime.fromisoformat("2026-01-12T07:00:00+07:00")  # a Monday without a holiday near
SENT = datetime.fromisoformat("2026-01-12T08:00:00+07:00")
GROUP = 10  # urgent stories that are due in the same minute
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Province:
    """A hub with many stories that wait for their confirmation."""

    hub: Hub
    stories: int
    key: str
    turn: Iterator[int] = field(default_factory=itertools.count)


def measure(*, quick: bool) -> list[Line]:
    organizations = QUICK_ORGANIZATIONS if quick else ORGANIZATIONS
    few, many = (QUICK_FEW, QUICK_MANY) if quick else (FEW, MANY)
    rounds = 2 if quick else ROUNDS
    with ExitStack() as stack:
        provinces = [_a_province(stack.enter_context(a_hub()), organizations, count) for count in (few, many)]
        lines = [_list_line(provinces, rounds), *_tick_lines(provinces, rounds), _rebuild_line(provinces)]
    return lines


def _list_line(provinces: list[Province], rounds: int) -> Line:
    """The page that one organization asks for, through the application."""
    times = side_by_side(
        *(partial(_ask, province) for province in provinces), rounds=rounds, calls=5, clock=clock_of_work()
    )
    return _beside("duties of one organization", provinces, times)


def _ask(province: Province) -> None:
    environ = request_environ("/api/v1/duties", {"Authorization": f"Bearer {province.key}"})
    environ["QUERY_STRING"] = "organization=don-vi-0&limit=50"
    answer = call(province.hub.app, environ)
    assert answer.status == 200, answer
    assert len(json.loads(answer.body)["items"]) == 50


def _tick_lines(provinces: list[Province], rounds: int) -> list[Line]:
    touched = [0, 0]

    def tick(place: int) -> None:
        province = provinces[place]
        now = SENT + timedelta(hours=20) + next(province.turn) * MINUTE  # four hours before a day has gone by
        with _counting(province.hub.database.engine) as updated:
            timers.ring(province.hub.database, now=now)
        touched[place] = max(touched[place], updated())

    times = side_by_side(*(partial(tick, place) for place in (0, 1)), rounds=rounds, clock=clock_of_work())
    exact = f"a tick moves {GROUP} duties that are due; the most it moved"
    return [
        _beside(f"a tick with {GROUP} duties due", provinces, times),
        Line(measure=f"{exact}, {provinces[1].stories:,} stories", ours=touched[1], unit="rows", limit=GROUP),
    ]


def _rebuild_line(provinces: list[Province]) -> Line:
    """Milliseconds for a thousand stories: the same when it grows linearly."""

    def rebuild(province: Province) -> None:
        with province.hub.database.writing() as session:
            assert rebuilding.rebuild(session) >= 2 * province.stories

    times = side_by_side(*(partial(rebuild, province) for province in provinces), rounds=1, clock=clock_of_work())
    each = [time / province.stories * 1000 for time, province in zip(times, provinces, strict=True)]
    return _beside("deriving all duties again, each 1,000 stories", provinces, each)


def _beside(measure: str, provinces: list[Province], times: list[float]) -> Line:
    return Line(
        measure=f"{measure}, {provinces[1].stories:,} stories",
        ours=times[1],
        beside=f"{provinces[0].stories:,} stories",
        theirs=times[0],
        limit=WANTED,
    )


@contextmanager
def _counting(engine: Engine) -> Iterator[Callable[[], int]]:
    """How many rows of duties are updated."""
    count = 0

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        nonlocal count
        if statement.startswith("UPDATE duties"):
            count += len(parameters) if many else 1

    event.listen(engine, "before_cursor_execute", note)
    yield lambda: count
    event.remove(engine, "before_cursor_execute", note)


# --- a province ---------------------------------------------------------------------------------------------


def _a_province(hub: Hub, organizations: int, stories: int) -> Province:
    with hub.database.writing() as session:
        units = [_organization(number) for number in (1, 0, *range(2, organizations))]  # parents first
        session.execute(insert(Organization), units)
        session.execute(insert(OrganizationState), [_state(unit) for unit in units])
        first = session.query(Organization).filter_by(code="don-vi-0").one()
        key = keys.mint(session, "organization", organization=first, now=ADOPTED).secret
        editions.adopt(session, _regulation(), now=ADOPTED)
        head = session.get_one(JournalHead, 1)
        for start in range(0, stories, CHUNK):
            some = range(start, min(start + CHUNK, stories))
            session.execute(insert(JournalRow), [_submission(head.number, n, organizations) for n in some])
        head.number += stories
    projector.catch_up(hub.database)
    return Province(hub, stories, key)


def _organization(number: int) -> dict[str, Any]:
    """Units below communes below one province."""
    level = "province" if number == 1 else "commune" if number < 50 else "grassroots"
    return {
        "id": 1000 + number,
        "code": f"don-vi-{number}",
        "name": f"Đơn vị {number}",
        "system": "union",
        "kind": "cong_doan",
        "level": "grassroots" if number == 0 else level,
        "commune": "",
        "province": "",
        "parent_id": None if number == 1 else 1001,
        "created_at": ADOPTED - timedelta(days=30),
    }


def _state(unit: dict[str, Any]) -> dict[str, Any]:
    """What a unit has been from its first day on."""
    said = {name: unit[name] for name in ("name", "system", "kind", "level", "commune", "province", "parent_id")}
    return {**said, "organization_id": unit["id"], "valid_from": local_day(unit["created_at"])}


def _submission(after: int, number: int, organizations: int) -> dict[str, Any]:
    """A journal row: story `number` is handed in. One in ten is urgent, GROUP of them in each minute."""
    urgent = number % 10 == 9
    at = SENT + (number // 10 // GROUP) * MINUTE if urgent else SENT
    owner = 0 if number < OF_ONE else 2 + number % (organizations - 2)
    record = {
        "kind": "act",
        "act": "submit",
        "id": number,
        "version": 1,
        "actor": f"organization:{owner}",
        "before": "draft",
        "after": "submitted",
        "channels": [],
        "organization": f"don-vi-{owner}",
        "urgency": 1 if urgent else 5,
    }
    row = after + number + 1
    return {"number": row, "at": at, "story_id": f"st_{number}", "body": json.dumps(record), "digest": ""}


def _regulation() -> str:
    """The default regulation, and clauses of its kind for single topics until there are enough."""
    document = json.loads(editions.default_text())
    last = document["chapters"][-1]["clauses"]
    known = sum(len(chapter["clauses"]) for chapter in document["chapters"])
    for number in range(known + 1, CLAUSES + 1):
        rule = {
            "who": {"role": "editor", "of": "desk"},
            "what": {"answer": "information"},
            "trigger": {"on": [{"kind": "complaint", "event": f"loại {number}"}]},
            "deadline": {"working_days": 1 + number % 20},
            "evidence": [{"kind": "complaint_answered"}],
        }
        paragraphs = [{"text": "Trả lời phản ánh của Nhân dân."}]
        clause = {"number": str(number), "dated": "2026-01-01", "title": f"Phản ánh loại {number}", "gloss": "More"}
        last.append({**clause, "paragraphs": paragraphs, "rules": [rule]})
    return json.dumps(document, ensure_ascii=False)
