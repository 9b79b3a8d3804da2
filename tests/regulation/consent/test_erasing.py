"""A person's rights: everything held about them is told; and it goes for good, with the hub as sound as before."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from feeds.parse import parse
from hub.actors import SYSTEM
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import Act, Duty, Filing, JournalRow, Organization, Outlet, Pickup, Receipt, Story, Version, Waiver
from hub.operation.verifying import proof_faults
from hub.outlets import receipts
from hub.records import journal, persons
from hub.records.disclosures import reveal
from hub.records.erasing import list_erased
from hub.records.secret import Secret
from hub.records.signing_keys import Signer
from hub.regulation.consent import erasing, exporting
from hub.regulation.duties import projector, waiving
from hub.regulation.edition import editions
from hub.regulation.filed import filings, pickups
from hub.worker import Worker
from tests.api.test_uploads import MP4, send_all
from tests.builders import INTERVIEW, Client, World, a_picture, a_story
from tests.operation.conftest import Hub

SECOND = timedelta(seconds=1)
CHANNELS = ["newspaper/column", "tv/segment", "public/all"]
GUEST = {"name": "Võ Hữu Lành", "role": "nhân chứng", "contact": {"phone": "0200 000 0777"}}
FLAT = {"name": "Đào Thị Mười", "role": "người được cứu"}
CARD: dict[str, Any] = {**INTERVIEW, "guests": [GUEST, FLAT, *INTERVIEW["guests"]]}  # type: ignore[misc]
EVERYWHERE = (
    *("persons", "story_persons", "consents", "proofs", "versions", "acts", "releases", "entries", "fragments"),
    *("documents", "outbox", "idempotency", "journal"),
    *("pickups", "receipts", "filings", "duty_waivers", "stories"),
)


def _person(world: World, story_id: str, name: str = "Nguyễn Văn Biển") -> str:
    found = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    (person,) = [row["id"] for row in found if row["name"] == name]
    return str(person)


def _erase(database: Database, settings: Settings, person_id: str, clock: FixedClock) -> erasing.Erased:
    with Database(database.engine, info=Signer.of(settings).info).writing() as session:
        person = persons.get(session, person_id)
        erased = erasing.erase(session, person, actor=SYSTEM, now=clock.now())
    store = Hub(settings, database).store
    for digest in erased.files:
        store.remove(digest)
    return erased


def _everything(database: Database) -> str:
    """Every row of the database as text, with what disclosures tell."""
    parts: list[str] = []
    with database.reading() as session:
        for table in EVERYWHERE:
            rows = session.execute(text(f"SELECT * FROM {table}"))
            parts += [_text(value) for row in rows for value in row]
        for version in session.scalars(select(Version)):
            parts.append(json.dumps(reveal(version.disclosures), ensure_ascii=False))
    return "\n".join(parts)


def _text(value: Any) -> str:
    """A column's value as one would find a word in it; escaped JSON is read."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _with_picture(world: World, **changes: Any) -> dict[str, Any]:
    upload = world.fishers.upload(a_picture()).json["id"]
    picture = {"kind": "picture", "upload": upload, "alt": "Ông Biển", "credit": "Phan Thị Hòa"}
    return a_story(media=[picture], **changes)


def test_an_erased_subject_is_gone_from_every_row_feed_page_and_file(
    world: World, worker: Worker, settings: Settings, database: Database, clock: FixedClock
) -> None:
    story_id = world.release(_with_picture(world, interview=CARD), channels=CHANNELS)
    once = {"Idempotency-Key": "k"}
    world.fishers.ask("POST", "/api/v1/stories", body=a_story(title="Nguyễn Văn Biển lần nữa"), headers=once)
    used = {
        "story": story_id,
        "use": "declined",
        "reason": "Ông Nguyễn Văn Biển bận.",
        "clip": "https://x.example/bien",
    }
    world.newspaper.ask("POST", "/api/v1/pickups", body=used, headers=once)
    idea = {"kind": "idea", "text": "Viết thêm về Nguyễn Văn Biển.", "to": "nghe-ca"}
    world.editor.ask("POST", "/api/v1/filings", body=idea, headers=once)
    clock.forward(SECOND)
    world.fishers.put("one", _with_picture(world, interview=CARD, title="Ông Nguyễn Văn Biển giữ bến"))
    world.editor.act(story_id, "return", note="Xin hỏi lại ông Nguyễn Văn Biển về số liệu.")
    person = _person(world, story_id)
    world.fishers.ask("POST", f"/api/v1/persons/{person}/proofs", body="%PDF Nguyễn Văn Biển".encode())
    worker.step()
    files = list(settings.media_folder.rglob("*"))
    assert any(path.is_file() for path in files)
    clock.forward(SECOND)
    erased = _erase(database, settings, person, clock)
    assert erased.stories[0] == story_id
    held = _everything(database)
    worker.step()
    held += _everything(database)
    for told in ("Nguyễn Văn Biển", "Ông Biển", "0200 000 0999", "trực bộ đàm", "Đá Lau"):
        assert told not in held, told
    assert not any(path.is_file() for path in settings.media_folder.rglob("*"))
    assert world.editor.get(f"/api/v1/stories/{story_id}").json["state"] == "withdrawn"
    assert world.reader.get(f"/stories/{story_id}").status_code == 410
    for channel, client in zip(CHANNELS, (world.newspaper, world.tv, world.reader), strict=True):
        for form in ("rss", "atom", "json", "ninjs"):
            assert "Biển" not in client.get(f"/feeds/{channel}.{form}").text
    assert Hub(settings, database).find_faults() == []


