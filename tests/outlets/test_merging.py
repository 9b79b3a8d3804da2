"""An outlet merges: readers are led on, see the same entries, and hear of every later correction and withdrawal."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, select

from feeds.parse import parse
from hub.accounts import keys, users
from hub.accounts.history import Decision, HasEnded
from hub.accounts.users import Seat
from hub.clock import FixedClock, local_day
from hub.config import Settings
from hub.db import BEGIN, WRITE, Database
from hub.intake.media_store import MediaStore
from hub.models import Change, Channel, Duty, Outlet, Release
from hub.operation.verifying import verification
from hub.outlets import catalog, history, merging
from hub.regulation.duties import rebuilding
from hub.regulation.edition import editions
from hub.worker import Worker
from tests.builders import ALL_SCOPES, Client, World, a_channel, a_picture, a_story
from tests.outlets.mergers import NUMBER, Weekly, a_weekly

BASE = "https://hub.example"
PACK = re.compile(rb"/packs/[0-9a-f-]+[.]zip")
FORMATS = ("rss", "atom", "json", "ninjs")
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
OLD, NEW = "/feeds/weekly/notes", "/feeds/newspaper/column"
OLD_CHANGES = "/api/v1/outlets/weekly/channels/notes/changes"
NEW_CHANGES = "/api/v1/outlets/newspaper/channels/column/changes"


def faults(settings: Settings, database: Database) -> list[str]:
    """What `hub verify` would say."""
    store = MediaStore(settings.media_folder)
    return list(verification.find_faults(database, store, settings.address, seen=lambda *_: None))


def followed(client: Client, path: str, **headers: str):  # type: ignore[no-untyped-def]
    """What a reader gets that follows one redirect."""
    answer = client.get(path, **headers)
    assert answer.status_code == 308, (path, answer.status_code)
    return client.get(answer.headers["Location"].removeprefix(BASE), **headers)


@pytest.mark.parametrize("form", FORMATS)
def test_a_reader_that_is_led_on_sees_the_same_entries_under_their_ids_and_dates(weekly: Weekly, form: str) -> None:
    world = weekly.world
    world.release(channels=["weekly/notes"], note="riêng tuần báo")
    weekly.clock.forward(SECOND)
    world.release(a_story(title="Chuyện hai"), external_id="two", channels=["weekly/notes"], note="riêng tuần báo")
    weekly.clock.forward(SECOND)
    world.release(a_story(title="Chuyện của báo ngày"), external_id="three", channels=["newspaper/column"])
    before = parse(weekly.paper.get(f"{OLD}.{form}").data).entries
    (led,) = weekly.merge()
    assert (led.old, led.new, led.carried, led.moved) == ("weekly/notes", "newspaper/column", 2, 0)
    after = parse(followed(weekly.paper, f"{OLD}.{form}").data).entries
    assert [entry.title for entry in after] == ["Chuyện hai", "Người giữ bến Đá Lau", "Chuyện của báo ngày"]
    assert [(entry.id, entry.published) for entry in after[:2]] == [(entry.id, entry.published) for entry in before]
    assert [entry.title for entry in parse(world.newspaper.get(f"{NEW}.{form}").data).entries] == [
        entry.title for entry in after
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_a_correction_and_a_withdrawal_after_the_merger_reach_who_had_the_story(
    weekly: Weekly, settings: Settings, form: str
) -> None:
    world = weekly.world
    story_id = world.release(channels=["weekly/notes"])
    (had,) = parse(weekly.paper.get(f"{OLD}.{form}").data).entries
    weekly.merge()
    weekly.clock.forward(SECOND)
    world.push(a_story(title="Bản đính chính"))
    assert world.editor.act(story_id, "approve", channels=["newspaper/column"]).status_code == 201
    (corrected,) = parse(followed(weekly.paper, f"{OLD}.{form}").data).entries
    assert (corrected.id, corrected.title) == (had.id, "Bản đính chính")
    weekly.clock.forward(SECOND)
    assert world.editor.act(story_id, "withdraw", reason="subject_request").status_code == 201
    answer = followed(weekly.paper, f"{OLD}.{form}")
    assert "Người giữ bến" not in answer.text
    assert "Bản đính chính" not in answer.text
    gone = parse(answer.data)
    assert had.id in [*gone.deleted, *(entry.id for entry in gone.entries)]
    rows = followed(weekly.paper, OLD_CHANGES).json["items"]
    assert [row["kind"] for row in rows] == ["released", "flagged", "corrected", "withdrawn"]
    assert {row["entry"]["id"] for row in rows} == {had.id}
    assert faults(settings, weekly.database) == []


def test_a_withdrawal_before_the_merger_is_carried_for_those_who_were_not_looking(
    weekly: Weekly, settings: Settings
) -> None:
    story_id = weekly.world.release(channels=["weekly/notes"])
    (had,) = parse(weekly.paper.get(f"{OLD}.atom").data).entries
    weekly.clock.forward(SECOND)
    weekly.world.editor.act(story_id, "withdraw", reason="subject_request")
    weekly.merge()
    gone = parse(followed(weekly.paper, f"{OLD}.atom").data)
    assert (list(gone.deleted), gone.entries) == ([had.id], ())
    assert [row["kind"] for row in followed(weekly.paper, OLD_CHANGES).json["items"]] == ["withdrawn"]
    assert faults(settings, weekly.database) == []


def test_the_old_ledger_stays_as_it_is_for_ever(weekly: Weekly, settings: Settings, worker: Worker) -> None:
    story_id = weekly.world.release(channels=["weekly/notes", "newspaper/column"])
    worker.step()
    rows = select(Change.number, Change.kind, Change.digest).join(Channel, Channel.id == Change.channel_id)
    rows = rows.join(Outlet, Outlet.id == Channel.outlet_id).where(Outlet.code == "weekly").order_by(Change.number)
    with weekly.database.reading() as session:
        before = session.execute(rows).all()
    weekly.merge()
    weekly.clock.forward(DAY)
    worker.step()
    weekly.world.editor.act(story_id, "withdraw", reason="other")
    with weekly.database.reading() as session:
        assert session.execute(rows).all() == before
    assert faults(settings, weekly.database) == []
    worker.stop()


def test_a_story_that_stands_in_both_is_not_told_twice(weekly: Weekly, settings: Settings) -> None:
    weekly.world.release(channels=["weekly/notes", "newspaper/column"])
    page = parse(weekly.paper.get(f"{OLD}.atom").data).entries[0].url.removeprefix(BASE)
    before = weekly.world.newspaper.get(f"{NEW}.atom")
    (led,) = weekly.merge()
    assert led.carried == 0
    after = weekly.world.newspaper.get(f"{NEW}.atom")
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
    (entry,) = parse(after.data).entries
    assert f"{BASE}{page}" != entry.url
    assert weekly.paper.get(page).headers["Location"] == entry.url  # where the story stands now, under another id
    assert faults(settings, weekly.database) == []


def test_what_waits_for_its_embargo_waits_in_the_new_channel(
    weekly: Weekly, worker: Worker, settings: Settings
) -> None:
    later = weekly.clock.now() + DAY
    weekly.world.release(a_story(embargo_until=later.isoformat()), channels=["weekly/notes"])
    (led,) = weekly.merge()
    assert (led.carried, led.moved) == (0, 1)
    assert parse(followed(weekly.paper, f"{OLD}.atom").data).entries == ()
    weekly.clock.forward(DAY - 2 * SECOND)
    assert worker.step() == 0
    weekly.clock.forward(2 * SECOND)
    assert worker.step() == 1
    (entry,) = parse(followed(weekly.paper, f"{OLD}.atom").data).entries
    assert entry.published >= later
    assert faults(settings, weekly.database) == []
    worker.stop()


def test_a_correction_under_embargo_goes_on_after_the_merger(
    weekly: Weekly, worker: Worker, settings: Settings
) -> None:
    story_id = weekly.world.release(channels=["weekly/notes"])
    later = weekly.clock.now() + DAY
    weekly.world.push(a_story(title="Bản đính chính", embargo_until=later.isoformat()))
    assert weekly.world.editor.act(story_id, "approve", channels=["weekly/notes"]).status_code == 201
    (led,) = weekly.merge()
    assert (led.carried, led.moved) == (1, 1)
    weekly.clock.forward(DAY)
    assert worker.step() == 1
    rows = followed(weekly.paper, OLD_CHANGES).json["items"]
    assert [row["kind"] for row in rows] == ["released", "corrected"]
    assert rows[-1]["entry"]["title"] == "Bản đính chính"
    worker.stop()
    assert faults(settings, weekly.database) == []


def test_pictures_get_new_addresses_and_the_old_ones_are_gone(weekly: Weekly, settings: Settings) -> None:
    world = weekly.world
    upload = world.fishers.upload(a_picture()).json["id"]
    picture = {"kind": "picture", "upload": upload, "alt": "Bến", "credit": "Phan Thị Hòa"}
    story_id = world.release(a_story(media=[picture]), channels=["weekly/notes"])

    def picture_path(answer) -> str:  # type: ignore[no-untyped-def]
        (entry,) = parse(answer.data).entries
        return next(link for link in entry.links if link.rel == "enclosure").href.removeprefix(BASE)

    old = picture_path(weekly.paper.get(f"{OLD}.atom"))
    assert world.reader.get(old).status_code == 200
    weekly.merge()
    new = picture_path(followed(weekly.paper, f"{OLD}.atom"))
    assert (world.reader.get(old).status_code, world.reader.get(new).status_code) == (410, 200)
    world.editor.act(story_id, "withdraw", reason="subject_request")
    assert world.reader.get(new).status_code == 410
    assert faults(settings, weekly.database) == []


def test_a_public_story_on_hold_stays_out_of_sight_and_comes_back_in_the_new_channel(
    world: World, database: Database, clock: FixedClock, settings: Settings
) -> None:
    weekly = a_weekly(world, database, clock, a_channel("open", "Cho mọi người"))
    story_id = world.release(channels=["weekly/open"])
    world.editor.act(story_id, "hold")
    (led,) = weekly.merge("public", open="green")
    assert (led.new, led.carried) == ("public/green", 1)
    assert parse(followed(world.reader, "/feeds/weekly/open.atom").data).entries == ()
    assert world.reader.get(f"/stories/{story_id}").status_code == 404
    clock.forward(SECOND)
    world.editor.act(story_id, "lift")
    assert len(parse(followed(world.reader, "/feeds/weekly/open.atom").data).entries) == 1
    assert world.reader.get(f"/stories/{story_id}").status_code == 200
    assert faults(settings, database) == []


def test_a_merger_never_shows_more_fields_than_the_release_had(
    world: World, database: Database, clock: FixedClock
) -> None:
    shown = ["title", "summary", "language", "body", "method", "lesson"]
    short = a_channel("short", "Vắn", profile="column", audience="outlet", fields=shown)
    weekly = a_weekly(world, database, clock, short)
    world.release(channels=["weekly/short"])
    weekly.merge()
    (item,) = world.newspaper.get(f"{NEW}.json").json["items"]
    assert "Người giữ bến" in item["title"]
    assert item["_hub"].keys().isdisjoint({"result", "metrics"})  # which the column would show


def test_a_release_that_meets_a_merger_never_ends_up_in_the_old_channel(weekly: Weekly) -> None:
    """It waits for the merger, and then goes to the new channel (SQLite) or is refused (PostgreSQL)."""
    story_id = weekly.world.push()
    weekly.world.editor.act(story_id, "approve")
    parts = weekly.world.reader.app.extensions["hub"]
    at_the_lock = threading.Event()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "FROM channels" in statement and "FOR UPDATE" in statement:
            at_the_lock.set()

    def begin(connection: Connection) -> None:
        if connection.dialect.name == "sqlite" and connection.info.get(BEGIN) == WRITE:
            at_the_lock.set()

    event.listen(parts.database.engine, "before_cursor_execute", note)
    event.listen(parts.database.engine, "begin", begin)
    now = weekly.clock.now()
    with ThreadPoolExecutor(1) as pool:
        with weekly.database.writing() as session:
            merging.merge(session, "weekly", "newspaper", Decision(local_day(now), NUMBER), now=now)
            act = pool.submit(weekly.world.editor.act, story_id, "release", channels=["weekly/notes"])
            assert at_the_lock.wait(timeout=20)
        answer = act.result(timeout=20)
    event.remove(parts.database.engine, "before_cursor_execute", note)
    event.remove(parts.database.engine, "begin", begin)
    if weekly.database.engine.dialect.name == "sqlite":
        assert answer.status_code == 201
    else:
        assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (409, "channel_ended")
        assert weekly.world.editor.act(story_id, "release", channels=["weekly/notes"]).status_code == 201
    with weekly.database.reading() as session:
        old = catalog.find_channel(session, "weekly", "notes")
        assert old is not None
        assert session.scalars(select(Release.id).where(Release.channel_id == old.id)).all() == []
    assert len(parse(weekly.world.newspaper.get(f"{NEW}.atom").data).entries) == 1


# --- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *((f"{OLD}.{form}", f"{NEW}.{form}") for form in FORMATS),
        (OLD, NEW),
        (f"{OLD}/manifest.jws", f"{NEW}/manifest.jws"),
        (OLD_CHANGES, NEW_CHANGES),
        (f"{OLD_CHANGES}?after=7", NEW_CHANGES),  # the new ledger counts for itself
    ],
)
def test_an_old_address_leads_to_the_new_one_for_whoever_may_read_it(weekly: Weekly, old: str, new: str) -> None:
    weekly.world.release(channels=["weekly/notes"])
    assert weekly.paper.get(old).status_code in (200, 404)  # no manifest yet
    weekly.merge()
    for client in (weekly.paper, weekly.reader, weekly.world.newspaper):
        answer = client.get(old, Host="evil.example")
        assert (answer.status_code, answer.headers["Location"]) == (308, f"{BASE}{new}")
        assert answer.headers["Cache-Control"] == "private, no-cache"
    assert weekly.world.tv.get(old).status_code == 404
    assert weekly.world.reader.get(old).status_code == 401


def test_an_entrys_pages_lead_to_the_same_entry(weekly: Weekly) -> None:
    weekly.world.release(channels=["weekly/notes"])
    page = parse(weekly.paper.get(f"{OLD}.atom").data).entries[0].url.removeprefix(BASE)
    weekly.merge()
    for old in (page, f"{page}.json"):
        assert weekly.paper.get(old).headers["Location"] == f"{BASE}{old.replace(OLD, NEW)}"
        assert followed(weekly.paper, old).status_code == 200
        assert weekly.world.tv.get(old).status_code == 404
        assert weekly.world.reader.get(old).status_code == 401


def test_an_unguessable_address_leads_to_the_new_one_and_stays_unguessable(weekly: Weekly) -> None:
    weekly.world.release(channels=["weekly/notes"])
    path = f"/feeds/k/{weekly.address}"
    for form in FORMATS:
        assert weekly.world.reader.get(f"{path}/weekly/notes.{form}").status_code == 200
    weekly.merge()
    for rest in (*(f".{form}" for form in FORMATS), "/manifest.jws"):
        answer = weekly.world.reader.get(f"{path}/weekly/notes{rest}", Host="evil.example")
        assert (answer.status_code, answer.headers["Location"]) == (308, f"{BASE}{path}/newspaper/column{rest}")
    assert len(parse(followed(weekly.world.reader, f"{path}/weekly/notes.atom").data).entries) == 1
    assert "newspaper/column.atom" in weekly.world.reader.get(f"{path}/index.opml").text
    for wrong in (weekly.world.tv_address, "adr_wrong"):
        for place in ("weekly/notes", "newspaper/column"):
            assert weekly.world.reader.get(f"/feeds/k/{wrong}/{place}.atom").status_code == 404
    assert weekly.world.reader.get(f"/feeds/k/{weekly.world.newspaper_address}/weekly/notes.atom").status_code == 308


def test_a_public_address_leads_on_for_everybody(world: World, database: Database, clock: FixedClock) -> None:
    weekly = a_weekly(world, database, clock, a_channel("all", "Tất cả"))
    world.release(channels=["weekly/all"])
    assert world.reader.get("/feeds/weekly/all.rss").status_code == 200
    weekly.merge("public")
    for path in ("/feeds/weekly/all.rss", "/feeds/weekly/all"):
        answer = world.reader.get(path, Host="evil.example")
        assert (answer.status_code, answer.headers["Location"]) == (308, f"{BASE}{path.replace('weekly', 'public')}")
        assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "weekly/" not in world.reader.get("/feeds/index.opml").text


def test_the_manifest_of_a_day_stays_where_it_was_signed(weekly: Weekly, worker: Worker) -> None:
    weekly.world.release(channels=["weekly/notes"])
    worker.step()
    path = f"{OLD}/manifests/{local_day(weekly.clock.now())}.jws"
    signed = weekly.paper.get(path)
    assert signed.status_code == 200
    weekly.merge()
    assert weekly.paper.get(path).data == signed.data
    worker.stop()


def test_two_mergers_lead_from_the_first_to_the_last(weekly: Weekly, settings: Settings) -> None:
    story_id = weekly.world.release(channels=["weekly/notes"])
    (had,) = parse(weekly.paper.get(f"{OLD}.atom").data).entries
    weekly.merge()
    weekly.merge("tv", code="newspaper", column="segment")
    answer = weekly.paper.get(f"{OLD}.atom")
    assert answer.headers["Location"] == f"{BASE}/feeds/tv/segment.atom"
    (entry,) = parse(followed(weekly.paper, f"{OLD}.atom").data).entries
    assert (entry.id, entry.published) == (had.id, had.published)
    weekly.world.editor.act(story_id, "withdraw", reason="other")
    assert list(parse(weekly.world.tv.get("/feeds/tv/segment.atom").data).deleted) == [had.id]
    assert faults(settings, weekly.database) == []


def test_a_release_that_names_the_old_channel_goes_to_the_new_one(weekly: Weekly) -> None:
    weekly.merge()
    weekly.world.release(channels=["weekly/notes"])
    assert len(parse(weekly.world.newspaper.get(f"{NEW}.atom").data).entries) == 1
    with weekly.database.reading() as session:
        old = catalog.find_channel(session, "weekly", "notes")
        assert old is not None
        assert session.scalars(select(Release.id).where(Release.channel_id == old.id)).all() == []


# --- keys of people --------------------------------------------------------------------------------------------------


def test_a_users_key_reads_what_the_keys_of_its_outlets_read(weekly: Weekly) -> None:
    weekly.world.release(channels=["weekly/notes", "tv/segment"])
    for form in FORMATS:  # but for the addresses of print packs, which are each key's own
        read, by_outlet = (client.get(f"{OLD}.{form}").data for client in (weekly.reader, weekly.paper))
        assert read != by_outlet
        assert PACK.sub(b"", read) == PACK.sub(b"", by_outlet)
    assert weekly.reader.get(OLD).status_code == weekly.reader.get(OLD_CHANGES).status_code == 200
    for path in ("/feeds/tv/segment.atom", "/feeds/tv/segment", "/api/v1/outlets/tv/channels/segment/changes"):
        assert weekly.reader.get(path).status_code == 404
    now = weekly.clock.now()
    with weekly.database.writing() as session:
        user = users.get(session, "doc@example.org")
        users.seat(session, user, Seat(role="outlet", outlet="tv"), on=local_day(now))
    for path in ("/feeds/tv/segment.atom", "/feeds/tv/segment", "/api/v1/outlets/tv/channels/segment/changes"):
        assert weekly.reader.get(path).status_code == 200  # at two outlets now
    with weekly.database.writing() as session:
        users.close(session, users.get(session, "doc@example.org"), now=now)
    assert weekly.reader.get(f"{OLD}.atom").status_code == 404


def test_a_user_without_a_role_at_the_outlet_reads_nothing_there(weekly: Weekly) -> None:
    now = weekly.clock.now()
    with weekly.database.writing() as session:
        user = users.add(session, name="Người khác", email="khac@example.org", now=now)
        users.seat(session, user, Seat(role="editor", organization="ldld"), on=local_day(now))
        secret = keys.mint(session, "user", user=user, now=now).secret
    assert Client(weekly.world.reader.app, secret).get(f"{OLD}.atom").status_code == 404


# --- refused ---------------------------------------------------------------------------------------------------------


def test_a_merger_of_a_day_to_come_is_refused(weekly: Weekly) -> None:
    with pytest.raises(merging.NotYet):
        weekly.merge(on=local_day(weekly.clock.now()) + DAY)
    assert weekly.paper.get(f"{OLD}.atom").status_code == 200


def test_an_outlet_does_not_merge_into_itself(weekly: Weekly) -> None:
    with pytest.raises(merging.MergesIntoItself):
        weekly.merge("weekly")


@pytest.mark.parametrize(("code", "into", "ended"), [("weekly", "newspaper", "weekly"), ("tv", "weekly", "weekly")])
def test_what_has_ended_takes_part_in_no_merger(weekly: Weekly, code: str, into: str, ended: str) -> None:
    weekly.merge()
    with pytest.raises(HasEnded) as refused:
        weekly.merge(into, code=code)
    assert refused.value.facts["code"] == ended


@pytest.mark.parametrize(
    ("channel", "into", "chosen", "error"),
    [
        (a_channel("extra", "X", profile="bulletin", audience="outlet"), "newspaper", {}, merging.NoGoal),
        (a_channel("column", "X", profile="public"), "newspaper", {}, merging.NoGoal),  # the code alone is not enough
        (a_channel("extra", "X", profile="column", audience="outlet"), "public", {}, merging.NoGoal),
        (
            a_channel("extra", "X", profile="column", audience="outlet"),
            "public",
            {"extra": "all"},
            merging.OtherAudience,
        ),
        (a_channel("extra", "X"), "newspaper", {"extra": "column"}, merging.OtherAudience),
        (a_channel("extra", "X"), "public", {"extra": "none"}, merging.NotFound),
        (a_channel("extra", "X"), "public", {"none": "all"}, merging.NotFound),
    ],
)
def test_a_channel_without_a_goal_for_the_same_readers_refuses_the_merger(  # type: ignore[no-untyped-def]
    world: World, database: Database, clock: FixedClock, channel, into: str, chosen, error
) -> None:
    weekly = a_weekly(world, database, clock, channel)
    with pytest.raises(error) as refused:
        weekly.merge(into, **chosen)
    assert any("weekly/" in str(fact) or "public/none" in str(fact) for fact in refused.value.facts.values())
    with database.reading() as session:
        assert catalog.get_outlet(session, "weekly").ended_on is None


# --- what an outlet owes, and what it was given ----------------------------------------------------------------------


def test_the_successor_sees_what_the_old_outlet_owes(weekly: Weekly, worker: Worker) -> None:
    adopt(weekly)
    weekly.world.release(channels=["weekly/notes"])
    worker.step()
    owed = {duty["id"] for duty in weekly.paper.get("/api/v1/duties").json["items"]}
    assert owed
    assert weekly.world.newspaper.get("/api/v1/duties?state=open").json["items"] == []
    weekly.merge()
    worker.step()
    for client in (weekly.world.newspaper, weekly.paper, weekly.reader):
        assert owed <= {duty["id"] for duty in client.get("/api/v1/duties").json["items"]}
    assert owed <= {duty["id"] for duty in weekly.world.editor.get("/api/v1/duties?outlet=newspaper").json["items"]}
    assert weekly.world.tv.get("/api/v1/duties").json["items"] == []
    worker.stop()


RECEIPT = "25.3"  # of a withdrawal


def adopt(weekly: Weekly) -> None:
    with weekly.database.writing() as session:
        editions.adopt(session, editions.default_text(), now=weekly.clock.now() - 30 * DAY)


def test_duties_derived_anew_after_a_merger_are_what_they_were(weekly: Weekly, worker: Worker) -> None:
    adopt(weekly)
    story_id = weekly.world.release(channels=["weekly/notes"])
    both = weekly.world.release(a_story(title="Hai"), external_id="two", channels=["weekly/notes", "newspaper/column"])
    early = weekly.world.release(a_story(title="Ba"), external_id="three", channels=["weekly/notes"])
    weekly.clock.forward(SECOND)
    weekly.world.editor.act(early, "withdraw", reason="subject_request")
    worker.step()
    weekly.clock.forward(DAY)
    weekly.merge()
    weekly.clock.forward(DAY)
    for withdrawn in (story_id, both):
        weekly.world.editor.act(withdrawn, "withdraw", reason="subject_request")
    worker.step()
    columns = (Duty.id, Duty.owner, Duty.story_id, Duty.clause, Duty.state, Duty.due_at)
    with weekly.database.reading() as session:
        kept = session.execute(select(*columns).order_by(Duty.id)).all()
    with weekly.database.writing() as session:
        rebuilding.rebuild(session)
    with weekly.database.reading() as session:
        assert session.execute(select(*columns).order_by(Duty.id)).all() == kept
    receipts = {(story, owner) for _, owner, story, clause, *_ in kept if clause == RECEIPT}
    assert receipts == {(early, "weekly"), (story_id, "newspaper"), (both, "newspaper")}
    worker.stop()


def test_consent_that_was_given_to_an_outlet_holds_for_its_successor(
    weekly: Weekly, settings: Settings, worker: Worker
) -> None:
    given = {"scopes": ["name", "image", "voice", "work_story"], "obtained_on": "2026-11-01"}
    given["limited_to"] = {"outlets": ["weekly"]}
    world = weekly.world
    story_id = world.release(a_story(consent=given), channels=["weekly/notes"])
    assert world.editor.act(story_id, "release", channels=["newspaper/column"], note="nữa").status_code == 409
    weekly.merge()
    (entry,) = parse(followed(weekly.paper, f"{OLD}.atom").data).entries
    assert "Nguyễn Văn Biển" in followed(weekly.paper, f"{OLD}.json").text
    weekly.clock.forward(SECOND)
    world.push(a_story(consent=given, title="Bản đính chính"))
    assert world.editor.act(story_id, "approve", channels=["newspaper/column"]).status_code == 201
    (corrected,) = parse(followed(weekly.paper, f"{OLD}.atom").data).entries
    assert (corrected.id, corrected.title) == (entry.id, "Bản đính chính")
    assert world.editor.act(story_id, "release", channels=["tv/segment"], note="nữa").status_code == 409
    assert faults(settings, weekly.database) == []


def test_what_the_successor_tells_meets_what_the_old_outlet_owed(weekly: Weekly, worker: Worker) -> None:
    adopt(weekly)
    used, asked = (
        weekly.world.release(a_story(title=name), external_id=name, channels=["weekly/notes"]) for name in ("a", "b")
    )
    worker.step()
    weekly.clock.forward(SECOND)
    weekly.world.editor.act(asked, "withdraw", reason="subject_request")
    worker.step()
    (receipt,) = weekly.paper.get("/api/v1/receipts").json["items"]
    weekly.merge()
    told = {"story": used, "use": "declined", "reason": "Trùng nhân vật."}
    assert weekly.world.newspaper.ask("POST", "/api/v1/pickups", body=told).status_code == 201
    assert weekly.world.tv.ask("POST", f"/api/v1/receipts/{receipt['id']}", body={"answer": "done"}).status_code == 404
    path = f"/api/v1/receipts/{receipt['id']}"
    assert weekly.world.newspaper.ask("POST", path, body={"answer": "done"}).status_code == 201
    worker.step()
    states = {
        (duty["story"], duty["clause"]["number"]): duty["state"]
        for duty in weekly.world.newspaper.get("/api/v1/duties").json["items"]
        if duty["owner"]["code"] == "weekly"
    }
    assert states[asked, RECEIPT] == "met"
    assert {state for (story, _), state in states.items() if story == used} == {"met"}
    worker.stop()


def test_what_waits_does_not_bring_back_what_was_taken_back_from_the_successors_channel(
    weekly: Weekly, worker: Worker, settings: Settings
) -> None:
    """Consent for the newspaper ends while the weekly still waits for its embargo."""
    world, clock = weekly.world, weekly.clock
    told = {"scopes": ALL_SCOPES, "obtained_on": "2026-11-01"}
    story_id = world.push(a_story(interview=None, consent={**told, "limited_to": {"outlets": ["weekly"]}}))
    (person,) = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    also = {"act": "record", **told, "story": story_id, "limited_to": {"outlets": ["newspaper"]}, "form": "giấy"}
    order = {**also, "expires_on": local_day(clock.now() + DAY).isoformat()}
    assert world.editor.ask("POST", f"/api/v1/persons/{person['id']}/acts", body=order).status_code == 201
    assert world.editor.act(story_id, "approve").status_code == 201
    assert world.editor.act(story_id, "release", channels=["newspaper/column"], note="x").status_code == 201
    later = (clock.now() + 9 * DAY).isoformat()
    waits = world.editor.act(story_id, "release", channels=["weekly/notes"], note="x", embargo_until=later)
    assert waits.status_code == 201, waits.json
    clock.forward(3 * DAY)
    worker.step()
    assert [row["kind"] for row in world.newspaper.get(NEW_CHANGES).json["items"]][-1] == "withdrawn"
    weekly.merge()
    assert faults(settings, worker.database) == []
    clock.forward(9 * DAY)
    worker.step()
    assert [row["kind"] for row in world.newspaper.get(NEW_CHANGES).json["items"]][-1] == "withdrawn"
    assert faults(settings, worker.database) == []


def test_a_closed_outlet_leaves_a_hub_without_faults(weekly: Weekly, settings: Settings) -> None:
    """Its stories stand nowhere any more, and nobody took them back."""
    weekly.world.release(channels=["weekly/notes"], note="riêng tuần báo")
    weekly.clock.forward(DAY)
    with weekly.database.writing() as session:
        decision = Decision(local_day(weekly.clock.now()), "40-QĐ")
        history.close_outlet(session, "weekly", decision, now=weekly.clock.now())
    assert faults(settings, weekly.database) == []


def test_a_correction_that_names_the_successor_keeps_the_consent_given_to_the_old_outlet(weekly: Weekly) -> None:
    world = weekly.world
    told = {"scopes": ALL_SCOPES, "obtained_on": "2026-11-01"}
    story_id = world.release(
        a_story(interview=None, consent={**told, "limited_to": {"outlets": ["weekly"]}}),
        channels=["weekly/notes"],
        note="riêng tuần báo",
    )
    weekly.merge()
    weekly.clock.forward(SECOND)
    renamed = {**told, "limited_to": {"outlets": ["newspaper"]}}
    world.push(a_story(interview=None, title="Bản đính chính", consent=renamed))
    assert world.editor.act(story_id, "approve").status_code == 201
    assert world.editor.act(story_id, "release").status_code == 201
