"""The queue: by deadline, late first; narrowed by everything; found however it was typed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from hub.accounts import organizations, users
from hub.accounts.organizations import NewOrganization
from hub.accounts.users import Seat
from hub.clock import FixedClock
from hub.db import Database
from hub.models import User
from hub.regulation.duties import projector
from hub.web.editor import narrowing
from hub.worker import Worker
from tests.builders import FOUNDED, World, a_story
from tests.web.desks import Person
from tests.web.editor.people import confirm, seat, titles_in

QUEUE = "/desk/editor/"
DUTIES = "/desk/editor/duties/"
TO_DO = re.compile(r'data-label="To be done by the desk"[^>]*>([^<]+)<')


def test_nobody_but_editors_and_auditors_knows_of_the_desk(
    app: Flask, world: World, database: Database, clock: FixedClock, auditor: Person
) -> None:
    for role in ("contributor", "confirmer", "admin"):
        user = seat(database, role, f"Người {role}", now=clock.now())
        assert Person(app).sign_in(user).get(QUEUE).status_code == 404
    assert auditor.get(QUEUE).status_code == 200


def test_an_editor_sees_what_lies_below_their_seat_and_nothing_else(world: World, editor: Person) -> None:
    world.push(a_story(title="Của nghiệp đoàn"))
    assert world.women.put("hers", a_story(title="Của hội phụ nữ")).status_code == 201
    assert titles_in(editor.get(QUEUE)) == ["Của nghiệp đoàn"]
    assert titles_in(editor.get(f"{QUEUE}?show=all")) == ["Của nghiệp đoàn"]


def test_what_is_due_first_comes_first_whatever_came_first(
    regulated: Database, world: World, editor: Person, clock: FixedClock
) -> None:
    usual = {"unit": {"name": "Liên đoàn", "kind": "lien_doan_lao_dong"}}
    slow = world.push(a_story(title="Bài thường", urgency=5, **usual), external_id="slow")
    clock.forward(timedelta(hours=1))
    quick = world.push(a_story(title="Bài gấp", urgency=1, **usual), external_id="quick")
    for story_id in (slow, quick):
        confirm(regulated, story_id, now=clock.now())
    projector.catch_up(regulated)
    page = editor.get(QUEUE)
    assert titles_in(page) == ["Bài gấp", "Bài thường"]
    assert "Điều 12.2" in page.text
    assert "queue-late" not in page.text
    clock.forward(timedelta(hours=30))
    editor.come_back()
    assert editor.get(QUEUE).text.count("queue-late") == 1


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("hoa", ["Chị Hòa ở bến Đặng"]),
        ("Đặng", ["Chị Hòa ở bến Đặng"]),
        ("dang", ["Chị Hòa ở bến Đặng"]),
        ("hòa bến", ["Chị Hòa ở bến Đặng"]),
        ("nha tre", ["Nhà trẻ trên đảo"]),
        ("nhà -trẻ", []),
        ("khác", []),
    ],
)
def test_search_folds_what_is_typed_and_what_is_written(
    world: World, editor: Person, worker: Worker, typed: str, found: list[str]
) -> None:
    bare = {"summary": "Tóm tắt.", "deed": "Việc."}
    world.push(a_story(title="Chị Hòa ở bến Đặng", byline={"name": "An"}, **bare), external_id="a")
    world.push(a_story(title="Nhà trẻ trên đảo", byline={"name": "An"}, **bare), external_id="b")
    worker.step()
    assert titles_in(editor.get(f"{QUEUE}?q={typed}")) == found


def test_a_new_version_is_found_by_its_own_words_alone(world: World, editor: Person, worker: Worker) -> None:
    world.push(a_story(title="Cái tên cũ kỹ"))
    worker.step()
    assert titles_in(editor.get(f"{QUEUE}?q=cũ kỹ")) == ["Cái tên cũ kỹ"]
    world.push(a_story(title="Đề mục mới"))
    assert titles_in(editor.get(QUEUE)) == ["Đề mục mới"]  # the queue itself waits for no worker
    worker.step()
    assert titles_in(editor.get(f"{QUEUE}?q=cũ kỹ")) == []
    assert titles_in(editor.get(f"{QUEUE}?q=de muc")) == ["Đề mục mới"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("topic=bao_ve_moi_truong", ["Xanh"]),
        ("kind=y_tuong", ["Mô hình"]),
        ("urgency=2", ["Gấp"]),
        ("organization=nghe-ca", ["Gấp", "Mô hình", "Xanh"]),
        ("organization=phu-nu", []),
        ("organization=khong-co", []),
        ("organization=nghiệp đoàn nghề cá bến lau", ["Gấp", "Mô hình", "Xanh"]),
        ("organization=nghiep doan nghe ca ben lau", ["Gấp", "Mô hình", "Xanh"]),
        ("channel=public/green", ["Xanh"]),
        ("channel=newspaper/column", []),
        ("state=released", ["Xanh"]),
        ("holder=readers", ["Xanh"]),
        ("holder=desk", ["Gấp", "Mô hình"]),
        ("holder=desk&urgency=2", ["Gấp"]),
    ],
)
def test_lists_are_narrowed_by_each_of_the_filters(
    world: World, editor: Person, worker: Worker, asked: str, found: list[str]
) -> None:
    world.release(a_story(title="Xanh", topics=["bao_ve_moi_truong"]), external_id="g", channels=["public/green"])
    world.push(a_story(title="Mô hình", kind="y_tuong"), external_id="m")
    world.push(a_story(title="Gấp", urgency=2), external_id="u")
    worker.step()
    assert titles_in(editor.get(f"{QUEUE}?show=all&{asked}")) == found


def test_pages_follow_each_other_without_a_gap_or_a_double(world: World, editor: Person) -> None:
    for number in range(33):
        world.push(a_story(title=f"Bài {number:02}"), external_id=f"s{number}")
    for tab in ("waiting", "all"):
        first = editor.get(f"{QUEUE}?show={tab}")
        following = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        second = editor.get(following)
        both = titles_in(first) + titles_in(second)
        assert len(titles_in(first)) == 30
        assert sorted(both) == [f"Bài {number:02}" for number in range(33)]
        assert 'rel="next"' not in second.text


def test_who_audits_one_part_finds_nothing_withdrawn_in_another(
    world: World, app: Flask, database: Database, clock: FixedClock, worker: Worker
) -> None:
    theirs = world.release(a_story(title="Điều đã rút"))
    hers = world.women.put("hers", a_story(title="Điều đã rút của phụ nữ")).json["id"]
    worker.step()
    for act, said in (("approve", {}), ("release", {}), ("withdraw", {"reason": "legal"})):
        assert world.editor.act(hers, act, **said).status_code == 201
    assert world.editor.act(theirs, "withdraw", reason="legal").status_code == 201
    user = seat(database, "editor", "Vừa Biên Tập", now=clock.now())
    with database.writing() as session:
        users.seat(session, session.get_one(User, user), Seat(role="auditor", organization="phu-nu"), on=FOUNDED)
    page = Person(app).sign_in(user).get(f"{QUEUE}?show=all&q=rut").text
    assert hers in page
    assert theirs not in page


def test_what_a_withdrawn_story_said_is_found_by_auditors_alone(
    world: World, editor: Person, auditor: Person, worker: Worker
) -> None:
    story = world.release(a_story(title="Điều đã rút"))
    worker.step()
    assert world.editor.act(story, "withdraw", reason="legal").status_code == 201
    assert titles_in(editor.get(f"{QUEUE}?q=rut")) == []
    assert story in editor.get(f"{QUEUE}?show=all&state=withdrawn").text
    assert "Điều đã rút" not in editor.get(f"{QUEUE}?show=all&state=withdrawn").text
    assert titles_in(auditor.get(f"{QUEUE}?q=rut")) == ["Điều đã rút"]


def test_each_line_says_what_the_desk_has_to_do(world: World, editor: Person) -> None:
    world.push(a_story(title="Chờ duyệt"), external_id="a")
    approved = world.push(a_story(title="Đã duyệt"), external_id="b")
    assert world.editor.act(approved, "approve").status_code == 201
    world.release(a_story(title="Đã phát hành"), external_id="c", channels=["public/all"])
    page = editor.get(f"{QUEUE}?show=all&lang=en").text
    rows = dict(zip(titles_in(editor.get(f"{QUEUE}?show=all")), TO_DO.findall(page), strict=True))
    assert rows == {
        "Chờ duyệt": "Read it; approve or return it",
        "Đã duyệt": "Release it to its channels",
        "Đã phát hành": "–",
    }


def test_a_part_of_a_name_lists_nothing_and_says_which_are_meant(
    world: World, editor: Person, database: Database, clock: FixedClock
) -> None:
    world.push(a_story(title="Gấp"))
    for path in (f"{QUEUE}?organization=nghe ca", f"{DUTIES}?organization=nghe ca"):
        page = editor.get(path)
        assert "Nghiệp đoàn nghề cá Bến Lau (nghe-ca)" in page.text
        assert 'value="nghe ca"' in page.text
        assert titles_in(page) == []
    assert "Hội Phụ nữ" not in editor.get(f"{QUEUE}?organization=phu nu").text  # beyond the editor's reach
    meant = editor.get(f"{QUEUE}?organization=nghe-ca").text
    assert re.search(r'id="f-organization-hint">Nghiệp đoàn nghề cá Bến Lau<', meant)


def test_units_are_offered_to_choose_from_while_they_are_few(
    world: World, editor: Person, database: Database, clock: FixedClock
) -> None:
    few = editor.get(QUEUE).text
    assert '<option value="Nghiệp đoàn nghề cá Bến Lau">nghe-ca</option>' in few
    assert 'list="organizations"' in few
    with database.writing() as session:
        for number in range(narrowing.OFFERED):
            unit = NewOrganization(
                code=f"to-{number}", name=f"Tổ số {number}", kind="cong_doan", parent="ldld", valid_from=FOUNDED
            )
            organizations.add(session, unit, now=clock.now())
    for path in (QUEUE, DUTIES):
        many = editor.get(path).text
        assert "<datalist" not in many
        assert 'list="organizations"' not in many
    assert 'id="f-organization-hint">Tổ số 7<' in editor.get(f"{QUEUE}?organization=to-7").text
