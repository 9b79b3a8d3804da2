"""The archive: a reader rebuilds a whole channel from it, and what was taken back is gone from it (RFC 5005)."""

from __future__ import annotations

import html
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from sqlalchemy import update

import schemas
from feeds.parse import parse
from feeds.parsed import first_href
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import Release
from hub.outlets import catalog, ledgers, releases
from hub.outlets.ledgers import ChangeKind
from hub.publishing import documents, ranges
from hub.publishing.ranges import Part, Span
from tests.builders import World, a_picture, a_story
from tests.feeds.feed_documents import OF_AN_ARCHIVE, a_feed
from tests.publishing.long_ledgers import ALL, Reader, change, fill, get_entry, standing

FORMATS = ("rss", "atom", "json", "ninjs", "ninjs?profile=hub")
MONTH = timedelta(days=31)


# --- which numbers a page holds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "whole"), [(1, Span(1, 50)), (50, Span(1, 50)), (51, Span(51, 100)), (300_000, Span(299_951, 300_000))]
)
def test_a_number_stands_on_the_page_of_its_fifty(number: int, whole: Span) -> None:
    assert ranges.range_of(number) == whole
    assert ranges.part_below(number) == Span(whole.first, number)


@pytest.mark.parametrize(("head", "complete"), [(0, 0), (49, 0), (50, 50), (149, 100)])
def test_a_page_is_complete_once_its_last_number_is_given(head: int, complete: int) -> None:
    assert ranges.complete_up_to(head) == complete


@pytest.mark.parametrize(
    ("span", "there"),
    [
        (Span(1, 50), True),
        (Span(51, 60), True),  # the lower part of the newest one
        (Span(51, 61), False),  # past the head
        (Span(2, 50), False),
        (Span(1, 51), False),
        (Span(50, 1), False),
        (Span(101, 150), False),
    ],
)
def test_only_ranges_of_the_ledger_are_pages(span: Span, there: bool) -> None:
    assert ranges.is_page(span, head=60) is there


@pytest.mark.parametrize("name", ["", "1-50", "01-50-" + "a" * 32, "1-50-" + "A" * 32, "1-50-" + "a" * 31, "x"])
def test_an_address_that_no_page_has_names_none(name: str) -> None:
    assert ranges.read_name(name) is None
    part = Part(Span(1, 50), "a" * 32)
    assert ranges.read_name(part.name) == part


# --- walking it -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page_bytes", [documents.PAGE_BYTES, 40_000])
def test_a_reader_rebuilds_the_whole_channel_in_every_format(
    world: World, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, page_bytes: int
) -> None:
    """Also where pages close early because their entries are large."""
    monkeypatch.setattr(documents, "PAGE_BYTES", page_bytes)
    fill(world, database, 240)
    change(database, [7, 60, *range(101, 151)], ChangeKind.CORRECTED, now=clock.now())  # 101–150 empties
    change(database, [8, 61, 200], ChangeKind.WITHDRAWN, now=clock.now())
    clock.forward(MONTH)
    with database.writing() as session:
        releases.unlist_old_tombstones(session, now=clock.now())
    change(database, [9], ChangeKind.WITHDRAWN, now=clock.now())
    there = standing(database)
    assert (len(there), sum(there.values())) == (240, 4)
    for form in FORMATS:
        reader = Reader(world.reader, f"{ALL}.{form}")
        assert reader.walk() == there, form
        spans = [urlsplit(address).path.rsplit("/", 1)[1].split("-")[:2] for address in reader.pages]
        assert ["101", "150"] not in spans  # links pass over what has become empty
        shown = [entry.id for page in reader.pages.values() for entry in page.entries]
        assert len(shown) == len(set(shown)), form  # an entry stands on one page of the archive
        lower = [last for _, last in spans if int(last) % ranges.PAGE_ENTRIES]
        assert ("295" in lower, len(lower) > 1) == (True, page_bytes == 40_000), form  # 293–295: old tombstones
        for newer, older in pairwise(reader.pages):
            follows = first_href(reader.pages[older].links, "next-archive")
            assert follows == ("" if "/251-" in newer else newer), form  # 251 and on are not complete yet
            assert first_href(reader.pages[older].links, "current") == f"https://hub.example{ALL}.{form}"


