"""The story calls: who may push what, and what the answer says."""

from __future__ import annotations

import json
import unicodedata
from datetime import timedelta
from typing import Any

import pytest

from hub.accounts import keys, organizations, users
from hub.clock import FixedClock, local_day
from hub.http.services import services
from tests.builders import Client, World, a_picture, a_story


def test_a_first_push_is_created_the_same_again_is_not_a_new_version_and_a_changed_one_is(world: World) -> None:
    first = world.fishers.put("tau-1", a_story())
    assert (first.status_code, first.json["version"], first.json["state"]) == (201, 1, "submitted")
    assert first.headers["Location"].endswith(f"/api/v1/stories/{first.json['id']}")
    again = world.fishers.put("tau-1", a_story())
    assert (again.status_code, again.json["version"], again.json["changed"]) == (200, 1, False)
    assert again.headers["ETag"] == first.headers["ETag"]
    changed = world.fishers.put(first.json["id"], a_story(lesson="Phải có sổ sách."))
    assert (changed.status_code, changed.json["version"], changed.json["changed"]) == (200, 2, True)
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_the_same_text_in_another_normal_form_is_the_same_content(world: World) -> None:
    story = a_story()
    decomposed = json.loads(unicodedata.normalize("NFD", json.dumps(story, ensure_ascii=False)))
    assert decomposed != story
    world.fishers.put("nfd", story)
    assert world.fishers.put("nfd", decomposed).json["changed"] is False


def test_a_draft_is_stored_unseen_by_the_editor_until_it_is_submitted(world: World) -> None:
    draft = world.fishers.put("d", a_story(state="draft"))
    assert draft.json["state"] == "draft"
    assert world.editor.get(f"/api/v1/stories/{draft.json['id']}").status_code == 404
    assert world.fishers.act(draft.json["id"], "submit").json["state"] == "submitted"
    assert world.editor.get(f"/api/v1/stories/{draft.json['id']}").status_code == 200


def test_another_organizations_story_is_not_there(world: World) -> None:
    story_id = world.push()
    assert world.women.get(f"/api/v1/stories/{story_id}").status_code == 404
    assert world.women.put(story_id, a_story()).status_code == 404
    assert world.women.act(story_id, "recall").status_code == 404
    assert world.women.get("/api/v1/stories/one").status_code == 404
    assert world.women.put("one", a_story()).json["id"] != story_id  # external ids are each organization's own
    assert world.women.get("/api/v1/stories").json["items"][0]["organization"] == "phu-nu"


