"""The form of a story: little is asked first, nothing is lost, and faults stand beside their fields in words."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import schemas
from hub.accounts import users
from hub.clock import FixedClock
from hub.db import Database
from hub.http.services import EXTENSION
from hub.intake import form_drafts, pictures, uploads
from hub.models import FormDraft, User
from hub.records import contacts
from hub.web.unit import form, mapping
from hub.web.unit.steps import BY_SLUG, ELSEWHERE, STEPS, Step
from tests.builders import World, a_picture, a_story
from tests.web.desks import Person, seat_user

TEXT = BY_SLUG["text"]
FIRST = {
    "subject/type": "individual",
    "subject/name": "Nguyễn Văn Biển",
    "title": "Người giữ bến",
    "summary": "Ông Biển giữ bến Đá Lau.",
    "place/commune": "xã Bến Lau",
    "place/province": "tỉnh Hải Sơn",
}


@pytest.fixture
def contributor(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    user = seat_user(database, "contributor", organization="nghe-ca", now=clock.now(), name="Phan Thị Hòa")
    return Person(app).sign_in(user)


@pytest.fixture
def woman(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    return Person(app).sign_in(seat_user(database, "contributor", organization="phu-nu", now=clock.now()))


def begin(person: Person, fields: dict[str, Any] | None = None) -> str:
    """Answer the first four questions; returns the id of the draft."""
    page = person.get("/desk/unit/new")
    found = re.search(r'action="/desk/unit/drafts/(dr_\w{26})/start"', page.text)
    assert found is not None
    answer = person.post(f"/desk/unit/drafts/{found[1]}/start", {**FIRST, **(fields or {})}, form="/desk/unit/new")
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"] == f"/desk/unit/drafts/{found[1]}/people"
    return found[1]


def an_upload(app: Flask, database: Database, clock: FixedClock) -> str:
    """A picture that came in pieces, as it lies there before any draft names it."""
    with database.writing() as session:
        actor = users.find_actor(session, session.scalars(select(User)).one(), now=clock.now())
        assert actor is not None
        store = app.extensions[EXTENSION].store
        kept = uploads.keep(store, pictures.process(a_picture(), declared_type="image/jpeg"))
        return uploads.add(session, kept, actor=actor, now=clock.now()).id


def document_of(database: Database, draft_id: str) -> dict[str, Any]:
    with database.reading() as session:
        return session.scalars(select(FormDraft.document).where(FormDraft.id == draft_id)).one()


def test_every_field_of_a_story_stands_on_some_page_of_the_form() -> None:
    media = [{"kind": "picture", "upload": "med_" + "x" * 22}, {"kind": "footage", "url": "https://x.example"}]
    guests = [{"name": "Biển", "availability": [{}]}]
    full = {
        "media": media,
        "interview": {"guests": guests, "visuals": [{}], "slots": [{}]},
        **{name: [{}] for name in ("metrics", "claims", "evidence")},
    }
    names = {name for step in STEPS[1:] for name in form.names_of(step, full)}
    paths = {".".join(part for part in name.split("/") if not part.isdigit()) for name in names}
    wanted = set(schemas.fields()) - ELSEWHERE - {"body.markdown", "body.text"}  # these come to be HTML
    assert sorted(wanted - paths) == []


def test_four_answers_keep_a_draft_and_what_the_hub_knows_stands_there_already(
    contributor: Person, database: Database
) -> None:
    draft = begin(contributor)
    document = document_of(database, draft)
    assert document["subject"] == {"type": "individual", "name": "Nguyễn Văn Biển"}
    assert document["unit"]["name"] == "Nghiệp đoàn nghề cá Bến Lau"
    assert document["byline"]["name"] == "Phan Thị Hòa"
    page = contributor.get(f"/desk/unit/drafts/{draft}/text").text
    assert "Người giữ bến" in page
    assert "Đang" not in re.findall(r"<title>(.*?)</title>", page)[0]


def test_a_draft_is_there_for_others_of_the_unit_and_for_nobody_else(
    app: Flask, database: Database, clock: FixedClock, contributor: Person, woman: Person
) -> None:
    draft = begin(contributor)
    other = Person(app).sign_in(
        seat_user(database, "contributor", organization="nghe-ca", now=clock.now(), email="bay")
    )
    assert "Người giữ bến" in other.get(f"/desk/unit/drafts/{draft}/text").text
    assert woman.get(f"/desk/unit/drafts/{draft}/text").status_code == 404
    theirs = woman.post(f"/desk/unit/drafts/{draft}/text", {"title": "x", "revision": "1"}, form="/desk/unit/new")
    assert theirs.status_code == 409  # as of one that is gone
    assert "Người giữ bến" not in theirs.text
    assert document_of(database, draft)["title"] == "Người giữ bến"


def test_a_step_changes_its_own_fields_alone_and_leads_to_the_next(contributor: Person, database: Database) -> None:
    draft = begin(contributor)
    page = f"/desk/unit/drafts/{draft}/results"
    fields = {"method": "Ghi sổ.", "metrics/0/label": "Lượt", "metrics/0/value": "137", "revision": "1"}
    answer = contributor.post(page, fields)
    assert answer.headers["Location"] == f"/desk/unit/drafts/{draft}/evidence"
    document = document_of(database, draft)
    assert (document["method"], document["metrics"]) == ("Ghi sổ.", [{"label": "Lượt", "value": 137}])
    assert document["title"] == "Người giữ bến"


def test_a_group_is_added_and_taken_out_without_scripts(contributor: Person, database: Database) -> None:
    draft = begin(contributor)
    page = f"/desk/unit/drafts/{draft}/results"
    first = {"metrics/0/label": "Lượt", "metrics/0/value": "1", "metrics/0/unit": "lượt", "revision": "1"}
    answer = contributor.post(page, {**first, "add": "metrics"})
    where, _, anchor = answer.headers["Location"].partition("#")
    shown = contributor.get(where).text
    assert 'name="metrics/1/label"' in shown
    assert f'id="{anchor}"' in shown
    second = {"metrics/1/label": "Ngày công", "metrics/1/value": "2,5", "metrics/1/unit": "ngày", "revision": "2"}
    contributor.post(page, {**first, **second, "revision": "2", "remove": "metrics/0"})
    assert document_of(database, draft)["metrics"] == [{"label": "Ngày công", "value": 2.5, "unit": "ngày"}]
    inner = f"/desk/unit/drafts/{draft}/interview"
    guest = {"interview/guests/0/name": "Biển", "revision": "3", "add": "interview/guests/0/availability"}
    where = contributor.post(inner, guest).headers["Location"].partition("#")[0]
    assert 'name="interview/guests/0/availability/0/starts_at"' in contributor.get(where).text


def test_a_group_that_is_no_name_of_ours_adds_nothing(contributor: Person) -> None:
    draft = begin(contributor)
    page = f"/desk/unit/drafts/{draft}/results"
    answer = contributor.post(page, {"revision": "1", "add": "x\r\nSet-Cookie: a=b", "go": "stay"})
    assert (answer.status_code, answer.headers["Location"]) == (303, page)


def test_what_is_wrong_stands_beside_its_field_with_a_summary_that_leads_there(contributor: Person) -> None:
    draft = begin(contributor)
    page = f"/desk/unit/drafts/{draft}/results"
    answer = contributor.post(page, {"metrics/0/label": "Lượt", "metrics/0/value": "rất nhiều", "revision": "1"})
    assert answer.headers["Location"] == page  # not on to the next one
    shown = contributor.get(page).text
    assert 'value="rất nhiều" inputmode="decimal" class="short" aria-describedby="' in shown
    fault = re.search(r'<p class="fault" id="f-metrics-0-value-fault">(.*?)</p>', shown, re.DOTALL)
    assert fault is not None
    assert f'<a href="#f-metrics-0-value">{fault[1]}</a>' in shown
    assert 'id="f-metrics-0-unit-fault"' not in shown  # what is missing can wait
    assert 'id="f-metrics-0-unit-fault"' in contributor.get(page + "?check=1").text


def test_typing_is_saved_and_what_another_device_saved_is_offered(contributor: Person, database: Database) -> None:
    draft = begin(contributor)
    kept, page = f"/desk/unit/drafts/{draft}/text/kept", f"/desk/unit/drafts/{draft}/text"
    answer = contributor.post(kept, {"title": "Một", "revision": "1"}, form=page)
    assert (answer.status_code, answer.json["revision"]) == (200, 2)
    assert answer.json["saved"].startswith("2026-11-23T")
    late = contributor.post(kept, {"title": "Hai", "revision": "1"}, form=page)
    assert (late.status_code, late.json["revision"], late.json["fields"]["title"]) == (409, 2, ["Một"])
    assert document_of(database, draft)["title"] == "Một"
    both = contributor.post(page, {"title": "Hai", "revision": "1"})
    assert both.status_code == 409
    assert re.search(r"<textarea[^>]* name=\"title\"[^>]*>\s*Hai</textarea>", both.text)
    assert "Một" in both.text
    assert '<input type="hidden" name="revision" value="2">' in both.text
    assert contributor.post(page, {"title": "Hai", "revision": "2"}).status_code == 303
    assert document_of(database, draft)["title"] == "Hai"


def test_a_conflict_keeps_pictures_that_came_with_the_form_and_their_words(
    app: Flask, contributor: Person, database: Database, clock: FixedClock
) -> None:
    draft = begin(contributor)
    here = f"/desk/unit/drafts/{draft}/pictures"
    upload = an_upload(app, database, clock)
    token = contributor.token_of(here)
    contributor.post(f"/desk/unit/drafts/{draft}/text", {"title": "Khác", "revision": "1", "go": "stay"})
    typed = {"csrf_token": token, "revision": "1", "uploaded": upload, "uploaded_caption": "Bến lúc rạng đông"}
    picture = (io.BytesIO(a_picture()), "ben.jpg", "image/jpeg")
    both = contributor.post_bare(here, {**typed, "pictures": picture, "go": "stay"})
    assert both.status_code == 409
    names = re.findall(r'name="(uploaded\w*)" value="([^"]*)"', both.text)
    assert ("uploaded", upload) in names
    assert ("uploaded_caption", "Bến lúc rạng đông") in names
    arrived = [value for name, value in names if name == "uploaded"]
    assert len(arrived) == 2  # and the one of the form itself
    again = {"uploaded": arrived, "uploaded_caption": ["Bến lúc rạng đông", ""], "uploaded_alt": ["", ""]}
    assert contributor.post(here, {**again, "revision": "2"}).status_code == 303
    media = document_of(database, draft)["media"]
    assert [(each["upload"], each.get("caption")) for each in media] == [
        (arrived[0], "Bến lúc rạng đông"),
        (arrived[1], None),
    ]


def test_what_was_typed_into_a_draft_that_a_colleague_threw_away_begins_a_new_one(
    contributor: Person, database: Database
) -> None:
    draft = begin(contributor)
    here = f"/desk/unit/drafts/{draft}/text"
    token = contributor.token_of(here)
    contributor.post(f"/desk/unit/drafts/{draft}/remove", form=here)
    typed = {"title": "Người giữ bến", "summary": "Một giờ gõ", "go": "stay"}
    answer = contributor.post_bare(here, {"csrf_token": token, "revision": "1", **typed})
    assert answer.status_code == 409
    assert "Một giờ gõ</textarea>" in answer.text
    assert "xóa bỏ" in answer.text
    found = re.search(r'action="/desk/unit/drafts/(dr_\w{26})/text"', answer.text)
    assert found is not None
    assert found[1] != draft
    saved = contributor.post_bare(f"/desk/unit/drafts/{found[1]}/text", {"csrf_token": token, "revision": "0", **typed})
    assert saved.status_code == 303
    assert document_of(database, found[1])["summary"] == "Một giờ gõ"


def test_what_was_typed_into_a_draft_that_a_colleague_sent_waits_as_the_next_version(
    app: Flask, contributor: Person, database: Database, clock: FixedClock
) -> None:
    draft = begin(contributor)
    with database.writing() as session:
        session.get_one(FormDraft, draft).document = {k: v for k, v in a_story().items() if k != "state"}
    bay = seat_user(database, "contributor", organization="nghe-ca", now=clock.now(), email="bay", name="Lê Bảy")
    colleague, here = Person(app).sign_in(bay), f"/desk/unit/drafts/{draft}/text"
    token = contributor.token_of(here)
    sent = colleague.post(f"/desk/unit/drafts/{draft}/send", form=f"/desk/unit/drafts/{draft}/check")
    story_id = re.findall(r"/stories/(st_\w+)", sent.headers["Location"])[0]
    fields = {name: values for name, values in mapping.to_fields(a_story()).items() if _is_of(TEXT, name)}
    same = contributor.post_bare(here, {"csrf_token": token, "revision": "1", **fields})
    assert same.headers["Location"] == f"/desk/unit/stories/{story_id}"  # it says so already
    more = {**fields, "summary": "Một giờ gõ", "csrf_token": token, "go": "stay"}
    answer = contributor.post_bare(here, {**more, "revision": "1"})
    assert answer.status_code == 409
    assert "Một giờ gõ</textarea>" in answer.text
    assert "Lê Bảy đã gửi bài này" in answer.text
    found = re.search(r'action="/desk/unit/drafts/(dr_\w{26})/text"', answer.text)
    assert found is not None
    assert contributor.post_bare(f"/desk/unit/drafts/{found[1]}/text", {**more, "revision": "1"}).status_code == 303
    with database.reading() as session:
        row = session.get_one(FormDraft, found[1])
        assert (row.story_id, row.base_version, row.document["summary"]) == (story_id, 1, "Một giờ gõ")


def test_a_piece_without_a_session_or_with_a_stale_token_is_told_as_json(
    app: Flask, contributor: Person, clock: FixedClock
) -> None:
    here = "/desk/unit/uploads/x"
    for stale in (False, True):
        if stale:
            contributor.come_back()
        else:
            clock.forward(timedelta(hours=13))
        answer = contributor.patch(here, b"x", Accept="application/json", X_CSRF_Token="dau")
        assert (answer.status_code, answer.json) == (403 if stale else 401, {})
    clock.forward(timedelta(hours=13))
    assert contributor.get(here, Accept="application/json").status_code == 401
    assert contributor.get(here).status_code == 302  # a person is led to the sign-in


def test_edit_never_puts_an_old_text_over_a_version_that_came_while_it_was_read(
    world: World, contributor: Person, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    story_id, read = world.push(a_story(title="Bản một")), contacts.read

    def read_slowly(*given: Any, **named: Any) -> Any:
        world.push(a_story(title="Bản hai của đồng nghiệp"))
        return read(*given, **named)

    monkeypatch.setattr(contacts, "read", read_slowly)
    answer = contributor.post(f"/desk/unit/stories/{story_id}/edit", form="/desk/unit/new")
    monkeypatch.undo()
    draft = answer.headers["Location"].split("/")[4]
    assert document_of(database, draft)["title"] == "Bản một"
    sent = contributor.post(f"/desk/unit/drafts/{draft}/send", form=f"/desk/unit/drafts/{draft}/check")
    assert sent.status_code == 409
    assert 'name="over_newer"' in sent.text


@pytest.mark.parametrize("most", [0, 40])
def test_the_form_offers_films_as_large_as_this_hub_takes_them(
    app: Flask, contributor: Person, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    parts = app.extensions[EXTENSION]
    monkeypatch.setitem(app.extensions, EXTENSION, replace(parts, settings=replace(parts.settings, max_film_mb=most)))
    page = contributor.get("/desk/unit/new").text
    assert "500 MB" not in page
    assert ("video/mp4" in page) == (most > 0)
    assert ("không quá 40 MB" in page) == (most > 0)


def test_typing_before_anything_was_kept_begins_the_draft(contributor: Person, database: Database) -> None:
    form_page = contributor.get("/desk/unit/new").text
    url = re.findall(r'data-draft-url="([^"]+)"', form_page)[0]
    answer = contributor.post(url, {"subject/name": "Ông Biển", "revision": "0"}, form="/desk/unit/new")
    assert answer.json["revision"] == 1
    draft = url.split("/")[4]
    assert document_of(database, draft)["subject"] == {"name": "Ông Biển"}
    assert (
        contributor.post(
            f"/desk/unit/drafts/{draft}/start", {**FIRST, "revision": "1"}, form="/desk/unit/new"
        ).status_code
        == 303
    )
    with database.reading() as session:
        assert len(session.scalars(select(FormDraft)).all()) == 1


def test_pictures_are_kept_turned_upright_and_ask_for_caption_and_words(
    contributor: Person, woman: Person, database: Database
) -> None:
    picture = (io.BytesIO(a_picture()), "ben.jpg", "image/jpeg")
    draft = begin(contributor, {"pictures": picture})
    medium = document_of(database, draft)["media"][0]
    assert medium["kind"] == "picture"
    assert medium["credit"] == "Nghiệp đoàn nghề cá Bến Lau"
    small = contributor.get(f"/desk/unit/pictures/{medium['upload']}")
    assert (small.status_code, small.mimetype) == (200, "image/jpeg")
    assert woman.get(f"/desk/unit/pictures/{medium['upload']}").status_code == 404
    page = contributor.get(f"/desk/unit/drafts/{draft}/pictures?check=1").text
    assert {'name="media/0/alt"', 'name="media/0/caption"'} <= set(re.findall(r'name="media/0/\w+"', page))
    assert 'id="f-media-0-alt-fault"' in page
    text = (io.BytesIO(b"no picture"), "x.jpg", "image/jpeg")
    fields = {"media/0/kind": "picture", "media/0/upload": medium["upload"], "media/0/alt": "Bến", "revision": "1"}
    refused = contributor.post(f"/desk/unit/drafts/{draft}/pictures", {**fields, "pictures": text})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert document_of(database, draft)["media"][0]["alt"] == "Bến"  # what was typed is kept all the same


def test_text_that_was_typed_without_the_editor_becomes_paragraphs(contributor: Person, database: Database) -> None:
    draft = begin(contributor)
    contributor.post(f"/desk/unit/drafts/{draft}/text", {"body/html": "Bốn giờ sáng.\n\nBến.", "revision": "1"})
    assert document_of(database, draft)["body"]["html"].split() == ["<p>Bốn", "giờ", "sáng.</p>", "<p>Bến.</p>"]


def test_a_whole_story_goes_through_the_form_and_comes_out_as_the_api_would_have_it(
    contributor: Person, database: Database
) -> None:
    draft, story = begin(contributor), a_story()
    fields = mapping.to_fields(story)
    for step in STEPS[1:]:
        shown = {name: values for name, values in fields.items() if _is_of(step, name)}
        with database.reading() as session:
            revision = session.scalars(select(FormDraft.revision).where(FormDraft.id == draft)).one()
        answer = contributor.post(f"/desk/unit/drafts/{draft}/{step.slug}", {**shown, "revision": str(revision)})
        assert answer.status_code == 303
    found = form_drafts.check(document_of(database, draft))
    assert found.faults == ()
    assert found.prepared == form_drafts.check(story).prepared


def test_a_draft_is_thrown_away_once_and_twice_alike(contributor: Person, database: Database) -> None:
    draft = begin(contributor)
    for _ in range(2):
        answer = contributor.post(f"/desk/unit/drafts/{draft}/remove", form="/desk/unit/new")
        assert answer.headers["Location"] == "/desk/unit/"
    assert contributor.get(f"/desk/unit/drafts/{draft}/text").status_code == 404


def _is_of(step: Step, name: str) -> bool:
    return any(name == path or name.startswith(path + "/") for path in (p.replace(".", "/") for p in step.paths))


def test_nonsense_in_every_field_stands_there_to_be_mended_and_kills_no_page(
    contributor: Person, database: Database
) -> None:
    draft = begin(contributor)
    year = f"/desk/unit/drafts/{draft}/people"
    answer = contributor.post(year, {"subject/type": "individual", "subject/birth_year": "nam 90", "revision": "1"})
    assert answer.headers["Location"] == year
    assert 'value="nam 90"' in contributor.get(year).text
    revision = 2
    for step in STEPS:
        names = form.names_of(step, document_of(database, draft))
        page = f"/desk/unit/drafts/{draft}/{step.slug}"
        nonsense = {name: "năm 90" for name in names if not _is_holder(name, names)}
        assert contributor.post(page, {**nonsense, "revision": str(revision)}).status_code == 303
        revision = _revision(database, draft)
        for each in (*STEPS, None):
            shown = contributor.get(f"/desk/unit/drafts/{draft}/{each.slug if each else 'check'}")
            assert shown.status_code == 200, (step.slug, each)


def test_passing_through_an_untouched_step_asks_for_nothing_more(contributor: Person, database: Database) -> None:
    draft = begin(contributor)
    before = document_of(database, draft)
    page = f"/desk/unit/drafts/{draft}/interview"
    untouched = dict.fromkeys(
        re.findall(r'<(?:input|textarea|select)[^>]* name="(interview/[^"]+)"', contributor.get(page).text), ""
    )
    assert {"interview/guests/0/name", "interview/guests/0/off_limits"} <= set(untouched)
    contributor.post(page, {**untouched, "revision": "1"})
    assert document_of(database, draft) == before


def test_a_consent_that_nobody_filled_in_is_none_not_a_refusal(contributor: Person, database: Database) -> None:
    draft = begin(contributor)
    page = f"/desk/unit/drafts/{draft}/people"
    names = set(re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', contributor.get(page).text))
    untouched = {name: "" for name in names if name.startswith("consent/")}
    assert "consent/obtained_on" in untouched
    contributor.post(page, {**untouched, "revision": "1"})
    assert "consent" not in document_of(database, draft)
    assert "Sự đồng ý" in contributor.get(f"/desk/unit/drafts/{draft}/check").text


def test_a_first_form_without_title_and_name_makes_no_draft_and_says_why(
    contributor: Person, database: Database
) -> None:
    page = contributor.get("/desk/unit/new").text
    found = re.search(r'action="(/desk/unit/drafts/dr_\w{26}/start)"', page)
    assert found is not None
    typed = {"title": " ", "summary": "Ông giữ bến."}
    answer = contributor.post(found[1], typed, form="/desk/unit/new")
    assert answer.status_code == 422
    assert 'id="f-title-fault"' in answer.text
    assert "Ông giữ bến." in answer.text  # what was typed is kept
    with database.reading() as session:
        assert session.scalars(select(FormDraft)).all() == []
    assert contributor.post(found[1], {**typed, "title": "Giữ bến"}, form="/desk/unit/new").status_code == 303


def test_an_address_that_no_desk_has_leads_back_to_ones_desk(contributor: Person) -> None:
    answer = contributor.get("/desk/nowhere", Accept="text/html")
    assert answer.status_code == 404
    assert 'class="button" href="/desk/unit/"' in answer.text
    assert "Đọc các câu chuyện" not in answer.text


def _is_holder(name: str, names: set[str]) -> bool:
    return any(other.startswith(name + "/") for other in names)


def _revision(database: Database, draft_id: str) -> int:
    with database.reading() as session:
        return session.scalars(select(FormDraft.revision).where(FormDraft.id == draft_id)).one()
