"""The review page: what it shows of a text is what outlets get, and beside it stands what it rests on."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.clock import FixedClock
from hub.db import Database
from hub.models import JournalRow
from hub.regulation.duties import projector
from hub.web.editor import comparing
from tests.builders import World, a_picture, a_story
from tests.web.desks import Person
from tests.web.editor.people import confirm

AT = "/desk/editor/stories/"


def test_nobody_learns_of_a_story_beyond_their_reach(world: World, editor: Person) -> None:
    answer = world.women.put("hers", a_story(title="Của hội phụ nữ"))
    hers = json.loads(answer.data)["id"]
    assert editor.get(AT + hers).status_code == 404
    assert editor.get(f"{AT}st_00000000000000000000000000").status_code == 404
    assert editor.get(f"{AT}{hers}/presence").status_code == 404


def test_each_tab_shows_what_its_channel_gets_once_it_is_released(world: World, editor: Person) -> None:
    own = a_story(evidence=[{"kind": "so_sach", "description": "Sổ trực bến"}])
    story = world.push(own)
    column = editor.get(f"{AT}{story}?channel=newspaper/column").text
    assert "Ghi sổ giờ rời bến; trực bộ đàm theo ca." in column
    assert "0200 000 0999" not in column
    assert "Sổ trực bến" not in column
    public = editor.get(f"{AT}{story}?channel=public/all").text
    assert "Ông bắt đầu từ đâu?" not in public
    everything = editor.get(f"{AT}{story}?channel=everything").text
    assert "0200 000 0999" in everything
    assert "Sổ trực bến" in everything


def test_what_a_tab_shows_is_what_the_feed_says_after_the_release(world: World, editor: Person) -> None:
    story = world.push()
    page = editor.get(f"{AT}{story}?channel=tv/segment&lang=en").text
    assert world.editor.act(story, "approve", channels=["tv/segment", "newspaper/column"]).status_code == 201
    item = json.loads(world.tv.get("/feeds/tv/segment.json").data)["items"][0]
    said = json.dumps(item, ensure_ascii=False)
    for text in ("0200 000 0999", "Ông bắt đầu từ đâu?", "Bến lúc bình minh", "Người giữ bến Đá Lau"):
        assert (text in page) == (text in said)
    column = json.loads(world.newspaper.get("/feeds/newspaper/column.json").data)["items"][0]
    assert "0200 000 0999" not in json.dumps(column)


def test_a_tab_says_that_its_text_is_newer_than_what_the_channel_has(world: World, editor: Person) -> None:
    story = world.release(channels=["newspaper/column"], external_id="a")
    here = f"{AT}{story}?channel=newspaper/column"
    assert "Bên dưới là bản" not in editor.get(here).text
    world.push(a_story(result="139 lượt tàu được giúp."), external_id="a")
    assert "Bên dưới là bản 2, như khi hiện ở đây." in editor.get(here).text


def test_to_release_stands_out_only_while_a_channel_that_asks_for_the_story_lacks_it(
    world: World, editor: Person
) -> None:
    def looks(story: str) -> str:
        found = re.search(rf'class="([\w-]+)" href="{AT}{story}/acts/release"', editor.get(AT + story).text)
        assert found is not None
        return found[1]

    assert looks(world.release(channels=["newspaper/column"], external_id="a")) == "button"
    everywhere = ["newspaper/column", "tv/segment", "public/all"]
    assert looks(world.release(channels=everywhere, external_id="b")) == "button-quiet"


def test_reading_contacts_is_journalled_once_they_are_shown_and_not_before(
    world: World, editor: Person, database: Database
) -> None:
    story = world.push()
    editor.get(f"{AT}{story}?channel=newspaper/column")
    assert contact_readings(database) == 0
    editor.get(f"{AT}{story}?channel=tv/segment")
    assert contact_readings(database) == 1


def test_consent_that_is_missing_is_said_with_what_it_switches_off(world: World, editor: Person) -> None:
    story = world.push(
        a_story(
            title="Một trạm cứu hộ",
            summary="Một trạm cứu hộ không thu tiền.",
            consent={"scopes": ["name", "work_story"], "obtained_on": "2026-11-01"},
            media=[{"kind": "picture", "upload": uploaded(world), "alt": "Bến", "credit": "An"}],
        )
    )
    page = editor.get(f"{AT}{story}?channel=public/all&lang=en").text
    assert "Consent switches off here:" in page
    assert "/desk/editor/media/" not in page
    whole = world.push(
        a_story(media=[{"kind": "picture", "upload": uploaded(world), "alt": "Bến", "credit": "An"}]),
        external_id="whole",
    )
    page = editor.get(f"{AT}{whole}?channel=public/all").text
    address = page.split('<img src="')[1].split('"')[0]
    assert address.startswith("/desk/editor/media/med_")
    assert editor.get(address).status_code == 200


def test_what_the_sanitizer_took_out_is_listed(world: World, editor: Person) -> None:
    story = world.push(a_story(body={"html": "<p>Chữ</p><script>alert(1)</script>"}))
    page = editor.get(AT + story).text
    assert "<code>script</code>" in page
    assert "<script>alert" not in page


def test_versions_are_compared_word_by_word_with_any_earlier_one(world: World, editor: Person) -> None:
    world.push(a_story(lesson="Phải có người trực trên bờ."))
    world.push(a_story(lesson="Phải có hai người trực trên bờ."))
    story = world.push(a_story(lesson="Phải có hai người trực ở bờ."))
    newest = editor.get(AT + story).text
    assert "<del>trên </del><ins>ở </ins>" in newest
    assert "<ins>hai </ins>" not in newest
    first = editor.get(f"{AT}{story}?from=1").text
    assert "<ins>hai </ins>" in first
    assert "<ins>ở </ins>" in first


@pytest.mark.parametrize(
    ("asked", "came", "chosen"),
    [
        ("from=1&to=2", ["hai "], ("1", "2")),
        ("from=2&to=1", ["hai "], ("1", "2")),  # whichever is said first
        ("to=2", ["hai "], ("1", "2")),
        ("from=2", ["ở "], ("2", "3")),
        ("from=1", ["hai ", "ở "], ("1", "3")),
        ("from=3&to=3", [], ("3", "3")),
        ("to=1", [], ("1", "1")),
        ("from=99&to=0", ["ở "], ("2", "3")),
        ("from=1e9&to=99999999999999999999", ["ở "], ("2", "3")),
    ],
)
def test_any_two_versions_are_compared(
    world: World, editor: Person, asked: str, came: list[str], chosen: tuple[str, str]
) -> None:
    for lesson in ("Phải có người trực trên bờ.", "Phải có hai người trực trên bờ.", "Phải có hai người trực ở bờ."):
        story = world.push(a_story(lesson=lesson))
    page = editor.get(f"{AT}{story}?{asked}").text
    section = page[page.index('id="differences"') : page.index('id="claims"')]
    assert re.findall(r"<ins>([^<]+)</ins>", section) == came
    assert tuple(re.findall(r'<option value="(\d+)" selected', section)) == chosen


def test_of_very_many_versions_each_can_be_compared(
    world: World, editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "MOST_OFFERED", 3)
    for number in range(5):
        story = world.push(a_story(lesson=f"Bài học thứ {number} là phải có người trực."))
    page = editor.get(f"{AT}{story}?from=1&to=2&channel=everything").text
    assert re.findall(r'type="number" min="1" max="5" value="(\d)"', page) == ["1", "2"]
    assert "<del>0 </del><ins>1 </ins>" in page
    assert '?channel=newspaper/column&amp;from=1&amp;to=2#texts"' in page  # another tab keeps what is compared
    assert '<input type="hidden" name="channel" value="everything">' in page


def test_one_version_alone_is_compared_with_nothing(world: World, editor: Person) -> None:
    assert 'id="differences"' not in editor.get(f"{AT}{world.push()}?from=1&to=1").text


def test_duties_chain_and_history_name_their_clauses(
    regulated: Database, world: World, editor: Person, clock: FixedClock
) -> None:
    story = world.push()
    confirm(regulated, story, now=clock.now())
    projector.catch_up(regulated)
    clock.forward(timedelta(days=9))
    editor.come_back()
    page = editor.get(f"{AT}{story}?lang=en").text
    assert "late since" in page
    assert "clause 13.1" in page
    assert "The regulation asks for no confirmation." in page  # of a unit without a level


def test_auditors_read_and_are_offered_no_act(world: World, auditor: Person, editor: Person) -> None:
    story = world.push()
    assert f"{AT}{story}/acts/approve" in editor.get(AT + story).text
    assert "/acts/" not in auditor.get(AT + story).text
    assert auditor.get(f"{AT}{story}/acts/approve").status_code == 404


def contact_readings(database: Database) -> int:
    with database.reading() as session:
        return sum('"contacts_read"' in body for body in session.scalars(select(JournalRow.body)))


def uploaded(world: World) -> str:
    found: str = json.loads(world.fishers.upload(a_picture()).data)["id"]
    return found


def test_texts_carry_their_own_language(world: World, editor: Person) -> None:
    story = world.push(a_story(language="en"))
    page = editor.get(AT + story).text
    assert '<article class="preview" lang="en">' in page
    assert page.startswith('<!doctype html>\n<html lang="vi"')


def test_labels_that_hold_a_comma_are_shown_whole_and_codes_in_words(world: World, editor: Person) -> None:
    where = {"commune": "phường Cửa Sóng", "province": "tỉnh Hải Sơn"}
    upload = {"kind": "picture", "upload": uploaded(world), "shows": "work", "alt": "Bến", "credit": "Thư"}
    story = world.push(a_story(place=where, language="vi", media=[upload]))
    page = editor.get(f"{AT}{story}?channel=everything").text
    assert "<dt>Xã, phường, đặc khu</dt>" in page
    assert "<dt>đặc khu</dt>" not in page
    assert not {"vi", "work"} & {text.strip() for text in re.findall(r">([^<]+)<", page[page.index("<article") :])}


def test_side_columns_name_units_and_channels_and_show_no_codes(
    regulated: Database, world: World, editor: Person, clock: FixedClock
) -> None:
    story = world.push()
    projector.catch_up(regulated)
    confirm(regulated, story, now=clock.now())
    for act, order in (("approve", {}), ("release", {"channels": ["newspaper/column"]})):
        assert world.editor.act(story, act, **order).status_code == 201
    page = editor.get(AT + story).text
    told = [text.strip() for text in re.findall(r">([^<]+)<", page)]
    assert "Cách làm hay – Báo Hải Sơn" in told
    assert not {"nghe-ca", "newspaper", "newspaper/column"} & set(told)