@pytest.mark.parametrize("secret", ["org_" + "x" * 43, "nonsense", ""])
def test_an_unknown_key_is_refused(world: World, secret: str) -> None:
    answer = world.reader.ask("PUT", "/api/v1/stories/a", body=a_story(), headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401
    assert "Bearer" in answer.headers.getlist("WWW-Authenticate")[1]
    assert world.reader.put("a", a_story()).status_code == 401


def test_an_outlets_key_pushes_nothing(world: World) -> None:
    assert world.newspaper.put("a", a_story()).status_code == 403


def test_an_old_if_match_is_refused_and_the_present_one_is_honoured(world: World) -> None:
    first = world.fishers.put("a", a_story())
    second = world.fishers.put("a", a_story(title="Bản hai"), If_Match=first.headers["ETag"])
    assert second.status_code == 200
    stale = world.fishers.put("a", a_story(title="Bản ba"), If_Match=first.headers["ETag"])
    assert stale.status_code == 412
    assert world.fishers.get("/api/v1/stories/a").json["title"] == "Bản hai"
    assert world.fishers.put("new", a_story(), If_Match="*").status_code == 412


def test_a_replayed_idempotency_key_hears_the_first_answer(world: World) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = world.fishers.ask("POST", "/api/v1/stories", body=a_story(), headers=headers)
    again = world.fishers.ask("POST", "/api/v1/stories", body=a_story(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    assert again.headers["Location"] == first.headers["Location"]
    other = world.fishers.ask("POST", "/api/v1/stories", body=a_story(title="Khác"), headers=headers)
    assert other.status_code == 422
    assert len(world.fishers.get("/api/v1/stories").json["items"]) == 1
    theirs = world.women.ask("POST", "/api/v1/stories", body=a_story(), headers=headers)
    assert theirs.json["id"] != first.json["id"]


def test_the_list_pages_by_cursor_with_a_link(world: World) -> None:
    for number in range(5):
        world.push(a_story(title=f"Chuyện {number}"), external_id=f"s{number}")
    seen: list[str] = []
    path = "/api/v1/stories?limit=2"
    while path:
        page = world.fishers.get(path)
        seen += [item["title"] for item in page.json["items"]]
        link = page.headers.get("Link")
        path = link.split(">")[0].removeprefix("<https://hub.example") if link else ""
        assert bool(link) is (page.json["next"] is not None)
    assert sorted(seen) == [f"Chuyện {number}" for number in range(5)]


def test_versions_can_be_read_and_compared_word_by_word(world: World) -> None:
    world.push()
    body = {"html": "<p>Năm giờ sáng, bến Đá Lau còn đẫm hơi sương.</p>"}
    world.fishers.put("one", a_story(body=body, lesson="Bài học mới"))
    versions = world.fishers.get("/api/v1/stories/one/versions").json["items"]
    assert [version["number"] for version in versions] == [1, 2]
    assert versions[0]["digest"] != versions[1]["digest"]
    assert (
        world.fishers.get("/api/v1/stories/one/versions/1").json["content"]["lesson"] == "Phải có người trực trên bờ."
    )
    changes = world.fishers.get("/api/v1/stories/one/changes?from=1&to=2").json["changes"]
    assert {change["path"] for change in changes} == {"/body/html", "/lesson"}
    words = next(change["words"] for change in changes if change["path"] == "/body/html")
    assert ["delete", "Bốn"] in [[op, text.strip()] for op, text in words]
    assert ["insert", "Năm"] in [[op, text.strip()] for op, text in words]
    assert world.fishers.get("/api/v1/stories/one/versions/9").status_code == 404


def test_the_answer_and_the_editor_are_told_what_the_sanitizer_removed(world: World) -> None:
    dirty = {"html": '<p onclick="x()">Chuyện thật</p><script>alert(1)</script>'}
    answer = world.fishers.put("a", a_story(body=dirty))
    assert {"script", "p@onclick"} <= {removal["name"] for removal in answer.json["removed"]}
    seen = world.editor.get(f"/api/v1/stories/{answer.json['id']}").json
    assert seen["removed"] == answer.json["removed"]
    assert seen["content"]["body"]["html"] == "<p>Chuyện thật</p>"


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ({"markdown": "Chuyện **thật**\n\n- một\n- hai"}, "<strong>thật</strong>"),
        ({"text": "Chuyện <b>thật</b>\n\nĐoạn hai"}, "&lt;b&gt;thật&lt;/b&gt;"),
    ],
)
def test_a_body_may_be_markdown_or_text(world: World, body: dict[str, str], html: str) -> None:
    world.fishers.put("a", a_story(body=body))
    assert html in world.fishers.get("/api/v1/stories/a").json["content"]["body"]["html"]


def test_a_body_that_is_empty_after_sanitizing_names_what_was_removed(world: World) -> None:
    answer = world.fishers.put("a", a_story(body={"html": "<script>alert(1)</script><style>p{}</style>"}))
    assert answer.status_code == 422
    (error,) = answer.json["errors"]
    assert (error["pointer"], error["code"]) == ("/body/html", "empty_after_cleaning")
    assert "script" in error["detail"]
    assert world.fishers.get("/api/v1/stories").json["items"] == []


def test_all_faults_are_answered_at_once_in_the_language_asked_for(world: World) -> None:
    bad = a_story(kind="khac", topics=[], title=None, unknown=1)
    faults = {}
    for language in ("vi", "en"):
        answer = world.fishers.put("a", bad, Accept_Language=language)
        assert answer.status_code == 422
        assert answer.headers["Content-Language"] == language
        assert answer.content_type == "application/problem+json"
        faults[language] = answer.json["errors"]
    found = {(error["pointer"], error["code"]) for error in faults["vi"]}
    assert found == {("/kind", "enum"), ("/topics", "too_few"), ("/title", "required"), ("/unknown", "unknown_field")}
    assert [error["detail"] for error in faults["vi"]] != [error["detail"] for error in faults["en"]]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"not json", 400, "not_json"),
        (b'{"title": "\xff"}', 400, "not_utf8"),
        (b'{"title": 1, "title": 2}', 400, "duplicate_key"),
        (b'{"title": NaN}', 400, "not_a_number"),
        (b'{"title": 1e999}', 400, "number_too_large"),
        (b'{"title": ' + b"9" * 5000 + b"}", 400, "number_too_large"),
        (b'{"title": "\\ud800"}', 400, "lone_surrogate"),
        (b"[" * 40 + b"]" * 40, 400, "too_deep"),
        (b"[" * 100_000, 400, "too_deep"),
        (b'{"title": "' + b"x" * 1_100_000 + b'"}', 413, None),
        (b"", 400, "not_json"),
    ],
)
def test_unreadable_json_is_refused_and_nothing_is_stored(
    world: World, body: bytes, status: int, code: str | None
) -> None:
    answer = world.fishers.ask("PUT", "/api/v1/stories/a", body=body)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    if code:
        assert answer.json["errors"][0]["code"] == code
    assert world.fishers.get("/api/v1/stories").json["items"] == []


