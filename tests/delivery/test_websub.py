"""The WebSub hub, with real callbacks: every MUST of the Recommendation, and what happens when subscribers fail."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from hub.accounts import keys
from hub.accounts.history import Decision
from hub.background import create_postman
from hub.clock import FixedClock, local_day
from hub.config import Settings
from hub.db import Database
from hub.delivery.pushing import claims, lanes, pushes
from hub.delivery.pushing.lanes import Lane
from hub.delivery.pushing.pushes import Outcome
from hub.delivery.pushing.sender import PushSender
from hub.models import Reading
from hub.outlets import catalog, doctor, merging
from hub.records.secret import Secret
from tests.builders import World
from tests.delivery.name_server import a_name_server
from tests.delivery.press import ALL, DAY, HOUR, SECOND, Press
from tests.delivery.sinks import a_silent_port
from tests.delivery.subscriber import Subscriber, listening
from tests.serving import wait_until

COLUMN = "newspaper/column"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, allow_networks="127.0.0.0/8")


@pytest.fixture
def press(settings: Settings, world: World, database: Database, clock: FixedClock) -> Iterator[Press]:
    postman = create_postman(settings, clock=clock)
    yield Press(world, database, clock, postman)
    postman.close()


def count(one: Subscriber) -> list[int]:
    """How many stories stood in each document that was pushed."""
    return [len(orjson.loads(push.body)["items"]) for push in one.pushed]


# --- the Recommendation's list ------------------------------------------------------------------------------------


@dataclass
class Play:
    """What happened when subscribers did all that the Recommendation speaks of."""

    plain: Subscriber
    signed: Subscriber
    answers: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)


def perform(press: Press, plain: Subscriber, signed: Subscriber) -> Play:
    play = Play(plain, signed)
    press.introduce(plain)
    press.introduce(signed)
    play.seen["head"] = press.world.reader.ask("HEAD", ALL).headers["Link"]
    play.seen["document"] = press.world.reader.get(ALL).json
    for name, form in {
        "plain": plain.form(),
        "signed": signed.form(lease_seconds=str(5 * 86_400)) | {"hub.unknown": "1", "other": "2"},
        "no topic": {**plain.form(), "hub.topic": ""},
        "other topic": {**plain.form(), "hub.topic": "https://other.example/feed"},
        "long secret": {**signed.form(), "hub.secret": "x" * 200},
    }.items():
        answer = press.request(form)
        play.answers[name], play.texts[name] = answer.status_code, f"{answer.content_type} {answer.text}"
    press.round()
    play.seen["leases"] = {bool(row.secret): (row.lease_until - press.clock.now()).days for row in press.rows()}
    press.release(1)
    press.round()
    play.seen["first"] = press.world.reader.get(ALL).data
    play.seen["former secret"], signed.secret = signed.secret, "another"
    signed.agrees = lambda _: False
    play.answers["renewal"] = press.request(signed.form()).status_code
    press.round()
    (kept,) = [row for row in press.rows() if row.secret]
    play.seen["after a refused renewal"] = kept.lease_until - press.clock.now()
    signed.agrees = lambda _: True
    press.request(signed.form())
    press.round()
    press.release(2)
    press.round()
    press.request(plain.form("unsubscribe") | {"hub.lease_seconds": "soon"})
    press.round()
    press.release(3)
    press.round()
    press.clock.forward(10 * DAY)  # the signed one's lease ends
    press.release(4)
    press.round()
    return play


MUSTS: dict[str, Callable[[Play], bool]] = {
    "§4 publishers include at least one Link header with rel=hub": lambda p: 'rel="hub"' in p.seen["head"],
    "§4 and exactly one with rel=self, the topic's canonical address": lambda p: p.seen["head"].count('"self"') == 1,
    "§4 the document says the same": lambda p: (
        p.seen["document"]["hubs"] == [{"type": "WebSub", "url": p.plain.hub}]
        and p.seen["document"]["feed_url"] == p.plain.topic
    ),
    "§5.1 a request with callback, mode and topic is accepted": lambda p: p.answers["plain"] == 202,
    "§5.1 so is one with hub.secret": lambda p: p.answers["signed"] == 202,
    "§5.1 additional parameters are ignored": lambda p: p.answers["signed"] == 202,
    "§5.1 a secret of 200 bytes is refused": lambda p: p.answers["long secret"] == 400,
    "§5.1 an active subscription may be asked for again": lambda p: p.answers["renewal"] == 202,
    "§5.1 a failed confirmation leaves the subscription unchanged": lambda p: (
        p.seen["after a refused renewal"] == 5 * DAY and p.seen["former secret"] != p.signed.secret
    ),
    "§5.1 a confirmed one overrides it, the secret too": lambda p: len(p.signed.pushed) == 3 and not p.signed.faults,
    "§5.1 leases are never perpetual": lambda p: p.seen["leases"] == {False: 10, True: 5},
    "§5.1.1 the callback's query is kept, in questions and pushes": lambda p: not p.plain.faults,
    "§5.1.2 errors are answered 4xx, in plain text": lambda p: (
        p.answers["no topic"] == 400
        and p.answers["other topic"] == 404
        and all(p.texts[name].startswith("text/plain") for name in ("no topic", "other topic"))
    ),
    "§5.3 intent is verified by mode, topic, challenge and lease": lambda p: all(
        {"hub.mode", "hub.topic", "hub.challenge", "hub.lease_seconds"} == asked.keys()
        for asked in p.plain.asked + p.signed.asked
        if asked["hub.mode"] == "subscribe"
    ),
    "§5.3 each challenge is new": lambda p: (
        len({asked["hub.challenge"] for asked in p.signed.asked}) == len(p.signed.asked) == 3
    ),
    "§5.3 unsubscribing is verified, too": lambda p: p.plain.asked[-1]["hub.mode"] == "unsubscribe",
    "§5.3.1 what a subscriber does not agree to does not happen": lambda p: len(p.signed.pushed) == 3,
    "§5.1 leases are enforced": lambda p: count(p.signed) == [1, 2, 3],
    "§5.1 who unsubscribed is pushed nothing more": lambda p: count(p.plain) == [1, 2],
    "§7 pushes are POSTs with the topic's type, its hub and self": lambda p: not p.plain.faults + p.signed.faults,
    "§7 they carry the topic as it is": lambda p: p.plain.pushed[0].body == p.signed.pushed[0].body == p.seen["first"],
    "§7.1 who gave a secret gets a signature, who gave none none": lambda p: not p.plain.faults + p.signed.faults,
}


def test_the_hub_does_what_the_recommendation_says_it_must(press: Press) -> None:
    plain = Subscriber()
    signed = Subscriber(path="/other?hub.mode=mine", secret="một bí mật đủ dài")
    with listening(plain, signed):
        play = perform(press, plain, signed)
    assert [sentence for sentence, is_kept in MUSTS.items() if not is_kept(play)] == []


# --- asking -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "echo",
    [
        lambda challenge: (200, challenge.encode() + b"\n"),
        lambda challenge: (200, challenge.encode() + b"x" * 1_000_000),
        lambda challenge: (302, challenge.encode()),
        lambda challenge: (404, challenge.encode()),
        lambda challenge: (500, challenge.encode()),
        lambda _: (200, b""),
    ],
)
def test_whoever_does_not_echo_exactly_is_not_subscribed(press: Press, echo: Any) -> None:
    one = Subscriber(echo=echo)
    with listening(one):
        assert press.request(press.introduce(one).form()).status_code == 202
        press.round()
    assert (len(one.asked), press.rows(), press.waiting()) == (1, [], [])


def test_a_callback_that_does_not_answer_is_asked_a_few_times(press: Press, free_tcp_port: int) -> None:
    one = press.introduce(Subscriber(port=free_tcp_port))
    press.request(one.form())
    for _ in range(4):
        assert len(press.waiting()) == 1
        assert press.round() == 1
        press.clock.forward(HOUR)
    assert (press.waiting(), press.rows()) == ([], [])


def test_the_newest_request_counts(press: Press) -> None:
    one = Subscriber()
    with listening(one):
        press.request(press.introduce(one).form())
        press.request(one.form("unsubscribe"))
        press.round()
    assert [asked["hub.mode"] for asked in one.asked] == ["unsubscribe"]
    assert press.rows() == []


def test_what_changed_while_the_callback_was_asked_is_pushed(press: Press) -> None:
    one = Subscriber()
    with listening(one):
        press.request(press.introduce(one).form())
        press.release(1)
        press.round()
        press.round()
    assert count(one) == [1]


# --- pushing ------------------------------------------------------------------------------------------------------


def test_a_late_one_gets_the_newest_once_and_never_an_older_one(press: Press) -> None:
    one = Subscriber(status=503)
    with listening(one):
        press.subscribe(one)
        press.release(1)
        press.round()
        press.release(2)
        press.release(3)
        assert press.round() == 0  # it rests
        one.status = 200
        press.clock.forward(HOUR)
        assert press.round() == 1
        assert press.round() == 0
    assert count(one) == [1, 3]
    (row,) = press.rows()
    assert (row.failures, row.fault, row.mark) == (0, "", press.revision())


def test_failures_are_tried_again_with_growing_waits_until_the_lease_ends(press: Press) -> None:
    one = Subscriber(status=500)
    with listening(one):
        press.subscribe(one)
        press.touch()
        waits, before = [], press.clock.now()
        for _ in range(14):
            press.round()
            waits.append(press.rows()[0].next_try_at - before)
            press.clock.at = before = press.rows()[0].next_try_at
        assert waits[:11] == sorted(waits[:11])
        assert timedelta(seconds=30) <= waits[0] <= timedelta(seconds=36)
        assert all(timedelta(hours=6) <= wait <= timedelta(hours=7.2) for wait in waits[10:])
        assert len(set(waits[10:])) > 1  # jitter
        press.clock.forward(10 * DAY)
        assert press.round() == 0
    assert (len(one.pushed), press.rows()) == (14, [])


@pytest.mark.parametrize("status", [301, 307, 400, 404, 429])
def test_every_other_status_is_a_failure_and_no_redirect_is_followed(press: Press, status: int) -> None:
    goal, one = Subscriber(path="/goal"), Subscriber(status=status)
    with listening(goal, one):
        one.headers = {"Location": goal.callback, "Retry-After": "7200"}
        press.subscribe(one)
        press.touch()
        press.round()
        press.clock.forward(2 * HOUR - SECOND)
        assert press.round() == 0
        press.clock.forward(SECOND)
        assert press.round() == 1
    assert (len(one.pushed), goal.pushed, press.rows()[0].fault) == (2, [], f"HTTP {status}")


def test_410_ends_a_subscription(press: Press) -> None:
    one = Subscriber(status=410)
    with listening(one):
        press.subscribe(one)
        press.touch()
        press.round()
    assert (press.rows(), one.denied) == ([], [])


def test_hostile_subscribers_cost_the_others_nothing(press: Press) -> None:
    """Silent, endless, 500, redirecting inwards, 10 MB: the healthy one hears at once, and all of them later."""
    healthy = Subscriber(path="/healthy")
    inwards = Subscriber(path="/inwards", status=307, headers={"Location": "http://169.254.169.254/latest/"})
    broken, huge = Subscriber(path="/500", status=500), Subscriber(path="/huge", answer=b"x" * 10_000_000)
    endless = Subscriber(path="/endless", headers={"Content-Length": "50"}, answer=b"x" * 49)
    held = threading.Event()
    crowd = [Subscriber(path=f"/hangs/{number}", wait=held) for number in range(8)]
    stop = threading.Event()
    with listening(inwards, broken, huge, endless), listening(*crowd), listening(healthy), a_silent_port() as port:
        press.subscribe(inwards, broken, huge, endless, *crowd, healthy)
        with press.database.writing() as session:
            for row in [row for row in press.rows() if row.callback.endswith(("/hangs/0", "/hangs/1"))]:
                row.callback, row.place = f"http://127.0.0.1:{port}/", f"127.0.0.1:{port}"
                session.merge(row)
        press.release(1)
        thread = threading.Thread(target=press.postman.pushes.run, args=(stop,))
        thread.start()
        try:
            wait_until(lambda: len(healthy.pushed) == 1, 10, lambda: "the healthy one heard nothing")
            assert sum(len(one.pushed) for one in crowd) <= 4  # of one place only a few at a time
            held.set()
            wait_until(lambda: all(one.pushed for one in crowd[2:]), 20, lambda: "somebody was forgotten")
        finally:
            held.set()
            stop.set()
            thread.join(20)
    faults = {row.callback.rpartition("/")[2]: row.fault for row in press.rows()}
    assert {name: faults[name] for name in ("inwards", "500", "huge", "endless", "healthy")} == {
        "inwards": "HTTP 307",
        "500": "HTTP 500",
        "huge": "",  # what it says is not read
        "endless": "",
        "healthy": "",
    }


def test_whoever_falls_silent_steps_aside_for_those_who_wait(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(lanes.TURNS, Lane.HEALTHY, 2)
    everybody, stop = [Subscriber(path=f"/{number}") for number in range(6)], threading.Event()
    with listening(*everybody), a_silent_port() as port:
        press.subscribe(*everybody)
        with press.database.writing() as session:
            for row in press.rows()[:2]:  # all the turns there are, and the first to be given
                row.callback, row.place = f"http://127.0.0.1:{port}/{row.id}", f"127.0.0.1:{port}"
                row.next_try_at -= HOUR
                session.merge(row)
        press.touch()
        thread = threading.Thread(target=press.postman.pushes.run, args=(stop,))
        thread.start()
        try:
            wait_until(lambda: sum(len(one.pushed) for one in everybody) == 4, 10, lambda: "somebody still waits")
        finally:
            stop.set()
            thread.join(20)


def test_a_name_that_turns_inwards_gets_nothing_until_it_turns_back(
    press: Press, database: Database, clock: FixedClock, settings: Settings
) -> None:
    """DNS rebinding, by a real name server: good for the question, inwards for the pushes."""
    one = Subscriber(host="rebinding.example")
    with listening(one, host="127.0.0.1"), a_name_server("127.0.0.1") as names:
        only = Settings(allow_networks=f"127.0.0.1:{one.port}").allowed_networks
        load = press.postman.pushes._load
        sender = PushSender(database, clock, Secret.of(settings), only, load, lookup=names.lookup)
        press.request(press.introduce(one).form())
        sender.round()
        assert (len(one.asked), len(press.rows())) == (1, 1)
        for address, reason in (("169.254.169.254", "link_local"), ("10.0.0.1", "private"), ("127.0.0.2", "loopback")):
            names.addresses = [address]
            press.touch()
            clock.forward(HOUR)
            sender.round()
            assert press.rows()[0].fault == reason
        names.addresses = ["10.0.0.1", "127.0.0.1"]
        clock.forward(HOUR)
        sender.round()
    assert (len(one.pushed), press.rows()[0].fault) == (1, "")
    assert names.asked == ["rebinding.example"] * 5  # one look-up for each connection, and what it said is the pin


def test_a_document_over_three_mebibytes_is_not_pushed(
    press: Press, database: Database, clock: FixedClock, settings: Settings
) -> None:
    one = Subscriber()
    with listening(one):
        press.subscribe(one)
        press.touch()
        grown = replace_body(press, b"x" * pushes.MAX_BYTES)
        sender = PushSender(database, clock, Secret.of(settings), settings.allowed_networks, grown)
        sender.round()
    assert (one.pushed, press.rows()[0].fault) == ([], "too_large")


def replace_body(press: Press, body: bytes) -> Callable[[int, str, str], Any]:
    real = press.postman.pushes._load

    def load(channel_id: int, format_name: str, topic: str) -> Any:
        found: Any = real(channel_id, format_name, topic)
        return replace(found, body=body)

    return load


def test_a_sender_that_died_in_the_middle_forgets_nobody(press: Press, settings: Settings) -> None:
    box, everybody = Secret.of(settings), [Subscriber(path=f"/{number}") for number in range(3)]
    with listening(*everybody):
        press.subscribe(*everybody)
        press.release(1)
        ids = [row.id for row in press.rows()]
        with press.database.writing() as session:  # taken, and never heard of again
            orders = pushes.claim(session, box, ids, now=press.clock.now())
        assert press.round() == 0  # somebody is at it
        press.release(2)
        press.clock.forward(claims.CLAIM)
        assert press.round() == 3
        late = Outcome(order=orders[0], revision=orders[0].revision, status=200)
        with press.database.writing() as session:  # the dead one's word comes too late
            pushes.record(session, [late], now=press.clock.now(), chance=lambda: 0.0)
    assert [count(one) for one in everybody] == [[2]] * 3
    assert {row.mark for row in press.rows()} == {press.revision()}


def test_two_senders_push_to_each_subscriber_once(press: Press, settings: Settings) -> None:
    everybody = [Subscriber(path=f"/{number}") for number in range(24)]
    with listening(*everybody):
        press.subscribe(*everybody)
        press.release(1)
        second = create_postman(settings, clock=press.clock)
        threads = [threading.Thread(target=one.pushes.round) for one in (press.postman, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        press.round()
        second.close()
    assert [count(one) for one in everybody] == [[1]] * 24


# --- protected topics ---------------------------------------------------------------------------------------------


@pytest.fixture
def own(
    press: Press, settings: Settings, certificate: tuple[str, ssl.SSLContext, ssl.SSLContext]
) -> Iterator[Subscriber]:
    """A subscriber over https of the newspaper's own feed, under its unguessable address."""
    _, server, trusting = certificate
    press.postman.pushes._trust = trusting
    one = Subscriber(path="/own", secret="chỉ tòa soạn biết", tls=server)
    with listening(one):
        press.subscribe(one, path=f"/feeds/k/{press.world.newspaper_address}/{COLUMN}.json")
        yield one


