"""The people of the demo: confirmers of every unit, and one user for each role, with a key each. All invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.accounts import keys, registers, users
from hub.accounts.users import Seat
from hub.models import User

SINCE = date(2025, 7, 1)  # when the communes of today began to work
DOMAIN = "example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Keys of users: one for each role, and the confirmer of each organization by its code."""

    by_role: dict[str, str]
    confirmers: dict[str, str]


def seat_all(session: Session, province: Mapping[str, Any], *, now: datetime) -> People:
    """Make or take up again everybody whom the province names, and mint new keys for them."""
    confirmers = {}
    for said in province["organizations"]:
        seats = [Seat(role="confirmer", organization=said["code"])]
        user = _user(session, f"xac-nhan.{said['code']}@{DOMAIN}", f"Người xác nhận – {said['name']}", seats, now=now)
        confirmers[said["code"]] = _key(session, user, now=now)
    by_role = {}
    for role, said in province["people"].items():
        seats = [Seat(role=role, organization=code) for code in said.get("organizations", ())]
        seats += [Seat(role=role, outlet=code) for code in said.get("outlets", ())]
        user = _user(session, f"{said['email']}@{DOMAIN}", said["name"], seats, now=now)
        by_role[role] = _key(session, user, now=now)
    return People(by_role=by_role, confirmers=confirmers)


def _user(session: Session, email: str, name: str, seats: list[Seat], *, now: datetime) -> User:
    known = users.find(session, email)
    if known is not None:
        return known
    user = users.add(session, name=name, email=email, now=now)
    for seat in seats:
        users.seat(session, user, seat, on=SINCE)
    registers.tell_seats(session, user.id, at=now)
    return user


def _key(session: Session, user: User, *, now: datetime) -> str:
    return keys.mint(session, "user", user=user, label=user.email, now=now).secret
