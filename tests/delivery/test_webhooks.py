"""Webhooks, to real HTTP sinks: signed, tried again, never lost; what nobody takes is kept and can be replayed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select, text

from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.delivery import signatures, webhook_claims, webhooks
from hub.delivery.transport import Limits
from hub.delivery.urls import AddressRefused
from hub.delivery.webhook_sender import FAILING_TASKS, TASKS, WebhookSender
from hub.models import WebhookDelivery, WebhookEndpoint
from hub.outlets import catalog
from hub.records.secret import Secret
from tests.builders import World
from tests.delivery.sinks import Reply, Sink, a_silent_port, a_sink
from tests.serving import wait_until

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
HERE = "127.0.0.1"


@pytest.fixture
def box(settings: Settings) -> Secret:
    return Secret.of(settings)


class Station:
    """The hub's side: endpoints of the newspaper, and a sender whose jitter stands still."""

    def __init__(self, database: Database, clock: FixedClock, box: Secret, *, seconds: float = 5) -> None:
        self.database, self.clock, self.box = database, clock, box
        self.allowed = Settings(allow_networks=HERE).allowed_networks
        self.sender = WebhookSender(
            database, clock, box, self.allowed, limits=Limits(seconds=seconds), chance=lambda: 0.0
        )
        self.secrets: dict[str, str] = {}

    def add(self, url: str) -> str:
        with self.database.writing() as session:
            outlet = catalog.get_outlet(session, "newspaper")
            made = webhooks.add(session, self.box, url=url, allowed=self.allowed, outlet=outlet, now=self.clock.now())
        self.secrets[made.endpoint.id] = made.secret
        return made.endpoint.id

    def queue(self, endpoint_id: str, event: str = "one") -> bool:
        with self.database.writing() as session:
            endpoint = webhooks.get(session, endpoint_id)
            now = self.clock.now()
            data = {"story": "st_1"}
            return webhooks.queue(session, endpoint, event=event, kind="story.released", data=data, at=now, now=now)

    def endpoint(self, endpoint_id: str) -> WebhookEndpoint:
        with self.database.reading() as session:
            return session.get_one(WebhookEndpoint, endpoint_id)

    def rows(self) -> list[WebhookDelivery]:
        with self.database.reading() as session:
            return list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))

    def states(self) -> list[str]:
        return [row.state for row in self.rows()]


@pytest.fixture
def station(world: World, database: Database, clock: FixedClock, box: Secret) -> Iterator[Station]:
    return Station(database, clock, box)


def verify(station: Station, sink: Sink, endpoint_id: str) -> None:
    taken = sink.taken[-1]
    signatures.verify(taken.body, taken.headers, key=station.secrets[endpoint_id], now=station.clock.now())


def test_an_event_is_sent_once_signed_and_thin(station: Station) -> None:
    with a_sink(Reply(204)) as sink:
        endpoint = station.add(sink.url)
        assert station.queue(endpoint)
        assert not station.queue(endpoint)  # the same event
        assert station.sender.round() == 1
        assert station.sender.round() == 0
        verify(station, sink, endpoint)
    (taken,) = sink.taken
    assert taken.headers["content-type"] == "application/json"
    assert orjson.loads(taken.body) == {
        "type": "story.released",
        "timestamp": station.clock.now().isoformat(),
        "data": {"story": "st_1"},
    }
    assert station.states() == ["sent"]


def test_the_secret_is_kept_sealed(station: Station, box: Secret, caplog: pytest.LogCaptureFixture) -> None:
    with a_sink() as sink:
        endpoint = station.add(sink.url + "/hush")
        station.queue(endpoint)
        station.sender.round()
    row, secret = station.endpoint(endpoint), station.secrets[endpoint]
    assert secret not in row.secret
    assert secret.removeprefix("whsec_") not in row.secret
    assert box.open(row.secret, purpose=webhooks.PURPOSE).decode() == secret
    assert secret not in caplog.text
    assert "hush" not in caplog.text


