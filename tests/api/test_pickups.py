"""Pick-ups over HTTP: who may tell of which story, what is kept and said of it, and who reads it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from hub.accounts import keys, users
from hub.accounts.users import Seat
from hub.clock import FixedClock, local_day
from hub.db import Database
from hub.models import JournalRow, Outbox, Outlet, Pickup
from hub.outlets import catalog, uses
from hub.records import journal
from hub.regulation.filed import pickups
from tests.builders import Client, World, a_story
from tests.delivery.people import seat_people

PICKUPS = "/api/v1/pickups"
PRINTED = {"use": "printed", "used_on": "2026-11-23", "place": "Số 3127, trang 5"}
NOBODY = "st_" + "0" * 26


def tell(client: Client, story: str, **said: Any) -> TestResponse:
    reason = {"reason": "Trùng nhân vật."} if said.get("use", "declined") == "declined" else {}
    return client.ask("POST", PICKUPS, body={"story": story, "use": "declined", **reason, **said})


def rows_of(database: Database, kind: str) -> list[dict[str, Any]]:
    with database.reading() as session:
        rows = session.scalars(select(JournalRow).order_by(JournalRow.number)).all()
    return [said for row in rows if (said := json.loads(row.body))["kind"] == kind]


def notices(database: Database) -> list[dict[str, Any]]:
    with database.reading() as session:
        rows = session.scalars(select(Outbox).where(Outbox.kind == "notice").order_by(Outbox.id)).all()
    return [row.payload for row in rows if row.payload["kind"] == "used"]


def key_of(database: Database, app_client: Client, name: str, seat: Seat, clock: FixedClock) -> Client:
    """A person with one seat, and their key."""
    with database.writing() as session:
        user = users.add(session, name=name, email=f"{name.lower()}@example.org", now=clock.now())
        users.seat(session, user, seat, on=local_day(clock.now()))
        return Client(app_client.app, keys.mint(session, "user", user=user, now=clock.now()).secret)


def test_an_outlet_tells_what_it_printed(world: World, clock: FixedClock) -> None:
    story = world.release(channels=["newspaper/column"])
    answer = tell(world.newspaper, story, channel="newspaper/column", **PRINTED)
    assert answer.status_code == 201
    assert answer.json == {
        "id": 1,
        "outlet": "newspaper",
        "story": story,
        "version": 1,
        "channel": "newspaper/column",
        **PRINTED,
        "url": None,
        "note": "",
        "reason": "",
        "time": None,
        "duration_seconds": None,
        "words": None,
        "clip": None,
        "state": "filed",
        "replaces": None,
        "replaced_by": None,
        "likeness": None,
        "by": "Báo Hải Sơn",
        "at": clock.now().isoformat().replace("+00:00", "Z"),
    }


def test_the_journal_commits_to_the_texts_and_holds_none(world: World, database: Database) -> None:
    story = world.release(channels=["newspaper/column"])
    tell(world.newspaper, story, note="Nên gửi kèm ảnh.", **PRINTED)
    (record,) = rows_of(database, "pickup")
    with database.reading() as session:
        row = session.scalars(select(Pickup)).one()
    assert (record["outlet"], record["use"], record["version"], record["story"]) == ("newspaper", "printed", 1, story)
    texts = "\n".join(("2026-11-23", "Số 3127, trang 5", "", "Nên gửi kèm ảnh.", "Báo Hải Sơn"))
    assert record["note"] == journal.commitment(row.salt, texts)
    for text in ("ảnh", "3127", "Báo Hải Sơn"):
        assert text not in json.dumps(record, ensure_ascii=False)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"use": "planned"}, False),
        ({"use": "declined", "note": "Trùng nhân vật."}, False),
        (PRINTED, True),
        ({**PRINTED, "use": "aired"}, True),
        ({"use": "published", "used_on": "2026-11-23", "url": "https://bao.example/1"}, True),
    ],
    ids=lambda value: value["use"] if isinstance(value, dict) else "",
)
def test_the_sender_is_told_of_a_use_and_of_nothing_less(
    world: World, database: Database, said: dict[str, str], told: bool
) -> None:
    story = world.release(channels=["newspaper/column"])
    answer = tell(world.newspaper, story, **said)
    assert answer.status_code == 201, answer.text
    expected = {"kind": "used", "story": story, "outlet": "newspaper", "pickup": answer.json["id"], "by": None}
    assert notices(database) == ([expected] if told else [])


def test_an_outlet_tells_only_of_what_it_had(world: World, worker: Any, clock: FixedClock) -> None:
    column = world.release(channels=["newspaper/column"])
    draft = world.push(a_story(title="Chờ duyệt"), external_id="two")
    later = (clock.now() + timedelta(days=1)).isoformat()
    waiting = world.release(a_story(embargo_until=later), external_id="three", channels=["newspaper/column"])
    for story in (NOBODY, draft, waiting):
        assert tell(world.newspaper, story).status_code == 404
    assert tell(world.tv, column).status_code == 404
    assert tell(world.newspaper, column).status_code == 201
    clock.forward(timedelta(days=1))
    worker.step()
    assert tell(world.newspaper, waiting).status_code == 201


def test_a_channel_is_one_that_the_outlet_reads_and_that_had_the_story(world: World) -> None:
    story = world.release(channels=["newspaper/column", "tv/segment", "public/all"])
    for channel, status in {
        "newspaper/column": 201,
        "public/all": 201,
        "tv/segment": 404,
        "public/green": 404,
        "newspaper/no-such": 404,
    }.items():
        assert tell(world.newspaper, story, channel=channel).status_code == status, channel


def test_what_stood_in_a_public_channel_everybody_had(world: World) -> None:
    story = world.release(channels=["public/all"])
    assert tell(world.tv, story).json["outlet"] == "tv"


def test_a_withdrawn_story_can_still_be_told_of(world: World) -> None:
    story = world.release(channels=["newspaper/column"])
    world.editor.act(story, "withdraw", reason="legal")
    assert tell(world.newspaper, story, **PRINTED).status_code == 201


def test_the_version_is_one_that_stood_there(world: World) -> None:
    story = world.release(channels=["newspaper/column"])
    world.push(a_story(title="Người giữ bến, bản mới"))
    refused = tell(world.newspaper, story, version=2)
    assert refused.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in refused.json["errors"]] == [("/version", "version_not_had")]
    assert tell(world.newspaper, story).json["version"] == 1
    world.editor.act(story, "approve")
    world.editor.act(story, "release", channels=["newspaper/column"])
    assert tell(world.newspaper, story).json["version"] == 2
    assert tell(world.newspaper, story, version=1).json["version"] == 1


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        ({"use": "printed"}, [("/place", "required"), ("/used_on", "required")]),
        ({"use": "read"}, [("/use", "enum")]),
        ({**PRINTED, "place": "  "}, [("/place", "blank")]),
        ({**PRINTED, "used_on": "2026-11-24"}, [("/used_on", "use_to_come")]),
        ({**PRINTED, "use": "aired", "time": "12:01"}, [("/time", "use_to_come")]),  # it is noon
        ({"use": "declined", "version": 0}, [("/version", "minimum")]),
    ],
)
def test_what_does_not_hold_is_refused(world: World, said: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    story = world.release(channels=["newspaper/column"])
    answer = tell(world.newspaper, story, **said)
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in answer.json["errors"]] == faults
    assert world.newspaper.get(PICKUPS).json["items"] == []


def test_a_day_is_a_day_of_viet_nam(world: World, clock: FixedClock) -> None:
    story = world.release(channels=["newspaper/column"])
    clock.forward(timedelta(hours=12, minutes=1))  # 00:01 of the 24th there, still the 23rd in UTC
    assert tell(world.newspaper, story, **{**PRINTED, "used_on": "2026-11-24"}).status_code == 201


def test_a_use_of_this_minute_is_past_and_a_later_one_is_told_in_words(world: World) -> None:
    story = world.release(channels=["newspaper/column"])
    aired = {**PRINTED, "use": "aired"}
    for told in ({"time": "12:00"}, {"use": "planned", "time": "19:45"}, {"used_on": "2026-11-22", "time": "19:45"}):
        assert tell(world.newspaper, story, **{**aired, **told}).status_code == 201
    (fault,) = tell(world.newspaper, story, **aired, time="19:45").json["errors"]
    assert fault["detail"].startswith("19:45 23/11/2026 chưa tới; ")
    (fault,) = tell(world.newspaper, story, **{**aired, "used_on": "2026-11-29"}).json["errors"]
    assert fault["detail"].startswith("29/11/2026 chưa tới; ")


def test_only_outlets_tell(world: World) -> None:
    story = world.release(channels=["newspaper/column"])
    assert tell(world.reader, story).status_code == 401
    for client in (world.fishers, world.editor):
        assert tell(client, story).status_code == 403


def test_somebody_of_two_outlets_speaks_for_the_one_that_had_it(
    world: World, database: Database, clock: FixedClock
) -> None:
    story = world.release(channels=["tv/segment"])
    person = key_of(database, world.reader, "Bao", Seat(role="outlet", outlet="newspaper"), clock)
    assert tell(person, story).status_code == 404
    with database.writing() as session:
        user = users.get(session, "bao@example.org")
        users.seat(session, user, Seat(role="outlet", outlet="tv"), on=local_day(clock.now()))
    answer = tell(person, story)
    assert (answer.json["outlet"], answer.json["by"]) == ("tv", "Bao")
    assert rows_of(database, "pickup")[0]["actor"].startswith("outlet:")


def test_an_outlet_tells_of_what_the_one_before_it_had(world: World, database: Database, clock: FixedClock) -> None:
    story = world.release(channels=["newspaper/column"])
    with database.writing() as session:
        session.get_one(Outlet, catalog.get_outlet(session, "newspaper").id).ended_on = local_day(clock.now())
        catalog.get_outlet(session, "newspaper").successor_id = catalog.get_outlet(session, "tv").id
    for client in (world.newspaper, world.tv):  # an old key speaks for the successor
        assert tell(client, story).json["outlet"] == "tv"


def test_outlet_sender_and_desk_read_and_nobody_else(world: World, database: Database, clock: FixedClock) -> None:
    story = world.release(channels=["newspaper/column", "tv/segment"])
    other = world.release(a_story(title="Khác"), external_id="two", channels=["tv/segment"])
    tell(world.newspaper, story)
    tell(world.tv, story)
    tell(world.tv, other)
    seat_people(database, clock)
    above = key_of(database, world.reader, "Chuyen", Seat(role="confirmer", organization="ldld"), clock)

    def read(client: Client, query: str = "") -> list[tuple[str, str]]:
        return [(item["outlet"], item["story"]) for item in client.get(f"{PICKUPS}{query}").json["items"]]

    whole = [("tv", other), ("tv", story), ("newspaper", story)]
    assert read(world.newspaper) == [("newspaper", story)]
    assert read(world.tv) == whole[:2]
    for client in (world.fishers, world.editor, above):
        assert read(client) == whole
    assert read(world.women) == []
    assert read(world.editor, f"?story={story}") == whole[1:]
    assert read(world.women, f"?story={story}") == []
    assert world.reader.get(PICKUPS).status_code == 401


def test_pages_follow_each_other(world: World) -> None:
    story = world.release(channels=["newspaper/column"])
    for _ in range(5):
        tell(world.newspaper, story)
    seen: list[int] = []
    path: str | None = f"{PICKUPS}?limit=2"
    while path is not None:
        answer = world.fishers.get(path)
        seen += [item["id"] for item in answer.json["items"]]
        link = answer.headers.get("Link", "")
        path = link.partition(">")[0].removeprefix("<https://hub.example") if link else None
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5
    assert world.fishers.get(f"{PICKUPS}?cursor=x").status_code == 400


def propose(database: Database, story: str, clock: FixedClock, url: str = "https://bao.example/7") -> int | None:
    """What the hub found in the newspaper's own feed, an hour ago."""
    with database.writing() as session:
        outlet = catalog.get_outlet(session, "newspaper")
        now = clock.now()
        row = pickups.propose(session, outlet, story, 1, url, now - timedelta(hours=1), 0.8, now)
        return row.id if row is not None else None


