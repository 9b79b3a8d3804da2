"""Acts over HTTP: one table of states and acts, named refusals, one winner."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from hub.api import present
from hub.clock import FixedClock
from hub.db import Database
from hub.regulation.edition import editions
from tests.builders import World, a_story


def test_a_forbidden_act_names_state_and_rule(world: World) -> None:
    story_id = world.push()
    answer = world.editor.act(story_id, "release")
    assert answer.status_code == 409
    assert (answer.json["state"], answer.json["act"]) == ("submitted", "release")
    assert "approve" in answer.json["allowed"]
    assert answer.json["winner"] == "submit"


@pytest.mark.parametrize(
    ("who", "act"), [("fishers", "approve"), ("fishers", "withdraw"), ("editor", "recall"), ("editor", "submit")]
)
def test_an_act_of_somebody_elses_is_refused(world: World, who: str, act: str) -> None:
    story_id = world.push()
    answer = getattr(world, who).act(story_id, act, reason="other")
    assert answer.status_code == 409
    assert answer.json["role"] in ("contributor", "editor")


def test_two_approvals_at_the_same_moment_have_one_winner(world: World) -> None:
    story_id = world.push()
    barrier = threading.Barrier(4)
    answers: list[TestResponse] = []

    def approve() -> None:
        barrier.wait()
        answers.append(world.editor.act(story_id, "approve", version=1))

    threads = [threading.Thread(target=approve) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert (loser.json["winner"], loser.json["state"]) == ("approve", "approved")


def test_an_act_on_an_older_version_is_refused(world: World) -> None:
    story_id = world.push()
    world.fishers.put("one", a_story(title="Bản hai"))
    answer = world.editor.act(story_id, "approve", version=1)
    assert (answer.status_code, answer.json["latest"]) == (409, 2)


def test_every_answer_says_vietnamese_in_utf_8(world: World) -> None:
    story_id = world.push()
    world.push(a_story(title="Bến mới"))
    for path in ("changes?from=1&to=2", "why?channel=public/all", "acts"):
        answer = world.editor.get(f"/api/v1/stories/{story_id}/{path}")
        assert answer.status_code == 200
        assert "\\u" not in answer.text
    assert "Bến mới" in world.editor.get(f"/api/v1/stories/{story_id}/changes?from=1&to=2").text


def test_a_version_that_is_not_there_yet_is_not_called_an_older_one(world: World) -> None:
    story_id = world.push()
    order = {"act": "approve", "version": 9}
    answer = world.editor.ask("POST", f"/api/v1/stories/{story_id}/acts", body=order, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json["latest"]) == (409, 1)
    assert "version 9, but the newest one that it can be meant for is version 1" in answer.json["detail"]


def test_approve_with_channels_approves_and_releases(world: World) -> None:
    story_id = world.push()
    answer = world.editor.act(story_id, "approve", channels=["public/all"])
    assert (answer.json["act"], answer.json["state"]) == ("release", "released")
    assert [act["act"] for act in answer.json["before"]] == ["approve"]
    acts = world.fishers.get(f"/api/v1/stories/{story_id}/acts").json["items"]
    assert [act["act"] for act in acts] == ["submit", "approve", "release"]
    assert acts[2]["channels"] == ["public/all"]


def test_a_release_without_channels_goes_where_selection_and_rules_let_it(world: World) -> None:
    story_id = world.push(a_story(interview=None))
    world.editor.act(story_id, "approve")
    answer = world.editor.act(story_id, "release")
    assert answer.json["channels"] == ["newspaper/column", "public/all"]
    assert [(kept["channel"], kept["code"]) for kept in answer.json["kept_out"]] == [("tv/segment", "no_guest")]


def test_a_release_beyond_the_selection_needs_a_note(world: World) -> None:
    story_id = world.push()
    world.editor.act(story_id, "approve")
    answer = world.editor.act(story_id, "release", channels=["public/green"])
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "note_needed")
    assert world.editor.act(story_id, "release", channels=["public/green"], note="Có trồng cây").status_code == 201


@pytest.mark.parametrize(
    ("changes", "channel", "code"),
    [
        ({"method": None}, "newspaper/column", "no_method_or_lesson"),
        ({"lesson": None}, "newspaper/column", "no_method_or_lesson"),
        ({"interview": None}, "tv/segment", "no_guest"),
        ({"consent": {"scopes": ["name"]}}, "public/all", "no_consent"),
        (
            {"consent": {"scopes": ["work_story"]}, "summary": "Ông Nguyễn Văn Biển trực bến."},
            "public/all",
            "name_without_consent",
        ),
        ({"subject": {"type": "individual", "name": "Bé Na", "birth_year": 2014}}, "public/all", "no_guardian_consent"),
        ({"subject": {"type": "individual", "name": "Bé Na", "birth_year": 2014}}, "public/all", "no_child_assent"),
    ],
)
def test_a_refused_release_names_its_reason_in_both_languages(
    world: World, changes: dict[str, object], channel: str, code: str
) -> None:
    story_id = world.push(a_story(**changes))
    world.editor.act(story_id, "approve")
    details = set()
    for language in ("vi", "en"):
        answer = world.editor.ask(
            "POST",
            f"/api/v1/stories/{story_id}/acts",
            body={"act": "release", "channels": [channel]},
            headers={"Accept-Language": language},
        )
        assert answer.status_code == 409
        error = next(error for error in answer.json["errors"] if error["code"] == code)
        assert error["pointer"] == "/channels/0"
        details.add(error["detail"])
    assert len(details) == 2
    assert world.fishers.get(f"/api/v1/stories/{story_id}").json["state"] == "approved"


def test_each_reason_of_a_refused_release_names_its_channel(world: World) -> None:
    story_id = world.push(a_story(consent={"scopes": ["name"]}))
    world.editor.act(story_id, "approve")
    proposed = world.editor.act(story_id, "release")
    assert proposed.status_code == 409
    named = {(error["pointer"], error["channel"]) for error in proposed.json["errors"]}
    assert named == {("/channels", channel) for channel in ("newspaper/column", "public/all", "tv/segment")}
    answer = world.editor.act(story_id, "release", channels=["tv/segment", "public/all"])
    named = {(error["pointer"], error["channel"]) for error in answer.json["errors"]}
    assert named == {("/channels/0", "tv/segment"), ("/channels/1", "public/all")}


def test_the_embargo_of_the_act_is_never_earlier_than_the_storys(world: World) -> None:
    story_id = world.push(a_story(embargo_until="2026-12-01T06:00:00+07:00"))
    world.editor.act(story_id, "approve")
    answer = world.editor.act(story_id, "release", channels=["public/all"], embargo_until="2026-11-30T06:00:00+07:00")
    assert answer.json["errors"][0]["code"] == "embargo_too_early"
    later = world.editor.act(story_id, "release", channels=["public/all"], embargo_until="2026-12-02T06:00:00+07:00")
    assert later.status_code == 201


def test_a_withdrawal_needs_a_reason_of_the_vocabulary(world: World) -> None:
    story_id = world.release()
    assert world.editor.act(story_id, "withdraw").json["errors"][0]["code"] == "required"
    assert world.editor.act(story_id, "withdraw", reason="whim").json["errors"][0]["code"] == "enum"
    assert world.editor.act(story_id, "withdraw", reason="legal").status_code == 201


def test_a_requested_withdrawal_is_flagged_to_outlets_and_can_be_declined(world: World) -> None:
    story_id = world.release()
    world.fishers.act(story_id, "request_withdrawal", reason="subject_request")
    assert "withdrawal_requested" in world.newspaper.get("/feeds/newspaper/column.json").text
    assert "withdrawal_requested" not in world.reader.get("/feeds/public/all.json").text
    answer = world.editor.act(story_id, "return", note="Đề nghị gửi đơn của nhân vật")
    assert answer.json["state"] == "released"
    assert "withdrawal_requested" not in world.newspaper.get("/feeds/newspaper/column.json").text


def test_a_hold_outlasts_a_declined_withdrawal(world: World) -> None:
    story_id = world.release()
    world.editor.act(story_id, "hold")
    world.fishers.act(story_id, "request_withdrawal", reason="other")
    assert world.editor.act(story_id, "return", note="Chưa đủ căn cứ").json["state"] == "held"
    assert world.reader.get(f"/stories/{story_id}").status_code == 404
    assert world.editor.act(story_id, "lift").json["state"] == "released"


def test_why_tells_the_rule_that_let_a_story_in_or_kept_it_out(world: World) -> None:
    story_id = world.push(a_story(interview=None))
    tv = world.editor.get(f"/api/v1/stories/{story_id}/why?channel=tv/segment").json
    assert (tv["proposed"], tv["releasable"], tv["refusals"][0]["code"]) == (True, False, "no_guest")
    green = world.editor.get(f"/api/v1/stories/{story_id}/why?channel=public/green").json
    assert (green["proposed"], green["mismatch"], green["releasable"]) == (False, "topics", True)
    assert world.editor.get(f"/api/v1/stories/{story_id}/why?channel=public/none").status_code == 404


def test_why_tells_how_a_story_stands_in_the_channel_and_by_which_act(world: World, clock: FixedClock) -> None:
    story_id = world.push()
    address = f"/api/v1/stories/{story_id}/why?channel=newspaper/column"
    before = world.editor.get(address).json
    assert (before["here"], before["waits_for"]["act"]) == (None, "approve")
    world.editor.act(story_id, "approve", channels=["newspaper/column"])
    here = world.editor.get(address).json["here"]
    assert (here["state"], here["version"], here["act"]) == ("released", 1, "release")
    assert world.editor.get(address).json["waits_for"] is None
    clock.forward(timedelta(seconds=1))
    world.editor.act(story_id, "hold", note="Có phản ánh")
    held = world.editor.get(address).json
    assert (held["here"]["state"], [found["code"] for found in held["refusals"]]) == ("held", ["story_held"])
    world.editor.act(story_id, "lift")
    world.editor.act(story_id, "withdraw", reason="factual_error")
    gone = world.editor.get(address).json
    assert (gone["state"], gone["here"]["state"], gone["releasable"]) == ("withdrawn", "withdrawn", False)
    assert [found["code"] for found in gone["refusals"]] == ["story_ended"]


def test_why_tells_from_when_on_a_story_waits_for_a_channel(world: World, clock: FixedClock) -> None:
    story_id = world.push()
    later = (clock.now() + timedelta(days=2)).isoformat()
    world.editor.act(story_id, "approve", channels=["newspaper/column"], embargo_until=later)
    here = world.editor.get(f"/api/v1/stories/{story_id}/why?channel=newspaper/column").json["here"]
    assert (here["state"], here["available_from"]) == ("scheduled", present.instant(datetime.fromisoformat(later)))


def _refused(world: World, clock: FixedClock) -> dict[str, TestResponse]:
    """Refusals of acts, pushes and joins that come too late or too early."""
    released, returned = world.release(), world.push(a_story(title="Hai"), external_id="two")
    found = {"correct nothing": world.fishers.act(released, "correct")}
    found["release again"] = world.editor.act(released, "release")
    found["other version"] = world.editor.act(returned, "approve", version=7)
    found["too early"] = world.editor.act(returned, "release")
    world.editor.act(returned, "return", note="Thiếu")
    found["returned as it was"] = world.fishers.put("two", a_story(title="Hai"))
    found["draft over a release"] = world.fishers.put("one", a_story(title="Ba", state="draft"))
    world.editor.act(released, "withdraw", reason="factual_error")
    other = world.push(a_story(title="Bốn"), external_id="four")
    found["joined into what is gone"] = world.editor.act(other, "join", into=released)
    found["pushed on what is gone"] = world.fishers.put("one", a_story(title="Năm"))
    return found


def test_every_refusal_of_an_act_names_clause_state_and_the_winning_act(
    world: World, database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    clock.forward(timedelta(minutes=1))
    for name, answer in _refused(world, clock).items():
        assert answer.status_code == 409, (name, answer.json)
        assert answer.json["clause"], name
        assert answer.json["winner"] not in ("", "-"), name
        assert answer.json["state"], name