@pytest.mark.parametrize("external_id", ["x" * 129, "a b", "đ", "a:b"])
def test_an_external_id_keeps_to_its_letters(world: World, external_id: str) -> None:
    assert world.fishers.put(external_id, a_story()).status_code == 400


def test_our_ids_are_not_an_organizations_to_choose(world: World) -> None:
    assert world.fishers.put("st_" + "0" * 26, a_story()).status_code == 404


def test_pictures_must_be_uploads_of_ones_own(world: World) -> None:
    upload = world.fishers.upload(a_picture()).json["id"]
    picture = {"kind": "picture", "upload": upload, "alt": "Ông Biển bên tàu", "credit": "Nghiệp đoàn"}
    assert world.women.put("a", a_story(media=[picture])).json["errors"][0]["code"] == "unknown_upload"
    assert world.fishers.put("a", a_story(media=[picture])).status_code == 201


def test_a_withdrawn_story_never_returns_but_a_new_one_may_replace_it(world: World) -> None:
    story_id = world.release()
    early = world.fishers.put("two", a_story(replaces=story_id))
    assert early.json["errors"][0]["code"] == "not_withdrawn"
    world.editor.act(story_id, "withdraw", reason="factual_error")
    assert world.fishers.put("one", a_story(title="Trở lại")).status_code == 409
    assert world.fishers.put("two", a_story(replaces=story_id)).status_code == 201


def test_reading_contacts_is_journalled(world: World, clock: FixedClock) -> None:
    from hub.http.services import services
    from hub.models import JournalRow

    story_id = world.push()
    assert world.editor.get(f"/api/v1/stories/{story_id}").json["content"]["interview"]["guests"][0]["contact"]
    with world.editor.app.app_context(), services().database.reading() as session:
        rows = [json.loads(row.body) for row in session.query(JournalRow).order_by(JournalRow.number)]
    assert [row["kind"] for row in rows if row["story"]] == ["version", "act", "contacts_read"]
    assert "0200 000" not in json.dumps(rows)


def test_sealed_fields_stay_with_the_organization(world: World) -> None:
    consent = {
        "scopes": ["name", "work_story", "voice"],
        "guardian": {"name": "Nguyễn Thị Mẹ", "relation": "mẹ", "obtained_on": "2026-11-01"},
        "child_assent": {"obtained_on": "2026-11-01"},
    }
    story_id = world.push(a_story(consent=consent))
    assert "Nguyễn Thị Mẹ" in world.fishers.get(f"/api/v1/stories/{story_id}").text
    assert "Nguyễn Thị Mẹ" not in world.editor.get(f"/api/v1/stories/{story_id}").text
    with world.editor.app.app_context(), services().database.writing() as session:
        now = services().clock.now()
        above = organizations.get(session, "ldld")
        secret = keys.mint(session, "organization", organization=above, now=now).secret
        user = users.add(session, name="Người gửi", email="n@x.vn", now=now)
        users.seat(session, user, users.Seat(role="contributor", organization="ldld"), on=local_day(now))
        secrets = [secret, keys.mint(session, "user", user=user, now=now).secret]
    for sender_above in (Client(world.editor.app, secret) for secret in secrets):
        assert "Nguyễn Thị Mẹ" not in sender_above.get(f"/api/v1/stories/{story_id}").text


def test_two_keys_that_only_hygiene_makes_equal_are_refused(world: World) -> None:
    answer = world.fishers.put("a", {**a_story(), "ti\u200btle": "second"})
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "unknown_field")


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/a%00/b.rss",
        "/stories/a%00",
        "/media/a%00/480",
        "/media/x/99999999999999999999",
        "/api/v1/stories?cursor=%00",
        "/api/v1/stories/one/versions/99999999999",
    ],
)
def test_addresses_no_database_could_hold_are_not_found(world: World, path: str) -> None:
    world.push()
    assert world.fishers.get(path).status_code == 404


def test_a_number_too_large_for_a_version_is_a_bad_query(world: World) -> None:
    world.push()
    assert world.fishers.get("/api/v1/stories/one/changes?from=99999999999").status_code == 400


def test_a_note_is_cleaned_like_every_text(world: World) -> None:
    story_id = world.release()
    assert world.editor.act(story_id, "hold", note="a\u0000b\u202e").json["note"] == "ab"


