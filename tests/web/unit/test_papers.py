"""Consent papers: handed in from a phone, sealed, and opened by whoever confirms or edits the story, never unseen."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from hub.accounts import users
from hub.accounts.users import Seat
from hub.actors import SYSTEM
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.http.services import EXTENSION
from hub.intake.media_store import MediaStore
from hub.models import JournalRow, Proof, Story, StoryPerson, User
from hub.models import Person as PersonRow
from hub.operation.verifying import verification
from hub.records.proofs import MAX_BYTES
from hub.regulation.consent import erasing
from tests.builders import FOUNDED, World, a_picture, a_story
from tests.web.desks import Person, seat_user

Seated = Callable[..., Person]
PDF = b"%PDF-1.7 to khai"
WRONG = "Giấy phải là ảnh (JPEG, PNG) hoặc tệp PDF, tối đa 10 MB."


@pytest.fixture
def seated(app: Flask, world: World, database: Database, clock: FixedClock) -> Seated:
    def sit(role: str, organization: str) -> Person:
        return Person(app).sign_in(seat_user(database, role, organization=organization, now=clock.now()))

    return sit


def hand_in(unit: Person, story: str, data: bytes = PDF, **changes: Any) -> TestResponse:
    """Send a paper by the form of the story's page."""
    here = f"/desk/unit/stories/{story}"
    page = unit.get(here).text
    fields = dict(re.findall(r'name="(person)" value="([^"]+)"', page.partition(f'action="{here}/papers#consent"')[2]))
    return unit.post(f"{here}/papers", {**fields, "paper": (BytesIO(data), "giay.pdf"), **changes}, form=here)


def papers_on(page: str) -> list[str]:
    return re.findall(r'href="([^"]+/papers/prf_[^"]+)"', page)


def opened(database: Database) -> list[tuple[str, str | None]]:
    """Who opened a paper, and on which story."""
    with database.reading() as session:
        rows = session.scalars(select(JournalRow).where(JournalRow.kind == "proof_read").order_by(JournalRow.number))
        return [(str(row.actor), row.story_id) for row in rows]


def test_a_paper_from_the_phone_is_sealed_and_a_click_away_for_whoever_confirms_and_edits(
    world: World, seated: Seated, database: Database, settings: Settings
) -> None:
    story, unit = world.push(), seated("contributor", "nghe-ca")
    sent = hand_in(unit, story, a_picture())
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/desk/unit/stories/{story}?paper=sealed#consent")
    assert "Đã niêm phong giấy đồng ý." in unit.get(sent.headers["Location"]).text
    assert papers_on(unit.get(f"/desk/unit/stories/{story}").text) == []  # it is told of, and opened by others
    at_story = papers_on(seated("confirmer", "ldld").get(f"/desk/unit/stories/{story}").text)
    desks = [(seated("confirmer", "nghe-ca"), f"/desk/unit/confirm/{story}")]
    assert at_story == papers_on(desks[0][0].get(desks[0][1]).text)  # also once nothing waits for a decision
    desks += [(seated(role, "ldld"), f"/desk/editor/stories/{story}") for role in ("editor", "auditor")]
    for nth, (person, page) in enumerate(desks, start=1):
        (paper,) = papers_on(person.get(page).text)
        answer = person.get(paper)
        assert answer.data == a_picture()
        assert answer.mimetype == "image/jpeg"
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert answer.headers["Cache-Control"] == "no-store"
        assert len(opened(database)) == nth
    assert {on for _, on in opened(database)} == {story}
    with database.reading() as session:
        proof = session.scalars(select(Proof)).one()
        assert (proof.story_id, a_picture() in proof.sealed.encode()) == (story, False)
    store = MediaStore(settings.media_folder)
    assert list(verification.find_faults(database, store, settings.address, seen=lambda *_: None)) == []


