"""Press agencies and outlets change with time: what was stays, what ended is followed, and no history is rewritten."""

from __future__ import annotations

from datetime import date, timedelta

import orjson
import pytest
from sqlalchemy import event, select

from feeds.parse import parse
from hub.accounts import history as register
from hub.accounts.history import Decision, HasEnded, OverlappingValidity
from hub.clock import FixedClock, local_day
from hub.db import Database
from hub.models import JournalRow
from hub.operation import sweeping
from hub.outlets import catalog, history, merging, states
from hub.worker import Worker
from tests.builders import OUTLETS, World, a_channel, a_story
from tests.outlets.mergers import Weekly

DAY = timedelta(days=1)
NUMBER = "31-QĐ/TU"
COLUMN = "/feeds/newspaper/column"


def ahead(clock: FixedClock, days: int) -> Decision:
    return Decision(local_day(clock.now()) + timedelta(days=days), NUMBER)


def listed(database: Database, on: date) -> dict[str, tuple[str, str]]:
    """Name and agency of every outlet of a day."""
    with database.reading() as session:
        return {row.code: (row.name, row.agency_name) for row in states.list_outlets(session, on=on)}


def test_an_outlet_keeps_the_name_of_its_time_and_shows_the_new_one_at_once(
    world: World, database: Database, clock: FixedClock
) -> None:
    world.release()
    assert "Báo Hải Sơn" in world.newspaper.get(f"{COLUMN}.rss").text
    clock.forward(DAY)
    today = ahead(clock, 0)
    with database.writing() as session:
        history.rename_outlet(session, "newspaper", "Hải Sơn nhật báo", today, now=clock.now())
    assert "Hải Sơn nhật báo" in world.newspaper.get(f"{COLUMN}.rss").text
    assert listed(database, today.on - DAY)["newspaper"] == ("Báo Hải Sơn", "Báo Hải Sơn")
    assert listed(database, today.on)["newspaper"] == ("Hải Sơn nhật báo", "Báo Hải Sơn")


def test_a_name_that_lies_ahead_comes_on_its_day(
    world: World, database: Database, clock: FixedClock, worker: Worker
) -> None:
    with database.writing() as session:
        history.rename_outlet(session, "newspaper", "Hải Sơn nhật báo", ahead(clock, 2), now=clock.now())
    world.release()
    for days, shown in ((1, False), (1, True)):
        assert ("Hải Sơn nhật báo" in world.newspaper.get(f"{COLUMN}.atom").text) is False
        clock.forward(timedelta(days=days))
        sweeping.sweep(database, world.reader.app.extensions["hub"].store, now=clock.now())
        assert ("Hải Sơn nhật báo" in world.newspaper.get(f"{COLUMN}.atom").text) is shown


def test_an_outlet_that_moves_belongs_to_another_agency_from_that_day_on(weekly: Weekly, clock: FixedClock) -> None:
    day = ahead(clock, 1)
    with weekly.database.writing() as session:
        history.move_outlet(session, "weekly", "bao-hai-son", day, now=clock.now())
    assert listed(weekly.database, day.on - DAY)["weekly"] == ("Hải Sơn cuối tuần", "Báo Tuần")
    assert listed(weekly.database, day.on)["weekly"] == ("Hải Sơn cuối tuần", "Báo Hải Sơn")


def test_outlets_of_a_merged_agency_belong_to_its_successor_when_read(weekly: Weekly, clock: FixedClock) -> None:
    day = ahead(clock, 1)
    with weekly.database.writing() as session:
        history.merge_agencies(session, ["bao-tuan"], "bao-hai-son", day, now=clock.now())
        history.rename_agency(session, "bao-hai-son", "Báo và Đài Hải Sơn", ahead(clock, 2), now=clock.now())
    assert listed(weekly.database, day.on - DAY)["weekly"][1] == "Báo Tuần"
    assert listed(weekly.database, day.on)["weekly"][1] == "Báo Hải Sơn"
    assert listed(weekly.database, day.on + DAY)["weekly"][1] == "Báo và Đài Hải Sơn"
    with weekly.database.reading() as session:
        before, after = (states.list_agencies(session, on=on) for on in (day.on - DAY, day.on))
    assert {row.code: row.outlets for row in before} == {"bao-hai-son": ("newspaper", "tv"), "bao-tuan": ("weekly",)}
    assert {row.code: row.outlets for row in after} == {"bao-hai-son": ("newspaper", "tv", "weekly")}