def test_time_length_clip_and_reason_are_told_and_committed(world: World, database: Database) -> None:
    story = world.release(channels=["newspaper/column"])
    told = {"time": "11:45", "duration_seconds": 420, "words": 310, "clip": "https://dai.example/4", "reason": "Bận."}
    answer = tell(world.newspaper, story, **{**PRINTED, "use": "aired"}, **told).json
    assert {name: answer[name] for name in told} == told
    with database.reading() as session:
        salt = session.scalars(select(Pickup.salt)).one()
    texts = ("2026-11-23", PRINTED["place"], "", "", "Báo Hải Sơn", "Bận.", "11:45", "420", "310", told["clip"])
    assert rows_of(database, "pickup")[0]["note"] == journal.commitment(salt, "\n".join(texts))


def test_a_pickup_is_put_right_or_taken_back_by_another_row_and_never_changed(world: World, database: Database) -> None:
    story = world.release(channels=["newspaper/column", "tv/segment"])
    other = world.release(a_story(title="Khác"), external_id="two", channels=["newspaper/column"])
    first = tell(world.newspaper, story, **PRINTED).json["id"]
    assert tell(world.newspaper, other, replaces=first).status_code == 404
    assert tell(world.tv, story, replaces=first).status_code == 404
    second = tell(world.newspaper, story, replaces=first, **{**PRINTED, "place": "Số 3127, trang 6"}).json["id"]
    refused = tell(world.newspaper, story, replaces=first)
    assert (refused.status_code, refused.json["by"]) == (409, second)
    taken = world.newspaper.ask("POST", f"{PICKUPS}/{second}/take-back")
    assert (taken.status_code, taken.json["state"], taken.json["replaces"]) == (201, "taken_back", second)
    assert world.newspaper.ask("POST", f"{PICKUPS}/{second}/take-back").status_code == 409
    assert world.tv.ask("POST", f"{PICKUPS}/{taken.json['id']}/take-back").status_code == 404
    items = world.fishers.get(PICKUPS).json["items"]
    assert [(item["id"], item["place"], item["replaced_by"]) for item in items] == [
        (taken.json["id"], "", None),
        (second, "Số 3127, trang 6", taken.json["id"]),
        (first, PRINTED["place"], second),
    ]
    with database.reading() as session:
        assert session.scalars(select(Pickup.id).where(uses.counts())).all() == []
    assert [record["replaces"] for record in rows_of(database, "pickup_taken_back")] == [second]