def test_nothing_is_lost_to_a_reader_that_walks_while_the_channel_changes(
    world: World, database: Database, clock: FixedClock
) -> None:
    fill(world, database, 240)
    changes = [
        ([120], ChangeKind.CORRECTED),  # leaves a page that is not read yet for the newest document
        ([160], ChangeKind.WITHDRAWN),  # of the page that is about to be read, or was read
        ([20, 21], ChangeKind.CORRECTED),
        (list(range(30, 45)), ChangeKind.WITHDRAWN),
    ]

    def meddle(_address: str) -> None:
        if changes:
            change(database, *changes.pop(0), now=clock.now())

    reader = Reader(world.reader, f"{ALL}.atom")
    found = reader.walk(before_page=meddle)
    newest = parse(world.reader.get(f"{ALL}.atom").data)  # which a reader polls from then on
    for uid in newest.deleted:
        found[uid] = True
    for entry in newest.entries:
        found[entry.id] = False
    assert reader.restarts > 0
    assert not changes
    assert found == standing(database)


def test_a_withdrawal_gives_one_page_another_address_and_the_old_one_is_gone(
    world: World, database: Database, clock: FixedClock
) -> None:
    fill(world, database, 210)
    first = Reader(world.reader, f"{ALL}.atom")
    first.walk()
    change(database, [70], ChangeKind.WITHDRAWN, now=clock.now())
    second = Reader(world.reader, f"{ALL}.atom")
    second.walk()
    before, after = list(first.pages), list(second.pages)
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, False, True]
    old = urlsplit(before[2]).path
    assert world.reader.get(old).status_code == 410
    assert world.reader.get(old.replace("/51-100-", "/251-300-")).status_code == 404
    assert world.reader.get(old.replace("/51-100-", "/52-100-")).status_code == 404
    assert world.reader.get(f"{ALL}/archive/x.atom").status_code == 404


def test_what_is_held_leaves_its_page_without_a_word_and_comes_back_to_it(
    world: World, database: Database, clock: FixedClock
) -> None:
    from feeds.document import Status

    fill(world, database, 60)
    addresses = []
    for status in (Status.RELEASED, Status.HELD, Status.RELEASED):
        with database.writing() as session:
            channel = ledgers.lock(session, [catalog.get_channel(session, "public/all").id]).popitem()[1]
            releases.reflect(session, [get_entry(session, channel, 5)], {channel.id: channel}, status, now=clock.now())
        reader = Reader(world.reader, f"{ALL}.json")
        assert len(reader.walk()) == (59 if status is Status.HELD else 60)
        addresses += reader.pages
    assert len(set(addresses)) == 3
    assert [world.reader.get(urlsplit(address).path).status_code for address in addresses] == [410, 410, 200]


def test_what_consent_has_taken_back_is_on_no_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (ranges, documents):
        monkeypatch.setattr(module, "PAGE_ENTRIES", 2)
    upload = world.fishers.upload(a_picture(600, 400)).json
    media = [{"kind": "picture", "upload": upload["id"], "alt": "Bến sớm", "credit": "Tổ ảnh", "shows": "people"}]
    story_id = world.release(a_story(media=media))
    for number in range(4):
        world.release(a_story(title=f"Chuyện {number}"), external_id=f"s{number}")
    shown = {form: pages_with(world, story_id, form) for form in FORMATS}
    for form, pages in shown.items():
        assert [("Bến sớm" in text, "/1-2-" in path) for path, text in pages.items()] == [(True, True)], form
    (person, *_) = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    said = {"act": "withdraw", "scopes": ["image"]}
    assert world.editor.ask("POST", f"/api/v1/persons/{person['id']}/acts", body=said).status_code == 201
    assert {world.reader.get(path).status_code for pages in shown.values() for path in pages} == {410}
    for number in range(4, 7):
        world.release(a_story(title=f"Chuyện {number}"), external_id=f"s{number}")
    for form in FORMATS:
        reduced = pages_with(world, story_id, form)
        assert [("Bến sớm" in text, "/5-6-" in path) for path, text in reduced.items()] == [(False, True)], form


def pages_with(world: World, story_id: str, form: str) -> dict[str, str]:
    """The pages of the public archive that name a story, by path."""
    reader = Reader(world.reader, f"{ALL}.{form}")
    reader.walk()
    paths = [address.removeprefix("https://hub.example") for address in reader.pages]
    pages = {path: html.unescape(world.reader.get(path).text) for path in paths}
    return {path: text for path, text in pages.items() if story_id in text}


