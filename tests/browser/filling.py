"""Fills the demo's province with what the demo leaves empty, so that every page has something to show.

People do most of it at their desks; what comes over the API is pushed with the demo's own keys.
"""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
import time
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Flask

from hub.background import create_worker
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database
from hub.http.services import EXTENSION
from hub.intake.word_reader import AT_ONCE_BYTES
from hub.outlets import terms
from hub.outlets.terms import Paper
from hub.records import outbox
from hub.regulation.edition import editions
from hub.web.unit.steps import STEPS
from tests.builders import Client, a_picture, a_story
from tests.intake.office import docx, paragraph, run
from tests.web.desks import Person

UNIT = "nghiep-doan-nghe-ca-ben-lau"
OTHER = "cong-doan-co-quan-ben-lau"
SIGNED = date(2025, 8, 1)
WORK_SECONDS = 120
LONG_TITLE = (
    "Người thợ máy Công Tằng Tôn Nữ Nguyễn Hoàng Thị Thanh Nguyệt giữ lửa cho trạm cứu hộ không đồng ở bến Đá Lau "
    "suốt mười năm qua, ngày mưa bão cũng như ngày nắng"
)
LONG_NAME = "Bài_dự_thi_gương_người_tốt_việc_tốt_công_đoàn_xã_Bến_Lau_bản_cuối_cùng_đã_sửa.docx"