def test_what_the_hub_found_counts_for_nothing_until_the_outlet_confirms_it(
    world: World, database: Database, clock: FixedClock
) -> None:
    story = world.release(channels=["newspaper/column"])
    found = propose(database, story, clock)
    assert propose(database, story, clock) is None  # nobody is asked twice
    for client in (world.fishers, world.editor, world.newspaper, world.tv):
        assert client.get(PICKUPS).json["items"] == []
    for client in (world.fishers, world.editor, world.tv):
        assert client.get(f"{PICKUPS}?state=proposed").json["items"] == []
    assert (rows_of(database, "pickup"), notices(database)) == ([], [])
    (asked,) = world.newspaper.get(f"{PICKUPS}?state=proposed").json["items"]
    assert (asked["likeness"], asked["used_on"], asked["time"], asked["by"]) == (0.8, "2026-11-23", "11:00", "")
    assert world.tv.ask("POST", f"{PICKUPS}/{found}/confirm").status_code == 404
    assert world.newspaper.ask("POST", f"{PICKUPS}/{found}/take-back").status_code == 404
    clock.forward(timedelta(minutes=5))
    confirmed = world.newspaper.ask("POST", f"{PICKUPS}/{found}/confirm")
    assert (confirmed.status_code, confirmed.json["state"], confirmed.json["by"]) == (200, "filed", "Báo Hải Sơn")
    assert [item["id"] for item in world.fishers.get(PICKUPS).json["items"]] == [found]
    assert [notice["pickup"] for notice in notices(database)] == [found]
    assert [record["pickup"] for record in rows_of(database, "pickup")] == [found]
    for call in ("confirm", "reject"):
        refused = world.newspaper.ask("POST", f"{PICKUPS}/{found}/{call}")
        assert (refused.status_code, refused.json["state"]) == (409, "filed")


