"""People at desks, as a browser without scripts is: cookies, forms with their tokens, redirects followed by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from hub.accounts import users
from hub.accounts.users import Seat
from hub.db import Database
from hub.web.visitors import USER
from tests.builders import FOUNDED

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Person:
    """Somebody at a desk; a visitor until they are signed in."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()

    def sign_in(self, user_id: int) -> Person:
        """Sign in without the form (whose own tests stand in test_signing_in)."""
        with self._client.session_transaction() as session:
            session[USER] = user_id
        return self

    def get(self, path: str, **headers: str) -> TestResponse:
        return self._client.get(path, headers=headers)

    def post(self, path: str, fields: Mapping[str, Any] | None = None, *, form: str = "") -> TestResponse:
        """Post a form with the token of the page that holds it (`form`, or the very page)."""
        page = self._client.get(form or path).text
        found = TOKEN.search(page)
        return self.post_bare(path, {"csrf_token": found[1] if found else "", **(fields or {})})

    def post_bare(self, path: str, fields: Mapping[str, Any]) -> TestResponse:
        return self._client.post(path, data=fields)


def seat_user(
    database: Database, role: str, *, organization: str = "", outlet: str = "", now: datetime, name: str = ""
) -> int:
    """A user with one role; the id of their row."""
    with database.writing() as session:
        place = organization or outlet or "desk"
        user = users.add(session, name=name or f"{role} {place}", email=f"{role}-{place}@hub.example", now=now)
        users.seat(session, user, Seat(role=role, organization=organization, outlet=outlet), on=FOUNDED)
        return user.id
