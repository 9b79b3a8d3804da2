"""Signing keys: one signs at a time, retired ones stay public, and a lost secret costs a new key, nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.app import create_app
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database, make_engine
from hub.models import JournalRow, SigningKey
from hub.records import signing_keys
from hub.records.signing_keys import NOTICE, Signer
from tests.builders import Client, World
from tests.operation.conftest import Hub

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def rows_of(database: Database) -> list[SigningKey]:
    with database.reading() as session:
        return signing_keys.list_keys(session)


def test_the_first_release_makes_the_key_and_the_secret(world: World, settings: Settings, database: Database) -> None:
    assert rows_of(database) == []
    world.release()
    (row,) = rows_of(database)
    assert (row.issuer, row.retired_at) == (settings.base, None)
    assert (settings.data / "secret").stat().st_mode & 0o777 == 0o600
    world.release(external_id="two")
    assert [found.kid for found in rows_of(database)] == [row.kid]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_new_key_takes_over_and_the_old_one_can_only_be_checked(
    settings: Settings, database: Database, clock: FixedClock, at_once: bool
) -> None:
    signer = Signer.of(settings)
    with database.writing() as session:
        old = signer.key(session, now=clock.now())
    clock.forward(HOUR)
    with database.writing() as session:
        new = signing_keys.rotate(session, signer, now=clock.now(), at_once=at_once)
    wait = timedelta() if at_once else NOTICE
    for step, expected in ((wait - SECOND, old), (wait, new), (wait + HOUR, new)):
        with database.writing() as session:
            fresh = Signer.of(settings)  # as another process would
            if step >= timedelta():
                assert fresh.key(session, now=clock.now() + step).kid == expected.kid
    with database.writing() as session:
        signing_keys.destroy_retired(session, now=clock.now() + wait)
        keys = [key["kid"] for key in signing_keys.jwks(session)["keys"]]
    assert keys == [old.kid, new.kid]
    assert [bool(row.sealed) for row in rows_of(database)] == [False, True]
    with database.reading() as session:
        (said,) = [row.body for row in session.query(JournalRow) if "signing_key_rotated" in row.body]
    assert new.kid in said


def test_each_base_address_has_a_key_of_its_own(settings: Settings, database: Database, clock: FixedClock) -> None:
    moved = Signer.of(replace(settings, base_url="https://new.example"))
    with database.writing() as session:
        first, second = (signer.key(session, now=clock.now()) for signer in (Signer.of(settings), moved))
        assert first.kid != second.kid
        assert {key["iss"] for key in signing_keys.jwks(session)["keys"]} == {settings.base, "https://new.example"}


def test_a_clock_that_was_set_back_makes_no_new_key(settings: Settings, database: Database, clock: FixedClock) -> None:
    signer = Signer.of(settings)
    with database.writing() as session:
        assert signer.key(session, now=clock.now()).kid == signer.key(session, now=clock.now() - 9 * HOUR).kid


def test_without_its_secret_a_hub_signs_with_a_new_key_and_the_old_signatures_hold(
    world: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    world.release()
    (settings.data / "secret").unlink()
    clock.forward(HOUR)
    app = create_app(settings, clock=clock)  # the server was started anew
    restarted = replace(world, fishers=Client(app, world.fishers.secret), editor=Client(app, world.editor.secret))
    restarted.release(external_id="two")
    app.extensions["hub"].database.engine.dispose()
    old, new = rows_of(database)
    assert (old.retired_at, new.active_from) == (clock.now(), clock.now())
    assert Hub(settings, database).find_faults() == []


def test_a_private_part_is_nowhere_in_the_database(settings: Settings, database: Database, clock: FixedClock) -> None:
    with database.writing() as session:
        pair = Signer.of(settings).key(session, now=clock.now())
    engine = make_engine(settings.database)
    with engine.connect() as connection:
        text = str(connection.exec_driver_sql("SELECT * FROM signing_keys").all())
    engine.dispose()
    assert pair.kid in text
    assert pair.private.hex() not in text
    assert repr(pair.private) not in text
