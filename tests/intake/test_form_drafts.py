"""Drafts of the desk: the unit's own, never written over unseen, handed in once, and gone in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from hub.accounts import organizations
from hub.actors import Actor, Grant, Role
from hub.clock import FixedClock
from hub.db import Database
from hub.errors import NotFound
from hub.intake import form_drafts, submissions
from hub.models import Act, FormDraft, FormDraftUpload, Person, Story, Upload, Version
from hub.operation.backup import DERIVED, PASSING
from hub.regulation import acts, reading
from hub.regulation.consent import erasing, mentions
from hub.regulation.releasing import ChangeNote
from hub.worker import Worker
from tests.builders import World, a_picture, a_story


@pytest.fixture
def fisher(world: World, database: Database) -> Actor:
    return _contributor(database, "nghe-ca", "Phan Thị Hòa")


@pytest.fixture
def woman(world: World, database: Database) -> Actor:
    return _contributor(database, "phu-nu", "Lê Thị Mận")


def test_a_draft_may_lack_anything_and_is_its_units_alone(
    database: Database, clock: FixedClock, fisher: Actor, woman: Actor
) -> None:
    with database.writing() as session:
        row = form_drafts.begin(session, {"subject": {"name": "Ông Biển"}}, actor=fisher, now=clock.now())
        assert form_drafts.title_of(row.document) == "Ông Biển"
    with database.reading() as session:
        assert form_drafts.get(session, row.id, actor=fisher, now=clock.now()).document == row.document
        assert [each.id for each in form_drafts.list_page(session, actor=fisher, limit=9, now=clock.now())] == [row.id]
        assert form_drafts.list_page(session, actor=woman, limit=9, now=clock.now()) == []
        with pytest.raises(NotFound):
            form_drafts.get(session, row.id, actor=woman, now=clock.now())
        assert session.scalar(select(func.count()).select_from(Version)) == 0


def test_what_another_device_saved_later_is_not_written_over(
    database: Database, clock: FixedClock, fisher: Actor
) -> None:
    with database.writing() as session:
        row = form_drafts.begin(session, {"title": "Một"}, actor=fisher, now=clock.now())
        assert form_drafts.save(session, row, {"title": "Hai"}, known_revision=1, actor=fisher, now=clock.now())
        assert not form_drafts.save(session, row, {"title": "Hai"}, known_revision=1, actor=fisher, now=clock.now())
        with pytest.raises(form_drafts.SavedElsewhere) as refused:
            form_drafts.save(session, row, {"title": "Ba"}, known_revision=1, actor=fisher, now=clock.now())
        assert (refused.value.facts["revision"], row.document) == (2, {"title": "Hai"})


def test_a_draft_is_handed_in_once_and_is_gone_then(database: Database, clock: FixedClock, fisher: Actor) -> None:
    with database.writing() as session:
        draft = form_drafts.begin(session, a_story(), actor=fisher, now=clock.now()).id
    found = [_hand_in(database, clock, draft, fisher) for _ in range(2)]
    assert found[0] == found[1]
    with database.reading() as session:
        assert session.scalars(select(Story.id)).all() == [found[0]]
        assert session.scalars(select(FormDraft)).all() == []
        with pytest.raises(NotFound):
            form_drafts.get(session, draft, actor=fisher, now=clock.now())


def test_a_correction_says_why_it_changes_what_it_does_in_one_act(
    world: World, database: Database, clock: FixedClock, fisher: Actor
) -> None:
    story_id = world.release()
    with database.writing() as session:
        story = acts.get_locked(session, story_id)
        document = form_drafts.check(a_story(title="Người giữ bến")).prepared
        assert document is not None
        row = form_drafts.go_on_with(
            session, story, document.content, base_version=story.latest, actor=fisher, now=clock.now()
        )
        assert (
            form_drafts.go_on_with(session, story, {}, base_version=story.latest, actor=fisher, now=clock.now()) is row
        )
        note = ChangeNote("/title", "Gọn hơn", "minor")
        form_drafts.hand_in(session, row, document, note="Xin sửa", changes=[note], actor=fisher, now=clock.now())
        act = acts.list_acts(session, story_id)[-1]
        assert (act.kind, act.note, act.changes) == ("correct", "Xin sửa", [note.as_json()])


def test_a_draft_of_a_story_that_moved_on_is_not_sent_unseen(
    world: World, database: Database, clock: FixedClock, fisher: Actor
) -> None:
    story_id = world.push()
    with database.writing() as session:
        story = acts.get_locked(session, story_id)
        draft = form_drafts.go_on_with(
            session, story, a_story(title="Của tôi"), base_version=story.latest, actor=fisher, now=clock.now()
        ).id
    world.push(a_story(title="Của máy"))
    with pytest.raises(form_drafts.StoryMovedOn):
        _hand_in(database, clock, draft, fisher)
    assert _hand_in(database, clock, draft, fisher, over_newer=True) == story_id
    with database.reading() as session:
        newest = reading.get_version(session, story_id, 3)
        assert submissions.reveal(newest.disclosures)["title"] == "Của tôi"


def test_pictures_stay_as_long_as_the_draft_that_names_them_and_both_go_in_the_end(
    world: World, database: Database, worker: Worker, clock: FixedClock, fisher: Actor
) -> None:
    upload = world.fishers.upload(a_picture()).json["id"]
    with database.writing() as session:
        media = [{"kind": "picture", "upload": upload}, {"kind": "picture", "upload": "med_" + "x" * 22}]
        form_drafts.begin(session, {"media": media}, actor=fisher, now=clock.now())
    clock.forward(timedelta(days=89))
    worker.step()
    with database.reading() as session:
        assert session.scalars(select(Upload.id)).all() == [upload]
    clock.forward(timedelta(days=1, minutes=1))
    worker.step()
    with database.reading() as session:
        assert session.scalars(select(FormDraft)).all() == []
        assert session.scalars(select(FormDraftUpload)).all() == []
        assert session.scalars(select(Upload.id)).all() == []


def test_an_erased_person_is_in_no_draft_of_their_unit(
    app: Flask, world: World, clock: FixedClock, fisher: Actor, woman: Actor
) -> None:
    database: Database = app.extensions["hub"].database  # which signs
    story_id = world.push()
    with database.writing() as session:
        story = acts.get_locked(session, story_id)
        form_drafts.go_on_with(
            session, story, {"title": "Không tên"}, base_version=story.latest, actor=fisher, now=clock.now()
        )
        form_drafts.begin(session, {"deed": "Theo lời NGUYỄN VĂN BIỂN."}, actor=fisher, now=clock.now())
        kept = form_drafts.begin(session, {"deed": "Theo lời bà Mận."}, actor=fisher, now=clock.now())
        other = form_drafts.begin(session, {"deed": "Ông Nguyễn Văn Biển khác."}, actor=woman, now=clock.now())
    with database.writing() as session:
        person = session.scalars(select(Person).where(Person.name == "Nguyễn Văn Biển")).first()
        assert person is not None
        told = [each for each in mentions.export(session, person, [story_id])[0] if each["kind"] == "form_draft"]
        assert [each["texts"] for each in told] == [{"document": {"deed": "Theo lời NGUYỄN VĂN BIỂN."}}]
        erasing.erase(session, person, actor=fisher, now=clock.now())
        assert set(session.scalars(select(FormDraft.id))) == {kept.id, other.id}
        assert session.scalar(select(func.count()).select_from(Act).where(Act.kind == "erase")) == 1


def test_a_backup_holds_drafts() -> None:
    assert not {"form_drafts", "form_draft_uploads"} & (DERIVED | PASSING)


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ({"html": "Một dòng.\n\nHai dòng."}, "<p>Một dòng.</p>\n<p>Hai dòng.</p>"),
        ({"html": "<p>Đã là HTML</p>"}, "<p>Đã là HTML</p>"),
        ({"markdown": "Có **chữ đậm**"}, "<p>Có <strong>chữ đậm</strong></p>\n"),
        ({"text": "Trần"}, "<p>Trần</p>"),
    ],
)
def test_what_was_typed_without_an_editor_becomes_paragraphs(body: dict[str, str], html: str) -> None:
    assert form_drafts.written({"title": "x", "body": body})["body"]["html"].split() == html.split()


def _hand_in(database: Database, clock: FixedClock, draft_id: str, actor: Actor, *, over_newer: bool = False) -> str:
    with database.writing() as session:
        known = form_drafts.find_handed_in(session, draft_id, actor=actor)
        if known is not None:
            return known
        row = form_drafts.get(session, draft_id, actor=actor, now=clock.now(), locked=True)
        prepared = form_drafts.check(row.document).prepared
        assert prepared is not None
        return form_drafts.hand_in(session, row, prepared, over_newer=over_newer, actor=actor, now=clock.now()).story.id


def _contributor(database: Database, code: str, name: str) -> Actor:
    with database.reading() as session:
        place = organizations.get(session, code)
    grant = Grant(Role.CONTRIBUTOR, organization_id=place.id)
    return Actor(name=name, grants=(grant,), code=code, organization_id=place.id, given_id=place.id)
