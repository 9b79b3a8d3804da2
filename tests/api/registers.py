"""A province with two branches, and people with keys at each place of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Flask

from hub.accounts import keys, organizations, users
from hub.accounts.organizations import NewOrganization
from hub.clock import FixedClock
from hub.db import Database
from tests.builders import Client

FOUNDED = date(2025, 1, 1)
TREE = (("tinh", ""), ("xa-a", "tinh"), ("xa-b", "tinh"), ("thon-a", "xa-a"), ("thon-b", "xa-b"))


@dataclass
class Province:
    """Makes people with a role somewhere, and clients that speak with their keys."""

    app: Flask
    database: Database
    clock: FixedClock

    def person(self, role: str, place: str, *, outlet: bool = False) -> Client:
        """The key of somebody with this role there."""
        email, now = f"{role}.{place}@example.org", self.clock.now()
        with self.database.writing() as session:
            user = users.find(session, email)
            if user is None:
                user = users.add(session, name=f"{role} {place}", email=email, now=now)
                seat = users.Seat(role=role, outlet=place) if outlet else users.Seat(role=role, organization=place)
                users.seat(session, user, seat, on=FOUNDED)
            return Client(self.app, keys.mint(session, "user", user=user, now=now).secret)

    def id_of(self, email: str) -> int:
        with self.database.reading() as session:
            return users.get(session, email).id

    def key_of(self, email: str) -> Client:
        """Another key of somebody."""
        with self.database.writing() as session:
            made = keys.mint(session, "user", user=users.get(session, email), now=self.clock.now())
        return Client(self.app, made.secret)


def a_province(app: Flask, database: Database, clock: FixedClock) -> Province:
    """A province above two communes, each with a hamlet."""
    with database.writing() as session:
        for code, parent in TREE:
            new = NewOrganization(
                code=code, name=f"Mặt trận {code}", kind="mat_tran", parent=parent, valid_from=FOUNDED
            )
            organizations.add(session, new, now=clock.now())
    return Province(app, database, clock)
