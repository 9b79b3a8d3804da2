"""What an outlet tells at its desk of its use of stories."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select

from hub.clock import FixedClock
from hub.db import Database
from hub.models import Pickup
from hub.outlets import catalog
from hub.regulation.filed import pickups
from tests.builders import World, a_story
from tests.web.desks import Person
from tests.web.outlet.test_inbox import INBOX, entries_in

LIST = "/desk/outlet/newspaper/pickups/"
NEW = LIST + "new"
TV = "/desk/outlet/tv/pickups/"


@pytest.fixture
def story(world: World) -> str:
    return world.release()


def told(world: World) -> list[tuple[str, str, str]]:
    """What the API says that the newspaper told and stands by."""
    items = world.newspaper.get("/api/v1/pickups?state=filed").json["items"]
    return [(each["use"], each["used_on"], each["place"]) for each in items if each["replaced_by"] is None]


def inputs(text: str) -> dict[str, str]:
    """What the inputs of a page hold."""
    found = re.findall(r'<input id="f-(\w+)" name="\w+" type="\w+" value="([^"]*)"', text)
    return dict(found)


def test_a_story_is_taken_planned_and_declined_from_its_page(paper: Person, world: World, story: str) -> None:
    path = entries_in(paper.get(INBOX).text)[0]
    page = paper.get(path).text
    fields = {"story": story, "channel": "newspaper/column", "use": "planned", "back": path, "once": "one"}
    assert f'name="story" value="{story}"' in page
    for _ in range(2):  # a double click
        assert paper.post(LIST, fields, form=path).headers["Location"] == path
    assert told(world) == [("planned", None, "")]
    assert "Dự kiến dùng" in paper.get(path).text
    refused = paper.post(LIST, {"story": story, "use": "declined", "reason": " "}, form=path)
    assert refused.status_code == 422
    assert 'id="f-reason-fault"' in refused.text
    sent = {"story": story, "use": "declined", "reason": "Trùng đề tài tuần trước."}
    assert paper.post(LIST, sent, form=path).status_code == 303
    assert told(world)[0] == ("declined", None, "")
    assert "Trùng đề tài tuần trước." in paper.get(LIST).text


def test_one_line_is_shown_as_it_was_understood_before_it_is_filed(paper: Person, world: World, story: str) -> None:
    page = paper.get(f"{NEW}?story={story}&line=trang+3,+12/11").text
    assert (inputs(page)["used_on"], inputs(page)["place"]) == ("2026-11-12", "trang 3")
    assert re.search(r'value="printed" required checked', page)
    assert "Năm được điền thêm" in page
    assert told(world) == []  # nobody has seen it yet
    sent = {"story": story, "use": "printed", "used_on": "2026-11-12", "place": "trang 3", "words": "1.640"}
    assert paper.post(LIST, sent, form=NEW).status_code == 303
    assert told(world) == [("printed", "2026-11-12", "trang 3")]
    assert "1640" in paper.get(LIST).text or "1.640" in paper.get(LIST).text


def test_a_line_without_a_story_asks_which_one(paper: Person, world: World, story: str) -> None:
    page = paper.get(NEW + "?line=https://bao-hai-son.example/a-1").text
    assert f'<option value="{story}"' in page
    assert inputs(page)["url"] == "https://bao-hai-son.example/a-1"


@pytest.mark.parametrize("words", ["nguoi giu ben", "Người giữ bến Đá Lau", "giữ bến Đá Lau"])
def test_a_line_that_begins_with_words_of_a_title_chooses_the_story(
    paper: Person, world: World, story: str, words: str
) -> None:
    page = paper.get(f"{NEW}?line={quote(words)},+đã+in+số+3130+trang+4,+12/11").text
    assert f'type="hidden" name="story" value="{story}"' in page
    assert inputs(page)["place"] == "số 3130 trang 4"
    assert inputs(page)["used_on"] == "2026-11-12"


def test_a_line_that_fits_two_titles_or_none_chooses_nothing(paper: Person, world: World, story: str) -> None:
    world.release(a_story(title="Người giữ bến Đá Lau kể chuyện"), external_id="two")
    page = paper.get(f"{NEW}?line=nguoi+giu+ben,+trang+3").text
    assert 'type="hidden" name="story"' not in page
    page = paper.get(f"{NEW}?line=xyz&lang=en").text
    assert "Nothing of it was understood" in page
    assert 'type="hidden" name="story"' not in page


def test_what_cannot_be_is_said_beside_its_field_and_what_was_typed_stays(
    paper: Person, world: World, story: str
) -> None:
    sent = {"story": story, "use": "printed", "used_on": "2026-12-24", "place": "trang 9", "words": "nhiều"}
    page = paper.post(LIST, sent, form=NEW)
    assert page.status_code == 422
    assert inputs(page.text)["words"] == "nhiều"
    assert inputs(page.text)["place"] == "trang 9"
    assert 'id="f-words-fault"' in page.text
    page = paper.post(LIST, {**sent, "words": ""}, form=NEW)
    assert 'id="f-used_on-fault"' in page.text
    assert told(world) == []


def test_what_was_told_is_put_right_and_taken_back(paper: Person, world: World, story: str, database: Database) -> None:
    paper.post(LIST, {"story": story, "use": "printed", "used_on": "2026-11-20", "place": "trang 3"}, form=NEW)
    with database.reading() as session:
        first = session.scalars(select(Pickup.id)).one()
    page = paper.get(f"{LIST}{first}").text
    assert inputs(page)["place"] == "trang 3"
    assert f'name="replaces" value="{first}"' in page
    sent = {"story": story, "use": "printed", "used_on": "2026-11-20", "place": "trang 5", "replaces": str(first)}
    assert paper.post(LIST, sent, form=NEW).status_code == 303
    assert told(world) == [("printed", "2026-11-20", "trang 5")]
    assert "trang 3" in paper.get(LIST + "?show=replaced").text
    assert paper.get(f"{LIST}{first}").status_code == 404  # it stands no more
    with database.reading() as session:
        second = max(session.scalars(select(Pickup.id)))
    once = {"once": "back"}
    assert paper.post(f"{LIST}{second}/take-back", once, form=LIST).status_code == 303
    assert paper.post(f"{LIST}{second}/take-back", once, form=LIST).status_code == 303
    assert told(world) == []


def test_what_the_hub_found_is_confirmed_or_rejected(
    paper: Person, producer: Person, world: World, story: str, database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        outlet = catalog.get_outlet(session, "newspaper")
        at = clock.now() - timedelta(hours=1)
        found = [
            pickups.propose(session, outlet, story, 1, f"https://bao-hai-son.example/{n}", at, 0.83, clock.now())
            for n in (1, 2)
        ]
        ids = [row.id for row in found if row is not None]
    page = paper.get(LIST + "?show=proposed").text
    assert "độ giống: 83 %" in page
    assert told(world) == []
    assert producer.post(f"/desk/outlet/tv/pickups/{ids[0]}/confirm", form=TV).status_code == 404
    for number, said in zip(ids, ("confirm", "reject"), strict=True):
        assert paper.post(f"{LIST}{number}/{said}", {"once": said}, form=LIST).status_code == 303
    assert [use for use, _, _ in told(world)] == ["published"]
    assert "độ giống" not in paper.get(LIST + "?show=proposed").text


def test_nobody_is_led_elsewhere_after_filing(paper: Person, world: World, story: str) -> None:
    for back in ("https://evil.example/", "//evil.example", "/desk/outlet/tv/", "/desk/outlet/newspaper/\\evil"):
        sent = {"story": story, "use": "planned", "back": back, "note": back}
        assert paper.post(LIST, sent, form=NEW).headers["Location"] == LIST


def test_a_story_that_the_outlet_never_had_is_not_there(paper: Person, world: World) -> None:
    waiting = world.push()
    sent = {"story": waiting, "use": "planned"}
    assert paper.post(LIST, sent, form=LIST).status_code == 404