def test_a_protected_topic_is_pushed_without_telephone_numbers(press: Press, own: Subscriber) -> None:
    press.release(1)
    press.round()
    (push,) = own.pushed
    assert push.body == press.world.reader.get(own.topic.removeprefix("https://hub.example")).data
    assert own.faults == []
    assert b"+84" not in push.body
    (row,) = press.rows()
    assert press.world.newspaper_address not in f"{row.topic}{row.callback}{row.secret}"
    assert own.secret not in row.secret


def test_what_a_key_was_pushed_it_has_read(press: Press, own: Subscriber) -> None:
    plain = Subscriber()
    with listening(plain):
        press.subscribe(plain)
        for number in (1, 2):
            press.release(number)
            press.round()
        own.status = 500
        press.release(3)
        press.round()
    with press.database.reading() as session:
        found = doctor.examine(session, catalog.get_outlet(session, "newspaper"), now=press.clock.now())
        assert len(session.scalars(select(Reading)).all()) == 1  # nobody is asked who is pushed what all may read
    (reader,) = found.readers
    assert (reader.channel, reader.format, reader.reader, reader.number) == (COLUMN, "json", "WebSub", 2)
    assert [state.unread and state.unread.number for state in found.channels] == [3]


def test_what_was_asked_for_under_a_key_that_is_revoked_meanwhile_is_denied(press: Press, own: Subscriber) -> None:
    press.request(own.form())  # a renewal, and before its callback is asked
    with press.database.writing() as session:
        keys.revoke(session, press.world.newspaper_address, now=press.clock.now())
    press.round()
    press.round()
    assert (len(own.asked), len(own.denied), press.rows(), press.waiting()) == (1, 1, [], [])


