"""The regulation at the desk: read with its margin, compared, drafted, checked, and put into force on a day."""

from __future__ import annotations

import html
import io
import json
import re
from datetime import timedelta

import pytest

from hub.clock import FixedClock
from hub.db import Database
from hub.models import Edition, JournalRow
from hub.regulation.edition import editions
from tests.web.desks import Person

HOME = "/desk/admin/regulation/"
DRAFT = f"{HOME}draft"


def next_text(**changes: object) -> str:
    document = {**json.loads(editions.default_text()), "number": "09-QC/TU", **changes}
    return json.dumps(document, ensure_ascii=False, indent=1)


@pytest.fixture
def adopted(database: Database, clock: FixedClock) -> int:
    with database.writing() as session:
        return editions.adopt(session, editions.default_text(), now=clock.now()).id


def order_of(page: str, text: str, **said: str) -> dict[str, str]:
    """What the button of a checked draft's page sends."""
    hidden = dict(re.findall(r'name="(seen|compared_with)" value="([^"]*)"', page))
    return {"text": text, **hidden, "step": "adopt", **said}


def check(person: Person, text: str) -> tuple[str, str]:
    """Check a draft; its page, and the mark under which it may be adopted."""
    page = person.post(f"{DRAFT}?lang=en", {"text": text, "step": "check"}, form=DRAFT).text
    found = re.search(r'name="seen" value="(\w*)"', page)
    assert found is not None
    return page, found[1]


def test_without_a_regulation_the_page_says_so(admin: Person) -> None:
    assert "No regulation is in force" in admin.get(f"{HOME}?lang=en").text


def test_every_clause_stands_there_with_its_margin(admin: Person, auditor: Person, adopted: int) -> None:
    document = json.loads(editions.default_text())
    clauses = [clause for chapter in document["chapters"] for clause in chapter["clauses"]]
    for person in (admin, auditor):
        page = html.unescape(person.get(f"{HOME}?lang=en").text)
        for clause in clauses:
            assert f'id="clause-{clause["number"]}"' in page
            for paragraph in clause["paragraphs"]:
                assert paragraph["text"] in page
        assert page.count('class="note"') == sum(len(clause.get("rules", [])) for clause in clauses)
    printed = admin.get(f"{HOME}{adopted}/?view=print").text
    assert "clause-margin" in printed
    assert "tỉnh Hải Sơn, ngày 15 tháng 6 năm 2026" in printed
    assert "15/6/2026" in admin.get(f"{HOME}{adopted}/").text
    assert 'class="bar"' not in printed


def test_a_draft_is_checked_compared_and_put_into_force_on_a_day(
    admin: Person, database: Database, adopted: int
) -> None:
    text = next_text()
    page, _seen = check(admin, text)
    assert "It is valid" in page
    assert "08-QC/TU → 09-QC/TU" in page
    with database.reading() as session:
        assert len(editions.list_all(session)) == 1
    order = order_of(page, text, day="2026-12-01")
    done = admin.post(DRAFT, order)
    assert done.status_code == 303
    with database.reading() as session:
        first, second = editions.list_all(session)
        assert (second.number, second.document) == ("09-QC/TU", text)
        assert '"actor":"admin:' in (session.query(JournalRow).order_by(JournalRow.number.desc()).first() or 0).body
    shown = admin.get(f"{HOME}{first.id}/difference/{second.id}/?lang=en").text
    assert "08-QC/TU → 09-QC/TU" in shown
    assert admin.post(DRAFT, order).headers["Location"] == done.headers["Location"]  # the same click once more
    other = next_text(title="Tên khác")
    order = order_of(check(admin, other)[0], other, day="2026-12-01")
    again = admin.post(f"{DRAFT}?lang=en", order, form=DRAFT)
    assert again.status_code == 409
    assert f'name="instead_of" value="{second.id}"' in again.text
    assert admin.post(DRAFT, {**order, "instead_of": str(second.id)}).status_code == 303


def test_the_same_order_twice_adopts_one_edition(
    admin: Person, database: Database, adopted: int, clock: FixedClock
) -> None:
    text = next_text()
    order = order_of(check(admin, text)[0], text, day="")
    goals = []
    for _click in range(2):
        clock.forward(timedelta(seconds=2))
        goals.append(admin.post(DRAFT, order).headers["Location"])
    assert goals[0] == goals[1]
    with database.reading() as session:
        assert len(editions.list_all(session)) == 2


