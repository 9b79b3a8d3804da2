"""Ledgers stay gap-free and in order, whoever writes into them at the same time."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hub.background import create_worker
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import Change, Channel, Entry, Outbox
from hub.outlets import catalog, ledgers
from hub.outlets.ledgers import ChangeKind
from hub.records import journal, outbox
from tests.builders import World, a_story

EVERY = ["newspaper/column", "public/all", "public/green", "tv/segment"]
channels = st.lists(st.sampled_from(EVERY), min_size=1, max_size=4, unique=True)
ends = st.sampled_from(["stay", "hold", "withdraw", "correct"])


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(plans=st.lists(st.tuples(channels, ends), min_size=4, max_size=8))
def test_concurrent_releases_into_several_channels_leave_no_gap(
    world: World, database: Database, plans: list[tuple[list[str], str]]
) -> None:
    ids = [world.push(a_story(), external_id=f"s{number}-{id(plans)}") for number in range(len(plans))]
    for story_id in ids:
        world.editor.act(story_id, "approve")
    barrier = threading.Barrier(len(plans))
    statuses: list[int] = []

    def live(story_id: str, wanted: list[str], end: str) -> None:
        barrier.wait()
        statuses.append(world.editor.act(story_id, "release", channels=wanted, note="Đi cùng").status_code)
        if end == "hold":
            statuses.append(world.editor.act(story_id, "hold").status_code)
        elif end == "withdraw":
            statuses.append(world.editor.act(story_id, "withdraw", reason="other").status_code)
        elif end == "correct":
            assert world.fishers.put(story_id, a_story(title="Đính chính")).status_code == 200
            statuses.append(world.editor.act(story_id, "approve", channels=wanted).status_code)

    threads = [threading.Thread(target=live, args=(i, *plan)) for i, plan in zip(ids, plans, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) == {201}
    with database.reading() as session:
        assert ledgers.list_gaps(session) == []
        assert list(journal.list_breaks(session)) == []
        for channel in session.scalars(select(Channel)):
            instants = session.scalars(
                select(Change.at).where(Change.channel_id == channel.id).order_by(Change.number)
            ).all()
            assert len(set(instants)) == len(instants)
            assert list(instants) == sorted(instants)


def test_each_change_puts_one_row_into_the_outbox_in_its_own_transaction(
    world: World, database: Database, clock: FixedClock
) -> None:
    def changes_and_rows() -> tuple[Counter[int], Counter[int]]:
        with database.reading() as session:
            rows = session.scalars(select(Outbox).where(Outbox.kind == outbox.CHANNEL_CHANGED))
            changed = Counter(row.payload["channel"] for row in rows)
            return Counter(session.scalars(select(Change.channel_id))), changed

    before = changes_and_rows()
    assert before == (Counter(), Counter())
    story_id = world.release()
    released, queued = changes_and_rows()
    assert released == queued
    assert sorted(released.values()) == [1, 1, 1]
    assert world.editor.act(story_id, "withdraw", reason="other").status_code == 201
    withdrawn, queued = changes_and_rows()
    assert withdrawn == queued == released + released
    with database.writing() as session:
        channel = ledgers.lock(session, [catalog.get_channel(session, "public/all").id]).popitem()[1]
        entry = session.scalars(select(Entry).where(Entry.channel_id == channel.id)).one()
        ledgers.record(session, channel, entry, ChangeKind.CORRECTED, now=clock.now())
        session.flush()
        assert changes_and_rows() == (withdrawn, withdrawn)  # nobody sees the one without the other
        session.rollback()
    assert changes_and_rows() == (withdrawn, withdrawn)


def test_updated_grows_even_when_the_clock_stands_still(world: World, database: Database) -> None:
    for number in range(3):
        world.release(a_story(), external_id=f"s{number}")
    with database.reading() as session:
        column = session.scalars(select(Channel).where(Channel.code == "column")).one()
        instants = session.scalars(
            select(Change.at).where(Change.channel_id == column.id).order_by(Change.number)
        ).all()
    assert instants[1] - instants[0] == instants[2] - instants[1] == timedelta(microseconds=1)


def test_the_changes_call_is_loss_free_and_shows_what_stands_now(world: World, clock: FixedClock) -> None:
    one, two = (world.release(a_story(title=f"Chuyện {n}"), external_id=f"s{n}") for n in (1, 2))
    clock.forward(timedelta(seconds=1))
    world.fishers.put("s1", a_story(title="Chuyện 1, đính chính"))
    world.editor.act(one, "approve", channels=["newspaper/column"])
    world.editor.act(two, "withdraw", reason="consent_withdrawn")
    path = "/api/v1/outlets/newspaper/channels/column/changes"
    items: list[dict[str, object]] = []
    after: int | None = 0
    while after is not None:
        page = world.newspaper.get(f"{path}?after={after}&limit=2").json
        items += page["items"]
        after = page["next"]
    assert [item["number"] for item in items] == list(range(1, len(items) + 1))
    assert [item["kind"] for item in items] == ["released", "released", "flagged", "corrected", "withdrawn"]
    text = str(items)
    assert "Chuyện 1, đính chính" in text
    assert "'Chuyện 1'" not in text  # a superseded row gives the current release
    assert "Chuyện 2" not in text  # what was taken back cannot be read again from number 0
    assert world.tv.get(path).status_code == 404
    assert world.reader.get(path).status_code == 401


def test_a_worker_and_an_editor_never_wait_for_each_other(
    world: World, settings: Settings, clock: FixedClock, database: Database
) -> None:
    embargo = (clock.now() + timedelta(hours=1)).isoformat()
    ids = [world.release(a_story(embargo_until=embargo), external_id=f"s{n}") for n in range(6)]
    clock.forward(timedelta(hours=1))
    worker = create_worker(settings, clock=clock)
    threads = [threading.Thread(target=worker.step)]
    threads += [threading.Thread(target=world.editor.act, args=(i, "hold")) for i in ids[::2]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    worker.step()
    worker.database.engine.dispose()
    with database.reading() as session:
        assert ledgers.list_gaps(session) == []
