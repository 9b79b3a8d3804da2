"""What is coming: shown as planned to outlets with an embargo term, never the body, and gone when it stands."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

import schemas
from feeds.parse import parse
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.outlets import terms
from hub.outlets.terms import Paper, TermBackwards
from hub.publishing import documents, planned
from hub.worker import Worker
from tests.builders import Client, World, a_story
from tests.cli.test_operating import run
from tests.operation.conftest import Hub
from tests.operation.verifying.test_verification import execute

SEGMENT, COLUMN = "/feeds/tv/segment", "/feeds/newspaper/column"
API = "/api/v1/outlets/tv/channels/segment/planned"
FORMATS = ("rss", "atom", "json", "ninjs")
SIGNED = Paper(number="12/CK", signed_on=date(2026, 11, 1), valid_from=date(2026, 11, 10))


@pytest.fixture
def signed(world: World, database: Database, clock: FixedClock) -> None:
    """Both outlets, which `world` has made, have signed."""
    with database.writing() as session:
        for outlet in ("tv", "newspaper"):
            terms.add(session, outlet, SIGNED, actor="system", now=clock.now())


def plan(world: World, clock: FixedClock, **changes: Any) -> str:
    """A story that everybody gets in an hour."""
    until = (clock.now() + timedelta(hours=1)).isoformat()
    return world.release(a_story(embargo_until=until, **changes))


def items(client: Client, path: str = API) -> list[dict[str, Any]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]
    return found


@pytest.mark.usefixtures("signed")
def test_a_planned_story_has_title_time_slots_and_guests_and_never_a_body(world: World, clock: FixedClock) -> None:
    story_id = plan(world, clock)
    (item,) = items(world.tv)
    assert schemas.check("feed-entry.v1", item["_hub"]) == []
    assert (item["title"], item["_hub"]["status"], item["_hub"]["story"]) == (
        "Người giữ bến Đá Lau",
        "planned",
        story_id,
    )
    assert item["_hub"]["embargo_until"] == "2026-11-23T06:00:00.000000Z"
    assert "13:00 23/11/2026" in item["summary"]
    (guest,) = item["_hub"]["interview"]["guests"]
    assert guest["availability"][0]["starts_at"] == "2026-12-01T01:00:00.000000Z"
    (column,) = items(world.newspaper, f"{COLUMN}/planned.json")  # its profile knows no guests
    assert "interview" not in column["_hub"]
    everything = "".join(world.tv.get(f"{SEGMENT}/planned.{form}").text for form in FORMATS)
    for hidden in ("hơi sương", "cứu hộ không thu tiền", "Ghi sổ giờ", "0200 000 0999", "bien@example.org"):
        assert hidden not in everything


@pytest.mark.usefixtures("signed")
def test_every_format_says_so(world: World, clock: FixedClock) -> None:
    plan(world, clock)
    parsed = {form: parse(world.tv.get(f"{SEGMENT}/planned.{form}").data) for form in ("rss", "atom")}
    (item,) = world.tv.get(f"{SEGMENT}/planned.json").json["items"]
    (news,) = world.tv.get(f"{SEGMENT}/planned.ninjs").json["associations"]
    assert (news["pubStatus"], news["embargoedUntil"]) == ("withheld", "2026-11-23T06:00:00.000000Z")
    assert news["edNote"].startswith("planned: ")
    assert "bodies" not in news
    assert {entry.id for feed in parsed.values() for entry in feed.entries} == {item["id"]} == {news["uri"]}
    assert world.tv.get(f"{SEGMENT}/planned.atom").content_type.startswith("application/atom+xml")
    by_address = world.reader.get(f"/feeds/k/{world.tv_address}/tv/segment/planned.atom")
    assert f"/feeds/k/{world.tv_address}/tv/segment/planned.rss" in by_address.text


@pytest.mark.usefixtures("signed")
def test_it_goes_when_it_stands_and_the_released_one_has_another_id(
    world: World, clock: FixedClock, worker: Worker
) -> None:
    story_id = plan(world, clock)
    (before,) = items(world.tv)
    etag = world.tv.get(f"{SEGMENT}/planned.atom").headers["ETag"]
    assert world.tv.get(f"{SEGMENT}/planned.atom", If_None_Match=etag).status_code == 304
    assert items(world.tv, f"{SEGMENT}.json") == []
    clock.forward(timedelta(hours=1))
    worker.step()
    assert items(world.tv) == []
    assert world.tv.get(f"{SEGMENT}/planned.atom", If_None_Match=etag).status_code == 200
    (after,) = items(world.tv, f"{SEGMENT}.json")
    assert (after["_hub"]["story"], after["_hub"]["status"]) == (story_id, "released")
    assert after["id"] != before["id"]


@pytest.mark.usefixtures("signed")
def test_what_is_held_or_taken_back_is_coming_no_more(world: World, clock: FixedClock) -> None:
    story_id = plan(world, clock)
    world.editor.act(story_id, "hold", note="Chờ xác minh.")
    assert items(world.tv) == []
    world.editor.act(story_id, "lift")
    assert len(items(world.tv)) == 1
    world.editor.act(story_id, "withdraw", reason="subject_request")
    assert items(world.tv) == []


@pytest.mark.usefixtures("signed")
def test_a_guest_whose_consent_went_is_not_named(world: World, clock: FixedClock) -> None:
    story_id = plan(world, clock)
    (person, *_) = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    said = {"act": "withdraw", "scopes": ["voice"]}
    assert world.editor.ask("POST", f"/api/v1/persons/{person['id']}/acts", body=said).status_code == 201
    assert [item for item in items(world.tv) if "guests" in item["_hub"].get("interview", {})] == []


@pytest.mark.parametrize(
    ("signed_days", "seen"), [((0, None), True), ((-9, 0), True), ((1, None), False), ((-9, -1), False)]
)
def test_a_term_holds_from_its_first_day_to_its_last(
    world: World, database: Database, clock: FixedClock, signed_days: tuple[int, int | None], seen: bool
) -> None:
    plan(world, clock)
    today, (first, last) = date(2026, 11, 23), signed_days
    day = timedelta(days=1)
    paper = Paper(
        number="1", signed_on=date(2026, 11, 1), valid_from=today + first * day,
        valid_to=None if last is None else today + last * day,
    )  # fmt: skip
    with database.writing() as session:
        terms.add(session, "tv", paper, actor="system", now=clock.now())
    paths = (API, *(f"{SEGMENT}/planned.{form}" for form in FORMATS))
    answers = [world.tv.get(f"{path}?lang=en") for path in paths]
    assert {answer.status_code for answer in answers} == ({200} if seen else {404})
    if not seen:  # who may read the channel is told why, and what to do
        assert all("signed an embargo term" in answer.json["detail"] for answer in answers)


@pytest.mark.usefixtures("signed")
def test_nobody_else_sees_it(world: World, clock: FixedClock) -> None:
    plan(world, clock)
    assert world.reader.get(f"{SEGMENT}/planned.atom").status_code == 401
    assert world.reader.get(API).status_code == 401
    assert world.newspaper.get(f"{SEGMENT}/planned.atom").status_code == 404
    assert world.newspaper.get(API).status_code == 404
    assert "cam kết" not in world.newspaper.get(f"{SEGMENT}/planned.atom").text
    assert world.reader.get(f"/feeds/k/{world.newspaper_address}/tv/segment/planned.atom").status_code == 404
    for client in (world.reader, world.newspaper):
        assert client.get("/feeds/public/all/planned.atom").status_code == 404
    assert world.tv.get("/feeds/tv/no-such/planned.atom").status_code == 404


def test_terms_are_written_down_ended_and_proved(
    world: World, database: Database, clock: FixedClock, settings: Settings
) -> None:
    signed_on = ("--signed", "2026-11-01", "--from", "2026-11-10")
    added = run(settings, "outlet", "embargo-term", "add", "newspaper", "--paper", "12/CK", *signed_on)
    assert added.stdout.strip().split("\t") == ["1", "newspaper", "12/CK", "2026-11-01", "2026-11-10", "-"]
    ended = run(settings, *["outlet", "embargo-term", "end", "1", "--on", "2026-12-31"])
    assert ended.stdout == run(settings, *["outlet", "embargo-term", "list", "newspaper"]).stdout
    assert ended.stdout.strip().endswith("\t2026-12-31")
    refused = run(settings, *["outlet", "embargo-term", "end", "1", "--on", "2026-11-09"])
    assert refused.exit_code == 1
    assert "10/11/2026" in refused.stderr
    assert run(settings, *["outlet", "embargo-term", "list", "tv"]).stdout == ""
    unknown = run(settings, "outlet", "embargo-term", "add", "nobody", "--paper", "12/CK", *signed_on, LANG="vi_VN")
    assert "Không tìm thấy đơn vị nhận tin “nobody”" in unknown.stderr, unknown.stderr
    hub = Hub(settings, database)
    assert hub.find_faults() == []
    for statement, fault in {
        "UPDATE embargo_terms SET valid_to = '2027-12-31'": "embargo_term_end 1: differs from the journal in to",
        "UPDATE embargo_terms SET paper = '13/CK'": "embargo_term 1: differs from the journal in paper",
        "DELETE FROM embargo_terms": "embargo_term 1: the journal tells of it, but it is not there",
    }.items():
        execute(database, statement)
        assert any(fault in each for each in hub.find_faults())


@pytest.mark.parametrize("days", [(11, 10, 12), (1, 10, 9)])
def test_days_out_of_order_are_refused(world: World, database: Database, clock: FixedClock, days: Any) -> None:
    signed_on, first, last = (date(2026, 11, day) for day in days)
    paper = Paper(number="1", signed_on=signed_on, valid_from=first, valid_to=last)
    with pytest.raises(TermBackwards), database.writing() as session:
        terms.add(session, "tv", paper, actor="system", now=clock.now())


@pytest.mark.usefixtures("signed")
def test_it_is_rendered_while_nothing_else_is(world: World, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    plan(world, clock)
    alone: list[bool] = []
    render = planned.render

    def watched(*arguments: Any, **options: Any) -> bytes:
        alone.append(not documents._one_at_a_time.acquire(blocking=False))  # feedgen is not safe in threads
        return render(*arguments, **options)

    monkeypatch.setattr(planned, "render", watched)
    for path in (f"{SEGMENT}/planned.rss", f"/feeds/k/{world.tv_address}/tv/segment/planned.rss"):
        assert (world.tv if path.startswith(SEGMENT) else world.reader).get(path).status_code == 200
    assert alone == [True, True]
