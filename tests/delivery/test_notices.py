"""Notices: an act becomes mail to those it concerns, in their language, at once or once a day, and never twice."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from hub.accounts import organizations, users
from hub.actors import SYSTEM
from hub.background import create_postman
from hub.clock import LOCAL, FixedClock, local_day
from hub.config import Settings
from hub.db import Database
from hub.delivery import letters, mail, notices, recipients, webhooks
from hub.delivery.postman import Postman
from hub.delivery.recipients import Kind, When
from hub.errors import Invalid
from hub.models import Letter, Membership, Notice, Outbox, Story, StorySupplier, WebhookDelivery
from hub.outlets import catalog
from hub.records import outbox, persons
from hub.records.secret import Secret
from hub.records.signing_keys import Signer
from hub.regulation.consent import erasing
from hub.regulation.filed import pickups
from hub.worker import Worker
from tests.builders import ALL_SCOPES, World, a_story
from tests.delivery.people import SEATS, email_of, get_user
from tests.delivery.post_office import Office, a_post_office
from tests.delivery.reading import TITLE, Choose, add_event, parts, states, subjects, told

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


CONCERNED = [
    ("returned", {}, {"hoa", "lan"}),
    ("confirmed", {}, {"hoa", "lan", "tam"}),
    ("released", {"outlets": ["newspaper"]}, {"hoa", "lan", "bao"}),
    ("used", {"outlet": "newspaper"}, {"hoa", "lan", "tam"}),
    ("corrected", {"outlets": ["newspaper", "tv"]}, {"hoa", "lan", "bao", "dai"}),
    ("reduced", {"outlets": ["newspaper"], "receipt": 3}, {"bao"}),
    ("withdrawn", {"outlets": ["newspaper", "tv"], "receipt": 3}, {"bao", "dai"}),
    ("withdrawn", {"act": 3}, {"hoa", "lan"}),
    ("due_soon", {"organization": "ldld", "duty": 7}, {"minh", "tam"}),
    ("due_soon", {"outlet": "tv", "organization": None, "duty": 7, "story": None}, {"dai"}),
    ("late", {"organization": "nghe-ca", "duty": 7, "clause": "7.2"}, {"hoa", "lan"}),
    ("late", {"organization": "nghe-ca", "duty": 7, "clause": "7.2", "role": "confirmer"}, {"lan"}),
    ("late", {"organization": "", "outlet": "", "duty": 7, "clause": "7.2"}, {"tam"}),  # the desk owes it
    ("late", {"organization": "", "outlet": "", "duty": 7, "clause": "7.2", "story": None}, {"tam"}),
    ("booked", {"organization": "nghe-ca", "outlet": "tv", "segment": "seg_1", "booking": 1}, {"hoa", "lan"}),
    ("pulled", {"outlet": "tv", "segment": "seg_1", "booking": 1}, {"dai"}),
]


@pytest.mark.parametrize(("kind", "facts", "names"), CONCERNED)
def test_each_kind_is_told_to_those_it_concerns(
    at_once: World,
    worker: Worker,
    postman: Postman,
    office: Office,
    database: Database,
    clock: FixedClock,
    kind: str,
    facts: dict[str, Any],
    names: set[str],
) -> None:
    story_id = at_once.push()
    add_event(database, clock, kind, **{"story": story_id, **facts})
    worker.step()
    postman.round()
    assert set(told(office)) == names


def test_a_draft_of_a_feed_is_told_to_contributors_as_long_as_it_is_one(
    at_once: World, worker: Worker, postman: Postman, office: Office, database: Database, clock: FixedClock
) -> None:
    for name in ("one", "two"):
        story_id = at_once.push({**a_story(), "state": "draft"}, external_id=name)
        add_event(database, clock, "drafted", story=story_id)
    assert at_once.fishers.act(story_id, "submit").status_code == 201
    worker.step()
    postman.round()
    assert told(office) == {"hoa": f"Bản nháp chờ bổ sung: {TITLE}"}
    assert len(office.mail) == 1


def test_a_returned_story_reaches_its_unit_by_mail(
    people: World, worker: Worker, postman: Postman, office: Office
) -> None:
    story_id = people.push()
    people.editor.act(story_id, "return", note="Gọi 0912 345 678 để hỏi thêm.")
    worker.step()
    assert postman.round() == 2
    assert told(office) == dict.fromkeys(("hoa", "lan"), f"Bài được trả lại để sửa: {TITLE}")
    text, html = parts(office.mail[0])
    for part in (text, html):
        assert TITLE in part
        assert "Nghiệp đoàn nghề cá Bến Lau" in part
        assert "sửa những điểm được nêu rồi gửi lại" in part  # what to do next
        assert f"Bài: {story_id}" in part
        assert "0912 345" not in part  # neither notes nor anybody's telephone
        assert "0200 000 0999" not in part
    assert "<" not in text
    assert '<html lang="vi">' in html
    assert str(office.mail[0]["From"]) == "Cổng nêu gương <hub@hub.example>"


def test_a_letter_leads_only_to_what_its_reader_can_open(
    people: World, worker: Worker, postman: Postman, office: Office
) -> None:
    private = people.release(external_id="1", channels=["newspaper/column"])
    public = people.release(external_id="2", channels=["newspaper/column", "public/all"])
    worker.step()
    postman.round()
    found = [re.findall(r"https://hub\.example(/[^\s\"<]*[^\s\"<.,])", part) for m in office.mail for part in parts(m)]
    assert {path for paths in found for path in paths} == {f"/stories/{public}", "/api/docs"}
    for path in (f"/stories/{public}", "/api/docs"):
        answer = people.reader.get(path, Accept="text/html")
        assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert people.reader.get(f"/api/v1/stories/{private}", Accept="text/html").status_code == 401  # never a link
    for message in office.mail:
        assert (private in parts(message)[0]) is not (public in parts(message)[0])
        assert "PUT /api/v1/me/notices" in parts(message)[0]  # named as a call, not as a place to go to


def test_a_supplier_is_told_the_title_that_everybody_can_read(
    people: World, worker: Worker, postman: Postman, office: Office, database: Database, clock: FixedClock
) -> None:
    story_id = people.release(channels=["public/all"])
    with database.writing() as session:
        women = organizations.get(session, "phu-nu")
        who = {"organization_id": women.id, "name": women.name}
        now = clock.now()
        session.add(StorySupplier(story_id=story_id, source_id=story_id, submitted_at=now, at=now, **who))
    worker.step()
    postman.round()
    assert told(office)["nga"] == f"Bài đã phát hành: {TITLE}"


def test_a_letter_is_in_its_reader_s_language(people: World, worker: Worker, postman: Postman, office: Office) -> None:
    people.release(channels=["newspaper/column", "tv/segment"])
    worker.step()
    postman.round()
    assert told(office)["bao"] == f"Released: {TITLE}"
    assert told(office)["dai"] == f"Bài đã phát hành: {TITLE}"
    english = next(message for message in office.mail if "bao" in str(message["To"]))
    assert english["Content-Language"] == "en"
    assert "What to do next" in parts(english)[0]
    assert '<html lang="en">' in parts(english)[1]


def test_the_language_of_letters_can_be_chosen(
    people: World, worker: Worker, postman: Postman, office: Office, choose: Choose
) -> None:
    choose("hoa", language="en")
    people.editor.act(people.push(), "return", note="Thiếu số liệu.")
    worker.step()
    postman.round()
    assert told(office)["hoa"] == f"Returned for changes: {TITLE}"


def test_markup_in_a_title_stays_text(people: World, worker: Worker, postman: Postman, office: Office) -> None:
    title = "Ba <b>chị</b> & 100%(x)s <script>alert(1)</script>"
    people.editor.act(people.push(a_story(title=title)), "return", note="Thiếu số liệu.")
    worker.step()
    postman.round()
    text, html = parts(office.mail[0])
    assert title in text
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert title in str(office.mail[0]["Subject"])


def test_nobody_hears_of_a_release_before_its_embargo_ends(
    people: World, worker: Worker, postman: Postman, office: Office, clock: FixedClock
) -> None:
    worker.step()
    story = a_story(embargo_until=(clock.now() + HOUR).isoformat())
    people.release(story, channels=["newspaper/column"])
    worker.step()
    assert postman.round() == 0
    clock.forward(HOUR)
    worker.step()
    postman.round()
    assert set(told(office)) == {"hoa", "lan", "bao"}


def test_a_correction_is_told_as_one(
    people: World, worker: Worker, postman: Postman, office: Office, clock: FixedClock
) -> None:
    story_id = people.release(channels=["newspaper/column"])
    worker.step()
    postman.round()
    office.raw.clear()
    people.push(a_story(title="Người giữ bến Đá Lau, bản sửa"))
    assert people.editor.act(story_id, "approve", channels=["newspaper/column"]).status_code == 201
    worker.step()
    postman.round()
    assert told(office)["bao"] == "Corrected: Người giữ bến Đá Lau, bản sửa"


def test_a_withdrawal_is_told_at_once_to_outlets_that_could_have_had_the_story_and_to_its_sender(
    people: World, worker: Worker, postman: Postman, office: Office
) -> None:
    story_id = people.release(channels=["newspaper/column", "tv/segment"])
    worker.step()
    postman.round()
    office.raw.clear()
    assert people.editor.act(story_id, "withdraw", reason="legal").status_code == 201
    worker.step()
    postman.round()
    in_vietnamese = "Một bài đã được rút"  # and not what it was called
    assert told(office) == {"bao": "A story was withdrawn", **dict.fromkeys(("dai", "hoa", "lan"), in_vietnamese)}
    assert len(office.raw) == 4  # the sender once, however many outlets had it
    for message in office.mail:
        asked = str(message["To"].addresses[0].username) in ("bao", "dai")
        text = parts(message)[0]
        assert story_id in text
        assert TITLE not in text
        assert ("receipt" in text or "biên nhận" in text) is asked


def test_a_sender_s_machine_hears_of_a_withdrawal_once_however_many_outlets_had_the_story(
    people: World, postman: Postman, database: Database, settings: Settings, clock: FixedClock
) -> None:
    with database.writing() as session:
        fishers = organizations.get(session, "nghe-ca")
        allowed = [(ip_network("192.0.2.0/24"), None)]
        box, url = Secret.of(settings), "https://192.0.2.1/hook"
        webhooks.add(session, box, url=url, allowed=allowed, organization=fishers, now=clock.now())
    story_id = people.release(channels=["newspaper/column", "tv/segment"])
    released_at = clock.now()
    clock.forward(HOUR)
    assert people.editor.act(story_id, "withdraw", reason="legal").status_code == 201
    withdrawn_at = clock.now()
    clock.forward(HOUR)
    postman.clerk.round()
    with database.reading() as session:
        bodies = session.scalars(select(WebhookDelivery.body).order_by(WebhookDelivery.id)).all()
    assert [(said["type"], said["timestamp"]) for said in map(json.loads, bodies)] == [
        ("story.released", released_at.isoformat()),  # when it happened: retries may change the order
        ("story.withdrawn", withdrawn_at.isoformat()),
    ]


@pytest.mark.parametrize("state", ["submitted", "withdrawal_requested"])
def test_a_sender_hears_of_a_withdrawal_in_whatever_state_and_not_of_a_hold(
    people: World, worker: Worker, postman: Postman, office: Office, state: str
) -> None:
    if state == "submitted":
        story_id = people.push()
    else:
        story_id = people.release(channels=["public/all"])
        assert people.fishers.act(story_id, "request_withdrawal", reason="supplier_wish").status_code == 201
    worker.step()
    postman.round()
    office.raw.clear()
    assert people.editor.act(story_id, "hold").status_code == 201
    worker.step()
    assert postman.round() == 0
    assert people.editor.act(story_id, "withdraw", reason="supplier_wish").status_code == 201
    worker.step()
    assert postman.round() == 2
    assert set(told(office)) == {"hoa", "lan"}


@pytest.mark.parametrize("how", ["erased", "consent"])
def test_what_a_withdrawn_consent_or_an_erasure_takes_back_is_told_to_the_sender_once(
    people: World,
    worker: Worker,
    postman: Postman,
    office: Office,
    database: Database,
    settings: Settings,
    clock: FixedClock,
    how: str,
) -> None:
    story_id = people.release(channels=["newspaper/column", "tv/segment"])
    worker.step()
    postman.round()
    office.raw.clear()
    (person_id,) = {row["id"] for row in people.editor.get(f"/api/v1/persons?story={story_id}").json["items"]}
    if how == "erased":
        with Database(database.engine, info=Signer.of(settings).info).writing() as session:
            erasing.erase(session, persons.get(session, person_id), actor=SYSTEM, now=clock.now())
    else:
        order = {"act": "withdraw", "scopes": ALL_SCOPES}
        answer = people.editor.ask("POST", f"/api/v1/persons/{person_id}/acts", body=order)
        assert answer.status_code == 201, answer.text
    worker.step()
    postman.round()
    assert subjects(office, "hoa") == subjects(office, "lan") == ["Một bài đã được rút"]
    assert all(story_id in parts(message)[0] for message in office.mail)


def test_a_title_is_told_only_to_those_who_may_read_the_story(
    at_once: World, worker: Worker, postman: Postman, office: Office, database: Database, clock: FixedClock
) -> None:
    story_id = at_once.release(channels=["newspaper/column"])
    worker.step()
    postman.round()
    office.raw.clear()
    add_event(database, clock, "late", story=story_id, organization="nghe-ca", outlet="tv", clause="7.2", duty=3)
    add_event(database, clock, "late", story=story_id, organization="phu-nu", outlet="newspaper", clause="7.2", duty=4)
    worker.step()
    postman.round()
    subjects = told(office)
    assert subjects["hoa"] == f"Đã quá hạn: {TITLE}"
    assert subjects["bao"] == f"Late: {TITLE}"
    assert subjects["dai"] == subjects["nga"] == "Có việc đã quá hạn"
    for message in office.mail:
        knows = str(message["To"].addresses[0].username) in ("hoa", "lan", "bao")
        assert all((TITLE in part) is knows for part in parts(message))
        assert all("7.2" in part for part in parts(message))


def test_an_outlet_is_told_the_title_that_stands_and_none_that_nobody_reviewed(
    at_once: World, worker: Worker, postman: Postman, office: Office, database: Database, clock: FixedClock
) -> None:
    story_id = at_once.release(channels=["newspaper/column"])
    at_once.push(a_story(title="Chưa ai duyệt"))
    worker.step()
    postman.round()
    office.raw.clear()
    add_event(database, clock, "late", story=story_id, organization="phu-nu", outlet="newspaper", clause="7.2", duty=4)
    worker.step()
    postman.round()
    assert told(office)["bao"] == f"Late: {TITLE}"


def test_whoever_did_it_is_not_told_and_deputies_are(
    at_once: World, worker: Worker, postman: Postman, office: Office, database: Database, clock: FixedClock
) -> None:
    story_id = at_once.push()
    today = local_day(clock.now())
    with database.writing() as session:
        hoa, nga = (users.get(session, email_of(name)) for name in ("hoa", "nga"))
        users.delegate(session, hoa, nga, on=today, until=today + DAY, now=clock.now())
    add_event(database, clock, "confirmed", story=story_id, act=1, by=get_user(database, "lan").id)
    worker.step()
    postman.round()
    assert set(told(office)) == {"hoa", "nga", "tam"}
    assert told(office)["nga"] == f"Bài đã được xác nhận: {TITLE}"  # as a deputy she may read it


@pytest.mark.parametrize(("part", "hears"), [("nghe-ca", True), ("ldld", True), ("phu-nu", False)])
def test_a_deputy_of_a_part_of_the_tree_is_told_of_this_part_alone(
    at_once: World, worker: Worker, office: Office, database: Database, clock: FixedClock, part: str, hears: bool
) -> None:
    story_id = at_once.push()
    today = local_day(clock.now())
    with database.writing() as session:
        hoa, nga = (users.get(session, email_of(name)) for name in ("hoa", "nga"))
        within = organizations.get(session, part)
        users.delegate(session, hoa, nga, on=today, until=today + DAY, within=within, now=clock.now())
    facts = {"story": story_id, "act": 1, "by": get_user(database, "lan").id}
    with database.reading() as session:
        found = recipients.find_users(session, recipients.Kind.CONFIRMED, facts, now=clock.now())
        assert (email_of("nga") in {user.email for user in found}) is hears
        deputy = users.find_actor(session, users.get(session, email_of("nga")), now=clock.now())
        lent = any(grant.deputy_for for grant in (deputy.grants if deputy is not None else ()))
    assert lent is hears


def test_closed_accounts_and_ended_seats_are_told_nothing(
    at_once: World, postman: Postman, office: Office, database: Database, clock: FixedClock
) -> None:
    story_id = at_once.push()
    with database.writing() as session:
        users.unseat(session, users.get(session, email_of("lan")), role="confirmer", on=local_day(clock.now()))
    add_event(database, clock, "confirmed", story=story_id, act=1)
    postman.clerk.round()
    with database.writing() as session:  # between the event and the letter
        users.close(session, users.get(session, email_of("hoa")), now=clock.now())
    postman.round()
    assert set(told(office)) == {"tam"}
    assert states(database) == {"sent": 1, "dead": 1}


def test_after_a_merger_the_successor_is_told(
    at_once: World,
    worker: Worker,
    postman: Postman,
    office: Office,
    database: Database,
    settings: Settings,
    clock: FixedClock,
) -> None:
    story_id = at_once.push()
    today = local_day(clock.now())
    with database.writing() as session:
        fishers, women = (organizations.get(session, code) for code in ("nghe-ca", "phu-nu"))
        fishers.ended_on, fishers.successor_id = today, women.id
        box, url = Secret.of(settings), "https://192.0.2.1/hook"
        webhooks.add(
            session, box, url=url, allowed=[(ip_network("192.0.2.0/24"), None)], organization=women, now=clock.now()
        )
    add_event(database, clock, "returned", story=story_id, act=1)
    worker.step()
    postman.round()
    assert set(told(office)) == {"hoa", "lan", "nga"}
    with database.reading() as session:
        assert session.scalar(select(func.count(WebhookDelivery.id))) == 1


def test_a_digest_holds_the_day_and_goes_out_at_its_hour(
    people: World,
    worker: Worker,
    postman: Postman,
    office: Office,
    choose: Choose,
    clock: FixedClock,
    database: Database,
) -> None:
    choose("hoa", kinds={"returned": "daily", "released": "daily"}, digest_hour=18)
    choose("lan", kinds={kind.value: "none" for kind in Kind})
    first = people.push(a_story(title="Bài thứ nhất"), external_id="1")
    second = people.push(a_story(title="Bài thứ hai"), external_id="2")
    people.editor.act(first, "return", note="Thiếu số liệu.")
    worker.step()
    clock.forward(5 * HOUR)  # 17:00
    people.editor.act(second, "return", note="Thiếu số liệu.")
    worker.step()
    clock.forward(HOUR - MINUTE)
    assert postman.round() == 0
    clock.forward(MINUTE)
    assert postman.round() == 1
    assert postman.round() == 0
    (digest,) = office.mail
    assert digest["Subject"] == "Tin báo ngày 23/11/2026 (2 việc)"
    for part in parts(digest):
        assert part.index("Bài thứ nhất") < part.index("Bài thứ hai")
    people.editor.act(people.push(a_story(title="Bài thứ ba"), external_id="3"), "return", note="Thiếu số liệu.")
    worker.step()
    assert postman.round() == 0  # tomorrow's
    clock.forward(DAY)
    assert postman.round() == 1
    assert office.mail[1]["Message-ID"] != digest["Message-ID"]


@pytest.mark.parametrize(
    ("now", "hour", "due"),
    [
        ("2026-11-23T12:00", 18, "2026-11-23T18:00"),
        ("2026-11-23T18:00", 18, "2026-11-24T18:00"),
        ("2026-11-23T23:59", 0, "2026-11-24T00:00"),
        ("2026-12-31T07:00", 7, "2027-01-01T07:00"),
        ("2026-11-23T06:59", 7, "2026-11-23T07:00"),
    ],
)
def test_the_next_digest(now: str, hour: int, due: str) -> None:
    at, expected = (datetime.fromisoformat(text).replace(tzinfo=LOCAL) for text in (now, due))
    assert letters.next_digest(at, hour=hour) == expected


# never lost, never twice


def test_while_the_mail_server_is_down_notices_wait_and_are_sent_once(
    people: World, worker: Worker, settings: Settings, database: Database, clock: FixedClock, free_tcp_port: int
) -> None:
    down = replace(settings, smtp=f"smtp://127.0.0.1:{free_tcp_port}")
    postman = create_postman(down, clock=clock)
    story_id = people.push()
    people.editor.act(story_id, "return", note="Thiếu số liệu.")
    worker.step()
    for _ in range(200):  # ten days
        assert postman.round() == 0
        clock.forward(72 * MINUTE)
    assert states(database) == {"waiting": 2}
    with a_post_office(port=free_tcp_port) as office:
        assert postman.round() == 2
        clock.forward(HOUR)
        assert postman.round() == 0
        assert sorted(told(office)) == ["hoa", "lan"]
        assert len(office.raw) == 2
    assert states(database) == {"sent": 2}
    postman.close()


def test_a_server_that_is_down_is_not_asked_all_the_time(
    people: World, worker: Worker, postman: Postman, office: Office, database: Database, clock: FixedClock
) -> None:
    office.of_sender = "451 not now"
    people.editor.act(people.push(), "return", note="Thiếu số liệu.")
    worker.step()
    assert postman.round() == 0
    office.of_sender = "250 fine"
    assert postman.round() == 0  # it rests
    clock.forward(timedelta(seconds=5))
    assert postman.round() == 2


def test_a_hub_without_a_mail_server_keeps_its_letters(
    people: World,
    worker: Worker,
    settings: Settings,
    posted: Settings,
    office: Office,
    database: Database,
    clock: FixedClock,
) -> None:
    people.editor.act(people.push(), "return", note="Thiếu số liệu.")
    worker.step()
    postman = create_postman(settings, clock=clock)
    assert postman.round() == 0
    postman.close()
    assert states(database) == {"waiting": 2}


class Killed(BaseException):
    """The process is gone."""


def test_a_hub_that_dies_between_sending_and_marking_sends_nothing_twice(
    people: World,
    worker: Worker,
    postman: Postman,
    posted: Settings,
    office: Office,
    database: Database,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people.editor.act(people.push(), "return", note="Thiếu số liệu.")
    worker.step()

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(letters, "mark_sent", die)
        with pytest.raises(Killed):
            postman.round()
    assert len(office.raw) == 1
    again = create_postman(posted, clock=clock)
    assert again.round() == 1  # the other letter
    clock.forward(letters.CLAIM)
    assert again.round() == 0
    assert states(database) == {"doubtful": 1, "sent": 1}
    assert len(office.raw) == 2
    with database.writing() as session:  # an operator decides
        (doubtful,) = letters.list_letters(session, state="doubtful", limit=10)
        letters.repeat(session, doubtful.id, now=clock.now())
    assert again.round() == 1
    ids = [str(message["Message-ID"]) for message in office.mail]
    assert ids[2] == ids[0]  # recognisable
    again.close()


def test_a_hub_that_dies_before_sending_leaves_the_letter_waiting(
    people: World,
    worker: Worker,
    postman: Postman,
    office: Office,
    database: Database,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people.editor.act(people.push(), "return", note="Thiếu số liệu.")
    worker.step()

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(notices, "compose", die)
        with pytest.raises(Killed):
            postman.round()
    assert states(database) == {"waiting": 2}
    assert postman.round() == 2


def test_a_line_that_breaks_after_the_final_dot_is_not_followed_by_a_second_letter(
    people: World, worker: Worker, postman: Postman, office: Office, database: Database, clock: FixedClock
) -> None:
    office.hang_up = True
    people.editor.act(people.push(), "return", note="Thiếu số liệu.")
    worker.step()
    postman.round()
    office.hang_up = False
    clock.forward(HOUR)
    postman.round()
    assert states(database) == {"doubtful": 1, "sent": 1}
    assert len({str(message["To"]) for message in office.mail}) == len(office.raw) == 2


def test_a_recipient_the_server_refuses_stops_nobody_else(
    people: World, worker: Worker, postman: Postman, office: Office, database: Database, clock: FixedClock
) -> None:
    office.of_recipient = lambda address: "550 nobody here" if address.startswith("hoa") else "450 later"
    people.editor.act(people.push(), "return", note="Thiếu số liệu.")
    worker.step()
    postman.round()
    assert states(database) == {"dead": 1, "waiting": 1}
    clock.forward(MINUTE - timedelta(seconds=1))
    office.of_recipient = lambda _: "250 fine"
    assert postman.round() == 0
    clock.forward(MINUTE)
    assert postman.round() == 1
    assert set(told(office)) == {"lan"}


def test_work_that_is_done_again_tells_nobody_twice(
    people: World, worker: Worker, postman: Postman, office: Office, database: Database, clock: FixedClock
) -> None:
    """As when a backup is laid back that still holds the event."""
    people.editor.act(people.push(), "return", note="Thiếu số liệu.")
    with database.reading() as session:
        (row,) = session.scalars(select(Outbox).where(Outbox.kind == outbox.NOTICE))
    for _ in range(2):
        with database.writing() as session:
            address = "https://hub.example{}".format
            notices.tell(session, row.payload, at=row.created_at, address=address, now=clock.now())
    assert postman.round() == 2
    assert postman.round() == 0


def test_what_a_restored_backup_tells_again_is_recognised_as_the_same_letter(
    people: World, postman: Postman, office: Office, database: Database, clock: FixedClock
) -> None:
    people.editor.act(people.push(), "return", note="Thiếu số liệu.")
    with database.reading() as session:
        (event,) = session.scalars(select(Outbox).where(Outbox.kind == outbox.NOTICE))
    postman.round()
    clock.forward(HOUR)
    with database.writing() as session:  # the backup was made before the letter was
        session.execute(delete(Letter))
        outbox.add(session, event.kind, event.payload, at=event.created_at)
    postman.round()
    assert len(office.mail) == 4
    assert len({message["Message-ID"] for message in office.mail}) == 2
    for message in office.mail:
        assert str(message["Message-ID"]).endswith("@hub.example>")
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["List-Id"] == "<notices.hub.example>"
        assert message["Date"] is not None


def test_a_hundred_letters_go_through_one_connection_and_two_postmen_share_them(
    people: World, worker: Worker, posted: Settings, office: Office, database: Database, clock: FixedClock
) -> None:
    import threading

    for number in range(20):
        add_event(database, clock, "late", organization="nghe-ca", duty=number, clause="7.2")
    worker.step()
    postmen = [create_postman(posted, clock=clock) for _ in range(2)]
    counts: list[int] = []
    threads = [threading.Thread(target=lambda one=one: counts.append(one.round())) for one in postmen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == len(office.raw) == 40
    assert len({str(message["Message-ID"]) for message in office.mail}) == 40
    for one in postmen:
        one.close()


def test_each_word_of_a_timer_is_told(
    people: World, postman: Postman, office: Office, database: Database, clock: FixedClock
) -> None:
    for _ in range(3):
        add_event(database, clock, "late", organization="nghe-ca", duty=7, clause="7.2", role="confirmer")
        postman.round()
        clock.forward(DAY)
    assert len(office.raw) == 3


@pytest.mark.parametrize(
    "facts", [{"kind": "nonsense"}, {}, {"kind": "late", "due_at": 5}, {"kind": "late", "outlets": 7}]
)
def test_an_event_that_cannot_be_understood_stops_nothing(
    people: World, worker: Worker, postman: Postman, office: Office, database: Database, clock: FixedClock, facts: Any
) -> None:
    with database.writing() as session:
        outbox.add(session, outbox.NOTICE, {"organization": "nghe-ca", **facts}, at=clock.now())
    people.editor.act(people.push(), "return", note="Thiếu số liệu.")
    worker.step()
    postman.round()
    assert {"hoa", "lan"} <= set(told(office))
    with database.reading() as session:
        assert session.scalar(select(func.count(Outbox.id)).where(Outbox.kind == outbox.NOTICE)) == 0


def test_an_unreadable_choice_changes_nothing(people: World, database: Database, choose: Choose) -> None:
    for document in (
        {"kinds": {"late": "sometimes"}},
        {"kinds": {"x": "none"}},
        {"language": "fr"},
        {"digest_hour": 24},
        [],
    ):
        with pytest.raises(Invalid) as refused:
            choose("hoa", **document) if isinstance(document, dict) else _choose_raw(database, document)
        assert refused.value.faults
    with database.reading() as session:
        choice = recipients.choice_of(session, users.get(session, email_of("hoa")))
    assert choice == recipients.Choice(kinds=recipients.DEFAULTS, language="vi", digest_hour=recipients.DIGEST_HOUR)
    assert set(recipients.CONCERNED) == set(recipients.DEFAULTS) == set(Kind)
    assert When.NONE not in recipients.DEFAULTS.values()


def _choose_raw(database: Database, document: Any) -> None:
    with database.writing() as session:
        recipients.choose(session, users.get(session, email_of("hoa")), document, now=datetime.now(LOCAL))


def test_old_letters_are_forgotten_with_their_notices(
    people: World, worker: Worker, postman: Postman, database: Database, clock: FixedClock
) -> None:
    people.editor.act(people.push(), "return", note="Thiếu số liệu.")
    worker.step()
    postman.round()
    clock.forward(letters.KEEP_SENT + MINUTE)
    worker.step()
    with database.reading() as session:
        assert session.scalar(select(func.count(Letter.id))) == session.scalar(select(func.count(Notice.id))) == 0
        assert session.scalar(select(func.count(Story.id))) == 1
        assert session.scalar(select(func.count(Membership.id))) == len(SEATS)


def test_numbers_tell_what_waits_and_what_is_in_doubt(
    people: World, postman: Postman, database: Database, clock: FixedClock
) -> None:
    people.editor.act(people.push(), "return", note="Thiếu số liệu.")
    postman.clerk.round()
    clock.forward(HOUR)
    told = people.reader.get("/metrics").text
    assert 'hub_letters{state="waiting"} 2.0' in told
    assert "hub_letters_late_seconds 3600.0" in told
    with database.reading() as session:
        assert session.scalar(select(func.count(WebhookDelivery.id))) == 0
    assert letters.CLAIM.total_seconds() > mail.SECONDS * 4 + mail.LAST_SECONDS


@pytest.mark.parametrize("change", ["withdraw", "correct"])
def test_whoever_used_a_story_hears_first_that_it_changes_and_is_reminded_of_its_use(
    people: World,
    worker: Worker,
    postman: Postman,
    office: Office,
    database: Database,
    clock: FixedClock,
    change: str,
) -> None:
    story_id = people.release(channels=["newspaper/column", "tv/segment"])
    used = {"story": story_id, "use": "aired", "used_on": "2026-11-22", "place": "Giao lưu tối chủ nhật"}
    assert people.tv.ask("POST", "/api/v1/pickups", body=used).status_code == 201
    declined = {"story": story_id, "use": "declined", "reason": "Trùng nhân vật."}
    assert people.newspaper.ask("POST", "/api/v1/pickups", body=declined).status_code == 201
    with database.writing() as session:
        box, allowed = people.reader.app.extensions["hub"].secret, [(ip_network("192.0.2.0/24"), None)]
        for code in ("newspaper", "tv"):
            outlet = catalog.get_outlet(session, code)
            webhooks.add(session, box, url=f"https://192.0.2.1/{code}", allowed=allowed, outlet=outlet, now=clock.now())
    worker.step()
    postman.round()
    before = len(office.mail)
    clock.forward(timedelta(minutes=1))
    if change == "withdraw":
        assert people.editor.act(story_id, "withdraw", reason="subject_request").status_code == 201
    else:
        people.push(a_story(result="138 lượt tàu."))
        people.editor.act(story_id, "approve")
        assert people.editor.act(story_id, "release", channels=["newspaper/column", "tv/segment"]).status_code == 201
    worker.step()
    postman.round()
    first, *others = [(str(message["To"]), parts(message)[0]) for message in office.mail[before:]]
    assert "dai@" in first[0]
    assert "Tòa soạn đã dùng: Đã phát, 22/11/2026, Giao lưu tối chủ nhật" in first[1]
    assert {"bao@" in to for to, _ in others} == {True, False}
    assert [text for _, text in others if "Tòa soạn đã dùng" in text] == []
    kind = {"withdraw": "withdrawn", "correct": "corrected"}[change]
    with database.reading() as session:
        rows = session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)).all()
        sent = [json.loads(row.body) for row in rows if f"story.{kind}" in row.body]
    assert [body["data"].get("used") for body in sent] == [True, None]


@pytest.mark.parametrize("answered", [True, False])
def test_nobody_is_asked_for_what_they_have_answered(
    people: World,
    worker: Worker,
    postman: Postman,
    office: Office,
    database: Database,
    clock: FixedClock,
    answered: bool,
) -> None:
    story_id = people.release(channels=["newspaper/column"])
    with database.writing() as session:
        outlet, now = catalog.get_outlet(session, "newspaper"), clock.now()
        found = pickups.propose(session, outlet, story_id, 1, "https://bao.example/7", now, 0.8, now)
        assert found is not None
        number = found.id
    worker.step()
    postman.round()
    if answered:
        assert people.newspaper.ask("POST", f"/api/v1/pickups/{number}/reject").status_code == 200
    clock.forward(DAY)
    worker.step()
    postman.round()
    asked = [str(message["Subject"]) for message in office.mail if "bao@" in str(message["To"])][1:]
    assert asked == ([] if answered else ["Notices of 24 Nov 2026 (1)"])
