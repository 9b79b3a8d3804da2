"""Acts at the desk: previewed exactly, done once, refused beside the field, and never over what somebody else did."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from hub.clock import FixedClock
from hub.db import Database
from hub.models import Act, Release, Story
from hub.regulation.edition import editions
from tests.builders import World, a_story
from tests.web.desks import Person

AT = "/desk/editor/stories/"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
TICKED = re.compile(r'name="channels" value="([^"]+)" checked')


def form_of(page: TestResponse | str) -> dict[str, Any]:
    """What the form of an act holds as it was opened."""
    text = page if isinstance(page, str) else page.text
    text = text[text.index('class="form act-form"') :]
    return {**dict(HIDDEN.findall(text)), "channels": TICKED.findall(text)}


def act(person: Person, story: str, kind: str, **fields: Any) -> TestResponse:
    """Open the form, preview, do: as somebody does who reads on the way."""
    path = f"{AT}{story}/acts/{kind}"
    opened = form_of(person.get(path))
    previewed = person.post_bare(path, {**opened, **fields, "stage": "preview"})
    assert previewed.status_code == 200, previewed.text
    return person.post_bare(path, {**form_of(previewed), **fields, "stage": "do"})


def state_of(database: Database, story: str) -> str:
    with database.reading() as session:
        return session.get_one(Story, story).state


def test_a_story_is_approved_and_released_in_one_go(world: World, editor: Person, database: Database) -> None:
    story = world.push()
    answer = act(editor, story, "approve", and_release="yes", channels=["newspaper/column", "public/all"])
    assert answer.status_code == 303
    assert state_of(database, story) == "released"
    assert "Người giữ bến" in world.newspaper.get("/feeds/newspaper/column.json").text
    assert "Người giữ bến" not in world.tv.get("/feeds/tv/segment.json").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"and_release": "yes"}, "Do it: approve and release to 2 channels, now"),
        ({"and_release": "yes", "embargo": "2026-12-01T07:30"}, "Do it: approve and release to 2 channels, later"),
        ({}, "Do it: approve"),
    ],
)
def test_the_button_that_releases_says_so(
    world: World, editor: Person, fields: dict[str, str], said: str, database: Database
) -> None:
    path = f"{AT}{world.push()}/acts/approve"
    opened = {**form_of(editor.get(path)), "channels": ["newspaper/column", "public/all"], "lang": "en"}
    page = editor.post_bare(f"{path}?lang=en", {**opened, **fields, "stage": "preview"}).text
    assert re.findall(r'value="do"[^>]*>([^<]+)<', page) == [said]


def test_what_is_not_verified_is_told_before_the_button_that_releases(world: World, editor: Person) -> None:
    path = f"{AT}{world.push(a_story(claims=[{'text': '137 lượt', 'source': 'Sổ trực'}]))}/acts/approve?lang=en"
    opened = form_of(editor.get(path))
    page = editor.post_bare(path, {**opened, "and_release": "yes", "stage": "preview"}).text
    assert page.count("claim has not been verified yet") == 1
    assert page.index("claim has not been verified yet") < page.index('value="do"')


def test_a_preview_tells_what_happens_and_does_nothing(world: World, editor: Person, database: Database) -> None:
    story = world.push()
    path = f"{AT}{story}/acts/approve"
    opened = form_of(editor.get(path))
    assert "public/green" not in opened["channels"]
    fields = {**opened, "and_release": "yes", "embargo": "2026-12-01T07:30", "stage": "preview", "lang": "en"}
    page = editor.post_bare(path, fields)
    assert "07:30" in page.text
    assert "2026-12-01T00:30:00+00:00" in page.text
    assert state_of(database, story) == "submitted"
    with database.reading() as session:
        assert session.scalars(select(Release)).all() == []
        assert {row.kind for row in session.scalars(select(Act))} == {"submit"}


def test_what_the_preview_named_is_what_the_release_holds(world: World, editor: Person, database: Database) -> None:
    story = world.push(a_story(embargo_until="2026-12-24T08:00:00+07:00"))
    act(editor, story, "approve")
    path = f"{AT}{story}/acts/release"
    page = editor.post_bare(path, {**form_of(editor.get(path)), "stage": "preview"}).text
    promised = set(re.findall(r'<time datetime="(2026-12-[^"]+)">', page[page.index('id="foreseen"') :]))
    act(editor, story, "release")
    with database.reading() as session:
        rows = session.scalars(select(Release)).all()
    assert {row.available_from.isoformat() for row in rows} == promised == {"2026-12-24T01:00:00+00:00"}
    assert {row.state for row in rows} == {"scheduled"}


def test_a_preview_counts_the_fields_that_the_story_has_and_the_channel_shows(world: World, editor: Person) -> None:
    story = world.push()
    path = f"{AT}{story}/acts/approve?lang=en"
    fields = {**form_of(editor.get(path)), "and_release": "yes", "stage": "preview"}
    page = editor.post_bare(path, {**fields, "channels": ["newspaper/column", "tv/segment"]}).text
    column, segment = page[page.index('id="foreseen"') : page.index("act-form")].split("<summary>")[1:3]
    assert "Suggested questions" not in column
    assert "Suggested questions" in segment
    assert "Standfirst" not in column  # the story has none


def test_what_is_changed_after_the_preview_is_previewed_again(world: World, editor: Person, database: Database) -> None:
    story = world.push()
    path = f"{AT}{story}/acts/approve"
    previewed = editor.post_bare(path, {**form_of(editor.get(path)), "stage": "preview"})
    answer = editor.post_bare(path, {**form_of(previewed), "and_release": "yes", "stage": "do"})
    assert answer.status_code == 200
    assert 'id="foreseen"' in answer.text
    assert state_of(database, story) == "submitted"


def test_a_double_click_does_the_thing_once(world: World, editor: Person, database: Database) -> None:
    story = world.push()
    path = f"{AT}{story}/acts/approve"
    previewed = form_of(editor.post_bare(path, {**form_of(editor.get(path)), "stage": "preview"}))
    answers = [editor.post_bare(path, {**previewed, "stage": "do"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    with database.reading() as session:
        assert [row.kind for row in session.scalars(select(Act).order_by(Act.id))] == ["submit", "approve"]


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        (
            "approve",
            {"and_release": "yes", "channels": ["tv/segment"]},
            {"and_release": "yes", "channels": ["public/all"]},
        ),
        ("approve", {"and_release": "yes", "embargo": "2027-01-05T07:00"}, {"and_release": "yes"}),
        (
            "return",
            {"fault-0-field": "/title", "fault-0-code": "too_general"},
            {"fault-0-field": "/summary", "fault-0-code": "too_general"},
        ),
    ],
)
def test_another_decision_in_a_second_window_is_told_not_dropped(
    world: World, editor: Person, kind: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    path = f"{AT}{world.push()}/acts/{kind}"
    windows = []
    for fields in (first, second):
        sent = {**form_of(editor.get(path)), **fields}
        windows.append({**sent, "mark": form_of(editor.post_bare(path, {**sent, "stage": "preview"}))["mark"]})
    answers = [editor.post_bare(path, {**sent, "stage": "do"}) for sent in (*windows, windows[0])]
    assert [answer.status_code for answer in answers] == [303, 409, 303]


def test_a_return_names_faults_by_field(world: World, editor: Person, database: Database) -> None:
    story = world.push()
    rows = {"fault-0-field": "/method", "fault-0-code": "too_general", "fault-0-note": "Ai trực, giờ nào?"}
    assert act(editor, story, "return", **rows, note="Xin bổ sung.").status_code == 303
    answer = json.loads(world.fishers.get(f"/api/v1/stories/{story}/acts").data)["items"][-1]
    assert answer["faults"][0]["pointer"] == "/method"
    assert answer["faults"][0]["note"] == "Ai trực, giờ nào?"
    assert "Ai trực, giờ nào?" in editor.get(AT + story).text


def test_refusals_stand_beside_their_fields_and_what_was_typed_stays(world: World, editor: Person) -> None:
    story = world.release()
    path = f"{AT}{story}/acts/withdraw"
    answer = editor.post_bare(path, {**form_of(editor.get(path)), "note": "Lời tôi đã gõ", "stage": "preview"})
    assert answer.status_code == 422
    assert re.findall(r'id="f-reason-fault">([^<]+)<', answer.text) == ["Hãy chọn lý do."]
    assert "Lời tôi đã gõ" in answer.text
    path = f"{AT}{world.push(external_id='two')}/acts/return"
    answer = editor.post_bare(path, {**form_of(editor.get(path)), "stage": "preview"})
    assert re.findall(r'id="f-note-fault">([^<]+)<', answer.text) == ["Hãy ghi rõ lý do vào ghi chú."]


def test_going_beyond_what_the_selections_ask_needs_a_note(world: World, editor: Person, database: Database) -> None:
    story = world.push()
    act(editor, story, "approve")
    path = f"{AT}{story}/acts/release"
    fields = {**form_of(editor.get(path)), "channels": ["public/green"], "stage": "preview"}
    answer = editor.post_bare(path, fields)
    assert answer.status_code == 422
    assert 'id="f-note-fault"' in answer.text
    assert act(editor, story, "release", channels=["public/green"], note="Bến sạch.").status_code == 303


def test_a_hold_and_its_lift(world: World, editor: Person, database: Database) -> None:
    story = world.release()
    act(editor, story, "hold", reason="being_checked")
    assert state_of(database, story) == "held"
    act(editor, story, "lift")
    assert state_of(database, story) == "released"


def test_a_withdrawal_names_who_loses_it_and_who_is_asked(world: World, editor: Person, database: Database) -> None:
    story = world.release(channels=["newspaper/column", "public/all"])
    path = f"{AT}{story}/acts/withdraw"
    page = editor.post_bare(path, {**form_of(editor.get(path)), "reason": "legal", "stage": "preview"}).text
    told = page[page.index('id="foreseen"') : page.index("act-form")]
    assert "Cách làm hay – Báo Hải Sơn; Tất cả – Cổng nêu gương" in told
    assert "Báo Hải Sơn" in told
    assert state_of(database, story) == "released"
    assert act(editor, story, "withdraw", reason="legal").status_code == 303
    assert state_of(database, story) == "withdrawn"


def test_a_correction_is_released_with_reasons_severity_and_public_note(
    world: World, editor: Person, database: Database
) -> None:
    story = world.release(channels=["public/all"])
    world.push(a_story(result="139 lượt tàu được giúp."))
    page = editor.get(f"{AT}{story}/acts/approve").text
    assert "<del>137 </del><ins>139 </ins>" in page
    assert act(editor, story, "approve").status_code == 303
    said = {"change-0-reason": "Đếm lại sổ", "change-0-severity": "minor", "public_note": "Số lượt tàu là 139."}
    assert act(editor, story, "release", **said).status_code == 303
    told = json.loads(world.editor.get(f"/api/v1/stories/{story}/corrections").data)["items"][0]
    assert told["severity"] == "minor"
    assert told["public_note"] == "Số lượt tàu là 139."
    assert told["changes"][0]["reason"] == "Đếm lại sổ"


def test_a_correction_without_a_reason_is_asked_for_it_beside_its_field(
    world: World, editor: Person, database: Database, clock: FixedClock
) -> None:
    story = world.release(channels=["public/all"])
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    world.push(a_story(result="139 lượt tàu được giúp."))
    assert act(editor, story, "approve").status_code == 303
    path = f"{AT}{story}/acts/release"
    page = editor.post_bare(path, {**form_of(editor.get(path)), "stage": "preview"})
    assert page.status_code == 409
    beside = re.search(r'id="f-change-0-reason-fault"[^>]*>([^<]+)<', page.text)
    assert beside is not None
    assert "Hãy ghi lý do sửa mục “Kết quả”" in beside[1]
    assert "/result" not in re.sub(r'(?:value|name)="[^"]*"', "", page.text[page.text.index("<main") :])
    assert "Chưa phát hành được" not in page.text


def test_a_claim_is_verified_once_it_was_checked(world: World, editor: Person, database: Database) -> None:
    story = world.push(
        a_story(claims=[{"text": "137 lượt", "source": "Sổ trực"}, {"text": "Từ 2019", "source": "Ông Biển"}])
    )
    page = editor.get(AT + story)
    form = dict(HIDDEN.findall(page.text[page.text.index(f"{AT}{story}/claims") :]))
    assert editor.post_bare(f"{AT}{story}/claims", {**form, "claim": "1"}).status_code == 303
    page = editor.get(f"{AT}{story}?lang=en").text
    assert page.count('class="verified"') == 1
    assert page.count('name="claim"') == 1


def test_a_second_window_loses_no_verification(world: World, editor: Person) -> None:
    told = [{"text": "137 lượt", "source": "Sổ trực"}, {"text": "Từ 2019", "source": "Ông Biển"}]
    path = f"{AT}{world.push(a_story(claims=told))}"
    page = editor.get(path).text
    form = dict(HIDDEN.findall(page[page.index(f"{path}/claims") :]))
    answers = [editor.post_bare(f"{path}/claims", {**form, "claim": place}) for place in ("0", "0", "1")]
    assert [answer.status_code for answer in answers] == [303, 303, 409]  # the third is told, not dropped


def test_a_decision_on_what_has_moved_on_is_shown_what_happened_and_keeps_what_was_typed(
    world: World, editor: Person, colleague: Person, database: Database
) -> None:
    story = world.push()
    path = f"{AT}{story}/acts/return"
    opened = form_of(editor.get(path))
    assert act(colleague, story, "approve", note="Đã đọc kỹ.").status_code == 303
    typed = {"note": "Cần nói rõ giờ trực.", "fault-0-field": "/method", "fault-0-code": "too_general"}
    answer = editor.post_bare(path, {**opened, **typed, "stage": "preview"})
    assert answer.status_code == 409
    assert "Trần Văn Tập" in answer.text
    assert "Đã đọc kỹ." in answer.text
    assert "Cần nói rõ giờ trực." in answer.text
    assert state_of(database, story) == "approved"
    again = editor.post_bare(path, {**form_of(answer), **typed, "stage": "preview"})
    assert editor.post_bare(path, {**form_of(again), **typed, "stage": "do"}).status_code == 303
    assert state_of(database, story) == "returned"


def test_a_preview_that_has_grown_old_is_not_done(world: World, editor: Person, database: Database) -> None:
    story = world.push()
    path = f"{AT}{story}/acts/approve"
    previewed = form_of(editor.post_bare(path, {**form_of(editor.get(path)), "stage": "preview"}))
    world.push(a_story(title="Bản mới của đơn vị"))
    answer = editor.post_bare(path, {**previewed, "stage": "do"})
    assert answer.status_code == 409
    assert state_of(database, story) == "submitted"


def test_two_editors_on_one_story_see_each_other(
    world: World, editor: Person, colleague: Person, clock: FixedClock
) -> None:
    story = world.push()
    colleague.get(AT + story)
    assert "Trần Văn Tập" in editor.get(AT + story).text
    assert "Lê Thị Biên" in colleague.get(f"{AT}{story}/presence").text
    assert "Lê Thị Biên" in colleague.get("/desk/editor/").text
    clock.forward(timedelta(minutes=2))
    assert "Trần Văn Tập" not in editor.get(AT + story).text


def test_an_open_page_hears_that_the_story_has_moved_on(world: World, editor: Person, colleague: Person) -> None:
    story = world.push()
    address = re.search(r'hx-get="([^"]+)"', editor.get(AT + story).text)
    assert address is not None
    assert "notice" not in editor.get(address[1]).text
    act(colleague, story, "approve")
    assert "notice" in editor.get(address[1]).text


@pytest.mark.parametrize("kind", ["approve", "return", "withdraw", "hold"])
def test_auditors_do_nothing_here(world: World, auditor: Person, editor: Person, kind: str) -> None:
    story = world.push()
    opened = form_of(editor.get(f"{AT}{story}/acts/{kind}"))
    token = re.search(r'name="csrf_token" value="([^"]+)"', auditor.get("/desk/editor/").text)
    fields = {**opened, "csrf_token": token[1] if token else "", "stage": "preview"}
    assert auditor.post_bare(f"{AT}{story}/acts/{kind}", fields).status_code == 404
