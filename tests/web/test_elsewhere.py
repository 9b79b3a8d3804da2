"""Signing in by another house: a real little issuer on 127.0.0.1, honest and otherwise."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from hub import config
from hub.accounts import users
from hub.app import create_app
from hub.clock import FixedClock
from hub.config import BadSetting, Settings
from hub.db import Database
from tests.builders import build_world
from tests.cli.test_operating import run
from tests.web.desks import Person, seat_user

EMAIL = "editor-ldld@hub.example"
CLIENT, SECRET = "hub of Hải Sơn", "rất/bí mật:1"
KEYS = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "okp", "use": "sig"}),
}


@dataclass
class Issuer:
    """What it says of somebody, and what it was asked; everything may be changed while it runs."""

    clock: FixedClock
    port: int = 0
    algorithm: str = "RS256"
    signs_with: Any = None
    listed: list[str] = field(default_factory=lambda: ["RS256", "ES256", "EdDSA"])
    claims: dict[str, Any] = field(default_factory=dict)
    description: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    nonce: str = ""
    challenge: str = ""
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    authorization: list[str] = field(default_factory=list)
    key_reads: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/realm"

    def describe(self) -> dict[str, Any]:
        told = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        }
        return {**told, **self.description}

    def token(self) -> str:
        now = self.clock.now().timestamp()
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "17",
            "exp": int(now) + 300,
            "iat": int(now),
            "nonce": self.nonce,
            "email": EMAIL,
            "email_verified": True,
            **self.claims,
        }
        key = self.signs_with or KEYS[self.algorithm]
        header = {"alg": self.algorithm, **({"kid": key.kid} if key.kid else {})}
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])


class Handler(BaseHTTPRequestHandler):
    issuer: Issuer

    def do_GET(self) -> None:
        if self.path.endswith("/.well-known/openid-configuration"):
            self._say(200, self.issuer.describe())
        elif self.path.endswith("/keys"):
            self.issuer.key_reads += 1
            keys = KeySet([KEYS[name] for name in self.issuer.listed])
            self._say(200, keys.as_dict(private=False))
        else:
            self._say(404, {})

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.issuer.asked.append(form)
        self.issuer.authorization.append(self.headers.get("Authorization", ""))
        digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        right = base64.urlsafe_b64encode(digest).decode().rstrip("=") == self.issuer.challenge
        if not right or form["code"] != ["the-code"]:
            self._say(400, {"error": "invalid_grant"})
            return
        self._say(self.issuer.status, {"id_token": self.issuer.token(), "access_token": "x", "token_type": "Bearer"})

    def log_message(self, *_args: Any) -> None:
        pass

    def _say(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def issuer(clock: FixedClock) -> Iterator[Issuer]:
    made = Issuer(clock)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"issuer": made}))
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def settings_with(settings: Settings, issuer: Issuer) -> Settings:
    return replace(
        settings,
        oidc_issuer=issuer.url,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_name="Cổng tỉnh",
        allow_networks=f"127.0.0.1:{issuer.port}",
    )


@pytest.fixture
def app(settings_with: Settings, clock: FixedClock) -> Iterator[Flask]:
    made = create_app(settings_with, clock=clock)
    yield made
    made.extensions["hub"].database.engine.dispose()


@pytest.fixture
def person(app: Flask, database: Database, clock: FixedClock) -> Person:
    build_world(app, database, now=clock.now())
    seat_user(database, "editor", organization="ldld", now=clock.now())
    return Person(app)


def leave(person: Person, issuer: Issuer, **fields: str) -> dict[str, str]:
    """Begin the way out; what the other house was asked for."""
    answer = person.post("/sign-in/elsewhere", fields, form="/sign-in")
    assert answer.status_code == 200, answer.text
    address = urlsplit(answer.headers["Refresh"].removeprefix("0; url="))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    issuer.nonce, issuer.challenge = asked["nonce"], asked["code_challenge"]
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{issuer.url}/authorize"
    return asked


def come_back(person: Person, state: str, **changes: str):
    query = {"code": "the-code", "state": state, **changes}
    return person.get("/sign-in/elsewhere/back?" + "&".join(f"{n}={v}" for n, v in query.items() if v))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_whoever_is_vouched_for_and_known_is_signed_in(person: Person, issuer: Issuer, algorithm: str) -> None:
    issuer.algorithm = algorithm
    asked = leave(person, issuer, next="/desk/account")
    assert (asked["response_type"], asked["scope"], asked["client_id"]) == ("code", "openid email", CLIENT)
    assert asked["redirect_uri"] == "https://hub.example/sign-in/elsewhere/back"
    assert asked["code_challenge_method"] == "S256"
    done = come_back(person, asked["state"], iss=issuer.url)
    assert (done.status_code, done.headers["Location"]) == (303, "/desk/account"), done.text
    assert person.get("/desk/account").status_code == 200
    name, _, secret = base64.b64decode(issuer.authorization[0].removeprefix("Basic ")).decode().partition(":")
    assert (name, secret) == ("hub%20of%20H%E1%BA%A3i%20S%C6%A1n", "r%E1%BA%A5t%2Fb%C3%AD%20m%E1%BA%ADt%3A1")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"exp": 1},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"nonce": "another"},
        {"nonce": None},
    ],
    ids=str,
)
def test_a_token_that_does_not_hold_opens_nothing(person: Person, issuer: Issuer, claims: dict[str, Any]) -> None:
    issuer.claims = claims
    assert come_back(person, leave(person, issuer)["state"]).status_code == 503
    assert person.get("/desk/account").status_code == 302


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"email_verified": False}, 403),
        ({"email_verified": "true"}, 403),
        ({"email": None}, 403),
        ({"email": "nobody@hub.example"}, 403),
        ({"aud": [CLIENT, "another"], "azp": CLIENT}, 303),
        ({"email": EMAIL.upper()}, 303),
    ],
)
def test_only_a_verified_address_that_is_known_here_is_let_in(
    person: Person, issuer: Issuer, claims: dict[str, Any], status: int
) -> None:
    issuer.claims = claims
    assert come_back(person, leave(person, issuer)["state"]).status_code == status


def test_a_closed_account_is_not_opened_by_others(
    person: Person, issuer: Issuer, database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        users.close(session, users.get(session, EMAIL), now=clock.now())
    assert come_back(person, leave(person, issuer)["state"]).status_code == 403


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("HS256", OctKey.import_key("k" * 32)),
        ("RS256", RSAKey.generate_key(2048, {"kid": "rsa"})),
        ("RS512", KEYS["RS256"]),
    ],
    ids=["a shared secret", "a foreign key under a known name", "an algorithm that is not ours"],
)
def test_a_signature_counts_with_their_keys_and_our_algorithms_alone(
    person: Person, issuer: Issuer, algorithm: str, key: Any
) -> None:
    issuer.algorithm, issuer.signs_with = algorithm, key
    assert come_back(person, leave(person, issuer)["state"]).status_code == 503


def test_a_new_key_of_theirs_is_asked_for_and_not_at_every_knock(
    person: Person, issuer: Issuer, clock: FixedClock
) -> None:
    issuer.listed = ["RS256"]
    assert come_back(person, leave(person, issuer)["state"]).status_code == 303
    issuer.algorithm = "ES256"
    assert come_back(person, leave(person, issuer)["state"]).status_code == 503
    assert issuer.key_reads == 1
    issuer.listed = ["RS256", "ES256"]
    clock.forward(timedelta(minutes=2))
    assert come_back(person, leave(person, issuer)["state"]).status_code == 303
    assert issuer.key_reads == 2


def test_the_way_back_is_of_this_browser_and_once(person: Person, issuer: Issuer, app: Flask) -> None:
    asked = leave(person, issuer)
    assert come_back(Person(app), asked["state"]).status_code == 403
    assert come_back(person, "another").status_code == 403
    assert come_back(person, asked["state"]).status_code == 403  # it was used up by the attempt before
    asked = leave(person, issuer)
    assert come_back(person, asked["state"], iss="https://evil.example").status_code == 403
    assert issuer.asked == []
    asked = leave(person, issuer)
    assert come_back(person, asked["state"]).status_code == 303
    assert come_back(person, asked["state"]).status_code == 403


def test_whoever_stays_away_too_long_begins_again(person: Person, issuer: Issuer, clock: FixedClock) -> None:
    asked = leave(person, issuer)
    clock.forward(timedelta(minutes=11))
    assert come_back(person, asked["state"]).status_code == 403


def test_a_refusal_over_there_is_told_plainly(person: Person, issuer: Issuer) -> None:
    asked = leave(person, issuer)
    answer = person.get(f"/sign-in/elsewhere/back?error=access_denied&state={asked['state']}")
    assert (answer.status_code, 'role="alert"' in answer.text) == (403, True)


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "https://evil.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_a_description_that_does_not_hold_is_not_followed(
    person: Person, issuer: Issuer, description: dict[str, Any]
) -> None:
    issuer.description = description
    answer = person.post("/sign-in/elsewhere", form="/sign-in")
    if answer.status_code == 200:
        issuer.nonce = "x"
        state = parse_qs(urlsplit(answer.headers["Refresh"]).query)["state"][0]
        answer = come_back(person, state)
    assert answer.status_code == 503


def test_a_house_in_an_inner_network_is_not_asked_unless_it_is_allowed(
    settings_with: Settings, issuer: Issuer, clock: FixedClock
) -> None:
    app = create_app(replace(settings_with, allow_networks=""), clock=clock)
    answer = Person(app).post("/sign-in/elsewhere", form="/sign-in")
    assert answer.status_code >= 400
    app.extensions["hub"].database.engine.dispose()


def test_the_way_is_offered_where_it_is_set_and_not_there_elsewhere(
    person: Person, settings: Settings, clock: FixedClock
) -> None:
    assert "Đăng nhập bằng Cổng tỉnh" in person.get("/sign-in").text
    plain = create_app(settings, clock=clock)
    assert "/sign-in/elsewhere" not in Person(plain).get("/sign-in").text
    assert Person(plain).post("/sign-in/elsewhere", form="/sign-in").status_code == 404
    plain.extensions["hub"].database.engine.dispose()


def test_without_the_extra_or_a_name_the_hub_does_not_start(
    settings_with: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadSetting, match="HUB_OIDC_CLIENT_ID"):
        create_app(replace(settings_with, oidc_client_id=""))
    done = run(settings_with, "serve", HUB_OIDC_ISSUER="https://id.example", LANG="en")
    assert (done.exit_code, "HUB_OIDC_CLIENT_ID" in done.stderr) == (2, True)
    monkeypatch.setattr(config, "find_spec", lambda name: None)  # as where it is not installed
    with pytest.raises(BadSetting, match=r"story-hub\[oidc\]"):
        create_app(settings_with)


@pytest.mark.parametrize("address", ["http://id.example", "id.example", "https://id.example/?x=1", "ftp://id.example"])
def test_an_issuer_without_tls_is_refused(settings: Settings, address: str) -> None:
    with pytest.raises(BadSetting, match="HUB_OIDC_ISSUER"):
        replace(settings, oidc_issuer=address)
