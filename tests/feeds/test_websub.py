"""WebSub's wording: what a request may say, where a callback is asked, how a push is signed."""

from __future__ import annotations

import pytest

from feeds import websub
from feeds.websub import BadRequest

ASKED = {
    "hub.mode": ["subscribe"],
    "hub.topic": ["https://hub.example/feeds/public/all.atom"],
    "hub.callback": ["https://reader.example/cb?id=1"],
}
DAY = 86_400


def asked(**changes: list[str] | None) -> dict[str, list[str]]:
    form = {**ASKED, **{f"hub.{name}": said for name, said in changes.items()}}
    return {name: said for name, said in form.items() if said is not None}


def test_a_request_says_who_wants_what_for_how_long() -> None:
    made = websub.read_request(
        {**asked(secret=["bí mật"], lease_seconds=["864001"]), "hub.x": ["1"], "foo": ["a", "b"]}
    )
    assert (made.mode, made.topic, made.callback) == tuple(said[0] for said in ASKED.values())
    assert (made.secret, made.lease_seconds) == ("bí mật".encode(), 864_001)


def test_lease_and_secret_mean_nothing_to_whoever_unsubscribes() -> None:
    made = websub.read_request(asked(mode=["unsubscribe"], lease_seconds=["soon"], secret=["x" * 500]))
    assert (made.lease_seconds, made.secret) == (0, b"")


@pytest.mark.parametrize(
    ("form", "code", "name"),
    [
        (asked(mode=None), "missing", "hub.mode"),
        (asked(topic=[""]), "missing", "hub.topic"),
        (asked(callback=None), "missing", "hub.callback"),
        (asked(mode=["publish"]), "mode", "hub.mode"),
        (asked(mode=["denied"]), "mode", "hub.mode"),
        (asked(mode=["subscribe", "unsubscribe"]), "twice", "hub.mode"),
        (asked(callback=["ftp://reader.example/"]), "callback", "hub.callback"),
        (asked(callback=["/cb"]), "callback", "hub.callback"),
        (asked(callback=["http:///cb"]), "callback", "hub.callback"),
        (asked(callback=["http://[::1/cb"]), "callback", "hub.callback"),
        (asked(callback=["http://reader.example/a b"]), "callback", "hub.callback"),
        (asked(callback=["http://reader.example/\r\nX: y"]), "callback", "hub.callback"),
        (asked(secret=["x" * 200]), "secret_length", "hub.secret"),
        (asked(secret=["ậ" * 67]), "secret_length", "hub.secret"),  # 201 bytes
        (asked(lease_seconds=["-1"]), "lease", "hub.lease_seconds"),
        (asked(lease_seconds=["1.5"]), "lease", "hub.lease_seconds"),
        (asked(lease_seconds=["٣"]), "lease", "hub.lease_seconds"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(form: dict[str, list[str]], code: str, name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        websub.read_request(form)
    assert (refused.value.code, refused.value.name) == (code, name)


def test_a_secret_has_less_than_200_bytes() -> None:
    assert websub.read_request(asked(secret=["x" * 199])).secret == b"x" * 199


@pytest.mark.parametrize(
    ("said", "lasts"),
    [
        ("", 10 * DAY),
        ("0", DAY),
        ("000", DAY),
        ("1", DAY),
        (str(DAY), DAY),
        ("0000432000", 5 * DAY),
        (str(30 * DAY), 30 * DAY),
        (str(365 * DAY), 30 * DAY),
        ("9" * 5000, 30 * DAY),
    ],
)
def test_a_lease_lasts_between_one_and_thirty_days(said: str, lasts: int) -> None:
    assert websub.clamp_lease(said) == lasts


@pytest.mark.parametrize(
    ("callback", "asked_at"),
    [
        ("http://r.example/cb", "http://r.example/cb?hub.mode=a%26b"),
        ("http://r.example/cb?", "http://r.example/cb?hub.mode=a%26b"),
        ("http://r.example/cb?foo=bar&red=fish", "http://r.example/cb?foo=bar&red=fish&hub.mode=a%26b"),
        ("http://r.example/cb?hub.mode=mine", "http://r.example/cb?hub.mode=mine&hub.mode=a%26b"),
        ("http://r.example/cb?foo#part", "http://r.example/cb?foo&hub.mode=a%26b"),
    ],
)
def test_a_callback_keeps_its_own_query(callback: str, asked_at: str) -> None:
    assert websub.intent_url(callback, {"hub.mode": "a&b"}) == asked_at


def test_a_question_to_unsubscribe_names_no_lease() -> None:
    told = {"topic": "t", "challenge": "c", "lease_seconds": 9}
    assert websub.verification(mode="subscribe", **told)["hub.lease_seconds"] == "9"
    assert "hub.lease_seconds" not in websub.verification(mode="unsubscribe", **told)


@pytest.mark.parametrize(
    ("status", "body", "agreed"),
    [
        (200, b"abc", True),
        (204, b"abc", True),
        (200, b"abc\n", False),
        (200, b"", False),
        (302, b"abc", False),
        (404, b"abc", False),
        (500, b"abc", False),
    ],
)
def test_only_success_with_exactly_the_challenge_is_a_yes(status: int, body: bytes, agreed: bool) -> None:
    assert websub.is_confirmed(status, body, "abc") is agreed


def test_a_push_is_signed_as_the_recommendation_says() -> None:
    """RFC 4231, test case 2."""
    expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert websub.sign(b"what do ya want for nothing?", b"Jefe") == expected


def test_both_links_stand_in_one_header() -> None:
    made = websub.link_header(hub="https://h.example/websub", self_url="https://h.example/a?b=c")
    assert made == '<https://h.example/websub>; rel="hub", <https://h.example/a?b=c>; rel="self"'
