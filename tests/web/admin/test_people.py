"""People at the desk: roles from and until a day, deputies, keys, closed accounts; each within one's reach."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hub.accounts import keys, registers, sessions, users
from hub.accounts.users import Seat
from hub.clock import FixedClock, local_day
from hub.db import Database
from hub.models import Delegation, Invitation, JournalRow, Key, Membership, Organization, User
from tests.builders import FOUNDED, Client
from tests.web.desks import Person, seat_user

HOME = "/desk/admin/people/"
NEW = f"{HOME}new"


def find_user(database: Database, email: str) -> User | None:
    with database.reading() as session:
        return users.find(session, email)


@pytest.fixture
def confirmer(women: Person, database: Database, clock: FixedClock) -> int:
    """Somebody of the women's union alone."""
    return seat_user(database, "confirmer", organization="phu-nu", now=clock.now(), name="Đặng Thị Hòa")


def test_somebody_is_added_with_a_role_in_one_form(admin: Person, database: Database) -> None:
    fields = {"name": "Lê Văn Sáng", "email": "sang@hub.example", "language": "vi", "role": "contributor"}
    refused = admin.post(f"{HOME}new?lang=en", {**fields, "place": "nobody"})
    assert refused.status_code == 404
    assert 'id="f-place-fault"' in refused.text
    assert find_user(database, "sang@hub.example") is None
    done = admin.post(f"{HOME}new", {**fields, "place": "nghe-ca", "until": "2027-01-01"})
    assert done.status_code == 303
    page = admin.get(done.headers["Location"]).text
    assert "Nghiệp đoàn nghề cá Bến Lau" in page
    assert admin.post(f"{HOME}new", {**fields, "place": "nghe-ca"}).status_code == 409


def test_people_are_found_by_folded_name_and_listed_within_reach(admin: Person, women: Person, confirmer: int) -> None:
    assert "Đặng Thị Hòa" in admin.get(f"{HOME}?q=dang+hoa").text
    assert "Đặng Thị Hòa" in women.get(HOME).text
    assert "admin-ldld@" not in women.get(HOME).text
    assert "Đặng Thị Hòa" not in admin.get(f"{HOME}?role=editor").text
    assert "Đặng Thị Hòa" in admin.get(f"{HOME}?organization=phu-nu").text


