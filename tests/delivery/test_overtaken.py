"""Letters that waited: what is true no more when their turn comes is not said, and what is true is said in order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.clock import FixedClock
from hub.db import Database
from hub.delivery import overtaken
from hub.delivery.postman import Postman
from hub.delivery.recipients import Kind
from hub.models import Duty, Edition
from hub.worker import Worker
from tests.builders import World, a_story
from tests.delivery.post_office import Office
from tests.delivery.reading import TITLE, Choose, add_event, parts, states, subjects, told

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DOWN, UP = "451 not now", "250 fine"


@pytest.mark.parametrize("when", ["at_once", "daily"])
def test_a_release_that_waited_is_not_told_once_the_story_is_withdrawn(
    people: World,
    worker: Worker,
    postman: Postman,
    office: Office,
    database: Database,
    choose: Choose,
    clock: FixedClock,
    when: str,
) -> None:
    for name in ("bao", "hoa"):
        choose(name, kinds={"released": when})
    office.of_sender = DOWN
    story_id = people.release(channels=["newspaper/column"])
    worker.step()
    postman.round()
    assert people.editor.act(story_id, "withdraw", reason="other").status_code == 201
    worker.step()
    postman.round()
    office.of_sender = UP
    clock.forward(DAY)
    postman.round()
    assert subjects(office, "bao") == ["A story was withdrawn"]
    assert not any("phát hành" in text for text in subjects(office, "hoa"))
    assert all(TITLE not in part for message in office.mail for part in parts(message))
    assert states(database)["overtaken"] == 3  # of both, and of lan


@pytest.mark.parametrize("when", ["at_once", "daily"])
def test_whoever_chose_not_to_hear_gets_no_letter_that_is_not_under_way(
    people: World,
    worker: Worker,
    postman: Postman,
    office: Office,
    database: Database,
    choose: Choose,
    clock: FixedClock,
    when: str,
) -> None:
    for name in ("bao", "hoa"):
        choose(name, kinds={"released": when})
    office.of_sender = DOWN
    people.release(channels=["newspaper/column"])
    worker.step()
    postman.round()
    choose("hoa", kinds={"released": "none"})
    office.of_sender = UP
    clock.forward(DAY)
    postman.round()
    assert len(subjects(office, "bao")) == 1
    assert subjects(office, "hoa") == []
    assert states(database)["overtaken"] == 1


def test_a_digest_leaves_out_what_was_withdrawn_and_tells_the_rest(
    people: World, worker: Worker, postman: Postman, office: Office, choose: Choose, clock: FixedClock
) -> None:
    choose("bao", kinds={"released": "daily", "withdrawn": "daily"}, language="vi")
    gone = people.release(a_story(title="Bài bị rút"), external_id="1", channels=["newspaper/column"])
    people.release(a_story(title="Bài còn lại"), external_id="2", channels=["newspaper/column"])
    worker.step()
    postman.round()
    assert people.editor.act(gone, "withdraw", reason="legal").status_code == 201
    worker.step()
    postman.round()
    clock.forward(DAY)
    postman.round()
    (subject,) = subjects(office, "bao")
    assert subject == "Tin báo ngày 24/11/2026 (2 việc)"
    digest = next(message for message in office.mail if str(message["To"]).startswith("Bao"))
    for part in parts(digest):
        assert part.count("Bài đã phát hành") == part.count("Một bài đã được rút") == 1
        assert "Bài còn lại" in part
        assert "Bài bị rút" not in part
        assert gone in part


def test_what_was_told_at_once_is_not_followed_by_yesterday_s_older_state(
    people: World, worker: Worker, postman: Postman, office: Office, database: Database, clock: FixedClock
) -> None:
    """As usually chosen: a confirmation comes with the morning's mail, a release at once."""
    story_id = people.push()
    add_event(database, clock, "confirmed", story=story_id, act=1)
    postman.round()
    for act in ("approve", "release"):
        assert people.editor.act(story_id, act).status_code == 201
    worker.step()
    postman.round()
    assert subjects(office, "hoa") == [f"Bài đã phát hành: {TITLE}"]
    clock.forward(DAY)
    postman.round()
    assert subjects(office, "hoa") == [f"Bài đã phát hành: {TITLE}"]
    assert subjects(office, "tam") == ["Tin báo ngày 24/11/2026 (1 việc)"]  # who was told nothing newer


def test_after_an_outage_letters_of_one_story_come_in_the_order_of_what_happened(
    at_once: World, worker: Worker, postman: Postman, office: Office, clock: FixedClock
) -> None:
    office.of_sender = DOWN
    story_id = at_once.release(channels=["newspaper/column"])
    worker.step()
    postman.round()
    at_once.push(a_story(title="Bản sửa"))
    assert at_once.editor.act(story_id, "approve", channels=["newspaper/column"]).status_code == 201
    worker.step()
    clock.forward(HOUR)
    postman.round()
    office.of_sender = UP
    clock.forward(HOUR)
    postman.round()
    assert [text.partition(":")[0] for text in subjects(office, "bao")] == ["Released", "Corrected"]


