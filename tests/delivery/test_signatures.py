"""Signatures as Standard Webhooks says, with the specification's own example, and when things are tried again."""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest

from hub.delivery import retries, signatures
from hub.delivery.signatures import BadSignature

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the example of the specification and of its libraries
BODY = b'{"test": 2432232314}'
AT = datetime.fromtimestamp(1614265330, UTC)
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
HOUR = timedelta(hours=1)


def test_the_example_of_the_specification_is_signed_alike() -> None:
    assert signatures.headers_for(BODY, message_id=HEADERS["webhook-id"], at=AT, keys=[KEY]) == HEADERS
    signatures.verify(BODY, HEADERS, key=KEY, now=AT)
    signatures.verify(BODY, HEADERS, key=KEY.removeprefix("whsec_"), now=AT)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": HEADERS["webhook-signature"].replace("v1,", "v2,")},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": ""},
    ],
)
def test_a_changed_header_is_found(change: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        signatures.verify(BODY, HEADERS | change, key=KEY, now=AT)


def test_a_changed_body_or_another_secret_is_found() -> None:
    with pytest.raises(BadSignature):
        signatures.verify(BODY + b" ", HEADERS, key=KEY, now=AT)
    with pytest.raises(BadSignature):
        signatures.verify(BODY, HEADERS, key=signatures.new_secret(), now=AT)


@pytest.mark.parametrize(("minutes", "holds"), [(-6, False), (-5, True), (0, True), (5, True), (6, False)])
def test_a_message_of_another_time_is_refused(minutes: int, holds: bool) -> None:
    now = AT + timedelta(minutes=minutes)
    if holds:
        signatures.verify(BODY, HEADERS, key=KEY, now=now)
        return
    with pytest.raises(BadSignature):
        signatures.verify(BODY, HEADERS, key=KEY, now=now)


def test_during_a_rotation_either_secret_fits() -> None:
    new, old = signatures.new_secret(), signatures.new_secret()
    headers = signatures.headers_for(BODY, message_id="msg_1", at=AT, keys=[new, old])
    assert len(headers["webhook-signature"].split(" ")) == 2
    for key in (new, old):
        signatures.verify(BODY, headers, key=key, now=AT)


def test_a_new_secret_is_as_long_as_the_specification_asks() -> None:
    made = {signatures.new_secret() for _ in range(10)}
    assert len(made) == 10
    assert all(24 <= len(b64decode(key.removeprefix("whsec_"))) <= 64 for key in made)


def test_waits_grow_and_end_after_three_days() -> None:
    now, waited = AT, []
    for failures in range(1, len(retries.WEBHOOK_WAITS) + 1):
        again = retries.next_try(failures, waits=retries.WEBHOOK_WAITS, now=now, chance=0)
        assert again is not None
        waited.append(again - now)
        now = again
    assert waited == sorted(waited)
    assert timedelta(days=3) <= now - AT <= timedelta(days=3, hours=12)
    assert retries.next_try(len(waited) + 1, waits=retries.WEBHOOK_WAITS, now=now, chance=0) is None


@pytest.mark.parametrize(
    ("failures", "chance", "asked", "wait"),
    [
        (1, 0.0, None, timedelta(seconds=5)),
        (1, 1.0, None, timedelta(seconds=6)),
        (2, 0.5, None, timedelta(minutes=5, seconds=30)),
        (1, 0.0, HOUR, HOUR),  # a receiver that names a time is believed
        (4, 0.0, HOUR, 2 * HOUR),  # never sooner than we would
        (1, 0.0, 1000 * HOUR, 24 * HOUR),  # within reason
        (1, 0.0, timedelta(0), timedelta(seconds=5)),
    ],
)
def test_the_next_try(failures: int, chance: float, asked: timedelta | None, wait: timedelta) -> None:
    again = retries.next_try(failures, waits=retries.WEBHOOK_WAITS, now=AT, chance=chance, retry_after=asked)
    assert again == AT + wait


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        (None, None),
        ("", None),
        ("120", timedelta(minutes=2)),
        (" 0 ", timedelta(0)),
        ("9" * 40, timedelta(seconds=1_000_000)),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("Thu, 25 Feb 2021 15:05:10 GMT", timedelta(minutes=3)),
        ("Thu, 25 Feb 2021 14:05:10 GMT", timedelta(0)),
        ("Thu, 99 Feb 2021 14:05:10 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str | None, wait: timedelta | None) -> None:
    assert datetime(2021, 2, 25, 15, 2, 10, tzinfo=UTC) == AT
    assert retries.read_retry_after(text, now=AT) == wait