# --- answers ----------------------------------------------------------------------------------------------------------


def test_a_page_of_the_archive_answers_as_feeds_do(world: World, database: Database, clock: FixedClock) -> None:
    fill(world, database, 110)
    for form in FORMATS:
        newest = world.reader.get(f"{ALL}.{form}")
        page = urlsplit(first_href(parse(newest.data).links, "prev-archive"))
        path = f"{page.path}?{page.query}"
        answer = world.reader.get(path)
        assert answer.content_type == newest.content_type
        assert answer.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
        assert world.reader.get(path, If_None_Match=answer.headers["ETag"]).status_code == 304
        zipped = world.reader.get(path, Accept_Encoding="gzip")
        assert (zipped.headers["Content-Encoding"], zipped.headers["ETag"] == answer.headers["ETag"]) == ("gzip", False)
        again = world.reader.get(path)
        assert again.data == answer.data
    with database.writing() as session:  # what one page shows says nothing of the others but their addresses
        channel = ledgers.lock(session, [catalog.get_channel(session, "public/all").id]).popitem()[1]
        ledgers.touch(session, channel, None, now=clock.now())
    assert world.reader.get(path).data == answer.data


def test_an_outlets_archive_is_for_whoever_reads_its_feed(world: World, database: Database) -> None:
    fill(world, database, 60, channel="tv/segment")
    with database.writing() as session:
        session.execute(update(Release).values(fields=list(schemas.fields())))
    reader = Reader(world.tv, "/feeds/tv/segment.atom")
    assert len(reader.walk()) == 60
    (page,) = (urlsplit(address).path for address in reader.pages)
    assert world.tv.get(page).headers["Cache-Control"] == "private, no-cache"
    assert [client.get(page).status_code for client in (world.reader, world.newspaper)] == [401, 404]
    by_address = Reader(world.reader, f"/feeds/k/{world.tv_address}/tv/segment.json")
    assert len(by_address.walk()) == 60
    (page,) = (urlsplit(address).path for address in by_address.pages)
    assert page.startswith(f"/feeds/k/{world.tv_address}/tv/segment/archive/1-50-")
    full = world.tv.get(page.replace(f"/k/{world.tv_address}", ""))
    assert full.status_code == 200
    assert b"0200 000 0999" in full.data
    assert b"0200 000 0999" not in world.reader.get(page).data
    assert world.reader.get(page.replace(world.tv_address, world.newspaper_address)).status_code == 404


def test_published_files_hold_the_archive_and_every_link_leads_to_one(
    world: World, database: Database, clock: FixedClock, settings: Settings, tmp_path: Path
) -> None:
    from hub.cli import main

    fill(world, database, 110)
    site = tmp_path / "site"
    environment = {
        "HUB_DATA": str(settings.data),
        "HUB_DATABASE_URL": settings.database_url,
        "HUB_BASE_URL": settings.base_url,
    }

    def published() -> set[str]:
        done = CliRunner().invoke(main, ["publish", str(site)], env=environment, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return {path.relative_to(site).as_posix() for path in site.rglob("*/archive/*")}

    before = published()
    assert len(before) == 2 * 4
    for path in before:
        assert (site / path).read_bytes() == world.reader.get(f"/{path}").data
    change(database, [10], ChangeKind.WITHDRAWN, now=clock.now())
    after = published()
    assert (len(after), len(before & after)) == (8, 4)
    for path in site.rglob("*/all.*"):
        older = first_href(parse(path.read_bytes()).links, "prev-archive")
        while older:
            file = site / urlsplit(older).path.removeprefix("/")
            older = first_href(parse(file.read_bytes()).links, "prev-archive")


# --- documents --------------------------------------------------------------------------------------------------------


def test_a_page_says_that_it_is_an_archive_and_the_newest_document_does_not() -> None:
    for form, renderer in documents.FORMATS.items():
        feed = a_feed(form, **OF_AN_ARCHIVE)
        said = {"json": b'"archive":true', "ninjs": b'"representationType":"partial"'}.get(form, b"<fh:archive/>")
        assert said in renderer.render(feed, [])
        if form != "ninjs":
            assert said not in renderer.render(a_feed(form), [])
