"""The people of the small province: who is told what depends on where they sit."""

from __future__ import annotations

from datetime import timedelta

from hub.accounts import users
from hub.accounts.users import Seat
from hub.clock import Clock, local_day
from hub.db import Database
from hub.models import User

SEATS = {
    "hoa": Seat(role="contributor", organization="nghe-ca"),
    "lan": Seat(role="confirmer", organization="nghe-ca"),
    "minh": Seat(role="confirmer", organization="ldld"),  # above: confirms, and is not written to about each unit
    "tam": Seat(role="editor", organization="ldld"),
    "nga": Seat(role="contributor", organization="phu-nu"),  # a sibling
    "bao": Seat(role="outlet", outlet="newspaper"),
    "dai": Seat(role="outlet", outlet="tv"),
    "quan": Seat(role="admin", organization="ldld"),
}
ENGLISH = frozenset({"bao"})


def email_of(name: str) -> str:
    return f"{name}@example.org"


def seat_people(database: Database, clock: Clock) -> None:
    """Give everybody of SEATS a seat, since yesterday."""
    on = local_day(clock.now()) - timedelta(days=1)
    with database.writing() as session:
        for name, place in SEATS.items():
            language = "en" if name in ENGLISH else "vi"
            user = users.add(session, name=name.title(), email=email_of(name), language=language, now=clock.now())
            users.seat(session, user, place, on=on)


def get_user(database: Database, name: str) -> User:
    with database.reading() as session:
        return users.get(session, email_of(name))
