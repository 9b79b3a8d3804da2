"""Stories out of files: a Word file is looked at first, a table goes in row by row, large files go in pieces."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from hub.clock import FixedClock
from hub.db import Database
from hub.intake.legacy_text import LOWER, TCVN3
from hub.intake.tables import imports
from hub.models import FormDraft, Import, ImportRow, Story
from hub.worker import Worker
from tests.builders import World, a_picture
from tests.web.desks import Person, seat_user

TO_TCVN3 = str.maketrans(dict(zip(LOWER, TCVN3, strict=True)))
OLD = "bốn giờ sáng, bến đò còn đẫm hơi sương, ông lái đò đã ra thắp đèn cho chuyến đầu"


@pytest.fixture
def contributor(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    user = seat_user(database, "contributor", organization="nghe-ca", now=clock.now(), name="Phan Thị Hòa")
    return Person(app).sign_in(user)


@pytest.fixture
def woman(app: Flask, world: World, database: Database, clock: FixedClock) -> Person:
    return Person(app).sign_in(seat_user(database, "contributor", organization="phu-nu", now=clock.now()))


def send(person: Person, kind: str, data: bytes, name: str) -> Any:
    return person.post(f"/desk/unit/files/{kind}", {"file": (io.BytesIO(data), name)}, form="/desk/unit/files/")


def test_a_doc_and_a_hostile_file_get_a_sentence(contributor: Person, database: Database) -> None:
    old = send(contributor, "word", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "cu.doc")
    assert old.status_code == 422
    assert ".docx" in re.findall(r'id="f-word-fault" role="alert">(.*?)</p>', old.text, re.DOTALL)[0]
    assert send(contributor, "word", b"not a zip", "x.docx").status_code == 422
    assert send(contributor, "table", b"\x00\x01\x02", "x.xlsx").status_code == 422
    with database.reading() as session:
        assert session.scalars(select(FormDraft)).all() == []


def test_a_table_keeps_its_good_rows_and_tells_the_faults_of_the_others(
    contributor: Person, woman: Person, database: Database, worker: Worker
) -> None:
    template = contributor.get("/desk/unit/files/template.csv")
    assert template.status_code == 200
    heading = next(csv.reader(io.StringIO(template.data.decode("utf-8-sig"))))
    good = {
        "kind": "guong_nguoi_tot_viec_tot", "title": "Người giữ đèn", "summary": "Giữ đèn.", "body": "Tối nào cũng ra.",
        "subject_type": "cá nhân", "subject_name": "Lò Văn Mẫu", "commune": "xã Bến Lau", "province": "tỉnh Hải Sơn",
        "topics": "tuong_than_tuong_ai", "consent_scopes": "name",
    }  # fmt: skip
    codes = [re.findall(r"\((\w+)\)", each)[0] for each in heading]
    table = io.StringIO()
    bad = {**good, "title": "Người chèo đò", "kind": "khong_co", "subject_name": "Lê Văn Chèo"}
    rows = [[row.get(code, "") for code in codes] for row in (good, bad)]
    csv.writer(table).writerows([heading, *rows])
    sent = send(contributor, "table", table.getvalue().encode(), "bang.csv")
    assert sent.status_code == 303, sent.text
    here = sent.headers["Location"]
    running = contributor.get(here).text
    assert 'http-equiv="refresh"' in running
    worker.step()
    done = contributor.get(here).text
    assert 'http-equiv="refresh"' not in done
    assert "Người chèo đò" in done
    assert "Loại bài" in done
    assert woman.get(here).status_code == 404
    assert "Người chèo đò" in contributor.get(here + "/faulty.csv").data.decode("utf-8-sig")
    with database.reading() as session:
        assert session.scalars(select(Story.state)).all() == ["draft"]
        assert session.scalars(select(Import.faulty)).one() == 1
    assert "Người giữ đèn" in contributor.get("/desk/unit/?folder=writing").text


def test_the_part_that_a_page_asks_for_holds_no_form_and_says_aloud_only_what_is_new(
    contributor: Person, woman: Person, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PORTION", 2)
    here = send(contributor, "table", "Tiêu đề\nMột\nHai\nBa\nBốn\n".encode(), "bang.csv").headers["Location"]
    asked = re.findall(r'hx-get="([^"]+)"', contributor.get(here).text)
    assert asked == [f"{here}/progress?said=0"]
    part = contributor.get(asked[0])
    assert "0 trên 4 dòng" in part.text
    assert "<form" not in part.text
    assert "hx-swap-oob" not in part.text  # that nothing is done yet is known
    worker.step()
    moved = contributor.get(asked[0])
    assert moved.text.count("2 trên 4 dòng") == 2
    assert "hx-swap-oob" in moved.text
    assert "HX-Refresh" not in moved.headers
    assert woman.get(asked[0]).status_code == 404
    worker.step()
    assert contributor.get(asked[0]).headers["HX-Refresh"] == "true"


def test_who_was_signed_out_hears_so_instead_of_getting_a_page_for_a_part(app: Flask, contributor: Person) -> None:
    here = send(contributor, "table", "Tiêu đề\nMột\n".encode(), "bang.csv").headers["Location"]
    nobody = Person(app)
    assert nobody.get(f"{here}/progress").status_code == 302
    answer = nobody.get(f"{here}/progress", **{"HX-Request": "true"})
    assert (answer.status_code, answer.text) == (401, "{}")


def test_who_sent_a_table_ends_it_and_what_was_taken_stays(
    app: Flask,
    contributor: Person,
    woman: Person,
    database: Database,
    clock: FixedClock,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports, "PORTION", 1)
    colleague = Person(app).sign_in(
        seat_user(database, "contributor", organization="nghe-ca", now=clock.now(), email="ban")
    )
    rows = "Tiêu đề\nMột gương\nHai gương\nBa gương\n".encode()
    here = send(contributor, "table", rows, "bang.csv").headers["Location"]
    worker.step()
    assert "1 trên 3 dòng" in contributor.get(here).text
    assert "Dừng nhập" not in colleague.get(here).text
    assert colleague.post(f"{here}/end", form="/desk/unit/files/").status_code == 403
    assert woman.post(f"{here}/end", form="/desk/unit/files/").status_code == 404
    assert "Dừng nhập" in contributor.get(here).text
    for _ in range(2):
        assert contributor.post(f"{here}/end", form=here).status_code == 303
    worker.step()
    ended = contributor.get(here).text
    assert "còn 2 dòng chưa nhập" in ended
    assert "hx-get" not in ended
    with database.reading() as session:
        row = session.scalars(select(Import)).one()
        assert (row.state, row.done, row.total) == ("ended", 1, 3)
        assert session.scalar(select(func.count()).select_from(ImportRow)) == 1
    again = send(contributor, "table", rows, "bang.csv").headers["Location"]
    for _ in range(3):
        worker.step()
    assert "3 trên 3 dòng" in contributor.get(again).text


def test_a_file_comes_in_pieces_and_stands_in_the_draft_with_its_words(
    app: Flask, contributor: Person, database: Database, clock: FixedClock
) -> None:
    client, data = contributor._client, a_picture()
    form = contributor.get("/desk/unit/new").text
    token = contributor.token_of("/desk/unit/new")
    headers = {"X-CSRF-Token": token}
    announced = {"length": len(data), "media_type": "image/jpeg", "name": "ben.jpg"}
    assert client.post("/desk/unit/uploads", json=announced).status_code == 403
    begun = client.post("/desk/unit/uploads", json=announced, headers=headers)
    assert begun.status_code == 201
    address, half = begun.headers["Location"], len(data) // 2
    first = client.patch(address, data=data[:half], headers={**headers, "Upload-Offset": "0"})
    assert first.headers["Upload-Offset"] == str(half)
    wrong = client.patch(address, data=data[half:], headers={**headers, "Upload-Offset": str(half + 9)})
    assert (wrong.status_code, wrong.mimetype) == (409, "application/json")
    assert client.head(address).headers["Upload-Offset"] == str(half)
    last = client.patch(address, data=data[half:], headers={**headers, "Upload-Offset": str(half)})
    upload = last.json["media"]
    assert client.get(last.json["preview"]).status_code == 200
    draft = re.findall(r'action="/desk/unit/drafts/(dr_\w{26})/start"', form)[0]
    fields = {"title": "Bến", "uploaded": [upload], "uploaded_caption": ["Bến sớm"], "uploaded_alt": ["Bến đò"]}
    kept = contributor.post(f"/desk/unit/drafts/{draft}/start/kept", {**fields, "revision": "0"}, form="/desk/unit/new")
    assert kept.json["revision"] == 1
    again = {**fields, "uploaded_caption": ["Bến lúc sớm"], "revision": "1"}
    assert contributor.post(f"/desk/unit/drafts/{draft}/start", again, form="/desk/unit/new").status_code == 303
    with database.reading() as session:
        media = session.scalars(select(FormDraft.document)).one()["media"]
    assert [(each["kind"], each["caption"], each["alt"]) for each in media] == [("picture", "Bến lúc sớm", "Bến đò")]
