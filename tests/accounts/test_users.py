"""Users and their roles: addresses that letters reach, roles that hold once, and ends that name their place."""

from __future__ import annotations

from datetime import date

import pytest

from hub.accounts import users
from hub.accounts.users import Seat
from hub.clock import FixedClock
from hub.db import Database
from hub.errors import Invalid
from tests.builders import FOUNDED, World

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
UNION, FISHERS = Seat(role="confirmer", organization="ldld"), Seat(role="confirmer", organization="nghe-ca")


@pytest.mark.parametrize(
    "email", ["khong-phai-email", "", "a@", "@b.vn", "a b@c.vn", "a@b@c.vn", "a@b.vn\n", "x" * 65 + "@a"]
)
def test_an_address_that_no_letter_reaches_is_refused(database: Database, clock: FixedClock, email: str) -> None:
    with database.writing() as session, pytest.raises(users.BadEmail):
        users.add(session, name="Lan", email=email, now=clock.now())


@pytest.mark.parametrize(
    ("on", "until", "free"),
    [
        (FOUNDED, MAY, True),
        (FOUNDED, date(2026, 5, 2), False),
        (MAY, JUNE, False),
        (date(2026, 5, 31), None, False),
        (JUNE, None, True),
        (FOUNDED, None, False),
    ],
)
def test_the_same_role_at_the_same_place_holds_once(
    world: World, database: Database, clock: FixedClock, on: date, until: date | None, free: bool
) -> None:
    with database.writing() as session:
        user = users.add(session, name="Lan", email="lan@example.org", now=clock.now())
        users.seat(session, user, UNION, on=MAY, until=JUNE)
        users.seat(session, user, FISHERS, on=on, until=until)  # another place
        users.seat(session, user, Seat(role="auditor", organization="ldld"), on=on, until=until)  # another role
        if free:
            assert users.seat(session, user, UNION, on=on, until=until).id
            return
        with pytest.raises(users.AlreadySeated) as refused:
            users.seat(session, user, UNION, on=on, until=until)
        assert (refused.value.facts["since"], refused.value.facts["until"]) == ("2026-05-01", "2026-06-01")


@pytest.mark.parametrize("until", [MAY, FOUNDED])
def test_a_role_ends_after_it_begins(world: World, database: Database, clock: FixedClock, until: date) -> None:
    with database.writing() as session:
        user = users.add(session, name="Lan", email="lan@example.org", now=clock.now())
        with pytest.raises(Invalid) as refused:
            users.seat(session, user, UNION, on=MAY, until=until)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/until", "ends_before_it_starts")]


def test_of_a_role_in_two_places_the_one_named_ends(world: World, database: Database, clock: FixedClock) -> None:
    with database.writing() as session:
        user = users.add(session, name="Lan", email="lan@example.org", now=clock.now())
        users.seat(session, user, UNION, on=MAY)
        users.seat(session, user, FISHERS, on=MAY)
        for outlet in ("newspaper", "tv"):
            users.seat(session, user, Seat(role="outlet", outlet=outlet), on=MAY)
        with pytest.raises(users.SeveralSeats) as refused:
            users.unseat(session, user, role="confirmer", on=JULY)
        assert refused.value.facts["places"] == "ldld, nghe-ca"
        with pytest.raises(users.SeveralSeats):
            users.unseat(session, user, role="outlet", on=JULY)
        assert users.unseat(session, user, role="confirmer", organization="nghe-ca", on=JULY) == 1
        assert users.unseat(session, user, role="outlet", outlet="tv", on=JULY) == 1
        assert users.unseat(session, user, role="confirmer", on=JULY) == 1  # one place is left
        assert [(seat.role, place) for _, seat, place in users.list_on(session, JULY)] == [("outlet", "newspaper")]
        assert users.seat(session, user, UNION, on=JULY).id  # what was ended leaves its days free


@pytest.mark.parametrize("email", ["lan@example.org", "Lan.Tran+hub@xa.vn", "lan@bếnlau.vn", "lan@[127.0.0.1]"])
def test_an_address_that_a_letter_reaches_is_taken(email: str) -> None:
    assert users.is_email(email)
