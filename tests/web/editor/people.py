"""Who sits at the editor's desk in tests, and what they do before a test begins."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select
from werkzeug.test import TestResponse

from feeds.text import fold
from hub.accounts import users
from hub.accounts.users import Seat
from hub.actors import Actor, Grant, Role
from hub.db import Database
from hub.models import Organization
from hub.regulation import acts
from hub.regulation.releasing import Order
from hub.regulation.workflow import ActKind
from tests.builders import FOUNDED

TITLES = re.compile(r'class="list-title"[^>]*><span[^>]*>([^<]+)<')


def seat(database: Database, role: str, name: str, *, organization: str = "ldld", now: datetime) -> int:
    """A user with a role; their e-mail address is made of their name."""
    with database.writing() as session:
        email = f"{fold(name).replace(' ', '.')}@hub.example"
        user = users.add(session, name=name, email=email, now=now)
        users.seat(session, user, Seat(role=role, organization=organization), on=FOUNDED)
        return user.id


def titles_in(page: TestResponse) -> list[str]:
    """The titles of the stories that a page lists, in its order."""
    return TITLES.findall(page.text)


def confirm(database: Database, story_id: str, *, now: datetime) -> None:
    """Whoever has to confirms a story, until it waits for the desk."""
    with database.writing() as session:
        grants = tuple(Grant(Role.CONFIRMER, organization_id=one) for one in session.scalars(select(Organization.id)))
        somebody = Actor(name="Người xác nhận", grants=grants)
        story = acts.get_locked(session, story_id)
        while story.state == "confirming":
            acts.perform(session, story, Order(kind=ActKind.CONFIRM), actor=somebody, now=now)
