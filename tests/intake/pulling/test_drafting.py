"""An organization's feed becomes drafts under its name: completed by people, never taken out of their hands."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.clock import FixedClock
from hub.db import Database
from hub.delivery.postman import working_threads
from hub.intake.pulling import drafting, sources
from hub.intake.pulling.drafting import Absorbed, Became
from hub.models import JournalRow, Outbox, Story
from hub.records.journal import read_record
from hub.regulation import reading
from tests.builders import World, a_story
from tests.delivery.sinks import Reply
from tests.intake.pulling.sites import TEXT, a_feed, a_reply, a_site, an_item

HOUR = timedelta(hours=1)
LACKS = ("/consent", "/kind", "/place", "/subject", "/topics")


def counts(report: Any) -> dict[str, int]:
    assert isinstance(report.came, Absorbed), report
    return {word.value: count for word, count in report.came.counts.items() if count}


def stories(database: Database) -> list[Story]:
    with database.reading() as session:
        return list(session.scalars(select(Story).order_by(Story.id)))


def test_an_entry_becomes_a_draft_with_what_is_missing_listed(
    world: World, database: Database, clock: FixedClock
) -> None:
    shown = '&lt;img src="/anh/1.jpg"&gt;&lt;/p&gt;'
    item = an_item(category="Bảo vệ môi trường, xây dựng đô thị văn minh").replace("&lt;/p&gt;", shown)
    with a_site(database, clock, a_reply(item, ETag='"7"')) as (site, sink):
        (report,) = site.pull()
        assert (counts(report), report.fault, report.state) == ({"drafted": 1}, "", "live")
        assert sink.taken[0].headers["user-agent"] == "story-hub/1 (+https://hub.example/)"
        assert sink.taken[0].headers["accept-encoding"] == "gzip, deflate"
    picture = f"http://127.0.0.1:{sink.port}/anh/1.jpg"
    missing = ("/consent", "/kind", "/place", "/subject", picture)
    (line,) = report.came.lines  # type: ignore[union-attr]
    assert (line.became, line.title, line.missing) == (Became.DRAFTED, "Chuyện số 1", missing)
    (story,) = stories(database)
    assert (story.state, story.organization_name) == ("draft", "Nghiệp đoàn nghề cá Bến Lau")
    read = world.fishers.get(f"/api/v1/stories/{story.id}").json
    assert read["external_id"].startswith("pull.")
    assert read["content"]["title"] == "Chuyện số 1"
    assert read["content"]["summary"] == TEXT
    assert read["content"]["unit"] == {"name": "Nghiệp đoàn nghề cá Bến Lau", "kind": "cong_doan"}
    assert (read["content"]["language"], read["content"]["topics"]) == ("vi", ["bao_ve_moi_truong"])
    assert [each["reference"] for each in read["content"]["evidence"]] == ["https://site.example/bai/1", picture]
    assert read["content"]["evidence"][0]["description"].endswith("ngày 22/11/2026")
    assert "img" not in read["content"]["body"]["html"]
    assert world.women.get(f"/api/v1/stories/{story.id}").status_code == 404
    assert world.editor.get(f"/api/v1/stories/{story.id}").status_code == 404
    with database.reading() as session:
        told = [read_record(body) for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))]
        queued = [row.payload for row in session.scalars(select(Outbox)) if row.kind == "notice"]
        assert drafting.list_drafts(session)[0][1].missing == missing
    assert [said["kind"] for said in told][-3:] == ["source_added", "version", "pulled"]
    assert queued == [{"kind": "drafted", "story": story.id}]


def test_a_draft_is_handed_in_only_when_a_person_has_completed_it(
    world: World, database: Database, clock: FixedClock
) -> None:
    with a_site(database, clock, a_reply(an_item())) as (site, _sink):
        site.pull()
        (story,) = stories(database)
        refused = world.fishers.act(story.id, "submit")
        assert refused.status_code == 422
        assert [fault["pointer"] for fault in refused.json["errors"]] == list(LACKS)
        answer = world.fishers.put(story.id, a_story(title="Dây cũ bện giá treo"))
        assert (answer.status_code, answer.json["state"], answer.json["version"]) == (200, "submitted", 2)


def test_a_draft_follows_its_entry_until_people_have_it_in_hand(
    world: World, database: Database, clock: FixedClock
) -> None:
    replies = [a_reply(an_item(title=f"Bản {n}"), an_item(2, text=TEXT[:90] + str(n))) for n in range(1, 4)]
    with a_site(database, clock, *replies) as (site, _sink):
        site.pull()
        one, two = stories(database)
        (report,) = site.pull()
        assert counts(report) == {"changed": 2}
        assert world.fishers.get(f"/api/v1/stories/{one.id}").json["content"]["title"] == "Bản 2"
        edited = {**a_story(title="Người viết sửa"), "state": "draft"}
        assert world.fishers.put(one.id, edited).status_code == 200
        (report,) = site.pull()
        assert counts(report) == {"kept": 1, "changed": 1}
        assert [(line.became, line.story_id) for line in report.came.lines] == [  # type: ignore[union-attr]
            (Became.KEPT, one.id),
            (Became.CHANGED, two.id),
        ]
        assert world.fishers.get(f"/api/v1/stories/{one.id}").json["content"]["title"] == "Người viết sửa"
        (report,) = site.pull()
        assert counts(report) == {"same": 2}


def test_an_entry_that_was_refused_becomes_a_draft_once_the_site_has_mended_it(
    world: World, database: Database, clock: FixedClock
) -> None:
    empty = an_item(description="<textarea>chữ</textarea>")
    with a_site(database, clock, a_reply(empty), a_reply(empty), a_reply(an_item())) as (site, _sink):
        told = [counts(site.pull()[0]) for _ in range(4)]
    assert told == [{"refused": 1}, {"same": 1}, {"drafted": 1}, {"same": 1}]
    assert len(stories(database)) == 1


def test_a_mended_entry_waits_for_room_and_is_held_against_what_the_hub_put_out(
    world: World, database: Database, clock: FixedClock, monkeypatch: Any
) -> None:
    monkeypatch.setattr(drafting, "NEW_AT_MOST", 1)
    story = a_story()
    world.release(story)
    bare = [an_item(n, description="<textarea>chữ</textarea>") for n in (1, 2)]
    own = an_item(1, title=story["title"], description=story["body"]["html"])
    mended = [an_item(3, text=f"{TEXT} Ba."), own, an_item(2, text=f"{TEXT} Hai.")]
    with a_site(database, clock, a_reply(*bare), a_reply(*mended)) as (site, _sink):
        assert counts(site.pull()[0]) == {"refused": 2}
        assert counts(site.pull()[0]) == {"drafted": 1, "left": 1, "same": 1}
        assert counts(site.pull()[0]) == {"drafted": 1, "same": 2}
        assert counts(site.pull()[0]) == {"same": 3}
    assert len(stories(database)) == 3  # what was released, and two drafts


def test_a_feed_that_breaks_off_gives_what_is_whole_and_is_flagged(
    world: World, database: Database, clock: FixedClock
) -> None:
    whole = a_feed(an_item(1), an_item(2, text=f"{TEXT} Hai."))
    cut = Reply(headers={"Content-Type": "application/rss+xml", "ETag": '"c"'}, body=whole[: whole.rindex(b"<guid>")])
    with a_site(database, clock, cut, Reply(headers={"Content-Type": "application/rss+xml"}, body=whole)) as (
        site,
        sink,
    ):
        (report,) = site.pull()
        assert (report.state, report.fault) == ("flagged", "cut_off")
        (report,) = site.pull()
        assert "if-none-match" not in sink.taken[1].headers
        assert (report.state, report.fault) == ("live", "")
    assert len(stories(database)) == 2


def test_a_source_that_is_gone_is_paused_and_the_journal_says_so(
    world: World, database: Database, clock: FixedClock
) -> None:
    with a_site(database, clock, Reply(status=410), Reply(status=410)) as (site, _sink):
        (report,) = site.pull()
        assert report.state == "paused"
        site.pull()  # an operator asks again
    with database.reading() as session:
        told = [
            read_record(body)["kind"] for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))
        ]
    assert told.count("source_paused") == 1


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://site.example?token=abc", "site.example"),
        ("https://a:b@site.example:8080/key/1", "site.example:8080"),
        ("http://[::1]:80/x", "[::1]:80"),
    ],
)
def test_of_an_address_logs_and_lists_tell_the_host_alone(url: str, host: str) -> None:
    assert sources.host_of(url) == host


def test_a_list_shows_the_path_but_nothing_long_enough_to_be_a_key() -> None:
    shown = sources.shown_address(f"https://a:b@site.example/hoi/{'k' * 22}/tin.rss?token=abc")
    assert shown == "site.example/hoi/…/tin.rss"


def test_a_site_is_asked_whether_anything_is_new(world: World, database: Database, clock: FixedClock) -> None:
    modified = "Sun, 22 Nov 2026 05:00:00 GMT"
    first = a_reply(an_item(), ETag='W/"a"', Last_Modified=modified)
    with a_site(database, clock, first, Reply(status=304)) as (site, sink):
        site.pull()
        (report,) = site.pull()
        sent = sink.taken[1].headers
        assert (sent["if-none-match"], sent["if-modified-since"]) == ('W/"a"', modified)
        assert (report.unchanged, report.fault, report.came) == (True, "", None)
        row = site.row(report.source_id)
        assert (row.state, row.next_at, row.etag) == ("live", clock.now() + HOUR, 'W/"a"')
        assert site.puller.pull() == []  # it is not due
        clock.forward(HOUR)
        assert len(site.puller.pull()) == 1


def test_a_flood_of_new_entries_comes_in_by_portions(
    world: World, database: Database, clock: FixedClock, monkeypatch: Any
) -> None:
    monkeypatch.setattr(drafting, "NEW_AT_MOST", 2)
    many = a_reply(*(an_item(n, text=f"{TEXT} {n}") for n in range(1, 6)), ETag='"x"')
    more = a_reply(*(an_item(n, text=f"{TEXT} {n}") for n in range(1, 10)), ETag='"y"')
    with a_site(database, clock, many, more) as (site, sink):
        (first,) = site.pull()
        assert (counts(first), first.fault) == ({"drafted": 2, "old": 3}, "")
        (second,) = site.pull()
        assert (counts(second), second.fault) == ({"same": 5, "drafted": 2, "left": 2}, "many_new")
        assert site.row(second.source_id).state == "flagged"
        (third,) = site.pull()
        assert "if-none-match" not in sink.taken[2].headers  # else a 304 would hide what was left
        assert (counts(third), third.fault) == ({"same": 7, "drafted": 2}, "")


def test_entries_with_new_ids_are_known_by_address_or_words(
    world: World, database: Database, clock: FixedClock
) -> None:
    texts = [f"{TEXT} Vụ thứ {n} trăm hai mươi cây." for n in range(6)]
    first = a_reply(*(an_item(n, text=texts[n]) for n in range(6)))
    moved = [an_item(n, text=texts[n], guid=f"urn:moi:{n}", link="https://site.example/") for n in range(3)]
    moved += [an_item(n, text=f"{texts[n]} Thêm.", guid=f"urn:moi:{n}") for n in range(3, 6)]
    with a_site(database, clock, first, a_reply(*moved)) as (site, _sink):
        site.pull()
        (report,) = site.pull()
        assert (counts(report), report.fault) == ({"changed": 6}, "ids_changed")
        assert len(stories(database)) == 6
        (report,) = site.pull()
        assert (counts(report), report.fault) == ({"same": 6}, "")


def test_dates_to_come_are_not_believed(world: World, database: Database, clock: FixedClock) -> None:
    later = {"pubDate": "Fri, 22 Nov 2086 05:00:00 GMT"}
    with a_site(database, clock, a_reply(an_item(**later), an_item(2, text=f"{TEXT} Hai.", **later))) as (site, _sink):
        (report,) = site.pull()
        assert (counts(report), report.fault, report.state) == ({"drafted": 2}, "dates_to_come", "flagged")
        content = world.fishers.get(f"/api/v1/stories/{stories(database)[0].id}").json["content"]
        assert "2086" not in str(content)
        assert site.row(report.source_id).next_at == clock.now() + 2 * HOUR


def test_the_hub_takes_nothing_back_that_it_put_out(world: World, database: Database, clock: FixedClock) -> None:
    story_id = world.release(channels=["public/all", "newspaper/column"])
    waiting = world.push(a_story(title="Chưa phát hành", body={"html": f"<p>{TEXT}</p>"}), external_id="two")
    entry = world.reader.get("/feeds/public/all.json").json["items"][0]
    summary = a_story()["summary"] + " Bốn giờ sáng, bến Đá Lau còn đẫm hơi sương. Ghi sổ giờ rời bến."
    items = [
        an_item(1, guid=entry["id"], text="Theo mã."),
        an_item(2, link=f"http://hub.example/stories/{story_id}", text="Theo địa chỉ của hub."),
        an_item(3, guid=f"tin-{story_id}", text="Theo mã bài."),
        an_item(4, title="Người giữ bến Đá Lau", text=summary),  # by its text alone
        an_item(5, title="Chưa phát hành", text=TEXT),  # sent in by its own organization
        an_item(6, title="Chuyện khác hẳn", text="Đội cờ tướng thôn Đoài thắng giải mở rộng ở nhà văn hóa huyện."),
    ]
    with a_site(database, clock, a_reply(*items)) as (site, _sink):
        (report,) = site.pull()
        assert counts(report) == {"ours": 5, "drafted": 1}
        (again,) = site.pull()
        assert counts(again) == {"same": 6}
    assert {story.id for story in stories(database) if story.state != "draft"} == {story_id, waiting}


def test_what_was_left_of_an_erased_draft_is_not_filled_again(
    world: World, database: Database, clock: FixedClock
) -> None:
    with a_site(database, clock, a_reply(an_item()), a_reply(an_item(title="Bản mới"))) as (site, _sink):
        site.pull()
        (story,) = stories(database)
        with database.writing() as session:
            version = reading.get_version(session, story.id, 1)
            kept = dict(version.disclosures)
            kept.popitem()
            version.disclosures = kept
        (report,) = site.pull()
        assert counts(report) == {"kept": 1}


def test_a_source_that_was_removed_and_added_again_makes_nothing_twice(
    world: World, database: Database, clock: FixedClock
) -> None:
    with a_site(database, clock, a_reply(an_item()), a_reply(an_item(title="Bản mới"))) as (site, sink):
        site.pull()
        with database.writing() as session:
            sources.remove(session, sources.get(session, site.sources.pop()), now=clock.now())
        site.add(sink)
        (report,) = site.pull()
        assert counts(report) in ({"known": 1}, {"ours": 1})
        assert len(stories(database)) == 1


def test_loose_feeds_are_read_all_the_same(world: World, database: Database, clock: FixedClock) -> None:
    loose = a_feed(
        "<item><title>Tổ thu gom &amp; rác</title><guid>7</guid>"
        f"<description><![CDATA[<p>{TEXT}</br>Hết.</p>]]></description><link>/bai/7</link></item>"
    ).replace(b'encoding="utf-8"', b'encoding="iso-8859-1"')
    with a_site(database, clock, Reply(headers={"Content-Type": "text/html"}, body=loose + b"<p>")) as (site, sink):
        (report,) = site.pull()
        assert counts(report) == {"drafted": 1}
        content = world.fishers.get(f"/api/v1/stories/{stories(database)[0].id}").json["content"]
        assert (content["title"], content["language"]) == ("Tổ thu gom & rác", "vi")
        assert TEXT in content["body"]["html"]
        assert content["evidence"][0]["reference"] == f"http://127.0.0.1:{sink.port}/bai/7"


def test_the_schedule_reads_what_is_due_in_a_thread_of_its_own(
    world: World, database: Database, clock: FixedClock
) -> None:
    with a_site(database, clock, a_reply(an_item())) as (site, _sink):
        pause, waited = threading.Event(), 0
        with working_threads({"puller": site.puller.run}):
            while not stories(database) and (waited := waited + 1) < 500:
                pause.wait(0.02)
    assert [story.state for story in stories(database)] == ["draft"]
