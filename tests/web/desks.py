"""People at desks, as a browser without scripts is: cookies, forms with their tokens, redirects followed by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from hub.accounts import sessions, users
from hub.accounts.sessions import Device
from hub.accounts.users import Seat
from hub.db import Database
from hub.http.asking import COOKIE
from hub.http.services import EXTENSION
from hub.web.visitors import TOKEN
from tests.builders import FOUNDED

FORM_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Person:
    """Somebody at a desk; a visitor until they are signed in."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._client = app.test_client()
        self._user_id = 0

    def sign_in(self, user_id: int) -> Person:
        """Sign in without the form (whose own tests stand in test_signing_in)."""
        parts = self._app.extensions[EXTENSION]
        with parts.database.writing() as rows:
            begun = sessions.begin(rows, user_id, Device(agent="Firefox, Linux"), now=parts.clock.now())
        with self._client.session_transaction() as session:
            session[TOKEN] = begun.token
        self._user_id = user_id
        return self

    def come_back(self) -> Person:
        """Sign in again after hours or days, as the session has ended meanwhile."""
        return self.sign_in(self._user_id)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self._client.get(path, headers=headers)

    def patch(self, path: str, data: bytes, **headers: str) -> TestResponse:
        """What a script of ours sends: a piece of a file."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.patch(path, data=data, headers=named, content_type="application/offset+octet-stream")

    def post(self, path: str, fields: Mapping[str, Any] | None = None, *, form: str = "") -> TestResponse:
        """Post a form with the token of the page that holds it (`form`, or the very page)."""
        page = self._client.get(form or path).text
        found = FORM_TOKEN.search(page)
        return self.post_bare(path, {"csrf_token": found[1] if found else "", **(fields or {})})

    def post_bare(self, path: str, fields: Mapping[str, Any], **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.post(path, data=fields, headers=named)

    def post_body(self, path: str, body: bytes, content_type: str) -> TestResponse:
        """Post what a test has written by hand, byte by byte."""
        return self._client.post(path, data=body, content_type=content_type)

    def token_of(self, path: str) -> str:
        """The token in the form of a page."""
        found = FORM_TOKEN.search(self._client.get(path).text)
        assert found, path
        return found[1]

    def cookie(self) -> str:
        """The session cookie as this browser holds it."""
        found = self._client.get_cookie(COOKIE)
        return found.value if found else ""

    def set_cookie(self, value: str) -> None:
        self._client.set_cookie(COOKIE, value)


def shown_in(page: str) -> str:
    """The mark of what a preview shows, which goes along with the order to do it."""
    found = re.search(r'name="shown" value="(\w+)"', page)
    assert found, page
    return found[1]


def seat_user(
    database: Database,
    role: str,
    *,
    organization: str = "",
    outlet: str = "",
    now: datetime,
    name: str = "",
    email: str = "",
) -> int:
    """A user with one role; the id of their row."""
    with database.writing() as session:
        place = organization or outlet or "desk"
        user = users.add(session, name=name or f"{role} {place}", email=f"{email or role}-{place}@hub.example", now=now)
        users.seat(session, user, Seat(role=role, organization=organization, outlet=outlet), on=FOUNDED)
        return user.id
