"""A station at its desk: the week, segments, guests and their options, the rundown, programmes, files."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta

import docx
import pytest
from flask import Flask
from sqlalchemy import event

from hub.clock import FixedClock
from hub.db import Database
from hub.outlets.planning import week
from tests.api.test_pickups import rows_of
from tests.builders import World
from tests.outlets.planning.scenes import GUEST, Station, a_told_story, answer
from tests.web.desks import Person, seat_user

TV = "/desk/outlet/tv/"
SEGMENTS = TV + "segments/"
NEW = SEGMENTS + "new"
PLAIN = {"title": "Người giữ bến", "day": "2026-12-01", "hour": "08:30", "minutes": "30", "place": "Trường quay 2"}


def plan(producer: Person, **changes: object) -> str:
    """Plan a broadcast; the path of its page."""
    done = producer.post(SEGMENTS, {**PLAIN, **changes}, form=NEW)
    assert done.status_code == 303, done.text
    return done.headers["Location"]


def revision(text: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', text)
    assert found is not None
    return found[1]


def items_of(text: str) -> list[str]:
    """The ids of the items of a rundown page, in order."""
    return re.findall(r'<li data-item="([^"]+)"', text)


def titles_of(text: str) -> list[str]:
    return re.findall(r'data-name="([^"]+)"', text)


def put_in(producer: Person, page: str, title: str, **changes: object) -> None:
    text = producer.get(page).text
    sent = {"do": "insert", "kind": "talk", "title": title, "planned": "3:20", "revision": revision(text), **changes}
    done = producer.post(page + "/steps", sent, form=page)
    assert done.status_code == 303, done.text


@pytest.fixture
def rundown(producer: Person) -> str:
    """The page of a rundown with three items."""
    page = plan(producer) + "rundown"
    for title in ("Lời dẫn", "Phóng sự", "Trò chuyện"):
        put_in(producer, page, title)
    return page


def test_a_broadcast_is_planned_changed_and_settled(producer: Person, world: World) -> None:
    page = plan(producer, crew_name=["Mai Thị Lụa", ""], crew_role=["host", "camera"], once="a")
    assert plan(producer, crew_name=["Mai Thị Lụa", ""], crew_role=["host", "camera"], once="a") == page
    told = Station(world.tv).read({"code": page.rstrip("/").rpartition("/")[2]})
    assert (told["starts_at"], told["planned_seconds"]) == ("2026-12-01T01:30:00Z", 1800)
    assert told["crew"] == [{"name": "Mai Thị Lụa", "role": "host"}]
    text = producer.get(page + "edit").text
    changed = {**PLAIN, "hour": "09:00", "revision": revision(text), "crew_name": "Mai Thị Lụa", "crew_role": "host"}
    assert producer.post(page + "edit", changed, form=page + "edit").status_code == 303
    late = producer.post(page + "edit", {**changed, "hour": "10:00"}, form=page + "edit")
    assert late.status_code == 412
    assert 'value="10:00"' in late.text  # what was typed is kept
    assert "Gửi lại để thay bằng bản của bạn" in late.text
    sent = {"state": "confirmed", "revision": revision(producer.get(page).text)}
    assert producer.post(page + "state", sent, form=page).status_code == 303
    assert Station(world.tv).read(told)["state"] == "confirmed"
    assert "10:00" not in Station(world.tv).read(told)["starts_at"]


def test_a_form_that_cannot_be_says_so_beside_its_field(producer: Person) -> None:
    refused = producer.post(SEGMENTS, {**PLAIN, "title": " ", "day": "31/12", "minutes": "lâu"}, form=NEW)
    assert refused.status_code == 422
    for name in ("title", "day", "minutes"):
        assert f'id="f-{name}-fault"' in refused.text, name


def test_the_week_shows_what_is_planned_and_the_starts_of_programmes(producer: Person) -> None:
    page = plan(producer)
    weekly = {**PLAIN, "title": "Giao lưu thứ Tư", "day": "2026-12-02", "frequency": "WEEKLY", "interval": "1"}
    done = producer.post(TV + "programmes/", weekly, form=TV + "programmes/new")
    assert done.status_code == 303, done.text
    programme = done.headers["Location"]
    assert "hằng tuần, vào Thứ Tư" in " ".join(producer.get(programme).text.split())
    week = producer.get(TV + "week/?from=2026-12-03").text
    assert page in week
    found = re.search(r'href="(/desk/outlet/tv/segments/new\?programme=[^"]+)"', week)
    assert found is not None
    form = producer.get(found[1].replace("&amp;", "&")).text
    assert 'value="Giao lưu thứ Tư"' in form
    fields = dict(re.findall(r'<input type="hidden" name="(programme|recurrence_id)" value="([^"]+)"', form))
    planned = producer.post(SEGMENTS, {**PLAIN, "day": "2026-12-02", **fields}, form=NEW)
    assert planned.status_code == 303, planned.text
    assert "Lên lịch buổi này" not in producer.get(TV + "week/?from=2026-12-03").text
    shown = producer.get(programme).text
    start = re.search(r'name="at" value="([^"]+)"', shown)
    assert start is not None
    sent = {"do": "exclude", "at": start[1], "revision": revision(shown)}
    assert producer.post(programme + "starts", sent, form=programme).status_code == 303
    again = producer.get(programme).text
    assert "Vẫn phát" in again
    sent = {"do": "include", "at": start[1], "revision": revision(again)}
    assert producer.post(programme + "starts", sent, form=programme).status_code == 303
    assert "Vẫn phát" not in producer.get(programme).text


def test_a_guest_of_a_card_is_asked_with_an_end_and_answers(producer: Person, world: World, database: Database) -> None:
    story, page = a_told_story(world, GUEST, "Lò Thị Hạnh"), plan(producer)
    form = producer.get(f"{page}guests/new?story={story}").text
    assert GUEST in form
    asked = {"story": story, "name": GUEST, "option_until": "2026-11-25T09:00", "once": "a"}
    for _ in range(2):
        assert producer.post(page + "guests", asked, form=page + "guests/new").status_code == 303
    station, code = Station(world.tv), page.rstrip("/").rpartition("/")[2]
    guests = station.read({"code": code})["guests"]
    assert [(each["name"], each["option_until"]) for each in guests] == [(GUEST, "2026-11-25T02:00:00Z")]
    before = len(rows_of(database, "contacts_read"))
    text = producer.get(page).text
    assert "09:00, 25/11/2026" in text
    assert "0200 000 0111" in text
    assert len(rows_of(database, "contacts_read")) == before + 1
    spare = {"story": story, "name": "Lò Thị Hạnh", "fallback_for": str(guests[0]["id"])}
    assert producer.post(page + "guests", spare, form=page + "guests/new").status_code == 303
    assert answer(world.fishers, guests[0]).status_code == 200
    assert "Sẽ đến" in producer.get(page).text
    swap = {"revision": revision(producer.get(page).text)}
    assert producer.post(f"{page}guests/{guests[0]['id']}/swap", swap, form=page).status_code == 303
    assert [each["name"] for each in station.read({"code": code})["guests"] if not each["fallback_for"]][-1:] == [
        "Lò Thị Hạnh"
    ]


def test_nobody_is_booked_twice_and_the_page_says_who_has_them(producer: Person, world: World) -> None:
    story, first, second = a_told_story(world, GUEST), plan(producer), plan(producer, title="Chuyện khác")
    assert (
        producer.post(first + "guests", {"story": story, "name": GUEST}, form=first + "guests/new").status_code == 303
    )
    refused = producer.post(second + "guests", {"story": story, "name": GUEST}, form=second + "guests/new")
    assert refused.status_code == 409
    assert "Người giữ bến" in refused.text
    assert GUEST in refused.text


def test_a_rundown_is_put_in_order_by_buttons_alone(producer: Person, rundown: str) -> None:
    text = producer.get(rundown).text
    assert titles_of(text) == ["Lời dẫn", "Phóng sự", "Trò chuyện"]
    assert re.findall(r'data-clock datetime="[^"]+">([^<]+)<', text) == ["08:30:00", "08:33:20", "08:36:40"]
    step = {"do": "move", "item": items_of(text)[2], "move": "up", "revision": revision(text)}
    assert producer.post(rundown + "/steps", step, form=rundown).status_code == 303
    assert titles_of(producer.get(rundown).text) == ["Lời dẫn", "Trò chuyện", "Phóng sự"]


def test_a_script_sends_the_whole_order_and_learns_the_new_revision(producer: Person, rundown: str) -> None:
    text = producer.get(rundown).text
    ids, known = items_of(text), int(revision(text))
    sent = {"order": ids[::-1], "revision": str(known)}
    told = producer.post(rundown + "/order", sent, form=rundown)
    assert (told.status_code, told.json) == (200, {"revision": known + 1})
    assert titles_of(producer.get(rundown).text) == ["Trò chuyện", "Phóng sự", "Lời dẫn"]
    # the page still holds the same names, and goes on with the revision it was told
    again = producer.post(rundown + "/order", {"order": ids, "revision": str(known + 1)}, form=rundown)
    assert again.status_code == 200
    assert titles_of(producer.get(rundown).text) == ["Lời dẫn", "Phóng sự", "Trò chuyện"]


def test_a_second_producer_never_overwrites_the_first(
    producer: Person, rundown: str, app: object, database: Database, clock: FixedClock
) -> None:
    text = producer.get(rundown).text
    ids, known = items_of(text), revision(text)
    put_in(producer, rundown, "Khán giả hỏi")
    late = producer.post(rundown + "/order", {"order": ids[::-1], "revision": known}, form=rundown)
    assert late.status_code == 409
    typed = {"do": "insert", "kind": "talk", "title": "Câu của tôi", "planned": "2", "revision": known}
    refused = producer.post(rundown + "/steps", typed, form=rundown)
    assert refused.status_code == 409
    assert 'value="Câu của tôi"' in refused.text
    assert titles_of(producer.get(rundown).text) == ["Lời dẫn", "Phóng sự", "Trò chuyện", "Khán giả hỏi"]


def test_an_item_is_written_timed_and_removed(producer: Person, world: World, rundown: str) -> None:
    text = producer.get(rundown).text
    write = {
        "do": "write",
        "item": items_of(text)[2],
        "kind": "talk",
        "title": "Trò chuyện với khách",
        "planned": "10",
        "questions": "Vì sao ông bắt đầu? | 1:30\nAi giúp ông?",
        "note": "Máy 2",
        "revision": revision(text),
    }
    assert producer.post(rundown + "/steps", write, form=rundown).status_code == 303
    code = rundown.split("/")[-2]
    item = Station(world.tv).read({"code": code})["rundown"]["items"][2]
    assert item["questions"] == [{"text": "Vì sao ông bắt đầu?", "answer_seconds": 90}, {"text": "Ai giúp ông?"}]
    assert (item["planned_seconds"], item["note"]) == (600, "Máy 2")
    text = producer.get(rundown).text
    timed = {"do": "time", "item": items_of(text)[0], "real": "4:00", "revision": revision(text)}
    assert producer.post(rundown + "/steps", timed, form=rundown).status_code == 303
    text = producer.get(rundown).text
    assert "08:34:00" in text  # the clock runs on what was real
    gone = {"do": "remove", "item": items_of(text)[1], "revision": revision(text)}
    assert producer.post(rundown + "/steps", gone, form=rundown).status_code == 303
    assert titles_of(producer.get(rundown).text) == ["Lời dẫn", "Trò chuyện với khách"]


def test_files_come_with_the_session_and_of_another_station_nobody_may_know(
    producer: Person, paper: Person, rundown: str
) -> None:
    base = rundown.removesuffix("rundown")
    files = {name: producer.get(f"{base}files/{name}") for name in (
        "rundown.docx", "rundown.csv", "rundown.json", "straps.csv", "segment.ics"
    )}  # fmt: skip
    assert {name: answer.status_code for name, answer in files.items()} == dict.fromkeys(files, 200)
    assert all(answer.headers["Cache-Control"] == "no-store" for answer in files.values())
    texts = [each.text for each in docx.Document(io.BytesIO(files["rundown.docx"].data)).tables[0]._cells]
    assert any("Phóng sự" in text for text in texts)
    assert "SUMMARY:Người giữ bến" in files["segment.ics"].text
    foreign = base.replace("/tv/", "/newspaper/")
    for path in (base, foreign, foreign + "rundown", foreign + "files/rundown.csv", TV + "week/", TV + "programmes/"):
        assert paper.get(path).status_code == 404, path
    assert producer.get(SEGMENTS + "seg_none/").status_code == 404


def test_somebody_of_the_newspaper_is_not_led_to_broadcasts(paper: Person) -> None:
    assert "/week/" not in paper.get("/desk/outlet/newspaper/pickups/").text


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("", {**PLAIN, "day": "0001-01-01"}),
        ("", {**PLAIN, "day": "9999-12-31", "hour": "23:59"}),
        ("", {**PLAIN, "minutes": "²"}),
        ("", {**PLAIN, "title": "Bến\0"}),
        ("guests", {"name": "Lò Thị Hạnh", "fallback_for": "²"}),
        ("rundown/steps", {"do": "insert", "number": "³", "kind": "talk", "title": "x", "planned": "1", "guests": "²"}),
        ("rundown/steps", {"do": "dance"}),
        ("rundown/order", {"order": "nobody"}),
    ],
)
def test_whatever_is_sent_is_an_answer_and_no_fault_of_ours(producer: Person, path: str, sent: dict[str, str]) -> None:
    goal = plan(producer) + path if path else SEGMENTS
    assert producer.post(goal, sent, form=NEW).status_code < 500
    assert producer.get(f"{NEW}?programme=prg_none&at=0001-01-01T00:00%2B07:00").status_code == 404


def test_while_it_is_on_the_page_says_what_should_be_on_and_an_item_is_said_to_be_over(
    producer: Person, world: World, app: Flask, database: Database, clock: FixedClock, rundown: str
) -> None:
    start = datetime.fromisoformat("2026-12-01T08:30:00+07:00")
    assert "data-on-air" not in producer.get(rundown).text  # days before
    clock.forward(start - timedelta(minutes=10) - clock.now())
    producer = Person(app).sign_in(seat_user(database, "outlet", outlet="tv", now=clock.now(), email="later"))
    text = producer.get(rundown).text
    assert "Còn 10:00 nữa lên sóng" in text
    early = {"do": "over", "item": items_of(text)[0], "revision": revision(text)}
    assert producer.post(rundown + "/steps", early, form=rundown).status_code == 409
    clock.forward(timedelta(minutes=14))  # 4:00 into it; each item takes 3:20
    for page in (rundown, rundown.removesuffix("rundown")):
        text = producer.get(page).text
        assert "Đang đến mục: Phóng sự" in text
        assert re.search(r'data-item="[^"]+" class="is-on" aria-current="true"[^>]*data-name="Phóng sự"', text)
        assert re.findall(r"<dd data-air-[^>]*>([^<]+)</dd>", text) == ["2:40", "26:00", "ngắn hơn 20:00"]
        assert "Tính lúc 08:34:00." in text
    over = {"do": "over", "item": items_of(text)[0], "revision": revision(text)}
    done = producer.post(rundown + "/steps", over, form=rundown)  # the lead-in took 4:00
    assert done.status_code == 303
    station = Station(world.tv)
    code = rundown.split("/")[-2]
    assert [item.get("real_seconds") for item in station.read({"code": code})["rundown"]["items"]] == [240, None, None]
    clock.forward(timedelta(minutes=4))
    text = producer.get(rundown).text
    assert re.findall(r"<dd data-air-[^>]*>([^<]+)</dd>", text) == ["quá 0:40", "22:00", "ngắn hơn 18:40"]
    told = producer.get(rundown + "/now").get_json()
    assert told == {"now": clock.now().isoformat(), "revision": int(revision(text))}
    clock.forward(timedelta(hours=2))
    assert "data-on-air" not in producer.get(rundown).text


def test_an_empty_week_leads_to_the_nearest_broadcast(producer: Person) -> None:
    plan(producer)  # on 1 December
    for monday in ("2026-11-23", "2027-01-04"):
        text = producer.get(TV + f"week/?from={monday}").text
        assert "Tuần này chưa có gì." in text
        assert 'href="?from=2026-11-30"' in text
        assert "Buổi gần nhất: Người giữ bến, 1/12/2026" in text
    assert "Tuần này chưa có gì." not in producer.get(TV + "week/?from=2026-11-30").text


def test_a_week_asks_once_for_all_programmes_and_says_when_some_are_left_off(
    producer: Person, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask_for_week() -> tuple[str, int]:
        seen: list[str] = []
        listen = (database.engine, "before_cursor_execute", lambda *said: seen.append(said[2]))
        event.listen(*listen)
        text = producer.get(TV + "week/?from=2026-11-30").text
        event.remove(*listen)
        return text, len(seen)

    for number in range(3):
        weekly = {"title": f"Mục {number}", "rule": "FREQ=WEEKLY;BYDAY=TU", "starts_at": "2026-12-01T19:30:00+07:00"}
        assert world.tv.ask("POST", "/api/v1/programmes", body={**weekly, "planned_seconds": 1800}).status_code == 201
        if number == 0:
            _text, alone = ask_for_week()
    text, together = ask_for_week()
    assert together == alone
    assert [f"Mục {number}" in text for number in range(3)] == [True, True, True]
    assert "chỉ xét các chương trình mới nhất" not in text
    monkeypatch.setattr(week, "PROGRAMMES_AT_MOST", 2)
    text, _ = ask_for_week()
    assert [f"Mục {number}" in text for number in range(3)] == [False, True, True]
    assert "chỉ xét các chương trình mới nhất" in text
    assert "nhiều buổi phát sóng hơn" not in text
    monkeypatch.setattr(week, "SEGMENTS_AT_MOST", 1)
    for hour in ("08:30", "10:30"):
        plan(producer, hour=hour)
    assert "nhiều buổi phát sóng hơn" in ask_for_week()[0]