def test_an_edition_that_nobody_compared_with_is_not_overruled(
    admin: Person, database: Database, adopted: int, clock: FixedClock
) -> None:
    text = next_text()
    order = order_of(check(admin, text)[0], text, day="")
    clock.forward(timedelta(minutes=5))
    with database.writing() as session:
        editions.adopt(session, next_text(number="77-QC/TU"), now=clock.now())
    clock.forward(timedelta(minutes=5))
    refused = admin.post(f"{DRAFT}?lang=en", order, form=DRAFT)
    assert refused.status_code == 409
    assert "77-QC/TU → 09-QC/TU" in refused.text
    with database.reading() as session:
        assert len(editions.list_all(session)) == 2
    assert admin.post(DRAFT, order_of(refused.text, text, day="")).status_code == 303


def test_only_the_text_that_was_checked_comes_into_force(admin: Person, database: Database, adopted: int) -> None:
    _page, seen = check(admin, next_text())
    other = admin.post(DRAFT, {"text": next_text(title="Tên khác"), "seen": seen, "step": "adopt"})
    assert other.status_code == 200
    with database.reading() as session:
        assert len(editions.list_all(session)) == 1


def test_faults_of_a_draft_are_told_by_line_and_nothing_is_lost(admin: Person, adopted: int) -> None:
    broken = next_text().replace('"working_days": 3', '"working_days": "ba"', 1)
    line = 1 + broken[: broken.index('"ba"')].count("\n")
    answer = admin.post(f"{DRAFT}?lang=en", {"text": broken, "step": "check"}, form=DRAFT)
    assert answer.status_code == 422
    assert f'data-label="Line">{line}</td>' in answer.text
    assert "&#34;ba&#34;" in answer.text
    assert admin.post(DRAFT, {"file": (io.BytesIO(b"{"), "regulation.json")}).status_code == 422
    assert admin.post(DRAFT, {"text": ""}).status_code == 422
    large = admin.post(f"{DRAFT}?lang=en", {"file": (io.BytesIO(b" " * 2_097_153), "regulation.json")}, form=DRAFT)
    assert large.status_code == 422
    assert "2097153 bytes are more than" in large.text


def test_a_day_that_has_passed_is_refused_beside_its_field(admin: Person, adopted: int) -> None:
    page, _seen = check(admin, next_text())
    answer = admin.post(DRAFT, order_of(page, next_text(), day="2026-11-01"))
    assert answer.status_code == 409
    assert 'id="f-day-fault"' in answer.text


def test_only_whoever_reaches_the_whole_hub_drafts(women: Person, auditor: Person, adopted: int) -> None:
    for person in (women, auditor):
        assert person.get(HOME).status_code == 200
        assert person.get(DRAFT).status_code == 404
        assert "draft" not in person.get(HOME).text.split('id="content"')[1][:2000]


def test_the_file_is_the_very_text_that_was_adopted(auditor: Person, adopted: int, database: Database) -> None:
    sent = auditor.get(f"{HOME}{adopted}/regulation.json")
    with database.reading() as session:
        assert sent.text == session.get_one(Edition, adopted).document
    assert auditor.get(f"{HOME}999/").status_code == 404


def test_a_draft_begins_as_the_edition_in_force_and_says_how_to_go_on(
    admin: Person, database: Database, clock: FixedClock
) -> None:
    def field_of(page: str) -> str:
        found = re.search(r'<textarea id="f-text"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
        assert found is not None
        return html.unescape(found[1])

    page = admin.get(f"{DRAFT}?lang=en").text
    assert json.loads(field_of(page)) == json.loads(editions.default_text())
    assert "The field holds the regulation that comes with the hub." in page
    with database.writing() as session:
        editions.adopt(session, json.dumps(json.loads(next_text())), now=clock.now())  # as a program writes it
    page = admin.get(f"{DRAFT}?lang=en").text
    assert json.loads(field_of(page))["number"] == "09-QC/TU"
    assert "The field holds the edition in force." in page
    assert field_of(page).count("\n") > 100  # for people: a member a line, letters as letters
    assert "tỉnh" in field_of(page)
    checked, _seen = check(admin, field_of(page).replace("09-QC/TU", "10-QC/TU"))
    assert "It is valid" in checked
    assert "10-QC/TU" in checked
