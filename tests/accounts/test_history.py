"""Organizations change with time: what was stays, what has ended is followed, and no history is rewritten."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from hub.accounts import history, keys, listing, organizations, rights, users
from hub.accounts.history import Decision
from hub.accounts.organizations import NewOrganization
from hub.actors import Role
from hub.clock import FixedClock, local_day
from hub.db import Database
from hub.models import JournalRow, Organization
from hub.records import journal
from tests.builders import World, a_story

FOUNDED, JULY, AUGUST = date(2025, 1, 1), date(2026, 7, 1), date(2026, 8, 1)
ON_JULY, ON_AUGUST = Decision(JULY, "12-QĐ/MTTQ"), Decision(AUGUST, "15-QĐ/MTTQ")


@pytest.fixture
def tree(database: Database, clock: FixedClock) -> Database:
    """A front above two communes, each with a hamlet."""
    with database.writing() as session:
        for code, parent in (("front", ""), ("aa", "front"), ("bb", "front"), ("a1", "aa"), ("b1", "bb")):
            new = NewOrganization(
                code=code, name=f"Mặt trận {code}", kind="mat_tran", parent=parent, valid_from=FOUNDED
            )
            organizations.add(session, new, now=clock.now())
    return database


@pytest.mark.parametrize("code", ["Hội Nông dân", "hoi/nong-dan", "HOI", "-hoi", "h", "hoi_nong_dan", "hoi\n"])
def test_a_code_goes_without_spaces_capitals_and_diacritics(tree: Database, clock: FixedClock, code: str) -> None:
    with tree.writing() as session, pytest.raises(organizations.BadCode) as refused:
        organizations.add(session, NewOrganization(code=code, name="Hội", kind="hoi_nong_dan"), now=clock.now())
    assert organizations.is_code(refused.value.facts["suggestion"])


def test_an_organization_is_asked_for_as_of_a_day(tree: Database, clock: FixedClock) -> None:
    with tree.writing() as session:
        history.rename(session, "aa", "Mặt trận phường A", ON_JULY, now=clock.now())
        history.move(session, "a1", "bb", ON_AUGUST, now=clock.now())
    with tree.reading() as session:
        june, today = (
            {row.code: row for row in listing.list_on(session, day)}
            for day in (date(2026, 6, 30), local_day(clock.now()))
        )
        assert (june["aa"].name, today["aa"].name) == ("Mặt trận aa", "Mặt trận phường A")
        assert (june["a1"].parent, today["a1"].parent) == ("aa", "bb")
        assert organizations.find(session, "aa").name == "Mặt trận phường A"
        a1 = organizations.get(session, "a1").id
        assert organizations.list_lineage(session, a1, on=date(2026, 7, 31)) == ["a1", "aa", "front"]
        assert organizations.list_lineage(session, a1, on=AUGUST) == ["a1", "bb", "front"]


def test_what_lies_ahead_holds_from_its_day_on(tree: Database, clock: FixedClock) -> None:
    ahead = Decision(date(2027, 1, 1), "20-QĐ/MTTQ")
    with tree.writing() as session:
        history.rename(session, "aa", "Mặt trận đặc khu A", ahead, now=clock.now())
        history.merge(session, ["bb"], "aa", ahead, now=clock.now())
        assert organizations.get(session, "aa").name == "Mặt trận aa"
        b1 = organizations.get(session, "b1").id
        assert organizations.list_lineage(session, b1, on=date(2026, 12, 31)) == ["b1", "bb", "front"]
        assert organizations.list_lineage(session, b1, on=ahead.on) == ["b1", "bb", "aa", "front"]
        assert history.refresh(session, on=date(2026, 12, 31)) == 0
        assert history.refresh(session, on=ahead.on) == 1
        assert organizations.get(session, "aa").name == "Mặt trận đặc khu A"


def test_a_merged_organization_is_followed_to_whoever_came_after_it(tree: Database, clock: FixedClock) -> None:
    with tree.writing() as session:
        history.merge(session, ["aa"], "bb", ON_JULY, now=clock.now())
        a, b = organizations.get(session, "aa"), organizations.get(session, "bb")
        assert organizations.resolve(session, a.id, on=date(2026, 6, 30)) is a
        assert organizations.resolve(session, a.id, on=JULY) is b
        assert organizations.list_lineage(session, organizations.get(session, "a1").id, on=JULY) == [
            *("a1", "aa", "bb", "front")
        ]
        reached = set(
            session.scalars(
                select(Organization.code).where(
                    Organization.id.in_(select(organizations.subtree([b.id], on=JULY).c.id))
                )
            )
        )
        assert reached == {"bb", "b1", "aa", "a1"}
        assert [row.code for row in listing.list_on(session, JULY)] == ["a1", "b1", "bb", "front"]


def test_a_split_leaves_the_first_as_heir_unless_the_organization_goes_on(tree: Database, clock: FixedClock) -> None:
    with tree.writing() as session:
        history.split(session, "aa", ["a1", "bb"], ON_JULY, now=clock.now())
        history.split(session, "front", ["bb"], ON_AUGUST, goes_on=True, now=clock.now())
        assert organizations.resolve(session, organizations.get(session, "aa").id, on=JULY).code == "a1"
        assert organizations.get(session, "front").ended_on is None
        assert [(event.subject, event.successor, event.heir) for event in history.list_events(session, "aa")] == [
            *(("aa", "a1", True), ("aa", "bb", False))
        ]


def test_a_circle_is_refused_naming_the_line(tree: Database, clock: FixedClock) -> None:
    with tree.writing() as session:
        with pytest.raises(history.Cycle) as refused:
            history.move(session, "front", "a1", ON_JULY, now=clock.now())
        assert refused.value.facts["line"] == "front < a1 < aa < front"
        with pytest.raises(history.Cycle):
            history.merge(session, ["front"], "a1", ON_JULY, now=clock.now())


def test_an_event_before_what_is_known_is_refused_naming_the_state_in_the_way(
    tree: Database, clock: FixedClock
) -> None:
    with tree.writing() as session:
        history.rename(session, "aa", "Mặt trận xã A", ON_AUGUST, now=clock.now())
        with pytest.raises(history.OverlappingValidity) as refused:
            history.rename(session, "aa", "Mặt trận phường A", ON_JULY, now=clock.now())
        assert refused.value.facts["known"] == AUGUST.isoformat()
        assert refused.value.facts["name"] == "Mặt trận xã A"


def test_an_event_of_the_day_on_which_a_state_began_says_what_holds_from_that_day(
    tree: Database, clock: FixedClock
) -> None:
    with tree.writing() as session:
        history.rename(session, "aa", "Mặt trận xã A", ON_JULY, now=clock.now())
        history.move(session, "aa", "bb", ON_JULY, now=clock.now())  # the same decision
        states = organizations.list_states(session, organizations.get(session, "aa").id)
        assert [(state.valid_from, state.valid_to, state.name) for state in states] == [
            *((FOUNDED, JULY, "Mặt trận aa"), (JULY, None, "Mặt trận xã A"))
        ]
        assert organizations.get(session, "aa").parent_id == organizations.get(session, "bb").id
        assert [event.kind for event in history.list_events(session, "aa")] == ["rename", "move"]


def test_whoever_was_added_today_is_put_right_today_or_ended(tree: Database, clock: FixedClock) -> None:
    today = Decision(local_day(clock.now()), "sửa nhập nhầm")
    with tree.writing() as session:
        for code in ("moi", "nham"):
            new = NewOrganization(code=code, name="Mặt trận phưòng", kind="mat_tran", parent="aa")
            organizations.add(session, new, now=clock.now())
        history.rename(session, "moi", "Mặt trận phường", today, now=clock.now())
        history.move(session, "moi", "front", today, now=clock.now())
        (state,) = organizations.list_states(session, organizations.get(session, "moi").id)
        assert (state.name, organizations.get(session, "moi").name) == ("Mặt trận phường", "Mặt trận phường")
        history.close(session, "nham", today, now=clock.now())
        assert "nham" not in [row.code for row in listing.list_on(session, today.on)]


def test_what_has_ended_takes_part_in_nothing_more(tree: Database, clock: FixedClock) -> None:
    with tree.writing() as session:
        history.merge(session, ["aa"], "bb", ON_JULY, now=clock.now())
        for event in (
            lambda: history.merge(session, ["aa"], "front", ON_AUGUST, now=clock.now()),
            lambda: history.merge(session, ["bb"], "aa", ON_AUGUST, now=clock.now()),
            lambda: history.rename(session, "aa", "Mặt trận A", ON_AUGUST, now=clock.now()),
            lambda: history.close(session, "aa", ON_AUGUST, now=clock.now()),
        ):
            with pytest.raises(history.HasEnded) as refused:
                event()
            assert refused.value.facts["code"] == "aa"


def test_every_event_is_a_row_of_the_journal(tree: Database, clock: FixedClock) -> None:
    with tree.writing() as session:
        history.merge(session, ["aa"], "bb", ON_JULY, now=clock.now())
    with tree.reading() as session:
        told, body = session.scalars(select(JournalRow.body).order_by(JournalRow.number.desc()).limit(2))
        assert '"kind":"register_told"' in told
        assert '"kind":"organization_event"' in body
        assert '"decision":"12-QĐ/MTTQ"' in body
        assert list(journal.list_breaks(session)) == []


def test_a_key_and_its_stories_go_on_with_the_successor(world: World, database: Database, clock: FixedClock) -> None:
    story_id = world.push(external_id="mine")
    with database.writing() as session:
        decision = Decision(local_day(clock.now()), "7-QĐ/LĐLĐ")
        for code in ("nghe-ca", "phu-nu"):
            state = organizations.list_states(session, organizations.get(session, code).id)[0]
            state.valid_from = FOUNDED
        history.merge(session, ["nghe-ca"], "phu-nu", decision, now=clock.now())
    answer = world.fishers.put("mine", a_story(title="Người giữ bến Đá Lau, năm thứ hai"))
    assert (answer.status_code, answer.json["id"], answer.json["version"]) == (200, story_id, 2)
    assert world.women.get(f"/api/v1/stories/{story_id}").status_code == 200
    fresh = world.fishers.put("another", a_story(title="Bài mới của tổ chức mới"))
    assert fresh.json["organization"] == "phu-nu"


def test_the_key_of_a_closed_organization_opens_nothing(world: World, database: Database, clock: FixedClock) -> None:
    with database.writing() as session:
        organizations.list_states(session, organizations.get(session, "nghe-ca").id)[0].valid_from = FOUNDED
        history.close(session, "nghe-ca", Decision(local_day(clock.now()), "8-QĐ"), now=clock.now())
    assert world.fishers.get("/api/v1/stories").status_code == 401


@pytest.mark.parametrize(
    ("seat", "reached"),
    [("front", {"aa", "a1", "bb", "b1", "front"}), ("aa", {"aa", "a1"}), ("a1", {"a1"})],
)
def test_a_right_reaches_a_subtree_and_never_a_sibling(
    tree: Database, clock: FixedClock, seat: str, reached: set[str]
) -> None:
    with tree.writing() as session:
        user = users.add(session, name="Lê Thị Xác Nhận", email="xn@example.org", now=clock.now())
        users.seat(session, user, users.Seat(role="confirmer", organization=seat), on=FOUNDED)
        actor = users.find_actor(session, user, now=clock.now())
        today = local_day(clock.now())
        within = rights.within_reach(Organization.id, actor, {Role.CONFIRMER}, on=today)
        assert set(session.scalars(select(Organization.code).where(within))) == reached
        for row in listing.list_all(session):
            roles = rights.roles_over(session, actor, row.id, on=today)
            assert (Role.CONFIRMER in roles) is (row.code in reached)


def test_a_deputy_has_the_roles_of_whoever_is_away_and_only_then(tree: Database, clock: FixedClock) -> None:
    today = local_day(clock.now())
    with tree.writing() as session:
        away = users.add(session, name="Người đi vắng", email="away@example.org", now=clock.now())
        deputy = users.add(session, name="Người thay", email="deputy@example.org", now=clock.now())
        users.seat(session, away, users.Seat(role="confirmer", organization="aa"), on=FOUNDED)
        assert users.find_actor(session, deputy, now=clock.now()) is None
        users.delegate(session, away, deputy, on=today, until=date(2026, 11, 25), now=clock.now())
        grant = users.find_actor(session, deputy, now=clock.now()).grants[0]
        assert (grant.role, grant.deputy_for) == (Role.CONFIRMER, away.id)
        users.close(session, away, now=clock.now())
        assert users.find_actor(session, deputy, now=clock.now()) is None


def test_a_role_holds_from_its_first_day_and_before_its_last(tree: Database, clock: FixedClock) -> None:
    today = local_day(clock.now())
    with tree.writing() as session:
        user = users.add(session, name="Người cũ", email="old@example.org", now=clock.now())
        users.seat(session, user, users.Seat(role="confirmer", organization="aa"), on=FOUNDED, until=today)
        assert users.find_actor(session, user, now=clock.now()) is None
        users.seat(session, user, users.Seat(role="auditor", organization="aa"), on=today)
        assert users.find_actor(session, user, now=clock.now()).roles == {Role.AUDITOR}


def test_a_role_of_outlets_needs_an_outlet(tree: Database, clock: FixedClock) -> None:
    with tree.writing() as session:
        user = users.add(session, name="Người báo", email="bao@example.org", now=clock.now())
        with pytest.raises(users.WrongPlace):
            users.seat(session, user, users.Seat(role="outlet", organization="aa"), on=FOUNDED)


def test_a_users_key_speaks_with_every_role_the_user_has(world: World, database: Database, clock: FixedClock) -> None:
    world.push()
    with database.writing() as session:
        user = users.add(session, name="Nguyễn Thị Kiểm", email="kiem@example.org", now=clock.now())
        users.seat(session, user, users.Seat(role="confirmer", organization="ldld"), on=FOUNDED)
        secret = keys.mint(session, "user", user=user, now=clock.now()).secret
    confirmer = type(world.fishers)(world.fishers.app, secret)
    assert len(confirmer.get("/api/v1/stories").json["items"]) == 1
    assert confirmer.put("x", a_story()).status_code == 403
    assert world.women.get("/api/v1/stories").json["items"] == []


def test_nothing_new_hangs_on_an_organization_that_was_closed(tree: Database, clock: FixedClock) -> None:
    with tree.writing() as session:
        history.close(session, "a1", ON_JULY, now=clock.now())
        user = users.add(session, name="Lê Thị Xác Nhận", email="xn@example.org", now=clock.now())
        seat = users.Seat(role="confirmer", organization="a1")
        a1 = organizations.get(session, "a1")
        child = NewOrganization(code="to", name="Tổ", kind="mat_tran", parent="a1", valid_from=AUGUST)
        for new in (
            lambda: users.seat(session, user, seat, on=JULY),
            lambda: organizations.add(session, child, now=clock.now()),
            lambda: history.move(session, "b1", "a1", ON_AUGUST, now=clock.now()),
            lambda: keys.mint(session, "organization", organization=a1, now=clock.now()),
            lambda: organizations.sender(session, a1, now=clock.now()),
        ):
            with pytest.raises(organizations.Closed) as refused:
                new()
            assert refused.value.facts == {"code": "a1", "ended_on": "2026-07-01", "decision": ON_JULY.number}
        assert users.seat(session, user, seat, on=date(2026, 6, 30)).id  # it was still there on that day


def test_a_role_in_a_closed_organization_gives_no_right_from_that_day_on(tree: Database, clock: FixedClock) -> None:
    today = local_day(clock.now())
    with tree.writing() as session:
        user = users.add(session, name="Lê Thị Xác Nhận", email="xn@example.org", now=clock.now())
        for code in ("aa", "b1"):
            users.seat(session, user, users.Seat(role="confirmer", organization=code), on=FOUNDED)
        history.merge(session, ["aa"], "bb", ON_JULY, now=clock.now())
        history.move(session, "b1", "front", ON_JULY, now=clock.now())
        history.move(session, "a1", "front", ON_JULY, now=clock.now())
        bb, b1 = organizations.get(session, "bb").id, organizations.get(session, "b1").id
        assert [grant.organization_id for grant in users.find_actor(session, user, now=clock.now()).grants] == [bb, b1]
        history.close(session, "bb", Decision(today, "16-QĐ"), now=clock.now())
        assert [grant.organization_id for grant in users.find_actor(session, user, now=clock.now()).grants] == [b1]
        history.close(session, "b1", Decision(today, "17-QĐ"), now=clock.now())
        assert users.find_actor(session, user, now=clock.now()) is None


def test_a_line_leaves_out_whoever_was_closed(tree: Database, clock: FixedClock) -> None:
    with tree.writing() as session:
        a1, aa, front = (organizations.get(session, code) for code in ("a1", "aa", "front"))
        aa.ended_on = JULY  # with a1 below it, as could be done once
        assert organizations.list_lineage(session, a1.id, on=date(2026, 6, 30)) == ["a1", "aa", "front"]
        assert organizations.list_lineage(session, a1.id, on=JULY) == ["a1", "front"]
        assert organizations.find_above(session, a1.id, on=JULY) == front.id
        assert organizations.list_lineage(session, aa.id, on=JULY) == ["aa", "front"]
        assert rights.line_of(session, aa.id, on=JULY) == rights.Line(frozenset(), frozenset({front.id}))


def test_nothing_hangs_on_an_organization_before_it_began(tree: Database, clock: FixedClock) -> None:
    before = date(2024, 12, 31)
    with tree.writing() as session:
        user = users.add(session, name="Lê Thị Xác Nhận", email="xn@example.org", now=clock.now())
        child = NewOrganization(code="to", name="Tổ", kind="mat_tran", parent="aa", valid_from=before)
        for new in (
            lambda: users.seat(session, user, users.Seat(role="confirmer", organization="aa"), on=before),
            lambda: organizations.add(session, child, now=clock.now()),
        ):
            with pytest.raises(organizations.NotYetThere) as refused:
                new()
            assert refused.value.facts == {"code": "aa", "began": FOUNDED.isoformat(), "on": before.isoformat()}


@pytest.mark.parametrize("name", ["", " \u3000"])
def test_an_organization_needs_a_name(tree: Database, clock: FixedClock, name: str) -> None:
    with tree.writing() as session:
        with pytest.raises(organizations.NoName):
            organizations.add(session, NewOrganization(code="to", name=name, kind="mat_tran"), now=clock.now())
        with pytest.raises(organizations.NoName):
            history.rename(session, "aa", name, ON_JULY, now=clock.now())


def test_whoever_has_others_below_is_closed_once_they_are_moved_or_go_up(tree: Database, clock: FixedClock) -> None:
    with tree.writing() as session:
        history.move(session, "b1", "aa", ON_AUGUST, now=clock.now())  # only later than the day of the end
        with pytest.raises(history.HasThoseBelow) as refused:
            history.close(session, "aa", ON_JULY, now=clock.now())
        assert refused.value.facts["below"] == "a1, b1"
        history.close(session, "aa", Decision(AUGUST, "16-QĐ"), children_up=True, now=clock.now())
        front = organizations.get(session, "front").id
        assert [organizations.get(session, code).parent_id for code in ("a1", "b1")] == [front, front]
        assert [event.kind for event in history.list_events(session, "a1")] == ["move"]
        history.merge(session, ["bb"], "a1", Decision(date(2026, 9, 1), "17-QĐ"), now=clock.now())
        history.close(session, "a1", Decision(date(2026, 9, 2), "18-QĐ"), now=clock.now())  # nobody below any more


def test_nobody_merges_into_itself_or_comes_out_of_itself(tree: Database, clock: FixedClock) -> None:
    with tree.writing() as session:
        with pytest.raises(history.MergesIntoItself):
            history.merge(session, ["aa", "aa"], "aa", ON_JULY, now=clock.now())
        for into, goes_on in ((["aa"], False), (["aa"], True), ([], False)):
            with pytest.raises(history.SplitsIntoItself):
                history.split(session, "aa", into, ON_JULY, goes_on=goes_on, now=clock.now())
        history.merge(session, ["aa", "aa", "bb"], "bb", ON_JULY, now=clock.now())
        assert len(history.list_events(session, "aa")) == 1


def test_of_no_records_nothing_is_written(database: Database, clock: FixedClock) -> None:
    with database.writing() as session:
        journal.append_all(session, [], at=clock.now())
        assert journal.newest(session) is None