def test_what_stays_of_an_erased_subject_tells_of_nobody(
    world: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    story_id = world.release(channels=["public/all"])
    _erase(database, settings, _person(world, story_id), clock)
    assert world.fishers.get(f"/api/v1/stories/{story_id}").status_code == 200
    with database.reading() as session:
        left = reveal(session.scalars(select(Version)).one().disclosures)
    assert set(left) == {"kind", "stage", "subject", "unit", "place", "topics", "consent"}
    assert left["subject"] == {"type": "individual"}
    acts = world.fishers.get(f"/api/v1/stories/{story_id}/acts").json["items"]
    assert [act["act"] for act in acts[-2:]] == ["withdraw", "erase"]
    assert world.fishers.put("one", a_story(title="Lại")).status_code == 409


def test_an_erased_guest_leaves_the_card_and_the_story_stands_with_the_others_in_their_places(
    world: World, worker: Worker, settings: Settings, database: Database, clock: FixedClock
) -> None:
    story_id = world.release(a_story(interview=CARD), channels=CHANNELS)
    clock.forward(SECOND)
    silent = _person(world, story_id, "Đào Thị Mười")
    order = {"act": "withdraw", "story": story_id}
    assert world.editor.ask("POST", f"/api/v1/persons/{silent}/acts", body=order).status_code == 201
    clock.forward(SECOND)
    _erase(database, settings, _person(world, story_id, "Võ Hữu Lành"), clock)
    worker.step()
    card = world.tv.get("/feeds/tv/segment.json").json["items"][0]["_hub"]["interview"]
    assert [guest["name"] for guest in card["guests"]] == ["Nguyễn Văn Biển"]  # the silent one stays hidden
    assert "Võ Hữu Lành" not in _everything(database)
    assert "Đào Thị Mười" in _everything(database)
    assert len(parse(world.reader.get("/feeds/public/all.atom").data).entries) == 1
    assert Hub(settings, database).find_faults() == []
    answer = world.editor.act(story_id, "release", channels=["public/green"], note="Thêm kênh")
    assert answer.status_code == 201, answer.text


def test_a_guest_whom_the_body_names_takes_the_story_along(
    world: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    body = {"html": "<p>Anh Võ <em>Hữu</em> Lành kể lại đêm ấy.</p><p>Võ Hữu Lành nay đã ở bến khác.</p>"}
    story_id = world.release(a_story(interview=CARD, body=body), channels=CHANNELS)
    clock.forward(SECOND)
    _erase(database, settings, _person(world, story_id, "Võ Hữu Lành"), clock)
    assert parse(world.reader.get("/feeds/public/all.atom").data).entries == ()
    assert world.tv.get("/feeds/tv/segment.json").json["items"][0]["title"]  # a segment can do without a body
    assert "Hữu" not in _everything(database)
    assert Hub(settings, database).find_faults() == []


def test_a_story_that_was_never_released_is_withdrawn_by_the_erasure(
    world: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    story_id = world.push()
    draft = world.push(a_story(state="draft"), external_id="two")
    assert _person(world, story_id) == _person_of_draft(world, draft)
    _erase(database, settings, _person(world, story_id), clock)
    assert {world.fishers.get(f"/api/v1/stories/{found}").json["state"] for found in (story_id, draft)} == {"withdrawn"}
    assert Hub(settings, database).find_faults() == []


def _person_of_draft(world: World, story_id: str) -> str:
    return str(world.fishers.get(f"/api/v1/persons?story={story_id}").json["items"][0]["id"])


def test_the_journal_names_what_went_and_verify_asks_for_every_single_one(
    world: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    story_id = world.release(a_story(interview=CARD), channels=CHANNELS)
    _erase(database, settings, _person(world, story_id, "Võ Hữu Lành"), clock)
    with database.reading() as session:
        told = [json.loads(body) for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))]
        version = session.scalars(select(Version)).one()
        missing = set(version.digests) - version.disclosures.keys()
        keys, _ = proof_faults.read_keys(session)
    assert list_erased(story_id, told, keys) == {1: missing}
    assert missing
    assert [record["act"] for record in told if record["kind"] == "act"][-1] == "erase"


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda kept: dict(list(kept.items())[1:]), "1 disclosures are missing, and no erasure is recorded"),
        (lambda kept: {}, "disclosures are missing, and no erasure is recorded"),
    ],
)
def test_what_is_removed_without_an_act_is_found_also_where_something_was_erased(
    world: World,
    settings: Settings,
    database: Database,
    clock: FixedClock,
    damage: Callable[[dict[str, str]], dict[str, str]],
    fault: str,
) -> None:
    story_id = world.push(a_story(interview=CARD))
    _erase(database, settings, _person(world, story_id, "Võ Hữu Lành"), clock)
    with database.writing() as session:
        version = session.scalars(select(Version)).one()
        version.disclosures = damage(dict(version.disclosures))
    assert any(fault in found for found in Hub(settings, database).find_faults())


