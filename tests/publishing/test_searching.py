"""The portal lists and finds what stands in public channels, as it stands there now, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from feeds import query
from hub.actors import SYSTEM
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import Entry, Listing, ListingMark
from hub.outlets import listings
from hub.publishing import listing, searching, words
from hub.publishing.searching import Filter
from hub.records import persons
from hub.records.disclosures import reveal
from hub.records.signing_keys import Signer
from hub.regulation.consent import erasing
from hub.worker import Worker
from tests.builders import World, a_picture, a_story

Find = Callable[..., list[str]]


@pytest.fixture
def find(database: Database, settings: Settings) -> Find:
    """Search after every waiting listing was made; the titles found, best first."""

    def found(typed: str, **filters: Any) -> list[str]:
        while listing.catch_up(database, settings.address):
            pass
        asked = query.parse(typed)
        if not asked:
            return []
        wanted = [Filter(dimension, (code,)) for dimension, code in filters.items()]
        with database.reading() as session:
            rows = searching.search(session, asked, wanted, limit=50).rows
            return [_title(entry) for entry, _ in rows]

    return found


def _title(entry: Entry) -> str:
    return str(reveal(entry.release.version.disclosures)["title"])


def titled(title: str, **changes: Any) -> dict[str, Any]:
    return a_story(title=title, body={"html": "<p>Một bài.</p>"}, byline=None, **changes)


def test_diacritics_tone_placement_and_case_do_not_part_a_query_from_its_story(world: World, find: Find) -> None:
    world.release(titled("Bà Đặng Thị Thuý ở làng Hoà Mỹ"))
    for typed in ("dang", "ĐẶNG", "thúy", "thuý", "hòa mỹ", "hoà my", '"lang hoa"', "đặng thu", "đặng thi thuy"):
        assert find(typed) == ["Bà Đặng Thị Thuý ở làng Hoà Mỹ"], typed
    for typed in ("đăngg", '"hoa lang"', "dang -thuy", "tàu bay"):
        assert find(typed) == [], typed


def test_who_types_diacritics_gets_the_very_word_first_and_all_the_others_after_it(world: World, find: Find) -> None:
    others = ["Chợ hoa, vườn hoa, hoa và hoa", "Hội Hóa hòa học", "Bờ sông", "Gieo lúa", "Đường làng", "Lớp học"]
    for number, title in enumerate(others):
        world.release(titled(title), external_id=f"other-{number}")
    world.release(
        titled("Một nhà máy", lesson="Ở xã có Hoá chất, phải giữ gìn từng bước trong từng ca một"), external_id="exact"
    )
    world.release(titled("Nhà Hoa và Hoa"), external_id="plain")
    found = find("hoá")
    assert set(found[:2]) == {"Một nhà máy", "Hội Hóa hòa học"}
    assert set(found[2:]) == {"Chợ hoa, vườn hoa, hoa và hoa", "Nhà Hoa và Hoa"}
    assert len(find("hoa")) == 4


def test_a_word_in_the_title_ranks_before_one_in_the_summary_and_that_before_the_body(world: World, find: Find) -> None:
    in_body = a_story(title="Ba", body={"html": "<p>Một chuyến phà ngang sông.</p>"})
    world.release(in_body, external_id="body")
    world.release(a_story(title="Hai", summary="Một chuyến phà ngang sông."), external_id="summary")
    world.release(a_story(title="Phà ngang sông"), external_id="title")
    for number in range(4):
        world.release(a_story(title=f"Khác {number}"), external_id=f"other-{number}")
    assert find("phà ngang") == ["Phà ngang sông", "Hai", "Ba"]


def test_what_is_typed_is_never_an_operator(world: World, find: Find) -> None:
    world.release(titled("NOT OR AND NEAR title: x* ^y (z) 'a' b\\c"))
    for typed in (
        "NEAR(x y)",
        "title:",
        "NOT",
        "x*",
        "^y",
        "(z",
        "'a'",
        "b\\c",
        '"',
        "a:* & | !",
        "col : x",
        "{title} : x",
    ):
        find(typed)
    assert find("near") == find("NOT OR") == find("title:") == ["NOT OR AND NEAR title: x* ^y (z) 'a' b\\c"]


def test_only_what_stands_in_a_public_channel_is_found(world: World, find: Find) -> None:
    world.release(titled("Chỉ cho báo"), channels=["newspaper/column"])
    world.push(titled("Mới gửi"), external_id="two")
    world.release(titled("Công khai"), external_id="three", channels=["public/all"])
    assert find("chi cho bao") == find("moi gui") == []
    assert find("cong khai") == ["Công khai"]


def test_what_the_public_may_not_see_is_not_searched(world: World, find: Find) -> None:
    world.release(a_story(spokesperson={"name": "Vi Thị Mơ", "role": "đội trưởng"}))
    assert find("nguoi giu ben") == ["Người giữ bến Đá Lau"]
    assert find("vi thi mo") == []
    assert find("ong bat dau tu dau") == []  # a question of the interview card


def test_a_story_in_several_channels_is_found_once(world: World, find: Find) -> None:
    world.release(titled("Giữ rừng", topics=["bao_ve_moi_truong"]))
    assert find("giu rung") == ["Giữ rừng"]


def test_a_withdrawal_acts_before_the_index_is_made_anew(world: World, find: Find, database: Database) -> None:
    story_id = world.release(titled("Giữ rừng"))
    assert find("giu rung") == ["Giữ rừng"]
    assert world.editor.act(story_id, "withdraw", reason="subject_request").status_code == 201
    with database.reading() as session:
        assert searching.search(session, query.parse("giu rung"), limit=10).rows == []
        assert searching.list_newest(session, [Filter("all", ("",))], limit=10).rows == []
        assert searching.list_codes(session, "kind", limit=5).rows == []
    assert find("giu rung") == []
    with database.reading() as session:
        assert words.count(session) == 0
        assert session.scalar(select(func.count()).select_from(ListingMark)) == 0


def test_a_held_story_is_not_found_until_it_is_lifted(world: World, find: Find) -> None:
    story_id = world.release(titled("Giữ rừng"))
    assert world.editor.act(story_id, "hold", reason="being_checked").status_code == 201
    assert find("giu rung") == []
    assert world.editor.act(story_id, "lift").status_code == 201
    assert find("giu rung") == ["Giữ rừng"]


def test_an_entry_that_has_changed_is_not_shown_as_it_was(world: World, find: Find, database: Database) -> None:
    world.release(titled("Giữ rừng"))
    find("giu rung")
    with database.writing() as session:
        session.execute(update(Entry).values(revision=Entry.revision + 1))  # past `listings.wait`, as nobody does
    assert find("giu rung") == []
    with database.writing() as session:
        assert "made of revision" in next(iter(listing.list_faults(session)))
        listings.wait_all(session)
    assert find("giu rung") == ["Giữ rừng"]
    with database.reading() as session:
        assert list(listing.list_faults(session)) == []


def test_filters_narrow_a_search(world: World, find: Find) -> None:
    world.release(titled("Giữ rừng A", topics=["bao_ve_moi_truong"], movement="Nông thôn mới"))
    world.release(titled("Giữ rừng B", place={"commune": "xã Gò Mận", "province": "tỉnh Hải Sơn"}), external_id="two")
    assert find("giu rung", topic="bao_ve_moi_truong") == ["Giữ rừng A"]
    assert find("giu rung", movement="nong-thon-moi") == ["Giữ rừng A"]
    assert find("giu rung", place="tinh-hai-son/xa-go-man") == ["Giữ rừng B"]
    assert len(find("giu rung", province="tinh-hai-son", organization="nghe-ca", year="2026")) == 2
    assert find("giu rung", year="2025") == []


def test_results_and_lists_are_paged_without_gap_or_repetition(
    world: World, find: Find, database: Database, clock: FixedClock
) -> None:
    for number in range(7):
        clock.forward(timedelta(seconds=number % 2))
        world.release(titled(f"Giữ rừng {number}"), external_id=f"s{number}")
    find("rung")
    with database.reading() as session:
        for ask in (
            lambda after: searching.search(session, query.parse("rung"), after=after, limit=3),
            lambda after: searching.list_newest(session, [Filter("all", ("",))], after=after, limit=3),
        ):
            pages, after = [], ""
            while True:
                page = ask(after)
                pages.append([entry.story_id for entry, _ in page.rows])
                after = page.next
                if not after:
                    break
            assert [len(page) for page in pages] == [3, 3, 1]
            assert len({story for page in pages for story in page}) == 7


@pytest.mark.parametrize("after", ["x", "1", "nan_1", "inf_3", "-1_-1", "9" * 40, "1-" + "9" * 30, "²-³"])
def test_a_key_that_is_none_begins_at_the_front(world: World, find: Find, database: Database, after: str) -> None:
    world.release(titled("Giữ rừng"))
    find("rung")
    with database.reading() as session:
        assert len(searching.search(session, query.parse("rung"), after=after, limit=3).rows) == 1
        assert len(searching.list_newest(session, [Filter("all", ("",))], after=after, limit=3).rows) == 1


def test_the_worker_lists_what_a_restore_left_unlisted(world: World, worker: Worker, database: Database) -> None:
    world.release(titled("Giữ rừng"))
    with database.writing() as session:
        session.query(Listing).delete()
    worker.step()
    with database.reading() as session:
        assert not listing.is_waiting(session)
        assert len(searching.search(session, query.parse("giu rung"), limit=3).rows) == 1


def test_related_stories_share_place_topic_or_organization(world: World, find: Find, database: Database) -> None:
    one = world.release(titled("Một", topics=["bao_ve_moi_truong"]), external_id="a")
    same = world.release(titled("Hai", topics=["bao_ve_moi_truong"]), external_id="b")
    far = titled("Ba", topics=["bao_ve_moi_truong"], place={"commune": "xã Khác", "province": "tỉnh Khác"})
    other = world.release(far, external_id="c")
    find("mot")
    with database.reading() as session:
        assert [entry.story_id for entry, _ in searching.list_related(session, one, limit=5)] == [same, other]
        assert searching.list_related(session, "st_unknown", limit=5) == []


def test_names_in_addresses_are_folded() -> None:
    assert listing.slug("Xã Đá  Lau (mới)") == "xa-da-lau-moi"
    assert listing.slug("—") == ""
    assert len(listing.slug("Rất dài " * 50)) <= listing.MAX_SLUG


def _person(world: World, story_id: str, name: str = "Nguyễn Văn Biển") -> str:
    found = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    (person,) = [row["id"] for row in found if row["name"] == name]
    return str(person)


def test_a_caption_that_consent_takes_away_is_not_found_from_then_on(
    world: World, find: Find, database: Database
) -> None:
    upload = world.fishers.upload(a_picture(600, 400)).json["id"]
    picture = {"kind": "picture", "upload": upload, "alt": "Zephyr bên bến", "credit": "Hòa"}
    story_id = world.release(titled("Giữ rừng", media=[picture]))
    assert find("zephyr") == ["Giữ rừng"]
    order = {"act": "withdraw", "scopes": ["image"], "story": story_id}
    done = world.editor.ask("POST", f"/api/v1/persons/{_person(world, story_id)}/acts", body=order)
    assert done.status_code == 201, done.text
    with database.reading() as session:
        assert searching.search(session, query.parse("zephyr"), limit=5).rows == []  # before the worker comes
    assert find("zephyr") == []
    assert find("giu rung") == ["Giữ rừng"]


def test_a_correction_is_found_by_its_new_words_alone(world: World, find: Find, database: Database) -> None:
    story_id = world.release(titled("Giữ rừng", lesson="Zephyr"))
    find("zephyr")
    world.push(titled("Giữ rừng", lesson="Alizé"))
    change = {"pointer": "/lesson", "reason": "Nhầm tên", "severity": "substantive"}
    world.editor.act(story_id, "approve")
    answer = world.editor.act(story_id, "release", changes=[change], note="Sửa tên")
    assert answer.status_code == 201, answer.text
    with database.reading() as session:
        assert searching.search(session, query.parse("zephyr"), limit=5).rows == []
    assert find("zephyr") == []
    assert find("alize") == ["Giữ rừng"]


@pytest.mark.parametrize("at_once", [words.TIDIED_AT_ONCE, 1])
def test_who_is_erased_leaves_no_byte_in_the_files_of_the_index(
    world: World,
    find: Find,
    database: Database,
    settings: Settings,
    clock: FixedClock,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    at_once: int,
) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("vacuum does it there")
    monkeypatch.setattr(words, "TIDIED_AT_ONCE", at_once)
    for number in range(20):  # each a segment of its own
        world.release(titled(f"Giữ rừng {number}"), external_id=f"s-{number}")
        find("rung")
    story_id = world.release(titled("Giữ biển", subject={"type": "individual", "name": "Qzephyrtz Wyqualizex"}))
    assert find("qzephyrtz wyqualizex") == ["Giữ biển"]
    person_id = _person(world, story_id, "Qzephyrtz Wyqualizex")
    with Database(database.engine, info=Signer.of(settings).info).writing() as session:
        erasing.erase(session, persons.get(session, person_id), actor=SYSTEM, now=clock.now())
    assert _bytes_left(database) == {b"zephyrtz", b"yqualizex"}  # why the worker has to tidy up
    worker.step()
    assert _bytes_left(database) == set()
    assert len(find("rung")) > 1
    with database.reading() as session:
        assert list(listing.list_faults(session)) == []
        session.execute(text("INSERT INTO search_words (search_words) VALUES ('integrity-check')"))


def _bytes_left(database: Database) -> set[bytes]:
    """What of the erased name stands in the index's pages; the first letter may be shared with the word before."""
    with database.reading() as session:
        blocks = session.scalars(text("SELECT block FROM search_words_data")).all()
    return {word for word in (b"zephyrtz", b"yqualizex") if any(word in block for block in blocks)}


def test_who_is_erased_leaves_no_word_in_the_index(
    world: World, find: Find, database: Database, settings: Settings, clock: FixedClock
) -> None:
    story_id = world.release(titled("Giữ rừng", subject={"type": "individual", "name": "Zephyr Alizé"}))
    assert find("zephyr alize") == ["Giữ rừng"]
    person_id = _person(world, story_id, "Zephyr Alizé")
    with Database(database.engine, info=Signer.of(settings).info).writing() as session:
        erasing.erase(session, persons.get(session, person_id), actor=SYSTEM, now=clock.now())
    with database.reading() as session:
        assert words.count(session) == 0
    assert find("zephyr") == find("alize") == []