def test_a_file_that_comes_twice_is_sealed_once_and_another_one_is_sealed_too(
    world: World, seated: Seated, database: Database
) -> None:
    story, unit = world.push(), seated("contributor", "nghe-ca")
    sent = [hand_in(unit, story), hand_in(unit, story), hand_in(unit, story, b"%PDF-1.7 trang sau")]
    assert {answer.status_code for answer in sent} == {303}
    told = [answer.headers["Location"].partition("?paper=")[2] for answer in sent]
    assert told == ["sealed#consent", "known#consent", "sealed#consent"]
    assert "Đúng tệp này đã gửi trước đó" in unit.get(sent[1].headers["Location"]).text
    with database.reading() as session:
        assert len(session.scalars(select(Proof)).all()) == 2
    assert unit.get(f"/desk/unit/stories/{story}").text.count("Giấy đồng ý đã niêm phong lúc 12:") == 2
    papers = papers_on(seated("confirmer", "nghe-ca").get(f"/desk/unit/confirm/{story}").text)
    assert len(papers) == 2


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (b"", 422, "Tệp trống. Xin chụp lại tờ giấy hoặc chọn tệp khác."),
        (b"GIF89a", 422, WRONG),
        (b"<script>alert(1)</script>", 422, WRONG),
        (PDF + b" " * MAX_BYTES, 413, WRONG),
    ],
)
def test_what_is_no_paper_is_refused_beside_its_field_and_a_better_one_goes(
    world: World, seated: Seated, database: Database, data: bytes, status: int, words: str
) -> None:
    story, unit = world.push(), seated("contributor", "nghe-ca")
    refused = hand_in(unit, story, data)
    assert refused.status_code == status
    assert '<details class="sure" open><summary>Gửi giấy đồng ý' in refused.text
    field = refused.text.partition('id="f-paper"')[2].partition("</div>")[0]
    assert words in field
    with database.reading() as session:
        assert session.scalars(select(Proof)).all() == []
    assert hand_in(unit, story).status_code == 303


def test_a_refused_paper_keeps_whose_it_is(world: World, seated: Seated, database: Database) -> None:
    guests = {"guests": [{"name": "Võ Hữu Lành", "role": "nhân chứng"}]}
    story, unit = world.push(a_story(interview=guests)), seated("contributor", "nghe-ca")
    with database.reading() as session:
        guest = session.scalars(select(PersonRow.id).where(PersonRow.name == "Võ Hữu Lành")).one()
    assert f'<option value="{guest}" selected>' in hand_in(unit, story, b"GIF89a", person=guest).text
    assert hand_in(unit, story, person=guest).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Proof)).one().person_id == guest


def test_a_pdf_is_saved_under_a_name_that_tells_nobody(world: World, seated: Seated) -> None:
    story, confirmer = world.push(), seated("confirmer", "nghe-ca")
    hand_in(seated("contributor", "nghe-ca"), story)
    (paper,) = papers_on(confirmer.get(f"/desk/unit/confirm/{story}").text)
    answer = confirmer.get(paper)
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{paper.rpartition("/")[2]}.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_paper_follows_a_person_who_was_merged_and_goes_with_one_who_was_erased(
    app: Flask, world: World, seated: Seated, database: Database, clock: FixedClock
) -> None:
    story = world.push()
    other = world.push(a_story(subject={"type": "individual", "name": "Ông Tư"}), external_id="b")
    unit, confirmer = seated("contributor", "nghe-ca"), seated("confirmer", "nghe-ca")
    with database.reading() as session:
        double = session.scalars(select(PersonRow.id).where(PersonRow.name == "Ông Tư")).one()
        kept = session.scalars(select(StoryPerson.person_id).where(StoryPerson.story_id == story).distinct()).one()
    assert hand_in(unit, other, person=double).status_code == 303
    merged = world.editor.ask("POST", f"/api/v1/persons/{kept}/acts", body={"act": "merge", "double": double})
    assert merged.status_code == 201, merged.text
    assert hand_in(unit, other, b"%PDF-1.7 them", person=double).status_code == 303  # as the page had it before
    (first, second) = papers_on(confirmer.get(f"/desk/unit/confirm/{other}").text)
    assert {confirmer.get(each).status_code for each in (first, second)} == {200}
    assert papers_on(confirmer.get(f"/desk/unit/confirm/{story}").text) == []
    assert hand_in(unit, story).status_code == 303
    with app.extensions[EXTENSION].database.writing() as session:
        person = session.get_one(PersonRow, kept)
        erasing.erase(session, person, actor=SYSTEM, now=clock.now())
    assert confirmer.get(first).status_code == 404
    assert hand_in(unit, other, person=kept).status_code == 410