def test_revoking_the_key_ends_its_subscriptions_at_once(press: Press, own: Subscriber) -> None:
    press.release(1)
    with press.database.writing() as session:
        keys.revoke(session, press.world.newspaper_address, now=press.clock.now())
    press.round()
    press.round()
    assert (own.pushed, press.rows(), press.waiting()) == ([], [], [])
    (told,) = own.denied
    assert (told["hub.topic"], bool(told["hub.reason"])) == (own.topic, True)


def test_a_key_that_is_revoked_between_claim_and_push_sends_nothing(press: Press, own: Subscriber) -> None:
    press.release(1)
    load = press.postman.pushes._load

    def revoke_first(channel_id: int, format_name: str, topic: str) -> Any:
        with press.database.writing() as session:
            keys.revoke(session, press.world.newspaper_address, now=press.clock.now())
        return load(channel_id, format_name, topic)

    press.postman.pushes._load = revoke_first
    press.round()
    assert (own.pushed, len(own.denied)) == ([], 1)


def test_an_outlet_that_closes_denies_its_topics(press: Press, own: Subscriber) -> None:
    plain = Subscriber()
    with listening(plain):
        press.subscribe(plain)
        decision = Decision(on=local_day(press.clock.now()), number="12/QĐ")
        with press.database.writing() as session:
            for code in ("public", "newspaper"):
                merging.close(session, code, decision, now=press.clock.now())
        press.round()
        press.round()
    assert (press.rows(), own.pushed, plain.pushed) == ([], [], [])
    assert [len(one.denied) for one in (own, plain)] == [1, 1]


def test_another_hub_secret_pushes_nothing_and_keeps_all(press: Press, settings: Settings, own: Subscriber) -> None:
    press.release(1)
    other = create_postman(replace(settings, secret="x" * 32), clock=press.clock)
    other.pushes.round()
    other.close()
    assert (own.pushed, press.rows()[0].fault) == ([], "secret")
    press.clock.forward(HOUR)
    press.round()
    assert len(own.pushed) == 1