def test_a_url_that_nothing_is_sent_to_cannot_be_added(station: Station) -> None:
    for url in ("http://10.0.0.1/", "ftp://example.org/", "http://169.254.169.254/"):
        with pytest.raises(AddressRefused):
            station.add(url)


def test_whoever_has_ten_endpoints_in_use_cannot_enable_another(station: Station) -> None:
    ids = [station.add(f"http://{HERE}/0")]
    turn(station, ids[0], on=False)
    ids += [station.add(f"http://{HERE}/{number}") for number in range(1, webhooks.LIVE_AT_MOST + 1)]
    with pytest.raises(webhooks.TooManyWebhooks):
        turn(station, ids[0], on=True)
    turn(station, ids[1], on=True)  # in use already
    turn(station, ids[1], on=False)
    turn(station, ids[0], on=True)
    assert [station.endpoint(each).state for each in ids[:3]] == ["live", "disabled", "live"]


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
@pytest.mark.parametrize("second", ["add", "enable"])
def test_of_two_who_take_the_last_place_at_once_one_is_refused(station: Station, second: str) -> None:
    spare = station.add(f"http://{HERE}/spare")
    turn(station, spare, on=False)
    for number in range(1, webhooks.LIVE_AT_MOST):
        station.add(f"http://{HERE}/{number}")
    refused: list[bool] = []

    def take() -> None:
        try:
            if second == "add":
                station.add(f"http://{HERE}/late")
            else:
                turn(station, spare, on=True)
        except webhooks.TooManyWebhooks:
            refused.append(True)

    thread = threading.Thread(target=take)
    with station.database.writing() as session:
        outlet = catalog.get_outlet(session, "newspaper")
        url, now = f"http://{HERE}/first", station.clock.now()
        webhooks.add(session, station.box, url=url, allowed=station.allowed, outlet=outlet, now=now)
        thread.start()
        wait_until(lambda: not thread.is_alive() or somebody_waits(station.database), 10, lambda: "nobody came second")
    thread.join(10)
    assert refused == [True]
    with station.database.reading() as session:
        states = [row.state for row, _owner in webhooks.list_endpoints(session)]
    assert states.count("live") == webhooks.LIVE_AT_MOST


def turn(station: Station, endpoint_id: str, *, on: bool) -> None:
    """Let an endpoint be in use, or not."""
    with station.database.writing() as session:
        row = webhooks.get(session, endpoint_id)
        if on:
            webhooks.enable(session, row)
        else:
            webhooks.disable(session, row, fault="by a test", now=station.clock.now())


def somebody_waits(database: Database) -> bool:
    """Does a transaction of this PostgreSQL database wait for another one's lock?"""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with database.reading() as session:
        return bool(session.scalar(text(query)))


@pytest.mark.parametrize("status", [301, 307, 400, 404, 410, 429, 500, 503])
def test_only_2xx_means_taken(station: Station, status: int) -> None:
    with a_sink(Reply(status, {"Location": "/again"}), Reply(200)) as sink:
        station.queue(station.add(sink.url))
        assert station.sender.round() == 1
        assert station.states() == ["waiting"]
        station.clock.forward(5 * SECOND)
        assert station.sender.round() == 1
    assert station.states() == ["sent"]
    first, second = sink.taken
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 5


def test_retry_after_is_honoured_for_the_whole_endpoint(station: Station) -> None:
    with a_sink(Reply(429, {"Retry-After": "3600"}), Reply(200)) as sink:
        endpoint = station.add(sink.url)
        station.queue(endpoint)
        station.sender.round()
        station.queue(endpoint, "two")
        station.clock.forward(HOUR - SECOND)
        assert station.sender.round() == 0
        station.clock.forward(SECOND)
        assert station.sender.round() == 2