def test_papers_of_others_are_neither_handed_in_nor_opened(world: World, seated: Seated, database: Database) -> None:
    story, other = world.push(), world.push(a_story(subject={"type": "individual", "name": "Ông Tư"}), external_id="b")
    unit, confirmer = seated("contributor", "nghe-ca"), seated("confirmer", "nghe-ca")
    assert hand_in(unit, story).status_code == 303
    (paper,) = papers_on(confirmer.get(f"/desk/unit/confirm/{story}").text)
    proof = paper.rpartition("/")[2]
    with database.reading() as session:
        stranger = session.scalars(select(PersonRow.id).where(PersonRow.name == "Ông Tư")).one()
    assert hand_in(unit, story, person=stranger).status_code == 404
    assert hand_in(unit, story, person="per_" + "x" * 22).status_code == 404
    women = [seated("contributor", "phu-nu"), seated("confirmer", "phu-nu")]
    form = "/desk/unit/new"
    sent = women[0].post(f"/desk/unit/stories/{story}/papers", {"person": stranger}, form=form)
    assert sent.status_code == 404
    at_editor = f"/desk/editor/stories/{story}/papers/{proof}"
    for person, address in ((women[1], paper), (unit, paper), (confirmer, at_editor), (unit, at_editor)):
        assert person.get(address).status_code == 404, address
    assert confirmer.get(paper.replace(story, other)).status_code == 404  # the other story does not rest on it
    assert opened(database) == []


def test_an_office_above_sends_no_papers_for_its_units(world: World, seated: Seated, database: Database) -> None:
    story, above = world.push(), seated("contributor", "ldld")
    page = above.get(f"/desk/unit/stories/{story}")
    assert page.status_code == 200
    assert "/papers" not in page.text
    with database.reading() as session:
        person = session.scalars(select(PersonRow.id).where(PersonRow.name == "Nguyễn Văn Biển")).one()
    assert hand_in(above, story, person=person).status_code == 404
    with database.reading() as session:
        assert session.scalars(select(Proof)).all() == []


def test_papers_of_a_draft_are_opened_by_nobody(
    app: Flask, world: World, seated: Seated, database: Database, clock: FixedClock
) -> None:
    story = world.push()
    user = seat_user(database, "contributor", organization="nghe-ca", now=clock.now())
    both = Person(app).sign_in(user)
    hand_in(both, story)
    (paper,) = papers_on(seated("confirmer", "nghe-ca").get(f"/desk/unit/confirm/{story}").text)
    with database.writing() as session:
        users.seat(session, session.get_one(User, user), Seat(role="confirmer", organization="nghe-ca"), on=FOUNDED)
        session.get_one(Story, story).state = "draft"
    assert both.get(paper).status_code == 404
    assert opened(database) == []


def test_a_paper_of_a_withdrawn_story_is_closed_to_all_but_auditors(
    world: World, seated: Seated, database: Database
) -> None:
    story = world.release(channels=["public/all"])
    unit = seated("contributor", "nghe-ca")
    hand_in(unit, story)
    confirmer, editor, auditor = seated("confirmer", "nghe-ca"), seated("editor", "ldld"), seated("auditor", "ldld")
    (paper,) = papers_on(editor.get(f"/desk/editor/stories/{story}").text)
    at_unit = paper.replace("/desk/editor/stories/", "/desk/unit/confirm/")
    assert confirmer.get(at_unit).status_code == 200
    assert world.editor.act(story, "withdraw", reason="other").status_code == 201
    assert confirmer.get(at_unit).status_code == 410
    assert editor.get(paper).status_code == 410
    assert auditor.get(paper).status_code == 200
    assert hand_in(unit, story, person="x").status_code == 410
