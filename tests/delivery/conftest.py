"""What the tests of delivery share: a post office, people who get mail, and a certificate for 127.0.0.1.

Only those who are told so trust the certificate.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hub.accounts import users
from hub.background import create_postman
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.delivery import recipients
from hub.delivery.postman import Postman
from hub.delivery.recipients import Kind
from tests.builders import World
from tests.delivery.people import SEATS, email_of, seat_people
from tests.delivery.post_office import Office, a_post_office
from tests.delivery.reading import Choose


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ssl.SSLContext, ssl.SSLContext]:
    """A self-made certificate for 127.0.0.1: its file, a server's context, and that of a client who trusts it."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, secret = Path(folder, "cert.pem"), Path(folder, "key.pem")
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(file, secret)
    return str(file), own, ssl.create_default_context(cafile=str(file))


@pytest.fixture
def office() -> Iterator[Office]:
    with a_post_office() as made:
        yield made


@pytest.fixture
def posted(settings: Settings, office: Office) -> Settings:
    """The settings of a hub whose mail goes to the post office."""
    return replace(settings, smtp=f"smtp://127.0.0.1:{office.port}", mail_from="Cổng nêu gương <hub@hub.example>")


@pytest.fixture
def postman(posted: Settings, clock: FixedClock) -> Iterator[Postman]:
    made = create_postman(posted, clock=clock)
    yield made
    made.close()


@pytest.fixture
def people(world: World, database: Database, clock: FixedClock) -> World:
    """Everybody has a seat. The editor is not told of every story that comes in, which has tests of its own."""
    seat_people(database, clock)
    with database.writing() as session:
        editor = users.get(session, email_of("tam"))
        recipients.choose(session, editor, {"kinds": {"waiting": "none"}}, now=clock.now())
    return world


@pytest.fixture
def choose(database: Database, clock: FixedClock) -> Choose:
    def choose(name: str, **document: Any) -> None:
        with database.writing() as session:
            recipients.choose(session, users.get(session, email_of(name)), document, now=clock.now())

    return choose


@pytest.fixture
def at_once(people: World, choose: Choose) -> World:
    """Everybody wants to be told everything at once, but for what waits."""
    for name in SEATS:
        choose(name, kinds={kind.value: "at_once" for kind in Kind if kind is not Kind.WAITING})
    return people