def test_what_the_outlet_rejects_is_not_proposed_again(world: World, database: Database, clock: FixedClock) -> None:
    story = world.release(channels=["newspaper/column"])
    found = propose(database, story, clock)
    assert world.newspaper.ask("POST", f"{PICKUPS}/{found}/reject").json["state"] == "rejected"
    assert propose(database, story, clock) is None
    assert propose(database, story, clock, "https://bao.example/8") is not None
    assert world.newspaper.ask("POST", f"{PICKUPS}/{found}/confirm").status_code == 409
    assert rows_of(database, "pickup") == []


def test_only_what_an_outlet_had_is_proposed_to_it(world: World, database: Database, clock: FixedClock) -> None:
    assert propose(database, world.release(channels=["tv/segment"]), clock) is None


def test_a_pickup_sent_again_under_its_key_is_told_once(world: World, database: Database) -> None:
    story = world.release(channels=["newspaper/column", "tv/segment"])
    body, once = {"story": story, **PRINTED}, {"Idempotency-Key": "k"}
    first, again = (world.newspaper.ask("POST", PICKUPS, body=body, headers=once) for _ in range(2))
    assert (first.status_code, again.status_code, again.data) == (201, 201, first.data)
    assert len(notices(database)) == len(rows_of(database, "pickup")) == 1
    other = world.newspaper.ask("POST", PICKUPS, body={**body, "place": "Số 3128"}, headers=once)
    assert (other.status_code, other.json["type"]) == (422, "tag:hub.example,2026:problem/idempotency_key_reused")
    assert world.tv.ask("POST", PICKUPS, body=body, headers=once).json["id"] == 2  # a key is its holder's own
    assert world.tv.ask("POST", PICKUPS, body=body, headers={"Idempotency-Key": "k" * 256}).status_code == 400


@pytest.mark.parametrize("of", ["fishers", "editor"])
def test_a_filing_sent_again_under_its_key_is_filed_once(world: World, of: str) -> None:
    body, once = {"kind": "idea", "text": "Thêm chuyên mục.", "to": "phu-nu"}, {"Idempotency-Key": "k"}
    client = getattr(world, of)
    first, again = (client.ask("POST", "/api/v1/filings", body=body, headers=once) for _ in range(2))
    assert (first.status_code, again.data) == (201, first.data)
    story = client.ask("POST", "/api/v1/stories", body=a_story(), headers=once)
    assert story.status_code == (422 if of == "fishers" else 403)  # the same key, another call