def test_a_list_of_people_goes_on_where_the_page_before_ended(
    admin: Person, database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        for n in range(60):
            users.add(session, name=f"Người {n:02}", email=f"nguoi-{n}@hub.example", now=clock.now())
    first = admin.get(HOME).text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = admin.get(following[1].replace("&amp;", "&")).text
    names = re.findall(r"Người \d\d", first) + re.findall(r"Người \d\d", second)
    assert sorted(set(names)) == sorted(names) == [f"Người {n:02}" for n in range(60)]


def test_the_women_end_and_give_roles_in_their_own_union(women: Person, database: Database, confirmer: int) -> None:
    page = f"{HOME}{confirmer}/"
    with database.reading() as session:
        seat = session.scalar(select(Membership.id).where(Membership.user_id == confirmer))
    assert women.post(f"{page}seats/{seat}/end", form=page).status_code == 303
    with database.reading() as session:
        assert session.get_one(Membership, seat).valid_to is not None
        body = session.scalar(select(JournalRow.body).order_by(JournalRow.number.desc()).limit(1)) or ""
        assert '"kind":"role_ended"' in body
        assert '"actor":"admin:' in body
    given = women.post(f"{page}seats", {"role": "contributor", "place": "phu-nu"}, form=page)
    assert given.status_code == 303
    assert women.post(f"{page}seats", {"role": "contributor", "place": "ldld"}, form=page).status_code == 404
    assert women.post(f"{page}seats", {"role": "outlet", "place": "tv"}, form=page).status_code == 404


def test_a_role_is_told_alike_whichever_door_it_was_given_at(
    app: Flask, admin: Person, database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        given_to = users.add(session, name="Lê Văn Sáng", email="sang@hub.example", now=clock.now()).id
        own = users.get(session, "admin-ldld@hub.example")
        api = Client(app, keys.mint(session, "user", user=own, now=clock.now()).secret)
    given = {"role": "auditor", "organization": "ldld", "from": "2026-12-01", "until": "2026-12-02"}
    assert api.ask("POST", f"/api/v1/users/{given_to}/memberships", body=given).status_code == 201
    typed = {"role": "auditor", "place": "ldld", "on": "2026-12-02", "until": "2026-12-03"}
    page = f"{HOME}{given_to}/"
    assert admin.post(f"{page}seats", typed, form=page).status_code == 303
    assert admin.post(f"{page}seats", {"role": "outlet", "place": "tv"}, form=page).status_code == 303
    with database.reading() as session:
        bodies = session.scalars(select(JournalRow.body).order_by(JournalRow.number)).all()
    told = [record for body in bodies if (record := json.loads(body))["kind"] == "role_given"]
    own_facts = {"at", "number", "on", "until"}
    first, second, outlet = ({name: told[n][name] for name in told[n].keys() - own_facts} for n in (-3, -2, -1))
    assert first == second
    assert first.keys() - outlet.keys() == {"organization"}
    assert outlet.keys() - first.keys() == {"outlet"}


def test_what_concerns_somebody_as_a_whole_needs_reach_over_all_their_roles(
    admin: Person, women: Person, database: Database, confirmer: int
) -> None:
    page = f"{HOME}{confirmer}/"
    with database.writing() as session:
        users.seat(session, session.get_one(User, confirmer), Seat(role="editor", organization="ldld"), on=FOUNDED)
    assert women.get(page).status_code == 200
    assert women.post(f"{page}close", form=HOME).status_code == 403
    assert women.post(f"{page}keys", {"once": "a"}, form=page).status_code == 403


def test_a_key_is_shown_once_and_revoked_for_good(
    app: Flask, admin: Person, database: Database, clock: FixedClock
) -> None:
    confirmer = seat_user(database, "confirmer", organization="nghe-ca", now=clock.now())
    below = Person(app).sign_in(seat_user(database, "admin", organization="nghe-ca", now=clock.now()))
    page = f"{HOME}{confirmer}/"
    made = re.search(r"usr_[\w-]{20,}", admin.post(f"{page}keys", {"once": "a"}, form=page).text)
    assert made is not None
    assert made[0] not in admin.get(page).text
    assert (
        below.post(f"{page}keys", {"once": "b"}, form=page).status_code == 404
    )  # it would have what the user is given elsewhere
    with database.reading() as session:
        assert keys.find_actor(session, made[0], now=clock.now()) is not None
        key_id = session.scalar(select(Key.id).where(Key.user_id == confirmer))
    assert below.post(f"{page}keys/{key_id}/revoke", form=page).status_code == 303
    with database.reading() as session:
        assert keys.find_actor(session, made[0], now=clock.now()) is None


def test_a_deputy_stands_in_until_a_day_and_is_somebody_known(
    women: Person, database: Database, confirmer: int, clock: FixedClock
) -> None:
    page = f"{HOME}{confirmer}/"
    fields = {"deputy": "admin-ldld@hub.example", "until": "2026-12-01"}
    seat_user(database, "admin", organization="ldld", now=clock.now())
    refused = women.post(f"{page}deputies", fields, form=page)
    assert refused.status_code == 422
    assert 'id="f-deputy-fault"' in refused.text
    seat_user(database, "contributor", organization="phu-nu", now=clock.now())
    fields["deputy"] = "contributor-phu-nu@hub.example"
    assert women.post(f"{page}deputies", fields, form=page).status_code == 303
    with database.reading() as session:
        row = session.scalar(select(Delegation))
        assert row is not None
    assert women.post(f"{page}deputies/{row.id}/end", form=page).status_code == 303
    with database.reading() as session:
        assert session.get_one(Delegation, row.id).valid_to == row.valid_from


def test_a_part_of_the_tree_decides_on_a_deputy_for_sixty_days_and_never_on_its_own_administrator(
    women: Person, admin: Person, database: Database, confirmer: int, clock: FixedClock
) -> None:
    page = f"{HOME}{confirmer}/"
    seat_user(database, "contributor", organization="phu-nu", now=clock.now())
    other = {"deputy": "contributor-phu-nu@hub.example", "on": "2026-12-01"}
    assert "60 days" in women.get(f"{page}?lang=en").text
    long = women.post(f"{page}deputies?lang=en", {**other, "until": "2027-01-31"}, form=page)
    assert long.status_code == 422
    assert "may name a deputy for at most 60 days" in long.text
    assert 'id="f-deputy-until-fault"' in long.text
    own = {"deputy": "admin-phu-nu@hub.example", "on": "2026-12-01", "until": "2027-01-01"}
    refused = women.post(f"{page}deputies?lang=en", own, form=page)
    assert refused.status_code == 422
    assert "cannot name themselves as the deputy" in refused.text
    assert women.post(f"{page}deputies", {**other, "until": "2027-01-30"}, form=page).status_code == 303
    assert "60 days" not in admin.get(f"{page}?lang=en").text
    assert admin.post(f"{page}deputies", {**own, "until": "2028-01-01"}, form=page).status_code == 303


@pytest.mark.parametrize("decides", ["women", "admin"])
def test_a_deputy_of_a_part_never_has_a_role_that_the_absent_user_is_given_elsewhere(
    request: pytest.FixtureRequest, database: Database, confirmer: int, clock: FixedClock, decides: str
) -> None:
    person: Person = request.getfixturevalue(decides)
    deputy = seat_user(database, "contributor", organization="phu-nu", now=clock.now())
    page = f"{HOME}{confirmer}/"
    fields = {"deputy": "contributor-phu-nu@hub.example", "until": "2026-12-20"}
    assert person.post(f"{page}deputies", fields, form=page).status_code == 303
    with database.writing() as session:  # by somebody who reaches further
        absent, on = session.get_one(User, confirmer), local_day(clock.now())
        users.seat(session, absent, Seat(role="editor", organization="ldld"), on=on)
        users.seat(session, absent, Seat(role="outlet", outlet="newspaper"), on=on)
        registers.tell_seats(session, absent.id, at=clock.now())
    with database.reading() as session:
        actor = users.find_actor(session, session.get_one(User, deputy), now=clock.now())
        assert actor is not None
        lent = {grant.role.value for grant in actor.grants if grant.deputy_for == confirmer}
    assert lent == ({"confirmer"} if decides == "women" else {"confirmer", "editor", "outlet"})


def test_a_closed_account_opens_nothing_and_its_page_says_so(
    women: Person, database: Database, confirmer: int, app: object
) -> None:
    page = f"{HOME}{confirmer}/"
    assert "Đóng tài khoản" in women.get(f"{page}close").text
    assert women.post(f"{page}close").status_code == 303
    assert women.post(f"{page}close", form=HOME).status_code == 303
    assert "đã đóng ngày" in women.get(page).text
    with database.reading() as session:
        closed = [
            body
            for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))
            if '"kind":"user_closed"' in body
        ]
    assert len(closed) == 1


