"""The worker: embargoes end once, on time, and never on a clock that is not believed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from feeds.parse import parse
from hub.background import create_worker
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import Document, Outbox, Release
from hub.records import clock_trust, outbox
from hub.worker import Worker
from tests.builders import World, a_story

HOUR = timedelta(hours=1)


def _embargoed(world: World, clock: FixedClock, **changes: object) -> str:
    story = a_story(embargo_until=(clock.now() + HOUR).isoformat(), **changes)
    return world.release(story, channels=["public/all"])


def _titles(world: World) -> list[str]:
    return [entry.title for entry in parse(world.reader.get("/feeds/public/all.atom").data).entries]


def test_two_workers_end_an_embargo_once(world: World, settings: Settings, clock: FixedClock) -> None:
    _embargoed(world, clock)
    clock.forward(HOUR)
    workers = [create_worker(settings, clock=clock) for _ in range(3)]
    released: list[int] = []
    threads = [threading.Thread(target=lambda w=w: released.append(w.step())) for w in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for made in workers:
        made.database.engine.dispose()
    assert sorted(released) == [0, 0, 1]
    assert len(_titles(world)) == 1


def test_another_worker_takes_over_when_the_lease_runs_out(
    world: World, worker: Worker, settings: Settings, clock: FixedClock
) -> None:
    worker.step()
    _embargoed(world, clock)
    other = create_worker(settings, clock=clock)
    clock.forward(HOUR)
    assert other.step() == 1
    other.database.engine.dispose()


def test_a_jump_of_the_clock_stops_releases_until_an_operator_accepts_it(
    world: World, worker: Worker, database: Database, clock: FixedClock
) -> None:
    _embargoed(world, clock)
    worker.step()
    clock.at += HOUR  # the wall clock alone
    assert worker.step() == 0
    assert _titles(world) == []
    with database.reading() as session:
        fault = clock_trust.find_fault(session)
    assert fault is not None
    assert fault.startswith("jumped")
    clock.forward(timedelta(seconds=5))
    assert worker.step() == 0  # still: the fault stands until it is accepted
    assert "hub_releases_stopped 1.0" in world.reader.get("/metrics").text
    with database.writing() as session:
        clock_trust.accept(session, now=clock.now())
    clock.forward(timedelta(seconds=5))
    assert worker.step() == 1


def test_while_the_clock_is_not_believed_a_release_waits_too(
    world: World, database: Database, worker: Worker, clock: FixedClock
) -> None:
    with database.writing() as session:
        clock_trust.note_fault(session, "jumped by 3600 s")
    world.release(a_story(), channels=["public/all"])
    assert _titles(world) == []
    with database.writing() as session:
        clock_trust.accept(session, now=clock.now())
    worker.step()
    assert len(_titles(world)) == 1


def test_a_clock_behind_the_journal_releases_nothing(world: World, worker: Worker, clock: FixedClock) -> None:
    world.push()
    clock.at -= timedelta(seconds=30)
    world.editor.act("one", "approve")
    story_id = world.push()
    world.editor.act(story_id, "approve")
    world.editor.act(story_id, "release", channels=["public/all"])
    assert _titles(world) == []
    clock.forward(timedelta(seconds=31))
    worker.step()
    assert len(_titles(world)) == 1


def test_a_held_or_withdrawn_story_does_not_appear_when_its_embargo_ends(
    world: World, worker: Worker, clock: FixedClock
) -> None:
    held = _embargoed(world, clock)
    world.editor.act(held, "hold")
    gone = world.release(
        a_story(embargo_until=(clock.now() + HOUR).isoformat()), external_id="two", channels=["public/all"]
    )
    world.editor.act(gone, "withdraw", reason="other")
    clock.forward(HOUR)
    assert worker.step() == 0
    feed = parse(world.reader.get("/feeds/public/all.atom").data)
    assert (feed.entries, feed.deleted) == ((), ())  # nobody saw it, so nobody is told
    assert world.reader.get(f"/stories/{gone}").status_code == 404
    world.editor.act(held, "lift")
    assert worker.step() == 1


def test_a_correction_of_a_story_under_embargo_takes_its_place(world: World, worker: Worker, clock: FixedClock) -> None:
    story_id = _embargoed(world, clock)
    story = a_story(embargo_until=(clock.now() + HOUR).isoformat(), title="Đã sửa")
    world.fishers.put("one", story)
    assert world.editor.act(story_id, "approve", channels=["public/all"]).status_code == 201
    assert _titles(world) == []
    clock.forward(HOUR)
    assert worker.step() == 1
    assert _titles(world) == ["Đã sửa"]


def test_the_worker_renders_what_changed_and_empties_the_outbox(
    world: World, worker: Worker, database: Database
) -> None:
    world.release()
    with database.reading() as session:
        assert session.query(Outbox).count() > 0
        assert session.query(Document).count() == 0
    worker.step()
    with database.reading() as session:
        assert session.query(Outbox).filter(Outbox.kind.not_in(outbox.TOLD)).count() == 0  # those the postman takes
        assert session.query(Document).count() == 12  # three channels in four formats


def test_what_fails_in_one_kind_of_work_stops_no_other_and_is_told(
    world: World, database: Database, clock: FixedClock, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(_rows: Sequence[Outbox]) -> None:
        raise KeyError("cause")

    done: list[str] = []
    handlers = {"a_first": fail, "b_second": lambda rows: done.extend(row.kind for row in rows)}
    worker = Worker(database, clock, handlers=handlers, sweep=lambda _now: done.append("sweep"))
    _embargoed(world, clock)
    with database.writing() as session:
        for kind in handlers:
            outbox.add(session, kind, {}, at=clock.now())
    clock.forward(HOUR)
    with pytest.raises(ExceptionGroup) as failed:
        worker.step()
    assert [repr(exc) for exc in failed.value.exceptions] == ["KeyError('cause')"]
    assert done == ["b_second", "sweep"]
    said = capfd.readouterr()
    assert "a_first" in said.out + said.err
    assert "KeyError" in said.out + said.err
    with database.reading() as session:
        kinds = [row.kind for row in session.query(Outbox).filter(Outbox.kind.in_(handlers))]
        assert session.query(Release).filter(Release.state == "scheduled").count() == 0
    assert kinds == ["a_first"]  # it is tried again


def test_a_worker_goes_on_after_a_fault(database: Database, clock: FixedClock) -> None:
    stop, calls = threading.Event(), []

    def sweep(_now: datetime) -> None:
        calls.append("sweep")
        clock.forward(timedelta(minutes=11))
        if len(calls) > 1:
            stop.set()
        raise ValueError("once more")

    worker = Worker(database, clock, handlers={}, sweep=sweep)
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert len(calls) > 1
