"""The worker looks for near-duplicates soon after a story arrives, and people hear of what it found."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hub.clock import FixedClock
from hub.db import Database
from hub.intake import likeness, likeness_checks
from hub.models import Likeness, LikenessBand, LikenessRebuild, LikenessSignature, Outbox, Version
from hub.records import likenesses, outbox
from hub.worker import Worker
from tests.builders import Client, World, a_story

RETOLD = {
    "title": "Ông Biển giữ bến Đá Lau",
    "summary": "Chị em Hội Phụ nữ kể về trạm cứu hộ không thu tiền của ông Biển.",
    "body": {"html": "<p>Bốn giờ sáng, bến Đá Lau còn đẫm hơi sương, đèn trạm đã sáng.</p>"},
    "unit": {"name": "Hội Phụ nữ Gò Mận", "kind": "hoi_phu_nu"},
}
ANOTHER = {
    "title": "Vườn rau sạch của trường Gò Mận",
    "summary": "Cô giáo Lê Thị Mơ cùng học sinh trồng rau cho bếp ăn bán trú.",
    "body": {"html": "<p>Mỗi lớp nhận hai luống, tưới bằng nước mưa hứng từ mái nhà xe.</p>"},
    "subject": {"type": "individual", "name": "Lê Thị Mơ", "birth_year": 1980},
    "deed": "Trồng rau cho bếp ăn bán trú.",
    "method": "Chia luống theo lớp; hứng nước mưa; ghi nhật ký vườn.",
}


def _push(client: Client, external_id: str = "one", **changes: Any) -> str:
    answer = client.put(external_id, a_story(**changes))
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json["id"])


def _says(client: Client, story_id: str) -> str:
    listed = {row["id"]: row["likeness"] for row in client.get("/api/v1/stories").json["items"]}
    said: str = client.get(f"/api/v1/stories/{story_id}").json["likeness"]
    assert listed[story_id] == said
    return said


def _likenesses(world: World, story_id: str) -> list[dict[str, Any]]:
    answer = world.editor.get(f"/api/v1/stories/{story_id}/likenesses")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def test_a_retelling_is_found_shown_to_the_desk_and_not_to_the_unit(world: World, worker: Worker) -> None:
    first = _push(world.fishers)
    assert _says(world.editor, first) == _says(world.fishers, first) == "checking"
    worker.step()
    assert _says(world.editor, first) == "none"
    second = _push(world.women, **RETOLD)
    other = _push(world.women, "two", **ANOTHER)
    assert _says(world.editor, second) == "checking"
    worker.step()
    assert [_says(world.editor, story) for story in (first, second, other)] == ["found", "found", "none"]
    (found,) = _likenesses(world, second)
    assert (found["story"]["id"], found["story"]["organization"], found["decision"]) == (first, "nghe-ca", None)
    assert found["similarity"] > likeness.SAME_SUBJECT
    assert [one["story"]["id"] for one in _likenesses(world, first)] == [second]
    assert _likenesses(world, other) == []

    assert _says(world.women, second) == _says(world.fishers, first) == "checked"
    for client, own in ((world.women, second), (world.fishers, first)):
        assert client.get(f"/api/v1/stories/{own}/likenesses").status_code == 404
        assert client.ask("POST", f"/api/v1/stories/{own}/likenesses/{first}").status_code == 404
    assert first not in world.women.get(f"/api/v1/stories/{second}").text


def test_a_new_version_is_checked_again(world: World, worker: Worker) -> None:
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    worker.step()
    assert _says(world.editor, second) == "found"
    _push(world.women, **ANOTHER)
    assert _says(world.editor, second) == "checking"
    assert _says(world.editor, first) == "found"  # until it is known better
    worker.step()
    assert _says(world.editor, second) == _says(world.editor, first) == "none"
    assert _likenesses(world, first) == []


def test_a_dismissed_likeness_is_not_brought_up_again(
    world: World, worker: Worker, database: Database, clock: FixedClock
) -> None:
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    worker.step()
    path = f"/api/v1/stories/{second}/likenesses/{first}"
    clock.forward(timedelta(seconds=1))
    answer = world.editor.ask("POST", path)
    assert (answer.status_code, answer.json["decision"]) == (200, "dismissed")
    assert answer.json["decided"] == {"role": "editor", "name": "Biên tập viên", "at": "2026-11-23T05:00:01Z"}
    assert world.editor.ask("POST", path).json == answer.json
    _push(world.women, **RETOLD, result="140 lượt tàu được giúp.")
    worker.step()
    assert _says(world.editor, first) == _says(world.editor, second) == "none"
    for here, there in ((first, second), (second, first)):
        (found,) = _likenesses(world, here)
        assert (found["story"]["id"], found["decision"]) == (there, "dismissed")
    other = _push(world.women, "two", **ANOTHER)
    assert world.editor.ask("POST", f"/api/v1/stories/{second}/likenesses/{other}").status_code == 404


def test_a_draft_is_compared_and_nobody_hears_of_it(world: World, worker: Worker) -> None:
    story = _push(world.fishers)
    draft = _push(world.women, **RETOLD, state="draft")
    worker.step()
    assert _says(world.editor, story) == "none"
    assert _likenesses(world, story) == []
    assert world.editor.ask("POST", f"/api/v1/stories/{story}/likenesses/{draft}").status_code == 404
    assert world.women.act(draft, "submit").status_code == 201
    assert _says(world.editor, story) == _says(world.editor, draft) == "found"


def test_a_withdrawn_story_leaves_the_index_and_every_list(world: World, worker: Worker, database: Database) -> None:
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    worker.step()
    assert world.editor.act(first, "withdraw", reason="other").status_code == 201
    assert _says(world.editor, second) == _says(world.editor, first) == "none"
    assert _likenesses(world, second) == []
    third = _push(world.women, "three", **RETOLD)
    worker.step()
    assert [one["story"]["id"] for one in _likenesses(world, third)] == [second]
    with database.reading() as session:
        signed = set(session.scalars(select(LikenessSignature.story_id)))
        assert signed == {second, third}
        orphans = select(LikenessBand).where(LikenessBand.signature_id.not_in(select(LikenessSignature.id)))
        assert session.execute(orphans).all() == []


def _work(session: Session) -> list[str]:
    """What the worker has still to do; what people are told is the postman's."""
    return list(session.scalars(select(Outbox.kind).where(Outbox.kind.not_in(outbox.TOLD))))


