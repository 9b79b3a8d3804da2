"""What a release takes, and what it must not take: recalled corrections, second releases, consent of another day."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from feeds.parse import parse
from hub.clock import FixedClock
from hub.worker import Worker
from tests.builders import World, a_story

ALL = ["public/all"]


def _titles(world: World, channel: str = "public/all") -> list[str]:
    client = {"public/all": world.reader, "newspaper/column": world.newspaper}[channel]
    return [entry.title for entry in parse(client.get(f"/feeds/{channel}.atom").data).entries]


def test_a_recalled_correction_never_slips_out_with_a_further_release(world: World) -> None:
    story_id = world.release(a_story(title="Bản một"), channels=ALL)
    world.fishers.put("one", a_story(title="Bản hai, chưa duyệt"))
    assert world.fishers.act(story_id, "recall").json["state"] == "released"
    answer = world.editor.act(story_id, "release", version=1, channels=["newspaper/column"])
    assert (answer.status_code, answer.json["version"]) == (201, 1)
    assert _titles(world) == _titles(world, "newspaper/column") == ["Bản một"]


def test_a_second_release_is_refused_and_told_who_was_first(world: World) -> None:
    story_id = world.push()
    world.editor.act(story_id, "approve")
    barrier = threading.Barrier(4)
    answers: list[TestResponse] = []

    def release() -> None:
        barrier.wait()
        answers.append(world.editor.act(story_id, "release", channels=ALL))

    threads = [threading.Thread(target=release) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert (loser.json["winner"], loser.json["state"]) == ("release", "released")
    assert world.editor.act(story_id, "release").status_code == 409
    changes = world.newspaper.get("/api/v1/outlets/newspaper/channels/column/changes").json["items"]
    assert changes == []


def test_a_scheduled_release_may_get_another_embargo(world: World, worker: Worker, clock: FixedClock) -> None:
    until = [(clock.now() + timedelta(hours=hours)).isoformat() for hours in (1, 2)]
    story_id = world.release(channels=ALL, embargo_until=until[0])
    assert world.editor.act(story_id, "release", channels=ALL).status_code == 409
    assert world.editor.act(story_id, "release", channels=ALL, embargo_until=until[1]).status_code == 201
    clock.forward(timedelta(hours=1))
    assert worker.step() == 0
    clock.forward(timedelta(hours=1))
    assert worker.step() == 1


def test_a_correction_without_an_embargo_waits_for_that_of_what_it_corrects(
    world: World, worker: Worker, clock: FixedClock
) -> None:
    until = clock.now() + timedelta(hours=1)
    story_id = world.release(a_story(embargo_until=until.isoformat()), channels=ALL)
    world.fishers.put("one", a_story(title="Đã sửa"))
    assert world.editor.act(story_id, "approve", channels=ALL).status_code == 201
    assert _titles(world) == []
    clock.forward(timedelta(hours=1))
    worker.step()
    assert _titles(world) == ["Đã sửa"]


def test_consent_has_to_hold_when_the_embargo_ends(world: World, clock: FixedClock) -> None:
    consent = {"scopes": ["name", "work_story"], "obtained_on": "2026-11-01", "expires_on": "2026-11-30"}
    story_id = world.push(a_story(consent=consent))
    world.editor.act(story_id, "approve")
    late = world.editor.act(story_id, "release", channels=ALL, embargo_until="2026-12-10T06:00:00+07:00")
    assert "no_consent" in {error["code"] for error in late.json["errors"]}
    assert world.editor.act(story_id, "release", channels=ALL).status_code == 201


@pytest.mark.parametrize(
    "changes",
    [
        {"movement": "Noi gương Nguyễn Văn Biển"},
        {"byline": {"name": "Nguyễn Văn Biển"}},
        {"metrics": [{"label": "Lượt của Nguyễn Văn Biển", "value": 1, "unit": "lượt"}]},
        {"body": {"html": "<p>Ông Nguyễn <strong>Văn</strong> Biển trực bến.</p>"}},
    ],
)
def test_a_name_without_consent_is_looked_for_in_every_text_that_shows(
    world: World, changes: dict[str, object]
) -> None:
    story_id = world.push(a_story(consent={"scopes": ["work_story", "image"]}, **changes))
    world.editor.act(story_id, "approve")
    answer = world.editor.act(story_id, "release", channels=ALL)
    (error,) = [error for error in answer.json["errors"] if error["code"] == "name_without_consent"]
    assert next(iter(changes)) in error["detail"]


@pytest.mark.parametrize("kind", ["household", "collective"])
def test_a_child_in_a_household_or_collective_needs_its_guardian(world: World, kind: str) -> None:
    story_id = world.push(a_story(subject={"type": kind, "name": "Gia đình Biển", "minor": True}))
    world.editor.act(story_id, "approve")
    answer = world.editor.act(story_id, "release", channels=ALL)
    assert {error["code"] for error in answer.json["errors"]} == {"no_guardian_consent", "no_child_assent"}


def test_no_embargo_ends_while_the_sender_asks_to_take_the_story_back(
    world: World, worker: Worker, clock: FixedClock
) -> None:
    until = (clock.now() + timedelta(hours=1)).isoformat()
    story_id = world.release(a_story(embargo_until=until), channels=["newspaper/column"])
    world.fishers.act(story_id, "request_withdrawal", reason="subject_request")
    clock.forward(timedelta(hours=1))
    worker.step()
    assert story_id not in world.newspaper.get("/feeds/newspaper/column.json").text
    assert world.editor.act(story_id, "return", note="Nhân vật đồng ý giữ bài.").status_code == 201
    worker.step()
    assert story_id in world.newspaper.get("/feeds/newspaper/column.json").text


def test_there_is_nothing_to_correct_without_a_new_version(world: World) -> None:
    story_id = world.release(channels=ALL)
    assert world.fishers.act(story_id, "correct").status_code == 409
