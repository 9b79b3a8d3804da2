"""Outlets at the desk: added, renamed, merged with a preview; channels whose selection is tried before it is saved."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from hub.accounts.history import Decision
from hub.clock import FixedClock, local_day
from hub.db import Database
from hub.outlets import catalog, history, terms
from tests.builders import OUTLETS, World, a_channel, a_story
from tests.web.desks import Person, shown_in

HOME = "/desk/admin/outlets/"
GREEN = f"{HOME}public/channels/green/"
WEEKLY = {
    "code": "tuan", "kind": "newspaper", "name": "Báo tuần",
    "channels": [a_channel("trang-1", "Trang 1", profile="column", audience="outlet")],
}  # fmt: skip
FIELDS = {
    "title": "Môi trường",
    "profile": "public",
    "audience": "public",
    "language": "vi-VN",
    "topics": ["bao_ve_moi_truong"],
    "days": "90",
}


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="(\w*)"', page)
    assert found is not None
    return found[1]


def test_the_list_names_outlets_agencies_and_channels(admin: Person, auditor: Person) -> None:
    for person in (admin, auditor):
        page = person.get(HOME + "?lang=en").text
        for text in ("Truyền hình Hải Sơn", "Báo Hải Sơn", "<code>segment</code>"):
            assert text in page
    assert "Add an outlet" in admin.get(HOME + "?lang=en").text
    assert "Add an outlet" not in auditor.get(HOME + "?lang=en").text


def test_only_whoever_reaches_the_whole_hub_changes_outlets(women: Person, admin: Person) -> None:
    assert women.get(f"{HOME}tv/").status_code == 200
    for path in (f"{HOME}new", GREEN):
        assert women.get(path).status_code == 404
        assert admin.get(path).status_code == 200
    event = {"event": "close", "on": "2026-11-23", "decision": "1/QĐ", "step": "do"}
    assert women.post(f"{HOME}tv/events", event, form="/desk/admin/people/new").status_code == 404


def test_a_preview_says_which_stories_a_selection_takes_or_leaves_and_why_and_saves_nothing(
    admin: Person, world: World, database: Database
) -> None:
    world.release(a_story(title="Dọn sạch bến", topics=["bao_ve_moi_truong"]), external_id="green")
    world.release(a_story(title="Giúp nhau ra khơi"), external_id="help")
    page = admin.post(f"{GREEN}?lang=en", {**FIELDS, "step": "preview"}, form=GREEN).text
    rows = re.findall(r"<tr><td>.*?</tr>", page, re.DOTALL)
    assert len(rows) == 2
    taken, left = sorted(rows, key=lambda row: "Giúp" in row)
    assert "stands" in taken
    assert "topics: " in taken
    assert "left out" in left
    assert "not among the topics chosen" in left
    page = admin.post(
        f"{GREEN}?lang=en", {**FIELDS, "topics": ["tuong_than_tuong_ai"], "step": "preview"}, form=GREEN
    ).text
    assert "1 new here, 0 here already, 1 left out" in page
    assert "stays where it stands" in page
    with database.reading() as session:
        row = catalog.find_channel(session, "public", "green")
        assert row is not None
        assert row.selection == {"topics": ["bao_ve_moi_truong"]}


def test_a_selection_is_saved_as_the_form_says_it(admin: Person, database: Database) -> None:
    seen = seen_in(admin.get(GREEN).text)
    fields = {
        **FIELDS,
        "seen": seen,
        "kinds": ["guong_nguoi_tot_viec_tot"],
        "subtrees": "ldld\nphu-nu",
        "places": "xã Bến Lau, tỉnh Hải Sơn\n, tỉnh Hải Sơn\n\n",
        "step": "save",
    }
    assert admin.post(GREEN, fields).status_code == 303
    with database.reading() as session:
        row = catalog.find_channel(session, "public", "green")
        assert row is not None
        assert row.selection == {
            "kinds": ["guong_nguoi_tot_viec_tot"],
            "topics": ["bao_ve_moi_truong"],
            "subtrees": ["ldld", "phu-nu"],
            "places": [{"commune": "xã Bến Lau", "province": "tỉnh Hải Sơn"}, {"province": "tỉnh Hải Sơn"}],
        }
    again = admin.get(GREEN).text
    assert "xã Bến Lau, tỉnh Hải Sơn\n, tỉnh Hải Sơn</textarea>" in again
    assert admin.post(GREEN, fields).status_code == 303  # the same form once more changes nothing


def test_two_who_edit_one_channel_do_not_write_over_each_other(admin: Person, database: Database) -> None:
    seen = seen_in(admin.get(GREEN).text)
    assert admin.post(GREEN, {**FIELDS, "title": "Của người thứ nhất", "seen": seen, "step": "save"}).status_code == 303
    late = admin.post(GREEN, {**FIELDS, "title": "Của người thứ hai", "seen": seen, "step": "save"})
    assert late.status_code == 409
    assert 'value="Của người thứ hai"' in late.text
    with database.reading() as session:
        row = catalog.find_channel(session, "public", "green")
        assert row is not None
        assert row.title == "Của người thứ nhất"


@pytest.mark.parametrize(
    ("field", "value"), [("subtrees", "nobody"), ("profile", ""), ("title", ""), ("fields", "no.such.path")]
)
def test_a_fault_of_a_channel_stands_beside_its_field(admin: Person, field: str, value: str) -> None:
    answer = admin.post(GREEN, {**FIELDS, field: value, "seen": seen_in(admin.get(GREEN).text), "step": "save"})
    assert answer.status_code == 422
    assert f'id="f-{field}-fault"' in answer.text


def test_an_outlet_is_added_with_its_agency_and_first_channel(admin: Person, database: Database) -> None:
    fields = {
        "name": "Đài huyện",
        "code": "dai",
        "kind": "radio",
        "agency": "bao-hai-son",
        "agency_name": "tên khác",
        "title": "Phát thanh",
        "channel": "morning",
        "profile": "segment",
        "audience": "outlet",
    }
    assert admin.post(f"{HOME}new", {**fields, "code": "Đài"}).status_code == 422
    assert admin.post(f"{HOME}new", fields).status_code == 303
    assert admin.post(f"{HOME}new", fields).status_code == 409
    with database.reading() as session:
        assert catalog.find_channel(session, "dai", "morning") is not None
    page = admin.get("/desk/admin/agencies/bao-hai-son/").text
    assert "Báo Hải Sơn" in page
    assert "tên khác" not in page


def test_a_merger_is_shown_with_what_each_channel_leads_to_and_done_once_agreed(
    admin: Person, world: World, database: Database
) -> None:
    world.release()
    new = {
        "name": "Báo mới", "code": "bao-moi", "kind": "newspaper", "agency": "bao-hai-son", "title": "Gương",
        "channel": "guong", "profile": "column", "audience": "outlet",
    }  # fmt: skip
    assert admin.post(f"{HOME}new", new).status_code == 303
    event = {"event": "merge", "other": "bao-moi", "on": "2026-11-23", "decision": "5/QĐ"}
    shown = admin.post(f"{HOME}newspaper/events?lang=en", event, form=f"{HOME}newspaper/")
    assert "<code>newspaper/column</code> → <code>bao-moi/guong</code>: 1 stories carried" in shown.text
    with database.reading() as session:
        assert catalog.get_outlet(session, "newspaper").ended_on is None
    unseen = admin.post(f"{HOME}newspaper/events", {**event, "step": "do"}, form=f"{HOME}newspaper/")
    assert unseen.status_code == 409
    agreed = {**event, "step": "do", "shown": shown_in(shown.text)}
    done = admin.post(f"{HOME}newspaper/events", agreed, form=f"{HOME}newspaper/")
    assert done.status_code == 303
    assert "Báo mới" in admin.get(f"{HOME}newspaper/").text


def test_a_term_is_written_down_and_ended_today(admin: Person, database: Database, clock: FixedClock) -> None:
    page = f"{HOME}tv/"
    said = {"paper": "7/CK", "signed": "2026-11-01", "first": "2026-11-02"}
    assert admin.post(f"{page}terms", {**said, "first": "2026-10-01"}, form=page).status_code == 409
    assert admin.post(f"{page}terms", said, form=page).status_code == 303
    with database.reading() as session:
        (row,) = terms.list_terms(session, outlet="tv")
    other = f"{HOME}newspaper/"
    assert admin.post(f"{other}terms/{row.id}/end", form=other).status_code == 404
    assert admin.post(f"{page}terms/{row.id}/end", form=page).status_code == 303
    with database.reading() as session:
        (row,) = terms.list_terms(session, outlet="tv")
        assert str(row.valid_to) == "2026-11-23"


def test_what_happens_to_an_agency_is_shown_first(admin: Person, database: Database) -> None:
    page = "/desk/admin/agencies/bao-hai-son/"
    event = {"event": "rename", "other": "Báo và Đài Hải Sơn", "on": "2026-11-24", "decision": "5/QĐ"}
    shown = admin.post(f"{page}events?lang=en", event, form=page)
    assert "is called “Báo và Đài Hải Sơn”" in shown.text
    assert "newspaper, tv" in shown.text
    assert "Báo và Đài Hải Sơn" not in admin.get(page).text
    agreed = {**event, "step": "do", "shown": shown_in(shown.text)}
    assert admin.post(f"{page}events", {**agreed, "other": "Tên khác"}, form=page).status_code == 409
    assert admin.post(f"{page}events", agreed, form=page).status_code == 303
    assert "Báo và Đài Hải Sơn" in admin.get(page).text


@pytest.mark.parametrize("event", ["merged", "renamed"])
def test_a_channel_is_edited_whatever_happens_to_its_agency(
    admin: Person, database: Database, clock: FixedClock, event: str
) -> None:
    today = local_day(clock.now())
    with database.writing() as session:
        if event == "merged":
            agency = {"code": "bao-moi", "name": "Báo mới"}
            catalog.load(session, {**OUTLETS, "agency": agency, "outlets": [WEEKLY]}, now=clock.now())
            history.merge_agencies(session, ["bao-hai-son"], "bao-moi", Decision(today, "1/QĐ"), now=clock.now())
        else:
            ahead = Decision(today + timedelta(days=10), "1/QĐ")
            history.rename_outlet(session, "tv", "Đài mới", ahead, now=clock.now())
            history.rename_agency(session, "bao-hai-son", "Cơ quan mới", ahead, now=clock.now())
    path = f"{HOME}tv/channels/segment/"
    fields = {**FIELDS, "title": "Giao lưu mới", "profile": "segment", "audience": "outlet"}
    clock.forward(timedelta(days=1))
    admin.come_back()
    assert admin.post(path, {**fields, "seen": seen_in(admin.get(path).text), "step": "save"}).status_code == 303
    with database.reading() as session:
        row = catalog.find_channel(session, "tv", "segment")
        assert row is not None
        assert (row.title, row.outlet.name) == ("Giao lưu mới", "Truyền hình Hải Sơn")


def test_a_selection_names_organizations_by_name_or_code_a_line_each(admin: Person, database: Database) -> None:
    typed = "nghiệp đoàn nghề cá bến lau\nldld phu-nu"
    refused = admin.post(f"{GREEN}?lang=en", {**FIELDS, "subtrees": "nghe ca\nldld", "step": "preview"}, form=GREEN)
    assert refused.status_code == 422
    assert "It may be any of these: Nghiệp đoàn nghề cá Bến Lau (nghe-ca)" in refused.text
    assert "nghe ca\nldld</textarea>" in refused.text
    seen = seen_in(admin.get(GREEN).text)
    assert admin.post(GREEN, {**FIELDS, "subtrees": typed, "seen": seen, "step": "save"}, form=GREEN).status_code == 303
    with database.reading() as session:
        row = catalog.find_channel(session, "public", "green")
        assert row is not None
        assert row.selection["subtrees"] == ["nghe-ca", "ldld", "phu-nu"]


def test_an_outlet_is_given_to_an_agency_by_its_name(admin: Person, database: Database, clock: FixedClock) -> None:
    with database.writing() as session:
        agency = {"code": "cq-tuan", "name": "Cơ quan Báo tuần"}
        catalog.load(session, {"agency": agency, "outlets": [WEEKLY]}, now=clock.now())
    event = {"event": "move", "other": "cơ quan BÁO TUẦN", "on": "2026-11-24", "decision": "1/QĐ"}
    shown = admin.post(f"{HOME}tv/events?lang=en", event, form=f"{HOME}tv/").text
    assert "From that day on it belongs to the agency cq-tuan." in shown
