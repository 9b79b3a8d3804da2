"""`/api/v1/me/notices`: everybody's own choice, and nobody else's."""

from __future__ import annotations

import pytest

from hub.accounts import keys, users
from hub.clock import FixedClock
from hub.db import Database
from hub.delivery.recipients import DEFAULTS
from tests.builders import Client, World
from tests.delivery.people import email_of, seat_people

PATH = "/api/v1/me/notices"


@pytest.fixture
def hoa(world: World, database: Database, clock: FixedClock) -> Client:
    seat_people(database, clock)
    with database.writing() as session:
        secret = keys.mint(session, "user", user=users.get(session, email_of("hoa")), now=clock.now()).secret
    return Client(world.fishers.app, secret)


def test_a_person_reads_and_changes_their_own_choice(hoa: Client) -> None:
    assert hoa.get(PATH).json == {"kinds": DEFAULTS, "language": "vi", "digest_hour": 7}
    changed = hoa.ask("PUT", PATH, body={"kinds": {"released": "daily", "used": "none"}, "digest_hour": 18})
    assert changed.status_code == 200
    assert changed.json == {
        "kinds": {**DEFAULTS, "released": "daily", "used": "none"},
        "language": "vi",
        "digest_hour": 18,
    }
    assert hoa.ask("PUT", PATH, body={"language": "en"}).json == {**changed.json, "language": "en"}
    assert hoa.get(PATH).json["digest_hour"] == 18
    assert hoa.get(PATH).headers["Cache-Control"] == "no-store"


def test_every_fault_of_a_choice_is_told(hoa: Client) -> None:
    refused = hoa.ask("PUT", PATH, body={"kinds": {"late": "soon", "x": "none"}, "language": "fr", "digest_hour": 24})
    assert refused.status_code == 422
    assert {fault["pointer"] for fault in refused.json["errors"]} == {
        "/kinds/late",
        "/kinds/x",
        "/language",
        "/digest_hour",
    }


def test_a_key_that_is_no_person_s_has_no_choice(world: World) -> None:
    for client, status in ((world.reader, 401), (world.fishers, 403), (world.editor, 403), (world.newspaper, 403)):
        assert client.get(PATH).status_code == status
        assert client.ask("PUT", PATH, body={}).status_code == status
