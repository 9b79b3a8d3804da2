"""What an outlet reads, with what and how far, as `hub outlet doctor` tells it."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from hub.accounts import keys
from hub.cli import main
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import Key, Reading
from hub.outlets import catalog, doctor, readings
from hub.outlets.doctor import Diagnosis
from hub.outlets.readers import reader_of
from hub.outlets.readings import LastReading, Place
from tests.builders import World, a_story

COLUMN = "/feeds/newspaper/column"
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        ("FreshRSS/1.24.1 (Linux; https://freshrss.org)", "FreshRSS/1.24"),
        ("newsboat/2.32.0 (Linux x86_64)", "newsboat/2.32"),
        ("feedparser/6.0.14 +https://github.com/kurtmckee/feedparser/", "feedparser/6.0"),
        ("curl/8.5.0", "curl/8.5"),
        ("python-requests/2.31.0", "python-requests/2.31"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.6.0", "Thunderbird/115.6"),
        ("Mozilla/5.0 (compatible; Miniflux/2.0.50; +https://miniflux.app)", "Miniflux/2.0"),
        ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; 3 subscribers)", "Feedly/1.0"),
        ("NetNewsWire (RSS Reader; https://netnewswire.com/)", "NetNewsWire"),
        ("Mozilla/5.0", "Mozilla/5.0"),
        ("", ""),
        ("\x1b[31m<script>", "script"),
        ("(((((" * 1000, ""),
        ("A" * 500, "A" * 40),
    ],
)
def test_a_reader_is_known_by_its_name_and_the_version_as_far_as_it_matters(sent: str, known: str) -> None:
    assert reader_of(sent) == known


def diagnosis(world: World, database: Database, clock: FixedClock, code: str = "newspaper") -> Diagnosis:
    """Once what was noted is written down."""
    world.reader.app.extensions["hub"].marks.write()
    with database.reading() as session:
        return doctor.examine(session, catalog.get_outlet(session, code), now=clock.now())


def test_it_tells_formats_readers_and_the_oldest_change_that_nobody_was_given(
    world: World, database: Database, clock: FixedClock
) -> None:
    world.release()
    assert world.newspaper.get(f"{COLUMN}.atom", User_Agent="newsboat/2.32.0 (Linux)").status_code == 200
    etag = world.newspaper.get(f"{COLUMN}.atom").headers["ETag"]
    clock.forward(MINUTE)
    again = world.newspaper.get(f"{COLUMN}.atom", User_Agent="newsboat/2.33.0 (Linux)", If_None_Match=etag)
    assert again.status_code == 304  # it has it, and asks
    by_address = f"/feeds/k/{world.newspaper_address}/newspaper/column.ninjs?profile=hub"
    assert world.reader.get(by_address, User_Agent="").status_code == 200
    found = diagnosis(world, database, clock)
    assert {(each.channel, each.format, each.reader, each.number) for each in found.readers} == {
        ("newspaper/column", "atom", "newsboat/2.33", 1),
        ("newspaper/column", "ninjs-hub", "", 1),
    }
    assert {each.at for each in found.readers} == {clock.now()}
    (state,) = found.channels
    assert (found.live_keys, state.head, state.read, state.unread) == (2, 1, 1, None)

    clock.forward(MINUTE)
    released_at = clock.now()
    for name in ("two", "three"):
        world.release(a_story(title=name), external_id=name)
    (state,) = diagnosis(world, database, clock).channels
    assert state.unread is not None
    assert (state.unread.number, state.unread.kind, state.unread.count) == (2, "released", 2)
    assert state.unread.at == released_at
    changes = world.newspaper.get("/api/v1/outlets/newspaper/channels/column/changes?after=1&limit=1")
    assert [row["number"] for row in changes.json["items"]] == [2]
    (state,) = diagnosis(world, database, clock).channels
    assert (state.read, state.unread and state.unread.number) == (2, 3)
    world.newspaper.get("/api/v1/outlets/newspaper/channels/column/changes?after=99")
    (state,) = diagnosis(world, database, clock).channels
    assert (state.read, state.unread) == (3, None)  # it says so itself, and can say no more than there is


def test_who_reads_a_calendar_is_named_and_has_read_nothing_of_the_ledger(
    world: World, database: Database, clock: FixedClock
) -> None:
    world.release()
    assert world.tv.get("/feeds/tv/segment.ics", User_Agent="Thunderbird/115.6.0").status_code == 200
    assert world.reader.get(f"/feeds/k/{world.tv_address}/tv/segment.ics", User_Agent="").status_code == 200
    found = diagnosis(world, database, clock, "tv")
    assert sorted((each.channel, each.format, each.reader) for each in found.readers) == [
        ("tv/segment", "ics", ""),  # by its own address
        ("tv/segment", "ics", "Thunderbird/115.6"),
    ]
    assert [(state.read, state.unread and state.unread.number) for state in found.channels] == [(None, 1)]


def test_those_who_write_down_the_same_reading_at_once_both_succeed(
    world: World, database: Database, clock: FixedClock
) -> None:
    world.release()
    with database.reading() as session:
        key = keys.find(session, keys.fingerprint(world.newspaper_address))
        channel = catalog.get_channel(session, "newspaper/column")
        assert key is not None
        places = [Place(key.id, channel.id, form) for form in ("rss", "atom", "json")]
    begun = threading.Barrier(2)

    def write(number: int, some: Sequence[Place]) -> None:
        begun.wait(10)
        with database.writing() as session:
            readings.write(session, {place: LastReading("WebSub", number, clock.now()) for place in some})

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(write, 2, places), pool.submit(write, 1, places[::-1])]:
            done.result(30)
    with database.reading() as session:
        assert [row.number for row in session.scalars(select(Reading))] == [2, 2, 2]


def test_how_far_somebody_has_read_never_goes_back(world: World, database: Database, clock: FixedClock) -> None:
    for name in ("one", "two"):
        world.release(a_story(title=name), external_id=name)
    for after in (2, 0):
        world.newspaper.get(f"/api/v1/outlets/newspaper/channels/column/changes?after={after}&limit=1")
        (state,) = diagnosis(world, database, clock).channels
        assert state.read == 2


def test_of_public_channels_and_of_foreigners_nothing_is_written(
    world: World, database: Database, clock: FixedClock
) -> None:
    world.release()
    for client in (world.reader, world.newspaper, world.editor):
        client.get("/feeds/public/all.atom")
        client.get("/feeds/tv/segment.atom")
    found = diagnosis(world, database, clock, "public")
    assert (found.readers, [state.unread for state in found.channels]) == ((), [None, None])
    with database.reading() as session:
        assert session.scalars(select(Reading)).all() == []


def test_the_readings_of_a_revoked_key_are_past(world: World, database: Database, clock: FixedClock) -> None:
    world.release()
    world.newspaper.get(f"{COLUMN}.rss")
    assert len(diagnosis(world, database, clock).readers) == 1
    with database.writing() as session:
        row = session.scalars(select(Key).where(Key.sha256 == keys.fingerprint(world.newspaper.secret or ""))).one()
        row.revoked_at = clock.now()
    found = diagnosis(world, database, clock)
    assert (found.readers, found.live_keys) == ((), 1)


def test_the_command_says_it_in_plain_words_and_as_json(
    world: World, database: Database, clock: FixedClock, settings: Settings
) -> None:
    def run(*words: str) -> Result:
        env = {"HUB_DATA": str(settings.data), "HUB_DATABASE_URL": settings.database_url, "LANG": "en"}
        return CliRunner().invoke(main, ["outlet", "doctor", *words], env=env, catch_exceptions=False)

    nothing = run("newspaper").stdout.splitlines()
    assert nothing[0] == "newspaper: Báo Hải Sơn"
    assert "  newspaper/column: nobody has read it yet." in nothing
    assert "  It was never asked to take anything down." in nothing
    story_id = world.release()
    world.newspaper.get(f"{COLUMN}.json", User_Agent="FreshRSS/1.24.1 (Linux)")
    used = {"story": story_id, "use": "printed", "used_on": "2026-11-23", "place": "trang 3"}
    assert [world.newspaper.ask("POST", "/api/v1/pickups", body=used).status_code for _ in range(3)] == [201] * 3
    said = [{"replaces": 2}, {"use": "planned"}, {"use": "declined", "reason": "Trùng nhân vật."}]
    for other in said:
        assert world.newspaper.ask("POST", "/api/v1/pickups", body={**used, **other}).status_code == 201
    assert world.newspaper.ask("POST", "/api/v1/pickups/3/take-back").status_code == 201
    clock.forward(MINUTE)
    world.editor.act(story_id, "withdraw", reason="other")
    world.reader.app.extensions["hub"].marks.write()
    done = run("newspaper")
    told = done.stdout
    assert done.stderr == "A reading is written down up to a quarter of a minute after it happened.\n"
    assert "Uses that it told of in the last 90 days: 2." in told  # one that stands, and one that was put right
    key = (world.newspaper.secret or "")[:8]
    assert "newspaper/column: reads json with FreshRSS/1.24, last at 12:00 23 Nov 2026, up to number 1 (key " in told
    assert "oldest unread change: number 2 (withdrawn) of 12:01 23 Nov 2026; 1 of 2 unread." in told
    assert key[:4] in told
    assert (world.newspaper.secret or "") not in told
    assert "It has answered 0 of 1 requests to take something down; the oldest waits since 12:01 23 Nov 2026" in told
    every = [json.loads(line) for line in run("--json").stdout.splitlines()]
    assert [found["code"] for found in every] == ["newspaper", "tv", "public"]
    assert every[0]["readers"][0]["format"] == "json"
    assert every[0]["channels"][0]["unread"]["number"] == 2
    assert (run("nobody").exit_code, run("nobody").stdout) == (1, "")