def test_what_fails_for_three_days_dies_and_can_be_replayed(station: Station, free_tcp_port: int) -> None:
    endpoint = station.add(f"http://127.0.0.1:{free_tcp_port}/hook")
    station.queue(endpoint)
    tries = 0
    for _ in range(4 * 24 * 2):
        tries += station.sender.round()
        station.clock.forward(timedelta(minutes=30))
        if station.states() == ["dead"]:
            break
    (dead,) = station.rows()
    assert (tries, dead.failures, dead.fault) == (10, 10, "connect")
    assert timedelta(days=3) < (dead.done_at or dead.created_at) - dead.created_at < timedelta(days=4)
    with station.database.writing() as session:
        assert [row.id for row in webhooks.list_dead(session, endpoint_id=endpoint)] == [dead.id]
        assert webhooks.replay(session, webhooks.get(session, endpoint), now=station.clock.now()) == 1
    with a_sink(port=free_tcp_port) as sink:
        station.clock.forward(timedelta(minutes=5))
        assert station.sender.round() == 1
        verify(station, sink, endpoint)
    assert sink.taken[0].headers["webhook-id"] == dead.message_id
    assert station.states() == ["sent"]


def test_an_endpoint_that_is_gone_is_disabled_and_keeps_what_it_missed(station: Station) -> None:
    with a_sink(Reply(410)) as sink:
        endpoint = station.add(sink.url)
        for event in ("one", "two"):
            station.queue(endpoint, event)
        for _ in range(webhook_claims.GONE):
            assert station.endpoint(endpoint).state == "live"
            station.sender.round()
            station.clock.forward(HOUR)
        assert station.endpoint(endpoint).state == "disabled"
        assert station.endpoint(endpoint).fault == "410"
        station.queue(endpoint, "three")
        station.clock.forward(DAY)
        assert station.sender.round() == 0
        assert station.states() == ["dead", "dead", "dead"]
        with station.database.writing() as session:
            row = webhooks.get(session, endpoint)
            with pytest.raises(webhooks.EndpointDisabled):
                webhooks.replay(session, row, now=station.clock.now())
            webhooks.enable(session, row)
            assert webhooks.replay(session, row, ids=[station.rows()[2].id], now=station.clock.now()) == 1
        sink.replies = [Reply(200)]
        assert station.sender.round() == 1
    assert station.states() == ["dead", "dead", "sent"]


def test_days_of_failure_disable_an_endpoint_and_one_success_forgives_them(station: Station) -> None:
    with a_sink(Reply(500)) as sink:
        endpoint = station.add(sink.url)
        for day in range(4):
            station.queue(endpoint, f"day {day}")
            station.sender.round()
            station.clock.forward(DAY)
        sink.replies = [Reply(200)]
        station.sender.round()
        assert station.endpoint(endpoint).failing_since is None
        sink.replies = [Reply(500)]
        for day in range(4, 12):
            station.queue(endpoint, f"day {day}")
            station.sender.round()
            station.clock.forward(DAY)
    assert station.endpoint(endpoint).state == "disabled"
    assert "waiting" not in station.states()


def test_an_endpoint_that_fails_is_only_knocked_at(station: Station) -> None:
    with a_sink(Reply(500)) as sink:
        endpoint = station.add(sink.url)
        station.queue(endpoint, "0")
        station.sender.round()
        for event in range(1, 50):
            station.queue(endpoint, str(event))
        for _ in range(10):
            station.clock.forward(SECOND)
            station.sender.round()
        assert len(sink.taken) <= 4
        sink.replies = [Reply(200)]
        station.clock.forward(timedelta(minutes=10))
        assert station.sender.round() == 50


def test_during_a_rotation_both_secrets_sign_and_then_only_the_new_one(station: Station, box: Secret) -> None:
    with a_sink() as sink:
        endpoint = station.add(sink.url)
        former = station.secrets[endpoint]
        with station.database.writing() as session:
            new = webhooks.rotate(session, box, webhooks.get(session, endpoint), now=station.clock.now())
        for event, keys, others in (("one", [former, new], []), ("two", [new], [former])):
            station.queue(endpoint, event)
            station.sender.round()
            taken = sink.taken[-1]
            for key in keys:
                signatures.verify(taken.body, taken.headers, key=key, now=station.clock.now())
            for key in others:
                with pytest.raises(signatures.BadSignature):
                    signatures.verify(taken.body, taken.headers, key=key, now=station.clock.now())
            station.clock.forward(webhooks.ROTATION)


