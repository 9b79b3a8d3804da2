"""The outlet's inbox: the channel as in its feed, what changed since last time, and an entry in full."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from hub.accounts import users
from hub.accounts.users import Seat
from hub.actors import SYSTEM
from hub.background import create_worker
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import Entry, Idempotency, InboxLine, InboxWord, Outbox, User
from hub.outlets import terms
from hub.outlets.terms import Paper
from hub.publishing import inbox_index
from hub.records import persons
from hub.records.signing_keys import Signer
from hub.regulation.consent import erasing
from tests.api.test_pickups import rows_of
from tests.builders import FOUNDED, World, a_picture, a_story
from tests.web.desks import Person, seat_user

INBOX = "/desk/outlet/newspaper/inbox/column/"
PHONE = "0200 000 0999"
LINK = re.compile(r'class="list-title" href="([^"]+)"')


def entries_in(text: str) -> list[str]:
    """The addresses of the entries that a page lists."""
    return LINK.findall(text)


def test_who_has_one_outlet_comes_straight_to_its_first_channel(paper: Person) -> None:
    assert paper.get("/desk/outlet/").headers["Location"] == "/desk/outlet/newspaper/"
    assert paper.get("/desk/outlet/newspaper/").headers["Location"] == INBOX
    assert "Chưa có gì vào kênh này" in paper.get(INBOX).text


def test_of_another_outlet_nobody_may_know(paper: Person, world: World) -> None:
    story = world.release()
    ours = entries_in(paper.get(INBOX).text)[0]
    paths = ["inbox/segment/", ours.removeprefix("/desk/outlet/newspaper/").replace("column", "segment"), "receipts/"]
    for code in ("tv", "nobody", "public"):
        for path in ("", *paths):
            assert paper.get(f"/desk/outlet/{code}/{path}").status_code == 404, (code, path)
    assert paper.get("/desk/outlet/newspaper/inbox/segment/").status_code == 404
    assert story


def test_somebody_with_seats_at_two_outlets_switches_between_them(
    paper: Person, database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        user = users.get(session, "outlet-newspaper@hub.example")
        users.seat(session, user, Seat(role="outlet", outlet="tv"), on=FOUNDED)
    chosen = paper.get("/desk/outlet/").text
    assert "/desk/outlet/newspaper/" in chosen
    assert "/desk/outlet/tv/" in chosen
    page = paper.get(INBOX).text
    assert 'href="/desk/outlet/tv/"' in page
    assert "/desk/outlet/tv/week/" not in page  # the newspaper plans no broadcasts
    assert "/desk/outlet/tv/week/" in paper.get("/desk/outlet/tv/inbox/segment/").text


def test_the_inbox_lists_the_very_entries_of_the_feed_in_its_order(paper: Person, world: World) -> None:
    world.release(external_id="one")
    world.release(a_story(title="Bếp không khói"), external_id="two")
    feed = world.newspaper.get("/feeds/newspaper/column.json").json["items"]
    page = paper.get(INBOX).text
    assert [each.rpartition("/")[2] for each in entries_in(page)] == [each["id"].rpartition(":")[2] for each in feed]
    assert [page.index(each["title"]) for each in feed] == sorted(page.index(each["title"]) for each in feed)
    assert PHONE not in page


def test_what_changed_since_last_time_stands_out_until_it_is_marked_as_seen(
    paper: Person, world: World, app: Flask, database: Database, clock: FixedClock
) -> None:
    story = world.release()
    assert "1 bài mới" in paper.get(INBOX).text
    assert paper.post(INBOX + "seen", {"number": "1"}, form=INBOX).status_code == 303
    assert "is-new" not in paper.get(INBOX).text
    world.push(a_story(result="173 lượt tàu được giúp."))
    assert world.editor.act(story, "approve").status_code == 201
    note = [{"pointer": "/result", "reason": "Đếm sót một quý."}]
    assert world.editor.act(story, "release", public_note="Đã sửa số liệu.", changes=note).status_code == 201
    page = paper.get(INBOX + "?show=new").text
    assert "1 bài được đính chính" in page
    assert "137 lượt tàu được giúp." in page
    assert "173 lượt tàu được giúp." in page
    assert "Đếm sót một quý." in page
    assert "ĐÍNH CHÍNH" in page
    assert "chúng tôi xin đính chính bài" in page
    colleague = Person(app).sign_in(seat_user(database, "outlet", outlet="tv", now=clock.now()))
    assert "is-new" in colleague.get("/desk/outlet/tv/inbox/segment/").text  # each has a mark of their own
    paper.post(INBOX + "seen", {"number": "99"}, form=INBOX)
    assert "Không có gì thay đổi" in paper.get(INBOX).text
    world.release(external_id="later")
    assert "1 bài mới" in paper.get(INBOX).text  # 99 was more than there was, and marks nothing that is to come


def test_a_mark_never_goes_back(paper: Person, world: World) -> None:
    world.release(external_id="one")
    world.release(external_id="two")
    paper.post(INBOX + "seen", {"number": "2"}, form=INBOX)
    paper.post(INBOX + "seen", {"number": "1"}, form=INBOX)
    assert "is-new" not in paper.get(INBOX).text


def test_it_is_searched_without_marks_and_filtered_by_state_and_topic(
    paper: Person, world: World, database: Database
) -> None:
    world.release(external_id="one")
    second = world.release(a_story(title="Bếp Đặng Xá không khói", topics=["bao_ve_moi_truong"]), external_id="two")

    def found(query: str) -> int:
        return len(entries_in(paper.get(INBOX + query).text))

    assert [found(f"?q={q}") for q in ("dang+xa", "Đặng", "nguoi+giu+ben", "khong+khoi+-bep", "tau+vu+tru")] == [
        1, 1, 1, 0, 0
    ]  # fmt: skip
    assert [found(f"?topic={t}") for t in ("bao_ve_moi_truong", "tuong_than_tuong_ai", "khoi_nghiep")] == [1, 1, 0]
    assert world.editor.act(second, "hold", reason="being_checked", note="Kiểm tra.").status_code == 201
    assert [found(f"?state={s}") for s in ("held", "released", "withdrawn")] == [1, 1, 0]
    assert "Không có gì như vậy" in paper.get(INBOX + "?q=xyz").text


def test_a_search_finds_all_before_and_after_the_worker_indexed_it_and_writes_nothing(
    paper: Person, world: World, database: Database, settings: Settings, clock: FixedClock
) -> None:
    telling = {"one": "Bếp Đặng Xá không khói", "two": "Khói bếp chiều", "three": "Nghề cá ban đêm"}
    stories = {name: world.release(a_story(title=title), external_id=name) for name, title in telling.items()}

    def found() -> list[int]:
        asked = ("bep", '"khoi+bep"', "khoi+-dang", "ca+ban+dem", "ngh", "ban+đêm", "bep+chieu", "topic")
        return [len(entries_in(paper.get(f"{INBOX}?q={query}").text)) for query in asked]

    def kept() -> tuple[int, int]:
        with database.reading() as session:
            made = select(func.count()).select_from(InboxLine).where(InboxLine.waiting.is_(False))
            return session.scalar(made) or 0, session.scalar(select(func.count()).select_from(InboxWord)) or 0

    expected = [2, 1, 1, 1, 3, 1, 1, 0]
    assert found() == expected
    assert kept() == (0, 0)  # a page that is read writes nothing
    create_worker(settings, clock=clock).step()
    lines, words = kept()
    assert (lines > 0, words > 0) == (True, True)
    assert found() == expected
    assert world.editor.act(stories["two"], "withdraw", reason="legal").status_code == 201
    assert found() == [1, 0, 0, 1, 2, 1, 0, 0]
    create_worker(settings, clock=clock).step()
    clock.forward(timedelta(minutes=1))
    create_worker(settings, clock=clock).step()
    assert found() == [1, 0, 0, 1, 2, 1, 0, 0]


def test_what_nobody_indexed_is_indexed_when_the_worker_sweeps(
    paper: Person, world: World, database: Database, settings: Settings, clock: FixedClock
) -> None:
    world.release()
    with database.writing() as session:  # as after a restore, which leaves out what is derived
        session.execute(delete(InboxLine))
        session.execute(delete(Outbox))
    create_worker(settings, clock=clock).step()
    with database.reading() as session:
        assert session.scalar(select(InboxWord.entry_id).where(InboxWord.word == "bien").limit(1)) is not None
    assert len(entries_in(paper.get(INBOX + "?q=bien").text)) == 1


def test_a_search_says_when_more_waits_than_it_reads_itself(
    paper: Person, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_index, "AT_HAND", 1)
    for number in range(2):
        world.release(a_story(title=f"Bài {number}"), external_id=f"s{number}")
    assert "còn đang đọc các bài cũ" in paper.get(INBOX + "?q=bai").text


def test_a_long_channel_is_paged_by_number(paper: Person, world: World) -> None:
    for number in range(22):
        world.release(a_story(title=f"Bài {number:02}"), external_id=f"s{number}")
    first = paper.get(INBOX).text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = paper.get(INBOX + following[1].replace("&amp;", "&")).text
    assert (len(entries_in(first)), len(entries_in(second))) == (20, 2)
    assert not set(entries_in(first)) & set(entries_in(second))


def test_an_entry_shows_all_that_the_outlet_may_see_and_journals_who_reads_telephone_numbers(
    paper: Person, producer: Person, world: World, database: Database
) -> None:
    world.release()
    before = len(rows_of(database, "contacts_read"))
    path = entries_in(producer.get("/desk/outlet/tv/inbox/segment/").text)[0]
    page = producer.get(path).text
    assert PHONE in page
    assert "Ông bắt đầu từ đâu?" in page
    assert "Bến lúc bình minh" in page
    read = rows_of(database, "contacts_read")[before:]
    with database.reading() as session:
        reader = users.get(session, "outlet-tv@hub.example").id
    assert [row["actor"] for row in read] == [f"outlet:{reader}"]
    column = paper.get(entries_in(paper.get(INBOX).text)[0]).text
    assert "Phải có người trực trên bờ." in column
    assert "Ông bắt đầu từ đâu?" not in column


def test_print_pack_and_proof_come_with_the_session_and_with_no_key(paper: Person, app: Flask, world: World) -> None:
    picture = world.fishers.upload(a_picture()).json["id"]
    media = [{"kind": "picture", "upload": picture, "alt": "Bến", "credit": "Ảnh: Hòa", "rights": "Được dùng"}]
    story = world.release(a_story(media=media))
    path = entries_in(paper.get(INBOX).text)[0]
    page = paper.get(path).text
    assert f"{path}/pack.zip" in page
    assert "/packs/" not in page
    pack = paper.get(f"{path}/pack.zip")
    assert pack.headers["Cache-Control"] == "no-store"
    names = zipfile.ZipFile(io.BytesIO(pack.data)).namelist()
    assert any(name.endswith(".docx") for name in names)
    assert any(name.endswith(".jpg") for name in names)
    assert json.loads(paper.get(f"{path}/entry.json").data)["_hub"]["story"] == story
    assert Person(app).get(f"{path}/pack.zip").status_code == 302
    assert world.editor.act(story, "withdraw", reason="consent_withdrawn").status_code == 201
    assert [paper.get(path + rest).status_code for rest in ("", "/pack.zip", "/entry.json")] == [410, 410, 410]


def test_a_withdrawal_is_acknowledged_from_the_inbox(paper: Person, world: World, database: Database) -> None:
    story = world.release()
    assert world.editor.act(story, "withdraw", reason="consent_withdrawn").status_code == 201
    page = paper.get(INBOX).text
    assert "Người giữ bến Đá Lau" not in page
    assert "Một bài đã được rút" in page
    action = re.search(r'action="(/desk/outlet/newspaper/receipts/\d+)"', page)
    assert action is not None
    listed = paper.get("/desk/outlet/newspaper/receipts/").text
    assert action[1] in listed
    assert "Người giữ bến Đá Lau" not in listed
    assert "bài của Nghiệp đoàn nghề cá Bến Lau, ở “Cách làm hay”" in listed  # so that it can be found in the paper
    refused = paper.post(action[1], {"answer": "cannot"}, form=INBOX)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    sent = {"answer": "done", "note": "Đã gỡ.", "once": "abc"}
    assert paper.post(action[1], sent, form=INBOX).status_code == 303
    assert paper.post(action[1], sent, form=INBOX).status_code == 303  # a double click does it once
    assert len([row for row in rows_of(database, "receipt") if row["kind"] == "receipt"]) == 1
    assert action[1] not in paper.get("/desk/outlet/newspaper/receipts/").text
    assert "Đã gỡ." in paper.get("/desk/outlet/newspaper/receipts/?show=all").text
    assert action[1] not in paper.get(INBOX).text


def test_what_is_coming_is_shown_under_an_embargo_term_alone(
    paper: Person, world: World, database: Database, clock: FixedClock
) -> None:
    until = (clock.now() + timedelta(days=3)).isoformat()
    world.release(embargo_until=until)
    assert paper.get(INBOX + "planned").status_code == 404
    assert INBOX + "planned" not in paper.get(INBOX).text
    paper_signed = Paper(number="12/CK", signed_on=date(2026, 11, 1), valid_from=date(2026, 11, 1))
    with database.writing() as session:
        terms.add(session, "newspaper", paper_signed, actor="system", now=clock.now())
    assert INBOX + "planned" in paper.get(INBOX).text
    page = paper.get(INBOX + "planned").text
    assert "Người giữ bến Đá Lau" in page
    assert "26/11/2026" in page
    assert "còn đẫm hơi sương" not in page


def test_lines_by_which_a_story_is_found_go_when_somebody_is_erased(
    paper: Person, world: World, database: Database, settings: Settings, clock: FixedClock
) -> None:
    story = world.release()
    create_worker(settings, clock=clock).step()
    with database.reading() as session:
        found = session.scalars(select(InboxLine).join(Entry, Entry.id == InboxLine.entry_id)).all()
        assert any("nguyen van bien" in row.words for row in found)
        assert session.scalar(select(User.id)) is not None
    person = world.fishers.get(f"/api/v1/persons?story={story}").json["items"][0]["id"]
    with Database(database.engine, info=Signer.of(settings).info).writing() as session:
        erasing.erase(session, persons.get(session, person), actor=SYSTEM, now=clock.now())
    with database.reading() as session:
        assert session.scalars(select(InboxWord)).all() == []
        assert {row.words for row in session.scalars(select(InboxLine))} == {""}
    assert entries_in(paper.get(INBOX + "?q=bien").text) == []


def test_a_withdrawn_story_is_found_by_no_word_and_its_words_go(
    paper: Person, world: World, database: Database, settings: Settings, clock: FixedClock
) -> None:
    story, _other = world.release(), world.release(a_story(title="Bến khác"), external_id="two")
    worker = create_worker(settings, clock=clock)
    worker.step()
    words = select(InboxWord.entry_id).join(Entry, Entry.id == InboxWord.entry_id).where(Entry.story_id == story)
    lines = select(InboxLine.words).join(Entry, Entry.id == InboxLine.entry_id).where(Entry.story_id == story)
    with database.reading() as session:
        assert session.scalar(words.limit(1)) is not None
    assert len(entries_in(paper.get(INBOX + "?q=ben").text)) == 2
    world.editor.act(story, "withdraw", reason="other")
    assert len(entries_in(paper.get(INBOX + "?q=ben").text)) == 1  # before the worker has come to it
    worker.step()
    with database.reading() as session:
        assert session.scalars(words).all() == []
        assert {line.strip() for line in session.scalars(lines)} == {""}
    assert len(entries_in(paper.get(INBOX + "?q=ben").text)) == 1


def test_what_an_outlet_sent_in_a_form_keeps_nobody_from_being_erased(
    paper: Person, world: World, database: Database, settings: Settings, clock: FixedClock
) -> None:
    story = world.release()
    with database.writing() as session:
        session.add(
            Idempotency(owner="user:1", key="form-old", content_digest="", answer="/desk/", created_at=clock.now())
        )
    sent = {"label": "Máy chủ", "kind": "key", "once": "page-1"}
    paper.post("/desk/outlet/newspaper/keys/", sent, form="/desk/outlet/newspaper/keys/")
    person = world.fishers.get(f"/api/v1/persons?story={story}").json["items"][0]["id"]
    with Database(database.engine, info=Signer.of(settings).info).writing() as session:
        erasing.erase(session, persons.get(session, person), actor=SYSTEM, now=clock.now())
