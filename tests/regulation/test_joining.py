"""Two units tell the same deed: one story goes on, and both are credited wherever it stands."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from feeds.parse import parse
from hub.accounts import history, keys, users
from hub.clock import FixedClock, local_day
from hub.config import Settings
from hub.db import Database
from hub.intake.media_store import MediaStore
from hub.models import Act, JournalRow, StorySupplier
from hub.operation.verifying import verification
from hub.worker import Worker
from tests.builders import Client, World, a_story
from tests.intake.test_likeness_checks import ANOTHER, RETOLD, _likenesses, _push, _says

UNION, WOMEN = "Nghiệp đoàn nghề cá Bến Lau", "Hội Phụ nữ Gò Mận"
CHANNELS = ("newspaper/column", "public/all")


def _release(world: World, story_id: str) -> None:
    assert world.editor.act(story_id, "approve", channels=list(CHANNELS)).status_code == 201


def _credited(world: World, channel: str = "public/all") -> list[str]:
    """The suppliers that every format of a channel names; the same in all."""
    reader = world.newspaper if channel.startswith("newspaper") else world.reader
    (item,) = reader.get(f"/feeds/{channel}.json").json["items"]
    names = [supplier["name"] for supplier in item["_hub"].get("suppliers", ())]
    (package,) = reader.get(f"/feeds/{channel}.ninjs").json["associations"]
    told = [source["name"] for source in package["infoSources"] if source["role"] == "supplier"]
    assert told == (names or [item["_hub"]["unit"]["name"]])
    for form in ("rss", "atom"):
        text = reader.get(f"/feeds/{channel}.{form}").text
        assert text.count("<hub:supplier>") == len(names)
        assert all(f"<hub:supplier>{name}</hub:supplier>" in text for name in names)
    return names


def _faults(settings: Settings, database: Database) -> list[str]:
    return list(
        verification.find_faults(
            database, MediaStore(settings.media_folder), settings.address, seen=lambda kind, count: None
        )
    )


def test_the_story_that_goes_on_credits_both(
    world: World, worker: Worker, settings: Settings, database: Database
) -> None:
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    worker.step()
    answer = world.editor.act(second, "join", into=first, note="Cùng một trạm cứu hộ")
    assert (answer.status_code, answer.json["state"], answer.json["into"]) == (201, "joined", first)
    (found,) = _likenesses(world, first)
    assert (found["decision"], found["story"]["state"]) == ("joined", "joined")
    assert _says(world.editor, first) == _says(world.editor, second) == "none"
    assert world.editor.ask("POST", f"/api/v1/stories/{first}/likenesses/{second}").status_code == 409
    _release(world, first)
    for channel in CHANNELS:
        assert _credited(world, channel) == [UNION, WOMEN]
    page = world.reader.get(f"/stories/{first}").text
    assert f"<li>{UNION}</li><li>{WOMEN}</li>" in page
    assert world.reader.get(f"/stories/{second}").status_code == 404
    assert _faults(settings, database) == []


def test_a_story_that_was_told_once_names_no_suppliers(world: World) -> None:
    world.release(channels=list(CHANNELS))
    assert _credited(world) == []
    assert "suppliers" not in world.reader.get("/feeds/public/all.json").text


def test_readers_of_a_released_story_see_the_new_credit(
    world: World, worker: Worker, settings: Settings, database: Database, clock: FixedClock
) -> None:
    first = _push(world.fishers)
    _release(world, first)
    worker.step()
    second = _push(world.women, **RETOLD)
    etags = {path: world.reader.get(path).headers["ETag"] for path in ("/feeds/public/all.atom",)}
    before = parse(world.reader.get("/feeds/public/all.atom").data).entries[0]
    story = world.fishers.get(f"/api/v1/stories/{first}").json
    clock.at = clock.at.replace(second=30)
    assert world.editor.act(second, "join", into=first).status_code == 201
    for channel in CHANNELS:
        assert _credited(world, channel) == [UNION, WOMEN]
    for path, etag in etags.items():
        assert world.reader.get(path, If_None_Match=etag).status_code == 200
    after = parse(world.reader.get("/feeds/public/all.atom").data).entries[0]
    assert (after.id, after.updated) == (before.id, before.updated)  # for readers it is the same story
    changes = world.newspaper.get("/api/v1/outlets/newspaper/channels/column/changes?after=1").json["items"]
    assert [(change["kind"], len(change["entry"]["_hub"]["suppliers"])) for change in changes] == [("flagged", 2)]
    assert world.fishers.get(f"/api/v1/stories/{first}").json["etag"] != story["etag"]
    worker.step()
    assert _faults(settings, database) == []


def test_an_embargoed_release_and_a_correction_keep_the_credit(world: World, worker: Worker, clock: FixedClock) -> None:
    embargo = clock.now() + timedelta(hours=1)
    first = _push(world.fishers, embargo_until=embargo.isoformat())
    _release(world, first)
    second = _push(world.women, **RETOLD)
    assert world.editor.act(second, "join", into=first).status_code == 201
    worker.step()
    clock.forward(timedelta(hours=1))
    worker.step()
    assert _credited(world) == [UNION, WOMEN]
    assert world.fishers.put("one", a_story(embargo_until=embargo.isoformat(), result="140 lượt.")).status_code == 200
    assert world.editor.act(first, "approve", channels=list(CHANNELS)).status_code == 201
    assert _credited(world) == [UNION, WOMEN]


def test_the_name_is_the_one_of_the_submission(world: World, database: Database, clock: FixedClock) -> None:
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    clock.forward(timedelta(days=2))
    with database.writing() as session:
        decision = history.Decision(local_day(clock.now()) - timedelta(days=1), "12-QĐ/TU")
        history.rename(session, "phu-nu", "Hội Phụ nữ Tân Mận", decision, now=clock.now())
    world.editor.act(second, "join", into=first)
    _release(world, first)
    assert _credited(world) == [UNION, WOMEN]


def test_what_was_joined_before_goes_along_and_nobody_is_named_twice(world: World, database: Database) -> None:
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    third = _push(world.women, "three", **RETOLD)
    assert world.editor.act(second, "join", into=third).status_code == 201
    assert world.editor.act(third, "join", into=first).status_code == 201
    _release(world, first)
    assert _credited(world) == [UNION, WOMEN]
    with database.reading() as session:
        rows = session.scalars(select(StorySupplier).where(StorySupplier.story_id == first).order_by(StorySupplier.id))
        assert [row.source_id for row in rows] == [first, third, second]


def test_one_units_two_tellings_are_one_credit_which_is_none(world: World) -> None:
    first, second = _push(world.fishers), _push(world.fishers, "two", **RETOLD)
    assert world.editor.act(second, "join", into=first).status_code == 201
    _release(world, first)
    assert _credited(world) == []


@pytest.mark.parametrize("state", ["submitted", "returned", "approved"])
def test_a_joined_story_has_ended(world: World, state: str) -> None:
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    if state == "returned":
        world.editor.act(second, "return", note="Thiếu")
    elif state == "approved":
        world.editor.act(second, "approve")
    assert world.editor.act(second, "join", into=first).json["state_before"] == state
    for act in ("approve", "release", "withdraw", "return", "join"):
        answer = world.editor.act(second, act, reason="other", note="x", into=first)
        assert (answer.status_code, answer.json["state"]) == (409, "joined")
    assert world.women.put("one", a_story(**RETOLD)).status_code == 200  # the same again is nothing new
    assert world.women.put("one", a_story(**ANOTHER)).status_code == 409
    assert world.women.get(f"/api/v1/stories/{second}").json["state"] == "joined"


def test_the_unit_hears_that_its_story_was_joined_and_not_into_which(world: World) -> None:
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    world.editor.act(second, "join", into=first)
    acts = world.women.get(f"/api/v1/stories/{second}/acts")
    assert [act["act"] for act in acts.json["items"]] == ["submit", "join"]
    assert first not in acts.text
    assert first in world.editor.get(f"/api/v1/stories/{second}/acts").text


@pytest.mark.parametrize(
    ("case", "status", "named"),
    [
        ("nothing", 422, "required"),
        ("itself", 422, "joined_into_itself"),
        ("unknown", 422, "unknown_story"),
        ("draft", 422, "unknown_story"),
        ("withdrawn", 409, "cannot_join_into"),
        ("joined", 409, "cannot_join_into"),
        ("asked back", 409, "cannot_join_into"),
        ("returned", 409, "cannot_join_into"),
        ("returned and held", 409, "cannot_join_into"),
        ("released source", 409, "act_forbidden"),
        ("draft source", 404, "not_found"),
        ("no editor", 409, "act_not_yours"),
    ],
)
def test_a_join_that_cannot_be_is_refused_by_name(world: World, case: str, status: int, named: str) -> None:
    first = _push(world.fishers, state="draft" if case == "draft" else "submitted")
    second = _push(world.women, **RETOLD, state="draft" if case == "draft source" else "submitted")
    into: dict[str, Any] = {"into": first}
    if case == "nothing":
        into = {}
    elif case == "itself":
        into = {"into": second}
    elif case == "unknown":
        into = {"into": "st_" + "0" * 26}
    elif case == "withdrawn":
        world.editor.act(first, "withdraw", reason="other")
    elif case == "joined":
        world.editor.act(first, "join", into=_push(world.women, "three", **ANOTHER))
    elif case == "asked back":
        _release(world, first)
        assert world.fishers.act(first, "request_withdrawal", reason="other").status_code == 201
    elif case.startswith("returned"):  # nobody may mend it, and the other telling would be lost with it
        assert world.editor.act(first, "return", note="Thiếu").status_code == 201
        if case.endswith("held"):
            assert world.editor.act(first, "hold", reason="being_checked").status_code == 201
    elif case == "released source":
        _release(world, second)
    who = world.women if case == "no editor" else world.editor
    answer = who.act(second, "join", **into)
    assert answer.status_code == status, answer.text
    assert named in (
        answer.json["type"].rpartition("/")[2],
        *(fault["code"] for fault in answer.json.get("errors", ())),
    )
    before = world.women.get(f"/api/v1/stories/{second}").json["state"]
    assert before in ("draft", "submitted", "released")


def test_of_two_joins_into_each_other_at_the_same_moment_one_wins(world: World) -> None:
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    barrier = threading.Barrier(2)
    statuses: list[int] = []

    def join(story_id: str, into: str) -> None:
        barrier.wait()
        statuses.append(world.editor.act(story_id, "join", into=into).status_code)

    threads = [threading.Thread(target=join, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 409]
    states = {world.editor.get(f"/api/v1/stories/{story}").json["state"] for story in (first, second)}
    assert states == {"joined", "submitted"}


def test_the_journal_tells_of_join_and_dismissal_without_a_name(
    world: World, worker: Worker, settings: Settings, database: Database
) -> None:
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    third = _push(world.women, "three", **RETOLD)
    worker.step()
    assert world.editor.ask("POST", f"/api/v1/stories/{third}/likenesses/{first}").status_code == 200
    world.editor.act(second, "join", into=first)
    with database.reading() as session:
        bodies = list(session.scalars(select(JournalRow.body).order_by(JournalRow.number.desc()).limit(3)))
    assert '"kind":"suppliers"' in bodies[0]
    assert '"act":"join"' in bodies[1]
    assert f'"into":"{first}"' in bodies[1]
    assert '"kind":"likeness_dismissed"' in bodies[2]
    assert all("Biên tập" not in body and "Hội" not in body for body in bodies)
    assert _faults(settings, database) == []
    with database.writing() as session:  # the join was another one, says somebody
        session.scalars(select(Act).where(Act.kind == "join")).one().into_id = third
    assert any("differs from the journal in into" in fault for fault in _faults(settings, database))


def test_a_confirmer_hears_of_likenesses_and_joins_within_reach_only(
    world: World, worker: Worker, database: Database, clock: FixedClock
) -> None:
    first, near = _push(world.fishers), _push(world.fishers, "two", **RETOLD)
    far = _push(world.women, **RETOLD)
    worker.step()
    with database.writing() as session:
        user = users.add(session, name="Nguyễn Thị Kiểm", email="kiem@example.org", now=clock.now())
        seat = users.Seat(role="confirmer", organization="ldld")
        users.seat(session, user, seat, on=local_day(clock.now()))
        secret = keys.mint(session, "user", user=user, now=clock.now()).secret
    confirmer = Client(world.fishers.app, secret)
    assert _says(confirmer, first) == "found"
    found = confirmer.get(f"/api/v1/stories/{first}/likenesses")
    assert [one["story"]["id"] for one in found.json["items"]] == [near]
    assert confirmer.ask("POST", f"/api/v1/stories/{first}/likenesses/{far}").status_code == 404
    assert {one["story"]["id"] for one in _likenesses(world, first)} == {near, far}

    assert world.editor.act(near, "join", into=far).status_code == 201
    assert far in world.editor.get(f"/api/v1/stories/{near}/acts").text
    acts = confirmer.get(f"/api/v1/stories/{near}/acts")
    assert [act["act"] for act in acts.json["items"]][-1] == "join"
    assert far not in acts.text
    assert _says(confirmer, first) == "none"


def test_whoever_judges_elsewhere_compares_only_what_they_judge(
    world: World, worker: Worker, database: Database, clock: FixedClock
) -> None:
    """They confirm for the women and send for the fishers, whose story they know, and not what it is like."""
    with database.writing() as session:
        user = users.add(session, name="x", email="x@x.vn", now=clock.now())
        for role, code in (("confirmer", "phu-nu"), ("contributor", "nghe-ca")):
            users.seat(session, user, users.Seat(role=role, organization=code), on=local_day(clock.now()))
        client = Client(world.editor.app, keys.mint(session, "user", user=user, now=clock.now()).secret)
    sent, judged = _push(world.fishers), _push(world.women, **RETOLD)
    worker.step()
    assert [_says(client, story) for story in (sent, judged)] == ["checked", "found"]
    assert client.get(f"/api/v1/stories/{sent}/likenesses").status_code == 404
    assert client.ask("POST", f"/api/v1/stories/{sent}/likenesses/{judged}").status_code == 404
    assert len(client.get(f"/api/v1/stories/{judged}/likenesses").json["items"]) == 1
