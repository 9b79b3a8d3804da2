"""Refusals say codes and instants in words; the members beside the sentence stay as programs know them."""

from __future__ import annotations

import ast
from datetime import datetime
from pathlib import Path

import pytest

import hub
from hub import i18n
from hub.i18n import words
from hub.outlets.ledgers import ChangeKind
from hub.regulation.consent.erasing import ERASE
from hub.regulation.duties import reading
from hub.regulation.filed import pickups
from hub.regulation.workflow import PASSED, ActKind, State
from tests.builders import World, a_story


def test_every_state_and_every_act_has_its_word() -> None:
    of_stories = {state.value for state in State} - {state.value for state in PASSED}
    assert set(words.STATES) == of_stories | set(reading.STATES) | set(pickups.STATES)
    assert set(words.ACTS) == {kind.value for kind in ActKind} | {ERASE}


def test_every_kind_of_change_has_its_word() -> None:
    assert set(words.CHANGES) == {kind.value for kind in ChangeKind}


def test_every_kind_of_thing_that_is_not_found_has_its_word() -> None:
    named = set()
    for path in Path(hub.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "NotFound":
                named |= {ast.literal_eval(said.value) for said in node.keywords if said.arg == "kind"}
    assert named <= set(words.THINGS)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "vi",
            "Không thực hiện được “duyệt” khi bài ở trạng thái “chờ xác nhận”. Việc làm được lúc này: thu hồi, nộp "
            "bài. Việc gần nhất: trả lại lúc 08:02 27/11/2026.",
        ),
        (
            "en",
            "“approve” cannot be done while the story is “waiting for confirmation”. What can be done now: recall, "
            "submit. Last act: return at 08:02 27 Nov 2026.",
        ),
    ],
)
def test_a_refusal_says_words_and_the_minute_in_viet_nam(language: str, told: str) -> None:
    facts = {"act": "approve", "state": "confirming", "allowed": "recall, submit", "winner": "return"}
    at = "2026-11-27T01:02:03.123456+00:00"
    assert i18n.sentence("error.act_forbidden", language, **facts, winner_at=at) == told


def test_what_somebody_sent_is_said_as_it_was_sent() -> None:
    said = i18n.sentence("error.bad_query", "en", parameter="state", sent="released")
    assert "“released”" in said
    assert "2026-11-27T01:02:03Z" in i18n.sentence("fault.cell_not_a_day", "en", value="2026-11-27T01:02:03Z")


def test_members_keep_their_codes(world: World) -> None:
    story_id = world.release()
    refused = world.editor.act(story_id, "lift").json
    assert (refused["act"], refused["state"], refused["winner"]) == ("lift", "released", "release")
    assert refused["winner_at"].endswith("+00:00")
    assert "“bỏ tạm dừng”" in refused["detail"]
    assert "“đã phát hành”" in refused["detail"]


def test_what_was_not_found_is_named_with_its_kind(world: World) -> None:
    missing = world.fishers.get("/api/v1/stories/no-such").json
    assert (missing["kind"], missing["what"]) == ("story", "no-such")
    assert missing["detail"].startswith("Không tìm thấy bài “no-such”: ")
    story_id = world.push(a_story())
    version = world.fishers.get(f"/api/v1/stories/{story_id}/versions/9?lang=en").json
    assert version["detail"].startswith(f"Not found: version “{story_id}/versions/9”. ")
    assert world.reader.get("/nowhere?lang=en").json["detail"].startswith("Not found: what was asked for. ")
    assert world.women.get(f"/api/v1/stories/{story_id}").json["what"] == story_id


@pytest.mark.parametrize(
    ("instant", "language", "said"),
    [
        ("2026-12-01T17:00:00+00:00", "vi", "hết ngày 01/12/2026"),
        ("2026-12-01T17:00:00+00:00", "en", "the end of 1 Dec 2026"),
        ("2026-12-01T16:30:00+00:00", "vi", "23:30 01/12/2026"),
    ],
)
def test_a_deadline_at_midnight_is_the_end_of_the_day_before(instant: str, language: str, said: str) -> None:
    def end_of(day: str) -> str:
        return i18n.sentence("the end of %(day)s", language, day=day)

    told = words.format_deadline(datetime.fromisoformat(instant), end_of, language)
    assert told == said