def test_the_last_administrator_of_the_hub_stays(admin: Person, database: Database, clock: FixedClock) -> None:
    own = find_user(database, "admin-ldld@hub.example")
    assert own is not None
    answer = admin.post(f"{HOME}{own.id}/close?lang=en")
    assert answer.status_code == 409
    assert "Nobody would administer the hub as a whole" in answer.text
    with database.writing() as session:
        other = users.add(session, name="Thay", email="thay@hub.example", now=clock.now())
        users.seat(session, other, Seat(role="admin", organization="ldld"), on=FOUNDED)
    assert admin.post(f"{HOME}{own.id}/close").status_code == 303
    assert admin.get(HOME).status_code == 302


def test_an_auditor_reads_and_no_button_is_there(auditor: Person, database: Database, clock: FixedClock) -> None:
    user = seat_user(database, "editor", organization="ldld", now=clock.now())
    page = auditor.get(f"{HOME}{user}/").text
    assert "<form" not in page.split('id="content"')[1]
    assert auditor.post(f"{HOME}{user}/keys", {"once": "a"}, form=HOME).status_code == 404


def test_somebody_is_invited_signed_out_and_freed_of_a_lost_second_factor(
    app: Flask, women: Person, database: Database, confirmer: int, clock: FixedClock
) -> None:
    page = f"{HOME}{confirmer}/"
    assert women.post(f"{page}signing-in", {"step": "invite"}, form=page).status_code == 303
    with database.reading() as session:
        assert session.scalar(select(Invitation.user_id)) == confirmer
    Person(app).sign_in(confirmer)
    other = Person(app).sign_in(confirmer)
    assert other.get("/desk/").status_code != 302
    with database.reading() as session:
        first, *rest = sessions.list_of(session, confirmer, now=clock.now())
    assert len(rest) == 1
    assert (
        women.post(f"{page}signing-in", {"step": "end_session", "session": str(first.id)}, form=page).status_code == 303
    )
    with database.reading() as session:
        assert [row.id for row in sessions.list_of(session, confirmer, now=clock.now())] == [rest[0].id]
    assert women.post(f"{page}signing-in", {"step": "end_sessions"}, form=page).status_code == 303
    with database.reading() as session:
        assert sessions.list_of(session, confirmer, now=clock.now()) == []


