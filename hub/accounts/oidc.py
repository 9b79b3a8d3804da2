"""Signing in by another house (OpenID Connect): the authorization code flow with PKCE; the only importer of joserfc.

Nobody gets an account by it: whoever the other house vouches for has to be known here already, by an e-mail address
that it calls verified. What is asked of it (its description, its keys, the token for a code) goes out through `fetch`,
which the composition root makes of the guarded transport. Tokens are checked here and kept nowhere.
Source: OpenID Connect Core 1.0 §3.1, Discovery 1.0 §4, RFC 7636 (PKCE), RFC 9700 (best practice), RFC 8725 (JWT).
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson
import structlog
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from hub.errors import Forbidden, Unavailable

ALGORITHMS = ("RS256", "ES256", "EdDSA")
LEEWAY_SECONDS = 60
KEEP = timedelta(hours=1)  # the description and the keys of the other house
KEYS_AGAIN = timedelta(minutes=1)  # before they are asked for again because of an unknown one
FLOW_HOLDS = timedelta(minutes=10)
SCOPE = "openid email"
MAX_TEXT = 20_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What goes out; a `form` makes it a POST."""

    url: str
    form: Mapping[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


Fetch = Callable[[Asked], tuple[int, bytes]]  # status and body; raises HubError when nothing comes


class HouseFailed(Unavailable):
    """The other house gave no answer, or none that holds; `reason` stands in the log."""

    key = "error.oidc_failed"


class FlowOver(Forbidden):
    """It took too long, was not begun in this browser, or was broken off there."""

    key = "error.oidc_over"


class NotVouched(Forbidden):
    """The other house does not vouch for an e-mail address, so nobody can be found by it."""

    key = "error.oidc_not_verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Whom we trust, and what we are to them."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    name: str
    redirect_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What a browser keeps while somebody is away."""

    state: str
    nonce: str
    verifier: str
    begun_at: str  # ISO 8601


class SingleSignOn:
    """The way there and back."""

    def __init__(self, house: House, fetch: Fetch) -> None:
        self.house = house
        self._fetch = fetch
        self._lock = threading.Lock()
        self._description: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    def begin(self, *, language: str, now: datetime) -> tuple[str, Flow]:
        """Where to send the browser, and what it keeps meanwhile. Raises HouseFailed."""
        flow = Flow(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(64),
            begun_at=now.isoformat(),
        )
        challenge = urlsafe_b64encode(hashlib.sha256(flow.verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": self.house.client_id,
            "redirect_uri": self.house.redirect_uri,
            "scope": SCOPE,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        there = self._endpoint("authorization_endpoint", now=now)
        return f"{there}{'&' if '?' in there else '?'}{urlencode(asked)}", flow

    def finish(self, flow: Flow | None, answer: Mapping[str, str], *, now: datetime) -> str:
        """The verified e-mail address of whoever came back. Raises FlowOver, HouseFailed or NotVouched."""
        if flow is None or now - datetime.fromisoformat(flow.begun_at) > FLOW_HOLDS:
            raise FlowOver()
        if not secrets.compare_digest(flow.state.encode(), answer.get("state", "").encode()):
            raise FlowOver()
        if answer.get("iss", self.house.issuer) != self.house.issuer:  # RFC 9207
            raise FlowOver()
        code = answer.get("code", "")
        if not code or len(code) > MAX_TEXT:
            raise FlowOver()  # `error` says why, and is theirs to tell
        claims = self._checked(self._exchange(code, flow, now=now), flow, now=now)
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise NotVouched()
        return email

    def _exchange(self, code: str, flow: Flow, *, now: datetime) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.house.redirect_uri,
            "client_id": self.house.client_id,
            "code_verifier": flow.verifier,
        }
        headers = {"Accept": "application/json"}
        ways = self._describe(now=now).get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if self.house.client_secret and "client_secret_basic" in ways:  # RFC 6749 §2.3.1
            said = f"{quote(self.house.client_id, safe='')}:{quote(self.house.client_secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(said.encode()).decode()}"
        elif self.house.client_secret:
            form["client_secret"] = self.house.client_secret
        told = self._ask(Asked(url=self._endpoint("token_endpoint", now=now), form=form, headers=headers), "token")
        token = told.get("id_token")
        if not isinstance(token, str) or len(token) > MAX_TEXT:
            raise self._failed("no id_token")
        return token

    def _checked(self, token: str, flow: Flow, *, now: datetime) -> dict[str, Any]:
        """The claims of an ID token that holds (Core §3.1.3.7)."""
        claims = self._decoded(token, now=now)
        seconds = now.timestamp()
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        expires, issued = claims.get("exp"), claims.get("iat")
        faults = {
            "iss": claims.get("iss") != self.house.issuer,
            "aud": self.house.client_id not in named,
            "azp": (len(named) > 1 or "azp" in claims) and claims.get("azp") != self.house.client_id,
            "exp": _number(expires, 0) + LEEWAY_SECONDS <= seconds,
            "iat": _number(issued, seconds * 2) - LEEWAY_SECONDS > seconds,
            "nonce": claims.get("nonce") != flow.nonce,
        }
        for name, is_wrong in faults.items():
            if is_wrong:
                raise self._failed(name)
        return claims

    def _decoded(self, token: str, *, now: datetime) -> dict[str, Any]:
        try:
            try:
                return jwt.decode(token, self._keys_of(now=now), algorithms=ALGORITHMS).claims
            except InvalidKeyIdError:  # they have a new one
                return jwt.decode(token, self._keys_of(now=now, again=True), algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError) as exc:
            raise self._failed(f"signature: {type(exc).__name__}") from exc

    def _keys_of(self, *, now: datetime, again: bool = False) -> KeySet:
        with self._lock:
            known = self._keys
        if known is not None and now - known[0] < (KEYS_AGAIN if again else KEEP):
            return known[1]
        told = self._ask(Asked(url=self._endpoint("jwks_uri", now=now)), "keys")
        try:
            keys = KeySet.import_key_set({"keys": [key for key in told["keys"] if key.get("kty") != "oct"]})
        except (JoseError, KeyError, ValueError, TypeError, AttributeError) as exc:
            raise self._failed("keys") from exc
        with self._lock:
            self._keys = (now, keys)
        return keys

    def _describe(self, *, now: datetime) -> dict[str, Any]:
        with self._lock:
            known = self._description
        if known is not None and now - known[0] < KEEP:
            return known[1]
        told = self._ask(Asked(url=f"{self.house.issuer.rstrip('/')}/.well-known/openid-configuration"), "description")
        if told.get("issuer") != self.house.issuer:
            raise self._failed("another issuer")
        with self._lock:
            self._description = (now, told)
        return told

    def _endpoint(self, name: str, *, now: datetime) -> str:
        address = self._describe(now=now).get(name)
        if not isinstance(address, str) or urlsplit(address).scheme != urlsplit(self.house.issuer).scheme:
            raise self._failed(name)
        return address

    def _ask(self, asked: Asked, what: str) -> dict[str, Any]:
        status, body = self._fetch(asked)
        try:
            told = orjson.loads(body)
        except ValueError as exc:
            raise self._failed(f"{what}: no JSON, status {status}") from exc
        if status != 200 or not isinstance(told, dict):
            raise self._failed(f"{what}: status {status}")
        return told

    def _failed(self, reason: str) -> HouseFailed:
        """A refusal; the log is told why, and nothing that was sent."""
        log.warning("oidc_failed", reason=reason)
        return HouseFailed(name=self.house.name)


def _number(value: object, otherwise: float) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else otherwise