def test_a_sender_that_died_in_the_middle_is_replaced_under_the_same_id(station: Station, box: Secret) -> None:
    with a_sink() as sink:
        endpoint = station.add(sink.url)
        station.queue(endpoint)
        with station.database.writing() as session:  # taken, and never heard of again
            (order,) = webhook_claims.claim(session, box, now=station.clock.now(), busy=(), endpoints=8)
        assert station.sender.round() == 0  # somebody is at it
        station.clock.forward(webhook_claims.CLAIM)
        assert station.sender.round() == 1
        assert sink.taken[0].headers["webhook-id"] == order.message_id
        with station.database.writing() as session:  # the dead one's word comes too late
            webhook_claims.record(session, order, webhook_claims.Outcome(500), now=station.clock.now(), chance=0)
    assert station.states() == ["sent"]


def test_two_senders_never_take_the_same_delivery(station: Station, box: Secret) -> None:
    with a_sink() as sink:
        endpoints = [station.add(sink.url) for _ in range(4)]
        for endpoint in endpoints:
            for event in range(6):
                station.queue(endpoint, str(event))
        senders = [WebhookSender(station.database, station.clock, box, station.allowed) for _ in range(3)]
        counts: list[int] = []
        threads = [threading.Thread(target=lambda one=one: counts.append(one.round())) for one in senders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        station.sender.round()
    ids = [taken.headers["webhook-id"] for taken in sink.taken]
    assert len(ids) == len(set(ids)) == 24
    assert set(station.states()) == {"sent"}


def test_a_receiver_that_hangs_keeps_nobody_else_waiting(
    world: World, database: Database, clock: FixedClock, box: Secret
) -> None:
    station = Station(database, clock, box, seconds=20)
    stop = threading.Event()
    with a_silent_port() as port, a_sink() as sink:
        slow, quick = station.add(f"http://127.0.0.1:{port}/"), station.add(sink.url)
        station.queue(slow)
        thread = threading.Thread(target=station.sender.run, args=(stop,))
        thread.start()
        try:
            wait_until(lambda: "sending" in station.states(), 10, lambda: str(station.states()))
            for event in range(5):
                station.queue(quick, str(event))
            wait_until(lambda: len(sink.taken) == 5, 10, lambda: f"{len(sink.taken)} arrived")
        finally:
            stop.set()
            thread.join(10)
        assert not thread.is_alive()
    assert station.states() == ["sending", *["sent"] * 5]  # the claim runs out, and it is sent again


def test_a_crowd_that_fails_leaves_the_others_their_turns(
    station: Station, box: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "LIVE_AT_MOST", 1_000)  # one owner stands for many here
    with a_sink(Reply(500)) as dead, a_sink() as sink:
        crowd = [station.add(f"{dead.url}/{number}") for number in range(FAILING_TASKS * 2)]
        for endpoint in crowd:
            station.queue(endpoint)
        station.sender.round()
        station.clock.forward(HOUR)
        healthy = station.add(sink.url)
        station.queue(healthy)
        with station.database.writing() as session:
            orders = webhook_claims.claim(
                session, box, now=station.clock.now(), busy=(), endpoints=TASKS, failing=FAILING_TASKS
            )
    assert [order.endpoint_id for order in orders if not order.failing] == [healthy]
    assert sum(order.failing for order in orders) == FAILING_TASKS


def test_another_hub_secret_sends_nothing_and_loses_nothing(
    station: Station, settings: Settings, database: Database, clock: FixedClock
) -> None:
    with a_sink() as sink:
        station.queue(station.add(sink.url))
        other = Secret.of(replace(settings, secret="x" * 32))
        assert WebhookSender(database, clock, other, station.allowed).round() == 0
        assert station.states() == ["waiting"]
        assert station.sender.round() == 1


def test_old_deliveries_are_forgotten(station: Station) -> None:
    with a_sink() as sink:
        station.queue(station.add(sink.url))
        station.sender.round()
    station.clock.forward(webhooks.KEEP_SENT + SECOND)
    with station.database.writing() as session:
        webhooks.sweep(session, now=station.clock.now())
    assert station.rows() == []