def test_a_letter_that_was_put_off_does_not_come_after_what_is_newer(
    at_once: World, worker: Worker, postman: Postman, office: Office, clock: FixedClock
) -> None:
    office.of_recipient = lambda _: "450 later"
    story_id = at_once.release(channels=["newspaper/column"])
    worker.step()
    postman.round()
    office.of_recipient = lambda _: "250 fine"
    at_once.push(a_story(title="Bản sửa"))
    assert at_once.editor.act(story_id, "approve", channels=["newspaper/column"]).status_code == 201
    worker.step()
    postman.round()
    clock.forward(HOUR)
    postman.round()
    assert subjects(office, "bao") == ["Corrected: Bản sửa"]


def test_while_a_story_is_on_hold_nobody_is_invited_to_use_it_and_afterwards_they_are(
    people: World, worker: Worker, postman: Postman, office: Office, clock: FixedClock
) -> None:
    office.of_sender = DOWN
    story_id = people.release(channels=["newspaper/column"])
    worker.step()
    postman.round()
    assert people.editor.act(story_id, "hold").status_code == 201
    worker.step()
    office.of_sender = UP
    for _ in range(3):
        clock.forward(DAY)
        postman.round()
    assert office.raw == []
    assert people.editor.act(story_id, "lift").status_code == 201
    worker.step()
    clock.forward(DAY)
    postman.round()
    assert set(told(office)) == {"bao", "hoa", "lan"}
    assert all(TITLE in part for message in office.mail for part in parts(message))
    clock.forward(DAY)
    postman.round()
    assert len(office.raw) == 3


@pytest.mark.parametrize("kind", ["due_soon", "late"])
def test_a_reminder_of_what_has_been_done_is_not_sent(
    people: World, postman: Postman, office: Office, database: Database, clock: FixedClock, kind: str
) -> None:
    office.of_sender = DOWN
    add_event(database, clock, kind, organization="nghe-ca", duty="du_done", clause="7.2", role="confirmer")
    add_event(database, clock, kind, organization="nghe-ca", duty="du_open", clause="7.3", role="confirmer")
    postman.round()
    with database.writing() as session:
        edition = Edition(
            number="1", title="", document="{}", digest="", adopted_at=clock.now(), effective_at=clock.now()
        )
        session.add(edition)
        session.flush()
        session.add(_a_duty("du_done", edition, clock, ended_at=clock.now()))
        session.add(_a_duty("du_open", edition, clock))
    office.of_sender = UP
    clock.forward(DAY)
    postman.round()
    (message,) = office.mail
    for part in parts(message):
        assert "7.3" in part
        assert "7.2" not in part


def _a_duty(duty_id: str, edition: Edition, clock: FixedClock, **changes: Any) -> Duty:
    told: dict[str, Any] = {"state": "open", "evidence": [], "counted": [], "opened_by": 0, **changes}
    with_whom = {"owner_kind": "organization", "owner": "nghe-ca", "clause": "7.2", "key": duty_id}
    return Duty(id=duty_id, edition_id=edition.id, opened_at=clock.now(), due_at=clock.now(), **with_whom, **told)


@pytest.mark.parametrize(
    ("kind", "later", "state", "overtaken_by_it"),
    [
        (Kind.RELEASED, Kind.WITHDRAWN, "waiting", True),
        (Kind.RELEASED, Kind.WITHDRAWN, "dead", False),  # the story's own state decides then
        (Kind.REDUCED, Kind.WITHDRAWN, "waiting", True),
        (Kind.USED, Kind.WITHDRAWN, "sent", False),  # whoever printed it has printed it
        (Kind.RELEASED, Kind.CORRECTED, "sent", True),
        (Kind.RELEASED, Kind.CORRECTED, "doubtful", True),
        (Kind.RELEASED, Kind.CORRECTED, "waiting", False),  # it comes after
        (Kind.CORRECTED, Kind.REDUCED, "sent", False),  # both ask for something
        (Kind.DUE_SOON, Kind.LATE, "sent", True),
        (Kind.LATE, Kind.DUE_SOON, "sent", False),
        (Kind.WITHDRAWN, Kind.USED, "sent", False),
    ],
)
def test_what_overtakes_what(kind: Kind, later: Kind, state: str, overtaken_by_it: bool) -> None:
    assert overtaken.is_overtaken(kind, [(later, state)]) is overtaken_by_it
    assert not overtaken.is_overtaken(kind, [])
