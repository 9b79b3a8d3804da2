"""WebSub as the W3C Recommendation words it: requests read, callbacks addressed, payloads signed. Pure.

A topic is the address of one document in one format; `hub` and `self` lead a reader from it to the hub. The hub asks
each callback whether it meant what was asked for in its name, and from then on posts it the whole topic.
Source: https://www.w3.org/TR/websub/ (sections are named where they decide something).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

SUBSCRIBE, UNSUBSCRIBE, DENIED = "subscribe", "unsubscribe", "denied"
MODES = (SUBSCRIBE, UNSUBSCRIBE)
DAY_SECONDS = 86_400
LEASE_SECONDS = 10 * DAY_SECONDS  # for whoever names none
LEAST_LEASE, LONGEST_LEASE = DAY_SECONDS, 30 * DAY_SECONDS
SECRET_BYTES = 200  # a secret has fewer (§5.1)
SIGNATURE = "X-Hub-Signature"
ALGORITHM = "sha256"


class BadRequest(ValueError):
    """A request that cannot be taken; `code` is a word for the reason, `name` the parameter that is meant."""

    def __init__(self, code: str, name: str) -> None:
        super().__init__(f"{name}: {code}")
        self.code = code
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a subscriber asks for (§5.1). `lease_seconds` is what it will get; 0 when it unsubscribes."""

    mode: str
    topic: str = field(repr=False)  # may hold a key
    callback: str = field(repr=False)  # best known to nobody else
    lease_seconds: int
    secret: bytes = field(default=b"", repr=False)


def read_request(form: Mapping[str, Sequence[str]]) -> Request:
    """The request in a form: each parameter with all of its values. Raises BadRequest.

    What the Recommendation does not know is ignored, as it says; what it knows stands there once.
    """
    mode, topic = _one(form, "hub.mode"), _one(form, "hub.topic")
    callback = _one(form, "hub.callback")
    for name, said in (("hub.mode", mode), ("hub.topic", topic), ("hub.callback", callback)):
        if not said:
            raise BadRequest("missing", name)
    if mode not in MODES:
        raise BadRequest("mode", "hub.mode")
    _check_callback(callback)
    if mode == UNSUBSCRIBE:  # lease and secret mean nothing there (§5.1)
        return Request(mode=mode, topic=topic, callback=callback, lease_seconds=0)
    secret = _one(form, "hub.secret").encode("utf-8", "surrogatepass")
    if len(secret) >= SECRET_BYTES:
        raise BadRequest("secret_length", "hub.secret")
    lease = clamp_lease(_one(form, "hub.lease_seconds"))
    return Request(mode=mode, topic=topic, callback=callback, lease_seconds=lease, secret=secret)


def clamp_lease(said: str) -> int:
    """How long a subscription will last: what was asked for, within one and thirty days. Raises BadRequest."""
    if not said:
        return LEASE_SECONDS
    if not (said.isascii() and said.isdigit()):
        raise BadRequest("lease", "hub.lease_seconds")
    digits = said.lstrip("0") or "0"
    asked = int(digits) if len(digits) < 12 else LONGEST_LEASE  # beyond any lease, however long it is
    return min(max(asked, LEAST_LEASE), LONGEST_LEASE)


def is_https(callback: str) -> bool:
    """Is the way to this callback private?"""
    return urlsplit(callback).scheme == "https"


def intent_url(callback: str, parameters: Mapping[str, str]) -> str:
    """The address under which a callback is asked or told: its own query stays, ours follows it (§5.1.1)."""
    place, _, _ = callback.partition("#")
    joint = ("&" if not place.endswith(("?", "&")) else "") if "?" in place else "?"
    return place + joint + "&".join(f"{quote(name)}={quote(said, safe='')}" for name, said in parameters.items())


def verification(*, mode: str, topic: str, challenge: str, lease_seconds: int) -> dict[str, str]:
    """The parameters of a verification of intent (§5.3)."""
    told = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge}
    return told | ({"hub.lease_seconds": str(lease_seconds)} if mode == SUBSCRIBE else {})


def denial(*, topic: str, reason: str) -> dict[str, str]:
    """The parameters that tell a subscriber that there is, or will be, no subscription (§5.2)."""
    return {"hub.mode": DENIED, "hub.topic": topic, "hub.reason": reason}


def is_confirmed(status: int, body: bytes, challenge: str) -> bool:
    """Did a callback agree: success, and exactly the challenge as its body (§5.3.1)?"""
    return 200 <= status < 300 and hmac.compare_digest(body, challenge.encode())


def sign(body: bytes, secret: bytes) -> str:
    """The value of `X-Hub-Signature` (§7.1)."""
    return f"{ALGORITHM}={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


def link_header(*, hub: str, self_url: str) -> str:
    """Both links of a topic as one header (§4, §7)."""
    return f'<{hub}>; rel="hub", <{self_url}>; rel="self"'


def _one(form: Mapping[str, Sequence[str]], name: str) -> str:
    said = form.get(name, ())
    if len(said) > 1:
        raise BadRequest("twice", name)
    return said[0] if said else ""


def _check_callback(callback: str) -> None:
    try:
        parts = urlsplit(callback)
        known = parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        known = None
    if not known or not callback.isprintable() or " " in callback:
        raise BadRequest("callback", "hub.callback")
