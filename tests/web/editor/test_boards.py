"""Boards at the desk: corrections, withdrawals and receipts, embargoes, duties, silence, charts."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from hub.clock import FixedClock
from hub.db import Database
from hub.models import Organization, Outlet, Receipt
from hub.regulation import desk_boards
from hub.regulation.duties import projector
from hub.web.editor import boards, drawing
from tests.builders import World, a_story
from tests.web.desks import Person
from tests.web.editor.people import seat

DESK = "/desk/editor"


def test_corrections_wait_with_before_and_after(world: World, editor: Person) -> None:
    assert "<del>" not in editor.get(f"{DESK}/corrections/").text
    world.release()
    world.push(a_story(result="139 lượt tàu được giúp."))
    page = editor.get(f"{DESK}/corrections/").text
    assert "<del>137 </del><ins>139 </ins>" in page


def test_a_withdrawal_is_asked_for_decided_and_answered(world: World, editor: Person) -> None:
    story = world.release(channels=["newspaper/column", "public/all"])
    assert world.fishers.act(story, "request_withdrawal", reason="legal", note="Theo đơn").status_code == 201
    asked = editor.get(f"{DESK}/withdrawals/").text
    assert f"{DESK}/stories/{story}/acts/withdraw" in asked
    assert "Theo đơn" in asked
    assert world.editor.act(story, "withdraw", reason="legal").status_code == 201
    board = editor.get(f"{DESK}/withdrawals/").text
    assert "Theo đơn" not in board
    assert "Báo Hải Sơn" in board
    assert "Nghiệp đoàn nghề cá Bến Lau" in board  # of a closed story its unit
    receipt = world.newspaper.get("/api/v1/receipts").json["items"][0]["id"]
    body = {"answer": "already_printed", "note": "Số 412"}
    assert world.newspaper.ask("POST", f"/api/v1/receipts/{receipt}", body=body).status_code == 201
    assert "Báo Hải Sơn" not in editor.get(f"{DESK}/withdrawals/").text
    own = editor.get(f"{DESK}/withdrawals/{story}?lang=en").text
    assert "1 of 1 have answered." in own
    assert "Số 412" in own
    assert "Tất cả – Cổng nêu gương" in own
    assert "Số 412" not in editor.get(f"{DESK}/withdrawals/?show=all").text


def test_receipts_of_a_story_that_stays_name_it(
    world: World, editor: Person, database: Database, clock: FixedClock
) -> None:
    story, now = world.release(channels=["newspaper/column", "public/all"]), clock.now()
    with database.writing() as session:
        paper = session.scalars(select(Outlet).where(Outlet.code == "newspaper")).one()
        asked = {"channels": ["newspaper/column"], "fields": ["subject.age"], "asked_at": now, "due_at": now}
        session.add(Receipt(outlet=paper, story_id=story, task="reduce", **asked))
    board = editor.get(f"{DESK}/withdrawals/").text
    assert "Người giữ bến Đá Lau" in board
    assert f">{story}<" not in board


def test_receipts_of_stories_beyond_reach_are_not_shown(world: World, editor: Person) -> None:
    hers = world.women.put("hers", a_story(title="Của hội phụ nữ")).json["id"]
    for act in ({"act": "approve"}, {"act": "release"}, {"act": "withdraw", "reason": "legal"}):
        order = {name: said for name, said in act.items() if name != "act"}
        assert world.editor.act(hers, act["act"], **order).status_code == 201
    assert hers not in editor.get(f"{DESK}/withdrawals/?show=all").text
    assert editor.get(f"{DESK}/withdrawals/{hers}").status_code == 404


def test_an_editor_of_a_part_learns_nothing_of_the_other_parts(
    world: World, editor: Person, app: Flask, database: Database, clock: FixedClock
) -> None:
    story = world.release(channels=["newspaper/column"])
    used = {"story": story, "use": "printed", "used_on": "2026-11-23", "place": "Số 3127, trang 5"}
    assert world.newspaper.ask("POST", "/api/v1/pickups", body=used).status_code == 201
    women = Person(app).sign_in(seat(database, "editor", "Hồ Thị Sen", organization="phu-nu", now=clock.now()))
    assert women.get(f"{DESK}/stories/{story}").status_code == 404
    for person, knows in ((editor, True), (women, False)):
        assert ("Báo Hải Sơn" in person.get(f"{DESK}/charts/").text) is knows
        for page in ("", "duties/"):
            text = person.get(f"{DESK}/{page}").text
            assert (">nghe-ca</option>" in text) is knows
            assert (">phu-nu</option>" in text) is not knows


@pytest.mark.parametrize(
    "path",
    [
        "withdrawals/?before=99999999999999999999",
        "withdrawals/?show=all&before=4294967296",
        "duties/?after=0001-01-01T00:00:00%2B14:00~x",
        "duties/?after=9999-12-31T23:59:59-14:00~x",
        "?after=due~0001-01-01T00:00:00%2B14:00~x",
        "?after=due~2026-01-01T00:00:00~x",
        "?after=due~9999-12-31T23:59:59-14:00~x",
    ],
)
def test_odd_keys_in_addresses_begin_anew(world: World, editor: Person, path: str) -> None:
    assert editor.get(f"{DESK}/{path}").status_code == 200


def test_embargoes_stand_on_the_day_in_viet_nam_on_which_they_end(world: World, editor: Person) -> None:
    world.release(channels=["public/all", "newspaper/column"], embargo_until="2026-12-01T00:30:00+07:00")
    page = editor.get(f"{DESK}/embargoes/?month=2026-12").text
    assert page.count('class="embargo"') == 1
    assert "00:30" in page
    assert "Cách làm hay – Báo Hải Sơn; Tất cả – Cổng nêu gương" in page
    cell = page[: page.index('class="embargo"')].rpartition('<p class="day-name">')[2]
    assert re.search(r"</span>1<", cell)
    assert 'class="embargo"' not in editor.get(f"{DESK}/embargoes/?month=2027-02").text
    for odd in ("2026-13", "x", "9999-12", "0000-00"):
        assert editor.get(f"{DESK}/embargoes/?month={odd}").status_code == 200


def test_a_calendar_that_cannot_show_all_says_from_when_on_and_leads_on(
    world: World, editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = f"{DESK}/embargoes/?month=2026-12&lang=en"
    for day in (1, 2, 3):
        at = f"2026-12-0{day}T08:30:00+07:00"
        facts = a_story(title=f"Hẹn ngày {day}")
        world.release(facts, channels=["public/all", "newspaper/column"], embargo_until=at, external_id=f"s{day}")
    assert "more embargoes than one page shows" not in editor.get(page).text
    monkeypatch.setattr(desk_boards, "MOST_EMBARGOES", 3)  # the second story would be shown by half
    pages = [editor.get(page).text]
    notice = pages[0][pages[0].index("more embargoes than one page shows") :][:160]
    assert "08:30" in notice
    assert "02/12" in notice or "2 Dec" in notice or "Dec 2" in notice
    while further := re.search(r'rel="next" href="([^"]*begin[^"]*)"', pages[-1]):
        pages.append(editor.get(html.unescape(further[1])).text)
    shown = [re.findall(r"Hẹn ngày \d", text[text.index("<tbody") :]) for text in pages]
    assert shown == [["Hẹn ngày 1"], ["Hẹn ngày 2"], ["Hẹn ngày 3"]]
    assert all("Cách làm hay – Báo Hải Sơn; Tất cả – Cổng nêu gương" in text for text in pages)


def test_of_a_correction_that_changes_much_the_rest_is_counted(
    world: World, editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.release()
    story = world.push(a_story(result="139 lượt tàu được giúp.", lesson="Phải có hai người.", deed="Việc khác."))
    assert "more change" not in editor.get(f"{DESK}/corrections/?lang=en").text
    monkeypatch.setattr(boards, "MOST_CHANGES", 1)
    page = editor.get(f"{DESK}/corrections/?lang=en").text
    assert "2 more changes" in page
    assert f"{DESK}/stories/{story}#differences" in page


def test_withdrawals_that_wait_beyond_one_page_are_led_to(
    world: World, editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        story = world.release(external_id=f"s{number}", channels=["public/all"])
        assert world.fishers.act(story, "request_withdrawal", reason="legal").status_code == 201
    assert 'rel="next"' not in editor.get(f"{DESK}/withdrawals/").text
    monkeypatch.setattr(boards, "PAGE", 1)
    page = editor.get(f"{DESK}/withdrawals/").text
    assert page.count("/acts/withdraw") == 1
    further = re.search(r'rel="next" href="([^"]+)"', page)
    assert further
    assert editor.get(html.unescape(further[1])).text.count('class="list-title"') == 2


def test_the_duties_board_counts_by_clause_and_lists_late_ones(
    regulated: Database, world: World, editor: Person, clock: FixedClock
) -> None:
    story = world.push()
    projector.catch_up(regulated)
    page = editor.get(f"{DESK}/duties/").text
    assert f"{DESK}/stories/{story}" in page
    assert re.search(r'clause=13\.1".*?<td class="number"[^>]*>0</td><td class="number"[^>]*>1</td>', page, re.DOTALL)
    assert 'id="by-organization"' not in page
    owing = editor.get(f"{DESK}/duties/?by=organization").text
    owing = owing[owing.index('id="by-organization"') :]
    assert re.search(r'<th scope="row">ban biên tập</th>.*?clause=13\.1"', owing[: owing.index("</table>")], re.DOTALL)
    assert f"{DESK}/stories/{story}" not in editor.get(f"{DESK}/duties/?state=late").text
    clock.forward(timedelta(days=9))
    editor.come_back()
    assert f"{DESK}/stories/{story}" in editor.get(f"{DESK}/duties/?state=late&clause=13.1").text
    assert f"{DESK}/stories/{story}" not in editor.get(f"{DESK}/duties/?clause=10.1").text


def test_units_that_have_sent_nothing_are_named(
    world: World, editor: Person, database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        session.execute(update(Organization).values(created_at=clock.now() - timedelta(days=400)))
    world.push()
    page = editor.get(f"{DESK}/duties/silent").text
    assert "Liên đoàn Lao động tỉnh" in page
    assert "Nghiệp đoàn nghề cá Bến Lau" not in page
    assert "Hội Phụ nữ Gò Mận" not in page  # beyond reach
    clock.forward(timedelta(days=40))
    editor.come_back()
    assert "Nghiệp đoàn nghề cá Bến Lau" in editor.get(f"{DESK}/duties/silent").text
    assert "Nghiệp đoàn nghề cá Bến Lau" not in editor.get(f"{DESK}/duties/silent?days=60").text
    assert editor.get(f"{DESK}/duties/silent?days=quarter").status_code == 200


def test_charts_have_names_descriptions_and_a_table_and_no_style_of_their_own(
    regulated: Database, world: World, editor: Person, clock: FixedClock
) -> None:
    story = world.release(channels=["newspaper/column"])
    world.push(external_id="two")
    told = {"story": story, "use": "printed", "used_on": "2026-11-23", "place": "trang 3"}
    assert world.newspaper.ask("POST", "/api/v1/pickups", body=told).status_code == 201
    projector.catch_up(regulated)
    page = editor.get(f"{DESK}/charts/?lang=en").text
    assert page.count('<svg class="chart"') == 1
    for chart in re.findall(r'<svg class="chart".*?</svg>', page, re.DOTALL):
        assert "<title" in chart
        assert "<desc" in chart
    bars = page[page.index('<ul class="bars" aria-label="Stories used, by outlet, in 90 days"') :]
    assert re.match(r".*?<li><span>Báo Hải Sơn</span><span class=\"bars-number\">1</span>", bars)
    assert " style=" not in page
    assert re.search(r'<td class="number">1</td>', page)


@pytest.mark.parametrize("numbers", [[], [0], [1, 0, 3], [7, 50, 12], [900, 0, 1]])
def test_columns_stay_within_their_plot_and_say_what_they_show(numbers: list[int]) -> None:
    weeks = [(date(2026, 11, 2) + timedelta(days=7 * at), {"released": n}) for at, n in enumerate(numbers)]
    drawn = drawing.columns(weeks, ["released"])
    for column, number in zip(drawn.columns, numbers, strict=True):
        assert column.whole == number
        assert all(part.y >= 0 and part.y + part.height <= drawing.HEIGHT + 0.2 for part in column.parts)
        assert column.x + column.width <= drawing.WIDTH
    tops = {number for _, number in drawn.lines}
    assert max(tops) >= max(numbers, default=0)


@pytest.mark.parametrize("path", ["corrections/", "withdrawals/", "embargoes/", "duties/", "duties/silent", "charts/"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_empty_boards_say_so(world: World, auditor: Person, path: str, language: str) -> None:
    answer = auditor.get(f"{DESK}/{path}?lang={language}")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text


def test_an_address_that_is_none_is_told_in_the_frame_of_the_desk(world: World, editor: Person) -> None:
    for path in (f"{DESK}/no-such-page", "/desk/nowhere", f"{DESK}/stories/st_00000000000000000000000000"):
        answer = editor.get(path, Accept="text/html")
        assert answer.status_code == 404
        assert 'class="at-desk"' in answer.text
        assert f'href="{DESK}/">' in answer.text
        assert answer.headers["Cache-Control"] == "no-store"


def test_what_fails_is_told_in_the_frame_of_the_desk(world: World, editor: Person, app: Flask) -> None:
    def fail() -> str:
        raise RuntimeError

    app.view_functions["editor_queue.show_queue"] = fail
    answer = editor.get(f"{DESK}/", Accept="text/html")
    assert answer.status_code == 500
    assert 'class="at-desk"' in answer.text
    assert "Về bàn làm việc" in answer.text
