"""Organizations at the desk: a tree that loads what it shows, events with a preview, tables agreed to before."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import event, select

from hub.accounts import history, naming, organizations
from hub.accounts.history import Decision
from hub.accounts.organizations import NewOrganization
from hub.actors import Actor
from hub.clock import FixedClock
from hub.db import Database
from hub.errors import Invalid
from hub.models import JournalRow, Organization, OrganizationState
from tests.builders import FOUNDED, World
from tests.web.desks import Person, shown_in

HOME = "/desk/admin/organizations/"
TABLE = "/desk/admin/organizations/table"
HEADER = "code,name,kind,parent\n"


def send(person: Person, content: str, name: str = "units.csv", **fields: str) -> str:
    """Send a table; the page of its plan, or of its faults."""
    answer = person.post(TABLE, {"file": (io.BytesIO(content.encode()), name), **fields})
    if answer.status_code == 303:
        return str(answer.headers["Location"])
    return answer.text


def test_the_tree_shows_a_level_and_unfolds_another_in_place(admin: Person) -> None:
    page = admin.get(HOME + "?lang=en").text
    assert "Liên đoàn Lao động tỉnh" in page
    assert "Nghiệp đoàn nghề cá" not in page
    assert "Nghiệp đoàn nghề cá" in admin.get(HOME + "?open=ldld").text
    assert "Nghiệp đoàn nghề cá" in admin.get(HOME + "?at=ldld").text


def test_a_thousand_units_come_fifty_at_a_time_with_as_few_queries(
    admin: Person, app: Flask, database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        facts = {"kind": "cong_doan", "system": "union", "parent_id": organizations.get(session, "ldld").id}
        units = [
            Organization(code=f"to-{n:04}", name=f"Tổ Hòa Bình {n}", created_at=clock.now(), **facts)
            for n in range(1000)
        ]
        session.add_all(units)
        session.flush()
        session.add_all(
            OrganizationState(organization_id=unit.id, valid_from=FOUNDED, name=unit.name, **facts) for unit in units
        )
    queries: list[str] = []
    engine = app.extensions["hub"].database.engine
    event.listen(engine, "before_cursor_execute", lambda *said: queries.append(said[2]))
    first = admin.get(HOME + "?at=ldld").text
    assert first.count('class="list-title"') == 50
    assert len(queries) < 25
    found = admin.get(HOME + "?q=HOA+binh+999").text
    assert re.findall(r"to-\d{4}/", found) == ["to-0999/"]


def test_search_folds_diacritics_and_keeps_within_reach(admin: Person, women: Person) -> None:
    assert "Nghiệp đoàn nghề cá Bến Lau" in admin.get(HOME + "?q=nghe ca ben lau").text
    assert "Nghiệp đoàn nghề cá" not in women.get(HOME + "?q=nghe ca").text
    assert "Hội Phụ nữ Gò Mận" in women.get(HOME).text
    assert "Liên đoàn" not in women.get(HOME).text


def test_what_lies_out_of_reach_is_as_if_it_were_not_there(women: Person) -> None:
    assert women.get(f"{HOME}ldld/").status_code == 404
    assert women.get(f"{HOME}nobody/").status_code == 404
    fields = {"event": "close", "on": "2026-11-23", "decision": "1/QĐ", "step": "do"}
    assert women.post(f"{HOME}ldld/events", fields, form=TABLE).status_code == 404


def test_an_auditor_reads_and_changes_nothing(auditor: Person, database: Database) -> None:
    page = auditor.get(f"{HOME}nghe-ca/").text
    assert "Nghiệp đoàn nghề cá Bến Lau" in page
    assert "/events" not in page
    fields = {"event": "close", "on": "2026-11-23", "decision": "1/QĐ", "step": "do"}
    assert auditor.post(f"{HOME}nghe-ca/events", fields, form=HOME).status_code == 404
    assert auditor.get(f"{HOME}new").status_code == 404
    with database.reading() as session:
        assert organizations.get(session, "nghe-ca").ended_on is None


def test_an_event_is_shown_before_it_happens_and_happens_once_agreed_to(admin: Person, database: Database) -> None:
    fields = {"event": "merge", "into": "phu-nu", "on": "2026-11-23", "decision": "12/QĐ-MTTQ"}
    with database.writing() as session:
        organizations.add(
            session,
            NewOrganization(code="heir", name="Công đoàn phường", kind="cong_doan", parent="ldld", valid_from=FOUNDED),
            now=session.scalar(select(Organization.created_at).limit(1)),
        )
    fields["into"] = "heir"
    shown = admin.post(f"{HOME}nghe-ca/events?lang=en", fields, form=f"{HOME}nghe-ca/")
    assert shown.status_code == 200
    assert "comes after it: duties, rights, keys" in shown.text
    assert "1 key is live" in shown.text
    with database.reading() as session:
        assert organizations.get(session, "nghe-ca").ended_on is None
    done = admin.post(
        f"{HOME}nghe-ca/events", {**fields, "step": "do", "shown": shown_in(shown.text)}, form=f"{HOME}nghe-ca/"
    )
    assert done.status_code == 303
    with database.reading() as session:
        assert history.list_events(session, "nghe-ca")[-1].decision == "12/QĐ-MTTQ"
        bodies = session.scalars(select(JournalRow.body).order_by(JournalRow.number.desc()).limit(5)).all()
        assert any('"event":"merge"' in body and '"actor":"admin:' in body for body in bodies)
    assert "Công đoàn phường" in admin.get(f"{HOME}nghe-ca/").text


def test_a_refused_event_keeps_what_was_typed_and_says_why_beside_its_field(admin: Person) -> None:
    answer = admin.post(
        f"{HOME}ldld/events?lang=en",
        {"event": "rename", "name": "Liên đoàn mới", "on": "2026-11-24", "decision": " "},
        form=f"{HOME}ldld/",
    )
    assert answer.status_code == 422
    assert 'value="Liên đoàn mới"' in answer.text
    assert 'id="f-decision-rename-fault"' in answer.text


def test_a_split_takes_names_a_line_each_and_the_first_inherits(admin: Person, database: Database) -> None:
    for code, name in (("go-man", "Công đoàn phường Gò Mận"), ("loc-trieu", "Công đoàn xã Lộc Triều")):
        below = {"code": code, "name": name, "kind": "cong_doan", "parent": "ldld", "valid_from": "2026-01-01"}
        assert admin.post(f"{HOME}new", below).status_code == 303
    into = "công đoàn xã lộc triều\r\nCông đoàn phường Gò Mận\r\n"
    fields = {"event": "split", "into": into, "on": "2026-11-23", "decision": "7/QĐ"}
    path, form = f"{HOME}nghe-ca/events", f"{HOME}nghe-ca/"
    shown = admin.post(path, fields, form=form)
    assert shown.status_code == 200, shown.text
    agreed = {**fields, "step": "do", "shown": shown_in(shown.text)}
    assert admin.post(path, agreed, form=form).status_code == 303
    with database.reading() as session:
        heir = organizations.get(session, "loc-trieu")
        assert organizations.get(session, "nghe-ca").successor_id == heir.id


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_names_are_looked_up_while_somebody_else_writes(admin: Person, database: Database) -> None:
    """They are not searched in the transaction for which every other writer would wait."""
    fields = {"event": "merge", "into": "l", "on": "2026-11-23", "decision": "7/QĐ"}
    fields["csrf_token"] = admin.token_of(f"{HOME}nghe-ca/")
    with database.writing() as session:
        session.scalars(select(Organization.id)).all()  # only now the transaction begins
        answer = admin.post_bare(f"{HOME}nghe-ca/events?lang=en", fields)
    assert answer.status_code == 422
    assert "It may be any of these" in answer.text


def test_many_codes_are_known_by_one_statement_and_too_many_are_refused(
    app: Flask, world: World, database: Database, clock: FixedClock
) -> None:
    actor, now = Actor(name="", grants=()), clock.now()
    with database.writing() as session:
        for number in range(naming.NAMED_AT_MOST):
            new = NewOrganization(code=f"to-{number}", name=f"Tổ {number}", kind="cong_doan", parent="ldld")
            organizations.add(session, new, now=now)
    codes = [f"to-{number}" for number in range(naming.NAMED_AT_MOST)]
    asked: list[str] = []
    with database.reading() as session:
        event.listen(database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
        assert naming.codes_of(session, "\n".join(codes), actor=actor, now=now, pointer="/into") == codes
        assert len(asked) == 1
        for more in ("to-200", "Tổ hai trăm"):
            with pytest.raises(Invalid) as refused:
                naming.codes_of(session, "\n".join([*codes, more]), actor=actor, now=now, pointer="/into")
            assert [fault.code for fault in refused.value.faults] == ["too_many_named"]
        assert len(asked) == 1  # they are not looked up at all


def test_only_whoever_runs_the_hub_adds_at_the_top(admin: Person, women: Person, database: Database) -> None:
    fields = {"code": "doan", "name": "Tỉnh đoàn", "kind": "doan_thanh_nien"}
    assert women.post(f"{HOME}new", fields).status_code == 404
    assert women.post(f"{HOME}new", {**fields, "parent": "phu-nu"}).status_code == 303
    assert admin.post(f"{HOME}new", {**fields, "code": "doan-tinh"}).status_code == 303
    again = admin.post(f"{HOME}new?lang=en", {**fields, "code": "doan-tinh"})
    assert again.status_code == 409
    assert 'id="f-code-fault"' in again.text
    with database.reading() as session:
        assert organizations.get(session, "doan").parent_id is not None


def test_a_table_is_shown_agreed_to_and_done_once(admin: Person, database: Database) -> None:
    place = send(
        admin,
        HEADER + "to-1,Tổ công đoàn số 1,cong_doan,nghe-ca\nnghe-ca,Nghiệp đoàn mới,cong_doan,ldld\n",
        on="2026-11-24",
    )
    plan = admin.get(place + "?lang=en").text
    assert "1 new, 1 changed, 0 ended" in plan
    assert "<del>Nghiệp đoàn nghề cá Bến Lau</del> <ins>Nghiệp đoàn mới</ins>" in plan
    with database.reading() as session:
        assert organizations.find(session, "to-1") is None
    assert admin.post(place).status_code == 303
    assert "2 changes were made" in admin.get(place + "?lang=en").text
    assert admin.post(place, form=TABLE).status_code == 303
    with database.reading() as session:
        assert organizations.get(session, "to-1").name == "Tổ công đoàn số 1"
        assert len(organizations.list_states(session, organizations.get(session, "nghe-ca").id)) == 2


def test_a_plan_is_refused_once_the_register_has_changed_since(
    admin: Person, database: Database, clock: FixedClock
) -> None:
    place = send(admin, HEADER + "nghe-ca,Nghiệp đoàn mới,cong_doan,ldld\n", on="2026-11-25")
    with database.writing() as session:
        history.rename(session, "nghe-ca", "Tên khác", Decision(date(2026, 11, 24), "9/QĐ"), now=clock.now())
    answer = admin.post(f"{place}?lang=en", form=TABLE)
    assert answer.status_code == 409
    assert "has changed since the plan was shown" in answer.text
    with database.reading() as session:
        assert len(organizations.list_states(session, organizations.get(session, "nghe-ca").id)) == 2


def test_faults_of_a_table_are_told_by_line_and_column(admin: Person) -> None:
    page = send(admin, HEADER + "to-1,Tổ một,khong_co,ldld\nTO 2,,cong_doan,ldld\n")
    for line, column in (("2", "Loại tổ chức (kind)"), ("3", "Mã (code)"), ("3", "Tên (name)")):
        assert re.search(rf'">{line}</td><td[^>]*>{re.escape(column)}<', page), (line, column)
    assert "Không nhận giá trị “khong_co”" in page
    assert "Ủy ban Mặt trận Tổ quốc Việt Nam; Liên đoàn Lao động; " in page
    assert "lien_doan_lao_dong" not in page


def test_a_plan_says_columns_and_values_in_words(admin: Person) -> None:
    header = "Mã,Tên,Loại tổ chức (kind),Code of the one above\n"
    place = send(admin, header + 'to-1,Tổ một,"công đoàn, nghiệp đoàn",ldld\n')
    plan = admin.get(place).text
    assert re.search(r"Loại tổ chức \(kind\)</span> Công đoàn, nghiệp đoàn<", plan)
    assert re.search(r"Kind \(kind\)</span> Trade union<", admin.get(f"{place}?lang=en").text)


def test_a_table_changes_nothing_outside_of_ones_reach(women: Person, database: Database) -> None:
    page = send(women, HEADER + "nghe-ca,Của chúng tôi,cong_doan,ldld\n", on="2026-11-24")
    assert "nghe-ca" in page
    assert not page.startswith("/desk")
    assert send(women, HEADER + "chi-hoi,Chi hội một,hoi_phu_nu,phu-nu\n").startswith(TABLE)


def test_another_ones_plan_is_not_there(admin: Person, women: Person) -> None:
    place = send(admin, HEADER + "to-1,Tổ một,cong_doan,ldld\n")
    assert women.get(place).status_code == 404


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_template_is_a_table_that_the_page_itself_takes(admin: Person, language: str) -> None:
    template = admin.get(f"{TABLE}/template.csv?lang={language}")
    assert template.data.startswith(b"\xef\xbb\xbf")
    assert ("Loại tổ chức (kind)" in template.text) is (language == "vi")
    assert send(admin, template.data.decode("utf-8-sig")).startswith(TABLE)


CLOSING = {"event": "close", "on": "2026-11-23", "decision": "1/QĐ", "children_up": "yes"}


def test_the_hub_is_not_handed_to_others_by_closing_its_top(admin: Person, women: Person, database: Database) -> None:
    """`phu-nu` has an administrator and would be the first at the top: nobody gave them the hub."""
    for on in ("2026-11-23", "2026-12-24"):
        said = admin.post(f"{HOME}ldld/events?lang=en", {**CLOSING, "on": on}, form=f"{HOME}ldld/")
        assert said.status_code == 409
        assert "Nobody would administer the hub as a whole" in said.text
    table = "code,name,kind,parent,valid_to\nldld,Liên đoàn Lao động tỉnh,lien_doan_lao_dong,,2026-11-24\n"
    assert "Sẽ không còn ai quản trị" in send(admin, table, children_up="yes")
    with database.reading() as session:
        assert organizations.get(session, "ldld").ended_on is None


def test_what_is_added_beside_or_above_the_top_is_seen_and_mended(admin: Person, database: Database) -> None:
    new = {"code": "tinh-uy", "name": "Tỉnh ủy Hải Sơn", "kind": "mat_tran", "valid_from": "2026-01-01"}
    added = admin.post(f"{HOME}new", new)
    assert admin.get(added.headers["Location"]).status_code == 200
    assert "Tỉnh ủy Hải Sơn" in admin.get(HOME).text
    assert "Tỉnh ủy Hải Sơn" in admin.get(f"{HOME}?q=tinh uy").text
    below = {"code": "van-phong", "name": "Văn phòng", "kind": "mat_tran", "parent": "tinh-uy"}
    assert admin.post(f"{HOME}new", below).status_code == 303
    rename = {"event": "rename", "name": "Tỉnh ủy mới", "on": "2026-11-24", "decision": "3/QĐ"}
    shown = admin.post(f"{HOME}tinh-uy/events", rename, form=f"{HOME}tinh-uy/")
    agreed = {**rename, "step": "do", "shown": shown_in(shown.text)}
    assert admin.post(f"{HOME}tinh-uy/events", agreed, form=f"{HOME}tinh-uy/").status_code == 303


def test_only_what_was_shown_is_done(admin: Person, database: Database) -> None:
    path, form = f"{HOME}nghe-ca/events?lang=en", f"{HOME}nghe-ca/"
    unseen = admin.post(path, {**CLOSING, "step": "do"}, form=form)
    shown = admin.post(path, CLOSING, form=form)
    below = {"code": "to-9", "name": "Tổ chín", "kind": "cong_doan", "parent": "nghe-ca", "valid_from": "2026-11-23"}
    assert admin.post(f"{HOME}new", below).status_code == 303
    moved = admin.post(path, {**CLOSING, "step": "do", "shown": shown_in(shown.text)}, form=form)
    for refused in (unseen, moved):
        assert refused.status_code == 409
        assert "look at it again" in refused.text
    assert "1 organization below it goes under the one above it" in moved.text
    with database.reading() as session:
        assert organizations.get(session, "nghe-ca").ended_on is None
    again = {**CLOSING, "step": "do", "shown": shown_in(moved.text)}
    assert admin.post(path, again, form=form).status_code == 303