def test_what_was_erased_and_is_there_again_is_found(
    world: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    story_id = world.push(a_story(interview=CARD))
    with database.reading() as session:
        before = dict(session.scalars(select(Version)).one().disclosures)
    _erase(database, settings, _person(world, story_id, "Võ Hữu Lành"), clock)
    with database.writing() as session:
        session.scalars(select(Version)).one().disclosures = before  # as an older backup would bring it
    assert any("were erased, and are there again" in found for found in Hub(settings, database).find_faults())


def test_a_note_that_is_emptied_without_an_act_is_found(
    world: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    story_id = world.push()
    world.editor.act(story_id, "return", note="Thiếu số liệu")
    _erase(database, settings, _person(world, story_id), clock)
    assert Hub(settings, database).find_faults() == []  # this note told no name, and stays
    with database.writing() as session:
        session.scalars(select(Act).where(Act.kind == "return")).one().note = ""
    assert any("differs from the journal in note" in found for found in Hub(settings, database).find_faults())


def test_an_export_tells_all_that_is_held_where_it_stood_and_who_could_have_had_it(
    world: World, settings: Settings, database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    story_id = world.release(a_story(interview=CARD), channels=["newspaper/column", "public/all"])
    person = _person(world, story_id)
    world.fishers.ask("POST", f"/api/v1/persons/{person}/proofs", body=b"%PDF-1.7")
    clock.forward(SECOND)
    order = {"act": "withdraw", "scopes": ["image"]}
    world.editor.ask("POST", f"/api/v1/persons/{person}/acts", body=order)
    with database.reading() as session:
        row = persons.get(session, person)
        held = json.loads(json.dumps(exporting.export(session, row, secret=Secret.of(settings), now=clock.now())))
    assert (held["person"]["name"], held["person"]["birth_year"]) == ("Nguyễn Văn Biển", 1970)
    assert {entry["scope"]: entry["end_reason"] for entry in held["consents"]} == {
        "name": "",
        "image": "withdrawn_all",
        "voice": "",
        "work_story": "",
    }
    assert held["proofs"][0]["file"] == "JVBERi0xLjc="
    (story,) = held["stories"]
    assert story["versions"][0]["content"]["deed"] == "Lập và trực trạm cứu hộ."
    assert [place["part"] for place in story["versions"][0]["as"]] == ["subject", "guest"]
    assert {(where["channel"], where["had_by"]) for where in story["published"]} == {
        ("newspaper/column", "newspaper"),
        ("public/all", "everybody"),
    }


def test_an_export_tells_whatever_else_names_the_person_and_no_more_of_it(
    world: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    name = "Nguyễn Văn Biển"
    story_id = world.release(channels=CHANNELS)
    person = _person(world, story_id)
    world.newspaper.ask("POST", "/api/v1/pickups", body={
        "story": story_id, "use": "declined", "reason": f"Ông {name} bận.", "note": "Trang 3.",
    })  # fmt: skip
    asked = world.tv.ask("POST", "/api/v1/requests", body={
        "title": "Người giữ bến", "text": f"Xin bài về {name}.", "to": "nghe-ca",
    })  # fmt: skip
    assert asked.status_code == 201, asked.text
    replied = world.fishers.ask(
        "POST", f"/api/v1/requests/{asked.json['id']}/answers", body={"answer": "question", "text": f"{name} nào?"}
    )
    assert replied.status_code == 201, replied.text
    world.editor.ask("POST", "/api/v1/filings", body={"kind": "idea", "text": f"Viết thêm về {name}.", "to": "nghe-ca"})
    order = {"title": "Giao lưu", "starts_at": "2026-12-01T08:30:00+07:00", "planned_seconds": 1800}
    segment = world.tv.ask("POST", "/api/v1/segments", body={**order, "theme": f"Cùng {name}"})
    item = {"kind": "talk", "title": "Gặp gỡ", "planned_seconds": 60}
    questions = [{"text": f"Thưa ông {name}?"}, {"text": "Bến có gì?"}]
    known = {"If-Match": segment.headers["ETag"]}
    path = f"/api/v1/segments/{segment.json['code']}/rundown"
    put = world.tv.ask("PUT", path, body={"items": [{**item, "questions": questions}]}, headers=known)
    assert put.status_code == 200, put.text
    with database.writing() as session:  # what the hub found of uses waits for the outlet, and is held all the same
        pickup = session.scalars(select(Pickup)).one()
        columns = {column.name: getattr(pickup, column.name) for column in Pickup.__table__.columns}
        found = {**columns, "id": None, "state": "proposed", "reason": "", "note": "", "place": f"Chuyện {name}"}
        session.add(Pickup(**found))
    with database.reading() as session:
        row = persons.get(session, person)
        held = json.loads(json.dumps(exporting.export(session, row, secret=Secret.of(settings), now=clock.now())))
    assert [(said["kind"], said.get("by"), said["texts"]) for said in held["mentions"]] == [
        ("pickup", "newspaper", {"reason": f"Ông {name} bận."}),
        ("pickup", "newspaper", {"place": f"Chuyện {name}"}),
        ("filing", None, {"text": f"Viết thêm về {name}."}),
        ("request", "tv", {"text": f"Xin bài về {name}."}),
        ("request_answer", "nghe-ca", {"text": f"{name} nào?"}),
        ("segment", "tv", {"theme": f"Cùng {name}", "rundown": [{"questions": [{"text": f"Thưa ông {name}?"}]}]}),
    ]
    assert held["mentions"][0]["story"] == story_id
    _erase(database, settings, person, clock)
    with database.reading() as session:
        left = exporting.export(session, persons.get(session, person), secret=Secret.of(settings), now=clock.now())
    assert left["mentions"] == []


def test_an_erased_person_leaves_an_empty_export_and_an_id_that_still_leads_somewhere(
    world: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    story_id = world.push()
    person = _person(world, story_id)
    _erase(database, settings, person, clock)
    with database.reading() as session:
        row = persons.get(session, person)
        held = exporting.export(session, row, secret=Secret.of(settings), now=clock.now())
    assert (held["person"]["name"], held["proofs"]) == ("", [])
    assert held["person"]["erased_at"]
    assert "Biển" not in json.dumps(held, ensure_ascii=False)


def test_a_picture_that_others_show_too_leaves_them_with_the_person(
    world: World, worker: Worker, settings: Settings, database: Database, clock: FixedClock
) -> None:
    story = _with_picture(world)
    first = world.release(story, channels=["public/all"])
    other = {**story, "subject": {"type": "collective", "name": "Tổ cứu hộ số 2"}, "interview": {}}
    world.release(other, external_id="two", channels=["public/all"])
    clock.forward(SECOND)
    _erase(database, settings, _person(world, first), clock)
    worker.step()
    feed = parse(world.reader.get("/feeds/public/all.atom").data)
    (left,) = feed.entries
    assert not [link for link in left.enclosures if link.media_type.startswith("image")]
    assert Hub(settings, database).find_faults() == []


def test_only_the_one_of_two_namesakes_goes(
    world: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    namesake: Client = world.women
    one = world.release(channels=["public/all"])
    answer = namesake.put("theirs", a_story(title="Một người khác cùng tên"))
    two = answer.json["id"]
    world.editor.act(two, "approve", channels=["newspaper/column"])
    clock.forward(SECOND)
    _erase(database, settings, _person(world, one), clock)
    assert world.editor.get(f"/api/v1/stories/{two}").json["state"] == "released"
    assert "cùng tên" in world.newspaper.get("/feeds/newspaper/column.json").text


def test_an_erased_guest_takes_pictures_and_footage_of_people_along_and_their_files(
    world: World, worker: Worker, settings: Settings, database: Database, clock: FixedClock
) -> None:
    people, work = (world.fishers.upload(a_picture(*size)).json["id"] for size in ((300, 200), (200, 300)))
    media = [
        {"kind": "picture", "upload": people, "alt": "Hai người trên bến", "credit": "Hòa"},
        {"kind": "picture", "upload": work, "alt": "Chiếc phao", "credit": "Hòa", "shows": "work"},
        {"kind": "footage", "url": "https://footage.example.org/ben.mp4"},
        {"kind": "footage", "url": "https://footage.example.org/phao.mp4", "shows": "work"},
        {"kind": "film", "upload": send_all(world.fishers, MP4).json["upload"]["id"], "alt": "Phim hai người"},
    ]
    body = {"html": f'<p>Trước.</p><img src="media:{people}" alt="Hai người trên bến"><p>Sau.</p>'}
    story_id = world.release(a_story(interview=CARD, media=media, body=body), channels=CHANNELS)
    worker.step()
    before = {path for path in settings.media_folder.rglob("*") if path.is_file()}
    assert "ben.mp4" in world.tv.get("/feeds/tv/segment.json").text
    clock.forward(SECOND)
    _erase(database, settings, _person(world, story_id, "Võ Hữu Lành"), clock)
    worker.step()
    after = {path for path in settings.media_folder.rglob("*") if path.is_file()}
    assert after
    assert after < before
    held = _everything(database)
    assert not any(path.read_bytes() == MP4 for path in after)
    for told in ("Hai người trên bến", "ben.mp4", people, "Phim hai người"):
        assert told not in held, told
    assert "phao.mp4" in world.tv.get("/feeds/tv/segment.json").text
    feed = world.newspaper.get("/feeds/newspaper/column.json").text
    assert "Chiếc phao" in feed
    assert "Sau." in feed
    assert Hub(settings, database).find_faults() == []


@pytest.mark.parametrize("other", ["Võ Hữu Lanh", "Trần Võ Hữu Lành"])
def test_an_erased_guest_leaves_the_card_of_one_whose_name_looks_alike(
    world: World, settings: Settings, database: Database, clock: FixedClock, other: str
) -> None:
    alike = [{"name": other, "role": "thuyền trưởng", "contact": {"phone": "0200 000 0555"}}, {"name": f"{other} Em"}]
    story = a_story(interview={**CARD, "guests": [GUEST, *alike]})
    story_id = world.release(story, channels=CHANNELS)
    clock.forward(SECOND)
    _erase(database, settings, _person(world, story_id, "Võ Hữu Lành"), clock)
    card = world.tv.get("/feeds/tv/segment.json").json["items"][0]["_hub"]["interview"]
    assert [guest["name"] for guest in card["guests"]] == [other, f"{other} Em"]
    assert Hub(settings, database).find_faults() == []


GUARDIAN = {"name": "Lê Thị Mỹ Duyên", "relation": "mẹ", "obtained_on": "2026-11-01"}
CHILD = {"type": "individual", "name": "Bùi Minh Kha", "birth_year": 2014}


@pytest.mark.parametrize("channels", [[], ["tv/segment"]], ids=["pushed", "released"])
def test_an_export_gives_own_contacts_and_guardian_and_of_others_only_what_was_published(
    world: World, settings: Settings, database: Database, clock: FixedClock, channels: list[str]
) -> None:
    other = {"name": "Đào Thị Mười", "role": "người được cứu", "contact": {"phone": "0200 000 0888"}}
    consent = {
        "scopes": ["name", "image", "voice", "work_story"],
        "obtained_on": "2026-11-01",
        "guardian": GUARDIAN,
        "child_assent": {"obtained_on": "2026-11-01"},
    }
    spokesperson = {"name": "Phan Thị Hòa", "role": "phó", "contact": {"phone": "0200 000 0111"}}
    card = {**INTERVIEW, "guests": [GUEST, other], "contact": {"name": "Bà Tư", "phone": "0200 000 0222"}}
    story = a_story(subject=CHILD, interview=card, consent=consent, spokesperson=spokesperson)
    story_id = world.release(story, channels=channels) if channels else world.push(story)
    told = {}
    with database.reading() as session:
        for name in ("Bùi Minh Kha", "Võ Hữu Lành"):
            row = persons.get(session, _person(world, story_id, name))
            held = exporting.export(session, row, secret=Secret.of(settings), now=clock.now())
            told[name] = json.dumps(held, ensure_ascii=False)
    child, guest = told["Bùi Minh Kha"], told["Võ Hữu Lành"]
    assert "0200 000 0777" in guest  # the guest's own
    for foreign in ("0200 000 0888", "0200 000 0111", "0200 000 0222", "Lê Thị Mỹ Duyên"):
        assert foreign not in guest, foreign
    assert "Lê Thị Mỹ Duyên" in child  # who agreed for it
    for foreign in ("0200 000 0777", "0200 000 0888", "0200 000 0111", "0200 000 0222"):
        assert foreign not in child, foreign
    assert [("Đào Thị Mười" in found) for found in (child, guest)] == [bool(channels)] * 2


def _file_beside(session: Session, story_id: str, at: datetime, tell: str, slug: str) -> None:
    """What people say of a story beside its versions, with `tell` in every text."""
    story = session.get_one(Story, story_id)
    outlet = session.scalars(select(Outlet).where(Outlet.code == "newspaper")).one()
    duty = session.scalars(select(Duty).where(Duty.story_id == story_id)).first()
    assert duty is not None
    by = {"actor_name": "A", "salt": "s", "at": at}
    kept = {"outlet": outlet, "story_id": story_id, "version": 1, "use": "printed", **by}
    uses = [Pickup(**kept, place=f"Trang 5: {tell}", note=tell)]
    uses.append(Pickup(**kept, url=f"https://bao.example.org/{slug}-giu-ben.html"))
    waiver = Waiver(duty_id=duty.id, note=f"Đã gọi {tell}", **by)
    organization = session.get_one(Organization, story.organization_id)
    filing = Filing(kind="report", organization=organization, recipient=None, text=f"Viết về {tell}.", **by)
    note = f"Đã in tên {tell}"
    answered = {"answer": "cannot", "note": note, "salt": "s", "answered_at": at}
    places: dict[str, Any] = {"channels": [], "fields": [], "asked_at": at, "due_at": at}
    receipt = Receipt(outlet=outlet, story_id=story_id, task="reduce", **places, **answered)
    session.add_all([*uses, waiver, filing, receipt])
    session.flush()
    told = [
        *(pickups.record_of(use) for use in uses),
        *(waiving.record_of(waiver), filings.record_of(filing)),
        *(receipts.record_of(receipt, organization="", reason="consent"), receipts.answer_record_of(receipt)),
    ]
    journal.append_all(session, [dict(record) for record in told], at=at, story_id=story_id)


@pytest.mark.parametrize(
    ("tell", "slug", "goes"),
    [("Nguyễn  Văn\nBiển", "nguyen-van-bien", True), ("Nguyễn Văn Biên", "nguyen-van-bienh", False)],
)
def test_texts_beside_the_versions_that_tell_an_erased_name_go_with_their_salts(
    world: World, settings: Settings, database: Database, clock: FixedClock,
    tell: str, slug: str, goes: bool,
) -> None:  # fmt: skip
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    story_id = world.push(external_id=f"2026.{slug}")
    projector.catch_up(database)
    with database.writing() as session:
        _file_beside(session, story_id, clock.now(), tell, slug)
    clock.forward(SECOND)
    _erase(database, settings, _person(world, story_id), clock)
    with database.reading() as session:
        tables = (Pickup, Waiver, Filing, Receipt)
        salts = [row.salt for table in tables for row in session.scalars(select(table))]  # type: ignore[attr-defined]
        told = [json.loads(body) for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))]
        named = session.get_one(Story, story_id).external_id
    of_what = ("acts", "pickups", "receipts", "waivers", "external_id")
    cleared = [
        {name: record[name] for name in of_what if name in record}
        for record in told
        if record["kind"] == "notes_erased"
    ]
    held = _everything(database)
    if goes:
        assert (salts, named) == ([""] * 5, None)
        assert cleared == [{"pickups": [1, 2], "receipts": [1], "waivers": [1], "external_id": True}]
        assert told[-1]["filings"] == [1]
        assert "Văn" not in held
        assert slug not in held
    else:
        assert (salts, named, cleared) == (["s"] * 5, f"2026.{slug}", [])
        assert held.count(tell) == 5
    assert Hub(settings, database).find_faults() == []