def test_how_somebody_signs_in_is_told_to_whoever_reaches_all_of_them_alone(
    admin: Person, women: Person, auditor: Person, database: Database, clock: FixedClock
) -> None:
    further = seat_user(database, "admin", organization="ldld", now=clock.now(), email="both")
    with database.writing() as session:
        user = session.get_one(User, further)
        users.seat(session, user, Seat(role="confirmer", organization="phu-nu"), on=FOUNDED)
        keys.mint(session, "user", user=user, label="máy chủ", now=clock.now())
    told = {
        name: tuple(text in person.get(f"{HOME}{further}/?lang=en").text for text in ("Second factor", "máy chủ"))
        for name, person in (("admin", admin), ("women", women), ("auditor", auditor))
    }
    assert told == {"admin": (True, True), "women": (False, False), "auditor": (False, True)}


def test_filters_keep_to_the_outlet_that_was_asked_for(admin: Person) -> None:
    assert 'name="outlet" value="tv"' in re.sub(r' id="[^"]*"| type="[^"]*"', "", admin.get(f"{HOME}?outlet=tv").text)


def test_the_same_form_twice_makes_one_key(admin: Person, database: Database, confirmer: int) -> None:
    page = f"{HOME}{confirmer}/"
    shown = admin.get(page).text
    once, token = (re.search(rf'name="{name}" value="([^"]+)"', shown) for name in ("once", "csrf_token"))
    assert once
    assert token
    fields = {"csrf_token": token[1], "once": once[1], "label": "máy trạm"}
    first, second = (admin.post_bare(f"{page}keys", fields) for _click in range(2))
    assert "new-key" in first.text
    assert second.status_code == 303
    assert "shown only once" in admin.get(f"{second.headers['Location']}&lang=en").text
    with database.reading() as session:
        assert len(session.scalars(select(Key.id).where(Key.user_id == confirmer)).all()) == 1


def test_whose_last_role_has_ended_is_known_for_a_while_and_then_no_more(
    women: Person, admin: Person, database: Database, clock: FixedClock, confirmer: int
) -> None:
    with database.reading() as session:
        seat = session.scalar(select(Membership.id).where(Membership.user_id == confirmer))
    page = f"{HOME}{confirmer}/"
    assert women.post(f"{page}seats/{seat}/end", form=page).status_code == 303
    assert women.get(page).status_code == 200
    clock.forward(timedelta(days=91))
    assert women.come_back().get(page).status_code == 404
    assert "Đặng Thị Hòa" not in women.get(f"{HOME}?q=dang+hoa").text
    assert admin.come_back().get(page).status_code == 200


def test_a_role_is_given_by_the_name_of_its_place_and_never_by_a_guess(admin: Person, database: Database) -> None:
    said = {"name": "Phan Văn Lộc", "email": "loc@hub.example", "role": "contributor"}
    for part, status in (("nghiep doan nghe", 422), ("không có ở đâu", 404)):
        refused = admin.post(f"{NEW}?lang=en", {**said, "place": part}, form=NEW)
        assert refused.status_code == status
        assert f'value="{part}"' in refused.text
    assert (
        "It may be any of these: Nghiệp đoàn nghề cá Bến Lau (nghe-ca)"
        in admin.post(f"{NEW}?lang=en", {**said, "place": "nghiep doan nghe"}, form=NEW).text
    )
    assert admin.post(NEW, {**said, "place": "nghiep doan nghe ca ben lau"}, form=NEW).status_code == 303
    with database.reading() as session:
        user = users.find(session, "loc@hub.example")
        assert user is not None
        row = session.scalars(select(Membership).where(Membership.user_id == user.id)).one()
        assert session.get_one(Organization, row.organization_id).code == "nghe-ca"
    other = {"name": "Đào Thị Hoa", "email": "dao@hub.example", "role": "outlet", "place": "truyền hình hải sơn"}
    assert admin.post(NEW, other, form=NEW).status_code == 303
    found = admin.get(f"{HOME}?organization=nghiệp+đoàn+nghề+cá+bến+lau").text
    assert "Phan Văn Lộc" in found
    assert "Đào Thị Hoa" not in found
    assert "It may be any of these" in admin.get(f"{HOME}?organization=nghe&lang=en").text


def test_a_key_is_not_made_by_a_form_without_its_token(admin: Person, database: Database, confirmer: int) -> None:
    page = f"{HOME}{confirmer}/"
    refused = admin.post(f"{page}keys?lang=en", {"label": "máy trạm"}, form=page)
    assert refused.status_code == 403
    assert "This form is out of date" in refused.text
    assert 'name="once" value="' in refused.text  # the page may be sent at once
    with database.reading() as session:
        assert session.scalars(select(Key.id).where(Key.user_id == confirmer)).all() == []