def test_a_story_withdrawn_before_its_check_never_enters_the_index(
    world: World, worker: Worker, database: Database
) -> None:
    story = _push(world.fishers)
    world.editor.act(story, "withdraw", reason="other")
    worker.step()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LikenessSignature)) == 0
        assert _work(session) == []


def test_a_damaged_version_does_not_stop_the_worker(world: World, worker: Worker, database: Database) -> None:
    broken, sound = _push(world.fishers), _push(world.women, **RETOLD)
    with database.writing() as session:
        version = session.scalars(select(Version).where(Version.story_id == broken)).one()
        version.disclosures = dict.fromkeys(version.disclosures, "!")
    worker.step()
    assert _says(world.editor, sound) == "none"
    with database.reading() as session:
        assert _work(session) == []


def test_all_stories_are_signed_again_when_the_scheme_changes(
    world: World, worker: Worker, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories = [_push(world.fishers, f"n{number}", title=f"Bài số {number}") for number in range(5)]
    worker.step()
    monkeypatch.setattr(likeness, "SIGNATURE_VERSION", likeness.SIGNATURE_VERSION + 1)
    assert likeness_checks.rebuild_some(database, clock, limit=2)
    assert likeness_checks.rebuild_some(database, clock, limit=2)
    assert not likeness_checks.rebuild_some(database, clock, limit=2)
    with database.reading() as session:
        schemes = dict(session.execute(select(LikenessSignature.story_id, LikenessSignature.scheme)).all())
        assert schemes == dict.fromkeys(stories, likeness.SIGNATURE_VERSION)
        rebuild = session.get_one(LikenessRebuild, likeness.SIGNATURE_VERSION)
        assert (rebuild.after, rebuild.finished_at) == (max(stories), clock.now())
        assert _work(session) == ["resign_stories", "resign_stories"]
    worker.step()
    with database.reading() as session:
        assert _work(session) == []


def test_a_hub_whose_index_is_gone_makes_it_anew_by_itself(world: World, worker: Worker, database: Database) -> None:
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    with database.writing() as session:  # as after a restore, or before this table was there
        session.execute(delete(Outbox))
    assert _says(world.editor, second) == "checking"
    worker.step()  # its first sweep
    assert _says(world.editor, second) == _says(world.editor, first) == "found"


def test_many_stories_at_once_do_not_keep_the_worker_from_embargoes(
    world: World, worker: Worker, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = _push(world.fishers), _push(world.women, **RETOLD)
    monkeypatch.setattr(likeness_checks, "BUSY_SECONDS", 0)  # the clock stands still: nothing gets done in no time
    worker.step()
    assert _says(world.editor, first) == _says(world.editor, second) == "checking"
    with database.reading() as session:
        rows = session.scalars(select(Outbox).where(Outbox.kind.not_in(outbox.TOLD)).order_by(Outbox.id))
        waiting = [row.payload["story"] for row in rows]
    assert set(waiting) == {first, second}
    monkeypatch.undo()
    worker.step()
    assert _says(world.editor, first) == _says(world.editor, second) == "found"


def test_a_look_up_reads_the_newest_of_a_crowded_bucket(world: World, database: Database, clock: FixedClock) -> None:
    frame = json.loads((Path(__file__).parent / "retellings.json").read_text("utf-8"))[-1]["changes"]
    count = likenesses.NEWEST_OF_BUCKET + 5
    stories = [_push(world.fishers, f"n{number}", **{**frame, "deed": f"Việc số {number}."}) for number in range(count)]
    likeness_checks.check(database, clock, stories)
    with database.reading() as session:
        last = session.scalars(select(LikenessSignature).order_by(LikenessSignature.id.desc())).first()
        assert last is not None
        buckets = list(session.scalars(select(LikenessBand.bucket).where(LikenessBand.signature_id == last.id)))
        sharing = likenesses.list_sharing(session, buckets)
        per_bucket = {bucket: [one for here, one in sharing if here == bucket] for bucket in buckets}
        assert max(map(len, per_bucket.values())) == likenesses.NEWEST_OF_BUCKET
        assert all(found[0] == last.id and found == sorted(found, reverse=True) for found in per_bucket.values())
        found = session.scalars(select(Likeness.other_id).where(Likeness.story_id == stories[-1])).all()
        assert set(found) == set(stories[-1 - likenesses.NEWEST_OF_BUCKET : -1])
