"""Word files: sent, read while a page shows how far, seen first, and made one draft."""

from __future__ import annotations

import io
import itertools
import re
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import event, select

from hub import apart
from hub.clock import FixedClock
from hub.db import Database
from hub.intake import word, word_readings
from hub.intake import word_reader as reading
from hub.intake.legacy_text import LOWER, TCVN3
from hub.intake.word_reader import WordReader
from hub.models import FormDraft, WordReading
from hub.operation import sweeping
from hub.worker import Worker
from tests.builders import World, a_picture, a_story
from tests.intake.office import docx, paragraph, picture, relationship, run
from tests.web.desks import Person, seat_user

TO_TCVN3 = str.maketrans(dict(zip(LOWER, TCVN3, strict=True)))
OLD = "bốn giờ sáng, bến đò còn đẫm hơi sương, ông lái đò đã ra thắp đèn cho chuyến đầu"
FILES = "/desk/unit/files/"
STEP = re.compile(r"Bước (\d)/(\d)")


@pytest.fixture
def contributor(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    user = seat_user(database, "contributor", organization="nghe-ca", now=clock.now(), name="Phan Thị Hòa")
    return Person(app).sign_in(user)


@pytest.fixture
def woman(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    return Person(app).sign_in(seat_user(database, "contributor", organization="phu-nu", now=clock.now()))


@pytest.fixture
def nothing_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every file were a large one."""
    monkeypatch.setattr("hub.web.unit.word_files.AT_ONCE_BYTES", 0)


def a_word_file(*paragraphs: str) -> bytes:
    """A Word file with a heading and a picture."""
    style = '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>'
    inner = paragraph(picture("rId9", "Bến lúc bình minh"))
    return docx(
        paragraph(run("Người giữ bến"), style="Heading1"),
        *paragraphs,
        inner,
        styles=style,
        relations=relationship("rId9", "image", "media/a.png"),
        more={"word/media/a.png": a_picture(64, 48, form="PNG")},
    )


def pages_of_text(pages: int) -> bytes:
    """So many pages of some 2,400 letters, in paragraphs of several runs as Word writes them."""
    return a_word_file(
        *(
            paragraph(*(run(f"{page}.{line}.{part} {OLD} ") for part in range(3)))
            for page in range(pages)
            for line in range(9)
        )
    )


def send(person: Person, data: bytes, name: str = "bai.docx") -> str:
    """Send a Word file; the address of its reading."""
    answer = person.post(f"{FILES}word", {"file": (io.BytesIO(data), name)}, form=FILES)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_a_small_file_is_read_when_its_page_opens_and_becomes_one_draft_with_its_pictures(
    contributor: Person, woman: Person, database: Database
) -> None:
    here = send(contributor, a_word_file(paragraph(run("Bến Đá Lau còn đẫm hơi sương."))))
    seen = contributor.get(here)
    assert seen.status_code == 200
    assert "Bến Đá Lau còn đẫm hơi sương." in seen.text
    assert "Bến lúc bình minh" in seen.text
    assert 'type="radio"' not in seen.text  # there is nothing to choose
    with database.reading() as session:
        assert session.scalars(select(FormDraft)).all() == []
    for path in (here, f"{here}/progress"):
        assert woman.get(path).status_code == 404  # somebody else's file
    assert woman.post(f"{here}/draft", {"choice": "leave"}, form=FILES).status_code == 404
    answer = contributor.post(f"{here}/draft", {"choice": "leave"}, form=here)
    draft = re.fullmatch(r"/desk/unit/drafts/(dr_\w{26})/pictures", answer.headers["Location"])
    assert draft
    again = contributor.post(f"{here}/draft", {"choice": "leave"}, form=FILES)
    assert again.headers["Location"] == here  # which leads to the same draft
    assert contributor.get(here).headers["Location"] == f"/desk/unit/drafts/{draft[1]}/text"
    with database.reading() as session:
        document = session.scalars(select(FormDraft.document)).one()
    assert document["title"] == "Người giữ bến"
    medium = document["media"][0]
    assert (medium["alt"], medium["credit"]) == ("Bến lúc bình minh", "Phan Thị Hòa")
    assert f'src="media:{medium["upload"]}"' in document["body"]["html"]
    assert contributor.get(f"/desk/unit/pictures/{medium['upload']}").status_code == 200


def test_a_file_that_became_a_draft_leads_to_what_came_of_it_also_when_that_was_sent_or_removed(
    contributor: Person, database: Database, clock: FixedClock
) -> None:
    here = send(contributor, a_word_file(paragraph(run("Bến Đá Lau còn đẫm hơi sương."))))
    contributor.post(f"{here}/draft", {"choice": "leave"}, form=here)
    with database.writing() as session:
        row = session.scalars(select(FormDraft)).one()
        row.document = {**a_story(), "title": "Người giữ bến"}
        draft_id = row.id
    look = f"/desk/unit/drafts/{draft_id}/check"
    sent = contributor.post(f"/desk/unit/drafts/{draft_id}/send", {}, form=look)
    story = sent.headers["Location"].removesuffix("?sent=yes")
    assert story.startswith("/desk/unit/stories/")
    assert contributor.get(here).headers["Location"] == story
    assert contributor.get(story).status_code == 200

    other = send(contributor, a_word_file(paragraph(run("Bến Đá Sáu."))), "khac.docx")
    made = contributor.post(f"{other}/draft", {"choice": "leave"}, form=other).headers["Location"]
    contributor.post(f"{made.rpartition('/')[0]}/remove", {}, form=made)
    gone = contributor.get(other)
    assert gone.status_code == 200
    assert "Bản nháp đã bị xóa." in gone.text


def test_300_pages_are_answered_at_once_and_the_page_shows_how_far_they_are_read(
    contributor: Person, word_reader: WordReader, monkeypatch: pytest.MonkeyPatch, nothing_at_once: None
) -> None:
    monkeypatch.setattr(reading, "NOTE_SECONDS", 0.05)
    here = send(contributor, pages_of_text(300))
    waiting = contributor.get(here).text
    assert "Tệp đã đến nơi" in waiting
    assert '<noscript><meta http-equiv="refresh"' in waiting
    assert f'hx-get="{here}/progress?said=left"' in waiting  # no worker runs in this test
    reads = threading.Thread(target=word_reader.step)
    reads.start()
    steps, counted = list[tuple[str, str]](), set[str]()
    while reads.is_alive():
        shown = contributor.get(f"{here}/progress").text
        steps += STEP.findall(shown)
        counted.update(re.findall(r"(\d+) đoạn văn", shown))
    reads.join()
    assert ("3", "4") in steps
    assert {steps_in_all for _step, steps_in_all in steps} == {"4"}
    assert steps == sorted(steps)
    assert counted == {"2702"}
    assert contributor.get(f"{here}/progress").headers["HX-Refresh"] == "true"
    ready = contributor.get(here).text
    assert "http-equiv" not in ready
    assert f"0.0.0 {OLD}" in ready
    assert re.search(r"còn [\d.]+ chữ cái ở phần cuối chưa được đưa vào", ready)  # what has no room is told


def test_a_file_that_comes_twice_is_one_reading_and_so_is_one_sent_while_it_is_read(
    contributor: Person, word_reader: WordReader, database: Database, nothing_at_once: None
) -> None:
    data = a_word_file(paragraph(run("Bến Đá Lau.")))
    here = send(contributor, data)
    assert send(contributor, data) == here
    word_reader.read_waiting()
    assert send(contributor, data) == here
    contributor.post(f"{here}/draft", {"choice": "leave"}, form=here)
    assert send(contributor, data) != here  # a second draft of it may be wanted
    assert "đã thành bản nháp" in contributor.get(FILES).text
    with database.reading() as session:
        assert len(session.scalars(select(WordReading.id)).all()) == 2


def test_what_a_killed_process_was_reading_is_read_by_the_next_and_not_for_ever(
    contributor: Person, word_reader: WordReader, database: Database, clock: FixedClock, nothing_at_once: None
) -> None:
    data = a_word_file(paragraph(run("Bến Đá Lau còn đẫm hơi sương.")))
    here = send(contributor, data)

    def die() -> None:
        """A process takes the file, and is never heard of again."""
        with database.writing() as session:
            assert word_readings.claim(session, now=clock.now()) is not None

    die()
    assert not word_reader.step()  # somebody reads it
    assert "Bước 1/4" in contributor.get(here).text
    clock.forward(word_readings.HOLD)
    assert word_reader.step()
    assert "Bến Đá Lau còn đẫm hơi sương." in contributor.get(here).text
    other = send(contributor, data, "chet.docx")
    for _ in range(word_readings.TRIES):
        die()
        clock.forward(word_readings.HOLD)
    assert not word_reader.step()
    refused = contributor.get(other)
    assert refused.status_code == 200
    assert "bị ngắt giữa chừng 3 lần" in refused.text
    assert "không nhận được" in contributor.get(FILES).text


def test_who_was_overtaken_writes_nothing_over_what_the_next_one_found(
    contributor: Person, word_reader: WordReader, database: Database, clock: FixedClock, nothing_at_once: None
) -> None:
    here = send(contributor, a_word_file(paragraph(run("Bến Đá Lau."))))
    with database.writing() as session:
        slow = word_readings.claim(session, now=clock.now())
    assert slow is not None
    clock.forward(word_readings.HOLD)
    assert word_reader.step()
    with database.writing() as session:
        word_readings.refuse(session, slow, word_readings.FileRefused("file_too_slow"))
        word_readings.put_back(session, slow)
        word_readings.hold(session, slow, {"step": "check"}, now=clock.now())
        late = word.read_word(docx(paragraph(run("Bến Đá Sáu."))))
        word_readings.keep(session, slow, {slow.choice: late}, {})
    seen = contributor.get(here).text
    assert "Bến Đá Lau." in seen
    assert "Bến Đá Sáu." not in seen


def test_a_file_that_nobody_reads_is_said_to_be_left_until_a_worker_runs(
    contributor: Person, worker: Worker, database: Database, clock: FixedClock, nothing_at_once: None
) -> None:
    here = send(contributor, a_word_file(paragraph(run("Bến Đá Lau."))))
    for page in (here, f"{here}/progress"):
        assert "bộ phận đọc tệp hiện không chạy" in contributor.get(page).text
    worker.step()
    assert "Tệp đã đến nơi và" in contributor.get(here).text
    with database.writing() as session:
        assert word_readings.claim(session, now=clock.now()) is not None
    worker.stop()
    assert "Bước 1/4" in contributor.get(here).text
    clock.forward(word_readings.HOLD)  # whoever read it was killed, and nobody else is there
    assert "bộ phận đọc tệp hiện không chạy" in contributor.get(here).text


def test_a_file_that_has_no_time_at_once_waits_for_the_reader(
    contributor: Person, word_reader: WordReader, worker: Worker, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.step()
    monkeypatch.setattr(reading, "AT_ONCE_SECONDS", 0.001)
    slow = send(contributor, a_word_file(paragraph(run("Bến Đá Lau."))), "cham.docx")
    assert "Tệp đã đến nơi" in contributor.get(slow).text
    monkeypatch.setattr(reading, "AT_ONCE_SECONDS", 60)
    clock.forward(timedelta(seconds=1))
    with apart.turns, apart.turns:  # all readers are busy
        busy = send(contributor, a_word_file(paragraph(run("Bến Đá Sáu."))), "ban.docx")
        assert "Còn 1 tệp được đọc trước" in contributor.get(busy).text
    word_reader.read_waiting()
    assert "Bến Đá Lau." in contributor.get(slow).text
    assert "Bến Đá Sáu." in contributor.get(busy).text


def test_the_name_of_a_file_is_kept_without_what_is_no_text(contributor: Person, database: Database) -> None:
    data = a_word_file(paragraph(run("Bến Đá Lau.")))
    head = "Content-Disposition: form-data; name="
    parts = [
        f'{head}"csrf_token"\r\n\r\n{contributor.token_of(FILES)}'.encode(),
        f"{head}\"file\"; filename*=UTF-8''ba%00i%0A.docx\r\n\r\n".encode() + data,
    ]
    body = b"".join(b"--bound\r\n" + part + b"\r\n" for part in parts) + b"--bound--\r\n"
    sent = contributor.post_body(f"{FILES}word", body, "multipart/form-data; boundary=bound")
    assert sent.status_code == 303, sent.text
    with database.reading() as session:
        assert session.scalars(select(WordReading.name)).one() == "bai .docx"


def test_every_file_of_a_day_is_listed_without_what_was_found_in_it(
    app: Flask, contributor: Person, woman: Person, database: Database, clock: FixedClock
) -> None:
    for number in range(12):
        send(contributor, docx(paragraph(run(f"Bến Đá {number}."))), f"bai-{number}.docx")
        clock.forward(timedelta(minutes=1))
    asked = list[str]()
    engine = app.extensions["hub"].database.engine
    event.listen(engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
    first = contributor.get(FILES).text
    assert any("word_readings" in each for each in asked)
    assert not any("word_readings.found" in each for each in asked)
    assert re.findall(r"bai-(\d+)\.docx", first) == [str(number) for number in range(11, 1, -1)]
    further = re.findall(r'href="(\?before=[^"#]+)#letters"', first)
    last = contributor.get(FILES + further[0]).text
    assert re.findall(r"bai-(\d+)\.docx", last) == ["1", "0"]
    assert 'class="pager"' not in last
    assert "bai-" not in woman.get(FILES).text


def test_too_many_files_at_once_are_refused_with_words(
    contributor: Person, woman: Person, nothing_at_once: None
) -> None:
    for number in range(word_readings.RUNNING_AT_MOST):
        send(contributor, a_word_file(), f"{number}.docx")
    more = contributor.post(f"{FILES}word", {"file": (io.BytesIO(a_word_file()), "them.docx")}, form=FILES)
    assert more.status_code == 422
    assert "Đang có 5 tệp Word" in more.text
    send(woman, a_word_file())


def test_a_hostile_file_is_refused_with_its_reason_whenever_it_is_read(
    contributor: Person, word_reader: WordReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = contributor.post(f"{FILES}word", {"file": (io.BytesIO(b"no zip"), "x.docx")}, form=FILES)
    assert at_once.status_code == 422
    monkeypatch.setattr("hub.web.unit.word_files.AT_ONCE_BYTES", 0)
    here = send(contributor, b"no zip", "x.docx")
    word_reader.read_waiting()
    reason = re.findall(r'id="f-word-fault" role="alert">(.*?)<br>', at_once.text)[0]
    assert reason in contributor.get(here).text


def test_a_file_goes_after_a_day_and_its_reading_with_it(
    app: Flask, contributor: Person, database: Database, clock: FixedClock
) -> None:
    here = send(contributor, a_word_file(paragraph(run("Bến Đá Lau."))))
    clock.forward(timedelta(hours=25))
    contributor.come_back()
    assert contributor.get(here).status_code == 404
    sweeping.sweep(database, app.extensions["hub"].store, now=clock.now())
    with database.reading() as session:
        assert session.scalars(select(WordReading)).all() == []


def test_old_letters_are_shown_both_ways_and_converted_only_when_that_is_chosen(
    contributor: Person, database: Database
) -> None:
    old = OLD.translate(TO_TCVN3)
    data = a_word_file(paragraph(run(old, ".VnTime")))
    here = send(contributor, data, "cu.docx")
    seen = contributor.get(here)
    assert OLD[:20] in seen.text
    paper = seen.text.partition('<article class="paper">')[2]
    assert OLD[:20] in paper  # the text is seen as it was offered to be converted
    assert old[:20] not in paper
    assert old[:20] in seen.text
    assert "checked" not in seen.text  # nobody chooses for them
    assert contributor.post(f"{here}/draft", {}, form=here).status_code == 422
    for choice, text in (("recognised", OLD), ("leave", old)):
        here = send(contributor, data, f"{choice}.docx")
        contributor.post(f"{here}/draft", {"choice": choice}, form=here)
        with database.reading() as session:
            assert (
                text[:30]
                in session.scalars(select(FormDraft.document).order_by(FormDraft.id)).all()[-1]["body"]["html"]
            )


def test_a_file_with_old_letters_is_read_twice_and_never_goes_back_a_step(
    contributor: Person, word_reader: WordReader, monkeypatch: pytest.MonkeyPatch, nothing_at_once: None
) -> None:
    monkeypatch.setattr(reading, "NOTE_SECONDS", 0.02)
    old = OLD.translate(TO_TCVN3)
    here = send(contributor, a_word_file(*(paragraph(run(f"{line}. {old}", ".VnTime")) for line in range(900))))
    reads = threading.Thread(target=word_reader.step)
    reads.start()
    steps = list[tuple[str, str]]()
    while reads.is_alive():
        steps += STEP.findall(contributor.get(f"{here}/progress").text)
    reads.join()
    assert steps[-1] == ("5", "5")
    assert steps == sorted(steps)
    assert OLD[:20] in contributor.get(here).text


def test_who_waits_for_a_file_with_old_letters_waits_no_longer_than_for_any_other(
    contributor: Person, word_reader: WordReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = itertools.count(step=3600)  # by this clock the first reading takes all the time there is
    monkeypatch.setattr(reading, "time", SimpleNamespace(monotonic=lambda: float(next(hours))))
    monkeypatch.setattr(reading, "AT_ONCE_SECONDS", 3600 * 1.5)
    here = send(contributor, a_word_file(paragraph(run(OLD.translate(TO_TCVN3), ".VnTime"))))
    assert "Tệp đã đến nơi" in contributor.get(here).text
    word_reader.read_waiting()  # nobody waits for it now
    assert OLD[:20] in contributor.get(here).text


def test_letters_that_nobody_recognised_are_seen_converted_before_a_draft_is_made_of_them(
    contributor: Person, database: Database
) -> None:
    here = send(contributor, a_word_file(paragraph(run(OLD.translate(TO_TCVN3))), paragraph(run("x", ".VnTime"))))
    for _ in range(2):
        chosen = contributor.post(f"{here}/draft", {"choice": "tcvn3"}, form=here)
        if chosen.headers["Location"] != here:
            break
        shown = contributor.get(here).text
        assert OLD[:20] in shown.partition('<article class="paper">')[2]
        assert 'value="tcvn3" checked' in shown
    with database.reading() as session:
        assert OLD[:30] in session.scalars(select(FormDraft.document)).one()["body"]["html"]


def test_a_second_reading_that_fails_leads_back_to_what_the_first_one_found(
    app: Flask, contributor: Person, word_reader: WordReader, database: Database, clock: FixedClock
) -> None:
    here = send(contributor, a_word_file(paragraph(run(OLD.translate(TO_TCVN3))), paragraph(run("x", ".VnTime"))))
    with database.reading() as session:
        row = session.scalars(select(WordReading)).one()
    store = app.extensions["hub"].store
    data = store.path(row.digest).read_bytes()
    store.path(row.digest).unlink()  # the disk fails for a while
    clock.forward(timedelta(hours=1))
    assert contributor.post(f"{here}/draft", {"choice": "vni"}, form=here).headers["Location"] == here
    shown = contributor.get(here)
    assert shown.status_code == 200
    assert "Hệ thống gặp lỗi khi đọc tệp này" in shown.text
    assert "Người giữ bến" in shown.text.partition('<article class="paper">')[2]
    assert "checked" not in shown.text
    assert store.put(data) == row.digest
    contributor.post(f"{here}/draft", {"choice": "tcvn3"}, form=here)
    assert "Hệ thống gặp lỗi" not in contributor.get(here).text
    contributor.post(f"{here}/draft", {"choice": "tcvn3"}, form=here)
    with database.reading() as session:
        assert OLD[:30] in session.scalars(select(FormDraft.document)).one()["body"]["html"]


def test_the_seconds_of_a_second_reading_are_its_own(
    contributor: Person, word_reader: WordReader, database: Database, clock: FixedClock, nothing_at_once: None
) -> None:
    here = send(contributor, a_word_file(paragraph(run(OLD.translate(TO_TCVN3))), paragraph(run("x", ".VnTime"))))
    word_reader.read_waiting()
    clock.forward(timedelta(hours=1))  # of thinking about it
    contributor.post(f"{here}/draft", {"choice": "tcvn3"}, form=here)
    with database.writing() as session:
        assert word_readings.claim(session, now=clock.now()) is not None
    clock.forward(timedelta(seconds=2))
    assert "đã đọc 2 giây" in contributor.get(here).text


def test_pictures_that_cannot_be_read_are_counted_in_words_where_they_can_be_added(
    contributor: Person, database: Database
) -> None:
    pictures = {"word/media/a.png": a_picture(64, 48, form="PNG"), "word/media/b.png": b"\x89PNG\r\n\x1a\nbroken"}
    targets = "".join(relationship(f"rId{name}", "image", f"media/{name}.png") for name in "ab")
    drawn = [paragraph(picture(f"rId{name}", f"Ảnh {name}")) for name in "ab"]
    data = docx(paragraph(run("Bến Đá Lau.")), *drawn, relations=targets, more=pictures)
    here = send(contributor, data)
    there = contributor.post(f"{here}/draft", {"choice": "leave"}, form=here).headers["Location"]
    assert "1 ảnh trong tệp Word không đọc được" in contributor.get(there).text
    assert "không đọc được" not in contributor.get(there.partition("?")[0]).text
    with database.reading() as session:
        document = session.scalars(select(FormDraft.document)).one()
    assert [medium["alt"] for medium in document["media"]] == ["Ảnh a"]


def test_method_and_lesson_of_a_word_file_stand_in_their_fields_of_the_draft(
    contributor: Person, database: Database
) -> None:
    parts = [("Cách làm", "Ghi sổ từng chuyến."), ("Bài học kinh nghiệm", "Hỏi người già.")]
    written = [each for head, text in parts for each in (paragraph(run(head), style="Heading1"), paragraph(run(text)))]
    here = send(contributor, a_word_file(paragraph(run("Bến còn đẫm sương.")), *written))
    assert "Ghi sổ từng chuyến." in contributor.get(here).text
    contributor.post(f"{here}/draft", {"choice": "leave"}, form=here)
    with database.reading() as session:
        document = session.scalars(select(FormDraft.document)).one()
    assert (document["method"], document["lesson"]) == ("Ghi sổ từng chuyến.", "Hỏi người già.")
    assert "Ghi sổ" not in document["body"]["html"]