def test_a_returned_story_is_handed_in_again_only_when_it_was_mended_or_by_the_act(world: World) -> None:
    story_id = world.push()
    world.editor.act(story_id, "return", note="Thiếu số liệu")
    refused = world.fishers.put("one", a_story())
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (409, "returned_unchanged")
    assert "“submit”" in refused.json["detail"]
    assert world.fishers.get(f"/api/v1/stories/{story_id}").json["state"] == "returned"
    drafted = world.fishers.put("one", a_story(state="draft"))
    assert (drafted.json["changed"], drafted.json["state"]) == (False, "returned")
    assert world.fishers.act(story_id, "submit", note="Số liệu đúng như đã gửi").json["state"] == "submitted"
    world.editor.act(story_id, "return", note="Thiếu số liệu")
    mended = world.fishers.put("one", a_story(result="138 lượt tàu được giúp."))
    assert (mended.json["changed"], mended.json["state"]) == (True, "submitted")


def test_a_returned_correction_is_handed_in_again_only_when_it_was_mended_or_by_the_act(world: World) -> None:
    story_id = world.release()
    world.fishers.put("one", a_story(title="Người giữ bến"))
    world.editor.act(story_id, "return", note="Tên cũ đúng hơn")
    refused = world.fishers.put("one", a_story(title="Người giữ bến"))
    assert (refused.status_code, refused.json["next_act"]) == (409, "correct")
    assert world.fishers.act(story_id, "correct").json["state"] == "correcting"


@pytest.mark.parametrize(
    ("consent", "pointer"),
    [
        ({"obtained_on": "2026-11-24"}, "/consent/obtained_on"),
        ({"guardian": {"name": "A", "obtained_on": "2026-11-24"}}, "/consent/guardian/obtained_on"),
        ({"child_assent": {"obtained_on": "2026-11-24"}}, "/consent/child_assent/obtained_on"),
        ({"clearance": {"by": "A", "date": "2026-11-24"}}, "/consent/clearance/date"),
    ],
)
def test_nobody_has_agreed_on_a_day_to_come(
    world: World, clock: FixedClock, consent: dict[str, object], pointer: str
) -> None:
    story = a_story(consent={"scopes": ["name", "work_story"], **consent})
    refused = world.fishers.put("one", story)
    assert refused.status_code == 422, refused.text
    assert [(error["pointer"], error["code"]) for error in refused.json["errors"]] == [(pointer, "agreed_to_come")]
    clock.forward(timedelta(hours=12))  # 00:00 of the 24th in Việt Nam, and still the 23rd in UTC
    assert world.fishers.put("one", story).status_code == 201


def test_a_story_mended_as_a_draft_after_its_return_is_handed_in_by_a_push(world: World) -> None:
    story_id = world.push()
    world.editor.act(story_id, "return", note="Thiếu số liệu")
    assert world.fishers.put("one", a_story(title="Đã bổ sung", state="draft")).status_code == 200
    answer = world.fishers.put("one", a_story(title="Đã bổ sung"))
    assert (answer.status_code, answer.json["changed"]) == (200, False)
    assert world.fishers.get(f"/api/v1/stories/{story_id}").json["state"] == "submitted"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"occurred_from": "2031-01-01"}, "/occurred_from"),
        ({"subject": {"type": "individual", "name": "Lê Văn Bảy", "birth_year": 2050}}, "/subject/birth_year"),
    ],
)
def test_what_is_still_to_come_cannot_be_told(world: World, changes: dict[str, Any], pointer: str) -> None:
    answer = world.fishers.put("one", a_story(**changes))
    assert answer.status_code == 422
    assert [(found["pointer"], found["code"]) for found in answer.json["errors"]] == [(pointer, "still_to_come")]


@pytest.mark.parametrize(
    ("texts", "advice"),
    [
        ({"standfirst": "chữ " * 30}, []),
        ({"standfirst": "chữ " * 60}, []),
        ({"standfirst": "chữ " * 61}, [("/standfirst", "61")]),
        ({"standfirst": "chữ " * 29}, [("/standfirst", "29")]),
        ({"summary": "chữ " * 45}, []),
        ({}, [("/summary", "13")]),
    ],
)
def test_a_standfirst_of_the_wrong_length_is_taken_with_advice(
    world: World, texts: dict[str, str], advice: list[tuple[str, str]]
) -> None:
    answer = world.fishers.put("one", a_story(**texts))
    assert answer.status_code == 201
    assert [(each["pointer"], each["code"]) for each in answer.json["advice"]] == [
        (pointer, "standfirst_words") for pointer, _ in advice
    ]
    for each, (_, count) in zip(answer.json["advice"], advice, strict=True):
        assert f"ở đây có {count} chữ" in each["detail"]
