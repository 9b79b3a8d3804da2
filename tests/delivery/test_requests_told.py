"""Requests for coverage: told to whoever was asked, and their answers to the outlet; not once they are closed."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network

import orjson
from sqlalchemy import select

from hub.accounts import organizations
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.delivery import recipients, webhooks
from hub.delivery.postman import Postman
from hub.delivery.recipients import Kind
from hub.models import WebhookDelivery
from hub.records.secret import Secret
from tests.api.test_requests import ACCEPTED, ASKED, answer, ask
from tests.builders import World
from tests.delivery.people import email_of
from tests.delivery.post_office import Office
from tests.delivery.reading import Choose, parts, subjects

CONCERNED = [
    (Kind.REQUESTED, {"reach": "organization", "asked": ["nghe-ca"]}, {"hoa", "lan"}),
    (Kind.REQUESTED, {"reach": "organization", "asked": ["ldld"]}, {"minh"}),
    (Kind.REQUESTED, {"reach": "below", "asked": ["ldld"]}, {"hoa", "lan", "minh"}),
    (Kind.REQUESTED, {"reach": "all", "asked": []}, {"hoa", "lan", "minh", "nga"}),
    (Kind.ANSWERED, {"outlets": ["tv"], "organization": "nghe-ca"}, {"dai"}),
    (Kind.ANSWERED, {"asker": "tv", "asked": ["nghe-ca"]}, {"hoa", "lan"}),
    (Kind.CLOSED, {"asker": "tv", "asked": ["phu-nu"]}, {"nga"}),
    (Kind.CLOSED, {"asker": "tv", "asked": []}, set()),
]


def test_each_kind_concerns_those_who_are_asked_or_the_outlet(
    people: World, database: Database, clock: FixedClock
) -> None:
    with database.reading() as session:
        for kind, facts, names in CONCERNED:
            found = recipients.find_users(session, kind, {"request": 1, **facts}, now=clock.now())
            assert {user.email for user in found} == {email_of(name) for name in names}, (kind, facts)


def test_a_request_reaches_its_unit_by_mail_and_webhook_and_the_answer_its_outlet(
    people: World, postman: Postman, office: Office, database: Database, settings: Settings, clock: FixedClock
) -> None:
    loopback = ((ip_network("127.0.0.0/8"), None),)
    with database.writing() as session:
        box, url = Secret.of(settings), "https://127.0.0.1/hook"
        for owner in ("nghe-ca", "phu-nu"):
            unit = organizations.get(session, owner)
            webhooks.add(session, box, url=url, allowed=loopback, organization=unit, now=clock.now())
    number = ask(people.tv).json["id"]
    postman.round()
    assert subjects(office, "hoa") == subjects(office, "lan") == [f"Đề nghị: {ASKED['title']}"]
    text, _ = parts(office.mail[0])
    assert "Truyền hình Hải Sơn" in text
    assert "Cần trước ngày: 15/12/2026" in text
    assert ASKED["text"] not in text  # it can be erased; a letter cannot
    with database.reading() as session:
        (sent,) = session.scalars(select(WebhookDelivery))
    body = orjson.loads(sent.body)
    assert body["type"] == "request.requested"
    assert body["data"]["link"] == f"https://hub.example/api/v1/requests/{number}"
    answer(people.fishers, number, **ACCEPTED)
    postman.round()
    assert subjects(office, "dai") == [f"Đã trả lời: {ASKED['title']}"]
    assert "Nghiệp đoàn nghề cá Bến Lau" in parts(office.mail[-1])[0]


def test_nobody_is_invited_to_a_request_that_was_closed_meanwhile(
    people: World, postman: Postman, office: Office, choose: Choose, clock: FixedClock
) -> None:
    choose("hoa", kinds={"requested": "daily"})
    number = ask(people.tv).json["id"]
    postman.clerk.round()
    answer(people.tv, number, answer="closed")
    clock.forward(timedelta(days=1))
    postman.round()
    assert subjects(office, "hoa") == subjects(office, "lan") == []
