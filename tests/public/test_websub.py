"""The WebSub hub's door and its discovery: which feeds can be subscribed to, and how everything else is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from feeds.parse import parse
from hub.accounts import keys
from hub.app import create_app
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.delivery.pushing import subscriptions
from hub.models import Intent
from tests.builders import Client, World

BASE = "https://hub.example"
HUB = f"{BASE}/websub"
FORM = "application/x-www-form-urlencoded"
SUFFIXES = ("rss", "atom", "json", "ninjs", "ninjs?profile=hub")
CALLBACK = "https://203.0.113.9/cb"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, allow_networks="203.0.113.0/24")


def links_of(answer: TestResponse) -> dict[str, str]:
    return {rel: href for href, rel in re.findall(r'<([^>]*)>; rel="([^"]*)"', answer.headers.get("Link", ""))}


def send(world: World, *, media_type: str = FORM, language: str = "en", **said: str | None) -> TestResponse:
    form = {"mode": "subscribe", "topic": f"{BASE}/feeds/public/all.atom", "callback": CALLBACK, **said}
    body = urlencode({f"hub.{name}": text for name, text in form.items() if text is not None}).encode()
    headers = {"Content-Type": media_type, "Accept-Language": language}
    return world.reader.ask("POST", "/websub", body=body, headers=headers)


def count_waiting(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Intent)) or 0


def test_feeds_lead_to_the_hub_where_they_can_be_subscribed_to_and_nowhere_else(world: World) -> None:
    world.release()
    own = f"/feeds/k/{world.newspaper_address}/newspaper/column"
    for suffix in SUFFIXES:
        for path in (f"/feeds/public/all.{suffix}", f"{own}.{suffix}"):
            answer = world.reader.get(path)
            assert links_of(answer) == {"hub": HUB, "self": BASE + path}
            assert links_of(world.reader.ask("HEAD", path)) == links_of(answer)
            again = world.reader.get(path, If_None_Match=answer.headers["ETag"])
            assert (again.status_code, links_of(again)) == (304, links_of(answer))
        answer = world.newspaper.get(f"/feeds/newspaper/column.{suffix}")
        assert (answer.status_code, answer.headers.get("Link"), b"websub" in answer.data) == (200, None, False)
    for suffix in ("rss", "atom"):
        found = parse(world.reader.get(f"{own}.{suffix}").data)
        hrefs = {link.rel: link.href for link in found.links}
        assert (hrefs["hub"], hrefs["self"]) == (HUB, f"{BASE}{own}.{suffix}")
    assert world.reader.get(f"{own}.json").json["hubs"] == [{"type": "WebSub", "url": HUB}]


def test_a_request_that_can_be_taken_is_accepted_and_the_callback_is_asked_later(
    world: World, database: Database
) -> None:
    for suffix in SUFFIXES:
        answer = send(world, topic=f"{BASE}/feeds/public/all.{suffix}")
        assert (answer.status_code, answer.data) == (202, b"")
    assert send(world, mode="unsubscribe", topic=f"{BASE}/feeds/public/green.rss").status_code == 202
    own = f"{BASE}/feeds/k/{world.newspaper_address}/newspaper/column.rss"
    assert send(world, topic=own, secret="một bí mật").status_code == 202
    assert send(world, topic=own, mode="unsubscribe").status_code == 202  # the same, so it is asked instead
    assert count_waiting(database) == 7


REFUSED = [
    ({"media_type": "application/json"}, 400, "Content-Type"),
    ({"mode": None}, 400, "hub.mode is missing"),
    ({"mode": "publish"}, 400, "hub.mode"),
    ({"callback": "ftp://reader.example/"}, 400, "hub.callback"),
    ({"callback": "http://127.0.0.1/cb"}, 403, "127.0.0.1 (loopback"),
    ({"callback": "http://169.254.169.254/"}, 403, "169.254.169.254"),
    ({"callback": "http://[64:ff9b::a00:1]/"}, 403, "64:ff9b::a00:1"),
    ({"callback": "http://me:pass@reader.example/"}, 403, "reader.example"),
    ({"callback": CALLBACK + "?" + "x" * 1990}, 403, "203.0.113.9"),
    ({"secret": "x" * 200}, 400, "shorter than 200 bytes"),
    ({"lease_seconds": "for ever"}, 400, "hub.lease_seconds"),
    ({"topic": "https://other.example/feeds/public/all.atom"}, 404, "hub.topic"),
    ({"topic": "http://hub.example/feeds/public/all.atom"}, 404, "hub.topic"),
    ({"topic": f"{BASE}/feeds/public/all.atom?x=1"}, 404, "hub.topic"),
    ({"topic": f"{BASE}/feeds/public/all.ninjs?profile=other"}, 404, "hub.topic"),
    ({"topic": f"{BASE}/feeds/public/all.atom/"}, 404, "hub.topic"),
    ({"topic": f"{BASE}//feeds/public/all.atom"}, 404, "hub.topic"),
    ({"topic": f"{BASE}/feeds/public/all.pdf"}, 404, "hub.topic"),
    ({"topic": f"{BASE}/feeds/public/none.atom"}, 404, "hub.topic"),
    ({"topic": f"{BASE}/feeds/public/all\0.atom"}, 404, "hub.topic"),
    ({"topic": f"{BASE}/feeds/newspaper/column.atom"}, 404, "/feeds/k/"),
    ({"topic": f"{BASE}/feeds/newspaper/none.atom"}, 404, "/feeds/k/"),
    ({"topic": f"{BASE}/feeds/k/adr_unknown/newspaper/column.atom", "secret": "s"}, 404, "hub.topic"),
    ({"topic": f"{BASE}/feeds/k/{{newspaper}}/newspaper/column.atom"}, 403, "hub.secret"),
    (
        {
            "topic": f"{BASE}/feeds/k/{{newspaper}}/newspaper/column.atom",
            "secret": "s",
            "callback": "http://203.0.113.9/",
        },
        403,
        "https",
    ),
    ({"topic": f"{BASE}/feeds/k/{{newspaper}}/tv/segment.atom", "secret": "s"}, 404, "hub.topic"),
    ({"topic": f"{BASE}/feeds/k/{{outlet}}/newspaper/column.atom", "secret": "s"}, 404, "hub.topic"),
    ({"topic": f"{BASE}/feeds/k/{{revoked}}/newspaper/column.atom", "secret": "s"}, 404, "hub.topic"),
]


def test_what_cannot_be_taken_is_answered_in_plain_text(world: World, database: Database, clock: FixedClock) -> None:
    with database.writing() as session:
        revoked = keys.mint(session, "address", outlet=None, now=clock.now())
        revoked.row.outlet_id = keys.find(session, keys.fingerprint(world.newspaper_address)).outlet_id  # type: ignore[union-attr]
        revoked.row.revoked_at = clock.now()
    secrets = {"newspaper": world.newspaper_address, "outlet": world.newspaper.secret, "revoked": revoked.secret}
    for said, status, told in REFUSED:
        filled = {name: text.format(**secrets) if text else text for name, text in said.items()}
        answer = send(world, **filled)  # type: ignore[arg-type]
        assert (answer.status_code, answer.content_type) == (status, "text/plain; charset=utf-8"), said
        assert told in answer.text, (said, answer.text)
        assert not any(str(secret) in answer.text for secret in secrets.values())
    assert count_waiting(database) == 0


def test_refusals_speak_vietnamese_unless_english_is_asked_for(world: World) -> None:
    answer = send(world, mode=None, language="")
    assert (answer.text.strip(), answer.headers["Content-Language"]) == ("Thiếu hub.mode.", "vi")


def test_a_body_that_is_too_long_is_refused(world: World) -> None:
    answer = send(world, topic="x" * 30_000)
    assert (answer.status_code, answer.content_type) == (413, "text/plain; charset=utf-8")


def test_the_limiter_refuses_in_plain_text_too(settings: Settings, world: World, clock: FixedClock) -> None:
    limited = replace(world, reader=Client(create_app(replace(settings, pushes_per_minute=1), clock=clock)))
    assert send(limited).status_code == 202
    answer = send(limited)
    assert (answer.status_code, answer.content_type) == (429, "text/plain; charset=utf-8")
    assert int(answer.headers["Retry-After"]) > 0


def test_nobody_is_asked_without_end_in_somebody_elses_name(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriptions, "PENDING_PER_PLACE", 3)
    statuses = [send(world, callback=f"{CALLBACK}?{number}").status_code for number in range(5)]
    assert statuses == [202, 202, 202, 429, 429]
    assert send(world, callback="https://203.0.113.10/cb").status_code == 202
    refused = send(world, callback=f"{CALLBACK}?7")
    assert (refused.headers["Retry-After"], "3 " in refused.text, "…" in refused.text) == ("60", True, False)


def test_a_host_has_so_many_subscriptions_and_may_renew_each(
    world: World, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriptions, "LIVE_PER_PLACE", 2)
    for number in range(2):
        assert send(world, callback=f"{CALLBACK}?{number}").status_code == 202
    with database.writing() as session:
        for intent in session.scalars(select(Intent)):
            subscriptions.confirm(session, intent, asked_at=clock.now(), now=clock.now())
            session.delete(intent)
    refused = send(world, callback=f"{CALLBACK}?2")
    assert (refused.status_code, refused.content_type) == (429, "text/plain; charset=utf-8")
    assert "2 subscriptions" in refused.text
    assert int(refused.headers["Retry-After"]) > 0
    assert send(world, callback=f"{CALLBACK}?1").status_code == 202  # known
    assert send(world, callback=f"{CALLBACK}?0", mode="unsubscribe").status_code == 202
    assert send(world, callback=f"{CALLBACK}?0", topic=f"{BASE}/feeds/public/all.rss").status_code == 429
    assert send(world, callback="https://203.0.113.10/cb").status_code == 202  # another host