def fill(
    app: Flask, settings: Settings, people: Mapping[str, Person], keys: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    """Fill the province; returns by role the addresses to which no link leads."""
    unit, editor = Client(app, keys["organizations"][UNIT]), Client(app, keys["editor"])
    newspaper, tv = (Client(app, keys["outlets"][code]) for code in ("newspaper", "tv"))
    database: Database = app.extensions[EXTENSION].database
    withdrawn = _withdraw(editor)
    waiting = _push_what_waits(unit, Client(app, keys["organizations"][OTHER]))
    _hand_in_a_paper(people["contributor"], waiting)
    for outlet in (newspaper, tv):
        _said(
            outlet.ask(
                "POST", "/api/v1/requests", body={"title": LONG_TITLE[:190], "text": "Ai đang giữ bến?", "to": UNIT}
            )
        )
    _agree_on_terms(database)
    _adopt_another_edition(database)
    _plan_a_programme(people["television"])
    drafts = _tell_by_hand(people["contributor"])
    imported = _send_a_table(people["contributor"])
    plan = _send_units(people["admin"])
    _work_off(settings)
    return {
        "visitor": (f"/stories/{withdrawn}",),
        "contributor": (*drafts, imported),
        "editor": (f"/desk/editor/stories/{waiting}",),
        "admin": (plan,),
    }


def _work_off(settings: Settings) -> None:
    """Do all that waits for the worker, which looks after other work before a long search for likenesses is done."""
    worker, waits = create_worker(settings), True
    deadline = time.monotonic() + WORK_SECONDS
    while waits:
        assert time.monotonic() < deadline, "the worker does not come to an end"
        worker.step()
        with worker.database.reading() as session:
            waits = bool(outbox.list_waiting(session, kinds=list(worker.handlers)))
    worker.database.engine.dispose()


def _said(answer: Any) -> Any:
    assert answer.status_code in {200, 201}, answer.text
    return answer.json


def _withdraw(editor: Client) -> str:
    """Take back a story that everybody could read; returns its id."""
    released = [each for each in _said(editor.get("/api/v1/stories"))["items"] if each["state"] == "released"]
    story_id: str = released[-1]["id"]
    _said(editor.act(story_id, "withdraw", reason="factual_error", note="Số liệu của đơn vị không có căn cứ."))
    return story_id


def _hand_in_a_paper(contributor: Person, story: str) -> None:
    """The consent of the one whom the waiting story tells of, as a photo."""
    here = f"/desk/unit/stories/{story}"
    form = contributor.get(here).text.partition(f'action="{here}/papers#consent"')[2]
    person = re.findall(r'name="person" value="([^"]+)"', form)[0]
    sent = {"person": person, "paper": (io.BytesIO(a_picture()), "giay.jpg")}
    answer = contributor.post(f"{here}/papers", sent, form=here)
    assert answer.status_code == 303, answer.text


def _push_what_waits(unit: Client, other: Client) -> str:
    """Two stories of one deed with long titles and names, and a picture."""
    picture = {
        "kind": "picture",
        "upload": _said(unit.upload(a_picture()))["id"],
        "caption": LONG_TITLE,
        "alt": "Bến",
        "credit": "TH",
    }
    claims = [{"text": "137 lượt tàu được giúp.", "source": "Sổ trực của bến, " + LONG_TITLE, "source_kind": "so_sach"}]
    story = a_story(title=LONG_TITLE[:190], media=[picture], claims=claims)
    other_way = {**story, "media": [], "title": "Bến Đá Lau có người trực"}
    _said(other.put("long", other_way))
    return str(_said(unit.put("long", story))["id"])


def _agree_on_terms(database: Database) -> None:
    """The newspaper has signed that it keeps embargoes, so it sees what is coming."""
    now = SystemClock().now()
    with database.writing() as session:
        paper = Paper(number="12/CK", signed_on=SIGNED, valid_from=SIGNED)
        terms.add(session, "newspaper", paper, actor="system", now=now)


def _adopt_another_edition(database: Database) -> None:
    """A second edition of the regulation, in which a paragraph reads otherwise."""
    text = json.loads(editions.default_text())
    clause = text["chapters"][0]["clauses"][0]
    clause["paragraphs"][0]["text"] += " Câu này mới có ở lần ban hành thứ hai."
    with database.writing() as session:
        editions.adopt(session, json.dumps({**text, "number": "09-QC/TU"}), now=SystemClock().now())


def _plan_a_programme(producer: Person) -> None:
    day = date.today() + timedelta(days=3)
    fields = {
        "title": LONG_TITLE[:190],
        "day": day.isoformat(),
        "hour": "20:00",
        "minutes": "30",
        "place": "Trường quay 2",
    }
    at = "/desk/outlet/tv/programmes/"
    answer = producer.post(at, {**fields, "frequency": "WEEKLY", "interval": "1"}, form=f"{at}new")
    assert answer.status_code == 303, answer.text


def _tell_by_hand(contributor: Person) -> tuple[str, ...]:
    """A draft begun in the form, and one of a Word file; returns the addresses of every step of the first."""
    page = contributor.get("/desk/unit/new").text
    found = re.search(r'action="(/desk/unit/drafts/dr_\w{26})/start"', page)
    assert found is not None
    fields = {
        "subject/type": "individual",
        "subject/name": "Nguyễn Văn Biển",
        "title": LONG_TITLE[:190],
        "summary": LONG_TITLE,
        "place/commune": "xã Bến Lau",
        "place/province": "tỉnh Hải Sơn",
    }
    answer = contributor.post(f"{found[1]}/start", fields, form="/desk/unit/new")
    assert answer.status_code == 303, answer.text
    word = docx(paragraph(run("Người giữ bến")), paragraph(run("Bốn giờ sáng, bến còn đẫm sương.")))
    drafted, looked_at = _send_word(contributor, word, "bai.docx"), _send_word(contributor, word, LONG_NAME)
    waiting = _send_word(contributor, docx(more={"word/media/a.png": secrets.token_bytes(AT_ONCE_BYTES)}), LONG_NAME)
    made = contributor.post(f"{drafted}/draft", {"choice": "leave"}, form=drafted)
    assert made.status_code == 303, made.text
    return (
        *(f"{found[1]}/{step.slug}" for step in STEPS),
        f"{found[1]}/check",
        made.headers["Location"],
        looked_at,
        waiting,
    )


def _send_word(contributor: Person, word: bytes, name: str) -> str:
    """Send a Word file; returns the address of its reading."""
    file = (io.BytesIO(word), name)
    answer = contributor.post("/desk/unit/files/word", {"file": file}, form="/desk/unit/files/")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def _send_a_table(contributor: Person) -> str:
    """A table with a good and a faulty row; returns the address of its page."""
    heading = next(csv.reader(io.StringIO(contributor.get("/desk/unit/files/template.csv").data.decode("utf-8-sig"))))
    good = {
        "kind": "guong_nguoi_tot_viec_tot", "title": LONG_TITLE[:190], "summary": "Giữ đèn.", "body": "Tối nào cũng ra",
        "subject_type": "cá nhân", "subject_name": "Lò Văn Mẫu", "commune": "xã Bến Lau", "province": "tỉnh Hải Sơn",
        "topics": "tuong_than_tuong_ai", "consent_scopes": "name",
    }  # fmt: skip
    codes = [re.findall(r"\((\w+)\)", each)[0] for each in heading]
    table = io.StringIO()
    rows = [[row.get(code, "") for code in codes] for row in (good, {**good, "kind": "khong_co"})]
    csv.writer(table).writerows([heading, *rows])
    file = (io.BytesIO(table.getvalue().encode()), "bang.csv")
    answer = contributor.post("/desk/unit/files/table", {"file": file}, form="/desk/unit/files/")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def _send_units(admin: Person) -> str:
    """A table of units that waits to be agreed to; returns the address of its plan."""
    table = f"code,name,kind,parent\nto-1,Tổ công đoàn số 1,cong_doan,{UNIT}\n"
    at = "/desk/admin/organizations/table"
    day = (date.today() + timedelta(days=1)).isoformat()
    answer = admin.post(at, {"file": (io.BytesIO(table.encode()), "don-vi.csv"), "on": day})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])
