"""Auditors for tests: their keys, and what they read when they open every report a hub holds."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask

from hub.accounts import keys, users
from hub.db import Database
from hub.regulation.sealed import report_form, reports, sealing
from hub.regulation.sealed.report_form import Report
from hub.regulation.sealed.sealing import PrivateKey
from tests.builders import Client


def an_auditor(database: Database, *, now: datetime, name: str = "Ủy ban Kiểm tra") -> PrivateKey:
    """An auditor whose public key the hub knows."""
    key = sealing.make_key()
    with database.writing() as session:
        reports.add_key(session, name, str(key.public), now=now)
    return key


def opened(database: Database, key: PrivateKey) -> list[Report]:
    """Every report in the hub, as the holder of `key` reads it."""
    with database.reading() as session:
        files = [reports.export(session, row.id) for row in reports.list_reports(session)]
    return [report_form.from_bytes(sealing.open_sealed(file.sealed, key), file.id) for file in files]


def an_auditing_client(app: Flask, database: Database, *, now: datetime) -> Client:
    """A client of somebody who audits the whole small province."""
    with database.writing() as session:
        user = users.add(session, name="Người giám sát", email="gs@example.org", now=now)
        users.seat(session, user, users.Seat(role="auditor", organization="ldld"), on=date(2026, 1, 1))
        return Client(app, keys.mint(session, "user", user=user, now=now).secret)
