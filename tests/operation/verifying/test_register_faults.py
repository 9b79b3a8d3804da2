"""`hub verify` finds whatever was changed in the registers behind the hub's back, and who was credited for a story."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text

from hub.accounts import administration, history, organizations, registers, users
from hub.accounts.history import Decision
from hub.accounts.organizations import NewOrganization
from hub.actors import SYSTEM
from hub.clock import FixedClock, local_day
from hub.config import Settings
from hub.db import Database
from hub.models import JournalRow
from hub.outlets import catalog, merging
from hub.outlets import history as outlets
from hub.records import journal, persons
from hub.records.signing_keys import Signer
from hub.regulation.consent import erasing
from hub.worker import Worker
from tests.builders import OUTLETS, World, a_channel, a_story
from tests.intake.test_likeness_checks import RETOLD
from tests.operation.conftest import Hub, Made
from tests.operation.verifying.test_verification import PAST, execute

WEEKLY = {
    "agency": {"code": "bao-tuan", "name": "Báo Tuần"},
    "outlets": [
        {
            "code": "weekly",
            "kind": "newspaper",
            "name": "Hải Sơn cuối tuần",
            "channels": [a_channel("notes", "Ghi chép", profile="column", audience="outlet")],
        }
    ],
}
DAY = timedelta(days=1)


def make_registered(world: World, worker: Worker, database: Database, settings: Settings, clock: FixedClock) -> None:
    """A hub whose organizations and outlets were renamed, moved, merged and closed, with users, and a joined story."""
    first = world.push()
    second = world.women.put("w", a_story(**RETOLD)).json["id"]
    worker.step()
    assert world.editor.act(second, "join", into=first).status_code == 201
    clock.forward(DAY)
    now, today = clock.now(), local_day(clock.now())
    decision = Decision(today, "12-QĐ/TU")
    with database.writing() as session:
        for code in ("to-1", "to-2", "to-3"):
            new = NewOrganization(code=code, name=f"Tổ {code}", kind="cong_doan", parent="ldld", valid_from=today - DAY)
            organizations.add(session, new, now=now)
        history.rename(session, "phu-nu", "Hội Phụ nữ Gò Mận mới", decision, now=now)
        history.move(session, "to-1", "nghe-ca", decision, now=now)
        history.merge(session, ["to-2"], "to-1", Decision(today + 9 * DAY, "13-QĐ/TU"), now=now)
        history.close(session, "to-3", decision, now=now)
        catalog.load(session, WEEKLY, now=now)
        outlets.rename_outlet(session, "tv", "Đài Hải Sơn", decision, now=now)
        an, binh = (
            administration.add_user(session, name=name, email=f"{name}@x.vn", language="vi", actor=SYSTEM, now=now)
            for name in ("an", "binh")
        )
        seated, deputy = users.get(session, "an@x.vn"), users.get(session, "binh@x.vn")
        for role in ("confirmer", "editor"):
            users.seat(session, seated, users.Seat(role=role, organization="nghe-ca"), on=today)
        users.unseat(session, seated, role="editor", on=today + DAY)
        registers.tell_seats(session, seated.id, at=now)
        until = today + 3 * DAY
        administration.delegate(session, seated.id, deputy.email, on=today, until=until, note="", actor=SYSTEM, now=now)
        users.close(session, deputy, now=now)
        assert an[1] != binh[1]
    clock.forward(timedelta(seconds=1))
    with database.writing() as session:
        merging.merge(session, "weekly", "newspaper", Decision(today, "14-QĐ/TU"), now=clock.now())
        outlets.rename_agency(session, "bao-hai-son", "Báo và Đài Hải Sơn", decision, now=clock.now())
        outlets.merge_agencies(session, ["bao-tuan"], "bao-hai-son", decision, now=clock.now())
        registers.tell_earlier(session, at=clock.now())


@pytest.fixture
def registered(made: Made) -> Hub:
    return made(make_registered)


def test_sound_registers_have_no_faults(registered: Hub, world: World, clock: FixedClock, worker: Worker) -> None:
    assert registered.find_faults() == []
    clock.forward(20 * DAY)  # what was to come has come
    worker.step()
    world.push(a_story(title="Sau khi hợp nhất"), external_id="later")
    with registered.database.writing() as session:
        history.refresh(session, on=local_day(clock.now()))
        catalog.load(session, {**OUTLETS, "agency": {"code": "bao-hai-son", "name": "Báo Sơn"}}, now=clock.now())
    assert registered.find_faults() == []


def test_registers_stay_sound_when_a_person_was_erased(registered: Hub, world: World, clock: FixedClock) -> None:
    (story,) = world.editor.get("/api/v1/stories?state=submitted").json["items"]
    person = world.editor.get(f"/api/v1/persons?story={story['id']}").json["items"][0]["id"]
    with Database(registered.database.engine, info=Signer.of(registered.settings).info).writing() as session:
        erasing.erase(session, persons.get(session, person), actor=SYSTEM, now=clock.now())
    assert registered.find_faults() == []


WOMEN = "(SELECT id FROM organizations WHERE code = 'phu-nu')"
RENAMED = f"valid_to IS NULL AND organization_id = {WOMEN}"
NEWSPAPER = "(SELECT id FROM outlets WHERE code = 'newspaper')"
TV = "of_id = (SELECT id FROM outlets WHERE code = 'tv')"
STATE = "organization 3: is not what the journal tells"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE organizations SET code = 'phu-nu-2' WHERE code = 'phu-nu'", STATE),
        (f"UPDATE organizations SET created_at = {PAST} WHERE code = 'phu-nu'", STATE),
        ("UPDATE organizations SET ended_on = '2026-11-25' WHERE code = 'phu-nu'", "phu-nu: has not ended as"),
        ("UPDATE organizations SET ended_on = NULL WHERE code = 'to-3'", "to-3: has ended by the journal, and goes on"),
        ("UPDATE organizations SET ended_on = '2026-11-25' WHERE code = 'to-2'", "to-2: has not ended as the journal"),
        (f"UPDATE organizations SET successor_id = {WOMEN} WHERE code = 'to-2'", "to-2: has not ended as the journal"),
        *(
            (f"UPDATE organizations SET {name} = 'x' WHERE code = 'phu-nu'", "phu-nu: says something else than its")
            for name in ("name", "system", "kind", "level", "commune", "province")
        ),
        (f"UPDATE organizations SET parent_id = {WOMEN} WHERE code = 'to-1'", "to-1: says something else than its"),
        *(
            (f"UPDATE organization_states SET {name} = 'x' WHERE {RENAMED}", STATE)
            for name in ("name", "system", "kind", "level", "commune", "province")
        ),
        (f"UPDATE organization_states SET parent_id = 1 WHERE {RENAMED}", STATE),
        (f"UPDATE organization_states SET valid_from = '2026-11-20' WHERE {RENAMED}", STATE),
        (f"UPDATE organization_states SET valid_to = '2027-11-20' WHERE {RENAMED}", STATE),
        (f"DELETE FROM organization_states WHERE {RENAMED}", STATE),
        (
            "INSERT INTO organizations (code, name, system, kind, level, commune, province, created_at)"
            f" VALUES ('moi', 'Mới', '', '', '', '', '', {PAST})",
            "organization 7: the journal does not tell of it",
        ),
        ("UPDATE register_events SET kind = 'move' WHERE kind = 'rename'", "rename of .*the journal tells of it, but"),
        ("UPDATE register_events SET kind = 'move' WHERE kind = 'rename'", "move of .*: the journal does not tell"),
        ("UPDATE register_events SET register = 'outlet' WHERE subject = 'to-3'", "close of outlet to-3.: the journal"),
        ("UPDATE register_events SET \"on\" = '2026-11-20' WHERE subject = 'to-3'", "close of organization to-3.: the"),
        ("UPDATE register_events SET decision = '1' WHERE subject = 'to-3'", "close of organization to-3.: the"),
        ("UPDATE register_events SET subject = 'to-9' WHERE subject = 'to-3'", "close of organization to-9.: the"),
        ("UPDATE register_events SET successor = 'to-9' WHERE subject = 'to-2'", "merge of organization to-2.: the"),
        ("UPDATE register_events SET heir = NOT heir WHERE subject = 'to-2'", "merge of organization to-2.: the"),
        (f"UPDATE register_events SET recorded_at = {PAST}", "register event .*: the journal does not tell of it"),
        ("DELETE FROM register_events WHERE subject = 'to-1'", "move of organization to-1.: the journal tells of it, "),
        ("UPDATE agencies SET code = 'bao' WHERE code = 'bao-hai-son'", "agency 1: is not what the"),
        ("UPDATE agencies SET name = 'Báo' WHERE code = 'bao-hai-son'", "bao-hai-son: says something else than its"),
        ("UPDATE agencies SET ended_on = NULL WHERE code = 'bao-tuan'", "agency bao-tuan: has not ended as"),
        ("UPDATE agencies SET successor_id = NULL WHERE code = 'bao-tuan'", "agency bao-tuan: has not ended as the"),
        ("UPDATE agency_states SET name = 'Báo' WHERE valid_to IS NULL AND of_id = 1", "agency 1: is not what the"),
        ("DELETE FROM agency_states WHERE of_id = 1 AND valid_to IS NOT NULL", "agency 1: is not what the"),
        ("UPDATE outlets SET name = 'Đài' WHERE code = 'tv'", "outlet tv: says something else than its states"),
        ("UPDATE outlets SET agency_id = NULL WHERE code = 'tv'", "outlet tv: says something else than its states"),
        ("UPDATE outlets SET kind = 'public' WHERE code = 'tv'", "outlet 2: is not what the journal"),
        ("UPDATE outlets SET ended_on = NULL WHERE code = 'weekly'", "outlet weekly: has not ended as the journal"),
        ("UPDATE outlets SET ended_on = '2026-11-24' WHERE code = 'tv'", "outlet tv: has not ended as the journal"),
        (f"UPDATE outlet_states SET name = 'Đài' WHERE valid_to IS NULL AND {TV}", "outlet 2: is not what the journal"),
        (f"UPDATE outlet_states SET agency_id = NULL WHERE {TV}", "outlet 2: is not what the journal"),
        (f"UPDATE outlet_states SET valid_to = '2026-12-24' WHERE valid_to IS NULL AND {TV}", "outlet 2: is not what"),
        (f"UPDATE channels SET audience = 'public' WHERE outlet_id = {NEWSPAPER}", "outlet 1: is not what the journal"),
        ("UPDATE channels SET selection = '{}' WHERE selection <> '{}'", "outlet 3: is not what the journal"),
        (f"UPDATE channels SET fields = '[]' WHERE outlet_id = {NEWSPAPER}", "outlet 1: is not what the journal"),
        (f"UPDATE channels SET profile = 'x' WHERE outlet_id = {NEWSPAPER}", "outlet 1: is not what the journal"),
        ("UPDATE channels SET successor_id = NULL WHERE successor_id IS NOT NULL", "outlet 4: is not what the journal"),
        ("UPDATE memberships SET role = 'admin' WHERE role = 'confirmer'", "seat 1: is not what the journal"),
        (f"UPDATE memberships SET organization_id = {WOMEN}", "seat 1: is not what the journal"),
        ("UPDATE memberships SET user_id = 2", "seat 1: is not what the journal"),
        ("UPDATE memberships SET valid_from = '2026-01-01'", "seat 1: is not what the journal"),
        ("UPDATE memberships SET valid_to = NULL WHERE role = 'editor'", "seat 2: is not what the journal"),
        (f"UPDATE memberships SET outlet_id = {NEWSPAPER}", "seat 1: is not what the journal"),
        ("DELETE FROM memberships WHERE role = 'confirmer'", "seat 1: the journal tells of it, but it is not there"),
        (
            "INSERT INTO memberships (user_id, role, valid_from) VALUES (2, 'admin', '2026-01-01')",
            "seat 3: the journal does not tell of it",
        ),
        ("UPDATE delegations SET valid_to = '2027-01-01'", "delegation 1: is not what the journal"),
        ("UPDATE delegations SET within_id = 1", "delegation 1: is not what the journal"),
        ("UPDATE delegations SET valid_from = '2026-01-01'", "delegation of user 1 to 2: the journal tells of it, but"),
        ("UPDATE delegations SET user_id = 2, deputy_id = 1", "delegation 1: is not what the journal"),
        ("DELETE FROM delegations", "delegation 1: the journal tells of it, but it is not there"),
        ("UPDATE users SET closed_at = NULL", "user 2: is not what the journal"),
        (f"UPDATE users SET closed_at = {PAST}", "user 1: is not what the journal"),
        (f"UPDATE users SET created_at = {PAST}", "user 1: is not what the journal"),
        *(
            (f"UPDATE story_suppliers SET {change}", "credits others than the journal tells")
            for change in ("name = 'x'", f"submitted_at = {PAST}", f"at = {PAST}", "organization_id = 1")
        ),
        ("DELETE FROM story_suppliers", "credits others than the journal tells"),
        ("UPDATE story_suppliers SET story_id = source_id WHERE story_id <> source_id", "credits others than the"),
        ("UPDATE stories SET organization_name = 'x'", "has another name of its organization than the journal tells"),
    ],
)  # fmt: skip
def test_what_was_changed_in_the_registers_is_found(registered: Hub, statement: str, expected: str) -> None:
    if registered.database.engine.dialect.name == "postgresql":
        statement = statement.replace("selection <> '{}'", "CAST(selection AS TEXT) <> '{}'")
    execute(registered.database, statement)
    faults = registered.find_faults()
    assert any(re.search(expected, fault) for fault in faults), faults


def test_what_older_rows_gave_is_asked_for_though_no_digest_tells_of_it(registered: Hub, clock: FixedClock) -> None:
    given = {"kind": "role_given", "user": 1, "role": "auditor", "organization": "ldld", "on": "2026-11-24"}
    with registered.database.writing() as session:
        journal.append(session, given, at=clock.now())
    assert registered.find_faults() == [
        "seat of user 1 (auditor of ldld from 2026-11-24): the journal tells of it, but it is not there"
    ]


def test_a_hub_from_before_tells_its_registers_once_and_for_all(
    world: World, database: Database, settings: Settings, clock: FixedClock
) -> None:
    with database.writing() as session:
        session.execute(delete(JournalRow))
        session.execute(text("DELETE FROM journal_head"))
    hub = Hub(settings, database)
    assert hub.find_faults() == []
    with database.writing() as session:
        assert [registers.tell_earlier(session, at=clock.now()) for _ in range(2)] == [7, 0]
        assert session.scalar(select(JournalRow.body).where(JournalRow.body.contains("registers_complete")))
    assert hub.find_faults() == []
    execute(database, "UPDATE organization_states SET name = 'x'")
    assert any("organization 1: is not what the journal tells" in fault for fault in hub.find_faults())
