"""Consent that expires acts by itself; whoever had the story is asked what they did about it."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from feeds.parse import parse
from hub.accounts import keys, users
from hub.api import present
from hub.background import create_worker
from hub.clock import FixedClock, local_day
from hub.config import Settings
from hub.db import Database
from hub.models import Consent, JournalRow
from hub.outlets import receipts
from hub.records import clock_trust
from hub.regulation.duties import rebuilding
from hub.regulation.edition import editions
from hub.worker import Worker
from tests.builders import ALL_SCOPES, Client, World, a_story
from tests.operation.conftest import Hub

DAY = timedelta(days=1)
CHANNELS = ["newspaper/column", "tv/segment", "public/all"]
LAST_DAY = "2026-11-30"  # in Việt Nam, a week after NOON
UNTIL = {"scopes": ALL_SCOPES, "obtained_on": "2026-11-01", "expires_on": LAST_DAY}


def _titles(world: World) -> list[str]:
    return [entry.title for entry in parse(world.reader.get("/feeds/public/all.atom").data).entries]


def _withdraw(world: World, story_id: str, *scopes: str) -> dict[str, Any]:
    (person,) = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    order = {"act": "withdraw", "scopes": list(scopes), "story": story_id}
    answer = world.editor.ask("POST", f"/api/v1/persons/{person['id']}/acts", body=order)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def _answer(client: Any, receipt: int, **said: str) -> Any:
    return client.ask("POST", f"/api/v1/receipts/{receipt}", body=said)


def test_a_consent_ends_when_its_last_day_ends_in_viet_nam(world: World, worker: Worker, clock: FixedClock) -> None:
    story_id = world.release(a_story(consent=UNTIL), channels=CHANNELS)
    worker.step()
    clock.forward(timedelta(days=7, hours=12) - timedelta(seconds=1))  # 23:59:59 on the last day
    worker.step()
    assert len(_titles(world)) == 1
    clock.forward(timedelta(seconds=1))
    worker.step()
    assert _titles(world) == []
    assert world.reader.get(f"/stories/{story_id}").status_code == 410
    assert world.editor.get(f"/api/v1/stories/{story_id}").json["state"] == "withdrawn"
    for outlet, channel, client in (("newspaper", "column", world.newspaper), ("tv", "segment", world.tv)):
        rows = client.get(f"/api/v1/outlets/{outlet}/channels/{channel}/changes").json["items"]
        assert [row["kind"] for row in rows] == ["released", "withdrawn"]
        assert "Biển" not in str(rows)  # an old row gives what stands for it now


def test_what_another_paper_still_allows_stays(world: World, worker: Worker, clock: FixedClock) -> None:
    story_id = world.release(a_story(consent=UNTIL), channels=CHANNELS)
    (person,) = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    longer = {"act": "record", "scopes": ["name", "work_story"], "obtained_on": "2026-11-20", "story": story_id}
    assert world.fishers.ask("POST", f"/api/v1/persons/{person['id']}/acts", body=longer).status_code == 201
    worker.step()
    clock.forward(8 * DAY)
    worker.step()
    assert len(_titles(world)) == 1
    ledger = world.tv.get("/api/v1/outlets/tv/channels/segment/changes").json["items"]
    assert [row["kind"] for row in ledger] == ["released", "withdrawn"]  # nobody to talk to any more


def test_two_workers_let_a_consent_expire_once(
    world: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    world.release(a_story(consent=UNTIL), channels=CHANNELS)
    workers = [create_worker(settings, clock=clock) for _ in range(3)]
    clock.forward(8 * DAY)
    threads = [threading.Thread(target=made.step) for made in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for made in workers:
        made.database.engine.dispose()
    with database.reading() as session:
        bodies = list(session.scalars(select(JournalRow.body).order_by(JournalRow.number)))
        assert {row.end_reason for row in session.scalars(select(Consent))} == {"expired"}
    assert sum('"consent_expired"' in body for body in bodies) == 1


def test_a_clock_that_is_not_believed_ends_no_consent(
    world: World, worker: Worker, database: Database, clock: FixedClock
) -> None:
    world.release(a_story(consent=UNTIL), channels=CHANNELS)
    worker.step()
    clock.at += 8 * DAY  # the wall clock alone
    worker.step()
    assert len(_titles(world)) == 1
    with database.writing() as session:
        clock_trust.note_fault(session, "jumped by 691200 s")
    worker.step()
    assert len(_titles(world)) == 1
    with database.writing() as session:
        clock_trust.accept(session, now=clock.now())
    clock.forward(8 * DAY)
    worker.step()
    assert _titles(world) == []


def test_each_outlet_that_had_it_is_asked_once_and_the_days_count_down(world: World, clock: FixedClock) -> None:
    story_id = world.release(channels=CHANNELS)
    clock.forward(timedelta(seconds=1))
    done = _withdraw(world, story_id, "voice")
    (asked,) = world.tv.get("/api/v1/receipts?state=open").json["items"]
    assert world.newspaper.get("/api/v1/receipts").json["items"] == []  # the interview never stood there
    assert done["receipts"] == [asked["id"]]
    assert (asked["task"], asked["channels"], asked["days_left"]) == ("withdraw", ["tv/segment"], 15)
    clock.forward(16 * DAY)
    (seen,) = world.editor.get("/api/v1/receipts?state=open").json["items"]
    assert (seen["outlet"], seen["days_left"]) == ("tv", -1)


def test_whatever_is_withdrawn_is_asked_for_too(world: World, clock: FixedClock) -> None:
    story_id = world.release(channels=CHANNELS)
    clock.forward(timedelta(seconds=1))
    _withdraw(world, story_id, "voice")  # the television's is withdrawn already
    clock.forward(timedelta(seconds=1))
    assert world.editor.act(story_id, "withdraw", reason="factual_error").status_code == 201
    asked = world.editor.get("/api/v1/receipts?state=open").json["items"]
    assert sorted((row["outlet"], row["task"]) for row in asked) == [("newspaper", "withdraw"), ("tv", "withdraw")]


@pytest.mark.parametrize(("code", "seen"), [("nghe-ca", True), ("ldld", True), ("phu-nu", False)])
def test_an_editor_reads_the_receipts_of_the_stories_they_edit(
    world: World, database: Database, clock: FixedClock, code: str, seen: bool
) -> None:
    story_id = world.release(channels=CHANNELS)
    clock.forward(timedelta(seconds=1))
    _withdraw(world, story_id, "voice")
    with database.writing() as session:
        user = users.add(session, name="x", email="x@x.vn", now=clock.now())
        users.seat(session, user, users.Seat(role="editor", organization=code), on=local_day(clock.now()))
        secret = keys.mint(session, "user", user=user, now=clock.now()).secret
    items = Client(world.editor.app, secret).get("/api/v1/receipts").json["items"]
    assert [row["story"] for row in items] == [story_id] * seen


def test_an_outlet_that_never_had_the_story_is_not_asked(world: World, clock: FixedClock) -> None:
    story_id = world.release(channels=["public/all"])
    clock.forward(timedelta(seconds=1))
    assert _withdraw(world, story_id)["receipts"] == []


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"answer": "done"}, 201),
        ({"answer": "already_printed", "note": "Số 48, trang 3"}, 201),
        ({"answer": "cannot", "note": "Băng đã giao cho đài bạn"}, 201),
        ({"answer": "cannot"}, 422),
        ({"answer": "later"}, 422),
    ],
)
def test_an_outlet_says_what_it_did_and_says_it_once(
    world: World, database: Database, clock: FixedClock, said: dict[str, str], status: int
) -> None:
    story_id = world.release(channels=CHANNELS)
    clock.forward(timedelta(seconds=1))
    receipt = _withdraw(world, story_id, "voice")["receipts"][0]
    assert _answer(world.newspaper, receipt, answer="done").status_code == 404  # it is not theirs
    answered = _answer(world.tv, receipt, **said)
    assert answered.status_code == status, answered.text
    if status == 201:
        assert (answered.json["answer"], answered.json["days_left"]) == (said["answer"], None)
        assert _answer(world.tv, receipt, answer="done").status_code == 409
        with database.reading() as session:
            newest = session.scalar(select(JournalRow.body).order_by(JournalRow.number.desc()).limit(1)) or ""
        assert '"kind":"receipt"' in newest
        assert said.get("note", "Biển") not in newest


def test_the_receipt_is_due_as_long_after_as_the_clause_says(database: Database, clock: FixedClock) -> None:
    with database.writing() as session:
        assert receipts.ask(session, [], now=clock.now(), within=3 * DAY) == []
    assert 15 * DAY == receipts.ANSWER_WITHIN


def test_the_journal_tells_of_it_without_a_name_and_the_hub_stays_sound(
    world: World, worker: Worker, settings: Settings, database: Database, clock: FixedClock
) -> None:
    story_id = world.release(channels=CHANNELS)
    world.release(a_story(consent=UNTIL), external_id="two", channels=CHANNELS)
    clock.forward(timedelta(seconds=1))
    _withdraw(world, story_id, "work_story")
    worker.step()
    clock.forward(8 * DAY)
    worker.step()
    with database.reading() as session:
        bodies = list(session.scalars(select(JournalRow.body).order_by(JournalRow.number)))
    kinds = ("consent_withdrawn", "consent_expired")
    told = [json.loads(body) for body in bodies]
    lost = {record["kind"]: (record["channels"], record["organization"]) for record in told if record["kind"] in kinds}
    assert lost == {
        "consent_withdrawn": (sorted(CHANNELS), "nghe-ca"),
        "consent_expired": (sorted(CHANNELS), "nghe-ca"),
    }
    assert not any("Biển" in body for body in bodies)
    assert Hub(settings, database).find_faults() == []


def test_a_held_story_loses_what_it_must_without_a_word_in_public(
    world: World, clock: FixedClock, settings: Settings, database: Database
) -> None:
    story_id = world.release(channels=["public/all", "newspaper/column"])
    seen = parse(world.reader.get("/feeds/public/all.atom").data).updated
    clock.forward(timedelta(seconds=1))
    world.editor.act(story_id, "hold", note="Chờ xác minh")
    _withdraw(world, story_id, "image", "voice")
    assert parse(world.reader.get("/feeds/public/all.atom").data).updated == seen
    world.editor.act(story_id, "lift")
    assert len(_titles(world)) == 1
    assert Hub(settings, database).find_faults() == []


def _adopt(database: Database, clock: FixedClock) -> None:
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())


def _duties(world: World, clause: str) -> list[tuple[str, str]]:
    items = world.editor.get("/api/v1/duties?limit=200").json["items"]
    return [(row["owner"]["code"], row["state"]) for row in items if row["clause"]["number"] == clause]


def test_under_the_regulation_receipts_and_the_report_are_duties_that_answers_fulfil(
    world: World, worker: Worker, database: Database, clock: FixedClock
) -> None:
    _adopt(database, clock)
    clock.forward(timedelta(seconds=1))
    story_id = world.release(channels=CHANNELS)
    clock.forward(timedelta(seconds=1))
    done = _withdraw(world, story_id, "image", "voice", "work_story")
    worker.step()
    assert sorted(_duties(world, "22.2")) == [("newspaper", "open"), ("tv", "open")]
    (asked,) = world.tv.get("/api/v1/receipts").json["items"]
    assert asked["due_at"] == present.instant(clock.now() + DAY)  # 24 hours, says clause 22
    assert asked["days_left"] == 1
    clock.forward(timedelta(hours=1))
    assert [each["days_left"] for each in world.tv.get("/api/v1/receipts").json["items"]] == [1]  # a day begun
    assert _answer(world.tv, asked["id"], answer="done").status_code == 201
    report = {"act": "report", "story": story_id}
    person = f"/api/v1/persons/{done['person']}/acts"
    assert world.fishers.ask("POST", person, body=report).status_code == 403
    assert world.editor.ask("POST", person, body=report).status_code == 201
    worker.step()
    assert sorted(_duties(world, "22.2")) == [("newspaper", "open"), ("tv", "met")]
    assert [state for _, state in _duties(world, "22.1") + _duties(world, "22.3")] == ["met", "met"]


def test_a_report_fulfils_what_the_desk_owes_after_a_person_took_everything_back(
    world: World, worker: Worker, database: Database, clock: FixedClock
) -> None:
    _adopt(database, clock)
    clock.forward(timedelta(seconds=1))
    story_id = world.release(channels=CHANNELS)
    (person,) = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    path = f"/api/v1/persons/{person['id']}/acts"
    general = {"act": "record", "scopes": ALL_SCOPES, "obtained_on": "2026-11-02"}
    assert world.editor.ask("POST", path, body=general).status_code == 201
    clock.forward(timedelta(seconds=1))
    assert world.editor.ask("POST", path, body={"act": "withdraw"}).status_code == 201
    worker.step()
    assert {state for _, state in _duties(world, "22.3")} == {"open"}
    assert world.editor.ask("POST", path, body={"act": "report"}).status_code == 201
    worker.step()
    assert {state for _, state in _duties(world, "22.3")} == {"met"}


def test_an_answer_fulfils_the_duty_of_its_own_receipt_and_no_other(
    world: World, worker: Worker, database: Database, clock: FixedClock
) -> None:
    _adopt(database, clock)
    clock.forward(timedelta(seconds=1))
    story_id = world.release(channels=CHANNELS)
    clock.forward(timedelta(seconds=1))
    (reduced,) = _withdraw(world, story_id, "image")["receipts"][-1:]
    clock.forward(timedelta(seconds=1))
    assert world.editor.act(story_id, "withdraw", reason="factual_error").status_code == 201
    worker.step()
    asked = {row["id"]: row["outlet"] for row in world.editor.get("/api/v1/receipts").json["items"]}
    owed = sorted(_duties(world, "22.2") + _duties(world, "25.3"))
    assert owed == sorted((outlet, "open") for outlet in asked.values())
    client = {"newspaper": world.newspaper, "tv": world.tv}[asked[reduced]]
    assert _answer(client, reduced, answer="done").status_code == 201
    worker.step()
    assert (asked[reduced], "met") in _duties(world, "22.2")
    assert {state for _, state in _duties(world, "25.3")} == {"open"}
    before = world.editor.get("/api/v1/duties?limit=200").json["items"]
    with database.writing() as session:
        rebuilding.rebuild(session)
    assert world.editor.get("/api/v1/duties?limit=200").json["items"] == before


def test_no_outlet_owes_a_receipt_where_no_channel_lost_anything(
    world: World, worker: Worker, database: Database, clock: FixedClock
) -> None:
    _adopt(database, clock)
    clock.forward(timedelta(seconds=1))
    consent = {"scopes": [*ALL_SCOPES, "relatives"], "obtained_on": "2026-11-01"}
    story_id = world.release(a_story(consent=consent), channels=CHANNELS)
    clock.forward(timedelta(seconds=1))
    assert _withdraw(world, story_id, "relatives")["receipts"] == []
    worker.step()
    assert [state for _, state in _duties(world, "22.1")] == ["met"]
    assert _duties(world, "22.2") == []


@pytest.mark.parametrize(
    ("subject", "code", "clause"),
    [
        ({"hazardous_work": True}, "no_unit_clearance", "20"),
        ({"birth_year": 2014}, "no_guardian_consent", "19"),
    ],
)
def test_a_refusal_names_its_clause(
    world: World, database: Database, clock: FixedClock, subject: dict[str, Any], code: str, clause: str
) -> None:
    _adopt(database, clock)
    clock.forward(timedelta(seconds=1))
    story_id = world.push(a_story(subject={"type": "individual", "name": "Nguyễn Văn Biển", **subject}))
    why = world.editor.get(f"/api/v1/stories/{story_id}/why?channel=public/all").json["refusals"]
    assert (code, clause) in {(refusal["code"], refusal["clause"]) for refusal in why}


def test_reuse_that_is_taken_back_leaves_every_entry_and_is_asked_of_every_outlet(world: World) -> None:
    consent = {"scopes": [*ALL_SCOPES, "archive", "reuse"], "obtained_on": "2026-11-01"}
    story_id = world.release(a_story(consent=consent))
    (item,) = world.newspaper.get("/feeds/newspaper/column.json").json["items"]
    assert item["_hub"]["usages"] == ["archive", "reuse"]
    assert "<hub:usage>reuse</hub:usage>" in world.reader.get("/feeds/public/all.rss").text
    assert len(_withdraw(world, story_id, "reuse")["receipts"]) == 2
    assert [row["fields"] for row in world.newspaper.get("/api/v1/receipts").json["items"]] == [["usage.reuse"]]
    (item,) = world.newspaper.get("/feeds/newspaper/column.json").json["items"]
    assert item["_hub"]["usages"] == ["archive"]
    assert "hub:usage>reuse" not in world.reader.get("/feeds/public/all.rss").text
