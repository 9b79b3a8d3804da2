"""Before a story goes: how it will look, what was taken out, what is like it; then it goes once; what became of it."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hub.accounts import organizations
from hub.actors import Actor, Grant, Role
from hub.clock import FixedClock
from hub.db import Database
from hub.intake import form_drafts
from hub.models import Act, FormDraft, Story
from hub.regulation.edition import editions
from hub.web.unit import stories
from hub.worker import Worker
from tests.builders import World, a_picture, a_story
from tests.web.desks import Person, seat_user


@pytest.fixture
def contributor(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    user = seat_user(database, "contributor", organization="nghe-ca", now=clock.now(), name="Phan Thị Hòa")
    return Person(app).sign_in(user)


def draft_of(database: Database, clock: FixedClock, document: dict[str, Any]) -> str:
    """A draft of the fishers with this document."""
    with database.writing() as session:
        place = organizations.get(session, "nghe-ca")
        grant = Grant(Role.CONTRIBUTOR, organization_id=place.id)
        actor = Actor(name="Hòa", grants=(grant,), code="nghe-ca", organization_id=place.id, given_id=place.id)
        return form_drafts.begin(session, document, actor=actor, now=clock.now()).id


def test_what_is_missing_is_told_by_step_with_the_way_to_each_field(
    contributor: Person, database: Database, clock: FixedClock
) -> None:
    draft = draft_of(database, clock, {"title": "Người giữ bến", "subject": {"name": "Biển", "type": "individual"}})
    page = contributor.get(f"/desk/unit/drafts/{draft}/check")
    assert f'href="/desk/unit/drafts/{draft}/text?check=1#f-summary"' in page.text
    assert f'href="/desk/unit/drafts/{draft}/people?check=1#f-consent"' in page.text
    assert "/send" not in page.text
    assert "Bài sẽ hiện như dưới đây" not in page.text  # nothing of it shows below yet
    refused = contributor.post(f"/desk/unit/drafts/{draft}/send", form="/desk/unit/new")
    assert refused.status_code == 422
    with database.reading() as session:
        assert session.scalars(select(Story)).all() == []


def test_a_story_is_seen_as_it_will_look_with_what_was_taken_out_and_what_is_like_it(
    world: World, contributor: Person, database: Database, clock: FixedClock, worker: Worker
) -> None:
    world.push()
    worker.step()
    body = {"html": a_story()["body"]["html"] + "<script>alert(1)</script><p>Thêm một câu.</p>"}
    draft = draft_of(database, clock, a_story(title="Lại kể về bến", body=body))
    page = contributor.get(f"/desk/unit/drafts/{draft}/check").text
    assert "<p>Bốn giờ sáng, bến Đá Lau còn đẫm hơi sương.</p>" in page
    assert "alert(1)</script>" not in page
    assert "<code>script</code>" in page
    assert "Người giữ bến Đá Lau</a>" in page  # the one that was sent before
    with database.reading() as session:
        assert len(session.scalars(select(Story)).all()) == 1


def test_a_draft_of_a_table_or_the_api_is_not_called_sent(world: World, contributor: Person) -> None:
    world.push(a_story(state="draft", title="Nháp từ bảng"))
    for path in ("/desk/unit/", "/desk/unit/?folder=writing"):
        page = contributor.get(path).text
        assert "Nháp từ bảng" in page
        assert "<h2>Đã gửi</h2>" not in page
    assert "Nháp từ bảng" not in contributor.get("/desk/unit/?folder=mend").text


def test_the_drafts_of_the_form_and_of_tables_are_paged_as_one_list(
    world: World, contributor: Person, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stories, "PAGE", 2)
    wanted = {f"Nháp {number}" for number in range(3)} | {f"Bảng {number}" for number in range(3)}
    for number in range(3):
        draft_of(database, clock, {"title": f"Nháp {number}"})
        world.push(a_story(state="draft", title=f"Bảng {number}"), external_id=f"b{number}")
    path, seen = "/desk/unit/?folder=writing", list[str]()
    while path:
        page = contributor.get(path).text
        found = re.findall(r'class="list-title" href="[^"]*">([^<]+)</a>', page)
        assert 0 <= len(found) <= 2
        seen += found
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = html.unescape(following[1]) if following else ""
        path = path if path.startswith("/") or not path else f"/desk/unit/{path}"
    assert len(seen) == 6
    assert set(seen) == wanted


def test_a_draft_with_faults_shows_as_far_as_it_goes(
    contributor: Person, database: Database, clock: FixedClock
) -> None:
    body = {"html": "<p>Bốn giờ sáng.</p><script>alert(1)</script>"}
    story = {**a_story(title="Bến Đá Lau", body=body), "metrics": [{"value": "nhiều"}], "topics": "khong_co"}
    story["subject"] = {"type": "individual", "name": "Ông Biển", "birth_year": "nam 90"}
    del story["summary"]
    page = contributor.get(f"/desk/unit/drafts/{draft_of(database, clock, story)}/check")
    assert page.status_code == 200
    paper = page.text.partition('<article class="paper"')[2]
    assert "Bốn giờ sáng." in paper
    assert "alert(1)" not in paper
    assert "nhiều" not in paper
    assert "Chưa có “Tóm tắt”." in page.text
    for nonsense in ({"title": 7, "media": [1], "place": "x"}, {"media": "x", "body": {"html": 5}}):
        draft = draft_of(database, clock, {**a_story(), **nonsense})
        assert contributor.get(f"/desk/unit/drafts/{draft}/check").status_code == 200


def test_a_picture_shows_before_anybody_has_described_it(
    world: World, contributor: Person, database: Database, clock: FixedClock
) -> None:
    upload = world.fishers.upload(a_picture()).json["id"]
    draft = draft_of(database, clock, a_story(media=[{"kind": "picture", "upload": upload}]))
    page = contributor.get(f"/desk/unit/drafts/{draft}/check").text
    assert "pictures?check=1#f-media-0-alt" in page
    assert f'src="/desk/unit/pictures/{upload}" alt=""' in page.partition('<article class="paper"')[2]


def test_that_nobody_may_be_named_is_said_above_the_story(
    world: World, contributor: Person, database: Database, clock: FixedClock
) -> None:
    said = "Phần sự đồng ý chưa chọn mục nào"
    nobody = a_story(consent={"scopes": []}, subject={"type": "collective", "name": "Tổ tàu 7"})
    page = contributor.get(f"/desk/unit/drafts/{draft_of(database, clock, nobody)}/check").text
    assert page.index(said) < page.index('<article class="paper"')
    assert said not in contributor.get(f"/desk/unit/drafts/{draft_of(database, clock, a_story())}/check").text


def test_a_double_click_sends_one_story(contributor: Person, database: Database, clock: FixedClock) -> None:
    draft = draft_of(database, clock, a_story())
    page, path = f"/desk/unit/drafts/{draft}/check", f"/desk/unit/drafts/{draft}/send"
    first = contributor.post(path, {"note": "Xin đăng sớm"}, form=page)
    second = contributor.post(path, {"note": "Xin đăng sớm"}, form="/desk/unit/new")
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    with database.reading() as session:
        stories, acts = session.scalars(select(Story)).all(), session.scalars(select(Act)).all()
        assert [(act.kind, act.note) for act in acts] == [("submit", "Xin đăng sớm")]
        assert len(stories) == 1
        assert session.scalars(select(FormDraft)).all() == []
    shown = contributor.get(first.headers["Location"]).text
    assert "Người giữ bến Đá Lau" in shown
    assert "Xin đăng sớm" in shown


def test_what_a_return_asks_stands_beside_its_field_until_the_story_was_mended(
    world: World, contributor: Person, database: Database
) -> None:
    story_id = world.push()
    fault = {"pointer": "/metrics/0", "code": "no_source", "note": "Sổ nào?"}
    assert world.editor.act(story_id, "return", note="Còn thiếu nguồn", faults=[fault]).status_code == 201
    listed = contributor.get("/desk/unit/?folder=mend").text
    assert "Còn thiếu nguồn" in listed
    answer = contributor.post(f"/desk/unit/stories/{story_id}/edit", form="/desk/unit/new")
    draft = answer.headers["Location"].split("/")[4]
    page = contributor.get(f"/desk/unit/drafts/{draft}/results").text
    group = re.search(r'<fieldset class="group row-group[^"]*" id="f-metrics-0".*?</fieldset>', page, re.DOTALL)
    assert group is not None
    assert "Sổ nào?" in group[0]
    assert "theo sổ trực của nghiệp đoàn" in group[0]  # the hint of the vocabulary
    unchanged = contributor.post(f"/desk/unit/drafts/{draft}/send", form=f"/desk/unit/drafts/{draft}/check")
    assert unchanged.status_code == 409
    fields = {
        "method": "Ghi sổ.",
        "metrics/0/label": "Lượt tàu, theo sổ trực",
        "metrics/0/value": "137",
        "metrics/0/unit": "lượt",
        "revision": "1",
    }
    contributor.post(f"/desk/unit/drafts/{draft}/results", fields)
    sent = contributor.post(f"/desk/unit/drafts/{draft}/send", form=f"/desk/unit/drafts/{draft}/check")
    assert sent.status_code == 303
    assert world.editor.get(f"/api/v1/stories/{story_id}").json["state"] in ("submitted", "confirming")


def test_a_correction_gives_a_reason_for_each_field_that_it_changes(
    world: World, contributor: Person, database: Database
) -> None:
    story_id = world.release()
    answer = contributor.post(f"/desk/unit/stories/{story_id}/edit", form=f"/desk/unit/stories/{story_id}")
    draft = answer.headers["Location"].split("/")[4]
    fields = {"method": "Trực theo ca.", "result": "137 lượt tàu.", "lesson": "Có người trực.", "revision": "1"}
    contributor.post(f"/desk/unit/drafts/{draft}/results", fields)
    page = contributor.get(f"/desk/unit/drafts/{draft}/check").text
    assert set(re.findall(r'name="pointer" value="([^"]+)"', page)) >= {"/method", "/result", "/lesson"}
    typed = {"pointer": ["/method", "/result"], "reason": ["Nói gọn", ""], "severity": ["minor", "substantive"]}
    sent = contributor.post(f"/desk/unit/drafts/{draft}/send", typed, form=f"/desk/unit/drafts/{draft}/check")
    assert sent.status_code == 303
    with database.reading() as session:
        act = session.scalars(select(Act).order_by(Act.id.desc())).first()
        assert act is not None
        assert act.kind == "correct"
        assert act.changes == [{"pointer": "/method", "reason": "Nói gọn", "severity": "minor"}]


def test_a_correction_tells_the_editor_why_each_field_changed_so_that_its_release_is_not_refused(
    world: World, contributor: Person, database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    clock.forward(timedelta(seconds=1))
    story_id = world.release()
    answer = contributor.post(f"/desk/unit/stories/{story_id}/edit", form=f"/desk/unit/stories/{story_id}")
    draft = answer.headers["Location"].split("/")[4]
    fields = {"method": "Trực theo ca.", "result": "137 lượt tàu.", "lesson": "Có người trực.", "revision": "1"}
    contributor.post(f"/desk/unit/drafts/{draft}/results", fields)
    check, send = f"/desk/unit/drafts/{draft}/check", f"/desk/unit/drafts/{draft}/send"
    page = contributor.get(check).text
    changed = re.findall(r'name="pointer" value="([^"]+)"', page)
    assert "Vì sao sửa" in page
    typed = {"pointer": changed, "reason": ["Sửa số liệu", *[""] * (len(changed) - 1)]}
    severities = ["substantive"] * len(changed)
    refused = contributor.post(send, {**typed, "severity": severities}, form=check)
    assert refused.status_code == 422
    assert refused.text.count("Hãy ghi lý do sửa mục") == len(changed) - 1 > 0
    assert 'value="Sửa số liệu"' in refused.text
    severities = ["substantive", *["cosmetic"] * (len(changed) - 1)]
    typed = {"pointer": changed, "reason": ["Sửa số liệu", *[""] * (len(changed) - 1)], "severity": severities}
    assert contributor.post(send, typed, form=check).status_code == 303
    assert world.editor.act(story_id, "approve").status_code == 201
    released = world.editor.act(story_id, "release")
    assert released.status_code == 201, released.text


def test_a_story_page_tells_where_it_is_where_it_stands_and_what_came_of_it(
    world: World, contributor: Person, database: Database, clock: FixedClock
) -> None:
    story_id = world.release(channels=["newspaper/column", "public/all"])
    used = {
        "story": story_id,
        "use": "printed",
        "used_on": "2026-11-23",
        "place": "Số 4512, trang 3",
        "url": "https://bao.example/ben",
    }
    assert world.newspaper.ask("POST", "/api/v1/pickups", body=used).status_code == 201
    page = contributor.get(f"/desk/unit/stories/{story_id}").text
    for said in (
        "Báo Hải Sơn – Cách làm hay",
        "Cổng nêu gương – Tất cả",
        "Báo Hải Sơn",
        "Số 4512, trang 3",
        "Đã in",
        "Nêu họ tên",
    ):
        assert said in page, said
    assert 'href="https://bao.example/ben"' in page
    token = re.findall(r'name="once" value="([^"]+-w)"', page)[0]
    silent = contributor.post(
        f"/desk/unit/stories/{story_id}/request_withdrawal",
        {"reason": "", "note": "Ông Biển đổi ý", "once": token},
        form=f"/desk/unit/stories/{story_id}",
    )
    assert silent.status_code == 422
    assert "Hãy chọn lý do rút bài." in silent.text
    assert "Ông Biển đổi ý" in silent.text
    fields = {"reason": "subject_request", "note": "Ông Biển đổi ý", "once": token}
    for _ in range(2):
        answer = contributor.post(
            f"/desk/unit/stories/{story_id}/request_withdrawal", fields, form=f"/desk/unit/stories/{story_id}"
        )
        assert answer.status_code == 303
    with database.reading() as session:
        kinds = session.scalars(select(Act.kind).order_by(Act.id)).all()
    assert kinds.count("request_withdrawal") == 1
    world.editor.act(story_id, "withdraw", reason="subject_request")
    gone = contributor.get(f"/desk/unit/stories/{story_id}").text
    assert "Bốn giờ sáng" not in gone
    assert f"/desk/unit/new?replaces={story_id}" in gone


def test_an_embargo_shows_with_the_channels_that_wait_for_it(
    world: World, contributor: Person, clock: FixedClock
) -> None:
    until = (clock.now() + timedelta(days=2)).isoformat()
    story_id = world.release(channels=["public/all"], embargo_until=until)
    page = contributor.get(f"/desk/unit/stories/{story_id}").text
    assert "Cổng nêu gương – Tất cả" in page
    assert "12:00, 25/11/2026" in page


def test_a_story_is_recalled_once_and_lies_in_the_units_hands(world: World, contributor: Person) -> None:
    story_id = world.push()
    here = f"/desk/unit/stories/{story_id}"
    token = re.findall(r'name="once" value="([^"]+-r)"', contributor.get(here).text)[0]
    for _ in range(2):
        assert contributor.post(f"{here}/recall", {"once": token}, form=here).status_code == 303
    assert world.fishers.get(f"/api/v1/stories/{story_id}").json["state"] == "draft"


def test_another_unit_finds_nothing_of_all_this(
    app: Flask, world: World, database: Database, clock: FixedClock
) -> None:
    story_id = world.push()
    woman = Person(app).sign_in(seat_user(database, "contributor", organization="phu-nu", now=clock.now()))
    assert "Người giữ bến" not in woman.get("/desk/unit/").text
    for path in (f"/desk/unit/stories/{story_id}", f"/desk/unit/stories/{story_id}/versions/1"):
        assert woman.get(path).status_code == 404
    assert woman.post(f"/desk/unit/stories/{story_id}/edit", form="/desk/unit/new").status_code == 404


def test_those_above_see_a_units_story_and_do_not_write_it(
    app: Flask, world: World, contributor: Person, database: Database, clock: FixedClock
) -> None:
    story_id = world.push()
    above = Person(app).sign_in(seat_user(database, "contributor", organization="ldld", now=clock.now()))
    page = above.get(f"/desk/unit/stories/{story_id}").text
    assert "Người giữ bến Đá Lau" in page
    assert f"/desk/unit/stories/{story_id}/edit" not in page
    assert above.post(f"/desk/unit/stories/{story_id}/edit", form="/desk/unit/new").status_code == 404
    assert contributor.post(f"/desk/unit/stories/{story_id}/edit", form="/desk/unit/new").status_code == 303


def test_lists_show_no_more_than_a_page_and_lead_on(world: World, contributor: Person) -> None:
    for number in range(22):
        world.push(a_story(title=f"Bài số {number:02}"), external_id=f"s-{number}")
    first = contributor.get("/desk/unit/").text
    assert len(set(re.findall(r"Bài số \d\d", first))) == 20
    following = re.findall(r'rel="next" href="([^"]+)"', first)[0].replace("&amp;", "&")
    assert set(re.findall(r"Bài số \d\d", contributor.get(following).text)) == {"Bài số 00", "Bài số 01"}
