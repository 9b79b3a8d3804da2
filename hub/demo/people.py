"""The people of the demo: confirmers of every unit, and one user for each role, with a key each. All invented."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.accounts import credentials, keys, passwords, registers, users
from hub.accounts.users import Seat
from hub.actors import SYSTEM
from hub.models import User

SINCE = date(2025, 7, 1)  # when the communes of today began to work
DOMAIN = "example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Keys of users: one for each role, and the confirmer of each organization by its code."""

    by_role: dict[str, str]
    confirmers: dict[str, str]
    logins: tuple[Login, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How somebody of the demo signs in at a desk; the password is made anew at each start."""

    email: str
    password: str
    role: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A password, and its hash."""

    password: str
    hash: str


def choose_passwords(province: Mapping[str, Any]) -> dict[str, Chosen]:
    """A password for each of the people, by name; slow, so it happens before any transaction."""
    made = {name: "-".join(_letters() for _ in range(3)) for name in province["people"]}
    return {name: Chosen(password, passwords.hash_of(password)) for name, password in made.items()}


def _letters() -> str:
    return "".join(secrets.choice("abcdefghkmnpqrstuvwxyz23456789") for _ in range(4))


def seat_all(session: Session, province: Mapping[str, Any], chosen: Mapping[str, Chosen], *, now: datetime) -> People:
    """Make or take up again everybody whom the province names, mint new keys for them and set new passwords."""
    confirmers = {}
    for said in province["organizations"]:
        seats = [Seat(role="confirmer", organization=said["code"])]
        user = _user(session, f"xac-nhan.{said['code']}@{DOMAIN}", f"Người xác nhận – {said['name']}", seats, now=now)
        confirmers[said["code"]] = _key(session, user, now=now)
    by_role: dict[str, str] = {}
    logins = []
    for name, said in province["people"].items():
        role = said.get("role", name)
        seats = [Seat(role=role, organization=code) for code in said.get("organizations", ())]
        seats += [Seat(role=role, outlet=code) for code in said.get("outlets", ())]
        user = _user(session, f"{said['email']}@{DOMAIN}", said["name"], seats, now=now)
        by_role.setdefault(role, _key(session, user, now=now))
        credentials.set_password(session, user.id, chosen[name].hash, by="operator", actor=SYSTEM.name, now=now)
        logins.append(Login(email=user.email, password=chosen[name].password, role=role))
    return People(by_role=by_role, confirmers=confirmers, logins=tuple(logins))


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