def test_outlets_of_many_agencies_are_listed_by_as_few_statements(weekly: Weekly, clock: FixedClock) -> None:
    today = ahead(clock, 0)
    asked: list[str] = []
    event.listen(weekly.database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    listed(weekly.database, today.on)
    few = len(asked)
    with weekly.database.writing() as session:
        for number in range(20):
            agency = {"code": f"cq-{number}", "name": f"Cơ quan {number}"}
            own = [a_channel("trang", "Trang", profile="column", audience="outlet")]
            outlet = {"code": f"bao-{number}", "kind": "newspaper", "name": f"Báo {number}", "channels": own}
            catalog.load(session, {"agency": agency, "outlets": [outlet]}, now=clock.now())
    asked.clear()
    assert listed(weekly.database, today.on)["bao-7"] == ("Báo 7", "Cơ quan 7")
    assert len(asked) == few


def test_a_closed_outlet_is_gone_and_its_keys_open_nothing(weekly: Weekly) -> None:
    story_id = weekly.world.release(channels=["weekly/notes", "newspaper/column"])
    assert weekly.paper.get("/feeds/weekly/notes.rss").status_code == 200
    weekly.clock.forward(DAY)
    with weekly.database.writing() as session:
        history.close_outlet(session, "weekly", ahead(weekly.clock, 0), now=weekly.clock.now())
    assert weekly.paper.get("/feeds/weekly/notes.rss").status_code == 410
    assert weekly.world.reader.get(f"/feeds/k/{weekly.address}/weekly/notes.rss").status_code == 410
    assert weekly.world.tv.get("/feeds/weekly/notes.rss").status_code == 404
    assert weekly.world.reader.get("/feeds/weekly/notes.rss").status_code == 401
    for path in ("/feeds/weekly/notes", "/api/v1/outlets/weekly/channels/notes/changes"):
        assert (weekly.paper.get(path).status_code, weekly.reader.get(path).status_code) == (401, 401)
    refused = weekly.world.editor.act(story_id, "release", channels=["weekly/notes"], note="nữa")
    assert refused.json["errors"][0]["code"] == "unknown_channel"
    weekly.world.push(a_story(title="Bản đính chính"))
    assert weekly.world.editor.act(story_id, "approve", channels=["newspaper/column"]).status_code == 201
    assert "Bản đính chính" in weekly.world.newspaper.get(f"{COLUMN}.rss").text


@pytest.mark.parametrize(
    "event",
    [
        lambda session, day, now: history.rename_outlet(session, "weekly", "X", day, now=now),
        lambda session, day, now: history.move_outlet(session, "weekly", "bao-hai-son", day, now=now),
        lambda session, day, now: history.close_outlet(session, "weekly", day, now=now),
        lambda session, day, now: merging.merge(session, "tv", "weekly", day, now=now),
        lambda session, day, now: history.rename_agency(session, "bao-tuan", "X", day, now=now),
        lambda session, day, now: history.close_agency(session, "bao-tuan", day, now=now),
        lambda session, day, now: history.merge_agencies(session, ["bao-tuan"], "bao-hai-son", day, now=now),
        lambda session, day, now: history.merge_agencies(session, ["bao-hai-son"], "bao-tuan", day, now=now),
        lambda session, day, now: history.move_outlet(session, "tv", "bao-tuan", day, now=now),
        lambda session, day, now: catalog.load(session, _weekly_again(), now=now),
    ],
)
def test_what_has_ended_takes_part_in_nothing_more(weekly: Weekly, event) -> None:  # type: ignore[no-untyped-def]
    weekly.merge()
    weekly.clock.forward(DAY)
    day, now = ahead(weekly.clock, 0), weekly.clock.now()
    with weekly.database.writing() as session:
        history.close_agency(session, "bao-tuan", day, now=now)
    with pytest.raises(HasEnded) as refused, weekly.database.writing() as session:
        event(session, day, now)
    assert refused.value.facts["code"] in ("weekly", "bao-tuan")
    assert refused.value.facts["ended_on"]


def _weekly_again() -> dict[str, object]:
    return {"agency": OUTLETS["agency"], "outlets": [{**OUTLETS["outlets"][0], "code": "weekly"}]}


@pytest.mark.parametrize(
    ("event", "in_the_way"),
    [
        (lambda session, day, now: history.rename_outlet(session, "newspaper", "X", day, now=now), "newspaper"),
        (lambda session, day, now: history.move_outlet(session, "newspaper", "bao-tuan", day, now=now), "newspaper"),
        (lambda session, day, now: merging.merge(session, "newspaper", "weekly", day, now=now), "newspaper"),
        (lambda session, day, now: history.close_outlet(session, "newspaper", day, now=now), "newspaper"),
        (lambda session, day, now: history.rename_agency(session, "bao-hai-son", "X", day, now=now), "bao-hai-son"),
    ],
)
def test_an_event_before_what_is_known_is_refused_naming_the_state_in_the_way(  # type: ignore[no-untyped-def]
    weekly: Weekly, event, in_the_way: str
) -> None:
    clock = weekly.clock
    with weekly.database.writing() as session:
        history.rename_outlet(session, "newspaper", "Hải Sơn nhật báo", ahead(clock, 1), now=clock.now())
        history.rename_agency(session, "bao-hai-son", "Báo mới", ahead(clock, 1), now=clock.now())
    with pytest.raises(OverlappingValidity) as refused, weekly.database.writing() as session:
        event(session, ahead(clock, 0), clock.now())
    assert refused.value.facts["code"] == in_the_way
    assert refused.value.facts["known"] == ahead(clock, 1).on.isoformat()


def test_an_agency_that_owns_outlets_is_not_closed(world: World, database: Database, clock: FixedClock) -> None:
    with pytest.raises(history.StillOwnsOutlets) as refused, database.writing() as session:
        history.close_agency(session, "bao-hai-son", ahead(clock, 1), now=clock.now())
    assert refused.value.facts["outlets"] == "newspaper, tv"
    with pytest.raises(merging.MergesIntoItself), database.writing() as session:
        history.merge_agencies(session, ["bao-hai-son"], "bao-hai-son", ahead(clock, 1), now=clock.now())


def test_an_outlet_is_not_closed_on_a_day_to_come(world: World, database: Database, clock: FixedClock) -> None:
    with pytest.raises(merging.NotYet), database.writing() as session:
        history.close_outlet(session, "tv", ahead(clock, 1), now=clock.now())
    assert world.tv.get("/feeds/tv/segment.rss").status_code == 200


def test_every_event_is_a_row_of_the_register_and_of_the_journal(weekly: Weekly) -> None:
    clock = weekly.clock
    with weekly.database.writing() as session:
        history.merge_agencies(session, ["bao-tuan"], "bao-hai-son", ahead(clock, 1), now=clock.now())
    weekly.merge()
    with weekly.database.reading() as session:
        told = [orjson.loads(body) for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))]
        rows = register.list_events(session, "weekly", register=history.OUTLET)
        rows += register.list_events(session, "bao-tuan", register=history.AGENCY)
    assert [(row.kind, row.subject, row.successor, row.decision) for row in rows] == [
        ("merge", "weekly", "newspaper", NUMBER),
        ("merge", "bao-tuan", "bao-hai-son", NUMBER),
    ]
    assert [(row["kind"], row["event"], row["subject"], row["successor"]) for row in told if "event" in row] == [
        ("agency_event", "merge", "bao-tuan", "bao-hai-son"),
        ("outlet_event", "merge", "weekly", "newspaper"),
    ]


def test_a_file_that_names_an_outlet_otherwise_begins_a_state_of_its_day(
    world: World, database: Database, clock: FixedClock
) -> None:
    first = local_day(clock.now())
    clock.forward(DAY)
    outlets = [{**OUTLETS["outlets"][0], "name": "Hải Sơn nhật báo"}]
    with database.writing() as session:
        catalog.load(session, {**OUTLETS, "outlets": outlets}, now=clock.now())
    assert listed(database, first)["newspaper"][0] == "Báo Hải Sơn"
    assert listed(database, first + DAY)["newspaper"][0] == "Hải Sơn nhật báo"
    assert listed(database, first - DAY) == {}
    assert parse(world.newspaper.get(f"{COLUMN}.atom").data).title.endswith("Hải Sơn nhật báo")
